"""Plans a flat part on a router: cut from sheet of its own thickness, held by tape or tabs, one clamping."""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from geometry.faces import Face
from model.errors import CapabilityError
from model.feature import Outline
from model.finding import Finding
from model.plan import Fixture, Matrix, Operation, ProcessPlan, Setup, Stock, Tab
from model.region import Contour
from model.tooling import Assembly, Machine, ShopData
from pipeline.plan.coverage import around_part, made_by
from pipeline.plan.features import Recognition
from pipeline.plan.operations import completed, operations
from pipeline.plan.sequence import ordered
from pipeline.plan.sides import Views
from pipeline.plan.stock import choose_stock
from pipeline.plan.tools import Bench
from pipeline.plan.workpiece import CLEARANCE_MM, SAFE_MM, Workpiece, check_travel, rect, turned_box, within_travel

SPOIL_MM = 3.0
THROUGH_MM = 0.2
THROUGH_TIP_MM = 0.3
TAPE_N_MM2 = 0.05
"""Shear a double-sided tape holds: the middle of 34-103 kPa."""
TAPE_COVER = 0.6
TAPE_LEAST_MM2 = 4000.0
"""Smaller parts peel off the tape."""
SAFETY = 2.5
TAB_WIDTH_MM = 4.0
TAB_HEIGHT_MM = 0.6


def plan_on_sheet(views: Views, machine: Machine, shop: ShopData) -> ProcessPlan:
    """One setup from above; through-cuts run a little into the spoilboard.

    Raises:
        CapabilityError: No sheet of that thickness, features from below, no tool, too large.
    """
    part = views.part
    longest = max((a.tool.shoulder_length_mm for a in machine.tools if a.tool.kind == "end-mill"), default=0.0)
    if part.size[2] + THROUGH_MM > longest:
        msg = f"{part.size[2]:g} mm is too thick to cut through; the longest end mill reaches {longest:g} mm"
        raise CapabilityError("plan.too-thick", msg, place=part.name, value=part.size[2], limit=longest)
    side = max((a.tool.diameter_mm for a in machine.tools if a.tool.kind == "end-mill"), default=0.0) + 2
    stock = choose_stock(
        shop, part.material, size_mm=part.size, side_allowance_mm=side, min_thickness_mm=part.size[2],
        exact_thickness=True,
    )  # fmt: skip
    check_travel(machine, stock.size_mm[:2], "the blank")
    margin = tuple((s - p) / 2 for s, p in zip(stock.size_mm[:2], part.size[:2], strict=True))
    m: Matrix = (
        (1.0, 0.0, 0.0, margin[0] - part.low[0]),
        (0.0, 1.0, 0.0, margin[1] - part.low[1]),
        (0.0, 0.0, 1.0, -part.high[2]),
    )
    seen = part.seen(m)
    _refuse_hidden(views, m, seen)
    low = (part.low[0] - margin[0], part.low[1] - margin[1], part.low[2])
    high = (part.high[0] + margin[0], part.high[1] + margin[1], part.high[2])
    box = turned_box(m, low, high)
    bench = partial(
        Bench, machine, part.material, seen.levels, 0.0, rect(box), CLEARANCE_MM, THROUGH_MM, THROUGH_TIP_MM,
        fine_floors=part.fine_floors, to_setup=m,
    )  # fmt: skip
    taped_bench, tabbed_bench = bench([]), bench([])
    outline = next(f for f in seen.features if isinstance(f, Outline))
    area = seen.levels.above(seen.levels.bottom_mm).area()
    plain = operations(taped_bench, seen.features, slugs_stay=True)
    sideways = [o.cutting.force_n for o in plain if o.strategy != "drill"]  # a drill presses the work down
    force, needed = TAPE_N_MM2 * TAPE_COVER * area, SAFETY * max(sideways)
    taped = "tape" in machine.fixtures and area >= TAPE_LEAST_MM2 and force >= needed
    if not taped and "tabs" not in machine.fixtures:
        msg = f"tape holds {force:.0f} N on {area:.0f} mm2, cutting needs {needed:.0f} N"
        raise CapabilityError("plan.tape-too-weak", msg, value=round(needed), limit=round(force))
    tabs = () if taped else _tabs(outline)
    ops = plain if taped else operations(tabbed_bench, seen.features, tabs=tabs)
    ops = completed(taped_bench if taped else tabbed_bench, ops, edges_broken=part.deburred)
    fixture = Fixture("tape" if taped else "tabs", (), 0.0, SPOIL_MM, None, force, needed)
    setup = Setup(
        1, "Sheet on the spoilboard", m, "G54", "front left corner of the blank, Z on its top", box, fixture,
        SAFE_MM, ordered(ops, outline_last=True),
    )  # fmt: skip
    return ProcessPlan(
        part.order_id, part.name, within_travel(machine, [box]), part.material, stock,
        _used(machine, setup.operations), (setup,),
        _decisions(stock, fixture, area, force, needed),
        tuple((taped_bench if taped else tabbed_bench).unreachable),
    )  # fmt: skip


def _refuse_hidden(views: Views, m: Matrix, seen: Recognition) -> None:
    """Refuse what cannot be cut from above; the sheet's own two faces stay as they are.

    Raises:
        CapabilityError: Downward faces, or faces no feature explains.
    """
    view = views.sight("+Z", m)
    low = view.spots.points[:, 2] < seen.levels.bottom_mm + 1e-3
    around = around_part(seen.features)
    made = np.logical_or.reduce([low, *(made_by(f, view, around, 0.0) for f in seen.features)])
    findings = tuple(_hidden(seen.faces[k], views.part) for k in views.unmade(made))
    if findings:
        raise CapabilityError.told_by(findings)


def _hidden(face: Face, part: Workpiece) -> Finding:
    place = f"x {face.centre[0]:.2f}, y {face.centre[1]:.2f}, z {face.z0_mm:.2f} to {face.z1_mm:.2f} mm"
    if face.lowest_nz < 0 or face.normal[2] < 0:
        return Finding(
            "plan.hidden-face",
            f"face {face.index + 1} looks down at z {face.z0_mm + part.size[2]:.2f} mm above the bottom", place=place,
            value=round(face.area_mm2, 3), hint="A sheet part is cut from one side only.",
        )  # fmt: skip
    return Finding(
        "plan.unrecognised-face",
        f"face {face.index + 1} ({face.surface}, {face.area_mm2:.1f} mm2) is nothing a sheet is cut to from above",
        place=place, value=round(face.area_mm2, 3),
        hint="Faces square to the sheet, round holes and 45 degree bevels are cut on this machine.",
    )  # fmt: skip


def _tabs(outline: Outline) -> tuple[Tab, ...]:
    """Four bridges in the middle of the longest straight sides (two a side when there are only two)."""
    height = min(TAB_HEIGHT_MM, (outline.top_z_mm - outline.bottom_z_mm) / 3)
    spots = _straights(max(outline.region.contours, key=lambda c: len(c.segments)))
    places: list[tuple[float, float]] = []
    for length, (x0, y0), (x1, y1) in spots[:4]:
        shares = (0.5,) if len(spots) >= 4 else (0.3, 0.7)
        if length >= 4 * TAB_WIDTH_MM:
            places += [(x0 + s * (x1 - x0), y0 + s * (y1 - y0)) for s in shares]
    if len(places) < 3:
        msg = f"the outline has room for {len(places)} tabs on straight sides, 3 are needed"
        raise CapabilityError("plan.no-tabs", msg, place=outline.id, value=len(places), limit=3)
    return tuple(Tab(x, y, TAB_WIDTH_MM, outline.bottom_z_mm + height) for x, y in places[:4])


def _straights(contour: Contour) -> list[tuple[float, tuple[float, float], tuple[float, float]]]:
    at = contour.start
    found = []
    for s in contour.segments:
        end = (s.x_mm, s.y_mm)
        if s.turn == 0:
            found.append((round(math.dist(at, end), 6), at, end))
        at = end
    return sorted(found, key=lambda f: (-f[0], f[1]))


def _used(machine: Machine, ops: tuple[Operation, ...]) -> tuple[Assembly, ...]:
    numbers = {o.tool_number for o in ops}
    return tuple(a for a in machine.tools if a.number in numbers)


def _decisions(stock: Stock, fixture: Fixture, area: float, force: float, needed: float) -> tuple[Finding, ...]:
    held = "tape" if fixture.kind == "tape" else "tabs and tape"
    return (
        Finding("plan.stock", f"{stock.row_id}: as thick as the part, its faces stay as rolled", severity="note"),
        Finding(
            "plan.fixture", f"held by {held}: tape takes {force:.0f} N on {area:.0f} mm2, cutting asks {needed:.0f} N",
            value=round(needed, 1), limit=round(force, 1), severity="note",
        ),
    )  # fmt: skip

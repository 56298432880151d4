"""The spoilboard of a router: the blank on it, how tape and tabs hold it, and the setup that cuts a part out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from model.errors import CapabilityError
from model.feature import Outline
from model.finding import Finding
from model.inventory import TabStyle
from model.plan import Box, Fixture, Matrix, Operation, Setup, Stock, Tab
from model.region import Contour
from model.tooling import Assembly, Machine, ShopData
from pipeline.plan.levels import Levels
from pipeline.plan.operations import completed, operations
from pipeline.plan.placing import Placed
from pipeline.plan.sequence import ordered
from pipeline.plan.stock import choose_stock, told
from pipeline.plan.tools import Bench
from pipeline.plan.workpiece import CLEARANCE_MM, SAFE_MM, Workpiece, check_travel, rect, turned_box

SPOIL_MM = 3.0
THROUGH_MM = 0.2
THROUGH_TIP_MM = 0.3
SAFETY = 2.5
STUCK_MM = 0.01
"""What of the part lies on the tape is looked at so much above its lowest plane."""


@dataclass(frozen=True, slots=True)
class Held:
    """The setup that cuts the part out, its tabs, what no tool reaches, and how it is held."""

    setup: Setup
    tabs: tuple[Tab, ...]
    unreachable: tuple[Finding, ...]
    decision: Finding


def blank(part: Workpiece, machine: Machine, shop: ShopData, more_mm: float = 0.0) -> tuple[Stock, Matrix, Box]:
    """The sheet sawn for the part with room for the mill all round (and ``more_mm``), and how it lies, top up.

    Raises:
        CapabilityError: There is no such sheet, or it is too large.
    """
    side = max((a.tool.diameter_mm for a in machine.tools if a.tool.kind == "end-mill"), default=0.0) + 2 + more_mm
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
    low = (part.low[0] - margin[0], part.low[1] - margin[1], part.low[2])
    high = (part.high[0] + margin[0], part.high[1] + margin[1], part.high[2])
    return stock, m, turned_box(m, low, high)


def bench_on_board(part: Workpiece, machine: Machine, levels: Levels, m: Matrix, box: Box) -> Bench:
    """Where features become operations on a spoilboard."""
    return Bench(
        machine, part.material, levels, 0.0, rect(box), CLEARANCE_MM, THROUGH_MM, THROUGH_TIP_MM, [],
        fine_floors=part.fine_floors, to_setup=m, zero_mm=part.zero_mm,
    )  # fmt: skip


def cut_out(
    part: Workpiece, machine: Machine, shop: ShopData, seen: Placed, m: Matrix, box: Box, dowels: tuple[Box, ...] = ()
) -> Held:
    """The setup that cuts the features and at last the outline, held by tape where that holds, else by tabs too.

    Raises:
        CapabilityError: No tool, or neither tape nor tabs hold it.
    """
    bench = bench_on_board(part, machine, seen.levels, m, box)
    outline = next(f for f in seen.features if isinstance(f, Outline))
    area = seen.levels.section(seen.levels.bottom_mm + STUCK_MM).area()
    ops = operations(bench, seen.features, slugs_stay=True)
    style = next((shop.tabs[word] for word in machine.fixtures if word in shop.tabs), None)
    fixture = stuck(shop, machine, area, ops, tabs=style is not None)
    tabs: tuple[Tab, ...] = ()
    if fixture.kind == "tabs" and style is not None:
        bench, tabs = bench_on_board(part, machine, seen.levels, m, box), _tabs(outline, style)
        ops = operations(bench, seen.features, tabs=tabs)
    ops = completed(bench, ops, edges_broken=part.deburred)
    name, zero = "Sheet on the spoilboard", "front left corner of the blank, Z on its top"
    if dowels:
        name, zero = "Turned over on its dowels", "X and Y as they were, Z on the blank's top"
    setup = Setup(
        2 if dowels else 1, name, m, "G54", zero, box, replace(fixture, obstacles=dowels), SAFE_MM,
        ordered(ops, outline_last=True),
    )  # fmt: skip
    return Held(setup, tabs, tuple(bench.unreachable), _holding(fixture, area))


def stuck(shop: ShopData, machine: Machine, area_mm2: float, ops: Sequence[Operation], *, tabs: bool) -> Fixture:
    """Tape under ``area_mm2`` where it holds what the operations ask for, else ``tabs`` as well.

    Raises:
        CapabilityError: ``plan.tape-too-weak``: it does not, and there are no tabs.
    """
    sideways = [o.cutting.force_n for o in ops if o.strategy != "drill"]  # a drill presses the work down
    tape = next((shop.tapes[word] for word in machine.fixtures if word in shop.tapes), None)
    force, needed = tape.shear_n_mm2 * tape.cover * area_mm2 if tape else 0.0, SAFETY * max(sideways, default=0.0)
    taped = tape is not None and area_mm2 >= tape.least_area_mm2 and force >= needed
    if not taped and not tabs:
        msg = f"tape holds {force:.0f} N on {area_mm2:.0f} mm2, cutting needs {needed:.0f} N"
        raise CapabilityError("plan.tape-too-weak", msg, value=round(needed), limit=round(force))
    return Fixture("tape" if taped else "tabs", (), 0.0, SPOIL_MM, None, force, needed)


def _tabs(outline: Outline, style: TabStyle) -> tuple[Tab, ...]:
    """Four bridges in the middle of the longest straight sides (two a side when there are only two)."""
    height = min(style.height_mm, (outline.top_z_mm - outline.bottom_z_mm) / 3)
    spots = _straights(max(outline.region.contours, key=lambda c: len(c.segments)))
    places: list[tuple[float, float]] = []
    for length, (x0, y0), (x1, y1) in spots[:4]:
        shares = (0.5,) if len(spots) >= 4 else (0.3, 0.7)
        if length >= 4 * style.width_mm:
            places += [(x0 + s * (x1 - x0), y0 + s * (y1 - y0)) for s in shares]
    if len(places) < 3:
        msg = f"the outline has room for {len(places)} tabs on straight sides, 3 are needed"
        raise CapabilityError("plan.no-tabs", msg, place=outline.id, value=len(places), limit=3)
    return tuple(Tab(x, y, style.width_mm, outline.bottom_z_mm + height) for x, y in places[:4])


def _straights(contour: Contour) -> list[tuple[float, tuple[float, float], tuple[float, float]]]:
    at = contour.start
    found = []
    for s in contour.segments:
        end = (s.x_mm, s.y_mm)
        if s.turn == 0:
            found.append((round(math.dist(at, end), 6), at, end))
        at = end
    return sorted(found, key=lambda f: (-f[0], f[1]))


def used(machine: Machine, ops: Sequence[Operation]) -> tuple[Assembly, ...]:
    """The tools of a crib that operations use."""
    numbers = {o.tool_number for o in ops}
    return tuple(a for a in machine.tools if a.number in numbers)


def rolled(stock: Stock) -> Finding:
    """Why this sheet."""
    return Finding("plan.stock", told(stock, "as thick as the part, its faces stay as rolled"), severity="note")


def _holding(fixture: Fixture, area_mm2: float) -> Finding:
    held, holds, asked = "tape" if fixture.kind == "tape" else "tabs and tape", fixture.force_n, fixture.needed_force_n
    return Finding(
        "plan.fixture", f"held by {held}: tape takes {holds:.0f} N on {area_mm2:.0f} mm2, cutting asks {asked:.0f} N",
        value=round(asked, 1), limit=round(holds, 1), severity="note",
    )  # fmt: skip

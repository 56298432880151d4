"""Turns each feature into operations: roughing, finishing, drilling, boring, engraving, bevelling."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from manifold3d import CrossSection

from geometry.regions import circle, fit, flatten, offset, union
from model.errors import CapabilityError
from model.feature import Chamfer, Cutout, EngravedStrokes, Feature, Hole, HoleStep, Outline, PlanarFace, Pocket
from model.finding import Finding
from model.plan import CuttingData, Operation, Tab
from model.tooling import Assembly
from pipeline.plan.tools import Bench, cut_drill, cut_finish, cut_rough, find_drill, pick_mill, pick_special, reaches
from strategies.chamfer import BELOW_MM

WALL_ALLOWANCE_MM = 0.2
STEPOVER = 0.45
"""Width of cut in pockets, in diameters: rings this close leave nothing between them."""
FACE_STEPOVER = 0.65
FACE_LAST_MM = 0.5
"""The last facing pass: thin, so that a rim cut free below it comes off as foil."""
POST_MM = 0.25
"""Blank left standing outside the outline's slot is cleared when it is thicker than twice this."""
BORE_FROM, BORE_TO = 1.25, 1.9
"""A hole is bored on a helix from this many mill diameters wide to that many; wider ones are cleared in rings."""


def operations(
    bench: Bench,
    features: Sequence[Feature],
    *,
    tabs: Sequence[Tab] = (),
    slugs_stay: bool = False,
    drilled: frozenset[tuple[float, float]] = frozenset(),
    outline: bool = True,
) -> list[Operation]:
    """Every operation the features need in this setup, not yet in order.

    ``drilled`` are axes whose smallest step an earlier setup made; ``slugs_stay`` says loose
    pieces are held (tape), so cut-outs are cut round instead of cleared.

    Raises:
        CapabilityError: No tool fits; every feature's reason is collected.
    """
    made: list[Operation] = []
    missing: list[CapabilityError] = []
    for f in features:
        try:
            if isinstance(f, PlanarFace):
                made += _face(bench, f)
            elif isinstance(f, Pocket):
                made += _pocket(bench, f)
            elif isinstance(f, Hole):
                made += _hole(bench, f, drilled)
            elif isinstance(f, Cutout):
                made += _cut(bench, f, ()) if slugs_stay else _cleared(bench, f)
            elif isinstance(f, Outline):
                made += _cut(bench, f, tabs) if outline else []
            elif isinstance(f, Chamfer):
                made += _chamfer(bench, f)
            else:
                made += _engraving(bench, f)
        except CapabilityError as error:
            missing.append(error)
    if missing:
        found = tuple(Finding(e.code, e.message, e.place, e.value, e.limit, e.hint) for e in missing)
        first = missing[0]
        raise CapabilityError(
            first.code, first.message, place=first.place, value=first.value, limit=first.limit, hint=first.hint,
            findings=found,
        )  # fmt: skip
    return made


def _operation(  # noqa: PLR0913 - an operation is that many decisions
    bench: Bench,
    name: str,
    strategy: str,
    feature: Feature,
    a: Assembly,
    cut: CuttingData,
    top: float,
    bottom: float,
    *,
    allowance: float = 0.0,
    tabs: Sequence[Tab] = (),
    note: str = "",
) -> Operation:
    keep = fit(bench.levels.above(max(bottom, bench.levels.bottom_mm)))
    return Operation(
        f"{feature.id}-{name}", strategy, feature, a.number, cut, top, bottom, bench.clearance_mm, keep,
        bench.stock_outline, allowance, tuple(tabs), note,
    )  # fmt: skip


def _face(bench: Bench, face: PlanarFace) -> list[Operation]:
    depth = bench.stock_top_mm - face.z_mm
    if depth < 1e-6:
        return []
    a = pick_mill(bench, widest_mm=math.inf, bottom_mm=face.z_mm, wall_mm=min(depth, 1.0), place=face.id)
    ae = FACE_STEPOVER * a.tool.diameter_mm
    top, made = bench.stock_top_mm, []
    if depth > 2 * FACE_LAST_MM:
        shelf = face.z_mm + FACE_LAST_MM
        cut = cut_rough(bench, a, top - shelf, ae, "rough")
        made.append(_operation(bench, "rough", "facing", face, a, cut, top, shelf))
        top = shelf
    cut = cut_rough(bench, a, top - face.z_mm, ae, "rough")
    return [*made, _operation(bench, "face", "facing", face, a, cut, top, face.z_mm)]


def _pocket(bench: Bench, p: Pocket) -> list[Operation]:
    """Clear with an allowance, then lap the walls; the tool fits the tightest corner with a little to spare."""
    return _clear_and_lap(bench, p, p.corner_radius_mm, p.top_z_mm, p.floor_z_mm)


def _cleared(bench: Bench, c: Cutout) -> list[Operation]:
    return _clear_and_lap(bench, c, c.corner_radius_mm, c.top_z_mm, c.bottom_z_mm - bench.through_mm)


def _clear_and_lap(bench: Bench, f: Pocket | Cutout, radius: float, top: float, bottom: float) -> list[Operation]:
    a = _mill_for_corner(bench, f, radius, bottom, top - bottom)
    ae = STEPOVER * a.tool.diameter_mm
    rough = cut_rough(bench, a, top - bottom, a.tool.diameter_mm, "slot")
    rough = replace(rough, ae_mm=ae)
    lap = cut_finish(bench, a, top - bottom, WALL_ALLOWANCE_MM)
    return [
        _operation(bench, "clear", "pocket", f, a, rough, top, bottom, allowance=WALL_ALLOWANCE_MM),
        _operation(bench, "wall", "wall", f, a, lap, top, bottom),
    ]


def _mill_for_corner(bench: Bench, f: Pocket | Cutout | Outline, radius: float, bottom: float, wall: float) -> Assembly:
    """The widest mill that leaves every corner exact; with sharp corners the finest, and what stays is listed."""
    gap = _narrowest(bench, f) - 2 * WALL_ALLOWANCE_MM - 0.1  # room to leave the allowance on both sides
    if radius > 0.05:
        easy = min(1.7 * radius, 0.9 * gap)
        try:
            return pick_mill(bench, widest_mm=easy, bottom_mm=bottom, wall_mm=wall, place=f.id)
        except CapabilityError:
            return pick_mill(bench, widest_mm=min(2 * radius, gap), bottom_mm=bottom, wall_mm=wall, place=f.id)
    mills = sorted(
        (a for a in bench.machine.tools if a.tool.kind == "end-mill"), key=lambda a: (a.tool.diameter_mm, a.number)
    )
    for a in mills:
        d = a.tool.diameter_mm
        if d <= gap and reaches(bench, a, bottom, wall):
            left = (math.sqrt(2) - 1) * d / 2
            bench.unreachable.append(
                Finding(
                    "plan.sharp-corner",
                    f"{f.id}: sharp inner corners keep up to {left:.2f} mm (radius {d / 2:g} mm)",
                    place=f.id,
                    value=round(left, 4),
                    limit=0.05,
                    severity="note",
                    hint="Round the corner, or file it by hand.",
                )
            )
            return a
    return pick_mill(bench, widest_mm=gap, bottom_mm=bottom, wall_mm=wall, place=f.id)


def _narrowest(bench: Bench, f: Pocket | Cutout | Outline) -> float:
    """The diameter of the largest disc that fits through every part of the opening (found by halving).

    Beside an open pocket there is only blank, which the tool may cut.
    """
    if isinstance(f, Outline):
        return math.inf
    area = flatten(f.floor if isinstance(f, Pocket) else f.region, 0.01)
    if isinstance(f, Pocket) and f.open:
        around = offset(bench.levels.silhouette(), 45.0, 0.01) - bench.levels.above(f.floor_z_mm)
        area = union([a for a in around.decompose() if not (a ^ area).is_empty()])
    whole = len(area.decompose())
    low, high = 0.0, 40.0
    while high - low > 0.002:
        mid = (low + high) / 2
        shrunk = offset(area, -mid, 0.01)
        if not shrunk.is_empty() and len(shrunk.decompose()) == whole and _reaches(area, shrunk, mid):
            low = mid
        else:
            high = mid
    return 2 * low


def _reaches(area: CrossSection, shrunk: CrossSection, radius: float) -> bool:
    """True when grown back the shrunk area still covers all but the corners."""
    rest = area - offset(shrunk, radius + 0.02, 0.01)
    return bool(offset(rest, -0.3 * radius, 0.01).is_empty())


def _hole(bench: Bench, h: Hole, drilled: frozenset[tuple[float, float]]) -> list[Operation]:
    """The smallest step first by drill or mill, then the wider steps by helical boring."""
    made: list[Operation] = []
    last = h.steps[-1]
    if (round(h.x_mm, 3) + 0.0, round(h.y_mm, 3) + 0.0) not in drilled:
        made += _smallest(bench, h, last)
    for step in reversed(h.steps[:-1]):
        made += _bored(bench, replace(h, steps=(step,)), step.bottom_z_mm, f"step{step.diameter_mm:g}")
    return made


def _smallest(bench: Bench, h: Hole, step: HoleStep) -> list[Operation]:
    start = h.top_z_mm - (h.chamfer_mm if len(h.steps) == 1 else 0.0)
    depth = start - step.bottom_z_mm
    a = find_drill(bench, step.diameter_mm, depth, bench.levels.top_mm - step.bottom_z_mm + 2)
    conical = h.through or h.tip_angle_deg < 179
    if conical and not h.through and (a is None or abs(a.tool.point_angle_deg - h.tip_angle_deg) >= 1):
        have = "no drill of that diameter" if a is None else f"its drill has {a.tool.point_angle_deg:g} degrees"
        msg = f"{h.id}: a blind {step.diameter_mm:g} mm hole ends in a {h.tip_angle_deg:.0f} degree cone; {have}"
        raise CapabilityError(
            "plan.no-drill", msg, place=h.id, value=round(h.tip_angle_deg, 3), limit=have,
            hint=f"Add such a drill to {bench.machine.id}'s crib, or draw the bottom flat.",
        )  # fmt: skip
    if a is not None and conical:
        tip = a.tool.diameter_mm / 2 / math.tan(math.radians(a.tool.point_angle_deg / 2))
        bottom = step.bottom_z_mm - tip - (bench.through_tip_mm if h.through else 0.0)
        cut = _drilling(bench, a, h.top_z_mm - bottom, step.diameter_mm)
        if cut is not None:
            note = f"{h.thread}: tap by hand afterwards" if h.thread else ""
            return [_operation(bench, "drill", "drill", h, a, cut, h.top_z_mm, bottom, note=note)]
    bottom = step.bottom_z_mm - (bench.through_mm if h.through else 0.0)
    return _bored(bench, replace(h, steps=(step,)), bottom, f"bore{step.diameter_mm:g}")


def _drilling(bench: Bench, a: Assembly, depth_mm: float, diameter_mm: float) -> CuttingData | None:
    """The drill's cutting data; None when it cannot drill here but an end mill may bore instead.

    Raises:
        CapabilityError: The drill cannot, and no end mill is fine enough to bore.
    """
    if a.tool.flute_length_mm < depth_mm:
        return None
    try:
        return cut_drill(bench, a, depth_mm)
    except CapabilityError:
        if any(
            m.tool.kind == "end-mill" and m.tool.diameter_mm <= diameter_mm / BORE_FROM for m in bench.machine.tools
        ):
            return None
        raise


def _bored(bench: Bench, h: Hole, bottom: float, name: str) -> list[Operation]:
    """Open one cylinder with an end mill: by a helix, or like a round pocket where a helix would leave a core."""
    d = h.steps[-1].diameter_mm
    a = pick_mill(bench, widest_mm=d / BORE_FROM, bottom_mm=bottom, wall_mm=h.top_z_mm - bottom, place=h.id)
    if d > BORE_TO * a.tool.diameter_mm:
        well = Pocket(h.id, h.top_z_mm, bottom, circle(h.x_mm, h.y_mm, d), d / 2)
        return _clear_and_lap(bench, well, d / 2, h.top_z_mm, bottom)
    cut = cut_rough(bench, a, h.top_z_mm - bottom, a.tool.diameter_mm, "slot")
    return [_operation(bench, name, "bore", h, a, cut, h.top_z_mm, bottom)]


def _cut(bench: Bench, f: Outline | Cutout, tabs: Sequence[Tab]) -> list[Operation]:
    """Cut round with an allowance, then a lap on size."""
    bottom = f.bottom_z_mm - bench.through_mm
    top = bench.stock_top_mm if isinstance(f, Outline) and not _faced(bench) else f.top_z_mm
    a = _mill_for_corner(bench, f, f.corner_radius_mm, bottom, top - bottom)
    rough = cut_rough(bench, a, top - bottom, a.tool.diameter_mm, "slot")
    lap = cut_finish(bench, a, top - bottom, WALL_ALLOWANCE_MM)
    posts = _posts(bench, f, a, rough, top, bottom) if isinstance(f, Outline) and _faced(bench) else []
    return [
        *posts,
        _operation(bench, "rough", "outline", f, a, rough, top, bottom, allowance=WALL_ALLOWANCE_MM, tabs=tabs),
        _operation(bench, "finish", "outline", f, a, lap, top, bottom, tabs=tabs),
    ]


def _posts(bench: Bench, f: Outline, a: Assembly, cut: CuttingData, top: float, bottom: float) -> list[Operation]:
    """Clear what the slot round the outline would leave standing: it would fall when the grip is faced off."""
    slot = offset(flatten(f.region), a.tool.diameter_mm + WALL_ALLOWANCE_MM - 0.01)
    standing = flatten(bench.stock_outline) - slot
    if offset(standing, -POST_MM).is_empty():
        return []
    rim = Pocket(f"{f.id}-rim", top, bottom, fit(standing), math.inf, open=True)
    rings = replace(cut, ae_mm=STEPOVER * a.tool.diameter_mm)
    return [_operation(bench, "clear", "pocket", rim, a, rings, top, bottom, allowance=WALL_ALLOWANCE_MM)]


def _faced(bench: Bench) -> bool:
    return bench.stock_top_mm > bench.levels.top_mm + 1e-6


def _chamfer(bench: Bench, c: Chamfer) -> list[Operation]:
    a = pick_special(
        bench,
        "chamfer-mill",
        place=c.id,
        width_mm=c.width_mm + BELOW_MM,
        need=f"a 90 degree cutter for {c.width_mm:g} mm",
    )
    cut = cut_rough(bench, a, c.width_mm, c.width_mm, "chamfer")
    return [_operation(bench, "bevel", "chamfer", c, a, cut, c.foot_z_mm + c.width_mm, c.foot_z_mm - BELOW_MM)]


def _engraving(bench: Bench, e: EngravedStrokes) -> list[Operation]:
    a = pick_special(bench, "engraver", place=e.id, width_mm=e.width_mm, need=f"an engraver {e.width_mm:g} mm wide")
    cut = cut_rough(bench, a, e.depth_mm, e.width_mm, "engrave")
    return [_operation(bench, "strokes", "engrave", e, a, cut, e.top_z_mm, e.top_z_mm - e.depth_mm)]

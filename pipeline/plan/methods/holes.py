"""Methods for round holes: spot, drill or mill, bore the wider steps, ream or thread, countersink, in that order."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from geometry.drillpoints import any_point
from geometry.regions import circle, flatten
from model.errors import CapabilityError
from model.feature import Hole, HoleStep, Pocket
from model.finding import Finding
from model.plan import CuttingData, Operation
from model.tooling import Assembly
from pipeline.plan.cutting_holes import drilling_data, reaming_data
from pipeline.plan.formulas import drill_tip_mm
from pipeline.plan.methods.clearing import clear_and_lap
from pipeline.plan.methods.common import operation
from pipeline.plan.methods.threads import thread, threading
from pipeline.plan.tools import (
    Bench,
    cut_rough,
    end_mills,
    find_drill,
    find_reamer,
    find_reaming_drill,
    find_sink,
    find_spot,
    pick_mill,
)

BORE_FROM, BORE_TO = 1.25, 1.9
"""A hole is bored on a helix from this many mill diameters wide to that many; wider ones are cleared in rings."""

SPOT_SHARE = 0.8
"""A spot is this share of the drill's diameter wide."""

REAM_LEFT_MM = 0.2
"""Left on the diameter for the reamer where the hole before it is milled."""

REAM_BELOW_MM = 0.3
"""The reamer's full diameter passes a through hole's end by this much."""

TAP_DRILL_OFF_MM = 0.06
"""A tap drill may be this much finer than the hole drawn (6.7 for D - P = 6.75): the tap takes the rest."""

FINEST_GRADE = 7
"""Reamers here are H7; coarser H grades lie around it."""


UNDER_MOUTH_MM, SLOPED_SHARE = 0.15, 0.6
"""So little under its top, a sloped mouth has lost more than this share of its rim."""

SELF_CENTRING = 7.0
"""Stub drills, with flutes up to this many diameters long, find their own centre; jobber drills wander (belief)."""


@dataclass(frozen=True, slots=True)
class _Opened:
    """The last step as opened: its operations, its diameter now, and how far below a through hole it has that."""

    operations: list[Operation]
    diameter_mm: float
    below_mm: float


def hole(bench: Bench, h: Hole, drilled: frozenset[tuple[float, float]]) -> list[Operation]:
    """The whole chain of one hole; axes in ``drilled`` have their last step, its fit and its thread already.

    Raises:
        CapabilityError: No tool opens the hole, or none makes its fit.
    """
    wider = [o for step in reversed(h.steps[:-1]) for o in _step(bench, h, step)]
    if (round(h.x_mm, 3) + 0.0, round(h.y_mm, 3) + 0.0) in drilled:
        return [*wider, *_sunk(bench, h)]
    reamer = _reamer(bench, h)
    t = threading(bench, h) if h.thread else None
    below = 0.0 if t is None else t.below_mm
    if reamer is not None:
        below = max(below, reamer.tool.chamfer_length_mm + REAM_BELOW_MM)
    opened = _opened(bench, h, below, reamer)
    made = [*opened.operations, *wider]
    if reamer is not None:
        made.append(_reamed(bench, h, reamer, opened))
    if t is not None:
        made += thread(bench, h, t, opened.below_mm)
    made += _sunk(bench, h)
    if t is not None and t.assembly is None:
        made[-1] = replace(made[-1], note=t.note)
    return made


def _opened(bench: Bench, h: Hole, below: float, reamer: Assembly | None) -> _Opened:
    """The last step, spotted and drilled where there is a drill for it, else bored; through holes ``below`` the end."""
    step = h.steps[-1]
    start = h.top_z_mm - (h.chamfer_mm if len(h.steps) == 1 else 0.0)
    depth, reach = start - step.bottom_z_mm, bench.levels.top_mm - step.bottom_z_mm + 2
    if reamer is not None:
        a = find_reaming_drill(bench, step.diameter_mm, depth, reach)
    else:
        spare = TAP_DRILL_OFF_MM if h.thread else 0.0
        a = find_drill(bench, step.diameter_mm, depth, reach, spare_mm=spare)
    conical = h.through or h.tip_angle_deg < 179
    if conical and not h.through and (a is None or not any_point(h.tip_angle_deg, a.tool.point_angle_deg)):
        have = "no drill of that diameter" if a is None else f"its drill has {a.tool.point_angle_deg:g} degrees"
        msg = f"{h.id}: a blind {step.diameter_mm:g} mm hole ends in a {h.tip_angle_deg:.0f} degree cone; {have}"
        raise CapabilityError(
            "plan.no-drill", msg, place=h.id, value=round(h.tip_angle_deg, 3), limit=have,
            hint=f"Add such a drill to {bench.machine.id}'s crib, or draw the bottom flat.",
        )  # fmt: skip
    if a is not None and conical and not _is_level(bench, h):
        _refuse_sloped(bench, h, a)
    elif a is not None and conical:
        tip = drill_tip_mm(a.tool.diameter_mm, a.tool.point_angle_deg)
        over = max(bench.through_tip_mm, min(below, bench.below_mm - tip)) if h.through else 0.0
        bottom = step.bottom_z_mm - tip - over
        cut = _drilling(bench, a, h.top_z_mm - bottom, step.diameter_mm)
        if cut is not None:
            drill = operation(bench, "drill", "drill", h, a, cut, h.top_z_mm, bottom, note=_own_point(h, a))
            return _Opened([*_spot(bench, h, a), drill], a.tool.diameter_mm, over)
    _refuse_odd(bench, h, step.diameter_mm)
    wide = step.diameter_mm - (REAM_LEFT_MM if reamer is not None else 0.0)
    over = max(bench.through_mm, min(below, bench.below_mm)) if h.through else 0.0
    milled = replace(h, steps=(HoleStep(wide, step.bottom_z_mm),))
    return _Opened(_bored(bench, milled, step.bottom_z_mm - over, f"bore{step.diameter_mm:g}"), wide, over)


def _own_point(h: Hole, drill: Assembly) -> str:
    """What the worker is told of a blind end whose cone is drawn with another angle than the drill's."""
    angle = drill.tool.point_angle_deg
    if h.through or abs(angle - h.tip_angle_deg) < 1:
        return ""
    return f"full diameter to the depth drawn; its end keeps the drill's {angle:g} degrees, drawn {h.tip_angle_deg:.0f}"


def _is_level(bench: Bench, h: Hole) -> bool:
    """True when material stands (nearly) all round the mouth of a hole: a drill finds its centre there.

    Round a broken hole the blank still stands when it is drilled.
    """
    if h.broken:
        return True
    wide = max(h.sink_mm, h.steps[0].diameter_mm + 2 * h.chamfer_mm)
    ring = flatten(circle(h.x_mm, h.y_mm, wide + 0.4)) - flatten(circle(h.x_mm, h.y_mm, wide + 0.1))
    missing = ring - bench.levels.section(h.top_z_mm - UNDER_MOUTH_MM)
    return bool(missing.area() < SLOPED_SHARE * ring.area())


def _refuse_sloped(bench: Bench, h: Hole, drill: Assembly) -> None:
    """A hole whose mouth slopes is milled on a helix, or not at all: a drill wanders off a slope.

    Raises:
        CapabilityError: It is blind with a cone at its bottom, or finer than any end mill bores.
    """
    d = h.steps[-1].diameter_mm
    finest = min((a.tool.diameter_mm for a in end_mills(bench.machine)), default=math.inf)
    if h.through and d >= BORE_FROM * finest:
        return
    msg = f"{h.id}: its mouth slopes: the {drill.tool.diameter_mm:g} mm drill would wander, and no mill bores it"
    raise CapabilityError(
        "plan.sloped-mouth", msg, place=h.id, value=d, limit=round(BORE_FROM * finest, 3),
        hint="Draw a level spot face round the hole, or let it go through and be wide enough for an end mill.",
    )  # fmt: skip


def _refuse_odd(bench: Bench, h: Hole, diameter_mm: float) -> None:
    """A hole finer than any end mill can bore must have its drill.

    Raises:
        CapabilityError: With the drills next to it.
    """
    finest = min((a.tool.diameter_mm for a in end_mills(bench.machine)), default=math.inf)
    if diameter_mm >= BORE_FROM * finest:
        return
    drills = {a.tool.diameter_mm for a in bench.machine.tools if a.tool.kind == "drill"}
    near = sorted(drills, key=lambda d: (abs(d - diameter_mm), d))[:2]
    have = " and ".join(f"{d:g}" for d in sorted(near)) or "none"
    msg = (
        f"{h.id}: no drill of {diameter_mm:g} mm reaches, and end mills bore from {BORE_FROM * finest:g} mm up; "
        f"the nearest drills in {bench.machine.id}: {have}"
    )
    raise CapabilityError(
        "plan.no-drill", msg, place=h.id, value=round(diameter_mm, 4), limit=have,
        hint="Make the hole one of these diameters, or add its drill to the crib.",
    )  # fmt: skip


def _spot(bench: Bench, h: Hole, drill: Assembly) -> list[Operation]:
    """A spot for a drill that does not find its own centre, where the crib has a spot drill."""
    if drill.tool.substrate == "carbide" or drill.tool.flute_length_mm <= SELF_CENTRING * drill.tool.diameter_mm:
        return []
    wide = SPOT_SHARE * drill.tool.diameter_mm
    a = find_spot(bench, h, wide)
    if a is None:
        return []
    depth = wide / 2 / math.tan(math.radians(a.tool.point_angle_deg / 2))
    if depth > (h.top_z_mm - h.steps[-1].bottom_z_mm) / 2:
        return []
    try:
        cut = drilling_data(bench.material, a, bench.machine, depth_mm=depth)
    except CapabilityError:
        return []
    return [operation(bench, "spot", "spot", h, a, cut, h.top_z_mm, h.top_z_mm - depth)]


def _step(bench: Bench, h: Hole, step: HoleStep) -> list[Operation]:
    """One wider step: a counterbore, milled from the hole's top with a lap on size."""
    return _bored(bench, replace(h, steps=(step,)), step.bottom_z_mm, f"step{step.diameter_mm:g}")


def _reamer(bench: Bench, h: Hole) -> Assembly | None:
    """The reamer a fit asks for; None when there is no fit, or one an end mill holds.

    Raises:
        CapabilityError: The fit is finer than what this crib makes.
    """
    if not h.fit:
        return None
    step = h.steps[-1]
    grade = int(h.fit[1:]) if h.fit[:1] == "H" and h.fit[1:].isdigit() else 0
    reach = bench.levels.top_mm - step.bottom_z_mm
    found = find_reamer(bench, step.diameter_mm, h.top_z_mm - step.bottom_z_mm, reach)
    if grade < FINEST_GRADE or (found is None and grade == FINEST_GRADE):
        have = ", ".join(f"{a.tool.diameter_mm:g}" for a in bench.machine.tools if a.tool.kind == "reamer") or "none"
        msg = f"{h.id}: {step.diameter_mm:g} {h.fit} needs a reamer; {bench.machine.id} has H7 reamers: {have}"
        raise CapabilityError(
            "plan.no-reamer", msg, place=h.id, value=round(step.diameter_mm, 4), limit=have,
            hint="Add the reamer, choose one of these diameters, or a coarser H grade.",
        )  # fmt: skip
    return found


def _reamed(bench: Bench, h: Hole, a: Assembly, opened: _Opened) -> Operation:
    """Through holes: past the end by the reamer's tapered start; blind: as deep as the full diameter goes."""
    end = h.steps[-1].bottom_z_mm
    bottom = end - (min(a.tool.chamfer_length_mm + REAM_BELOW_MM, opened.below_mm) if h.through else 0.0)
    depth = h.top_z_mm - bottom
    cut = reaming_data(bench.material, a, bench.machine, drilled_mm=opened.diameter_mm, depth_mm=depth)
    if not h.through:
        left, ring = a.tool.chamfer_length_mm, (a.tool.diameter_mm - opened.diameter_mm) / 2
        bench.unreachable.append(
            Finding(
                "plan.reamed-end",
                f"{h.id}: the last {left:g} mm before the bottom keep {ring:.2f} mm on the wall",
                place=h.id,
                value=round(ring, 4),
                limit=left,
                severity="note",
                hint="Make the hole deeper than the fit is needed.",
            )
        )
    return operation(bench, "ream", "ream", h, a, cut, h.top_z_mm, bottom, note=f"{h.fit}: gauge the hole")


def _sunk(bench: Bench, h: Hole) -> list[Operation]:
    """A countersink by plunging a pointed tool of its angle.

    Raises:
        CapabilityError: There is no tool of that angle and width.
    """
    if not h.sink_mm:
        return []
    a = find_sink(bench, h)
    if a is None:
        msg = f"{h.id}: a {h.sink_deg:g} degree countersink {h.sink_mm:g} mm wide needs a pointed tool of that angle"
        raise CapabilityError(
            "plan.no-countersink", msg, place=h.id, value=h.sink_deg, limit=h.sink_mm,
            hint=f"Add one to {bench.machine.id}'s crib, or draw a 90 degree sink.",
        )  # fmt: skip
    depth = (h.sink_mm - a.tool.tip_diameter_mm) / 2 / math.tan(math.radians(h.sink_deg / 2))
    cut = drilling_data(bench.material, a, bench.machine, depth_mm=depth)
    return [operation(bench, "sink", "spot", h, a, cut, h.top_z_mm, h.top_z_mm - depth)]


def _drilling(bench: Bench, a: Assembly, depth_mm: float, diameter_mm: float) -> CuttingData | None:
    """The drill's cutting data; None when it cannot drill here but an end mill may bore instead.

    Raises:
        CapabilityError: The drill cannot, and no end mill is fine enough to bore.
    """
    if a.tool.flute_length_mm < depth_mm:
        return None
    try:
        return drilling_data(bench.material, a, bench.machine, depth_mm=depth_mm)
    except CapabilityError:
        if any(m.tool.diameter_mm <= diameter_mm / BORE_FROM for m in end_mills(bench.machine)):
            return None
        raise


def _bored(bench: Bench, h: Hole, bottom: float, name: str) -> list[Operation]:
    """Open one cylinder with an end mill: by a helix, or like a round pocket where a helix would leave a core."""
    d = h.steps[-1].diameter_mm
    a = pick_mill(bench, widest_mm=d / BORE_FROM, bottom_mm=bottom, wall_mm=h.top_z_mm - bottom, place=h.id)
    if d > BORE_TO * a.tool.diameter_mm:
        well = Pocket(h.id, h.top_z_mm, bottom, circle(h.x_mm, h.y_mm, d), d / 2)
        return clear_and_lap(bench, well, d / 2, h.top_z_mm, bottom)
    cut = cut_rough(bench, a, h.top_z_mm - bottom, a.tool.diameter_mm, "slot")
    return [operation(bench, name, "bore", h, a, cut, h.top_z_mm, bottom)]

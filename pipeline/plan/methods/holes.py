"""Methods for round holes: spot, drill or mill, bore the wider steps, ream or thread, countersink, in that order."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from geometry.drillpoints import BLUNTEST_DEG, any_point, shoulder_point
from geometry.regions import circle, flatten
from model.errors import CapabilityError
from model.feature import Hole, HoleStep, Pocket
from model.plan import CuttingData, Operation
from model.tooling import Assembly
from pipeline.plan.cutting_holes import DEEPEST, drilling_data, reaming_data
from pipeline.plan.formulas import drill_tip_mm
from pipeline.plan.limits import Speed, loads, width_in_hollow
from pipeline.plan.methods.clearing import clear_and_lap
from pipeline.plan.methods.common import operation
from pipeline.plan.methods.threads import thread, threading
from pipeline.plan.tools import (
    SAME_DIAMETER_MM,
    Bench,
    axis,
    cut_rough,
    end_mills,
    find_drill,
    find_reamer,
    find_reaming_drill,
    find_sink,
    find_spot,
    pick_mill,
    reaches,
)
from strategies.bore import FINISH_MM

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

UNDER_STEP, STEPPED_SHARE = 0.15, 0.3
"""So many diameters under its top, a mouth that lies on a step has lost more than this share (belief)."""

WHOLE_SHARE, LEVEL_MM = 0.02, 0.02
"""Where a hole is whole it has lost less than this share, and to this the height is found from which on it is."""

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
    level = _level_mouth(bench, h)
    begun = replace(h, top_z_mm=level)
    if reamer is not None:
        a = find_reaming_drill(bench, begun, step.diameter_mm)
    else:
        a = find_drill(bench, begun, step.diameter_mm, spare_mm=TAP_DRILL_OFF_MM if h.thread else 0.0)
    conical = h.through or h.tip_angle_deg < 179
    if conical and not h.through and (a is None or not any_point(h.tip_angle_deg, a.tool.point_angle_deg)):
        raise _no_drill(bench, h, a)
    if a is not None and conical:
        tip = drill_tip_mm(a.tool.diameter_mm, a.tool.point_angle_deg)
        over = max(bench.through_tip_mm, min(below, bench.below_mm - tip)) if h.through else 0.0
        bottom = step.bottom_z_mm - tip - over
        cut = _drilling(bench, a, level - bottom, step.diameter_mm)
        if cut is not None:
            drill = operation(bench, "drill", "drill", h, a, cut, level, bottom, note=_own_point(h, a))
            first = _levelled(bench, h, level, a) if level < h.top_z_mm else _spot(bench, h, a)
            return _Opened([*first, drill], a.tool.diameter_mm, over)
    _refuse_odd(bench, h, step.diameter_mm)
    wide = step.diameter_mm - (REAM_LEFT_MM if reamer is not None else 0.0)
    over = max(bench.through_mm, min(below, bench.below_mm)) if h.through else 0.0
    milled = replace(h, steps=(HoleStep(wide, step.bottom_z_mm),))
    return _Opened(_bored(bench, milled, step.bottom_z_mm - over, f"bore{step.diameter_mm:g}"), wide, over)


def _no_drill(bench: Bench, h: Hole, found: Assembly | None) -> CapabilityError:
    """The refusal of a blind hole with a cone at its bottom: what its drill is, or that none is long enough."""
    d = h.steps[-1].diameter_mm
    flutes = _drill_flutes(bench, d)
    if found is not None:
        have = f"its drill has {found.tool.point_angle_deg:g} degrees"
    elif flutes:
        deep = h.top_z_mm - h.steps[-1].bottom_z_mm
        have = (
            f"it is {deep:.1f} mm deep, and none of its drills, with flutes up to {max(flutes):g} mm, comes to its end"
        )
    else:
        have = "no drill of that diameter"
    msg = f"{h.id}: a blind {d:g} mm hole ends in a {h.tip_angle_deg:.0f} degree cone; {have}"
    return CapabilityError(
        "plan.no-drill", msg, place=h.id, value=round(h.tip_angle_deg, 3), limit=have,
        hint=f"Add such a drill to {bench.machine.id}'s crib, or draw the bottom flat.",
    )  # fmt: skip


def _own_point(h: Hole, drill: Assembly) -> str:
    """What the worker is told of a blind end whose cone is drawn with another angle than the drill's."""
    angle = drill.tool.point_angle_deg
    if h.through or abs(angle - h.tip_angle_deg) < 1:
        return ""
    return f"full diameter to the depth drawn; its end keeps the drill's {angle:g} degrees, drawn {h.tip_angle_deg:.0f}"


def _level_mouth(bench: Bench, h: Hole) -> float:
    """From where down a drill finds material round a hole: its top, or below a slope or step that its mouth lies on.

    Round a broken hole the blank still stands when it is drilled. Half a mouth guides the drill where no end mill
    comes down to where the hole is whole.
    """
    d = h.steps[-1].diameter_mm
    wide = max(h.sink_mm, h.steps[0].diameter_mm + 2 * h.chamfer_mm)
    slopes = not _stands_round(bench, h, wide, h.top_z_mm - UNDER_MOUTH_MM, SLOPED_SHARE)
    if h.broken or (not slopes and _stands_round(bench, h, wide, h.top_z_mm - UNDER_STEP * d, STEPPED_SHARE)):
        return h.top_z_mm
    low, high = h.steps[-1].bottom_z_mm, h.top_z_mm
    while high - low > LEVEL_MM:
        middle = (low + high) / 2
        if _stands_round(bench, h, d, middle, WHOLE_SHARE):
            low = middle
        else:
            high = middle
    bored = any(
        d >= BORE_FROM * a.tool.diameter_mm and reaches(bench, a, low, h.top_z_mm - low, axis(h))
        for a in end_mills(bench.machine)
    )
    return low if slopes or bored else h.top_z_mm


def _stands_round(bench: Bench, h: Hole, wide_mm: float, z_mm: float, missing: float) -> bool:
    """True when at a height less than a share of a ring round the hole is missing."""
    ring = flatten(circle(h.x_mm, h.y_mm, wide_mm + 0.4)) - flatten(circle(h.x_mm, h.y_mm, wide_mm + 0.1))
    return bool((ring - bench.levels.section(z_mm)).area() < missing * ring.area())


def _levelled(bench: Bench, h: Hole, level: float, drill: Assembly) -> list[Operation]:
    """Where its mouth slopes a hole is milled down to where it is whole: a drill wanders off a slope.

    Raises:
        CapabilityError: No end mill is fine enough, or reaches.
    """
    d = h.steps[-1].diameter_mm
    finest = min((a.tool.diameter_mm for a in end_mills(bench.machine)), default=math.inf)
    if d >= BORE_FROM * finest:
        return _bored(bench, replace(h, steps=(HoleStep(drill.tool.diameter_mm, level),)), level, "level")
    msg = f"{h.id}: its mouth slopes: the {d:g} mm drill would wander, and no end mill is fine enough to level it"
    raise CapabilityError(
        "plan.sloped-mouth", msg, place=h.id, value=d, limit=round(BORE_FROM * finest, 3),
        hint="Draw a level spot face round the hole, or make it wide enough for an end mill.",
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
    """One wider step: drilled where a drill's point leads to the next, else milled from the hole's top."""
    if step.tip_angle_deg < 180:
        return [_stepped(bench, h, step)]
    return _bored(bench, replace(h, steps=(step,)), step.bottom_z_mm, f"step{step.diameter_mm:g}")


def _stepped(bench: Bench, h: Hole, step: HoleStep) -> Operation:
    """A wider drill down the finer hole, which guides it: its point makes the shoulder.

    Raises:
        CapabilityError: The crib has no such drill, or its point would come below the finer hole.
    """
    wide = replace(h, steps=(step,), through=False, tip_angle_deg=step.tip_angle_deg, broken=False)
    a = find_drill(bench, wide, step.diameter_mm, spare_mm=0.0)
    if a is None or not shoulder_point(step.tip_angle_deg, a.tool.point_angle_deg):
        raise _no_drill(bench, wide, a)
    bottom = step.bottom_z_mm - drill_tip_mm(step.diameter_mm, a.tool.point_angle_deg)
    end = h.steps[-1].bottom_z_mm
    if not h.through and bottom < end:
        msg = f"{h.id}: the point of the {step.diameter_mm:g} mm drill would come {end - bottom:.2f} mm below the hole"
        raise CapabilityError(
            "plan.no-drill", msg, place=h.id, value=round(bottom, 3), limit=round(end, 3),
            hint="Draw the shoulder level, or the finer hole deeper.",
        )  # fmt: skip
    cut = drilling_data(bench.material, a, bench.machine, depth_mm=h.top_z_mm - bottom)
    return operation(
        bench, f"step{step.diameter_mm:g}", "drill", wide, a, cut, h.top_z_mm, bottom, note=_own_point(wide, a)
    )


def _reamer(bench: Bench, h: Hole) -> Assembly | None:
    """The reamer a fit asks for; None when there is no fit, or one an end mill holds.

    Raises:
        CapabilityError: The fit is finer than what this crib makes.
    """
    if not h.fit:
        return None
    step = h.steps[-1]
    grade = int(h.fit[1:]) if h.fit[:1] == "H" and h.fit[1:].isdigit() else 0
    found = find_reamer(bench, h, step.diameter_mm, h.top_z_mm - step.bottom_z_mm)
    if grade < FINEST_GRADE or (found is None and grade == FINEST_GRADE):
        have = ", ".join(f"{a.tool.diameter_mm:g}" for a in bench.machine.tools if a.tool.kind == "reamer") or "none"
        msg = f"{h.id}: {step.diameter_mm:g} {h.fit} needs a reamer; {bench.machine.id} has H7 reamers: {have}"
        raise CapabilityError(
            "plan.no-reamer", msg, place=h.id, value=round(step.diameter_mm, 4), limit=have,
            hint="Add the reamer, choose one of these diameters, or a coarser H grade.",
        )  # fmt: skip
    return found


def _reamed(bench: Bench, h: Hole, a: Assembly, opened: _Opened) -> Operation:
    """Past the end of a through hole by the reamer's tapered start.

    Raises:
        CapabilityError: The hole is blind: the tapered start leaves a ring on its wall.
    """
    end = h.steps[-1].bottom_z_mm
    if not h.through:
        left, ring = a.tool.chamfer_length_mm, (a.tool.diameter_mm - opened.diameter_mm) / 2
        msg = f"{h.id}: a reamer leaves {ring:.2f} mm on the wall over the last {left:g} mm of a blind hole"
        raise CapabilityError(
            "plan.reamed-end", msg, place=h.id, value=round(ring, 4), limit=left,
            hint="Let the hole go through, or leave the fit off and finish the hole by hand.",
        )  # fmt: skip
    bottom = end - min(a.tool.chamfer_length_mm + REAM_BELOW_MM, opened.below_mm)
    depth = h.top_z_mm - bottom
    cut = reaming_data(bench.material, a, bench.machine, drilled_mm=opened.diameter_mm, depth_mm=depth)
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


def _drill_flutes(bench: Bench, diameter_mm: float) -> list[float]:
    """The flute lengths of the drills of a diameter."""
    drills = (a.tool for a in bench.machine.tools if a.tool.kind == "drill")
    return [t.flute_length_mm for t in drills if abs(t.diameter_mm - diameter_mm) < SAME_DIAMETER_MM]


def _with_drills(bench: Bench, h: Hole, error: CapabilityError) -> CapabilityError:
    """The refusal of a mill, with how deep drills of the hole's diameter go where there are some."""
    d = h.steps[-1].diameter_mm
    flutes = _drill_flutes(bench, d)
    if not flutes:
        return error
    deepest = min(max(flutes), DEEPEST * d)
    deep = f"; {d:g} mm drills go {deepest:g} mm deep, with their point"
    told = [replace(f, message=f.message + deep) for f in error.told()]
    if not h.through and h.top_z_mm - h.steps[-1].bottom_z_mm + drill_tip_mm(d, BLUNTEST_DEG) < deepest:
        told = [replace(f, hint="Draw its end as a drill's point leaves it: a drill makes no flat one.") for f in told]
    return CapabilityError.told_by(told)


def _bored(bench: Bench, h: Hole, bottom: float, name: str) -> list[Operation]:
    """Open one cylinder with an end mill: by a helix, or like a round pocket where a helix would leave a core."""
    d, wall = h.steps[-1].diameter_mm, h.top_z_mm - bottom
    bench = replace(bench, feature=replace(h, steps=h.steps[-1:]))
    swing = d / 2 * (1 - 1 / BORE_TO)
    try:
        a = pick_mill(bench, widest_mm=d / BORE_FROM, bottom_mm=bottom, wall_mm=wall, place=h.id, swept=axis(h, swing))
    except CapabilityError as error:
        raise _with_drills(bench, h, error) from error
    wide = d > BORE_TO * a.tool.diameter_mm
    cut = None if wide else cut_rough(bench, a, wall, a.tool.diameter_mm, "slot")
    if cut is None or not _lap_is_held(bench, a, cut, d, wall):
        well = Pocket(h.id, h.top_z_mm, bottom, circle(h.x_mm, h.y_mm, d), d / 2)
        cleared = clear_and_lap(bench, well, d / 2, h.top_z_mm, bottom)
        return [replace(o, id=f"{h.id}-{name}{o.id.removeprefix(h.id)}") for o in cleared]
    return [operation(bench, name, "bore", h, a, cut, h.top_z_mm, bottom)]


def _lap_is_held(bench: Bench, a: Assembly, cut: CuttingData, diameter_mm: float, wall_mm: float) -> bool:
    """True when the jaws bear boring's last lap, which takes its allowance over the whole wall at once."""
    wide = width_in_hollow(a.tool.diameter_mm / 2, diameter_mm / 2, FINISH_MM)
    asked = loads(bench.material, a, wall_mm, wide, Speed(cut.spindle_rpm, cut.fz_mm, ""))
    return all(limit.share >= 1 for limit in bench.hold.limits(asked.force_n, wall_mm))

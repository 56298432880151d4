"""Methods for round holes: the smallest step by drill or mill, the wider ones bored."""

from __future__ import annotations

import math
from dataclasses import replace

from geometry.regions import circle
from model.errors import CapabilityError
from model.feature import Hole, HoleStep, Pocket
from model.plan import CuttingData, Operation
from model.tooling import Assembly
from pipeline.plan.methods.clearing import clear_and_lap
from pipeline.plan.methods.common import operation
from pipeline.plan.tools import Bench, cut_drill, cut_rough, find_drill, pick_mill

BORE_FROM, BORE_TO = 1.25, 1.9
"""A hole is bored on a helix from this many mill diameters wide to that many; wider ones are cleared in rings."""


def hole(bench: Bench, h: Hole, drilled: frozenset[tuple[float, float]]) -> list[Operation]:
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
            return [operation(bench, "drill", "drill", h, a, cut, h.top_z_mm, bottom, note=note)]
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
        return clear_and_lap(bench, well, d / 2, h.top_z_mm, bottom)
    cut = cut_rough(bench, a, h.top_z_mm - bottom, a.tool.diameter_mm, "slot")
    return [operation(bench, name, "bore", h, a, cut, h.top_z_mm, bottom)]

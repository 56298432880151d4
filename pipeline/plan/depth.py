"""Through-features too deep for every tool from one side: cut as deep as it goes, and the rest from the other side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from model.feature import Cutout, Feature, Hole, HoleStep, Outline
from pipeline.plan.cutting_holes import DEEPEST
from pipeline.plan.tools import SAME_DIAMETER_MM, STICK_OUT_SPARE_MM, Bench, end_mills

LEAST_MM = 1.0
SPARE_MM = 0.1


def halves(bench: Bench, f: Feature) -> Sequence[Outline | Cutout | Hole]:
    """Shallower forms of a through-feature, deepest first: one for the reach of each tool that may cut it."""
    over = max(bench.stock_top_mm, bench.levels.top_mm)
    if isinstance(f, Outline | Cutout):
        mills = end_mills(bench.machine)
        reach = sorted({min(a.tool.flute_length_mm, a.stick_out_mm - STICK_OUT_SPARE_MM) for a in mills}, reverse=True)
        bottoms = [over + SPARE_MM + bench.through_mm - r for r in reach]
        return [replace(f, bottom_z_mm=b) for b in bottoms if f.bottom_z_mm < b < f.top_z_mm - LEAST_MM]
    if isinstance(f, Hole) and f.through and len(f.steps) == 1:
        return _blind(bench, f, over)
    return []


def _blind(bench: Bench, hole: Hole, over_mm: float) -> list[Hole]:
    """The hole as a blind one, for every drill of its diameter."""
    d, bottom = hole.steps[0].diameter_mm, hole.steps[0].bottom_z_mm
    found = []
    for a in bench.machine.tools:
        if a.tool.kind == "drill" and abs(a.tool.diameter_mm - d) < SAME_DIAMETER_MM:
            tip = d / 2 / math.tan(math.radians(a.tool.point_angle_deg / 2))
            reach = min(a.tool.flute_length_mm, DEEPEST * d)
            lowest = max(hole.top_z_mm - reach, over_mm + 2 + STICK_OUT_SPARE_MM - a.stick_out_mm)
            low = lowest + tip + SPARE_MM
            if bottom < low < hole.top_z_mm - LEAST_MM:
                angle = a.tool.point_angle_deg
                found.append(replace(hole, steps=(HoleStep(d, low),), through=False, tip_angle_deg=angle))
    return sorted(found, key=lambda h: h.steps[0].bottom_z_mm)

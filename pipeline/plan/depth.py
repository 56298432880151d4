"""How deep a feature is cut from one side: through a wall only, or as deep as tools reach, the rest from another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from geometry.regions import fit, flatten, separate
from geometry.tessellate import Floats
from model.feature import Cutout, Feature, Hole, HoleStep, Outline, Pocket
from pipeline.plan.cutting_holes import DEEPEST
from pipeline.plan.levels import HAIR_MM, tightest_radius
from pipeline.plan.tools import SAME_DIAMETER_MM, STICK_OUT_SPARE_MM, Bench, end_mills

LEAST_MM = 1.0
SPARE_MM = 0.1
ROOM_MM = 6.0
"""Spots on walls stand nearer to each other than half of this."""


def windowed(bench: Bench, f: Feature, walls_mm: Floats, lowest_mm: float) -> Feature:
    """A window through a wall, cut no deeper than that wall: what is seen beyond it is made from other sides.

    ``walls_mm`` are the heights of spots on upright walls the opening is to make; a window's end over a room as high
    as :data:`ROOM_MM` without any. ``lowest_mm`` is where the lowest spot lies that no other side makes.
    """
    if not isinstance(f, Pocket | Cutout) or not len(walls_mm):
        return f
    for z in reversed(bench.levels.heights):
        beyond = float(walls_mm[walls_mm < z].max(initial=low_end(f)))
        if beyond + ROOM_MM < z < f.top_z_mm - SPARE_MM and z <= lowest_mm:
            return _down_to(bench, f, z)
    return f


def low_end(f: Pocket | Cutout) -> float:
    """How deep an opening goes."""
    return f.floor_z_mm if isinstance(f, Pocket) else f.bottom_z_mm


def _down_to(bench: Bench, f: Pocket | Cutout, z_mm: float) -> Pocket | Cutout:
    """The feature cut through to a height, a closed pocket as wide as it opens there."""
    if isinstance(f, Cutout):
        return replace(f, bottom_z_mm=max(f.bottom_z_mm, z_mm))
    low = replace(f, floor_z_mm=max(f.floor_z_mm, z_mm - bench.through_mm))
    clear = (bench.levels.silhouette() - bench.levels.above(low.floor_z_mm)).simplify(2 * HAIR_MM)
    wider = [a for a in separate(clear) if not (a ^ flatten(f.floor)).is_empty()]
    if f.open or len(wider) != 1:
        return low
    region = fit(wider[0])
    return replace(low, floor=region, corner_radius_mm=tightest_radius(region, walls_outside=True))


def halves(bench: Bench, f: Feature, lowest_mm: float = math.inf) -> Sequence[Outline | Cutout | Pocket | Hole]:
    """Shallower forms of a feature, deepest first: one for the reach of each tool that may cut what goes through.

    Of a pocket there is one: down to the edge below the lowest spot, at ``lowest_mm``, that no other side makes.
    """
    over = max(bench.stock_top_mm, bench.levels.top_mm)
    if isinstance(f, Outline | Cutout):
        mills = end_mills(bench.machine)
        reach = sorted({min(a.tool.flute_length_mm, a.stick_out_mm - STICK_OUT_SPARE_MM) for a in mills}, reverse=True)
        bottoms = [over + SPARE_MM + bench.through_mm - r for r in reach]
        return [replace(f, bottom_z_mm=b) for b in bottoms if f.bottom_z_mm < b < f.top_z_mm - LEAST_MM]
    if isinstance(f, Pocket):
        edges = [z for z in bench.levels.heights if f.floor_z_mm < z <= lowest_mm < f.top_z_mm]
        return [_down_to(bench, f, z) for z in edges[-1:]]
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

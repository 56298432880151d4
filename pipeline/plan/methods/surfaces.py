"""Methods for sloped, round and free surfaces: roughed by levels, evened out, finished, hollows with smaller balls."""

from __future__ import annotations

import math
from dataclasses import replace

from geometry.regions import fit, flatten, offset
from model.errors import CapabilityError
from model.feature import FreeSurface
from model.plan import CuttingData, Operation
from model.tooling import Assembly
from pipeline.plan.cutting import milling_data
from pipeline.plan.formulas import stepover_mm
from pipeline.plan.methods.common import faced, operation
from pipeline.plan.tools import Bench, cut_rough, pick_mill, reaches

ROUGH_MM = 0.3
"""Left by roughing, under stairs of at most a millimetre."""
STAIR_MM = 1.0
EVEN_MM = 0.1
"""Left by the passes that take the stairs down."""
EVEN_STEP = 0.12
"""Their distance, in diameters."""
SCALLOP_MM = 0.01
"""Height between finishing passes; what the path itself keeps off comes on top (about as much)."""
ROUGH_STEP = 0.2
"""Width of cut of roughing, in diameters."""
ROUGH_DEEP = 0.5
"""Deepest level of roughing, in diameters."""
ROOMY = 0.45
"""Share of the widest place of a surface the roughing tool may fill."""
FREE = 0.9
"""A ball no larger than this share of the tightest hollow slides through it freely."""
SMALLER = 0.7
"""The next ball into hollows is at most this share of the one before."""
BESIDE_MM = 1.0


def surface(bench: Bench, f: FreeSurface) -> list[Operation]:
    """Rough, even out and finish one free surface; what the finishing ball cannot reach, smaller ones take.

    Raises:
        CapabilityError: No end mill or no ball reaches the bottom, or none bears the cut.
    """
    balls = _balls(bench, f)
    first = next((a for a in balls if a.tool.diameter_mm / 2 <= FREE * f.radius_mm), balls[-1])
    r = first.tool.diameter_mm / 2
    made = [_rough(bench, f, r)]
    step = EVEN_STEP * first.tool.diameter_mm
    even = _cut(bench, first, STAIR_MM + ROUGH_MM, step)
    made.append(_finish(bench, f, "even", "steep_shallow", first, even, EVEN_MM))
    made.append(_finish(bench, f, "finish", "steep_shallow", first, _cut(bench, first, EVEN_MM, _step(first)), 0.0))
    before = r
    for a in balls:
        if a.tool.diameter_mm / 2 > SMALLER * before:
            continue
        done = replace(f, cut_radius_mm=before)
        before = a.tool.diameter_mm / 2
        made.append(
            _finish(bench, done, f"rest{2 * before:g}", "rest_finish", a, _cut(bench, a, before / 2, _step(a)), 0.0)
        )
    return made


def _rough(bench: Bench, f: FreeSurface, beside_mm: float) -> Operation:
    """Clear over the surface and as far beside it as the finishing ball goes."""
    top = bench.levels.top_mm if faced(bench) else bench.stock_top_mm
    bottom = f.bottom_z_mm + ROUGH_MM
    a = pick_mill(bench, widest_mm=ROOMY * _widest(f), bottom_mm=bottom, wall_mm=0.0, place=f.id)
    d = a.tool.diameter_mm
    cut = cut_rough(bench, a, min(top - bottom, ROUGH_DEEP * d), ROUGH_STEP * d, "adaptive")
    around = replace(f, region=fit(offset(flatten(f.region), beside_mm + BESIDE_MM)))
    return operation(bench, "rough", "rough3d", around, a, cut, top, bottom, allowance=ROUGH_MM)


def _finish(
    bench: Bench, f: FreeSurface, name: str, strategy: str, a: Assembly, cut: CuttingData, allowance: float
) -> Operation:
    lowest = max(f.bottom_z_mm - a.tool.diameter_mm / 2, bench.levels.bottom_mm - bench.below_mm)
    top = bench.levels.top_mm if faced(bench) else bench.stock_top_mm
    return operation(bench, name, strategy, f, a, cut, top, lowest, allowance=allowance)


def _balls(bench: Bench, f: FreeSurface) -> list[Assembly]:
    """Ball mills that reach the surface's bottom with their holder clear, largest first."""
    balls = [a for a in bench.machine.tools if a.tool.kind == "ball-mill"]
    reach = bench.levels.top_mm - f.bottom_z_mm
    found = [a for a in balls if reaches(bench, a, f.bottom_z_mm, 0.0)]
    if not found:
        longest = max((a.stick_out_mm for a in balls), default=0.0)
        have = f"its ball mills reach {longest:g} mm" if balls else "it has no ball mill"
        msg = f"{f.id} lies {reach:.1f} mm deep and needs a ball mill on {bench.machine.id}; {have}"
        raise CapabilityError(
            "plan.no-tool", msg, place=f.id, value=round(reach, 3), limit=longest,
            hint="Add a longer ball mill to the machine's crib.",
        )  # fmt: skip
    return sorted(found, key=lambda a: (-a.tool.diameter_mm, a.number))


def _step(a: Assembly) -> float:
    return stepover_mm(SCALLOP_MM, a.tool.diameter_mm / 2)


def _cut(bench: Bench, a: Assembly, deep_mm: float, step_mm: float) -> CuttingData:
    """Speeds and feeds of passes over a surface, ``deep_mm`` of stock on it."""
    deep = min(deep_mm, a.tool.diameter_mm / 2, a.tool.flute_length_mm)
    return milling_data(bench.material, a, bench.machine, ap_mm=deep, ae_mm=step_mm, mode="finish")


def _widest(f: FreeSurface) -> float:
    """Diameter of the largest disc inside the surface's outline (found by halving)."""
    area = flatten(f.region, 0.01)
    low, high = 0.0, math.sqrt(max(area.area(), 0.0))
    while high - low > 0.01:
        mid = (low + high) / 2
        low, high = (low, mid) if offset(area, -mid, 0.01).is_empty() else (mid, high)
    return 2 * low

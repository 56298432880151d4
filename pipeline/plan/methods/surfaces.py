"""Methods for sloped, round and free surfaces: roughed by levels, evened out, finished, hollows with smaller balls."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from geometry.dropcutter import cells
from geometry.regions import fit, flatten, offset, within
from geometry.tightness import foot_missed, held_off, looked_at, too_low, touches
from model.errors import CapabilityError
from model.feature import FreeSurface
from model.plan import CuttingData, Operation
from model.tooling import Assembly
from pipeline.plan.bores import moved_point
from pipeline.plan.formulas import stepover_mm
from pipeline.plan.methods.common import operation
from pipeline.plan.methods.engraving import carved
from pipeline.plan.methods.grooves import round_stroke, v_groove
from pipeline.plan.tools import Bench, cut_rough, cut_so, pick_mill, reaches
from pipeline.plan.workpiece import inverse, spot

if TYPE_CHECKING:
    from manifold3d import CrossSection

    from geometry.dropcutter import Cells, Floats


ROUGH_MM = 0.3
"""Left by roughing, under stairs of at most a millimetre."""
STAIR_MM = 1.0
THIN_MM = 1.3
"""Surfaces no wider or no higher than this carry no more stock than the first ball takes: they are not roughed."""
EVEN_MM = 0.1
"""Left by the passes that take the stairs down."""
MOST_ROUNDS = 4
EVEN_STEP = 0.12
"""Their distance, in diameters."""
SCALLOP_MM = 0.01
"""Height between finishing passes; what the path itself keeps off comes on top (about as much)."""
ROUGH_STEP = 0.2
"""Width of cut of roughing, in diameters."""
ROUGH_DEEP = 0.5
"""Deepest level of roughing, in diameters."""
ROOMY = 0.45
"""Share of the widest place over a surface the roughing tool may fill."""
AROUND_MM = 30.0
FREE = 0.9
"""A ball no larger than this share of the tightest hollow slides through it freely."""
SPARE_MM, EVERY = 0.25, 4
"""Shanks and holders stay so far off the part, looked at on one place of so many."""
KEPT_OFF_MM, RIM_MM = 0.02, 0.005
"""So much off the part the ball's passes run (about), and so near a surface's rim the ball is on its neighbour."""
SMALLER = 0.7
"""The ball for hollows is at most this share of the one before."""
FLAT_SHARE, LEAST_RADIUS_MM = 1.2, 3.0
"""Surfaces less high are finished with finer balls, whose tips go less far below the foot of a round edge."""
TIGHT_MM = 0.03
"""A ball held off more than this leaves work for a finer tool ..."""
TIGHT_SHARE, MOST_TIGHT = 0.001, 0.25
"""... when that is so at more than the first share of a surface; at more than the second, it is the wrong ball."""
TERRACE_MM = (0.2, 1.0)
"""Depth and width of cut of the laps in sharp feet (about)."""
LEFT_MM = 0.04
"""A flat mill that stays no further off a place, measured across the slope, makes it."""
MISSED_MM = 0.15
MOST_MISSED = 0.05
"""A flat mill held off the places in feet by more than this, at more than this share of them, is too wide."""
FINEST_MM = 0.5
MOST_ROUND_MM = 0.5
"""A ball may leave so much in a corner no flat mill comes into: the drawing's edge stays this round."""
BESIDE_MM = 1.0


def surface(bench: Bench, f: FreeSurface) -> list[Operation]:
    """Rough, even out and finish a free surface; a smaller ball goes into hollows, a flat mill into sharp feet.

    Grooves that are a ball's sweep take one stroke, those with sloping walls that meet the point of a tool.

    Raises:
        CapabilityError: No end mill or no ball reaches the bottom, none bears the cut, or no point is as steep.
    """
    groove = v_groove(bench, f)
    if groove is not None:
        return [carved(bench, groove)]
    if once := round_stroke(bench, f):
        return once
    whole = bench.levels.triangles()
    mesh = cells(np.concatenate(whole))
    points, normals = looked_at([whole[k] for k in f.faces])

    area = offset(flatten(f.region, RIM_MM), -2 * RIM_MM)

    def tight(a: Assembly) -> float:
        return float((held_off(mesh, points, normals, a.tool.diameter_mm / 2 / FREE) > TIGHT_MM).mean())

    def comes(a: Assembly, allowance: float) -> bool:
        touched = touches(mesh, points, normals, a.tool.diameter_mm / 2 + KEPT_OFF_MM + allowance)
        return bool(within(area, touched).any())

    reaching = _balls(bench, f)
    lacking = [too_low(mesh, points[::EVERY], normals[::EVERY], a, SPARE_MM) for a in reaching]
    balls = [a for a, low in zip(reaching, lacking, strict=True) if low == 0.0]
    if not balls:
        msg = f"{f.id}: ball mills of {bench.machine.id} meet the part with their shanks, {min(lacking):.2f} mm deep"
        raise CapabilityError(
            "plan.no-tool", msg, place=f.id, value=round(min(lacking), 3), limit=0.0,
            hint="Add a ball mill with a longer neck to the machine's crib.",
        )  # fmt: skip
    free = next((a for a in balls if a.tool.diameter_mm / 2 <= FREE * f.radius_mm), balls[-1])
    first = next((a for a in balls if tight(a) <= MOST_TIGHT), balls[-1])
    made = _roughed(bench, f, first, evened=comes(first, EVEN_MM))
    if comes(first, 0.0):
        made.append(_finish(bench, f, "finish", "steep_shallow", first, _cut(bench, first, EVEN_MM, _step(first)), 0.0))
    last, left = first, tight(first)
    if left > TIGHT_SHARE and free.tool.diameter_mm <= SMALLER * first.tool.diameter_mm:
        cut = _cut(bench, free, free.tool.diameter_mm / 4, _step(free))
        made.append(_finish(bench, _after(f, first), "rest", "rest_finish", free, cut, 0.0))
        last, left = free, tight(free)
    if left > TIGHT_SHARE:
        open_ones = held_off(mesh, points, normals, last.tool.diameter_mm / 2 / FREE) > TIGHT_MM
        made += _feet(bench, f, mesh, points[open_ones], normals[open_ones], last, balls[-1])
    return made


def _feet(
    bench: Bench, f: FreeSurface, mesh: Cells, points: Floats, normals: Floats, last: Assembly, finest: Assembly
) -> list[Operation]:
    """What the ``last`` ball leaves in sharp feet, by a flat mill; where none comes, as round as the finest ball.

    Raises:
        CapabilityError: No flat mill comes there, and the finest ball leaves too much.
    """
    freely = replace(f, cut_radius_mm=last.tool.diameter_mm / 2 / FREE)
    try:
        return [_terrace(bench, freely, mesh, points, normals)]
    except CapabilityError as error:
        radius = finest.tool.diameter_mm / 2
        kept = float(held_off(mesh, points, normals, radius + KEPT_OFF_MM).max())
        if kept > MOST_ROUND_MM:
            hint = f"Round the edge there by {radius + KEPT_OFF_MM:.2f} mm or more, for the {2 * radius:g} mm ball."
            raise CapabilityError.told_by([replace(f, hint=hint) for f in error.told()]) from error
    if finest == last:
        return []
    cut = _cut(bench, finest, finest.tool.diameter_mm / 4, _step(finest))
    return [_finish(bench, _after(f, last), "corner", "rest_finish", finest, cut, 0.0)]


def _after(f: FreeSurface, ball: Assembly) -> FreeSurface:
    return replace(f, cut_radius_mm=ball.tool.diameter_mm / 2)


def _roughed(bench: Bench, f: FreeSurface, ball: Assembly, *, evened: bool) -> list[Operation]:
    """Levels over the surface and as far beside it as the finishing ball goes, and the ball's passes that even them.

    ``evened``: the ball comes onto the surface with the last allowance on; where it does not, a flat mill goes later.
    """
    area = flatten(f.region, 0.01)
    thick = min(_widest(area, area), f.top_z_mm - f.bottom_z_mm)
    made = []
    if thick > THIN_MM:
        bottom = f.bottom_z_mm + ROUGH_MM
        room = ROOMY * _room(bench, f)
        a = pick_mill(bench, widest_mm=room, bottom_mm=bottom, wall_mm=0.0, place=f.id, rounded=True)
        d = a.tool.diameter_mm
        cut = cut_rough(bench, a, min(f.top_z_mm - bottom, ROUGH_DEEP * d), ROUGH_STEP * d, "adaptive")
        around = replace(f, region=fit(offset(flatten(f.region), ball.tool.diameter_mm / 2 + BESIDE_MM)))
        made.append(operation(bench, "rough", "rough3d", around, a, cut, f.top_z_mm, bottom, allowance=ROUGH_MM))
        thick = STAIR_MM + ROUGH_MM
    return [*made, *(_evened(bench, f, ball, thick) if evened else [])]


def _evened(bench: Bench, f: FreeSurface, ball: Assembly, thick_mm: float) -> list[Operation]:
    """The fewest rounds of the ball that take the stock down to the last allowance.

    Raises:
        CapabilityError: The ball bears not even the thinnest.
    """
    for count in range(1, MOST_ROUNDS):
        try:
            return _rounds(bench, f, ball, thick_mm, count)
        except CapabilityError:
            continue
    return _rounds(bench, f, ball, thick_mm, MOST_ROUNDS)


def _rounds(bench: Bench, f: FreeSurface, ball: Assembly, thick_mm: float, count: int) -> list[Operation]:
    deep = (thick_mm - EVEN_MM) / count
    cut = _cut(bench, ball, deep, EVEN_STEP * ball.tool.diameter_mm)
    names = [f"even{k}" for k in range(1, count)] + ["even"]
    return [
        _finish(bench, f, name, "steep_shallow", ball, cut, EVEN_MM + deep * k)
        for name, k in zip(names, range(count - 1, -1, -1), strict=True)
    ]


def _terrace(bench: Bench, f: FreeSurface, mesh: Cells, points: Floats, normals: Floats) -> Operation:
    """Fine level laps, in the surface's sharp feet, of the stiffest flat mill that comes to all places there.

    Where none does, of the stiffest that comes to almost all.

    Raises:
        CapabilityError: Not even the finest comes to those.
    """
    widest, missed, almost = ROOMY * _room(bench, f), 1.0, None
    while True:
        try:
            a = pick_mill(bench, widest_mm=widest, bottom_mm=f.bottom_z_mm, wall_mm=0.0, place=f.id)
        except CapabilityError as error:
            if almost is not None:
                a = almost
                break
            x, y, z = points[int(np.argmax(foot_missed(mesh, points, normals, FINEST_MM)))].tolist()
            at = spot(moved_point(inverse(bench.to_setup), (x, y, z)), bench.zero_mm)
            msg = f"{f.id} has a corner at {at} no mill of {bench.machine.id} comes into"
            raise CapabilityError(
                "plan.sharp-corner", msg, place=f.id, value=round(missed, 3), limit=MOST_MISSED,
                hint="Round the edges between the sloped faces; see the tools of the machine.",
            ) from error  # fmt: skip
        over = foot_missed(mesh, points, normals, a.tool.diameter_mm / 2)
        if (over * normals[:, 2] > LEFT_MM).mean() <= TIGHT_SHARE:
            break
        missed = float((over > MISSED_MM).mean())
        if almost is None and missed <= MOST_MISSED:
            almost = a
        widest = a.tool.diameter_mm - 0.1
    deep, wide = TERRACE_MM
    cut = cut_so(bench, a, deep, min(wide, a.tool.diameter_mm / 4), "finish")
    return operation(bench, "foot", "terrace", f, a, cut, f.top_z_mm, f.bottom_z_mm)


def _finish(
    bench: Bench, f: FreeSurface, name: str, strategy: str, a: Assembly, cut: CuttingData, allowance: float
) -> Operation:
    lowest = max(f.bottom_z_mm - a.tool.diameter_mm / 2, bench.levels.bottom_mm - bench.below_mm)
    return operation(bench, name, strategy, f, a, cut, f.top_z_mm, lowest, allowance=allowance)


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
    most = max(LEAST_RADIUS_MM, FLAT_SHARE * (f.top_z_mm - f.bottom_z_mm))
    found.sort(key=lambda a: (-a.tool.diameter_mm, a.number))
    return [a for a in found if a.tool.diameter_mm / 2 <= most + 1e-6] or found[-1:]


def _step(a: Assembly) -> float:
    return stepover_mm(SCALLOP_MM, a.tool.diameter_mm / 2)


def _cut(bench: Bench, a: Assembly, deep_mm: float, step_mm: float) -> CuttingData:
    """Speeds and feeds of passes over a surface, ``deep_mm`` of stock on it."""
    deep = min(deep_mm, a.tool.diameter_mm / 2, a.tool.flute_length_mm)
    return cut_so(bench, a, deep, step_mm, "finish")


def _room(bench: Bench, f: FreeSurface) -> float:
    """Diameter of the widest tool that comes over most of the surface, half way down to its bottom."""
    over = flatten(f.region, 0.01)
    air = offset(over, AROUND_MM, 0.01) - bench.levels.above((f.top_z_mm + f.bottom_z_mm) / 2)
    return _widest(air, over ^ air)


def _widest(area: CrossSection, wanted: CrossSection) -> float:
    """Diameter of the largest disc that, moved about in an area, comes over half of what is wanted (by halving)."""
    low, high = 0.0, math.sqrt(max(area.area(), 0.0))
    while high - low > 0.01:
        mid = (low + high) / 2
        reached = offset(offset(area, -mid, 0.01), mid, 0.01) ^ wanted
        low, high = (mid, high) if reached.area() > wanted.area() / 2 else (low, mid)
    return 2 * low

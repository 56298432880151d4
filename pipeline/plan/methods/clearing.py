"""Methods for pockets and cut-outs: cleared with an allowance, then lapped on size."""

from __future__ import annotations

import math
from dataclasses import replace

from manifold3d import CrossSection

from geometry.regions import flatten, offset, union
from model.errors import CapabilityError
from model.feature import Cutout, Outline, Pocket
from model.finding import Finding
from model.plan import Operation
from model.tooling import Assembly
from pipeline.plan.methods.common import STEPOVER, WALL_ALLOWANCE_MM, operation
from pipeline.plan.tools import Bench, cut_finish, cut_rough, pick_mill, reaches


def pocket(bench: Bench, p: Pocket) -> list[Operation]:
    """Clear with an allowance, then lap the walls; the tool fits the tightest corner with a little to spare."""
    return clear_and_lap(bench, p, p.corner_radius_mm, p.top_z_mm, p.floor_z_mm)


def cleared(bench: Bench, c: Cutout) -> list[Operation]:
    """A cut-out milled away whole, a little deeper than the part."""
    return clear_and_lap(bench, c, c.corner_radius_mm, c.top_z_mm, c.bottom_z_mm - bench.through_mm)


def clear_and_lap(bench: Bench, f: Pocket | Cutout, radius: float, top: float, bottom: float) -> list[Operation]:
    """Clear the opening with an allowance, then lap its walls on size with the same mill."""
    a = mill_for_corner(bench, f, radius, bottom, top - bottom)
    ae = STEPOVER * a.tool.diameter_mm
    rough = cut_rough(bench, a, top - bottom, a.tool.diameter_mm, "slot")
    rough = replace(rough, ae_mm=ae)
    lap = cut_finish(bench, a, top - bottom, WALL_ALLOWANCE_MM)
    return [
        operation(bench, "clear", "pocket", f, a, rough, top, bottom, allowance=WALL_ALLOWANCE_MM),
        operation(bench, "wall", "wall", f, a, lap, top, bottom),
    ]


def mill_for_corner(bench: Bench, f: Pocket | Cutout | Outline, radius: float, bottom: float, wall: float) -> Assembly:
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

"""Methods for pockets and cut-outs: cleared with an allowance by the quickest way, then lapped on size."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from geometry.regions import flatten, offset, union
from model.errors import CapabilityError
from model.feature import Cutout, Outline, Pocket
from model.finding import Finding
from model.plan import CuttingData, Operation
from model.tooling import Assembly
from pipeline.plan.methods.common import STEPOVER, WALL_ALLOWANCE_MM, operation
from pipeline.plan.tools import Bench, cut_finish, cut_rough, pick_mill, reaches

if TYPE_CHECKING:
    from manifold3d import CrossSection

ADAPTIVE_SHARES = (0.25, 0.2, 0.15, 0.1)
"""Widths of cut tried at full depth, in diameters."""

ROOM = 1.35
"""Constant engagement needs openings so many diameters wide everywhere: room for a helix and for turning."""

SLOT_ROOM, SLOT_WIDE = 1.15, 2.0
"""Openings so many diameters wide everywhere, and nowhere wider than the second, are cut in turns as slots."""

SHALLOW = 0.4
"""Pockets less deep than this share of the diameter are cleared in rings."""

BIGGER = 1.2
"""A roughing mill is tried when it is so much wider than the one the corners ask for."""

SLIVER_MM = 0.15
"""What a wider mill leaves in corners beyond the allowance; up to this the lap takes it, else a rest clearing."""

RAMP_SLOPE = math.tan(math.radians(3))
THINNER = 2.0
"""A thin chip is fed at most this many times as fast."""

PASS_RADII = 2.2
"""Length of one pass at constant engagement, in radii of the opening's largest disc (measured, with islands)."""

LINKS = 0.7
"""Length of links beside each length of such passes (measured likewise)."""
HAIR_MM = 0.01


@dataclass(frozen=True)
class _Way:
    """One way to clear: a mill, its cutting data, a strategy, the seconds it is reckoned to take."""

    strategy: str
    mill: Assembly
    cut: CuttingData
    seconds: float


def pocket(bench: Bench, p: Pocket) -> list[Operation]:
    """Clear with an allowance, then lap the walls; the tool fits the tightest corner with a little to spare."""
    return clear_and_lap(bench, p, p.corner_radius_mm, p.top_z_mm, p.floor_z_mm)


def cleared(bench: Bench, c: Cutout) -> list[Operation]:
    """A cut-out milled away whole, a little deeper than the part."""
    return clear_and_lap(bench, c, c.corner_radius_mm, c.top_z_mm, c.bottom_z_mm - bench.through_mm)


def clear_and_lap(bench: Bench, f: Pocket | Cutout, radius: float, top: float, bottom: float) -> list[Operation]:
    """Clear the opening with an allowance, then lap its walls on size with the mill its corners ask for.

    The clearing is what is reckoned quickest: rings, or full depth at constant engagement, by the same mill or by
    a wider one whose leavings the finer mill takes from the corners.
    """
    gap = _narrowest(bench, f)
    a = mill_for_corner(bench, f, radius, bottom, top - bottom)
    lap = cut_finish(bench, a, top - bottom, WALL_ALLOWANCE_MM)
    area = _to_clear(bench, f)
    best = min(_ways(bench, a, gap, area, top - bottom), key=lambda w: w.seconds)
    rest = 0.0
    for mill in _wider(bench, a, gap, bottom, top - bottom):
        again = bench.machine.tool_change_s
        if _sliver(mill, radius) > SLIVER_MM:
            left = area.area() - _reach(area, mill.tool.diameter_mm / 2).area()
            again += min(_seconds_rest(w, left, mill, top - bottom) for w in _ways(bench, a, gap, area, top - bottom))
        for way in _ways(bench, mill, gap, area, top - bottom):
            if way.seconds + again < best.seconds + rest:
                best, rest = way, again
    made = [operation(bench, "clear", best.strategy, f, best.mill, best.cut, top, bottom, allowance=WALL_ALLOWANCE_MM)]
    if best.mill is not a and _sliver(best.mill, radius) > SLIVER_MM:
        fine = _data(bench, a, top - bottom, ADAPTIVE_SHARES[-1] * a.tool.diameter_mm)
        made.append(operation(bench, "rest", "rest_clear", f, a, fine, top, bottom, allowance=WALL_ALLOWANCE_MM))
    return [*made, operation(bench, "wall", "wall", f, a, lap, top, bottom)]


def _sliver(mill: Assembly, corner_radius: float) -> float:
    """Thickness a mill leaves in square corners rounded by ``corner_radius``, beyond the allowance."""
    return (math.sqrt(2) - 1) * max(0.0, mill.tool.diameter_mm / 2 + WALL_ALLOWANCE_MM - corner_radius)


def _ways(bench: Bench, a: Assembly, gap: float, area: CrossSection, depth: float) -> list[_Way]:
    """The ways one mill can clear an area: rings, and constant engagement where there is room and depth for it."""
    d = a.tool.diameter_mm
    rough = cut_rough(bench, a, depth, d, "slot")
    rough = replace(rough, ae_mm=STEPOVER * d)
    found = [_Way("pocket", a, rough, _seconds_rings(bench, a, rough, area, depth))]
    narrow = 2 * _widest_radius(area) <= SLOT_WIDE * d
    if gap < (SLOT_ROOM * d + 2 * WALL_ALLOWANCE_MM if narrow else ROOM * d) or depth < SHALLOW * d:
        return found
    for share in ADAPTIVE_SHARES:
        try:
            cut = _data(bench, a, depth, share * d)
        except CapabilityError:
            continue
        found.append(_Way("slot" if narrow else "adaptive", a, cut, _seconds_adaptive(bench, a, cut, area, depth)))
    return found


def _data(bench: Bench, a: Assembly, depth: float, ae: float) -> CuttingData:
    """Data of a constant engagement; thinner chips and links may run as fast as the machine feeds."""
    cut = cut_rough(bench, a, depth, ae, "adaptive")
    most = bench.machine.max_feed_mm_min
    rapid = min(x.rapid_mm_min for x in bench.machine.axes if x.name in ("X", "Y"))
    return replace(
        cut, fastest_mm_min=min(THINNER * cut.feed_mm_min, most), link_mm_min=max(min(most, rapid), cut.feed_mm_min)
    )


def _acceleration(bench: Bench) -> float:
    return min(x.acceleration_mm_s2 for x in bench.machine.axes if x.name in ("X", "Y"))


def _levels(depth: float, cut: CuttingData) -> int:
    return max(1, math.ceil(depth / cut.ap_mm - 1e-6))


def _seconds_rings(bench: Bench, a: Assembly, cut: CuttingData, area: CrossSection, depth: float) -> float:
    """Rings at every depth, a ramp down to each, a stop at about every corner."""
    v = cut.feed_mm_min / 60
    lap = area.area() / cut.ae_mm
    corners = 4 * lap / max(_perimeter(area), 1.0)
    ramp = depth / RAMP_SLOPE / (cut.ramp_mm_min / 60)
    return float(_levels(depth, cut) * (lap / v + corners * v / _acceleration(bench)) + ramp + a.tool.diameter_mm / v)


def _seconds_adaptive(bench: Bench, a: Assembly, cut: CuttingData, area: CrossSection, depth: float) -> float:
    """Passes at constant engagement with their links, a change of speed each, and one helix down."""
    v, link = cut.feed_mm_min / 60, cut.link_mm_min / 60
    length = area.area() / cut.ae_mm
    passes = length / max(PASS_RADII * _widest_radius(area), a.tool.diameter_mm / 2)
    level = length / v + LINKS * length / link + passes * (v + link) / (2 * _acceleration(bench))
    return float(_levels(depth, cut) * level + depth / RAMP_SLOPE / (cut.ramp_mm_min / 60))


def _seconds_rest(way: _Way, left: float, rough: Assembly, depth: float) -> float:
    """What a finer mill needs for the corners a wider one leaves: twice the cutting, and a hop for each corner."""
    corner = 0.2 * (rough.tool.diameter_mm / 2) ** 2
    cut = left / way.cut.ae_mm / (way.cut.feed_mm_min / 60)
    return _levels(depth, way.cut) * (2 * cut + left / corner)


def _perimeter(area: CrossSection) -> float:
    total = 0.0
    for loop in area.to_polygons():
        total += sum(math.dist(p, q) for p, q in zip(loop, [*loop[1:], loop[0]], strict=True))
    return total


def _widest_radius(area: CrossSection) -> float:
    """Radius of the largest disc inside an area, to a tenth of it."""
    low, high = 0.0, math.sqrt(area.area())
    while high - low > 0.1 * high:
        mid = (low + high) / 2
        low, high = (low, mid) if offset(area, -mid, 0.05).is_empty() else (mid, high)
    return low


def _reach(area: CrossSection, radius: float) -> CrossSection:
    """What a disc reaches inside an area, an allowance kept."""
    return offset(offset(area, -radius - WALL_ALLOWANCE_MM, 0.01), radius, 0.01)


def _wider(bench: Bench, a: Assembly, gap: float, bottom: float, wall: float) -> list[Assembly]:
    """Mills wider than the corners allow that still pass everywhere, widest first."""
    return sorted(
        (
            m for m in bench.machine.tools
            if m.tool.kind == "end-mill" and m.tool.diameter_mm >= BIGGER * a.tool.diameter_mm
            and m.tool.corner_radius_mm == a.tool.corner_radius_mm == 0.0
            and gap >= ROOM * m.tool.diameter_mm and reaches(bench, m, bottom, wall)
        ),
        key=lambda m: (-m.tool.diameter_mm, m.number),
    )  # fmt: skip


def _to_clear(bench: Bench, f: Pocket | Cutout) -> CrossSection:
    """What the mill has to clear, seen from above, coarsely."""
    area = flatten(f.floor if isinstance(f, Pocket) else f.region, 0.01)
    return area ^ flatten(bench.stock_outline, 0.01)


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

    Beside an outline and an open pocket there is only blank, which the tool may cut; an outline without hollow
    corners takes any tool.
    """
    if isinstance(f, Outline) and math.isinf(f.corner_radius_mm):
        return math.inf
    area = flatten(f.floor if isinstance(f, Pocket) else f.region, 0.01)
    if isinstance(f, Outline):
        area = offset(area, 45.0, 0.01) - area
    if isinstance(f, Pocket) and f.open:
        around = offset(bench.levels.silhouette(), 45.0, 0.01) - bench.levels.above(f.floor_z_mm)
        area = union([a for a in around.decompose() if not (a ^ area).is_empty()])
    area = offset(offset(area, -HAIR_MM), HAIR_MM)  # hairs and crumbs are nobody's narrows
    whole = len(area.decompose())
    low, high = 0.0, max((a.tool.diameter_mm for a in bench.machine.tools if a.tool.kind == "end-mill"), default=1.0)
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
    return bool(offset(rest, -0.2 * radius, 0.01).is_empty())

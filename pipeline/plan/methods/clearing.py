"""Methods for pockets and cut-outs: cleared with an allowance by the quickest way, then lapped on size."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from geometry.regions import flatten, offset, separate, union, widest_radius
from model.errors import CapabilityError
from model.feature import Cutout, Outline, Pocket
from model.finding import Finding
from model.plan import CuttingData, Operation
from model.tooling import Assembly
from pipeline.plan import minutes
from pipeline.plan.bores import moved_point
from pipeline.plan.corners import blunt_radius, sharp_place
from pipeline.plan.methods.common import RINGS, STEPOVER, WALL_ALLOWANCE_MM, asked, operation
from pipeline.plan.tools import Bench, cut_finish, cut_rough, end_mills, pick_mill, reaches
from pipeline.plan.why import restated
from pipeline.plan.workpiece import inverse, spot

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

EASY_GROUPS = "NOW"
"""Light metals, plastics and wood bear conventional cuts in clearing; steel and its like are cut climbing only."""

THINNER = 2.0
"""A thin chip is fed at most this many times as fast."""
HAIR_MM = 0.01
FLOOR_MM = 0.2
"""Left on a floor for its last rings where its finish matters."""
THINNER_MM = 0.1
"""After a mill that cannot do it, the next is at least so much thinner."""
BOTH_SIDES_MM = 2 * WALL_ALLOWANCE_MM + 0.1
"""Beside a mill there is room for the allowance on both walls, and a little."""


@dataclass(frozen=True)
class _Way:
    """One way to clear: a mill, its cutting data, a strategy, the seconds it is reckoned to take."""

    strategy: str
    mill: Assembly
    cut: CuttingData
    seconds: float


class _Opening(NamedTuple):
    """What has to go, seen from above; the narrowest place on the way, and the radius of its largest disc."""

    area: CrossSection
    gap: float
    widest: float


def pocket(bench: Bench, p: Pocket) -> list[Operation]:
    """Clear with an allowance, then lap the walls; the tool fits the tightest corner with a little to spare."""
    return clear_and_lap(bench, p, p.corner_radius_mm, p.top_z_mm, p.floor_z_mm)


def cleared(bench: Bench, c: Cutout) -> list[Operation]:
    """A cut-out milled away whole, a little deeper than the part."""
    return clear_and_lap(bench, c, c.corner_radius_mm, c.top_z_mm, c.bottom_z_mm - bench.through_mm)


def clear_and_lap(bench: Bench, f: Pocket | Cutout, radius: float, top: float, bottom: float) -> list[Operation]:
    """Clear the opening with an allowance, then lap its walls on size with the mill its corners ask for.

    The clearing is what is reckoned quickest: rings, or full depth at constant engagement, by the same mill or by
    a wider one whose leavings the finer mill takes from the corners. What its strategy cannot do is not planned: then
    the next quickest is, and when none is left, a thinner mill.

    Raises:
        CapabilityError: No mill reaches, or none can do it.
    """
    area = _to_clear(bench, f)
    opening = _Opening(area, narrowest(bench, f), widest_radius(area))

    def made(a: Assembly) -> list[Operation]:
        refused: list[CapabilityError] = []
        for way in _all_ways(bench, a, opening, radius, (top, bottom)):
            try:
                return _cleared_by(bench, f, a, way, (radius, opening.gap), (top, bottom))
            except CapabilityError as error:
                refused.append(error)
        raise refused[0]

    return with_corner_mill(bench, f, radius, (top, bottom), opening.gap, made)


def with_corner_mill(
    bench: Bench,
    f: Pocket | Cutout | Outline,
    radius: float,
    heights: tuple[float, float],
    gap: float,
    made: Callable[[Assembly], list[Operation]],
) -> list[Operation]:
    """What ``made`` plans with the mill a feature's corners and its narrowest place ask for, or with a thinner one.

    Raises:
        CapabilityError: No mill fits and reaches; or ``made`` can be done with none: the first one's reason.
    """
    top, bottom = heights
    widest = gap - BOTH_SIDES_MM
    refused: list[CapabilityError] = []
    while True:
        try:
            a = _mill_for_corner(bench, f, radius, bottom, top - bottom, widest)
        except CapabilityError as error:
            raise (refused or [error])[0] from None
        try:
            return made(a)
        except CapabilityError as error:
            refused.append(error)
            widest = a.tool.diameter_mm - THINNER_MM


def _cleared_by(
    bench: Bench, f: Pocket | Cutout, a: Assembly, way: _Way, room: tuple[float, float], heights: tuple[float, float]
) -> list[Operation]:
    """One way to clear, what a wider mill leaves in the corners, and the lap of mill ``a``.

    ``room`` is the radius of the tightest corner and the narrowest place.

    Raises:
        CapabilityError: The way's strategy or the lap's cannot do it, or a mill does not bear its cut.
    """
    top, bottom = heights
    fine = bench.fine_floors and isinstance(f, Pocket) and top - bottom > 2 * FLOOR_MM
    shelf = bottom + FLOOR_MM if fine else bottom
    roughed = partial(operation, bench, feature=f, top=top, bottom=shelf, allowance=WALL_ALLOWANCE_MM)
    made = [asked(roughed("clear", way.strategy, a=way.mill, cut=way.cut), way.mill)]
    if way.mill is not a and _sliver(way.mill, room[0]) > SLIVER_MM:
        thin = _data(bench, a, top - bottom, ADAPTIVE_SHARES[-1] * a.tool.diameter_mm)
        made.append(roughed("rest", "rest_clear", a=a, cut=thin))
    if fine:
        rings = cut_rough(bench, a, FLOOR_MM, STEPOVER * a.tool.diameter_mm, "finish")
        over = operation(bench, "floor", "floor", f, a, rings, shelf, bottom, allowance=WALL_ALLOWANCE_MM)
        made.append(asked(over, a))
    lap = cut_finish(bench, a, top - bottom, WALL_ALLOWANCE_MM, *room)
    return [*made, asked(operation(bench, "wall", "wall", f, a, lap, top, bottom), a)]


def _all_ways(bench: Bench, a: Assembly, opening: _Opening, radius: float, heights: tuple[float, float]) -> list[_Way]:
    """The ways to clear before a lap with mill ``a``, by it or by a wider one, the quickest first."""
    top, bottom = heights
    depth = top - bottom
    own = _ways(bench, a, opening, depth)
    found = list(own)
    for mill in _wider(bench, a, opening.gap, bottom, depth):
        again = bench.machine.tool_change_s
        if _sliver(mill, radius) > SLIVER_MM:
            left = opening.area.area() - _reach(opening.area, mill.tool.diameter_mm / 2).area()
            again += min(_seconds_rest(w, left, mill, depth) for w in own)
        with suppress(CapabilityError):
            found += [replace(w, seconds=w.seconds + again) for w in _ways(bench, mill, opening, depth)]
    return sorted(found, key=lambda w: w.seconds)


def _sliver(mill: Assembly, corner_radius: float) -> float:
    """Thickness a mill leaves in square corners rounded by ``corner_radius``, beyond the allowance."""
    return (math.sqrt(2) - 1) * max(0.0, mill.tool.diameter_mm / 2 + WALL_ALLOWANCE_MM - corner_radius)


def _ways(bench: Bench, a: Assembly, opening: _Opening, depth: float) -> list[_Way]:
    """The ways one mill can clear an area: rings, and constant engagement where there is room and depth for it."""
    d = a.tool.diameter_mm
    rough = cut_rough(bench, a, depth, d, "slot")
    rough = restated(rough, RINGS, ae_mm=STEPOVER * d, link_mm_min=bench.link_mm_min)
    found = [_Way("pocket", a, rough, minutes.rings(bench.machine, a, rough, opening.area, depth))]
    narrow = 2 * opening.widest <= SLOT_WIDE * d
    if opening.gap < (SLOT_ROOM * d + 2 * WALL_ALLOWANCE_MM if narrow else ROOM * d) or depth < SHALLOW * d:
        return found
    for share in ADAPTIVE_SHARES:
        try:
            cut = _data(bench, a, depth, share * d)
        except CapabilityError:
            continue
        took = minutes.engaged(bench.machine, a, cut, opening.area, depth, opening.widest)
        found.append(_Way("slot" if narrow else "adaptive", a, cut, took))
    return found


def _data(bench: Bench, a: Assembly, depth: float, ae: float) -> CuttingData:
    """Data of a constant engagement; thinner chips and links may run as fast as the machine feeds."""
    cut = cut_rough(bench, a, depth, ae, "adaptive")
    most = bench.machine.max_feed_mm_min
    rapid = min(x.rapid_mm_min for x in bench.machine.axes if x.name in ("X", "Y"))
    told = (
        f"thinner chips up to {THINNER:g} of the feed, links through cleared space as fast as {bench.machine.id} goes"
    )
    cut = restated(
        cut, told, fastest_mm_min=min(THINNER * cut.feed_mm_min, most),
        link_mm_min=max(min(most, rapid), cut.feed_mm_min),
    )  # fmt: skip
    return replace(cut, both_ways=bench.material.iso_group in EASY_GROUPS)


def _seconds_rest(way: _Way, left: float, rough: Assembly, depth: float) -> float:
    """What a finer mill needs for the corners a wider one leaves: twice the cutting, and a hop for each corner."""
    corner = 0.2 * (rough.tool.diameter_mm / 2) ** 2
    cut = left / way.cut.ae_mm / (way.cut.feed_mm_min / 60)
    return minutes.levels(depth, way.cut.ap_mm) * (2 * cut + left / corner)


def _reach(area: CrossSection, radius: float) -> CrossSection:
    """What a disc reaches inside an area, an allowance kept."""
    return offset(offset(area, -radius - WALL_ALLOWANCE_MM, 0.01), radius, 0.01)


def _wider(bench: Bench, a: Assembly, gap: float, bottom: float, wall: float) -> list[Assembly]:
    """Mills wider than the corners allow that still pass everywhere, widest first."""
    return sorted(
        (
            m for m in end_mills(bench.machine)
            if m.tool.diameter_mm >= BIGGER * a.tool.diameter_mm
            and gap >= ROOM * m.tool.diameter_mm and reaches(bench, m, bottom, wall)
        ),
        key=lambda m: (-m.tool.diameter_mm, m.number),
    )  # fmt: skip


def _to_clear(bench: Bench, f: Pocket | Cutout) -> CrossSection:
    """What the mill has to clear, seen from above, coarsely."""
    area = flatten(f.floor if isinstance(f, Pocket) else f.region, 0.01)
    return area ^ flatten(bench.stock_outline, 0.01)


def _swept(f: Pocket | Cutout | Outline) -> CrossSection | None:
    """Where the mill's axis stays: over a closed pocket's floor, else anywhere."""
    return flatten(f.floor, 0.01) if isinstance(f, Pocket) and not f.open else None


def _mill_for_corner(
    bench: Bench, f: Pocket | Cutout | Outline, radius: float, bottom: float, wall: float, gap: float
) -> Assembly:
    """The widest mill that leaves every corner exact; with sharp corners the finest, and what stays is listed."""
    swept = _swept(f)
    radius = radius or blunt_radius(f, bench.levels)
    if radius > 0.05:
        easy = min(1.7 * radius, 0.9 * gap)
        try:
            return pick_mill(bench, widest_mm=easy, bottom_mm=bottom, wall_mm=wall, place=f.id, swept=swept)
        except CapabilityError:
            just = min(2 * radius, gap)
            return pick_mill(bench, widest_mm=just, bottom_mm=bottom, wall_mm=wall, place=f.id, swept=swept)
    mills = sorted(end_mills(bench.machine), key=lambda a: (a.tool.diameter_mm, a.number))
    for a in mills:
        d = a.tool.diameter_mm
        if d <= gap and reaches(bench, a, bottom, wall, swept):
            left = (math.sqrt(2) - 1) * d / 2
            at = spot(moved_point(inverse(bench.to_setup), (*sharp_place(f), f.top_z_mm)), bench.zero_mm)
            bench.unreachable.append(
                Finding(
                    "plan.sharp-corner",
                    f"{f.id}: sharp inner corners, as at {at}, keep up to {left:.2f} mm (radius {d / 2:g} mm)",
                    place=f"{f.id} at {at}",
                    value=round(left, 4),
                    limit=0.05,
                    severity="note",
                    hint=f"Round the corner with a radius of {d / 2:g} mm or more, or file it by hand.",
                )
            )
            return a
    return pick_mill(bench, widest_mm=gap, bottom_mm=bottom, wall_mm=wall, place=f.id, swept=swept)


def narrowest(bench: Bench, f: Pocket | Cutout | Outline) -> float:
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
        part = bench.levels.silhouette()
        around = union([area, offset(part, 45.0, 0.01) - part])  # not what else opens to the side
        area = union([a for a in separate(around) if not (a ^ area).is_empty()])
    area = offset(offset(area, -HAIR_MM), HAIR_MM)  # hairs and crumbs are nobody's narrows
    whole = len(separate(area))
    low, high = 0.0, max((a.tool.diameter_mm for a in end_mills(bench.machine)), default=1.0)
    while high - low > 0.002:
        mid = (low + high) / 2
        shrunk = offset(area, -mid, 0.01)
        if not shrunk.is_empty() and len(separate(shrunk)) == whole and _reaches(area, shrunk, mid):
            low = mid
        else:
            high = mid
    return 2 * low


def _reaches(area: CrossSection, shrunk: CrossSection, radius: float) -> bool:
    """True when grown back the shrunk area still covers all but the corners."""
    rest = area - offset(shrunk, radius + 0.02, 0.01)
    return bool(offset(rest, -0.2 * radius, 0.01).is_empty())

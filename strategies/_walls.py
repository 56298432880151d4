"""Following walls exactly: closed contours with the free side on the left, joined and left on tangent arcs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import acos, cos, sin
from typing import TYPE_CHECKING

from geometry.regions import fit, flatten, offset
from geometry.solids import signed_area
from model.plan import CuttingData, Operation
from model.region import Contour, Point, Region, Segment
from model.toolpath import Move
from strategies._paths import (
    SPRING_MM,
    along_wall,
    direction,
    enter,
    from_length,
    leave,
    length,
    move,
    perimeter,
    split,
)

if TYPE_CHECKING:
    from manifold3d import CrossSection

LEADS = (0.5, 0.35, 0.2, 0.1)
"""Radii of the lead arcs tried, in cutter diameters."""

STRAIGHT_OVER_D = 0.5
"""The straight before the lead arc on which the control takes up its wear compensation, in cutter diameters."""

MOST_STARTS = 24

OVERLAP_MM = 1.5
"""A finishing lap runs this far past its start, so that no mark stays there."""


@dataclass(frozen=True, slots=True)
class Lap:
    """A whole lap along a wall: from ``begin`` by ``into`` onto the ``contour``, ``over`` its start, and ``off``.

    ``straight``: ``into`` begins and ``off`` ends with a straight piece, as wear compensation needs it.
    """

    begin: Point
    into: tuple[Segment, ...]
    contour: Contour
    over: tuple[Segment, ...]
    off: tuple[Segment, ...]
    straight: bool = False

    def moves(self, z_mm: float, cut: CuttingData, reach_mm: float) -> list[Move]:
        """The lap's moves at one height, twice round where the tool bends; the wall is ``reach_mm`` from the path.

        Compensation comes on with the first, straight move and goes off with the last, straight one.
        """
        feed, laps = cut.feed_mm_min, 2 if cut.deflection_mm > SPRING_MM else 1
        round_once = along_wall(self.contour.start, self.contour.segments, z_mm, feed, reach_mm, cut.ae_mm)
        out = [
            *(move(s, z_mm, feed, "lead-in") for s in self.into),
            *(m for _ in range(laps) for m in round_once),
            *along_wall(self.contour.start, self.over, z_mm, feed, reach_mm, cut.ae_mm),
            *(move(s, z_mm, feed, "lead-out") for s in self.off),
        ]
        return [replace(m, compensated=True) for m in out[:-1]] + [out[-1]] if self.straight else out


def down(lap: Lap, heights: Sequence[float], operation: Operation, reach_mm: float) -> list[Move]:
    """Lap under lap, then up and away; led off the wall, the tool stays down on its way to the next lap.

    Down it goes through what roughing cleared, no faster than it would cut what might be left there.
    """
    cut = operation.cutting
    moves: list[Move] = []
    for z in heights:
        if moves and lap.into:
            moves.append(Move("line", *lap.begin, moves[-1].z_mm, cut.feed_mm_min, "link"))
            moves.append(Move("line", *lap.begin, z, cut.feed_mm_min, "approach"))
        else:
            moves += [leave(moves[-1], operation.clearance_z_mm)] if moves else []
            moves += enter(*lap.begin, operation.clearance_z_mm, z, cut.feed_mm_min)
        moves += lap.moves(z, cut, reach_mm)
    return [*moves, leave(moves[-1], operation.clearance_z_mm)]


def contours(free: CrossSection) -> list[Contour]:
    """The boundary of where the tool's centre may be, longest loops first, the free side on the left."""
    return sorted(fit(free).contours, key=lambda c: (signed_area(c) < 0, -round(perimeter(c), 6), c.start))


def outside(wall: CrossSection, distance_mm: float) -> list[Contour]:
    """Loops ``distance_mm`` around the outside of material, clockwise (climb milling with a right-hand spindle)."""
    from geometry.solids import reversed_contour

    return [reversed_contour(c) for c in fit(offset(wall, distance_mm)).contours if signed_area(c) > 0]


def led(
    contour: Contour,
    free: CrossSection | None,
    diameter_mm: float,
    shun: Callable[[Point], bool] = lambda _: False,
    *,
    aside_mm: float | None = None,
    compensated: bool = False,
) -> Lap:
    """Where to join a wall and how: a tangent arc on the left, for compensation with a straight before it.

    ``free`` is where the tool's centre may be (None: anywhere). ``shun`` tells places where the tool must not
    go down. ``aside_mm``: the lap begins and ends at most this far beside the wall, in the slot roughing left;
    the arc is then flat instead of a quarter. Where no lead fits the lap starts and ends on the wall.
    """
    starts = [from_length(contour, at) for at in _starts(contour)]
    straight = STRAIGHT_OVER_D * diameter_mm if compensated else 0.0
    for share in LEADS:
        r = share * diameter_mm
        for candidate in starts:
            lap = _lap(candidate, r, straight, r if aside_mm is None or compensated else min(r, aside_mm))
            last = lap.off[-1]
            apart = not any(shun(p) for p in (lap.begin, candidate.start, (last.x_mm, last.y_mm)))
            if apart and (free is None or _fits(lap, free)):
                return lap
    candidate = next((c for c in starts if not shun(c.start)), contour)
    return Lap(candidate.start, (), candidate, _over(candidate), ())


def _starts(contour: Contour) -> list[float]:
    """Middles of the segments, straight and long ones first, then their quarters, as lengths from the start."""
    spots: list[tuple[int, int, float, float]] = []
    total, at = 0.0, contour.start
    for s in contour.segments:
        size = length(at, s)
        spots += [(abs(s.turn), k, -round(size, 6), total + share * size) for k, share in enumerate((0.5, 0.25, 0.75))]
        total += size
        at = (s.x_mm, s.y_mm)
    return [where for *_, where in sorted(spots)[:MOST_STARTS]]


def _lap(contour: Contour, r: float, straight: float, aside: float) -> Lap:
    """Lead arcs of radius r on the left, sweeping until they are ``aside`` from the wall (r: a quarter turn)."""
    over = _over(contour)
    last = over[-1]
    before = over[-2] if len(over) > 1 else None
    from_ = contour.start if before is None else (before.x_mm, before.y_mm)
    turn = acos(max(0.0, 1 - aside / r))
    centre, begin, way = _joint(contour.start, direction(contour.start, contour.segments[0]), r, -turn)
    into = [Segment(*contour.start, 1, *centre)]
    leave_at = (last.x_mm, last.y_mm)
    centre, end, out = _joint(leave_at, direction(from_, last, at_end=True), r, turn)
    off = [Segment(*end, 1, *centre)]
    if straight:
        into.insert(0, Segment(*begin))
        begin = (begin[0] - straight * way[0], begin[1] - straight * way[1])
        off.append(Segment(end[0] + straight * out[0], end[1] + straight * out[1]))
    return Lap(begin, tuple(into), contour, over, tuple(off), straight > 0)


def _joint(at: Point, along: Point, r: float, turn: float) -> tuple[Point, Point, Point]:
    """Of an arc of radius r on the left, tangent at a point: its centre, its point a ``turn`` on, the way there."""
    cx, cy = at[0] - r * along[1], at[1] + r * along[0]
    c, s = cos(turn), sin(turn)
    x, y = (at[0] - cx) * c - (at[1] - cy) * s, (at[0] - cx) * s + (at[1] - cy) * c
    return (cx, cy), (cx + x, cy + y), (along[0] * c - along[1] * s, along[0] * s + along[1] * c)


def _over(contour: Contour) -> tuple[Segment, ...]:
    """The first stretch of a contour again."""
    left = min(OVERLAP_MM, perimeter(contour) / 4)
    out: list[Segment] = []
    at = contour.start
    for s in contour.segments:
        here = length(at, s)
        if here > left + 1e-3:
            return (*out, split(at, s, left)[0])
        out.append(s)
        left -= here
        at = (s.x_mm, s.y_mm)
        if left < 1e-3:
            break
    return tuple(out)


def _fits(lap: Lap, free: CrossSection) -> bool:
    """True when both leads stay where the centre may be (checked on the fat hull between them)."""
    loop = Region((Contour((*lap.into, *lap.over, *lap.off, Segment(*lap.begin))),))
    return bool((flatten(loop, 0.002) - offset(free, 0.003)).area() < 1e-4)

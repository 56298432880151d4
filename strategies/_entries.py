"""Ways down into a level: a drilled hole, beside the stock, a helix, a ramp."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from geometry.planefield import value
from geometry.regions import offset, separate
from model.region import Point
from strategies._level import Leg, Table
from strategies._march import EVERYWHERE_MM, Floats, clear, fronts, untouched
from strategies._pieces import pieces

if TYPE_CHECKING:
    from manifold3d import CrossSection

WIDE_HELIX, HELIX, NARROW_HELIX = 0.75, 0.3, 0.08
"""Widest helix, in cutter radii: the cutter must overlap its own middle; the narrowest before a ramp, and at all."""

SHORTEST_RAMP, LONGEST_RAMP = 1.0, 2.5
"""Length of a straight ramp there and back, in cutter radii."""

DIRECTIONS = 36

HOLE, WIDER = 0.1, 1.14
"""Drilled holes are so much wider than the cutter, in radii; each turn in them is so much wider than the last."""

ASIDE = 0.1
"""The cutter comes down so far beside the stock, in cutter radii."""


def enter(t: Table, area: CrossSection, holes: tuple[Point, ...]) -> bool:
    """Go down by the first way there is: a hole drilled before, beside the stock, a helix, a ramp; False for none."""
    for x, y in holes:
        if value(t.room, t.n, x, y) >= 0:
            t.legs.append(Leg("hole", np.array([[x, y]])))
            _open_up(t, x, y)
            return True
    beside = _beside(t)
    if beside is not None:
        t.legs.append(Leg("outside", np.array([beside[:2]])))
        t.pose = beside
        return True
    x, y, room = _widest(area)
    r = t.n[3]
    ends = _longest(t, x, y)
    ramped = math.dist(ends[0], ends[1]) >= SHORTEST_RAMP * r
    if room >= (HELIX if ramped else NARROW_HELIX) * r:
        radius = min(WIDE_HELIX * r, room)
        t.legs.append(Leg("helix", np.array([[x, y]]), radius))
        ring(t, x, y, radius)
        t.pose = np.array([x + radius, y, math.pi / 2])
        return True
    if not ramped:
        return False
    t.legs.append(Leg("ramp", ends))
    clear(t.stock, t.goal, t.n, ends[0, 0], ends[0, 1], ends[1, 0], ends[1, 1], True)  # noqa: FBT003
    along = ends[1] - ends[0]
    t.pose = np.array([*ends[1], math.atan2(along[1], along[0])])
    return True


def _longest(t: Table, x: float, y: float) -> Floats:
    """Ends of the longest straight through a point on which the cutter's centre may be, no longer than a ramp needs."""
    best = np.array([[x, y], [x, y]])
    step = t.n[4]
    for k in range(DIRECTIONS):
        way = np.array([math.cos(math.pi * k / DIRECTIONS), math.sin(math.pi * k / DIRECTIONS)])
        ends = []
        for side in (-1.0, 1.0):
            far = 0.0
            while (
                far + step <= LONGEST_RAMP / 2 * t.n[3]
                and value(t.room, t.n, *(np.array([x, y]) + side * (far + step) * way)) >= 0
            ):
                far += step
            ends.append(np.array([x, y]) + side * far * way)
        if math.dist(ends[0], ends[1]) > math.dist(best[0], best[1]) + 1e-6:
            best = np.array(ends)
    return best


def _beside(t: Table) -> Floats | None:
    """A pose beside the stock with the front on the right, the first along the front; None when all is solid."""
    found = np.empty((20000, 7))
    count = fronts(t.stock, t.room, t.goal, t.n, found, t.n[0], t.n[1], EVERYWHERE_MM)
    for row in found[:count]:
        x, y = row[2] - ASIDE * t.n[3] * math.sin(row[4]), row[3] + ASIDE * t.n[3] * math.cos(row[4])
        if value(t.room, t.n, x, y) >= 0 and untouched(t.stock, t.n, x, y, 0.0):
            return np.array([x, y, row[4]])
    return None


def ring(t: Table, x: float, y: float, radius: float) -> None:
    """Take out what a circle of the centre sweeps."""
    count = 96
    at = [(x + radius * math.cos(math.tau * k / count), y + radius * math.sin(math.tau * k / count)) for k in range(97)]
    for (xa, ya), (xb, yb) in pairwise(at):
        clear(t.stock, t.goal, t.n, xa, ya, xb, yb, True)  # noqa: FBT003


def _open_up(t: Table, x: float, y: float) -> None:
    """Widen a drilled hole by a spiral to the width a helix would have made.

    From a hole a tenth wider than the cutter on, such turns meet less than 45 degrees of the rim:
    cos = ((r + g)^2 - r^2 - G^2) / (2 G r) for a turn at G after one at g.
    """
    r = t.n[3]
    ring(t, x, y, HOLE * r)
    a = np.arange(0.0, 15.0 * math.tau, math.tau / 36)
    grow = np.minimum(HOLE * r * WIDER ** (a / math.tau), 0.6 * r)
    grow[0] = 0.0
    points = np.column_stack([x + grow * np.cos(a), y + grow * np.sin(a), a + math.pi / 2])
    for p, q in pairwise(points):
        clear(t.stock, t.goal, t.n, p[0], p[1], q[0], q[1], True)  # noqa: FBT003
    t.legs.append(Leg("cut", pieces(points, r)))
    t.pose = points[-1]


def _widest(area: CrossSection) -> tuple[float, float, float]:
    """Centre and radius of (nearly) the largest disc inside an area."""
    x0, y0, x1, y1 = (float(v) for v in area.bounds())
    low, high, kept = 0.0, min(x1 - x0, y1 - y0) / 2 + 0.01, area
    while high - low > 0.02:
        mid = (low + high) / 2
        shrunk = offset(area, -mid, 0.02)
        if shrunk.is_empty():
            high = mid
        else:
            low, kept = mid, shrunk
    piece = max(separate(kept), key=lambda a: (round(a.area(), 9), tuple(round(float(v), 6) for v in a.bounds())))
    corners = np.asarray(piece.to_polygons()[0])
    x, y = (float(v) for v in corners.mean(axis=0))
    return x, y, max(low - 0.03, 0.0)

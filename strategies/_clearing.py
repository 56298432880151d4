"""Plans how one cutter clears one level at constant engagement: entries, cuts and the ways between them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from geometry.planefield import signed_distance, value
from geometry.regions import offset
from model.errors import CapabilityError
from model.region import Point
from strategies._links import around, smooth
from strategies._march import Mask, clear, fronts, march, untouched

if TYPE_CHECKING:
    from manifold3d import CrossSection

Floats = NDArray[np.float64]

NODES_A_RADIUS = 50
MOST_NODES = 6_000_000
STEPS_A_RADIUS = 25
SKIN = 0.0082
"""Stock thinner than this share of the width of cut does not count as engagement: the tool grazes and bends by more."""

HELD_BACK_RAD = 0.045
"""Cuts are steered to so much less than the angle allowed, for the skin that is not counted and for refitted arcs."""

EASED_RAD = (1.3, 1.7, math.pi)
"""Stock no cut within the angle can start at is taken at these, fed so slowly that no more is removed a minute."""

SLIVER_MM = 0.05
"""Stock nowhere thicker than twice this is left to the wall's lap."""

CRUMBS = 0.1
"""What may stay for the lap in all, in squares of the radius: no more than a lap meets in passing."""

GRAZE_RAD = 0.1
"""Looking upstream along a front, the cutter may touch the stock by this angle."""

WIDE_HELIX = 0.75
"""Widest helix, in cutter radii: the cutter must overlap its own middle."""

SHORTEST_RAMP, LONGEST_RAMP = 1.0, 2.5
"""Length of a straight ramp there and back, in cutter radii."""

DIRECTIONS = 36

WIDER = 1.14
"""Each turn of the spiral that widens a drilled hole is so much wider than the one before."""


@dataclass(frozen=True, slots=True)
class Cutter:
    """The cutter's radius and the largest angle (rad) of its rim in stock.

    ``tightest`` is the smallest radius of the centre's path when turning into stock, ``helix`` the narrowest helix
    down, both in cutter radii.
    """

    radius_mm: float
    most_rad: float
    tightest: float = 0.25
    helix: float = 0.3


@dataclass(frozen=True, slots=True)
class Ground:
    """What one level asks: where the cutter's centre may be, what stands, and what has to go."""

    free: CrossSection
    stock: CrossSection
    goal: CrossSection


@dataclass(frozen=True, slots=True)
class Pace:
    """What links are judged by: speeds (mm/s), acceleration (mm/s2), and the height of a hop over the work (mm)."""

    link_mm_s: float
    accel_mm_s2: float
    hop_mm: float


@dataclass(frozen=True, slots=True)
class Leg:
    """One piece of a level's path, in plan.

    "hole", "outside" and "helix" go down at the first point, a helix with its radius; "ramp" goes down to and fro
    between two points and ends at the second; "cut" follows ``points``
    (x, y, heading, engagement in rad); "turns" are two arcs (centre x, y, radius, first angle, turn) and the
    straight between; "corners" are straight; "hop" goes over the work to the first point.
    """

    kind: Literal["hole", "outside", "helix", "ramp", "cut", "turns", "corners", "hop"]
    points: Floats
    radius_mm: float = 0.0


@dataclass(slots=True)
class _Table:
    """The fields of one level and where the cutter is."""

    n: Floats
    stock: Floats
    room: Floats
    goal: Mask
    free: Mask
    coarse: float
    legs: list[Leg] = field(default_factory=list)
    pose: Floats | None = None


def clearing(ground: Ground, cutter: Cutter, holes: tuple[Point, ...], pace: Pace, place: str) -> tuple[Leg, ...]:
    """Every leg of one level, connected area after connected area, with nothing left of the goal.

    The rim's angle in stock stays within the cutter's in all cuts, entries and eased cuts excepted.

    Raises:
        CapabilityError: An area has no way down, or stock in it lets no cut start; ``place`` is named.
    """
    radius = cutter.radius_mm
    legs: list[Leg] = []
    for area in sorted(ground.free.decompose(), key=lambda a: tuple(round(float(v), 4) for v in a.bounds())):
        goal = ground.goal ^ offset(area, radius)
        if offset(goal, -SLIVER_MM).is_empty():
            continue
        table = _table(Ground(area, ground.stock, goal), cutter)
        if not _enter(table, area, holes, cutter.helix):
            msg = (f"{place}: no way down into {_where(goal)} for the {2 * radius:g} mm tool: "
                   "no drilled hole, no open side, no room for a helix or a ramp")  # fmt: skip
            raise CapabilityError(
                "strategy.no-entry", msg, place=place, hint="Drill a hole first, or use a thinner tool."
            )
        wanted = table.goal.copy()
        most = cutter.most_rad
        for cap in (most - HELD_BACK_RAD, *(e for e in EASED_RAD if e > most)):
            table.goal = _left(table, wanted)
            if not table.goal.any():
                break
            _cut_all(table, cap, pace)
        if (left := _left(table, wanted)).any():
            j, i = (float(v.mean()) for v in np.nonzero(left))
            n = table.n
            x, y, size = n[0] + i * n[2], n[1] + j * n[2], float(left.sum()) * n[2] ** 2
            if size > CRUMBS * radius**2:
                msg = f"{place}: {size:.2f} mm2 near X{x:.1f} Y{y:.1f} cannot be cut by the {2 * radius:g} mm tool"
                raise CapabilityError("strategy.stock-left", msg, place=place, hint="Use a thinner tool.")
        legs += table.legs
    return tuple(legs)


def _where(area: CrossSection) -> str:
    x0, y0, x1, y1 = (float(v) for v in area.bounds())
    return f"the {x1 - x0:.1f} x {y1 - y0:.1f} mm around X{(x0 + x1) / 2:.1f} Y{(y0 + y1) / 2:.1f}"


def _left(t: _Table, wanted: Mask) -> Mask:
    """Nodes wanted and still standing, where more than a sliver of them stands together."""
    stands = (wanted > 0) & (t.stock > t.n[3] + t.n[5])
    core = stands.copy()
    for axis in (0, 1):
        for by in range(1, max(1, round(SLIVER_MM / t.n[2])) + 1):
            core &= np.roll(stands, by, axis) & np.roll(stands, -by, axis)
    return stands.astype(np.uint8) if core.any() else np.zeros_like(wanted)


def _table(ground: Ground, cutter: Cutter) -> _Table:
    radius = cutter.radius_mm
    x0, y0, x1, y1 = (float(v) for v in ground.free.bounds())
    pad = radius * 1.2
    wide, deep = x1 - x0 + 2 * pad, y1 - y0 + 2 * pad
    h = max(radius / NODES_A_RADIUS, math.sqrt(wide * deep / MOST_NODES))
    shape = (math.ceil(deep / h) + 2, math.ceil(wide / h) + 2)
    grid = np.array([x0 - pad, y0 - pad, h])
    step = radius / STEPS_A_RADIUS
    n = np.array(
        [
            *grid,
            radius,
            step,
            SKIN * math.sqrt(1 - math.cos(cutter.most_rad)) * radius,
            step / (cutter.tightest * radius),
            0.6,
            0.6 * radius,
        ]
    )
    stock = radius + signed_distance(ground.stock, grid, shape, radius)
    room = signed_distance(ground.free, grid, shape, radius)
    goal = (signed_distance(ground.goal, grid, shape, 3 * h) > 0).astype(np.uint8)
    coarse = radius / 8
    free = np.zeros((math.ceil(deep / coarse) + 1, math.ceil(wide / coarse) + 1), dtype=np.uint8)
    return _Table(n, stock, room, goal, free, coarse)


def _enter(t: _Table, area: CrossSection, holes: tuple[Point, ...], narrowest: float) -> bool:
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
    x, y, room = widest(area)
    radius = min(WIDE_HELIX * t.n[3], room)
    if radius >= narrowest * t.n[3]:
        t.legs.append(Leg("helix", np.array([[x, y]]), radius))
        _ring(t, x, y, radius)
        t.pose = np.array([x + radius, y, math.pi / 2])
        return True
    ends = _longest(t, x, y)
    if math.dist(ends[0], ends[1]) < SHORTEST_RAMP * t.n[3]:
        return False
    t.legs.append(Leg("ramp", ends))
    clear(t.stock, t.n, ends[0, 0], ends[0, 1], ends[1, 0], ends[1, 1], True)  # noqa: FBT003
    along = ends[1] - ends[0]
    t.pose = np.array([*ends[1], math.atan2(along[1], along[0])])
    return True


def _longest(t: _Table, x: float, y: float) -> Floats:
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


def _beside(t: _Table) -> Floats | None:
    """A pose beside the stock with the front on the right, the first along the front; None when all is solid."""
    found = np.empty((20000, 7))
    count = fronts(t.stock, t.room, t.goal, t.n, found)
    for row in found[:count]:
        if untouched(t.stock, t.n, row[2], row[3], 0.0):
            return np.array([row[2], row[3], row[4]])
    return None


def _ring(t: _Table, x: float, y: float, radius: float) -> None:
    """Take out what a circle of the centre sweeps."""
    count = 96
    at = [(x + radius * math.cos(math.tau * k / count), y + radius * math.sin(math.tau * k / count)) for k in range(97)]
    for (xa, ya), (xb, yb) in pairwise(at):
        clear(t.stock, t.n, xa, ya, xb, yb, True)  # noqa: FBT003


def _open_up(t: _Table, x: float, y: float) -> None:
    """Widen a drilled hole by a spiral to the width a helix would have made.

    From a hole a tenth wider than the cutter on, such turns meet less than 45 degrees of the rim:
    cos = ((r + g)^2 - r^2 - G^2) / (2 G r) for a turn at G after one at g.
    """
    r = t.n[3]
    clear(t.stock, t.n, x, y, x, y, True)  # noqa: FBT003
    a = np.arange(0.0, 15.0 * math.tau, math.tau / 36)
    grow = np.minimum(0.1 * r * WIDER ** (a / math.tau), 0.6 * r)
    grow[0] = 0.0
    points = np.column_stack(
        [x + grow * np.cos(a), y + grow * np.sin(a), a + math.pi / 2, np.full(len(a), math.pi / 4)]
    )
    for p, q in pairwise(points):
        clear(t.stock, t.n, p[0], p[1], q[0], q[1], True)  # noqa: FBT003
    t.legs.append(Leg("cut", points))
    t.pose = points[-1, :3].copy()


def widest(area: CrossSection) -> tuple[float, float, float]:
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
    piece = max(kept.decompose(), key=lambda a: (round(a.area(), 9), tuple(round(float(v), 6) for v in a.bounds())))
    corners = np.asarray(piece.to_polygons()[0])
    x, y = (float(v) for v in corners.mean(axis=0))
    return x, y, max(low - 0.03, 0.0)


def _cut_all(t: _Table, most: float, pace: Pace) -> None:
    """Cut after cut, each from the nearest front's upstream end, until nothing that can be reached stands."""
    if t.pose is None:
        return
    rows = np.empty((400_000, 4))
    back = np.empty((2500, 4))
    found = np.empty((60_000, 7))
    ringed = t.legs[-1].kind == "helix" or (t.legs[0].kind == "hole" and len(t.legs) == 2)
    start = np.array([*t.pose, -1.0, -1.0]) if ringed else _next_start(t, back, found)
    while start is not None:
        link = _link(t, t.pose, start, pace)
        kept = march(t.stock, t.room, t.n, start[0], start[1], start[2], most, 1.0, rows)
        if kept > 2:
            t.legs += link
            t.legs.append(Leg("cut", rows[:kept].copy()))
            t.pose = rows[kept - 1, :3].copy()
        _give_up(t, start)
        start = _next_start(t, back, found)


def _next_start(t: _Table, back: Floats, found: Floats) -> Floats | None:
    """Where the next cut begins: the upstream end of the front nearest to the cutter."""
    count = fronts(t.stock, t.room, t.goal, t.n, found)
    if count == 0 or t.pose is None:
        return None
    here = found[:count]
    gaps = np.round(np.hypot(here[:, 2] - t.pose[0], here[:, 3] - t.pose[1]), 6)
    row = here[int(np.argmin(gaps))]
    kept = march(t.stock, t.room, t.n, row[2], row[3], row[4] + math.pi, GRAZE_RAD, -1.0, back)
    end = back[kept - 1]
    return np.array([end[0], end[1], end[2] + math.pi, row[5], row[6]])


def _give_up(t: _Table, start: Floats) -> None:
    """Stop asking for stock that the cut begun for its sake has not taken away."""
    j, i = int(start[3]), int(start[4])
    if j < 0 or t.stock[j, i] <= t.n[3] + t.n[5]:
        return
    reach = max(2, round(0.1 * t.n[3] / t.n[2]))
    t.goal[max(0, j - reach) : j + reach + 1, max(0, i - reach) : i + reach + 1] = 0


def _link(t: _Table, a: Floats, b: Floats, pace: Pace) -> list[Leg]:
    """From one pose to another: not at all, by two turns, by corners, or over the work when that is quicker."""
    gap = math.hypot(b[0] - a[0], b[1] - a[1])
    if gap < 1e-6 and abs(math.remainder(a[2] - b[2], math.tau)) < 1e-6:
        return []
    hop = [Leg("hop", np.array([b[:2]]))]
    longest = gap + pace.hop_mm * 2 + 20.0
    turns = np.empty((2, 5))
    if smooth(t.stock, t.room, t.n, a[:3], b[:3], pace.link_mm_s, pace.accel_mm_s2, turns):
        return [Leg("turns", turns)]
    corners = around(t.stock, t.room, t.n, t.free, t.coarse, a[:2], b[:2], longest)
    return [Leg("corners", corners)] if len(corners) else hop

"""Plans how one cutter clears one level at constant engagement: entries, cuts and the ways between them."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from geometry.regions import offset, separate
from model.errors import CapabilityError
from model.region import Point
from strategies._entries import ASIDE, HOLE, enter, ring
from strategies._level import STEPS_A_RADIUS, Cutter, Ground, Leg, Pace, Table, lay_out
from strategies._links import around, passable, smooth, straight
from strategies._march import EVERYWHERE_MM, SHORTEST_CUT, Floats, Mask, clear, fronts, march, untouched
from strategies._pieces import feel, pieces, turned
from strategies._slotting import before_stock, plough, steps, way_in

if TYPE_CHECKING:
    from manifold3d import CrossSection

HELD_BACK = 0.58
"""The skin that is not counted hides an angle asin(skin / step) of every cut; measured, this share of it counts."""

SLIVER_MM, FILM_MM = 0.05, 0.03
"""Stock nowhere thicker than twice the first is left to the wall's lap; even cuts are tried down to the second.
What stands where no lap passes is gone over, however thin."""

SKINS = 1.2
"""Stock this many skins deep and more is seen where no lap passes."""

CRUMBS = 0.1
"""What may stay for the lap in all, in squares of the radius: no more than a lap meets in passing."""

GRAZE_RAD = 0.05
"""Looking upstream along a front, the cutter may touch the stock by this angle."""

WORTH_RAD = (0.25, 0.15)
"""A cut goes on for such an angle; at last, for what was left, for less."""

FULL = 0.6
"""Before the cuts along the walls, cuts go on for such a share of the angle meant: thin horns at walls wait."""

FAR = 4.0
"""A front so many times its length away waits for the cuts along the walls: they pass by it."""

NEARBY = 5.0
"""Fronts are looked for so far around the cutter first, in cutter radii."""

SPOT, HORN = 0.1, 0.5
"""Stock a cut did not take is not asked for again so far around, in cutter radii; of thin horns, so far."""

BRUSH = 0.02
"""Coming down, the cutter may brush what is no further off than this, in cutter radii."""

NEAR = 0.1
"""A cut that would begin so near, in cutter radii, begins where the cutter is."""

STOP_S = 0.1
"""What a sharp corner between a cut and a straight link costs in time."""


def clearing(ground: Ground, cutter: Cutter, holes: tuple[Point, ...], pace: Pace, place: str) -> tuple[Leg, ...]:
    """Every leg of one level, connected area after connected area, with nothing left of the goal.

    The rim's angle in stock stays within the cutter's in all cuts, entries and eased cuts excepted.

    Raises:
        CapabilityError: An area has no way down, or stock in it lets no cut start; ``place`` is named.
    """
    radius = cutter.radius_mm
    legs: list[Leg] = []
    for area in sorted(separate(ground.free), key=lambda a: tuple(round(float(v), 4) for v in a.bounds())):
        goal = ground.goal ^ offset(area, radius)
        if offset(goal, -SLIVER_MM).is_empty():
            continue
        first = None if ground.first is None else ground.first ^ area
        table = lay_out(Ground(area, ground.stock, goal, first), cutter)
        if not enter(table, area, holes):
            msg = (f"{place}: no way down into {_where(goal)} for the {2 * radius:g} mm tool: "
                   "no drilled hole, no open side, no room for a helix or a ramp")  # fmt: skip
            raise CapabilityError(
                "strategy.no-entry", msg, place=place, hint="Drill a hole first, or use a thinner tool."
            )
        wanted = table.goal.copy()
        _cut_area(table, wanted, cutter, pace)
        table.legs = _of_use(table.legs)
        if (left := _left(table, wanted)).any():
            j, i = (float(v.mean()) for v in np.nonzero(left))
            n = table.n
            x, y, size = n[0] + i * n[2], n[1] + j * n[2], float(left.sum()) * n[2] ** 2
            if size > CRUMBS * radius**2:
                msg = f"{place}: {size:.2f} mm2 near X{x:.1f} Y{y:.1f} cannot be cut by the {2 * radius:g} mm tool"
                raise CapabilityError("strategy.stock-left", msg, place=place, hint="Use a thinner tool.")
        legs += _felt(table)
    return tuple(legs)


def _cut_area(t: Table, wanted: Mask, cutter: Cutter, pace: Pace) -> None:
    """Cut at constant engagement what can be; where no such cut begins, a slow slot goes in and opens the way."""
    if t.first is not None:
        t.n[9] = FULL * cutter.most_rad
        t.goal &= t.first > SLIVER_MM - t.n[3]
        _cut_all(t, cutter, pace, t.first, HORN)
        t.goal = _left(t, wanted, FILM_MM)
    while t.pose is not None:
        for worth in WORTH_RAD:
            t.n[9] = worth
            _cut_all(t, cutter, pace, t.room, SPOT)
            t.goal = _left(t, wanted, FILM_MM)
        t.goal = _left(t, wanted)
        if not t.goal.any():
            t.goal = _off_walls(t, wanted)
        if not t.goal.any():
            return
        corners = way_in(t.stock, t.room, t.goal, t.n, t.pose[:2])
        if len(corners) < 2:
            stood = int(t.goal.sum())
            _cut_all(t, replace(cutter, most_rad=math.pi), pace, t.room, SPOT)
            t.goal = _left(t, wanted)
            if int(t.goal.sum()) in (0, stood):
                return
            continue
        rows = steps(t.n, corners)
        first = min(before_stock(t.stock, t.n, rows), max(0, len(rows) - 2 * STEPS_A_RADIUS))
        link = _link(t, t.pose, rows[first], rows[: first + 1, :2], pace)
        if not plough(t.stock, t.goal, t.n, rows[first:]):
            return
        t.legs += [*link, Leg("cut", pieces(rows[first:], t.n[3]))]
        t.pose = rows[-1, :3].copy()


def _of_use(legs: list[Leg]) -> list[Leg]:
    """The legs without ways down beside stock from which nothing is cut before the next way down."""
    kept: list[Leg] = []
    for leg in legs:
        if leg.kind == "hop":
            while kept and kept[-1].kind == "link":
                kept.pop()
            if kept and kept[-1].kind in ("outside", "hop"):
                kept.pop()
        kept.append(leg)
    return kept


def _felt(t: Table) -> list[Leg]:
    """The legs, cut once more as they will be posted: each piece with the angle it meets, hops beside stock told."""
    nothing = np.zeros_like(t.goal)
    stock, t.stock = t.stock, t.solid
    at = t.legs[0].points[0]
    for k, leg in enumerate(t.legs):
        if leg.kind in ("cut", "link"):
            feel(t.stock, nothing, t.n, at[0], at[1], leg.points)
            at = leg.points[-1, :2]
            continue
        at = leg.points[-1]
        if leg.kind == "hop" and not untouched(t.stock, t.n, at[0], at[1], -BRUSH * t.n[3]):
            t.legs[k] = replace(leg, kind="beside")
        if leg.kind in ("helix", "hole"):
            ring(t, float(at[0]), float(at[1]), leg.radius_mm or HOLE * t.n[3])
            at = np.array([at[0] + leg.radius_mm, at[1]])
        else:
            clear(t.stock, nothing, t.n, leg.points[0, 0], leg.points[0, 1], at[0], at[1], True)  # noqa: FBT003
    t.stock = stock
    return t.legs


def _where(area: CrossSection) -> str:
    x0, y0, x1, y1 = (float(v) for v in area.bounds())
    return f"the {x1 - x0:.1f} x {y1 - y0:.1f} mm around X{(x0 + x1) / 2:.1f} Y{(y0 + y1) / 2:.1f}"


def _left(t: Table, wanted: Mask, thin_mm: float = SLIVER_MM) -> Mask:
    """Nodes wanted and still standing where more than a sliver of them stands together, and what is beside those."""
    stands = (wanted > 0) & (t.stock > t.n[3] + t.n[5])
    thin = max(1, round(thin_mm / t.n[2]))
    core = stands.copy()
    for axis in (0, 1):
        for by in range(1, thin + 1):
            core &= np.roll(stands, by, axis) & np.roll(stands, -by, axis)
    for axis in (0, 1):
        for _ in range(3 * thin):
            core |= np.roll(core, 1, axis) | np.roll(core, -1, axis)
    left: Mask = (core & stands).astype(np.uint8)
    return left


def _off_walls(t: Table, wanted: Mask) -> Mask:
    """Nodes wanted and still standing, alone or together, so far from walls that no lap passes."""
    off: Mask = ((wanted > 0) & (t.stock > t.n[3] + SKINS * t.n[5]) & (t.room > 0)).astype(np.uint8)
    return off


def _cut_all(t: Table, cutter: Cutter, pace: Pace, room: Floats, spot: float) -> None:
    """Cut after cut along the nearest front, until nothing stands in a ``room`` that such a cut can be begun at."""
    if t.pose is None:
        return
    rows = np.empty((400_000, 4))
    found = np.empty((60_000, 7))
    ringed = t.legs[-1].kind == "helix" or (t.legs[0].kind == "hole" and len(t.legs) == 2)
    pose, way = np.array([*t.pose, 1.0, -1.0, -1.0]), t.pose[None, :2]
    start = (pose, way) if ringed else _next_start(t, cutter, room, spot, found)
    most = cutter.most_rad - HELD_BACK * math.asin(t.n[5] / t.n[4])
    while start is not None:
        pose, way = start
        if math.dist(pose[:2], t.pose[:2]) < NEAR * t.n[3]:
            pose[:2] = t.pose[:2]
        link = _link(t, t.pose, pose, way, pace)
        x, y, heading, side = pose[:4].tolist()
        kept = march(t.stock, room, t.goal, t.n, x, y, heading, most, side, True, rows)  # noqa: FBT003
        if kept >= SHORTEST_CUT:
            t.legs += link
            t.legs.append(Leg("cut", pieces(rows[:kept], t.n[3])))
            t.pose = rows[kept - 1, :3].copy()
        _give_up(t, pose, spot)
        start = _next_start(t, cutter, room, spot, found)


def _next_start(t: Table, cutter: Cutter, room: Floats, spot: float, found: Floats) -> tuple[Floats, Floats] | None:
    """Where the next cut begins: an end of the front nearest to the cutter, and the way there along the front.

    The end is told by pose, side of the stock, and row and column of a node of it. A front neither end of which the
    cutter can stand at without cutting is given up.
    """
    back = np.empty((2500, 4))
    while t.pose is not None:
        for reach in (NEARBY * t.n[3], EVERYWHERE_MM):
            here = found[: fronts(t.stock, room, t.goal, t.n, found, t.pose[0], t.pose[1], reach)]
            gaps = np.round(np.hypot(here[:, 2] - t.pose[0], here[:, 3] - t.pose[1]), 6)
            if gaps.min(initial=math.inf) < reach - 1.1 * t.n[3]:  # no node further off has its centre nearer
                break
        else:
            return None
        row = here[int(np.argmin(gaps))]
        starts, size = [], 0.0
        for side in (1.0, -1.0):
            way = row[4] + (math.pi if side > 0 else 0.0)
            kept = march(t.stock, room, t.goal, t.n, row[2], row[3], way, GRAZE_RAD, -side, False, back)  # noqa: FBT003
            size += kept * t.n[4]
            while kept and not passable(t.stock, t.room, t.n, back[kept - 1, 0], back[kept - 1, 1]):
                kept -= 1
            if kept and (side > 0 or cutter.both_ways):
                end = back[kept - 1]
                pose = np.array([end[0], end[1], end[2] + math.pi, side, row[5], row[6]])
                starts.append((round(math.dist(end[:2], t.pose[:2]), 6), -side, pose, back[:kept, :2].copy()))
        if starts and (room is t.room or gaps.min() < FAR * size):
            return min(starts, key=lambda s: s[:2])[2:]
        _give_up(t, np.array([*row[2:5], 0.0, *row[5:7]]), spot)
    return None


def _give_up(t: Table, start: Floats, spot: float) -> None:
    """Stop asking for stock that the cut begun for its sake has not taken away."""
    j, i = int(start[4]), int(start[5])
    if j < 0 or t.stock[j, i] <= t.n[3] + t.n[5]:
        return
    reach = max(2, round(spot * t.n[3] / t.n[2]))
    t.goal[max(0, j - reach) : j + reach + 1, max(0, i - reach) : i + reach + 1] = 0


def _link(t: Table, a: Floats, b: Floats, way: Floats, pace: Pace) -> list[Leg]:
    """From one pose to another: not at all, straight, by turns, by a ``way`` known, by corners, or over the work."""
    gap = math.hypot(b[0] - a[0], b[1] - a[1])
    if gap < 1e-6:
        return []
    turns = np.empty((2, 5))
    head = math.atan2(b[1] - a[1], b[0] - a[0])
    bent = sum(min(1.0, abs(math.remainder(turn, math.tau))) for turn in (head - a[2], b[2] - head))
    takes = math.inf
    if straight(t.stock, t.room, t.n, a[0], a[1], b[0], b[1]):
        takes = gap / pace.link_mm_s + STOP_S * bent
    if smooth(t.stock, t.room, t.n, a[:3], b[:3], pace.link_mm_s, pace.accel_mm_s2, takes, turns) < takes:
        return [Leg("link", turned(turns))]
    if takes < math.inf:
        return [Leg("link", pieces(np.array([a[:2], b[:2]]), t.n[3]))]
    if math.dist(way[0], a[:2]) < gap and straight(t.stock, t.room, t.n, a[0], a[1], way[0, 0], way[0, 1]):
        return [Leg("link", pieces(np.vstack([a[:2], way]), t.n[3]))]
    corners = around(t.stock, t.room, t.n, t.free, t.coarse, a[:2], b[:2], gap + pace.hop_mm * 2 + 20.0)
    aside = b[:2] + ASIDE * t.n[3] * b[3] * np.array([-math.sin(b[2]), math.cos(b[2])])
    over = [Leg("hop", b[None, :2])]
    x, y = float(aside[0]), float(aside[1])
    if passable(t.stock, t.room, t.n, x, y) and straight(t.stock, t.room, t.n, x, y, b[0], b[1]):
        over = [Leg("hop", aside[None]), Leg("link", pieces(np.array([aside, b[:2]]), t.n[3]))]
    return [Leg("link", pieces(corners, t.n[3]))] if len(corners) else over

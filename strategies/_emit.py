"""Turns the plan of a cleared level into moves: helices down, arcs at feeds that suit each cut, links lifted."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from model.plan import CuttingData, Operation
from model.toolpath import Intent, Move
from strategies._level import Cutter, Leg
from strategies._march import Floats
from strategies._paths import APPROACH_MM, RAMP_DEG, leave, whole

LIFT_MM = 0.2
"""Links run this far above the floor, so that the tool does not rub on it."""

LONG_MM = 1.0
"""Pieces of links this long may climb and sink by that much."""

OVER = 1.045
"""Cuts beyond this share of the angle meant are fed slower."""

LEAST_FULL = 0.9
"""Down to this share of the angle meant the feed is the planned one."""

FASTEST_SHARE = 2.0
"""A thinner chip is fed at most this many times as fast as the full one."""


def level(legs: Sequence[Leg], start_z: float, z: float, operation: Operation, cutter: Cutter) -> list[Move]:
    """All moves of one level, from the clearance height and back to it.

    ``start_z`` is where material begins. The feed is meant for the cutter's largest angle: where the rim meets
    less, the feed rises to keep the thickest chip the same (fz sin of the angle), up to the cutting data's limit.
    """
    cut = operation.cutting
    link = max(cut.link_mm_min, cut.feed_mm_min)
    moves: list[Move] = []
    for leg in legs:
        x, y = float(leg.points[0, 0]), float(leg.points[0, 1])
        if leg.kind not in ("cut", "link"):
            if moves:
                moves.append(leave(moves[-1], operation.clearance_z_mm))
            low = start_z if leg.kind in ("helix", "ramp", "beside") else z
            moves.append(Move("rapid", x + leg.radius_mm, y, operation.clearance_z_mm, intent="approach"))
            if low + APPROACH_MM < operation.clearance_z_mm:
                moves.append(Move("line", x + leg.radius_mm, y, low + APPROACH_MM, link, "approach"))
            moves.append(Move("line", x + leg.radius_mm, y, low, cut.plunge_mm_min, "approach"))
            if leg.kind == "helix":
                moves += _helix(x, y, leg.radius_mm, start_z, z, cut.ramp_mm_min)
            elif leg.kind == "ramp":
                moves += _ramp(leg.points, start_z, z, cut.ramp_mm_min)
            elif leg.kind == "beside":
                moves.append(Move("line", x, y, z, cut.plunge_mm_min, "approach"))
        elif leg.kind == "cut":
            moves += _cut(leg.points, z, cut, cutter.most_rad)
        else:
            moves += _link(moves[-1], leg.points, z, link, cut.feed_mm_min, cutter.most_rad)
    if moves:
        moves.append(leave(moves[-1], operation.clearance_z_mm))
    return moves


def _helix(x: float, y: float, radius: float, start_z: float, z: float, feed: float) -> Iterator[Move]:
    """Full turns counter-clockwise down at the ramp slope, and one level turn at the bottom."""
    fall = math.tau * radius * math.tan(math.radians(RAMP_DEG))
    count = max(1, math.ceil((start_z - z) / fall - 1e-9))
    for k in range(1, count + 1):
        yield Move("ccw", x + radius, y, start_z + (z - start_z) * k / count, feed, "ramp", x, y)
    yield Move("ccw", x + radius, y, z, feed, "ramp", x, y)


def _ramp(ends: Floats, start_z: float, z: float, feed: float) -> Iterator[Move]:
    """To and fro down at the ramp slope, then level once along the bottom; begins at the first end."""
    (xa, ya), (xb, yb) = ends.tolist()
    fall = math.dist((xa, ya), (xb, yb)) * math.tan(math.radians(RAMP_DEG))
    count = 2 * max(1, math.ceil((start_z - z) / fall / 2 - 1e-9))
    for k in range(1, count + 1):
        yield Move("line", *((xb, yb) if k % 2 else (xa, ya)), start_z + (z - start_z) * k / count, feed, "ramp")
    yield Move("line", xb, yb, z, feed, "ramp")


def _cut(pieces: Floats, z: float, cut: CuttingData, most_rad: float) -> Iterator[Move]:
    for x, y, cx, cy, turn, angle in pieces.tolist():
        yield _piece(x, y, z, _feed(angle, cut, most_rad), "cut", (cx, cy, turn))


def _feed(angle_rad: float, cut: CuttingData, most_rad: float) -> float:
    """Feed that suits an angle of engagement.

    A smaller angle than meant: the same thickest chip. A larger one: the same width of cut times feed, so the same
    removal and power; ae = R (1 - cos(angle)).
    """
    if angle_rad > OVER * most_rad:
        return whole(cut.feed_mm_min * (1 - math.cos(most_rad)) / (1 - math.cos(min(angle_rad, math.pi))))
    if angle_rad >= LEAST_FULL * most_rad or cut.fastest_mm_min <= cut.feed_mm_min:
        return cut.feed_mm_min
    most = min(cut.fastest_mm_min, FASTEST_SHARE * cut.feed_mm_min)
    return whole(min(most, _same_chip(cut.feed_mm_min, angle_rad, most_rad)))


def _same_chip(feed: float, angle_rad: float, most_rad: float) -> float:
    """The feed at which an angle has the chip another has at a feed: h = fz sin(angle) up to a quarter turn."""
    return feed * math.sin(min(most_rad, math.pi / 2)) / max(math.sin(min(angle_rad, math.pi / 2)), 1e-6)


def _link(last: Move, pieces: Floats, z: float, link: float, feed: float, most_rad: float) -> Iterator[Move]:
    """Through space already cleared; the first piece climbs and the last sinks when both are long enough.

    Where stock is met after all, no faster than gives a chip as thick as meant.
    """
    first, end = pieces[0], pieces[-1]
    before = pieces[-2] if len(pieces) > 1 else first
    long = min(math.dist(first[:2], (last.x_mm, last.y_mm)), math.dist(end[:2], before[:2])) > LONG_MM
    for k, (x, y, cx, cy, turn, angle) in enumerate(pieces.tolist(), 1):
        high = z + LIFT_MM if len(pieces) > 2 and long and k < len(pieces) else z
        yield _piece(x, y, high, whole(min(link, _same_chip(feed, angle, most_rad))), "link", (cx, cy, turn))


def _piece(x: float, y: float, z: float, feed: float, intent: Intent, arc: tuple[float, float, float]) -> Move:
    if arc[2] == 0.0:
        return Move("line", x, y, z, feed, intent)
    return Move("ccw" if arc[2] > 0 else "cw", x, y, z, feed, intent, arc[0], arc[1])

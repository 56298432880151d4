"""Turns the plan of a cleared level into moves: helices down, arcs at feeds that suit each cut, links lifted."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from geometry.arcfit import refit
from model.plan import CuttingData, Operation
from model.toolpath import Intent, Move
from strategies._clearing import HELD_BACK_RAD, Floats, Leg
from strategies._paths import APPROACH_MM, RAMP_DEG, leave, whole

FIT_MM = 0.0025
"""Arcs are refitted this near to the marched path: a quarter of what cuts may stray, for they may stray up to four
times as far between the corners."""

LIFT_MM = 0.2
"""Links run this far above the floor, so that the tool does not rub on it."""

OVER = 1.1
"""Cuts beyond this share of the angle meant are fed slower."""

FASTEST_SHARE = 2.0
"""A thinner chip is fed at most this many times as fast as the full one."""


def level(legs: Sequence[Leg], start_z: float, z: float, operation: Operation, most_rad: float) -> list[Move]:
    """All moves of one level, from the clearance height and back to it.

    ``start_z`` is where material begins; ``most_rad`` the engagement the feed is meant for: where the rim meets
    less, the feed rises to keep the thickest chip the same (fz sin of the angle), up to the cutting data's limit.
    """
    cut = operation.cutting
    link = max(cut.link_mm_min, cut.feed_mm_min)
    moves: list[Move] = []
    for leg in legs:
        x, y = float(leg.points[0, 0]), float(leg.points[0, 1])
        if leg.kind in ("hole", "outside", "helix", "ramp", "hop"):
            if moves:
                moves.append(leave(moves[-1], operation.clearance_z_mm))
            low = start_z if leg.kind in ("helix", "ramp") else z
            moves.append(Move("rapid", x + leg.radius_mm, y, operation.clearance_z_mm, intent="approach"))
            if low + APPROACH_MM < operation.clearance_z_mm:
                moves.append(Move("line", x + leg.radius_mm, y, low + APPROACH_MM, link, "approach"))
            moves.append(Move("line", x + leg.radius_mm, y, low, cut.plunge_mm_min, "approach"))
            if leg.kind == "helix":
                moves += _helix(x, y, leg.radius_mm, start_z, z, cut.ramp_mm_min)
            elif leg.kind == "ramp":
                moves += _ramp(leg.points, start_z, z, cut.ramp_mm_min)
        elif leg.kind == "cut":
            moves += _cut(leg.points, z, cut, most_rad)
        elif leg.kind == "turns":
            moves += _turns(leg.points, z, link)
        else:
            moves += _corners(leg.points, z, link)
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


def _cut(points: Floats, z: float, cut: CuttingData, most_rad: float) -> Iterator[Move]:
    first = 0
    for last, cx, cy, turn in refit(np.ascontiguousarray(points[:, :2]), FIT_MM):
        here = slice(first + 1, int(last) + 1)
        feed = _feed(float(points[here, 3].max()), cut, most_rad)
        x, y = float(points[int(last), 0]), float(points[int(last), 1])
        yield _piece(x, y, z, feed, "cut", (float(cx), float(cy), float(turn)))
        first = int(last)


def _feed(angle_rad: float, cut: CuttingData, most_rad: float) -> float:
    """Feed that suits an angle of engagement.

    A smaller angle than meant: the same thickest chip, h = fz sin(angle) up to a quarter turn. A larger one: the same
    width of cut times feed, so the same removal and power; ae = R (1 - cos(angle)).
    """
    if angle_rad > OVER * most_rad:
        return whole(cut.feed_mm_min * (1 - math.cos(most_rad)) / (1 - math.cos(min(angle_rad, math.pi))))
    meant = most_rad - 2 * HELD_BACK_RAD
    if angle_rad >= meant or cut.fastest_mm_min <= cut.feed_mm_min:
        return cut.feed_mm_min
    share = math.sin(min(meant, math.pi / 2)) / max(math.sin(min(angle_rad, math.pi / 2)), 1e-6)
    return float(round(min(cut.feed_mm_min * min(share, FASTEST_SHARE), cut.fastest_mm_min)))


def _turns(turns: Floats, z: float, feed: float) -> Iterator[Move]:
    """Arc, straight, arc; the arcs climb and sink when there is way enough."""
    spots = []
    for cx, cy, r, a0, turn in turns:
        spots.append((float(cx + r * math.cos(a0 + turn)), float(cy + r * math.sin(a0 + turn)), float(r * abs(turn))))
    begin = (float(turns[1, 0] + turns[1, 2] * math.cos(turns[1, 3])),
             float(turns[1, 1] + turns[1, 2] * math.sin(turns[1, 3])))  # fmt: skip
    lifted = min(spots[0][2], spots[1][2]) > 5 * LIFT_MM
    high = z + LIFT_MM if lifted else z
    if spots[0][2] > 1e-4:
        centre = (float(turns[0, 0]), float(turns[0, 1]), float(np.sign(turns[0, 4])))
        yield _piece(spots[0][0], spots[0][1], high, feed, "link", centre)
    if math.hypot(begin[0] - spots[0][0], begin[1] - spots[0][1]) > 1e-4:
        yield _piece(*begin, high, feed, "link", (0.0, 0.0, 0.0))
    if spots[1][2] > 1e-4:
        centre = (float(turns[1, 0]), float(turns[1, 1]), float(np.sign(turns[1, 4])))
        yield _piece(spots[1][0], spots[1][1], z, feed, "link", centre)


def _corners(corners: Floats, z: float, feed: float) -> Iterator[Move]:
    """Straight pieces; the first climbs and the last sinks when there are three or more."""
    last = len(corners) - 1
    for k in range(1, last + 1):
        high = z + LIFT_MM if last > 2 and k < last else z
        yield _piece(float(corners[k, 0]), float(corners[k, 1]), high, feed, "link", (0.0, 0.0, 0.0))


def _piece(x: float, y: float, z: float, feed: float, intent: Intent, arc: tuple[float, float, float]) -> Move:
    if arc[2] == 0.0:
        return Move("line", x, y, z, feed, intent)
    return Move("ccw" if arc[2] > 0 else "cw", x, y, z, feed, intent, arc[0], arc[1])

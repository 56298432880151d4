"""Ways as lines and arcs, and the angle each meets when the stock is cut along them once more."""

from __future__ import annotations

import math

import numpy as np

from geometry.arcfit import refit
from geometry.compiled import compiled
from strategies._march import FELT, Floats, Mask, clear, engagement

# A piece is a row: end x and y; centre x and y and turn (+1 counter-clockwise, -1 clockwise, 0 a line); the angle (rad)
# of the rim it meets at most.

FIT = 0.0018
"""Arcs are refitted this near to the ways, in cutter radii: well within what is kept from walls."""

SLACK = 1.5
"""Links may brush stock this thin, in skins."""


def pieces(way: Floats, radius_mm: float) -> Floats:
    """A chain of points as pieces."""
    rows = refit(np.ascontiguousarray(way[:, :2]), FIT * radius_mm)
    ends = way[rows[:, 0].astype(np.int64), :2]
    return np.hstack([ends, rows[:, 1:4], np.zeros((len(rows), 1))])


def turned(turns: Floats) -> Floats:
    """Two arcs (centre x, y, radius, first angle, signed turn) and the straight between them as pieces."""
    found = []
    for k, (cx, cy, r, first, turn) in enumerate(turns.tolist()):
        if k:
            found.append((cx + r * math.cos(first), cy + r * math.sin(first), 0.0, 0.0, 0.0, 0.0))
        if r * abs(turn) > 1e-4:
            end = (cx + r * math.cos(first + turn), cy + r * math.sin(first + turn))
            found.append((*end, cx, cy, math.copysign(1.0, turn), 0.0))
    return np.array(found)


@compiled
def feel(stock: Floats, nothing: Mask, n: Floats, x: float, y: float, found: Floats) -> None:
    """Cut along pieces from a place, and note in each the angle it meets at most. ``nothing`` is 0 everywhere."""
    skin = FELT * n[5]
    for k in range(len(found)):
        xe, ye, cx, cy, turn = found[k, 0], found[k, 1], found[k, 2], found[k, 3], found[k, 4]
        r = math.hypot(x - cx, y - cy)
        first = math.atan2(y - cy, x - cx)
        swept = turn * ((turn * (math.atan2(ye - cy, xe - cx) - first)) % math.tau)
        size = math.hypot(xe - x, ye - y) if turn == 0.0 else abs(swept) * r
        heading = math.atan2(ye - y, xe - x)
        count = max(1, math.ceil(2.0 * size / n[4]))
        xa, ya = x, y
        for m in range(count + 1):
            xb, yb = x + (xe - x) * m / count, y + (ye - y) * m / count
            if turn != 0.0:
                a = first + swept * m / count
                xb, yb, heading = cx + r * math.cos(a), cy + r * math.sin(a), a + turn * math.pi / 2
            found[k, 5] = max(found[k, 5], engagement(stock, n, xb, yb, heading, skin, math.pi))
            clear(stock, nothing, n, xa, ya, xb, yb, False)  # noqa: FBT003
            xa, ya = xb, yb
        x, y = xe, ye

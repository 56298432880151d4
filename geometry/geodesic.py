"""Distances along a surface: how far every place of a grid lies from the rim, walking on it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from geometry.compiled import compiled

Floats = NDArray[np.float64]
MOST_SWEEPS = 60
SETTLED_MM = 1e-6
LEAP = 4.0
"""The point touched moving this many times as far as the tip means it has leapt over a hollow."""


def from_rim(rows: Floats, start: Floats) -> Floats:
    """Distance of every node from where ``start`` is finite, over nodes where it is not NaN; inf: never reached.

    ``rows`` (rows, columns, 6) are tips and points touched over a grid. Neighbours are as far apart as their tips or
    their points touched are, whichever is more. Straight fronts over triangles in four sweeping orders until
    nothing changes (the fast sweeping method: Tsai, Cheng, Osher, Zhao 2003, on a surface's triangles).
    """
    found = np.where(np.isfinite(start), start, math.inf)
    _swept(np.ascontiguousarray(rows), np.isnan(start), found)
    return found


@compiled
def _apart(rows: Floats, j: int, i: int, n: int, m: int) -> float:
    tip, touch = 0.0, 0.0
    for c in range(3):
        tip += (rows[j, i, c] - rows[n, m, c]) ** 2
        touch += (rows[j, i, c + 3] - rows[n, m, c + 3]) ** 2
    return math.sqrt(touch if tip < touch < LEAP * LEAP * tip else tip)


@compiled
def _front(a: float, b: float, p: float, q: float, s: float) -> float:
    """When a front that passes a and b, ``s`` apart, at those times reaches a point p from a and q from b."""
    edge = min(a + p, b + q)
    if max(a, b) == math.inf or s <= 0.0:
        return edge
    gx = (b - a) / s
    x = (p * p - q * q + s * s) / (2.0 * s)
    y2 = p * p - x * x
    if abs(gx) >= 1.0 or y2 <= 0.0:
        return edge
    gy, y = math.sqrt(1.0 - gx * gx), math.sqrt(y2)
    foot = x - gx / gy * y
    return min(edge, a + gx * x + gy * y) if 0.0 <= foot <= s else edge


@compiled
def _swept(rows: Floats, closed: NDArray[np.bool_], found: Floats) -> None:
    high, wide = found.shape
    around = ((0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1), (0, 1))
    for sweep in range(MOST_SWEEPS):
        change = 0.0
        for jj in range(high):
            j = jj if sweep & 1 == 0 else high - 1 - jj
            for ii in range(wide):
                i = ii if sweep & 2 == 0 else wide - 1 - ii
                if closed[j, i] or found[j, i] == 0.0:
                    continue
                best = found[j, i]
                for k in range(8):
                    n, m = j + around[k][0], i + around[k][1]
                    u, v = j + around[k + 1][0], i + around[k + 1][1]
                    one = 0 <= n < high and 0 <= m < wide and not closed[n, m]
                    two = 0 <= u < high and 0 <= v < wide and not closed[u, v]
                    if one and two and min(found[n, m], found[u, v]) < best:
                        p, q = _apart(rows, j, i, n, m), _apart(rows, j, i, u, v)
                        best = min(best, _front(found[n, m], found[u, v], p, q, _apart(rows, n, m, u, v)))
                    elif one and found[n, m] < best:
                        best = min(best, found[n, m] + _apart(rows, j, i, n, m))
                if best < found[j, i] - SETTLED_MM:
                    change = max(change, found[j, i] - best)
                    found[j, i] = best
        if change == 0.0 and sweep >= 3:
            break

"""Puts lines and arcs back in place of a chain of short steps, without leaving it by more than a tolerance."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from geometry.compiled import compiled

Floats = NDArray[np.float64]

WIDEST_MM = 500.0
"""Arcs of larger radius are written as lines."""

MOST_RAD = 3.0


@compiled
def _holds(  # noqa: C901, PLR0911 - every way to fail is told at once
    pts: Floats, i: int, j: int, tol: float, arc: Floats
) -> bool:
    """True when one line or arc from corner i to j is within ``tol`` of all between; ``arc``: centre and turn."""
    ax, ay, bx, by = pts[i, 0], pts[i, 1], pts[j, 0], pts[j, 1]
    dx, dy = bx - ax, by - ay
    size = math.hypot(dx, dy)
    arc[2] = 0.0
    if size < 1e-9:
        return False
    line = True
    for k in range(i + 1, j):
        ex, ey = pts[k, 0] - ax, pts[k, 1] - ay
        if abs(ex * dy - ey * dx) > tol * size or not 0.0 <= ex * dx + ey * dy <= size * size:
            line = False
            break
    if line:
        return True
    m = (i + j) // 2
    mx, my = pts[m, 0] - ax, pts[m, 1] - ay
    cross = dx * my - dy * mx
    if abs(cross) < 1e-12:
        return False
    k2 = (mx * dx + my * dy - mx * mx - my * my) / (2.0 * cross)
    cx, cy = ax + 0.5 * dx + k2 * dy, ay + 0.5 * dy - k2 * dx
    r = math.hypot(ax - cx, ay - cy)
    if r > WIDEST_MM:
        return False
    turned, sign = 0.0, 0.0
    for k in range(i, j):
        ux, uy, vx, vy = pts[k, 0] - cx, pts[k, 1] - cy, pts[k + 1, 0] - cx, pts[k + 1, 1] - cy
        if abs(math.hypot(vx, vy) - r) > tol:
            return False
        step = math.atan2(ux * vy - uy * vx, ux * vx + uy * vy)
        if step * sign < 0.0 or r * (1.0 - math.cos(0.5 * step)) > 2.0 * tol:
            return False
        sign = step if sign == 0.0 else sign
        turned += step
    if abs(turned) > MOST_RAD:
        return False
    arc[0], arc[1], arc[2] = cx, cy, 1.0 if turned > 0.0 else -1.0
    return True


@compiled
def refit(pts: Floats, tol: float) -> Floats:
    """A chain of corners (n, 2) as rows (index of the last corner, centre x, centre y, turn; 0 for a line).

    Greedy longest pieces, each from corner to corner, so nothing drifts. Every corner is within ``tol`` of its
    piece; between corners an arc lies at most two tolerances beside the chord.
    """
    out = np.empty((len(pts), 4))
    arc, best = np.empty(3), np.empty(3)
    count, i, last = 0, 0, len(pts) - 1
    while i < last:
        good, step = i + 1, 2
        best[2] = 0.0
        high = last + 1
        while i + step <= last:
            if _holds(pts, i, i + step, tol, arc):
                good = i + step
                best[:] = arc
                step *= 2
            else:
                high = i + step
                break
        high = min(high, last + 1)
        while high - good > 1:
            mid = (good + high) // 2
            if _holds(pts, i, mid, tol, arc):
                good = mid
                best[:] = arc
            else:
                high = mid
        out[count, 0], out[count, 1], out[count, 2], out[count, 3] = good, best[0], best[1], best[2]
        count += 1
        i = good
    return out[:count]

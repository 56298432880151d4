"""Level lines of a surface given over a grid, walked with the low side on the left, each corner found exactly."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from geometry.compiled import compiled
from geometry.dropcutter import Cells, drop, memory

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_S, _N, _W, _E, _0 = 0, 1, 2, 3, -1
TURNS = np.array([
    [_0, _0, _0, _0], [_S, _W, _0, _0], [_E, _S, _0, _0], [_E, _W, _0, _0],
    [_N, _E, _0, _0], [_S, _W, _N, _E], [_N, _S, _0, _0], [_N, _W, _0, _0],
    [_W, _N, _0, _0], [_S, _N, _0, _0], [_E, _S, _W, _N], [_E, _N, _0, _0],
    [_W, _E, _0, _0], [_S, _E, _0, _0], [_W, _S, _0, _0], [_0, _0, _0, _0],
])  # fmt: skip
"""How the line goes through a cell, from side to side, by which corners are low (1 SW, 2 SE, 4 NE, 8 NW): the low
ones lie on its left; two high corners across stay joined."""

NEAR_MM = 5e-4
"""How near the crossing of a grid line is to the true one, on the low side."""
TANGENTS = 6
"""Tangents followed before the place is found by halving."""
SMOOTH_SHARE = 0.9999
"""A point touched no further out on the rounded corner tells the slope."""


def chains(values: Floats, level: float) -> list[tuple[Ints, bool]]:
    """Level lines through a grid of heights (rows along y): crossed grid lines in order, and whether it is closed.

    A grid line is numbered 2 n (from node n to the next along x) or 2 n + 1 (along y); low nodes are those at or
    under the level, -inf among them.
    """
    chain, first, closed = _walk(_links(values, level))
    return [(chain[a:b], bool(c)) for a, b, c in zip(first[:-1], first[1:], closed, strict=True)]


@compiled
def _links(values: Floats, level: float) -> Ints:
    """For each crossed grid line the one the level line crosses next (-1: none), two a cell at most."""
    rows, columns = values.shape
    after = np.full(2 * rows * columns, -1, dtype=np.int64)
    for j in range(rows - 1):
        for i in range(columns - 1):
            n = j * columns + i
            low0, low1 = values[j, i] <= level, values[j, i + 1] <= level
            low2, low3 = values[j + 1, i + 1] <= level, values[j + 1, i] <= level
            south, north, west, east = 2 * n, 2 * (n + columns), 2 * n + 1, 2 * (n + 1) + 1
            code = int(low0) + 2 * int(low1) + 4 * int(low2) + 8 * int(low3)
            sides = (south, north, west, east)
            for k in range(0, 4, 2):
                if TURNS[code, k] >= 0:
                    after[sides[TURNS[code, k]]] = sides[TURNS[code, k + 1]]
    return after


@compiled
def _walk(after: Ints) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """Chains of links one after another, open ones first; where each begins, and which are closed."""
    entered = np.zeros(len(after), dtype=np.bool_)
    count = 0
    for n in range(len(after)):
        if after[n] >= 0:
            entered[after[n]] = True
            count += 1
    chain = np.empty(2 * count, dtype=np.int64)
    first = np.zeros(count + 1, dtype=np.int64)
    closed = np.zeros(count, dtype=np.bool_)
    chains, size = 0, 0
    for turn in range(2):
        for start in range(len(after)):
            if after[start] < 0 or (turn == 0 and entered[start]):
                continue
            n = start
            while after[n] >= 0:
                chain[size] = n
                size += 1
                after[n], n = -1, after[n]
            if turn == 0:
                chain[size] = n
                size += 1
            closed[chains] = turn == 1
            chains += 1
            first[chains] = size
    return chain[:size].copy(), first[: chains + 1].copy(), closed[:chains].copy()


@compiled
def crossings(edges: Ints, values: Floats, level: float, x0: float, y0: float, pitch: float) -> Floats:
    """Where a level line crosses grid lines, on the straight between their nodes' heights."""
    out = np.empty((len(edges), 2))
    columns = values.shape[1]
    for k in range(len(edges)):
        n, up = edges[k] // 2, edges[k] % 2
        j, i = n // columns, n % columns
        a, b = values[j, i], values[j + up, i + 1 - up]
        t = (level - a) / (b - a) if a > -math.inf and b > -math.inf and b != a else 0.5
        out[k, 0] = x0 + (i + (1 - up) * t) * pitch
        out[k, 1] = y0 + (j + up * t) * pitch
    return out


@compiled
def thinned(places: Floats, kept: NDArray[np.bool_], step: float) -> Ints:
    """Numbers of places (n, 2) that are enough so that neighbours lie within ``step`` where all did.

    The first, the last, the ``kept`` ones and those beside them stay.
    """
    out = np.empty(len(places), dtype=np.int64)
    count, last = 0, len(places) - 1
    for k in range(len(places)):
        if 0 < k < last and not (kept[k - 1] or kept[k] or kept[k + 1]):
            before = out[count - 1]
            dx, dy = places[k + 1, 0] - places[before, 0], places[k + 1, 1] - places[before, 1]
            if dx * dx + dy * dy <= step * step:
                continue
        out[count] = k
        count += 1
    return out[:count].copy()


@compiled
def free_crossings(mesh: Cells, cutter: Floats, edges: Ints, rows: Floats, level: float) -> Floats:
    """Where a cutter with its tip at ``level`` first comes free on each grid line: rows of tip and point touched.

    ``rows`` (rows, columns, 6) are tips and points touched over the grid. The place is free; the point is one that
    stops the cutter there or a step further. A cubic through both nodes with the slopes there shows where to look
    first; tangents lead on from there, halving where they fail.
    """
    out = np.empty((len(edges), 6))
    columns = rows.shape[1]
    memo = memory(mesh)
    for k in range(len(edges)):
        n, up = edges[k] // 2, edges[k] % 2
        j, i = n // columns, n % columns
        one, two = rows[j, i], rows[j + up, i + 1 - up]
        if one[2] > level:
            one, two = two, one
        x, y, dx, dy = one[0], one[1], two[0] - one[0], two[1] - one[1]
        near = NEAR_MM / math.sqrt(dx * dx + dy * dy)
        low, high = 0.0, 1.0
        sa = _rise(cutter, one[3] - one[0], one[4] - one[1], dx, dy)
        sb = _rise(cutter, two[3] - two[0], two[4] - two[1], dx, dy)
        t = _hermite(one[2] - level, two[2] - level, sa, sb) - 0.5 * near
        touch = (two[2], two[3], two[4], two[5])
        for turn in range(40):
            if high - low <= near:
                break
            t = t if low < t < high and turn < TANGENTS else 0.5 * (low + high)
            got = drop(mesh, cutter, memo, x + t * dx, y + t * dy)
            m = _rise(cutter, got[1] - x - t * dx, got[2] - y - t * dy, dx, dy)
            if got[0] <= level:
                low = t
                if m > 0.0 and level - got[0] <= m * near:
                    touch = got
                    break
            else:
                high, touch = t, got
            t = t + (level - got[0]) / m - 0.5 * near if m > 0.0 else -1.0
        out[k, 0], out[k, 1], out[k, 2] = x + low * dx, y + low * dy, level
        out[k, 3], out[k, 4], out[k, 5] = touch[1], touch[2], touch[3]
    return out


@compiled
def _rise(cutter: Floats, ox: float, oy: float, dx: float, dy: float) -> float:
    """How much the tip rises over (dx, dy) when it touches at (ox, oy) from its axis; 0 where that is not smooth."""
    d = math.sqrt(ox * ox + oy * oy)
    over = d - cutter[1]
    if over <= 0.0 or over >= SMOOTH_SHARE * cutter[2]:
        return 0.0
    return float(over / math.sqrt(cutter[2] * cutter[2] - over * over) * (ox * dx + oy * dy) / d)


@compiled
def _hermite(a: float, b: float, sa: float, sb: float) -> float:
    """Where a cubic with value ``a`` <= 0 and slope ``sa`` at 0, ``b`` > 0 and ``sb`` at 1 passes zero, by halving."""
    if a == -math.inf or b == math.inf:
        return 0.5
    c2, c3 = 3.0 * (b - a) - 2.0 * sa - sb, 2.0 * (a - b) + sa + sb
    low, high = 0.0, 1.0
    for _ in range(16):
        t = 0.5 * (low + high)
        if a + t * (sa + t * (c2 + t * c3)) <= 0.0:
            low = t
        else:
            high = t
    return low

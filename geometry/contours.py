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

NEAR_MM = 4e-4
"""How near the crossing of a grid line is to the true one, on the low side."""


def chains(values: Floats, level: float) -> list[tuple[Ints, bool]]:
    """Level lines through a grid of heights (rows along y): crossed grid lines in order, and whether it is closed.

    A grid line is numbered 2 n (from node n to the next along x) or 2 n + 1 (along y); low nodes are those at or
    under the level, -inf among them.
    """
    after = _links(values, level)
    return [(np.array(chain, dtype=np.int64), closed) for chain, closed in _walk(after)]


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


def _walk(after: Ints) -> list[tuple[list[int], bool]]:
    """Chains of links, open ones first."""
    going = dict(zip(np.flatnonzero(after >= 0).tolist(), after[after >= 0].tolist(), strict=True))
    entered = set(going.values())
    found = []
    for start in [n for n in going if n not in entered]:
        chain = [start]
        while chain[-1] in going:
            chain.append(going.pop(chain[-1]))
        found.append((chain, False))
    while going:
        start = next(iter(going))
        chain = [start]
        while chain[-1] in going:
            chain.append(going.pop(chain[-1]))
        found.append((chain, True))
    return found


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
def free_crossings(mesh: Cells, cutter: Floats, edges: Ints, values: Floats, level: float, corner: Floats) -> Floats:
    """Where a cutter with its tip at ``level`` first comes free on each grid line: rows of tip and point touched.

    ``values`` are the heights it rests at over the grid, ``corner`` its x0, y0 and pitch. The place is free; the
    point is the one that stops the cutter a step further.
    """
    out = np.empty((len(edges), 6))
    columns = values.shape[1]
    memo = memory(mesh)
    for k in range(len(edges)):
        n, up = edges[k] // 2, edges[k] % 2
        j, i = n // columns, n % columns
        a, b = values[j, i], values[j + up, i + 1 - up]
        flip = a > level
        x, y = corner[0] + i * corner[2], corner[1] + j * corner[2]
        dx, dy = (1 - up) * corner[2], up * corner[2]
        if flip:
            x, y, dx, dy = x + dx, y + dy, -dx, -dy
            a, b = b, a
        low, high, fa, fb = 0.0, 1.0, a - level, b - level
        touch = (0.0, 0.0, 0.0, 0.0)
        known = False
        for turn in range(40):
            if (high - low) * corner[2] <= NEAR_MM:
                break
            t = 0.5 * (low + high)
            if turn % 3 < 2 and fa > -math.inf and fb - fa > 0.0:
                inset = 0.2 * NEAR_MM / corner[2]
                t = min(max(low + (high - low) * (-fa) / (fb - fa), low + inset), high - inset)
                t = t - inset if turn % 3 == 0 else t + inset
                t = min(max(t, low + inset), high - inset)
            got = drop(mesh, cutter, memo, x + t * dx, y + t * dy)
            if got[0] <= level:
                low, fa = t, got[0] - level
            else:
                high, fb, touch, known = t, got[0] - level, got, True
        if not known:
            touch = drop(mesh, cutter, memo, x + high * dx, y + high * dy)
        row = out[k]
        row[0], row[1], row[2] = x + low * dx, y + low * dy, level
        row[3], row[4], row[5] = touch[1], touch[2], touch[3]
    return out

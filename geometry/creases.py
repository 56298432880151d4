"""Hollows of a part too tight for a cutter: the lines along which it touches two sides at once."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from geometry.compiled import compiled
from geometry.dropcutter import Cells, drop, memory

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
HALVINGS = 9


def creases(mesh: Cells, cutter: Floats, rows: Floats, leap_mm: float) -> list[tuple[Floats, Floats, Floats]]:
    """Lines along which the point touched leaps by ``leap_mm`` or more: tips (n, 3) and the points on both sides.

    ``rows`` (rows, columns, 6) are tips and points touched over a grid, whose lines are searched by halving down to
    a 500th of the pitch.
    """
    found = _leaps(mesh, cutter, rows, leap_mm)
    at = {int(row[0]): k for k, row in enumerate(found)}
    lines = []
    for chain in _chained(at, rows.shape[1]):
        part = found[[at[edge] for edge in chain]]
        lines.append((part[:, 1:4], part[:, 4:7], part[:, 7:10]))
    return lines


@compiled
def _leaps(mesh: Cells, cutter: Floats, rows: Floats, leap: float) -> Floats:
    """Grid lines on which the point touched leaps: their number, the tip, and the points touched on both sides."""
    high, wide = rows.shape[0], rows.shape[1]
    out = np.empty((2 * high * wide, 10))
    count = 0
    memo = memory(mesh)
    for j in range(high):
        for i in range(wide):
            for up in range(2):
                n, m = j + up, i + 1 - up
                if n >= high or m >= wide or rows[j, i, 2] == -math.inf or rows[n, m, 2] == -math.inf:
                    continue
                a = (rows[j, i, 2], rows[j, i, 3], rows[j, i, 4], rows[j, i, 5])
                b = (rows[n, m, 2], rows[n, m, 3], rows[n, m, 4], rows[n, m, 5])
                low, high_t = 0.0, 1.0
                x, y = rows[j, i, 0], rows[j, i, 1]
                dx, dy = rows[n, m, 0] - x, rows[n, m, 1] - y
                sound = True
                for _ in range(HALVINGS):
                    gap = (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2 + (a[3] - b[3]) ** 2
                    if gap < leap * leap:
                        sound = False
                        break
                    t = 0.5 * (low + high_t)
                    c = drop(mesh, cutter, memo, x + t * dx, y + t * dy)
                    to_a = (a[1] - c[1]) ** 2 + (a[2] - c[2]) ** 2 + (a[3] - c[3]) ** 2
                    to_b = (b[1] - c[1]) ** 2 + (b[2] - c[2]) ** 2 + (b[3] - c[3]) ** 2
                    if to_a > to_b:
                        high_t, b = t, c
                    else:
                        low, a = t, c
                gap = (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2 + (a[3] - b[3]) ** 2
                # A leap of the tip itself is a wall's rim, no hollow.
                if not sound or gap < leap * leap or abs(a[0] - b[0]) > leap:
                    continue
                t = 0.5 * (low + high_t)
                out[count, 0] = 2 * (j * wide + i) + up
                out[count, 1], out[count, 2], out[count, 3] = x + t * dx, y + t * dy, max(a[0], b[0])
                out[count, 4], out[count, 5], out[count, 6] = a[1], a[2], a[3]
                out[count, 7], out[count, 8], out[count, 9] = b[1], b[2], b[3]
                count += 1
    return out[:count].copy()


def _chained(at: dict[int, int], columns: int) -> list[list[int]]:
    """Crossed grid lines in order, cell by cell; where three or more meet, lines end."""
    joined: dict[int, list[int]] = {edge: [] for edge in at}
    cells = sorted(
        {n - back for edge in at for n in (edge // 2,) for back in ((0, columns) if edge % 2 == 0 else (0, 1))}
    )
    for n in cells:
        sides = [e for e in (2 * n, 2 * (n + columns), 2 * n + 1, 2 * (n + 1) + 1) if e in at]
        if len(sides) == 2:
            joined[sides[0]].append(sides[1])
            joined[sides[1]].append(sides[0])
    chains, used = [], set()
    for start in sorted(joined, key=lambda e: (len(joined[e]) != 1, e)):
        if start in used:
            continue
        chain = [start]
        used.add(start)
        while True:
            onward = [e for e in joined[chain[-1]] if e not in used]
            if not onward:
                break
            chain.append(onward[0])
            used.add(onward[0])
        if len(chain) > 2 and chain[0] in joined[chain[-1]]:
            chain.append(chain[0])
        chains.append(chain)
    return chains

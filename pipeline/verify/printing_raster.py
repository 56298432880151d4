"""Draws beads and sections of one layer on a fine grid, and counts."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Grid = NDArray[np.uint8]
Array = NDArray[np.float64]
MATERIAL, SKIN, BEAD, NEAR, KEEP_CLEAR, BELOW = 1, 2, 4, 8, 16, 32


@njit(cache=True)  # type: ignore[untyped-decorator,unused-ignore]
def fill(grid: Grid, edges: Array, x0: float, y0: float, px: float, bit: int) -> None:
    """Set ``bit`` on every cell whose centre lies inside the closed loops ``edges`` (n, 4), even-odd."""
    rows, cols = grid.shape
    flips = np.zeros((rows, cols + 1), np.uint8)
    for i in range(edges.shape[0]):
        ax, ay, bx, by = edges[i, 0] - x0, edges[i, 1] - y0, edges[i, 2] - x0, edges[i, 3] - y0
        if ay == by:
            continue
        if ay > by:
            ax, ay, bx, by = bx, by, ax, ay
        first = max(0, math.ceil(ay / px - 0.5))
        last = min(rows, math.ceil(by / px - 0.5))
        slope = (bx - ax) / (by - ay)
        for r in range(first, last):
            x = ax + ((r + 0.5) * px - ay) * slope
            c = min(cols, max(0, math.ceil(x / px - 0.5)))
            flips[r, c] ^= 1
    for r in range(rows):
        inside = 0
        for c in range(cols):
            inside ^= flips[r, c]
            if inside:
                grid[r, c] |= bit


@njit(cache=True)  # type: ignore[untyped-decorator,unused-ignore]
def stroke(grid: Grid, lines: Array, x0: float, y0: float, px: float, bit: int) -> None:
    """Set ``bit`` on every cell whose centre lies in a round-ended bead (ax, ay, bx, by, radius)."""
    rows, cols = grid.shape
    for i in range(lines.shape[0]):
        ax, ay, bx, by, radius = lines[i, 0] - x0, lines[i, 1] - y0, lines[i, 2] - x0, lines[i, 3] - y0, lines[i, 4]
        dx, dy = bx - ax, by - ay
        length = math.hypot(dx, dy)
        ux, uy = (dx / length, dy / length) if length > 0 else (1.0, 0.0)
        first = max(0, math.ceil((min(ay, by) - radius) / px - 0.5))
        last = min(rows - 1, math.floor((max(ay, by) + radius) / px - 0.5))
        for r in range(first, last + 1):
            y = (r + 0.5) * px
            low, high = math.inf, -math.inf
            for cx, cy in ((ax, ay), (bx, by)):
                reach = radius * radius - (y - cy) * (y - cy)
                if reach >= 0:
                    half = math.sqrt(reach)
                    low, high = min(low, cx - half), max(high, cx + half)
            if dy != 0:
                for side in (-1.0, 1.0):
                    px0, py0 = ax - side * radius * uy, ay + side * radius * ux
                    t = (y - py0) / dy
                    if 0 <= t <= 1:
                        low, high = min(low, px0 + t * dx), max(high, px0 + t * dx)
            if low <= high:
                c0 = max(0, math.ceil(low / px - 0.5))
                c1 = min(cols - 1, math.floor(high / px - 0.5))
                for c in range(c0, c1 + 1):
                    grid[r, c] |= bit


@njit(cache=True)  # type: ignore[untyped-decorator,unused-ignore]
def count(grid: Grid, first_layer: bool) -> tuple[int, int, int, int, int]:  # noqa: FBT001 - numba takes no keywords
    """Cells of skin, of skin under a bead, of beads outside, and one such cell (row, column; -1 when none).

    On the first layer a bead outside counts only where it must keep clear of the part (the skirt lies farther out).
    """
    skin = covered = outside = 0
    row = col = -1
    rows, cols = grid.shape
    for r in range(rows):
        for c in range(cols):
            v = grid[r, c]
            if v & 2:
                skin += 1
                if v & 4:
                    covered += 1
            if v & 4 and not v & 9 and (not first_layer or v & 16):
                outside += 1
                if row < 0:
                    row, col = r, c
    return skin, covered, outside, row, col

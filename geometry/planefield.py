"""Fields over a plane grid: which nodes lie in a region, and how far each is from the region's boundary."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from geometry.compiled import compiled

if TYPE_CHECKING:
    from manifold3d import CrossSection

Floats = NDArray[np.float64]
Mask = NDArray[np.uint8]


def edges(area: CrossSection) -> Floats:
    """Every edge of an area's polygons, one row (x0, y0, x1, y1) each."""
    loops = [np.asarray(p, dtype=np.float64) for p in area.to_polygons()]
    rows = [np.hstack([p, np.roll(p, -1, axis=0)]) for p in loops if len(p) > 2]
    return np.vstack(rows) if rows else np.empty((0, 4))


def signed_distance(area: CrossSection, grid: Floats, shape: tuple[int, int], reach_mm: float) -> Floats:
    """Distance (mm) of each node to the area's boundary, negative outside, cut off at ``reach_mm``; exact to rounding.

    ``grid`` is (x of column 0, y of row 0, pitch); ``shape`` rows and columns.
    """
    found = edges(area)
    far = np.full(shape, reach_mm)
    nearest(found, grid, far)
    return np.where(inside(found, grid, shape) > 0, far, -far)


@compiled
def inside(lines: Floats, grid: Floats, shape: tuple[int, int]) -> Mask:
    """1 at nodes with an odd number of edges to their left, 0 elsewhere."""
    out = np.zeros(shape, dtype=np.uint8)
    rows, columns = shape
    for k in range(len(lines)):
        xa, ya, xb, yb = lines[k, 0], lines[k, 1], lines[k, 2], lines[k, 3]
        low, high = min(ya, yb), max(ya, yb)
        # A row too many at either end: rounding must not hide one that goes through a corner from either of its edges.
        j0 = max(0, math.floor((low - grid[1]) / grid[2]))
        j1 = min(rows - 1, math.ceil((high - grid[1]) / grid[2]))
        for j in range(j0, j1 + 1):
            y = grid[1] + j * grid[2]
            if (ya <= y) == (yb <= y):
                continue
            x = xa + (xb - xa) * (y - ya) / (yb - ya)
            i = max(0, math.ceil((x - grid[0]) / grid[2]))
            if i < columns:
                out[j, i] ^= 1
    for j in range(rows):
        for i in range(1, columns):
            out[j, i] ^= out[j, i - 1]
    return out


@compiled
def nearest(lines: Floats, grid: Floats, far: Floats) -> None:
    """Lower each node's value to its distance from the nearest edge, where that is less."""
    rows, columns = far.shape
    reach = far.max()
    for k in range(len(lines)):
        whole = math.hypot(lines[k, 2] - lines[k, 0], lines[k, 3] - lines[k, 1])
        count = max(1, math.ceil(whole / reach))
        for c in range(count):
            xa = lines[k, 0] + (lines[k, 2] - lines[k, 0]) * c / count
            ya = lines[k, 1] + (lines[k, 3] - lines[k, 1]) * c / count
            xb = lines[k, 0] + (lines[k, 2] - lines[k, 0]) * (c + 1) / count
            yb = lines[k, 1] + (lines[k, 3] - lines[k, 1]) * (c + 1) / count
            dx, dy = xb - xa, yb - ya
            size2 = dx * dx + dy * dy
            if size2 == 0.0:
                continue
            i0 = max(0, math.ceil((min(xa, xb) - reach - grid[0]) / grid[2]))
            i1 = min(columns - 1, math.floor((max(xa, xb) + reach - grid[0]) / grid[2]))
            j0 = max(0, math.ceil((min(ya, yb) - reach - grid[1]) / grid[2]))
            j1 = min(rows - 1, math.floor((max(ya, yb) + reach - grid[1]) / grid[2]))
            for j in range(j0, j1 + 1):
                py = grid[1] + j * grid[2] - ya
                for i in range(i0, i1 + 1):
                    px = grid[0] + i * grid[2] - xa
                    t = min(max((px * dx + py * dy) / size2, 0.0), 1.0)
                    ex, ey = px - t * dx, py - t * dy
                    d2 = ex * ex + ey * ey
                    if d2 < far[j, i] * far[j, i]:
                        far[j, i] = math.sqrt(d2)


@compiled
def value(field: Floats, grid: Floats, x: float, y: float) -> float:
    """The field between its nodes, linear along both axes; at the border the border's value."""
    u = min(max((x - grid[0]) / grid[2], 0.0), field.shape[1] - 1.001)
    v = min(max((y - grid[1]) / grid[2], 0.0), field.shape[0] - 1.001)
    i, j = int(u), int(v)
    u -= i
    v -= j
    low = field[j, i] + u * (field[j, i + 1] - field[j, i])
    high = field[j + 1, i] + u * (field[j + 1, i + 1] - field[j + 1, i])
    return float(low + v * (high - low))

"""Holds the line each tool's point runs along against the part: scratches between the surface's points show here."""

from __future__ import annotations

import math

import numpy as np

from geometry.compiled import compiled
from pipeline.verify.path import Path
from pipeline.verify.shapes import FAR, Floats, Ints, along, length

CELL_MM = 1.0
STEP_MM = 0.1
INSIDE = 1e-9


@compiled
def _sorted(triangles: Floats, grid: Floats, shape: tuple[int, int]) -> tuple[Ints, Ints, Floats]:
    """Which triangles lie over each cell: first of each cell's, the triangles' numbers, each cell's highest point."""
    ny, nx = shape
    start = np.zeros(nx * ny + 1, dtype=np.int64)
    top = np.full(nx * ny, -FAR)
    numbers = np.empty(0, dtype=np.int64)
    for turn in range(2):
        fill = start.copy()
        for t in range(len(triangles)):
            x, y = triangles[t, :, 0], triangles[t, :, 1]
            i0, i1 = int((np.min(x) - grid[0]) / grid[2]), int((np.max(x) - grid[0]) / grid[2])
            j0, j1 = int((np.min(y) - grid[1]) / grid[2]), int((np.max(y) - grid[1]) / grid[2])
            high = np.max(triangles[t, :, 2])
            for j in range(max(j0, 0), min(j1, ny - 1) + 1):
                for i in range(max(i0, 0), min(i1, nx - 1) + 1):
                    cell = j * nx + i
                    if turn == 0:
                        start[cell + 1] += 1
                        top[cell] = max(top[cell], high)
                    else:
                        numbers[fill[cell]] = t
                        fill[cell] += 1
        if turn == 0:
            start = np.cumsum(start)
            numbers = np.empty(start[-1], dtype=np.int64)
    return start, numbers, top


@compiled
def _under(
    geometry: Floats, triangles: Floats, grid: Floats, shape: tuple[int, int], start: Ints, numbers: Ints, top: Floats
) -> Floats:
    """How far each move's tip goes under the part's upper surface (mm)."""
    ny, nx = shape
    depth = np.zeros(len(geometry))
    for e in range(len(geometry)):
        g = geometry[e]
        way = abs(g[12]) * g[9] if g[0] == 1.0 else length(g[4] - g[1], g[5] - g[2])
        steps = max(1, math.ceil(way / STEP_MM))
        for k in range(steps + 1):
            x, y, z = along(g, k / steps)
            i, j = math.floor((x - grid[0]) / grid[2]), math.floor((y - grid[1]) / grid[2])
            if not (0 <= i < nx and 0 <= j < ny) or top[j * nx + i] <= z + depth[e]:
                continue
            for n in range(start[j * nx + i], start[j * nx + i + 1]):
                t = triangles[numbers[n]]
                ax, ay, bx, by, cx, cy = t[0, 0], t[0, 1], t[1, 0], t[1, 1], t[2, 0], t[2, 1]
                area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
                if area == 0.0:
                    continue
                u = ((bx - x) * (cy - y) - (cx - x) * (by - y)) / area
                v = ((cx - x) * (ay - y) - (ax - x) * (cy - y)) / area
                w = 1.0 - u - v
                if u > INSIDE and v > INSIDE and w > INSIDE:
                    depth[e] = max(depth[e], u * t[0, 2] + v * t[1, 2] + w * t[2, 2] - z)
    return depth


def tip_depths(path: Path, triangles: Floats) -> Floats:
    """How far the tip of each row's tool goes under the part's upper surface (mm; 0: never).

    ``triangles`` (m, 3, 3) are the part's, in the setup's frame. The way is looked at every 0.1 mm.
    """
    if not len(path) or not len(triangles):
        return np.zeros(len(path))
    low, high = triangles[:, :, :2].min(axis=(0, 1)), triangles[:, :, :2].max(axis=(0, 1))
    grid = np.array([low[0], low[1], CELL_MM])
    shape = (int((high[1] - low[1]) / CELL_MM) + 1, int((high[0] - low[0]) / CELL_MM) + 1)
    triangles = np.ascontiguousarray(triangles)
    depths: Floats = _under(path.geometry, triangles, grid, shape, *_sorted(triangles, grid, shape))
    return depths

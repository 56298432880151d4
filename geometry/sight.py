"""What of a surface can be seen from straight above: where a tool along the spindle's axis may come."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from geometry.compiled import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
OFF_MM = 0.01
"""Sight lines start this far off the surface, so that a wall does not hide itself."""
LOOKS_DOWN = -0.01
"""Walls of a mesh lean by less than this."""
ACROSS = 64
"""Cells of the search grid along the longer side."""


@compiled
def _buckets(low: Floats, high: Floats, origin: Floats, cell: float, nx: int, ny: int) -> tuple[Ints, Ints]:
    """Triangles by the cells their box covers in plan: start of each cell, and triangle numbers."""
    start = np.zeros(nx * ny + 1, dtype=np.int64)
    for turn in range(2):
        if turn == 1:
            total = 0
            for k in range(nx * ny + 1):
                size = start[k]
                start[k] = total
                total += size
            items = np.empty(total, dtype=np.int64)
            fill = start.copy()
        for t in range(len(low)):
            i0, i1 = int((low[t, 0] - origin[0]) / cell), int((high[t, 0] - origin[0]) / cell)
            j0, j1 = int((low[t, 1] - origin[1]) / cell), int((high[t, 1] - origin[1]) / cell)
            for j in range(max(j0, 0), min(j1, ny - 1) + 1):
                for i in range(max(i0, 0), min(i1, nx - 1) + 1):
                    if turn == 0:
                        start[j * nx + i] += 1
                    else:
                        items[fill[j * nx + i]] = t
                        fill[j * nx + i] += 1
    return start, items


@compiled
def _hidden(
    points: Floats, tri: Floats, top: Floats, start: Ints, items: Ints, origin: Floats, cell: float,
    shape: tuple[int, int],
) -> Ints:  # fmt: skip
    """1 for every point with a triangle straight above it; the highest triangles come first, ``top`` says how high."""
    nx, ny = shape
    found = np.zeros(len(points), dtype=np.int64)
    for k in range(len(points)):
        x, y, z = points[k, 0], points[k, 1], points[k, 2]
        i, j = math.floor((x - origin[0]) / cell), math.floor((y - origin[1]) / cell)
        if i < 0 or j < 0 or i >= nx or j >= ny:
            continue
        for n in range(start[j * nx + i], start[j * nx + i + 1]):
            if top[items[n]] <= z:
                break
            a, b, c = tri[items[n], 0], tri[items[n], 1], tri[items[n], 2]
            area = (b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])
            if abs(area) < 1e-12:
                continue
            u = ((b[0] - x) * (c[1] - y) - (c[0] - x) * (b[1] - y)) / area
            v = ((c[0] - x) * (a[1] - y) - (a[0] - x) * (c[1] - y)) / area
            w = 1.0 - u - v
            if u >= 0.0 and v >= 0.0 and w >= 0.0 and u * a[2] + v * b[2] + w * c[2] > z + 1e-6:
                found[k] = 1
                break
    return found


class Sky:
    """The triangles (m, 3, 3) of a whole solid, laid out once to be asked what lies straight above points."""

    def __init__(self, triangles: Floats) -> None:
        triangles = triangles[np.argsort(-triangles[:, :, 2].max(axis=1), kind="stable")]
        low, high = triangles.min(axis=1), triangles.max(axis=1)
        self._origin = low.min(axis=0)[:2] - 1e-3
        size = high.max(axis=0)[:2] + 1e-3 - self._origin
        self._cell = float(size.max()) / ACROSS
        nx, ny = (int(s / self._cell) + 1 for s in size.tolist())
        self._shape = nx, ny
        self._start, self._items = _buckets(low, high, self._origin, self._cell, nx, ny)
        self._triangles, self._top = np.ascontiguousarray(triangles), np.ascontiguousarray(high[:, 2])

    def covered(self, points: Floats) -> NDArray[np.bool_]:
        """True for every point (n, 3) with something of the solid straight above it."""
        hidden = _hidden(
            np.ascontiguousarray(points), self._triangles, self._top, self._start, self._items, self._origin,
            self._cell, self._shape,
        )  # fmt: skip
        found: NDArray[np.bool_] = hidden != 0
        return found

    def seen(self, points: Floats, normals: Floats) -> NDArray[np.bool_]:
        """True for every point (n, 3) of the solid's surface with nothing of it above, and not looking down.

        Points on upright walls count as seen when the air beside them is open to the top.
        """
        found: NDArray[np.bool_] = ~self.covered(points + OFF_MM * normals) & (normals[:, 2] > LOOKS_DOWN)
        return found

"""The blank as upright columns: carried from clamping to clamping, weighed, and searched for loose pieces."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.plan import Box, Matrix, Setup
from pipeline.verify.kernels import Heights
from pipeline.verify.shapes import FAR, Floats, Ints, compiled

FINEST_MM = 0.05
COARSEST_MM = 0.1
CELLS_ACROSS = 5
SQUARE = 1e-9
TOUCH_MM = 0.05


@dataclass(frozen=True, slots=True)
class Stock:
    """Columns of material in a setup's frame: each from ``low`` to ``high`` (mm), empty where low > high.

    ``grid`` is (x0, y0, step x, step y) in mm; columns stand on cell centres. The arrays change as tools cut.
    """

    high: Heights
    low: Heights
    grid: Floats


def grid_mm(diameters: list[float]) -> float:
    """The column pitch: a fifth of the thinnest cutter, but 0.05 to 0.1 mm."""
    return max(FINEST_MM, min(COARSEST_MM, min(diameters) / CELLS_ACROSS))


def blank(box: Box, pitch_mm: float) -> Stock:
    """The whole blank; the pitch is tightened to divide the box evenly."""
    nx = math.ceil((box.x1_mm - box.x0_mm) / pitch_mm - 1e-9)
    ny = math.ceil((box.y1_mm - box.y0_mm) / pitch_mm - 1e-9)
    grid = np.array([box.x0_mm, box.y0_mm, (box.x1_mm - box.x0_mm) / nx, (box.y1_mm - box.y0_mm) / ny])
    high = np.full((ny, nx), box.z1_mm, dtype=np.float32)
    return Stock(high, np.full((ny, nx), box.z0_mm, dtype=np.float32), grid)


def upright(matrix: Matrix) -> bool:
    """True when a setup sees the part from +Z or -Z, turned by quarter turns only, and never mirrored."""
    turn = np.array(matrix)[:, :3]
    whole = np.abs(turn - np.round(turn)).max() < SQUARE and np.abs(np.abs(turn).sum(axis=0) - 1).max() < SQUARE
    return bool(whole and abs(abs(turn[2, 2]) - 1) < SQUARE and np.linalg.det(turn) > 0)


def between(before: Setup, after: Setup) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Rotation and shift that take one setup's frame into another's."""
    a, b = np.array(before.to_setup), np.array(after.to_setup)
    turn = b[:, :3] @ a[:, :3].T
    return turn, b[:, 3] - turn @ a[:, 3]


def moved_box(box: Box, before: Setup, after: Setup) -> Box:
    """A box of one setup's frame, in another's."""
    turn, shift = between(before, after)
    corners = np.array([(box.x0_mm, box.y0_mm, box.z0_mm), (box.x1_mm, box.y1_mm, box.z1_mm)]) @ turn.T + shift
    low, high = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
    return Box(low[0], low[1], low[2], high[0], high[1], high[2])


def carried(stock: Stock, before: Setup, after: Setup) -> Stock:
    """The stock taken out of one clamping and put into the next; both must be upright."""
    turn, shift = between(before, after)
    high, low = stock.high, stock.low
    ny, nx = high.shape
    x0, y0, sx, sy = stock.grid.tolist()
    box = np.array([[x0, y0], [x0 + nx * sx, y0 + ny * sy]]) @ turn[:2, :2].T + shift[:2]
    if abs(turn[0, 0]) < 0.5:
        high, low, sx, sy = high.T, low.T, sy, sx
    if turn[0, :2].sum() < 0:
        high, low = high[:, ::-1], low[:, ::-1]
    if turn[1, :2].sum() < 0:
        high, low = high[::-1], low[::-1]
    z = float(shift[2])
    if turn[2, 2] < 0:
        high, low = z - low, z - high
    else:
        high, low = high + z, low + z
    corner = box.min(axis=0).tolist()
    grid = np.array([corner[0], corner[1], sx, sy])
    return Stock(np.ascontiguousarray(high, np.float32), np.ascontiguousarray(low, np.float32), grid)


@compiled
def _lengths(triangles: Floats, grid: Floats, out: Floats) -> None:
    """Add to ``out`` the length of solid above every cell centre, from triangles that look outwards."""
    ny, nx = out.shape
    for t in range(len(triangles)):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        area = (b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])
        if area == 0.0:
            continue
        sign = 1.0 if area > 0.0 else -1.0
        x0, x1 = min(a[0], b[0], c[0]), max(a[0], b[0], c[0])
        y0, y1 = min(a[1], b[1], c[1]), max(a[1], b[1], c[1])
        for j in range(max(0, int((y0 - grid[1]) / grid[3]) - 1), min(ny, int((y1 - grid[1]) / grid[3]) + 2)):
            for i in range(max(0, int((x0 - grid[0]) / grid[2]) - 1), min(nx, int((x1 - grid[0]) / grid[2]) + 2)):
                # A hair off the centre, so that no cell lies on an edge shared by two triangles.
                px = grid[0] + (i + 0.5) * grid[2] + 1.31e-7
                py = grid[1] + (j + 0.5) * grid[3] + 2.17e-7
                u = ((b[0] - px) * (c[1] - py) - (c[0] - px) * (b[1] - py)) / area
                v = ((c[0] - px) * (a[1] - py) - (a[0] - px) * (c[1] - py)) / area
                w = 1.0 - u - v
                if u >= 0.0 and v >= 0.0 and w >= 0.0:
                    out[j, i] += sign * (u * a[2] + v * b[2] + w * c[2])


@compiled
def _label(high: Heights, low: Heights, labels: Ints) -> int:
    """Number the pieces: columns side by side whose heights overlap belong together. Returns how many."""
    ny, nx = high.shape
    stack = np.empty(ny * nx, dtype=np.int64)
    count = 0
    for first in range(ny * nx):
        if labels[first // nx, first % nx] != 0 or high[first // nx, first % nx] <= low[first // nx, first % nx]:
            continue
        count += 1
        labels[first // nx, first % nx] = count
        stack[0] = first
        depth = 1
        while depth > 0:
            depth -= 1
            j, i = stack[depth] // nx, stack[depth] % nx
            for k in range(4):
                m, n = j + (k == 0) - (k == 1), i + (k == 2) - (k == 3)
                if not (0 <= m < ny and 0 <= n < nx) or labels[m, n] != 0:
                    continue
                if min(high[j, i], high[m, n]) - max(low[j, i], low[m, n]) > TOUCH_MM:
                    labels[m, n] = count
                    stack[depth] = m * nx + n
                    depth += 1
    return count


def part_columns(triangles: Floats, stock: Stock) -> Floats:
    """Length of solid (mm) the finished part has over every cell centre; triangles in the stock's frame."""
    out = np.zeros(stock.high.shape)
    _lengths(np.ascontiguousarray(triangles), stock.grid, out)
    return out


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of material that hangs together: its area in plan, its middle, and whether it reaches the blank's rim.

    ``is_part`` marks the piece the finished part is in.
    """

    area_mm2: float
    x_mm: float
    y_mm: float
    at_rim: bool
    is_part: bool


def pieces(stock: Stock, part: Floats) -> list[Piece]:
    """All separate pieces; ``part`` as from :func:`part_columns`. Cells of less than the touch are no bridges."""
    labels = np.zeros(stock.high.shape, dtype=np.int64)
    count = _label(stock.high, stock.low, labels)
    if count == 0:
        return []
    area = float(stock.grid[2] * stock.grid[3])
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    inside = np.bincount(labels.ravel(), weights=(part > 0).ravel(), minlength=count + 1)
    inside[0] = -FAR
    rim = set(np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])).tolist())
    number = np.arange(labels.size)
    across = np.bincount(labels.ravel(), weights=number % labels.shape[1], minlength=count + 1)
    up = np.bincount(labels.ravel(), weights=number // labels.shape[1], minlength=count + 1)
    home = int(np.argmax(inside))
    return [
        Piece(
            sizes[k] * area,
            float(stock.grid[0] + (across[k] / sizes[k] + 0.5) * stock.grid[2]),
            float(stock.grid[1] + (up[k] / sizes[k] + 0.5) * stock.grid[3]),
            k in rim,
            k == home,
        )
        for k in range(1, count + 1)
    ]

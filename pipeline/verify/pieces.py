"""Searches the stock for pieces that hang together, and weighs what is left of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geometry.compiled import compiled
from pipeline.verify.shapes import FAR, Floats, Ints
from pipeline.verify.stock import Columns, Stock

TOUCH_MM = 0.05
COARSE = 8


@compiled
def _across(a: Floats, b: Floats, c: Floats, low: float, high: float) -> tuple[float, float]:
    """Where a triangle begins and ends along x between two heights along y (mm); it reaches between them."""
    left, right = FAR, -FAR
    for p, q in ((a, b), (b, c), (c, a)):
        s, t = 0.0, 1.0
        if p[1] != q[1]:
            s, t = (low - p[1]) / (q[1] - p[1]), (high - p[1]) / (q[1] - p[1])
        s, t = max(min(s, t), 0.0), min(max(s, t), 1.0)
        if s <= t:
            u, v = p[0] + s * (q[0] - p[0]), p[0] + t * (q[0] - p[0])
            left, right = min(left, u, v), max(right, u, v)
    return left, right


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
        y0, y1 = min(a[1], b[1], c[1]), max(a[1], b[1], c[1])
        for j in range(max(0, int((y0 - grid[1]) / grid[3]) - 1), min(ny, int((y1 - grid[1]) / grid[3]) + 2)):
            x0, x1 = _across(a, b, c, grid[1] + (j - 0.5) * grid[3], grid[1] + (j + 1.5) * grid[3])
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
def _label(columns: Columns, labels: Ints, deeper: Ints) -> int:  # noqa: C901, PLR0912 - one flood, compiled
    """Number the pieces: stretches of columns side by side whose heights overlap belong together. Returns how many.

    ``labels`` has a number for each column's uppermost stretch, ``deeper`` for each further one.
    """
    high, low = columns.high, columns.low
    ny, nx = high.shape
    cells = ny * nx
    single = columns.below.size == 0
    # Stretches that cutting has made the uppermost ones, or taken away, hang in no column: they stay at -1.
    column_of = np.full(len(columns.after), -1, dtype=np.int64)
    for cell in range(0 if single else cells):
        k = columns.below[cell // nx, cell % nx]
        while k >= 0:
            column_of[k] = cell
            k = columns.after[k]
    stack = np.empty(cells + len(columns.after), dtype=np.int64)
    count = 0
    for first in range(len(stack)):
        if first < cells:
            if labels[first // nx, first % nx] != 0 or high[first // nx, first % nx] <= low[first // nx, first % nx]:
                continue
            labels[first // nx, first % nx] = count + 1
        else:
            k = first - cells
            if deeper[k] != 0 or column_of[k] < 0:
                continue
            deeper[k] = count + 1
        count += 1
        stack[0] = first
        depth = 1
        while depth > 0:
            depth -= 1
            node = stack[depth]
            cell = node if node < cells else column_of[node - cells]
            j, i = cell // nx, cell % nx
            top = high[j, i] if node < cells else columns.more[node - cells, 0]
            bottom = low[j, i] if node < cells else columns.more[node - cells, 1]
            for side in range(4):
                m, n = j + (side == 0) - (side == 1), i + (side == 2) - (side == 3)
                if not (0 <= m < ny and 0 <= n < nx):
                    continue
                if labels[m, n] == 0 and min(top, high[m, n]) - max(bottom, low[m, n]) > TOUCH_MM:
                    labels[m, n] = count
                    stack[depth] = m * nx + n
                    depth += 1
                k = -1 if single else columns.below[m, n]
                while k >= 0:
                    if deeper[k] == 0 and min(top, columns.more[k, 0]) - max(bottom, columns.more[k, 1]) > TOUCH_MM:
                        deeper[k] = count
                        stack[depth] = cells + k
                        depth += 1
                    k = columns.after[k]
    return count


@compiled
def _summed(labels: Ints, count: int) -> Ints:
    """For every label how many cells have it, and the sums of their columns' and rows' numbers."""
    found = np.zeros((count + 1, 3), dtype=np.int64)
    for j in range(labels.shape[0]):
        for i in range(labels.shape[1]):
            mine = found[labels[j, i]]
            mine[0] += 1
            mine[1] += i
            mine[2] += j
    return found


@compiled
def _remaining(columns: Columns, part: Floats) -> float:
    """Sum of the material's lengths in the columns the part stands in (mm)."""
    total = 0.0
    for j in range(part.shape[0]):
        for i in range(part.shape[1]):
            if part[j, i] > 0.0 and columns.high[j, i] > columns.low[j, i]:
                total += columns.high[j, i] - columns.low[j, i]
                k = -1 if columns.below.size == 0 else columns.below[j, i]
                while k >= 0:
                    total += columns.more[k, 0] - columns.more[k, 1]
                    k = columns.after[k]
    return total


def part_columns(triangles: Floats, stock: Stock) -> Floats:
    """Length of solid (mm) the finished part has over every cell centre; triangles in the stock's frame."""
    out = np.zeros(stock.high.shape)
    _lengths(np.ascontiguousarray(triangles), stock.grid, out)
    return out


def remaining_mm3(stock: Stock, part: Floats) -> float:
    """Volume of material left in the columns the part stands in; ``part`` as from :func:`part_columns`."""
    return float(_remaining(stock.columns, part) * stock.grid[2] * stock.grid[3])


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


def pieces(stock: Stock, triangles: Floats) -> list[Piece]:
    """All separate pieces; ``triangles`` are the part's, in the stock's frame.

    Columns that overlap by less than the touch (0.05 mm) are no bridge.
    """
    labels = np.zeros(stock.high.shape, dtype=np.int64)
    deeper = np.zeros(len(stock.columns.after), dtype=np.int64)
    count = _label(stock.columns, labels, deeper)
    if count == 0:
        return []
    step = stock.grid[2:]
    tops = _summed(labels, count)
    sizes = tops[:, 0] + np.bincount(deeper, minlength=count + 1)
    inside = np.full(1, 0) if count == 1 else _part_in(stock, labels, triangles, count)
    home = 1 + int(np.argmax(inside))
    rim = set(np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])).tolist())
    shown = np.maximum(tops[:, 0], 1)
    across, up = tops[:, 1] / shown, tops[:, 2] / shown
    return [
        Piece(
            float(sizes[k] * step[0] * step[1]),
            float(stock.grid[0] + (across[k] + 0.5) * step[0]),
            float(stock.grid[1] + (up[k] + 0.5) * step[1]),
            k in rim,
            k == home,
        )
        for k in range(1, count + 1)
    ]


def _part_in(stock: Stock, labels: Ints, triangles: Floats, count: int) -> Floats:
    """How much of the part stands in each piece, by every eighth column."""
    half = COARSE // 2
    picked = labels[half::COARSE, half::COARSE]
    grid = np.array([*(stock.grid[:2] - (COARSE / 2 - half - 0.5) * stock.grid[2:]), *(COARSE * stock.grid[2:])])
    lengths = np.zeros(picked.shape)
    _lengths(np.ascontiguousarray(triangles), grid, lengths)
    if not (lengths > 0).any():
        return np.bincount(labels.ravel(), minlength=count + 1)[1:].astype(np.float64)
    held: Floats = np.bincount(picked.ravel(), weights=(lengths > 0).ravel(), minlength=count + 1)[1:]
    return held

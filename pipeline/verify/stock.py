"""The blank as columns of material, carried from clamping to clamping whichever of its six sides is up."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geometry.compiled import compiled
from geometry.regions import flatten, within
from model.plan import Box, Matrix, Setup, Skin
from pipeline.verify.shapes import FAR, SKIN_MM, Floats

Heights = NDArray[np.float32]
Links = NDArray[np.int32]
FINEST_MM = 0.05
COARSEST_MM = 0.1
CELLS_ACROSS = 5
MOST_CELLS = 6_000_000
MOST_DEEP = 400_000_000
SQUARE = 1e-9
TOP = 4
"""Of the six sides +x -x +y -y +z -z: the one the spindle stands over."""


class Columns(NamedTuple):
    """Columns of material in a setup's frame: the uppermost stretch of each from ``low`` to ``high`` (mm).

    Empty where low > high. ``below`` leads to the next stretch down in ``more`` (rows: high, low), whose own next
    one is in ``after``; -1: none. ``below`` has no cells when every column is one stretch. ``grid`` is (x0, y0,
    step x, step y) in mm; columns stand on cell centres. The arrays change as tools cut.
    """

    high: Heights
    low: Heights
    below: Links
    more: Heights
    after: Links
    grid: Floats


@dataclass(frozen=True, slots=True)
class Stock:
    """The blank and all that was cut from it, in the frame of the setup it is in.

    Cutting with straight tools from one side takes away everything above the lowest surface of the tools. So the
    stock is the box less what lies beyond one height field for each side it was cut from: ``sides`` (order +x -x
    +y -y +z -z; None: never cut) hold the coordinate along their axis where material ends, rows along the later of
    the two other axes. ``columns`` is the same seen from the spindle, as tools cut it now; ``start`` its tops
    before the first of them. Cells have ``counts`` along x, y and z.
    """

    box: Box
    counts: tuple[int, int, int]
    sides: tuple[Heights | None, ...]
    columns: Columns
    start: Heights | None = None

    @property
    def high(self) -> Heights:
        """Tops of the columns (mm)."""
        return self.columns.high

    @property
    def low(self) -> Heights:
        """Undersides of their uppermost stretches (mm)."""
        return self.columns.low

    @property
    def grid(self) -> Floats:
        """Corner and steps of the cells (mm)."""
        return self.columns.grid


def grid_mm(diameters: list[float], box: Box, *, sideways: bool = False) -> float:
    """The cells' pitch: a fifth of the thinnest cutter but 0.05 to 0.1 mm.

    Coarser when a side of the box would have more than 6 million cells or, with ``sideways`` cut blanks, the box
    more than 400 million: that bounds memory (about 30 bytes a cell) and time.
    """
    x, y, z = sorted((box.x1_mm - box.x0_mm, box.y1_mm - box.y0_mm, box.z1_mm - box.z0_mm))[::-1]
    pitch = max(FINEST_MM, min(COARSEST_MM, min(diameters) / CELLS_ACROSS), math.sqrt(x * y / MOST_CELLS))
    return max(pitch, (x * y * z / MOST_DEEP) ** (1 / 3)) if sideways else pitch


def blank(box: Box, pitch_mm: float) -> Stock:
    """The whole blank; the pitch is tightened to divide each side of the box evenly."""
    sides = (box.x1_mm - box.x0_mm, box.y1_mm - box.y0_mm, box.z1_mm - box.z0_mm)
    nx, ny, nz = (max(1, math.ceil(side / pitch_mm - 1e-9)) for side in sides)
    return _seen(box, (nx, ny, nz), (None,) * 6)


def square(matrix: Matrix) -> bool:
    """True when a setup sees the part from one of its six sides, turned by quarter turns only, and never mirrored."""
    turn = np.array(matrix)[:, :3]
    whole = np.abs(turn - np.round(turn)).max() < SQUARE and np.abs(np.abs(turn).sum(axis=0) - 1).max() < SQUARE
    return bool(whole and np.linalg.det(turn) > 0)


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
    """The stock taken out of one clamping, and out of its frame, and put into the next; both must be square."""
    if before.fixture.skin is not None:
        stock = broken_out(stock, before.fixture.skin)
    turn, shift = between(before, after)
    to = np.argmax(np.abs(turn), axis=0)
    sign = np.sign(turn[to, np.arange(3)]).astype(np.int64)
    sides: list[Heights | None] = [None] * 6
    for k, field in enumerate(_folded(stock)):
        if field is None:
            continue
        axis, b, c = k // 2, *(n for n in range(3) if n != k // 2)
        turned = field[:: sign[c], :: sign[b]]
        turned = turned if to[b] < to[c] else turned.T
        sense = (1 if k % 2 == 0 else -1) * sign[axis]
        value = np.float32(shift[to[axis]]) + (turned if sign[axis] > 0 else -turned)
        sides[2 * int(to[axis]) + (0 if sense > 0 else 1)] = value
    counts = [0, 0, 0]
    for axis in range(3):
        counts[to[axis]] = stock.counts[axis]
    return _seen(moved_box(stock.box, before, after), (counts[0], counts[1], counts[2]), tuple(sides))


def broken_out(stock: Stock, skin: Skin) -> Stock:
    """The part alone: of what stands in the setup whose skin holds it, only what is within its outline."""
    rows, columns = np.indices(stock.high.shape)
    x0, y0, dx, dy = stock.grid
    middles = np.stack([x0 + (columns + 0.5) * dx, y0 + (rows + 0.5) * dy], axis=-1)
    inside = within(flatten(skin.outline), middles.reshape(-1, 2)).reshape(stock.high.shape)
    high = np.where(inside, stock.high, np.float32(stock.box.z0_mm))
    return replace(stock, columns=stock.columns._replace(high=high))


def _folded(stock: Stock) -> tuple[Heights | None, ...]:
    """The sides, with what was cut since the stock was put in."""
    top, high = stock.sides[TOP], stock.columns.high
    if stock.start is not None:
        # Only what tools cut here: tops another side's cut has set are known better there.
        before = np.float32(stock.box.z1_mm) if top is None else top
        high = np.where(high < stock.start, high, before)
    return (*stock.sides[:TOP], high, *stock.sides[TOP + 1 :])


def _seen(box: Box, counts: tuple[int, int, int], sides: tuple[Heights | None, ...]) -> Stock:
    """The stock as columns under the spindle."""
    nx, ny, nz = counts
    steps = ((box.x1_mm - box.x0_mm) / nx, (box.y1_mm - box.y0_mm) / ny, (box.z1_mm - box.z0_mm) / nz)
    grid = np.array([box.x0_mm, box.y0_mm, *steps[:2]])
    top, bottom = sides[TOP], sides[TOP + 1]
    high = np.full((ny, nx), box.z1_mm, np.float32) if top is None else np.array(top, np.float32, order="C")
    low = np.full((ny, nx), box.z0_mm, np.float32) if bottom is None else np.array(bottom, np.float32, order="C")
    np.maximum(low, np.float32(box.z0_mm), out=low)
    gone = high <= low
    high[gone], low[gone] = -FAR, FAR
    flat = Columns(high, low, np.empty((0, 0), np.int32), np.empty((0, 2), np.float32), np.empty(0, np.int32), grid)
    if all(s is None for s in sides[:TOP]):
        return Stock(box, counts, sides, flat)
    below = np.full((ny, nx), -1, dtype=np.int32)
    # Each field as rows along z, one for each column line; none where that side was never cut.
    walls = [np.empty((0, 0), np.float32) if s is None else np.ascontiguousarray(s.T) for s in sides[:TOP]]
    more, after = _carved(
        high, low, below, grid, np.array([box.z0_mm, steps[2]]), walls[0], walls[1], walls[2], walls[3]
    )
    columns = Columns(high, low, below, more, after, grid)
    return replace(Stock(box, counts, sides, columns), start=high.copy())


@compiled
def _steps(one: Heights, other: Heights, lines: int) -> tuple[Links, Links]:
    """Where two fields' rows step: for each line the first of its places in the list, and the list, rising."""
    start, total = np.zeros(lines + 1, np.int32), 0
    places = np.empty(one.size + other.size, np.int32)
    for n in range(lines):
        for k in range(1, max(one.shape[1], other.shape[1])):
            if (len(one) > 0 and one[n, k] != one[n, k - 1]) or (len(other) > 0 and other[n, k] != other[n, k - 1]):
                places[total] = k
                total += 1
        start[n + 1] = total
    return start, places[:total].copy()


@compiled
def _carved(  # noqa: C901, PLR0912, PLR0913, PLR0915, PLR0917 - one walk down a column, compiled
    high: Heights, low: Heights, below: Links, grid: Floats, upright: Floats,
    from_right: Heights, from_left: Heights, from_back: Heights, from_front: Heights,
) -> tuple[Heights, Links]:  # fmt: skip
    """Take from the columns what was cut from the four sides: the further stretches and their links.

    ``upright`` is the lowest height and the step along z; a boundary lies midway between two cells' centres.
    """
    ny, nx = high.shape
    nz = max(from_right.shape[1], from_left.shape[1], from_back.shape[1], from_front.shape[1])
    more, after = np.empty((1024, 2), np.float32), np.empty(1024, np.int32)
    count = 0
    least_x, most_x, least_y, most_y = np.full(ny, FAR), np.full(ny, -FAR), np.full(nx, FAR), np.full(nx, -FAR)
    for j in range(len(from_right)):
        least_x[j] = np.min(from_right[j])
    for j in range(len(from_left)):
        most_x[j] = np.max(from_left[j])
    for i in range(len(from_back)):
        least_y[i] = np.min(from_back[i])
    for i in range(len(from_front)):
        most_y[i] = np.max(from_front[i])
    z0, step = upright[0], upright[1]
    start_x, steps_x = _steps(from_right, from_left, ny)
    start_y, steps_y = _steps(from_back, from_front, nx)
    for j in range(ny):
        y = grid[1] + (j + 0.5) * grid[3]
        for i in range(nx):
            x = grid[0] + (i + 0.5) * grid[2]
            right, left = x > least_x[j], x < most_x[j]
            back, front = y > least_y[i], y < most_y[i]
            if high[j, i] <= low[j, i] or not (right or left or back or front):
                continue
            top, bottom = high[j, i], low[j, i]
            k1 = min(nz - 1, int((top - z0) / step))
            k0 = max(0, int((bottom - z0) / step))
            open_at = FAR
            last = -2
            at_x, at_y = start_x[j + 1] - 1, start_y[i + 1] - 1
            k = k1
            while k >= k0 - 1:
                solid = k >= k0
                if solid and right and x > from_right[j, k]:
                    solid = False
                if solid and left and x < from_left[j, k]:
                    solid = False
                if solid and back and y > from_back[i, k]:
                    solid = False
                if solid and front and y < from_front[i, k]:
                    solid = False
                if solid and open_at == FAR:
                    open_at = min(top, z0 + (k + 1) * step)
                elif not solid and open_at != FAR:
                    end = max(bottom, z0 + (k + 1) * step)
                    if open_at - end > SKIN_MM:
                        if last == -2:
                            high[j, i], low[j, i] = open_at, end
                            last = -1
                        else:
                            if count == len(after):
                                wider, longer = np.empty((2 * count, 2), np.float32), np.empty(2 * count, np.int32)
                                wider[:count], longer[:count] = more[:count], after[:count]
                                more, after = wider, longer
                            more[count, 0], more[count, 1], after[count] = open_at, end, -1
                            if last == -1:
                                below[j, i] = count
                            else:
                                after[last] = count
                            last = count
                            count += 1
                    open_at = FAR
                # Down to the next step of the walls all is alike.
                while at_x >= start_x[j] and steps_x[at_x] > k:
                    at_x -= 1
                while at_y >= start_y[i] and steps_y[at_y] > k:
                    at_y -= 1
                alike = min(k0, k)
                if at_x >= start_x[j]:
                    alike = max(alike, steps_x[at_x])
                if at_y >= start_y[i]:
                    alike = max(alike, steps_y[at_y])
                k = alike - 1
            if last == -2:
                high[j, i], low[j, i] = -FAR, FAR
    return more[:count].copy(), after[:count].copy()

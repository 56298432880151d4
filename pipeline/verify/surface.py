"""Measures how near the tools came to the part's surface: cut into it, or left something on it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from geometry.compiled import compiled
from pipeline.verify.path import HELIX_CHORD_MM, Path
from pipeline.verify.shapes import (
    FAR,
    GOLDEN,
    SEARCH_MM,
    SKIN_MM,
    Floats,
    Ints,
    along,
    ball_distance,
    cells,
    length,
    reach,
    signed,
    turn_share,
)

EXCESS_CAP_MM = 0.5
SAME_MM = 1e-9
CELL_MM = 1.0
HALF_CELL = 0.7072


class Cloud(NamedTuple):
    """Points sorted by square cells in plan.

    ``start`` is each cell's first point, row after row; ``grid`` the cells' corner and size (mm); ``shape`` the
    number of rows and columns; ``top`` each cell's highest point. ``thread`` and ``edge`` are how much further than a
    point (mm) threads may be cut there, and pointed tools that break an edge.
    """

    points: Floats
    thread: Floats
    edge: Floats
    start: Ints
    top: Floats
    grid: Floats
    shape: tuple[int, int]


class Marks(NamedTuple):
    """What is measured: each point's least distance (mm), the move it came from, and each move's rubbing (mm).

    ``ceiling`` is a cell's highest sum of a point's height and distance, ``far`` its greatest distance: a tip above
    the one, or a cutter further off than the other, comes nearer to none of its points.
    """

    best: Floats
    who: Ints
    rub: Floats
    ceiling: Floats
    far: Floats


@compiled
def _sloped(g: Floats, tool: Floats, px: float, py: float, pz: float) -> float:
    """Least signed distance along a straight sloped move: a convex function, by golden section."""
    if tool[4] == tool[0]:
        return ball_distance(g, tool[0], px, py, pz)
    dx, dy, dz = g[4] - g[1], g[5] - g[2], g[6] - g[3]
    fine = SEARCH_MM / max(length(length(dx, dy), dz), SEARCH_MM)
    a, b = 0.0, 1.0
    s0, s1 = 1.0 - GOLDEN, GOLDEN
    f0 = signed(tool, length(px - g[1] - s0 * dx, py - g[2] - s0 * dy), pz - g[3] - s0 * dz)
    f1 = signed(tool, length(px - g[1] - s1 * dx, py - g[2] - s1 * dy), pz - g[3] - s1 * dz)
    while b - a > fine:
        if f0 < f1:
            b, s1, f1 = s1, s0, f0
            s0 = b - (b - a) * GOLDEN
            f0 = signed(tool, length(px - g[1] - s0 * dx, py - g[2] - s0 * dy), pz - g[3] - s0 * dz)
        else:
            a, s0, f0 = s0, s1, f1
            s1 = a + (b - a) * GOLDEN
            f1 = signed(tool, length(px - g[1] - s1 * dx, py - g[2] - s1 * dy), pz - g[3] - s1 * dz)
    best = min(f0, f1, signed(tool, length(px - g[1], py - g[2]), pz - g[3]))
    return min(best, signed(tool, length(px - g[4], py - g[5]), pz - g[6]))


@compiled
def _pushed(g: Floats, share: float) -> tuple[float, float, float]:
    """A place on a helix, half a chord's height further out."""
    x, y, z = along(g, share)
    out = 1.0 + 0.5 * HELIX_CHORD_MM / max(g[9], g[10])
    return g[7] + (x - g[7]) * out, g[8] + (y - g[8]) * out, z


@compiled
def _chords(g: Floats) -> Floats:
    """A helix as straight moves, as far outside it at their ends as inside at their middles (0.0005 mm)."""
    step = 2.0 * math.acos(max(1.0 - HELIX_CHORD_MM / max(g[9], g[10]), 0.0))
    pieces = int(abs(g[12]) / step) + 1
    found = np.zeros((pieces, 13))
    for k in range(pieces):
        found[k, 1], found[k, 2], found[k, 3] = _pushed(g, k / pieces)
        found[k, 4], found[k, 5], found[k, 6] = _pushed(g, (k + 1) / pieces)
    return found


@compiled
def measure(cloud: Cloud, geometry: Floats, tool: Ints, rapid: Ints, tools: Floats, cap: float, marks: Marks) -> None:
    """Lower ``marks.best`` to the least signed distance (mm) of every point to the cutter over all moves.

    Distances above ``cap`` need not be found. Rapids count only where they enter the part. ``marks.rub`` is how
    high above the reach of its flutes each move's tool touches the part.
    """
    straight = np.empty((0, 13))
    for e in range(len(tool)):
        g, row = geometry[e], tools[tool[e]]
        helix = g[0] == 1.0 and g[3] != g[6]
        chords = _chords(g) if helix else straight
        half = HALF_CELL * cloud.grid[2] + (HELIX_CHORD_MM if helix else 0.0)
        base = min(g[3], g[6])
        i0, i1, j0, j1 = cells(cloud.grid, g, row[0] + cap + half, cloud.shape)
        for j in range(j0, j1):
            for i in range(i0, i1):
                cell = j * cloud.shape[1] + i
                if base >= marks.ceiling[cell] - SAME_MM:
                    continue
                px, py = cloud.grid[0] + (i + 0.5) * cloud.grid[2], cloud.grid[1] + (j + 0.5) * cloud.grid[3]
                # No point of the cell is nearer than its highest would be at the cell's nearest rim.
                nearest = max(reach(g, px, py) - half, 0.0)
                if signed(row, nearest, cloud.top[cell] - base) <= marks.far[cell]:
                    _measure_cell(cloud, cell, g, chords, row, e, rapid[e], marks)


@compiled
def _measure_cell(
    cloud: Cloud, cell: int, g: Floats, chords: Floats, row: Floats, e: int, rapid: int, marks: Marks
) -> None:
    """The same for one move and the points of one cell; ``chords`` are a helix's, none of other moves."""
    base, high = min(g[3], g[6]), max(g[3], g[6])
    sloped = g[3] != g[6] and (g[1] != g[4] or g[2] != g[5])
    highest, far = -FAR, SKIN_MM
    for k in range(cloud.start[cell], cloud.start[cell + 1]):
        px, py, pz = cloud.points[k, 0], cloud.points[k, 1], cloud.points[k, 2]
        least = marks.best[k]
        if base - pz < least and not (g[0] == 1.0 and _beside(g, row, px, py, pz, least, marks.rub[e])):
            d = reach(g, px, py)
            if row[9] == 1.0 and rapid == 0 and d < row[0] + SKIN_MM:
                over = high if len(chords) == 0 else along(g, min(turn_share(g, px, py), 1.0))[2]
                marks.rub[e] = max(marks.rub[e], pz - over - row[6])
            # No cutter is nearer than its widest place; what is as near as before is nothing new.
            if d - row[0] < least + (HELIX_CHORD_MM if len(chords) > 0 else -SAME_MM):
                if len(chords) > 0:
                    s = _helix(g, chords, row, d, px, py, pz, least)
                else:
                    s = signed(row, d, pz - base)
                    if s < least and sloped:
                        s = _sloped(g, row, px, py, pz)
                slack = cloud.thread[k] if row[10] > 0.0 else row[11] * cloud.edge[k]
                if s < 0.0 and slack > 0.0:
                    # Cut into a tap hole's wall or an edge, but no further than thread or bevel goes: nothing to tell.
                    s = s + slack if s < -slack else least
                if s < least and (rapid == 0 or s < -SKIN_MM):
                    marks.best[k] = s
                    marks.who[k] = e
        highest = max(highest, pz + marks.best[k])
        far = max(far, marks.best[k])
    marks.ceiling[cell] = highest
    marks.far[cell] = far


@compiled
def _beside(g: Floats, row: Floats, px: float, py: float, pz: float, least: float, rub: float) -> bool:
    """True when not even an arc of whole turns would come nearer to a point beside it, nor rub higher there."""
    d = abs(length(px - g[7], py - g[8]) - 0.5 * (g[9] + g[10])) - 0.5 * abs(g[10] - g[9])
    clear = row[9] == 0.0 or pz - min(g[3], g[6]) - row[6] <= rub
    below = g[3] == g[6] or pz - max(g[3], g[6]) >= max(row[3], row[4], row[0] - d)
    return bool(clear and d - row[0] >= least + (-SAME_MM if below else HELIX_CHORD_MM))


@compiled
def _helix(g: Floats, chords: Floats, row: Floats, d: float, px: float, py: float, pz: float, least: float) -> float:
    """Least signed distance along a helix that passes a point at the distance ``d`` in plan; ``least`` or more: any.

    Where all of it is so far below the point that its cutter stands beside it as a cylinder, ``d`` says it.
    """
    if pz - max(g[3], g[6]) >= max(row[3], row[4], row[0] - d):
        return float(d - row[0])
    # The chords lie further off in plan the further they turn away from the point's bearing, up to its opposite: from
    # there on and from both ends they are looked at until one is too far. A spiral or more than a turn: all.
    count = len(chords)
    even = abs(g[10] - g[9]) < SAME_MM and abs(g[12]) <= math.tau
    first = min(int(turn_share(g, px, py) * count), count) if even else 0
    best = least
    for start, end, step in ((first, count, 1), (first - 1, -1, -1), (0, first, 1), (count - 1, first, -1)):
        for k in range(start, end, step):
            c = chords[k]
            near = reach(c, px, py)
            if near - row[0] >= best:
                if even:
                    break
                continue
            base = min(c[3], c[6])
            if base - pz < best and signed(row, near, pz - base) < best:
                best = min(best, _sloped(c, row, px, py, pz))
    return best


@dataclass(frozen=True, slots=True)
class Cells:
    """Points sorted into square cells; ``order`` leads back to the points as they were given."""

    cloud: Cloud
    order: Ints


def into_cells(
    points: Floats, step_mm: float = CELL_MM, thread: Floats | None = None, edge: Floats | None = None
) -> Cells:
    """Sort points (n, 3) into cells of ``step_mm``; ``thread`` and ``edge`` (n) as the cloud's, none by default."""
    points = np.ascontiguousarray(points)
    low, high = _corners(points)
    count = np.floor((high - low) / step_mm).astype(np.int64) + 1
    grid = np.array([low[0], low[1], step_mm, step_mm])
    shape = (int(count[1]), int(count[0]))
    order, start, top, there = _sorted(points, grid, shape)
    none = np.zeros(len(points))
    threads, edges = (none if given is None or not given.any() else given[order] for given in (thread, edge))
    return Cells(Cloud(there, threads, edges, start, top, grid, shape), order)


@compiled
def _corners(points: Floats) -> tuple[Floats, Floats]:
    """The least and the greatest x and y of points."""
    low, high = np.full(2, FAR), np.full(2, -FAR)
    for k in range(len(points)):
        for axis in range(2):
            low[axis], high[axis] = min(low[axis], points[k, axis]), max(high[axis], points[k, axis])
    return low, high


@compiled
def _sorted(points: Floats, grid: Floats, shape: tuple[int, int]) -> tuple[Ints, Ints, Floats, Floats]:
    """The points' numbers cell by cell, each cell's first place among them, its highest point, and the points so."""
    ny, nx = shape
    start, top = np.zeros(nx * ny + 1, dtype=np.int64), np.full(nx * ny, -FAR)
    cell = np.empty(len(points), dtype=np.int64)
    for k in range(len(points)):
        i = min(int((points[k, 0] - grid[0]) / grid[2]), nx - 1)
        cell[k] = min(int((points[k, 1] - grid[1]) / grid[3]), ny - 1) * nx + i
        start[cell[k] + 1] += 1
        top[cell[k]] = max(top[cell[k]], points[k, 2])
    start = np.cumsum(start)
    fill, order, there = start.copy(), np.empty(len(points), dtype=np.int64), np.empty_like(points)
    for k in range(len(points)):
        place = fill[cell[k]]
        order[place] = k
        there[place, 0], there[place, 1], there[place, 2] = points[k, 0], points[k, 1], points[k, 2]
        fill[cell[k]] += 1
    return order, start, top, there


def approach(cut: Cells, path: Path, tools: Floats, best: Floats, who: Ints) -> Floats:
    """Lower ``best`` (in the order the points were given) to their distance to the cutters; ``who`` is the move.

    ``best`` must start at the greatest distance of interest. Returns how high above its flutes each move's
    tool touches the part (mm).
    """
    cap = float(best.max(initial=0.0))
    cells_high = np.full(len(cut.cloud.start) - 1, FAR)
    cells_high[np.diff(cut.cloud.start) == 0] = -FAR
    far = np.full(len(cells_high), cap)
    marks = Marks(best[cut.order], np.full(len(best), -1, dtype=np.int64), np.zeros(len(path)), cells_high, far)
    measure(cut.cloud, path.geometry, path.tool, path.rapid, tools, cap, marks)
    best[cut.order] = marks.best
    changed = marks.who >= 0
    who[cut.order[changed]] = marks.who[changed]
    return marks.rub

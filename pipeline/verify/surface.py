"""Measures how near the tools came to the part's surface: cut into it, or left something on it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from pipeline.verify.path import BODY_STEP_MM, Path
from pipeline.verify.shapes import FAR, SKIN_MM, Floats, Ints, along, cells, compiled, length, profile, reach, signed

HELIX_CHORD_MM = 0.001
EXCESS_CAP_MM = 0.5
SLACK_MM = 0.01
SAME_MM = 1e-9
CELL_MM = 1.0
LATTICE = 25
MOST_WALLS = 200


class Cloud(NamedTuple):
    """Points sorted by square cells in plan.

    ``start`` is each cell's first point, row after row; ``grid`` the cells' corner and size (mm); ``shape`` the
    number of rows and columns.
    """

    points: Floats
    start: Ints
    grid: Floats
    shape: tuple[int, int]


class Marks(NamedTuple):
    """What is measured: each point's least distance (mm), the move it came from, and each move's rubbing (mm).

    ``ceiling`` is a cell's highest sum of a point's height and distance: a tip above it comes nearer to none of them.
    """

    best: Floats
    who: Ints
    rub: Floats
    ceiling: Floats


@compiled
def _sloped(g: Floats, tool: Floats, px: float, py: float, pz: float) -> float:
    """Least signed distance along a straight sloped move: a convex function, by golden section."""
    a, b = 0.0, 1.0
    for _ in range(32):
        s0, s1 = b - (b - a) * 0.6180339887498949, a + (b - a) * 0.6180339887498949
        x0, y0, z0 = along(g, s0)
        x1, y1, z1 = along(g, s1)
        if signed(tool, length(px - x0, py - y0), pz - z0) < signed(tool, length(px - x1, py - y1), pz - z1):
            b = s1
        else:
            a = s0
    x0, y0, z0 = along(g, 0.5 * (a + b))
    best = signed(tool, length(px - x0, py - y0), pz - z0)
    best = min(best, signed(tool, length(px - g[1], py - g[2]), pz - g[3]))
    return min(best, signed(tool, length(px - g[4], py - g[5]), pz - g[6]))


@compiled
def _pushed(g: Floats, share: float) -> tuple[float, float, float]:
    """A place on a helix, half a chord's height further out."""
    x, y, z = along(g, share)
    out = 1.0 + 0.5 * HELIX_CHORD_MM / max(g[9], g[10])
    return g[7] + (x - g[7]) * out, g[8] + (y - g[8]) * out, z


@compiled
def measure(cloud: Cloud, geometry: Floats, tool: Ints, rapid: Ints, tools: Floats, cap: float, marks: Marks) -> None:
    """Lower ``marks.best`` to the least signed distance (mm) of every point to the cutter over all moves.

    Distances above ``cap`` need not be found. Rapids count only where they enter the part. ``marks.rub`` is how
    high above the reach of its flutes each move's tool touches the part.
    """
    for e in range(len(tool)):
        whole = geometry[e]
        pieces = 1
        if whole[0] == 1.0 and whole[3] != whole[6]:
            step = 2.0 * math.acos(max(1.0 - HELIX_CHORD_MM / max(whole[9], whole[10]), 0.0))
            pieces = int(abs(whole[12]) / step) + 1
        for piece in range(pieces):
            g = whole
            if pieces > 1:
                g = np.zeros(13)
                # Chords lie as far inside the helix at their middles as their ends lie outside.
                g[1], g[2], g[3] = _pushed(whole, piece / pieces)
                g[4], g[5], g[6] = _pushed(whole, (piece + 1) / pieces)
            wide = tools[tool[e], 0] + cap + 0.71 * cloud.grid[2]
            i0, i1, j0, j1 = cells(cloud.grid, g, wide, cloud.shape)
            for j in range(j0, j1):
                for i in range(i0, i1):
                    cell = j * cloud.shape[1] + i
                    if min(g[3], g[6]) >= marks.ceiling[cell] - SAME_MM:
                        continue
                    px, py = cloud.grid[0] + (i + 0.5) * cloud.grid[2], cloud.grid[1] + (j + 0.5) * cloud.grid[3]
                    if reach(g, px, py) <= wide:
                        _measure_cell(cloud, cell, g, tools[tool[e]], e, rapid[e], marks)


@compiled
def _measure_cell(cloud: Cloud, cell: int, g: Floats, row: Floats, e: int, rapid: int, marks: Marks) -> None:
    """The same for one move (planar or straight) and the points of one cell."""
    base = min(g[3], g[6])
    sloped = g[3] != g[6] and (g[1] != g[4] or g[2] != g[5])
    highest = -FAR
    for k in range(cloud.start[cell], cloud.start[cell + 1]):
        px, py, pz = cloud.points[k, 0], cloud.points[k, 1], cloud.points[k, 2]
        least = marks.best[k]
        if base - pz < least:
            d = reach(g, px, py)
            if row[9] == 1.0 and rapid == 0 and d < row[0] + SKIN_MM:
                marks.rub[e] = max(marks.rub[e], pz - max(g[3], g[6]) - row[6])
            if d - row[0] < least:
                s = signed(row, d, pz - base)
                if s < least and sloped:
                    s = _sloped(g, row, px, py, pz)
                if s < least and (rapid == 0 or s < -SKIN_MM):
                    marks.best[k] = s
                    marks.who[k] = e
        highest = max(highest, pz + marks.best[k])
    marks.ceiling[cell] = highest


@compiled
def _around(x: float, y: float, wide: float, cloud: Cloud) -> tuple[int, int, int, int]:
    """The block of cells within a distance of a place."""
    g = np.array([0.0, x, y, 0.0, x, y, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    return cells(cloud.grid, g, wide + 0.71 * cloud.grid[2], cloud.shape)


@compiled
def _drop(cloud: Cloud, x: float, y: float, tool: Floats, body: Floats) -> float:
    """Lowest height of the tip at (x, y) that cuts into no point by more than the slack, shank included."""
    wide = tool[0]
    for k in range(body.size):
        if body[k] < FAR:
            wide = max(wide, (k + 1) * BODY_STEP_MM)
    i0, i1, j0, j1 = _around(x, y, wide, cloud)
    lowest = -FAR
    for j in range(j0, j1):
        first = j * cloud.shape[1]
        for k in range(cloud.start[first + i0], cloud.start[first + max(i1, i0)]):
            d = length(cloud.points[k, 0] - x, cloud.points[k, 1] - y)
            z = cloud.points[k, 2]
            if d < tool[0] - SLACK_MM and z > lowest:
                lowest = max(lowest, z - profile(tool, d) - SLACK_MM)
            if tool[9] == 1.0 and d < tool[0] + SLACK_MM:
                lowest = max(lowest, z - tool[6])
            cell = int(d / BODY_STEP_MM)
            if cell < body.size:
                lowest = max(lowest, z - body[cell])
    return lowest


@compiled
def _candidates(cloud: Cloud, normals: Floats, spot: Floats, radius: float) -> Floats:
    """Tip positions worth trying for a spot: a lattice about it, and where a tool touches the walls near it."""
    found = np.empty((LATTICE * LATTICE + 2 * MOST_WALLS, 2))
    count = 0
    step = 4.2 * radius / (LATTICE - 1)
    for i in range(LATTICE):
        for j in range(LATTICE):
            found[count, 0] = spot[0] + (i - LATTICE // 2) * step
            found[count, 1] = spot[1] + (j - LATTICE // 2) * step
            count += 1
    for ring in range(2):
        i0, i1, j0, j1 = _around(spot[0], spot[1], 0.6 if ring == 0 else 2.2 * radius, cloud)
        total = 0
        for j in range(j0, j1):
            total += cloud.start[j * cloud.shape[1] + max(i1, i0)] - cloud.start[j * cloud.shape[1] + i0]
        stride = total // MOST_WALLS + 1
        seen = 0
        for j in range(j0, j1):
            first = j * cloud.shape[1]
            for k in range(cloud.start[first + i0], cloud.start[first + max(i1, i0)]):
                seen += 1
                flat = length(normals[k, 0], normals[k, 1])
                if seen % stride == 0 and flat > 0.3:
                    found[count, 0] = cloud.points[k, 0] + normals[k, 0] / flat * radius
                    found[count, 1] = cloud.points[k, 1] + normals[k, 1] / flat * radius
                    count += 1
    return found[:count]


@compiled
def _left(cloud: Cloud, spot: Floats, ceiling: float, tool: Floats, body: Floats, x: float, y: float) -> float:
    """What a tool standing as low as it may at (x, y) leaves at a spot; FAR when it stands above ``ceiling``."""
    z = _drop(cloud, x, y, tool, body)
    return FAR if z > ceiling else signed(tool, length(spot[0] - x, spot[1] - y), spot[2] - z)


@compiled
def nearest_contact(cloud: Cloud, normals: Floats, spot: Floats, ceiling: float, tool: Floats, body: Floats) -> float:
    """Least distance (mm) to which a tool could come to a spot without cutting into the part anywhere.

    The tip may not stand above ``ceiling``: standing on a wall is not cutting it. Tries many tip positions and
    walks on from the best of them in ever finer steps. An upper bound: what it misses counts as out of reach.
    """
    found = _candidates(cloud, normals, spot, tool[0])
    value = np.empty(len(found))
    for k in range(len(found)):
        value[k] = _left(cloud, spot, ceiling, tool, body, found[k, 0], found[k, 1])
    best = FAR
    for k in np.argsort(value)[:3]:
        here, x, y = value[k], found[k, 0], found[k, 1]
        step = tool[0] / 8.0
        while step > 0.001 and SLACK_MM < here < FAR:
            moved = False
            for turn in range(8):
                tx, ty = x + step * math.cos(turn * math.pi / 4), y + step * math.sin(turn * math.pi / 4)
                s = _left(cloud, spot, ceiling, tool, body, tx, ty)
                if s < here - 1e-6:
                    here, x, y, moved = s, tx, ty, True
            if not moved:
                step /= 2.0
        best = min(best, here)
        if best <= SLACK_MM:
            break
    return best


@dataclass(frozen=True, slots=True)
class Cells:
    """Points sorted into square cells; ``order`` leads back to the points as they were given."""

    cloud: Cloud
    order: Ints


def into_cells(points: Floats, step_mm: float = CELL_MM) -> Cells:
    """Sort points (n, 3) into cells of ``step_mm``."""
    low = points[:, :2].min(axis=0)
    count = np.floor((points[:, :2].max(axis=0) - low) / step_mm).astype(np.int64) + 1
    index = np.minimum(((points[:, :2] - low) / step_mm).astype(np.int64), count - 1)
    key = index[:, 1] * count[0] + index[:, 0]
    order = np.argsort(key, kind="stable")
    start = np.searchsorted(key[order], np.arange(count[0] * count[1] + 1)).astype(np.int64)
    grid = np.array([low[0], low[1], step_mm, step_mm])
    return Cells(Cloud(points[order], start, grid, (int(count[1]), int(count[0]))), order)


def approach(cut: Cells, path: Path, tools: Floats, best: Floats, who: Ints) -> Floats:
    """Lower ``best`` (in the order the points were given) to their distance to the cutters; ``who`` is the move.

    ``best`` must start at the greatest distance of interest. Returns how high above its flutes each move's
    tool touches the part (mm).
    """
    cap = float(best.max(initial=0.0))
    cells_high = np.full(len(cut.cloud.start) - 1, FAR)
    cells_high[np.diff(cut.cloud.start) == 0] = -FAR
    marks = Marks(best[cut.order], np.full(len(best), -1, dtype=np.int64), np.zeros(len(path)), cells_high)
    measure(cut.cloud, path.geometry, path.tool, path.rapid, tools, cap, marks)
    best[cut.order] = marks.best
    changed = marks.who >= 0
    who[cut.order[changed]] = marks.who[changed]
    return marks.rub

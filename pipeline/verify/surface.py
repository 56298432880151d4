"""Measures how near the tools came to the part's surface: cut into it, or left something on it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from pipeline.verify.path import BODY_STEP_MM, Path
from pipeline.verify.shapes import FAR, SKIN_MM, Floats, Ints, along, cells, compiled, length, profile, reach, signed

HELIX_CHORD_MM = 0.0002
EXCESS_CAP_MM = 0.5
SLACK_MM = 0.01
CELL_MM = 1.0
LATTICE = 25
MOST_WALLS = 200


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
def measure(
    points: Floats,
    start: Ints,
    grid: Floats,
    shape: tuple[int, int],
    geometry: Floats,
    tool: Ints,
    rapid: Ints,
    tools: Floats,
    cap: float,
    best: Floats,
    who: Ints,
    rub: Floats,
) -> None:
    """Lower ``best`` to the least signed distance (mm) of every point to the cutter over all moves.

    ``points`` are sorted by the cells of ``grid`` (``shape`` rows and columns), ``start`` their first of each.
    ``who`` is the move that set ``best``; rapids count only where they enter the part. ``rub`` is how high above
    the reach of its flutes each move's tool touches the part (mm).
    """
    for e in range(len(tool)):
        row = tools[tool[e]]
        whole = geometry[e]
        pieces = 1
        if whole[0] == 1.0 and whole[3] != whole[6]:
            step = 2.0 * math.acos(max(1.0 - HELIX_CHORD_MM / max(whole[9], whole[10]), 0.0))
            pieces = int(abs(whole[12]) / step) + 1
        for piece in range(pieces):
            g = whole
            if pieces > 1:
                g = np.zeros(13)
                g[1], g[2], g[3] = along(whole, piece / pieces)
                g[4], g[5], g[6] = along(whole, (piece + 1) / pieces)
            _measure_piece(points, start, grid, shape, g, row, e, rapid[e] == 1, cap, best, who, rub)


@compiled
def _measure_piece(
    points: Floats,
    start: Ints,
    grid: Floats,
    shape: tuple[int, int],
    g: Floats,
    row: Floats,
    e: int,
    rapid: bool,
    cap: float,
    best: Floats,
    who: Ints,
    rub: Floats,
) -> None:
    base = min(g[3], g[6])
    sloped = g[3] != g[6] and (g[1] != g[4] or g[2] != g[5])
    wide = row[0] + cap + 0.71 * grid[2]
    i0, i1, j0, j1 = cells(grid, g, wide, shape)
    for j in range(j0, j1):
        for i in range(i0, i1):
            cell = j * shape[1] + i
            if start[cell] == start[cell + 1]:
                continue
            if reach(g, grid[0] + (i + 0.5) * grid[2], grid[1] + (j + 0.5) * grid[3]) > wide:
                continue
            for k in range(start[cell], start[cell + 1]):
                px, py, pz = points[k, 0], points[k, 1], points[k, 2]
                if base - pz >= best[k]:
                    continue
                d = reach(g, px, py)
                if d - row[0] >= best[k]:
                    continue
                s = signed(row, d, pz - base)
                if s < best[k] and sloped:
                    s = _sloped(g, row, px, py, pz)
                if row[9] == 1.0 and not rapid and d < row[0] + SKIN_MM:
                    rub[e] = max(rub[e], pz - max(g[3], g[6]) - row[6])
                if s < best[k] and (not rapid or s < -SKIN_MM):
                    best[k] = s
                    who[k] = e


@compiled
def _drop(
    points: Floats, start: Ints, grid: Floats, shape: tuple[int, int], x: float, y: float, tool: Floats, body: Floats
) -> float:
    """Lowest height of the tip at (x, y) that cuts into no point by more than the slack, shank included."""
    g = np.array([0.0, x, y, 0.0, x, y, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    wide = tool[0]
    for k in range(body.size):
        if body[k] < FAR:
            wide = max(wide, (k + 1) * BODY_STEP_MM)
    i0, i1, j0, j1 = cells(grid, g, wide + 0.5 * grid[2], shape)
    lowest = -FAR
    for j in range(j0, j1):
        for k in range(start[j * shape[1] + i0], start[j * shape[1] + max(i1, i0)]):
            d = length(points[k, 0] - x, points[k, 1] - y)
            z = points[k, 2]
            if d < tool[0] - SLACK_MM and z > lowest:
                lowest = max(lowest, z - profile(tool, d) - SLACK_MM)
            if tool[9] == 1.0 and d < tool[0] + SLACK_MM:
                lowest = max(lowest, z - tool[6])
            cell = int(d / BODY_STEP_MM)
            if cell < body.size:
                lowest = max(lowest, z - body[cell])
    return lowest


@compiled
def _candidates(
    points: Floats, normals: Floats, start: Ints, grid: Floats, shape: tuple[int, int], spot: Floats, radius: float
) -> Floats:
    """Tip positions worth trying for a spot: a lattice about it, and where a tool touches the walls near it."""
    found = np.empty((LATTICE * LATTICE + 2 * MOST_WALLS, 2))
    count = 0
    step = 4.2 * radius / (LATTICE - 1)
    for i in range(LATTICE):
        for j in range(LATTICE):
            found[count, 0] = spot[0] + (i - LATTICE // 2) * step
            found[count, 1] = spot[1] + (j - LATTICE // 2) * step
            count += 1
    g = np.array([0.0, spot[0], spot[1], 0.0, spot[0], spot[1], 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    for ring in range(2):
        wide = 0.6 if ring == 0 else 2.2 * radius
        i0, i1, j0, j1 = cells(grid, g, wide + 0.71 * grid[2], shape)
        total = 0
        for j in range(j0, j1):
            total += start[j * shape[1] + max(i1, i0)] - start[j * shape[1] + i0]
        stride = total // MOST_WALLS + 1
        seen = 0
        for j in range(j0, j1):
            for k in range(start[j * shape[1] + i0], start[j * shape[1] + max(i1, i0)]):
                seen += 1
                flat = length(normals[k, 0], normals[k, 1])
                if seen % stride == 0 and flat > 0.3:
                    found[count, 0] = points[k, 0] + normals[k, 0] / flat * radius
                    found[count, 1] = points[k, 1] + normals[k, 1] / flat * radius
                    count += 1
    return found[:count]


@compiled
def nearest_contact(
    points: Floats,
    normals: Floats,
    start: Ints,
    grid: Floats,
    shape: tuple[int, int],
    spot: Floats,
    tool: Floats,
    body: Floats,
) -> float:
    """Least distance (mm) to which a tool could come to a spot without cutting into the part anywhere.

    Tries many tip positions and walks on from the best of them in ever finer steps. An upper bound: what it
    misses counts as out of reach.
    """
    found = _candidates(points, normals, start, grid, shape, spot, tool[0])
    value = np.empty(len(found))
    for k in range(len(found)):
        z = _drop(points, start, grid, shape, found[k, 0], found[k, 1], tool, body)
        value[k] = signed(tool, length(spot[0] - found[k, 0], spot[1] - found[k, 1]), spot[2] - z)
    best = FAR
    for k in np.argsort(value)[:3]:
        here, bx, by = value[k], found[k, 0], found[k, 1]
        step = tool[0] / 8.0
        while step > 0.001 and here > SLACK_MM:
            moved = False
            for turn in range(8):
                x, y = bx + step * math.cos(turn * math.pi / 4), by + step * math.sin(turn * math.pi / 4)
                z = _drop(points, start, grid, shape, x, y, tool, body)
                s = signed(tool, length(spot[0] - x, spot[1] - y), spot[2] - z)
                if s < here - 1e-6:
                    here, bx, by, moved = s, x, y, True
            if not moved:
                step /= 2.0
        best = min(best, here)
        if best <= SLACK_MM:
            break
    return best


@dataclass(frozen=True, slots=True)
class Cells:
    """Points sorted into square cells in plan: ``order`` leads back to the points as given."""

    points: Floats
    order: Ints
    start: Ints
    grid: Floats
    shape: tuple[int, int]


def into_cells(points: Floats, step_mm: float = CELL_MM) -> Cells:
    """Sort points (n, 3) into cells of ``step_mm``."""
    low = points[:, :2].min(axis=0)
    count = np.floor((points[:, :2].max(axis=0) - low) / step_mm).astype(np.int64) + 1
    index = np.minimum(((points[:, :2] - low) / step_mm).astype(np.int64), count - 1)
    key = index[:, 1] * count[0] + index[:, 0]
    order = np.argsort(key, kind="stable")
    start = np.searchsorted(key[order], np.arange(count[0] * count[1] + 1))
    grid = np.array([low[0], low[1], step_mm, step_mm])
    return Cells(points[order], order, start.astype(np.int64), grid, (int(count[1]), int(count[0])))


def approach(cut: Cells, path: Path, tools: Floats, best: Floats, who: Ints, offset: int) -> Floats:
    """Lower ``best`` and set ``who`` (move numbers from ``offset`` on) for points given in the setup's frame.

    ``best`` must start at the greatest distance of interest. Returns how high above its flutes each move's
    tool touches the part (mm).
    """
    cap = float(best.max(initial=0.0))
    near = best[cut.order]
    by = np.full(len(near), -1, dtype=np.int64)
    rub = np.zeros(len(path))
    measure(cut.points, cut.start, cut.grid, cut.shape, path.geometry, path.tool, path.rapid, tools, cap, near, by, rub)
    best[cut.order] = near
    changed = by >= 0
    who[cut.order[changed]] = by[changed] + offset
    return rub

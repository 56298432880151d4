"""Searches for the best a tool could do at one place of the part without cutting into it anywhere."""

from __future__ import annotations

import math

import numpy as np

from geometry.compiled import compiled
from pipeline.verify.path import BODY_STEP_MM
from pipeline.verify.shapes import FAR, Floats, cells, length, profile, signed
from pipeline.verify.surface import Cloud

SLACK_MM = 0.01
LATTICE = 13
MOST_WALLS = 100
WALKS = 4


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
    for k in np.argsort(value)[:WALKS]:
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

"""The compiled loops that cut the stock's columns, move by move, and say what each move met."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from pipeline.verify.path import BODY_STEP_MM
from pipeline.verify.shapes import (
    FAR,
    SKIN_MM,
    Floats,
    Ints,
    along,
    cells,
    compiled,
    flat_lowest,
    length,
    reach,
    span,
    tool_lowest,
)

Heights = NDArray[np.float32]
RAPID_SIDE_MM = 0.5
RAPID_BELOW_MM = 0.5
RAPID_DOWN_MM = 0.2
CENTRE_SHARE = 0.3
STEEP = 0.364  # tan 20 degrees
REMOVED, DEPTH, CENTRE, RAPID, MARGIN, FLUTE, BODY = range(7)
RESULTS = 7


@compiled
def _body_hit(high: Heights, grid: Floats, g: Floats, body: Floats) -> float:
    """How deep shank or holder goes into the material during a move (mm), 0 when it stays clear."""
    lowest = min(g[3], g[6]) + np.min(body)
    wide = body.size * BODY_STEP_MM
    i0, i1, j0, j1 = cells(grid, g, wide, high.shape)
    worst = 0.0
    for j in range(j0, j1):
        for i in range(i0, i1):
            if high[j, i] <= lowest + worst:
                continue
            px, py = grid[0] + (i + 0.5) * grid[2], grid[1] + (j + 0.5) * grid[3]
            if reach(g, px, py) >= wide:
                continue
            steps = 1 if g[3] == g[6] else 64
            height = FAR
            for k in range(steps + 1):
                x, y, z = along(g, k / steps)
                d = reach(g, px, py) if steps == 1 else length(px - x, py - y)
                c = int(d / BODY_STEP_MM)
                if c < body.size:
                    height = min(height, z + body[c])
            worst = max(worst, high[j, i] - height)
    return worst


@compiled
def _rapid(high: Heights, grid: Floats, g: Floats, tool: Floats) -> tuple[float, float]:
    """How deep a rapid goes into material, and into the margin it must keep from it (mm)."""
    level = length(g[4] - g[1], g[5] - g[2]) > 1e-6
    side = RAPID_SIDE_MM if level else 0.0
    below = RAPID_BELOW_MM if level else (RAPID_DOWN_MM if g[6] < g[3] else 0.0)
    radius = tool[0] + side
    i0, i1, j0, j1 = cells(grid, g, radius, high.shape)
    hit, near = 0.0, 0.0
    inner = tool.copy()
    inner[0] -= 0.01
    for j in range(j0, j1):
        for i in range(i0, i1):
            if high[j, i] <= min(g[3], g[6]) - below:
                continue
            px, py = grid[0] + (i + 0.5) * grid[2], grid[1] + (j + 0.5) * grid[3]
            over = high[j, i] - tool_lowest(g, inner, px, py)
            hit = max(hit, over)
            over = high[j, i] + below - (flat_lowest(g, radius, px, py) if level else tool_lowest(g, inner, px, py))
            near = max(near, over)
    return (hit if hit > SKIN_MM else 0.0), (near if near > SKIN_MM else 0.0)


@compiled
def _cut_row(high: Heights, low: Heights, j: int, i0: int, i1: int, z: float) -> tuple[float, float]:
    """Cut the columns of a row down to ``z``: the height removed in all, and the most in one column."""
    total, most = 0.0, 0.0
    for i in range(i0, i1):
        top = high[j, i]
        if top > z + SKIN_MM:
            floor = max(z, low[j, i])
            total += top - floor
            most = max(most, top - z)
            if z <= low[j, i] + SKIN_MM:
                high[j, i] = -FAR
                low[j, i] = FAR
            else:
                high[j, i] = z
    return total, most


@compiled
def _centre(high: Heights, grid: Floats, g: Floats, tool: Floats) -> float:
    """Depth of material met by the middle of the cutter while it goes down steeply (mm)."""
    plan = length(g[4] - g[1], g[5] - g[2]) if g[0] == 0.0 else g[9] * abs(g[12])
    if g[3] - g[6] <= STEEP * plan:
        return 0.0
    radius = CENTRE_SHARE * tool[0]
    i0, i1, j0, j1 = cells(grid, g, radius, high.shape)
    depth = 0.0
    for j in range(j0, j1):
        for i in range(i0, i1):
            px, py = grid[0] + (i + 0.5) * grid[2], grid[1] + (j + 0.5) * grid[3]
            depth = max(depth, high[j, i] - flat_lowest(g, radius, px, py))
    return depth


@compiled
def _cut(high: Heights, low: Heights, grid: Floats, g: Floats, tool: Floats, joined: int, out: Floats) -> None:
    """Take away what the cutter passes through and note volume and depth.

    ``joined`` is 1 when the move before ended where this one starts, so the disc there is cut already.
    """
    i0, i1, j0, j1 = cells(grid, g, tool[0], high.shape)
    flat = tool[3] == 0.0 and tool[4] == 0.0
    straight = g[0] == 0.0 and (g[3] == g[6] or (g[1] == g[4] and g[2] == g[5]))
    base = min(g[3], g[6])
    area = grid[2] * grid[3]
    for j in range(j0, j1):
        py = grid[1] + (j + 0.5) * grid[3]
        if straight and flat:
            left, right = _chord(g, tool[0], py)
            a, b = span(left, right, grid[0], grid[2], high.shape[1])
            rest = tool[0] * tool[0] - (py - g[2]) * (py - g[2])
            m, n = b, b
            if joined == 1 and g[3] == g[6] and rest > 0.0:
                m, n = span(g[1] - math.sqrt(rest), g[1] + math.sqrt(rest), grid[0], grid[2], high.shape[1])
                m, n = min(max(m, a), b), min(max(n, a), b)
            before, most = _cut_row(high, low, j, a, m, base)
            after, deep = _cut_row(high, low, j, n, b, base)
            out[REMOVED] += (before + after) * area
            out[DEPTH] = max(out[DEPTH], most, deep)
            continue
        for i in range(i0, i1):
            if high[j, i] <= base + SKIN_MM:
                continue
            z = tool_lowest(g, tool, grid[0] + (i + 0.5) * grid[2], py)
            total, most = _cut_row(high, low, j, i, i + 1, z)
            out[REMOVED] += total * area
            if total > 0.0:
                out[DEPTH] = max(out[DEPTH], most if flat else most + z - base)


@compiled
def _chord(g: Floats, radius: float, py: float) -> tuple[float, float]:
    """Where a level line at ``py`` crosses the capsule a disc sweeps along a straight move: left, right."""
    left, right = FAR, -FAR
    for k in range(2):
        x, y = g[1 + 3 * k], g[2 + 3 * k]
        rest = radius * radius - (py - y) * (py - y)
        if rest >= 0.0:
            left, right = min(left, x - math.sqrt(rest)), max(right, x + math.sqrt(rest))
    dx, dy = g[4] - g[1], g[5] - g[2]
    whole = length(dx, dy)
    if whole > 0.0:
        nx, ny = -dy / whole * radius, dx / whole * radius
        for side in range(-1, 2, 2):
            xa, ya = g[1] + side * nx, g[2] + side * ny
            if dy != 0.0:
                t = (py - ya) / dy
                if 0.0 <= t <= 1.0:
                    x = xa + t * dx
                    left, right = min(left, x), max(right, x)
    return left, right


@compiled
def run(
    high: Heights, low: Heights, grid: Floats, geometry: Floats, tool: Ints, rapid: Ints, tools: Floats, bodies: Floats
) -> Floats:
    """Make every move in order; ``high`` and ``low`` change in place.

    ``grid`` is (x0, y0, step x, step y) in mm. Returns a row a move: volume removed (mm3), depth of cut, depth
    met at the cutter's centre while going down, depth of a rapid in material, depth of a rapid in its margin,
    depth cut above the flutes, depth of shank or holder in material (mm).
    """
    out = np.zeros((len(tool), RESULTS))
    top = np.max(high)
    for e in range(len(tool)):
        g = geometry[e]
        row = tools[tool[e]]
        body = bodies[tool[e]]
        base = min(g[3], g[6])
        if base + np.min(body) < top:
            out[e, BODY] = _body_hit(high, grid, g, body)
        if rapid[e] == 1 and base - RAPID_BELOW_MM < top:
            out[e, RAPID], out[e, MARGIN] = _rapid(high, grid, g, row)
        if base < top and (rapid[e] == 0 or out[e, RAPID] > 0.0):
            out[e, CENTRE] = _centre(high, grid, g, row)
            joined = 1 if e > 0 and rapid[e - 1] == 0 and tool[e - 1] == tool[e] else 0
            for k in range(3):
                if joined == 1 and geometry[e - 1, 4 + k] != g[1 + k]:
                    joined = 0
            _cut(high, low, grid, g, row, joined, out[e])
            out[e, FLUTE] = max(out[e, DEPTH] - row[5], 0.0)
    return out

"""The compiled loops that cut the stock's columns, move by move, and say what each move met."""

from __future__ import annotations

import math

import numpy as np

from geometry.compiled import compiled
from pipeline.verify.path import BODY_STEP_MM
from pipeline.verify.shapes import (
    FAR,
    SKIN_MM,
    Floats,
    Ints,
    along,
    cells,
    flat_lowest,
    length,
    profile,
    reach,
    span,
    standing,
    tool_lowest,
    turn_share,
)
from pipeline.verify.stock import Columns, Heights

RAPID_SIDE_MM = 0.5
RAPID_BELOW_MM = 0.5
RAPID_DOWN_MM = 0.2
CENTRE_SHARE = 0.3
STEEP = 0.1763  # tan 10 degrees
REMOVED, DEPTH, CENTRE, RAPID, MARGIN, FLUTE, BODY, ANGLE, MEAN, BUSY, BULK, OVER = range(12)
RESULTS = 12
SAMPLE_MM = 0.25
MOST_SAMPLES = 2000
RIM = 90
TILE = 8


@compiled
def _body_hit(high: Heights, grid: Floats, g: Floats, body: Floats) -> float:
    """How deep shank or holder goes into the material during a move (mm), 0 when it stays clear."""
    lowest = min(g[3], g[6]) + np.min(body)
    wide = body.size * BODY_STEP_MM
    level = g[3] == g[6]
    way = length(g[4] - g[1], g[5] - g[2]) if g[0] == 0.0 else abs(g[12]) * g[9]
    steps = 1 if level else min(64, int(length(way, g[6] - g[3]) / BODY_STEP_MM) + 1)
    i0, i1, j0, j1 = cells(grid, g, wide, high.shape)
    worst = 0.0
    for j in range(j0, j1):
        for i in range(i0, i1):
            if high[j, i] <= lowest + worst:
                continue
            px, py = grid[0] + (i + 0.5) * grid[2], grid[1] + (j + 0.5) * grid[3]
            if reach(g, px, py) >= wide:
                continue
            height = FAR
            for k in range(steps + 1):
                x, y, z = along(g, k / steps)
                d = reach(g, px, py) if level else length(px - x, py - y)
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
def _cut_row(columns: Columns, j: int, i0: int, i1: int, z: float) -> tuple[float, float]:
    """Cut the columns of a row down to ``z``: the material removed in all, and the most height in one column."""
    high, low = columns.high, columns.low
    total, most = 0.0, 0.0
    for i in range(i0, i1):
        top = high[j, i]
        if top > z + SKIN_MM:
            most = max(most, top - z)
            while top > z + SKIN_MM:
                bottom = low[j, i]
                total += top - max(z, bottom)
                if z > bottom + SKIN_MM:
                    high[j, i] = z
                    break
                below = -1 if columns.below.size == 0 else columns.below[j, i]
                if below < 0:
                    high[j, i] = -FAR
                    low[j, i] = FAR
                    break
                top = columns.more[below, 0]
                high[j, i], low[j, i] = top, columns.more[below, 1]
                columns.below[j, i] = columns.after[below]
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
def _cut(columns: Columns, g: Floats, tool: Floats, joined: int, out: Floats) -> None:
    """Take away what a flat cutter passes through and note volume and depth.

    ``joined`` is 1 when the move before ended where this one starts, so the disc there is cut already.
    """
    high, grid = columns.high, columns.grid
    i0, i1, j0, j1 = cells(grid, g, tool[0], high.shape)
    straight = g[0] == 0.0 and (g[3] == g[6] or (g[1] == g[4] and g[2] == g[5]))
    base = min(g[3], g[6])
    area = grid[2] * grid[3]
    inner, outer = max(min(g[9], g[10]) - tool[0] - SKIN_MM, 0.0), max(g[9], g[10]) + tool[0] + SKIN_MM
    for j in range(j0, j1):
        py = grid[1] + (j + 0.5) * grid[3]
        a, b = i0, i1
        if g[0] == 0.0:
            left, right = _chord(g, tool[0], py)
            a, b = span(left, right, grid[0], grid[2], high.shape[1])
        if straight:
            rest = tool[0] * tool[0] - (py - g[2]) * (py - g[2])
            m, n = b, b
            if joined == 1 and g[3] == g[6] and rest > 0.0:
                m, n = span(g[1] - math.sqrt(rest), g[1] + math.sqrt(rest), grid[0], grid[2], high.shape[1])
                m, n = min(max(m, a), b), min(max(n, a), b)
            before, most = _cut_row(columns, j, a, m, base)
            after, deep = _cut_row(columns, j, n, b, base)
            out[REMOVED] += (before + after) * area
            out[DEPTH] = max(out[DEPTH], most, deep)
            continue
        if g[0] == 0.0:
            _cut_cells(columns, g, tool, j, a, b, out)
            continue
        # An arc passes over nothing out of its ring: a row of it is two stretches, or one.
        dy2 = (py - g[8]) * (py - g[8])
        wide = math.sqrt(max(outer * outer - dy2, 0.0))
        hole = math.sqrt(max(inner * inner - dy2, 0.0))
        a, m = span(g[7] - wide, g[7] - hole, grid[0], grid[2], high.shape[1])
        n, b = span(g[7] + hole, g[7] + wide, grid[0], grid[2], high.shape[1])
        _cut_arc(columns, g, tool, j, max(a, i0), min(m, i1), out)
        _cut_arc(columns, g, tool, j, max(n, m, i0), min(b, i1), out)


@compiled
def _cut_arc(columns: Columns, g: Floats, tool: Floats, j: int, a: int, b: int, out: Floats) -> None:
    """The same for the cells of a row that lie in an arc's ring; a level one is told by cross products alone."""
    if g[3] != g[6]:
        _cut_cells(columns, g, tool, j, a, b, out)
        return
    high, grid = columns.high, columns.grid
    way = 1.0 if g[12] > 0.0 else -1.0
    radius, mean = tool[0], 0.5 * (g[9] + g[10])
    x0, y0, x1, y1 = way * (g[1] - g[7]), way * (g[2] - g[8]), way * (g[4] - g[7]), way * (g[5] - g[8])
    py = grid[1] + (j + 0.5) * grid[3]
    dy = py - g[8]
    area = grid[2] * grid[3]
    for i in range(a, b):
        if high[j, i] <= g[3] + SKIN_MM:
            continue
        px = grid[0] + (i + 0.5) * grid[2]
        dx = px - g[7]
        after, before = x0 * dy - y0 * dx >= 0.0, dx * y1 - dy * x1 >= 0.0
        swept = (after and before) if abs(g[12]) <= math.pi else (after or before)
        if swept:
            swept = abs(length(dx, dy) - mean) <= radius
        else:
            swept = min(length(px - g[1], py - g[2]), length(px - g[4], py - g[5])) <= radius
        if swept:
            total, most = _cut_row(columns, j, i, i + 1, g[3])
            out[REMOVED] += total * area
            out[DEPTH] = max(out[DEPTH], most)


@compiled
def _cut_cells(columns: Columns, g: Floats, tool: Floats, j: int, a: int, b: int, out: Floats) -> float:
    """The same for the cells of a row one by one; returns the highest column left there."""
    high, grid = columns.high, columns.grid
    flat = tool[3] == 0.0 and tool[4] == 0.0
    base = min(g[3], g[6])
    py = grid[1] + (j + 0.5) * grid[3]
    left = -FAR
    for i in range(a, b):
        top = high[j, i]
        if top > base + SKIN_MM:
            px = grid[0] + (i + 0.5) * grid[2]
            if flat or g[0] == 1.0 or top > base + SKIN_MM + profile(tool, max(reach(g, px, py) - 1e-9, 0.0)):
                z = flat_lowest(g, tool[0], px, py) if flat else tool_lowest(g, tool, px, py)
                total, most = 0.0, 0.0
                if z > columns.low[j, i] + SKIN_MM:  # most often: here, without the cost of a call
                    if top > z + SKIN_MM:
                        total = most = top - z
                        high[j, i] = z
                else:
                    total, most = _cut_row(columns, j, i, i + 1, z)
                out[REMOVED] += total * grid[2] * grid[3]
                if total > 0.0:
                    out[DEPTH] = max(out[DEPTH], most if flat else most + z - base)
        left = max(left, high[j, i])
    return left


@compiled
def _cut_tiles(columns: Columns, peaks: Floats, g: Floats, tool: Floats, out: Floats) -> None:
    """The same for a cutter that is not flat, tile by tile: most tiles lie below its flank and are passed over.

    ``peaks`` holds no less than each tile's highest column.
    """
    high, grid = columns.high, columns.grid
    i0, i1, j0, j1 = cells(grid, g, tool[0], high.shape)
    base = min(g[3], g[6])
    half = 0.5 * TILE * length(grid[2], grid[3])
    for n in range(j0 // TILE, (j1 + TILE - 1) // TILE):
        for m in range(i0 // TILE, (i1 + TILE - 1) // TILE):
            if peaks[n, m] <= base + SKIN_MM:
                continue
            px, py = grid[0] + (m + 0.5) * TILE * grid[2], grid[1] + (n + 0.5) * TILE * grid[3]
            if peaks[n, m] <= base + SKIN_MM + profile(tool, max(reach(g, px, py) - half, 0.0)):
                continue
            a, b = m * TILE, min((m + 1) * TILE, high.shape[1])
            left = -FAR
            for j in range(n * TILE, min((n + 1) * TILE, high.shape[0])):
                left = max(left, _cut_cells(columns, g, tool, j, a, b, out))
            peaks[n, m] = left


@compiled
def _engage(columns: Columns, g: Floats, tool: Floats, above: float, fan: Floats, out: Floats) -> None:
    """How far round the leading half of the cutter's rim stands in material, sampled along a move (degrees).

    Material counts where it stands more than ``above`` over the tip. The rim of a rounded corner is taken where it
    is ``above`` high, at most 0.1 mm. ``fan`` holds cosine and sine of the bearings looked at. Notes the most, the
    mean over the way in material, and that way's share; then, where the material stands uneven, how high its bulk
    stands (mm) and how far round from the rim's side any stands over that.
    """
    high, grid = columns.high, columns.grid
    arc = g[0] == 1.0
    way = abs(g[12]) * 0.5 * (g[9] + g[10]) if arc else length(g[4] - g[1], g[5] - g[2])
    samples = min(max(int(way / SAMPLE_MM), 1), MOST_SAMPLES)
    rim = tool[0]
    if tool[4] > 0.0:
        up = min(above, 0.1, tool[4])
        rim = tool[2] + math.sqrt(2.0 * tool[4] * up - up * up)
    elif tool[3] > 0.0:
        rim = min(tool[1] + above * (tool[0] - tool[1]) / tool[3], tool[0])
    rim -= 0.25 * min(grid[2], grid[3])
    most, total, busy, bulk, over = 0.0, 0.0, 0, 0.0, 0.0
    stands = np.zeros(RIM)
    for k in range(samples):
        s = (k + 0.5) / samples
        x, y, z = along(g, s)
        if arc:
            a = g[11] + g[12] * s
            heading = a + (0.5 * math.pi if g[12] > 0.0 else -0.5 * math.pi)
        else:
            heading = math.atan2(g[5] - g[2], g[4] - g[1])
        ahead, aside = rim * math.cos(heading), rim * math.sin(heading)
        inside = 0
        stands[:] = 0.0
        for n in range(RIM):
            px, py = x + ahead * fan[n, 0] - aside * fan[n, 1], y + aside * fan[n, 0] + ahead * fan[n, 1]
            i, j = math.floor((px - grid[0]) / grid[2]), math.floor((py - grid[1]) / grid[3])
            if not (0 <= i < high.shape[1] and 0 <= j < high.shape[0]) or high[j, i] <= z + above:
                continue
            if arc and _swept(g, s, rim, px, py):
                continue
            inside += 1
            stands[n] = high[j, i] - z
        if inside > 0:
            angle = 180.0 * inside / RIM
            busy += 1
            level, side = standing(stands, fan, inside)
            bulk, over = max(bulk, level), max(over, side)
            total += angle
            most = max(most, angle)
    out[ANGLE], out[MEAN], out[BUSY] = most, total / max(busy, 1), busy / samples
    out[BULK], out[OVER] = bulk, over


@compiled
def _swept(g: Floats, s: float, radius: float, px: float, py: float) -> bool:
    """True when an arc's first share ``s`` has passed over a point already."""
    if length(px - g[1], py - g[2]) < radius:
        return True
    at = turn_share(g, px, py)
    return at < s and abs(length(px - g[7], py - g[8]) - g[9]) < radius - 1e-6


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
def run(  # noqa: C901 - one loop over the moves, compiled
    columns: Columns, geometry: Floats, tool: Ints, rapid: Ints, above: Floats, tools: Floats, bodies: Floats
) -> Floats:
    """Make every move in order; the columns change in place.

    ``above`` is, for each move, how high over the tip material must stand to count as engaged (mm). Returns a row a
    move: volume removed (mm3), depth of cut, depth met at the cutter's centre while going down, depth of a rapid in
    material, depth of a rapid in its margin, depth cut above the flutes, depth of shank or holder in material (mm),
    most and mean engagement of the leading half (degrees), share of the way in material, height of the material's
    bulk (mm) and engagement over that (degrees).
    """
    out = np.zeros((len(tool), RESULTS))
    bearings = math.pi * ((np.arange(RIM) + 0.5) / RIM - 0.5)
    fan = np.stack((np.cos(bearings), np.sin(bearings)), axis=1)
    high, grid = columns.high, columns.grid
    top = np.max(high)
    ny, nx = (high.shape[0] + TILE - 1) // TILE, (high.shape[1] + TILE - 1) // TILE
    peaks = np.full((ny, nx), -FAR)
    for j in range(high.shape[0]):
        for i in range(high.shape[1]):
            peaks[j // TILE, i // TILE] = max(peaks[j // TILE, i // TILE], high[j, i])
    for e in range(len(tool)):
        g = geometry[e]
        row = tools[tool[e]]
        body = bodies[tool[e]]
        base = min(g[3], g[6])
        if base + np.min(body) < top:
            out[e, BODY] = _body_hit(high, grid, g, body)
        if rapid[e] == 1 and base - RAPID_BELOW_MM < top:
            out[e, RAPID], out[e, MARGIN] = _rapid(high, grid, g, row)
        if base < top and rapid[e] == 0 and row[10] > 0.0:
            # A thread is cut under itself, which no column shows: its ring stays, its core must be open already.
            core = row.copy()
            core[0] -= row[10]
            out[e, CENTRE] = _centre(high, grid, g, row)
            out[e, DEPTH] = _rapid(high, grid, g, core)[0]
        elif base < top and (rapid[e] == 0 or out[e, RAPID] > 0.0):
            out[e, CENTRE] = _centre(high, grid, g, row)
            if rapid[e] == 0 and row[4] < row[0] and (g[1] != g[4] or g[2] != g[5] or g[0] == 1.0):
                _engage(columns, g, row, above[e], fan, out[e])
            joined = 1 if e > 0 and rapid[e - 1] == 0 and tool[e - 1] == tool[e] else 0
            for k in range(3):
                if joined == 1 and geometry[e - 1, 4 + k] != g[1 + k]:
                    joined = 0
            if row[3] == 0.0 and row[4] == 0.0:
                _cut(columns, g, row, joined, out[e])
            else:
                _cut_tiles(columns, peaks, g, row, out[e])
            out[e, FLUTE] = max(out[e, DEPTH] - row[5], 0.0)
    return out

"""Where a cutter let down from above comes to rest on a part: exact, triangle by triangle."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from geometry.compiled import compiled
from geometry.cutter import Cutter

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Cells = tuple[Floats, Ints, Ints, Floats, Floats]
"""Triangles with their planes, first entry of each cell, entries, highest point of each cell, and the grid itself."""

Touch = tuple[float, float, float, float]
"""The tip's height and the point touched."""

STEEPEST = 1e5
"""A triangle steeper than this (mm a mm) is met by its edges alone."""
SLACK_MM = 1e-9
MOST_CELLS = 1024
SHARE = 0.75
"""Cells are about this many mean triangles large."""


def cells(triangles: Floats) -> Cells:
    """Sort triangles (n, 3, 3) into a grid over the plane, each cell with the height nothing in it exceeds."""
    corners = np.ascontiguousarray(triangles.reshape(-1, 9))
    planes = _planes(corners)
    low, high = triangles.min(axis=1), triangles.max(axis=1)
    x0, y0 = low[:, 0].min(), low[:, 1].min()
    wide, deep = high[:, 0].max() - x0, high[:, 1].max() - y0
    across = np.abs(np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])[:, 2])
    typical = math.sqrt(max(float(np.median(across[across > SLACK_MM])), 0.0)) if (across > SLACK_MM).any() else 0.0
    side = max(SHARE * typical, max(wide, deep) / MOST_CELLS, 1e-6)
    grid = np.array([x0, y0, side, math.floor(wide / side) + 1, math.floor(deep / side) + 1])
    first, entries, tops = _sorted(planes, grid)
    return planes, first, entries, tops, grid


def rest(mesh: Cells, cutter: Cutter, xy: Floats) -> Floats:
    """Let the cutter down at every (x, y): rows of the tip's height and the point touched (mm).

    The height is -inf where nothing lies under the cutter. Exact but for rounding (1e-9 mm): of the part's
    triangles, the largest of z - h(distance), h being the cutter's height over its tip, over facets and edges.
    """
    return drop_all(mesh, cutter.numbers(), np.ascontiguousarray(xy, dtype=np.float64))


@compiled
def _planes(corners: Floats) -> Floats:
    """Corners, then slopes along x and y, steepness (inf: vertical), highest corner, middle and reach from it."""
    out = np.empty((len(corners), 17))
    for k in range(len(corners)):
        c = corners[k]
        out[k, :9] = c
        ux, uy, uz = c[3] - c[0], c[4] - c[1], c[5] - c[2]
        vx, vy, vz = c[6] - c[0], c[7] - c[1], c[8] - c[2]
        nx, ny, nz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
        flat = math.sqrt(nx * nx + ny * ny)
        if abs(nz) * STEEPEST <= flat or nz == 0.0:
            out[k, 9], out[k, 10], out[k, 11] = 0.0, 0.0, math.inf
        else:
            out[k, 9], out[k, 10], out[k, 11] = -nx / nz, -ny / nz, flat / abs(nz)
        out[k, 12] = max(c[2], c[5], c[8])
        x, y, z = (c[0] + c[3] + c[6]) / 3.0, (c[1] + c[4] + c[7]) / 3.0, (c[2] + c[5] + c[8]) / 3.0
        reach2 = 0.0
        for e in range(3):
            reach2 = max(reach2, (c[3 * e] - x) ** 2 + (c[3 * e + 1] - y) ** 2)
        out[k, 13], out[k, 14], out[k, 15], out[k, 16] = x, y, z, math.sqrt(reach2) * (1.0 + SLACK_MM)
    return out


@compiled
def _block(t: Floats, grid: Floats) -> tuple[int, int, int, int]:
    """The cells a triangle's box lies in: first and last along x, then along y."""
    x0, y0, side = grid[0], grid[1], grid[2]
    i0 = int((min(t[0], t[3], t[6]) - x0) / side)
    i1 = min(int((max(t[0], t[3], t[6]) - x0) / side), int(grid[3]) - 1)
    j0 = int((min(t[1], t[4], t[7]) - y0) / side)
    j1 = min(int((max(t[1], t[4], t[7]) - y0) / side), int(grid[4]) - 1)
    return min(i0, i1), i1, min(j0, j1), j1


@compiled
def _beside(t: Floats, x0: float, y0: float, x1: float, y1: float) -> bool:
    """True when a box lies wholly beyond one side of a triangle, seen from above."""
    turn = (t[3] - t[0]) * (t[7] - t[1]) - (t[4] - t[1]) * (t[6] - t[0])
    if turn == 0.0:
        return False
    for k in range(3):
        ax, ay = t[3 * k], t[3 * k + 1]
        bx, by = t[3 * ((k + 1) % 3)], t[3 * ((k + 1) % 3) + 1]
        nx, ny = ay - by, bx - ax
        if turn < 0.0:
            nx, ny = -nx, -ny
        if nx * ((x1 if nx > 0.0 else x0) - ax) + ny * ((y1 if ny > 0.0 else y0) - ay) < -SLACK_MM:
            return True
    return False


@compiled
def _sorted(planes: Floats, grid: Floats) -> tuple[Ints, Ints, Floats]:
    """Each cell's triangles one after another, and no less than the highest point any has in it."""
    columns, rows, side = int(grid[3]), int(grid[4]), grid[2]
    count = np.zeros(columns * rows + 1, dtype=np.int64)
    tops = np.full(columns * rows, -math.inf)
    entries = np.empty(0, dtype=np.int64)
    for turn in range(2):
        if turn == 1:
            count = np.cumsum(count)
            entries = np.empty(count[-1], dtype=np.int64)
            filled = count[:-1].copy()
        for k in range(len(planes)):
            t = planes[k]
            i0, i1, j0, j1 = _block(t, grid)
            for j in range(j0, j1 + 1):
                for i in range(i0, i1 + 1):
                    x, y = grid[0] + i * side, grid[1] + j * side
                    if (i1 > i0 or j1 > j0) and _beside(t, x, y, x + side, y + side):
                        continue
                    cell = j * columns + i
                    if turn == 0:
                        count[cell + 1] += 1
                        continue
                    entries[filled[cell]] = k
                    filled[cell] += 1
                    top = t[12]
                    if t[11] < STEEPEST:
                        px, py = x + (side if t[9] > 0.0 else 0.0), y + (side if t[10] > 0.0 else 0.0)
                        top = min(top, t[2] + t[9] * (px - t[0]) + t[10] * (py - t[1]) + SLACK_MM)
                    tops[cell] = max(tops[cell], top)
    return count, entries, tops


@compiled
def height(cutter: Floats, d: float) -> float:
    """Height of the cutter's lower surface over its tip at radius ``d`` (mm)."""
    if d <= cutter[1]:
        return 0.0
    if d <= cutter[3]:
        over = d - cutter[1]
        return float(cutter[2] - math.sqrt(max(cutter[2] * cutter[2] - over * over, 0.0)))
    return float(cutter[4] + (d - cutter[3]) * cutter[5])


@compiled
def _facet_radius(cutter: Floats, steepness: float) -> float:
    """The radius at which a plane of this steepness touches the cutter."""
    if steepness == 0.0:
        return 0.0
    d = cutter[1] + cutter[2] * steepness / math.sqrt(1.0 + steepness * steepness)
    if cutter[2] > 0.0 and d <= cutter[3]:
        return float(d)
    return float(cutter[3]) if steepness <= cutter[5] else float(cutter[0])


@compiled
def _torus(cutter: Floats, q2: float, m: float) -> float:
    """Where the rounded corner touches an edge rising by ``m``: the radius, by guarded Newton steps.

    The slope of the corner along the edge equals the edge's: sin(f) u / d = m cos(f), d = c + r sin(f),
    u = sqrt(d^2 - q^2); the left less the right side rises with f.
    """
    c, r = cutter[1], cutter[2]
    low = math.asin(min(max((math.sqrt(q2) - c) / r, 0.0), 1.0))
    high = 0.5 * math.pi
    f = min(max(math.atan(m), low + 1e-6), high)
    for _ in range(60):
        s, k = math.sin(f), math.cos(f)
        d = c + r * s
        ratio = math.sqrt(max(1.0 - q2 / (d * d), 0.0))
        value = s * ratio - m * k
        if value > 0.0:
            high = f
        else:
            low = f
        slope = k * ratio + m * s
        if ratio > 0.0:
            slope += s * k * r * q2 / (d * d * d * ratio)
        step = value / slope if slope > 0.0 else math.inf
        last = f
        f = f - step if low < f - step < high else 0.5 * (low + high)
        if abs(f - last) < 1e-10:
            break
    return float(c + r * math.sin(f))


@compiled
def _edge_at(cutter: Floats, q2: float, m: float) -> float:
    """How far past the point of an edge nearest to the axis the cutter touches it, the edge rising by ``m`` >= 0."""
    if m == 0.0:
        return 0.0
    end = math.sqrt(max(cutter[0] * cutter[0] - q2, 0.0))
    d1 = cutter[3]
    rest2 = d1 * d1 - q2
    if cutter[2] > 0.0 and rest2 > 0.0:
        u1 = math.sqrt(rest2)
        over = d1 - cutter[1]
        room = cutter[2] * cutter[2] - over * over
        if room <= SLACK_MM * SLACK_MM or over * u1 >= m * d1 * math.sqrt(room):
            if cutter[1] == 0.0:
                return float(math.sqrt(max(cutter[2] * cutter[2] - q2, 0.0)) * m / math.sqrt(1.0 + m * m))
            d = _torus(cutter, q2, m)
            return float(math.sqrt(max(d * d - q2, 0.0)))
    if cutter[5] == 0.0:
        return end
    k = cutter[5]
    if rest2 > 0.0:
        u1 = math.sqrt(rest2)
        if k * u1 >= m * d1:
            return u1
    return end if m >= k else min(math.sqrt(q2) * m / math.sqrt(k * k - m * m), end)


@compiled
def _rise(cutter: Floats, q2: float, m: float, u: float) -> float:
    """How fast the tip rises along an edge rising by ``m``, ``u`` past its point nearest to the axis; never faster."""
    d = min(math.sqrt(q2 + u * u), cutter[0])
    steep = cutter[5]
    if d <= cutter[3]:
        over = max(d - cutter[1], 0.0)
        steep = over / math.sqrt(max(cutter[2] ** 2 - over**2, 1e-300))
    return float(m - u * steep / d) if steep > 0.0 else m


@compiled
def _highest(cutter: Floats, q2: float, m: float, low: float, high: float) -> float:
    """Where between ``low`` and ``high`` past that point the cutter rests: mostly at an end, as edges are short."""
    if _rise(cutter, q2, m, high) >= 0.0:
        return high
    if _rise(cutter, q2, m, low) <= 0.0:
        return low
    u = _edge_at(cutter, q2, abs(m))
    return min(max(u if m >= 0.0 else -u, low), high)


@compiled
def _edge(  # noqa: PLR0911 - each return is one way to be done early
    cutter: Floats, t: Floats, k: int, a: int, b: int, x: float, y: float, best: Touch
) -> Touch:
    """Where the cutter rests on one edge of triangle ``k``, if that is higher than ``best``."""
    ax, ay, az = t[k, a], t[k, a + 1], t[k, a + 2]
    dx, dy, dz = t[k, b] - ax, t[k, b + 1] - ay, t[k, b + 2] - az
    top = az + max(dz, 0.0)
    if top <= best[0]:
        return best
    size2 = dx * dx + dy * dy
    r2 = cutter[0] * cutter[0]
    if size2 < 1e-20:
        d2 = (ax - x) * (ax - x) + (ay - y) * (ay - y)
        if d2 <= r2:
            z = top - height(cutter, math.sqrt(d2))
            if z > best[0]:
                return z, ax, ay, top
        return best
    cross = (x - ax) * dy - (y - ay) * dx
    q2 = cross * cross / size2
    if q2 > r2:
        return best
    if top - height(cutter, math.sqrt(q2)) <= best[0]:
        return best
    size = math.sqrt(size2)
    foot = ((x - ax) * dx + (y - ay) * dy) / size
    m = dz / size
    half = math.sqrt(r2 - q2)
    low, high = max(-foot, -half), min(size - foot, half)
    if low > high:
        return best
    u = _highest(cutter, q2, m, low, high)
    d = min(math.sqrt(q2 + u * u), cutter[0])
    at = az + m * (foot + u)
    z = at - height(cutter, d)
    if z > best[0]:
        s = (foot + u) / size
        return z, ax + s * dx, ay + s * dy, at
    return best


@compiled
def _too_low(cutter: Floats, t: Floats, k: int, x: float, y: float, best: float) -> bool:
    """True when no point of triangle ``k``, which is not vertical, holds the cutter above ``best``.

    The triangle's height less the cutter's is a concave function, so it stays under its tangent at the middle.
    """
    dx, dy = t[k, 13] - x, t[k, 14] - y
    d2 = dx * dx + dy * dy
    if d2 >= cutter[0] * cutter[0]:
        far = math.sqrt(d2) - t[k, 16]
        return bool(far > cutter[0] or t[k, 12] - height(cutter, max(far, 0.0)) <= best)
    d = math.sqrt(d2)
    low, slope = 0.0, 0.0
    if d > cutter[3]:
        low, slope = cutter[4] + (d - cutter[3]) * cutter[5], cutter[5]
    elif d > cutter[1]:
        over = d - cutter[1]
        up = math.sqrt(max(cutter[2] * cutter[2] - over * over, 1e-300))
        low, slope = cutter[2] - up, over / up
    gap = best - t[k, 15] + low - SLACK_MM * (1.0 + t[k, 11])
    if gap < 0.0:
        return False
    if slope > 0.0:
        slope /= d
    gx, gy = t[k, 9] - slope * dx, t[k, 10] - slope * dy
    return bool((gx * gx + gy * gy) * t[k, 16] * t[k, 16] <= gap * gap)


@compiled
def _triangle(cutter: Floats, t: Floats, k: int, x: float, y: float, best: Touch) -> Touch:
    """Where the cutter rests on triangle ``k``, if that is higher than ``best``."""
    if t[k, 11] < STEEPEST:
        if _too_low(cutter, t, k, x, y, best[0]):
            return best
        d = _facet_radius(cutter, t[k, 11])
        px, py = x, y
        if d > 0.0:
            px, py = x + d * t[k, 9] / t[k, 11], y + d * t[k, 10] / t[k, 11]
        at = t[k, 2] + t[k, 9] * (px - t[k, 0]) + t[k, 10] * (py - t[k, 1])
        z = at - height(cutter, d)
        # The whole plane holds the cutter no higher than this, so no part of the triangle does.
        if z + SLACK_MM * (1.0 + t[k, 11]) <= best[0]:
            return best
        turn = (t[k, 3] - t[k, 0]) * (t[k, 7] - t[k, 1]) - (t[k, 4] - t[k, 1]) * (t[k, 6] - t[k, 0])
        e0 = ((t[k, 3] - t[k, 0]) * (py - t[k, 1]) - (t[k, 4] - t[k, 1]) * (px - t[k, 0])) * turn
        e1 = ((t[k, 6] - t[k, 3]) * (py - t[k, 4]) - (t[k, 7] - t[k, 4]) * (px - t[k, 3])) * turn
        e2 = ((t[k, 0] - t[k, 6]) * (py - t[k, 7]) - (t[k, 1] - t[k, 7]) * (px - t[k, 6])) * turn
        if e0 >= 0.0 and e1 >= 0.0 and e2 >= 0.0:
            return (z, px, py, at) if z > best[0] else best
    elif t[k, 12] <= best[0]:
        return best
    best = _edge(cutter, t, k, 0, 3, x, y, best)
    best = _edge(cutter, t, k, 3, 6, x, y, best)
    return _edge(cutter, t, k, 6, 0, x, y, best)


@compiled
def drop(mesh: Cells, cutter: Floats, memo: Ints, x: float, y: float) -> Touch:  # noqa: C901 - one loop
    """Let the cutter down at one place: the tip's height and the point touched (-inf and the place: nothing).

    ``memo``, of :func:`memory`, keeps the triangle touched last, near which the next touch is likely, and which
    triangles were looked at; it changes the speed alone.
    """
    planes, first, entries, tops, grid = mesh
    best = (-math.inf, x, y, -math.inf)
    hint = memo[-2]
    memo[-1] += 1
    if hint >= 0:
        best = _triangle(cutter, planes, hint, x, y, best)
        memo[hint] = memo[-1]
    columns, rows, side, r = int(grid[3]), int(grid[4]), grid[2], cutter[0]
    i0, i1 = max(math.floor((x - r - grid[0]) / side), 0), min(math.floor((x + r - grid[0]) / side), columns - 1)
    j0, j1 = max(math.floor((y - r - grid[1]) / side), 0), min(math.floor((y + r - grid[1]) / side), rows - 1)
    im, jm = math.floor((x - grid[0]) / side), math.floor((y - grid[1]) / side)
    for turn in range(2):  # the cell below first: it puts an end to most of the others
        ia, ib, ja, jb = (i0, i1, j0, j1) if turn == 1 else (im, im, jm, jm)
        if turn == 0 and (im < 0 or jm < 0 or im >= columns or jm >= rows):
            continue
        for j in range(ja, jb + 1):
            low = grid[1] + j * side
            dy = max(low - y, y - low - side, 0.0)
            for i in range(ia, ib + 1):
                top = tops[j * columns + i]
                if top <= best[0]:
                    continue
                left = grid[0] + i * side
                dx = max(left - x, x - left - side, 0.0)
                d2 = dx * dx + dy * dy
                if d2 > r * r or top - height(cutter, math.sqrt(d2)) <= best[0]:
                    continue
                for e in range(first[j * columns + i], first[j * columns + i + 1]):
                    k = entries[e]
                    if memo[k] == memo[-1]:
                        continue
                    memo[k] = memo[-1]
                    before = best[0]
                    best = _triangle(cutter, planes, k, x, y, best)
                    if best[0] > before:
                        memo[-2] = k
    return best


@compiled
def memory(mesh: Cells) -> Ints:
    """What :func:`drop` remembers between calls."""
    memo = np.zeros(len(mesh[0]) + 2, dtype=np.int64)
    memo[-2] = -1
    return memo


@compiled
def drop_all(mesh: Cells, cutter: Floats, xy: Floats) -> Floats:
    """Let the cutter down at every (x, y): rows of height and point touched."""
    out = np.empty((len(xy), 4))
    memo = memory(mesh)
    for k in range(len(xy)):
        out[k, 0], out[k, 1], out[k, 2], out[k, 3] = drop(mesh, cutter, memo, xy[k, 0], xy[k, 1])
    return out

"""The path of a cutter sliding over a part, fine enough that nothing is cut between its points."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from geometry.compiled import compiled
from geometry.cutter import Cutter
from geometry.dropcutter import Cells, drop, memory

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Sorted = tuple[Ints, Floats, Floats]
"""First tip of each cell, tips, and the grid: corner, side, columns, rows."""

CORNER_MM = 0.01
"""Where the path jumps, it goes up or down within this distance of the wall."""
LEAP_SHARE = 0.25
"""Where the point touched leaps by this share of the corner radius, the path goes into the hollow it leaps over."""
LONGEST = 600
"""No more points than this become one line or arc."""
WIDEST_ARC_MM = 500.0
MOST_TURN_RAD = math.radians(170)
SIDES = 6
"""Corners of straights are tried on so many sides of the path."""
CELLS_A_RADIUS, LEAST_CELL_MM = 8, 0.1
"""Tips are sorted into cells this small."""


def safe_step_mm(corner_mm: float, growth_mm: float) -> float:
    """How far apart two places of a tool grown by ``growth_mm`` may be so that the tool itself cuts nothing between.

    What the tool touches on the straight way from one place to the other is nearer to it than the chord of the
    grown corner tangent to the corner is long: 2 sqrt((r + g)^2 - r^2). Holds for every part and convex tool
    whose tightest curvature is ``corner_mm``.
    """
    return 2 * math.sqrt((corner_mm + growth_mm) ** 2 - corner_mm**2)


def follow(mesh: Cells, cutter: Cutter, way: Floats, step_mm: float) -> Floats:
    """Slide the cutter along a way (n, 2): rows of tip and point touched, no further apart than ``step_mm``.

    Where the tip would jump, a row beside the jump carries it up or down in the open. A row of height -inf stands
    where nothing lies below.
    """
    return follow_all(mesh, cutter.numbers(), np.ascontiguousarray(way, dtype=np.float64), step_mm)


@compiled
def _grown(rows: Floats, count: int) -> Floats:
    """The table itself, or one twice as long when it is full."""
    if count + 4 < len(rows):
        return rows
    wider = np.empty((2 * len(rows), rows.shape[1]))
    wider[:count] = rows[:count]
    return wider


@compiled
def follow_all(mesh: Cells, cutter: Floats, way: Floats, step: float) -> Floats:  # noqa: C901, PLR0915 - one loop
    """The loop behind :func:`follow`."""
    out = np.empty((256, 6))
    count = 0
    memo = memory(mesh)
    waiting = np.empty((64, 5))
    most = LEAP_SHARE * cutter[2]
    for leg in range(max(len(way) - 1, 1)):
        ax, ay = way[leg, 0], way[leg, 1]
        if leg == 0:
            z, cx, cy, cz = drop(mesh, cutter, memo, ax, ay)
            out[0] = np.array([ax, ay, z, cx, cy, cz])
            count = 1
        if len(way) == 1:
            break
        dx, dy = way[leg + 1, 0] - ax, way[leg + 1, 1] - ay
        size = math.sqrt(dx * dx + dy * dy)
        if size == 0.0:
            continue
        pieces = max(1, math.ceil(size / step - 1e-9))
        for k in range(1, pieces + 1):
            t = k / pieces
            depth = 0
            z, cx, cy, cz = drop(mesh, cutter, memo, ax + t * dx, ay + t * dy)
            waiting[0] = np.array([t, z, cx, cy, cz])
            depth = 1
            now = (k - 1) / pieces
            while depth > 0:
                t, z = waiting[depth - 1, 0], waiting[depth - 1, 1]
                here = out[count - 1, 2]
                apart = (t - now) * size
                both = here > -math.inf and z > -math.inf
                leap = 0.0
                for c in range(3):
                    leap += (waiting[depth - 1, 2 + c] - out[count - 1, 3 + c]) ** 2
                one = (here > -math.inf) != (z > -math.inf)
                far = both and (apart * apart + (z - here) * (z - here) > step * step or leap > most * most)
                if apart > CORNER_MM and (one or far):
                    m = 0.5 * (now + t)
                    z, cx, cy, cz = drop(mesh, cutter, memo, ax + m * dx, ay + m * dy)
                    waiting[depth] = np.array([m, z, cx, cy, cz])
                    depth += 1
                    continue
                x, y = ax + t * dx, ay + t * dy
                out = _grown(out, count)
                if both and abs(z - here) > step:  # a jump: go level over the lower side, then along the wall
                    out[count, 0], out[count, 1] = x, y
                    if here < z:
                        out[count, 0], out[count, 1] = out[count - 1, 0], out[count - 1, 1]
                    out[count, 2] = max(z, here)
                    out[count, 3:] = waiting[depth - 1, 2:]
                    count += 1
                out[count, 0], out[count, 1], out[count, 2] = x, y, z
                out[count, 3:] = waiting[depth - 1, 2:]
                count += 1
                now = t
                depth -= 1
    return out[:count].copy()


@compiled
def _is_straight(points: Floats, i: int, j: int, tol: float) -> bool:
    """True when the points between i and j lie near the straight from one to the other, each further along it."""
    size2, before = 0.0, 0.0
    for c in range(points.shape[1]):
        size2 += (points[j, c] - points[i, c]) ** 2
    for k in range(i + 1, j):
        along, rest = 0.0, 0.0
        for c in range(points.shape[1]):
            along += (points[k, c] - points[i, c]) * (points[j, c] - points[i, c])
            rest += (points[k, c] - points[i, c]) ** 2
        if along < before or along > size2 or rest * size2 - along * along > tol * tol * size2:
            return False
        before = along
    return True


@compiled
def straightened(points: Floats, tol: float) -> Ints:
    """Which points (n, 2 or 3) to keep so that every dropped one lies within ``tol`` of the straight between, in order.

    Every point of the straight then lies that near to the path, too.
    """
    keep = np.empty(len(points), dtype=np.int64)
    keep[0] = 0
    count, i = 1, 0
    last = len(points) - 1
    while i < last:
        good, bad, step = i + 1, min(last, i + LONGEST) + 1, 2
        while step > 0:
            j = good + step
            if j < bad and _is_straight(points, i, j, tol):
                good, step = j, 2 * step
            else:
                bad, step = min(bad, j), min(step, bad - good) // 2
        keep[count] = good
        count += 1
        i = good
    return keep[:count].copy()


@compiled
def _spans(
    points: Floats, normals: Floats, start: Floats, end: Floats, i: int, j: int, tol: float, wide: float
) -> bool:
    """True when the points between i and j lie near the straight from start to end, each further along it."""
    size2, before = 0.0, 0.0
    for c in range(3):
        size2 += (end[c] - start[c]) ** 2
    for k in range(i + 1, j):
        along, rest, lift, lean, has = 0.0, 0.0, 0.0, 0.0, 0.0
        for c in range(3):
            along += (points[k, c] - start[c]) * (end[c] - start[c])
            rest += (points[k, c] - start[c]) ** 2
            lift += (points[k, c] - start[c]) * normals[k, c]
            lean += (end[c] - start[c]) * normals[k, c]
            has += normals[k, c] * normals[k, c]
        if along < before or along > size2:
            return False
        off2 = rest - along * along / size2
        up = lift - lean * along / size2
        if has == 0.0:
            if off2 > tol * tol:
                return False
        elif up * up / (tol * tol) + (off2 - up * up) / (wide * wide) > 1.0:
            return False
        before = along
    return True


@compiled
def _beside(points: Floats, normals: Floats, j: int, up: float, aside: float, way: float) -> Floats:
    """The place beside point j, square to the path, on an ellipse ``up`` along its normal and ``aside`` across it."""
    ahead = points[j + 1] - points[j - 1]
    across = np.array([
        normals[j, 1] * ahead[2] - normals[j, 2] * ahead[1],
        normals[j, 2] * ahead[0] - normals[j, 0] * ahead[2],
        normals[j, 0] * ahead[1] - normals[j, 1] * ahead[0],
    ])  # fmt: skip
    size = math.sqrt(across[0] ** 2 + across[1] ** 2 + across[2] ** 2)
    at: Floats = points[j] + 0.0
    if size > 0.0:
        at += up * math.cos(way) * normals[j] + aside * math.sin(way) / size * across
    return at


@compiled
def straight_between(points: Floats, normals: Floats, tol: float, wide: float) -> Floats:
    """A path (n, 3) as few straights: corners (m, 3), each a point or beside it, square to the path.

    Every point lies within ``tol`` of the straight over it along its normal, and within ``wide`` across it (the two
    as the axes of an ellipse), in order; a point without a normal within ``tol``, and a corner there stays. Corners
    on the outer side of a bend make straights half as long again as corners on the path do. Both ends stay.
    """
    out = np.empty((len(points), 3))
    last = len(points) - 1
    out[0] = points[0]
    count, i = 1, 0
    while i < last:
        best = i + 1
        corner = points[best].copy()
        for side in range(SIDES + 1):
            up, aside, way = (tol, wide, side * math.tau / SIDES) if side < SIDES else (0.0, 0.0, 0.0)
            good, bad, step = i + 1, min(last, i + LONGEST) + 1, 2
            while step > 0:
                j = good + step
                if j < bad:
                    end = points[j] if j == last else _beside(points, normals, j, up, aside, way)
                    fits = _spans(points, normals, out[count - 1], end, i, j, tol, wide)
                else:
                    fits = False
                if fits:
                    good, step = j, 2 * step
                else:
                    bad, step = min(bad, j), min(step, bad - good) // 2
            if good > best:
                best = good
                corner = points[good].copy() if good == last else _beside(points, normals, good, up, aside, way)
        out[count] = corner
        count += 1
        i = best
    return out[:count].copy()


@compiled
def _arc(points: Floats, i: int, j: int, tol: float) -> tuple[float, float, float]:
    """Turn (0: none), centre x and y of an arc from point i to j that lies within ``tol`` of the path between."""
    m = (i + j) // 2
    ax, ay = points[m, 0] - points[i, 0], points[m, 1] - points[i, 1]
    bx, by = points[j, 0] - points[i, 0], points[j, 1] - points[i, 1]
    cross = ax * by - ay * bx
    if abs(cross) < 1e-12:
        return 0.0, 0.0, 0.0
    a2, b2 = ax * ax + ay * ay, bx * bx + by * by
    ux, uy = (by * a2 - ay * b2) / (2.0 * cross), (ax * b2 - bx * a2) / (2.0 * cross)
    r = math.sqrt(ux * ux + uy * uy)
    if r > WIDEST_ARC_MM:
        return 0.0, 0.0, 0.0
    cx, cy = points[i, 0] + ux, points[i, 1] + uy
    turn = 1.0 if cross > 0.0 else -1.0
    total = 0.0
    for k in range(i, j):
        px, py = points[k, 0] - cx, points[k, 1] - cy
        qx, qy = points[k + 1, 0] - cx, points[k + 1, 1] - cy
        bulge = ((qx - px) ** 2 + (qy - py) ** 2) / (8.0 * r)
        if abs(math.sqrt(qx * qx + qy * qy) - r) + bulge > tol:
            return 0.0, 0.0, 0.0
        angle = math.atan2(px * qy - py * qx, px * qx + py * qy) * turn
        if angle <= 0.0:
            return 0.0, 0.0, 0.0
        total += angle
    if total > MOST_TURN_RAD:
        return 0.0, 0.0, 0.0
    return turn, cx, cy


@compiled
def rounded(points: Floats, tol: float) -> Floats:
    """A level path (n, 2 or more) as lines and arcs within ``tol``: rows of end point's number, turn, centre."""
    lines = straightened(points[:, :2], tol)
    out = np.empty((len(points), 4))
    count, i, last = 0, 0, len(points) - 1
    n = 0
    while i < last:
        while lines[n] <= i:
            n += 1
        straight = lines[n]
        if i > lines[n - 1] and straight < last:  # an arc ended inside a line: see how far a line from here goes
            straight = i + straightened(points[i : min(i + LONGEST, last + 1), :2], tol)[1]
        best, turn, cx, cy = straight, 0.0, 0.0, 0.0
        j = max(straight + 1, i + 4)
        while j <= min(last, i + LONGEST):
            got, gx, gy = _arc(points, i, j, tol)
            if got == 0.0:
                break
            best, turn, cx, cy = j, got, gx, gy
            j = j + max(1, (j - i) // 3)
        if turn != 0.0 or best > straight:
            for k in range(min(j, last), best, -1):
                got, gx, gy = _arc(points, i, k, tol)
                if got != 0.0:
                    best, turn, cx, cy = k, got, gx, gy
                    break
        out[count, 0], out[count, 1], out[count, 2], out[count, 3] = best, turn, cx, cy
        count += 1
        i = best
    return out[:count].copy()


@compiled
def in_cells(tips: Floats, radius: float) -> Sorted:
    """Tips (n, 3) sorted into cells a mill of this radius can be looked for in."""
    side = max(radius / CELLS_A_RADIUS, LEAST_CELL_MM)
    if len(tips) == 0:
        return np.zeros(1, dtype=np.int64), tips, np.array([0.0, 0.0, side, 0.0, 0.0])
    x0, y0 = np.min(tips[:, 0]), np.min(tips[:, 1])
    columns, high = int((np.max(tips[:, 0]) - x0) / side) + 1, int((np.max(tips[:, 1]) - y0) / side) + 1
    first = np.zeros(columns * high + 1, dtype=np.int64)
    for k in range(len(tips)):
        first[int((tips[k, 1] - y0) / side) * columns + int((tips[k, 0] - x0) / side) + 1] += 1
    first = np.cumsum(first)
    filled = first[:-1].copy()
    order = np.empty((len(tips), 3))
    for k in range(len(tips)):
        cell = int((tips[k, 1] - y0) / side) * columns + int((tips[k, 0] - x0) / side)
        order[filled[cell]] = tips[k]
        filled[cell] += 1
    return first, order, np.array([x0, y0, side, float(columns), float(high)])


@compiled
def left_standing(rows: Floats, tips: Sorted, radius: float, corner: float, limit: float) -> NDArray[np.bool_]:
    """Which rows' (n, 6) points touched stay further than ``limit`` from a mill that was at every one of the tips.

    The mill's lower end is a torus (a ball when the corner is the radius). Tips near the row's own are looked at
    first: mostly one of them has been near enough.
    """
    first, order, grid = tips
    side, columns, high = grid[2], int(grid[3]), int(grid[4])
    far = math.ceil((2.0 * radius + limit) / side) + 1
    out = np.ones(len(rows), dtype=np.bool_)
    for n in range(len(rows)):
        i, j = math.floor((rows[n, 0] - grid[0]) / side), math.floor((rows[n, 1] - grid[1]) / side)
        for ring in range(far + 1):
            for jj in range(max(j - ring, 0), min(j + ring, high - 1) + 1):
                stride = 1 if abs(jj - j) == ring else max(2 * ring, 1)
                for ii in range(i - ring, i + ring + 1, stride):
                    if 0 <= ii < columns and _comes_near(
                        rows[n], order, first, jj * columns + ii, radius, corner, limit
                    ):
                        out[n] = False
                        break
                if not out[n]:
                    break
            if not out[n]:
                break
    return out


@compiled
def _comes_near(row: Floats, tips: Floats, first: Ints, cell: int, radius: float, corner: float, limit: float) -> bool:
    """True when from one of a cell's tips the mill comes within ``limit`` of the point touched."""
    for e in range(first[cell], first[cell + 1]):
        dx, dy = tips[e, 0] - row[3], tips[e, 1] - row[4]
        up = tips[e, 2] + corner - row[5]
        if up > corner + limit:
            continue
        over = max(math.sqrt(dx * dx + dy * dy) - (radius - corner), 0.0)
        gap2 = over * over + up * up if up > 0.0 else over * over
        if gap2 <= (corner + limit) * (corner + limit):
            return True
    return False

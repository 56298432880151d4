"""Opens a way to stock no even cut can begin at: a slow slot along a short way through where the cutter may be."""

from __future__ import annotations

import heapq
import math

import numpy as np

from geometry.compiled import compiled
from geometry.planefield import value
from strategies._march import FELT, Floats, Mask, clear, engagement, untouched

CELLS = 25
"""Ways are looked for over cells so many times smaller than the cutter's radius."""

ENOUGH = 0.06
"""A slot ends when it takes this share of the cutter's disc of what has to go, or nearly the most it can."""

THROUGH_STOCK = 4.0
"""A way where no centre has been within a radius counts so many times its length more."""


@compiled
def _worth(stock: Floats, goal: Mask, n: Floats, coarse: float, found: Floats) -> None:
    """How many nodes of what has to go a cutter at each coarse node would take."""
    reach = n[3] - 0.5 * n[2]
    for j in range(stock.shape[0]):
        for i in range(stock.shape[1]):
            if goal[j, i] == 0 or stock[j, i] <= n[3] + n[5]:
                continue
            x, y = i * n[2], j * n[2]
            for v in range(max(0, math.ceil((y - reach) / coarse)),
                           min(found.shape[0] - 1, math.floor((y + reach) / coarse)) + 1):  # fmt: skip
                w = math.sqrt(max(reach * reach - (v * coarse - y) ** 2, 0.0))
                for u in range(max(0, math.ceil((x - w) / coarse)),
                               min(found.shape[1] - 1, math.floor((x + w) / coarse)) + 1):  # fmt: skip
                    found[v, u] += 1.0


@compiled
def _dear(stock: Floats, n: Floats, x: float, y: float) -> float:
    """What a way costs here for each mm."""
    return float(1.0 + THROUGH_STOCK * min(value(stock, n, x, y) / n[3], 1.0))


@compiled
def way_in(stock: Floats, room: Floats, goal: Mask, n: Floats, a: Floats) -> Floats:  # noqa: C901, PLR0912, PLR0915
    """The cheapest way (Dijkstra) from a to where much of the goal is taken, through stock where it must be.

    Corners (x, y); no rows when there is no way.
    """
    coarse = n[3] / CELLS
    rows, columns = int(stock.shape[0] * n[2] / coarse), int(stock.shape[1] * n[2] / coarse)
    worth = np.zeros((rows, columns))
    _worth(stock, goal, n, coarse, worth)
    best = 0.0
    for j in range(rows):
        for i in range(columns):
            if worth[j, i] > best and value(room, n, n[0] + i * coarse, n[1] + j * coarse) >= 0.0:
                best = worth[j, i]
    if best == 0.0:
        return np.empty((0, 2))
    enough = min(0.9 * best, ENOUGH * math.pi * (n[3] / n[2]) ** 2)
    cost = np.full(rows * columns, math.inf)
    came = np.full(rows * columns, -1, dtype=np.int64)
    heap = [(0.0, 0)]
    ia, ja = round((a[0] - n[0]) / coarse), round((a[1] - n[1]) / coarse)
    start = ja * columns + ia
    cost[start] = 0.0
    heap[0] = (0.0, start)
    end = -1
    while len(heap) > 0:
        most, here = heapq.heappop(heap)
        if most > cost[here]:
            continue
        j, i = here // columns, here % columns
        if worth[j, i] >= enough and here != start:
            end = here
            break
        for dj in range(-1, 2):
            for di in range(-1, 2):
                jj, ii = j + dj, i + di
                if (di == 0 and dj == 0) or jj < 0 or ii < 0 or jj >= rows or ii >= columns:
                    continue
                x, y = n[0] + ii * coarse, n[1] + jj * coarse
                if value(room, n, x, y) < 0.0:
                    continue
                way = math.hypot(float(di), float(dj)) * coarse * _dear(stock, n, x, y)
                there = jj * columns + ii
                if cost[here] + way < cost[there] - 1e-9:
                    cost[there] = cost[here] + way
                    came[there] = here
                    heapq.heappush(heap, (cost[there], there))
    if end < 0:
        return np.empty((0, 2))
    count = 1
    at = end
    while at != start:
        count += 1
        at = came[at]
    chain = np.empty((count, 3))
    at = end
    for k in range(count - 1, -1, -1):
        chain[k, 0], chain[k, 1] = n[0] + (at % columns) * coarse, n[1] + (at // columns) * coarse
        chain[k, 2] = cost[at]
        at = came[at]
    chain[0, 0], chain[0, 1] = a[0], a[1]
    out = np.empty((count, 2))
    chain[count - 1, 0], chain[count - 1, 1] = _nearer(stock, room, goal, n, chain[count - 1, 0], chain[count - 1, 1])
    chain[count - 1, 2] += 2.0 * coarse * (1.0 + THROUGH_STOCK)
    out[0] = chain[0, :2]
    kept, k = 1, 0
    while k < count - 1:
        to = k + 1
        while to < count - 1 and _as_good(stock, room, n, chain[k], chain[to + 1]):
            to += 1
        out[kept] = chain[to, :2]
        kept += 1
        k = to
    return out[:kept]


@compiled
def _nearer(stock: Floats, room: Floats, goal: Mask, n: Floats, x: float, y: float) -> tuple[float, float]:
    """From a place, as near to the deepest of the goal within reach as the centre may be and the cells hid."""
    reach, fine = n[3] + n[3] / CELLS, n[3] / CELLS / 16.0
    best, u, v = 0.0, x, y
    for j in range(max(0, math.ceil((y - reach - n[1]) / n[2])),
                   min(stock.shape[0] - 1, math.floor((y + reach - n[1]) / n[2])) + 1):  # fmt: skip
        for i in range(max(0, math.ceil((x - reach - n[0]) / n[2])),
                       min(stock.shape[1] - 1, math.floor((x + reach - n[0]) / n[2])) + 1):  # fmt: skip
            px, py = n[0] + i * n[2], n[1] + j * n[2]
            if goal[j, i] > 0 and stock[j, i] > best and math.hypot(px - x, py - y) <= reach:
                best, u, v = stock[j, i], px, py
    for _ in range(24):
        dx, dy = math.copysign(min(fine, abs(u - x)), u - x), math.copysign(min(fine, abs(v - y)), v - y)
        if value(room, n, x + dx, y) >= 0.0:
            x += dx
        if value(room, n, x, y + dy) >= 0.0:
            y += dy
    return x, y


@compiled
def _as_good(stock: Floats, room: Floats, n: Floats, a: Floats, b: Floats) -> bool:
    """True when the straight from a to b is free to the centre and costs no more than the way known."""
    size = math.hypot(b[0] - a[0], b[1] - a[1])
    count = max(1, math.ceil(size / n[4]))
    cost = 0.0
    for k in range(1, count + 1):
        x, y = a[0] + (b[0] - a[0]) * k / count, a[1] + (b[1] - a[1]) * k / count
        if value(room, n, x, y) < 0.0:
            return False
        cost += size / count * _dear(stock, n, x, y)
    return bool(cost <= b[2] - a[2] + n[4])


@compiled
def steps(n: Floats, corners: Floats) -> Floats:
    """Rows (x, y, heading, 0) along corners, a step apart."""
    size = 1
    for k in range(len(corners) - 1):
        size += math.ceil(math.hypot(corners[k + 1, 0] - corners[k, 0], corners[k + 1, 1] - corners[k, 1]) / n[4])
    rows = np.zeros((size, 4))
    at = 1
    for k in range(len(corners) - 1):
        dx, dy = corners[k + 1, 0] - corners[k, 0], corners[k + 1, 1] - corners[k, 1]
        count = math.ceil(math.hypot(dx, dy) / n[4])
        for m in range(1, count + 1):
            rows[at, 0], rows[at, 1] = corners[k, 0] + dx * m / count, corners[k, 1] + dy * m / count
            rows[at, 2] = math.atan2(dy, dx)
            at += 1
    rows[0, 0], rows[0, 1], rows[0, 2] = corners[0, 0], corners[0, 1], rows[min(1, size - 1), 2]
    return rows


@compiled
def before_stock(stock: Floats, n: Floats, rows: Floats) -> int:
    """The last row before the cutter meets stock."""
    for k in range(1, len(rows)):
        if not untouched(stock, n, rows[k, 0], rows[k, 1], 0.0):
            return k - 1
    return len(rows) - 1


@compiled
def plough(stock: Floats, goal: Mask, n: Floats, rows: Floats) -> int:
    """Cut along rows and fill in the angles felt. Returns how many nodes of the goal it took."""
    taken = clear(stock, goal, n, rows[0, 0], rows[0, 1], rows[0, 0], rows[0, 1], False)  # noqa: FBT003
    for k in range(1, len(rows)):
        rows[k, 3] = engagement(stock, n, rows[k, 0], rows[k, 1], rows[k, 2], FELT * n[5], math.pi)
        taken += clear(stock, goal, n, rows[k - 1, 0], rows[k - 1, 1], rows[k, 0], rows[k, 1], False)  # noqa: FBT003
    return taken

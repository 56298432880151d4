"""Finds ways from one cut to the next through space already cleared: smooth turns first, else round the obstacles."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from geometry.compiled import compiled
from geometry.planefield import value
from strategies._march import BRUSH_MM, Floats, Mask, untouched
from strategies._pieces import SLACK

Ints = NDArray[np.int64]

WIDE_SHARES = (1.0, 0.6, 0.35, 0.2)
"""Radii of a link's turns tried, in cutter radii."""

KINKS_RAD = (0.0, 0.5, 1.0)
"""A link may leave a cut and join the next at such an angle to the left, away from the stock."""

KINK_S = 0.03
"""What such a corner costs in time, for each radian."""


@compiled
def passable(stock: Floats, room: Floats, n: Floats, x: float, y: float) -> bool:
    """True when the cutter may, by a look at some spots of it, be here without cutting."""
    return bool(value(room, n, x, y) >= -BRUSH_MM and untouched(stock, n, x, y, SLACK * n[5]))


@compiled
def _step(stock: Floats, room: Floats, n: Floats, xa: float, ya: float, xb: float, yb: float) -> bool:
    """True when the cutter, free at a, meets no stock on the short way to b."""
    if not passable(stock, room, n, xb, yb):
        return False
    h, r, least = n[2], n[3], n[3] + SLACK * n[5]
    dx, dy = xb - xa, yb - ya
    size2 = max(dx * dx + dy * dy, 1e-18)
    for j in range(max(0, math.ceil((min(ya, yb) - r - n[1]) / h)),
                   min(stock.shape[0] - 1, math.floor((max(ya, yb) + r - n[1]) / h)) + 1):  # fmt: skip
        y = n[1] + j * h
        wa, wb = math.sqrt(max(r * r - (y - ya) ** 2, 0.0)), math.sqrt(max(r * r - (y - yb) ** 2, 0.0))
        i = max(0, math.ceil((min(xa - wa, xb - wb) - n[0]) / h))
        last = min(stock.shape[1] - 1, math.floor((max(xa + wa, xb + wb) - n[0]) / h))
        skip, beyond = math.ceil((xa - wa - n[0]) / h), math.floor((xa + wa - n[0]) / h)
        while i <= last:
            if wa > 0.0 and i == skip and beyond >= skip:  # under the cutter where it stands
                i = beyond + 1
                continue
            px, py = n[0] + i * h - xa, y - ya
            if stock[j, i] > least:
                t = min(max((px * dx + py * dy) / size2, 0.0), 1.0)
                if (px - t * dx) ** 2 + (py - t * dy) ** 2 < r * r:
                    return False
            i += 1
    return True


@compiled
def straight(stock: Floats, room: Floats, n: Floats, xa: float, ya: float, xb: float, yb: float) -> bool:
    """True when a straight link from a place that is free is free."""
    count = max(1, math.ceil(math.hypot(xb - xa, yb - ya) / (0.1 * n[3])))
    x, y = xa, ya
    for k in range(1, count + 1):
        xk, yk = xa + (xb - xa) * k / count, ya + (yb - ya) * k / count
        if not _step(stock, room, n, x, y, xk, yk):
            return False
        x, y = xk, yk
    return True


@compiled
def _round(stock: Floats, room: Floats, n: Floats, cx: float, cy: float, r: float, a0: float, turn: float) -> bool:
    count = max(1, math.ceil(abs(turn) * r / (0.1 * n[3])))
    x, y = cx + r * math.cos(a0), cy + r * math.sin(a0)
    for k in range(1, count + 1):
        a = a0 + turn * k / count
        xk, yk = cx + r * math.cos(a), cy + r * math.sin(a)
        if not _step(stock, room, n, x, y, xk, yk):
            return False
        x, y = xk, yk
    return True


@compiled
def smooth(  # noqa: C901, PLR0913, PLR0917 - the four kinds in one loop, compiled whole
    stock: Floats, room: Floats, n: Floats, a: Floats, b: Floats, speed: float, accel: float, best: float, out: Floats
) -> float:
    """The quickest free link of arc, straight and arc (Dubins 1957) between two poses (x, y, heading).

    Only what is quicker than ``best`` (s) is looked at. ``out`` gets two rows of (centre x, centre y, radius, first
    angle, signed turn). ``speed`` (mm/s) holds on the straight; turns are taken at the speed ``accel`` (mm/s2) allows.
    Returns its time (s), ``best`` when there is none.
    """
    for pick in range(len(WIDE_SHARES) * len(KINKS_RAD) * len(KINKS_RAD)):
        share = WIDE_SHARES[pick % len(WIDE_SHARES)]
        kink_a = KINKS_RAD[pick // len(WIDE_SHARES) % len(KINKS_RAD)]
        kink_b = KINKS_RAD[pick // len(WIDE_SHARES) // len(KINKS_RAD)]
        head_a, head_b = a[2] + kink_a, b[2] + kink_b
        r = share * n[3]
        slow = min(speed, math.sqrt(accel * r))
        for kind in range(4):
            s0 = 1.0 if kind < 2 else -1.0
            s1 = 1.0 if kind % 2 == 0 else -1.0
            cx0, cy0 = a[0] - s0 * r * math.sin(head_a), a[1] + s0 * r * math.cos(head_a)
            cx1, cy1 = b[0] - s1 * r * math.sin(head_b), b[1] + s1 * r * math.cos(head_b)
            gap = math.hypot(cx1 - cx0, cy1 - cy0)
            way = math.atan2(cy1 - cy0, cx1 - cx0)
            if s0 != s1:
                if gap < 2.0 * r + 1e-9:
                    continue
                way += s0 * math.asin(2.0 * r / gap)
            elif gap < 1e-9:
                way = head_a
            t0 = ((way - head_a) * s0) % math.tau
            t1 = ((head_b - way) * s1) % math.tau
            if t0 > math.tau - 1e-6:
                t0 = 0.0
            if t1 > math.tau - 1e-6:
                t1 = 0.0
            run = math.sqrt(max(gap * gap - (4.0 * r * r if s0 != s1 else 0.0), 0.0))
            cost = run / speed + (t0 + t1) * r / slow + KINK_S * (kink_a + kink_b)
            if cost >= best or t0 + t1 > 1.6 * math.tau:
                continue
            f0, f1 = head_a - s0 * math.pi / 2, way - s1 * math.pi / 2
            g0 = way - s0 * math.pi / 2
            if not _round(stock, room, n, cx0, cy0, r, f0, s0 * t0):
                continue
            if not straight(
                stock, room, n, cx0 + r * math.cos(g0), cy0 + r * math.sin(g0), cx1 + r * math.cos(f1),
                cy1 + r * math.sin(f1),
            ):  # fmt: skip
                continue
            if not _round(stock, room, n, cx1, cy1, r, f1, s1 * t1):
                continue
            best = cost
            out[0, 0], out[0, 1], out[0, 2], out[0, 3], out[0, 4] = cx0, cy0, r, f0, s0 * t0
            out[1, 0], out[1, 1], out[1, 2], out[1, 3], out[1, 4] = cx1, cy1, r, f1, s1 * t1
    return best


@compiled
def around(  # noqa: C901, PLR0912, PLR0915 - one search, compiled whole
    stock: Floats, room: Floats, n: Floats, free: Mask, coarse: float, a: Floats, b: Floats, longest: float
) -> Floats:
    """Corners of a short free way from a to b over a coarse grid (A*), pulled straight; no rows when there is none.

    ``free`` remembers nodes found passable: stock only ever goes, so what was free stays free.
    """
    rows, columns = free.shape
    cost = np.full(rows * columns, 1e18)
    came = np.full(rows * columns, -1, dtype=np.int64)
    heap = np.empty((rows * columns * 8, 2))
    ia = min(max(round((a[0] - n[0]) / coarse), 0), columns - 1)
    ja = min(max(round((a[1] - n[1]) / coarse), 0), rows - 1)
    ib = min(max(round((b[0] - n[0]) / coarse), 0), columns - 1)
    jb = min(max(round((b[1] - n[1]) / coarse), 0), rows - 1)
    start, end = ja * columns + ia, jb * columns + ib
    cost[start] = 0.0
    heap[0, 0], heap[0, 1] = 0.0, start
    size = 1
    while size > 0:
        here = int(heap[0, 1])
        most = heap[0, 0]
        size -= 1
        heap[0] = heap[size]
        k = 0
        while True:
            child = 2 * k + 1
            if child >= size:
                break
            if child + 1 < size and heap[child + 1, 0] < heap[child, 0]:
                child += 1
            if heap[k, 0] <= heap[child, 0]:
                break
            t0, t1 = heap[k, 0], heap[k, 1]
            heap[k, 0], heap[k, 1] = heap[child, 0], heap[child, 1]
            heap[child, 0], heap[child, 1] = t0, t1
            k = child
        if here == end:
            break
        if most > longest:
            return np.empty((0, 2))
        j, i = here // columns, here % columns
        for dj in range(-1, 2):
            for di in range(-1, 2):
                jj, ii = j + dj, i + di
                if (di == 0 and dj == 0) or jj < 0 or ii < 0 or jj >= rows or ii >= columns:
                    continue
                there = jj * columns + ii
                new = cost[here] + coarse * math.sqrt(float(di * di + dj * dj))
                if new >= cost[there] - 1e-9:
                    continue
                if free[jj, ii] == 0 and there != end and here != start:
                    if not passable(stock, room, n, n[0] + ii * coarse, n[1] + jj * coarse):
                        continue
                    free[jj, ii] = 1
                if size >= len(heap) - 1:
                    continue
                cost[there] = new
                came[there] = here
                k = size
                heap[k, 0] = new + coarse * math.hypot(float(ii - ib), float(jj - jb))
                heap[k, 1] = there
                size += 1
                while k > 0 and heap[(k - 1) // 2, 0] > heap[k, 0]:
                    p = (k - 1) // 2
                    t0, t1 = heap[k, 0], heap[k, 1]
                    heap[k, 0], heap[k, 1] = heap[p, 0], heap[p, 1]
                    heap[p, 0], heap[p, 1] = t0, t1
                    k = p
    if came[end] < 0 and start != end:
        return np.empty((0, 2))
    count = 1
    at = end
    while at != start:
        count += 1
        at = came[at]
    chain = np.empty((count + 1, 2))
    at = end
    for k in range(count, -1, -1):
        chain[k, 0], chain[k, 1] = n[0] + (at % columns) * coarse, n[1] + (at // columns) * coarse
        if at != start:
            at = came[at]
    chain[0, 0], chain[0, 1], chain[count, 0], chain[count, 1] = a[0], a[1], b[0], b[1]
    out = np.empty((count + 1, 2))
    out[0] = chain[0]
    kept, at = 1, 0
    while at < count:
        to = at + 1
        while to < count and straight(stock, room, n, chain[at, 0], chain[at, 1], chain[to + 1, 0], chain[to + 1, 1]):
            to += 1
        if to == at + 1 and not straight(stock, room, n, chain[at, 0], chain[at, 1], chain[to, 0], chain[to, 1]):
            return np.empty((0, 2))
        out[kept] = chain[to]
        kept += 1
        at = to
    return out[:kept]

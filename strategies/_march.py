"""Marches a cutter through plane stock so that the angle it cuts with never exceeds what it may bear."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from geometry.compiled import compiled
from geometry.planefield import value

Floats = NDArray[np.float64]
Mask = NDArray[np.uint8]

# The row of numbers ``n`` all loops take: 0 to 2 x, y and pitch of the grid; 3 the cutter's radius; 4 the step; 5 the
# skin: stock thinner than this over the rim is not steered by; 6 and 7 the sharpest turn (rad) a step towards the stock
# and away from it; 8 the length a pass may go on without meeting stock that is asked for; 9 the angle (rad) a pass goes
# on for.

RIM = 64
BACKWARDS_RAD = 2.0
"""Looking upstream, the cutter may turn so much in a step round the corners of a front."""

BISECTIONS = 9

BRUSH_MM = 0.015
"""The border of where the centre may be is known this well; cuts and links may begin so far outside."""

FIRST_RAD = 0.6
"""A cut's first step may turn so far into the stock."""

SHORTEST_CUT = 5
"""Points of the shortest cut: shorter ones only scratch."""

TOUCH_RAD = 0.18
"""A cut ends where it last meets stock by this angle: what is thinner stays for the lap."""

EVERYWHERE_MM = 1e5
"""A reach beyond every part's size."""

FELT = 0.1
"""Stock thicker than this share of the skin is felt: the feed is made to suit it."""


@compiled
def engagement(stock: Floats, n: Floats, x: float, y: float, heading: float, skin: float, enough: float) -> float:
    """Angle (rad) of the front half of the cutter's rim that lies in stock thicker than ``skin``.

    ``stock`` holds each node's distance from the nearest centre the cutter has been at (less than its radius:
    cut away). Not counted on once it is past ``enough``.
    """
    r = n[3]
    total, last = 0.0, 0.0
    width = math.pi / RIM
    c, s = math.cos(heading - math.pi / 2), math.sin(heading - math.pi / 2)
    turn_c, turn_s = math.cos(width), math.sin(width)
    for k in range(RIM + 1):
        deep = value(stock, n, x + r * c, y + r * s) - r - skin
        if k > 0:
            if deep > 0.0 and last > 0.0:
                total += width
            elif deep > 0.0:
                total += width * deep / (deep - last)
            elif last > 0.0:
                total += width * last / (last - deep)
            if total > enough:
                break
        last = deep
        c, s = c * turn_c - s * turn_s, s * turn_c + c * turn_s
    return total


@compiled
def untouched(stock: Floats, n: Floats, x: float, y: float, slack: float) -> bool:
    """True when the cutter standing here meets no stock deeper than ``slack``."""
    for ring in range(3):
        r = n[3] * (3 - ring) / 3.0
        count = 48 // (ring + 1)
        for k in range(count):
            a = math.tau * k / count
            if value(stock, n, x + r * math.cos(a), y + r * math.sin(a)) > n[3] + slack:
                return False
    return True


@compiled
def clear(  # noqa: C901 - one loop, compiled whole
    stock: Floats,
    goal: Mask,
    n: Floats,
    xa: float,
    ya: float,
    xb: float,
    yb: float,
    whole: bool,  # noqa: FBT001
) -> int:
    """Take what the cutter sweeps from a to b out of the stock; not ``whole``: it has been taken away at a.

    Returns how many nodes of the goal it took.
    """
    taken = 0
    h = n[2]
    outer = n[3] + 2.5 * h
    inner = 0.0 if whole else n[3] - 2.5 * h
    dx, dy = xb - xa, yb - ya
    size2 = dx * dx + dy * dy
    j0 = max(0, math.ceil((min(ya, yb) - outer - n[1]) / h))
    j1 = min(stock.shape[0] - 1, math.floor((max(ya, yb) + outer - n[1]) / h))
    for j in range(j0, j1 + 1):
        y = n[1] + j * h
        wa = outer * outer - (y - ya) ** 2
        wb = outer * outer - (y - yb) ** 2
        if wa <= 0.0 and wb <= 0.0:
            continue
        wa, wb = math.sqrt(max(wa, 0.0)), math.sqrt(max(wb, 0.0))
        left = min(xa - wa, xb - wb)
        right = max(xa + wa, xb + wb)
        if not whole and size2 > 0.0:  # what lies behind is as near to a as to the way
            if dx == 0.0:
                if (y - ya) * dy < -h * abs(dy):
                    continue
            elif dx > 0.0:
                left = max(left, xa - (y - ya) * dy / dx - h)
            else:
                right = min(right, xa - (y - ya) * dy / dx + h)
        hole = math.sqrt(max(inner * inner - (y - ya) ** 2, 0.0))
        i0 = max(0, math.ceil((left - n[0]) / h))
        i1 = min(stock.shape[1] - 1, math.floor((right - n[0]) / h))
        skip0, skip1 = math.ceil((xa - hole - n[0]) / h), math.floor((xa + hole - n[0]) / h)
        i = i0
        while i <= i1:
            if hole > 0.0 and skip0 <= i <= skip1:
                i = skip1 + 1
                continue
            px, py = n[0] + i * h - xa, y - ya
            t = 0.0
            if size2 > 0.0:
                t = min(max((px * dx + py * dy) / size2, 0.0), 1.0)
            ex, ey = px - t * dx, py - t * dy
            d2 = ex * ex + ey * ey
            if d2 < stock[j, i] * stock[j, i]:
                if d2 < n[3] * n[3] and stock[j, i] > n[3]:
                    taken += goal[j, i]
                stock[j, i] = math.sqrt(d2)
            i += 1
    return taken


@compiled
def _may(stock: Floats, room: Floats, n: Floats, x: float, y: float, heading: float, most: float) -> bool:
    """True when a step along the heading keeps to the room and the engagement."""
    c, s = math.cos(heading), math.sin(heading)
    x1, y1 = x + n[4] * c, y + n[4] * s
    if value(room, n, x1, y1) < 0.0:
        return False
    return bool(engagement(stock, n, x1, y1, heading, n[5], most) <= most)


@compiled
def _asked(stock: Floats, goal: Mask, n: Floats, x: float, y: float, way: float) -> bool:
    """True when stock that has to go lies against the rim within a quarter turn of a direction."""
    reach = n[3] + 1.6 * n[2]
    for k in range(-4, 5):
        a = way + k * math.pi / 16
        i, j = round((x + reach * math.cos(a) - n[0]) / n[2]), round((y + reach * math.sin(a) - n[1]) / n[2])
        if 0 <= j < stock.shape[0] and 0 <= i < stock.shape[1] and goal[j, i] > 0 and stock[j, i] > n[3]:
            return True
    return False


@compiled
def march(  # noqa: C901, PLR0912, PLR0913, PLR0917 - one loop, compiled whole
    stock: Floats, room: Floats, goal: Mask, n: Floats, x: float, y: float, heading: float, most: float, side: float,
    cuts: bool, path: Floats,  # noqa: FBT001
) -> int:  # fmt: skip
    """Follow the stock's edge from a pose, as deep into it as ``most`` (rad) allows; rows (x, y, heading, angle felt).

    ``side`` +1: the stock is on the right, -1: on the left. Not ``cuts``: it is only looked at. Ends in a corner,
    where no stock of the goal has been met for long, or when it comes round to its start; what meets nothing at the
    end is dropped. Returns how many rows it filled.
    """
    path[0, 0], path[0, 1], path[0, 2], path[0, 3] = x, y, heading, 0.0
    count, kept, air, turn = 1, 1, 0.0, 0.0
    widest = n[7] if cuts else BACKWARDS_RAD
    while count < len(path):
        low = -FIRST_RAD if cuts and count == 1 else -n[6]
        high = max(turn + 0.01, low + 0.02)
        found = low
        if not _may(stock, room, n, x, y, heading + side * low, most):
            grow = 0.03
            while high < widest and not _may(stock, room, n, x, y, heading + side * high, most):
                low = high
                high += grow
                grow *= 1.6
            if high >= widest:
                break
            for _ in range(BISECTIONS):
                mid = 0.5 * (low + high)
                if _may(stock, room, n, x, y, heading + side * mid, most):
                    high = mid
                else:
                    low = mid
            found = high
        turn = found
        heading += side * turn
        x, y = x + n[4] * math.cos(heading), y + n[4] * math.sin(heading)
        met = engagement(stock, n, x, y, heading, FELT * n[5], math.pi) if cuts else 0.0
        path[count, 0], path[count, 1], path[count, 2], path[count, 3] = x, y, heading, met
        count += 1
        if cuts:
            asked = False
            if met > (n[9] if kept == 1 else min(TOUCH_RAD, n[9])) and count >= SHORTEST_CUT:
                taken = 0
                if kept == 1:
                    taken += clear(stock, goal, n, path[0, 0], path[0, 1], path[0, 0], path[0, 1], False)  # noqa: FBT003
                for k in range(kept, count):  # what was hardly touched is cut when the way over it stays
                    taken += clear(stock, goal, n, path[k - 1, 0], path[k - 1, 1], path[k, 0], path[k, 1], False)  # noqa: FBT003
                asked = taken > 0 and met > n[9]
                kept = count
        else:
            asked = _asked(stock, goal, n, x, y, heading - side * math.pi / 2)
            if asked:
                kept = count
        if asked:
            air = 0.0
        else:
            air += n[4]
            if air > n[8]:
                break
        if not cuts and count * n[4] > 4.0 * n[3] and math.hypot(x - path[0, 0], y - path[0, 1]) < 1.5 * n[4]:
            return 1
    return kept


@compiled
def fronts(
    stock: Floats, room: Floats, goal: Mask, n: Floats, found: Floats, x0: float, y0: float, reach: float
) -> int:
    """Nodes of uncut stock beside cut: rows (x, y, x and y of a centre touching there, heading, row, column).

    The heading has the stock on the right. ``goal`` is 1 where stock has still to go. Looked for in a square of
    ``reach`` about a place.
    """
    count = 0
    h = n[2]
    i0, i1 = math.floor((x0 - reach - n[0]) / h), math.ceil((x0 + reach - n[0]) / h)
    j0, j1 = math.floor((y0 - reach - n[1]) / h), math.ceil((y0 + reach - n[1]) / h)
    for j in range(max(1, j0), min(stock.shape[0] - 1, j1)):
        for i in range(max(1, i0), min(stock.shape[1] - 1, i1)):
            g = stock[j, i]
            if goal[j, i] == 0 or g <= n[3] + n[5] or g > n[3] + 1.6 * h + n[5]:
                continue
            gx, gy = stock[j, i + 1] - stock[j, i - 1], stock[j + 1, i] - stock[j - 1, i]
            if abs(gx) > 4.0 * h or abs(gy) > 4.0 * h:  # a neighbour no centre has come near: no slope to read
                continue
            size = math.hypot(gx, gy)
            if size < h:
                continue
            gx, gy = gx / size, gy / size
            x, y = n[0] + i * h, n[1] + j * h
            cx, cy = x - (g + 0.4 * h) * gx, y - (g + 0.4 * h) * gy
            if value(room, n, cx, cy) < -BRUSH_MM or count >= len(found):
                continue
            row = found[count]
            row[0], row[1], row[2], row[3], row[4], row[5], row[6] = x, y, cx, cy, math.atan2(gx, -gy), j, i
            count += 1
    return count

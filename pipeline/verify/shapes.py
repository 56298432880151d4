"""The shapes of cutters and of their moves, as compiled functions every loop of the proof uses."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from geometry.compiled import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FAR = 1e9
SKIN_MM = 1e-3
GOLDEN = 0.6180339887498949
SEARCH_MM = 1e-4
EVEN = 1.2
BULK_SHARE = 0.85


@compiled
def length(x: float, y: float) -> float:
    """Length of a plane vector; far quicker than the library's guarded one."""
    return math.sqrt(x * x + y * y)


@compiled
def profile(tool: Floats, d: float) -> float:
    """Height of the cutter's lower surface above its tip at radius ``d``; FAR outside it."""
    if d > tool[0]:
        return FAR
    if tool[4] > 0.0:
        over = d - tool[2]
        return 0.0 if over <= 0.0 else tool[4] - math.sqrt(max(tool[4] * tool[4] - over * over, 0.0))
    if tool[3] > 0.0 and d > tool[1]:
        return float((d - tool[1]) * tool[3] / (tool[0] - tool[1]))
    return 0.0


@compiled
def signed(tool: Floats, d: float, h: float) -> float:
    """Distance (mm) to the cutter, endless upwards, of a point at radius ``d``, ``h`` above the tip; inside: < 0."""
    h -= tool[4]
    flat, wide, cone = tool[1], tool[2], tool[3]
    slope = length(wide - flat, cone)
    slant = ((d - flat) * cone - h * (wide - flat)) / slope if slope > 0.0 else -FAR
    inside = max(-h, d - wide, slant)
    if inside <= 0.0:
        return float(inside - tool[4])
    near = min(length(d - wide, max(cone - h, 0.0)), length(max(d - flat, 0.0), h))
    if slope > 0.0:
        t = min(max(((d - flat) * (wide - flat) + h * cone) / (slope * slope), 0.0), 1.0)
        near = min(near, length(d - flat - t * (wide - flat), h - t * cone))
    return float(near - tool[4])


@compiled
def along(g: Floats, s: float) -> tuple[float, float, float]:
    """Where the tip is after the share ``s`` of a move."""
    z = g[3] + (g[6] - g[3]) * s
    if g[0] == 0.0:
        return g[1] + (g[4] - g[1]) * s, g[2] + (g[5] - g[2]) * s, z
    r = g[9] + (g[10] - g[9]) * s
    a = g[11] + g[12] * s
    return g[7] + r * math.cos(a), g[8] + r * math.sin(a), z


@compiled
def turn_share(g: Floats, px: float, py: float) -> float:
    """The share of an arc at which it passes the bearing of a point; above 1 when it does not."""
    a = math.atan2(py - g[8], px - g[7]) - g[11]
    if g[12] < 0.0:
        a = -a
    a -= math.floor(a / math.tau) * math.tau
    return float(a / abs(g[12]))


@compiled
def reach(g: Floats, px: float, py: float) -> float:
    """Least distance in plan from a point to a move."""
    if g[0] == 0.0:
        dx, dy = g[4] - g[1], g[5] - g[2]
        length2 = dx * dx + dy * dy
        t = 0.0
        if length2 > 0.0:
            t = min(max(((px - g[1]) * dx + (py - g[2]) * dy) / length2, 0.0), 1.0)
        return length(px - g[1] - t * dx, py - g[2] - t * dy)
    s = turn_share(g, px, py)
    if s <= 1.0:
        return float(abs(length(px - g[7], py - g[8]) - g[9] - (g[10] - g[9]) * s))
    return min(length(px - g[1], py - g[2]), length(px - g[4], py - g[5]))


@compiled
def flat_lowest(g: Floats, radius: float, px: float, py: float) -> float:
    """Lowest height at which a flat disc of ``radius`` covers a point during a move; FAR when it never does."""
    if g[3] == g[6]:
        return g[3] if reach(g, px, py) <= radius else FAR
    if g[0] == 0.0:
        dx, dy = g[4] - g[1], g[5] - g[2]
        whole = length(dx, dy)
        if whole < 1e-9:
            return min(g[3], g[6]) if length(px - g[1], py - g[2]) <= radius else FAR
        across = abs((px - g[1]) * dy - (py - g[2]) * dx) / whole
        if across > radius:
            return FAR
        middle = ((px - g[1]) * dx + (py - g[2]) * dy) / (whole * whole)
        half = math.sqrt(radius * radius - across * across) / whole
        t0, t1 = max(0.0, middle - half), min(1.0, middle + half)
        if t0 > t1:
            return FAR
        return float(min(g[3] + (g[6] - g[3]) * t0, g[3] + (g[6] - g[3]) * t1))
    return _helix_lowest(g, radius, px, py)


@compiled
def _helix_lowest(g: Floats, radius: float, px: float, py: float) -> float:
    """The same for an arc that climbs or falls: the angles at which the disc covers the point, exactly."""
    falls = g[6] < g[3]  # then it is lowest where it leaves the point, else where it comes to it
    if length(px - (g[4] if falls else g[1]), py - (g[5] if falls else g[2])) <= radius:
        return float(min(g[3], g[6]))
    r = 0.5 * (g[9] + g[10])
    d = length(px - g[7], py - g[8])
    if abs(d - r) > radius:
        return FAR
    half = math.acos(min(max((r * r + d * d - radius * radius) / (2.0 * r * d), -1.0), 1.0))
    total = abs(g[12])
    middle = turn_share(g, px, py) * total
    for k in range(-1, 2):
        turn = -k if falls else k
        a0 = max(middle - half + turn * math.tau, 0.0)
        a1 = min(middle + half + turn * math.tau, total)
        if a0 <= a1:
            return float(g[3] + (g[6] - g[3]) * (a1 if falls else a0) / total)
    return FAR


@compiled
def tool_lowest(g: Floats, tool: Floats, px: float, py: float) -> float:
    """Lowest height of the cutter's surface over a point during a move; FAR when it never passes over.

    A helix of a cutter that is not flat must have been cut into chords.
    """
    if tool[3] == 0.0 and tool[4] == 0.0:
        return flat_lowest(g, tool[0], px, py)
    if g[3] == g[6] or g[0] == 1.0 or (g[1] == g[4] and g[2] == g[5]):
        return float(min(g[3], g[6]) + profile(tool, reach(g, px, py)))
    dx, dy = g[4] - g[1], g[5] - g[2]
    whole = length(dx, dy)
    at = ((px - g[1]) * dx + (py - g[2]) * dy) / whole
    across2 = (px - g[1]) ** 2 + (py - g[2]) ** 2 - at * at
    half2 = tool[0] * tool[0] - across2
    if half2 < 0.0:
        return FAR
    first, last = max(0.0, at - math.sqrt(half2)), min(whole, at + math.sqrt(half2))
    if first > last:
        return FAR
    rise = (g[6] - g[3]) / whole
    if tool[4] == tool[0]:
        # A ball: height + R - sqrt(R2 - d2) is least where its slope undoes the climb.
        s = min(max(at - rise * math.sqrt(half2) / math.sqrt(1.0 + rise * rise), first), last)
        return float(g[3] + rise * s + tool[0] - math.sqrt(max(half2 - (at - s) * (at - s), 0.0)))
    # Any other profile widens upwards ever faster, so height over way is convex: golden section.
    across2 = max(across2, 0.0)
    a, b = first, last
    s0, s1 = b - (b - a) * GOLDEN, a + (b - a) * GOLDEN
    f0 = rise * s0 + profile(tool, math.sqrt(across2 + (at - s0) * (at - s0)))
    f1 = rise * s1 + profile(tool, math.sqrt(across2 + (at - s1) * (at - s1)))
    while b - a > SEARCH_MM:
        if f0 < f1:
            b, s1, f1 = s1, s0, f0
            s0 = b - (b - a) * GOLDEN
            f0 = rise * s0 + profile(tool, math.sqrt(across2 + (at - s0) * (at - s0)))
        else:
            a, s0, f0 = s0, s1, f1
            s1 = a + (b - a) * GOLDEN
            f1 = rise * s1 + profile(tool, math.sqrt(across2 + (at - s1) * (at - s1)))
    ends = min(
        rise * first + profile(tool, math.sqrt(across2 + (at - first) ** 2) - 1e-12),
        rise * last + profile(tool, math.sqrt(across2 + (at - last) ** 2) - 1e-12),
    )
    return float(g[3] + min(f0, f1, ends))


@compiled
def ball_distance(g: Floats, radius: float, px: float, py: float, pz: float) -> float:
    """Distance (mm) of a point to all a ball-nosed cutter passes through on a straight move; inside: < 0.

    The cutter goes on upwards without end: what it sweeps is an upright strip above its centre's way, grown by R.
    """
    z0, z1 = g[3] + radius, g[6] + radius
    dx, dy = g[4] - g[1], g[5] - g[2]
    whole = length(dx, dy)
    if whole < 1e-9:
        return float(length(length(px - g[1], py - g[2]), min(pz - min(z0, z1), 0.0)) - radius)
    at = ((px - g[1]) * dx + (py - g[2]) * dy) / whole
    across = ((py - g[2]) * dx - (px - g[1]) * dy) / whole
    share = min(max(at / whole, 0.0), 1.0)
    if 0.0 <= at <= whole and pz >= z0 + (z1 - z0) * share:
        # Beside the strip, not under it; its two upright rims are nearer than its foot there or as near.
        return float(abs(across) - radius)
    t = (at * whole + (pz - z0) * (z1 - z0)) / (whole * whole + (z1 - z0) * (z1 - z0))
    t = min(max(t, 0.0), 1.0)
    near = length(at - t * whole, pz - z0 - t * (z1 - z0))
    if pz >= z0:
        near = min(near, abs(at))
    if pz >= z1:
        near = min(near, abs(at - whole))
    return float(length(across, near) - radius)


@compiled
def span(low: float, high: float, origin: float, step: float, count: int) -> tuple[int, int]:
    """Cells whose centres lie between two coordinates: first, and one past the last."""
    first = max(0, math.ceil((low - origin) / step - 0.5))
    last = min(count, math.floor((high - origin) / step - 0.5) + 1)
    return first, last


@compiled
def cells(grid: Floats, g: Floats, radius: float, shape: tuple[int, int]) -> tuple[int, int, int, int]:
    """The block of cells a disc may cover during a move: first and past-last along x, then along y."""
    x0, x1 = min(g[1], g[4]), max(g[1], g[4])
    y0, y1 = min(g[2], g[5]), max(g[2], g[5])
    if g[0] == 1.0:
        r = max(g[9], g[10])
        if turn_share(g, g[7] + r, g[8]) <= 1.0:
            x1 = g[7] + r
        if turn_share(g, g[7], g[8] + r) <= 1.0:
            y1 = g[8] + r
        if turn_share(g, g[7] - r, g[8]) <= 1.0:
            x0 = g[7] - r
        if turn_share(g, g[7], g[8] - r) <= 1.0:
            y0 = g[8] - r
    i0, i1 = span(x0 - radius, x1 + radius, grid[0], grid[2], shape[1])
    j0, j1 = span(y0 - radius, y1 + radius, grid[1], grid[3], shape[0])
    return i0, i1, j0, j1


@compiled
def standing(stands: Floats, fan: Floats, inside: int) -> tuple[float, float]:
    """How high the bulk of the material before a cutter's rim stands (mm), and how far round any stands over that.

    ``stands`` is the height at each bearing of ``fan``, 0 where nothing stands, ``inside`` how many stand. Where they
    stand even, the bulk is all; else ``BULK_SHARE`` of them. The degrees are the bearings' count, but no fewer than
    the foremost of them lies from the rim's side: there the chip is as thick.
    """
    level = np.max(stands)
    if level * inside <= EVEN * np.sum(stands):
        return level, 0.0
    level = np.sort(stands)[len(stands) - inside + int(BULK_SHARE * inside)]
    tall = np.flatnonzero(stands > level)
    if tall.size == 0:
        return level, 0.0
    side = math.degrees(math.asin(min(np.max(fan[tall, 0]), 1.0)))
    return level, max(180.0 * tall.size / len(stands), side)

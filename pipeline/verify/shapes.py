"""The shapes of cutters and of their moves, as compiled functions every loop of the proof uses."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
F = TypeVar("F", bound=Callable[..., Any])

FAR = 1e9
SKIN_MM = 1e-3
_HERE = Path(__file__).parent
_STAMP = hashlib.sha256(
    b"".join((_HERE / f"{n}.py").read_bytes() for n in ("path", "shapes", "kernels", "surface"))
).hexdigest()


def compiled(function: F) -> F:
    """Compile a loop once and keep it beside the source; same numbers on every run."""
    # The compiler's cache looks at one file only; the stamp in the name makes it see the functions called, too.
    function.__qualname__ = f"{function.__name__}_{_STAMP[:12]}"
    return cast("F", njit(cache=True)(function))


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
    r = 0.5 * (g[9] + g[10])
    d = length(px - g[7], py - g[8])
    if abs(d - r) > radius:
        return FAR
    if d + r <= radius:
        return float(min(g[3], g[6]))
    half = math.acos(min(max((r * r + d * d - radius * radius) / (2.0 * r * d), -1.0), 1.0))
    total = abs(g[12])
    middle = turn_share(g, px, py) * total
    best = FAR
    for turn in range(-1, 2):
        a0 = max(middle - half + turn * math.tau, 0.0)
        a1 = min(middle + half + turn * math.tau, total)
        if a0 <= a1:
            best = min(best, g[3] + (g[6] - g[3]) * a0 / total, g[3] + (g[6] - g[3]) * a1 / total)
    return best


@compiled
def tool_lowest(g: Floats, tool: Floats, px: float, py: float) -> float:
    """Lowest height of the cutter's surface over a point during a move; FAR when it never passes over."""
    if tool[3] == 0.0 and tool[4] == 0.0:
        return flat_lowest(g, tool[0], px, py)
    if g[3] == g[6] or (g[0] == 0.0 and g[1] == g[4] and g[2] == g[5]):
        return float(min(g[3], g[6]) + profile(tool, reach(g, px, py)))
    if reach(g, px, py) > tool[0]:
        return FAR
    best = FAR
    steps = 64 if g[0] == 1.0 else 24
    for k in range(steps + 1):
        x, y, z = along(g, k / steps)
        best = min(best, z + profile(tool, length(px - x, py - y)))
    return best


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

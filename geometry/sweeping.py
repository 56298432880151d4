"""Lowers a grid of heights under a cutter's moves: what stands above the cutter's lowest surface is gone."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from geometry.compiled import compiled
from model.tooling import Tool
from model.toolpath import Move

Floats = NDArray[np.float64]
NONE = 1e18
"""The height of a cutter where it is not."""

CHORD_MM = 0.002
PIECE_RADII = 3.0
"""Long moves are cut in pieces of so many cutter radii, so that a slanting one does not visit a whole rectangle."""


def shape(tool: Tool) -> Floats:
    """A cutter's lower surface: radius, radius of the flat at the tip, corner radius, rise of the cone beside it.

    A ball is all corner; a drill and a chamfer mill are a cone.
    """
    r = tool.diameter_mm / 2
    if tool.kind == "ball-mill":
        return np.array([r, 0.0, r, 0.0])
    if tool.kind in ("drill", "spot-drill", "chamfer-mill", "engraver") and tool.point_angle_deg < 179.9:
        tip = tool.tip_diameter_mm / 2 if tool.kind in ("chamfer-mill", "engraver") else 0.0
        return np.array([r, min(tip, r), 0.0, 1 / math.tan(math.radians(tool.point_angle_deg) / 2)])
    corner = min(tool.corner_radius_mm, r)
    return np.array([r, r - corner, corner, 0.0])


def pieces(moves: tuple[Move, ...], tool: Tool) -> Floats:
    """Rows (x0, y0, z0, x1, y1, z1, turn, cx, cy) of all a tool's moves; ``turn`` is 0 for straight pieces.

    Level arcs stay arcs of at most a quarter turn; helices become chords within ``CHORD_MM``.
    """
    rows: list[tuple[float, ...]] = []
    longest = PIECE_RADII * tool.diameter_mm / 2
    for a, b in pairwise(moves):
        if b.kind == "drill":
            rows.append((b.x_mm, b.y_mm, b.retract_mm, b.x_mm, b.y_mm, b.z_mm, 0.0, 0.0, 0.0))
        elif b.kind in ("cw", "ccw"):
            rows += _arc(a, b)
        else:
            z0 = a.retract_mm if a.kind == "drill" else a.z_mm
            count = max(1, math.ceil(math.hypot(b.x_mm - a.x_mm, b.y_mm - a.y_mm) / longest))
            spots = [
                (a.x_mm + (b.x_mm - a.x_mm) * k / count, a.y_mm + (b.y_mm - a.y_mm) * k / count,
                 z0 + (b.z_mm - z0) * k / count)
                for k in range(count + 1)
            ]  # fmt: skip
            rows += [(*p, *q, 0.0, 0.0, 0.0) for p, q in pairwise(spots)]
    return np.array(rows, dtype=np.float64).reshape(-1, 9)


def _arc(a: Move, b: Move) -> list[tuple[float, ...]]:
    r = math.hypot(a.x_mm - b.cx_mm, a.y_mm - b.cy_mm)
    a0 = math.atan2(a.y_mm - b.cy_mm, a.x_mm - b.cx_mm)
    turn = 1.0 if b.kind == "ccw" else -1.0
    angle = (math.atan2(b.y_mm - b.cy_mm, b.x_mm - b.cx_mm) - a0) * turn % math.tau
    angle = turn * (angle if angle > 1e-9 else math.tau)
    level = abs(a.z_mm - b.z_mm) < 1e-9
    step = math.pi / 2 if level or r < CHORD_MM else 2 * math.acos(1 - CHORD_MM / r)
    count = max(1, math.ceil(abs(angle) / step - 1e-9))
    spots = [
        (b.cx_mm + r * math.cos(a0 + angle * k / count), b.cy_mm + r * math.sin(a0 + angle * k / count),
         a.z_mm + (b.z_mm - a.z_mm) * k / count)
        for k in range(count + 1)
    ]  # fmt: skip
    return [(*p, *q, turn if level else 0.0, b.cx_mm, b.cy_mm) for p, q in pairwise(spots)]


@compiled
def rise(cutter: Floats, d: float) -> float:
    """Height of the cutter's lower surface above its tip at a distance from its axis; NONE outside it."""
    if d > cutter[0]:
        return NONE
    if d <= cutter[1]:
        return 0.0
    if cutter[2] > 0.0:
        over = d - cutter[1]
        return float(cutter[2] - math.sqrt(max(cutter[2] * cutter[2] - over * over, 0.0)))
    return float((d - cutter[1]) * cutter[3])


@compiled
def lowest(  # noqa: PLR0911 - one return for each shape of move
    piece: Floats, cutter: Floats, px: float, py: float
) -> float:
    """Lowest height of the cutter over a point during one piece; NONE when it never comes over it."""
    x0, y0, z0, x1, y1, z1 = piece[0], piece[1], piece[2], piece[3], piece[4], piece[5]
    if piece[6] != 0.0:
        ux, uy = px - piece[7], py - piece[8]
        near = min(math.hypot(px - x0, py - y0), math.hypot(px - x1, py - y1))
        a0 = math.atan2(y0 - piece[8], x0 - piece[7])
        whole = ((math.atan2(y1 - piece[8], x1 - piece[7]) - a0) * piece[6]) % math.tau
        if ((math.atan2(uy, ux) - a0) * piece[6]) % math.tau <= whole:
            near = min(near, abs(math.hypot(ux, uy) - math.hypot(x0 - piece[7], y0 - piece[8])))
        up = rise(cutter, near)
        return NONE if up == NONE else z0 + up
    dx, dy = x1 - x0, y1 - y0
    size2 = dx * dx + dy * dy
    if size2 < 1e-18:
        up = rise(cutter, math.hypot(px - x0, py - y0))
        return NONE if up == NONE else min(z0, z1) + up
    t = ((px - x0) * dx + (py - y0) * dy) / size2
    across = abs((px - x0) * dy - (py - y0) * dx) / math.sqrt(size2)
    if across > cutter[0]:
        return NONE
    half = math.sqrt((cutter[0] * cutter[0] - across * across) / size2)
    low, high = max(0.0, t - half), min(1.0, t + half)
    if low > high:
        return NONE
    if z0 == z1:
        near = min(max(t, 0.0), 1.0)
        up = rise(cutter, math.hypot(px - x0 - near * dx, py - y0 - near * dy))
        return NONE if up == NONE else z0 + up
    if cutter[1] == cutter[0]:
        return float(min(z0 + (z1 - z0) * low, z0 + (z1 - z0) * high))
    for _ in range(40):  # a convex surface sinking along a line: the height over a point is convex in the share
        a, b = low + (high - low) * 0.382, low + (high - low) * 0.618
        ha = z0 + (z1 - z0) * a + rise(cutter, min(math.hypot(px - x0 - a * dx, py - y0 - a * dy), cutter[0]))
        hb = z0 + (z1 - z0) * b + rise(cutter, min(math.hypot(px - x0 - b * dx, py - y0 - b * dy), cutter[0]))
        if ha < hb:
            high = b
        else:
            low = a
    mid = 0.5 * (low + high)
    return float(
        z0 + (z1 - z0) * mid + rise(cutter, min(math.hypot(px - x0 - mid * dx, py - y0 - mid * dy), cutter[0]))
    )


@compiled
def lower(high: Floats, x0: float, y0: float, pitch: float, cutter: Floats, moves: Floats) -> None:
    """Cut the heights over the centres of the cells (rows along y) down to the lowest surface of every piece."""
    rows, columns = high.shape
    r = cutter[0]
    for k in range(len(moves)):
        m = moves[k]
        left, right = min(m[0], m[3]), max(m[0], m[3])
        front, back = min(m[1], m[4]), max(m[1], m[4])
        if m[6] != 0.0:  # a quarter turn stays within the box of its chord grown by its sagitta
            radius = math.hypot(m[0] - m[7], m[1] - m[8])
            half = 0.5 * math.hypot(m[3] - m[0], m[4] - m[1])
            grow = radius - math.sqrt(max(radius * radius - half * half, 0.0))
            left, right, front, back = left - grow, right + grow, front - grow, back + grow
        i0 = max(0, math.floor((left - r - x0) / pitch - 0.5))
        i1 = min(columns, math.ceil((right + r - x0) / pitch + 0.5))
        j0 = max(0, math.floor((front - r - y0) / pitch - 0.5))
        j1 = min(rows, math.ceil((back + r - y0) / pitch + 0.5))
        floor = min(m[2], m[5])
        for j in range(j0, j1):
            py = y0 + (j + 0.5) * pitch
            for i in range(i0, i1):
                if high[j, i] > floor:
                    z = lowest(m, cutter, x0 + (i + 0.5) * pitch, py)
                    high[j, i] = min(high[j, i], z)


@compiled
def gone(field: Floats, origin: Floats, pitch: float, p: Floats) -> bool:
    """True when a point (of the field's frame) lies above the field's surface in its cell, or beside the field."""
    i = math.floor((p[0] - origin[0]) / pitch)
    j = math.floor((p[1] - origin[1]) / pitch)
    if i < 0 or j < 0 or j >= field.shape[0] or i >= field.shape[1]:
        return True
    return bool(p[2] > field[j, i])


@compiled
def sink(  # noqa: C901 - one loop, compiled whole
    high: Floats, corner: Floats, pitch: float, bottom: float, other: Floats, origin: Floats, apart: float, turn: Floats
) -> int:
    """Sink every column of a grid to its highest point that another field has not removed; tell how many sank.

    ``turn`` (3 rows of 4) takes points of the grid's frame to the other field's. ``corner`` and ``origin`` are the
    lower left corners. A column with nothing left becomes -inf.
    """
    rows, columns = high.shape
    p = np.empty(3)
    sunk = 0
    for j in range(rows):
        for i in range(columns):
            x, y, z = corner[0] + (i + 0.5) * pitch, corner[1] + (j + 0.5) * pitch, high[j, i] - 1e-6
            if z <= bottom:
                continue
            above = z
            stands = False
            while z > bottom:
                for k in range(3):
                    p[k] = turn[k, 0] * x + turn[k, 1] * y + turn[k, 2] * z + turn[k, 3]
                if not gone(other, origin, apart, p):
                    stands = True
                    break
                above = z
                z -= pitch
            if stands and above == z:
                continue
            sunk += 1
            if not stands:
                high[j, i] = -np.inf
                continue
            low = z
            for _ in range(12):
                z = 0.5 * (low + above)
                for k in range(3):
                    p[k] = turn[k, 0] * x + turn[k, 1] * y + turn[k, 2] * z + turn[k, 3]
                if gone(other, origin, apart, p):
                    above = z
                else:
                    low = z
            high[j, i] = 0.5 * (low + above)
    return sunk

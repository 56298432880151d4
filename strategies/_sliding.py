"""From pieces of a tool's slide over a surface to moves: an order, links that stay down, lines and arcs."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from geometry.following import rounded, straight_between, straightened
from geometry.heightfield import HeightField
from geometry.ordering import nearest_next
from geometry.scene import Scene
from model.errors import CapabilityError
from model.plan import Operation
from model.tooling import Assembly
from model.toolpath import Intent, Move
from strategies._ground import HALF_STEP, MERGE_MM, Floats, Ground, check_holder
from strategies._passes import tips_along
from strategies._paths import APPROACH_MM, leave

LINK_STEPS = 4.0
"""A link stays down on the surface up to so many distances of passes, and a tool's radius besides."""
CLOSED_MM = 1e-6
ON_IT_MM = 1e-3
ASIDE = 0.125
"""Straights may lie beside the path on the surface by this share of the distance of passes."""
LEAD_RADII, MOST_RADII = 0.5, 3.0
LEAD_DEG = 20.0
"""The way down onto a piece is so long at least and at most, and between them no steeper than that."""
NEAR_MM = 1.5
"""Laps of a flat mill this near to each other are joined over the higher of their ends."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """One piece to cut: rows of tip and point touched, whether it ends where it begins, whether it may be turned."""

    tips: Floats
    closed: bool
    either_way: bool


def moves(
    g: Ground, pieces: list[Floats], operation: Operation, assembly: Assembly, scene: Scene, *, climb: bool = False
) -> tuple[Move, ...]:
    """All pieces as moves, near ones joined along the surface.

    ``climb``: each piece keeps its direction while an allowance stays; on size, open pieces go to and fro.

    Raises:
        CapabilityError: There is nothing to cut, or shank or holder touch the part.
    """
    stretches = []
    for p in pieces:
        closed = len(p) > 3 and float(np.abs(p[0, :3] - p[-1, :3]).max()) < CLOSED_MM
        stretches.append(Stretch(np.ascontiguousarray(p), closed, not climb or operation.allowance_mm == 0))
    if not stretches:
        msg = f"{operation.id}: {assembly.tool.id} reaches nothing of {operation.feature.id}"
        raise CapabilityError("strategy.nothing-reached", msg, place=operation.feature.id, hint="Use a thinner tool.")
    check_holder(g, operation, assembly, np.concatenate([s.tips[::4, :3] for s in stretches]))
    out: list[Move] = []
    stock = scene.stock()
    for rows in _in_order(stretches):
        tips = np.ascontiguousarray(rows[:, :3])
        out += _joined(g, out[-1] if out else None, tips, operation, stock)
        out += _cut(g, rows, operation)
    out.append(leave(out[-1], operation.clearance_z_mm))
    return tuple(out)


def _slid_in(g: Ground, tips: Floats, material_mm: float) -> Floats:
    """A way down onto a piece's start from the open, along the piece itself, over it: so the part is never touched.

    It begins ``APPROACH_MM`` over the material and sinks as gently as the piece is long; a closed piece is joined in
    the direction it is cut.
    """
    if len(tips) > 3 and float(np.abs(tips[0] - tips[-1]).max()) < CLOSED_MM:
        tips = tips[::-1]
    rise = max(material_mm - float(tips[0, 2]), 0.0) + APPROACH_MM
    step = np.linalg.norm(np.diff(tips[:, :2], axis=0), axis=1)
    gone = np.concatenate([[0.0], np.cumsum(step)])
    wide = max(LEAD_RADII * g.radius_mm, min(rise / math.tan(math.radians(LEAD_DEG)), MOST_RADII * g.radius_mm))
    wide = min(wide, float(gone[-1]))
    count = int(np.searchsorted(gone, wide - CLOSED_MM)) + 1
    if wide < CLOSED_MM or count < 2:
        return np.vstack([tips[0] + np.array([0.0, 0.0, rise]), tips[0]])
    way = tips[:count].copy()
    way[:, 2] = np.maximum(way[:, 2], tips[0, 2]) + rise * gone[:count] / gone[count - 1]
    return way[::-1]


def _in_order(stretches: list[Stretch]) -> list[Floats]:
    """Nearest next; open pieces from the nearer end, closed ones from the nearest point."""
    closed = np.array([s.closed for s in stretches])
    start = int(np.argmax(np.round([s.tips[0, 2] for s in stretches], 6))) if closed.any() else 0
    first = np.concatenate([[0], np.cumsum([len(s.tips) for s in stretches])])
    either = np.array([s.either_way for s in stretches])
    out = []
    for k, place in nearest_next(np.concatenate([s.tips for s in stretches]), first, closed, either, start).tolist():
        tips = stretches[k].tips
        if closed[k]:
            tips = np.concatenate([tips[place:-1], tips[: place + 1]])
        out.append(np.ascontiguousarray(tips if closed[k] or place == 0 else tips[::-1]))
    return out


def _joined(g: Ground, last: Move | None, tips: Floats, operation: Operation, stock: HeightField) -> list[Move]:
    """From the last move to a piece's start: along the surface when near, else over the clearance height."""
    cut = operation.cutting
    x, y, z = (float(v) for v in tips[0])
    if last is not None:
        link = _link(g, np.array([last.x_mm, last.y_mm, last.z_mm]), tips)
        if link is not None:
            return _lines(link, cut.feed_mm_min, "link")
    out = [] if last is None else [leave(last, operation.clearance_z_mm)]
    way = _slid_in(g, tips, _material(g, stock, operation, x, y))
    x, y, z = (float(v) for v in way[0])
    out.append(Move("rapid", x, y, operation.clearance_z_mm, intent="approach"))
    near = max(z, _material(g, stock, operation, x, y)) + APPROACH_MM
    if near < operation.clearance_z_mm - 0.1:
        out.append(Move("rapid", x, y, near, intent="approach"))
    out.append(Move("line", x, y, z, cut.plunge_mm_min, "plunge"))
    return [*out, *_lines(way, cut.ramp_mm_min, "lead-in")]


def _material(g: Ground, stock: HeightField, operation: Operation, x: float, y: float) -> float:
    """Height at which the tool's tip meets the stock over a place."""
    if not stock.high.size:
        return operation.top_z_mm
    h = stock.pitch_mm
    rows, columns = stock.high.shape
    wide = g.radius_mm + h
    i0, i1 = max(int((x - wide - stock.x0_mm) / h), 0), min(int((x + wide - stock.x0_mm) / h) + 1, columns)
    j0, j1 = max(int((y - wide - stock.y0_mm) / h), 0), min(int((y + wide - stock.y0_mm) / h) + 1, rows)
    if i0 >= i1 or j0 >= j1:
        return -math.inf
    dx = np.maximum(np.abs(stock.x0_mm + (np.arange(i0, i1) + 0.5) * h - x) - h / 2, 0.0)
    dy = np.maximum(np.abs(stock.y0_mm + (np.arange(j0, j1) + 0.5) * h - y) - h / 2, 0.0)
    d = np.hypot(dx[None, :], dy[:, None])
    over = np.maximum(d - (g.radius_mm - g.corner_mm), 0.0)
    low = g.corner_mm - np.sqrt(np.maximum(g.corner_mm**2 - over**2, 0.0))
    return float(np.where(d < g.radius_mm, stock.high[j0:j1, i0:i1] - low, -math.inf).max())


def _link(g: Ground, start: Floats, tips: Floats) -> Floats | None:
    """A way over the surface from one tip to the next piece that stays in contact or just above it."""
    goal = tips[0]
    across = math.dist(start[:2], goal[:2])
    if g.corner_mm == 0.0:
        return _stepped(g, start, goal) if across < NEAR_MM else None
    if across > LINK_STEPS * g.ae_mm + g.radius_mm:
        return None
    rows = g.follow(np.array([start[:2], goal[:2]]))[:, :3]
    if not np.isfinite(rows[:, 2]).all() or rows[:, 2].min() < g.bottom_mm - 1e-6:
        return None
    if rows[:, 2].max() > max(start[2], goal[2]) + g.radius_mm:
        return None
    # Neither lower than both ends (a level piece may lie above its rest) nor lower than the rest.
    level = np.maximum(rows[:, 2], min(start[2], goal[2]))
    return np.vstack([start, np.column_stack([rows[:, :2], level]), goal])


def _stepped(g: Ground, start: Floats, goal: Floats) -> Floats | None:
    """From lap to lap: level at the higher end's height, then down or up; None where the part is in the way."""
    high = max(start[2], goal[2])
    count = max(2, math.ceil(math.dist(start[:2], goal[:2]) / g.step_mm) + 1)
    way = start[:2] + np.linspace(0, 1, count)[:, None] * (goal[:2] - start[:2])
    if g.rest(np.ascontiguousarray(way))[:, 2].max() > high + CLOSED_MM:
        return None
    return np.array([start, [start[0], start[1], high], [goal[0], goal[1], high], goal])


def _cut(g: Ground, rows: Floats, operation: Operation) -> list[Move]:
    feed = operation.cutting.feed_mm_min
    tips = np.ascontiguousarray(rows[:, :3])
    if np.ptp(tips[:, 2]) > 1e-9:
        return [Move("line", x, y, z, feed, "finish") for x, y, z in _straights(g, rows)[1:].tolist()]
    out = []
    for end, turn, cx, cy in rounded(tips, MERGE_MM).tolist():
        x, y, z = (float(v) for v in tips[int(end)])
        kind = "line" if turn == 0 else "ccw" if turn > 0 else "cw"
        out.append(Move(kind, x, y, z, feed, "finish", cx, cy))  # type: ignore[arg-type]
    return out


def _straights(g: Ground, rows: Floats) -> Floats:
    """Corners of straights instead of a path: off it by little, but more to the side where the part lets them."""
    tips, normals = np.ascontiguousarray(rows[:, :3]), _normals(g, rows)
    corners = straight_between(tips, normals, MERGE_MM, max(ASIDE * g.ae_mm, MERGE_MM))
    kept_off = g.clears(tips_along([corners], HALF_STEP * g.step_mm))
    return corners if kept_off else straight_between(tips, normals, MERGE_MM, MERGE_MM)


def _normals(g: Ground, rows: Floats) -> Floats:
    """Which way the surface looks where it is touched; nothing where the tip is not let down on it."""
    off = rows[:, 3:5] - rows[:, :2]
    far = np.hypot(off[:, 0], off[:, 1])
    centre = rows[:, :3] + np.column_stack(
        [off * (g.cutter.flat_mm / np.maximum(far, 1e-9))[:, None], far * 0 + g.corner_mm]
    )
    away = centre - rows[:, 3:]
    held = np.abs(np.linalg.norm(away, axis=1) - g.cutter.corner_mm) < ON_IT_MM
    found: Floats = np.where(held[:, None], away / g.cutter.corner_mm, 0.0)
    return found


def _lines(tips: Floats, feed: float, intent: Intent) -> list[Move]:
    keep = straightened(tips, MERGE_MM)[1:]
    return [Move("line", x, y, z, feed, intent) for x, y, z in tips[keep].tolist()]

"""Scallop finishing: passes a constant distance apart on the surface, from its rim inwards."""

from __future__ import annotations

import math

import numpy as np
import shapely

from geometry.contours import chains, crossings
from geometry.geodesic import from_rim
from geometry.ordering import nearest_next
from geometry.scene import Scene
from model.plan import Operation
from model.tooling import Assembly
from model.toolpath import Move
from strategies._ground import Floats, Ground, ground, nodes
from strategies._passes import DENSE, LAP_STEPS, Family, Way, cover, filled, runs, slide, tips_along
from strategies._sliding import moves
from strategies.parallel import lanes, span
from strategies.pencil import hollows

SMOOTHINGS = 8
NEARER = 0.9
"""Rings lie so much nearer than passes may: distances walked over a grid are a little wrong."""
FAR_STEPS = 3.0
"""Middles of short pieces no further apart than so many distances of passes belong to one row of bends."""
FEWEST = 4
"""A row of bends is no shorter than so many pieces."""
RIM_SHARE = 0.1
"""The first pass runs this share of the distance between passes inside the rim."""


def toolpath(operation: Operation, assembly: Assembly, scene: Scene) -> tuple[Move, ...]:
    """Follow the rim of the surface, each pass the same distance along the surface further in.

    Hollows the tool touches on two sides get a pass of their own.

    Raises:
        CapabilityError: The feature is no free surface, the tool has no rounded corner, or its holder touches.
    """
    g = ground(operation, assembly, scene)
    pitch = max(g.ae_mm / 2, g.step_mm)
    rows = nodes(g, pitch)
    away = distances(g, rows, pitch)
    reached = away[np.isfinite(away)]
    pieces: list[Floats] = []
    if reached.size:
        low = RIM_SHARE * g.ae_mm
        pieces = cover(g, _rings(g, away, pitch), low, max(float(reached.max()), 2 * low), NEARER * g.ae_mm, g.wanted)
        pieces = _bends_joined(g, pieces)
    if pieces:  # what lies in the middle and at the rim, nearer than two rings
        done = tips_along(pieces, DENSE * g.ae_mm)
        low, high = span(g)
        between = np.arange(low, high + g.ae_mm, g.ae_mm).tolist()
        pieces += filled(g, lanes(g), between, g.ae_mm, g.wanted, done)
    pieces += hollows(g, rows)
    return moves(g, pieces, operation, assembly, scene)


def _bends_joined(g: Ground, pieces: list[Floats]) -> list[Floats]:
    """The pieces, but for short ones side by side one pass from middle to middle.

    Rings bend sharply where fronts from two sides of the rim meet, and there they leave a little between them again
    and again: one pass along the bends takes it all.
    """
    size = [float(np.linalg.norm(np.diff(p[:, :3], axis=0), axis=1).sum()) for p in pieces]
    short = [k for k, long in enumerate(size) if long < 2 * LAP_STEPS * g.step_mm + g.ae_mm]
    if not short:
        return pieces
    middles = np.array([pieces[k][len(pieces[k]) // 2, :3] for k in short])
    any_end = np.zeros(len(short), dtype=np.bool_)
    order = nearest_next(middles, np.arange(len(short) + 1), any_end, any_end, 0)[:, 0]
    apart = np.linalg.norm(np.diff(middles[order], axis=0), axis=1)
    found = [p for k, p in enumerate(pieces) if k not in set(short)]
    for group in np.split(order, np.flatnonzero(apart > FAR_STEPS * g.ae_mm) + 1):
        if len(group) < FEWEST:
            found += [pieces[short[k]] for k in group.tolist()]
        else:
            rows = g.follow(np.ascontiguousarray(middles[group, :2]))
            found += runs(rows, g.wanted(rows))
    return found


def distances(g: Ground, rows: Floats, pitch_mm: float) -> Floats:
    """Distance along the surface from its rim at the nodes of a grid; -inf where it is not touched."""
    inside = g.wanted(rows.reshape(-1, 6)).reshape(rows.shape[:2])
    padded = np.pad(inside, 1)
    deep = padded[1:-1, :-2] & padded[1:-1, 2:] & padded[:-2, 1:-1] & padded[2:, 1:-1]
    start = np.where(inside, math.inf, math.nan)
    rim = inside & ~deep
    near = shapely.distance(g.area.boundary, shapely.points(rows[rim][:, 3:5]))
    slope = np.cos(np.radians(np.minimum(g.steepness_deg(rows[rim]), 80.0)))
    start[rim] = np.where(near < 2 * pitch_mm, np.minimum(near / slope, 2 * pitch_mm), 0.0)
    found = from_rim(np.where(np.isfinite(rows), rows, 0.0), start)
    return np.where(inside, found, -math.inf)


def _rings(g: Ground, away: Floats, pitch: float) -> Family:
    """The passes at one distance from the rim."""
    x0, y0, *_ = g.box

    def at(level: float) -> list[Way]:
        return [
            slide(g, _smooth(crossings(edges, away, level, x0, y0, pitch), closed=closed))
            for edges, closed in chains(away, level)
        ]

    return at


def _smooth(way: Floats, *, closed: bool) -> Floats:
    """The way without the grid's ripple; a closed one ends where it starts."""
    for _ in range(SMOOTHINGS):
        if closed:
            way = (np.roll(way, 1, axis=0) + 2 * way + np.roll(way, -1, axis=0)) / 4
        elif len(way) > 2:
            way = np.vstack([way[:1], (way[:-2] + 2 * way[1:-1] + way[2:]) / 4, way[-1:]])
    return np.vstack([way, way[:1]]) if closed else way

"""Waterline finishing: level laps around steep surfaces, one below the other."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from geometry.contours import chains, crossings, free_crossings, thinned
from geometry.scene import Scene
from model.plan import Operation
from model.tooling import Assembly
from model.toolpath import Move
from strategies._ground import BELOW_MM, Bools, Floats, Ground, ground, nodes
from strategies._passes import COARSE, Family, Way, cover, widened
from strategies._sliding import moves

Ints = NDArray[np.int64]

FLATTEST_DEG = 40.0
"""Laps are cut where the surface is at least this steep; flatter ground needs passes over it."""
LEAP_STEPS = 2.0
"""Nodes further apart in height than so many safe steps have something upright between them."""
THIN_SHARE = 0.9
"""Crossings nearer to each other than this share of the safe step are passed over."""
HALVINGS = 8
BLOCKED_MM = 1e6
NEAR_NODES = 2
"""A lap is followed as far from what is wanted."""


def toolpath(operation: Operation, assembly: Assembly, scene: Scene) -> tuple[Move, ...]:
    """Lap the surface's steep parts from the top down, the surface on the right of the tool.

    Raises:
        CapabilityError: The feature is no free surface, nothing of it is steep, the tool has no rounded corner, or
            its holder touches.
    """
    g = ground(operation, assembly, scene)
    steep = partial(g.wanted, low_deg=FLATTEST_DEG)
    pieces = laps(g, fine_nodes(g), steep, g.ae_mm * math.sin(math.radians(45)))
    return moves(g, pieces, operation, assembly, scene, climb=True)


def laps(g: Ground, rows: Floats, steep: Callable[[Floats], Bools], step_mm: float) -> list[Floats]:
    """Level pieces that leave no more than the scallop on what is wanted, at first ``step_mm`` apart in height.

    ``rows`` are the ground's :func:`fine_nodes`.
    """
    flat = rows.reshape(-1, 6)
    inside = steep(flat).reshape(rows.shape[:2])
    touched = np.concatenate([flat[inside.ravel()], _fringe(g, rows, inside, steep)])
    if not len(touched):
        return []
    low, high = max(float(touched[:, 2].min()), g.bottom_mm), float(touched[:, 2].max())
    return cover(g, contours(g, rows, inside), low, max(high, low + BELOW_MM), step_mm, steep)


def fine_nodes(g: Ground) -> Floats:
    """The ground over a grid so fine that neighbouring crossings of a level line are within the safe step."""
    return nodes(g, g.step_mm / math.sqrt(2))


def _fringe(g: Ground, rows: Floats, inside: Bools, steep: Callable[[Floats], Bools]) -> Floats:
    """Rows between nodes at the rim of what is wanted, found by halving, and on upright places between nodes."""
    found = []
    heights = np.where(np.isfinite(rows[:, :, 2]), rows[:, :, 2], -BLOCKED_MM)
    for one, two in ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:])):
        a, b = inside[one], inside[two]
        solid = np.minimum(heights[one], heights[two]) > -BLOCKED_MM
        leap = solid & (np.abs(heights[one] - heights[two]) > LEAP_STEPS * g.step_mm)
        for mask in (a != b, leap & ~a & ~b):
            yes, no = (
                np.where(a[mask][:, None], rows[one][mask], rows[two][mask]),
                np.where(a[mask][:, None], rows[two][mask], rows[one][mask]),
            )
            low, high = yes[:, :2].copy(), no[:, :2].copy()
            for _ in range(HALVINGS):
                mid = g.rest(np.ascontiguousarray((low + high) / 2))
                good = steep(mid)
                found.append(mid[good])
                low[good], high[~good] = mid[good, :2], mid[~good, :2]
    return np.concatenate(found)


def contours(g: Ground, rows: Floats, inside: Bools) -> Family:
    """The laps at one height, followed only where something wanted is near."""
    raw = rows.copy()
    raw[:, :, 2] -= g.growth_mm
    heights = np.ascontiguousarray(raw[:, :, 2])
    flat = np.where(np.isfinite(heights), heights, -BLOCKED_MM).ravel()
    numbers = g.cutter.numbers()
    near = widened(widened(inside, NEAR_NODES).T, NEAR_NODES).T.ravel()

    def crossed(places: Floats, edges: Ints, worth: Bools, level: float) -> Floats:
        nothing = np.full(len(places), -np.inf)
        found = np.column_stack([places, nothing, places, nothing])
        found[worth] = free_crossings(g.mesh, numbers, edges[worth], raw, level - g.growth_mm)
        found[worth, 2] = level
        return found

    def at(level: float) -> list[Way]:
        found = []
        for chain, closed in chains(heights, level - g.growth_mm):
            edges = np.append(chain, chain[0]) if closed else chain
            one, two = _nodes_of(edges, heights.shape[1])
            solid = np.minimum(flat[one], flat[two]) > -BLOCKED_MM
            leap = solid & (np.abs(flat[one] - flat[two]) > LEAP_STEPS * g.step_mm)
            places = crossings(edges, heights, level - g.growth_mm, g.box[0], g.box[1], g.step_mm / math.sqrt(2))
            kept = thinned(places, leap, THIN_SHARE * g.step_mm)
            worth = (solid & (near[one] | near[two] | leap))[kept]
            found.append(_way(partial(crossed, level=level), places[kept], edges[kept], worth))
        return found

    return at


def _nodes_of(edges: Ints, columns: int) -> tuple[Ints, Ints]:
    one = edges // 2
    return one, one + np.where(edges % 2 == 1, columns, 1)


def _way(crossed: Callable[[Floats, Ints, Bools], Floats], places: Floats, edges: Ints, worth: Bools) -> Way:
    """A lap with a look at every few places and at its end."""
    every = np.unique(np.append(np.arange(0, len(edges), COARSE), len(edges) - 1))

    def some(k: Ints | slice) -> Floats:
        return crossed(places[k], edges[k], worth[k])

    return Way(places[every], lambda looks: some(every[looks]), lambda a, b: some(slice(every[a], every[b] + 1)))

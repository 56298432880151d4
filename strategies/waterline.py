"""Waterline finishing: level laps around steep surfaces, one below the other."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np

from geometry.contours import chains, free_crossings
from geometry.scene import Scene
from model.plan import Operation
from model.tooling import Assembly
from model.toolpath import Move
from strategies._ground import BELOW_MM, Bools, Floats, Ground, ground, nodes
from strategies._passes import Family, cover
from strategies._sliding import moves

FLATTEST_DEG = 40.0
"""Laps are cut where the surface is at least this steep; flatter ground needs passes over it."""


def toolpath(operation: Operation, assembly: Assembly, scene: Scene) -> tuple[Move, ...]:
    """Lap the surface's steep parts from the top down, the surface on the right of the tool.

    Raises:
        CapabilityError: The feature is no free surface, nothing of it is steep, the tool has no rounded corner, or
            its holder touches.
    """
    g = ground(operation, assembly, scene)
    steep = partial(g.wanted, low_deg=FLATTEST_DEG)
    return moves(g, laps(g, steep, g.ae_mm * math.sin(math.radians(45))), operation, assembly, scene, climb=True)


def laps(g: Ground, steep: Callable[[Floats], Bools], step_mm: float) -> list[Floats]:
    """Level pieces that leave no more than the scallop on what is wanted, at first ``step_mm`` apart in height."""
    rows = nodes(g, g.step_mm / math.sqrt(2))
    flat = rows.reshape(-1, 6)
    touched = flat[steep(flat)]
    if not len(touched):
        return []
    low, high = max(float(touched[:, 2].min()), g.bottom_mm), float(touched[:, 2].max())
    return cover(g, _contours(g, rows[:, :, 2]), low, max(high, low + BELOW_MM), step_mm, steep)


def _contours(g: Ground, heights: Floats) -> Family:
    """The laps at one height; the grid is so fine that neighbouring crossings are within the safe step."""
    corner = np.array([g.box[0], g.box[1], g.step_mm / math.sqrt(2)])
    tip = heights - g.growth_mm
    numbers = g.cutter.numbers()
    kept: dict[float, list[Floats]] = {}

    def at(level: float, _coarse: bool) -> list[Floats]:  # noqa: FBT001 - the two ways to ask a family
        if level not in kept:
            kept[level] = []
            for edges, closed in chains(tip, level - g.growth_mm):
                rows = free_crossings(g.mesh, numbers, edges, tip, level - g.growth_mm, corner)
                rows[:, 2] = level
                kept[level].append(np.vstack([rows, rows[:1]]) if closed else rows)
        return kept[level]

    return at

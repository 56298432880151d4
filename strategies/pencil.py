"""Pencil finishing: one pass along every hollow the tool touches on two sides at once."""

from __future__ import annotations

import numpy as np

from geometry.creases import creases
from geometry.scene import Scene
from model.plan import Operation
from model.tooling import Assembly
from model.toolpath import Move
from strategies._ground import Floats, Ground, ground, nodes
from strategies._passes import runs
from strategies._sliding import moves

LEAP_SHARE = 0.3
"""Two points touched at once are at least this share of the corner radius apart."""
SHORTEST_SHARE = 0.5
"""Hollows shorter than this share of the tool's diameter are left to other passes."""


def toolpath(operation: Operation, assembly: Assembly, scene: Scene) -> tuple[Move, ...]:
    """Follow the hollows of the surface and those between it and its neighbours.

    Raises:
        CapabilityError: The feature is no free surface, it has no such hollow, the tool has no rounded corner, or its
            holder touches.
    """
    g = ground(operation, assembly, scene)
    return moves(g, hollows(g, nodes(g, g.step_mm)), operation, assembly, scene)


def hollows(g: Ground, rows: Floats) -> list[Floats]:
    """The pieces of path along hollows; ``rows`` are nodes over the ground about a safe step apart."""
    found = []
    for way, left, right in creases(g.mesh, g.cutter.numbers(), rows, LEAP_SHARE * g.corner_mm):
        near = g.wanted(_touching(way, left)) | g.wanted(_touching(way, right))
        for piece in runs(way, near):
            length = float(np.linalg.norm(np.diff(piece[:, :2], axis=0), axis=1).sum())
            if length >= SHORTEST_SHARE * 2 * g.radius_mm:
                path = g.follow(np.ascontiguousarray(piece[:, :2]))
                found += runs(path, np.isfinite(path[:, 2]) & (path[:, 2] >= g.bottom_mm))
    return found


def _touching(way: Floats, touch: Floats) -> Floats:
    return np.hstack([way, touch])

"""Steep-and-shallow finishing: level laps where a surface is steep, straight passes over the rest."""

from __future__ import annotations

import math
from collections.abc import Callable

from geometry.scene import Scene
from model.plan import Operation
from model.tooling import Assembly
from model.toolpath import Move
from strategies._ground import Bools, Floats, Ground, ground
from strategies._passes import cover
from strategies._sliding import moves
from strategies.parallel import first_step, lanes, span
from strategies.pencil import hollows
from strategies.waterline import fine_nodes, laps

SPLIT_DEG, OVERLAP_DEG = 25.0, 3.0
"""Laps are arcs and lines in the plane, which a control runs smoothly: they take all but the flat of a surface."""


def toolpath(operation: Operation, assembly: Assembly, scene: Scene) -> tuple[Move, ...]:
    """Lap what is steeper than 25 degrees, pass over what is flatter, both a little beyond the border.

    What both leave too high at the border, passes take afterwards; hollows the tool touches on two sides get a pass.

    Raises:
        CapabilityError: The feature is no free surface, the tool has no rounded corner, or its holder touches.
    """
    g = ground(operation, assembly, scene)
    rows = fine_nodes(g)
    steep, shallow = covered(g, rows, g.wanted)
    shallow += hollows(g, rows)
    first = moves(g, steep, operation, assembly, scene, climb=True) if steep else ()
    second = moves(g, shallow, operation, assembly, scene) if shallow or not steep else ()
    return first + second


def covered(g: Ground, rows: Floats, wanted: Callable[[Floats], Bools]) -> tuple[list[Floats], list[Floats]]:
    """The laps over what is steep of the wanted places, and the passes over the rest; ``rows``: fine nodes."""

    def steep(rows: Floats) -> Bools:
        return wanted(rows) & (g.steepness_deg(rows) >= SPLIT_DEG - OVERLAP_DEG)

    def flat(rows: Floats) -> Bools:
        return wanted(rows) & (g.steepness_deg(rows) <= SPLIT_DEG + OVERLAP_DEG)

    first = laps(g, rows, steep, g.ae_mm * math.sin(math.radians(45)))
    low, high = span(g)
    return first, cover(g, lanes(g), low, high, first_step(g, flat), wanted, first=flat, before=first)

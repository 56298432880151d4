"""Steep-and-shallow finishing: level laps where a surface is steep, straight passes over the rest."""

from __future__ import annotations

from functools import partial

import numpy as np

from geometry.scene import Scene
from model.plan import Operation
from model.tooling import Assembly
from model.toolpath import Move
from strategies._ground import ground
from strategies._passes import cover
from strategies._sliding import moves
from strategies.parallel import first_step, lanes, span
from strategies.pencil import hollows
from strategies.waterline import laps

SPLIT_DEG, OVERLAP_DEG = 45.0, 3.0


def toolpath(operation: Operation, assembly: Assembly, scene: Scene) -> tuple[Move, ...]:
    """Lap what is steeper than 45 degrees, pass over what is flatter, both a little beyond the border.

    What both leave too high at the border, passes take afterwards; hollows the tool touches on two sides get a pass.

    Raises:
        CapabilityError: The feature is no free surface, the tool has no rounded corner, or its holder touches.
    """
    g = ground(operation, assembly, scene)
    steep = laps(g, SPLIT_DEG - OVERLAP_DEG)
    done = np.ascontiguousarray(np.concatenate([p[:, :3] for p in steep])) if steep else None
    flat = partial(g.wanted, low_deg=0.0, high_deg=SPLIT_DEG + OVERLAP_DEG)
    low, high = span(g)
    shallow = cover(g, lanes(g), low, high, first_step(g, flat), g.wanted, first=flat, tips=done)
    shallow += hollows(g)
    first = moves(g, steep, operation, assembly, scene, climb=True) if steep else ()
    second = moves(g, shallow, operation, assembly, scene) if shallow or not steep else ()
    return first + second

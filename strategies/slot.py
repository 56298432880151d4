"""Slots hardly wider than the tool: trochoidal turns at constant engagement, in place of one cut at full width."""

from __future__ import annotations

from dataclasses import replace

from geometry.scene import Scene
from model.plan import Operation
from model.tooling import Assembly
from model.toolpath import Move
from strategies.adaptive import clear_opening, cutter_of

TIGHTEST = 0.05
"""Turns may be so small, in cutter radii."""


def toolpath(operation: Operation, assembly: Assembly, _scene: Scene) -> tuple[Move, ...]:
    """Clear a slot level by level, leaving the allowance on its walls, as :mod:`strategies.adaptive` clears pockets.

    Raises:
        CapabilityError: The tool does not fit in, or the slot leaves no room for a way down.
    """
    return clear_opening(operation, replace(cutter_of(operation, assembly), tightest=TIGHTEST))

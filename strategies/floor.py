"""Floor finishing: the thin last layer of a pocket's floor in one level of rings, walls and islands left alone."""

from __future__ import annotations

from dataclasses import replace

from geometry.scene import Scene
from model.plan import Operation
from model.tooling import Assembly
from model.toolpath import Move
from strategies import pocket


def toolpath(operation: Operation, assembly: Assembly, scene: Scene) -> tuple[Move, ...]:
    """The rings of :mod:`strategies.pocket` over the floor, as finishing cuts.

    Raises:
        CapabilityError: The tool does not fit in, or would have to plunge and cannot.
    """
    made = pocket.toolpath(operation, assembly, scene)
    return tuple(replace(m, intent="finish") if m.intent == "cut" else m for m in made)

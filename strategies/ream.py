"""Reaming: follow a drilled hole at feed, in and out, to bring it to size."""

from __future__ import annotations

from geometry.scene import Scene
from model.errors import CapabilityError
from model.feature import Hole
from model.plan import Operation
from model.tooling import Assembly
from model.toolpath import Move
from strategies.drill import one_hole


def toolpath(operation: Operation, assembly: Assembly, _scene: Scene) -> tuple[Move, ...]:
    """Down to the operation's bottom and back up at feed: a rapid would score the wall.

    Raises:
        CapabilityError: The tool is no reamer of the hole's diameter, or too short.
    """
    hole, tool = operation.feature, assembly.tool
    if not isinstance(hole, Hole):
        msg = f"reaming cannot cut a {hole.kind}"
        raise CapabilityError("strategy.wrong-feature", msg, place=hole.id)
    wide, depth = hole.steps[-1].diameter_mm, operation.top_z_mm - operation.bottom_z_mm
    if tool.kind != "reamer" or abs(tool.diameter_mm - wide) > 0.006:
        msg = f"{tool.id} ({tool.kind}, {tool.diameter_mm} mm) does not ream {wide} mm"
        raise CapabilityError("strategy.reamer", msg, place=hole.id, hint="Use a reamer of that diameter.")
    if depth > tool.shoulder_length_mm:
        msg = f"{tool.id} reaches {tool.shoulder_length_mm} mm, {hole.id} needs {depth:.2f} mm"
        raise CapabilityError(
            "strategy.flutes-too-short", msg, place=hole.id, value=depth, limit=tool.shoulder_length_mm,
            hint="Use a longer reamer.",
        )  # fmt: skip
    return one_hole(operation, hole, "ream")

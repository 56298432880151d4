"""Drilling: one cycle a hole, in pecks where the depth asks for it."""

from __future__ import annotations

from geometry.scene import Scene
from model.errors import CapabilityError
from model.feature import Hole
from model.plan import Operation
from model.tooling import Assembly
from model.toolpath import Move

ABOVE_MM = 1.0
"""The cycle starts feeding this far above the material."""


def toolpath(operation: Operation, assembly: Assembly, _scene: Scene) -> tuple[Move, ...]:
    """Drill the hole from its top to the operation's bottom.

    Raises:
        CapabilityError: The flutes are shorter than the hole is deep.
    """
    hole, tool = operation.feature, assembly.tool
    if not isinstance(hole, Hole):
        msg = f"drilling cannot cut a {hole.kind}"
        raise CapabilityError("strategy.wrong-feature", msg, place=hole.id)
    depth = operation.top_z_mm - operation.bottom_z_mm
    if tool.flute_length_mm < depth:
        msg = f"{tool.id} cuts {tool.flute_length_mm} mm deep, {hole.id} needs {depth:.2f} mm"
        raise CapabilityError(
            "strategy.flutes-too-short", msg, place=hole.id, value=depth, limit=tool.flute_length_mm,
            hint="Add a longer drill.",
        )  # fmt: skip
    x, y, cut = hole.x_mm, hole.y_mm, operation.cutting
    start = operation.top_z_mm + ABOVE_MM
    return (
        Move("rapid", x, y, operation.clearance_z_mm, intent="approach"),
        Move(
            "drill", x, y, operation.bottom_z_mm, cut.feed_mm_min, "drill", retract_mm=start, peck_mm=cut.peck_mm,
            cycle="peck" if cut.peck_mm else "drill",
        ),
        Move("rapid", x, y, operation.clearance_z_mm, intent="retract"),
    )  # fmt: skip

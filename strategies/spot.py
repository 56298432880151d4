"""Spot drilling and countersinking: sink a pointed tool until its cone is as wide as asked."""

from __future__ import annotations

from geometry.scene import Scene
from model.errors import CapabilityError
from model.feature import Hole
from model.plan import Operation
from model.tooling import Assembly
from model.toolpath import Move
from strategies.drill import one_hole

DWELL_S = 0.1
"""The tool stays at the bottom for some turns, so that the cone comes out round."""


def toolpath(operation: Operation, assembly: Assembly, _scene: Scene) -> tuple[Move, ...]:
    """Straight down to the operation's bottom, a moment there, and out.

    Raises:
        CapabilityError: The tool has no point, or its cone is shorter than it must go.
    """
    hole, tool = operation.feature, assembly.tool
    if not isinstance(hole, Hole):
        msg = f"spot drilling cannot cut a {hole.kind}"
        raise CapabilityError("strategy.wrong-feature", msg, place=hole.id)
    depth = operation.top_z_mm - operation.bottom_z_mm
    if tool.point_angle_deg >= 180 or depth > tool.flute_length_mm:
        msg = f"{tool.id} has no cone {depth:.2f} mm high for {hole.id}"
        raise CapabilityError("strategy.spot-tool", msg, place=hole.id, hint="Use a wider pointed tool.")
    return one_hole(operation, hole, "drill", dwell_s=DWELL_S)

"""Chamfering: run a 90 degree cutter along an edge so that its flank leaves the bevel the part shows."""

from __future__ import annotations

from geometry.scene import Scene
from model.errors import CapabilityError
from model.feature import Chamfer
from model.plan import Operation
from model.tooling import Assembly
from model.toolpath import Move
from strategies import _bevels

BELOW_MM = 0.4
"""The tip runs this far below the bevel's foot where there is room, so the flank and not the point cuts."""


def toolpath(operation: Operation, assembly: Assembly, _scene: Scene) -> tuple[Move, ...]:
    """Down a slope along the edge, then one lap; the operation's bottom is the tip's height.

    With tip radius t and the tip e below the foot, the centre runs t + e outside it.

    Raises:
        CapabilityError: The cutter is not of 90 degrees, its cone is too short, or it does not fit into the hole.
    """
    feature, tool = operation.feature, assembly.tool
    if not isinstance(feature, Chamfer):
        msg = f"chamfering cannot cut a {feature.kind}"
        raise CapabilityError("strategy.wrong-feature", msg, place=feature.id)
    if abs(tool.point_angle_deg - 90) > 1e-6:
        msg = f"{tool.id} has {tool.point_angle_deg:g} degrees, a 45 degree bevel needs 90"
        raise CapabilityError("strategy.chamfer-tool", msg, place=feature.id, hint="Use a 90 degree cutter.")
    return _bevels.toolpath(operation, tool, feature.edge, feature.foot_z_mm, feature.width_mm)

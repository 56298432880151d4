"""Deburring: break sharp edges with a pointed cutter, which leaves a bevel of the width asked for."""

from __future__ import annotations

from geometry.scene import Scene
from model.errors import CapabilityError
from model.feature import Edges
from model.plan import Operation
from model.tooling import Assembly
from model.toolpath import Move
from strategies import _bevels


def toolpath(operation: Operation, assembly: Assembly, _scene: Scene) -> tuple[Move, ...]:
    """One lap along every edge; the bevel is as deep as its width over the tangent of half the tool's angle.

    Raises:
        CapabilityError: The cone is too short for the bevel, or does not fit into a hole.
    """
    feature, tool = operation.feature, assembly.tool
    if not isinstance(feature, Edges):
        msg = f"deburring cannot cut {feature.kind}"
        raise CapabilityError("strategy.wrong-feature", msg, place=feature.id)
    foot = feature.z_mm - feature.width_mm / _bevels.slope(tool)
    return _bevels.toolpath(operation, tool, feature.edge, foot, feature.width_mm)

"""Chamfering: run a 90 degree cutter along an edge so that its flank leaves the bevel."""

from __future__ import annotations

import math

from geometry.regions import flatten, offset
from geometry.scene import Scene
from geometry.solids import signed_area
from model.errors import CapabilityError
from model.feature import Chamfer
from model.plan import Operation
from model.region import Region
from model.tooling import Assembly
from model.toolpath import Move
from strategies._paths import along, enter, leave, ramp
from strategies._walls import contours, outside

BELOW_MM = 0.4
"""The tip runs this far below the bevel's foot, so the flank and not the point cuts."""


def toolpath(operation: Operation, assembly: Assembly, _scene: Scene) -> tuple[Move, ...]:
    """Down a ramp along the edge, then one lap.

    With tip radius t and the tip e below the foot, the centre runs t + e outside it.

    Raises:
        CapabilityError: The cutter's cone is too short for the bevel, or does not fit into the hole.
    """
    feature, tool, cut = operation.feature, assembly.tool, operation.cutting
    if not isinstance(feature, Chamfer):
        msg = f"chamfering cannot cut a {feature.kind}"
        raise CapabilityError("strategy.wrong-feature", msg, place=feature.id)
    slope = math.tan(math.radians(tool.point_angle_deg / 2))
    reach = tool.tip_diameter_mm / 2 + (BELOW_MM + feature.width_mm) * slope
    if abs(tool.point_angle_deg - 90) > 1e-6 or reach > tool.diameter_mm / 2 + 1e-6:
        msg = f"{tool.id} (90 degrees to {tool.diameter_mm} mm) cannot cut a {feature.width_mm} mm bevel"
        raise CapabilityError("strategy.chamfer-tool", msg, place=feature.id, hint="Use a wider 90 degree cutter.")
    away = tool.tip_diameter_mm / 2 + BELOW_MM * slope
    z = feature.foot_z_mm - BELOW_MM
    moves: list[Move] = []
    for edge in feature.edge.contours:
        loop = Region((edge,))
        outer = signed_area(edge) > 0
        laps = outside(flatten(loop), away) if outer else contours(offset(flatten(loop), -away))
        if not laps:
            msg = f"{tool.id} does not fit into the edge {feature.id}"
            raise CapabilityError("strategy.tool-too-wide", msg, place=feature.id, hint="Use a finer cutter.")
        for lap in laps:
            top = operation.top_z_mm
            moves += enter(*lap.start, operation.clearance_z_mm, top, cut.plunge_mm_min)
            down, contour = ramp(lap, top, z, cut.ramp_mm_min)
            moves += [*down, *along(contour.segments, z, cut.feed_mm_min, "finish")]
            moves.append(leave(moves[-1], operation.clearance_z_mm))
    return tuple(moves)

"""Bevels with a pointed cutter: how far beside an edge its centre runs so that the cone's flank leaves the bevel."""

from __future__ import annotations

import math

from geometry.regions import flatten, offset
from geometry.solids import signed_area
from model.errors import CapabilityError
from model.plan import Operation
from model.region import Contour, Region
from model.tooling import Tool
from model.toolpath import Move
from strategies._paths import along, enter, leave, ramp
from strategies._walls import contours, outside


def slope(tool: Tool) -> float:
    """How much wider the cone gets a millimetre up: the tangent of half its angle."""
    return math.tan(math.radians(tool.point_angle_deg / 2))


def laps(edge: Contour, tool: Tool, below_mm: float) -> list[Contour]:
    """Where the centre runs with its tip ``below_mm`` under the bevel's foot: tip radius + below x slope off the wall.

    The part is inside a contour that runs counter-clockwise, outside one that runs clockwise.
    """
    away = tool.tip_diameter_mm / 2 + below_mm * slope(tool)
    loop = flatten(Region((edge,)))
    return outside(loop, away) if signed_area(edge) > 0 else contours(offset(loop, -away))


def toolpath(operation: Operation, tool: Tool, edges: Region, foot_mm: float, width_mm: float) -> tuple[Move, ...]:
    """Down a slope along every edge, then one lap with the tip at the operation's bottom.

    Raises:
        CapabilityError: The cone is too short for the bevel, or does not fit into a hole.
    """
    cut, z, place = operation.cutting, operation.bottom_z_mm, operation.feature.id
    below = foot_mm - z
    reach = tool.tip_diameter_mm / 2 + below * slope(tool) + width_mm
    if tool.point_angle_deg >= 180 or below < 0 or reach > tool.diameter_mm / 2 + 1e-6:
        msg = f"{tool.id} ({tool.point_angle_deg:g} degrees to {tool.diameter_mm} mm) cannot cut a {width_mm} mm bevel"
        raise CapabilityError("strategy.chamfer-tool", msg, place=place, hint="Use a wider pointed cutter.")
    moves: list[Move] = []
    for edge in edges.contours:
        found = laps(edge, tool, below)
        if not found:
            msg = f"{tool.id} does not fit into the edge {place}"
            raise CapabilityError("strategy.tool-too-wide", msg, place=place, hint="Use a finer cutter.")
        for lap in found:
            top = operation.top_z_mm
            moves += enter(*lap.start, operation.clearance_z_mm, top, cut.plunge_mm_min)
            down, contour = ramp(lap, top, z, cut.ramp_mm_min)
            moves += [*down, *along(contour.segments, z, cut.feed_mm_min, "finish")]
            moves.append(leave(moves[-1], operation.clearance_z_mm))
    return tuple(moves)

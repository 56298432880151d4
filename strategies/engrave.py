"""Engraving: sink a flat engraver, or a ball mill, and follow every stroke."""

from __future__ import annotations

import math

from geometry.scene import Scene
from model.errors import CapabilityError
from model.feature import EngravedStrokes
from model.plan import Operation
from model.tooling import Assembly, Tool
from model.toolpath import Move
from strategies._paths import APPROACH_MM, enter, leave, levels

SAME_MM = 0.01
"""A groove's width is the tool's to within this."""


def width_mm(tool: Tool, depth_mm: float) -> float:
    """How wide a groove a tool leaves at its top: a ball of diameter D sunk by h leaves 2 sqrt(h (D - h))."""
    if tool.kind != "ball-mill" or 2 * depth_mm >= tool.diameter_mm:
        return tool.diameter_mm
    return 2 * math.sqrt(depth_mm * (tool.diameter_mm - depth_mm))


def toolpath(operation: Operation, assembly: Assembly, _scene: Scene) -> tuple[Move, ...]:
    """Follow the strokes in their order, pass by pass, up to the clearance height between them.

    Raises:
        CapabilityError: The tool's width is not the strokes'.
    """
    feature, cut = operation.feature, operation.cutting
    if not isinstance(feature, EngravedStrokes):
        msg = f"engraving cannot cut a {feature.kind}"
        raise CapabilityError("strategy.wrong-feature", msg, place=feature.id)
    wide = width_mm(assembly.tool, feature.depth_mm)
    if abs(wide - feature.width_mm) > SAME_MM:
        msg = f"{assembly.tool.id} cuts {wide:.3f} mm wide, the strokes are {feature.width_mm:.3f} mm"
        raise CapabilityError("strategy.engraver-width", msg, place=feature.id, hint="Use an engraver of that width.")
    moves: list[Move] = []
    for stroke in feature.strokes:
        start = operation.top_z_mm
        path = stroke.points
        moves += enter(*path[0], operation.clearance_z_mm, start + APPROACH_MM, cut.feed_mm_min)
        for z in levels(operation.top_z_mm, operation.bottom_z_mm, cut.ap_mm):
            moves.append(Move("line", *path[0], z, cut.plunge_mm_min, "plunge"))
            moves += [Move("line", x, y, z, cut.feed_mm_min, "cut") for x, y in path[1:]]
            path = path[::-1]
        moves.append(leave(moves[-1], operation.clearance_z_mm))
    return tuple(moves)

"""Engraving: sink a flat engraver and follow every stroke."""

from __future__ import annotations

from geometry.scene import Scene
from model.errors import CapabilityError
from model.feature import EngravedStrokes
from model.plan import Operation
from model.tooling import Assembly
from model.toolpath import Move
from strategies._paths import APPROACH_MM, enter, leave, levels


def toolpath(operation: Operation, assembly: Assembly, _scene: Scene) -> tuple[Move, ...]:
    """Follow the strokes in their order, pass by pass, up to the clearance height between them.

    Raises:
        CapabilityError: The tool's width is not the strokes'.
    """
    feature, cut = operation.feature, operation.cutting
    if not isinstance(feature, EngravedStrokes):
        msg = f"engraving cannot cut a {feature.kind}"
        raise CapabilityError("strategy.wrong-feature", msg, place=feature.id)
    if abs(assembly.tool.diameter_mm - feature.width_mm) > 1e-6:
        msg = f"{assembly.tool.id} is {assembly.tool.diameter_mm} mm wide, the strokes {feature.width_mm} mm"
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

"""Wall finishing: one lap along every wall of a pocket or cut-out, exactly on size."""

from __future__ import annotations

from geometry.regions import flatten, offset, separate
from geometry.scene import Scene
from model.errors import CapabilityError
from model.feature import Cutout, Pocket
from model.plan import Operation
from model.tooling import Assembly
from model.toolpath import Move
from strategies._paths import levels
from strategies._walls import contours, down, led


def toolpath(operation: Operation, assembly: Assembly, _scene: Scene) -> tuple[Move, ...]:
    """Lap the walls at each depth, in and out on tangent arcs through the space already cleared.

    In hollow corners the centre slows so that the edge keeps its feed; a tool that bends laps twice.

    Raises:
        CapabilityError: The tool does not fit in.
    """
    feature, cut = operation.feature, operation.cutting
    if not isinstance(feature, (Pocket, Cutout)):
        msg = f"wall finishing cannot cut a {feature.kind}"
        raise CapabilityError("strategy.wrong-feature", msg, place=feature.id)
    r = assembly.tool.diameter_mm / 2
    opening = flatten(feature.floor if isinstance(feature, Pocket) else feature.region)
    free = offset(opening, r - 0.01) - offset(flatten(operation.keep_out), r)
    moves: list[Move] = []
    for area in sorted(separate(free), key=lambda a: tuple(round(float(v), 4) for v in a.bounds())):
        if (offset(area, r) ^ opening).is_empty():
            continue
        for loop in contours(area):
            lap = led(loop, area, assembly.tool.diameter_mm, compensated=operation.compensated)
            moves += down(lap, levels(operation.top_z_mm, operation.bottom_z_mm, cut.ap_mm), operation, r)
    if not moves:
        msg = f"{operation.id}: the {assembly.tool.diameter_mm} mm tool does not fit into {feature.id}"
        raise CapabilityError("strategy.tool-too-wide", msg, place=feature.id, hint="Use a thinner tool.")
    return tuple(moves)

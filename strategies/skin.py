"""Onion skin: cut through what holds a sheet part, last of all, down a slope along its finished wall."""

from __future__ import annotations

from geometry.scene import Scene
from model.plan import Operation
from model.tooling import Assembly
from model.toolpath import Move
from strategies._paths import APPROACH_MM, along, enter, leave, levels, ramp
from strategies.outline import loops


def toolpath(operation: Operation, assembly: Assembly, _scene: Scene) -> tuple[Move, ...]:
    """Ramp through the skin along the lap on size, then once round at the bottom.

    Raises:
        CapabilityError: The tool does not fit into a cut-out.
    """
    cut = operation.cutting
    moves: list[Move] = []
    for loop in loops(operation, assembly)[0]:
        above, current = operation.top_z_mm, loop
        moves += enter(*loop.start, operation.clearance_z_mm, above + APPROACH_MM, cut.plunge_mm_min)
        moves.append(Move("line", *loop.start, above, cut.plunge_mm_min, "ramp"))
        for z in levels(operation.top_z_mm, operation.bottom_z_mm, cut.ap_mm):
            down, current = ramp(current, above, z, cut.ramp_mm_min)
            moves += [*down, *along(current.segments, z, cut.feed_mm_min)]
            above = z
        moves.append(leave(moves[-1], operation.clearance_z_mm))
    return tuple(moves)

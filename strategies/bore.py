"""Helical boring: open a hole or counterbore with an end mill, then a lap on size."""

from __future__ import annotations

import math

from geometry.scene import Scene
from model.errors import CapabilityError
from model.feature import Hole
from model.plan import Operation
from model.tooling import Assembly
from model.toolpath import Move
from strategies._paths import APPROACH_MM, RAMP_DEG, SPRING_MM, leave, whole

FINISH_MM = 0.15
"""Left on the radius for the last lap."""


def toolpath(operation: Operation, assembly: Assembly, _scene: Scene) -> tuple[Move, ...]:
    """Helix down with a little left on the wall, a flat lap at the bottom, then one lap on size.

    The feature's last step is the one to cut. Feeds are the edge's at the wall: the centre moves slower by
    the share of its radius in the wall's. Where the tool bends by more than a fit bears, the lap is run twice.

    Raises:
        CapabilityError: The tool does not fit, or would leave a core standing.
    """
    hole, d = operation.feature, assembly.tool.diameter_mm
    if not isinstance(hole, Hole):
        msg = f"boring cannot cut a {hole.kind}"
        raise CapabilityError("strategy.wrong-feature", msg, place=hole.id)
    wide = hole.steps[-1].diameter_mm
    final = (wide - d) / 2
    if final < 0.1 or final > 0.95 * d / 2 + FINISH_MM:
        msg = f"{operation.id}: a {d} mm tool cannot bore {wide} mm, it takes {wide / 1.95:.1f} to {wide - 0.2:.1f} mm"
        raise CapabilityError(
            "strategy.bore-tool", msg, place=hole.id, value=d, limit=wide, hint="Use another end mill."
        )
    cut, x, y = operation.cutting, hole.x_mm, hole.y_mm
    rough = max(final - FINISH_MM, final / 2)
    top, bottom = operation.top_z_mm, operation.bottom_z_mm
    pitch = min(cut.ap_mm, math.tau * rough * math.tan(math.radians(RAMP_DEG)))
    turns = max(1, math.ceil((top + APPROACH_MM / 2 - bottom) / pitch))
    drop = (top + APPROACH_MM / 2 - bottom) / (2 * turns)
    moves = [
        Move("rapid", x + rough, y, operation.clearance_z_mm, intent="approach"),
        Move("line", x + rough, y, top + APPROACH_MM / 2, cut.feed_mm_min, "approach"),
    ]
    slow = rough / (rough + d / 2)
    down = whole(slow * cut.ramp_mm_min)
    for k in range(1, 2 * turns + 1):
        z = bottom if k == 2 * turns else top + APPROACH_MM / 2 - drop * k
        moves.append(Move("ccw", x + (rough if k % 2 == 0 else -rough), y, z, down, "ramp", x, y))
    moves += _lap(x, y, rough, bottom, whole(slow * cut.feed_mm_min))
    half, feed = (final + rough) / 2, whole(2 * final / wide * cut.feed_mm_min)
    moves.append(Move("ccw", x - final, y, bottom, feed, "lead-in", x + rough - half, y))
    for _ in range(2 if cut.deflection_mm > SPRING_MM else 1):
        moves.append(Move("ccw", x + final, y, bottom, feed, "finish", x, y))
        moves.append(Move("ccw", x - final, y, bottom, feed, "finish", x, y))
    moves.append(Move("ccw", x, y, bottom, feed, "lead-out", x - final / 2, y))
    moves.append(leave(moves[-1], operation.clearance_z_mm))
    return tuple(moves)


def _lap(x: float, y: float, r: float, z: float, feed: float) -> list[Move]:
    return [Move("ccw", x - r, y, z, feed, "cut", x, y), Move("ccw", x + r, y, z, feed, "cut", x, y)]

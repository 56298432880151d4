"""Facing: level the top of the blank in straight passes that start and end beside it."""

from __future__ import annotations

from geometry.regions import bounds
from geometry.scene import Scene
from model.plan import Operation
from model.tooling import Assembly
from model.toolpath import Move
from strategies._paths import enter, leave, levels

BESIDE_MM = 1.0


def toolpath(operation: Operation, assembly: Assembly, _scene: Scene) -> tuple[Move, ...]:
    """Zigzag along x over the blank, level by level; every turn lies outside the blank."""
    cut, r = operation.cutting, assembly.tool.diameter_mm / 2
    x0, y0, x1, y1 = bounds(operation.stock_outline)
    left, right = x0 - r - BESIDE_MM, x1 + r + BESIDE_MM
    first, last = y0 - r + cut.ae_mm, y1 + r - cut.ae_mm
    count = max(1, -(-int((last - first) * 1000) // int(cut.ae_mm * 1000)))
    lanes = [first + (last - first) * k / count for k in range(count + 1)] if last > first else [(y0 + y1) / 2]
    moves: list[Move] = []
    for z in levels(operation.top_z_mm, operation.bottom_z_mm, cut.ap_mm):
        x, far = left, right
        moves += enter(x, lanes[0], operation.clearance_z_mm, z, cut.feed_mm_min)
        for k, y in enumerate(lanes):
            if k:
                moves.append(Move("line", x, y, z, cut.feed_mm_min, "link"))
            moves.append(Move("line", far, y, z, cut.feed_mm_min, "cut"))
            x, far = far, x
        moves.append(leave(moves[-1], operation.clearance_z_mm))
    return tuple(moves)

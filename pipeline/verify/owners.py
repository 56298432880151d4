"""Tells which operation of the plan each move of a program belongs to, so that loads can be told by operation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model.plan import Setup
from model.toolpath import Move, SetupPath
from pipeline.verify.readers.types import ReadMove
from pipeline.verify.shapes import Ints

SAME_MM = 0.002
AHEAD = 40


def owners(setup: Setup, path: SetupPath | None, moves: Sequence[ReadMove]) -> Ints:
    """For each move of a setup's programs, one after another, the number of its operation in the setup (-1: none).

    Walks along the planned moves; a move read belongs to the planned one that ends at the same place, or else to
    the operation of the move before, or to the next one that uses the tool now in the spindle.
    """
    left: dict[str, list[int]] = {}
    for k, operation in enumerate(setup.operations):
        left.setdefault(operation.id, []).append(k)
    tools = [o.tool_number for o in setup.operations]
    planned: list[tuple[int, Move]] = []
    for toolpath in path.toolpaths if path else ():
        # Operations may share an id (one hole cleared in two steps): their toolpaths come in the same order.
        mine = left.get(toolpath.operation_id, [-1])
        number = mine.pop(0) if len(mine) > 1 else mine[0]
        planned += [(number, m) for m in toolpath.moves]
    found = np.full(len(moves), -1, dtype=np.int64)
    at, now = 0, -1
    for k, move in enumerate(moves):
        for ahead in range(at, min(at + AHEAD, len(planned))):
            number, goal = planned[ahead]
            if number >= 0 and tools[number] == move.tool and _ends_at(move, goal):
                now = number
                at = ahead if goal.kind == "drill" else ahead + 1
                break
        else:
            if now < 0 or tools[now] != move.tool:
                now = next((n for n in range(now + 1, len(tools)) if tools[n] == move.tool), -1)
                at = next((n for n in range(at, len(planned)) if planned[n][0] == now), at)
        found[k] = now
    return found


def _ends_at(move: ReadMove, goal: Move) -> bool:
    if abs(move.x_mm - goal.x_mm) > SAME_MM or abs(move.y_mm - goal.y_mm) > SAME_MM:
        return False
    return move.z_mm >= goal.z_mm - SAME_MM if goal.kind == "drill" else abs(move.z_mm - goal.z_mm) <= SAME_MM

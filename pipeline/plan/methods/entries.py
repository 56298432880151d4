"""Entries by a drilled hole: a hole that opens in a pocket's floor is drilled first, and the mill goes down it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from geometry.regions import circle, flatten, offset
from model.errors import CapabilityError
from model.feature import Hole, Pocket
from model.plan import Operation
from model.region import Point
from model.tooling import Assembly
from pipeline.plan.cutting_holes import drilling_data
from pipeline.plan.methods.common import asked
from pipeline.plan.tools import Bench

ENTERING = ("adaptive", "slot", "pocket")
WIDER = 1.1
"""The hole is at least so much wider than the mill that goes down it."""
SAME_MM = 1e-3


def down_holes(bench: Bench, operations: Sequence[Operation]) -> list[Operation]:
    """The operations, pockets entered down a hole in their floor where one is drilled and wide enough.

    Such a hole is drilled, and spotted, from the pocket's top. Where the drill does not bear the longer way, or the
    clearing cannot begin there, both stay as they are.
    """
    tools = {a.number: a for a in bench.machine.tools}
    found = list(operations)
    for clear in operations:
        if clear.strategy not in ENTERING or not isinstance(clear.feature, Pocket):
            continue
        mill = tools[clear.tool_number]
        for drill in sorted(found, key=lambda o: (-tools[o.tool_number].tool.diameter_mm, o.id)):
            if not _is_way_down(clear, mill, drill, tools[drill.tool_number]):
                continue
            try:
                entered = asked(replace(clear, entry=(place(drill),)), mill)
                deeper = _from_above(bench, drill, tools[drill.tool_number], clear.top_z_mm)
            except CapabilityError:
                continue
            raised = {drill.id: deeper, clear.id: entered}
            raised |= {
                o.id: replace(o, top_z_mm=clear.top_z_mm, bottom_z_mm=o.bottom_z_mm + clear.top_z_mm - o.top_z_mm)
                for o in found
                if o.strategy == "spot" and o.feature == drill.feature and o.id.endswith("-spot")
            }
            found = [raised.get(o.id, o) for o in found]
            break
    return found


def _is_way_down(clear: Operation, mill: Assembly, drill: Operation, drilling: Assembly) -> bool:
    """True when a hole opens in the floor, is wider than the mill, and lies where the mill's centre may be."""
    pocket, hole = clear.feature, drill.feature
    if drill.strategy != "drill" or not isinstance(hole, Hole) or not isinstance(pocket, Pocket):
        return False
    wide = WIDER * mill.tool.diameter_mm
    if drilling.tool.diameter_mm < wide or abs(drill.top_z_mm - pocket.floor_z_mm) > SAME_MM:
        return False
    room = flatten(circle(hole.x_mm, hole.y_mm, wide + 2 * clear.allowance_mm), SAME_MM)
    return bool((room - offset(flatten(pocket.floor), SAME_MM)).is_empty())


def _from_above(bench: Bench, drill: Operation, drilling: Assembly, top: float) -> Operation:
    """The drilling from a higher top.

    Raises:
        CapabilityError: Its flutes are too short for that, or the hole gets too deep for its diameter.
    """
    depth = top - drill.bottom_z_mm
    return replace(drill, top_z_mm=top, cutting=drilling_data(bench.material, drilling, bench.machine, depth_mm=depth))


def place(drill: Operation) -> Point:
    """Where a hole is drilled."""
    hole = drill.feature
    return (hole.x_mm, hole.y_mm) if isinstance(hole, Hole) else (0.0, 0.0)

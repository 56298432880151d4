"""Drilling: one cycle a hole, straight, breaking chips or in full pecks as its depth asks for."""

from __future__ import annotations

from geometry.scene import Scene
from model.errors import CapabilityError
from model.feature import Hole
from model.plan import Operation
from model.tooling import Assembly
from model.toolpath import Cycle, Move

ABOVE_MM = 1.0
"""The cycle starts feeding this far above the material."""

FULL_PECK_FROM = 5.0
"""Pecks retract out of the hole from this many diameters of depth on; short retracts break the chips before that."""


def toolpath(operation: Operation, assembly: Assembly, _scene: Scene) -> tuple[Move, ...]:
    """Drill the hole from its top to the operation's bottom.

    Raises:
        CapabilityError: The flutes are shorter than the hole is deep.
    """
    hole, tool = operation.feature, assembly.tool
    if not isinstance(hole, Hole):
        msg = f"drilling cannot cut a {hole.kind}"
        raise CapabilityError("strategy.wrong-feature", msg, place=hole.id)
    depth = operation.top_z_mm - operation.bottom_z_mm
    if tool.flute_length_mm < depth:
        msg = f"{tool.id} cuts {tool.flute_length_mm} mm deep, {hole.id} needs {depth:.2f} mm"
        raise CapabilityError(
            "strategy.flutes-too-short", msg, place=hole.id, value=depth, limit=tool.flute_length_mm,
            hint="Add a longer drill.",
        )  # fmt: skip
    cycle: Cycle = "drill"
    if operation.cutting.peck_mm:
        cycle = "peck" if depth > FULL_PECK_FROM * tool.diameter_mm else "chip-break"
    return one_hole(operation, hole, cycle, peck_mm=operation.cutting.peck_mm)


def one_hole(
    operation: Operation,
    hole: Hole,
    cycle: Cycle,
    *,
    above_mm: float = ABOVE_MM,
    peck_mm: float = 0.0,
    dwell_s: float = 0.0,
    pitch_mm: float = 0.0,
) -> tuple[Move, ...]:
    """Over the hole at the clearance height, the cycle, and back up."""
    x, y, feed = hole.x_mm, hole.y_mm, operation.cutting.feed_mm_min
    return (
        Move("rapid", x, y, operation.clearance_z_mm, intent="approach"),
        Move(
            "drill", x, y, operation.bottom_z_mm, feed, "drill", retract_mm=operation.top_z_mm + above_mm,
            peck_mm=peck_mm, cycle=cycle, dwell_s=dwell_s, pitch_mm=pitch_mm,
        ),
        Move("rapid", x, y, operation.clearance_z_mm, intent="retract"),
    )  # fmt: skip

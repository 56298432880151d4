"""Tapping: a tap goes in and out of a drilled hole in step with the spindle."""

from __future__ import annotations

from geometry.scene import Scene
from model.errors import CapabilityError
from model.feature import Hole
from model.plan import Operation
from model.thread import thread_named
from model.tooling import Assembly
from model.toolpath import Move
from strategies.drill import one_hole

PITCHES_ABOVE = 3.0
"""The tap starts this many pitches above the hole, where spindle and feed are in step."""


def toolpath(operation: Operation, assembly: Assembly, _scene: Scene) -> tuple[Move, ...]:
    """One tapping cycle; the feed is the pitch a turn.

    Raises:
        CapabilityError: The tap is not the thread's, or too short.
    """
    hole, tool = operation.feature, assembly.tool
    if not isinstance(hole, Hole):
        msg = f"tapping cannot cut a {hole.kind}"
        raise CapabilityError("strategy.wrong-feature", msg, place=hole.id)
    thread, depth = thread_named(hole.thread), operation.top_z_mm - operation.bottom_z_mm
    if thread is None or tool.kind != "tap" or (tool.diameter_mm, tool.pitch_mm) != (thread.major_mm, thread.pitch_mm):
        msg = f"{tool.id} does not cut a {hole.thread or 'nameless'} thread"
        raise CapabilityError("strategy.tap", msg, place=hole.id, hint="Use the tap of that thread.")
    if depth > tool.shoulder_length_mm:
        msg = f"{tool.id} reaches {tool.shoulder_length_mm} mm, {hole.id} needs {depth:.2f} mm"
        raise CapabilityError(
            "strategy.flutes-too-short", msg, place=hole.id, value=depth, limit=tool.shoulder_length_mm,
            hint="Use a longer tap.",
        )  # fmt: skip
    return one_hole(operation, hole, "tap", above_mm=PITCHES_ABOVE * thread.pitch_mm, pitch_mm=thread.pitch_mm)

"""Thread milling: helices from the bottom up, one pitch a turn, in passes of equal cross-section."""

from __future__ import annotations

import math

from geometry.scene import Scene
from model.errors import CapabilityError
from model.feature import Hole
from model.plan import Operation
from model.thread import ThreadSize, thread_named
from model.tooling import Assembly, Tool
from model.toolpath import Move
from strategies._paths import leave, whole

LEAD_RISE = 0.25
"""The half turns in and out rise by this share of the pitch."""

PLAY_MM = 0.1
"""Room between the cutter and the drilled hole on every side."""


def toolpath(operation: Operation, assembly: Assembly, _scene: Scene) -> tuple[Move, ...]:
    """Internal right-hand thread, counter-clockwise and upwards (climb), on the drilled hole's axis.

    The tip starts at the operation's bottom. The centre's radius ends at (D - d) / 2 and its feed is
    F (D - d) / D, so that the edge moves at F on the thread's major diameter D.

    Raises:
        CapabilityError: The cutter is of another pitch, does not fit into the hole, or is too short.
    """
    hole, tool = operation.feature, assembly.tool
    if not isinstance(hole, Hole):
        msg = f"thread milling cannot cut a {hole.kind}"
        raise CapabilityError("strategy.wrong-feature", msg, place=hole.id)
    thread = _checked(hole, tool, operation)
    mouth = hole.steps[-2].bottom_z_mm if len(hole.steps) > 1 else hole.top_z_mm
    x, y, d, p, cut = hole.x_mm, hole.y_mm, tool.diameter_mm, thread.pitch_mm, operation.cutting
    drilled, low = hole.steps[-1].diameter_mm, operation.bottom_z_mm
    deep = (thread.major_mm - drilled) / 2
    passes = max(1, round((deep / cut.ae_mm) ** 2))
    rows = max(1, math.floor(tool.flute_length_mm / p + 1e-6))
    moves = [Move("rapid", x, y, operation.clearance_z_mm, intent="approach")]
    for k in range(1, passes + 1):
        r = drilled / 2 + deep * math.sqrt(k / passes) - d / 2 if k < passes else (thread.major_mm - d) / 2
        feed = whole(cut.feed_mm_min * 2 * r / (2 * r + d))
        for start, turns in _helices(low + LEAD_RISE * p, mouth, p, rows):
            z = start - LEAD_RISE * p
            moves.append(Move("line", x, y, z, cut.feed_mm_min, "approach"))
            moves.append(Move("ccw", x + r, y, start, feed, "lead-in", x + r / 2, y))
            for half in range(1, 2 * turns + 1):
                side = r if half % 2 == 0 else -r
                moves.append(Move("ccw", x + side, y, start + half * p / 2, feed, "cut", x, y))
            end = start + (turns + LEAD_RISE) * p
            moves.append(Move("ccw", x, y, end, feed, "lead-out", x + r / 2, y))
    moves.append(leave(moves[-1], operation.clearance_z_mm))
    return tuple(moves)


def _helices(low: float, mouth: float, pitch: float, rows: int) -> list[tuple[float, int]]:
    """Where each helix starts and its whole turns: one long one for one row of teeth, one turn each for a comb."""
    turns = max(1, math.ceil((mouth - low) / pitch - 1e-6))
    if rows == 1:
        return [(low, turns)]
    return [(low + k * pitch, 1) for k in range(0, turns, rows)]


def _checked(hole: Hole, tool: Tool, operation: Operation) -> ThreadSize:
    thread = thread_named(hole.thread)
    if thread is None or tool.kind != "thread-mill" or tool.pitch_mm != thread.pitch_mm:
        msg = f"{tool.id} (pitch {tool.pitch_mm:g} mm) does not cut a {hole.thread or 'nameless'} thread"
        raise CapabilityError("strategy.thread-mill", msg, place=hole.id, hint="Use a thread mill of that pitch.")
    widest = hole.steps[-1].diameter_mm - 2 * PLAY_MM
    if tool.diameter_mm > widest + 1e-9:
        msg = f"{tool.id} is {tool.diameter_mm:g} mm wide, the hole takes {widest:.2f} mm"
        raise CapabilityError(
            "strategy.tool-too-wide", msg, place=hole.id, value=tool.diameter_mm, limit=round(widest, 3),
            hint="Use a finer thread mill.",
        )  # fmt: skip
    mouth = hole.steps[-2].bottom_z_mm if len(hole.steps) > 1 else hole.top_z_mm
    narrow = tool.shank_diameter_mm <= hole.steps[-1].diameter_mm - 2 * PLAY_MM
    depth = mouth - operation.bottom_z_mm
    if depth > tool.shoulder_length_mm and not narrow:
        msg = f"{tool.id} reaches {tool.shoulder_length_mm:g} mm before its shank, the thread is {depth:.2f} mm deep"
        raise CapabilityError(
            "strategy.flutes-too-short", msg, place=hole.id, value=depth, limit=tool.shoulder_length_mm,
            hint="Use a thread mill with a longer neck.",
        )  # fmt: skip
    return thread

"""Holds the strokes of a hole, as a control makes them, against the planned cycle."""

from __future__ import annotations

import math

from model.toolpath import Move, Toolpath
from pipeline.verify.matcher import END_MM, Matcher, at_text, near

PITCH_SHARE = 0.001
PECK_WAIT_S = 0.3
"""Some controls wait a moment at the bottom of every peck."""
LIFT_MM = 2.0
"""No control lifts a drill more than this to break a chip, or stops higher above the last peck."""


def drilled(matcher: Matcher, toolpath: Toolpath, hole: Move, following: Move | None) -> tuple[float, float, float]:
    """One hole: to its mouth by rapids, down by its cycle, and back to its mouth; returns where it ends."""
    mouth = (hole.x_mm, hole.y_mm, hole.retract_mm)
    for _ in range(3):
        read = matcher.reads[matcher.at] if matcher.at < len(matcher.reads) else None
        before = matcher.reads[matcher.at - 1].end if matcher.at else None
        if before is not None and near(before, mouth, END_MM):
            break
        if read is None or read.move.kind != "rapid" or read.end[2] < hole.retract_mm - END_MM:
            matcher.differ(read, f"no rapid to the hole's mouth at {at_text(hole)}")
            return mouth
        if before is not None and before[2] >= hole.retract_mm - END_MM and read.end[2] > before[2] + END_MM:
            matcher.differ(read, f"a lift nobody planned before the hole at {at_text(hole)}")
        matcher.at += 1
    if hole.cycle == "tap":
        return _tap(matcher, toolpath, hole, mouth)
    return _bored(matcher, toolpath, hole, mouth, following)


def _tap(
    matcher: Matcher, toolpath: Toolpath, hole: Move, mouth: tuple[float, float, float]
) -> tuple[float, float, float]:
    """Down turning one way and up the other, in step with the spindle."""
    for goal, way in (((hole.x_mm, hole.y_mm, hole.z_mm), "cw"), (mouth, "ccw")):
        read = matcher.next_read()
        if read is None or read.move.kind != "line" or not read.move.pitch_mm:
            matcher.differ(read, f"no tapping in step with the spindle at {at_text(hole)}")
            return mouth
        matcher.ends(read, goal)
        if abs(read.move.pitch_mm - hole.pitch_mm) > PITCH_SHARE * hole.pitch_mm:
            said = f"a pitch of {read.move.pitch_mm:g} where {hole.pitch_mm:g} mm was planned"
            matcher.differ(read, said, read.move.pitch_mm, hole.pitch_mm)
        if read.move.tool != toolpath.tool_number:
            matcher.differ(read, f"tool {read.move.tool} where tool {toolpath.tool_number} was planned")
        matcher.spindle(read, toolpath, way)
    return mouth


def _bored(
    matcher: Matcher, toolpath: Toolpath, hole: Move, mouth: tuple[float, float, float], following: Move | None
) -> tuple[float, float, float]:
    """Down at feed, in pecks or at once, and out as the cycle says."""
    step = hole.peck_mm if hole.cycle in {"peck", "chip-break"} and hole.peck_mm > 0 else math.inf
    depth, rounding = hole.retract_mm, END_MM
    while depth > hole.z_mm + END_MM:
        deeper = max(depth - step, hole.z_mm)
        read = matcher.next_read()
        if read is None or read.move.kind != "line":
            matcher.differ(read, f"no feed down the hole at {at_text(hole)}")
            return mouth
        matcher.ends(read, (hole.x_mm, hole.y_mm, deeper), END_MM if deeper == hole.z_mm else rounding)
        rounding += END_MM  # every peck adds the rounding of its step
        matcher.state(read, toolpath, hole.feed_mm_min)
        matcher.wear(read, hole, last=False)
        matcher.wait(read, hole.dwell_s if deeper == hole.z_mm else 0.0, None if math.isinf(step) else PECK_WAIT_S)
        depth = deeper
        if depth > hole.z_mm + END_MM:
            _between(matcher, hole, depth, mouth)
    return _out(matcher, toolpath, hole, mouth, following)


def _between(matcher: Matcher, hole: Move, depth: float, mouth: tuple[float, float, float]) -> None:
    """Between two pecks: out to the mouth and back down, or up a little; always by the same little."""
    back = matcher.next_read()
    if hole.cycle == "peck" and back is not None:
        if back.move.kind != "rapid":
            matcher.differ(back, f"no rapid out between the pecks at {at_text(hole)}")
        matcher.ends(back, mouth)
        if back.judged.read.feeds_back:
            return
        back = matcher.next_read()
    if back is None:
        return
    if back.move.kind not in {"rapid", "line"} or back.move.kind != matcher.kinds.setdefault(
        hole.cycle, back.move.kind
    ):
        matcher.differ(back, f"another way than usual between the pecks at {at_text(hole)}")
        return
    matcher.ends(back, (hole.x_mm, hole.y_mm, back.end[2]))
    lift = matcher.lifts.setdefault(hole.cycle, back.end[2] - depth)
    if not 0 < back.end[2] - depth <= LIFT_MM or abs(back.end[2] - depth - lift) > 4 * END_MM:
        matcher.differ(back, "the height above the last peck is not the usual one (mm)", back.end[2] - depth, lift)


def _out(
    matcher: Matcher, toolpath: Toolpath, hole: Move, mouth: tuple[float, float, float], following: Move | None
) -> tuple[float, float, float]:
    """Out of the hole: to its mouth, or at once to where the next rapid straight up was to lead."""
    back = matcher.next_read()
    kind = "line" if hole.cycle == "ream" else "rapid"
    if back is None or back.move.kind != kind:
        matcher.differ(back, f"no {kind} out of the hole at {at_text(hole)}")
        return mouth
    if kind == "line":
        matcher.state(back, toolpath, hole.feed_mm_min)
        matcher.wait(back, 0.0)
    above = (following.x_mm, following.y_mm, following.z_mm) if following and following.kind == "rapid" else mouth
    if kind == "rapid" and near(above[:2], mouth[:2], 1e-6) and near(back.end, above, END_MM):
        return above
    matcher.ends(back, mouth)
    return mouth

"""Holds the moves read back against the moves planned, one by one."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from model.finding import Finding
from model.toolpath import Move, SetupPath, Toolpath
from pipeline.verify.compare_holes import drilled
from pipeline.verify.matcher import CENTRE_MM, END_MM, Matcher, Read, at_text, equal_ends, near, reads_of
from pipeline.verify.programs import CHANGED_BEFORE, Judged

SHORT_ARC_MM = 0.0035
"""An arc no longer than this may be written as a line, or not at all."""
MOST_FINDINGS = 20


@dataclass(frozen=True, slots=True)
class Comparison:
    """``compared`` moves were held against each other; ``differences`` are where they part."""

    compared: int
    differences: tuple[Finding, ...]


def compare(path: SetupPath, programs: Sequence[Judged]) -> Comparison:
    """Compare one setup's planned moves with the moves of its programs.

    Extra moves are accepted only between toolpaths and only to the setup's safe height, or straight up to a place
    of the machine (a retract may start lower, straight up), and across by the tool that cuts next. After the first
    few differences the rest is not listed.
    """
    read = [r for r in reads_of(programs) if not r.still]
    matcher = Matcher(read, programs[0].setup.safe_z_mm if programs else math.inf)
    matcher.found += _stops(path, programs)
    tool = 0
    for toolpath in path.toolpaths:
        if toolpath.tool_number != tool and tool:
            _change(matcher, toolpath)
        tool = toolpath.tool_number
        _walk(matcher, toolpath)
        if len(matcher.found) >= MOST_FINDINGS:
            break
    else:
        _change(matcher)
        for extra in read[matcher.at : matcher.at + MOST_FINDINGS]:
            matcher.differ(extra, "a move nobody planned")
    return Comparison(matcher.compared, tuple(matcher.found))


def _stops(path: SetupPath, programs: Sequence[Judged]) -> Iterator[Finding]:
    """The tools changed are the planned ones, in order, each once; nothing else stops the program."""
    planned = [float(n) for n, _ in groupby(t.tool_number for t in path.toolpaths)]
    for judged in programs:
        if judged.program.dialect in CHANGED_BEFORE:
            planned = []
        for e in judged.read.events:
            if e.what == "pause":
                yield Finding("verify.not-as-planned", "a stop nobody planned", judged.place(e.line))
            elif e.what == "tool-change" and (not planned or planned.pop(0) != e.value):
                what = f"a change to tool {e.value:g} that was not planned here"
                yield Finding("verify.not-as-planned", what, judged.place(e.line))
    if planned and programs:
        what = f"no change to tool {planned[0]:g}"
        yield Finding("verify.not-as-planned", what, place=f"{programs[-1].program.name} end")


def _skip_safe(matcher: Matcher, toolpath: Toolpath | None = None) -> None:
    """Pass over what a dialect adds at tool changes: lifts to the safe height, and the way to above the start.

    ``toolpath`` is what follows (None: nothing).
    """
    until = toolpath.moves[0] if toolpath and toolpath.moves else None
    while matcher.at < len(matcher.reads):
        read = matcher.reads[matcher.at]
        if until is not None and equal_ends(read, until) and read.move.kind == until.kind:
            return
        lift = near(read.start[:2], read.end[:2], END_MM) or all(math.isnan(c) for c in read.end[:2])
        lift = lift and not read.end[2] < read.start[2] - END_MM
        level = not read.end[2] < read.start[2] - END_MM
        at_top = matcher.at > 0 and matcher.reads[matcher.at - 1].move.machine and level  # no higher place is there
        high = math.isnan(read.end[2]) or abs(read.end[2] - matcher.safe_z) <= END_MM
        high = high or at_top or (lift and read.move.machine)
        from_high = read.start[2] >= matcher.safe_z - END_MM or at_top
        over = until is not None and near(read.end[:2], (until.x_mm, until.y_mm), END_MM)
        over = over and toolpath is not None and read.move.tool == toolpath.tool_number
        if read.move.kind != "rapid" or not high or not (lift or (from_high and over)):
            return
        top = read.move.nose_mm[2]
        if read.move.machine and abs(matcher.lifts.setdefault("top", top) - top) > END_MM:
            matcher.differ(read, "the machine's top is not where it was before (mm)", top, matcher.lifts["top"])
        matcher.at += 1


def _change(matcher: Matcher, toolpath: Toolpath | None = None) -> None:
    """Between two tools, and at the end: where the machine has a top to go to, the tool goes there."""
    mark = matcher.at
    _skip_safe(matcher, toolpath)
    passed = matcher.reads[mark : matcher.at]
    if mark and not any(r.move.machine for r in passed) and matcher.reads[mark - 1].judged.read.retracts:
        matcher.differ(matcher.reads[mark - 1], "the tool is not brought to the machine's top after its last cut")


def _walk(matcher: Matcher, toolpath: Toolpath) -> None:
    """Hold one toolpath against the moves read from here on."""
    _skip_safe(matcher, toolpath)
    here: tuple[float, float, float] | None = None
    for k, planned in enumerate(toolpath.moves):
        if len(matcher.found) >= MOST_FINDINGS:
            return
        following = toolpath.moves[k + 1] if k + 1 < len(toolpath.moves) else None
        if planned.kind == "drill":
            here = drilled(matcher, toolpath, planned, following)
            continue
        goal = (planned.x_mm, planned.y_mm, planned.z_mm)
        arc = planned.kind in {"cw", "ccw"} and here is not None and _length(here, planned) > SHORT_ARC_MM
        coming = matcher.at < len(matcher.reads) and _comes(matcher.reads[matcher.at], planned)
        if here is not None and not arc and matcher.arrived(goal):
            still = near(here, goal, 1e-6)
            here = goal
            if still or not coming:
                continue
        if here is None and planned.kind == "rapid" and matcher.arrived(goal) and not coming:
            here = goal
            continue
        last = planned.compensated and not (following is not None and following.compensated)
        if arc and here is not None:
            _turn(matcher, toolpath, planned, here, last=last)
        else:
            _one(matcher, toolpath, planned, last=last)
        here = goal


def _one(matcher: Matcher, toolpath: Toolpath, planned: Move, *, last: bool) -> None:
    read = matcher.next_read()
    if read is None:
        return
    kind = "line" if planned.kind in {"cw", "ccw"} else planned.kind  # of an arc too short to write
    if read.move.kind not in {kind, planned.kind}:
        matcher.differ(read, f"a {read.move.kind} move where a {planned.kind} to {at_text(planned)} was planned")
        return
    matcher.ends(read, (planned.x_mm, planned.y_mm, planned.z_mm))
    matcher.state(read, toolpath, planned.feed_mm_min)
    matcher.wear(read, planned, last=last)
    matcher.wait(read, 0.0)


def _turn(
    matcher: Matcher, toolpath: Toolpath, planned: Move, start: tuple[float, float, float], *, last: bool
) -> None:
    """One arc or helix, which the program may hold in several pieces about the same centre."""
    whole = _sweep(start, planned.kind, (planned.x_mm, planned.y_mm), (planned.cx_mm, planned.cy_mm))
    radius = math.dist(start[:2], (planned.cx_mm, planned.cy_mm))
    loose = min(4 * END_MM / radius, 0.5)
    turned = 0.0
    while turned == 0.0 or turned < whole - loose:
        read = matcher.next_read()
        if read is None:
            return
        m = read.move
        if m.kind != planned.kind:
            matcher.differ(read, f"a {m.kind} move where a {planned.kind} to {at_text(planned)} was planned")
            return
        off = math.hypot(m.cx_mm - planned.cx_mm, m.cy_mm - planned.cy_mm)
        if off > CENTRE_MM:
            matcher.differ(read, "the arc's centre is not the planned one (mm)", off, CENTRE_MM)
        turned += _sweep(read.start, m.kind, read.end[:2], (m.cx_mm, m.cy_mm))
        matcher.state(read, toolpath, planned.feed_mm_min)
        matcher.wear(read, planned, last=last)
        matcher.wait(read, 0.0)
        if turned < whole - loose:
            share = turned / whole
            angle = math.atan2(start[1] - planned.cy_mm, start[0] - planned.cx_mm)
            angle += turned if planned.kind == "ccw" else -turned
            x, y = planned.cx_mm + radius * math.cos(angle), planned.cy_mm + radius * math.sin(angle)
            matcher.ends(read, (x, y, start[2] + (planned.z_mm - start[2]) * share), CENTRE_MM)
        else:
            matcher.ends(read, (planned.x_mm, planned.y_mm, planned.z_mm))
    if turned > whole + loose:
        what = "the arc turns further than planned (degrees)"
        matcher.differ(matcher.reads[matcher.at - 1], what, math.degrees(turned), math.degrees(whole))


def _comes(read: Read, planned: Move) -> bool:
    """Whether the next move read is this tiny one, and not a full circle that ends at the same place."""
    m = read.move
    turn = m.kind in {"cw", "ccw"}
    long = turn and _sweep(read.start, m.kind, read.end, (m.cx_mm, m.cy_mm)) > math.pi
    return equal_ends(read, planned) and not long and (m.kind == planned.kind or not turn)


def _length(start: tuple[float, float, float], arc: Move) -> float:
    radius = math.dist(start[:2], (arc.cx_mm, arc.cy_mm))
    return radius * _sweep(start, arc.kind, (arc.x_mm, arc.y_mm), (arc.cx_mm, arc.cy_mm))


def _sweep(start: Sequence[float], kind: str, end: Sequence[float], centre: tuple[float, float]) -> float:
    """How far an arc turns (rad); equal ends make a full turn."""
    if near(start[:2], end[:2], 1e-9):
        return math.tau
    first = math.atan2(start[1] - centre[1], start[0] - centre[0])
    last = math.atan2(end[1] - centre[1], end[0] - centre[0])
    return (last - first if kind == "ccw" else first - last) % math.tau

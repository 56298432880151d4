"""Holds the moves read back against the moves planned, one by one."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from model.finding import Finding
from model.toolpath import Move, SetupPath, Toolpath
from pipeline.verify.programs import Judged
from pipeline.verify.readers.types import ReadMove

END_MM = 0.0015
CENTRE_MM = 0.002
FEED_SHARE = 0.005
FEED_MM_MIN = 0.05
RPM = 0.51
MOST_FINDINGS = 20


@dataclass(frozen=True, slots=True)
class _Read:
    """A move read, with the program it stands in and where it began (NaN: not known)."""

    move: ReadMove
    judged: Judged
    start: tuple[float, float, float]

    @property
    def end(self) -> tuple[float, float, float]:
        return self.move.x_mm, self.move.y_mm, self.move.z_mm

    @property
    def still(self) -> bool:
        """True when nothing moves: controls pass over such a line."""
        full = self.move.kind in {"cw", "ccw"}
        return not full and _near(self.end, self.start, 1e-6)


@dataclass(frozen=True, slots=True)
class Comparison:
    """``compared`` moves were held against each other; ``differences`` are where they part."""

    compared: int
    differences: tuple[Finding, ...]


def compare(path: SetupPath, programs: Sequence[Judged]) -> Comparison:
    """Compare one setup's planned moves with the moves of its programs.

    Extra moves are accepted only between toolpaths and only at or above the setup's safe height (a retract
    may start lower, straight up). After the first few differences the rest is not listed.
    """
    reads = [r for r in _reads(programs) if not r.still]
    matcher = _Matcher(reads, programs[0].setup.safe_z_mm if programs else math.inf)
    for toolpath in path.toolpaths:
        matcher.toolpath(toolpath)
        if len(matcher.found) >= MOST_FINDINGS:
            break
    else:
        matcher.skip_safe()
        for extra in reads[matcher.at : matcher.at + MOST_FINDINGS]:
            matcher.differ(extra, "a move nobody planned")
    return Comparison(matcher.compared, tuple(matcher.found))


def _reads(programs: Sequence[Judged]) -> Iterator[_Read]:
    for judged in programs:
        nose = (math.nan, math.nan, math.nan)
        for m in judged.read.moves:
            x, y, z = (n - (e - t) for n, e, t in zip(nose, m.nose_mm, (m.x_mm, m.y_mm, m.z_mm), strict=True))
            yield _Read(m, judged, (x, y, z))
            nose = m.nose_mm


class _Matcher:
    """Walks along the moves read while the planned ones go by."""

    def __init__(self, reads: list[_Read], safe_z: float) -> None:
        self.reads = reads
        self.safe_z = safe_z
        self.at = 0
        self.compared = 0
        self.found: list[Finding] = []

    def differ(self, read: _Read | None, what: str, value: float | None = None, limit: float | None = None) -> None:
        """Note a difference at a move read (None: the program ended)."""
        if read is not None:
            place = read.judged.place(read.move.line)
        else:
            place = f"{self.reads[-1].judged.program.name} end" if self.reads else "no moves at all"
        value = None if value is None else round(value, 6)
        self.found.append(Finding("verify.not-as-planned", what, place=place, value=value, limit=limit))

    def skip_safe(self, until: Move | None = None) -> None:
        """Pass over what a dialect adds at tool changes: rapids at or above the safe height, and lifts to it."""
        while self.at < len(self.reads):
            read = self.reads[self.at]
            if until is not None and _equal_ends(read, until) and read.move.kind == until.kind:
                return
            lift = _near(read.start[:2], read.end[:2], END_MM) or all(math.isnan(c) for c in read.start[:2])
            high = math.isnan(read.end[2]) or read.end[2] >= self.safe_z - END_MM
            from_high = math.isnan(read.start[2]) or read.start[2] >= self.safe_z - END_MM
            if read.move.kind != "rapid" or not high or not (lift or from_high):
                return
            self.at += 1

    def toolpath(self, toolpath: Toolpath) -> None:
        """Hold one toolpath against the moves read from here on."""
        self.skip_safe(toolpath.moves[0] if toolpath.moves else None)
        here: tuple[float, float, float] | None = None
        for planned in toolpath.moves:
            if len(self.found) >= MOST_FINDINGS:
                return
            if planned.kind == "drill":
                here = self._drill(toolpath, planned)
                continue
            goal = (planned.x_mm, planned.y_mm, planned.z_mm)
            if here is not None and planned.kind in {"rapid", "line"} and _near(here, goal, END_MM):
                if not (self.at < len(self.reads) and _near(self.reads[self.at].end, goal, END_MM)):
                    continue
                if _near(here, goal, 1e-6):
                    continue
            if here is None and planned.kind == "rapid" and self._arrived(goal):
                here = goal
                continue
            self._one(toolpath, planned)
            here = goal

    def _arrived(self, goal: tuple[float, float, float]) -> bool:
        """True when the moves passed over already brought the tool to the first point."""
        return self.at > 0 and _near(self.reads[self.at - 1].end, goal, END_MM)

    def _one(self, toolpath: Toolpath, planned: Move) -> None:
        read = self._next()
        if read is None:
            return
        m = read.move
        if m.kind != planned.kind:
            self.differ(read, f"a {m.kind} move where a {planned.kind} to {_at(planned)} was planned")
            return
        self._ends(read, (planned.x_mm, planned.y_mm, planned.z_mm))
        if planned.kind in {"cw", "ccw"}:
            off = math.hypot(m.cx_mm - planned.cx_mm, m.cy_mm - planned.cy_mm)
            if off > CENTRE_MM:
                self.differ(read, "the arc's centre is not the planned one (mm)", off, CENTRE_MM)
        self._state(read, toolpath, planned.feed_mm_min)

    def _next(self) -> _Read | None:
        self.compared += 1
        if self.at >= len(self.reads):
            self.differ(None, "the program ends before all planned moves are made")
            return None
        self.at += 1
        return self.reads[self.at - 1]

    def _ends(self, read: _Read, goal: tuple[float, float, float], limit: float = END_MM) -> None:
        off = max(abs(a - b) for a, b in zip(read.end, goal, strict=True))
        if not off <= limit:
            where = ", ".join(f"{c:.4f}" for c in goal)
            self.differ(read, f"ends elsewhere than planned at ({where}) (mm)", off, limit)

    def _state(self, read: _Read, toolpath: Toolpath, feed: float) -> None:
        m = read.move
        if m.tool != toolpath.tool_number:
            self.differ(read, f"tool {m.tool} where tool {toolpath.tool_number} was planned")
        if m.kind == "rapid":
            return
        if abs(m.feed_mm_min - feed) > FEED_SHARE * feed + FEED_MM_MIN:
            self.differ(read, f"feed {m.feed_mm_min:g} where {feed:g} mm/min was planned", m.feed_mm_min, feed)
        if m.spindle != "cw" or abs(m.spindle_rpm - toolpath.spindle_rpm) > RPM:
            said = f"spindle {m.spindle} {m.spindle_rpm:g} where cw {toolpath.spindle_rpm:g} rpm was planned"
            self.differ(read, said, m.spindle_rpm, toolpath.spindle_rpm)
        if m.coolant != toolpath.coolant:
            self.differ(read, f"coolant {m.coolant} where {toolpath.coolant} was planned")

    def _drill(self, toolpath: Toolpath, hole: Move) -> tuple[float, float, float]:
        """One hole: to its mouth by rapids, down in pecks with full retracts, back to its mouth."""
        mouth = (hole.x_mm, hole.y_mm, hole.retract_mm)
        for _ in range(3):
            read = self.reads[self.at] if self.at < len(self.reads) else None
            before = self.reads[self.at - 1].end if self.at else None
            if before is not None and _near(before, mouth, END_MM):
                break
            if read is None or read.move.kind != "rapid" or read.end[2] < hole.retract_mm - END_MM:
                self.differ(read, f"no rapid to the hole's mouth at {_at(hole)}")
                return mouth
            self.at += 1
        depth = hole.retract_mm
        rounding = END_MM
        while depth > hole.z_mm + END_MM:
            deeper = max(depth - hole.peck_mm, hole.z_mm) if hole.peck_mm > 0 else hole.z_mm
            self._approach_again(hole, depth)
            read = self._next()
            if read is None or read.move.kind != "line":
                self.differ(read, f"no feed down the hole at {_at(hole)}")
                return mouth
            self._ends(read, (hole.x_mm, hole.y_mm, deeper), END_MM if deeper == hole.z_mm else rounding)
            rounding += END_MM  # every peck adds the rounding of its step
            self._state(read, toolpath, hole.feed_mm_min)
            back = self._next()
            if back is None or back.move.kind != "rapid":
                self.differ(back, f"no rapid out of the hole at {_at(hole)}")
                return mouth
            self._ends(back, mouth)
            depth = deeper
        return mouth

    def _approach_again(self, hole: Move, depth: float) -> None:
        """Pass over the rapid back down to just above the last peck."""
        if depth >= hole.retract_mm or self.at >= len(self.reads):
            return
        read = self.reads[self.at]
        if read.move.kind == "rapid" and _near(read.end[:2], (hole.x_mm, hole.y_mm), END_MM) and read.end[2] > depth:
            self.at += 1


def _near(a: Sequence[float], b: Sequence[float], tol: float) -> bool:
    return all(abs(x - y) <= tol for x, y in zip(a, b, strict=True))


def _equal_ends(read: _Read, planned: Move) -> bool:
    return _near(read.end, (planned.x_mm, planned.y_mm, planned.z_mm), END_MM)


def _at(move: Move) -> str:
    return f"({move.x_mm:.4f}, {move.y_mm:.4f}, {move.z_mm:.4f})"

"""Walks along the moves read from programs while the planned ones go by, and notes where they part."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from model.finding import Finding
from model.toolpath import Move, Toolpath
from pipeline.verify.programs import Judged
from pipeline.verify.readers.types import ReadMove

END_MM = 0.0015
CENTRE_MM = 0.002
FEED_SHARE = 0.005
FEED_MM_MIN = 0.05
RPM = 0.51
WAIT_S = 0.0015


@dataclass(frozen=True, slots=True)
class Read:
    """A move read, with the program it stands in, where it began (NaN: not known), and the wait after it (s)."""

    move: ReadMove
    judged: Judged
    start: tuple[float, float, float]
    wait_s: float

    @property
    def end(self) -> tuple[float, float, float]:
        """Where the move ends."""
        return self.move.x_mm, self.move.y_mm, self.move.z_mm

    @property
    def still(self) -> bool:
        """True when nothing moves: controls pass over such a line."""
        full = self.move.kind in {"cw", "ccw"}
        return not full and self.wait_s == 0 and near(self.end, self.start, 1e-6)


class Matcher:
    """The moves read, and how far the planned ones have come along them."""

    def __init__(self, reads: list[Read], safe_z: float) -> None:
        self.reads = reads
        self.safe_z = safe_z
        self.at = 0
        self.compared = 0
        self.found: list[Finding] = []
        self.lifts: dict[str, float] = {}
        self.kinds: dict[str, str] = {"peck": "rapid"}

    def differ(self, read: Read | None, what: str, value: float | None = None, limit: float | None = None) -> None:
        """Note a difference at a move read (None: the program ended)."""
        if read is not None:
            place = read.judged.place(read.move.line)
        else:
            place = f"{self.reads[-1].judged.program.name} end" if self.reads else "no moves at all"
        value = None if value is None else round(value, 6)
        self.found.append(Finding("verify.not-as-planned", what, place=place, value=value, limit=limit))

    def arrived(self, goal: tuple[float, float, float]) -> bool:
        """True when the moves passed over already brought the tool to the first point."""
        return self.at > 0 and near(self.reads[self.at - 1].end, goal, END_MM)

    def next_read(self) -> Read | None:
        """The next move read, which counts as compared; None (and a difference) when there is none."""
        self.compared += 1
        if self.at >= len(self.reads):
            self.differ(None, "the program ends before all planned moves are made")
            return None
        self.at += 1
        return self.reads[self.at - 1]

    def ends(self, read: Read, goal: tuple[float, float, float], limit: float = END_MM) -> None:
        """The move ends where planned."""
        off = max(abs(a - b) for a, b in zip(read.end, goal, strict=True))
        if not off <= limit:
            where = ", ".join(f"{c:.4f}" for c in goal)
            self.differ(read, f"ends elsewhere than planned at ({where}) (mm)", off, limit)

    def state(self, read: Read, toolpath: Toolpath, feed: float) -> None:
        """Tool, feed, spindle and coolant of a move are the planned ones."""
        m = read.move
        if m.tool != toolpath.tool_number:
            self.differ(read, f"tool {m.tool} where tool {toolpath.tool_number} was planned")
        if m.kind == "rapid":
            return
        if abs(m.feed_mm_min - feed) > FEED_SHARE * feed + FEED_MM_MIN:
            self.differ(read, f"feed {m.feed_mm_min:g} where {feed:g} mm/min was planned", m.feed_mm_min, feed)
        if m.pitch_mm:
            self.differ(read, "the spindle leads a move that was planned at a feed")
        self.spindle(read, toolpath, "cw")

    def spindle(self, read: Read, toolpath: Toolpath, way: str) -> None:
        """The spindle turns this way at the planned speed, with the planned coolant."""
        m = read.move
        if m.spindle != way or abs(m.spindle_rpm - toolpath.spindle_rpm) > RPM:
            said = f"spindle {m.spindle} {m.spindle_rpm:g} where {way} {toolpath.spindle_rpm:g} rpm was planned"
            self.differ(read, said, m.spindle_rpm, toolpath.spindle_rpm)
        if m.coolant != toolpath.coolant:
            self.differ(read, f"coolant {m.coolant} where {toolpath.coolant} was planned")

    def wear(self, read: Read, planned: Move, *, last: bool) -> None:
        """Wear compensation is on where it was planned; it may end with the last of its moves."""
        on = read.move.compensation
        if on != ("G41" if planned.compensated else "G40") and not (last and on == "G40"):
            said = "with" if planned.compensated else "without"
            self.differ(read, f"{on} where a move {said} wear compensation was planned")

    def wait(self, read: Read, seconds: float, most: float | None = None) -> None:
        """The wait at the end of a move is the planned one, or up to ``most`` where controls add their own."""
        if not seconds - WAIT_S <= read.wait_s <= (seconds if most is None else most) + WAIT_S:
            self.differ(read, f"waits {read.wait_s:g} s where {seconds:g} s was planned", read.wait_s, seconds)


def reads_of(programs: Sequence[Judged]) -> Iterator[Read]:
    """Every move of the programs, with where it began and how long the control waits after it."""
    for judged in programs:
        nose = (math.nan, math.nan, math.nan)
        waits: dict[int, float] = {}
        for e in judged.read.events:
            if e.what == "dwell":
                waits[e.at_move - 1] = waits.get(e.at_move - 1, 0.0) + e.value
        for k, m in enumerate(judged.read.moves):
            x, y, z = (n - (e - t) for n, e, t in zip(nose, m.nose_mm, (m.x_mm, m.y_mm, m.z_mm), strict=True))
            yield Read(m, judged, (x, y, z), waits.get(k, 0.0) if m.kind != "rapid" else 0.0)
            nose = m.nose_mm


def near(a: Sequence[float], b: Sequence[float], tol: float) -> bool:
    """Whether all coordinates agree within a tolerance (mm)."""
    return all(abs(x - y) <= tol for x, y in zip(a, b, strict=True))


def equal_ends(read: Read, planned: Move) -> bool:
    """Whether a move read ends where a planned one does."""
    return near(read.end, (planned.x_mm, planned.y_mm, planned.z_mm), END_MM)


def at_text(move: Move) -> str:
    """A place, for a message."""
    return f"({move.x_mm:.4f}, {move.y_mm:.4f}, {move.z_mm:.4f})"

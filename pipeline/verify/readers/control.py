"""Where the machine is and what it has been told: the state the readers drive."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal, TypedDict, Unpack

from model.finding import Finding
from pipeline.verify.readers.types import (
    Bench,
    Coolant,
    Kind,
    ReadEvent,
    ReadMove,
    ReadProgram,
    Start,
    Turning,
    What,
)
from pipeline.verify.readers.words import LineError

NAN = math.nan
INCH_MM = 25.4
AXES = ("X", "Y", "Z")
BENDS = ("turned", "scaled", "mirrored", "polar", "shifted")


class Traits(TypedDict, total=False):
    """What a reader knows of its control: fields of ReadProgram."""

    dog_leg: bool
    lengths: bool
    path_modes: bool
    spindle_waits: bool
    retracts: bool
    feeds_back: bool


@dataclass(frozen=True, slots=True)
class Slack:
    """How far an arc may be off: its end by ``end_mm`` or ``share`` of the radius, never by ``most_mm``.

    ``radius_mm`` is how much too short a radius given by R may be.
    """

    end_mm: float
    share: float
    most_mm: float
    radius_mm: float


class Control:
    """A control's modal state and the nose's position in machine coordinates (mm, NaN: unknown).

    ``worn``: the compensation is the program's own and its register holds 0. ``touched_off``: every tool was set on
    the work zero, so its length is in the offset the control holds. ``bent`` names what still bends the coordinates:
    fields of Start.
    """

    __slots__ = (
        "absolute",
        "arc_centres",
        "bench",
        "bent",
        "compensation",
        "coolant",
        "ended",
        "events",
        "feed",
        "feed_mode",
        "findings",
        "length",
        "length_offset",
        "line",
        "motion",
        "moves",
        "nose",
        "plane",
        "retract",
        "rpm",
        "scale",
        "spindle",
        "tool",
        "touched_off",
        "wcs",
        "worn",
    )

    def __init__(self, bench: Bench, start: Start, *, touched_off: bool) -> None:
        self.bench = bench
        self.touched_off = touched_off
        self.scale = INCH_MM if start.inch else 1.0
        self.absolute = start.absolute
        self.plane = start.plane
        self.wcs = start.wcs
        self.motion = start.motion
        self.feed = start.feed_mm_min
        self.feed_mode = start.feed_mode
        self.arc_centres = start.arc_centres
        self.compensation = start.compensation
        self.worn = False
        self.length = start.length_mm
        self.length_offset = start.length_offset
        self.spindle: Turning = start.spindle
        self.rpm = start.rpm
        self.coolant: Coolant = start.coolant
        self.retract = start.retract
        self.bent = {bend for bend in BENDS if getattr(start, bend)}
        self.tool = bench.tool
        self.nose: tuple[float, float, float] = (NAN, NAN, NAN)
        self.line = 0
        self.ended = False
        self.moves: list[ReadMove] = []
        self.events: list[ReadEvent] = []
        self.findings: list[Finding] = []

    def refuse(self, code: str, message: str, hint: str = "") -> None:
        """Note what the control would not take, or what cannot be judged."""
        self.findings.append(Finding(code, message, place=f"line {self.line}", hint=hint))

    def note(self, what: What, value: float) -> None:
        """Record a stop, a change or a mode."""
        height = self.tip(self.nose)[2]
        self.events.append(ReadEvent(self.line, what, value, len(self.moves), height, self.spindle, self.coolant))

    def turn(self, way: Turning) -> None:
        """Start, stop or reverse the spindle; a stop or reversal of a turning one is noted."""
        if self.spindle not in {"off", way}:
            self.note("spindle", 0.0)
        self.spindle = way

    def speeds(self, codes: dict[str, str], values: dict[str, float], feed_scale: float) -> None:
        """Take F and S, which are used up; ``feed_scale`` is the length of the feed's unit (mm).

        Raises:
            LineError: One is negative, or stands beside a change of units.
        """
        if "F" in values:
            if "units" in codes:
                raise LineError("read.cannot-judge", "F and a change of units in one line", "Use two lines.")
            self.feed = values.pop("F") * feed_scale
        self.rpm = values.pop("S", self.rpm)
        if self.feed < 0 or self.rpm < 0:
            raise LineError("read.negative", "a negative feed or speed")

    def known_tool(self, letter: str, number: float) -> int:
        """The tool of a T or H word.

        Raises:
            LineError: The machine has no such tool.
        """
        if number != int(number) or int(number) not in self.bench.gauge_mm:
            raise LineError("read.tool", f"{letter}{number:g} is not in the machine's tool table")
        return int(number)

    def change(self, tool: int) -> None:
        """Put a tool in: the spindle stands.

        Raises:
            LineError: None was chosen (below 0).
        """
        if tool < 0:
            raise LineError("read.tool", "a tool change before any tool was chosen")
        self.note("tool-change", float(tool))
        self.tool = tool
        self.spindle = "off"

    def gauge(self) -> float:
        """Length of the tool in the spindle; unknown tools count as the longest."""
        lengths = self.bench.gauge_mm
        if self.tool in lengths:
            return lengths[self.tool]
        return max(lengths.values(), default=NAN)

    def offset(self, axis: int) -> float:
        """What is added to a programmed coordinate to get the nose's machine coordinate."""
        if self.wcs != self.bench.wcs or self.bent:
            return NAN
        zero = self.bench.work_zero_mm[axis]
        if axis < 2:
            return zero
        return zero + (self.gauge() if self.touched_off else self.length)

    def programmed(self, axis: int) -> float:
        """Where the machine stands, as the program would say it."""
        return self.nose[axis] - self.offset(axis)

    def tip(self, nose: tuple[float, float, float]) -> tuple[float, float, float]:
        """The tool tip in the setup's frame."""
        zero = self.bench.work_zero_mm
        return nose[0] - zero[0], nose[1] - zero[1], nose[2] - zero[2] - self.gauge()

    def target(self, values: dict[str, float]) -> tuple[float, float, float]:
        """The nose's goal for the axis words of a line, which are used up."""
        goal = list(self.nose)
        for axis, letter in enumerate(AXES):
            if letter in values:
                number = values.pop(letter) * self.scale
                goal[axis] = self.offset(axis) + number if self.absolute else self.nose[axis] + number
        return goal[0], goal[1], goal[2]

    def machine_target(self, values: dict[str, float]) -> tuple[float, float, float]:
        """The nose's goal when the axis words are machine coordinates (G53)."""
        goal = list(self.nose)
        for axis, letter in enumerate(AXES):
            if letter in values:
                goal[axis] = values.pop(letter) * self.scale
        return goal[0], goal[1], goal[2]

    def at(self, x: float, y: float, z: float) -> tuple[float, float, float]:
        """The nose's goal for programmed coordinates in millimetres."""
        return self.offset(0) + x, self.offset(1) + y, self.offset(2) + z

    def go(
        self,
        kind: Kind,
        goal: tuple[float, float, float],
        centre: tuple[float, float] = (0.0, 0.0),
        *,
        machine: bool = False,
        pitch: float = 0.0,
    ) -> None:
        """Make a move; ``centre`` is in machine coordinates, ``pitch`` (mm a turn) marks one the spindle leads."""
        known = tuple(NAN if math.isnan(c) else c for c in goal)
        x, y, z = self.tip(goal)
        cx = cy = 0.0
        if kind in {"cw", "ccw"}:
            cx, cy = centre[0] - self.bench.work_zero_mm[0], centre[1] - self.bench.work_zero_mm[1]
        self.moves.append(
            ReadMove(
                self.line,
                kind,
                x,
                y,
                z,
                cx,
                cy,
                0.0 if kind == "rapid" else self.feed,
                self.spindle,
                self.rpm if self.spindle != "off" else 0.0,
                self.coolant,
                self.tool,
                self.length_offset,
                self.wcs,
                (known[0], known[1], known[2]),
                machine,
                self.compensation,
                pitch,
            )
        )
        self.nose = goal

    def led(self, pitch: float, goal: tuple[float, float, float], way: Turning) -> None:
        """Make a move in step with the spindle turning that way."""
        feed, self.spindle, self.feed = self.feed, way, pitch * self.rpm
        self.go("line", goal, pitch=pitch)
        self.feed = feed

    def arc(self, kind: Literal["cw", "ccw"], values: dict[str, float], slack: Slack) -> None:
        """An arc in the XY plane from I and J (from the start) or R; ``slack`` is what the control forgives.

        Raises:
            LineError: The control would not draw this arc.
        """
        if self.plane != "G17":
            raise LineError("read.cannot-judge", f"an arc in the plane {self.plane} cannot be judged here", "Use G17.")
        goal = self.target(values)
        x0, y0 = self.nose[0], self.nose[1]
        if math.isnan(sum(goal) + sum(self.nose)):
            raise LineError("read.position-unknown", "an arc starts or ends where the position is not known")
        if "R" in values:
            if values.keys() & {"I", "J"}:
                raise LineError("read.arc", "the arc has both R and I or J")
            centre = _centre_from_radius(kind, (x0, y0), (goal[0], goal[1]), values.pop("R") * self.scale, slack)
        elif values.keys() & {"I", "J"}:
            centre = x0 + values.pop("I", 0.0) * self.scale, y0 + values.pop("J", 0.0) * self.scale
        else:
            raise LineError("read.arc", "the arc has neither R nor I or J")
        r0 = math.hypot(x0 - centre[0], y0 - centre[1])
        r1 = math.hypot(goal[0] - centre[0], goal[1] - centre[1])
        off = abs(r0 - r1)
        if (off > slack.end_mm and off > slack.share * max(r0, r1)) or off > slack.most_mm or r0 < 1e-6:
            raise LineError("read.arc", f"the arc starts {r0:.4f} mm and ends {r1:.4f} mm from its centre")
        self.go(kind, goal, centre)

    def result(self, **traits: Unpack[Traits]) -> ReadProgram:
        """All that was read, with what the reader knows of its control (fields of ReadProgram)."""
        moves, events, findings = tuple(self.moves), tuple(self.events), tuple(self.findings)
        return replace(ReadProgram(moves, events, findings, self.ended, self.absolute), **traits)


def _centre_from_radius(
    kind: Literal["cw", "ccw"], start: tuple[float, float], end: tuple[float, float], radius: float, slack: Slack
) -> tuple[float, float]:
    """Centre of the shorter arc (``radius`` > 0) or the longer one (< 0)."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    chord = math.hypot(dx, dy)
    if chord < 1e-9:
        raise LineError("read.arc", "an arc given by R ends where it starts")
    rise2 = radius * radius - chord * chord / 4
    if chord / 2 - abs(radius) > slack.radius_mm:
        raise LineError("read.arc", f"the radius {abs(radius):g} mm is too small for a chord of {chord:.4f} mm")
    rise = math.sqrt(max(rise2, 0.0))
    if (kind == "cw") == (radius > 0):
        rise = -rise
    return start[0] + dx / 2 - dy / chord * rise, start[1] + dy / 2 + dx / chord * rise

"""Drilling cycles as a Heidenhain TNC 640 runs them, move by move.

Source: the maker's manual of cycle programming (cycles 200, 201, 203, 205 and 207: parameters and cycle run).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.verify.readers.control import Control
from pipeline.verify.readers.words import LineError

NAMES = {
    200: ("Q200", "Q201", "Q206", "Q202", "Q210", "Q203", "Q204", "Q211", "Q395"),
    201: ("Q200", "Q201", "Q206", "Q211", "Q208", "Q203", "Q204"),
    203: (
        "Q200", "Q201", "Q206", "Q202", "Q210", "Q203", "Q204", "Q212", "Q213", "Q205", "Q211", "Q208", "Q256",
        "Q395",
    ),
    205: (
        "Q200", "Q201", "Q206", "Q202", "Q203", "Q204", "Q212", "Q205", "Q258", "Q259", "Q257", "Q256", "Q211",
        "Q379", "Q253", "Q208", "Q395",
    ),
    207: ("Q200", "Q201", "Q239", "Q203", "Q204"),
}  # fmt: skip
ZERO = {200: ("Q395",), 203: ("Q212", "Q205", "Q395"), 205: ("Q212", "Q205", "Q257", "Q379", "Q395")}
"""What this reader judges only at zero: decrements, other references, recessed starts."""

POSITIVE = ("Q206", "Q202", "Q239", "Q253")
NOT_NEGATIVE = ("Q200", "Q204", "Q208", "Q210", "Q211", "Q213", "Q256", "Q258", "Q259")
RAPID_FROM = 99999.0
MOST_STROKES = 1000
NOISE_MM = 1e-9


@dataclass(frozen=True, slots=True)
class Cycle:
    """A drilling cycle as defined, not yet called."""

    number: int
    q: dict[str, float]


def defined(number: int, q: dict[str, float]) -> Cycle:
    """A cycle with all its parameters.

    Raises:
        LineError: The cycle is not known, or a parameter is missing, out of order or out of range.
    """
    names = NAMES.get(number)
    if names is None:
        raise LineError("read.code-unsupported", f"cycle {number} is not one this reader knows")
    if tuple(q) != names:
        odd = sorted(set(names).symmetric_difference(q)) or ["their order"]
        raise LineError("read.cycle", f"cycle {number}: look at {', '.join(odd)}")
    if q["Q201"] >= 0:
        raise LineError("read.cycle", f"Q201={q['Q201']:+g}: a hole goes down, its depth is below zero")
    wrong = [n for n in names if (n in POSITIVE and q[n] <= 0) or (n in NOT_NEGATIVE and q[n] < 0)]
    if wrong:
        raise LineError("read.cycle", f"cycle {number}: {', '.join(wrong)} out of range")
    odd = [n for n in ZERO.get(number, ()) if q[n] != 0]
    if odd or q.get("Q258", 0.0) != q.get("Q259", 0.0):
        raise LineError("read.cannot-judge", f"cycle {number} with {', '.join(odd) or 'Q258 other than Q259'}")
    if number in {200, 203, 205} and -q["Q201"] > MOST_STROKES * q["Q202"]:
        raise LineError("read.cycle", f"Q202={q['Q202']:+g} makes more than {MOST_STROKES} strokes")
    if number == 203 and (q["Q213"] != int(q["Q213"]) or (q["Q213"] > 0 and q["Q256"] <= 0)):
        raise LineError("read.cycle", "cycle 203: Q213 counts chip breaks, each backs off by Q256")
    return Cycle(number, q)


def run(cycle: Cycle, control: Control) -> None:
    """Make the hole where the tool stands.

    Raises:
        LineError: The place or speed is not known, or another state forbids drilling.
    """
    x, y = control.programmed(0), control.programmed(1)
    if math.isnan(x + y + control.programmed(2)):
        raise LineError("read.position-unknown", "a cycle is called where the position is not known")
    if control.plane != "G17" or control.compensation != "G40":
        raise LineError("read.cannot-judge", "a cycle without TOOL CALL Z, or under radius compensation")
    q = cycle.q
    hole = _Hole(control, x, y, q["Q203"] + q["Q200"], q["Q203"] + q["Q201"])
    hole.rapid(hole.start)
    if cycle.number == 207:
        _tap(hole, q["Q239"])
    elif cycle.number == 201:
        hole.feed(hole.bottom, q["Q206"])
        hole.wait(q["Q211"])
        hole.feed(hole.start, q["Q208"] or q["Q206"])
    else:
        _drill(hole, cycle)
    hole.rapid(q["Q203"] + max(q["Q204"], q["Q200"]))


class _Hole:
    """The tool going up and down at one place, between the set-up clearance and the bottom."""

    def __init__(self, control: Control, x: float, y: float, start: float, bottom: float) -> None:
        self.control = control
        self.at = x, y
        self.start = start
        self.bottom = bottom

    def rapid(self, z: float) -> None:
        if abs(z - self.control.programmed(2)) > NOISE_MM:
            self.control.go("rapid", self.control.at(*self.at, z))

    def feed(self, z: float, feed: float, pitch: float = 0.0) -> None:
        """At a feed of the cycle's own; one of 99999 is the rapid."""
        if feed >= RAPID_FROM:
            self.rapid(z)
            return
        control = self.control
        modal, control.feed = control.feed, feed
        control.go("line", control.at(*self.at, z), pitch=pitch)
        control.feed = modal

    def wait(self, seconds: float) -> None:
        if seconds > 0:
            self.control.note("dwell", seconds)


def _drill(hole: _Hole, cycle: Cycle) -> None:
    """Cycles 200, 203 and 205: strokes of Q202 from the surface, between them a way out or a short way back."""
    q = cycle.q
    breaks = 0
    for z in _strokes(q):
        hole.feed(z, q["Q206"])
        if cycle.number == 203 and breaks < q["Q213"]:
            hole.rapid(min(z + q["Q256"], hole.start))
            breaks += 1
            continue
        breaks = 0
        hole.feed(hole.start, _out(q) if cycle.number == 203 else RAPID_FROM)
        hole.wait(q.get("Q210", 0.0))
        hole.rapid(min(z + (q["Q258"] if cycle.number == 205 else q["Q200"]), hole.start))
    hole.feed(hole.bottom, q["Q206"])
    hole.wait(q["Q211"])
    if cycle.number != 200 and _out(q) < RAPID_FROM:
        hole.feed(hole.start, _out(q))


def _out(q: dict[str, float]) -> float:
    return q["Q208"] or q["Q206"]


def _strokes(q: dict[str, float]) -> Iterator[float]:
    """The depths before the last."""
    count = math.ceil(-q["Q201"] / q["Q202"] - 1e-6)
    for k in range(1, count):
        yield q["Q203"] - q["Q202"] * k


def _tap(hole: _Hole, pitch: float) -> None:
    """Down in step with the spindle, back with it reversed, then the spindle stands still."""
    control = hole.control
    if control.rpm <= 0:
        raise LineError("read.negative", "tapping without a spindle speed", "TOOL CALL ... S...")
    control.spindle = "cw"
    hole.feed(hole.bottom, pitch * control.rpm, pitch)
    control.spindle = "ccw"
    hole.feed(hole.start, pitch * control.rpm, pitch)
    control.spindle = "off"

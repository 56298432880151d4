"""Drilling cycles as a Sinumerik 840D runs them, move by move.

Source: the maker's programming guide "Cycles" (CYCLE81 to CYCLE85: parameters and sequence of motions).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.verify.readers.control import Control
from pipeline.verify.readers.types import Turning
from pipeline.verify.readers.words import LineError

NAMES = {
    "CYCLE81": ("RTP", "RFP", "SDIS", "DP", "DPR"),
    "CYCLE82": ("RTP", "RFP", "SDIS", "DP", "DPR", "DTB"),
    "CYCLE83": (
        "RTP", "RFP", "SDIS", "DP", "DPR", "FDEP", "FDPR", "DAM", "DTB", "DTS", "FRF", "VARI",
        "_AXN", "_MDEP", "_VRT", "_DTD", "_DIS1",
    ),
    "CYCLE84": ("RTP", "RFP", "SDIS", "DP", "DPR", "DTB", "SDAC", "MPIT", "PIT", "POSS", "SST", "SST1"),
    "CYCLE85": ("RTP", "RFP", "SDIS", "DP", "DPR", "DTB", "FFR", "RFF"),
}  # fmt: skip
BACK_OFF_MM = 1.0
AHEAD_MM, AHEAD_SHARE, AHEAD_MOST_MM = 0.6, 1 / 50, 7.0
MOST_STROKES = 1000
NOISE_MM = 1e-9
AFTER: dict[float, Turning] = {3.0: "cw", 4.0: "ccw", 5.0: "off"}


@dataclass(frozen=True, slots=True)
class Cycle:
    """A call with its heights (mm, in the work offset): return plane, start of the feed, reference, bottom."""

    name: str
    given: dict[str, float]
    clear: float
    start: float
    reference: float
    bottom: float


def called(name: str, arguments: Sequence[float | None], scale: float) -> Cycle:
    """A cycle with its arguments by name; ``scale`` is the length of the program's unit (mm).

    Raises:
        LineError: An argument is missing, contradicts another, or is one this reader cannot judge.
    """
    names = NAMES.get(name)
    if names is None:
        raise LineError("read.code-unsupported", f"{name} is not a cycle this reader knows")
    if len(arguments) > len(names):
        raise LineError("read.cycle", f"{name} has {len(names)} arguments, {len(arguments)} are given")
    given = {n: a for n, a in zip(names, arguments, strict=False) if a is not None}
    if not {"RTP", "RFP"} <= given.keys():
        raise LineError("read.cycle", f"{name} needs RTP and RFP")
    if ("DP" in given) == ("DPR" in given):
        raise LineError("read.cycle", f"{name} needs its depth once: DP or DPR")
    apart = given.get("SDIS", 0.0)
    if apart < 0 or given.get("DPR", 0.0) < 0:
        raise LineError("read.cycle", "SDIS and DPR have no sign")
    reference = given["RFP"]
    bottom = given["DP"] if "DP" in given else reference - given["DPR"]
    start, clear = reference + apart, given["RTP"]
    if clear < start - NOISE_MM:
        raise LineError("read.cycle", f"RTP {clear:g} lies below RFP and SDIS, {start:g} (alarm 61101)")
    if bottom >= reference:
        raise LineError("read.cycle", f"the depth {bottom:g} is not below RFP {reference:g}")
    cycle = Cycle(name, given, clear * scale, start * scale, reference * scale, bottom * scale)
    _check(cycle, scale)
    return cycle


def _check(cycle: Cycle, scale: float) -> None:
    given = cycle.given
    if cycle.name == "CYCLE83":
        _strokes(cycle, scale)
        odd = [n for n, only in (("DAM", 0), ("FRF", 1), ("DTB", 0), ("_MDEP", 0), ("_DTD", 0))
               if given.get(n, only) != only]  # fmt: skip
        if odd or given.get("_AXN", 3) != 3 or given.get("VARI") not in {0.0, 1.0}:
            raise LineError("read.cannot-judge", f"CYCLE83 with {' '.join(odd) or 'this VARI or _AXN'}")
    if cycle.name == "CYCLE84" and (
        "MPIT" in given or given.get("PIT", 0) <= 0 or given.get("SST", 0) <= 0 or given.get("SDAC") not in AFTER
    ):
        raise LineError("read.cycle", "CYCLE84 needs PIT and SST above zero, SDAC of 3, 4 or 5, and no MPIT")
    if cycle.name == "CYCLE85" and min(given.get("FFR", 0), given.get("RFF", 0)) <= 0:
        raise LineError("read.cycle", "CYCLE85 needs FFR and RFF above zero")
    if min(given.get("DTB", 0), given.get("DTS", 0), given.get("_VRT", 0), given.get("_DIS1", 0)) < 0:
        raise LineError("read.cannot-judge", f"{cycle.name} with a dwell or distance below zero")


def _strokes(cycle: Cycle, scale: float) -> list[float]:
    """The depths of deep drilling: the first as given, then in steps as long as the first, the last what remains."""
    given = cycle.given
    if ("FDEP" in given) == ("FDPR" in given):
        raise LineError("read.cycle", "CYCLE83 needs its first depth once: FDEP or FDPR")
    first = given["FDEP"] * scale if "FDEP" in given else cycle.reference - given["FDPR"] * scale
    step = cycle.reference - first
    if step <= 0 or first < cycle.bottom:
        raise LineError("read.cycle", f"the first depth {first:g} is not between RFP and the depth (alarm 61107)")
    if cycle.reference - cycle.bottom > MOST_STROKES * step:
        raise LineError("read.cycle", f"steps of {step:g} mm make more than {MOST_STROKES} strokes")
    count = math.ceil((cycle.reference - cycle.bottom) / step - 1e-6)
    return [*(cycle.reference - step * k for k in range(1, count)), cycle.bottom]


def run(cycle: Cycle, control: Control, scale: float, feed_scale: float) -> None:
    """Make the hole where the tool stands.

    Raises:
        LineError: The place or the feed is not known, or another state forbids drilling.
    """
    x, y = control.programmed(0), control.programmed(1)
    if math.isnan(x + y + control.programmed(2)):
        raise LineError("read.position-unknown", "a cycle starts where the position is not known")
    if control.plane != "G17" or control.compensation != "G40":
        raise LineError("read.cannot-judge", "a cycle outside G17, or under cutter compensation (alarm 61815)")
    own_feed = cycle.name in {"CYCLE84", "CYCLE85"}
    if not own_feed and (control.feed_mode != "G94" or control.feed <= 0):
        raise LineError("read.feed-missing", "the feed is zero or not in millimetres a minute")
    hole = _Hole(control, x, y)
    hole.rapid(cycle.start)
    given = cycle.given
    if cycle.name == "CYCLE83":
        _deep(hole, cycle, scale)
    elif cycle.name == "CYCLE84":
        _tap(hole, cycle, scale)
    elif cycle.name == "CYCLE85":
        hole.feed(cycle.bottom, given["FFR"] * feed_scale)
        hole.wait(given.get("DTB", 0.0))
        hole.feed(cycle.start, given["RFF"] * feed_scale)
    else:
        hole.feed(cycle.bottom, control.feed)
        hole.wait(given.get("DTB", 0.0))
    hole.rapid(cycle.clear)


class _Hole:
    """The tool going up and down at one place."""

    def __init__(self, control: Control, x: float, y: float) -> None:
        self.control = control
        self.at = x, y

    def rapid(self, z: float) -> None:
        if abs(z - self.control.programmed(2)) > NOISE_MM:
            self.control.go("rapid", self.control.at(*self.at, z))

    def feed(self, z: float, feed: float, pitch: float = 0.0) -> None:
        control = self.control
        modal, control.feed = control.feed, feed
        control.go("line", control.at(*self.at, z), pitch=pitch)
        control.feed = modal

    def wait(self, seconds: float) -> None:
        if seconds > 0:
            self.control.note("dwell", seconds)


def _deep(hole: _Hole, cycle: Cycle, scale: float) -> None:
    given, feed = cycle.given, hole.control.feed
    depth = cycle.reference - cycle.bottom
    ahead = given.get("_DIS1", 0.0) * scale or (
        AHEAD_MM if depth <= 30.0 else min(max(depth * AHEAD_SHARE, AHEAD_MM), AHEAD_MOST_MM)
    )
    back = given.get("_VRT", 0.0) * scale or BACK_OFF_MM
    strokes = _strokes(cycle, scale)
    for z in strokes[:-1]:
        hole.feed(z, feed)
        if given["VARI"] == 1.0:
            hole.rapid(cycle.start)
            hole.wait(given.get("DTS", 0.0))
            hole.rapid(min(z + ahead, cycle.start))
        else:
            hole.feed(min(z + back, cycle.start), feed)
    hole.feed(strokes[-1], feed)


def _tap(hole: _Hole, cycle: Cycle, scale: float) -> None:
    """Down in step with the spindle, back with it reversed; SST1 left out means as fast as in."""
    control, given = hole.control, cycle.given
    pitch = given["PIT"] * scale
    for way, speed, z in (
        ("cw", given["SST"], cycle.bottom),
        ("ccw", given.get("SST1", 0.0) or given["SST"], cycle.start),
    ):
        control.spindle, control.rpm = ("cw" if way == "cw" else "ccw"), speed
        hole.feed(z, pitch * speed, pitch)
        if way == "cw":
            hole.wait(given.get("DTB", 0.0))
    control.spindle = AFTER[given["SDAC"]]
    control.rpm = given["SST"]

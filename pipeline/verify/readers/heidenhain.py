"""Reads a Klartext program as a Heidenhain TNC 640 does: its blocks, its refusals, its drilling cycles.

Source: the maker's manuals of Klartext and cycle programming. Only what is known here is accepted.
"""

from __future__ import annotations

import math
import re
from typing import Literal

from pipeline.verify.readers import heidenhain_cycles
from pipeline.verify.readers.control import Control
from pipeline.verify.readers.heidenhain_words import PLAIN, SIGNED, Numbered, Words, blocks, parameters, words
from pipeline.verify.readers.types import Bench, Coolant, ReadProgram, Start, Turning
from pipeline.verify.readers.words import LineError

Point = tuple[float, float, float]

CIRCLE_MM = 0.005  # the parameter circleDeviation allows up to 0.016
MOST_TURN = 0.9
MOST_IPA_DEG = 5400.0
RADIUS_MM = 0.0005
HOSTILE = Start(
    plane="G18",
    wcs="G55",
    feed_mm_min=7777.0,
    compensation="G41",
    length_mm=33.0,
    length_offset=99,
    spindle="ccw",
    rpm=4321.0,
    coolant="flood",
    turned=True,
    scaled=True,
    mirrored=True,
    shifted=True,
)
DATUMS = {1: "G54", 2: "G55", 3: "G56", 4: "G57", 5: "G58", 6: "G59", 7: "G59.1", 8: "G59.2", 9: "G59.3"}
"""Rows of the preset table, as plans and setup sheets name the offsets."""

FRAME = re.compile(r"(BEGIN|END) PGM ([A-Z0-9][A-Z0-9_-]{0,23}) (MM|INCH)")
BLANK = re.compile(rf"BLK FORM 0\.(?:1 Z|2)((?: [XYZ]{SIGNED}){{3}})")
CALL = re.compile(rf"TOOL CALL (?:([0-9]{{1,5}}) )?Z S({PLAIN})(?: DR({SIGNED}))?")
CYCLE = re.compile(r"CYCL DEF ([0-9]{3})(?: [A-Z][A-Z-]*)*((?: Q[0-9]{3}=\S*)*)")
OLD_CYCLE = re.compile(rf"CYCL DEF (?:32\.0 TOLERANCE|32\.1(?: T({PLAIN}))?|9\.0 DWELL TIME|9\.1 DWELL ({PLAIN}))")
RADII = {"0": "G40", "L": "G41", "R": "G42"}
BEFORE: dict[str, tuple[Turning | None, Coolant | None]] = {
    "M3": ("cw", None),
    "M4": ("ccw", None),
    "M8": (None, "flood"),
    "M13": ("cw", "flood"),
    "M14": ("ccw", "flood"),
}
AFTER = ("M5", "M9", "M0", "M1", "M2", "M30", "M99")


def read(text: str, bench: Bench, start: Start | None = None) -> ReadProgram:
    """Read a whole program from the given modal state (by default the control's own after a program's end)."""
    control = Control(bench, start or Start(), touched_off=False)
    reader = _Reader(control)
    for block in blocks(text):
        control.line = block.line
        try:
            reader.numbered(block)
        except LineError as error:
            control.refuse(error.code, error.message, error.hint)
    if not reader.closed:
        control.refuse("read.frame", "the program has no END PGM")
    return control.result(path_modes=True, spindle_waits=True, retracts=True)


class _Reader:
    """One program's passage through the control: its frame, pole, tool and the cycle defined last."""

    def __init__(self, control: Control) -> None:
        self.control = control
        self.next = 0
        self.name = ""
        self.closed = False
        self.pole: tuple[float, float] | None = None
        self.radius = math.nan
        self.cycle: heidenhain_cycles.Cycle | None = None

    def numbered(self, block: Numbered) -> None:
        """One block with its number, which counts from 0."""
        expected, self.next = self.next, block.number + 1 if block.number >= 0 else self.next + 1
        if block.number < 0:
            raise LineError("read.block-number", "the block has no number", "Blocks are numbered from 0.")
        if block.number != expected:
            raise LineError("read.block-number", f"block {block.number} stands where {expected} is due")
        if block.error:
            raise block.error
        self.block(block.number, block.text)

    def block(self, number: int, text: str) -> None:
        """What a block does, by its first words."""
        frame = FRAME.fullmatch(text)
        if frame or number == 0:
            self._frame(number, frame)
        elif self.closed:
            raise LineError("read.after-end", f"{text!r} stands after END PGM")
        elif not text:
            return
        elif self.control.ended:
            raise LineError("read.after-end", f"{text!r} stands after the program's end")
        elif text.startswith("BLK FORM"):
            self._blank(text)
        elif text.startswith("TOOL "):
            self._tool(text)
        elif text.startswith("CYCL DEF"):
            self._define(text)
        else:
            self._path(text)

    def _frame(self, number: int, frame: re.Match[str] | None) -> None:
        begins = frame is not None and frame[1] == "BEGIN"
        if frame is None or begins != (number == 0):
            raise LineError("read.frame", "the program does not begin with BEGIN PGM, a name and MM")
        if frame[3] == "INCH":
            what = "an INCH program counts feeds in 0.1 inch a minute and cannot be judged"
            raise LineError("read.cannot-judge", what, "Post in millimetres.")
        if begins:
            self.name = frame[2]
            return
        self.closed = True
        if frame[2] != self.name:
            raise LineError("read.frame", f"END PGM {frame[2]} closes the program {self.name}")

    def _blank(self, text: str) -> None:
        found = BLANK.fullmatch(text)
        if not found or [w[0] for w in found[1].split()] != ["X", "Y", "Z"] or self.control.moves:
            raise LineError("read.word-unknown", f"{text!r} is not a blank form this reader knows")

    def _tool(self, text: str) -> None:
        """TOOL CALL changes the tool and brings its length and radius; without a number it changes the speed.

        The manual does not say whether DR holds over a change of speed: what is not said again counts as not known.
        """
        control = self.control
        found = CALL.fullmatch(text)
        if found is None:
            raise LineError("read.word-unknown", f"{text!r} is not a tool call this reader knows")
        if found[1]:
            number = control.known_tool("T", float(found[1]))
            control.change(number)
            control.length, control.length_offset = control.bench.gauge_mm[number], number
            control.plane = "G17"
        control.rpm = float(found[2])
        taken = float(found[3] or (0.0 if found[1] else math.nan))
        self.radius = control.bench.radius_mm.get(control.tool, math.nan) + taken

    def _define(self, text: str) -> None:
        control = self.control
        old = OLD_CYCLE.fullmatch(text)
        if old:
            if text.startswith("CYCL DEF 32.1"):
                control.note("path-mode", float(old[1]) if old[1] else 0.0)
            elif old[2]:
                control.note("dwell", float(old[2]))
            return
        found = CYCLE.fullmatch(text)
        if found is None:
            raise LineError("read.code-unsupported", f"{text[:40]!r} is not a cycle this reader knows")
        number, q = int(found[1]), parameters(found[2])
        if number != 247:
            self.cycle = heidenhain_cycles.defined(number, q)
            return
        if tuple(q) != ("Q339",) or q["Q339"] != int(q["Q339"]):
            raise LineError("read.cycle", "cycle 247 needs the datum's number, Q339")
        control.bent.clear()
        control.wcs = DATUMS.get(int(q["Q339"]), f"datum {q['Q339']:g}")

    def _path(self, text: str) -> None:
        """L, CC, C, CP, CYCL CALL, or functions alone."""
        kind, _, rest = text.partition(" ")
        if text.startswith("CYCL CALL"):
            kind, rest = "CALL", text.removeprefix("CYCL CALL").strip()
        elif re.fullmatch(r"M[0-9]{1,3}", kind):
            kind, rest = "M", text
        if kind not in {"L", "CC", "C", "CP", "CALL", "M"}:
            raise LineError("read.word-unknown", f"{text[:40]!r} is not a block this reader knows")
        found = words(rest)
        odd = [m for m in found.functions if m not in BEFORE and m not in AFTER and m != "M91"]
        if odd:
            raise LineError("read.code-unsupported", f"{' '.join(odd)} is not a function this reader knows")
        if "M91" in found.functions and kind != "L":
            raise LineError("read.cannot-judge", "M91 in a block other than L")
        self._before(found.functions)
        if kind == "CC":
            self._set_pole(found)
        elif kind == "L":
            self._line(found)
        elif kind in {"C", "CP"}:
            self._turn(kind, found)
        elif found.coordinates or found.angle is not None or found.turn or found.radius or found.feed is not None:
            raise LineError("read.words-unused", f"nothing uses the words of {text!r}")
        self._after(found.functions, called=kind == "CALL")

    def _before(self, functions: tuple[str, ...]) -> None:
        for name in functions:
            turning, coolant = BEFORE.get(name, (None, None))
            if turning:
                self.control.turn(turning)
            if coolant:
                self.control.coolant = coolant

    def _after(self, functions: tuple[str, ...], *, called: bool) -> None:
        control = self.control
        if called or "M99" in functions:
            if self.cycle is None:
                raise LineError("read.cycle", "a cycle is called before any is defined")
            heidenhain_cycles.run(self.cycle, control)
        if "M5" in functions:
            control.turn("off")
        if "M9" in functions:
            control.coolant = "off"
        if {"M0", "M1"} & set(functions):
            control.note("pause", 0.0)
        if {"M2", "M30"} & set(functions):
            control.note("end", 0.0)
            control.ended = True

    def _set_pole(self, found: Words) -> None:
        if found.coordinates.keys() != {"X", "Y"} or found.turn or found.radius or found.feed is not None:
            raise LineError("read.arc", "CC needs X and Y, both absolute, and nothing else")
        x, y, _ = self.control.at(found.coordinates["X"], found.coordinates["Y"], 0.0)
        self.pole = x, y

    def _line(self, found: Words) -> None:
        control = self.control
        if found.turn or found.angle is not None:
            raise LineError("read.words-unused", "DR or an angle in a straight line")
        machine = "M91" in found.functions
        goal = self._goal(found.coordinates, machine=machine)
        self._compensate(found.radius, across=goal[:2] != control.nose[:2], straight=True)
        rapid = found.feed is not None and found.feed < 0
        if found.feed is not None and not rapid:
            control.feed = found.feed
        if not found.coordinates:
            if machine or found.radius or not (found.functions or found.feed):
                raise LineError("read.no-axis", "L without a coordinate")
            return
        self._may_move(rapid=rapid)
        control.go("rapid" if rapid else "line", goal, machine=machine)

    def _goal(self, coordinates: dict[str, float], *, machine: bool) -> Point:
        control = self.control
        goal = list(control.nose)
        for axis, letter in enumerate("XYZ"):
            if letter in coordinates and f"I{letter}" in coordinates:
                raise LineError("read.word-repeated", f"{letter} stands twice in one block")
            if letter in coordinates:
                goal[axis] = coordinates[letter] + (0.0 if machine else control.offset(axis))
            elif f"I{letter}" in coordinates:
                if machine:
                    raise LineError("read.cannot-judge", "an incremental coordinate with M91")
                goal[axis] = control.nose[axis] + coordinates[f"I{letter}"]
        return goal[0], goal[1], goal[2]

    def _compensate(self, name: str, *, across: bool, straight: bool) -> None:
        """RL and RR with the tool's radius taken away by DR in the tool call leave the wear, which is zero at first."""
        control = self.control
        wanted = RADII.get(name, control.compensation)
        if wanted not in {control.compensation, "G40"}:
            if not abs(self.radius) <= RADIUS_MM:
                what = f"R{name} offsets the path by more than the wear"
                raise LineError("read.cannot-judge", what, "Take the tool's radius away with DR in TOOL CALL.")
            if not across:
                raise LineError("read.compensation", f"R{name} needs a move across in its block")
        if wanted != control.compensation and not straight:
            raise LineError("read.compensation", "radius compensation changes in an arc")
        control.compensation = wanted

    def _may_move(self, *, rapid: bool) -> None:
        control = self.control
        if control.compensation != "G40" and not abs(self.radius) <= RADIUS_MM:
            raise LineError("read.cannot-judge", "moves under a radius compensation that is not cancelled", "R0.")
        if not rapid and control.feed <= 0:
            raise LineError("read.feed-missing", "the feed is zero")

    def _turn(self, kind: str, found: Words) -> None:
        control = self.control
        begin = control.nose
        if control.plane != "G17":
            raise LineError("read.cannot-judge", "an arc before TOOL CALL ... Z", "Call the tool first.")
        if self.pole is None or math.isnan(sum(begin) + sum(self.pole)):
            raise LineError("read.position-unknown", "an arc without a centre (CC), or from a place not known")
        if not found.turn:
            raise LineError("read.arc", f"{kind} without DR+ or DR-")
        if found.feed is not None and found.feed < 0:
            raise LineError("read.arc", "an arc by FMAX")
        self._compensate(found.radius, across=True, straight=False)
        control.feed = found.feed if found.feed is not None else control.feed
        self._may_move(rapid=False)
        if kind == "C":
            self._circle(found, begin, self.pole)
        else:
            self._spiral(found, begin, self.pole)

    def _circle(self, found: Words, begin: Point, pole: tuple[float, float]) -> None:
        """C: flat, to X Y, both on the circle about CC."""
        if found.coordinates.keys() != {"X", "Y"} or found.angle is not None:
            raise LineError("read.arc", "C needs X and Y, both absolute; a helix is CP")
        goal = self._goal(found.coordinates, machine=False)
        r0, r1 = math.dist(begin[:2], pole), math.dist(goal[:2], pole)
        if abs(r0 - r1) > CIRCLE_MM or r0 < 1e-6:
            raise LineError("read.arc", f"the arc starts {r0:.4f} mm and ends {r1:.4f} mm from its centre")
        first = math.atan2(begin[1] - pole[1], begin[0] - pole[0])
        last = math.atan2(goal[1] - pole[1], goal[0] - pole[0])
        turn = ((last - first) * found.turn) % math.tau / math.tau
        if turn > MOST_TURN or math.dist(begin[:2], goal[:2]) < 1e-6:
            what = f"C over {turn or 1.0:.3f} of a turn; rounding may make it nothing or a whole one"
            raise LineError("read.arc-too-long", what, f"CP IPA for arcs of more than {MOST_TURN:g} of a turn.")
        self.control.go("ccw" if found.turn > 0 else "cw", goal, pole)

    def _spiral(self, found: Words, begin: Point, pole: tuple[float, float]) -> None:
        """CP: by the angle IPA about CC, rising by IZ evenly; told in half turns, as a plan may have them."""
        control = self.control
        if found.angle is None or not found.coordinates.keys() <= {"IZ"}:
            raise LineError("read.arc", "CP needs IPA, and takes no coordinate but IZ")
        if not 0 < abs(found.angle) <= MOST_IPA_DEG:
            raise LineError("read.arc", f"IPA{found.angle:+g}: the control takes up to {MOST_IPA_DEG:g} degrees")
        if (found.angle > 0) != (found.turn > 0):
            raise LineError("read.arc", "IPA and DR have different signs; the tool may take a wrong path")
        x, y = begin[0] - pole[0], begin[1] - pole[1]
        if math.hypot(x, y) < 1e-6:
            raise LineError("read.arc", "CP from its own centre")
        rise = found.coordinates.get("IZ", 0.0)
        kind: Literal["cw", "ccw"] = "ccw" if found.turn > 0 else "cw"
        halves = int(abs(found.angle) / 180.0 + 1e-9)
        for k in range(1, halves + 1):
            way = -1 if k % 2 else 1
            at = pole[0] + way * x, pole[1] + way * y, begin[2] + rise * 180.0 * k / abs(found.angle)
            control.go(kind, at if k % 2 else (begin[0], begin[1], at[2]), pole)
        rest = math.radians(found.angle - math.copysign(180.0 * halves, found.angle))
        if abs(rest) > 1e-9:
            x, y = control.nose[0] - pole[0], control.nose[1] - pole[1]
            cos, sin = math.cos(rest), math.sin(rest)
            goal = pole[0] + x * cos - y * sin, pole[1] + x * sin + y * cos, begin[2] + rise
            control.go(kind, goal, pole)
        control.nose = control.nose[0], control.nose[1], begin[2] + rise

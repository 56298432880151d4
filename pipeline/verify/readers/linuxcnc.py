"""Reads a program as a LinuxCNC 2.9 control does: its words, its refusals, its canned cycles.

Source: the LinuxCNC G-code reference and the behaviour of its stand-alone interpreter, which the tests run
beside this reader.
"""

from __future__ import annotations

import re
from typing import Literal

from pipeline.verify.readers.control import INCH_MM, NAN, Control, Slack
from pipeline.verify.readers.cycles import CYCLES, Cycle
from pipeline.verify.readers.types import Bench, ReadProgram, Start
from pipeline.verify.readers.words import LineError, checked, sorted_words, split

LINE_LIMIT = 255
# The control forgives 0.0283 mm and 0.1 %; the simulation follows the arc as the spiral this makes.
SLACK = Slack(end_mm=0.0282, share=0.001, most_mm=2.8, radius_mm=0.00127)
HOSTILE = Start(
    inch=True,
    absolute=False,
    plane="G18",
    wcs="G55",
    motion="G3",
    feed_mm_min=7777.0,
    feed_mode="G93",
    arc_centres="G90.1",
    compensation="G41",
    length_mm=33.0,
    length_offset=99,
    spindle="ccw",
    rpm=4321.0,
    coolant="flood",
    retract="G99",
)

GROUPS = {
    **dict.fromkeys(("G0", "G1", "G2", "G3", "G80", *CYCLES), "motion"),
    **dict.fromkeys(("G4", "G53", "G10", "G28", "G30", "G28.1", "G30.1", "G92", "G92.1", "G92.2", "G92.3"), "once"),
    **dict.fromkeys(("G17", "G18", "G19"), "plane"),
    **dict.fromkeys(("G90", "G91"), "distance"),
    **dict.fromkeys(("G90.1", "G91.1"), "arc-centres"),
    **dict.fromkeys(("G93", "G94", "G95"), "feed-mode"),
    **dict.fromkeys(("G20", "G21"), "units"),
    **dict.fromkeys(("G40", "G41", "G42", "G41.1", "G42.1"), "compensation"),
    **dict.fromkeys(("G43", "G43.1", "G43.2", "G49"), "length"),
    **dict.fromkeys(("G54", "G55", "G56", "G57", "G58", "G59", "G59.1", "G59.2", "G59.3"), "offset"),
    **dict.fromkeys(("G61", "G61.1", "G64"), "path"),
    **dict.fromkeys(("G98", "G99"), "retract"),
    "G97": "spindle-mode",
    **dict.fromkeys(("M0", "M1", "M2", "M30", "M60"), "stop"),
    "M6": "change",
    **dict.fromkeys(("M3", "M4", "M5"), "spindle"),
    **dict.fromkeys(("M7", "M8", "M9"), "coolant"),
}
LETTERS = "DFHIJKLNPQRSTXYZ"
COMMENT = re.compile(r"\(([^()]*)\)|;.*")
COMMAND = re.compile(
    r"[(;]\s*((?:LOG|LOGOPEN|LOGAPPEND|PROBEOPEN|PRINT|DEBUG|PY|PYRUN|ABORT)\s*,"
    r"|(?:LOGCLOSE|PROBECLOSE|PYRELOAD)\s*[),])",
    re.IGNORECASE | re.ASCII,
)
SHIFTS = ("G10", "G28.1", "G30.1", "G92", "G92.1", "G92.2", "G92.3", "G43.1", "G43.2")
TURNING: dict[str, Literal["off", "cw", "ccw"]] = {"M3": "cw", "M4": "ccw", "M5": "off"}
COOLANT: dict[str, Literal["off", "flood", "mist"]] = {"M7": "mist", "M8": "flood", "M9": "off"}


def read(text: str, bench: Bench, start: Start | None = None) -> ReadProgram:
    """Read a whole program from the given modal state (by default LinuxCNC's own at power-on)."""
    control = Control(bench, start or Start(), touched_off=False)
    reader = _Reader(control)
    framed = False
    for number, raw in enumerate(text.split("\n"), 1):
        control.line = number
        if len(raw) > LINE_LIMIT:
            control.refuse("read.line-too-long", f"{len(raw)} characters; the control takes {LINE_LIMIT}")
        try:
            line = _without_comments(raw)
            if line == "%":
                if framed or control.moves or control.ended:
                    break
                framed = True
            elif line and control.ended:
                control.refuse("read.after-end", f"{line!r} stands after the program's end")
                break
            elif line:
                reader.block(line)
        except LineError as error:
            control.refuse(error.code, error.message, error.hint)
    return control.result()


def _without_comments(raw: str) -> str:
    """The line's words, spaces out, upper case.

    Raises:
        LineError: A comment is nested, not closed or a command, or a character is not one of the control's.
    """
    line = "".join(COMMENT.sub("", checked(raw.removesuffix("\r"))).split())
    if COMMAND.search(raw):
        raise LineError("read.cannot-judge", "the comment is a command to the control", "Take it out.")
    if not line.isascii():
        raise LineError("read.character", "a character outside ASCII", "Only comments may hold it.")
    line = line.upper()
    if "(" in line or ")" in line:
        raise LineError("read.comment", "a comment is nested or not closed")
    return line


class _Reader:
    """One program's passage through the control: the modal state, the tool chosen, and the running cycle."""

    def __init__(self, control: Control) -> None:
        self.control = control
        self.cycle = Cycle()
        self.chosen = -1

    def block(self, line: str) -> None:
        """One line, in LinuxCNC's order of execution."""
        if line[0] == "O" or line[0] == "/" or any(c in line for c in "#[=<"):
            what = "subprograms, parameters, formulas and optional lines cannot be judged"
            raise LineError("read.cannot-judge", what, "Write the moves out.")
        codes, values = sorted_words(split(line), GROUPS, LETTERS)
        values.pop("N", None)
        self._speeds(codes, values)
        self._tool(codes, values)
        self._switches(codes, values)
        self._modes(codes, values)
        self._refused(codes)
        self._motion(codes, values)
        if values:
            raise LineError("read.words-unused", f"nothing uses the words {' '.join(sorted(values))}")
        self._stop(codes.get("stop", ""))

    def _speeds(self, codes: dict[str, str], values: dict[str, float]) -> None:
        control = self.control
        control.feed_mode = codes.get("feed-mode", control.feed_mode)
        if "F" in values:
            if "units" in codes:
                raise LineError("read.cannot-judge", "F and a change of units in one line", "Use two lines.")
            control.feed = values.pop("F") * control.scale
        control.rpm = values.pop("S", control.rpm)
        if control.feed < 0 or control.rpm < 0:
            raise LineError("read.negative", "a negative feed or speed")

    def _tool(self, codes: dict[str, str], values: dict[str, float]) -> None:
        control = self.control
        if "T" in values:
            number = values.pop("T")
            if number != int(number) or int(number) not in control.bench.gauge_mm:
                raise LineError("read.tool", f"T{number:g} is not in the machine's tool table")
            self.chosen = int(number)
        if "change" in codes:
            if self.chosen < 0:
                raise LineError("read.tool", "a tool change before any tool was chosen")
            control.note("tool-change", float(self.chosen))
            control.tool = self.chosen
            control.spindle = "off"

    def _switches(self, codes: dict[str, str], values: dict[str, float]) -> None:
        """Spindle, coolant, dwell, plane and units."""
        control = self.control
        if "spindle" in codes:
            control.turn(TURNING[codes["spindle"]])
        if "coolant" in codes:
            control.coolant = COOLANT[codes["coolant"]]
        if codes.get("once") == "G4":
            if "P" not in values:
                raise LineError("read.dwell", "a dwell without P")
            control.note("dwell", values.pop("P"))
        control.plane = codes.get("plane", control.plane)
        if "units" in codes:
            control.scale = INCH_MM if codes["units"] == "G20" else 1.0

    def _modes(self, codes: dict[str, str], values: dict[str, float]) -> None:
        """Compensation, tool length, work offset, path mode, distances, retracts."""
        control = self.control
        control.compensation = codes.get("compensation", control.compensation)
        length = codes.get("length", "")
        if length == "G49":
            control.length, control.length_offset = 0.0, 0
        elif length == "G43":
            number = int(values.pop("H", control.tool))
            if number not in control.bench.gauge_mm:
                raise LineError("read.tool", f"H{number} is not in the machine's tool table")
            control.length, control.length_offset = control.bench.gauge_mm[number], number
        control.wcs = codes.get("offset", control.wcs)
        path = codes.get("path", "")
        if path:
            control.note("path-mode", values.pop("P", NAN) * control.scale if path == "G64" else 0.0)
        if path == "G64":
            values.pop("Q", None)
        if "distance" in codes:
            control.absolute = codes["distance"] == "G90"
        control.arc_centres = codes.get("arc-centres", control.arc_centres)
        control.retract = codes.get("retract", control.retract)

    def _refused(self, codes: dict[str, str]) -> None:
        """What shifts offsets, or leads where the program does not say.

        Raises:
            LineError: The line does one of these.
        """
        control = self.control
        once = codes.get("once", "")
        shift = once if once in SHIFTS else codes.get("length", "")
        if shift in SHIFTS:
            control.note("offset", 0.0)
            raise LineError("read.offset-changed", f"{shift} changes an offset the setup sheet knows nothing of")
        if once in {"G28", "G30"}:
            control.nose = (NAN, NAN, NAN)
            raise LineError("read.cannot-judge", "the move ends at a place stored in the machine", "Use G53 G0 Z...")
        if codes.get("compensation", "G40") != "G40":
            what = "cutter radius compensation cannot be judged"
            raise LineError("read.cannot-judge", what, "Post the tool's centre.")

    def _motion(self, codes: dict[str, str], values: dict[str, float]) -> None:
        control = self.control
        motion = codes.get("motion", control.motion)
        fresh = control.motion != motion
        axes = values.keys() & {"X", "Y", "Z"}
        machine = codes.get("once") == "G53"
        if motion not in CYCLES:
            self.cycle = Cycle()
        if not axes and not (motion in {"G2", "G3"} and "motion" in codes):
            if machine or (motion in CYCLES and "motion" in codes):
                raise LineError("read.no-axis", "G53 or a cycle without an axis word")
            control.motion = motion
            return
        if machine and (motion not in {"G0", "G1"} or not control.absolute):
            raise LineError("read.modal-group", "G53 needs G0 or G1 and absolute distances")
        self._may_move(motion)
        if motion in {"G0", "G1"}:
            goal = control.machine_target(values) if machine else control.target(values)
            control.go("rapid" if motion == "G0" else "line", goal, machine=machine)
        elif motion in CYCLES:
            self.cycle.run(control, motion, values, fresh=fresh)
        else:
            if values.pop("P", 1.0) != 1.0:
                raise LineError("read.cannot-judge", "an arc of several turns cannot be judged", "One turn a line.")
            control.arc("cw" if motion == "G2" else "ccw", values, SLACK)
        control.motion = motion

    def _may_move(self, motion: str) -> None:
        """Refuse moves whose meaning hangs on a state that cannot be judged, or that have no feed."""
        control = self.control
        if motion == "G80":
            raise LineError("read.words-unused", "axis words while no motion is chosen")
        if control.compensation != "G40":
            raise LineError("read.cannot-judge", "moves under cutter radius compensation cannot be judged")
        if motion in {"G2", "G3"} and control.arc_centres != "G91.1":
            raise LineError("read.cannot-judge", "absolute arc centres cannot be judged", "Use G91.1.")
        if motion != "G0" and control.feed_mode != "G94":
            raise LineError("read.cannot-judge", "the feed is not in millimetres a minute", "Use G94.")
        if motion != "G0" and control.feed <= 0:
            raise LineError("read.feed-missing", "the feed is zero")

    def _stop(self, name: str) -> None:
        if name in {"M0", "M1", "M60"}:
            self.control.note("pause", 0.0)
        elif name:
            self.control.note("end", 0.0)
            self.control.ended = True

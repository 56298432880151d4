"""Reads a program as a Grbl 1.1 controller does: its words, its errors, its motion.

Error numbers in the messages are Grbl's own (gnea/grbl wiki, "Interface", v1.1).
"""

from __future__ import annotations

import re
from typing import Literal

from pipeline.verify.readers.control import INCH_MM, NAN, Control, Slack
from pipeline.verify.readers.types import Bench, ReadProgram, Start
from pipeline.verify.readers.words import LineError, checked, sorted_words, split

LINE_LIMIT = 79  # without spaces and comments
RAW_LIMIT = 256
SLACK = Slack(end_mm=0.005, share=0.001, most_mm=0.5, radius_mm=0.0)
HOSTILE = Start(
    inch=True,
    absolute=False,
    plane="G18",
    wcs="G55",
    motion="G3",
    feed_mm_min=7777.0,
    feed_mode="G93",
    spindle="ccw",
    rpm=4321.0,
    coolant="flood",
)

GROUPS = {
    **dict.fromkeys(("G0", "G1", "G2", "G3", "G80"), "motion"),
    **dict.fromkeys(("G38.2", "G38.3", "G38.4", "G38.5"), "motion"),
    **dict.fromkeys(("G4", "G53", "G10", "G28", "G30", "G28.1", "G30.1", "G92", "G92.1"), "once"),
    **dict.fromkeys(("G17", "G18", "G19"), "plane"),
    **dict.fromkeys(("G90", "G91"), "distance"),
    "G91.1": "arc-centres",
    **dict.fromkeys(("G93", "G94"), "feed-mode"),
    **dict.fromkeys(("G20", "G21"), "units"),
    "G40": "compensation",
    **dict.fromkeys(("G43.1", "G49"), "length"),
    **dict.fromkeys(("G54", "G55", "G56", "G57", "G58", "G59"), "offset"),
    "G61": "path",
    **dict.fromkeys(("M0", "M1", "M2", "M30"), "stop"),
    **dict.fromkeys(("M3", "M4", "M5"), "spindle"),
    **dict.fromkeys(("M8", "M9"), "coolant"),
}
LETTERS = "FIJKLNPRSTXYZ"
COMMENT = re.compile(r"\([^)]*\)?|;.*")
LINE_END = re.compile(r"\r\n|\n|\r")
REAL_TIME = "!?~"
SHIFTS = ("G10", "G28.1", "G30.1", "G92", "G92.1", "G43.1")
NOT_NEGATIVE = "FNPST"
MOST_TOOLS = 255
TURNING: dict[str, Literal["off", "cw", "ccw"]] = {"M3": "cw", "M4": "ccw", "M5": "off"}


def read(text: str, bench: Bench, start: Start | None = None) -> ReadProgram:
    """Read a whole program from the given modal state (by default Grbl's own at power-on).

    The operator touches every tool off on the work zero, so programmed Z is the tip's height.
    """
    control = Control(bench, start or Start(), touched_off=True)
    for number, raw in enumerate(LINE_END.split(text), 1):
        control.line = number
        try:
            line = without_comments(raw, LINE_LIMIT)
            if line and control.ended:
                control.refuse("read.after-end", f"{line!r} stands after the program's end")
                break
            if line:
                _block(control, line)
        except LineError as error:
            control.refuse(error.code, error.message, error.hint)
    return control.result()


def without_comments(raw: str, limit: int) -> str:
    """The line's words as the control buffers them: a comment begun by ``(`` ends at ``)``, whatever is in it.

    Raises:
        LineError: The line is too long, or holds a character the control acts on at once or cannot take.
    """
    if len(raw) > RAW_LIMIT:
        raise LineError("read.line-too-long", f"{len(raw)} characters; {RAW_LIMIT} are enough for any line")
    if not raw.isascii():
        raise LineError("read.character", "a character outside ASCII", "Spell comments in ASCII.")
    if any(c in raw for c in REAL_TIME):
        what = f"the control acts on each of {' '.join(REAL_TIME)} at once, even in a comment"
        raise LineError("read.character", what, "Take them out.")
    line = "".join(COMMENT.sub("", checked(raw)).split()).upper()
    if len(line) > limit:
        what = f"{len(line)} characters; the control takes {limit} (error 14)"
        raise LineError("read.line-too-long", what)
    return line


def _block(control: Control, line: str) -> None:
    """One line, in Grbl's order of execution."""
    if line[0] in "$/%":
        raise LineError("read.word-unknown", f"{line[:12]!r} is not a line of a program for this control")
    codes, values = sorted_words(split(line), GROUPS, LETTERS)
    if any(values.get(letter, 0.0) < 0 for letter in NOT_NEGATIVE):
        raise LineError("read.negative", "a negative F, N, P, S or T (error 4)")
    values.pop("N", None)
    _feeds(control, codes, values)
    _switches(control, codes, values)
    control.plane = codes.get("plane", control.plane)
    control.wcs = codes.get("offset", control.wcs)
    if "distance" in codes:
        control.absolute = codes["distance"] == "G90"
    _refused(control, codes, values)
    _motion(control, codes, values)
    if values:
        raise LineError("read.words-unused", f"nothing uses the words {' '.join(sorted(values))} (error 36)")
    _stop(control, codes.get("stop", ""))


def _feeds(control: Control, codes: dict[str, str], values: dict[str, float]) -> None:
    control.feed_mode = codes.get("feed-mode", control.feed_mode)
    if "units" in codes:
        control.scale = INCH_MM if codes["units"] == "G20" else 1.0
    if "F" in values:
        control.feed = values.pop("F") * control.scale
    control.rpm = values.pop("S", control.rpm)


def _switches(control: Control, codes: dict[str, str], values: dict[str, float]) -> None:
    """Tool word, spindle, coolant, dwell and path mode."""
    if "T" in values:
        number = values.pop("T")
        if number != int(number) or number > MOST_TOOLS:
            raise LineError("read.tool", f"T{number:g} is not a tool number (error 38)")
        if int(number) != control.tool:
            control.tool = int(number)
            control.note("tool-change", number)
    if "spindle" in codes:
        control.turn(TURNING[codes["spindle"]])
    if "coolant" in codes:
        control.coolant = "flood" if codes["coolant"] == "M8" else "off"
    if codes.get("once") == "G4":
        if "P" not in values:
            raise LineError("read.dwell", "a dwell without P (error 28)")
        control.note("dwell", values.pop("P"))
    if "path" in codes:
        control.note("path-mode", 0.0)


def _refused(control: Control, codes: dict[str, str], values: dict[str, float]) -> None:
    """What shifts offsets, or ends where the program does not say.

    Raises:
        LineError: The line does one of these.
    """
    once = codes.get("once", "")
    shift = once if once in SHIFTS else codes.get("length", "")
    if shift in SHIFTS:
        control.note("offset", 0.0)
        values.clear()
        raise LineError("read.offset-changed", f"{shift} changes an offset the setup sheet knows nothing of")
    probing = codes.get("motion", control.motion).startswith("G38")
    if once in {"G28", "G30"} or probing:
        control.nose = (NAN, NAN, NAN)
        values.clear()
        raise LineError("read.cannot-judge", "the move ends at a place the program does not say", "Use G53 G0 Z...")


def _motion(control: Control, codes: dict[str, str], values: dict[str, float]) -> None:
    control.motion = codes.get("motion", control.motion)
    axes = values.keys() & {"X", "Y", "Z"}
    motion = control.motion
    machine = codes.get("once") == "G53"
    if machine and (motion not in {"G0", "G1"} or not axes):
        raise LineError("read.modal-group", "G53 needs G0 or G1 (error 30) and an axis word (error 26)")
    if not axes and ("motion" not in codes or motion in {"G0", "G1", "G80"}):
        return
    if motion == "G80":
        raise LineError("read.words-unused", "axis words while no motion is chosen (error 31)")
    if motion != "G0":
        _feed_known(control)
    if motion in {"G0", "G1"}:
        goal = control.machine_target(values) if machine else control.target(values)
        control.go("rapid" if motion == "G0" else "line", goal, machine=machine)
        return
    if not axes & {"X", "Y"}:
        raise LineError("read.arc", "an arc without X or Y (error 26 or 32)")
    control.arc("cw" if motion == "G2" else "ccw", values, SLACK)


def _feed_known(control: Control) -> None:
    if control.feed_mode != "G94":
        raise LineError("read.cannot-judge", "the feed is not in millimetres a minute", "Use G94.")
    if control.feed <= 0:
        raise LineError("read.feed-missing", "no feed has been given (error 22)")


def _stop(control: Control, name: str) -> None:
    if name == "M0":
        control.note("pause", 0.0)
    elif name in {"M2", "M30"}:
        control.note("end", 0.0)
        control.ended = True

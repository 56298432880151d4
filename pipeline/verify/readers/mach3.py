"""Reads a program as Mach3 does: its words, its cycles, wear compensation by tool table rows from 101 on.

Source: "Using Mach3Mill", chapter on Mach 2 G- and M-code, as machinists quote it. Dwells are taken in seconds.
"""

from __future__ import annotations

import re

from pipeline.verify.readers.control import NAN, Control, Slack
from pipeline.verify.readers.iso import COMMON, Interpreter, Rules
from pipeline.verify.readers.types import Bench, ReadProgram, Start
from pipeline.verify.readers.words import LineError, checked

LINE_LIMIT = 120
HOSTILE = Start(
    inch=True, absolute=False, plane="G18", wcs="G55", motion="G3", feed_mm_min=7777.0, feed_mode="G93",
    arc_centres="G90.1", compensation="G41", length_mm=33.0, length_offset=99, spindle="ccw", rpm=4321.0,
    coolant="flood", retract="G99", turned=True, scaled=True,
    polar=True, shifted=True,
)  # fmt: skip
RULES = Rules(
    groups=COMMON
    | dict.fromkeys(("G73", "G81", "G82", "G83", "G85"), "motion")
    | dict.fromkeys(("G28.1", "G52", "G92", "G92.1", "G92.2", "G92.3"), "once")
    | dict.fromkeys(("G90.1", "G91.1"), "arc-centres")
    | dict.fromkeys(("G40", "G41", "G42"), "compensation")
    | dict.fromkeys(("G43", "G49"), "length")
    | dict.fromkeys(("G61", "G64"), "path")
    | dict.fromkeys(("G15", "G16"), "polar")
    | dict.fromkeys(("G50", "G51"), "scaling")
    | dict.fromkeys(("G68", "G69"), "turning")
    | {"M7": "coolant"},
    letters="DFHIJKLNPQRSTXYZ",
    slack=Slack(end_mm=0.005, share=0.001, most_mm=0.5, radius_mm=0.0),
    wear=100,
    whole="TDHN",
    path={"G61": 0.0, "G64": NAN},
    straightens={"G15": "polar", "G50": "scaled", "G69": "turned", "G92.1": "shifted"},
)
COMMENT = re.compile(r"\([^()]*\)")


def read(text: str, bench: Bench, start: Start | None = None) -> ReadProgram:
    """Read a whole program from the given modal state (by default Mach3's own at power-on)."""
    control = Control(bench, start or Start(), touched_off=False)
    interpreter = Interpreter(control, RULES)
    for number, raw in enumerate(text.split("\n"), 1):
        control.line = number
        try:
            line = _words(raw)
            if line and control.ended:
                control.refuse("read.after-end", f"{line!r} stands after the program's end")
                break
            if line:
                interpreter.block(line)
        except LineError as error:
            control.refuse(error.code, error.message, error.hint)
    return control.result(lengths=True, retracts=True, path_modes=True)


def _words(raw: str) -> str:
    """The line's words, spaces out, upper case.

    Raises:
        LineError: The line is too long, a comment is nested or not closed, or a character is not the control's.
    """
    if len(raw) > LINE_LIMIT:
        raise LineError("read.line-too-long", f"{len(raw)} characters; {LINE_LIMIT} are enough for any line")
    if not raw.isascii():
        raise LineError("read.character", "a character outside ASCII", "Spell comments in ASCII.")
    line = "".join(COMMENT.sub("", checked(raw.removesuffix("\r"))).split()).upper()
    if "(" in line or ")" in line:
        raise LineError("read.comment", "a comment is nested or not closed")
    if line[:1] in {"%", ";"}:
        raise LineError("read.word-unknown", f"{line[:12]!r} is not a line of a program for this control")
    return line

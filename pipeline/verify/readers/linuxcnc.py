"""Reads a program as a LinuxCNC 2.9 control does: its words, its refusals, its canned cycles.

Source: the LinuxCNC G-code reference and the behaviour of its stand-alone interpreter, which the tests run
beside this reader.
"""

from __future__ import annotations

import re

from pipeline.verify.readers.control import Control, Slack
from pipeline.verify.readers.iso import COMMON, Interpreter, Rules
from pipeline.verify.readers.types import Bench, ReadProgram, Start
from pipeline.verify.readers.words import LineError, checked

LINE_LIMIT = 255
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
    shifted=True,
)

# Of an arc the control forgives 0.0283 mm and 0.1 %; the simulation follows it as the spiral this makes.
RULES = Rules(
    groups=COMMON
    | dict.fromkeys(("G73", "G81", "G82", "G83", "G85", "G33.1"), "motion")
    | dict.fromkeys(("G28.1", "G30.1", "G92", "G92.1", "G92.2", "G92.3"), "once")
    | dict.fromkeys(("G90.1", "G91.1"), "arc-centres")
    | dict.fromkeys(("G40", "G41", "G42", "G41.1", "G42.1"), "compensation")
    | dict.fromkeys(("G43", "G43.1", "G43.2", "G49"), "length")
    | dict.fromkeys(("G59.1", "G59.2", "G59.3"), "offset")
    | dict.fromkeys(("G61", "G61.1", "G64"), "path")
    | {"G97": "spindle-mode", "M60": "stop", "M7": "coolant"},
    letters="DFHIJKLNPQRSTXYZ",
    slack=Slack(end_mm=0.0282, share=0.001, most_mm=2.8, radius_mm=0.00127),
    own_length=True,
    path={"G61": 0.0, "G61.1": 0.0},
    straightens={"G92.1": "shifted"},
)
COMMENT = re.compile(r"\(([^()]*)\)|;.*")
COMMAND = re.compile(
    r"[(;]\s*((?:LOG|LOGOPEN|LOGAPPEND|PROBEOPEN|PRINT|DEBUG|PY|PYRUN|ABORT)\s*,"
    r"|(?:LOGCLOSE|PROBECLOSE|PYRELOAD)\s*[),])",
    re.IGNORECASE | re.ASCII,
)


def read(text: str, bench: Bench, start: Start | None = None) -> ReadProgram:
    """Read a whole program from the given modal state (by default LinuxCNC's own at power-on)."""
    control = Control(bench, start or Start(), touched_off=False)
    reader = Interpreter(control, RULES)
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
    return control.result(lengths=True, retracts=True, path_modes=True)


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

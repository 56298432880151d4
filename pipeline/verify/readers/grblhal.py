"""Reads a program as grblHAL does: Grbl's refusals, its own canned cycles, tool lengths set at M6.

Source: the public source of grblHAL's parser and motion (gcode.c, motion_control.c): after a peck's full retract
it feeds down again, and waits 0.25 s at the bottom of every peck; error numbers are its own. G43 needs a tool
table that most boards are built without; the length measured at M6 holds until the next tool.
"""

from __future__ import annotations

from pipeline.verify.readers import grbl
from pipeline.verify.readers.control import Control
from pipeline.verify.readers.cycles import Pecks
from pipeline.verify.readers.iso import COMMON, Interpreter, Rules
from pipeline.verify.readers.types import Bench, ReadProgram, Start
from pipeline.verify.readers.words import LineError

LINE_LIMIT = 256
HOSTILE = Start(
    inch=True, absolute=False, plane="G18", wcs="G55", motion="G3", feed_mm_min=7777.0, feed_mode="G93",
    spindle="ccw", rpm=4321.0, coolant="flood", retract="G99", scaled=True,
)  # fmt: skip
RULES = Rules(
    groups=COMMON
    | dict.fromkeys(("G73", "G81", "G82", "G83", "G85"), "motion")
    | dict.fromkeys(("G28.1", "G30.1", "G92", "G92.1"), "once")
    | dict.fromkeys(("G50", "G51"), "scaling")
    | dict.fromkeys(("G43.1", "G43.2"), "once")
    | {"G91.1": "arc-centres", "G40": "compensation", "G61": "path", "G97": "spindle-mode", "M7": "coolant"},
    letters="FHIJKLNPQRSTXYZ",
    slack=grbl.SLACK,
    pecks=Pecks(feeds_back=True, dwell_s=0.25),
    path={"G61": 0.0},
    straightens={"G50": "scaled"},
)


def read(text: str, bench: Bench, start: Start | None = None) -> ReadProgram:
    """Read a whole program from the given modal state (by default grblHAL's own at power-on).

    Every tool's length is set at M6 (setting $341 = 1 to 3, or a magazine's), so programmed Z is the tip's height.
    """
    control = Control(bench, start or Start(), touched_off=True)
    interpreter = Interpreter(control, RULES)
    for number, raw in enumerate(grbl.LINE_END.split(text), 1):
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
    return control.result(retracts=True, feeds_back=True)


def _words(raw: str) -> str:
    line = grbl.without_comments(raw, LINE_LIMIT)
    if line[:1] in {"$", "%"}:
        raise LineError("read.word-unknown", f"{line[:12]!r} is not a line of a program for this control")
    return line

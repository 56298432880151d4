"""Walks through a program that stands between percent signs and begins with its number, as on Fanuc and Haas."""

from __future__ import annotations

import re

from pipeline.verify.readers.control import Control
from pipeline.verify.readers.iso import Interpreter
from pipeline.verify.readers.words import LineError, checked

LINE_LIMIT = 80
MARKS = " .,=_-"
COMMENT = re.compile(r"\([^()]*\)")
WORDS = re.compile(r"[A-Z0-9+\-. ]*")


def walk(text: str, control: Control, interpreter: Interpreter, number: re.Pattern[str]) -> None:
    """Run every line; ``number`` is what the line with the program's number looks like, without its comment.

    What is wrong with the frame, a line or its characters becomes a finding of the control.
    """
    lines = text.removesuffix("\n").split("\n")
    number_next = False
    for at, raw in enumerate(lines, 1):
        control.line = at
        try:
            line = _words(raw)
            if at == 1 or number_next:
                number_next = _frame(control, line, number if number_next else None)
            elif line == "%":
                break
            elif line and control.ended:
                control.refuse("read.after-end", f"{line!r} stands after the program's end")
                break
            elif line:
                interpreter.block(line)
        except LineError as error:
            control.refuse(error.code, error.message, error.hint)
    else:
        control.refuse("read.frame", "the program does not end with %", "End with a line %.")
    if any(line.strip() for line in lines[control.line :]):
        control.refuse("read.after-end", "text stands after the closing %")


def _frame(control: Control, line: str, number: re.Pattern[str] | None) -> bool:
    """The opening % and the program's number; returns whether the number comes next."""
    if number is None:
        if line != "%":
            control.refuse("read.frame", "the program does not begin with %", "Begin with a line %.")
        return True
    if not number.fullmatch(line):
        control.refuse("read.frame", f"{line!r} is not a program number", "Put O and the number after %.")
    return False


def _words(raw: str) -> str:
    """The line's words, spaces out.

    Raises:
        LineError: The line is too long, or holds a character the control does not know.
    """
    if len(raw) > LINE_LIMIT:
        raise LineError("read.line-too-long", f"{len(raw)} characters; {LINE_LIMIT} are what the control shows")
    line = checked(raw.removesuffix("\r"))
    for comment in COMMENT.findall(line):
        odd = next(
            (c for c in comment[1:-1] if not (c.isascii() and (c.isupper() or c.isdigit())) and c not in MARKS), ""
        )
        if odd:
            raise LineError("read.character", f"{odd!r} in a comment is not a character of this control")
    line = COMMENT.sub("", line)
    if "(" in line or ")" in line:
        raise LineError("read.comment", "a comment is nested or not closed")
    if line.strip() == "%":
        return "%"
    if not WORDS.fullmatch(line):
        if any(c in line for c in "#[]/=<>*"):
            what = "subprograms, parameters, formulas and optional lines cannot be judged"
            raise LineError("read.cannot-judge", what, "Write the moves out.")
        raise LineError("read.character", f"{line.strip()[:12]!r} holds a character this control does not know")
    return line.replace(" ", "")

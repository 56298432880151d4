"""Finds in a program's text the register where the operator enters each finishing tool's wear."""

from __future__ import annotations

import re
from collections.abc import Iterable

from model.program import Program

COMMENT = re.compile(r"\([^)]*\)|;[^\n]*|\* - [^\n]*|(?:BEGIN|END) PGM[^\n]*")
TOOL_WORD = re.compile(r"(?:(?<![A-Z])T|TOOL CALL )(\d+)(?![.\d])", re.IGNORECASE)
_EDGE = re.compile(r"(?<![A-Z])D(\d+)")
_ON = re.compile(r"(?<![A-Z])(?:G4[12](?:\.1)?|R[LR])(?![.\dA-Z])")


def wear_registers(programs: Iterable[Program]) -> dict[int, str]:
    """The wear register by T number, for every tool that cuts with compensation switched on.

    "D7" is the register of that number, or the edge of that number of the tool itself where the control keeps wear
    there; "DR" the tool table's column where the control knows no D word.
    """
    found: dict[int, str] = {}
    for program in programs:
        tool, edge = 0, "DR"
        for line in COMMENT.sub("", program.text).split("\n"):
            called = TOOL_WORD.search(line)
            tool = int(called[1]) if called else tool
            named = _EDGE.search(line)
            edge = f"D{named[1]}" if named else edge
            if _ON.search(line):
                found[tool] = edge
    return found

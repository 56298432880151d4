"""Compares what two program texts tell the operator: a comment moves no tool, but somebody acts on it."""

from __future__ import annotations

import re
from itertools import zip_longest

from model.finding import Finding
from model.program import Program

FRAMED = re.compile(r"\(([^()]*)\)")
FRAMED_OR_TAIL = re.compile(r"\(([^()]*)\)|;(.*)")
TAIL = re.compile(r";(.*)")
TAIL_OR_ITEM = re.compile(r";(.*)|^\d+ \* -(.*)")
STYLES = {"fanuc": FRAMED, "haas": FRAMED, "heidenhain": TAIL_OR_ITEM, "sinumerik": TAIL}


def told(program: Program) -> list[tuple[int, str]]:
    """The comments of a program, each with its line, in order; spaces at their ends do not count."""
    style = STYLES.get(program.dialect, FRAMED_OR_TAIL)
    return [
        (number, next((g for g in found.groups() if g is not None), "").strip())
        for number, line in enumerate(program.text.splitlines(), 1)
        for found in style.finditer(line)
    ]


def comment_notes(released: Program, other: Program) -> tuple[Finding, ...]:
    """A note when another text does not tell the operator, word for word, what the released one does."""
    pairs = list(zip_longest(told(released), told(other), fillvalue=(0, "")))
    different = [(a, b) for a, b in pairs if a[1] != b[1]]
    if not different:
        return ()
    (_, was), (line, now) = different[0]
    message = f"{len(different)} comments for the operator differ; the first: {now!r} where {was!r} stands"
    place = f"{other.name} line {line}" if line else f"{other.name} end"
    return (Finding("verify.other-comments", message, place, severity="note"),)

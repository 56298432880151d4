"""Splits a line of a program into its words, as the controls' own parsers do."""

from __future__ import annotations

import re
from collections.abc import Mapping

WORD = re.compile(r"([A-Z])([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))")
MOST = 100_000.0  # beyond any coordinate, radius, feed or speed there is


class LineError(ValueError):
    """A line a control refuses. ``code`` is the dotted code of the finding."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


def checked(raw: str) -> str:
    """The line itself when it holds nothing but what can be seen, and tabs.

    Raises:
        LineError: A control character, an odd space or separator: controls and editors disagree about these.
    """
    odd = next((c for c in raw if not c.isprintable() and c != "\t"), "")
    if odd:
        raise LineError("read.character", f"the character U+{ord(odd):04X} cannot be seen", "Take it out.")
    return raw


def split(text: str, thousandths: str = "") -> list[tuple[str, float]]:
    """The words of a line without comments, spaces out, upper case: ``[("G", 1.0), ("X", -2.5)]``.

    The letters ``thousandths`` count in thousandths when their number has no point.

    Raises:
        LineError: Something in the line is not a letter followed by a plain number, or the number is beyond reason.
    """
    words: list[tuple[str, float]] = []
    at = 0
    end = len(text)
    match = WORD.match
    while at < end:
        found = match(text, at)
        if found is None:
            raise LineError("read.word-unknown", f"{text[at : at + 12]!r} is not a letter and a number")
        number = float(found[2])
        if found[1] in thousandths and "." not in found[2]:
            number /= 1000
        if abs(number) > MOST and found[1] != "N":
            raise LineError("read.number-too-large", f"{found[1]}{number:g} is more than {MOST:g}")
        words.append((found[1], number))
        at = found.end()
    return words


def bare(text: str, letters: str) -> str:
    """The first word of these letters whose number is not zero and has no point; "" when there is none."""
    return next((a + n for a, n in WORD.findall(text) if a in letters and "." not in n and float(n)), "")


def broken(text: str, letters: str) -> str:
    """The first word of these letters whose number has a point; "" when there is none."""
    return next((a + n for a, n in WORD.findall(text) if a in letters and "." in n), "")


def code(letter: str, number: float) -> str:
    """A G or M word's name without padding: ``G1``, ``G43.1``.

    Raises:
        LineError: More than one decimal: no control has such a code.
    """
    tenths = round(number * 10)
    if abs(number * 10 - tenths) > 1e-6 or number < 0:
        raise LineError("read.word-unknown", f"{letter}{number:g} is not a code of this control")
    whole, rest = divmod(tenths, 10)
    return f"{letter}{whole}.{rest}" if rest else f"{letter}{whole}"


def sorted_words(
    words: list[tuple[str, float]], groups: Mapping[str, str], letters: str
) -> tuple[dict[str, str], dict[str, float]]:
    """Codes by modal group, and value words by letter.

    ``groups`` names the modal group of every code the control knows, ``letters`` are its other words.

    Raises:
        LineError: A code or word the control does not know, two of one group, or a word given twice.
    """
    codes: dict[str, str] = {}
    values: dict[str, float] = {}
    for letter, number in words:
        if letter in "GM":
            name = code(letter, number)
            group = groups.get(name)
            if group is None:
                raise LineError("read.code-unsupported", f"{name} is not a code this control takes")
            if group in codes:
                raise LineError("read.modal-group", f"{codes[group]} and {name} cannot stand in one line")
            codes[group] = name
        elif letter not in letters:
            raise LineError("read.word-unknown", f"{letter}{number:g} is not a word of this control")
        elif letter in values:
            raise LineError("read.word-repeated", f"the word {letter} stands twice in one line")
        else:
            values[letter] = number
    return codes, values

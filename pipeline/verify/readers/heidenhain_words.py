"""Puts the lines of a Klartext program together into numbered blocks and takes their words apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.verify.readers.words import MOST, LineError, checked

LINE_LIMIT = 255
SIGNED = r"[+-][0-9]{1,6}(?:\.[0-9]{1,4})?"
PLAIN = r"[0-9]{1,6}(?:\.[0-9]{1,3})?"
PARAMETER = re.compile(rf"(Q[0-9]{{3}})=({SIGNED})")
UNSIGNED = re.compile(r"(?:I?[XYZ]|IPA|Q[0-9]{3}=)[0-9.]")
STRUCTURE = re.compile(r"^(\s*[0-9]*)\s*\* -.*")
"""A structure item: its text stands for itself and does nothing."""
RANKS = ("coordinate", "turn", "radius", "feed", "function")
PATTERNS = (
    ("coordinate", re.compile(rf"(I?[XYZ]|IPA)({SIGNED})")),
    ("turn", re.compile(r"(DR)([+-])")),
    ("radius", re.compile(r"(R)(?=[0LR])(.)")),
    ("feed", re.compile(rf"(F)({PLAIN}|MAX)")),
    ("function", re.compile(r"(M)([0-9]{1,3})")),
)


@dataclass(frozen=True, slots=True)
class Numbered:
    """A block as it stands in the file: its first line, its number (-1: none), and its text without comments."""

    line: int
    number: int
    text: str
    error: LineError | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """A path block taken apart; ``turn`` is DR's sign (0: none), ``radius`` is "", "0", "L" or "R".

    ``feed`` is below 0 for FMAX, and None when the block has no F.
    """

    coordinates: dict[str, float]
    angle: float | None
    turn: int
    radius: str
    feed: float | None
    functions: tuple[str, ...]


def blocks(text: str) -> Iterator[Numbered]:
    """The numbered blocks, their continuation lines (after ``~``) joined."""
    first, number, parts = 0, -1, [""]
    going = False
    error: LineError | None = None
    for line, raw in enumerate(text.split("\n"), 1):
        if not raw.strip() and not going:
            continue
        odd = _odd(raw.removesuffix("\r"))
        plain, goes_on = _without_comment("".join(c if c.isprintable() else " " for c in raw))
        found = re.match(r"([0-9]+)(?:\s+|$)(.*)", plain)
        if not going:
            first, error = line, odd
            number, parts = (int(found[1]), [found[2]]) if found else (-1, [plain])
        else:
            cut = LineError("read.block", "a block that goes on (~) is cut off by the next one") if found else None
            error = error or odd or cut
            parts.append(plain)
        going = goes_on
        if not going:
            yield Numbered(first, number, " ".join(" ".join(parts).split()).upper(), error)
    if going:
        yield Numbered(first, number, "", LineError("read.block", "the last block goes on (~), but the program ends"))


def _odd(raw: str) -> LineError | None:
    """What no line of a program may hold, if this one does."""
    try:
        checked(raw)
    except LineError as error:
        return error
    if len(raw) > LINE_LIMIT:
        return LineError("read.line-too-long", f"{len(raw)} characters; the control takes {LINE_LIMIT}")
    if not raw.partition(";")[0].isascii():
        return LineError("read.character", "a character outside ASCII", "Only comments may hold it.")
    return None


def _without_comment(raw: str) -> tuple[str, bool]:
    goes_on = raw.rstrip().endswith("~")
    body = raw.rstrip().removesuffix("~") if goes_on else raw
    return STRUCTURE.sub(r"\1", body.partition(";")[0]).strip(), goes_on


def words(text: str) -> Words:
    """The words of a path block, which must stand in the control's order: path, DR, radius, feed, functions.

    Raises:
        LineError: A word is not known, stands twice or out of order, or its number has no sign.
    """
    coordinates: dict[str, float] = {}
    once: dict[str, str] = {}
    functions: list[str] = []
    rank = 0
    for word in text.split():
        kind, key, value = _kind(word)
        if key in coordinates or key in once or word in functions:
            raise LineError("read.word-repeated", f"{word} stands twice, or beside another of its kind")
        if RANKS.index(kind) < rank:
            raise LineError("read.word-order", f"{word} stands behind a word for the {RANKS[rank]}")
        rank = RANKS.index(kind)
        if kind == "coordinate" and key != "IPA":
            coordinates[key] = float(value)
        elif kind == "function":
            functions.append(word)
        else:
            once[key] = value
    angle = float(once["IPA"]) if "IPA" in once else None
    if max((abs(c) for c in (*coordinates.values(), angle or 0.0)), default=0.0) > MOST:
        raise LineError("read.number-too-large", f"a number of more than {MOST:g}")
    fed = once.get("F", "")
    feed = -1.0 if fed == "MAX" else float(fed) if fed else None
    turn = {"+": 1, "-": -1}.get(once.get("DR", ""), 0)
    return Words(coordinates, angle, turn, once.get("R", ""), feed, tuple(functions))


def _kind(word: str) -> tuple[str, str, str]:
    """Where a word stands in its block, what it is, and its value."""
    for kind, pattern in PATTERNS:
        found = pattern.fullmatch(word)
        if found:
            return kind, found[1], found[2]
    if UNSIGNED.match(word):
        raise LineError("read.sign-missing", f"{word} has no sign", "This control's numbers begin with + or -.")
    raise LineError("read.word-unknown", f"{word!r} is not a word this reader knows")


def parameters(text: str) -> dict[str, float]:
    """Q parameters of a cycle's definition, in their order.

    Raises:
        LineError: One is not a Q parameter with a signed number, or stands twice.
    """
    found: dict[str, float] = {}
    for word in text.split():
        match = PARAMETER.fullmatch(word)
        if match is None:
            if UNSIGNED.match(word):
                raise LineError("read.sign-missing", f"{word} has no sign", "Write + or - before the number.")
            raise LineError("read.cycle", f"{word!r} is not a Q parameter with a number")
        if match[1] in found:
            raise LineError("read.word-repeated", f"{match[1]} stands twice in one cycle")
        found[match[1]] = float(match[2])
    return found

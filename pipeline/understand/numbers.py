"""Finds the numbers of a sentence: sizes such as "120 x 40 mm", measures with units, counts in digits and words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from model.errors import OrderError
from model.units import NUMBER, UNIT, UNITS, Dimension, parse_number
from pipeline.understand.lexicon import NUMBER_WORDS

_WORD_NUMBER = "(?:" + "|".join(sorted(map(re.escape, NUMBER_WORDS), key=lambda w: (-len(w), w))) + r")(?!\w)"
_NO_INCH = r"(?<=in)\s+(?:an?|the|each|every|total|all|one|both|my|our|your|this)\b"
_BEFORE = r"(?<![\w.,/])"
_AFTER = r"(?![\w]|[.,]\d)"
_BY = r"\s*(?:[x×хXХ*]|(?<=\s)(?:by|на)(?=\s))\s*"
_ITEM = rf"{NUMBER}(?:[\s-]?{UNIT})?"
_GROUP = re.compile(rf"{_BEFORE}{_ITEM}(?:{_BY}{_ITEM}){{1,2}}{_AFTER}", re.IGNORECASE)
_UP_TO = r"(?:[-–—]|\.\.\.?|…|(?<=\s)(?:or|to|или|до)(?=\s))"
_RANGE = re.compile(rf"{_BEFORE}{_ITEM}\s?{_UP_TO}\s?{_ITEM}{_AFTER}", re.IGNORECASE)
_OPEN = r"(?:(?<=[^\s])[-–—](?=[^\s])|\s?(?:±|\+/-)\s?|\s(?:or|to|или|до)\s)"
_MAYBE = rf"{_ITEM}({_OPEN}{_ITEM})?"
_SPREAD = re.compile(
    rf"{_BEFORE}(?:((?:between|между)\s+{_ITEM}\s+(?:and|и|to|до)\s+{_ITEM})"
    rf"|{_MAYBE}(?:{_BY}{_MAYBE}(?:{_BY}{_MAYBE})?)?){_AFTER}",
    re.IGNORECASE,
)
_CHAIN = re.compile(r"(?<!\w)\d+(?:[-–—]\d+){2,}(?!\w)")
_SIGN = re.compile(r"(?<![\w)])[-−–±]$")
_MEASURE = re.compile(
    rf"(?:(?P<sign>[Øø⌀]\s?|(?<!\w)[RrDd](?=\d))|{_BEFORE})(?P<number>{NUMBER}|{_WORD_NUMBER})[\s-]?(?P<unit>{UNIT})(?!\w)(?!{_NO_INCH})"
    rf"|(?P<mark>[Øø⌀]\s?|(?<!\w)[RrDd](?=\d))(?P<bare>{NUMBER}){_AFTER}",
    re.IGNORECASE,
)
_TIMES = re.compile(
    rf"(?<!\w)[x×хXХ]\s?(?P<a>\d+)(?!\w)|{_BEFORE}(?P<b>\d+)\s?[x×хXХ](?=\s+[^\W\d])|{_BEFORE}(?P<d>\d+)-(?:мя|ми|ух|ёх|ех|х|ти|ю)(?!\w)|{_BEFORE}(?P<c>{NUMBER}){_AFTER}"
)
_SPLIT = re.compile(_BY, re.IGNORECASE)
_PART = re.compile(rf"(?P<number>{NUMBER})(?:[\s-]?(?P<unit>{UNIT}))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number or a size and where it stands: ``text[start:end]``.

    ``values`` are exact, in mm, g, mm3 or deg when ``dimension`` is told. ``kind`` "size" has two or three values;
    "measure" one with a unit; "count" one without; "range" means the wish leaves the value open.
    ``bare`` is True when no unit was written. ``sign`` is "diameter" or "radius" for Ø5, D5 and R5.
    """

    kind: str
    values: tuple[Fraction, ...]
    dimension: Dimension | None
    start: int
    end: int
    bare: bool = False
    sign: str = ""


def numerals(text: str) -> list[Numeral]:
    """Every numeral of ``text``, in order; none overlap.

    Raises:
        OrderError: ``units.ambiguous-comma`` or ``units.not-a-number`` (1/0).
    """
    found: list[Numeral] = []
    free = text
    for pattern, read in (
        (_CHAIN, _range),
        (_SPREAD, _spread),
        (_GROUP, _size),
        (_RANGE, _range),
        (_MEASURE, _measure),
        (_TIMES, _count),
    ):
        for match in pattern.finditer(free):
            one = read(match)
            if one is not None:  # a sign before it is never dropped: "-100 x 40 mm" is no size
                signed = bool(_SIGN.search(text[: one.start]))
                found.append(Numeral("range", (), None, one.start - 1, one.end) if signed else one)
        for one in found:
            free = free[: one.start] + "\ue001" * (one.end - one.start) + free[one.end :]
    found += [
        Numeral("count", (Fraction(NUMBER_WORDS[m[0].lower()]),), None, m.start(), m.end())
        for m in re.finditer(rf"(?<!\w){_WORD_NUMBER}", free, re.IGNORECASE)
    ]
    return sorted(found, key=lambda n: n.start)


def _unit(written: str | None) -> tuple[Dimension, Fraction] | None:
    if not written:
        return None
    return UNITS.get(written) or UNITS[written.lower()]


def _size(match: re.Match[str]) -> Numeral | None:
    """A size: a part without a unit takes that of the next part that has one."""
    parts = [_PART.fullmatch(p) for p in _SPLIT.split(match[0])]
    units = [_unit(p["unit"]) if p else None for p in parts]
    values: list[Fraction] = []
    last = next((u for u in reversed(units) if u), None)
    if None in units and len({u for u in units if u}) > 1:  # 12 cm x 40 mm x 2
        return _range(match)
    for index, part in enumerate(parts):
        if part is None:
            return None
        unit = next((u for u in units[index:] if u), last) or ("length", Fraction(1))
        if unit[0] != "length":
            return None
        values.append(parse_number(part["number"]) * unit[1])
    return Numeral("size", tuple(values), "length", match.start(), match.end(), bare=last is None)


def _range(match: re.Match[str]) -> Numeral:
    return Numeral("range", (), None, match.start(), match.end())


def _spread(match: re.Match[str]) -> Numeral | None:
    """A size or measure with an open part: "100-120 x 40", "100 ± 0.05 x 40", "between 2 and 3 mm"."""
    return _range(match) if any(match.groups()) else None


def _measure(match: re.Match[str]) -> Numeral | None:
    sign = (match["sign"] or match["mark"] or "").strip().lower()
    meant = "radius" if sign == "r" else "diameter" if sign else ""
    if match["bare"]:
        return Numeral(
            "measure", (parse_number(match["bare"]),), "length", match.start(), match.end(), bare=True, sign=meant
        )
    word = match["number"].lower()
    if word in NUMBER_WORDS and match["unit"].lower() == "in":  # "two in the corners"
        return None
    number = Fraction(NUMBER_WORDS[word]) if word in NUMBER_WORDS else parse_number(match["number"])
    unit = _unit(match["unit"])
    if unit is None:  # the pattern has a unit, so this cannot be
        raise OrderError("units.missing", f"{match[0]!r} has no unit", value=match[0])
    return Numeral("measure", (number * unit[1],), unit[0], match.start(), match.end(), sign=meant)


def _count(match: re.Match[str]) -> Numeral:
    digits = match["a"] or match["b"] or match["c"] or match["d"]
    return Numeral("count", (parse_number(digits),), None, match.start(), match.end())

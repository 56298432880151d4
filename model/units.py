"""Lengths, masses, volumes and angles as people write them, read once, at the border, without rounding."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from model.errors import OrderError

Dimension = Literal["length", "mass", "volume", "angle"]

BASE_UNITS: dict[Dimension, str] = {"length": "mm", "mass": "g", "volume": "mm3", "angle": "deg"}

_SPELLINGS: dict[tuple[Dimension, Fraction], str] = {
    ("length", Fraction(1, 1000)): "µm μm um мкм micron microns микрон микрона микронов",
    ("length", Fraction(1)): (
        "mm millimetre millimetres millimeter millimeters мм миллиметр миллиметра миллиметров миллиметры"
    ),
    ("length", Fraction(10)): (
        "cm centimetre centimetres centimeter centimeters см сантиметр сантиметра сантиметров сантиметры"
    ),
    ("length", Fraction(1000)): "m metre metres meter meters м метр метра метров метры",
    ("length", Fraction(254, 10)): 'in inch inches " ″ ” дюйм дюйма дюймов дюймы',
    ("length", Fraction(3048, 10)): "ft foot feet фут фута футов",
    ("mass", Fraction(1)): "g gram grams г гр грамм грамма граммов",
    ("mass", Fraction(1000)): "kg kilogram kilograms кг килограмм килограмма килограммов",
    ("volume", Fraction(1)): "mm3 mm³ мм3 мм³",
    ("volume", Fraction(1000)): "cm3 cm³ см3 см³ ml мл",
    ("angle", Fraction(1)): "deg ° degree degrees град градус градуса градусов",
}
UNITS: dict[str, tuple[Dimension, Fraction]] = {
    word: meaning for meaning, words in _SPELLINGS.items() for word in words.split()
}

_SPACE = "[ \u00a0\u202f\u2009]"
_THIN = "[\u00a0\u202f\u2009]"
NUMBER = (
    rf"(?:\d+{_SPACE}+\d+\s?/\s?\d+"  # 1 1/2
    r"|\d+\s?/\s?\d+"  # 3/8
    rf"|\d{{1,3}}(?:{_THIN}\d{{3}})+(?:[.,]\d+)?"  # 1 200,5 with a no-break space
    r"|\d+(?:[.,]\d+)?)"
)
"""A regular expression (no groups) for one number as written in English or Russian."""

UNIT = "(?:" + "|".join(sorted(map(re.escape, UNITS), key=lambda u: (-len(u), u))) + r")(?![^\W\d_]|[³3](?!\d))"
"""A regular expression (no groups) for one known unit, not followed by a letter."""

_VULGAR = {"½": "1/2", "¼": "1/4", "¾": "3/4", "⅛": "1/8", "⅜": "3/8", "⅝": "5/8", "⅞": "7/8", "⅓": "1/3", "⅔": "2/3"}
_GROUPED = r"\d{1,3}(?: \d{3})+(?:[.,]\d+)?"
_QUANTITY = re.compile(
    rf"(?P<sign>[-+\u2212]?)\s*(?P<number>{NUMBER}|{_GROUPED})(?P<unit>\s*(?:[^\s\d.,].*)?)", re.ASCII
)
_AMBIGUOUS = re.compile(r"[1-9]\d{0,2},\d{3}")
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Quantity:
    """An exact number with its dimension: ``value`` is in mm, g, mm3 or deg."""

    value: Fraction
    dimension: Dimension


def plain_fractions(text: str) -> str:
    """Spell one-character fractions out: "1½" becomes "1 1/2"."""
    for sign, spelled in _VULGAR.items():
        text = re.sub(rf"(?<=\d)\s?{sign}", f" {spelled}", text).replace(sign, spelled)
    return text


def parse_number(text: str) -> Fraction:
    """Read one number: "6", "2,5", "3/8", "1 1/2".

    Raises:
        OrderError: ``units.not-a-number``, ``units.ambiguous-comma`` ("1,200" is 1.2 or 1200).
    """
    if _AMBIGUOUS.fullmatch(text):
        msg = f"{text} may mean {text.replace(',', '.')} or {text.replace(',', '')}"
        raise OrderError("units.ambiguous-comma", msg, value=text, hint="Write it without a comma.")
    mixed = re.fullmatch(rf"(?:(\d+){_SPACE}+)?(\d+)\s?/\s?(\d+)", text)
    if mixed:
        whole, top, bottom = int(mixed[1] or 0), int(mixed[2]), int(mixed[3])
        if bottom:
            return whole + Fraction(top, bottom)
    elif re.fullmatch(r"\d+(?:[.,]\d+)?", joined := re.sub(_SPACE, "", text)):
        return Fraction(joined.replace(",", "."))
    msg = f"{text!r} is not a number"
    raise OrderError("units.not-a-number", msg, value=text, hint='Write a number such as 6, 2.5 or "3/8".')


def parse_quantity(text: str) -> Quantity:
    """Read a number with its unit: "6 мм", "1/4 in", "2,5 cm", "200 g", "30°".

    Raises:
        OrderError: ``units.not-a-number``, ``units.ambiguous-comma``, ``units.missing`` (a number without
            a unit) or ``units.unknown-unit``.
    """
    written = plain_fractions(text.strip())
    match = _QUANTITY.fullmatch(written) if len(written) <= _LONGEST else None
    if match is None:
        msg = f"{text.strip()[:_LONGEST]!r} is not a number with a unit"
        raise OrderError("units.not-a-number", msg, value=text.strip()[:_LONGEST], hint='Write for example "6 mm".')
    number = parse_number(match["number"])
    word = match["unit"].strip()
    if not word:
        msg = f"{text.strip()!r} has no unit"
        raise OrderError("units.missing", msg, value=text.strip(), hint="Write the unit behind the number.")
    known = UNITS.get(word) or UNITS.get(word.lower().removesuffix("."))
    if known is None:
        near = difflib.get_close_matches(word.lower(), sorted(UNITS), 1)
        hint = f"Did you mean {near[0]}? " if near else ""
        msg = f"{word!r} in {text.strip()!r} is not a unit known here"
        raise OrderError(
            "units.unknown-unit", msg, value=word, hint=hint + "Lengths: mm, cm, m, in, ft; masses: g, kg."
        )
    sign = -1 if match["sign"] in ("-", "\u2212") else 1
    return Quantity(sign * number * known[1], known[0])


def parse_dimension(text: str, dimension: Dimension) -> Fraction:
    """Read a quantity that must be of ``dimension``, in its base unit (mm, g, mm3, deg).

    Raises:
        OrderError: As :func:`parse_quantity`, and ``units.wrong-kind`` for another dimension.
    """
    found = parse_quantity(text)
    if found.dimension != dimension:
        msg = f"{text.strip()!r} is a {found.dimension}, a {dimension} is needed"
        hint = f"Give it in {BASE_UNITS[dimension]}."
        raise OrderError("units.wrong-kind", msg, value=text.strip(), limit=BASE_UNITS[dimension], hint=hint)
    return found.value


def parse_length_mm(text: str) -> float:
    """Read a length that is not negative, in mm: the float nearest to the exact value.

    Raises:
        OrderError: As :func:`parse_dimension`, and ``units.negative``.
    """
    exact = parse_dimension(text, "length")
    if exact < 0:
        msg = f"a length cannot be {text.strip()}"
        raise OrderError("units.negative", msg, value=text.strip(), limit=0, hint="Give a positive length.")
    return float(exact)

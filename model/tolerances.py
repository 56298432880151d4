"""The general tolerances an order is made to: ISO 2768, sizes and form."""

from __future__ import annotations

import re
from bisect import bisect_left

CLASSES: dict[str, tuple[float, ...]] = {
    "f": (0.05, 0.05, 0.1, 0.15, 0.2, 0.3),
    "m": (0.1, 0.1, 0.2, 0.3, 0.5, 0.8),
    "c": (0.2, 0.3, 0.5, 0.8, 1.2, 2.0),
    "v": (0.5, 0.5, 1.0, 1.5, 2.5, 4.0),
}
"""Permissible deviations (mm) of linear sizes, ISO 2768-1:1989 table 1."""
UP_TO_MM = (3.0, 6.0, 30.0, 120.0, 400.0, 1000.0)
FLAT: dict[str, tuple[float, ...]] = {
    "h": (0.02, 0.05, 0.1, 0.2, 0.3),
    "k": (0.05, 0.1, 0.2, 0.4, 0.6),
    "l": (0.1, 0.2, 0.4, 0.8, 1.2),
}
"""Straightness and flatness (mm) over the longer side, ISO 2768-2:1989 table 1."""
FLAT_UP_TO_MM = (10.0, 30.0, 100.0, 300.0, 1000.0)
SQUARE: dict[str, tuple[float, ...]] = {"h": (0.2, 0.3, 0.4), "k": (0.4, 0.6, 0.8), "l": (0.6, 1.0, 1.5)}
"""Perpendicularity (mm) over the shorter side, ISO 2768-2:1989 table 2."""
SQUARE_UP_TO_MM = (100.0, 300.0, 1000.0)
_CLASS = re.compile(r"([fmcv])([hkl]?)$")


def deviation_mm(size_mm: float, tolerance_class: str) -> float:
    """What ISO 2768-1 lets a size deviate; class "m" where the order names none."""
    return _limit(CLASSES[_letters(tolerance_class)[0]], UP_TO_MM, size_mm)


def _letters(tolerance_class: str) -> tuple[str, str]:
    """The classes of sizes and of form and position ("" where none is ordered)."""
    found = _CLASS.search(tolerance_class.strip().lower())
    return (found[1], found[2]) if found else ("m", "")


def _limit(row: tuple[float, ...], up_to_mm: tuple[float, ...], size_mm: float) -> float:
    return row[min(bisect_left(up_to_mm, size_mm), len(row) - 1)]


def form_checks(size_mm: tuple[float, float, float], tolerance_class: str) -> tuple[float, float] | None:
    """How far ISO 2768-2 lets a part be out of flat and out of square (mm); None where the order names no class."""
    form = _letters(tolerance_class)[1]
    if not form:
        return None
    sides = sorted(size_mm)
    return _limit(FLAT[form], FLAT_UP_TO_MM, sides[-1]), _limit(SQUARE[form], SQUARE_UP_TO_MM, sides[-2])

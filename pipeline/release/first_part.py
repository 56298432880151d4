"""What is measured on the finished part: its sizes with their tolerance, its threads, its text."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter

from model.design import Design, Thread
from pipeline.release.words import number, words

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


def first_part_checks(design: Design, tolerance_class: str, language: str) -> list[dict[str, str]]:
    """One row a check: what, and within which limit."""
    told = words(language)
    part = design.parts[0]
    names = ("cap-length", "cap-width", "cap-height")
    rows = [
        {
            "what": f"{told[name]} {number(size)} {told['mm']}",
            "limit": f"± {number(deviation_mm(size, tolerance_class))} {told['mm']}",
        }
        for name, size in zip(names, part.expected.size_mm, strict=True)
    ]
    form = _letters(tolerance_class)[1]
    if form:
        sides = sorted(part.expected.size_mm)
        flat, square = _limit(FLAT[form], FLAT_UP_TO_MM, sides[-1]), _limit(SQUARE[form], SQUARE_UP_TO_MM, sides[-2])
        rows.append({"what": told["cap-flat"], "limit": f"{number(flat)} {told['mm']}"})
        rows.append({"what": told["cap-square"], "limit": f"{number(square)} {told['mm']}"})
    threads = Counter(f"{a.name}, {number(a.depth_mm)} {told['mm']}" for a in part.annotations if isinstance(a, Thread))
    rows += [{"what": f"{count} × {thread}", "limit": "6H"} for thread, count in threads.items()]
    texts = [a.text for a in part.annotations if a.kind in ("engraving", "relief")]
    return rows + [{"what": "«" + " / ".join(t.splitlines()) + "»", "limit": told["as-ordered"]} for t in texts]

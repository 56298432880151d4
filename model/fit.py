"""Fits of holes: the limits ISO 286 gives a size."""

from __future__ import annotations

import re

IT_UM: dict[int, tuple[float, ...]] = {
    6: (6, 8, 9, 11, 13, 16, 19, 22), 7: (10, 12, 15, 18, 21, 25, 30, 35), 8: (14, 18, 22, 27, 33, 39, 46, 54),
    9: (25, 30, 36, 43, 52, 62, 74, 87), 10: (40, 48, 58, 70, 84, 100, 120, 140),
    11: (60, 75, 90, 110, 130, 160, 190, 220),
}  # fmt: skip
IT_UP_TO_MM = (3, 6, 10, 18, 30, 50, 80, 120)
"""Standard tolerances (micrometres) by grade and size, ISO 286-1:2010 table 1."""


def hole_limits(size_mm: float, fit: str) -> tuple[float, float] | None:
    """Least and greatest diameter of an H hole (ISO 286); None for letters and sizes that are not in the table."""
    found = re.fullmatch(r"H(\d+)", fit)
    if found is None or int(found[1]) not in IT_UM or size_mm > IT_UP_TO_MM[-1]:
        return None
    grade = IT_UM[int(found[1])]
    return size_mm, size_mm + next(g for g, to in zip(grade, IT_UP_TO_MM, strict=True) if size_mm <= to) / 1000

"""What is measured on the finished part: its sizes with their tolerance, its threads, its text."""

from __future__ import annotations

from collections import Counter

from model.design import Design, Thread
from pipeline.release.words import number, words

CLASSES: dict[str, tuple[float, ...]] = {
    "f": (0.05, 0.05, 0.1, 0.15, 0.2, 0.3),
    "m": (0.1, 0.1, 0.2, 0.3, 0.5, 0.8),
    "c": (0.2, 0.3, 0.5, 0.8, 1.2, 2.0),
}
"""Permissible deviations (mm) of linear sizes, ISO 2768-1:1989 table 1."""
UP_TO_MM = (3.0, 6.0, 30.0, 120.0, 400.0, 1000.0)


def deviation_mm(size_mm: float, tolerance_class: str) -> float:
    """What ISO 2768-1 lets a size deviate; class "m" where the order names none."""
    last = tolerance_class.strip()[-1:].lower()
    row = CLASSES.get(last, CLASSES["m"])
    return next((d for top, d in zip(UP_TO_MM, row, strict=True) if size_mm <= top), row[-1])


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
    threads = Counter(f"{a.name}, {number(a.depth_mm)} {told['mm']}" for a in part.annotations if isinstance(a, Thread))
    rows += [{"what": f"{count} × {thread}", "limit": "6H"} for thread, count in threads.items()]
    texts = [a.text for a in part.annotations if a.kind in ("engraving", "relief")]
    return rows + [{"what": "«" + " / ".join(t.splitlines()) + "»", "limit": told["as-ordered"]} for t in texts]

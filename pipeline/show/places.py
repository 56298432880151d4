"""Where a finding is: a line of a program, a spot on the part, a spot in a setup, read from its own words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from model.finding import Finding

LINE = re.compile(r"^(?P<file>\S+) line (?P<line>\d+)$")
SETUP = re.compile(r"setup (\d+)", re.IGNORECASE)
NUMBER = r"\s*[=:]?\s*(-?\d+(?:\.\d+)?)"
XYZ = re.compile(rf"\bx{NUMBER}\D{{0,6}}\by{NUMBER}(?:\D{{0,6}}\bz{NUMBER})?", re.IGNORECASE)
TRIPLE = re.compile(r"\((-?\d+(?:\.\d+)?), (-?\d+(?:\.\d+)?)(?:, (-?\d+(?:\.\d+)?))?\)")
FACE = re.compile(r"\bfaces? (\d+(?:, \d+)*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Place:
    """``program`` and ``line`` (0: none); ``setup`` 0 means the part's own frame; ``at_mm`` may lack its z (nan).

    ``faces`` are the part's faces in the solid's own order from 0; words count them from 1.
    """

    program: str = ""
    line: int = 0
    setup: int = 0
    at_mm: tuple[float, float, float] | None = None
    faces: tuple[int, ...] = ()


def place_of(found: Finding, programs: Sequence[str] = ()) -> Place:
    """Read a finding's place; what it does not tell stays empty."""
    line = LINE.match(found.place)
    setup = SETUP.search(found.place)
    # A message about a line speaks in the setup's frame, unless it names the part; the line itself tells the place.
    spot = _spot(found.place) or (_spot(found.message) if line is None or "part" in found.message else None)
    faces = FACE.search(f"{found.place}; {found.message}")
    known = line is not None and line["file"] in programs
    return Place(
        line["file"] if line and known else "",
        int(line["line"]) if line and known else 0,
        int(setup[1]) if setup else 0,
        spot,
        tuple(int(n) - 1 for n in faces[1].split(", ")) if faces else (),
    )


def _spot(text: str) -> tuple[float, float, float] | None:
    found = XYZ.search(text) or TRIPLE.search(text)
    if found is None:
        return None
    x, y, z = found.groups()
    return float(x), float(y), float(z) if z is not None else float("nan")

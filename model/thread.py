"""Screw threads by name: what "M6", "M8x1" and "1/4-20 UNC" mean in millimetres."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

COARSE_MM = {
    1.6: 0.35, 2.0: 0.4, 2.5: 0.45, 3.0: 0.5, 4.0: 0.7, 5.0: 0.8, 6.0: 1.0, 8.0: 1.25, 10.0: 1.5, 12.0: 1.75,
    14.0: 2.0, 16.0: 2.0, 18.0: 2.5, 20.0: 2.5, 24.0: 3.0,
}  # fmt: skip
"""Coarse pitches by nominal diameter (ISO 261)."""
UNIFIED = {
    "UNC": {"#2": 56, "#3": 48, "#4": 40, "#5": 40, "#6": 32, "#8": 32, "#10": 24, "#12": 24, "1/4": 20, "5/16": 18,
            "3/8": 16, "7/16": 14, "1/2": 13, "9/16": 12, "5/8": 11, "3/4": 10},
    "UNF": {"#2": 64, "#3": 56, "#4": 48, "#5": 44, "#6": 40, "#8": 36, "#10": 32, "#12": 28, "1/4": 28, "5/16": 24,
            "3/8": 24, "7/16": 20, "1/2": 20, "9/16": 18, "5/8": 18, "3/4": 16},
}  # fmt: skip
"""Turns an inch of the unified coarse and fine series by size (ASME B1.1)."""
INCH_MM, QUARTER = 25.4, 0.25

METRIC = re.compile(r"M(\d+(?:\.\d+)?)(?:\s*[xX×]\s*(\d+(?:\.\d+)?))?")
INCH = re.compile(
    r"(?:(UN[CF])\s*)?(?:(\d+/\d+)\"?|(?:#|No\.?\s*)?(\d+))(?:\s*-\s*(\d+))?(?:\s*-?\s*(UN[CF]))?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class ThreadSize:
    """A thread of 60 degrees, ISO metric or unified: its nominal (major) diameter and its pitch.

    ``fit`` is the usual class of the internal thread: 6H (ISO 965-1), or 2B (ASME B1.1).
    """

    major_mm: float
    pitch_mm: float
    fit: str = "6H"

    @property
    def drill_mm(self) -> float:
        """The hole before threading: D - P (ISO 2306 rounds it; tables of inch tap drills are near it)."""
        return self.major_mm - self.pitch_mm

    @property
    def depth_mm(self) -> float:
        """From the drilled hole's wall out to the thread's root: half the pitch."""
        return (self.major_mm - self.drill_mm) / 2

    @property
    def minor_mm(self) -> tuple[float, float]:
        """Least and largest minor diameter of the internal thread, class 6H (ISO 965-1) or 2B (ASME B1.1)."""
        p = self.pitch_mm
        least = self.major_mm - 1.0825 * p
        if self.fit == "6H":
            return least, least + (0.230 * p**0.7 if p >= 1 else 0.433 * p - 0.190 * p**1.22)
        size, turn = self.major_mm / INCH_MM, p / INCH_MM
        small = size < QUARTER
        wide = 0.05 * turn ** (2 / 3) + 0.03 * turn / size - 0.002 if small else 0.25 * turn - 0.4 * turn**2
        return least, least + INCH_MM * wide


def thread_named(name: str) -> ThreadSize | None:
    """The thread a name means, metric or unified; None when it is none of a known size and pitch.

    Read are "M6", "M8x1", "1/4-20 UNC", "1/4-20", "UNF 1/4", "#10-32", "10-32 UNF".
    """
    return _metric(name.strip()) or _unified(name.strip())


def _metric(name: str) -> ThreadSize | None:
    found = METRIC.fullmatch(name)
    if found is None:
        return None
    major = float(found[1])
    pitch = float(found[2]) if found[2] else COARSE_MM.get(major)
    return None if pitch is None or not 0 < pitch < major / 2 else ThreadSize(major, pitch)


def _unified(name: str) -> ThreadSize | None:
    """A unified thread by size and series, size and turns an inch, or all three where they agree."""
    found = INCH.fullmatch(name)
    if found is None:
        return None
    size = found[2] or f"#{found[3]}"
    series, turns = (found[1] or found[5] or "").upper(), int(found[4] or 0)
    if not (series or turns):
        return None
    known = {table[size] for kind, table in UNIFIED.items() if size in table and series in ("", kind)}
    fitting = [n for n in known if turns in (0, n)]
    if len(fitting) != 1:
        return None
    inches = float(Fraction(size)) if found[2] else 0.060 + 0.013 * int(found[3])
    return ThreadSize(round(inches * INCH_MM, 4), round(INCH_MM / fitting[0], 4), "2B")

"""Metric screw threads by name: what "M6" and "M8x1" mean in millimetres."""

from __future__ import annotations

import re
from dataclasses import dataclass

COARSE_MM = {
    1.6: 0.35, 2.0: 0.4, 2.5: 0.45, 3.0: 0.5, 4.0: 0.7, 5.0: 0.8, 6.0: 1.0, 8.0: 1.25, 10.0: 1.5, 12.0: 1.75,
    14.0: 2.0, 16.0: 2.0, 18.0: 2.5, 20.0: 2.5, 24.0: 3.0,
}  # fmt: skip
"""Coarse pitches by nominal diameter (ISO 261)."""

NAME = re.compile(r"M(\d+(?:\.\d+)?)(?:\s*[xX×]\s*(\d+(?:\.\d+)?))?")


@dataclass(frozen=True, slots=True)
class MetricThread:
    """An ISO metric thread: its nominal (major) diameter and its pitch."""

    major_mm: float
    pitch_mm: float

    @property
    def drill_mm(self) -> float:
        """The hole before threading: D - P (ISO 2306 rounds it)."""
        return self.major_mm - self.pitch_mm

    @property
    def depth_mm(self) -> float:
        """From the drilled hole's wall out to the thread's root: half the pitch."""
        return (self.major_mm - self.drill_mm) / 2


def metric(name: str) -> MetricThread | None:
    """The thread a name means; None when it is no metric thread of a known size."""
    found = NAME.fullmatch(name.strip())
    if found is None:
        return None
    major = float(found[1])
    pitch = float(found[2]) if found[2] else COARSE_MM.get(major)
    return None if pitch is None or not 0 < pitch < major / 2 else MetricThread(major, pitch)

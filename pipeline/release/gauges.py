"""What a size is measured with: the plainest gauge whose reading is fine enough for the tolerance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pipeline.release.words import LANGUAGES

Way = Literal["outside", "inside", "depth", "radius", "chamfer", "bore", "thread", "angle", "flat"]

SHARE = 0.2
"""A gauge must read to this share of the tolerance's half width (the workshop's rule of five)."""


@dataclass(frozen=True, slots=True)
class Gauge:
    """One kind of gauge: what it measures, how finely it reads, up to which size; its name in English and Russian."""

    ways: tuple[Way, ...]
    reads_mm: float
    up_to_mm: float
    names: tuple[str, str]

    def name(self, language: str) -> str:
        """Its name in one language."""
        return self.names[LANGUAGES.index(language)]


GAUGES = (
    Gauge(("outside", "inside", "depth"), 0.1, 125, ("caliper 125 mm, 0.1", "ШЦ-I-125-0,1 ГОСТ 166-89")),
    Gauge(("outside", "inside", "depth"), 0.05, 150, ("caliper 150 mm, 0.05", "ШЦ-I-150-0,05 ГОСТ 166-89")),
    Gauge(("outside", "inside"), 0.05, 250, ("caliper 250 mm, 0.05", "ШЦ-II-250-0,05 ГОСТ 166-89")),
    Gauge(("outside", "inside"), 0.1, 630, ("caliper 630 mm, 0.1", "ШЦ-III-630-0,1 ГОСТ 166-89")),
    Gauge(("outside", "inside", "depth"), 0.02, 150, ("caliper 150 mm, 0.02", "ШЦЦ-I-150-0,01 ГОСТ 166-89")),
    Gauge(("outside",), 0.01, 25, ("micrometer 0-25 mm", "МК 25-1 ГОСТ 6507-90")),
    Gauge(("outside",), 0.01, 50, ("micrometer 25-50 mm", "МК 50-1 ГОСТ 6507-90")),
    Gauge(("outside",), 0.01, 75, ("micrometer 50-75 mm", "МК 75-1 ГОСТ 6507-90")),
    Gauge(("outside",), 0.01, 100, ("micrometer 75-100 mm", "МК 100-1 ГОСТ 6507-90")),
    Gauge(("outside",), 0.01, 300, ("outside micrometer of that size", "МК ГОСТ 6507-90")),
    Gauge(("depth",), 0.01, 100, ("depth micrometer", "ГМ 100 ГОСТ 7470-92")),
    Gauge(("inside",), 0.01, 160, ("bore gauge", "нутромер НИ ГОСТ 868-82")),
    Gauge(("outside", "inside", "depth"), 0.0, 10000, ("coordinate measuring machine", "КИМ")),
)
"""From the plainest on."""


def gauge_for(way: Way, size_mm: float, tolerance_mm: float) -> Gauge:
    """The first gauge of the list that measures that way, reaches the size and reads finely enough.

    ``tolerance_mm`` is the half width of what is allowed.
    """
    fits = (g for g in GAUGES if way in g.ways and g.up_to_mm >= size_mm)
    return next(g for g in fits if g.reads_mm <= SHARE * tolerance_mm + 1e-9)

"""What a size is measured with: the cheapest gauge of the shop that is sure enough for the tolerance."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from model.inventory import Gauge
from pipeline.release.papers.terms import terms

Way = Literal["outside", "inside", "depth", "radius", "chamfer", "bore", "thread", "angle", "flat"]

SHARE = 0.2
"""How far a gauge may be off, of the whole tolerance (ГОСТ 8.051 allows 0.2 to 0.35; VDA 5 the like)."""

WAYS: dict[str, tuple[Way, ...]] = {
    "caliper": ("outside", "inside", "depth"), "outside-micrometer": ("outside",), "inside-micrometer": ("inside",),
    "depth-micrometer": ("depth",), "pin-gauges": ("inside",), "measuring-machine": ("outside", "inside", "depth"),
}  # fmt: skip
"""What the kinds of gauges measure that give a number."""


def gauge_for(gauges: Iterable[Gauge], way: Way, size_mm: float, tolerance_mm: float) -> Gauge | None:
    """The cheapest gauge that measures that way, has the size in its range and is sure enough; None: the shop has none.

    ``tolerance_mm`` is the half width of what is allowed.
    """
    fits = [
        g for g in gauges
        if way in WAYS.get(g.kind, ()) and g.low_mm <= size_mm <= g.high_mm
        and g.uncertainty_mm <= SHARE * 2 * tolerance_mm + 1e-9
    ]  # fmt: skip
    return min(fits, key=lambda g: (g.price_eur, g.id), default=None)


def gauge_name(gauges: Iterable[Gauge], way: Way, size_mm: float, tolerance_mm: float, language: str) -> str:
    """That gauge's name in a language; without one, that the size is measured outside the shop."""
    found = gauge_for(gauges, way, size_mm, tolerance_mm)
    if found is None:
        return terms(language)["no-gauge"]
    return found.name_ru if language == "ru" else found.name

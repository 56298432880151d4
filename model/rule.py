"""Rules of manufacturability: rows of the tooling database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Measure = Literal[
    "corner-slenderness", "hole-diameter", "hole-slenderness", "drill-gap", "thread-slenderness", "thread-runout",
    "thread-diameter", "stroke-width", "stroke-depth", "least-side", "second-side", "longest-side", "pin-diameter",
    "upright-wall", "wall", "slot-width", "cavity-slenderness", "side-depth", "foot-share", "outer-fillet", "undercut",
    "milled-hole-slenderness", "fit-band", "text-height", "text-gap", "relief-width", "overhang", "bridge",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of manufacturability: a measure of the solid held against a limit.

    ``process`` is "cut", "print" or "resin"; ``groups`` the ISO 513 groups it speaks of (none: all). "block" says the
    shop should not take such an order, "warn" that it costs or risks something, "note" that nothing is held against
    it: the shop has no such process. ``roles`` are the parameters of a family
    that may change the measure. ``en`` and ``ru`` say what is measured, ``hint_en`` and ``hint_ru`` what to do.
    """

    id: str
    process: Literal["cut", "print", "resin"]
    measure: Measure
    side: Literal["at least", "at most"]
    limit: float
    severity: Literal["block", "warn", "note"]
    en: str
    ru: str
    hint_en: str
    hint_ru: str
    source: str
    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()

"""What a shop has beside machines and tool types: gauges, bars, ways to hold a sheet, tools with a life, presets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Confidence = Literal["maker", "handbook", "shop", "estimated"]
"""Who answers for a row's numbers: its maker, a book, this shop's own experience, or nobody yet."""

Work = Literal["rough", "adaptive", "slot", "lap", "finish", "engrave", "chamfer", "ramp", "drill", "ream", "tap"]
"""What a cut is for: the modes of milling, and what is done to a hole."""


@dataclass(frozen=True, slots=True)
class CuttingRow:
    """What one tool does in one material: these numbers stand in place of the material's row, within the same limits.

    ``fz_mm`` is feed per tooth; for drills and reamers feed a turn over the lips. ``ap_mm`` is the deepest pass the
    preset holds for (0: the depth rule's own).
    """

    tool_id: str
    material_id: str
    work: Work
    vc_m_min: float
    fz_mm: float
    source: str
    confidence: Confidence
    ap_mm: float = 0.0


@dataclass(frozen=True, slots=True)
class ToolInstance:
    """One physical tool of a workshop: its state, the minutes it lasts, and those it had worked so far."""

    id: str
    tool_id: str
    workshop: str
    state: Literal["new", "available", "worn", "broken"]
    life_min: float
    used_min: float
    source: str
    confidence: Confidence = "estimated"


@dataclass(frozen=True, slots=True)
class Gauge:
    """A measuring tool: what it can measure, how finely, and how far it may be off (U, k = 2)."""

    id: str
    name: str
    name_ru: str
    kind: Literal[
        "caliper", "outside-micrometer", "inside-micrometer", "depth-micrometer", "height-gauge", "pin-gauges",
        "thread-gauge", "dial-indicator", "radius-gauges", "roughness-comparator", "measuring-machine",
    ]  # fmt: skip
    low_mm: float
    high_mm: float
    resolution_mm: float
    uncertainty_mm: float
    price_eur: float
    source: str
    confidence: Confidence = "estimated"


@dataclass(frozen=True, slots=True)
class Bar:
    """A drawn or rolled bar one can buy, for turning; ``size_mm`` is its diameter or the width across its flats."""

    id: str
    material_id: str
    section: Literal["round", "hexagon", "square"]
    size_mm: float
    length_mm: float
    source: str
    confidence: Confidence = "estimated"


@dataclass(frozen=True, slots=True)
class Tape:
    """Double-sided tape under a sheet: the shear it bears, how much of the underside it covers, what peels off it."""

    id: str
    name: str
    shear_n_mm2: float
    cover: float
    least_area_mm2: float
    price_eur_m2: float
    source: str
    confidence: Confidence = "estimated"


@dataclass(frozen=True, slots=True)
class TabStyle:
    """Bridges left between a part and its sheet."""

    id: str
    name: str
    width_mm: float
    height_mm: float
    source: str
    confidence: Confidence = "estimated"

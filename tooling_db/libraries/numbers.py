"""Numbers of a library in the house's units: inches to mm, feet to metres, texts with units."""

from __future__ import annotations

import re
from math import isfinite
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from model.library import LibraryUnit

MM_PER_INCH = 25.4
M_PER_FOOT = 0.3048

AMOUNT = re.compile(r"^\s*([-+]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][-+]?\d+)?)\s*([^\d\s].*)?$")
FRACTION = re.compile(r"^\s*(?:(\d+)[ -])?(\d+)/(\d+)\s*(.*)$")
UNITS = {
    "": 1.0, "mm": 1.0, "cm": 10.0, "m": 1000.0, "in": MM_PER_INCH, '"': MM_PER_INCH, "inch": MM_PER_INCH,
    "inches": MM_PER_INCH, "deg": 1.0, "°": 1.0, "mm/min": 1.0, "in/min": MM_PER_INCH, "mm/s": 60.0, "rpm": 1.0,
    "1/min": 1.0,
}  # fmt: skip


def scale(unit: LibraryUnit) -> float:
    """Mm in one unit of length of an entry."""
    return MM_PER_INCH if unit == "inch" else 1.0


def plain(raw: object) -> float | None:
    """A finite number, or a text that is one (a decimal comma is read); None for anything else."""
    if isinstance(raw, bool) or raw is None:
        return None
    if isinstance(raw, str):
        raw = raw.strip().replace(",", ".") if raw.count(",") == 1 and "." not in raw else raw.strip()
    try:
        value = float(raw)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return None
    return value if isfinite(value) else None


def length(raw: object, unit: LibraryUnit) -> float | None:
    """A length of an entry in mm."""
    value = plain(raw)
    return None if value is None else value * scale(unit)


def amount(raw: object) -> float | None:
    """A text with its own unit ("3.1750 mm", "1/8 in", "30 °") in mm or degrees; None when it cannot be read."""
    if not isinstance(raw, str):
        return plain(raw)
    fraction = FRACTION.match(raw)
    if fraction and int(fraction[3]):
        factor = UNITS.get(fraction[4].strip().lower())
        whole = int(fraction[1] or 0) + int(fraction[2]) / int(fraction[3])
        return None if factor is None else whole * factor
    found = AMOUNT.match(raw)
    if not found:
        return None
    factor = UNITS.get((found[2] or "").strip().lower())
    value = plain(found[1].replace(",", "."))
    return None if factor is None or value is None else value * factor


def whole(raw: object) -> int | None:
    """A whole number, however it is written."""
    value = plain(raw)
    return int(value) if value is not None and value == int(value) else None


def told(value: float) -> float:
    """A number as it is written into a library: without the noise of the last bits."""
    return float(f"{value:.12g}")

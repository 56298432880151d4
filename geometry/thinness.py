"""How thick the thinnest upright wall of a solid is, from its level sections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geometry.regions import flatten, offset, separate
from geometry.solids import box, section

if TYPE_CHECKING:
    import cadquery as cq
    from manifold3d import CrossSection

HEIGHTS = 24
LONG = 3.0
"""What is thin over less than so many times the thickness asked for is a corner or a web, not a wall."""
SLIVER_MM = 0.01


def thinnest_wall(shape: cq.Shape, most_mm: float) -> tuple[float, tuple[float, float, float]] | None:
    """Thickness (mm, to a fiftieth of ``most_mm``) and a point of the thinnest wall thinner than that; None without."""
    (_, _, low), (_, _, high) = box(shape)
    best: tuple[float, tuple[float, float, float]] | None = None
    for k in range(HEIGHTS):
        z = low + (k + 0.5) / HEIGHTS * (high - low)
        area = flatten(section(shape, z))
        limit = most_mm if best is None else best[0]
        pieces = _thin(area, limit, LONG * most_mm)
        if not pieces:
            continue
        lower, upper = 0.0, limit
        while upper - lower > 0.02 * most_mm:
            middle = (lower + upper) / 2
            found = _thin(area, middle, LONG * most_mm)
            lower, upper, pieces = (lower, middle, found) if found else (middle, upper, pieces)
        x, y = pieces[0].to_polygons()[0][0]
        best = (upper, (float(x), float(y), z))
    return best


def _thin(area: CrossSection, most_mm: float, long_mm: float) -> list[CrossSection]:
    """The long pieces of a section that a disc of that diameter does not fit into."""
    r = most_mm / 2 - SLIVER_MM / 2
    left = separate(area - offset(offset(area, -r), r + SLIVER_MM)) if r > 0 else []
    return [p for p in left if not p.is_empty() and _length(p) > long_mm]


def _length(area: CrossSection) -> float:
    x0, y0, x1, y1 = area.bounds()
    return float(max(x1 - x0, y1 - y0))

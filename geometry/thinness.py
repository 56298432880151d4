"""How thick the thinnest wall of a solid is, from its sections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geometry.regions import offset, separate
from geometry.slabs import Stack
from model.design import Vector

if TYPE_CHECKING:
    from manifold3d import CrossSection

LONG = 3.0
"""What is thin over less than so many times the thickness asked for is a corner or a web, not a wall."""
SLIVER_MM = 0.01


def thinnest_wall(stack: Stack, most_mm: float) -> tuple[float, Vector] | None:
    """Thickness (mm, to a fiftieth of ``most_mm``) and a point of the thinnest wall thinner than that; None without."""
    best: tuple[float, Vector] | None = None
    for slab in stack.slabs:
        limit = most_mm if best is None else best[0]
        pieces = thin(slab.area, limit, LONG * most_mm)
        if not pieces:
            continue
        lower, upper = 0.0, limit
        while upper - lower > 0.02 * most_mm:
            middle = (lower + upper) / 2
            found = thin(slab.area, middle, LONG * most_mm)
            lower, upper, pieces = (lower, middle, found) if found else (middle, upper, pieces)
        u, v = pieces[0].to_polygons()[0][0]
        best = (upper, stack.place(float(u), float(v), (slab.low_mm + slab.high_mm) / 2))
    return best


def thin(area: CrossSection, most_mm: float, long_mm: float) -> list[CrossSection]:
    """The long pieces of a section that a disc of that diameter does not fit into."""
    r = most_mm / 2 - SLIVER_MM / 2
    left = separate(area - offset(offset(area, -r), r + SLIVER_MM)) if r > 0 else []
    return [p for p in left if not p.is_empty() and _length(p) > long_mm]


def _length(area: CrossSection) -> float:
    x0, y0, x1, y1 = area.bounds()
    return float(max(x1 - x0, y1 - y0))

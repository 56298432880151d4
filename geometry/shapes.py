"""Plane shapes families start from, with exact arcs."""

from __future__ import annotations

from model.region import Contour, Region, Segment


def rounded(length_mm: float, width_mm: float, radius_mm: float) -> Region:
    """A rectangle about the origin with rounded corners (radius 0: square).

    The radius is less than half the short side.
    """
    x, y, r = length_mm / 2, width_mm / 2, radius_mm
    if r == 0:
        return Region((Contour(tuple(Segment(a, b) for a, b in ((x, y), (-x, y), (-x, -y), (x, -y)))),))
    segments = (
        Segment(x, y - r),
        Segment(x - r, y, 1, x - r, y - r),
        Segment(-x + r, y),
        Segment(-x, y - r, 1, -x + r, y - r),
        Segment(-x, -y + r),
        Segment(-x + r, -y, 1, -x + r, -y + r),
        Segment(x - r, -y),
        Segment(x, -y + r, 1, x - r, -y + r),
    )
    return Region((Contour(segments),))

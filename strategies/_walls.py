"""Following walls exactly: closed contours with the free side on the left, entered on a tangent arc."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from geometry.regions import fit, flatten, offset
from geometry.solids import signed_area
from model.region import Contour, Point, Region, Segment
from strategies._paths import direction, from_length, length, perimeter

if TYPE_CHECKING:
    from manifold3d import CrossSection

LEADS = (0.5, 0.35, 0.2, 0.1)
"""Radii of the lead arcs tried, in cutter diameters."""


def contours(free: CrossSection) -> list[Contour]:
    """The boundary of where the tool's centre may be, longest loops first, the free side on the left."""
    return sorted(fit(free).contours, key=lambda c: (signed_area(c) < 0, -round(perimeter(c), 6), c.start))


def outside(wall: CrossSection, distance_mm: float) -> list[Contour]:
    """Loops ``distance_mm`` around the outside of material, clockwise (climb milling with a right-hand spindle)."""
    from geometry.solids import reversed_contour

    return [reversed_contour(c) for c in fit(offset(wall, distance_mm)).contours if signed_area(c) > 0]


def led(
    contour: Contour, free: CrossSection | None, diameter_mm: float, shun: Callable[[Point], bool] = lambda _: False
) -> tuple[Contour, Segment, Point, Segment]:
    """Where to join a wall: the contour from there, the arc in with its start, and the arc out.

    The lead arcs are quarter circles on the left. ``free`` is where the tool's centre may be (None: anywhere).
    ``shun`` tells places where the tool must not go down. Falls back to the shortest lead when none
    fits; its end lies on the wall all the same.
    """
    starts = _starts(contour)
    for share in LEADS:
        r = share * diameter_mm
        for at in starts:
            candidate = from_length(contour, at)
            found = _lead(candidate, r)
            apart = not (shun(found[1]) or shun(candidate.start))
            if apart and (free is None or _fits(found, free)):
                return candidate, *found
    candidate = next((c for c in (from_length(contour, at) for at in starts) if not shun(c.start)), contour)
    return candidate, *_lead(candidate, 1e-3)


def _starts(contour: Contour) -> list[float]:
    """Middles of the segments, straight and long ones first, as lengths from the contour's start."""
    spots: list[tuple[int, float, float]] = []
    total, at = 0.0, contour.start
    for s in contour.segments:
        size = length(at, s)
        spots.append((abs(s.turn), -round(size, 6), total + size / 2))
        total += size
        at = (s.x_mm, s.y_mm)
    return [where for _, _, where in sorted(spots)[:12]]


def _lead(contour: Contour, r: float) -> tuple[Segment, Point, Segment]:
    x, y = contour.start
    tx, ty = direction((x, y), contour.segments[0])
    cx, cy = x - ty * r, y + tx * r
    arc_in = Segment(x, y, 1, cx, cy)
    begin = (cx - tx * r, cy - ty * r)
    arc_out = Segment(cx + tx * r, cy + ty * r, 1, cx, cy)
    return arc_in, begin, arc_out


def _fits(lead: tuple[Segment, Point, Segment], free: CrossSection) -> bool:
    """True when both arcs stay where the centre may be (checked on the chord and the arcs' fat hull)."""
    arc_in, begin, arc_out = lead
    loop = Region((Contour((arc_in, arc_out, Segment(*begin))),))
    return bool((flatten(loop, 0.002) - offset(free, 0.003)).area() < 1e-4)

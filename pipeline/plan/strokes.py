"""Finds the lines of narrow grooves: what one pass of a round tool, exactly as wide, leaves."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely.ops import substring

from geometry.regions import flatten, offset, separate, stroke_area, union
from model.feature import EngravedStrokes, Pocket
from model.region import Stroke

if TYPE_CHECKING:
    from manifold3d import CrossSection

NARROW_MM = 3.0
DEEP = 1.5
"""Grooves no wider than the first and no deeper than so many widths are engraved; others are pockets."""
EVEN_MM = 0.01
"""A groove is as wide everywhere as a tool's sweep to within this."""
HAIR_MM = 0.002
"""The middle of a groove is found as a hair so wide on both sides."""
MOST_BLOTS, RING_SHARE = 0.3, 0.45
"""Lines may run together over so much of a groove; such blots are cleared in rings so many widths apart."""
TURN_MM = 0.05
"""So far before and after its end a hair's rim is in one place."""
POINT_MM = 0.002
"""Corners of a stroke closer to a straight line than this are dropped."""


def engraved(p: Pocket, silhouette: CrossSection) -> Pocket | EngravedStrokes:
    """A narrow, shallow pocket that is a round tool's sweep as strokes; any other pocket as it is."""
    area = flatten(p.floor)
    depth = p.top_z_mm - p.floor_z_mm
    ends = p.corner_radius_mm
    width = round(2 * ends if ends < math.inf else _width(area), 3)  # round ends are as wide as the tool
    if not 0 < width <= NARROW_MM or depth > DEEP * width:
        return p
    lines = strokes_of(area, width, outside(silhouette, width) if p.open else None)
    return EngravedStrokes(p.id, p.top_z_mm, depth, width, lines) if lines else p


def outside(silhouette: CrossSection, width: float) -> CrossSection:
    """Open space beside a part, wide enough for a tool to run out into."""
    return offset(silhouette, 2 * width) - offset(silhouette, -HAIR_MM)


def _width(area: CrossSection) -> float:
    """The diameter of the largest disc inside an area no wider than a groove; 0 for wider ones (by halving)."""
    low, high = 0.0, NARROW_MM / 2 + EVEN_MM
    if not offset(area, -high).is_empty():
        return 0.0
    while high - low > HAIR_MM / 4:
        mid = (low + high) / 2
        low, high = (low, mid) if offset(area, -mid).is_empty() else (mid, high)
    return 2 * low


def strokes_of(area: CrossSection, width: float, beside: CrossSection | None = None) -> tuple[Stroke, ...]:
    """The lines a round tool of this width (mm) follows to leave just the area; none when no lines do.

    ``beside`` is where the tool may go too: open space at the ends of a groove.

    Where the tool's centre may be is a hair: its rim runs along the line and back.
    """
    found: list[Stroke] = []
    room = area if beside is None else union([area, beside])
    free = offset(room, HAIR_MM - width / 2) ^ offset(area, width / 2)
    if free.is_empty() or free.area() > MOST_BLOTS * area.area():
        return ()
    for hair in separate(free):
        rims = _rims(hair, width)
        wanted = offset(hair, width / 2 - HAIR_MM)
        ways = ([_there(rims[0])], [_line(rims[0])], [_line(r) for r in rims])
        found += next((way for way in ways if _covers(way, wanted, width)), ways[-1])
    swept = stroke_area(found, width)
    wrong = (swept - offset(room, EVEN_MM), area - offset(swept, EVEN_MM))
    return tuple(found) if found and all(w.is_empty() for w in wrong) else ()


def _rims(hair: CrossSection, width: float) -> list[shapely.LinearRing]:
    """The rim of a hair, its outside first; of a blot, where lines run together, rings inside too."""
    found: list[shapely.LinearRing] = []
    while not hair.is_empty():
        found += [shapely.LinearRing(loop) for loop in hair.to_polygons()]
        hair = offset(hair, -RING_SHARE * width)
    return found


def _there(rim: shapely.LinearRing) -> Stroke:
    """The half of a hair's rim from one of its ends on, where the rim turns back."""
    here = rim.length
    spots = np.array([rim.project(shapely.Point(c)) for c in rim.coords[:-1]])
    gaps = [rim.interpolate((s - TURN_MM) % here).distance(rim.interpolate((s + TURN_MM) % here)) for s in spots]
    start = float(spots[int(np.argmin(np.round(gaps, 6)))])
    twice = shapely.LineString([*rim.coords, *rim.coords[1:]])
    return _line(substring(twice, start, start + here / 2))


def _line(way: shapely.LineString) -> Stroke:
    return Stroke(tuple((float(x), float(y)) for x, y in shapely.LineString(way.coords).simplify(POINT_MM).coords))


def _covers(lines: list[Stroke], area: CrossSection, width: float) -> bool:
    return bool((area - offset(stroke_area(lines, width), EVEN_MM)).is_empty())

"""What of the part a tool coming from above must not touch, level by level."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from geometry.regions import flatten, union
from geometry.solids import Shape, section
from model.region import Region, Segment

if TYPE_CHECKING:
    from manifold3d import CrossSection

    from geometry.faces import Face

HAIR_MM = 1e-4
"""Sections are cut this far beside a face's height."""


class Levels:
    """Sections of one solid in a setup's frame, cut when first asked for."""

    def __init__(self, shape: Shape, faces: list[Face]) -> None:
        heights = sorted({round(z, 5) for f in faces for z in (f.z0_mm, f.z1_mm)})
        self.heights = [z for k, z in enumerate(heights) if k == 0 or z - heights[k - 1] > 3 * HAIR_MM]
        self.bottom_mm, self.top_mm = self.heights[0], self.heights[-1]
        self._shape = shape
        self._sloped = [
            (f.z0_mm, f.z1_mm)
            for f in faces
            if not f.level and not (f.surface == "plane" and abs(f.normal[2]) < 1e-9)
            and not (f.surface == "cylinder" and f.upright)
        ]  # fmt: skip
        self._sections: dict[float, CrossSection] = {}
        self._shadows: dict[int, CrossSection] = {}

    def section(self, z_mm: float) -> CrossSection:
        """The material in the plane z."""
        key = round(z_mm, 6)
        if key not in self._sections:
            self._sections[key] = flatten(section(self._shape, key))
        return self._sections[key]

    def above(self, z_mm: float) -> CrossSection:
        """Everything of the part above the plane z, seen from above: where no tool at z may be."""
        first = next((k for k, h in enumerate(self.heights[1:]) if h > z_mm + 2 * HAIR_MM), len(self.heights) - 1)
        if first >= len(self.heights) - 1:
            return union([])
        partial = self.section(z_mm + HAIR_MM) if z_mm > self.heights[first] + HAIR_MM else union([])
        return union([partial, self._shadow(first)]).simplify(1e-7)

    def silhouette(self) -> CrossSection:
        """The whole part seen from above, its through-holes filled."""
        whole = self.above(self.bottom_mm)
        return union([whole, *(_filled(p) for p in whole.to_polygons())])

    def _shadow(self, k: int) -> CrossSection:
        """Material between heights k and the top, seen from above."""
        if k not in self._shadows:
            low, high = self.heights[k], self.heights[k + 1]
            cuts = [self.section(low + HAIR_MM)]
            if any(z0 < high - HAIR_MM and z1 > low + HAIR_MM for z0, z1 in self._sloped):
                cuts.append(self.section(high - HAIR_MM))
            if k + 2 < len(self.heights):
                cuts.append(self._shadow(k + 1))
            self._shadows[k] = union(cuts)
        return self._shadows[k]


def _filled(loop: object) -> CrossSection:
    from manifold3d import CrossSection, FillRule

    return CrossSection([loop], FillRule.Positive)


def tightest_radius(region: Region, *, walls_outside: bool, free: CrossSection | None = None) -> float:
    """The smallest concave wall radius of a region's boundary: the largest tool radius that leaves it exact.

    ``walls_outside``: the walls stand around the region (a pocket); otherwise the region is the part itself.
    Corners lying in ``free`` (no wall there) do not count. 0 for a sharp corner, inf when nothing is concave.
    """
    hollow = 1 if walls_outside else -1
    tightest = math.inf
    for contour in region.contours:
        x0, y0 = contour.start
        before = _direction_out(contour.segments[-2].x_mm, contour.segments[-2].y_mm, contour.segments[-1])
        for s in contour.segments:
            at_free = free is not None and _inside(free, x0, y0)
            start = _direction_in(x0, y0, s)
            bend = math.remainder(start - before, math.tau) * hollow
            if bend > math.radians(10) and not at_free:
                tightest = 0.0
            if s.turn == hollow and not at_free:
                tightest = min(tightest, math.hypot(s.x_mm - s.cx_mm, s.y_mm - s.cy_mm))
            before = _direction_out(x0, y0, s)
            x0, y0 = s.x_mm, s.y_mm
    return tightest


def _direction_in(x0: float, y0: float, s: Segment) -> float:
    if s.turn == 0:
        return math.atan2(s.y_mm - y0, s.x_mm - x0)
    return math.atan2(y0 - s.cy_mm, x0 - s.cx_mm) + s.turn * math.pi / 2


def _direction_out(x0: float, y0: float, s: Segment) -> float:
    if s.turn == 0:
        return math.atan2(s.y_mm - y0, s.x_mm - x0)
    return math.atan2(s.y_mm - s.cy_mm, s.x_mm - s.cx_mm) + s.turn * math.pi / 2


def _inside(area: CrossSection, x: float, y: float) -> bool:
    from geometry.regions import circle

    return not (area ^ flatten(circle(x, y, 0.01), 0.001)).is_empty()

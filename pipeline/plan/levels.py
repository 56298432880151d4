"""What of the part a tool coming from above must not touch, level by level."""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Callable
from copy import copy
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from geometry.regions import fit, flatten, union
from geometry.rims import rims
from geometry.solids import Shape, section
from geometry.tessellate import moved
from model.region import Region, Segment

if TYPE_CHECKING:
    from manifold3d import CrossSection

    from geometry.faces import Face

Floats = NDArray[np.float64]
HAIR_MM = 1e-4
"""Sections are cut this far beside a face's height."""
MESH_TOL_MM = 0.002
"""Triangles are this near to their faces; so much of a sloped face that looks down may be missed."""


CLEAR_MM = 5e-5
"""A plane nearer than this to an end of a face is a case of its own."""
SHARP_MM = 0.02
"""Corners rounder than this are round."""
DOWN_NZ = 1e-5
"""Normals that rise or fall less are upright."""


class Levels:
    """Sections of one solid in a setup's frame, cut when first asked for.

    ``faces`` is the solid's table; ``meshes`` gives its triangles face by face, asked for only when
    sloped faces look down.
    """

    def __init__(self, shape: Shape, faces: list[Face], meshes: Callable[[], list[Floats]]) -> None:
        heights = sorted({round(z, 5) for f in faces for z in (f.z0_mm, f.z1_mm)})
        self.heights = [z for k, z in enumerate(heights) if k == 0 or z - heights[k - 1] > 3 * HAIR_MM]
        self.bottom_mm, self.top_mm = self.heights[0], self.heights[-1]
        self._top_mm = self.top_mm
        self._shape = shape
        self._ceilings = [f for f in faces if f.level and f.normal[2] < 0]
        self._sloped = [f for f in faces if not f.level and not f.wall]
        self._meshes = meshes
        self._ends = sorted({z for f in faces for z in (f.z0_mm, f.z1_mm)})
        self._sections: dict[float, CrossSection] = {}
        self._prismatic: dict[int, CrossSection] = {}
        self._aboves: dict[float, CrossSection] = {}
        self._kept: dict[float, Region] = {}
        self._move: Floats | None = None

    def placed(self, move: Floats) -> Levels:
        """These levels after a turn about z and a shift, the rows of a 3x4 matrix; what was cut is not cut again."""
        there = copy(self)
        there._move, there._kept = move, {}  # noqa: SLF001 - a copy of its own kind
        lift = float(move[2, 3])
        there.heights = [z + lift for z in self.heights]
        there.bottom_mm, there.top_mm = there.heights[0], there.heights[-1]
        return there

    def triangles(self) -> list[Floats]:
        """The part's triangles, face by face."""
        if self._move is None:
            return self._meshes()
        return [moved(corners.reshape(-1, 3), self._move).reshape(-1, 3, 3) for corners in self._meshes()]

    def section(self, z_mm: float) -> CrossSection:
        """The material in the plane z."""
        return self._laid(self._section(self._unlifted(z_mm)))

    def above(self, z_mm: float) -> CrossSection:
        """Everything of the part above the plane z, seen from above: where no tool at z may be.

        A place is covered when the plane just above z is material there, or when a face above it looks down:
        level ones are known exactly, sloped ones by their triangles.
        """
        return self._laid(self._above(self._unlifted(z_mm)))

    def kept(self, z_mm: float) -> Region:
        """The same as a region with its arcs."""
        if z_mm not in self._kept:
            self._kept[z_mm] = fit(self.above(z_mm))
        return self._kept[z_mm]

    def _unlifted(self, z_mm: float) -> float:
        return round(z_mm - (0.0 if self._move is None else float(self._move[2, 3])), 6)

    def _laid(self, area: CrossSection) -> CrossSection:
        return area if self._move is None else area.transform(self._move[:2, [0, 1, 3]])

    def _section(self, key: float) -> CrossSection:
        if key not in self._sections:
            self._sections[key] = self._cut(key)
        return self._sections[key]

    def _cut(self, key: float) -> CrossSection:
        """The section; between two heights where only upright walls stand, all planes cut the same one."""
        k = bisect(self._ends, key)
        if not 0 < k < len(self._ends):  # above the part, or below it
            return flatten(Region(()))
        low, high = self._ends[k - 1], self._ends[k]
        beside = min(key - low, high - key) < CLEAR_MM
        if beside or any(f.z0_mm < high and f.z1_mm > low for f in self._sloped):
            return flatten(section(self._shape, key))
        if k not in self._prismatic:
            self._prismatic[k] = flatten(section(self._shape, key))
        return self._prismatic[k]

    def _above(self, key: float) -> CrossSection:
        if key not in self._aboves:
            low = key + HAIR_MM
            covers = [self._section(round(low, 6))] if low < self._top_mm - HAIR_MM else []
            covers += [flatten(f.region) for f in self._ceilings if f.z0_mm > low]
            covers += self._hanging(low)
            self._aboves[key] = union(covers).simplify(1e-7) if covers else union([])
        return self._aboves[key]

    def silhouette(self) -> CrossSection:
        """The whole part seen from above, its through-holes filled."""
        return filled(self.above(self.bottom_mm))

    def _hanging(self, low_mm: float) -> list[CrossSection]:
        """Shadows of sloped faces' downward parts above a height."""
        down = [f for f in self._sloped if f.z1_mm > low_mm and f.lowest_nz < -DOWN_NZ]
        found = [shadow_of(self._meshes()[f.index], low_mm, up=False) for f in down]
        return [area for area in found if not area.is_empty()]


def shadow_of(corners: Floats, low_mm: float = -math.inf, *, up: bool = True) -> CrossSection:
    """What the triangles (n, 3, 3) that look up (or down) cover above a height, seen from above."""
    from manifold3d import CrossSection, FillRule

    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])[:, 2]
    facing = corners[(across > DOWN_NZ**2) if up else (across < -(DOWN_NZ**2))]
    if not up:
        facing = facing[:, ::-1]
    whole = facing[:, :, 2].min(axis=1) >= low_mm
    part = facing[~whole & (facing[:, :, 2].max(axis=1) > low_mm)]
    loops = [*rims(facing[whole][:, :, :2]), *(_cut(c, low_mm) for c in part)]
    return CrossSection(loops, FillRule.NonZero)


def _cut(corners: Floats, low_mm: float) -> Floats:
    """The part of a triangle above a height, seen from above."""
    kept: list[Floats] = []
    for k in range(3):
        a, b = corners[k], corners[(k + 1) % 3]
        if a[2] >= low_mm:
            kept.append(a)
        if (a[2] - low_mm) * (b[2] - low_mm) < 0:
            kept.append(a + (low_mm - a[2]) / (b[2] - a[2]) * (b - a))
    return np.array(kept)[:, :2]


def filled(area: CrossSection) -> CrossSection:
    """An area with its holes filled."""
    from manifold3d import CrossSection, FillRule

    return union([area, *(CrossSection([loop], FillRule.Positive) for loop in area.to_polygons())])


def tightest_radius(
    region: Region, *, walls_outside: bool, free: CrossSection | None = None, left_mm: float = 0.0
) -> float:
    """The smallest concave wall radius of a region's boundary: the largest tool radius that leaves it exact.

    ``walls_outside``: the walls stand around the region (a pocket); otherwise the region is the part itself.
    Corners lying in ``free`` (no wall there) do not count. 0 for a sharp corner, or the radius that leaves ``left_mm``
    in it; inf when nothing is concave.
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
                tightest = min(tightest, left_mm / (1 / math.cos(bend / 2) - 1))
            if s.turn == hollow and not at_free:
                radius = math.hypot(s.x_mm - s.cx_mm, s.y_mm - s.cy_mm)
                tightest = min(tightest, radius if radius > SHARP_MM else 0.0)
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

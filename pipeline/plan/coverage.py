"""Which spots of the part's surface each feature makes, so that every face belongs to a cut or to a reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from geometry.regions import bounds, flatten, offset, rectangle, stroke_area, union, within
from geometry.sight import Sky
from geometry.tessellate import Spots, moved_spots
from model.feature import (
    Chamfer,
    Cutout,
    EngravedStrokes,
    Feature,
    FreeSurface,
    Hole,
    Outline,
    PlanarFace,
    Pocket,
    VCarving,
)
from model.plan import Matrix
from pipeline.plan.formulas import drill_tip_mm

if TYPE_CHECKING:
    from manifold3d import CrossSection

Flags = NDArray[np.bool_]
NEAR_MM = 0.03
"""A spot belongs to a wall or floor this near to it (triangles miss round walls by less)."""
FINEST_MM = 1.0
"""Corners rounder than this are no trouble to any mill."""
AROUND_MM = 50.0
LEVEL, UPRIGHT = 0.9999, 0.02


@dataclass(frozen=True, slots=True)
class Sight:
    """The part's surface spots in a setup's frame; ``seen`` tells which are open to the spindle."""

    spots: Spots
    seen: Flags

    @staticmethod
    def moved(spots: Spots, seen: Flags, to_setup: Matrix) -> Sight:
        """Spots of the part's frame in a setup's."""
        return Sight(moved_spots(spots, np.array(to_setup)), seen)

    def between(self, low_mm: float, high_mm: float) -> Flags:
        """The seen spots between two heights."""
        z = self.spots.points[:, 2]
        inside: Flags = self.seen & (z >= low_mm - NEAR_MM) & (z <= high_mm + NEAR_MM)
        return inside

    def level(self) -> Flags:
        """The spots that look straight up."""
        flat: Flags = self.spots.normals[:, 2] > LEVEL
        return flat

    def upright(self) -> Flags:
        """The spots on upright walls."""
        wall: Flags = np.abs(self.spots.normals[:, 2]) < UPRIGHT
        return wall

    def over(self, area: CrossSection, candidates: Flags) -> Flags:
        """The candidates that lie in an area seen from above."""
        found = np.zeros(len(candidates), dtype=np.bool_)
        found[candidates] = within(area, self.spots.points[candidates, :2])
        return found


def looked_at(spots: Spots, sky: Sky, to_setup: Matrix) -> Sight:
    """Look at a part's spots, given in its own frame, from a setup's spindle; ``sky`` is the part in the setup's."""
    here = moved_spots(spots, np.array(to_setup))
    return Sight(here, sky.seen(here.points, here.normals))


def made_by(feature: Feature, view: Sight, around: CrossSection, radius_mm: float = FINEST_MM) -> Flags:
    """The spots a feature makes when it is cut from this side.

    ``around`` is all that is not under the part's outline; ``radius_mm`` the tool's: what it leaves in corners that
    are tighter is not made.
    """
    made: Flags = np.zeros(len(view.seen), dtype=np.bool_)  # edges are broken, not made
    if isinstance(feature, PlanarFace):
        made = view.level() & view.between(feature.z_mm, feature.z_mm)
    elif isinstance(feature, Hole):
        made = _hole(feature, view)
    elif isinstance(feature, Chamfer):
        made = _bevel(feature, view)
    elif isinstance(feature, FreeSurface):
        made = np.isin(view.spots.face, feature.faces) & view.seen & (view.spots.normals[:, 2] > 0)
        beside = view.upright() & view.between(feature.bottom_z_mm, feature.top_z_mm)
        made |= view.over(offset(flatten(feature.region), NEAR_MM), beside)  # the ball follows the foot of a wall
    elif isinstance(feature, Pocket | Cutout | Outline):
        made = _walled(feature, view, around, radius_mm)
    elif isinstance(feature, EngravedStrokes | VCarving):
        made = _groove(feature, view)
    return made


def _walled(feature: Pocket | Cutout | Outline, view: Sight, around: CrossSection, radius_mm: float) -> Flags:
    """The walls of a pocket, cut-out or outline as far as the tool comes into its corners, and a pocket's floor."""
    if isinstance(feature, Pocket):
        region = flatten(feature.floor)
        z = feature.floor_z_mm
        floor = view.over(offset(region, NEAR_MM), view.level() & view.between(z, z))
        wall = view.over(offset(region, NEAR_MM), view.upright() & view.between(z, feature.top_z_mm))
        # grown and shrunk again: no hair may stay between them
        free = offset(offset(union([region, around]), NEAR_MM), -NEAR_MM) if feature.open else region
    else:
        wall = view.upright() & view.between(feature.bottom_z_mm, feature.top_z_mm)
        free = around if isinstance(feature, Outline) else flatten(feature.region)
        floor = np.zeros(len(wall), dtype=np.bool_)
    cleared = offset(offset(free, -radius_mm), radius_mm + NEAR_MM) if radius_mm > 0 else offset(free, NEAR_MM)
    return floor | view.over(cleared, wall)


def _groove(feature: EngravedStrokes | VCarving, view: Sight) -> Flags:
    if isinstance(feature, EngravedStrokes):
        area = stroke_area(feature.strokes, feature.width_mm)
    else:
        area = flatten(feature.region)
    return view.over(offset(area, NEAR_MM), view.between(feature.top_z_mm - feature.depth_mm, feature.top_z_mm))


def around_part(features: Sequence[Feature]) -> CrossSection:
    """Everything near the part that is not under its outline."""
    region = next(f.region for f in features if isinstance(f, Outline))
    x0, y0, x1, y1 = bounds(region)
    wide = AROUND_MM
    return flatten(rectangle(x0 - wide, y0 - wide, x1 + wide, y1 + wide)) - flatten(region)


def _bevel(feature: Chamfer, view: Sight) -> Flags:
    edge = flatten(feature.edge)
    ring = offset(edge, feature.width_mm + NEAR_MM) - offset(edge, -feature.width_mm - NEAR_MM)
    slope = np.abs(view.spots.normals[:, 2] - np.sqrt(0.5)) < UPRIGHT
    return view.over(ring, slope & view.between(feature.foot_z_mm, feature.foot_z_mm + feature.width_mm))


def _hole(hole: Hole, view: Sight) -> Flags:
    """A hole's walls as deep as it has its full diameter, its shoulders and bottom, its tip and its countersink."""
    wide = max(hole.sink_mm, *(s.diameter_mm for s in hole.steps))
    top = hole.top_z_mm - hole.chamfer_mm  # the bevel is a chamfer of its own
    end = hole.steps[-1].bottom_z_mm
    points = view.spots.points
    near = np.hypot(points[:, 0] - hole.x_mm, points[:, 1] - hole.y_mm) < wide / 2 + NEAR_MM
    tip = wide if hole.tip_angle_deg < 180 or hole.through else 0.0
    mouth = view.level() & (points[:, 2] > top - NEAR_MM)
    sloped = ~view.upright() & ~view.level()
    ends = view.between(end - tip, end) | view.between(top - hole.sink_mm, top)
    for s in hole.steps[:-1]:
        if s.tip_angle_deg < 180:
            ends |= view.between(s.bottom_z_mm - drill_tip_mm(s.diameter_mm, s.tip_angle_deg), s.bottom_z_mm)
    return near & ((view.between(end, top) & ~sloped & ~mouth) | (ends & sloped))

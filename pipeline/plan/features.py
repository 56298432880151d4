"""Finds the manufacturing features of a solid as a tool from above sees them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from geometry.faces import Face, table
from geometry.regions import fit, flatten, offset, separate, stroke_area, union
from geometry.solids import Shape, signed_area
from geometry.tessellate import Floats, Spots, by_face
from model.design import Annotation, Engraving, Fit, Thread
from model.errors import VerificationError
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
)
from model.plan import Matrix
from model.region import Contour, Region, Stroke
from pipeline.plan.bores import SAME_MM, disc, moved_point, nooks, on_axis, round_holes
from pipeline.plan.corners import rounded_radius
from pipeline.plan.levels import HAIR_MM, MESH_TOL_MM, Levels, shadow_of, tightest_radius
from pipeline.plan.strokes import engraved

if TYPE_CHECKING:
    from manifold3d import CrossSection

AREA_TOL_MM2 = 0.02
OVER = "over-surface-"
"""What the names of openings above sloped faces begin with."""
OPEN_WALL = "open-wall-"
"""And those of openings beside walls that end over nothing."""
NIB_MM = 0.004
"""Notches and necks of an opening narrower than twice this come from rounding, not from the part."""
LOST_SHARE, BESIDE_MM = 0.05, 0.3
"""A face counts as lost from this share of its spots on; the air is looked at so far beside them."""
ROUND_SHARE, MIN_ROUND_MM, NECK_MM = 0.98, 1.0, 0.05
"""The round of an opening's parts, in its tightest corner; the least that is worth it; what is no neck."""
NOTCH_MM = 12.0
"""An outline's hollow corners rounder than this are filled by no mill that follows it."""
STEEP_NZ = 0.004
"""Faces whose normal rises no more than this anywhere are walls to a tool from above."""


@dataclass(frozen=True)
class Recognition:
    """Features seen from one side. ``strange`` are faces no feature explains (by index)."""

    features: tuple[Feature, ...]
    levels: Levels
    strange: frozenset[int]
    faces: tuple[Face, ...]
    bounds: _Bounds

    def parted(self) -> Recognition:
        """With the wide parts after every opening that has necks: they are cut where no mill passes those.

        Necks come about where an opening meets another one.
        """
        found: list[Feature] = []
        for f in self.features:
            found += [f, *(_without_necks(f, self.bounds) if isinstance(f, Pocket) else ())]
        return replace(self, features=tuple(found))

    def with_walls(self, spots: Spots, lost: NDArray[np.bool_]) -> Recognition:
        """With openings for upright walls that no feature makes (their spots): they end over nothing, without a floor.

        An opening goes down to the lowest spot of its face; small doubts at corners are let be.
        """
        beside: dict[float, list[CrossSection]] = {}
        for face in np.unique(spots.face[lost]).tolist():
            own = lost & (spots.face == face)
            if own.sum() > LOST_SHARE * (spots.face == face).sum():
                lowest = float(spots.points[own, 2].min())
                low = max(z for z in self.levels.heights if z <= lowest + SAME_MM)
                air = spots.points[own, :2] + BESIDE_MM * spots.normals[own, :2]
                beside.setdefault(low, []).extend(disc(x, y, BESIDE_MM) for x, y in air.tolist())
        found: list[Pocket] = []
        known = [f for f in self.features if isinstance(f, Pocket)]
        for z in sorted(beside, reverse=True):
            more = _openings(z, union(beside[z]), self.bounds, [*known, *found])
            found += [replace(p, id=f"{OPEN_WALL}{len(found) + k}") for k, p in enumerate(more, 1)]
        return replace(self, features=(*self.features, *found))


def recognise(shape: Shape, to_setup: Matrix, annotations: Sequence[Annotation]) -> Recognition:
    """Read every feature reachable along -z from a solid already moved into the setup's frame.

    Raises:
        VerificationError: An engraving annotation does not match the solid.
    """
    faces = table(shape)
    meshes = cache(partial(by_face, shape, MESH_TOL_MM))
    levels = Levels(shape, faces, meshes)
    notes = [a for a in annotations if isinstance(a, Thread | Fit)]
    holes = round_holes(faces, levels, to_setup, notes)
    texts = [_engraving(k, a, to_setup, faces) for k, a in enumerate(_facing(annotations, to_setup), 1)]
    chamfers, bevelled = _chamfers(faces, levels)
    floors = [f for f in faces if f.level and f.normal[2] > 0 and not _spoken_for(f, holes, texts)]
    silhouette = levels.silhouette()
    drilled = [h for h in holes if h.broken]
    bounds = _Bounds(levels, _closed(silhouette), drilled)
    features: list[Feature] = [*_tops(floors, levels), *texts]
    pockets = _pockets(floors, bounds)
    features += [engraved(p, silhouette) for p in pockets]
    features += [*holes, *_cutouts(levels, silhouette, holes, pockets)]
    around = offset(silhouette, NOTCH_MM) - silhouette
    whole = fit(silhouette + nooks(around, levels.bottom_mm, drilled))
    radius = tightest_radius(whole, walls_outside=False)
    features.append(Outline("outline-1", levels.top_mm, levels.bottom_mm, whole, radius))
    features += chamfers
    strange = _strange(faces, holes, bevelled)
    free = _free(faces, strange, levels, meshes)
    features += [*_over(free, bounds, pockets), *free]
    return Recognition(tuple(features), levels, strange, tuple(faces), bounds)


def _facing(annotations: Sequence[Annotation], m: Matrix) -> list[Engraving]:
    return [a for a in annotations if isinstance(a, Engraving) and m[2][2] > 0.999]


def _engraving(k: int, a: Engraving, m: Matrix, faces: list[Face]) -> EngravedStrokes:
    """The annotation in the setup's frame, held against the grooves the solid really has."""
    top = moved_point(m, (0.0, 0.0, a.z_mm))[2]
    strokes = tuple(Stroke(tuple(moved_point(m, (x, y, a.z_mm))[:2] for x, y in s.points)) for s in a.strokes)
    wanted = stroke_area(strokes, a.width_mm)
    low = [f for f in faces if f.level and f.normal[2] > 0 and abs(f.z0_mm - (top - a.depth_mm)) < SAME_MM]
    found = union([flatten(f.region) for f in low]) ^ offset(wanted, 0.5)
    off = (wanted - found).area() + (found - wanted).area()
    limit = max(AREA_TOL_MM2, 0.003 * wanted.area())
    if off > limit:
        place = f"engraving {a.text!r}"
        msg = f"{place}: the solid's grooves differ from the strokes by {off:.3f} mm2, more than {limit:.3f} mm2"
        raise VerificationError(
            "plan.engraving-mismatch", msg, place=place, value=off, limit=limit,
            hint="The family must cut exactly the strokes it declares.",
        )  # fmt: skip
    return EngravedStrokes(f"engraving-{k}", top, a.depth_mm, a.width_mm, strokes, a.text)


def _spoken_for(f: Face, holes: list[Hole], engraved: list[EngravedStrokes]) -> bool:
    """True for the floors of counterbores, blind holes and engravings."""
    own = flatten(f.region)
    for h in holes:
        at_step = any(abs(f.z0_mm - s.bottom_z_mm) < SAME_MM for s in h.steps)
        if at_step and (own - disc(h.x_mm, h.y_mm, h.steps[0].diameter_mm + 2 * SAME_MM)).is_empty():
            return True
    return any(
        abs(f.z0_mm - (e.top_z_mm - e.depth_mm)) < SAME_MM
        and (own - offset(stroke_area(e.strokes, e.width_mm), 2 * SAME_MM)).area() < AREA_TOL_MM2
        for e in engraved
    )


def _tops(floors: list[Face], levels: Levels) -> list[PlanarFace]:
    """The top, whose region is empty where the part ends in a crest: the blank is faced down to it all the same."""
    top = [f for f in floors if abs(f.z0_mm - levels.top_mm) < SAME_MM]
    return [PlanarFace("face-1", levels.top_mm, fit(union([flatten(f.region) for f in top])))]


@dataclass(frozen=True)
class _Bounds:
    """What opens upwards: the part's levels, all within an area seen from above, and holes drilled before.

    ``area`` takes in the outline's notches and hollow corners: a mill that follows the outline leaves those round.
    """

    levels: Levels
    area: CrossSection
    drilled: list[Hole]

    @cached_property
    def rim(self) -> CrossSection:
        """A hair on either side of the bounds: no wall stands there."""
        return offset(self.area, 0.01) - offset(self.area, -0.01)


def _closed(silhouette: CrossSection) -> CrossSection:
    """An outline with what a mill of up to twice :data:`NOTCH_MM` leaves of its notches and hollow corners."""
    left = offset(offset(silhouette, NOTCH_MM), -NOTCH_MM) - silhouette
    notches = [p for p in separate(left) if not offset(p, -NIB_MM).is_empty()]
    return offset(offset(union([silhouette, *notches]), HAIR_MM), -HAIR_MM) if notches else silhouette


def _pockets(floors: list[Face], bounds: _Bounds) -> list[Pocket]:
    """One pocket for every separate opening at the height of a floor, from the top down."""
    found: list[Pocket] = []
    for z in sorted({round(f.z0_mm, 4) for f in floors if f.z0_mm < bounds.levels.top_mm - SAME_MM}, reverse=True):
        here = union([flatten(f.region) for f in floors if abs(f.z0_mm - z) < SAME_MM])
        found += _openings(z, here, bounds, found)
    return found


def _over(free: list[FreeSurface], bounds: _Bounds, pockets: list[Pocket]) -> list[Pocket]:
    """What stands open above sloped faces down to where they begin: the upright walls over them are walls of it."""
    found: list[Pocket] = []
    for s in free:
        if s.top_z_mm < bounds.levels.top_mm - SAME_MM and all(abs(s.top_z_mm - p.floor_z_mm) > SAME_MM for p in found):
            above = _openings(s.top_z_mm, flatten(s.region), bounds, [*pockets, *found])
            found += [replace(p, id=f"{OVER}{len(found) + k}") for k, p in enumerate(above, 1)]
    return found


def _openings(z: float, here: CrossSection, bounds: _Bounds, others: Sequence[Pocket]) -> list[Pocket]:
    """The separate openings at a height that lie over an area, as pockets."""
    found: list[Pocket] = []
    clear = bounds.area - bounds.levels.above(z)
    clear -= nooks(clear, z, bounds.drilled)
    apart = separate(offset(clear, -NIB_MM))  # openings that only touch are two
    for area in sorted(apart, key=lambda a: tuple(round(float(v), 3) for v in a.bounds())):
        if (area ^ here).area() < AREA_TOL_MM2:
            continue
        opening = (offset(area, NIB_MM) ^ clear).simplify(HAIR_MM * 2)
        region = fit(opening)
        is_open = _at_rim(opening, bounds)
        radius = tightest_radius(region, walls_outside=True, free=bounds.rim)
        before = [p for p in (*others, *found) if p.floor_z_mm >= z - SAME_MM]
        mouth = _mouth(opening, before, bounds.levels.top_mm)
        if mouth > z + SAME_MM:  # else another feature's opening is the same
            found.append(Pocket(f"pocket-{len(others) + len(found) + 1}", mouth, z, region, radius, is_open))
    return found


def _without_necks(whole: Pocket, bounds: _Bounds) -> list[Pocket]:
    """The parts of an opening that a mill as round as its corners, or a fine one, comes into, where necks lead out.

    To such a mill an open side is no wall.
    """
    round_mm = ROUND_SHARE * rounded_radius(whole)
    opening = flatten(whole.floor)
    found: list[Pocket] = []
    for r in (round_mm, MIN_ROUND_MM):
        if not MIN_ROUND_MM <= r <= round_mm < math.inf:
            continue
        beside = (offset(bounds.area, 2 * r) - bounds.area) ^ offset(opening, 2 * r)
        roomy = union([opening, beside]) if whole.open else opening
        wide = [offset(p, r) ^ opening for p in separate(offset(roomy, -r))]
        known = union([flatten(p.floor) for p in found])
        parts = [p for p in wide if (p - known).area() > max(AREA_TOL_MM2, p.area() / 2)]
        if len(parts) == 1 and offset(opening - parts[0], -NECK_MM).is_empty():
            continue
        found += [
            replace(whole, id=f"{whole.id}-part-{k}", floor=fit(p), corner_radius_mm=round_mm, open=_at_rim(p, bounds))
            for k, p in enumerate(parts, len(found) + 1)
        ]
    return found


def _at_rim(opening: CrossSection, bounds: _Bounds) -> bool:
    """True when an opening is open to a side."""
    return bool((offset(opening, 0.005) ^ bounds.rim).area() > AREA_TOL_MM2)


def _mouth(opening: CrossSection, pockets: Sequence[Pocket], top_mm: float) -> float:
    """Where material begins over an opening: the floor of the lowest pocket that clears all of it, or the top."""
    over = [p.floor_z_mm for p in pockets if (opening - flatten(p.floor)).area() < AREA_TOL_MM2]
    return min(over, default=top_mm)


def _cutouts(levels: Levels, silhouette: CrossSection, holes: list[Hole], pockets: list[Pocket]) -> list[Cutout]:
    found: list[Cutout] = []
    open_through = silhouette - levels.above(levels.bottom_mm)
    for area in sorted(separate(open_through), key=lambda a: tuple(round(float(v), 3) for v in a.bounds())):
        if area.area() < AREA_TOL_MM2 or any(_is_hole(area, h) for h in holes):
            continue
        region = fit(area)
        top = _mouth(area, pockets, levels.top_mm)
        radius = tightest_radius(region, walls_outside=True)
        found.append(Cutout(f"cutout-{len(found) + 1}", top, levels.bottom_mm, region, radius))
    return found


def _is_hole(area: CrossSection, h: Hole) -> bool:
    return bool((area - disc(h.x_mm, h.y_mm, h.steps[-1].diameter_mm + 2 * SAME_MM)).area() < AREA_TOL_MM2)


def _chamfers(faces: list[Face], levels: Levels) -> tuple[list[Chamfer], set[int]]:
    """45 degree edge breaks looking up, grouped by height; also the faces they explain."""
    slopes: dict[tuple[float, float], list[Face]] = {}
    for f in faces:
        flat = f.surface == "plane" and abs(f.normal[2] - math.sqrt(0.5)) < 1e-3
        cone = f.surface == "cone" and f.upright and abs(f.half_angle_deg - 45) < 0.1 and f.normal[2] > 0
        if flat or cone:
            slopes.setdefault((round(f.z0_mm, 4), round(f.z1_mm, 4)), []).append(f)
    found: list[Chamfer] = []
    explained: set[int] = set()
    for (z0, z1), group in sorted(slopes.items(), reverse=True):
        width = z1 - z0
        low, high = levels.section(z0 + HAIR_MM), levels.section(z1 - HAIR_MM)
        ring = low - high
        bands = [(c, _band(c, width)) for c in fit(low).contours if _is_edge(c)]
        cut = [(c, b) for c, b in bands if (ring ^ b).area() >= 0.98 * b.area()]
        if abs(sum(b.area() for _, b in cut) - ring.area()) <= max(0.02 * ring.area(), AREA_TOL_MM2):
            explained |= {f.index for f in group}
            found += [Chamfer(f"chamfer-{len(found) + k}", z0, width, Region((c,))) for k, (c, _) in enumerate(cut, 1)]
    return found, explained


def _is_edge(contour: Contour) -> bool:
    """False for the slit at the bottom of a V groove, under which there is no wall."""
    return bool(not offset(flatten(Region((contour,))), -4 * HAIR_MM).is_empty())


def _band(contour: Contour, width: float) -> CrossSection:
    """The strip of material along a contour that a chamfer of this width takes off its top."""
    area = flatten(Region((contour,)))
    return area - offset(area, -width) if signed_area(contour) > 0 else offset(area, width) - area


def _strange(faces: list[Face], holes: list[Hole], bevelled: set[int]) -> frozenset[int]:
    """Faces no plane feature of this side explains: sloped, round or free ones."""
    tips = {
        f.index for f in faces for h in holes
        if f.surface == "cone" and f.upright and on_axis(f, (h.x_mm, h.y_mm))
        and (
            f.z1_mm <= h.steps[-1].bottom_z_mm + SAME_MM or (h.sink_mm and abs(f.z1_mm - h.top_z_mm) < SAME_MM)
            or any(s.tip_angle_deg < 180 and abs(f.z1_mm - s.bottom_z_mm) < SAME_MM for s in h.steps)
        )
    }  # fmt: skip
    plain = {f.index for f in faces if f.level or f.wall}
    return frozenset(f.index for f in faces) - plain - bevelled - tips


def _free(
    faces: list[Face], strange: frozenset[int], levels: Levels, meshes: Callable[[], list[Floats]]
) -> list[FreeSurface]:
    """Sloped faces that look up somewhere, one feature for all that hang together seen from above."""
    upward = [faces[k] for k in sorted(strange) if faces[k].highest_nz > STEEP_NZ]
    shapes = {f.index: shadow_of(meshes()[f.index]) for f in upward}
    upward = [f for f in upward if (shapes[f.index] - levels.above(f.z1_mm)).area() > AREA_TOL_MM2]
    if not upward:
        return []
    found: list[FreeSurface] = []
    for area in separate(offset(union([shapes[f.index] for f in upward]), SAME_MM)):
        own = [f for f in upward if not (shapes[f.index] ^ area).is_empty()]
        found.append(
            FreeSurface(
                f"surface-{len(found) + 1}", tuple(f.index for f in own), max(f.z1_mm for f in own),
                min(f.z0_mm for f in own), fit(area.simplify(SAME_MM)), min(f.hollow_mm for f in own),
            )
        )  # fmt: skip
    return sorted(found, key=lambda s: s.id)

"""Finds the manufacturing features of a solid as a tool from above sees them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TYPE_CHECKING

from geometry.faces import Face, table
from geometry.regions import fit, flatten, offset, stroke_area, union
from geometry.solids import Shape, signed_area
from geometry.tessellate import Floats, by_face
from model.design import Annotation, Engraving, Fit, Thread
from model.errors import VerificationError
from model.feature import (
    Chamfer,
    Cutout,
    EngravedStrokes,
    Feature,
    FreeSurface,
    Hole,
    HoleStep,
    Outline,
    PlanarFace,
    Pocket,
)
from model.plan import Matrix
from model.region import Contour, Point, Region, Stroke
from pipeline.plan.levels import HAIR_MM, MESH_TOL_MM, Levels, shadow_of, tightest_radius

if TYPE_CHECKING:
    from manifold3d import CrossSection

SAME_MM = 1e-3
AREA_TOL_MM2 = 0.02
OVER = "over-surface-"
"""What the names of openings above sloped faces begin with."""
NIB_MM = 0.004
"""Notches and necks of an opening narrower than twice this come from rounding, not from the part."""
STEEP_NZ = 0.02
"""Faces whose normal rises no more than this anywhere are walls to a tool from above."""


@dataclass(frozen=True)
class Recognition:
    """Features seen from one side. ``strange`` are faces no feature explains (by index)."""

    features: tuple[Feature, ...]
    levels: Levels
    strange: frozenset[int]
    faces: tuple[Face, ...]


def recognise(shape: Shape, to_setup: Matrix, annotations: Sequence[Annotation]) -> Recognition:
    """Read every feature reachable along -z from a solid already moved into the setup's frame.

    Raises:
        VerificationError: An engraving annotation does not match the solid.
    """
    faces = table(shape)
    meshes = cache(partial(by_face, shape, MESH_TOL_MM))
    levels = Levels(shape, faces, meshes)
    notes = [a for a in annotations if isinstance(a, Thread | Fit)]
    holes = _holes(faces, levels, to_setup, notes)
    engraved = [_engraving(k, a, to_setup, faces) for k, a in enumerate(_facing(annotations, to_setup), 1)]
    chamfers, bevelled = _chamfers(faces, levels)
    floors = [f for f in faces if f.level and f.normal[2] > 0 and not _spoken_for(f, holes, engraved)]
    silhouette = levels.silhouette()
    features: list[Feature] = [*_tops(floors, levels), *engraved]
    pockets = _pockets(floors, levels, silhouette)
    features += [*pockets, *holes, *_cutouts(levels, silhouette, holes, pockets)]
    whole = fit(silhouette)
    radius = tightest_radius(whole, walls_outside=False)
    features.append(Outline("outline-1", levels.top_mm, levels.bottom_mm, whole, radius))
    features += chamfers
    strange = _strange(faces, holes, bevelled)
    free = _free(faces, strange, levels, meshes)
    features += [*_over(free, levels, silhouette, pockets), *free]
    return Recognition(tuple(features), levels, strange, tuple(faces))


def moved_point(m: Matrix, p: tuple[float, float, float]) -> tuple[float, float, float]:
    """A point of the part's frame in the setup's."""
    x, y, z = (r[0] * p[0] + r[1] * p[1] + r[2] * p[2] + r[3] for r in m)
    return (x, y, z)


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


def _holes(faces: list[Face], levels: Levels, m: Matrix, notes: Sequence[Thread | Fit]) -> list[Hole]:
    """Round holes open upwards, each with its steps from the mouth down."""
    stacks: dict[Point, list[Face]] = {}
    for f in faces:
        if f.surface == "cylinder" and f.upright and f.concave and _whole_turn(f, faces):
            stacks.setdefault((round(f.centre[0], 3), round(f.centre[1], 3)), []).append(f)
    found: list[Hole] = []
    for at in sorted(stacks):
        walls = sorted({(w.z1_mm, w.z0_mm, round(w.radius_mm, 5)) for w in stacks[at]}, reverse=True)
        cones = [f for f in faces if f.surface == "cone" and f.upright and f.concave and _on_axis(f, at)]
        hole = _hole(len(found) + 1, (stacks[at][0].centre[0], stacks[at][0].centre[1]), walls, cones, levels)
        if hole is not None:
            found.append(_annotated(hole, m, notes))
    return found


def _hole(k: int, at: Point, walls: list[tuple[float, float, float]], cones: list[Face], levels: Levels) -> Hole | None:
    x, y = at
    steps: list[HoleStep] = []
    radius, top = math.inf, walls[0][0]
    widens = False
    for _, z0, r in walls:
        if r > radius + SAME_MM:
            widens = True
            break
        if steps and abs(steps[-1].diameter_mm - 2 * r) < SAME_MM:
            steps[-1] = HoleStep(2 * r, z0)
        else:
            steps.append(HoleStep(2 * r, z0))
        radius = r
    mouth = next((c for c in cones if abs(c.z0_mm - top) < SAME_MM and c.highest_nz > 0), None)
    sunk = mouth is not None and abs(mouth.half_angle_deg - 45) >= 0.1
    over = mouth.z1_mm - mouth.z0_mm if mouth is not None else 0.0
    if not (_disc(x, y, steps[0].diameter_mm - 0.02) ^ levels.above(top + over)).is_empty():
        return None  # material above: another setup's hole
    bottom = steps[-1].bottom_z_mm
    under = bottom <= levels.bottom_mm + SAME_MM
    below = _disc(x, y, steps[-1].diameter_mm - 0.02) ^ levels.section(bottom - 2 * HAIR_MM)
    through = widens or under or below.is_empty()
    tip = next((c for c in cones if abs(c.z1_mm - bottom) < SAME_MM), None)
    if tip is not None and not widens:
        through = tip.z0_mm <= levels.bottom_mm + SAME_MM
    angle = 2 * tip.half_angle_deg if tip is not None and not through else 180.0
    hole = Hole(f"hole-{k}", x, y, top + over, tuple(steps), through, 0.0 if sunk else over, angle)
    if mouth is None or not sunk:
        return hole
    return replace(hole, sink_mm=2 * mouth.radius_mm, sink_deg=2 * mouth.half_angle_deg)


def _annotated(hole: Hole, m: Matrix, notes: Sequence[Thread | Fit]) -> Hole:
    """The hole with what the annotations on its axis say: its thread, as deep as it goes from here, and its fit."""
    for note in notes:
        x, y, z = moved_point(m, note.at_mm)
        if math.hypot(x - hole.x_mm, y - hole.y_mm) >= 0.01:
            continue
        if isinstance(note, Fit):
            hole = replace(hole, fit=note.name)
            continue
        down = -sum(a * b for a, b in zip(m[2][:3], note.direction, strict=True))
        depth = hole.top_z_mm - (z - note.depth_mm) if down > 0.5 else 0.0
        whole = depth <= 0 or (hole.through and hole.top_z_mm - depth <= hole.steps[-1].bottom_z_mm + SAME_MM)
        hole = replace(hole, thread=note.name, thread_depth_mm=0.0 if whole else depth)
    return hole


def _whole_turn(f: Face, faces: list[Face]) -> bool:
    """True when faces of one cylinder together go all the way round."""
    same = [
        g for g in faces
        if g.surface == "cylinder" and g.concave and g.upright and abs(g.radius_mm - f.radius_mm) < SAME_MM
        and _on_axis(g, (f.centre[0], f.centre[1])) and min(g.z1_mm, f.z1_mm) - max(g.z0_mm, f.z0_mm) > -SAME_MM
    ]  # fmt: skip
    return sum(g.sweep_rad for g in same) > math.tau - 1e-3


def _on_axis(f: Face, at: Point) -> bool:
    return math.hypot(f.centre[0] - at[0], f.centre[1] - at[1]) < 2 * SAME_MM


def _disc(x: float, y: float, diameter: float) -> CrossSection:
    from geometry.regions import circle

    return flatten(circle(x, y, diameter))


def _spoken_for(f: Face, holes: list[Hole], engraved: list[EngravedStrokes]) -> bool:
    """True for the floors of counterbores, blind holes and engravings."""
    own = flatten(f.region)
    for h in holes:
        at_step = any(abs(f.z0_mm - s.bottom_z_mm) < SAME_MM for s in h.steps)
        if at_step and (own - _disc(h.x_mm, h.y_mm, h.steps[0].diameter_mm + 2 * SAME_MM)).is_empty():
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


def _pockets(floors: list[Face], levels: Levels, silhouette: CrossSection) -> list[Pocket]:
    """One pocket for every separate opening at the height of a floor, from the top down."""
    found: list[Pocket] = []
    for z in sorted({round(f.z0_mm, 4) for f in floors if f.z0_mm < levels.top_mm - SAME_MM}, reverse=True):
        here = union([flatten(f.region) for f in floors if abs(f.z0_mm - z) < SAME_MM])
        found += _openings(z, here, levels, silhouette, found)
    return found


def _over(free: list[FreeSurface], levels: Levels, silhouette: CrossSection, pockets: list[Pocket]) -> list[Pocket]:
    """What stands open above sloped faces down to where they begin: the upright walls over them are walls of it."""
    found: list[Pocket] = []
    for s in free:
        if s.top_z_mm < levels.top_mm - SAME_MM and all(abs(s.top_z_mm - p.floor_z_mm) > SAME_MM for p in found):
            above = _openings(s.top_z_mm, flatten(s.region), levels, silhouette, [*pockets, *found])
            found += [replace(p, id=f"{OVER}{len(found) + k}") for k, p in enumerate(above, 1)]
    return found


def _openings(
    z: float, here: CrossSection, levels: Levels, silhouette: CrossSection, others: Sequence[Pocket]
) -> list[Pocket]:
    """The separate openings at a height that lie over an area, as pockets."""
    found: list[Pocket] = []
    rim = offset(silhouette, 0.01) - offset(silhouette, -0.01)
    clear = silhouette - levels.above(z)
    apart = offset(clear, -NIB_MM).decompose()  # openings that only touch are two
    for area in sorted(apart, key=lambda a: tuple(round(float(v), 3) for v in a.bounds())):
        if (area ^ here).area() < AREA_TOL_MM2:
            continue
        opening = (offset(area, NIB_MM) ^ clear).simplify(HAIR_MM * 2)
        region = fit(opening)
        is_open = (offset(opening, 0.005) ^ rim).area() > 0.02
        radius = tightest_radius(region, walls_outside=True, free=rim)
        before = [p for p in (*others, *found) if p.floor_z_mm >= z - SAME_MM]
        mouth = _mouth(opening, before, levels.top_mm)
        found.append(Pocket(f"pocket-{len(others) + len(found) + 1}", mouth, z, region, radius, is_open))
    return found


def _mouth(opening: CrossSection, pockets: Sequence[Pocket], top_mm: float) -> float:
    """Where material begins over an opening: the floor of the lowest pocket that clears all of it, or the top."""
    over = [p.floor_z_mm for p in pockets if (opening - flatten(p.floor)).area() < AREA_TOL_MM2]
    return min(over, default=top_mm)


def _cutouts(levels: Levels, silhouette: CrossSection, holes: list[Hole], pockets: list[Pocket]) -> list[Cutout]:
    found: list[Cutout] = []
    open_through = silhouette - levels.above(levels.bottom_mm)
    for area in sorted(open_through.decompose(), key=lambda a: tuple(round(float(v), 3) for v in a.bounds())):
        if area.area() < AREA_TOL_MM2 or any(_is_hole(area, h) for h in holes):
            continue
        region = fit(area)
        top = _mouth(area, pockets, levels.top_mm)
        radius = tightest_radius(region, walls_outside=True)
        found.append(Cutout(f"cutout-{len(found) + 1}", top, levels.bottom_mm, region, radius))
    return found


def _is_hole(area: CrossSection, h: Hole) -> bool:
    return bool((area - _disc(h.x_mm, h.y_mm, h.steps[-1].diameter_mm + 2 * SAME_MM)).area() < AREA_TOL_MM2)


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
        bands = [(c, _band(c, width)) for c in fit(low).contours]
        cut = [(c, b) for c, b in bands if (ring ^ b).area() >= 0.98 * b.area()]
        if abs(sum(b.area() for _, b in cut) - ring.area()) <= max(0.02 * ring.area(), AREA_TOL_MM2):
            explained |= {f.index for f in group}
            found += [Chamfer(f"chamfer-{len(found) + k}", z0, width, Region((c,))) for k, (c, _) in enumerate(cut, 1)]
    return found, explained


def _band(contour: Contour, width: float) -> CrossSection:
    """The strip of material along a contour that a chamfer of this width takes off its top."""
    area = flatten(Region((contour,)))
    return area - offset(area, -width) if signed_area(contour) > 0 else offset(area, width) - area


def _strange(faces: list[Face], holes: list[Hole], bevelled: set[int]) -> frozenset[int]:
    """Faces no plane feature of this side explains: sloped, round or free ones."""
    tips = {
        f.index for f in faces for h in holes
        if f.surface == "cone" and f.upright and _on_axis(f, (h.x_mm, h.y_mm))
        and (f.z1_mm <= h.steps[-1].bottom_z_mm + SAME_MM or (h.sink_mm and abs(f.z1_mm - h.top_z_mm) < SAME_MM))
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
    for area in offset(union([shapes[f.index] for f in upward]), SAME_MM).decompose():
        own = [f for f in upward if not (shapes[f.index] ^ area).is_empty()]
        found.append(
            FreeSurface(
                f"surface-{len(found) + 1}", tuple(f.index for f in own), max(f.z1_mm for f in own),
                min(f.z0_mm for f in own), fit(area.simplify(SAME_MM)), min(f.hollow_mm for f in own),
            )
        )  # fmt: skip
    return sorted(found, key=lambda s: s.id)

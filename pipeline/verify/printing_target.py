"""What every layer of a print must look like: level sections of the design's solids where the plate puts them."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

import numpy as np
from manifold3d import CrossSection, Manifold, Mesh64, OpType
from numpy.typing import NDArray

from geometry import solids
from geometry.regions import offset
from model.design import Design
from model.errors import VerificationError
from model.finding import Finding
from model.program import Placement
from model.tooling import Printer, Quality

Array = NDArray[np.float64]
MESH_TOL_MM = 0.01
MESH_TOL_RAD = 0.1
CLEAR_MM = 2.0
SIMPLE_MM = 0.001
TIE_MM = 0.005
TIE_WIDTH_MM = 0.1


@dataclass(frozen=True, slots=True)
class Section:
    """One layer of one part, seen from above, box corner at the origin.

    ``edges`` (n, 4) bound the material, ``rings`` are the same as closed loops (material on their left);
    ``skin_edges`` bound the area that must be closed: within the solid layers of a top or bottom face, but the
    innermost, which an engine may thin out.
    """

    edges: Array
    rings: tuple[Array, ...]
    skin_edges: Array
    area_mm2: float
    skin_mm2: float


@dataclass(frozen=True, slots=True)
class Target:
    """One copy of one part on the bed: its box (x0, y0, x1, y1) and its layers from the bed up.

    A layer has two sections to choose from when a level face lies in the very plane it is cut at: an engine may
    take either side. With ``top_optional`` the last layer is cut in the plane of the part's top.
    """

    name: str
    box: tuple[float, float, float, float]
    height_mm: float
    volume_mm3: float
    layers: tuple[tuple[Section, ...], ...]
    top_optional: bool


def levels(quality: Quality, height_mm: float) -> Array:
    """The planned tops of the layers (mm): a layer is printed when its middle lies inside the part, or just touches."""
    more = (height_mm + TIE_MM - quality.first_layer_mm - quality.layer_mm / 2) / quality.layer_mm
    count = 1 + max(0, math.ceil(more))
    return np.asarray(quality.first_layer_mm + quality.layer_mm * np.arange(count))


def placement_findings(design: Design, placements: tuple[Placement, ...]) -> tuple[Finding, ...]:
    """Whether every ordered copy lies on the plate once, only turned and moved, never mirrored."""
    found: list[Finding] = []
    want = Counter({p.name: p.quantity * design.quantity for p in design.parts})
    have = Counter(p.part for p in placements)
    for name in sorted(want.keys() | have.keys()):
        if want[name] != have[name]:
            message = f"{have[name]} copies of {name} on the plate, {want[name]} ordered"
            found.append(Finding("verify.print.copies", message, name, have[name], want[name]))
    for p in placements:
        rows = np.array(p.matrix, dtype=np.float64)[:3, :3]
        if not np.allclose(rows @ rows.T, np.eye(3), atol=1e-9) or np.linalg.det(rows) < 0:
            found.append(Finding("verify.print.placement", f"{p.part} copy {p.copy} is mirrored or stretched", p.part))
    return tuple(found)


def targets(
    design: Design, placements: tuple[Placement, ...], quality: Quality, made: dict[object, Target]
) -> tuple[Target, ...]:
    """Every copy on the plate. ``made`` keeps what was cut before for the same part, side and layers.

    Raises:
        VerificationError: A part's B-rep gives no closed mesh.
    """
    breps = {p.name: p.brep for p in design.parts}
    out = []
    for p in placements:
        if p.part not in breps:
            continue
        key = (p.part, p.matrix, p.turn_deg, quality.id)
        if key not in made:
            made[key] = _cut(p, breps[p.part], quality)
        t = made[key]
        box = (p.x_mm, p.y_mm, p.x_mm + t.box[2], p.y_mm + t.box[3])
        out.append(Target(f"{p.part} copy {p.copy}", box, t.height_mm, t.volume_mm3, t.layers, t.top_optional))
    return tuple(out)


def crowded(found: tuple[Target, ...], printer: Printer) -> tuple[Finding, ...]:
    """Parts nearer to each other than 2 mm, or not on the bed."""
    out: list[Finding] = []
    for i, a in enumerate(found):
        if min(a.box[0], a.box[1], printer.bed_x_mm - a.box[2], printer.bed_y_mm - a.box[3]) < 0:
            out.append(Finding("verify.print.placement", f"{a.name} does not lie on the bed", a.name))
        for b in found[i + 1 :]:
            gap = max(b.box[0] - a.box[2], a.box[0] - b.box[2], b.box[1] - a.box[3], a.box[1] - b.box[3])
            if gap < CLEAR_MM:
                message = f"{a.name} and {b.name} are {gap:.2f} mm apart"
                out.append(Finding("verify.print.placement", message, a.name, round(gap, 6), CLEAR_MM))
    return tuple(out)


def mesh(brep: bytes) -> tuple[Array, NDArray[np.uint64]]:
    """The B-rep as corners (each once) and triangles, chords within 0.01 mm."""
    vertices, triangles = solids.load(brep).tessellate(MESH_TOL_MM, MESH_TOL_RAD)
    loose = np.array([v.toTuple() for v in vertices], dtype=np.float64)
    corners, index = np.unique(np.round(loose, 6), axis=0, return_inverse=True)
    faces = index.reshape(-1)[np.array(triangles, dtype=np.int64)]
    whole = (faces[:, 0] != faces[:, 1]) & (faces[:, 1] != faces[:, 2]) & (faces[:, 2] != faces[:, 0])
    return corners, faces[whole].astype(np.uint64)


def _cut(placement: Placement, brep: bytes, quality: Quality) -> Target:
    corners, faces = mesh(brep)
    angle = math.radians(placement.turn_deg)
    c, s = math.cos(angle), math.sin(angle)
    rows = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]]) @ np.array(placement.matrix)[:3, :3]
    turned = corners @ rows.T
    turned = turned - turned.min(axis=0)
    body = Manifold(Mesh64(turned, faces))
    if body.is_empty():
        raise VerificationError(
            "verify.print.not-closed",
            f"{placement.part}: the solid gives no closed mesh ({body.status()})",
            place=placement.part,
            hint="The family made a broken solid; this order cannot be proved.",
        )
    size = turned.max(axis=0)
    tops = levels(quality, float(size[2]))
    heights = np.diff(tops, prepend=0.0)
    cuts = [_cuts(body, float(z - h / 2)) for z, h in zip(tops, heights, strict=True)]
    most = [CrossSection.batch_boolean(c, OpType.Add) for c in cuts]
    layers = tuple(tuple(_section(most, i, area, quality) for area in c) for i, c in enumerate(cuts))
    box = (0.0, 0.0, float(size[0]), float(size[1]))
    touching = bool(abs(tops[-1] - heights[-1] / 2 - size[2]) <= TIE_MM)
    return Target(placement.part, box, float(size[2]), float(body.volume()), layers, touching)


def _cuts(body: Manifold, z_mm: float) -> list[CrossSection]:
    """The section at a height; those just below and above it when a level face lies between them."""
    below, middle, above = (body.slice(z).simplify(SIMPLE_MM) for z in (z_mm - TIE_MM, z_mm, z_mm + TIE_MM))
    change = (below - above) + (above - below)
    if offset(change, -TIE_WIDTH_MM).is_empty():
        return [middle]
    return [c for c in (below, above) if not c.is_empty()]


def _section(most: list[CrossSection], i: int, area: CrossSection, quality: Quality) -> Section:
    """A section with the skin on it: what lies near a top or bottom face. Narrow rims are walls, not skin."""
    n = quality.solid_layers - 1
    skin = CrossSection()
    if n > 0:
        skin = _under(most, area, range(i + 1, i + n + 1)) + _under(most, area, range(i - 1, i - n - 1, -1))
        rim = 1.5 * quality.line_width_mm
        skin = offset(offset(skin, -rim), rim) ^ offset(area, -quality.line_width_mm / 2)
    rings = _rings(area)
    return Section(_edges(rings), rings, _edges(_rings(skin)), float(area.area()), float(skin.area()))


def _under(areas: list[CrossSection], area: CrossSection, others: range) -> CrossSection:
    """The part of ``area`` that some of the layers ``others`` does not cover."""
    if any(not 0 <= k < len(areas) for k in others):
        return area
    return area - CrossSection.batch_boolean([areas[k] for k in others], OpType.Intersect)


def _rings(area: CrossSection) -> tuple[Array, ...]:
    """The loops to 1e-4 mm, each from its least corner, in order: equal sections give equal loops."""
    loops = [np.round(np.asarray(r, dtype=np.float64), 4) + 0.0 for r in area.to_polygons()]
    loops = [np.roll(r, -int(np.lexsort((r[:, 1], r[:, 0]))[0]), axis=0) for r in loops]
    return tuple(sorted(loops, key=lambda r: (*r[0].tolist(), len(r))))


def _edges(rings: tuple[Array, ...]) -> Array:
    if not rings:
        return np.zeros((0, 4))
    return np.vstack([np.hstack([r, np.roll(r, -1, axis=0)]) for r in rings])

"""Accepts a draft only when it is measured to be what its family promised, in both kernels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from generators.kit.draft import Draft, Mate, Piece
from geometry.meshes import CHORD_MM, Mesh, genus, is_watertight, level_area_mm2, mesh, to_manifold
from geometry.regions import offset
from geometry.solids import dump, load
from model.finding import Finding

if TYPE_CHECKING:
    from manifold3d import Manifold

SIZE_MM = 0.01
"""How far the measured box may be from the promised one."""

MESH_SHARE_MM = CHORD_MM / 2
"""Mesh against solid: volume difference per surface, half the tessellation's chord."""

SECTION_MM = CHORD_MM * 1.5
"""Section against section: how thick a difference may be, the chord and a half."""

TEXT_SHARE = 0.01
"""The text may take (or add) this share more or less than its area times its depth."""

SPECK_MM3 = 1e-3
_STEP_MM = 1e-3


@dataclass(frozen=True, slots=True)
class Measured:
    """One accepted piece: its stored form and its mesh."""

    brep: bytes
    mesh: Mesh


@lru_cache(maxsize=16)
def mesh_of(brep: bytes) -> Mesh:
    """The mesh of a stored solid; kept, because acceptance and exports need the same one."""
    return mesh(load(brep))


def accept(draft: Draft) -> tuple[Mapping[str, Measured], tuple[Finding, ...]]:
    """Measure every piece as stored, and the assembly.

    Checked: one sound solid, watertight mesh of the promised genus, size within 0.01 mm, volume inside the
    analytic bracket, datum planes, text that changed the material by its area times its depth, mesh and
    sections equal to the second kernel's; assembled: box, contact, gap and interference.
    """
    found: list[Finding] = []
    measured: dict[str, Measured] = {}
    for piece in draft.pieces:
        brep = dump(piece.body.solid)
        made = Measured(brep, mesh_of(brep))
        measured[piece.name] = made
        found += _piece(piece, made)
    for mate in draft.mates:
        found += _mate(mate, {p.name: to_manifold(measured[p.name].mesh) for p in draft.pieces})
    return measured, tuple(found)


def _piece(piece: Piece, made: Measured) -> Iterator[Finding]:
    shape = load(made.brep)
    solids = shape.Solids()
    if len(solids) != 1 or not shape.isValid():
        yield _finding("solid", piece.name, "is not one sound solid", len(solids), 1)
        return
    yield from _form(piece, made.mesh)
    yield from _size(piece, made.mesh)
    yield from _matter(piece, made.mesh, float(solids[0].Volume()))
    yield from _sections(piece, made.mesh)


def _form(piece: Piece, m: Mesh) -> Iterator[Finding]:
    """Closed, with the promised through-holes, and level where the datums are."""
    if not is_watertight(m):
        yield _finding("watertight", piece.name, "has a mesh with open or doubled edges", "open", "closed")
    elif genus(m) != piece.expected.genus:
        yield _finding("genus", piece.name, "has the wrong number of through-holes", genus(m), piece.expected.genus)
    for datum, z in piece.expected.datums_mm.items():
        if level_area_mm2(m, z) <= 0:
            yield _finding("datum", piece.name, f"has no level face for the datum {datum!r}", "none", z)


def _size(piece: Piece, m: Mesh) -> Iterator[Finding]:
    low, high = m.box_mm
    for axis, got, size in zip("xyz", high - low, piece.expected.size_mm, strict=True):
        if abs(float(got) - size) > SIZE_MM:
            yield _finding("size", piece.name, f"has the wrong size along {axis}", round(float(got), 4), size)
    if abs(float(low[2])) > SIZE_MM:
        yield _finding("size", piece.name, "does not stand on z = 0", round(float(low[2]), 4), 0)


def _matter(piece: Piece, m: Mesh, volume: float) -> Iterator[Finding]:
    """The volume: inside its bracket, the mesh's too, and changed by the text as it should be."""
    least, most = piece.expected.volume_mm3
    if not least <= volume <= most:
        limit = f"{least:.2f} to {most:.2f}"
        yield _finding("volume", piece.name, "has a volume outside its analytic bracket", round(volume, 2), limit)
    gap, limit_mm3 = abs(m.volume_mm3 - volume), MESH_SHARE_MM * m.area_mm2
    if gap > limit_mm3:
        yield _finding("mesh-volume", piece.name, "differs from its own mesh", round(gap, 3), round(limit_mm3, 3))
    gone, asked = piece.plain_mm3 - volume, piece.engraved_mm3
    if asked and abs(gone - asked) > TEXT_SHARE * abs(asked):
        words = "was not changed by its text as it should be"
        yield _finding("text", piece.name, words, round(gone, 3), round(asked, 3))


def _sections(piece: Piece, m: Mesh) -> Iterator[Finding]:
    """The stored solid against its twin in the second kernel, halfway between all datum heights."""
    body = to_manifold(m)
    if body.status().name != "NoError":
        yield _finding("second-kernel", piece.name, "is refused by the second kernel", body.status().name, "NoError")
        return
    levels = sorted({*piece.expected.datums_mm.values(), 0.0, piece.expected.size_mm[2]})
    for z in ((a + b) / 2 for a, b in pairwise(levels)):
        one, two = body.slice(z), piece.body.twin.slice(z)
        differ = offset((one - two) + (two - one), -SECTION_MM / 2)
        if not differ.is_empty():
            words = f"differs from the second kernel's by more than {SECTION_MM} mm at z = {z:.3f}"
            yield _finding("second-kernel", piece.name, words, f"{differ.area():.4f} mm2", "none")


def _mate(mate: Mate, bodies: Mapping[str, Manifold]) -> Iterator[Finding]:
    name = f"{mate.moving} on {mate.fixed}"
    fixed, moving = bodies[mate.fixed], bodies[mate.moving].translate(mate.shift_mm)
    shared = float((fixed ^ moving).volume())
    if shared > SPECK_MM3:
        yield _finding("interference", name, "share material", round(shared, 4), SPECK_MM3)
    z = mate.contact_z_mm
    touch = float((fixed.slice(z - _STEP_MM) ^ moving.slice(z + _STEP_MM)).area())
    if touch < mate.contact_mm2:
        yield _finding("contact", name, "hardly touch", round(touch, 2), round(mate.contact_mm2, 2))
    near = offset(moving.slice(z + _STEP_MM), mate.gap_mm - 2 * SIZE_MM) ^ fixed.slice(z + _STEP_MM)
    if float(near.area()) > 0:
        yield _finding("gap", name, "come closer than their gap", round(float(near.area()), 4), mate.gap_mm)
    both = (fixed + moving).bounding_box()
    for k, axis in enumerate("xyz"):
        got = both[k + 3] - both[k]
        if abs(got - mate.size_mm[k]) > SIZE_MM:
            yield _finding("assembly-size", name, f"have the wrong size along {axis}", round(got, 4), mate.size_mm[k])


def _finding(what: str, place: str, words: str, value: float | str, limit: float | str) -> Finding:
    message = f"{place} {words}: {value} against {limit}"
    hint = "Change a size a little and order again; if it stays, report the order."
    return Finding(f"design.{what}", message, place, value, limit, hint)

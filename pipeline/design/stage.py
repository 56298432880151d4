"""Shapes the product: family and parameters in, accepted solids and the customer's files out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

import generators
from generators.kit.draft import Draft
from generators.kit.family import checked
from geometry.linedraw import line_drawing
from geometry.solids import load
from geometry.step import step
from model.constraint import check_constraints, parse_constraint
from model.design import Annotation, Cosmetic, Design, Engraving, Part
from model.errors import OrderError, VerificationError
from model.files import Exports, File
from model.order import Brief
from model.tooling import ShopData
from pipeline.design.accept import Measured, accept, mesh_of
from pipeline.design.arrange import side_by_side
from pipeline.design.glb import glb
from pipeline.design.looks import look
from pipeline.design.picture import SIZE_PX, drawn, eye_for, shaded
from pipeline.design.stl import stl
from pipeline.design.threemf import threemf

SHADED = "The picture is shaded (VTK)."
DRAWN = "The picture is a line drawing: this computer cannot draw in 3D (see lotone doctor)."


def design(brief: Brief, shop: ShopData) -> Design:
    """Build the family's solids, accept them by measurement, and hold them against the order's limits.

    Raises:
        OrderError: Parameters, text or material do not suit the family, or a hard limit is broken.
        VerificationError: A solid is not what the family promised (``design.*``), all findings together.
    """
    family = generators.get(brief.family)
    if brief.material_id not in family.materials:
        accepted = ", ".join(family.materials)
        message = f"A {family.title.lower()} is not made of {brief.material_id}"
        raise OrderError(
            "design.material", message, place="material", value=brief.material_id, limit=accepted,
            hint=f"Choose one of: {accepted}.",
        )  # fmt: skip
    draft = family.build(checked(family, brief.parameters))
    measured, findings = accept(draft)
    if findings:
        message = "; ".join(f.message for f in findings)
        first = findings[0]
        raise VerificationError(
            first.code, f"The solid is not what it should be: {message}", place=first.place, value=first.value,
            limit=first.limit, hint=first.hint, findings=findings,
        )  # fmt: skip
    facts = _facts(draft, measured, shop.materials[brief.material_id].density_g_cm3)
    broken = check_constraints((parse_constraint(c) for c in brief.constraints), facts)
    if broken:
        first = broken[0]
        raise OrderError(
            first.code, "; ".join(f.message for f in broken), place=first.place, value=first.value,
            limit=first.limit, hint=first.hint, findings=tuple(broken),
        )  # fmt: skip
    parts = []
    for piece in draft.pieces:
        seen: tuple[Annotation, ...] = tuple(Cosmetic(face, brief.finish) for face in piece.cosmetic)
        parts.append(Part(piece.name, measured[piece.name].brep, piece.expected, (*piece.annotations, *seen)))
    return Design(
        order_id=brief.order_id,
        family=brief.family,
        title=draft.title,
        material_id=brief.material_id,
        finish=brief.finish,
        quantity=brief.quantity,
        parts=tuple(parts),
        facts=facts,
        notes=draft.notes,
    )


def _facts(draft: Draft, measured: Mapping[str, Measured], density_g_cm3: float) -> dict[str, float]:
    """Measured on the meshes: size as assembled, volume, mass; and each piece's volume."""
    shifts = {m.moving: np.array(m.shift_mm) for m in draft.mates}
    boxes = [np.stack(measured[p.name].mesh.box_mm) + shifts.get(p.name, 0.0) for p in draft.pieces]
    size = np.max([b[1] for b in boxes], axis=0) - np.min([b[0] for b in boxes], axis=0)
    volumes = {p.name: p.body.volume_mm3 for p in draft.pieces}
    volume = sum(volumes.values())
    facts = {
        "length_mm": round(float(size[0]), 4),
        "width_mm": round(float(size[1]), 4),
        "height_mm": round(float(size[2]), 4),
        "volume_mm3": round(volume, 3),
        "mass_g": round(volume / 1000 * density_g_cm3, 3),
    }
    return facts | {f"{name}_volume_mm3": round(v, 3) for name, v in volumes.items()}


def export(design: Design) -> Exports:
    """The design as files: ``<part>.step``, ``<part>.stl``, ``<part>.glb``, ``<order>.3mf`` and ``picture.png``.

    STEP, STL and 3MF are in millimetres, GLB in metres; equal designs give equal bytes. The picture is shaded
    where the computer can, else a line drawing; ``notes`` say which.
    """
    paint = look(design.material_id)
    meshes = [mesh_of(p.brep) for p in design.parts]
    shifts = side_by_side(meshes)
    files: list[File] = []
    for part, m in zip(design.parts, meshes, strict=True):
        alone = [(part.name, m, (0.0, 0.0, 0.0))]
        files += [
            File(f"{part.name}.step", "step", "model/step", step(load(part.brep), part.name)),
            File(f"{part.name}.stl", "stl", "model/stl", stl(m, part.name)),
            File(f"{part.name}.glb", "glb", "model/gltf-binary", glb(alone, paint)),
        ]
    placed = [(p.name, m, s) for p, m, s in zip(design.parts, meshes, shifts, strict=True)]
    whole = threemf(placed, design.order_id, design.title, (design.material_id, paint))
    files.append(File(f"{design.order_id}.3mf", "3mf", "model/3mf", whole))
    floors = [
        next((a.z_mm - a.depth_mm for a in p.annotations if isinstance(a, Engraving)), None) for p in design.parts
    ]
    picture = shaded(list(zip(meshes, shifts, floors, strict=True)), paint)
    note = SHADED
    if picture is None:
        shapes = [(load(p.brep), s) for p, s in zip(design.parts, shifts, strict=True)]
        picture, note = drawn(line_drawing(shapes, eye_for(meshes), SIZE_PX)), DRAWN
    files.append(File("picture.png", "picture", "image/png", picture))
    return Exports(tuple(files), (note,))

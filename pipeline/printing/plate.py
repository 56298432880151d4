"""Puts every copy of every part on one plate, and writes the plate as the engine gets it."""

from __future__ import annotations

import math
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

import lib3mf
import numpy as np

from model.design import Design
from model.errors import CapabilityError
from model.program import Placement
from model.tooling import Printer
from pipeline.printing.meshes import Skin
from pipeline.printing.orient import Laying, rotation

SPACING_MM = 8.0
MARGIN_MM = 9.0
GRID_MM = 0.01


@dataclass(frozen=True, slots=True)
class Piece:
    """One copy of a part to place: the turn that brings its longer side along x, and its box so turned (mm)."""

    part: str
    copy: int
    turn_deg: float
    x_mm: float
    y_mm: float


def arrange(
    design: Design, skins: Mapping[str, Skin], layings: Mapping[str, Laying], printer: Printer
) -> tuple[Placement, ...]:
    """Rows from the front left, deepest parts first, 8 mm apart; then the whole group is put in the bed's middle.

    Raises:
        CapabilityError: A part is higher than the printer or the parts do not fit on one plate; with the numbers.
    """
    items = pieces(design, skins, layings)
    tallest = max(layings[p.name].height_mm for p in design.parts)
    if tallest > printer.height_mm:
        raise _too_large(printer, f"{tallest:.1f} mm high", tallest, f"{printer.height_mm:g} mm high", "height")
    room_x, room_y = printer.bed_x_mm - 2 * MARGIN_MM, printer.bed_y_mm - 2 * MARGIN_MM
    spots: list[tuple[float, float]] = []
    x = y = row_y = 0.0
    for item in items:
        if x > 0 and x + item.x_mm > room_x + 1e-9:
            x, y, row_y = 0.0, y + row_y + SPACING_MM, 0.0
        spots.append((x, y))
        x, row_y = x + item.x_mm + SPACING_MM, max(row_y, item.y_mm)
    wide = max(s[0] + i.x_mm for s, i in zip(spots, items, strict=True))
    deep = max(s[1] + i.y_mm for s, i in zip(spots, items, strict=True))
    if wide > room_x + 1e-9 or deep > room_y + 1e-9:
        have = f"{room_x:g} x {room_y:g} mm (bed less {MARGIN_MM:g} mm all round)"
        need = f"{wide:.1f} x {deep:.1f} mm for {len(items)} parts {SPACING_MM:g} mm apart"
        raise _too_large(printer, need, max(wide, deep), have, "bed")
    left, front = _grid((printer.bed_x_mm - wide) / 2), _grid((printer.bed_y_mm - deep) / 2)
    return tuple(
        placement(item.part, item.copy, (left + spot[0], front + spot[1]), item.turn_deg, layings[item.part])
        for item, spot in zip(items, spots, strict=True)
    )


def placement(part: str, copy: int, at_mm: tuple[float, float], turn_deg: float, laying: Laying) -> Placement:
    """A copy laid as its part is, turned, its box corner put at a place of the bed."""
    rows = tuple((float(r[0]), float(r[1]), float(r[2]), 0.0) for r in laying.rows)
    return Placement(part, copy, round(at_mm[0], 4), round(at_mm[1], 4), turn_deg, rows)


def placed(skin: Skin, laying: Laying, placement: Placement) -> Skin:
    """The part's skin where it lies on the bed (mm from its front left corner)."""
    turned = skin.turned(rotation(laying, placement.turn_deg))
    return Skin(turned.corners - turned.low + np.array([placement.x_mm, placement.y_mm, 0.0]), turned.faces)


def middle(skins: list[Skin]) -> tuple[float, float]:
    """The middle of the box around all parts (mm)."""
    low = np.min([s.low for s in skins], axis=0)
    high = np.max([s.low + s.size for s in skins], axis=0)
    at = np.round((low + high) / 2, 6)
    return float(at[0]), float(at[1])


def write_3mf(title: str, items: list[tuple[str, Skin]]) -> bytes:
    """The plate as a 3MF file in millimetres: one named object per copy, where it lies. Same plate, same bytes."""
    wrapper = lib3mf.Wrapper()
    model = wrapper.CreateModel()
    model.SetUnit(lib3mf.ModelUnit.MilliMeter)
    model.SetLanguage("en-US")
    model.GetMetaDataGroup().AddMetaData("", "Title", title, "xs:string", MustPreserve=True)
    model.SetBuildUUID(_uuid(title))
    for name, skin in items:
        mesh = model.AddMeshObject()
        mesh.SetName(name)
        mesh.SetUUID(_uuid(f"{title} object {name}"))
        at = skin.low
        local = skin.corners - at
        mesh.SetGeometry(
            [lib3mf.Position(tuple(p)) for p in local.tolist()],
            [lib3mf.Triangle(tuple(f)) for f in skin.faces.tolist()],
        )
        built = model.AddBuildItem(mesh, wrapper.GetTranslationTransform(*at.tolist()))
        built.SetPartNumber(name)
        built.SetUUID(_uuid(f"{title} item {name}"))
    writer = model.QueryWriter("3mf")
    writer.SetDecimalPrecision(6)
    return bytes(writer.WriteToBuffer())


def _uuid(name: str) -> str:
    """An identifier that follows from the name: the writer would draw a random one."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, name))


def pieces(design: Design, skins: Mapping[str, Skin], layings: Mapping[str, Laying]) -> list[Piece]:
    """Every copy, its longer side along x, deepest first."""
    items = []
    for part in design.parts:
        turned = skins[part.name].turned(np.array(layings[part.name].rows, dtype=np.float64))
        sx, sy = float(turned.size[0]), float(turned.size[1])
        turn = 90.0 if sy > sx + 1e-6 else 0.0
        sx, sy = _grid_up(max(sx, sy)), _grid_up(min(sx, sy))
        items += [Piece(part.name, n + 1, turn, sx, sy) for n in range(part.quantity * design.quantity)]
    return sorted(items, key=lambda i: (-i.y_mm, -i.x_mm, i.part, i.copy))


def _grid(value: float) -> float:
    return round(value / GRID_MM) * GRID_MM


def _grid_up(value: float) -> float:
    return round(math.ceil(value / GRID_MM - 1e-6) * GRID_MM, 4)


def _too_large(printer: Printer, need: str, value: float, have: str, place: str) -> CapabilityError:
    return CapabilityError(
        "printing.too-large",
        f"The plate needs {need}; {printer.name} has {have}",
        place=f"{printer.id} {place}",
        value=round(value, 3),
        limit=have,
        hint="Order fewer at once, make the part smaller, or add a larger printer to the shop.",
    )

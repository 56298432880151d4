"""The print sheet: one plate on paper, where each part lies, with what and how it is printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from model.design import Design
from model.files import File
from model.finding import Report
from model.order import Brief
from model.program import Placement, PrintFile, PrintFiles
from model.tooling import Filament, Printer, Quality, ShopData
from pipeline.engine.store import sha256
from pipeline.release.phrases import said
from pipeline.release.steps import finish_by_hand
from pipeline.release.typeset import pdf
from pipeline.release.words import LANGUAGES, asked, duration, number, words

INK, PART, BED = "#1d2733", "#cfe0f3", "#f4f4f1"


@dataclass(frozen=True, slots=True)
class Plate:
    """One print file with the rows it was made from."""

    file: PrintFile
    printer: Printer
    filament: Filament
    quality: Quality


def print_sheets(brief: Brief, design: Design, prints: PrintFiles, report: Report, shop: ShopData) -> tuple[File, ...]:
    """One PDF a print file and language."""
    plates = [
        Plate(f, shop.printers[f.printer_id], shop.filaments[f.filament_id], shop.qualities[f.quality_id])
        for f in prints.files
    ]
    return tuple(
        File(
            f"print-{plate.printer.dialect}.{language}.pdf",
            "print-sheet",
            "application/pdf",
            pdf(
                "print_sheet",
                _data(brief, design, plate, report, language),
                {"plate.svg": plate_picture(design, plate, language)},
            ),
        )
        for plate in plates
        for language in LANGUAGES
    )


def plate_picture(design: Design, plate: Plate, language: str) -> bytes:
    """The bed from above as SVG, front at the bottom, with the box of each part."""
    w = words(language)
    bed_x, bed_y = plate.printer.bed_x_mm, plate.printer.bed_y_mm
    box = f"-6 -6 {bed_x + 12:.0f} {bed_y + 24:.0f}"
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" font-family="DejaVu Sans">',
        f'<rect x="0" y="0" width="{bed_x:.2f}" height="{bed_y:.2f}" rx="3" fill="{BED}" stroke="{INK}"/>',
    ]
    out += [
        f'<path d="M{x:.0f} 0 V{bed_y:.0f}" stroke="#d9dbd5" stroke-width="0.3"/>' for x in range(50, int(bed_x), 50)
    ]
    out += [
        f'<path d="M0 {bed_y - y:.0f} H{bed_x:.0f}" stroke="#d9dbd5" stroke-width="0.3"/>'
        for y in range(50, int(bed_y), 50)
    ]
    sizes = {part.name: part.expected.size_mm for part in design.parts}
    for spot in plate.file.placements:
        wide, deep = footprint(spot, sizes[spot.part])
        x, y = spot.x_mm, bed_y - spot.y_mm - deep
        name = spot.part if spot.copy <= 1 else f"{spot.part} {spot.copy}"
        out.append(
            f'<rect x="{x:.2f}" y="{y:.2f}" width="{wide:.2f}" height="{deep:.2f}" fill="{PART}" stroke="{INK}"'
            ' stroke-width="0.7"/>'
        )
        out.append(
            f'<text x="{x + wide / 2:.2f}" y="{y + deep / 2 + 3:.2f}" font-size="9" text-anchor="middle"'
            f' fill="{INK}">{escape(name)}</text>'
        )
    out.append(
        f'<text x="{bed_x / 2:.2f}" y="{bed_y + 13:.2f}" font-size="9" text-anchor="middle" fill="{INK}">'
        f"{escape(w['front'])} · {number(bed_x)} × {number(bed_y)} {w['mm']}</text>"
    )
    out.append("</svg>")
    return "\n".join(out).encode()


def footprint(spot: Placement, size_mm: tuple[float, float, float]) -> tuple[float, float]:
    """Width and depth (mm) of a part's box as it lies: its own box through the placement's matrix."""
    wide, deep = (sum(abs(spot.matrix[row][k]) * size_mm[k] for k in range(3)) for row in range(2))
    return wide, deep


def _data(brief: Brief, design: Design, plate: Plate, report: Report, language: str) -> dict[str, Any]:
    w = words(language)
    return {
        "w": w,
        "language": language,
        "title": f"{w['print-sheet']} {brief.order_id} {plate.printer.id}",
        "heading": w["print-sheet"],
        "footer": f"{brief.order_id} · {said(plate.printer.name, language)}",
        "order_id": brief.order_id,
        "part_title": design.title,
        "facts_left": [
            [w["printer"], said(plate.printer.name, language)],
            [w["filament"], said(plate.filament.name, language)],
            [w["quality"], said(plate.quality.name, language)],
            [w["engine"], f"{plate.file.engine} {plate.file.engine_version}"],
        ],
        "facts_right": [*_facts(design, plate, report, w, language), *asked(brief, w, language)],
        "programs": [{"name": plate.file.name, "sha256": sha256(plate.file.text.encode())}],
        "steps": [
            *_steps(plate, language),
            *({"text": s.text, "check": s.check} for s in finish_by_hand(brief.finish, "print", language)),
        ],
        "notes": [*brief.notes, *design.notes],
        "settings": [list(pair) for pair in _shown(plate)],
        "reasons": [list(pair) for pair in plate.file.reasons],
    }


def _facts(design: Design, plate: Plate, report: Report, w: Mapping[str, str], language: str) -> list[list[str]]:
    parts = ", ".join(f"{p.name} × {p.quantity * design.quantity}" for p in design.parts)
    rows = [[w["plate"], parts]]
    seconds, grams = (report.metrics.get(f"{plate.printer.dialect}.{what}") for what in ("seconds", "filament_g"))
    if seconds is not None:
        rows.append([w["time"], duration(seconds, language)])
    if grams is not None:
        rows.append([w["mass"], f"{number(grams, 1)} {w['gram']}"])
    return rows


def _steps(plate: Plate, language: str) -> list[dict[str, str]]:
    f, q = plate.filament, plate.quality
    told = {
        "en": [
            (f"Load {f.name}, dry, and clean the bed", "a short purge comes out even"),
            (f"Check the nozzle: {number(plate.printer.nozzle_mm)} mm", ""),
            (f"Print {plate.file.name}", "the file's SHA-256 is the one above"),
            (f"Watch the first layer ({number(q.first_layer_mm)} mm)", "lines touch, no corner lifts"),
            ("Let the bed cool, take the parts off, remove loose threads", "compare with the picture and the text"),
        ],
        "ru": [
            (f"Зарядить {said(f.name, language)}, сухой; очистить стол", "короткая прочистка выходит ровно"),
            (f"Проверить сопло: {number(plate.printer.nozzle_mm)} мм", ""),
            (f"Печатать {plate.file.name}", "SHA-256 файла совпадает с указанным выше"),
            (f"Следить за первым слоем ({number(q.first_layer_mm)} мм)", "линии смыкаются, углы не отходят"),
            ("Дать столу остыть, снять детали, убрать нити", "сравнить с рисунком и текстом"),
        ],
    }
    return [{"text": text, "check": check} for text, check in told[language]]


def _shown(plate: Plate) -> list[tuple[str, str]]:
    """The settings a person asks about, as the engine echoed them."""
    keys = (
        "layer_height",
        "first_layer_height",
        "perimeters",
        "fill_density",
        "fill_pattern",
        "temperature",
        "first_layer_temperature",
        "bed_temperature",
        "external_perimeter_speed",
        "perimeter_speed",
        "infill_speed",
        "support_material",
        "brim_width",
    )
    echoed = dict(plate.file.echoed)
    return [(key.replace("_", " "), echoed[key]) for key in keys if key in echoed]

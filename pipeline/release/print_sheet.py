"""The print sheet: one plate on paper, where each part lies, with what and how it is printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from xml.sax.saxutils import escape

from model.design import Design
from model.files import File
from model.program import Placement
from model.tooling import Printer
from pipeline.engine.store import sha256
from pipeline.release.actions import printing
from pipeline.release.jobs import Plate, PrintJob
from pipeline.release.papers.paper import Column, Paper, Picture, facts, files, lines, table
from pipeline.release.papers.step_table import signature, steps
from pipeline.release.papers.terms import terms
from pipeline.release.phrases import said
from pipeline.release.words import LANGUAGES, asked, duration, number, words

INK, PART, BED = "#1d2733", "#cfe0f3", "#f4f4f1"


def print_sheets(job: PrintJob) -> tuple[File, ...]:
    """One paper a print file and language."""
    return tuple(
        file for plate in job.plates for language in LANGUAGES for file in files(print_sheet(job, plate, language), "")
    )


def print_sheet(job: PrintJob, plate: Plate, language: str) -> Paper:
    """One plate: where each part lies, what to load, what was set, what people do."""
    w, brief = terms(language), job.brief
    head = [
        [w["printer"], said(plate.printer.name, language)],
        [w["filament"], said(plate.filament.name, language)],
        [w["quality"], said(plate.quality.name, language)],
        [w["engine"], f"{plate.file.engine} {plate.file.engine_version}"],
        *_facts(job, plate, w, language), *asked(brief, w, language),
    ]  # fmt: skip
    columns = [Column(w["program"], 2.6), Column("SHA-256", 5.2, style="mono")]
    rows = [
        table(columns, [[plate.file.name, sha256(plate.file.text.encode())]], w["programs"]),
        steps(printing(job, plate, language), w), lines(w["notes"], [*brief.notes, *job.design.notes]),
        replace(facts(_shown(plate)), title=w["settings"]), signature(w),
    ]  # fmt: skip
    told = [r for r in rows if r.rows]
    picture = plate_picture(job.design, plate.file.placements, plate.printer, language)
    return Paper(
        f"print-{plate.printer.dialect}", "print-sheet", language, w["print-sheet"], w["order"], brief.order_id,
        job.design.title, f"{brief.order_id} · {said(plate.printer.name, language)}",
        (Picture("plate.svg", picture, wide=0.42), facts(head), *told),
    )  # fmt: skip


def plate_picture(design: Design, spots: tuple[Placement, ...], printer: Printer, language: str) -> bytes:
    """The bed from above as SVG, front at the bottom, with the box of each part; a group's with its order's id."""
    w = words(language)
    bed_x, bed_y = printer.bed_x_mm, printer.bed_y_mm
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
    for spot in spots:
        wide, deep = footprint(spot, sizes[spot.part])
        x, y = spot.x_mm, bed_y - spot.y_mm - deep
        name = spot.part if spot.copy <= 1 else f"{spot.part} {spot.copy}"
        out.append(
            f'<rect x="{x:.2f}" y="{y:.2f}" width="{wide:.2f}" height="{deep:.2f}" fill="{PART}" stroke="{INK}"'
            ' stroke-width="0.7"/>'
        )
        told = name.split("/")
        size = min(9.0, 1.6 * wide / max(map(len, told)), 0.8 * deep / len(told))
        out += [
            f'<text x="{x + wide / 2:.2f}" y="{y + deep / 2 + (k - len(told) / 2 + 0.8) * size:.2f}"'
            f' font-size="{size:.2f}" text-anchor="middle" fill="{INK}">{escape(line)}</text>'
            for k, line in enumerate(told)
        ]
    out.append(
        f'<text x="{bed_x / 2:.2f}" y="{bed_y + 13:.2f}" font-size="9" text-anchor="middle" fill="{INK}">'
        f"{escape(w['front'])} · {number(bed_x)} × {number(bed_y)} {w['mm']}</text>"
    )
    out.append("</svg>")
    return "\n".join(out).encode()


def footprint(spot: Placement, size_mm: tuple[float, float, float]) -> tuple[float, float]:
    """Width and depth (mm) of a part's box as it lies: its own box laid on its side, then turned by quarters."""
    wide, deep = (sum(abs(spot.matrix[row][k]) * size_mm[k] for k in range(3)) for row in range(2))
    return (deep, wide) if round(spot.turn_deg / 90) % 2 else (wide, deep)


def _facts(job: PrintJob, plate: Plate, w: Mapping[str, str], language: str) -> list[list[str]]:
    design = job.design
    parts = ", ".join(f"{p.name} × {p.quantity * design.quantity}" for p in design.parts)
    rows = [[w["plate"], parts]]
    seconds, grams = job.seconds(plate), job.report.metrics.get(f"{plate.printer.dialect}.filament_g")
    if seconds is not None:
        rows.append([w["time"], duration(seconds, language)])
    if grams is not None:
        rows.append([w["mass"], f"{number(grams, 1)} {w['gram']}"])
    return rows


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

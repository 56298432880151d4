"""Proves a print file: reads its text back as the printer would, and compares every layer with the design."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import TypeVar

from model.design import Design
from model.errors import ConfigError
from model.finding import Finding, Gate, Report
from model.program import PrintFile, PrintFiles
from model.tooling import ShopData
from pipeline.verify import printing_flow as flow
from pipeline.verify.printing_shape import judge
from pipeline.verify.printing_target import Target, crowded, placement_findings, targets
from pipeline.verify.readers import fdm
from postprocessors import printing_text

T = TypeVar("T")


def verify_print(design: Design, prints: PrintFiles, shop: ShopData) -> Report:
    """Judge every print file of an order by its text alone.

    The design's own solids, the shop's rows and the ordered placements are what it is held against;
    the engine's comments, its estimates and the model it was given are not believed.

    Raises:
        ConfigError: A file names a printer, filament or quality the shop does not have.
    """
    made: dict[object, Target] = {}
    gates: list[Gate] = []
    metrics: dict[str, float] = {}
    for one in prints.files:
        some, numbers = _file(design, one, shop, made)
        gates += [dataclasses.replace(g, name=f"{one.name}: {g.name}") for g in some]
        metrics |= {f"{one.dialect}.{k}": v for k, v in numbers.items()}
        metrics = {**numbers, **metrics}
    if not prints.files:
        lost = Finding("verify.print.no-file", "there is no print file to judge", "order")
        gates.append(Gate("files", "fail", "no print file", findings=(lost,)))
    return Report(f"print files of {design.order_id}", tuple(gates), dict(sorted(metrics.items())))


def verify_other_print(
    design: Design, prints: PrintFiles, shop: ShopData, other_text: str, replaces_name: str
) -> Report:
    """Judge another text in the place of one of the print files.

    Raises:
        ConfigError: No print file has that name, or see :func:`verify_print`.
    """
    for one in prints.files:
        if one.name == replaces_name:
            return verify_print(design, PrintFiles((dataclasses.replace(one, text=other_text),)), shop)
    raise ConfigError(
        "verify.print.no-file",
        f"There is no print file {replaces_name}; there are {', '.join(f.name for f in prints.files)}",
        place=replaces_name,
    )


def _file(
    design: Design, one: PrintFile, shop: ShopData, made: dict[object, Target]
) -> tuple[list[Gate], dict[str, float]]:
    printer = _row(shop.printers, one.printer_id, "printer")
    filament = _row(shop.filaments, one.filament_id, "filament")
    quality = _row(shop.qualities, one.quality_id, "quality")
    language = printing_text.load(printer.dialect)
    text = fdm.read(
        one.text, language.commands, language.extended, arcs=language.arcs, max_chars=language.max_command_chars
    )
    t = flow.track(text)
    parts = targets(design, one.placements, quality, made)
    lying = placement_findings(design, one.placements) + crowded(parts, printer)
    right = (
        []
        if filament.material_id == design.material_id and one.dialect == printer.dialect
        else [
            Finding(
                "verify.print.wrong-row",
                f"{filament.id} on {printer.id} is not what {design.material_id} needs",
                one.name,
            )
        ]
    )
    shape, tally = judge(t, parts, printer, filament, quality)
    fast, melt, peak = flow.speeds(t, printer, filament)
    gates = [
        flow.gate(
            "language", f"only commands {printer.dialect} knows; units, modes and home before moves", text.findings
        ),
        flow.gate("placement", "every ordered copy once, turned and moved only", (*lying, *right)),
        flow.heat(text, t, printer, filament),
        flow.bounds(t, printer, quality.line_width_mm),
        *shape,
        fast,
        melt,
        flow.retraction(t, printer),
        flow.end_state(text, t),
    ]
    fed = float(t.fed_mm.sum())
    grams = fed * filament.diameter_mm**2 * math.pi / 4 * filament.density_g_cm3 / 1000
    numbers = {
        "layers": float(tally.layers),
        "filament_mm": fed,
        "filament_g": grams,
        "seconds": flow.seconds(t, printer),
        "max_flow_mm3_s": peak,
        "worst_skin_coverage": tally.cover,
        "worst_wall_gap_mm": tally.gap_mm,
        "worst_outside_mm2": tally.outside_mm2,
        "longest_bridge_mm": tally.bridge_mm,
        "printed_mm3": tally.volume_mm3,
        "solid_mm3": sum(p.volume_mm3 for p in parts),
    }
    return gates, {k: round(v, 6) for k, v in numbers.items()}


def _row(rows: Mapping[str, T], name: str, kind: str) -> T:
    if name not in rows:
        raise ConfigError(f"verify.print.no-{kind}", f"The shop has no {kind} {name}", place=name)
    return rows[name]

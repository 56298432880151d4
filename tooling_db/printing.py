"""Checks that printers, filaments and print modes are possible, and possible together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tooling_db.plausible import broken, outside
from tooling_db.rows import Place

if TYPE_CHECKING:
    from collections.abc import Mapping

    from model.finding import Finding
    from model.tooling import Filament, Material, Printer, Quality

SPOOL_MM = (1.75, 2.85)
LINE_OVER_NOZZLE = (0.85, 2.2)
LAYER_OVER_NOZZLE = (0.1, 0.8)
SPEEDS = ("outer_speed", "inner_speed", "infill_speed", "travel_speed", "first_layer_speed")


def filament(row: Filament, place: Place) -> list[Finding]:
    """Check one filament: temperatures, flow, density, diameter, fan, price."""
    findings = outside("tooling.temperature", place, "nozzle_c", row.nozzle_c, (150, 450), "C")
    findings += outside("tooling.temperature", place, "first_layer_nozzle_c", row.first_layer_nozzle_c, (150, 450), "C")
    findings += outside("tooling.temperature", place, "bed_c", row.bed_c, (0, 160), "C")
    findings += outside("tooling.flow", place, "max_flow_mm3_s", row.max_flow_mm3_s, (0.1, 60), "mm3/s")
    findings += outside("tooling.density", place, "density_g_cm3", row.density_g_cm3, (0.5, 8), "g/cm3")
    findings += outside("tooling.price", place, "price_eur_kg", row.price_eur_kg, (1, 2000), "EUR/kg")
    findings += outside("tooling.range", place, "fan_percent", row.fan_percent, (0, 100), "%")
    if row.diameter_mm not in SPOOL_MM:
        words = ("diameter_mm", row.diameter_mm, "1.75 or 2.85", f"{row.diameter_mm:g} mm is no spool's diameter")
        findings.append(broken("tooling.geometry", place, *words, "Write 1.75 or 2.85."))
    return findings


def quality(row: Quality, place: Place) -> list[Finding]:
    """Check one print mode: layers, lines, walls, infill, speeds."""
    findings = outside("tooling.geometry", place, "layer_mm", row.layer_mm, (0.03, 1.2), "mm")
    findings += outside("tooling.geometry", place, "first_layer_mm", row.first_layer_mm, (0.05, 1.2), "mm")
    findings += outside("tooling.geometry", place, "line_width_mm", row.line_width_mm, (row.layer_mm, 3), "mm")
    findings += outside("tooling.range", place, "walls", row.walls, (1, 50), "walls")
    findings += outside("tooling.range", place, "solid_layers", row.solid_layers, (1, 50), "layers")
    findings += outside("tooling.range", place, "infill_percent", row.infill_percent, (0, 100), "%")
    for name in SPEEDS:
        findings += outside("tooling.speed", place, f"{name}_mm_s", getattr(row, f"{name}_mm_s"), (1, 1000), "mm/s")
    return findings


def printer(row: Printer, place: Place) -> list[Finding]:
    """Check one printer: bed, nozzle, temperatures, speed, rate."""
    findings = []
    for name in ("bed_x_mm", "bed_y_mm", "height_mm"):
        findings += outside("tooling.geometry", place, name, getattr(row, name), (30, 2000), "mm")
    findings += outside("tooling.geometry", place, "nozzle_mm", row.nozzle_mm, (0.1, 2), "mm")
    findings += outside("tooling.temperature", place, "max_nozzle_c", row.max_nozzle_c, (180, 500), "C")
    findings += outside("tooling.temperature", place, "max_bed_c", row.max_bed_c, (0, 200), "C")
    findings += outside("tooling.speed", place, "max_feed_mm_s", row.max_feed_mm_s, (10, 2000), "mm/s")
    findings += outside("tooling.speed", place, "acceleration_mm_s2", row.acceleration_mm_s2, (10, 100_000), "mm/s2")
    findings += outside("tooling.geometry", place, "retract_mm", row.retract_mm, (0, 12), "mm")
    for name in ("retract_speed", "max_z_speed", "corner_speed"):
        findings += outside("tooling.speed", place, f"{name}_mm_s", getattr(row, f"{name}_mm_s"), (0.1, 200), "mm/s")
    findings += outside("tooling.rate", place, "rate_eur_h", row.rate_eur_h, (0.01, 500), "EUR/h")
    if not row.filaments:
        words = ("filaments", "none", "one or more", "the printer prints nothing")
        findings.append(broken("tooling.missing", place, *words, "Name the filaments it may print."))
    return findings


def together(
    printers: Mapping[str, Printer],
    filaments: Mapping[str, Filament],
    qualities: Mapping[str, Quality],
    materials: Mapping[str, Material],
) -> list[Finding]:
    """Check each filament against its printers and material, and each mode against every printer."""
    findings: list[Finding] = []
    for one in filaments.values():
        of = materials.get(one.material_id)
        if of is not None and of.process != "print":
            words = ("material_id", of.id, "a printed material", f"{of.id} is cut, not printed")
            findings.append(broken("tooling.unknown-reference", Place(f"filament {one.id}"), *words, "Correct the id."))
    for owner in printers.values():
        place = Place(f"printer {owner.id}")
        for name in owner.filaments:
            one_filament = filaments.get(name)
            if one_filament is not None:
                findings += _hot_enough(owner, one_filament, place)
        for mode in qualities.values():
            findings += _mode(owner, mode, place)
    return findings


def _hot_enough(owner: Printer, one: Filament, place: Place) -> list[Finding]:
    hottest = max(one.nozzle_c, one.first_layer_nozzle_c)
    findings = outside("tooling.temperature", place, f"{one.id}: nozzle", hottest, (0, owner.max_nozzle_c), "C")
    return findings + outside("tooling.temperature", place, f"{one.id}: bed", one.bed_c, (0, owner.max_bed_c), "C")


def _mode(owner: Printer, mode: Quality, place: Place) -> list[Finding]:
    nozzle = owner.nozzle_mm
    findings = []
    for field, value, share in (
        ("line_width_mm", mode.line_width_mm, LINE_OVER_NOZZLE),
        ("layer_mm", mode.layer_mm, LAYER_OVER_NOZZLE),
        ("first_layer_mm", mode.first_layer_mm, LAYER_OVER_NOZZLE),
    ):
        window = (share[0] * nozzle, share[1] * nozzle)
        findings += outside("tooling.geometry", place, f"{mode.id}: {field}", value, window, "mm")
    for name in SPEEDS:
        speed = getattr(mode, f"{name}_mm_s")
        findings += outside("tooling.speed", place, f"{mode.id}: {name}", speed, (0, owner.max_feed_mm_s), "mm/s")
    return findings

"""Checks that a workshop's minutes, rates and shares can be true, and that every machine stands in one workshop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from model.finding import Finding
from tooling_db.plausible import broken, outside

if TYPE_CHECKING:
    from collections.abc import Mapping

    from model.tooling import Workshop
    from tooling_db.rows import Place

WINDOWS: Mapping[str, tuple[float, float, str]] = {
    "labour_eur_h": (1, 500, "EUR/h"), "setup_min": (1, 240, "min"), "reload_min": (0, 120, "min"),
    "tool_min": (0, 30, "min"), "saw_min": (0, 120, "min"), "deburr_min_m": (0, 60, "min/m"),
    "check_min": (0, 240, "min"), "pack_min": (0, 120, "min"), "plate_min": (0, 120, "min"), "attended": (0, 1, ""),
    "tool_life_min": (1, 5000, "min"), "scrap": (0, 0.5, ""), "power_kw": (0, 100, "kW"),
    "printer_attended": (0, 1, ""), "printer_power_kw": (0, 5, "kW"),
    "energy_eur_kwh": (0, 5, "EUR/kWh"), "margin": (0, 5, ""), "rush": (0, 5, ""),
    "payment": (0, 0.2, ""), "payment_eur": (0, 10, "EUR"),
    "shipping_eur": (0, 1000, "EUR"), "compute_eur": (0, 1000, "EUR"), "spread": (1, 5, ""),
    "at_once": (1, 1000, "machines"),
}  # fmt: skip
SOURCES = ("labour", "minutes", "tools", "energy", "business", "lead")


def workshop(row: Workshop, place: Place) -> list[Finding]:
    """Check one workshop: every number in its window, P90 not before P50, a source for every group of numbers."""
    findings: list[Finding] = []
    for field, (low, high, unit) in WINDOWS.items():
        findings += outside("tooling.business", place, field, getattr(row, field), (low, high), unit)
    for field in ("shipping_h", "queue_h"):
        p50, p90 = getattr(row, field)
        if p90 < p50:
            words = (field, f"{p50:g}, {p90:g}", "P50 <= P90", f"nine of ten take {p90:g} h, half of them {p50:g} h")
            findings.append(broken("tooling.business", place, *words, "Write the median first."))
    if row.at_deg is not None:
        for name, degrees, most in zip(("[0]", "[1]"), row.at_deg, (90, 180), strict=True):
            findings += outside("tooling.business", place, f"at_deg{name}", degrees, (-most, most), "deg")
    if not row.machines and not row.printers:
        words = ("machines", "none", "one machine or printer", "the workshop has nothing to make with")
        findings.append(broken("tooling.missing", place, *words, "Name what stands in it."))
    for name in SOURCES:
        if not row.sources.get(name):
            words = (f"sources.{name}", "none", "a text", f"it is not said where the numbers of {name!r} come from")
            findings.append(broken("tooling.no-source", place, *words, "Name the source; belief is one if you say so."))
    return findings


def apart(workshops: Mapping[str, Workshop]) -> list[Finding]:
    """A machine or printer named by two workshops has two prices."""
    owner: dict[str, str] = {}
    findings = []
    for shop in workshops.values():
        for name in (*shop.machines, *shop.printers):
            if name in owner:
                message = f"workshop {shop.id}: {name!r} stands in {owner[name]!r} already"
                hint = "Name it in one workshop."
                findings.append(
                    Finding("tooling.two-workshops", message, f"workshop {shop.id}", name, owner[name], hint)
                )
            owner.setdefault(name, shop.id)
    return findings

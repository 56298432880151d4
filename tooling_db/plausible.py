"""Checks that a material's numbers, and the stock it is sold in, can be true."""

from __future__ import annotations

from typing import TYPE_CHECKING

from model.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from model.rule import Rule
    from model.tooling import Material, StockRow
    from tooling_db.rows import Place

Window = tuple[float, float]
"""The lowest and the highest value that can be true."""

CARBIDE_M_MIN: Mapping[str, Window] = {
    "P": (5, 300), "M": (10, 250), "K": (30, 300), "N": (40, 1000),
    "S": (5, 150), "H": (10, 150), "O": (30, 1000), "W": (100, 3000),
}  # fmt: skip
"""Surface speeds seen with carbide, by ISO 513 group (wood: W): wide, but feet a minute read as metres fall out."""

HSS_M_MIN: Mapping[str, Window] = {
    "P": (4, 60), "M": (4, 40), "K": (8, 60), "N": (15, 350),
    "S": (2, 25), "H": (2, 15), "O": (30, 600), "W": (100, 3000),
}  # fmt: skip

DRILL_M_MIN: Mapping[str, Window] = {
    "P": (4, 45), "M": (4, 25), "K": (8, 45), "N": (20, 150),
    "S": (2, 20), "H": (2, 10), "O": (15, 150), "W": (30, 300),
}  # fmt: skip

CHIP_OVER_D: Mapping[str, Window] = {
    "P": (0.001, 0.012), "M": (0.0005, 0.008), "K": (0.002, 0.015), "N": (0.002, 0.02),
    "S": (0.001, 0.008), "H": (0.0005, 0.005), "O": (0.003, 0.08), "W": (0.005, 0.08),
}  # fmt: skip

KC_N_MM2: Mapping[str, Window] = {
    "P": (1000, 3200), "M": (1500, 3200), "K": (800, 1800), "N": (300, 1300),
    "S": (1000, 4000), "H": (3500, 6000), "O": (5, 500), "W": (5, 150),
}  # fmt: skip

DENSITY_G_CM3: Mapping[str, Window] = {
    "P": (7.2, 8.5), "M": (7.2, 8.5), "K": (6.6, 7.9), "N": (1.6, 11.0),
    "S": (4.0, 9.5), "H": (7.0, 8.6), "O": (0.05, 2.5), "W": (0.1, 1.4),
}  # fmt: skip

MC: Window = (0.1, 0.6)
DRILL_FN_OVER_D: Window = (0.003, 0.08)
PRICE_EUR_KG: Window = (0.1, 5000)
SOURCES_CUT = ("kc", "vc", "hss", "fz", "drill", "density", "price", "proof")
PROOF_N_MM2 = (0.5, 2500.0)
SOURCES_PRINT = ("density", "price")


def outside(code: str, place: Place, field: str, value: float, window: Window, unit: str) -> list[Finding]:
    """Give a finding when a value lies outside its window."""
    low, high = window
    if low <= value <= high:
        return []
    where = place.at(field)
    message = f"{where}: {value:g} {unit} is not between {low:g} and {high:g} {unit}"
    hint = "Check the unit and the digits; if the value is true, say so and widen the window."
    return [Finding(code, message, str(where), value, f"{low:g} to {high:g} {unit}", hint)]


def broken(
    code: str, place: Place, field: str, value: float | str, limit: float | str, message: str, hint: str
) -> Finding:
    """Give the finding for a rule between two values."""
    where = place.at(field)
    return Finding(code, f"{where}: {message}", str(where), value, limit, hint)


def material(row: Material, place: Place) -> list[Finding]:
    """Check one material: group, ranges, cutting force, speeds, chip load, density, price, sources."""
    group = row.iso_group
    if group not in DENSITY_G_CM3:
        words = (group, ", ".join(DENSITY_G_CM3), f"{group!r} is no material group", "See ISO 513; wood is W.")
        return [broken("tooling.unknown-choice", place, "iso_group", *words)]
    findings = outside("tooling.density", place, "density_g_cm3", row.density_g_cm3, DENSITY_G_CM3[group], "g/cm3")
    findings += outside("tooling.price", place, "price_eur_kg", row.price_eur_kg, PRICE_EUR_KG, "EUR/kg")
    findings += _sources(row, place)
    for alias in row.aliases:
        if alias != alias.casefold():
            words = (alias, alias.casefold(), f"{alias!r} is not in lower case", "Write it in lower case.")
            findings.append(broken("tooling.alias", place, "aliases", *words))
    return findings if row.process == "print" else findings + _cutting(row, place)


def _sources(row: Material, place: Place) -> list[Finding]:
    needed = SOURCES_PRINT if row.process == "print" else SOURCES_CUT
    return [
        broken("tooling.no-source", place, "sources", name, "a source for each number", f"{name!r} has no source",
               'Name where the number is from, or write "belief".')
        for name in needed if name not in row.sources
    ]  # fmt: skip


def _cutting(row: Material, place: Place) -> list[Finding]:
    group = row.iso_group
    findings = outside("tooling.cutting-force", place, "kc11_n_mm2", row.kc11_n_mm2, KC_N_MM2[group], "N/mm2")
    findings += outside("tooling.cutting-force", place, "mc", row.mc, MC, "")
    for field, values, code, window, unit in (
        ("vc_carbide_m_min", row.vc_carbide_m_min, "tooling.surface-speed", CARBIDE_M_MIN[group], "m/min"),
        ("vc_hss_m_min", row.vc_hss_m_min, "tooling.surface-speed", HSS_M_MIN[group], "m/min"),
        ("fz_over_d", row.fz_over_d, "tooling.chip-load", CHIP_OVER_D[group], "of the diameter"),
    ):
        if list(values) != sorted(values):
            text = ", ".join(f"{v:g}" for v in values)
            words = (text, "low <= start <= high", f"{text} is not rising", "Write low, start, high.")
            findings.append(broken("tooling.range", place, field, *words))
        for index, value in enumerate(values):
            findings += outside(code, place, f"{field}[{index}]", value, window, unit)
    findings += outside("tooling.strength", place, "proof_n_mm2", row.proof_n_mm2, PROOF_N_MM2, "N/mm2")
    drill = row.drill_vc_m_min
    findings += outside("tooling.surface-speed", place, "drill_vc_m_min", drill, DRILL_M_MIN[group], "m/min")
    feed = row.drill_fn_over_d
    return findings + outside("tooling.chip-load", place, "drill_fn_over_d", feed, DRILL_FN_OVER_D, "of the diameter")


def aliases(rows: Iterable[Material]) -> list[Finding]:
    """Check that no word means two materials."""
    owner: dict[str, str] = {}
    findings = []
    for row in rows:
        for word in (row.id, *row.aliases):
            other = owner.setdefault(word, row.id)
            if other != row.id:
                message = f"material {row.id}: {word!r} already means {other}"
                hint = "Leave the word to one of them."
                findings.append(
                    Finding("tooling.duplicate-alias", message, f"material {row.id}: aliases", word, other, hint)
                )
    return findings


def stock(row: StockRow, of: Material | None, place: Place) -> list[Finding]:
    """Check one stock size and that its material is one that is cut."""
    findings = outside("tooling.stock-size", place, "thickness_mm", row.thickness_mm, (0.1, 300), "mm")
    findings += outside("tooling.stock-size", place, "max_length_mm", row.max_length_mm, (10, 6000), "mm")
    findings += outside("tooling.stock-size", place, "max_width_mm", row.max_width_mm, (10, 3000), "mm")
    if of is not None and of.process != "cut":
        words = (of.id, "a material that is cut", f"{of.id} is printed, not cut", "Remove the row.")
        findings.append(broken("tooling.unknown-reference", place, "material_id", *words))
    return findings


def rule(row: Rule, place: Place) -> list[Finding]:
    """Check one rule of manufacturability: a limit above nought, groups that exist, a source."""
    findings = outside("tooling.range", place, "limit", row.limit, (1e-3, 1e4), "")
    for group in row.groups:
        if group not in DENSITY_G_CM3:
            words = (group, ", ".join(DENSITY_G_CM3), f"{group!r} is no material group", "See ISO 513; wood is W.")
            findings.append(broken("tooling.unknown-choice", place, "groups", *words))
    if not row.source:
        words = ("source", "none", "a text", "it is not said where the limit comes from")
        findings.append(broken("tooling.no-source", place, *words, "Name the source; belief is one if you say so."))
    return findings

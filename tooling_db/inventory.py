"""Checks that gauges, bars, tapes, presets and worn tools can be true, and that they name what there is."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from math import pi
from typing import TYPE_CHECKING

from model.finding import Finding
from tooling_db.plausible import CARBIDE_M_MIN, CHIP_OVER_D, DRILL_FN_OVER_D, HSS_M_MIN, broken, outside

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from model.inventory import Bar, CuttingRow, Gauge, TabStyle, Tape, ToolInstance
    from model.tooling import Lathe, Machine, Material, Tool, Vise, Workshop
    from tooling_db.rows import Place

TURNING_AXES = ("X", "Z")
PER_TURN = ("drill", "ream")
TORQUE_SHARE = (0.2, 1.1)
"""A torque curve gives at most the power curve's torque (a tenth more: two rounded tables)."""
IN_USE = ("new", "available")


def vise(row: Vise, place: Place) -> list[Finding]:
    """Check one vise: sizes, force, price."""
    findings: list[Finding] = []
    for field in ("jaw_width_mm", "jaw_height_mm", "jaw_thickness_mm", "opening_mm"):
        findings += outside("tooling.vise", place, field, getattr(row, field), (1, 1000), "mm")
    findings += outside("tooling.vise", place, "clamp_force_n", row.clamp_force_n, (100, 200_000), "N")
    return findings + outside("tooling.price", place, "price_eur", row.price_eur, (0, 20_000), "EUR")


def tape(row: Tape, place: Place) -> list[Finding]:
    """Check one tape: 5 to 15 psi are sold, foam bears less and film more."""
    findings = outside("tooling.tape", place, "shear_n_mm2", row.shear_n_mm2, (0.005, 0.5), "N/mm2")
    findings += outside("tooling.tape", place, "cover", row.cover, (0.05, 1), "of the area")
    findings += outside("tooling.tape", place, "least_area_mm2", row.least_area_mm2, (0, 100_000), "mm2")
    return findings + outside("tooling.price", place, "price_eur_m2", row.price_eur_m2, (0, 500), "EUR/m2")


def tabs(row: TabStyle, place: Place) -> list[Finding]:
    """Check one style of tabs."""
    findings = outside("tooling.tabs", place, "width_mm", row.width_mm, (0.5, 20), "mm")
    return findings + outside("tooling.tabs", place, "height_mm", row.height_mm, (0.1, 5), "mm")


def gauge(row: Gauge, place: Place) -> list[Finding]:
    """Check one gauge: a rising range, and steps no wider than it."""
    findings = outside("tooling.gauge", place, "high_mm", row.high_mm, (max(row.low_mm, 0.001), 5000), "mm")
    findings += outside("tooling.gauge", place, "resolution_mm", row.resolution_mm, (0.0001, 1), "mm")
    findings += outside("tooling.gauge", place, "uncertainty_mm", row.uncertainty_mm, (0.0001, 1), "mm")
    return findings + outside("tooling.price", place, "price_eur", row.price_eur, (0, 50_000), "EUR")


def bar(row: Bar, place: Place) -> list[Finding]:
    """Check one bar."""
    findings = outside("tooling.stock-size", place, "size_mm", row.size_mm, (0.5, 500), "mm")
    return findings + outside("tooling.stock-size", place, "length_mm", row.length_mm, (50, 12_000), "mm")


def lathe(row: Lathe, place: Place) -> list[Finding]:
    """Check one lathe: axes, spindle, torque against power, what fits through and over it."""
    names = tuple(axis.name for axis in row.axes)
    if names != TURNING_AXES:
        words = ("axes", ", ".join(names), ", ".join(TURNING_AXES), "the axes are not X, Z in this order")
        return [broken("tooling.axes", place, *words, "Write the two axes in order.")]
    findings: list[Finding] = []
    for index, axis in enumerate(row.axes):
        at = f"axes[{index}]"
        travel, pull = axis.max_mm - axis.min_mm, axis.acceleration_mm_s2
        findings += outside("tooling.axes", place, f"{at}.max_mm (travel)", travel, (1, 10_000), "mm")
        findings += outside("tooling.axes", place, f"{at}.rapid_mm_min", axis.rapid_mm_min, (10, 200_000), "mm/min")
        findings += outside("tooling.axes", place, f"{at}.acceleration_mm_s2", pull, (1, 100_000), "mm/s2")
    low, high = row.spindle_min_rpm, row.spindle_max_rpm
    findings += outside("tooling.rpm", place, "spindle_min_rpm", low, (1, high), "rpm")
    findings += outside("tooling.rpm", place, "spindle_max_rpm", high, (100, 20_000), "rpm")
    findings += curve(row, "power_curve", (0.01, 200), "tooling.power", "kW", place)
    findings += torque(row, place)
    findings += outside("tooling.geometry", place, "bar_mm", row.bar_mm, (1, row.chuck_mm), "mm (its chuck)")
    findings += outside("tooling.geometry", place, "chuck_mm", row.chuck_mm, (10, row.swing_mm), "mm (its swing)")
    findings += outside("tooling.geometry", place, "swing_mm", row.swing_mm, (20, 3000), "mm")
    findings += outside("tooling.geometry", place, "turret", row.turret, (1, 60), "stations")
    return findings + outside("tooling.rate", place, "rate_eur_h", row.rate_eur_h, (0.01, 1000), "EUR/h")


def curve(
    row: Machine | Lathe, field: str, window: tuple[float, float], code: str, unit: str, place: Place
) -> list[Finding]:
    """Check a spindle's curve: points at rising speeds the spindle turns at, values that can be."""
    points: tuple[tuple[float, float], ...] = getattr(row, field)
    if not points:
        words = (field, "none", f"one or more (rpm, {unit})", f"the spindle's {field.replace('_', ' ')} is not given")
        return [broken("tooling.missing", place, *words, "Read it from the spindle's data sheet.")]
    findings: list[Finding] = []
    rpms = [rpm for rpm, _ in points]
    if any(after <= before for before, after in pairwise(rpms)):
        words = (field, ", ".join(f"{r:g}" for r in rpms), "rising rpm", "the speeds do not rise")
        findings.append(broken("tooling.range", place, *words, "Sort the points."))
    for index, (rpm, value) in enumerate(points):
        at = f"{field}[{index}]"
        findings += outside("tooling.rpm", place, f"{at}[0]", rpm, (row.spindle_min_rpm, row.spindle_max_rpm), "rpm")
        findings += outside(code, place, f"{at}[1]", value, window, unit)
    return findings


def torque(row: Machine | Lathe, place: Place) -> list[Finding]:
    """Check a torque curve: its form, and that it does not promise more power than the power curve."""
    findings = curve(row, "torque_curve", (0.01, 5000), "tooling.torque", "N m", place)
    if findings or not row.power_curve:
        return findings
    from_power = {rpm: 30_000 * kw / (pi * rpm) for rpm, kw in row.power_curve}
    for index, (rpm, value) in enumerate(row.torque_curve):
        if rpm in from_power:
            low, high = (share * from_power[rpm] for share in TORQUE_SHARE)
            unit = f"N m (what its power at {rpm:g} rpm allows)"
            findings += outside("tooling.torque", place, f"torque_curve[{index}][1]", value, (low, high), unit)
    return findings


def preset(row: CuttingRow, of: Tool | None, material: Material | None, place: Place) -> list[Finding]:
    """Check one row of cutting data against the windows of its material's group."""
    if of is None or material is None:
        return []  # the broken reference is told
    group = material.iso_group
    window = (CARBIDE_M_MIN if of.substrate == "carbide" else HSS_M_MIN)[group]
    findings = outside("tooling.surface-speed", place, "vc_m_min", row.vc_m_min, window, "m/min")
    share = row.fz_mm / of.diameter_mm
    window = DRILL_FN_OVER_D if row.work in PER_TURN else CHIP_OVER_D[group]
    findings += outside("tooling.chip-load", place, "fz_mm (over the diameter)", share, window, "")
    return findings + outside("tooling.geometry", place, "ap_mm", row.ap_mm, (0, of.flute_length_mm), "mm of flutes")


def with_presets(tools: Mapping[str, Tool], presets: Iterable[CuttingRow]) -> dict[str, Tool]:
    """The tools, each with its own rows of cutting data."""
    own: dict[str, list[CuttingRow]] = {}
    for one in presets:
        own.setdefault(one.tool_id, []).append(one)
    return {name: replace(row, presets=tuple(own[name])) if name in own else row for name, row in tools.items()}


def instance(row: ToolInstance, place: Place) -> list[Finding]:
    """Check one physical tool: what is in use has life left."""
    findings = outside("tooling.life", place, "life_min", row.life_min, (0.1, 100_000), "min")
    if row.state in IN_USE and row.used_min >= row.life_min > 0:
        message = f"{row.used_min:g} of {row.life_min:g} min are worked, and it is said to be {row.state}"
        words = ("used_min", row.used_min, row.life_min, message)
        findings.append(broken("tooling.life", place, *words, 'Write state = "worn", or a longer life.'))
    return findings


def lasting(
    machines: Iterable[Machine], workshops: Mapping[str, Workshop], instances: Iterable[ToolInstance]
) -> list[Finding]:
    """Name every T number whose tool a workshop keeps count of, and has none left that cuts."""
    counted: dict[tuple[str, str], list[ToolInstance]] = {}
    for one in instances:
        counted.setdefault((one.workshop, one.tool_id), []).append(one)
    home = {machine: shop.id for shop in workshops.values() for machine in shop.machines}
    findings = []
    for machine in machines:
        for a in machine.tools:
            own = counted.get((home.get(machine.id, ""), a.tool.id), [])
            if own and all(one.state not in IN_USE for one in own):
                told = ", ".join(f"{one.id} {one.state}" for one in own)
                place = f"machine {machine.id}: T{a.number}"
                message = f"{place}: no {a.tool.id} of {home[machine.id]} has any life left ({told})"
                hint = "Add a row for a new one, or take the T number out of the crib."
                findings.append(Finding("tooling.no-life", message, place, a.tool.id, "one that cuts", hint))
    return findings


def held(machines: Iterable[Machine], known: Mapping[str, object]) -> list[Finding]:
    """Name every way to hold work that no row describes."""
    findings = []
    for machine in machines:
        for word in machine.fixtures:
            if word != "vise" and word not in known:
                place = f"machine {machine.id}: fixtures"
                allowed = ", ".join(("vise", *known))
                message = f"{place}: {word!r} is not one of {allowed}"
                findings.append(
                    Finding("tooling.unknown-choice", message, place, word, allowed, "Correct the word, or add a row.")
                )
    return findings

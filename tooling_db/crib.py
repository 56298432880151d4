"""Checks that a machine and the tools in its crib fit each other: travel, spindle, vise, holders, T numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tooling_db import inventory
from tooling_db.plausible import broken, outside

if TYPE_CHECKING:
    from model.finding import Finding
    from model.tooling import Assembly, Machine
    from tooling_db.rows import Place

AXES = ("X", "Y", "Z")
COOLANTS = ("flood", "mist")
GAUGE_MM = 0.01


def machine(row: Machine, place: Place) -> list[Finding]:
    """Check one machine and every assembly in it."""
    findings = _axes(row, place) + _spindle(row, place) + _holding(row, place)
    findings += outside("tooling.rate", place, "rate_eur_h", row.rate_eur_h, (0.01, 1000), "EUR/h")
    seen: set[int] = set()
    for index, one in enumerate(row.tools):
        at = place.at(f"tools[{index}]")
        if one.number in seen or one.number < 1:
            words = ("number", one.number, "each T number once, from 1", f"T{one.number} is taken or not above 0")
            findings.append(broken("tooling.duplicate-number", at, *words, "Give it a free number."))
        seen.add(one.number)
        findings += assembly(one, row, at)
    return findings


def assembly(one: Assembly, row: Machine, place: Place) -> list[Finding]:
    """Check one T number: stick-out, grip, bore, gauge length, and a speed the spindle can turn."""
    tool, holder = one.tool, one.holder
    findings = outside(
        "tooling.geometry", place, "stick_out_mm", one.stick_out_mm,
        (tool.shoulder_length_mm, tool.overall_length_mm - tool.shank_diameter_mm),
        "mm (from its shoulder to its length less one shank diameter of grip)",
    )  # fmt: skip
    findings += outside(
        "tooling.bore", place, "tool", tool.shank_diameter_mm, (0.5, holder.bore_max_mm), f"mm of bore in {holder.id}"
    )
    gauge = one.stick_out_mm + sum(s.height_mm for s in holder.segments)
    findings += outside(
        "tooling.gauge-length", place, "gauge_length_mm", one.gauge_length_mm, (gauge - GAUGE_MM, gauge + GAUGE_MM),
        "mm (stick-out and the holder's height)",
    )  # fmt: skip
    slowest = row.spindle_min_rpm
    for what, limit in ((tool.id, tool.max_rpm), (holder.id, holder.max_rpm)):
        if limit < slowest:
            message = f"{what} may turn at {limit:g} rpm, the spindle turns at {slowest:g} rpm or more"
            hint = "Take it out of this machine's crib."
            findings.append(broken("tooling.rpm", place, "tool", limit, slowest, message, hint))
    return findings


def _axes(row: Machine, place: Place) -> list[Finding]:
    names = tuple(axis.name for axis in row.axes)
    if names != AXES:
        words = ("axes", ", ".join(names), ", ".join(AXES), "the axes are not X, Y, Z in this order")
        return [broken("tooling.axes", place, *words, "Write the three axes in order.")]
    findings = []
    for index, axis in enumerate(row.axes):
        at = f"axes[{index}]"
        travel, pull = axis.max_mm - axis.min_mm, axis.acceleration_mm_s2
        findings += outside("tooling.axes", place, f"{at}.max_mm (travel)", travel, (1, 10_000), "mm")
        findings += outside("tooling.axes", place, f"{at}.rapid_mm_min", axis.rapid_mm_min, (10, 200_000), "mm/min")
        findings += outside("tooling.axes", place, f"{at}.acceleration_mm_s2", pull, (1, 100_000), "mm/s2")
        zero = row.work_zero_mm[index]
        low = axis.min_mm if axis.name != "Z" else float("-inf")
        findings += outside("tooling.axes", place, f"work_zero_mm[{index}]", zero, (low, axis.max_mm), "mm")
    fastest = max(axis.rapid_mm_min for axis in row.axes)
    return findings + outside("tooling.axes", place, "max_feed_mm_min", row.max_feed_mm_min, (1, fastest), "mm/min")


def _spindle(row: Machine, place: Place) -> list[Finding]:
    low, high = row.spindle_min_rpm, row.spindle_max_rpm
    findings = outside("tooling.rpm", place, "spindle_min_rpm", low, (1, high), "rpm")
    findings += outside("tooling.rpm", place, "spindle_max_rpm", high, (100, 200_000), "rpm")
    findings += inventory.curve(row, "power_curve", (0.01, 100), "tooling.power", "kW", place)
    return findings + (inventory.torque(row, place) if row.torque_curve else [])


def _holding(row: Machine, place: Place) -> list[Finding]:
    findings = []
    for word in row.coolant:
        if word not in COOLANTS:
            words = ("coolant", word, ", ".join(COOLANTS), f"{word!r} is not one of {', '.join(COOLANTS)}")
            findings.append(broken("tooling.unknown-choice", place, *words, "Correct the word."))
    if not row.fixtures:
        words = ("fixtures", "none", "vise, or the id of a tape or of tabs", "nothing holds the work")
        findings.append(broken("tooling.missing", place, *words, "Name at least one."))
    if ("vise" in row.fixtures) != (row.vise is not None):
        words = ("vise", "given" if row.vise else "none", "given when fixtures name it", "fixtures and vise disagree")
        findings.append(broken("tooling.vise", place, *words, "Add the vise, or take it out of the fixtures."))
    return findings

"""Keeps, beside every number of a cut, the steps that led to it: what it was, what it became, and what made it so."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from model.plan import CuttingData, Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from model.inventory import CuttingRow
    from model.tooling import Material, Tool

SAME = 1e-9

ESTIMATED = 0.85
"""Share of a tool's own row that is used when nobody answers for it (cnctoolkit.com cuts 15 %)."""


def row(source: str, confidence: str) -> str:
    """A row's source with how sure it is."""
    return f"{source} [{confidence}]"


def of_material(material: Material, key: str) -> str:
    """Where a number of a material's row comes from."""
    return f"material {material.id}, {row(material.sources.get(key, 'no source'), material.confidence)}"


def limited(number: str, before: float, after: float, limit: str, because: str, source: str = "") -> Step:
    """A step a limit made: it bears the limit's name when it changed the number, and none when it only looked."""
    changed = abs(after - before) > SAME * max(abs(before), abs(after))
    return Step(number, before, after, because, limit if changed else "", source)


def preset_of(material: Material, tool: Tool, work: str) -> CuttingRow | None:
    """The tool's own row of cutting data for a material and a work, if it has one."""
    return next((p for p in tool.presets if p.material_id == material.id and p.work == work), None)


def named(preset: CuttingRow) -> str:
    """A tool's own row, by what names it, with its source."""
    return f"cutting {preset.tool_id} {preset.material_id} {preset.work}, {row(preset.source, preset.confidence)}"


def sure(preset: CuttingRow) -> float:
    """The share of a tool's own row that is used."""
    return ESTIMATED if preset.confidence == "estimated" else 1.0


def with_why(cut: CuttingData, steps: Iterable[Step], told: Mapping[str, str], **began: float) -> CuttingData:
    """The cut with the steps so far, and for each number of ``told`` the last one, from where it ``began`` (or 0)."""
    last = (Step(name, began.get(name, 0.0), getattr(cut, name), because) for name, because in told.items())
    return replace(cut, why=(*steps, *last))


def restated(cut: CuttingData, because: str, **numbers: float) -> CuttingData:
    """The cut with numbers a planner sets after the limits, each with its reason."""
    steps = tuple(Step(name, getattr(cut, name), value, because) for name, value in numbers.items())
    changed: CuttingData = replace(cut, **numbers, why=(*cut.why, *steps))  # type: ignore[arg-type]
    return changed

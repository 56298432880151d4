"""The inspection plan: ballooned sizes with limits and gauges, what the order asks beside them, room to record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import generators
from model.design import Engraving, Part, Relief
from model.inventory import Gauge
from model.order import Brief, Reading
from model.thread import thread_named
from model.tolerances import form_checks
from pipeline.release.balloons import ballooned
from pipeline.release.characteristics import Characteristic, characteristics
from pipeline.release.gauges import gauge_name
from pipeline.release.jobs import CutJob, PrintJob
from pipeline.release.papers.paper import Cell, Column, Paper, Picture, Rows, table
from pipeline.release.papers.terms import terms
from pipeline.release.phrases import said
from pipeline.release.words import number

KNOWN = (
    "family",
    "material",
    "finish",
    "tolerance_class",
    "quantity",
    "solid",
    "size_mm",
    "threads",
    "fits",
    "text",
    "label",
)
"""Readings that stand in rows of their own."""


def inspection(job: CutJob | PrintJob, language: str) -> Paper:
    """Every part with its picture and sizes, then the checks against the order."""
    w, brief = terms(language), job.brief
    plan = job.plan if isinstance(job, CutJob) else None
    blocks: list[Rows | Picture] = []
    measured: set[str] = set()
    first = 1
    for part in job.design.parts:
        found = characteristics(part, brief, plan)
        measured |= {c.ordered for c in found}
        spots = [(first + k, c.spot_mm, c.facing) for k, c in enumerate(found)]
        blocks += [
            Picture(f"balloons-{part.name}-{k}.svg", svg, wide=0.8) for k, svg in enumerate(ballooned(part, spots), 1)
        ]
        blocks.append(_sizes(job, part, found, first, language))
        first += len(found)
    return Paper(
        "inspection", "inspection", language, w["inspection"], w["order"], brief.order_id, job.design.title,
        f"{brief.order_id} · {w['inspection']}", (*blocks, _as_ordered(job, measured, w, language), signed(w)),
    )  # fmt: skip


def _sizes(job: CutJob | PrintJob, part: Part, found: Iterable[Characteristic], first: int, language: str) -> Rows:
    w = terms(language)
    columns = [
        Column(w["no"], 0.5), Column(w["requirement"], 3.0), Column(w["low"], 0.9, right=True),
        Column(w["high"], 0.9, right=True), Column(w["gauge-by"], 2.2), Column(w["from"], 0.8), Column(w["found"], 1.3),
        Column(w["verdict"], 1.0),
    ]  # fmt: skip
    rows = [
        [
            str(first + k), requirement(c, w, language), limit(c.low_mm), limit(c.high_mm),
            gauge(c, job.gauges, language), w["from-order"] if c.ordered else w["from-drawing"], "", "",
        ]
        for k, c in enumerate(found)
    ]  # fmt: skip
    form = form_checks(part.expected.size_mm, job.brief.tolerance_class)
    for name, by, value in zip(("cap-flat", "cap-square"), ("straight-edge", "square"), form or (), strict=False):
        rows.append(["–", w[name], "0", number(value), w[by], w["from-order"], "", ""])
    note = w["general"].format(tolerance=job.brief.tolerance_class)
    return table(columns, rows, f"{part.name}: {w['dimensions'].lower()}", note, tall=True)


def signed(w: Mapping[str, str]) -> Rows:
    """Who judged, and how."""
    return Rows((tuple(Cell("", 1.0, label=w[k]) for k in ("inspector", "accepted")),), tall=True)


def limit(value: float | None) -> str:
    """A limit; empty where a gauge judges."""
    return "" if value is None else number(value)


def requirement(one: Characteristic, w: Mapping[str, str], language: str) -> str:
    """A characteristic in one line: "4 × Ø6.6, through", "M6 6H, depth 13"."""
    many = f"{one.count} × " if one.count > 1 else ""
    deep = w["through"] if one.deep_mm is None else f"{w['deep']} {number(one.deep_mm, 2)}"
    size = number(one.size_mm)
    texts = {
        "hole": f"{many}Ø{size}, {deep}", "fit": f"{many}Ø{size} {one.name}, {deep}",
        "thread": f"{many}{_classed(one.name)}" + (f", {deep}" if one.deep_mm else ""),
        "spacing": f"{w['spacing']} {one.name} {size}", "level": f"{w['level']} «{said(one.name, language)}» {size}",
        "corner": f"{w['corner']} R{size}", "chamfer": f"{w['chamfer']} {size} × 45°",
    }  # fmt: skip
    return texts[one.kind] if one.kind in texts else f"{w[one.kind]} {size}"


def _classed(thread: str) -> str:
    """A thread with the class it is gauged to; of one that is not known, its name."""
    known = thread_named(thread)
    return thread if known is None else f"{thread} {known.fit}"


def gauge(one: Characteristic, gauges: Iterable[Gauge], language: str) -> str:
    """What it is measured with."""
    w = terms(language)
    plain = {
        "thread": f"{w['thread-gauge']} {_classed(one.name)}",
        "bore": f"{w['plug-gauge']} Ø{number(one.size_mm)} {one.name}",
        "radius": w["radius-gauge"], "chamfer": w["chamfer-gauge"],
    }  # fmt: skip
    if one.way in plain:
        return plain[one.way]
    half = (one.high_mm - one.low_mm) / 2 if one.high_mm is not None and one.low_mm is not None else one.size_mm
    return gauge_name(gauges, one.way, one.size_mm, half, language)


def _as_ordered(job: CutJob | PrintJob, measured: set[str], w: Mapping[str, str], language: str) -> Rows:
    """What no gauge tells: the text letter by letter, the material and colour, and what else the customer named."""
    rows = [[w[what], value, w[by], "", ""] for what, value, by in ordered_facts(job, language)]
    for label, value in other_wishes(job.brief, measured, language):
        rows.append([label, value, w["by-order"], "", ""])
    columns = [
        Column(w["requirement"], 2.6), Column(w["ordered"], 3.4), Column(w["gauge-by"], 1.4), Column(w["seen"], 1.6),
        Column(w["verdict"], 1.0),
    ]  # fmt: skip
    return table(columns, rows, w["as-ordered-checks"], tall=True)


def ordered_facts(job: CutJob | PrintJob, language: str) -> list[tuple[str, str, str]]:
    """What every order is held against by eye and hand: (label, what was ordered, how it is looked at)."""
    design, brief = job.design, job.brief
    texts = [a.text for p in design.parts for a in p.annotations if isinstance(a, Engraving | Relief)]
    size = " × ".join(number(v, 2) for v in design.parts[0].expected.size_mm)
    rows = [("text", "«" + " / ".join(t.splitlines()) + "»", "by-eye") for t in texts]
    if len(design.parts) == 1:
        rows.append(("size", size, "by-order"))
    rows.append(("colour", material_told(job, language), "by-eye"))
    rows.append(("surface", said(brief.finish, language), "by-eye"))
    if isinstance(job, CutJob):
        rows.append(("edges", terms(language)["no-burr"], "by-hand"))
    names = ", ".join(f"{p.name} × {p.quantity * brief.quantity}" for p in design.parts)
    return [*rows, ("pieces-good", names, "by-count")]


def material_told(job: CutJob | PrintJob, language: str) -> str:
    """The material, for prints the very filament, as the shop names it."""
    return said(job.plan.material.name if isinstance(job, CutJob) else job.cheapest.filament.name, language)


def other_wishes(brief: Brief, measured: set[str], language: str) -> list[tuple[str, str]]:
    """What the customer asked for beside the measured sizes, in the family's own words."""
    given = [r for r in brief.readings if r.source != "default" and r.name not in KNOWN and r.name not in measured]
    return [_told(brief.family, r, language) for r in given if r.value not in (None, "")]


def _told(family: str, reading: Reading, language: str) -> tuple[str, str]:
    """A parameter and its value, in the family's own words where it has them."""
    field = generators.get(family).params.model_fields.get(reading.name)
    extra: Any = field.json_schema_extra if field is not None and isinstance(field.json_schema_extra, dict) else {}
    names = extra.get("words", {}).get(language) or [reading.name]
    options = extra.get("options", {}).get(reading.value, {}) if isinstance(reading.value, str) else {}
    return names[0], (options.get(language) or [spelled(reading.value)])[0]


def spelled(value: Any) -> str:
    """A parameter's value as people read it; lists and tables in one line."""
    if isinstance(value, bool):
        return "+" if value else "−"
    if isinstance(value, float):
        return number(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key.removesuffix('_mm').replace('_', ' ')} {spelled(v)}" for key, v in value.items())
    if isinstance(value, list | tuple):
        return "; ".join(spelled(v) for v in value)
    return str(value)

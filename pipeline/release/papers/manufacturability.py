"""The report on how easily a design is made: every rule with its measure and limit, the broken ones in the picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from model.design import Design, Vector
from model.order import Brief
from model.rule import Rule
from pipeline.release.balloons import ballooned
from pipeline.release.papers.paper import Column, Paper, Picture, Rows, table
from pipeline.release.papers.terms import terms
from pipeline.release.words import number


@dataclass(frozen=True, slots=True)
class Answer:
    """One rule as the report shows it: the worst value (None: nothing to measure), how many break it, where, a remedy.

    ``change`` is the parameter with its value now and the nearest that passes; None where none was found.
    """

    rule: Rule
    value: float | None
    broken: int
    part: str
    spot_mm: Vector
    facing: Vector
    change: tuple[str, float, float] | None


def manufacturability(brief: Brief, design: Design, answers: Sequence[Answer]) -> Paper:
    """The report in the customer's language."""
    language = brief.language
    w = terms(language)
    bad = [a for a in answers if a.broken]
    numbers = {id(a): str(k) for k, a in enumerate(bad, 1)}
    blocks: list[Rows | Picture] = []
    for part in design.parts:
        spots = [(k, a.spot_mm, a.facing) for k, a in enumerate(bad, 1) if a.part == part.name]
        blocks += [
            Picture(f"{part.name}-{k}.svg", svg, part.name, 0.7) for k, svg in enumerate(ballooned(part, spots), 1)
        ]
    columns = [
        Column(w["no"], 0.4), Column(w["rule"], 2.6), Column(w["found"], 0.9, right=True),
        Column(w["bound"], 1.0, right=True), Column(w["verdict-of"], 1.3), Column(w["remedy"], 3.4),
        Column(w["origin"], 2.2, style="small"),
    ]  # fmt: skip
    rows = [[numbers.get(id(a), ""), *_row(a, w, language)] for a in answers]
    return Paper(
        "manufacturability", "manufacturability", language, w["manufacturability"], w["order"], brief.order_id,
        design.title, f"{brief.order_id} · {w['manufacturability']}", (*blocks, table(columns, rows)),
    )  # fmt: skip


def _row(a: Answer, w: Mapping[str, str], language: str) -> list[str]:
    rule = a.rule
    what, hint = (rule.ru, rule.hint_ru) if language == "ru" else (rule.en, rule.hint_en)
    sign = "≥" if rule.side == "at least" else "≤"
    if rule.severity == "note":
        verdict = w["not-here"]
    else:
        verdict = w["kept"] if not a.broken else f"{w[rule.severity]}, {a.broken} ×"
        verdict = w["nothing-such"] if a.value is None else verdict
    change = "" if a.change is None else f" {a.change[0]}: {number(a.change[1])} → {number(a.change[2])}."
    value = "" if a.value is None else number(a.value, 2)
    return [what, value, f"{sign} {number(rule.limit)}", verdict, (hint + change) if a.broken else "", rule.source]

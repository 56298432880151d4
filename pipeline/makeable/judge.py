"""Holds a design against the shop's rules of manufacturability; every rule is answered, none skipped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from model.design import Design, Vector
from model.finding import Finding
from model.rule import Rule
from model.tooling import ShopData
from pipeline.makeable.measures import Body, Reading, readings

EXACT = 1e-6


@dataclass(frozen=True, slots=True)
class Judged:
    """One rule's answer: the worst reading of all parts (None: nothing of the kind), the part, how many break it.

    ``zero_mm`` is where the part's zero lies in the customer's file.
    """

    rule: Rule
    part: str = ""
    worst: Reading | None = None
    broken: int = 0
    zero_mm: Vector = (0.0, 0.0, 0.0)

    @property
    def place(self) -> str:
        """The part and where on it, as the customer finds it in his own file ("": nowhere)."""
        if self.worst is None:
            return ""
        at = (a + b for a, b in zip(self.worst.spot_mm, self.zero_mm, strict=True))
        return f"{self.part} {', '.join(f'{v:.2f}' for v in at)}"

    @property
    def good(self) -> bool:
        """Whether nothing breaks the rule."""
        return self.broken == 0

    def finding(self, language: str) -> Finding:
        """The answer as a finding, for a rule that is broken."""
        what, hint = (self.rule.ru, self.rule.hint_ru) if language == "ru" else (self.rule.en, self.rule.hint_en)
        value = None if self.worst is None else round(self.worst.value, 3)
        message = f"{what}: {value}, {self.rule.side} {self.rule.limit:g}"
        severity: Literal["refuse", "note"] = "refuse" if self.rule.severity == "block" else "note"
        return Finding(f"makeable.{self.rule.id}", message, self.place, value, self.rule.limit, hint, severity)


def judged(design: Design, shop: ShopData) -> tuple[Judged, ...]:
    """Every rule that speaks of the design's process and material, in the order of the rows.

    Rules of resin are measured on what is printed, and never broken: they are there for who has a resin printer.
    """
    material = shop.materials[design.material_id]
    bodies = [Body(part) for part in design.parts]
    out = []
    for rule in shop.rules.values():
        process = "print" if rule.process == "resin" else rule.process
        if process != material.process or (rule.groups and material.iso_group not in rule.groups):
            continue
        found = [(r, b.part) for b in bodies for r in readings(b, rule, shop)]
        if not found:
            out.append(Judged(rule))
            continue
        sign = 1 if rule.side == "at least" else -1
        worst, part = min(found, key=lambda one: sign * one[0].value)
        broken = sum(sign * r.value < sign * rule.limit - EXACT for r, _ in found)
        broken = 0 if rule.severity == "note" else broken
        out.append(Judged(rule, part.name, worst, broken, part.zero_mm))
    return tuple(out)

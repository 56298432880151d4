"""Hard limits a customer puts on the finished part, such as "mass <= 200 g"."""

from __future__ import annotations

import difflib
import itertools
import operator
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from model.errors import OrderError
from model.finding import Finding
from model.units import BASE_UNITS, Dimension, parse_dimension

Operator = Literal["<=", "<", ">=", ">"]

MEASURES: dict[str, Dimension] = {
    "length": "length", "width": "length", "height": "length", "mass": "mass", "volume": "volume",
}  # fmt: skip
_ALIASES = {
    "длина": "length", "ширина": "width", "высота": "height", "масса": "mass", "вес": "mass", "weight": "mass",
    "объём": "volume", "объем": "volume",
}  # fmt: skip
_COMPARE = {"<=": operator.le, "<": operator.lt, ">=": operator.ge, ">": operator.gt}
_GRAMMAR = re.compile(r"\s*(?P<name>[^\W\d]+)\s*(?P<op><=|>=|≤|≥|<|>)\s*(?P<value>[^<>=≤≥]+)")
_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Constraint:
    """``name`` compared with ``value`` in ``unit`` (mm, g or mm3); ``text`` is what the customer wrote."""

    name: str
    op: Operator
    value: float
    unit: str
    text: str

    @property
    def fact(self) -> str:
        """The design fact it speaks of, with its unit: "mass_g"."""
        return f"{self.name}_{self.unit}"

    def holds(self, value: float) -> bool:
        """True when ``value`` (same unit) satisfies it, within a millionth for the kernel's rounding."""
        slack = _TOLERANCE * max(1.0, abs(self.value))
        return bool(
            _COMPARE[self.op](value, self.value + (slack if self.op == "<=" else -slack if self.op == ">=" else 0))
        )


def parse_constraint(text: str) -> Constraint:
    """Read one limit: a name of :data:`MEASURES`, one of ``<= < >= >``, a number with a unit.

    Raises:
        OrderError: ``constraint.grammar``, ``constraint.unknown-name`` or a ``units.*`` code.
    """
    match = _GRAMMAR.fullmatch(text)
    if match is None:
        msg = f"{text!r} is not a limit that can be checked"
        hint = 'Write a name, <=, <, >= or >, and a number with a unit: "mass <= 200 g".'
        raise OrderError("constraint.grammar", msg, value=text, hint=hint)
    written = match["name"].lower()
    name = _ALIASES.get(written, written)
    if name not in MEASURES:
        near = difflib.get_close_matches(name, [*MEASURES, *_ALIASES], 1)
        hint = (f"Did you mean {near[0]}? " if near else "") + f"Names: {', '.join(MEASURES)}."
        msg = f"{match['name']!r} in {text!r} cannot be measured on the part"
        raise OrderError("constraint.unknown-name", msg, value=match["name"], limit=", ".join(MEASURES), hint=hint)
    value = float(parse_dimension(match["value"], MEASURES[name]))
    spelled: dict[str, Operator] = {"<=": "<=", "≤": "<=", "<": "<", ">=": ">=", "≥": ">=", ">": ">"}
    return Constraint(name, spelled[match["op"]], value, BASE_UNITS[MEASURES[name]], text.strip())


def contradictions(constraints: Iterable[Constraint]) -> list[str]:
    """Say of every two limits that no part can hold both: the least asked of a measure is above the most."""
    limits = list(constraints)
    return [
        f"{low.text!r} and {high.text!r} contradict each other"
        for low, high in itertools.product(limits, limits)
        if low.name == high.name and ">" in low.op and "<" in high.op
        and (low.value > high.value or (low.value == high.value and (low.op, high.op) != (">=", "<=")))
    ]  # fmt: skip


def check_constraints(constraints: Iterable[Constraint], facts: Mapping[str, float]) -> list[Finding]:
    """Hold the design's measured facts (``length_mm width_mm height_mm mass_g volume_mm3``) against the limits.

    A fact that was not measured is a finding too: a limit is never skipped.
    """
    found = []
    for one in constraints:
        value = facts.get(one.fact)
        if value is None:
            message = f"{one.text!r} cannot be checked: the design has no measured {one.fact}"
            found.append(Finding("constraint.not-measured", message, one.fact, None, one.text, "Leave this limit out."))
        elif not one.holds(value):
            message = f"the {one.name} is {value:g} {one.unit}, the order asks {one.text!r}"
            hint = "Change the size or the material, or relax the limit."
            found.append(
                Finding("constraint.broken", message, one.fact, value, f"{one.op} {one.value:g} {one.unit}", hint)
            )
    return found

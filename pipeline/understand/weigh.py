"""Weighs what was given outright, the hard limits, the wishes and the family's defaults; contradictions are asked."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from model.constraint import Constraint
from model.order import Question, Reading
from pipeline.understand.bind import Claim
from pipeline.understand.lexicon import say
from pipeline.understand.slots import Slot

DEFAULT = "default of the family"


@dataclass(slots=True)
class Weighed:
    """The outcome: a reading for every parameter, what must be asked, what the customer is told."""

    readings: dict[str, Reading] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def weigh(
    slots: Sequence[Slot],
    given: Mapping[str, Any],
    constraints: Sequence[Constraint],
    claims: Sequence[Claim],
    lang: str,
) -> Weighed:
    """Settle every parameter: explicit before limits before wishes before defaults.

    Two values from the wishes, a must against an explicit value, and anything outright or a must against a limit
    are questions. A mere wish gives way with a note, and so does a default to a limit.
    """
    result = Weighed()
    for slot in slots:
        own = [c for c in claims if c.slot == slot.name]
        explicit = (given[slot.name], f"{slot.name}: {_shown(given[slot.name])}") if slot.name in given else None
        reading = settle(slot.name, slot.called(lang), explicit, slot.default, own, result, lang)
        limits = [c for c in constraints if slot.outer and slot.dimension == "length" and _speaks_of(c, slot)]
        for limit in limits:
            reading = _kept_within(slot, reading, limit, own, result, lang)
        result.readings[slot.name] = reading
    return result


def settle(
    name: str,
    title: str,
    explicit: tuple[Any, str] | None,
    default: Any,
    claims: Sequence[Claim],
    result: Weighed,
    lang: str,
) -> Reading:
    """One parameter's value by precedence. ``explicit`` is (value, words)."""
    equal: list[Claim] = []
    for claim in claims:
        if claim.op == "=" and not any(_same(claim.value, c.value) for c in equal):
            equal.append(claim)
    if explicit is not None:
        reading = Reading(name, explicit[0], "explicit", explicit[1])
        for claim in [c for c in claims if c.op == "=" and not _same(c.value, explicit[0])]:
            told = {"name": title, "first": _shown(explicit[0]), "second": f"«{claim.words}»"}
            if claim.must:
                either = (_shown(explicit[0]), _shown(claim.value))
                result.questions.append(Question(name, say("against-parameter", lang, **told), either))
            else:
                result.notes.append(say("overruled", lang, **told))
    elif len(equal) > 1:
        values = ", ".join(f"«{c.words}»" for c in equal)
        options = tuple(_shown(c.value) for c in equal)
        result.questions.append(Question(name, say("which-value", lang, name=title, values=values), options))
        return Reading(name, equal[0].value, "wish", equal[0].words)
    elif equal:
        reading = Reading(name, equal[0].value, "wish", equal[0].words)
    else:
        reading = Reading(name, default, "default", DEFAULT)
    for claim in claims:
        if claim.op != "=" and not _satisfied(reading.value, claim):
            result.questions.append(Question(name, _open_question(title, reading, claim, lang)))
    return reading


def _open_question(title: str, reading: Reading, claim: Claim, lang: str) -> str:
    words = f"«{claim.words}»"
    if claim.op == "!=" and claim.value == "":
        return say("quote-text", lang)
    if claim.op == "!=" and claim.value == 0 and reading.source == "default":
        return say("how-many", lang, name=title)
    if reading.source == "default":
        return say("instead" if claim.op == "!=" else "not-exact", lang, words=words)
    return say("which-value", lang, name=title, values=f"«{reading.words}», {words}")


def _kept_within(
    slot: Slot, reading: Reading, limit: Constraint, claims: Sequence[Claim], result: Weighed, lang: str
) -> Reading:
    if reading.value is None or limit.holds(float(reading.value)):
        return reading
    told = {"name": slot.called(lang), "first": f"{_shown(reading.value)} mm", "second": f"«{limit.text}»"}
    must = any(c.must and c.op == "=" for c in claims)
    if reading.source == "explicit" or must or limit.op in ("<", ">") or not slot.allows(limit.value):
        result.questions.append(Question(slot.name, say("against-constraint", lang, **told)))
        return reading
    result.notes.append(say("limited", lang, **(told | {"first": f"{_shown(limit.value)} mm"})))
    return Reading(slot.name, limit.value, reading.source, f"{reading.words}; {limit.text}")


def _speaks_of(limit: Constraint, slot: Slot) -> bool:
    return limit.name == slot.role or (limit.name == "height" and slot.role == "thickness")


def _satisfied(value: Any, claim: Claim) -> bool:
    if claim.op == "!=":
        return not _same(value, claim.value)
    compare = operator.le if claim.op == "<=" else operator.ge
    return value is not None and bool(compare(value, claim.value))


def _same(a: Any, b: Any) -> bool:
    if (
        isinstance(a, (int, float))
        and isinstance(b, (int, float))
        and not isinstance(a, bool)
        and not isinstance(b, bool)
    ):
        return abs(a - b) <= 1e-9 * max(1.0, abs(a))
    if isinstance(a, str) and isinstance(b, str):
        return a.strip() == b.strip()
    return bool(a == b)


def _shown(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)

"""Which of several ways to have an order made is taken: the cheapest that is in time and keeps the tolerances."""

from __future__ import annotations

from collections.abc import Sequence

from model.design import Design
from model.finding import Finding
from model.order import Brief
from model.quote import Option, Quote
from model.tolerances import deviation_mm
from pipeline.engine.times import moment
from pipeline.quote.words import say

PRINTED_MM = 0.2
"""What prints are off by at least (0.2 mm arti90, 0.3 mm replix3d)."""


def option(process: str, brief: Brief, design: Design, quote: Quote) -> Option:
    """A way that was gone as far as its price; printing is none where the longest side may not be off by so much."""
    against = quote.refused
    longest = max(max(part.expected.size_mm) for part in design.parts)
    allowed = deviation_mm(longest, brief.tolerance_class)
    if process == "print" and allowed < PRINTED_MM:
        against = against or say(
            brief.language, "option-coarse", allowed=allowed, longest=longest, off=PRINTED_MM,
            tolerance=brief.tolerance_class,
        )  # fmt: skip
    p90_h = quote.lead.p90_h if quote.lead else 0.0
    return Option(
        brief.material_id, process, quote.workshop, quote.total_cents, p90_h, quote.begin_by, brief.language, against
    )


def late(one: Option, now: str) -> bool:
    """Whether nine of ten such orders would not be there when due if this one were begun now."""
    return bool(one.begin_by) and moment(one.begin_by) < moment(now)


def decided(options: Sequence[Option], now: str) -> tuple[int, tuple[Finding, ...]]:
    """The number of the way to take, and what is told of each: it first, then the others in their order.

    The cheapest of those that can be and are in time; where none is in time the soonest; where none can be the first.
    """
    able = [k for k, one in enumerate(options) if not one.against]
    in_time = [k for k in able if not late(options[k], now)]
    taken = min(in_time, key=lambda k: (options[k].total_cents, k), default=None)
    if taken is None:
        taken = min(able, key=lambda k: (options[k].p90_h, options[k].total_cents, k), default=0)
    others = [k for k in range(len(options)) if k != taken]
    return taken, (_taken(options[taken], now), *(_lost(options[k], options[taken], now) for k in others))


def _taken(one: Option, now: str) -> Finding:
    if one.against:
        return Finding("choice.refused", f"{_named(one)}: {one.against}", one.material_id, severity="note")
    key = "option-none-in-time" if late(one, now) else "option-taken"
    return _told("choice.taken", one, key)


def _lost(one: Option, taken: Option, now: str) -> Finding:
    if one.against:
        return Finding("choice.refused", f"{_named(one)}: {one.against}", one.material_id, severity="note")
    if late(one, now):
        return _told("choice.late", one, "option-late", taken.begin_by)
    return _told("choice.dearer", one, "option-dearer")


def _told(code: str, one: Option, key: str, limit: str = "") -> Finding:
    eur = one.total_cents / 100
    message = say(one.language, key, eur=eur, hours=one.p90_h, by=one.begin_by.replace("T", " "))
    return Finding(code, f"{_named(one)}: {message}", one.material_id, eur, limit or None, severity="note")


def _named(one: Option) -> str:
    where = say(one.language, f"option-{one.process}", workshop=one.workshop) if one.process else ""
    return ", ".join(word for word in (one.material_id, where) if word)

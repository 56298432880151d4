"""Advice on an order before it is made: the rules it breaks, and the smallest change of a parameter that would pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import generators
from generators.kit.family import checked
from model.design import Design
from model.errors import LotOneError
from model.order import Brief, Order
from model.tooling import ShopData
from pipeline.design.stage import design as shaped
from pipeline.engine.code import code_digest
from pipeline.engine.events import Listener
from pipeline.engine.stage import Run
from pipeline.engine.store import Store
from pipeline.line import impersonal, travel
from pipeline.makeable.judge import Judged, judged
from pipeline.understand.slots import Slot, slots_of

STEPS = (0.1, 0.25, 0.5, 1.0, 2.0)
"""Shares of a parameter that are tried in turn, upwards and downwards."""
FINE_MM = 0.1

Good = Callable[[float], bool]


@dataclass(frozen=True, slots=True)
class Change:
    """A parameter that would mend a broken rule: its value now, and the nearest one that passes."""

    rule_id: str
    parameter: str
    now: float
    then: float


@dataclass(frozen=True, slots=True)
class Advice:
    """An order's design, every rule's answer, and for each broken rule the smallest change found."""

    brief: Brief
    design: Design
    answers: tuple[Judged, ...]
    changes: tuple[Change, ...]


def advised(order: Order, shop: ShopData, store: Store, listen: Listener) -> Advice:
    """Shape an order's design by the line's own stages and judge it; nothing is planned or cut.

    Raises:
        LotOneError: The order is refused before it has a design.
    """
    order = impersonal(order)
    run = Run(order.id, store, code_digest(), listen)
    travel(order, shop, run, "design")
    brief, design = run.value(Brief), run.value(Design)
    answers = judged(design, shop)
    broken = [a for a in answers if not a.good]
    return Advice(brief, design, answers, tuple(c for a in broken for c in smallest_change(brief, a, answers, shop)))


def smallest_change(brief: Brief, broken: Judged, answers: Sequence[Judged], shop: ShopData) -> tuple[Change, ...]:
    """The change of one parameter, smallest in millimetres, that mends a rule and breaks no other, if any.

    A customer's own solid has no parameters to change.
    """
    if brief.attachment is not None:
        return ()
    found = []
    before = frozenset(a.rule.id for a in answers if not a.good)
    for slot in slots_of(generators.get(brief.family)):
        now = brief.parameters.get(slot.name)
        if slot.role in broken.rule.roles and isinstance(now, int | float) and not isinstance(now, bool) and now > 0:
            good = partial(_passes, brief, slot.name, broken.rule.id, before, shop)
            found += [
                Change(broken.rule.id, slot.name, float(now), then)
                for then in (_nearest(float(now), [*_tried(slot, float(now), sign)], good) for sign in (1, -1))
                if then is not None
            ]
    return tuple(sorted(found, key=lambda c: (abs(c.then - c.now), c.parameter))[:1])


def _tried(slot: Slot, now: float, sign: int) -> Iterator[float]:
    """Values further and further from the present one, within the parameter's limits."""
    for share in STEPS:
        value = round(now * (1 + sign * share), 1)
        inside = (slot.low is None or value >= slot.low) and (slot.high is None or value <= slot.high)
        if inside and value > 0 and value != now:
            yield value


def _nearest(now: float, tried: Sequence[float], good: Good) -> float | None:
    """The first value that passes, brought back towards the present one as near as it still passes."""
    fails = now
    for value in tried:
        if good(value):
            while abs(value - fails) > FINE_MM * 1.5:
                middle = round((value + fails) / 2, 1)
                value, fails = (middle, fails) if good(middle) else (value, middle)  # noqa: PLW2901 - halved in place
            return value
        fails = value
    return None


def _passes(brief: Brief, name: str, rule_id: str, before: frozenset[str], shop: ShopData, value: float) -> bool:
    """Whether a design with one parameter changed can be built, keeps the rule, and breaks none it kept before."""
    family = generators.get(brief.family)
    try:
        parameters = checked(family, {**brief.parameters, name: value}).model_dump(mode="json")
        design = shaped(replace(brief, parameters=parameters), shop)
    except LotOneError:
        return False
    alone = replace(shop, rules={rule_id: shop.rules[rule_id]})  # most changes fail by the rule they were to mend
    if not all(a.good for a in judged(design, alone)):
        return False
    return {a.rule.id for a in judged(design, shop) if not a.good} <= before

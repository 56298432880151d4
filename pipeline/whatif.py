"""What an order would cost changed: every answer is the line run again on the changed order, nothing estimated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import generators
from model.errors import LotOneError, OrderError
from model.order import Brief, Order
from model.quote import Quote
from model.tooling import ShopData
from pipeline.engine.code import code_digest
from pipeline.engine.events import Listener, silent
from pipeline.engine.outcome import Problem, problem_of
from pipeline.engine.stage import Run
from pipeline.engine.store import Store
from pipeline.line import impersonal, travel

COARSER = {"f": "m", "m": "c", "c": "v"}
"""The next wider class of ISO 2768-1."""
OTHER_MATERIALS = 2
THINNER_MM = 1.0
MORE = 10
FIELDS = ("material", "finish", "tolerance_class", "due", "machine")


@dataclass(frozen=True, slots=True)
class Variant:
    """An order with something changed, and what in a few words."""

    label: str
    order: Order


@dataclass(frozen=True, slots=True)
class Answer:
    """What a variant costs; without a price, why there is none."""

    label: str
    quote: Quote | None = None
    problem: Problem | None = None


def answers(
    order: Order, asked: Sequence[str], shop: ShopData, store: Store, listen: Listener = silent
) -> tuple[Answer, ...]:
    """The order's own price first, then each variant's: those asked for as "name=value", or the usual ones.

    Raises:
        LotOneError: The order itself has no price; or ``whatif.*`` for a change that cannot be read.
    """
    wanted = [changed(order, text) for text in asked]
    brief, quote = priced(order, shop, store, listen)
    wanted = wanted or list(usual(order, brief, shop))
    return (Answer("as ordered", quote), *(_answer(v, shop, store, listen) for v in wanted))


def priced(order: Order, shop: ShopData, store: Store, listen: Listener) -> tuple[Brief, Quote]:
    """An order as understood and its price, by the same stages; no folder is written.

    Raises:
        LotOneError: The order is refused on the way; without a proof there is no price.
    """
    order = impersonal(order)
    run = Run(order.id, store, code_digest(), listen)
    travel(order, shop, run, "quote")
    return run.value(Brief), run.value(Quote)


def changed(order: Order, text: str) -> Variant:
    """An order with one of its fields or parameters changed: "material=pom", "thickness_mm=18".

    Raises:
        OrderError: ``whatif.grammar``: it is no "name=value".
    """
    name, sign, value = (part.strip() for part in text.partition("="))
    if not (name and sign and value):
        raise OrderError(
            "whatif.grammar", f"{text!r} is no change", place="--set", value=text,
            hint="Write a parameter or field, = and its value: --set thickness_mm=18, --set material=pom.",
        )  # fmt: skip
    told = f"{name} = {value}"
    if name == "quantity":
        return Variant(told, replace(order, quantity=_whole(value)))
    if name in FIELDS:
        fields: dict[str, Any] = {name: value}
        return Variant(told, replace(order, **fields))
    return Variant(told, replace(order, parameters={**order.parameters, name: _read(value)}))


def usual(order: Order, brief: Brief, shop: ShopData) -> tuple[Variant, ...]:
    """Thinner, looser, in the next cheaper materials, more pieces, two days later: what the order has room for."""
    found = [*_thinner(order, brief), *_looser(order, brief), *_of_other_material(order, brief, shop)]
    many = MORE * brief.quantity
    found.append(Variant(f"{many} pieces", replace(order, quantity=many)))
    if order.due:
        later = (datetime.fromisoformat(order.due) + timedelta(days=2)).isoformat()
        found.append(Variant("two days later", replace(order, due=later)))
    return tuple(found)


def _answer(variant: Variant, shop: ShopData, store: Store, listen: Listener) -> Answer:
    try:
        return Answer(variant.label, priced(variant.order, shop, store, listen)[1])
    except LotOneError as error:
        return Answer(variant.label, problem=problem_of(error))


def _read(value: str) -> str | float | bool:
    """A parameter's value as an order file would hold it; what is no number or truth is text."""
    if value in ("true", "false"):
        return value == "true"
    try:
        number = float(value)
    except ValueError:
        return value
    return int(number) if number.is_integer() and "." not in value else number


def _whole(value: str) -> int:
    if not value.isdecimal():
        raise OrderError(
            "whatif.grammar", f"{value!r} is no number of pieces", place="quantity", value=value, hint="Write 1, 2, ..."
        )
    return int(value)


def _thinner(order: Order, brief: Brief) -> list[Variant]:
    """A millimetre off the family's thickness; its own limits refuse what is too thin. A given solid stays as it is."""
    if brief.attachment is not None:
        return []
    fields = generators.get(brief.family).params.model_fields
    for name, field in fields.items():
        extra = field.json_schema_extra
        if isinstance(extra, dict) and extra.get("role") == "thickness":
            thick = float(brief.parameters[name]) - THINNER_MM
            if thick > 0:
                parameters = {**order.parameters, name: thick}
                return [Variant(f"1 mm thinner ({name} = {thick:g})", replace(order, parameters=parameters))]
    return []


def _looser(order: Order, brief: Brief) -> list[Variant]:
    head, _, letter = brief.tolerance_class.rpartition("-")
    wider = COARSER.get(letter[:1])
    return [] if wider is None else [
        Variant(f"looser ({head}-{wider})", replace(order, tolerance_class=f"{head}-{wider}"))
    ]  # fmt: skip


def _of_other_material(order: Order, brief: Brief, shop: ShopData) -> list[Variant]:
    """The cheapest by volume of those worked the same way: the family's, for a given solid those of its ISO group."""
    own = shop.materials[brief.material_id]
    alike = (
        [m.id for m in shop.materials.values() if m.iso_group == own.iso_group]
        if brief.attachment is not None else generators.get(brief.family).materials
    )  # fmt: skip
    others = [
        shop.materials[m] for m in alike
        if m in shop.materials and m != own.id and shop.materials[m].process == own.process
    ]  # fmt: skip
    cheapest = sorted(others, key=lambda m: (m.price_eur_kg * m.density_g_cm3, m.id))[:OTHER_MATERIALS]
    return [Variant(f"of {m.name}", replace(order, material=m.id)) for m in cheapest]

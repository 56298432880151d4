"""Makes orders of what web shops send: orders of Shopify and WooCommerce, receipts of Etsy, as these document them.

Every piece is an order of its own, ``shop-order-line-piece``, so what is sent twice is the same order.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from model.errors import OrderError
from model.finding import Finding
from pipeline.engine.personal import hush
from pipeline.intake.check import check
from pipeline.intake.documents import Document
from pipeline.intake.mapping import Draft, Shop

MOST_PIECES = 1000
State = Literal["paid", "unpaid", "cancelled"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a web shop's order: ``products`` are the names it may be sold by, the best first."""

    number: str
    products: tuple[str, ...]
    pieces: int
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Bought:
    """A web shop's order: whether it is to be made, not yet, or no more."""

    number: str
    state: State
    lines: tuple[Line, ...]
    note: str = ""
    customer: Mapping[str, str] = field(default_factory=dict)


def bought(payload: Any, channel: str) -> Bought:
    """Read a payload of a channel.

    Raises:
        OrderError: ``intake.bad-payload``: it is not what the channel documents.
    """
    try:
        return _CHANNELS[channel](payload)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        message = f"the payload is no order as {channel} documents it: {type(error).__name__} {error}"
        hint = "Look whether the webhook's topic is an order's; see docs/howto/receive-orders.md."
        raise OrderError("intake.bad-payload", message, place="payload", hint=hint) from error


def orders_of(one: Bought, shop: Shop) -> list[dict[str, Any]]:
    """The order files of every piece, checked; a line that cannot be made costs the whole order a refusal.

    Raises:
        OrderError: Whatever is wrong in any line, all at once.
    """
    read = [_pieces(line, one, shop) for line in one.lines if line.pieces]  # none: taken out of the order again
    findings = [finding for _, found in read for finding in found]
    if findings:
        raise _refusal(one, shop, findings)
    return [value for values, _ in read for value in values]


def order_ids(one: Bought, shop: Shop) -> list[str]:
    """The ids its pieces have."""
    return [
        f"{shop.name}-{one.number}-{line.number}-{piece}"
        for line in one.lines
        for piece in range(1, min(line.pieces, MOST_PIECES) + 1)
    ]


def _pieces(line: Line, one: Bought, shop: Shop) -> tuple[list[dict[str, Any]], list[Finding]]:
    """The order files of a line's pieces, which differ by their ids alone, and what is wrong with them."""
    draft = Draft(shop)
    place = f"line {line.number}"
    product = next((p for p in line.products if p in shop.products), line.products[0])
    if not draft.begin(product, place):
        return [], []
    for name, chosen in line.fields:
        draft.put(name, chosen, f"{place}, {name}")
    if one.note:
        draft.note(one.note, f"{place}, note")
    if not 1 <= line.pieces <= MOST_PIECES:
        message = f"{line.pieces} pieces were ordered"
        draft.findings.append(
            Finding("intake.bad-value", message, place, line.pieces, f"1..{MOST_PIECES}", "Split the order.")
        )
    if draft.findings:
        return [], draft.findings
    source = {"channel": shop.channel, "shop": shop.name, "external_order": one.number, "external_line": line.number}
    first = draft.finish(f"{shop.name}-{one.number}-{line.number}-1", source)
    if one.customer:
        first["customer"] = {**one.customer, **first.get("customer", {})}
    found = _checked(first, place)
    return [{**first, "id": f"{first['id'][:-1]}{piece}"} for piece in range(1, line.pieces + 1)], list(found)


def _checked(value: dict[str, Any], place: str) -> Sequence[Finding]:
    try:
        check(Document(value), place)
    except OrderError as error:
        return error.told()
    return ()


def _refusal(one: Bought, shop: Shop, findings: Sequence[Finding]) -> OrderError:
    first = findings[0]
    code = first.code if len(findings) == 1 else "intake.several-problems"
    message = f"{shop.name}, order {one.number}: " + "; ".join(f.message for f in findings)
    error = OrderError(
        code, message, place=first.place, value=first.value, limit=first.limit, hint=first.hint,
        findings=tuple(findings),
    )  # fmt: skip
    hush(error, {"customer": dict(one.customer)}, one.number, *(line.number for line in one.lines))
    return error


def _shopify(payload: Any) -> Bought:
    """An order of the Admin API's webhooks: personalisation in ``line_items[].properties``, ``_hidden`` ones apart."""
    cancelled, paid = payload.get("cancelled_at"), payload["financial_status"] in ("paid", "partially_refunded")
    address = payload.get("shipping_address") or payload.get("billing_address") or {}
    customer = payload.get("customer") or {}
    lines = tuple(
        Line(
            str(item["id"]),
            _products(item.get("sku"), item.get("variant_id"), item.get("product_id")),
            int(item.get("current_quantity", item["quantity"])),
            _fields((p["name"], p["value"]) for p in item.get("properties") or ()),
        )
        for item in payload["line_items"]
    )
    who = {
        "ref": _reference("shopify", customer.get("id")),
        "name": address.get("name") or _joined(customer.get("first_name"), customer.get("last_name")),
        "email": payload.get("email") or customer.get("email"),
        "phone": payload.get("phone") or address.get("phone") or customer.get("phone"),
        "address": _address(address, "company", "address1", "address2", "zip", "city", "province", "country"),
        "locale": payload.get("customer_locale"),
    }
    state: State = "cancelled" if cancelled else "paid" if paid else "unpaid"
    return Bought(str(payload["id"]), state, lines, payload.get("note") or "", _who(who))


def _woocommerce(payload: Any) -> Bought:
    """An order of the REST API: personalisation in ``line_items[].meta_data``; ``_hidden`` ones are a plug-in's."""
    states: dict[str, State] = {
        "processing": "paid", "completed": "paid", "cancelled": "cancelled", "refunded": "cancelled",
        "trash": "cancelled",
    }  # fmt: skip
    address, bill = payload.get("shipping") or {}, payload.get("billing") or {}
    if not address.get("address_1"):
        address = bill
    lines = tuple(
        Line(
            str(item["id"]),
            _products(item.get("sku"), item.get("variation_id"), item.get("product_id")),
            int(item["quantity"]),
            _fields((m.get("display_key") or m["key"], m["value"]) for m in item.get("meta_data") or ()),
        )
        for item in payload["line_items"]
    )
    who = {
        "ref": _reference("woocommerce", payload.get("customer_id")),
        "name": _joined(address.get("first_name"), address.get("last_name")),
        "email": bill.get("email"),
        "phone": bill.get("phone") or address.get("phone"),
        "address": _address(address, "company", "address_1", "address_2", "postcode", "city", "state", "country"),
    }
    state = states.get(payload["status"], "unpaid")
    return Bought(str(payload["id"]), state, lines, payload.get("customer_note") or "", _who(who))


def _etsy(payload: Any) -> Bought:
    """A receipt of the Open API v3: personalisation in ``transactions[].variations``, by the seller's own question."""
    cancelled = str(payload.get("status", "")).casefold() in ("canceled", "cancelled", "fully refunded")
    lines = tuple(
        Line(
            str(item["transaction_id"]),
            _products(item.get("sku"), item.get("listing_id")),
            int(item["quantity"]),
            _fields((v["formatted_name"], v["formatted_value"]) for v in item.get("variations") or ()),
        )
        for item in payload["transactions"]
    )
    who = {
        "ref": _reference("etsy", payload.get("buyer_user_id")),
        "name": payload.get("name"),
        "email": payload.get("buyer_email"),
        "address": _address(payload, "first_line", "second_line", "zip", "city", "state", "country_iso"),
    }
    state: Literal["paid", "unpaid", "cancelled"] = (
        "cancelled" if cancelled else "paid" if payload["is_paid"] else "unpaid"
    )
    return Bought(str(payload["receipt_id"]), state, lines, payload.get("message_from_buyer") or "", _who(who))


_CHANNELS: dict[str, Callable[[Any], Bought]] = {"shopify": _shopify, "woocommerce": _woocommerce, "etsy": _etsy}


def _products(*names: object) -> tuple[str, ...]:
    return tuple(str(n) for n in names if n) or ("",)


def _fields(pairs: Any) -> tuple[tuple[str, str], ...]:
    """What the customer chose, as customers see it: no hidden fields, no HTML, every line kept."""
    return tuple(
        (html.unescape(str(name)).strip(), html.unescape(value if isinstance(value, str) else str(value)))
        for name, value in pairs
        if not str(name).startswith("_")
    )


def _reference(channel: str, number: object) -> str:
    return f"{channel}:{number}" if number else ""


def _joined(*parts: object) -> str:
    return " ".join(str(p) for p in parts if p)


def _address(address: Mapping[str, Any], *names: str) -> str:
    return ", ".join(str(address[n]) for n in names if address.get(n))


def _who(told: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value)[:200] if name != "address" else str(value)[:1000] for name, value in told.items() if value}

"""Samples of web shops' payloads are orders by the sample shops' files, and what is wrong in one is named."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

import tooling_db
from model.errors import OrderError
from pipeline.intake.check import check
from pipeline.intake.documents import Document
from pipeline.intake.mapping import read_shop
from pipeline.intake.payloads import Bought, bought, order_ids, orders_of
from pipeline.understand.stage import understand

HOUSE = Path(__file__).resolve().parents[2]
SHOP = tooling_db.load()
SHOPS = {
    name: read_shop(HOUSE / f"samples/shops/{name}.toml") for name in ("oak-and-brass", "tablichki", "little-signs")
}
FILES = {"oak-and-brass": "shopify-order", "tablichki": "woocommerce-order", "little-signs": "etsy-receipt"}
PAYLOADS = {name: json.loads((HOUSE / f"samples/webhooks/{file}.json").read_text()) for name, file in FILES.items()}


def read(name: str, payload: Any = None) -> Bought:
    return bought(PAYLOADS[name] if payload is None else payload, SHOPS[name].channel)


def changed(name: str, change: Any) -> Any:
    payload = copy.deepcopy(PAYLOADS[name])
    change(payload)
    return payload


@pytest.mark.parametrize(
    ("name", "ids", "parameters", "who"),
    [
        (
            "oak-and-brass",
            ["820982911946154508-866550311766439020-1", "820982911946154508-866550311766439020-2"],
            {"text": "LINDQVIST\nworkshop", "length_mm": 120, "width_mm": 40, "thickness_mm": 2, "hole_count": 2},
            ("Marta Lindqvist", "marta.lindqvist@example.com", "Storgatan 12, 114 55, Stockholm, Sweden"),
        ),
        (
            "tablichki",
            ["727-315-1"],
            {"text": "ДОМ «У ОЗЕРА»", "length_mm": 150.5, "width_mm": 50, "thickness_mm": 2, "hole_count": 4},
            ("Наталья Громова", "gromova@example.com", "ул. Лесная, 8, кв. 14, 620000, Екатеринбург, RU"),
        ),
        (
            "little-signs",
            ["3310055512-4400112233-1"],
            {"text": "Casa Alvarez", "length_mm": 100, "width_mm": 30, "hole_count": 2},
            ("Julia Alvarez", "j.alvarez@example.com", "Calle Mayor 3, 2 B, 28013, Madrid, ES"),
        ),
    ],
)
def test_every_sample_is_understood(
    name: str, ids: list[str], parameters: dict[str, Any], who: tuple[str, ...]
) -> None:
    one = read(name)
    made = orders_of(one, SHOPS[name])

    assert [f"{name}-{i}" for i in ids] == [value["id"] for value in made]
    assert "paid" == one.state
    for value in made:
        customer = value["customer"]
        order = check(Document(value), name).order()
        brief = understand(order, SHOP)

        assert parameters == value["parameters"]
        assert who == (customer["name"], customer["email"], customer["address"])
        assert "nameplate" == brief.family
        assert order.consent["produce"]
    assert set(ids) <= {i.removeprefix(f"{name}-") for i in order_ids(one, SHOPS[name])}


@pytest.mark.parametrize(
    ("name", "change", "state"),
    [
        ("oak-and-brass", {"financial_status": "pending"}, "unpaid"),
        ("oak-and-brass", {"cancelled_at": "2026-11-22T10:00:00Z"}, "cancelled"),
        ("tablichki", {"status": "on-hold"}, "unpaid"),
        ("tablichki", {"status": "refunded"}, "cancelled"),
        ("little-signs", {"is_paid": False}, "unpaid"),
        ("little-signs", {"status": "Canceled"}, "cancelled"),
    ],
)
def test_what_is_not_paid_or_cancelled_is_told(name: str, change: dict[str, Any], state: str) -> None:
    assert state == read(name, changed(name, lambda p: p.update(change))).state


@pytest.mark.parametrize(
    ("name", "change", "code", "place"),
    [
        (
            "oak-and-brass",
            lambda p: p["line_items"][0]["properties"].append({"name": "Colour", "value": "red"}),
            "intake.unmapped-field",
            "line 866550311766439020, Colour",
        ),
        (
            "oak-and-brass",
            lambda p: p["line_items"][0]["properties"][3].update(value="Gold"),
            "intake.unmapped-value",
            "line 866550311766439020, Finish",
        ),
        ("tablichki", lambda p: p["line_items"][0].update(sku="TAB-NEW"), "intake.unmapped-product", "line 315"),
        ("little-signs", lambda p: p["transactions"][0].update(quantity=1001), "intake.bad-value", "line 4400112233"),
        ("little-signs", lambda p: p.update(transactions="none"), "intake.bad-payload", "payload"),
        ("tablichki", lambda p: p.pop("line_items"), "intake.bad-payload", "payload"),
    ],
)
def test_what_nobody_can_make_is_named(name: str, change: Any, code: str, place: str) -> None:
    with pytest.raises(OrderError) as caught:
        orders_of(read(name, changed(name, change)), SHOPS[name])

    assert (code, place) == (caught.value.code, caught.value.place)


@pytest.mark.parametrize("payload", [None, [], "x", 7, {}, {"line_items": [None]}, {"id": 1, "line_items": [{}]}])
@pytest.mark.parametrize("name", sorted(SHOPS))
def test_anything_else_is_refused_by_name(name: str, payload: Any) -> None:
    with pytest.raises(OrderError) as caught:
        bought(payload, SHOPS[name].channel)

    assert "intake.bad-payload" == caught.value.code


def test_a_refusal_quotes_nothing_of_the_customer() -> None:
    payload = changed(
        "oak-and-brass",
        lambda p: p["line_items"][0]["properties"][3].update(
            value="for Marta, marta.lindqvist@example.com, +46705550117"
        ),
    )
    with pytest.raises(OrderError) as caught:
        orders_of(read("oak-and-brass", payload), SHOPS["oak-and-brass"])
    said = " ".join([str(caught.value), *(f"{f.message} {f.value}" for f in caught.value.findings)])

    assert "Finish" in said
    assert [] == [w for w in ("Marta", "marta.lindqvist", "0555", "705550117") if w in said]

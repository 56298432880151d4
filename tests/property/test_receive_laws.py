"""What holds for every table and payload: nothing is lost or made twice, a signature is what its maker documents."""

from __future__ import annotations

import base64
import copy
import csv
import hashlib
import io
import json
import re
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC
from hypothesis import given
from hypothesis import strategies as st

from model.errors import OrderError
from pipeline.engine.personal import MARK, names, without
from pipeline.intake.cells import read_cells
from pipeline.intake.mapping import read_shop
from pipeline.intake.payloads import bought, orders_of
from pipeline.intake.tables import orders_of as rows_of
from pipeline.receive.signed import is_signed

HOUSE = Path(__file__).resolve().parents[2]
OAK = read_shop(HOUSE / "samples/shops/oak-and-brass.toml")
SHOPIFY = json.loads((HOUSE / "samples/webhooks/shopify-order.json").read_text())
COUNTER = read_shop(HOUSE / "samples/shops/counter.toml")

ids = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,20}[A-Za-z0-9_-])?", fullmatch=True).filter(
    lambda t: not re.fullmatch(r"\d(\.\d+)?[Ee]\d+", t)
)
texts = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=30)
anything = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)


def as_csv(rows: list[list[str]], delimiter: str) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode("utf-8-sig")


@given(
    rows=st.lists(st.tuples(ids, texts, st.integers(1, 999), st.integers(0, 9)), min_size=1, max_size=8,
                  unique_by=lambda r: r[0].casefold()),
    delimiter=st.sampled_from(";,\t"),
)  # fmt: skip
def test_every_good_row_is_its_order_whatever_it_holds(rows: list[tuple[str, str, int, int]], delimiter: str) -> None:
    header = ["№ заказа", "Изделие", "Надпись", "Длина, мм", "Покупатель"]
    told = [[i, "Табличка латунная", text, f"{whole},{tenth}", "Олег"] for i, text, whole, tenth in rows]
    table = rows_of(read_cells(as_csv([header, *told], delimiter), "t"), "t", COUNTER)

    assert [None] * len(rows) == [row.error for row in table.rows]
    assert [(i, text, whole + tenth / 10) for i, text, whole, tenth in rows] == [
        (v["id"], v["parameters"]["text"], v["parameters"]["length_mm"]) for row in table.rows if (v := row.value)
    ]


@given(rows=st.lists(st.lists(anything, min_size=3, max_size=3), min_size=1, max_size=6))
def test_every_row_with_anything_in_it_is_an_order_or_told(rows: list[list[str]]) -> None:
    told = [r for r in rows if any(cell.strip() for cell in r)]
    data = as_csv([["id", "family", "wishes"], *rows], ",")
    try:
        table = rows_of(read_cells(data, "t"), "t", None)
    except OrderError as error:
        assert error.code in ("intake.empty-table", "intake.not-a-table")  # noqa: PT017 - either is right
        return

    assert len(told) == len(table.rows)
    assert all((row.value is None) != (row.error is None) for row in table.rows)
    assert all(f.place.startswith("row ") for row in table.rows if row.error for f in row.error.told())


@given(pieces=st.lists(st.integers(0, 5), min_size=1, max_size=4), order=st.integers(1, 10**18))
def test_every_piece_bought_is_one_order_the_same_every_time(pieces: list[int], order: int) -> None:
    payload = copy.deepcopy(SHOPIFY)
    line = payload["line_items"][0]
    payload["id"] = order
    payload["line_items"] = [{**line, "id": 7000 + n, "current_quantity": many} for n, many in enumerate(pieces)]
    first, again = (orders_of(bought(json.loads(json.dumps(payload)), "shopify"), OAK) for _ in range(2))
    found = [value["id"] for value in first]

    assert first == again
    assert sum(pieces) == len(found) == len(set(found))
    assert all(i.startswith(f"oak-and-brass-{order}-") for i in found)


@given(value=st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=60))
def test_what_a_customer_chose_is_in_the_order_or_refused(value: str) -> None:
    payload: Any = copy.deepcopy(SHOPIFY)
    payload["line_items"][0]["properties"][0]["value"] = value.replace("&", "+")
    made = orders_of(bought(payload, "shopify"), OAK)
    engraved = value.replace("&", "+").strip()

    assert ({engraved} if engraved else {None}) == {v["parameters"].get("text") for v in made}


@given(body=st.binary(max_size=200), secret=st.binary(min_size=1, max_size=64), flip=st.integers(0, 10_000))
def test_a_signature_is_the_makers_own_and_nothing_else_is(body: bytes, secret: bytes, flip: int) -> None:
    """Computed by another library; one bit of the body, the secret or the signature changed, and it is none."""

    def signed(key: bytes, data: bytes) -> str:
        mac = HMAC(key, hashes.SHA256())
        mac.update(data)
        return base64.b64encode(mac.finalize()).decode()

    other = bytes([secret[0] ^ 1]) + secret[1:]
    changed = bytearray(body or b"x")
    changed[flip % len(changed)] ^= 1 << flip % 8
    for channel, header in (("shopify", "x-shopify-hmac-sha256"), ("woocommerce", "x-wc-webhook-signature")):
        right = {header: signed(secret, body)}

        assert is_signed(channel, body, right, secret, 0.0)
        assert not is_signed(channel, bytes(changed), right, secret, 0.0)
        assert not is_signed(channel, body, {header: signed(other, body)}, secret, 0.0)
        assert not is_signed(channel, body, {}, secret, 0.0)
        assert not is_signed(channel, body, {header: hashlib.sha256(body).hexdigest()}, secret, 0.0)
    whsec = b"whsec_" + base64.b64encode(secret)
    head = {"webhook-id": "msg_1", "webhook-timestamp": "1795282800"}
    sign = signed(secret, b"msg_1.1795282800." + body)
    for given_, now, expected in (
        (f"v1,{sign}", 1795282800.0, True),
        (f"v1a,x v1,AAAA v1,{sign}", 1795283000.0, True),
        (f"v1,{sign}", 1795283200.0, False),  # too old
        (f"v2,{sign}", 1795282800.0, False),
        (sign, 1795282800.0, False),
        (f"v1,{signed(other, b'msg_1.1795282800.' + body)}", 1795282800.0, False),
    ):
        assert expected == is_signed("etsy", body, {**head, "webhook-signature": given_}, whsec, now)
    assert not is_signed("etsy", bytes(changed), {**head, "webhook-signature": f"v1,{sign}"}, whsec, 1795282800.0)


@given(
    name=st.sampled_from(["Oleg Petrov", "Олег Петров", "Anne-Marie O'Neil", "Ян Ли"]),
    street=st.sampled_from(["Storgatan 12", "ул. Кирова, 5", "Unter den Linden 7"]),
    phone=st.from_regex(r"\+7 ?\(?9\d\d\)? ?\d{3}[- ]?\d\d[- ]?\d\d", fullmatch=True),
    words=st.lists(st.sampled_from(["matt", "120 mm", "for", "латунь", "—"]), min_size=1, max_size=4),
)
def test_nothing_personal_is_left_and_everything_else_is(name: str, street: str, phone: str, words: list[str]) -> None:
    hidden = names({"name": name, "address": street, "phone": phone, "email": "a.b@example.com"})
    told = f"{words[0]} ({name}), {street}; {phone} a.b@example.com {' '.join(words)}"
    left = without(told, hidden)

    assert [] == [
        p for p in (name, name.split(maxsplit=1)[0], street, phone, "example.com") if len(p) > 2 and p in left
    ]
    assert f"{words[0]} ({MARK})" in left
    assert left.endswith(" ".join(words))

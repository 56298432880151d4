"""What shops say of themselves, what they get to see of an order, and what may travel where."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

import tooling_db
from model.errors import ConfigError, OrderError
from model.order import Order, Wish
from pipeline.engine.codec import decode, encode
from pipeline.engine.store import Store
from pipeline.intake.read import order_from_text, read_order_file
from pipeline.network.client import checked
from pipeline.network.describe import described, equipped_of
from pipeline.network.nameless import nameless
from pipeline.network.route import Directory, Shop, route
from pipeline.network.specify import order_file, place, specified
from pipeline.network.words import Beat, Description, Needs, Result

HOUSE = Path(__file__).resolve().parents[2]
SHOP = tooling_db.load()
STEP = (HOUSE / "samples" / "own-part" / "flange.step").read_bytes()
WHO = {"name": "Zinaida Quux", "email": "zina@quux.example", "phone": "+7 911 555-01-99", "address": "1 Elm St, Ankh"}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(tmp_path_factory.mktemp("store"))


def test_a_description_has_what_the_tooling_database_has_and_no_more() -> None:
    for home in SHOP.workshops.values():
        told = described(SHOP, home.id)
        own = equipped_of(SHOP, home)

        assert {*own.machines, *own.printers} == {m.id for m in told.makers}
        assert {SHOP.filaments[f].material_id for p in own.printers.values() for f in p.filaments} == {
            m for maker in told.makers if maker.process == "print" for m in maker.materials
        }
        assert told == decode(Description, encode(told))
        assert told == TypeAdapter(Description).validate_json(encode(told))


def test_a_workshop_is_named_where_there_are_several_and_says_where_it_is() -> None:
    nowhere = replace(SHOP, workshops={"a": replace(SHOP.workshops["bench"], at_deg=None)})
    for shop, name, code in ((SHOP, "", "which-workshop"), (SHOP, "x", "which-workshop"), (nowhere, "", "no-place")):
        with pytest.raises((OrderError, ConfigError)) as caught:
            described(shop, name)

        assert f"network.{code}" == caught.value.code


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Description, b'{"at_deg":[95,0]}'),
        (Description, b'{"makers":[]}'),
        (Description, b'{"spread":NaN}'),
        (Description, b'{"parcel_eur":-1}'),
        (Beat, b'{"load":{"cut_h":-5},"held":{}}'),
        (Result, b'{"fence":0,"verdict":"released"}'),
        (Result, b'{"fence":1,"verdict":"maybe"}'),
        (Result, b'{"fence":1,"verdict":"released","sent":{"manifest.json":"../../etc/passwd"}}'),
    ],
)
def test_what_a_shop_may_not_say_is_refused_at_the_door(kind: type, text: bytes) -> None:
    good = encode(described(SHOP, "bench")) if kind is Description else b"{}"
    mixed = {**json.loads(good), **json.loads(text)}

    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(mixed)


def plate(**more: object) -> Order:
    given = {"text": "AB", "length_mm": 60, "width_mm": 30}
    told: dict[str, object] = {"parameters": given, "material": "brass", **more}
    return Order("ANNA-7", "nameplate", personal=WHO, source={"external_order": "450789"}, **told)  # type: ignore[arg-type]


def test_a_shop_sees_the_specification_and_nothing_of_the_customer(store: Store) -> None:
    wishes = (Wish("matt please, call +7 911 555-01-99, yours Zinaida Quux"), Wish("with two holes"))
    made = specified(plate(wishes=wishes, due="2026-12-20"), SHOP, store, (48.1372, 11.5755))
    text = order_file(made.order, "T-1")
    order = order_from_text(text, "ticket")

    assert [] == [w for w in (*WHO.values(), "Zinaida", "450789", "ANNA", "please", "555") if w in text]
    assert ("T-1", "matt", 2, "2026-12-20") == (order.id, order.finish, order.parameters["hole_count"], order.due)
    assert Needs("cut", made.needs.material, (70.0, 40.0, 2.0), made.needs.work_cm3, 5.6, tools=("engraving",),
                 due="2026-12-20", to_deg=(48.1, 11.6)) == made.needs  # fmt: skip


def test_what_is_specified_is_understood_as_the_same_specification(store: Store) -> None:
    flange = read_order_file(HOUSE / "samples" / "own-part" / "flange.yaml")
    for order in (plate(), replace(flange, personal=WHO)):
        made = specified(order, SHOP, store)
        again = order_from_text(order_file(made.order, "T-2"), "ticket")
        files = tuple(replace(a, content=made.files[a.uri]) for a in again.attachments)

        assert made == specified(replace(again, attachments=files), SHOP, store)


def test_a_ticket_has_one_material(store: Store) -> None:
    with pytest.raises(OrderError) as caught:
        specified(plate(material="brass or aluminium"), SHOP, store)

    assert ("network.material-open", "Name one: brass, aluminium.") == (caught.value.code, caught.value.hint)


@pytest.mark.parametrize(
    "planted",
    [
        (b"FILE_NAME('flange'", b"FILE_NAME('Zinaida Quux''s flange); ENDSEC;'"),
        (b"('Author')", b"('zina@quux.example')"),
        (b"FILE_DESCRIPTION(('Open CASCADE Model')", b"FILE_DESCRIPTION(('for Zinaida Quux')"),
        (b"PRODUCT('flange','flange',''", b"PRODUCT('Zinaida Quux','x','for (''Zinaida Quux'')'"),
        (b"DATA;", b"DATA;/* Zinaida Quux's own ' part */"),
        (b"ADVANCED_BREP_SHAPE_REPRESENTATION(''", b"ADVANCED_BREP_SHAPE_REPRESENTATION('Zinaida Quux'"),
    ],
)
def test_a_step_file_loses_its_names_and_keeps_its_geometry(planted: tuple[bytes, bytes]) -> None:
    assert planted[0] in STEP
    assert nameless(STEP) == nameless(STEP.replace(*planted), WHO.values())


def test_a_name_where_the_standard_has_its_own_words_is_refused() -> None:
    with pytest.raises(OrderError) as caught:
        nameless(STEP.replace(b"core data for", b"\\X2\\005A0069006E0061\\X0\\ida Quux, core data for"), WHO.values())

    assert "network.names-customer" == caught.value.code


def test_the_two_workshops_of_the_house_are_told_apart() -> None:
    directory = Directory([Shop(name, described(SHOP, name)) for name in SHOP.workshops])
    now = datetime(2026, 12, 1, tzinfo=UTC)
    print_ = route(Needs("print", "petg", (80.0, 50.0, 30.0), 40.0, 40.0), directory, now)
    large = route(Needs("cut", "al-6082", (550.0, 390.0, 300.0), 900.0, 5000.0), directory, now)

    assert (["bench"], {"works": "process: print is not done"}) == ([b.shop for b in print_.ranked], print_.cannot)
    assert ["works"] == [b.shop for b in large.ranked]
    assert "room: at most 1300 x 900 x 150 mm" == large.cannot["bench"]


@pytest.mark.parametrize(
    ("url", "plain", "code"),
    [
        ("http://hub.example:8443", False, "network.plain-http"),
        ("http://127.0.0.1.evil.example", False, "network.plain-http"),
        ("http://localhost@evil.example", False, "network.bad-address"),
        ("ftp://hub.example", True, "network.bad-address"),
        ("hub.example", True, "network.bad-address"),
        ("http://hub.example", True, ""),
        ("http://localhost:1", False, ""),
        ("http://[::1]:1", False, ""),
        ("https://hub.example", False, ""),
    ],
)
def test_a_token_travels_only_where_it_may(url: str, plain: bool, code: str) -> None:  # noqa: FBT001 - a case
    if not code:
        assert url == checked(url, plain_http=plain)
        return
    with pytest.raises(ConfigError) as caught:
        checked(url, plain_http=plain)

    assert code == caught.value.code


@pytest.mark.parametrize("text", ["91,0", "0,181", "1", "a,b", "nan,0", "1,2,3"])
def test_a_place_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(OrderError):
        place(text)

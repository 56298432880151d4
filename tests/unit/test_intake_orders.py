from __future__ import annotations

import json
from pathlib import Path

import pytest

from model.errors import LotOneError, OrderError
from model.order import Attachment, Order, Wish
from pipeline.intake.read import order_from_text, order_from_words, read_order_file, read_sources

FULL = """\
spec: order/1.0
id: "0042"
revision: 2
source: {channel: etsy, shop: PrintNook, external_order: "0123", external_line: "7"}
customer:
  ref: "cust:1"
  name: Oleg Petrov
  email: oleg@example.com
  phone: "+7 900 000-00-00"
  address: Lenina 1
  locale: ru-RU
family: nameplate
parameters: {length_mm: 120, width_mm: "1 1/2 in", code: no, time: 22:30}
constraints: ["mass <= 200 g"]
wishes:
  - matt
  - {text: "не блестящая", lang: ru, kind: avoid}
material: brass
finish: matt
tolerance_class: ISO 2768-m
quantity: 3
due: 2026-12-18
budget: {amount: 60, currency: EUR}
consent: {produce: true, store_design: true}
attachments: [{id: logo, kind: svg, uri: "file:logo.svg", role: logo}]
"""
HEAD = "spec: order/1.0\nid: a\n"


def refusal(text: str) -> OrderError:
    with pytest.raises(OrderError) as refused:
        order_from_text(text, "order.yaml")
    return refused.value


def test_every_field_arrives_and_the_personal_ones_are_set_apart() -> None:
    expected = Order(
        id="0042",
        family="nameplate",
        parameters={"length_mm": 120, "width_mm": "1 1/2 in", "code": "no", "time": "22:30"},
        constraints=("mass <= 200 g",),
        wishes=(Wish("matt"), Wish("не блестящая", "ru", "avoid")),
        material="brass",
        finish="matt",
        tolerance_class="ISO 2768-m",
        quantity=3,
        due="2026-12-18",
        budget=(60.0, "EUR"),
        consent={"produce": True, "store_design": True, "learn_preferences": False, "share_with_factory": False},
        attachments=(Attachment("logo", "svg", "file:logo.svg", "logo"),),
        source={
            "channel": "etsy",
            "shop": "PrintNook",
            "external_order": "0123",
            "external_line": "7",
            "customer": "cust:1",
        },
        personal={
            "name": "Oleg Petrov",
            "email": "oleg@example.com",
            "phone": "+7 900 000-00-00",
            "address": "Lenina 1",
        },
        revision=2,
        locale="ru-RU",
    )

    assert expected == order_from_text(FULL, "order.yaml")


def test_json_is_known_by_its_content() -> None:
    text = json.dumps({"spec": "order/1.0", "id": "a", "parameters": {"length_mm": 12.5}}, indent="\t")

    assert {"length_mm": 12.5} == order_from_text(text, "order.yaml").parameters


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        (HEAD + "parameters: {length_mm: 3\n", "intake.not-yaml", "line 4, column 1"),
        (HEAD + "family: a: b\n", "intake.not-yaml", "line 3, column 10"),
        (HEAD + "family: \x07\n", "intake.not-yaml", "line 3, column 9"),
        ('{"spec": "order/1.0",\n "id" "a"}', "intake.not-json", "line 2, column 7"),
        ("- a\n- b\n", "intake.not-an-object", "order.yaml"),
        ("", "intake.not-an-object", "order.yaml"),
        ("hello", "intake.not-an-object", "order.yaml"),
        (HEAD + "id: b\n", "intake.duplicate-key", "line 3, column 1"),
        ('{"spec": "order/1.0", "id": "a", "id": "b"}', "intake.duplicate-key", "id"),
        (HEAD + "wishes: &w [matt]\n", "intake.anchor", "line 3, column 9"),
        (HEAD + "a: &a [x]\nb: [*a, *a]\n", "intake.anchor", "line 3, column 4"),
        (HEAD + "family: !!python/object:os.system x\n", "intake.tag", "line 3, column 9"),
        (HEAD + "parameters: {length_mm: .inf}\n", "intake.not-finite", "line 3, column 25"),
        ('{"spec": "order/1.0", "id": "a", "quantity": NaN}', "intake.not-finite", "order.yaml"),
        ('{"spec": "order/1.0", "id": "a", "quantity": 1e999}', "intake.not-finite", "order.yaml"),
        ("[" * 5000, "intake.too-deep", "order.yaml"),
        ("spec: order/1.0\n", "intake.missing-field", "id"),
        ("id: a\n", "intake.missing-field", "spec"),
        ("spec: order/2.0\nid: a\n", "intake.unknown-version", "spec (line 1)"),
        ("spec: order/1.0\nid: ../etc\n", "intake.bad-value", "id (line 2)"),
        ("spec: order/1.0\nid: " + "x" * 65 + "\n", "intake.bad-value", "id (line 2)"),
        ("spec: order/1.0\nid: 12\n", "intake.wrong-type", "id (line 2)"),
        (HEAD + "familly: nameplate\n", "intake.unknown-field", "familly (line 3)"),
        (HEAD + "customer: {adress: x}\n", "intake.unknown-field", "customer.adress (line 3)"),
        (HEAD + "quantity: two\n", "intake.wrong-type", "quantity (line 3)"),
        (HEAD + "quantity: 0\n", "intake.bad-value", "quantity (line 3)"),
        (HEAD + "wishes: matt\n", "intake.wrong-type", "wishes (line 3)"),
        (HEAD + "due: 18.12.2026\n", "intake.bad-value", "due (line 3)"),
        (HEAD + "budget: {amount: -1, currency: EUR}\n", "intake.bad-value", "budget.amount (line 3)"),
        (HEAD + "constraints: ['mas <= 1 g']\n", "constraint.unknown-name", "constraints.0 (line 3)"),
        (HEAD + "consent: {produce: false}\n", "intake.no-consent", "consent.produce (line 3)"),
        (HEAD + "parameters: {a: {a: {a: {a: {a: {a: {a: {a: 1}}}}}}}}\n", "intake.bad-value", "parameters (line 3)"),
        (
            HEAD + "attachments: [{id: a, kind: svg, uri: x}, {id: a, kind: svg, uri: y}]\n",
            "intake.bad-value",
            "attachments (line 3)",
        ),
    ],
)
def test_a_bad_file_is_refused_with_code_place_and_hint(text: str, code: str, place: str) -> None:
    error = refusal(text)

    assert (code, place, 65) == (error.code, error.place, error.exit_code)
    assert "order.yaml" in error.message
    assert error.hint


def test_an_unknown_field_names_its_neighbour() -> None:
    error = refusal(HEAD + "familly: nameplate\n")

    assert ("familly", "Did you mean family?") == (error.value, error.hint)


def test_value_and_limit_are_told() -> None:
    error = refusal(HEAD + "quantity: 0\n")

    assert ("0", 1) == (error.value, error.limit)


def test_every_problem_of_one_file_is_told_at_once() -> None:
    error = refusal("spec: order/1.0\nfamilly: a\nquantity: two\ndue: soon\n")

    assert error.code == "intake.several-problems"
    assert {"intake.missing-field", "intake.unknown-field", "intake.wrong-type", "intake.bad-value"} == {
        f.code for f in error.findings
    }


def test_a_wrong_personal_value_is_not_repeated() -> None:
    error = refusal(HEAD + "customer: {phone: 79001234567}\n")

    assert error.value is None
    assert "79001234567" not in error.message


def test_dates_stay_text_and_numbers_are_decimal() -> None:
    order = order_from_text(HEAD + "parameters: {a: 010, b: 0x1F, c: 1_000, d: 1e1, e: on, f: true}\n", "order.yaml")

    assert {"a": 10, "b": "0x1F", "c": "1_000", "d": 10.0, "e": "on", "f": True} == order.parameters


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes((HEAD + "family: табличка\n").encode("cp1251"))

    with pytest.raises(OrderError) as refused:
        read_order_file(path)

    assert ("intake.not-utf8", "byte 30") == (refused.value.code, refused.value.place)


def test_a_byte_order_mark_is_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + HEAD.encode())

    assert read_order_file(path).id == "a"


def test_a_file_too_large_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"#" * 1_000_001)

    with pytest.raises(OrderError) as refused:
        read_order_file(path)

    assert ("intake.too-large", 1_000_001, 1_000_000) == (refused.value.code, refused.value.value, refused.value.limit)


def test_the_same_words_are_the_same_order() -> None:
    first, again = order_from_words("brass  nameplate\n120 x 40 mm"), order_from_words("brass nameplate 120 x 40 mm")

    assert first == again
    assert first.id.startswith("words-")
    assert (Wish("brass nameplate 120 x 40 mm"),) == first.wishes


@pytest.mark.parametrize("source", ["", "  ", "\n"])
def test_an_empty_source_is_no_folder(source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.yaml").write_text("spec: order/1.0\nid: a\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    (error,) = read_sources([source])

    assert isinstance(error, OrderError)
    assert ("intake.no-words", 65) == (error.code, error.exit_code)


@pytest.mark.parametrize(
    ("words", "code"), [("  ", "intake.no-words"), ("?!", "intake.no-words"), ("x" * 2001, "intake.too-large")]
)
def test_words_that_are_no_order(words: str, code: str) -> None:
    with pytest.raises(OrderError) as refused:
        order_from_words(words)

    assert code == refused.value.code


def test_a_folder_is_read_in_order_and_a_bad_file_hides_nothing(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text("spec: order/1.0\nid: b\n")
    (tmp_path / "a.json").write_text('{"spec": "order/1.0", "id": "a"}')
    (tmp_path / "c.yml").write_text("spec: [")
    (tmp_path / "notes.txt").write_text("not an order")

    read = read_sources([str(tmp_path), str(tmp_path / "b.yaml"), "brass sign", str(tmp_path / "no.yaml")])

    assert ["a", "b", "intake.not-yaml", order_from_words("brass sign").id, "intake.no-such-file"] == [
        one.id if isinstance(one, Order) else one.code for one in read
    ]
    assert isinstance(read[2], LotOneError)
    assert ("c", "intake") == (read[2].order_id, read[2].stage)
    assert "c.yml" in read[2].place


def test_two_orders_with_one_id_are_both_refused_and_both_named(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("spec: order/1.0\nid: np-1\n")
    (tmp_path / "b.yaml").write_text("spec: order/1.0\nid: NP-1\n")
    (tmp_path / "c.yaml").write_text("spec: order/1.0\nid: np-2\n")

    first, second, third = read_sources([str(tmp_path)])

    assert isinstance(first, OrderError)
    assert isinstance(second, OrderError)
    assert ("intake.duplicate-id", "np-1", "one", 65) == (first.code, first.value, first.limit, first.exit_code)
    assert "a.yaml" in first.place
    assert "b.yaml" in first.place
    assert first.place == second.place
    assert isinstance(third, Order)


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    (error,) = read_sources([str(tmp_path)])

    assert isinstance(error, OrderError)
    assert error.code == "intake.empty-folder"

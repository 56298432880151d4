"""Tables as shops really send them: what can be read goes, what cannot names its row and column."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from model.errors import ConfigError, OrderError
from pipeline.intake.cells import read_cells
from pipeline.intake.mapping import Shop, read_shop
from pipeline.intake.tables import Row, Table, orders_of

HOUSE = Path(__file__).resolve().parents[2]
COUNTER = read_shop(HOUSE / "samples/shops/counter.toml")
PLAIN = "id,family,parameters.length_mm,wishes\n"


def read(data: str | bytes, shop: Shop | None = None, encoding: str = "utf-8") -> Table:
    return orders_of(read_cells(data.encode(encoding) if isinstance(data, str) else data, "t"), "t", shop)


def codes(row: Row) -> list[tuple[str, str]]:
    return [(f.code, f.place) for f in row.error.told()] if row.error else []


def sheet(*rows: list[Any], merge: str = "", **cells: Any) -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for row in rows:
        page.append(row)
    for name, value in cells.items():
        page[name] = value
    if merge:
        page.merge_cells(merge)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_the_sample_goes_but_for_the_row_that_is_wrong() -> None:
    table = read((HOUSE / "samples/tables/counter.csv").read_bytes(), COUNTER)
    first, second, third = table.rows

    assert first.value is not None
    assert second.value is not None
    assert {"length_mm": 100, "width_mm": 30, "thickness_mm": 2, "hole_count": 2, "text": "МАСТЕР"} == first.value[
        "parameters"
    ]
    assert ("brass", "2026-12-24", "Иван Сидоров") == (
        first.value["material"], first.value["due"], first.value["customer"]["name"],
    )  # fmt: skip
    assert {"produce": True, "store_design": True} == first.value["consent"]
    assert (120.5, "ОТДЕЛ\nКАДРОВ") == (second.value["parameters"]["length_mm"], second.value["parameters"]["text"])
    assert ["матовая"] == second.value["wishes"]
    assert [
        ("intake.unmapped-product", "row 5, column Изделие"),
        ("intake.bad-number", "row 5, column Кол-во"),
    ] == codes(third)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_form_a_spreadsheet_wrote_it_in_does_not_matter(encoding: str, delimiter: str, end: str) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end)
    writer.writerows([["№ заказа", "Изделие", "Длина, мм"], ["", "", ""], ["К1", "Табличка латунная", "10,5"],
                      ["K2", "Табличка латунная", " 1\u00a0200 "]])  # fmt: skip
    rows = read(text.getvalue(), COUNTER, encoding).rows

    assert [3, 4] == [row.number for row in rows]
    assert [("intake.bad-value", "row 3, column № заказа")] == codes(rows[0])  # its К is Russian: no folder's name
    assert rows[1].value is not None
    assert 1200 == rows[1].value["parameters"]["length_mm"]


def test_a_text_in_another_alphabet_is_refused_not_garbled() -> None:
    with pytest.raises(OrderError) as caught:
        read(PLAIN + "A,nameplate,100,für Jörg Müller\n", encoding="cp1252")

    assert "intake.not-text" == caught.value.code


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("id,Größe\nA,1\n", "intake.unmapped-column", "column Größe"),
        ("family,material\nnameplate,brass\n", "intake.no-id-column", "columns"),
        ("id,family,family\nA,b,c\n", "intake.doubled-column", "column 'family', 'family'"),
        ("id,family\n", "intake.empty-table", "t"),
        ("", "intake.empty-table", "t"),
        ('id,family\nA,"torn', "intake.not-a-table", "row 2"),
        ('id,family\nA,"12" pipe"\n', "intake.not-a-table", "row 2"),
        ("PK\x03\x04 no zip", "intake.not-a-table", "t"),
    ],
)
def test_a_table_no_row_of_which_can_be_read_is_refused(text: str, code: str, place: str) -> None:
    with pytest.raises(OrderError) as caught:
        read(text)

    assert (code, place) == (caught.value.code, caught.value.place)


@pytest.mark.parametrize(
    ("row", "code", "place"),
    [
        (",nameplate,100,", "intake.missing-field", "row 2"),
        ("A B,nameplate,100,", "intake.bad-value", "row 2, column id"),
        ("1.2346E+11,nameplate,100,", "intake.bad-value", "row 2, column id"),
        ("A,nameplate,100,matt,more", "intake.no-column", "row 2, column 5"),
        ("A," + "n" * 201 + ",100,", "intake.bad-value", "row 2, column family"),
    ],
)
def test_a_wrong_row_names_its_column_and_costs_that_row_alone(row: str, code: str, place: str) -> None:
    table = read(f"{PLAIN}{row}\nGOOD,nameplate,100,\n")

    assert [(code, place)] == codes(table.rows[0])
    assert table.rows[1].value is not None


def test_rows_of_one_id_are_one_order_or_none() -> None:
    table = read(f"{PLAIN}A,nameplate,100,\na,nameplate,120,\nB,nameplate,1,\nB,nameplate,1,\n")

    assert [["intake.duplicate-id"], ["intake.duplicate-id"], [], []] == [[c for c, _ in codes(r)] for r in table.rows]
    assert "rows 2, 3" in str(table.rows[0].error)


def test_a_product_made_elsewhere_is_no_order_without_a_product() -> None:
    shop = COUNTER.model_copy(update={"others": "ignore"})
    table = read("№ заказа,Изделие,Надпись\nA,Кружка,ДОМ\n", shop)

    assert [("intake.unmapped-product", "row 2, column Изделие")] == codes(table.rows[0])


def test_nothing_a_row_says_of_its_customer_is_quoted() -> None:
    table = read("id,family,customer.name,finish\nA B," + "Olga Stein " * 20 + ",Olga Stein,\n")
    said = str(table.rows[0].error) + "".join(f"{f.value}{f.message}" for f in table.rows[0].error.told())  # type: ignore[union-attr]

    assert "Olga" not in said
    assert "Stein" not in said


def test_an_excel_file_with_all_that_is_in_real_ones() -> None:
    table = read(
        sheet(
            ["Заказы на декабрь"],
            [],
            ["№ заказа", "Изделие", "Надпись", "Длина, мм", "Срок", "Телефон"],
            ["X1", "Табличка латунная", 2024, 100.0, datetime(2026, 12, 24), 79000000001],  # noqa: DTZ001 - as in Excel
            [None] * 6,
            ["X2", "Табличка латунная", "ДОМ", date(2026, 8, 3), None, None],
            ["X3", "Табличка латунная", "ДОМ", "=D4*2", None, None],
            ["X4", "Табличка латунная", "#REF!", 100, None, None],
            ["X5", "Табличка латунная", "Я", 100, None, None],
            ["X6", None, "Ю", 100, None, None],
            merge="B9:B10",
        ),
        COUNTER,
    )
    good = table.rows[0].value

    assert good is not None
    assert ("2024", 100, "2026-12-24", "79000000001") == (
        good["parameters"]["text"], good["parameters"]["length_mm"], good["due"], good["customer"]["phone"],
    )  # fmt: skip
    assert [
        [("intake.date-cell", "row 6, column Длина, мм")],
        [("intake.formula", "row 7, column Длина, мм")],
        [("intake.error", "row 8, column Надпись")],
        [("intake.merged", "row 9, column Изделие")],
        [("intake.merged", "row 10, column Изделие")],
    ] == [codes(row) for row in table.rows[1:]]


def test_two_sheets_are_not_guessed_between() -> None:
    book = openpyxl.Workbook()
    for title in ("a", "b"):
        book.create_sheet(title).append(["id", "family"])
    file = io.BytesIO()
    book.save(file)
    with pytest.raises(OrderError) as caught:
        read(file.getvalue())

    assert ("intake.several-sheets", 2) == (caught.value.code, caught.value.value)


@pytest.mark.parametrize(
    "line", ['secret = "abc"', 'fields = {"a" = "parametrs.x"}', 'name = "Big Name"', "colour = 1", "name = "]
)
def test_a_shops_file_that_is_wrong_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "shop.toml"
    path.write_text("\n".join([*['name = "s"', 'channel = "table"'][line.startswith("name") :], line]))
    with pytest.raises(ConfigError) as caught:
        read_shop(path)

    assert "intake.bad-shop" == caught.value.code
    assert str(path) in caught.value.message

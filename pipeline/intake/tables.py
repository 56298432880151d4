"""Makes orders of a table's rows, by a shop's own columns; what is wrong names its row and column, the others go."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from model.errors import OrderError
from model.finding import Finding
from pipeline.engine.personal import hush
from pipeline.intake.cells import Cell, Grid
from pipeline.intake.check import check
from pipeline.intake.documents import Document
from pipeline.intake.mapping import Draft, Shop, rule_of, unmapped

_BY_A_SPREADSHEET = re.compile(r"\d(?:[.,]\d+)?E\+?\d+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: an order file's value, or why there is none. ``number`` is the spreadsheet's, ``cells`` as read."""

    number: int
    cells: tuple[str, ...]
    value: dict[str, Any] | None = None
    error: OrderError | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table as orders."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]


def orders_of(grid: Grid, name: str, shop: Shop | None) -> Table:
    """Make every row an order; without a ``shop``, columns are called as an order's fields: ``parameters.length_mm``.

    Rows of one id that differ are all refused.

    Raises:
        OrderError: ``intake.unmapped-column``, ``intake.doubled-column`` or ``intake.no-id-column``: no row is read.
    """
    header = [cell.text for cell in grid.header]
    _check_columns(header, name, shop)
    rows = [_row(number, header, cells, name, shop) for number, cells in grid.rows]
    places: dict[str, list[Row]] = {}
    for row in rows:
        if row.value is not None:
            places.setdefault(str(row.value["id"]).casefold(), []).append(row)
    doubled = {
        key: [r.number for r in same] for key, same in places.items() if any(r.value != same[0].value for r in same)
    }
    kept = []
    for row in rows:
        same = doubled.get(str(row.value["id"]).casefold(), []) if row.value is not None else []
        kept.append(Row(row.number, row.cells, error=_twins(name, row, same)) if same else row)
    return Table(tuple(header), tuple(kept))


def _row(number: int, header: Sequence[str], cells: Sequence[Cell], name: str, shop: Shop | None) -> Row:
    texts = tuple(cell.text for cell in cells)
    draft = Draft(shop)
    places: dict[str, str] = {}
    wrong: list[Finding] = []
    targets = [rule.to if column and (rule := rule_of(shop, column)) else "" for column in header]
    for column, cell, to in zip(header, cells, targets, strict=False):
        if to == "product" and cell.text:
            place = f"row {number}, column {column}"
            if not draft.begin(cell.text, place):
                message, hint = f"{cell.text!r} is not made here", "Take the row out, or add the product."
                limit = "a product of the shop's file"
                wrong.append(Finding("intake.unmapped-product", message, place, cell.text, limit, hint))
    for index, cell in enumerate(cells):
        column = header[index] if index < len(header) else ""
        place = f"row {number}, column {column or index + 1}"
        to = targets[index] if column else ""
        places[to] = place
        if (finding := _unfit(cell, column, to, place)) is not None:
            wrong.append(finding)
        elif column and to != "product":
            draft.put(column, cell.value, place)
    wrong += draft.findings
    order_id = str(draft.value.get("id", ""))
    if not order_id and not any(f.place == places.get("id") for f in wrong):
        wrong.append(Finding("intake.missing-field", "the row has no id", f"row {number}", "", "an id", "Give it one."))
    if wrong:
        return Row(number, texts, error=_refusal(name, number, order_id, wrong, draft.value))
    value = draft.finish(order_id, {"channel": "table", "shop": shop.name if shop else ""})
    try:
        check(Document(value), name)
    except OrderError as error:
        told = [replace(f, place=places.get(f.place, f"row {number}, {f.place}")) for f in error.told()]
        return Row(number, texts, error=_refusal(name, number, order_id, told, value))
    return Row(number, texts, value)


def _unfit(cell: Cell, column: str, to: str, place: str) -> Finding | None:
    """What keeps a cell from being read at all."""
    if cell.wrong:
        return Finding(
            f"intake.{cell.wrong}", f"the cell {_SAID[cell.wrong]}", place, cell.text[:80], "a value", _HINT[cell.wrong]
        )
    if cell.text and not column:
        return Finding("intake.no-column", "the cell has no column name above it", place, None, "a column",
                       "Name the column, or empty the cell.")  # fmt: skip
    if cell.is_date and to not in ("due", "ignore", "product"):
        hint = 'A spreadsheet took it for a date ("3/8", "2-4"): make the column text and write it again.'
        return Finding("intake.date-cell", f"{column} holds a date", place, cell.text, "no date", hint)
    if to == "id" and _BY_A_SPREADSHEET.fullmatch(cell.text):
        hint = "A spreadsheet shortened it: make the column text and write the id again."
        return Finding("intake.bad-value", f"{cell.text} is no id any more", place, cell.text, "an id", hint)
    return None


_SAID = {
    "merged": "is merged with others",
    "formula": "holds a formula that was never calculated",
    "error": "holds a spreadsheet's error",
}
_HINT = {
    "merged": "Part the cells and write the value into each row.",
    "formula": "Open the table in a spreadsheet, save it, and send it again.",
    "error": "Mend the formula, or write the value.",
}


def _check_columns(header: Sequence[str], name: str, shop: Shop | None) -> None:
    named = [h for h in header if h]
    if strange := unmapped(named, shop):
        message = f"{name}: nothing says what the columns {', '.join(map(repr, strange))} mean"
        hint = 'Say so under [fields] of the shop\'s file, as "parameters.text" or "ignore"; --shop names the file.'
        raise OrderError("intake.unmapped-column", message, place=f"column {strange[0]}", value=strange[0],
                         limit="a field of the shop's file", hint=hint)  # fmt: skip
    targets = [rule.to for h in named if (rule := rule_of(shop, h)) is not None]
    double = next((t for t in targets if t not in ("ignore", "wishes", "constraints") and targets.count(t) > 1), None)
    if double:
        columns = ", ".join(repr(h) for h, to in zip(named, targets, strict=True) if to == double)
        message = f"{name}: the columns {columns} both mean {double}"
        raise OrderError("intake.doubled-column", message, place=f"column {columns}", value=double, limit="one column",
                         hint="Keep one of them, or let the others be ignored.")  # fmt: skip
    if "id" not in targets:
        message = f"{name} has no column for the orders' ids"
        hint = 'Add a column "id", or say under [fields] which one it is.'
        raise OrderError("intake.no-id-column", message, place="columns", value=", ".join(named), limit="id", hint=hint)


def _twins(name: str, row: Row, numbers: list[int]) -> OrderError:
    order_id = str(row.value["id"]) if row.value else ""
    others = ", ".join(str(n) for n in numbers)
    message = f"the id {order_id!r} stands in rows {others}, which differ"
    hint = "Give each order its own id, or keep one of the rows."
    finding = Finding("intake.duplicate-id", message, f"row {row.number}", order_id, "one row", hint)
    return _refusal(name, row.number, order_id, [finding], row.value or {})


def _refusal(name: str, number: int, order_id: str, findings: list[Finding], given: dict[str, Any]) -> OrderError:
    first = findings[0]
    said = "; ".join(f"{f.place.partition(', ')[2] or 'row'}: {f.message}" for f in findings)
    code = first.code if len(findings) == 1 else "intake.several-problems"
    error = OrderError(
        code, f"{name}, row {number}: {said}", place=first.place, value=first.value, limit=first.limit,
        hint=first.hint, findings=tuple(findings),
    )  # fmt: skip
    error.order_id = order_id
    hush(error, given)
    return error

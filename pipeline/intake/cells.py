"""Reads a table's cells, from CSV in whatever form a spreadsheet wrote it, or from an Excel file."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from model.errors import OrderError

ENDINGS = (".csv", ".xlsx")
LARGEST_BYTES = 10_000_000
LARGEST_UNPACKED = 200_000_000
MOST_ROWS = 10_000
MOST_COLUMNS = 200
_DELIMITERS = ";,\t"
_MIXED = re.compile(r"[A-Za-z][а-яёА-ЯЁ][a-z]|[a-z][а-яёА-ЯЁ](?![^\W\d_])")
"""Latin and Russian letters in one word: a text read in another alphabet than it was written in."""

Wrong = Literal["", "merged", "formula", "error"]
HIDDEN: tuple[Wrong, ...] = ("formula", "error")
"""What is wrong with a cell that is not empty although it shows nothing."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its value as text or number, and what keeps it from being read."""

    value: Any = None
    wrong: Wrong = ""
    is_date: bool = False

    @property
    def text(self) -> str:
        """The value as people read it."""
        return "" if self.value is None else str(self.value).strip()


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: the columns' names, and every row that is not empty with the number a spreadsheet shows."""

    header: tuple[Cell, ...]
    rows: tuple[tuple[int, tuple[Cell, ...]], ...]


def read_cells(data: bytes, name: str) -> Grid:
    """Read a table's bytes. The columns' names stand in the first row that has two or more cells.

    Raises:
        OrderError: ``intake.too-large``, ``intake.not-a-table``, ``intake.not-text``, ``intake.several-sheets`` or
            ``intake.empty-table``.
    """
    if len(data) > LARGEST_BYTES:
        raise _refused("too-large", f"{name} is {len(data)} bytes long", name, len(data), LARGEST_BYTES, "Split it.")
    rows = _excel(data, name) if data[:2] == b"PK" else _csv(data, name)
    filled = [(number, cells) for number, cells in rows if any(c.text or c.wrong in HIDDEN for c in cells)]
    first = next((i for i, (_, cells) in enumerate(filled) if sum(bool(c.text) for c in cells) > 1), None)
    if first is None or first + 1 == len(filled):
        message = f"{name} has no row below the columns' names"
        raise _refused(
            "empty-table", message, name, len(filled), "one order a row", "Name the columns in the first row."
        )
    if len(filled) > MOST_ROWS or max(len(cells) for _, cells in filled) > MOST_COLUMNS:
        message = f"{name} has {len(filled)} rows"
        raise _refused("too-large", message, name, len(filled), f"{MOST_ROWS} x {MOST_COLUMNS}", "Split it.")
    return Grid(filled[first][1], tuple(filled[first + 1 :]))


def _csv(data: bytes, name: str) -> list[tuple[int, tuple[Cell, ...]]]:
    text = _decoded(data, name)
    head, _, rest = text.partition("\n")
    if told := re.fullmatch(r"sep=(.)\r?", head.strip("\ufeff"), re.IGNORECASE):
        delimiter, text, skipped = told[1], rest, 1
    else:
        outside, skipped = re.sub(r'"[^"]*"', "", head), 0
        delimiter = max(_DELIMITERS, key=outside.count)
    rows = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        before = 0
        for cells in reader:
            rows.append((before + 1 + skipped, tuple(Cell(c) for c in cells)))
            before = reader.line_num
    except csv.Error as error:
        line = reader.line_num + skipped
        message = f"{name} is no table: {error} in line {line}"
        hint = 'A quote within a text is doubled: "12"" pipe".'
        raise _refused("not-a-table", message, f"row {line}", line, "CSV", hint) from error
    return rows


def _decoded(data: bytes, name: str) -> str:
    """The text: Unicode by its mark or by its form, else the alphabet of a Russian Windows."""
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"", "utf-8-sig"), (b"", "cp1251")):
        if not data.startswith(mark):
            continue
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text and not (encoding == "cp1251" and _MIXED.search(text)):
            return text
    message = f"{name} is neither UTF-8 nor the Russian Windows alphabet"
    raise _refused("not-text", message, name, name, "UTF-8", 'Save it as "CSV UTF-8".')


def _excel(data: bytes, name: str) -> list[tuple[int, tuple[Cell, ...]]]:
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            size = sum(one.file_size for one in archive.infolist())
        books = (
            [load_workbook(io.BytesIO(data), data_only=d) for d in (False, True)] if size <= LARGEST_UNPACKED else []
        )
    except Exception as error:  # whatever the library meets in a broken file
        message = f"{name} is no Excel file that can be read: {type(error).__name__}"
        raise _refused("not-a-table", message, name, name, ".xlsx", "Save it again as .xlsx, or as CSV.") from error
    if not books:
        raise _refused("too-large", f"{name} unpacks to {size} bytes", name, size, LARGEST_UNPACKED, "Split it.")
    sheets = [s for s in books[0].worksheets if s.sheet_state == "visible"]
    if large := next((s for s in sheets if s.max_row > MOST_ROWS * 2 or s.max_column > MOST_COLUMNS * 2), None):
        message = f"{name} reaches to row {large.max_row}, column {large.max_column}"
        raise _refused("too-large", message, name, large.max_row, MOST_ROWS, "Delete the empty rows and columns.")
    sheets = [s for s in sheets if any(value is not None for row in s.values for value in row)]
    if len(sheets) > 1:
        names = ", ".join(s.title for s in sheets)
        message = f"{name} has {len(sheets)} sheets with something in them"
        raise _refused("several-sheets", message, names, len(sheets), 1, "Keep one sheet a file.")
    return _sheet(sheets[0], books[1][sheets[0].title]) if sheets else []


def _sheet(sheet: Any, shown: Any) -> list[tuple[int, tuple[Cell, ...]]]:
    """Every row of a sheet, as it was written and as it was last shown."""
    merged = {place for area in sheet.merged_cells.ranges for place in area.cells}
    columns = range(1, sheet.max_column + 1)
    return [
        (row, tuple(_cell(sheet.cell(row, c), shown.cell(row, c).value, is_merged=(row, c) in merged) for c in columns))
        for row in range(1, sheet.max_row + 1)
    ]


def _cell(cell: Any, shown: Any, *, is_merged: bool) -> Cell:
    if is_merged:
        return Cell(shown, "merged")
    if cell.data_type == "f" and shown is None:
        return Cell(None, "formula")
    if cell.data_type == "e" or (isinstance(shown, str) and re.fullmatch(r"#[A-Z/0!?]+", shown)):
        return Cell(shown, "error")
    if isinstance(shown, (datetime, date)):
        return Cell(_iso(shown), is_date=True)
    if isinstance(shown, float) and shown.is_integer() and abs(shown) < 1e15:
        return Cell(int(shown))
    return Cell(shown)


def _iso(moment: date) -> str:
    """A date, and the time where one is told."""
    if isinstance(moment, datetime) and (moment.hour, moment.minute, moment.second) != (0, 0, 0):
        return moment.replace(microsecond=0).isoformat()
    return moment.isoformat()[:10]


def _refused(what: str, message: str, place: str, value: float | str, limit: float | str, hint: str) -> OrderError:
    return OrderError(f"intake.{what}", message, place=place, value=value, limit=limit, hint=hint)

"""Lets the rows of a table in, one order each; what is wrong with a row costs that row alone."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from model.errors import OrderError
from pipeline.engine.outcome import Problem
from pipeline.intake.documents import Document
from pipeline.intake.mapping import Shop
from pipeline.intake.tables import Row, Table
from pipeline.receive.door import Admitted, Door


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a table's rows."""

    admitted: tuple[Admitted, ...]
    wrong: tuple[Row, ...]

    def problem(self, name: str) -> Problem:
        """Every row's refusal in one."""
        errors = [row.error for row in self.wrong if row.error is not None]
        findings = tuple(finding for error in errors for finding in error.told())
        rows = ", ".join(str(row.number) for row in self.wrong)
        message = f"{len(self.wrong)} of {len(self.wrong) + len(self.admitted)} orders of {name} are refused"
        hint = "Mend the rows and send them again; the others are in the queue."
        code = errors[0].code if len(errors) == 1 else "intake.several-problems"
        return Problem(
            code, "order", message, OrderError.exit_code, "intake", f"rows {rows}", hint=hint, findings=findings
        )


def admit_rows(
    table: Table, name: str, door: Door, folder: Path, shop: Shop | None, alive: Callable[[], object] = lambda: None
) -> Taken:
    """Let every good row in; ``alive`` is called before each, for who watches whether this goes on."""
    admitted, wrong = [], []
    told_by = (shop.name, shop.terms) if shop else ("table", "")
    for row in table.rows:
        alive()
        if row.value is None:
            wrong.append(row)
            continue
        try:
            document = Document(row.value)
            admitted.append(door.admit(document, f"{name}, row {row.number}", folder, *told_by))
        except OrderError as error:
            error.findings = tuple(replace(f, place=f"row {row.number}, {f.place}") for f in error.told())
            wrong.append(Row(row.number, row.cells, error=error))
    return Taken(tuple(admitted), tuple(wrong))


def as_csv(header: Sequence[str], rows: Sequence[Row]) -> bytes:
    """Rows as a table of their own, to be mended and sent again; spreadsheets know its alphabet by its mark."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([header, *(row.cells for row in rows)])
    return text.getvalue().encode("utf-8-sig")

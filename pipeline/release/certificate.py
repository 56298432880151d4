"""The certificate: what was proved, with which numbers, and the hashes of everything the proof speaks of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from model.design import Design
from model.errors import VerificationError
from model.files import File
from model.finding import Finding, Gate, Report, Table
from model.order import Brief
from pipeline.engine.codec import encode, pretty
from pipeline.engine.store import sha256
from pipeline.release.faces import face_pictures
from pipeline.release.typeset import pdf
from pipeline.release.words import number, words

SCHEMA = "lotone.certificate/1"
MOST_ROWS = 40


def need_passed(report: Report) -> None:
    """Let only a passed report through; no flag overrides this.

    Raises:
        VerificationError: ``release.not-certified``, with every finding of every failed gate.
    """
    if report.passed:
        return
    failed = [g.name for g in report.gates if g.verdict == "fail"]
    names = ", ".join(failed) or "no gate was judged"
    raise VerificationError(
        "release.not-certified",
        f"The proof of {report.subject} failed: {names}",
        place=failed[0] if failed else report.subject,
        value=len(failed),
        limit=0,
        hint="Nothing is released. Read the findings; each names the place, the number and the limit.",
        findings=report.failures,
    )


def certificate(
    brief: Brief, design: Design, report: Report, bound: Mapping[str, object], left: tuple[Finding, ...] = ()
) -> tuple[File, ...]:
    """The certificate as JSON and as a page to read.

    ``bound`` names what the verdict is bound to (programs' texts, plan, machine...): any change voids it. ``left`` is
    what no tool can reach.

    Raises:
        VerificationError: The report did not pass.
    """
    need_passed(report)
    hashes = {name: sha256(_bytes(value)) for name, value in bound.items()}
    if brief.attachment is not None:
        hashes[f"customer's file {brief.attachment.uri}"] = brief.attachment.sha256
    told = {
        "schema": SCHEMA,
        "order_id": brief.order_id,
        "verdict": "passed",
        "subject": report.subject,
        "title": design.title,
        "gates": report.gates,
        "metrics": report.metrics,
        "notes": report.notes,
        "tables": report.tables,
        "unreachable": left,
        "bound_to": hashes,
    }
    faces, pictures = face_pictures(design, report.tables)
    page = {**_page(told, report, left), "faces": faces}
    return (
        File("certificate.json", "certificate", "application/json", pretty(told)),
        File("certificate.pdf", "certificate", "application/pdf", pdf("certificate", page, pictures)),
    )


def _bytes(value: object) -> bytes:
    if isinstance(value, str):
        return value.encode()
    return value if isinstance(value, bytes) else encode(value)


def _page(told: Mapping[str, Any], report: Report, left: tuple[Finding, ...]) -> dict[str, Any]:
    return {
        "w": words("en"),
        "language": "en",
        "title": f"Certificate {told['order_id']}",
        "footer": f"{told['order_id']} · {told['title']}",
        "order_id": told["order_id"],
        "part_title": told["title"],
        "subject": report.subject,
        "gates": [_gate(g) for g in report.gates],
        "metrics": [
            [name.replace("_", " "), number(value, 4)]
            for name, value in sorted(report.metrics.items())
            if "_operation_" not in name
        ],  # they stand on the setup sheets
        "notes": [_line(f) for f in report.notes],
        "unreachable": [_line(f) for f in left],
        "tables": [table_page(t) for t in report.tables],
        "bound_to": sorted([name, digest] for name, digest in told["bound_to"].items()),
    }


def _gate(gate: Gate) -> dict[str, str]:
    unit = f" {gate.unit}" if gate.unit else ""
    return {
        "name": gate.name,
        "verdict": gate.verdict,
        "detail": gate.detail,
        "value": "" if gate.value is None else number(gate.value, 4) + unit,
        "limit": "" if gate.limit is None else number(gate.limit, 4) + unit,
    }


def table_page(table: Table) -> dict[str, Any]:
    """A table as it is printed: of a long one only the rows with the greatest deviations, in their order."""
    rows = list(table.rows)
    shown = sorted(sorted(range(len(rows)), key=lambda k: (-_size(rows[k]), k))[:MOST_ROWS])
    more = (
        ""
        if len(shown) == len(rows)
        else f"The {len(shown)} of {len(rows)} that stand out; all are in certificate.json."
    )
    return {"title": table.title, "columns": table.columns, "rows": [rows[k] for k in shown], "more": more}


def _size(row: tuple[str, ...]) -> float:
    """The greatest size among a row's signed numbers (deviations); 0 where it has none."""
    return max((abs(float(cell)) for cell in row if re.fullmatch(r"[+-]\d+(\.\d+)?", cell)), default=0.0)


def _line(finding: Finding) -> str:
    place = f" [{finding.place}]" if finding.place else ""
    return f"{finding.message}{place}"

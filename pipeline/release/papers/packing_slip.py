"""The packing slip: what is in the parcel, told to the customer, with nothing about the customer."""

from __future__ import annotations

from pipeline.release.jobs import CutJob, PrintJob
from pipeline.release.papers.inspection import ordered_facts
from pipeline.release.papers.paper import Cell, Column, Paper, Rows, facts, table
from pipeline.release.papers.terms import terms
from pipeline.release.papers.traveler import pictures_of
from pipeline.release.words import number


def packing_slip(job: CutJob | PrintJob) -> Paper:
    """The parcel's contents in the customer's language; the address stands on the parcel's own label alone."""
    language = job.brief.language
    w, design = terms(language), job.design
    columns = [
        Column(w["what"], 4.0), Column(w["size"], 2.4), Column(w["count"], 0.8, right=True), Column(w["packed"], 1.2),
    ]  # fmt: skip
    rows = [
        [
            design.title if len(design.parts) == 1 else f"{design.title}: {part.name}",
            " × ".join(number(v, 2) for v in part.expected.size_mm), str(part.quantity * design.quantity), "",
        ]
        for part in design.parts
    ]  # fmt: skip
    told = [
        [w[label], value] for label, value, _ in ordered_facts(job, language) if label in ("text", "colour", "surface")
    ]
    sign = Rows(((Cell("", 1.0, label=w["packed-by"]), Cell(w["label"], 1.0, label=w["to"])),), tall=True)
    return Paper(
        "packing-slip", "packing-slip", language, w["packing-slip"], w["order"], job.brief.order_id, design.title,
        f"{job.brief.order_id} · {w['packing-slip']}",
        (
            *pictures_of(job), table(columns, rows, w["what-is-in"], tall=True), facts(told), sign,
            Rows((), note=w["thanks"]),
        ),
    )  # fmt: skip

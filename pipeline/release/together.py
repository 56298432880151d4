"""The papers of orders made together: the plate's own, and for each order what goes with its pieces."""

from __future__ import annotations

from dataclasses import replace

from model.design import Design
from model.errors import VerificationError
from model.files import File, Papers
from model.finding import Report
from model.group import Group, Member, Shares, piece_of
from model.order import Brief
from model.program import PrintFile, PrintFiles
from model.quote import Quote
from model.tooling import ShopData
from pipeline.release.certificate import certificate, need_passed
from pipeline.release.jobs import Plate, PrintJob
from pipeline.release.papers.inspection import inspection
from pipeline.release.papers.packing_slip import packing_slip
from pipeline.release.papers.paper import Column, Paper, Picture, Rows, files, table
from pipeline.release.papers.terms import terms
from pipeline.release.print_sheet import footprint, plate_picture, print_sheets
from pipeline.release.quote_paper import quote_paper
from pipeline.release.words import LANGUAGES, number


def papers_group(
    group: Group, brief: Brief, design: Design, prints: PrintFiles, report: Report, shop: ShopData, shares: Shares
) -> Papers:
    """Certificate, print sheet and the list of whose piece is whose; each order's inspection, slip and quote.

    Raises:
        VerificationError: The report did not pass: ``group.orders-failed`` where the orders that failed can be told.
    """
    _need_passed(group, report)
    (one,) = prints.files
    plate = Plate(one, shop.printers[one.printer_id], shop.filaments[one.filament_id], shop.qualities[one.quality_id])
    bound: dict[str, object] = {f"program {one.name}": one.text, f"plate of {one.name}": one.plate_3mf}
    bound |= {f"target {part.name}": part.brep for part in design.parts}
    bound |= {
        f"printer {one.printer_id}": plate.printer,
        f"filament {one.filament_id}": plate.filament,
        f"quality {one.quality_id}": plate.quality,
    }
    home, gauges = shop.workshop_of(plate.printer.id), tuple(shop.gauges.values())
    job = PrintJob(brief, design, (plate,), report, home, gauges)
    made = [*certificate(brief, design, report, bound), *print_sheets(job)]
    made += [f for language in LANGUAGES for f in files(_whose(job, one, language), "")]
    for member, quote in zip(group.members, shares.quotes, strict=True):
        alone = PrintJob(member.brief, member.design, (plate,), report, home, gauges)
        made += _of_order(member, quote, alone)
    return Papers(tuple(made))


def _need_passed(group: Group, report: Report) -> None:
    """Let only a passed report through, and name the orders whose pieces failed.

    Raises:
        VerificationError: ``group.orders-failed`` or ``release.not-certified``.
    """
    names = {
        m.brief.order_id
        for m in group.members
        for finding in report.failures
        if finding.place.startswith(piece_of(m.brief.order_id, ""))
    }
    if not names:
        need_passed(report)
        return
    told = ", ".join(sorted(names))
    raise VerificationError(
        "group.orders-failed",
        f"The proof of {group.id} failed at the pieces of {told}: {report.failures[0].message}",
        place=report.failures[0].place,
        value=told,
        limit=report.failures[0].limit,
        hint="Nothing is released. Take these orders off the plate in its plan, and make it again.",
        findings=report.failures,
    )


def _whose(job: PrintJob, one: PrintFile, language: str) -> Paper:
    """Every piece of the plate: its order, where it lies, and a box to tick when it lies with its order."""
    w, sizes = terms(language), {p.name: p.expected.size_mm for p in job.design.parts}
    columns = [
        Column(w["order"], 2.2), Column(w["piece"], 1.8), Column(w["lies-at"], 1.4, right=True),
        Column(w["turned"], 0.8, right=True), Column(w["size"], 1.8), Column(w["put-by"], 1.4),
    ]  # fmt: skip
    rows = []
    for spot in sorted(one.placements, key=lambda p: (p.part, p.copy)):
        order_id, _, part = spot.part.partition("/")
        size = " × ".join(number(v, 1) for v in footprint(spot, sizes[spot.part]))
        at = f"{number(spot.x_mm, 1)}, {number(spot.y_mm, 1)}"
        rows.append([order_id, f"{part} {spot.copy}", at, f"{number(spot.turn_deg, 0)}°", size, "☐"])
    picture = plate_picture(job.design, one.placements, job.cheapest.printer, language)
    blocks: tuple[Rows | Picture, ...] = (
        Picture("plate.svg", picture, wide=0.6),
        table(columns, rows, w["whose"], w["from-front-left"], tall=True),
    )
    brief = job.brief
    return Paper(
        "whose", "whose", language, w["whose"], w["order"], brief.order_id, job.design.title,
        f"{brief.order_id} · {w['whose']}", blocks,
    )  # fmt: skip


def _of_order(member: Member, quote: Quote, job: PrintJob) -> list[File]:
    """What goes with one order's pieces, in the folder of its name."""
    papers = [*(inspection(job, language) for language in LANGUAGES), packing_slip(job)]
    folder = f"orders/{member.brief.order_id}/"
    own = [f for paper in papers for f in files(paper, folder)]
    return own + [replace(f, name=folder + f.name) for f in quote_paper(member.brief, member.design, quote)]

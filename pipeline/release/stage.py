"""The last stage: the papers that travel with the files, made only for a part whose proof passed."""

from __future__ import annotations

from model.design import Design
from model.files import File, Papers
from model.finding import Report
from model.order import Brief
from model.plan import ProcessPlan
from model.program import PrintFiles, Programs
from model.quote import Quote
from model.tooling import ShopData


def papers_milled(
    brief: Brief, design: Design, plan: ProcessPlan, programs: Programs, report: Report, shop: ShopData, quote: Quote
) -> Papers:
    """Certificate, quote, setup sheets, the workshop's papers and, for LinuxCNC, the tool table of a part that is cut.

    Raises:
        VerificationError: The report did not pass, or a sheet would disagree with its program.
    """
    from pipeline.release.certificate import certificate, need_passed
    from pipeline.release.jobs import CutJob
    from pipeline.release.papers.folder import papers_of
    from pipeline.release.quote_paper import quote_paper
    from pipeline.release.sheet import setup_sheets
    from pipeline.release.tool_table import tool_table

    need_passed(report)
    bound: dict[str, object] = {f"program {p.name}": p.text for p in programs.programs}
    bound |= {f"target {part.name}": part.brep for part in design.parts}
    bound |= {"stock": plan.stock, "setups and fixtures": plan.setups, "tools": plan.tools, "machine": plan.machine}
    edges_m = None if brief.finish == "deburred" else _edges_m(design)
    gauges = tuple(shop.gauges.values())
    job = CutJob(brief, design, plan, programs, report, shop.workshop_of(plan.machine.id), edges_m, gauges)
    files = [
        *certificate(brief, design, report, bound, plan.unreachable),
        *setup_sheets(job),
        *papers_of(job),
        *quote_paper(brief, design, quote),
    ]
    if plan.machine.dialect == "linuxcnc":
        files.append(File("programs/tool.tbl", "tool-table", "text/plain", tool_table(plan).encode()))
    return Papers(tuple(files))


def papers_printed(
    brief: Brief, design: Design, prints: PrintFiles, report: Report, shop: ShopData, quote: Quote
) -> Papers:
    """Certificate, quote, a print sheet for every print file, and the workshop's papers.

    Raises:
        VerificationError: The report did not pass.
    """
    from pipeline.release.certificate import certificate, need_passed
    from pipeline.release.jobs import Plate, PrintJob
    from pipeline.release.papers.folder import papers_of
    from pipeline.release.print_sheet import print_sheets
    from pipeline.release.quote_paper import quote_paper

    need_passed(report)
    bound: dict[str, object] = {f"program {f.name}": f.text for f in prints.files}
    bound |= {f"plate of {f.name}": f.plate_3mf for f in prints.files}
    bound |= {f"target {part.name}": part.brep for part in design.parts}
    for f in prints.files:
        bound |= {
            f"printer {f.printer_id}": shop.printers[f.printer_id],
            f"filament {f.filament_id}": shop.filaments[f.filament_id],
            f"quality {f.quality_id}": shop.qualities[f.quality_id],
        }
    plates = tuple(
        Plate(f, shop.printers[f.printer_id], shop.filaments[f.filament_id], shop.qualities[f.quality_id])
        for f in prints.files
    )
    home = shop.workshop_of(min(plates, key=lambda p: (p.printer.rate_eur_h, p.printer.id)).printer.id)
    job = PrintJob(brief, design, plates, report, home, tuple(shop.gauges.values()))
    sheets = (*print_sheets(job), *papers_of(job))
    return Papers((*certificate(brief, design, report, bound), *sheets, *quote_paper(brief, design, quote)))


def _edges_m(design: Design) -> float:
    """Metres of edge of one ordered item."""
    from geometry import solids

    return sum(solids.edge_length_mm(solids.load(part.brep)) * part.quantity for part in design.parts) / 1000

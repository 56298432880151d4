"""The quote of a proved order: what was simulated and measured, at the rates of the workshop whose machine makes it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from model.design import Design
from model.finding import Report
from model.floor import Experience
from model.group import Group, Shares
from model.order import Brief
from model.plan import ProcessPlan
from model.program import PrintFiles
from model.quote import Quote, Usage
from model.tooling import Filament, Printer, ShopData, Workshop
from pipeline.quote import lead
from pipeline.quote.lines import Lines
from pipeline.quote.words import say

RULE = (
    "Hours and filament of the plate in proportion to what each order takes alone; setting up the printer and clearing "
    "the plate in equal parts; checking, packing, parcel and payment are each order's own."
)


def quote_milled(
    brief: Brief, design: Design, plan: ProcessPlan, report: Report, shop: ShopData, experience: Experience
) -> Quote:
    """The price of an order that is milled or routed, all its pieces.

    Without a proof, or a workshop that owns the machine, the quote says so instead of a price.
    """
    home = shop.workshop_of(plan.machine.id)
    if home is None or not report.passed:
        return _refused(brief, plan.machine.id, report)
    told, pieces, setups = partial(say, brief.language), brief.quantity, len(plan.setups)
    lines = Lines(home, brief.language)
    size = " x ".join(f"{side:g}" for side in plan.stock.size_mm) + " mm"
    lines.add(
        "material", told("stock", material=plan.material.name, row=plan.stock.row_id, size=size),
        (plan.stock.mass_kg * pieces, "kg", 0.0 if plan.stock.left_over else plan.material.price_eur_kg),
        told("from-plan"),
        lines.row("material", plan.material.id),
    )  # fmt: skip
    lines.labour("material", told("sawing"), pieces, home.saw_min)
    before = experience.of(home.id, plan.machine.id, plan.material.id, "setting up")
    set_up_h = lines.labour("setting up", told("clampings", count=setups), setups, home.setup_min, 0.3, before)
    count = len(plan.tools)
    set_up_h += lines.labour("setting up", told("tools", count=count), count, home.tool_min, 0.3, before)
    again = (pieces - 1) * setups
    set_up_h += lines.labour("making", told("reload", count=again), again, home.reload_min, 0.3)
    minutes = sum(report.metrics[f"setup_{setup.index}_seconds"] for setup in plan.setups) / 60
    seen = experience.of(home.id, plan.machine.id, plan.material.id, "run")
    run_h, rate = minutes / 60 * pieces, plan.machine.rate_eur_h
    row = lines.row("machine", plan.machine.id)
    run_h = lines.run(plan.machine.name, run_h, (rate, row), seen, home.attended, home.power_kw)
    cut = _cutting_minutes(plan, report)
    for one in plan.tools:
        worn = cut.get(one.number, 0.0) * pieces
        lines.add(
            "making", told("wear", number=one.number, tool=one.tool.name),
            (worn / home.tool_life_min, "tool", one.tool.price_eur),
            told("from-life", minutes=worn, life=home.tool_life_min), lines.row("tool", one.tool.id), share=0.5,
        )  # fmt: skip
    if design.finish != "deburred":
        metres = _edges_m(design) * pieces
        lines.add(
            "finishing and checking", told("edges", metres=metres),
            (metres * home.deburr_min_m / 60, "h", home.labour_eur_h), told("from-edges", minutes=home.deburr_min_m),
            lines.rates, share=0.4,
        )  # fmt: skip
    promise = lead.milled(home, plan, minutes, pieces, brief, (before, seen))
    used = Usage(home.id, plan.machine.id, set_up_h, run_h, plan.material.id, plan.stock.mass_kg * pieces)
    return lines.closed(brief, promise, used, tuple(told(key) for key in ("surface", "customs", "changes")))


def quote_printed(brief: Brief, prints: PrintFiles, report: Report, shop: ShopData, experience: Experience) -> Quote:
    """The price of an order that is printed, on the cheapest printer it was sliced for; as for `quote_milled`."""
    plate = min(prints.files, key=lambda f: (shop.printers[f.printer_id].rate_eur_h, f.printer_id))
    printer, filament = shop.printers[plate.printer_id], shop.filaments[plate.filament_id]
    home = shop.workshop_of(printer.id)
    if home is None or not report.passed:
        return _refused(brief, printer.id, report)
    hours, grams = report.metrics[f"{plate.dialect}.seconds"] / 3600, report.metrics[f"{plate.dialect}.filament_g"]
    return _printed(brief, home, (printer, filament), Share(hours, grams, hours), experience)


def quote_group(group: Group, report: Report, shop: ShopData, experience: Experience) -> Shares:
    """What each order of a plate costs: hours and filament of the plate by what the orders take alone.

    Setting up the printer and clearing the plate are in equal parts; all else is each order's own.
    """
    if not report.passed:
        return Shares(RULE, tuple(_refused(m.brief, group.printer_id, report) for m in group.members))
    hours, grams = report.metrics["seconds"] / 3600, report.metrics["filament_g"]
    return Shares(RULE, shared(group, (hours, grams), shop, experience))


def shared(group: Group, taken: tuple[float, float], shop: ShopData, experience: Experience) -> tuple[Quote, ...]:
    """The members' quotes for a plate that takes so many hours and grams."""
    printer, filament = shop.printers[group.printer_id], shop.filaments[group.filament_id]
    home = shop.workshop_of(printer.id)
    if home is None:
        return tuple(_unpriced(m.brief, printer.id, "refused") for m in group.members)
    hours = taken[0] / sum(m.alone_h for m in group.members)
    grams = taken[1] / sum(m.alone_g for m in group.members)
    return tuple(
        _printed(
            m.brief, home, (printer, filament),
            Share(m.alone_h * hours, m.alone_g * grams, taken[0], len(group.members)), experience,
        )
        for m in group.members
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Share:
    """An order's share of a plate's ``plate_h``: hours, filament, and how many orders share its setting up."""

    hours: float
    grams: float
    plate_h: float
    among: int = 1


def _printed(
    brief: Brief, home: Workshop, row: tuple[Printer, Filament], share: Share, experience: Experience
) -> Quote:
    (printer, filament), among = row, share.among
    told, lines = partial(say, brief.language), Lines(home, brief.language)
    with_others = told("among", count=among) if among > 1 else ""
    lines.add(
        "material", told("filament", filament=filament.name), (share.grams / 1000, "kg", filament.price_eur_kg),
        told("from-file"), lines.row("filament", filament.id),
    )  # fmt: skip
    set_up_h = lines.labour("setting up", told("printer") + with_others, 1, home.setup_min / among, 0.3)
    seen = experience.of(home.id, printer.id, filament.material_id, "run")
    rate = (printer.rate_eur_h, lines.row("printer", printer.id))
    run_h = lines.run(printer.name, share.hours, rate, seen, home.printer_attended, home.printer_power_kw)
    set_up_h += lines.labour("finishing and checking", told("plate") + with_others, 1, home.plate_min / among, 0.4)
    without = tuple(told(key) for key in ("surface", "customs", "changes", "hardware"))
    used = Usage(home.id, printer.id, set_up_h, run_h, filament.material_id, share.grams / 1000)
    return lines.closed(brief, lead.printed(home, share.plate_h, brief, seen), used, without)


def _refused(brief: Brief, machine: str, report: Report) -> Quote:
    return _unpriced(brief, machine, "refused" if report.passed else "not-proved")


def _unpriced(brief: Brief, machine: str, key: str) -> Quote:
    why = say(brief.language, key, machine=machine)
    return Quote(brief.order_id, "", brief.quantity, (), 0, 0, 0, None, (), why)


def _cutting_minutes(plan: ProcessPlan, report: Report) -> dict[int, float]:
    """Minutes each T number is in the cut: the simulated length of its operations at their feed."""
    table = next(t for t in report.tables if t.title == "Loads by operation")
    length = {row[0]: float(row[table.columns.index("cut length (mm)")]) for row in table.rows}
    spent: dict[int, float] = {}
    for setup in plan.setups:
        for name, one in zip(setup.names(), setup.operations, strict=True):
            minutes = length.get(name, 0.0) / one.cutting.feed_mm_min
            spent[one.tool_number] = spent.get(one.tool_number, 0.0) + minutes
    return spent


def _edges_m(design: Design) -> float:
    """Metres of edge of one ordered item."""
    from geometry import solids

    return sum(solids.edge_length_mm(solids.load(part.brep)) * part.quantity for part in design.parts) / 1000

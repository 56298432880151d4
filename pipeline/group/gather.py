"""Takes each order to its price alone, and tells which could share a plate and which never do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from model.design import Design
from model.errors import LotOneError
from model.files import Exports
from model.finding import Report
from model.group import Member
from model.order import Brief, Order
from model.program import PrintFiles
from model.quote import Quote
from model.tooling import ShopData
from pipeline.engine.asked import materials_of
from pipeline.engine.code import code_digest
from pipeline.engine.codec import encode
from pipeline.engine.events import Listener, silent
from pipeline.engine.personal import quiet_text, traces
from pipeline.engine.stage import Run
from pipeline.engine.store import Store, sha256
from pipeline.line import impersonal, travel
from pipeline.printing.meshes import skins
from pipeline.printing.orient import lay
from pipeline.printing.plate import Piece, pieces

Row = tuple[str, str, str]
"""Printer, filament and quality."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An order that is printed, as its own line left it: by what, its price alone, its pieces to place."""

    member: Member
    order_sha256: str
    row: Row
    quote: Quote
    pieces: tuple[Piece, ...]


def gathered(
    orders: Sequence[Order], shop: ShopData, store: Store, listen: Listener = silent
) -> dict[str, Candidate | str]:
    """Every order by its id: as a candidate, or why it is made alone."""
    return {order.id: _candidate(order, shop, store, listen) for order in orders}


def _candidate(order: Order, shop: ShopData, store: Store, listen: Listener) -> Candidate | str:
    hidden = traces(order.personal)
    order = impersonal(order)
    if len(materials_of(order, shop)) > 1:
        return "its material is left open, and is chosen when it is made"
    run = Run(order.id, store, code_digest(), listen)
    try:
        process = travel(order, shop, run, "quote")
    except LotOneError as error:
        return f"it cannot be made as it is: {quiet_text(error.message, hidden, order.id)}"
    if process != "print":
        return "it is cut from stock, and only prints are put together"
    prints, report, quote = run.value(PrintFiles), run.value(Report), run.value(Quote)
    if quote.refused:
        return f"it has no price alone: {quote.refused}"
    one = min(prints.files, key=lambda f: (shop.printers[f.printer_id].rate_eur_h, f.printer_id))
    design: Design = run.value(Design)
    exports: Exports = run.value(Exports)
    solids = skins(design, exports)
    layings = {p.name: lay(solids[p.name], p.annotations) for p in design.parts}
    brief: Brief = run.value(Brief)
    hours, grams = report.metrics[f"{one.dialect}.seconds"] / 3600, report.metrics[f"{one.dialect}.filament_g"]
    return Candidate(
        Member(brief, design, exports, hours, grams), sha256(encode(order)),
        (one.printer_id, one.filament_id, one.quality_id), quote, tuple(pieces(design, solids, layings)),
    )  # fmt: skip

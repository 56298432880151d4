"""Suggests which orders share a plate: first due first, on the first plate they fit, and only where it saves money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from model.group import Group, Spot
from model.tooling import ShopData
from pipeline.engine.store import sha256
from pipeline.group.gather import Candidate, Row
from pipeline.group.nest import nest
from pipeline.group.plan import Plan, Plate, Source
from pipeline.printing.plate import GRID_MM, MARGIN_MM, SPACING_MM
from pipeline.quote.stage import shared


def suggested(sources: Sequence[Source], found: Mapping[str, Candidate | str], shop: ShopData) -> Plan:
    """The plates, and for every order on none of them the reason."""
    rows: dict[Row, list[Candidate]] = {}
    for one in found.values():
        if isinstance(one, Candidate):
            rows.setdefault(one.row, []).append(one)
    plates = [plate for row in sorted(rows) for plate in _plates(row, rows[row], shop)]
    on_plate = {name for plate in plates for name in plate.orders}
    return Plan(
        tuple(replace(s, alone="" if s.order_id in on_plate else _why(found[s.order_id])) for s in sources),
        tuple(plates),
    )


def _why(one: Candidate | str) -> str:
    if isinstance(one, str):
        return one
    return f"no other order printed of {one.row[1]} on {one.row[0]} in {one.row[2]} quality fits beside it for less"


def _plates(row: Row, candidates: Sequence[Candidate], shop: ShopData) -> list[Plate]:
    """First fit: an order goes on the first plate it can join, all its pieces together."""
    made: list[tuple[list[Candidate], tuple[Spot, ...]]] = []
    for one in sorted(candidates, key=lambda c: (c.member.brief.due or "9999", c.member.brief.order_id)):
        for k, (there, _) in enumerate(made):
            spots = placed_on([*there, one], row, shop)
            if spots is not None:
                made[k] = ([*there, one], spots)
                break
        else:
            made.append(([one], ()))
    plates = [_plate(row, there, spots, shop) for there, spots in made if len(there) > 1]
    return [plate for plate in plates if plate is not None]


def placed_on(candidates: Sequence[Candidate], row: Row, shop: ShopData) -> tuple[Spot, ...] | None:
    """Every piece of some orders on one bed, the whole in its middle; None: they do not fit."""
    printer = shop.printers[row[0]]
    room = printer.bed_x_mm - 2 * MARGIN_MM, printer.bed_y_mm - 2 * MARGIN_MM
    items = [(c.member.brief.order_id, piece) for c in candidates for piece in c.pieces]
    boxes = nest([(p.x_mm, p.y_mm) for _, p in items], room, SPACING_MM)
    if boxes is None:
        return None
    wide, deep = max(b.x_mm + b.wide_mm for b in boxes), max(b.y_mm + b.deep_mm for b in boxes)
    left, front = (
        round((bed - used) / 2 / GRID_MM) * GRID_MM
        for bed, used in ((printer.bed_x_mm, wide), (printer.bed_y_mm, deep))
    )
    return tuple(
        Spot(name, p.part, p.copy, round(left + b.x_mm, 2), round(front + b.y_mm, 2), p.turn_deg + 90.0 * b.turned)
        for (name, p), b in zip(items, boxes, strict=True)
    )


def _plate(row: Row, there: Sequence[Candidate], spots: tuple[Spot, ...], shop: ShopData) -> Plate | None:
    """The plate and what it saves, reckoned with the hours and filament the orders take alone; None: nothing."""
    members = tuple(c.member for c in there)
    name = "plate-" + sha256("\n".join(sorted(c.order_sha256 for c in there)).encode())[:8]
    group = Group(name, *row, members, spots)
    taken = sum(m.alone_h for m in members), sum(m.alone_g for m in members)
    together = sum(q.total_cents for q in shared(group, taken, shop, shop.experience)) / 100
    alone = sum(c.quote.total_cents for c in there) / 100
    if together >= alone:
        return None
    home = shop.workshop_of(row[0])
    minutes = (len(there) - 1) * (home.setup_min + home.plate_min) if home else 0.0
    due = min((m.brief.due for m in members if m.brief.due), default="")
    saves = (
        f"{len(there)} orders, {len(spots)} pieces, about {taken[0]:.1f} h: saves {len(there) - 1} of {len(there)} "
        f"set-ups, {minutes:g} min of work, about {alone - together:.2f} of {alone:.2f} EUR"
    )
    return Plate(name, *row, spots, saves + (f"; first due {due}" if due else ""))

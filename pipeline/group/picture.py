"""Draws every plate of a plan: the bed from above, each piece with its order's id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from model.group import Group, piece_of
from model.tooling import ShopData
from pipeline.group.gather import Candidate
from pipeline.group.merge import design
from pipeline.group.plan import Plan
from pipeline.printing.meshes import skins
from pipeline.printing.orient import lay
from pipeline.printing.plate import placement
from pipeline.release.print_sheet import plate_picture


def pictures(plan: Plan, found: Mapping[str, Candidate | str], shop: ShopData) -> Iterator[tuple[str, bytes]]:
    """The id of every plate and its picture as SVG."""
    for plate in plan.plates:
        members = tuple(one.member for one in (found[n] for n in plate.orders) if isinstance(one, Candidate))
        whole = design(Group(plate.id, plate.printer_id, plate.filament_id, plate.quality_id, members, plate.spots))
        layings = {}
        for m in members:
            solids = skins(m.design, m.exports)
            for p in m.design.parts:
                layings[piece_of(m.design.order_id, p.name)] = lay(solids[p.name], p.annotations)
        spots = tuple(
            placement(name, s.copy, (s.x_mm, s.y_mm), s.turn_deg, layings[name])
            for name, s in ((piece_of(s.order_id, s.part), s) for s in plate.spots)
        )
        yield plate.id, plate_picture(whole, spots, shop.printers[plate.printer_id], "en")

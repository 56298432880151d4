"""Makes one order of several: their parts under names that say whose they are."""

from __future__ import annotations

from dataclasses import replace

from model.design import Design
from model.files import Exports
from model.group import Group, piece_of
from model.order import Brief

FAMILY = "group"
KEPT = ("stl", "step")
"""What a plate needs of an order's exports, and what its release hands on."""


def understand(group: Group) -> Brief:
    """The group as an order: of its members' material, due when the first of them is."""
    first = group.members[0].brief
    dues = [m.brief.due for m in group.members if m.brief.due]
    return Brief(
        group.id, FAMILY, {}, (), first.material_id, first.finish, first.tolerance_class, 1, min(dues, default=""),
        machine=group.printer_id,
    )  # fmt: skip


def design(group: Group) -> Design:
    """Every member's parts, as many of each as it orders."""
    parts = [
        replace(part, name=piece_of(m.design.order_id, part.name), quantity=part.quantity * m.design.quantity)
        for m in group.members
        for part in m.design.parts
    ]
    first = group.members[0].design
    title = f"Plate of {len(group.members)} orders"
    return Design(group.id, FAMILY, title, first.material_id, first.finish, 1, tuple(parts))


def export(group: Group) -> Exports:
    """Every member's solids and skins, in a folder of its own."""
    return Exports(
        tuple(
            replace(file, name=f"{m.design.order_id}/{file.name}")
            for m in group.members
            for file in m.exports.files
            if file.role in KEPT
        )
    )

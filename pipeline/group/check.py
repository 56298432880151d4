"""Holds a plan, changed by hand or not, against its orders: what cannot be made as it stands is named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from model.errors import OrderError
from model.finding import Finding
from model.group import Group, Member, Spot
from model.tooling import ShopData
from pipeline.engine.folder import safe_name
from pipeline.group.gather import Candidate
from pipeline.group.nest import Box
from pipeline.group.plan import Plan, Plate
from pipeline.printing.plate import MARGIN_MM, SPACING_MM

TURNS = (0.0, 90.0, 180.0, 270.0)
NEAR_MM = 0.011
"""A plan is written to hundredths of a millimetre."""


def checked(plan: Plan, found: Mapping[str, Candidate | str], shop: ShopData) -> tuple[Group, ...]:
    """The groups of a plan.

    Raises:
        OrderError: The code of the first finding; every one, with its plate, piece and number, is among them.
    """
    findings: list[Finding] = []
    seen: Counter[str] = Counter(name for plate in plan.plates for name in plate.orders)
    names = Counter(plate.id.casefold() for plate in plan.plates)
    for plate in plan.plates:
        safe_name(plate.id)
        if names[plate.id.casefold()] > 1 or plate.id.casefold() in {n.casefold() for n in found}:
            findings.append(_found("plate-id", plate.id, f"the id {plate.id} is used twice", "", ""))
        findings += [
            _found("order-twice", f"{plate.id} {name}", f"{name} is on {seen[name]} plates", seen[name], 1)
            for name in plate.orders
            if seen[name] > 1
        ]
        findings += _orders(plate, found) or _pieces(plate, found, shop)
    if findings:
        first = findings[0]
        more = f"; {len(findings) - 1} more" if len(findings) > 1 else ""
        raise OrderError(
            first.code, first.message + more, place=first.place, value=first.value, limit=first.limit,
            hint="Change the plan there, or write it anew with `lotone group plan`.", findings=tuple(findings),
        )  # fmt: skip
    return tuple(
        Group(p.id, p.printer_id, p.filament_id, p.quality_id, tuple(_members(p, found)), p.spots) for p in plan.plates
    )


def _members(plate: Plate, found: Mapping[str, Candidate | str]) -> list[Member]:
    return [one.member for one in (found[name] for name in plate.orders) if isinstance(one, Candidate)]


def _orders(plate: Plate, found: Mapping[str, Candidate | str]) -> list[Finding]:
    """Orders that are not in the plan, cannot be made, or are printed by something else."""
    out = []
    row = (plate.printer_id, plate.filament_id, plate.quality_id)
    for name in plate.orders:
        one = found.get(name)
        place = f"{plate.id} {name}"
        if one is None:
            out.append(
                _found("unknown-order", place, f"{name} is on {plate.id}, but no [[order]] of the plan", name, "")
            )
        elif isinstance(one, str):
            out.append(_found("not-printed", place, f"{name} cannot lie on {plate.id}: {one}", name, ""))
        elif one.row != row:
            text = f"{name} is printed by {' / '.join(one.row)}, {plate.id} by {' / '.join(row)}"
            out.append(_found("other-material", place, text, " / ".join(one.row), " / ".join(row)))
    if len(plate.orders) < 2:
        text = f"{plate.id} has {len(plate.orders)} orders; one alone needs no plate of the plan"
        out.append(_found("one-order", plate.id, text, len(plate.orders), 2))
    return out


def _pieces(plate: Plate, found: Mapping[str, Candidate | str], shop: ShopData) -> list[Finding]:
    """Pieces that are missing or not ordered, out of the bed's room, or too near to one another."""
    sizes: dict[tuple[str, str, int], tuple[float, float, float]] = {}
    for name in plate.orders:
        one = found[name]
        if isinstance(one, Candidate):
            sizes |= {(name, p.part, p.copy): (p.x_mm, p.y_mm, p.turn_deg) for p in one.pieces}
    have = Counter((s.order_id, s.part, s.copy) for s in plate.spots)
    out = [
        _found("piece-count", f"{plate.id} {_told(k)}", f"{_told(k)} lies {have[k]} times on {plate.id}", have[k],
               int(k in sizes))
        for k in sorted(have.keys() | sizes.keys())
        if have[k] != (k in sizes)
    ]  # fmt: skip
    out += [
        _found("turn", f"{plate.id} {_name(s)}", f"{_name(s)} is turned by {s.turn_deg:g} degrees", s.turn_deg,
               "0, 90, 180 or 270")
        for s in plate.spots if s.turn_deg not in TURNS
    ]  # fmt: skip
    if out:
        return out
    printer = shop.printers[plate.printer_id]
    boxes = [(_name(s), _box(s, sizes[s.order_id, s.part, s.copy])) for s in plate.spots]
    for k, (name, box) in enumerate(boxes):
        room = min(
            box.x_mm, box.y_mm, printer.bed_x_mm - box.x_mm - box.wide_mm, printer.bed_y_mm - box.y_mm - box.deep_mm
        )
        if room < MARGIN_MM - NEAR_MM:
            text = (
                f"{name} lies {room:.2f} mm from the edge of the bed of {printer.id}, at least {MARGIN_MM:g} are needed"
            )
            out.append(_found("off-bed", f"{plate.id} {name}", text, round(room, 3), MARGIN_MM))
        for other, there in boxes[k + 1 :]:
            gap = max(box.gaps(there))
            if gap < SPACING_MM - NEAR_MM:
                how = "overlap" if gap < 0 else f"are {gap:.2f} mm apart"
                text = f"{name} and {other} {how}, at least {SPACING_MM:g} mm between them are needed"
                out.append(_found("too-near", f"{plate.id} {name}, {other}", text, round(gap, 3), SPACING_MM))
    return out


def _box(spot: Spot, size: tuple[float, float, float]) -> Box:
    wide, deep, turn = size
    quarter = round((spot.turn_deg - turn) / 90) % 2
    return Box(spot.x_mm, spot.y_mm, *((deep, wide) if quarter else (wide, deep)))


def _name(spot: Spot) -> str:
    return _told((spot.order_id, spot.part, spot.copy))


def _told(key: tuple[str, str, int]) -> str:
    return f"{key[0]}/{key[1]} {key[2]}"


def _found(what: str, place: str, message: str, value: float | str, limit: float | str) -> Finding:
    return Finding(f"group.{what}", message, place, value, limit)

"""Orders made together: which, and where each of their pieces lies."""

from __future__ import annotations

from dataclasses import dataclass

from model.design import Design
from model.files import Exports
from model.order import Brief
from model.quote import Quote


@dataclass(frozen=True, slots=True)
class Spot:
    """Where one piece of an order lies: laid as alone, turned about z, its box corner put at (x, y)."""

    order_id: str
    part: str
    copy: int
    x_mm: float
    y_mm: float
    turn_deg: float


@dataclass(frozen=True, slots=True)
class Member:
    """One order of a group as its own line left it, and what it takes when it is made alone."""

    brief: Brief
    design: Design
    exports: Exports
    alone_h: float
    alone_g: float


@dataclass(frozen=True, slots=True)
class Group:
    """Orders printed on one plate; ``spots`` hold every piece of every member once."""

    id: str
    printer_id: str
    filament_id: str
    quality_id: str
    members: tuple[Member, ...]
    spots: tuple[Spot, ...]


@dataclass(frozen=True, slots=True)
class Shares:
    """What each order of a group costs; ``rule`` says how the group's cost is shared."""

    rule: str
    quotes: tuple[Quote, ...]


def piece_of(order_id: str, part: str) -> str:
    """The name of an order's part within a group: no order's id holds a slash."""
    return f"{order_id}/{part}"

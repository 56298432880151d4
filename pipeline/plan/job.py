"""A plan in the making: the order of the sides, the blank, what is cut so far, and what could not be."""

from __future__ import annotations

from dataclasses import dataclass, field

from model.errors import CapabilityError
from model.feature import Hole
from model.finding import Finding
from model.plan import Setup, Stock
from model.tooling import Machine, Vise
from pipeline.plan.coverage import Flags
from pipeline.plan.sides import Views
from pipeline.plan.ways import Ways
from pipeline.plan.workpiece import Workpiece

Corner = tuple[float, float, float]


@dataclass
class Job:
    """One plan.

    ``low`` and ``high`` are the blank's corners in the part's frame; ``made`` marks spots that are cut, ``later`` those
    that further sides make when the part is out of its frame.

    ``framed``: the part stands in a frame of its blank, which the jaws hold.
    ``plain``: every feature is made by the first of its ways. ``failed`` are refusals with the spots they concern: they
    count only when nothing else makes those.
    ``ways`` are how each side's features may be cut, with the holes among them, ``chosen`` which of them are: first by
    each side for itself, then by all together; ``told`` is why.
    """

    part: Workpiece
    machine: Machine
    vise: Vise
    views: Views
    order: tuple[str, ...]
    stock: Stock
    low: Corner
    high: Corner
    made: Flags
    later: Flags
    framed: bool = False
    plain: bool = False
    setups: list[Setup] = field(default_factory=list)
    holes: list[tuple[Setup, Hole]] = field(default_factory=list)
    unreachable: list[Finding] = field(default_factory=list)
    failed: list[tuple[CapabilityError, Flags]] = field(default_factory=list)
    ways: dict[int, tuple[Ways, list[Hole]]] = field(default_factory=dict)
    chosen: dict[int, tuple[int, ...]] = field(default_factory=dict)
    told: list[Finding] = field(default_factory=list)

"""What an order costs, line by line, and when it can be there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Group = Literal["material", "setting up", "making", "finishing and checking", "business"]


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """One line: ``quantity`` of ``unit`` at ``rate_eur`` each; ``amount_cents`` is that product, rounded half up.

    ``quantity_from`` and ``rate_from`` say where both come from: a simulation, a measurement of the solid, a row.
    ``share`` is how far the quantity may be off, as a fraction (0: it is counted).
    """

    group: Group
    what: str
    quantity: float
    unit: str
    rate_eur: float
    amount_cents: int
    quantity_from: str
    rate_from: str
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class LeadTime:
    """Working hours until it is handed over: half of such orders take at most ``p50_h``, nine of ten at most ``p90_h``.

    ``phases`` are (name, P50, P90) of each phase; what is not known (the queue before the machine) is in ``without``.
    """

    p50_h: float
    p90_h: float
    phases: tuple[tuple[str, float, float], ...]
    without: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rush:
    """The same order before all others in the queue: what that adds, and its promise."""

    more_cents: int
    p50_h: float
    p90_h: float
    begin_by: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """What an order takes of its workshop, all its pieces: a machine's hours, set up and running, and material."""

    workshop: str
    machine: str
    set_up_h: float
    run_h: float
    material: str
    material_kg: float


@dataclass(frozen=True, slots=True)
class Quote:
    """The price of an order of ``pieces``; ``lines`` add up to ``total_cents``, exactly.

    ``low_cents`` and ``high_cents`` bound the total when every line is off by its share at once in the same direction.
    ``not_priced`` names what costs and stands in no line. Without lines, ``refused`` says why there is no price.
    ``begin_by`` (ISO 8601) is the last moment at which nine of ten such orders are there when due; "" without a date.
    """

    order_id: str
    workshop: str
    pieces: int
    lines: tuple[QuoteLine, ...]
    total_cents: int
    low_cents: int
    high_cents: int
    lead: LeadTime | None
    not_priced: tuple[str, ...] = ()
    refused: str = ""
    begin_by: str = ""
    rush: Rush | None = None
    usage: Usage | None = None

    @property
    def groups(self) -> tuple[tuple[Group, int], ...]:
        """The five groups with their sums in cents, in the order of the lines."""
        sums: dict[Group, int] = {}
        for line in self.lines:
            sums[line.group] = sums.get(line.group, 0) + line.amount_cents
        return tuple(sums.items())

    @property
    def drivers(self) -> tuple[QuoteLine, ...]:
        """The three lines that cost most."""
        return tuple(sorted(self.lines, key=lambda line: -line.amount_cents)[:3])


@dataclass(frozen=True, slots=True)
class Option:
    """One way to have an order made: of which material, by which process, in whose workshop, for how much and how soon.

    ``begin_by`` is as in the quote; ``against`` says why it is no way at all: a refusal, a tolerance it does not keep.
    """

    material_id: str
    process: str
    workshop: str
    total_cents: int
    p90_h: float
    begin_by: str
    language: str = "en"
    against: str = ""

"""Collects the lines of a quote at one workshop's rates, and closes it with what the business costs."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from typing import TYPE_CHECKING

from model.quote import Group, LeadTime, Quote, QuoteLine, Usage
from pipeline.quote.lead import begin_by, rushed
from pipeline.quote.words import say

if TYPE_CHECKING:
    from model.floor import Learned
    from model.order import Brief
    from model.tooling import Workshop

Priced = tuple[float, str, float]
"""A quantity, its unit, and EUR for one of it."""


def cents(amount_eur: float) -> int:
    """Whole cents, half up, of an amount computed in binary: its ninth digit is not the customer's."""
    return int((Decimal(f"{amount_eur:.8f}") * 100).quantize(Decimal(1), ROUND_HALF_UP))


class Lines:
    """The lines of one quote."""

    def __init__(self, home: Workshop, language: str) -> None:
        """Start empty, at the rates of ``home``."""
        self.home = home
        self.told = partial(say, language)
        self.lines: list[QuoteLine] = []
        self.rates = self.row("workshop", home.id)

    def row(self, kind: str, name: str) -> str:
        """Where a rate comes from: a row of the tooling database."""
        return self.told("row", kind=kind, name=name)

    def add(
        self, group: Group, what: str, priced: Priced, quantity_from: str, rate_from: str, *, share: float = 0.0
    ) -> None:
        """One line; what comes to less than half a cent is none."""
        quantity, unit, rate = priced
        told = round(quantity, 6)
        amount = cents(told * rate)
        if amount > 0:
            self.lines.append(QuoteLine(group, what, told, unit, rate, amount, quantity_from, rate_from, share))

    def labour(
        self, group: Group, what: str, count: int, minutes: float, share: float = 0.2, seen: Learned | None = None
    ) -> float:
        """A worker's time: so many times so many minutes, scaled by what the floor taught; returns its hours."""
        origin = self.told("from-minutes", count=count, minutes=minutes)
        hours, origin, share = self._taught(count * minutes / 60, origin, share, seen)
        self.add(group, what, (hours, "h", self.home.labour_eur_h), origin, self.rates, share=share)
        return hours

    def run(
        self,
        machine: str,
        hours: float,
        rate: tuple[float, str],
        seen: Learned | None,
        attended: float,
        power_kw: float,
    ) -> float:
        """A machine's run: its hours as the floor taught them (returned), the worker beside it, its current."""
        home, (rate_eur_h, rate_from) = self.home, rate
        hours, origin, share = self._taught(hours, self.told("from-simulation"), home.spread - 1, seen)
        lines: tuple[tuple[str, Priced, str, str], ...] = (
            (self.told("run", machine=machine), (hours, "h", rate_eur_h), origin, rate_from),
            (self.told("beside"), (hours * attended, "h", home.labour_eur_h),
             self.told("from-share", share=attended), self.rates),
            (self.told("current"), (hours * power_kw, "kWh", home.energy_eur_kwh),
             self.told("from-power", kw=power_kw), self.rates),
        )  # fmt: skip
        for what, priced, source, row in lines:
            self.add("making", what, priced, source, row, share=share)
        return hours

    def _taught(self, hours: float, origin: str, share: float, seen: Learned | None) -> tuple[float, str, float]:
        """Hours, where they come from and how far they may be off, after what was learned of them."""
        if seen is None:
            return hours, origin, share
        origin += self.told("learned", factor=seen.factor, runs=seen.runs)
        return hours * seen.factor, origin, seen.spread - 1

    def closed(self, brief: Brief, promise: LeadTime, usage: Usage, not_priced: tuple[str, ...]) -> Quote:
        """Checking, packing, scrap, mark-up, parcel and payment on top; the whole quote."""
        home, told = self.home, self.told
        self.labour("finishing and checking", told("first"), 1, home.check_min)
        self.labour("finishing and checking", told("packed"), 1, home.pack_min)
        made = self._sum("material") + self._sum("making")
        self._business(told("scrap", share=home.scrap), (made, "EUR", home.scrap), "of-making")
        self._business(told("planned"), (1, "order", home.compute_eur), "from-order")
        self._business(told("mark-up"), (self._sum(""), "EUR", home.margin), "of-all")
        self._business(told("parcel"), (1, "parcel", home.shipping_eur), "from-order")
        self._business(told("payment-fixed"), (1, "payment", home.payment_eur), "from-order")
        # The service takes its share of a price it is itself a part of: price x (1 - share) = all lines above.
        taken = home.payment / (1 - home.payment)
        self._business(told("payment-share"), (self._sum(""), "EUR", taken), "of-all")
        total = sum(line.amount_cents for line in self.lines)
        off = round(sum(line.amount_cents * line.share for line in self.lines))
        lines = tuple(self.lines)
        return Quote(
            brief.order_id, home.id, brief.quantity, lines, total, total - off, total + off, promise, not_priced,
            begin_by=begin_by(brief.due, promise.p90_h), rush=rushed(home, promise, total, brief.due),
            usage=usage,
        )  # fmt: skip

    def _sum(self, group: str) -> float:
        """EUR of one group's lines so far; of all without a group."""
        return sum(line.amount_cents for line in self.lines if group in ("", line.group)) / 100

    def _business(self, what: str, priced: Priced, origin: str) -> None:
        """A line of the business, unless it costs nothing here."""
        if priced[2] > 0:
            self.add("business", what, priced, self.told(origin), self.rates)

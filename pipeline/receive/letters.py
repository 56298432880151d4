"""Works through what web shops sent: orders into the queue, cancelled ones out of it, the rest told."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model.errors import ConfigError, OrderError
from pipeline.customers.inbox import Inbox, Letter
from pipeline.engine.outcome import Problem, problem_of
from pipeline.intake.documents import Document
from pipeline.intake.mapping import Shop
from pipeline.intake.payloads import bought, order_ids, orders_of
from pipeline.receive import etsy
from pipeline.receive.door import Door

NOWHERE = Path("/nonexistent")
"""Web shops send no files: an order that names one is refused, whatever lies where this runs."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Who works the letters: with the shops' files, through the door."""

    inbox: Inbox
    door: Door
    shops: Mapping[str, Shop]
    tell: Callable[[str], None]

    def work(self) -> int:
        """Work every letter that is due; returns how many."""
        letters = self.inbox.due()
        for letter in letters:
            try:
                ids = self._orders(letter)
            except etsy.Unreachable as error:
                self.inbox.later(letter, Problem("receive.unreachable", "config", str(error), ConfigError.exit_code))
                self.tell(f"letter {letter.id} of {letter.shop}: {error}; it is tried again")
            except ConfigError as error:
                self.inbox.later(letter, problem_of(error, "receive"))
                self.tell(f"letter {letter.id} of {letter.shop}: {error.code}: {error.message}; it is tried again")
            except OrderError as error:
                problem = problem_of(error, "receive")
                self.inbox.failed(letter, problem)
                self.tell(f"letter {letter.id} of {letter.shop}: {problem.code}: {problem.message}")
            else:
                self.inbox.done(letter, ids)
                self.tell(f"letter {letter.id} of {letter.shop}: {', '.join(ids) or 'no order'}")
        return len(letters)

    def poll(self, shop: Shop) -> int:
        """Ask Etsy for what no webhook told of; returns how many receipts are new."""
        try:
            return sum(self.inbox.put(shop.name, name, body) for name, body in etsy.receipts(shop))
        except (etsy.Unreachable, ConfigError) as error:
            self.tell(f"{shop.name}: {error}; it is asked again")
            return 0

    def _orders(self, letter: Letter) -> list[str]:
        shop = self.shops.get(letter.shop)
        if shop is None:
            hint = "Serve its file again, or erase the letter."
            raise ConfigError("receive.no-shop", f"no file tells of {letter.shop}", place=letter.shop, hint=hint)
        payload = _parsed(letter.body)
        if shop.channel == "etsy" and (number := etsy.told_receipt(payload)):
            payload = etsy.receipt(shop, number)
        one = bought(payload, shop.channel)
        if one.state == "cancelled":
            self.door.withdraw(order_ids(one, shop))
            return []
        if one.state == "unpaid":
            return []
        name = f"{shop.name}, order {one.number}"
        admitted = [
            self.door.admit(Document(value), name, NOWHERE, shop.name, shop.terms) for value in orders_of(one, shop)
        ]
        return [order.order_id for order in admitted]


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        hint = "Set the webhook's format to JSON."
        raise OrderError("intake.bad-payload", "the letter is no JSON", place="body", hint=hint) from error

"""What web shops sent, sealed as it came until orders are made of it."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError

from pipeline.customers.tables import INBOX
from pipeline.customers.vault import Vault, now
from pipeline.engine.codec import encode
from pipeline.engine.outcome import Problem

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

FIRST_S, LONGEST_S = 15.0, 3600.0
"""How long a letter waits that could not be worked now; twice as long every time."""
LETTERS = 50


@dataclass(frozen=True, slots=True)
class Letter:
    """One delivery; ``body`` is as it came, byte for byte."""

    id: int
    shop: str
    tries: int
    body: bytes


class Inbox:
    """The letters of one state database."""

    def __init__(self, vault: Vault) -> None:
        self.vault = vault
        self.engine = vault.engine

    def put(self, shop: str, delivery: str, body: bytes) -> bool:
        """Keep a letter; false: this delivery was here before.

        Raises:
            ConfigError: The shop's key is not there.
        """
        same = select(INBOX.c.id).where(INBOX.c.shop == shop, INBOX.c.delivery == delivery)
        with self.engine.connect() as connection:
            if connection.execute(same).first() is not None:
                return False
        row = {"shop": shop, "delivery": delivery, "at": now(), "sealed": self.vault.seal(body), "state": "new",
               "tries": 0, "due": 0.0, "problem": "", "orders": "[]"}  # fmt: skip
        try:
            with self.engine.begin() as connection:
                connection.execute(insert(INBOX).values(**row))
        except IntegrityError:  # delivered twice at the same moment
            return False
        return True

    def due(self) -> tuple[Letter, ...]:
        """The letters to be worked now, the oldest first."""
        query = select(INBOX).where(INBOX.c.state == "new", INBOX.c.due <= time.time()).order_by(INBOX.c.id)
        with self.engine.connect() as connection:
            rows = connection.execute(query.limit(LETTERS)).mappings().all()
        return tuple(Letter(r["id"], r["shop"], r["tries"], self.vault.unseal(r["sealed"])) for r in rows)

    def done(self, letter: Letter, orders: Sequence[str]) -> None:
        """Orders were made of it, or none were to be: the body goes."""
        self._set(letter, state="done", sealed="", problem="", orders=json.dumps(list(orders)))

    def failed(self, letter: Letter, problem: Problem) -> None:
        """Nobody can make an order of it as it is; it waits for people."""
        self._set(letter, state="failed", problem=encode(problem).decode())

    def later(self, letter: Letter, problem: Problem) -> None:
        """It could not be worked now and is tried again."""
        wait_s = min(FIRST_S * 2**letter.tries, LONGEST_S)
        told = encode(problem).decode()
        self._set(letter, tries=letter.tries + 1, due=time.time() + wait_s, problem=told)

    def again(self) -> int:
        """Work everything anew that waits for people; returns how many."""
        with self.engine.begin() as connection:
            waiting = update(INBOX).where(INBOX.c.sealed != "")
            return connection.execute(waiting.values(state="new", due=0.0, tries=0)).rowcount

    def counts(self) -> dict[str, int]:
        """How many letters are in each state."""
        query = select(INBOX.c.state, func.count()).group_by(INBOX.c.state)
        with self.engine.connect() as connection:
            return {str(row[0]): int(row[1]) for row in connection.execute(query)}

    def waiting(self) -> tuple[dict[str, Any], ...]:
        """The letters no order was made of yet, and why."""
        query = select(INBOX).where(INBOX.c.state != "done").order_by(INBOX.c.id)
        with self.engine.connect() as connection:
            return tuple(_shown(row) for row in connection.execute(query).mappings())

    def _set(self, letter: Letter, state: Literal["new", "done", "failed"] = "new", **values: Any) -> None:
        with self.vault.writing() as connection:
            connection.execute(update(INBOX).where(INBOX.c.id == letter.id).values(state=state, **values))


def _shown(row: RowMapping) -> dict[str, Any]:
    problem = json.loads(row["problem"]) if row["problem"] else None
    told = {name: row[name] for name in ("id", "shop", "delivery", "at", "state", "tries")}
    return {**told, "problem": problem}

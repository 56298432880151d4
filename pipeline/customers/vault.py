"""Keeps who ordered, and what they wrote freely, sealed apart from the orders; tells all of it, and erases it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, text, update

from model.errors import ConfigError, OrderError
from pipeline.customers import key as keys
from pipeline.customers.tables import CONSENTS, INBOX, PERSONAL

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, Table


@dataclass(frozen=True, slots=True)
class Held:
    """What is known of an order's customer; ``wishes`` are the order file's own."""

    customer: Mapping[str, str] = field(default_factory=dict)
    wishes: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Consent:
    """One thing agreed to or not: ``at`` is when the customer was asked, ``told_by`` the shop that tells it."""

    purpose: str
    given: bool
    at: str
    text_version: str
    told_by: str


class Vault:
    """The sealed tables of one state database; ``key`` is the shop's key file, opened only when it is needed."""

    def __init__(self, engine: Engine, key: Path) -> None:
        self.engine = engine
        self.key = key

    def seal(self, value: bytes) -> str:
        """The value as only the shop's key opens it.

        Raises:
            ConfigError: The key is not there, or is none.
        """
        return keys.read(self.key).encrypt(value).decode()

    def unseal(self, sealed: str) -> bytes:
        """What was sealed.

        Raises:
            ConfigError: As :meth:`seal`; ``customers.wrong-key``.
        """
        from cryptography.fernet import InvalidToken

        try:
            return keys.read(self.key).decrypt(sealed)
        except InvalidToken as error:
            message = f"{self.key} is not the key this was sealed with"
            hint = "Name the shop's own key with LOTONE_KEY; without it nobody can read what was sealed."
            raise ConfigError("customers.wrong-key", message, place=str(self.key), hint=hint) from error

    def keep(self, file: str, order_id: str, revision: int, held: Held, consents: Sequence[Consent]) -> None:
        """Keep what an order's file does not say; told again, the newest stands. What was erased stays erased."""
        row = self._row(file)
        if row is not None and row["erased_at"]:
            return
        sealed = self.seal(_written({"customer": dict(held.customer), "wishes": [dict(w) for w in held.wishes]}))
        told = {"order_id": order_id, "revision": revision, "wishes": bool(held.wishes)}
        values = {**told, "sealed": sealed, "at": now()}
        with self.engine.begin() as connection:
            same = (PERSONAL.c.file == file) & (PERSONAL.c.erased_at == "")
            if not connection.execute(update(PERSONAL).where(same).values(**values)).rowcount:
                connection.execute(insert(PERSONAL).values(file=file, erased_at="", **values))
                rows = [{"order_id": order_id, **_plain(one)} for one in consents]
                if rows:
                    connection.execute(insert(CONSENTS), rows)

    def held(self, file: str) -> Held | None:
        """What is known of the customer of an order's file; None: nothing is kept of it.

        Raises:
            OrderError: ``customers.erased``: what was to be made stood in words that are erased.
            ConfigError: The key is missing or is another.
        """
        row = self._row(file)
        if row is None:
            return None
        if row["sealed"]:
            return _held(json.loads(self.unseal(row["sealed"])))
        if row["wishes"]:
            message = f"what the customer of {row['order_id']} wrote was erased, and the order with it"
            raise OrderError("customers.erased", message, place=row["order_id"], hint="Order it anew.")
        return Held()

    def revision(self, file: str) -> int:
        """The revision of an order's file; 0: it did not come through a door."""
        row = self._row(file)
        return int(row["revision"]) if row is not None else 0

    def export(self, who: Sequence[str]) -> dict[str, Any]:
        """Everything held on one customer, named by order ids, references, e-mail addresses or telephone numbers."""
        orders = [{**_without_seal(row), **told} for row, told in self._matching(PERSONAL, who)]
        ids = {one["order_id"] for one in orders} | set(who)
        with self.engine.connect() as connection:
            rows = connection.execute(select(CONSENTS).where(CONSENTS.c.order_id.in_(ids)).order_by(CONSENTS.c.id))
            consents = [{k: v for k, v in row.items() if k != "id"} for row in rows.mappings()]
        letters = [{**_without_seal(row), "body": told} for row, told in self._matching(INBOX, who)]
        return {"schema": "lotone.customer/1", "orders": orders, "consents": consents, "inbox": letters}

    def erase(self, who: Sequence[str]) -> dict[str, Held]:
        """Erase everything held on one customer; what was agreed to stays, it names an order only.

        Returns:
            What was erased, by order id.
        """
        orders = self._matching(PERSONAL, who)
        letters = self._matching(INBOX, who)
        with self._erasing() as connection:
            for row, _ in orders:
                gone = {"sealed": "", "erased_at": now()}
                connection.execute(update(PERSONAL).where(PERSONAL.c.file == row["file"]).values(**gone))
            for row, _ in letters:
                connection.execute(delete(INBOX).where(INBOX.c.id == row["id"]))
        return {row["order_id"]: _held(told) for row, told in orders}

    def renew(self) -> int:
        """Seal everything anew with a new key; returns how many things that were.

        The last key but one is dropped: after a second renewal no old copy of the database can be opened.
        """
        keys.renew(self.key)
        count = 0
        for table, name in ((PERSONAL, "file"), (INBOX, "id")):
            with self._erasing() as connection:
                for row in connection.execute(select(table).where(table.c.sealed != "")).mappings().all():
                    again = self.seal(self.unseal(row["sealed"]))
                    same = (table.c[name] == row[name]) & (table.c.sealed == row["sealed"])
                    count += connection.execute(update(table).where(same).values(sealed=again)).rowcount
        return count

    def _row(self, file: str) -> Any:
        with self.engine.connect() as connection:
            return connection.execute(select(PERSONAL).where(PERSONAL.c.file == file)).mappings().first()

    def _matching(self, table: Table, who: Sequence[str]) -> list[tuple[Any, Any]]:
        """The rows that are about one of those named, with what is sealed in them."""
        exact = {one.casefold() for one in who} - {""}
        reached = {_reach(one) for one in who} - {""}
        found = []
        with self.engine.connect() as connection:
            rows = connection.execute(select(table).where(table.c.sealed != "")).mappings().all()
        for row in rows:
            told = _read(self.unseal(row["sealed"]))
            who_else = told["customer"] if table is PERSONAL else {}
            ids = {row["order_id"], who_else.get("ref", "")} if table is PERSONAL else set(json.loads(row["orders"]))
            reach = {_reach(one) for one in (_texts(told) if table is INBOX else who_else.values())}
            if exact & {one.casefold() for one in ids} or reached & reach:
                found.append((row, told))
        return found

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that overwrites in a SQLite file what it takes away."""
        with self.engine.begin() as connection:
            if self.engine.dialect.name == "sqlite":
                connection.execute(text("PRAGMA secure_delete=ON"))
            yield connection

    @contextmanager
    def _erasing(self) -> Iterator[Connection]:
        """The same, and nothing of the old is left in the file's log."""
        with self.writing() as connection:
            yield connection
        if self.engine.dialect.name == "sqlite":
            with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))


def now() -> str:
    """This moment in ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _reach(text: str) -> str:
    """One writing for the same e-mail address or telephone number; "" for what is neither."""
    plain = text.strip().casefold()
    if "@" in plain:
        return plain
    digits = re.sub(r"\D", "", plain)
    return digits[-10:] if len(digits) >= 7 and re.fullmatch(r"[\d\s()+./–-]+", plain) else ""


def _read(data: bytes) -> Any:
    """What was sealed: ours, or a web shop's letter, which may be anything."""
    try:
        return json.loads(data)
    except ValueError:
        return data.decode(errors="replace")


def _texts(value: Any) -> list[str]:
    """Every text in a web shop's letter."""
    if isinstance(value, dict):
        return [one for item in value.values() for one in _texts(item)]
    if isinstance(value, list):
        return [one for item in value for one in _texts(item)]
    return [value] if isinstance(value, str) else []


def _held(told: Mapping[str, Any]) -> Held:
    return Held(told["customer"], tuple(told["wishes"]))


def _plain(one: Consent) -> dict[str, Any]:
    return {name: getattr(one, name) for name in Consent.__dataclass_fields__}


def _written(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True).encode()


def _without_seal(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(name): value for name, value in row.items() if name not in ("sealed", "id", "due")}

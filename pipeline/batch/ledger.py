"""The queue's own tables: orders, what happened to them, what their stages gave, the nodes and machines at work."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Collection, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
    update,
)

from model.errors import OrderError
from pipeline.batch.port import CRASHED, Passed, Request, Standing, State
from pipeline.engine.codec import decode, encode
from pipeline.engine.columns import needed
from pipeline.engine.outcome import Outcome
from pipeline.engine.personal import quiet, quiet_text
from pipeline.engine.times import now

if TYPE_CHECKING:
    from sqlalchemy import Engine, RowMapping

TABLES = MetaData()


ORDERS = Table(
    "orders", TABLES, Column("key", String(160), primary_key=True),
    Column("order_id", String(120), nullable=False, index=True), *needed(Integer, "number", "rank", "crashes"),
    *needed(Text, "request", "outcome"), Column("state", String(20), nullable=False, index=True),
    *needed(Boolean, "handed"), *needed(String(120), "node"),
    *needed(String(32), "submitted_at", "started_at", "ended_at", "made_at"),
)  # fmt: skip
EVENTS = Table(
    "events", TABLES, Column("id", Integer, primary_key=True), Column("key", String(160), nullable=False, index=True),
    *needed(String(32), "at"), *needed(String(20), "what"), *needed(Text, "detail"),
)  # fmt: skip
ARTIFACTS = Table(
    "artifacts", TABLES, Column("key", String(160), primary_key=True), Column("stage", String(40), primary_key=True),
    *needed(Integer, "position"), *needed(String(64), "store_key", "output"), *needed(Boolean, "cached"),
    *needed(Float, "seconds"),
)  # fmt: skip
AT_MACHINES = Table(
    "at_machines", TABLES, Column("machine", String(80), primary_key=True), *needed(String(80), "workshop"),
    *needed(String(160), "key"), *needed(String(32), "since"),
)  # fmt: skip
NODES = Table(
    "nodes", TABLES, Column("id", String(120), primary_key=True), *needed(String(255), "host"),
    *needed(Integer, "pid"), *needed(Float, "seen"),
)  # fmt: skip
SILENT_S = 60.0
"""A node of another host that has not been heard of for so long is dead; one of this host when its process is gone."""
UNDER_WAY: tuple[State, ...] = ("queued", "running")


class Ledger:
    """The tables of one state database. Every method is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def submit(self, request: Request, outcome: Outcome | None = None) -> str:
        """Enter an order; one under way keeps its key, unless its file or what is asked of it has changed.

        With an ``outcome`` it is over at once: it was refused at the door.
        """
        text = json.dumps(asdict(request), sort_keys=True)
        with self.engine.begin() as connection:
            row = connection.execute(
                select(ORDERS.c.key, ORDERS.c.number, ORDERS.c.state, ORDERS.c.request)
                .where(ORDERS.c.order_id == request.order_id)
                .order_by(ORDERS.c.number.desc())
                .limit(1)
            ).first()
            if row is not None and row.state in UNDER_WAY:
                if row.request == text and outcome is None:
                    return str(row.key)
                _end(connection, row.key, "cancelled", "another revision of the order was submitted")
            number = row.number + 1 if row is not None else 1
            key = f"{request.order_id}/{number}"
            connection.execute(
                insert(ORDERS).values(
                    key=key, order_id=request.order_id, number=number, request=text, rank=request.rank,
                    state=_state(outcome) if outcome else "queued", handed=outcome is not None, crashes=0, node="",
                    outcome=encode(outcome).decode() if outcome else "", submitted_at=now(), started_at="",
                    ended_at=now() if outcome else "", made_at="",
                )
            )  # fmt: skip
            _note(connection, key, _state(outcome) if outcome else "submitted")
        return key

    def unhanded(self, *, all_again: bool = False) -> tuple[tuple[str, int], ...]:
        """Keys and ranks of the orders the engine has not been given; ``all_again``: it may have lost them."""
        with self.engine.begin() as connection:
            if all_again:
                connection.execute(update(ORDERS).where(ORDERS.c.state.in_(UNDER_WAY)).values(handed=False))
            rows = connection.execute(
                select(ORDERS.c.key, ORDERS.c.rank)
                .where(ORDERS.c.state.in_(UNDER_WAY), ORDERS.c.handed.is_(False))
                .order_by(ORDERS.c.rank, ORDERS.c.submitted_at, ORDERS.c.key)
            )
            return tuple((row.key, row.rank) for row in rows)

    def hand(self, keys: Collection[str]) -> None:
        """The engine has them."""
        with self.engine.begin() as connection:
            connection.execute(update(ORDERS).where(ORDERS.c.key.in_(keys)).values(handed=True))

    def begin(self, key: str, node: str) -> tuple[Request, int] | None:
        """A node takes an order in hand: what is asked, and how often it has crashed; None: it is over."""
        with self.engine.begin() as connection:
            changed = connection.execute(
                update(ORDERS)
                .where(ORDERS.c.key == key, ORDERS.c.state.in_(UNDER_WAY))
                .values(
                    state="running",
                    node=node,
                    started_at=func.coalesce(func.nullif(ORDERS.c.started_at, ""), now()),
                )
            )
            if not changed.rowcount:
                return None
            _note(connection, key, "running", node)
            row = connection.execute(select(ORDERS.c.request, ORDERS.c.crashes).where(ORDERS.c.key == key)).one()
        return Request(**json.loads(row.request)), row.crashes

    def crashed(self, key: str, detail: str) -> None:
        """The child at work on an order died."""
        with self.engine.begin() as connection:
            connection.execute(update(ORDERS).where(ORDERS.c.key == key).values(crashes=ORDERS.c.crashes + 1))
            _note(connection, key, "crashed", detail)

    def end(self, key: str, outcome: Outcome, steps: Sequence[Passed] = ()) -> State:
        """An order is over, with the stages behind it, once: whoever comes second is not heard.

        Returns how it ended.
        """
        state = _state(outcome)
        with self.engine.begin() as connection:
            changed = connection.execute(
                update(ORDERS)
                .where(ORDERS.c.key == key, ORDERS.c.state.in_(UNDER_WAY))
                .values(state=state, outcome=encode(outcome).decode(), ended_at=now())
            )
            if not changed.rowcount:
                return self.state(key)
            _note(connection, key, state, outcome.problem.code if outcome.problem else "")
            last = {step.stage: step for step in steps}.values()  # a stage may have been gone through again
            rows = [{"key": key, "position": n, **asdict(step)} for n, step in enumerate(last)]
            if rows:
                connection.execute(insert(ARTIFACTS), rows)
        return state

    def hush(self, order_id: str, hidden: Sequence[str]) -> None:
        """Blank words out of what is told of how an order ended."""
        query = select(ORDERS.c.key, ORDERS.c.outcome).where(ORDERS.c.order_id == order_id, ORDERS.c.outcome != "")
        with self.engine.begin() as connection:
            for row in connection.execute(query).all():
                told = decode(Outcome, row.outcome.encode())
                told = replace(
                    told,
                    problem=told.problem and quiet(told.problem, hidden, order_id),
                    notes=tuple(quiet_text(note, hidden, order_id) for note in told.notes),
                )
                connection.execute(update(ORDERS).where(ORDERS.c.key == row.key).values(outcome=encode(told).decode()))

    def cancel(self, keys: Collection[str]) -> int:
        """Orders that are not over are cancelled; returns how many."""
        with self.engine.begin() as connection:
            return sum(_end(connection, key, "cancelled", "asked") for key in keys)

    def state(self, key: str) -> State:
        """The state alone."""
        with self.engine.connect() as connection:
            found: State = connection.execute(select(ORDERS.c.state).where(ORDERS.c.key == key)).scalar_one()
        return found

    def open(self, keys: Collection[str]) -> int:
        """How many of some orders are not over yet."""
        query = select(ORDERS.c.key).where(ORDERS.c.state.in_(UNDER_WAY))
        with self.engine.connect() as connection:
            return len({key for (key,) in connection.execute(query)} & set(keys))

    def waits(self) -> bool:
        """Whether any order is not over yet."""
        query = select(func.count()).select_from(ORDERS).where(ORDERS.c.state.in_(UNDER_WAY))
        with self.engine.connect() as connection:
            return bool(connection.execute(query).scalar_one())

    def counts(self) -> dict[str, int]:
        """How many submissions are in each state."""
        query = select(ORDERS.c.state, func.count().label("number")).group_by(ORDERS.c.state)
        with self.engine.connect() as connection:
            return {row.state: row.number for row in connection.execute(query)}

    def status(self, key: str) -> Standing:
        """One order by its key, or the last submission of an order's id.

        Raises:
            OrderError: ``batch.unknown-order``.
        """
        query = (
            select(ORDERS).where((ORDERS.c.key == key) | (ORDERS.c.order_id == key)).order_by(ORDERS.c.number.desc())
        )
        with self.engine.connect() as connection:
            row = connection.execute(query.limit(1)).mappings().first()
        if row is None:
            message = f"the queue has no order {key!r}"
            hint = "See `lotone batch status` for those it has."
            raise OrderError("batch.unknown-order", message, place="order", value=key, hint=hint)
        return _standing(row)

    def list(self, states: Collection[State] = ()) -> tuple[Standing, ...]:
        """The last submission of every order, or of those in some states, in the order of submission."""
        last = select(ORDERS.c.order_id, func.max(ORDERS.c.number).label("number")).group_by(ORDERS.c.order_id)
        newest = last.subquery()
        query = select(ORDERS).join(
            newest, (newest.c.order_id == ORDERS.c.order_id) & (newest.c.number == ORDERS.c.number)
        )
        if states:
            query = query.where(ORDERS.c.state.in_(states))
        with self.engine.connect() as connection:
            rows = connection.execute(query.order_by(ORDERS.c.submitted_at, ORDERS.c.key)).mappings().all()
        return tuple(_standing(row) for row in rows)

    def steps(self, key: str) -> tuple[Passed, ...]:
        """The stages an order that is over has behind it."""
        names = list(Passed.__dataclass_fields__)
        query = select(*(ARTIFACTS.c[n] for n in names)).where(ARTIFACTS.c.key == key).order_by(ARTIFACTS.c.position)
        with self.engine.connect() as connection:
            return tuple(Passed(**row) for row in connection.execute(query).mappings())

    def history(self, key: str) -> tuple[dict[str, str], ...]:
        """What happened to an order, with the times."""
        query = select(EVENTS.c.at, EVENTS.c.what, EVENTS.c.detail).where(EVENTS.c.key == key).order_by(EVENTS.c.id)
        with self.engine.connect() as connection:
            return tuple(dict(row) for row in connection.execute(query).mappings())

    def beat(self, node: str) -> None:
        """This process is alive."""
        with self.engine.begin() as connection:
            seen = {"host": socket.gethostname(), "pid": os.getpid(), "seen": time.time()}
            if not connection.execute(update(NODES).where(NODES.c.id == node).values(**seen)).rowcount:
                connection.execute(insert(NODES).values(id=node, **seen))

    def leave(self, node: str) -> None:
        """A node goes."""
        with self.engine.begin() as connection:
            connection.execute(delete(NODES).where(NODES.c.id == node))

    def alive(self) -> set[str]:
        """The nodes at work."""
        with self.engine.connect() as connection:
            return {row["id"] for row in connection.execute(select(NODES)).mappings() if _alive(row)}


def _alive(node: RowMapping) -> bool:
    if node["host"] != socket.gethostname():
        return bool(time.time() - node["seen"] < SILENT_S)
    try:
        os.kill(node["pid"], 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return bool(time.time() - node["seen"] < SILENT_S)


def _state(outcome: Outcome) -> State:
    crashed = outcome.problem is not None and outcome.problem.code == CRASHED
    return "quarantined" if crashed else outcome.verdict


def _end(connection: Any, key: str, state: State, why: str) -> int:
    changed = connection.execute(
        update(ORDERS).where(ORDERS.c.key == key, ORDERS.c.state.in_(UNDER_WAY)).values(state=state, ended_at=now())
    )
    if changed.rowcount:
        _note(connection, key, state, why)
    return int(changed.rowcount)


def _note(connection: Any, key: str, what: str, detail: str = "") -> None:
    connection.execute(insert(EVENTS).values(key=key, at=now(), what=what, detail=detail))


def _standing(row: RowMapping) -> Standing:
    outcome = decode(Outcome, row["outcome"].encode()) if row["outcome"] else None
    return Standing(
        row["key"], row["order_id"], row["number"], row["state"], row["crashes"], row["node"], row["submitted_at"],
        row["started_at"], row["ended_at"], row["made_at"], Request(**json.loads(row["request"])), outcome,
    )  # fmt: skip

"""Orders at the machines: a machine is one order's at a time, and a workshop tends only so many."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError, OperationalError

from model.errors import OrderError
from model.quote import Usage
from model.tooling import Workshop
from pipeline.batch.ledger import AT_MACHINES, ORDERS, Ledger
from pipeline.batch.port import Standing, State
from pipeline.batch.schedule import Job
from pipeline.engine.times import now

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Engine

TRIES = 8
RELEASED: tuple[State, ...] = ("released",)


def start(engine: Engine, standing: Standing, workshops: Mapping[str, Workshop]) -> str:
    """A worker takes a released order to its machine; returns the machine.

    Raises:
        OrderError: ``batch.not-released``, ``batch.made``, ``batch.machine-busy``, or ``batch.workshop-full``.
    """
    usage = standing.outcome.usage if standing.outcome else None
    if usage is None:
        message = f"{standing.order_id} is {standing.state}; only what is released for a workshop's machine is made"
        raise OrderError("batch.not-released", message, place="order", value=standing.order_id)
    if standing.made_at:
        message = f"{standing.order_id} was made at {standing.made_at[:16]}"
        hint = "Submit it again, if it shall be made once more."
        raise OrderError("batch.made", message, place="order", value=standing.order_id, hint=hint)
    at_once = workshops[usage.workshop].at_once
    for left in range(TRIES, 0, -1):
        try:
            _take(engine, standing.key, usage, at_once)
            break
        except (IntegrityError, OperationalError):  # another came at the same moment: look again
            if left == 1:
                raise
    return usage.machine


def _take(engine: Engine, key: str, usage: Usage, at_once: int) -> None:
    with engine.connect().execution_options(isolation_level="SERIALIZABLE") as connection, connection.begin():
        held = connection.execute(select(AT_MACHINES).where(AT_MACHINES.c.machine == usage.machine)).first()
        if held is not None:
            message = f"{usage.machine} has {held.key.rpartition('/')[0]} since {held.since[:16]}"
            hint = f"When that is done: lotone batch finish {held.key.rpartition('/')[0]}"
            raise OrderError("batch.machine-busy", message, place="machine", value=usage.machine, hint=hint)
        tended = connection.execute(
            select(func.count()).select_from(AT_MACHINES).where(AT_MACHINES.c.workshop == usage.workshop)
        ).scalar_one()
        if tended >= at_once:
            message = f"{usage.workshop} tends {tended} machines already"
            hint = "Finish one first, or raise at_once in its row."
            raise OrderError(
                "batch.workshop-full", message, place=usage.workshop, value=tended, limit=at_once, hint=hint
            )
        row = {"machine": usage.machine, "workshop": usage.workshop, "key": key, "since": now()}
        connection.execute(insert(AT_MACHINES).values(row))


def finish(engine: Engine, standing: Standing) -> str:
    """An order is made and its machine free again; returns the machine.

    Raises:
        OrderError: ``batch.not-started``.
    """
    with engine.begin() as connection:
        held = connection.execute(select(AT_MACHINES).where(AT_MACHINES.c.key == standing.key)).first()
        if held is None:
            message = f"{standing.order_id} is at no machine"
            hint = f"First: lotone batch start {standing.order_id}"
            raise OrderError("batch.not-started", message, place="order", value=standing.order_id, hint=hint)
        connection.execute(delete(AT_MACHINES).where(AT_MACHINES.c.key == standing.key))
        connection.execute(update(ORDERS).where(ORDERS.c.key == standing.key).values(made_at=now()))
    return str(held.machine)


def jobs(ledger: Ledger) -> list[Job]:
    """What is released and still to be made; what stands at a machine has only the rest of its hours left."""
    with ledger.engine.connect() as connection:
        since = {row.key: row.since for row in connection.execute(select(AT_MACHINES))}
    found: list[Job] = []
    for one in ledger.list(RELEASED):
        if one.outcome is None or one.outcome.usage is None or one.made_at:
            continue
        job = Job(one.order_id, one.outcome.usage, one.request.rank, one.request.due)
        if one.key in since:
            spent = datetime.now(UTC) - datetime.fromisoformat(since[one.key])
            job = replace(job, left_h=max(0.0, job.hours - spent.total_seconds() / 3600))
        found.append(job)
    return found

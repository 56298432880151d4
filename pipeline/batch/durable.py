"""The queue on DBOS Transact: every stage of an order is a step whose result outlives whatever crashes.

DBOS keeps which steps are done and runs what is due; the orders themselves, and how they ended, stand in tables of our
own (:mod:`pipeline.batch.ledger`), which are never behind it. No order waits inside a workflow, and none is cancelled
there: a workflow asks the ledger.
"""

from __future__ import annotations

import os
import socket
import threading
import time
import uuid
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dbos import DBOS, SetEnqueueOptions, SetWorkflowID
from dbos._error import DBOSException
from dbos._serialization import DBOSPortableJSONSerializer
from sqlalchemy import create_engine, event
from sqlalchemy.exc import SQLAlchemyError

from model.errors import OrderError
from pipeline.batch.journey import Journey
from pipeline.batch.ledger import UNDER_WAY, Ledger
from pipeline.batch.port import Passed, Read, Request, Standing, State
from pipeline.engine.codec import decode, encode
from pipeline.engine.events import Event, Listener
from pipeline.engine.outcome import Outcome, problem_of, verdict_of
from pipeline.engine.store import Store
from pipeline.line import LAST

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from pipeline.batch.warm import Warm

VERSION = "2"
"""Of the workflow below: raised when its steps change, so that orders half done by the old one are not mixed up."""
QUEUE = "orders"
POLL_S = 0.25
LOOK_S = 0.5
HANDFUL = 200
"""So many orders are given to the engine at a time, between two looks at everything else."""
BEAT_S = 10.0
CANCELLED_S = 1.0
LISTEN_S = 1.0
"""How often the engine looks for messages, of which there are none; it ends no sooner than that."""
MOST_RANK = 2**31 - 1
FULL = "store.disk-full"
"""What ends an order of the queue as little as a database that is gone: it is tried again after a while."""


@dataclass(slots=True)
class Desk:
    """What the workflow needs of the process it runs in."""

    ledger: Ledger
    warm: Warm
    read: Read
    listen: Listener
    node: str
    stop: threading.Event
    let_go: set[str] = field(default_factory=set)


_desk: list[Desk] = []
"""The desk of this process: DBOS calls the workflow by its name, with nothing but the order's key."""


@DBOS.workflow(name="order")
def _travel(key: str) -> str:
    """Take one order down the line, a step a stage; returns its verdict."""
    desk = _desk[-1]
    try:
        return _made(desk, key)
    except SQLAlchemyError as error:  # a database is gone for a while: the order waits for it
        raise _later(desk, key, error) from error


def _made(desk: Desk, key: str) -> str:
    begun = desk.ledger.begin(key, desk.node)
    if begun is None:
        return desk.ledger.state(key)
    way = _Way(desk, key, *begun)
    try:
        outcome = ""
        while not outcome:
            told = DBOS.run_step({"name": "stage"}, way.next)
            outcome = told.pop("outcome", "")
            way.done += [Passed(**told)] if told else []
        return desk.ledger.end(key, decode(Outcome, outcome.encode()), way.done)
    except (DBOSException, SQLAlchemyError):
        raise
    except Exception as error:  # noqa: BLE001 - a fault of ours ends this order by its name
        problem = problem_of(error, "batch")
        return desk.ledger.end(key, Outcome(way.request.order_id, verdict_of(problem), problem=problem), way.done)
    finally:
        way.close()


def _later(desk: Desk, key: str, why: object) -> Interrupted:
    desk.listen(Event("note", key, detail=f"{why}; it is tried again"))
    desk.let_go.add(_id(key))
    return Interrupted()


class _Way:
    """An order's way through its steps; a child is asked for only when a step is really to be done."""

    def __init__(self, desk: Desk, key: str, request: Request, crashes: int) -> None:
        self.desk, self.key, self.request, self.crashes = desk, key, request, crashes
        self.done: list[Passed] = []
        self._journey: Journey | None = None
        self._looked_s = 0.0
        self._over = False

    def next(self) -> dict[str, Any]:
        """Go one stage on, past the last one to the end; what comes back is all that is kept of it."""
        told = self._told()
        kept: dict[str, Any] = {}
        if isinstance(told, Event):
            kept = asdict(Passed(told.stage, told.key, told.output, told.what == "cached", round(told.seconds, 3)))
            if told.stage != LAST:
                return kept
            told = self._told()
        return {**kept, "outcome": encode(told).decode()}

    def _told(self) -> Event | Outcome:
        try:
            told = self._under_way().next()
        except SQLAlchemyError as error:  # not as an error of the step, which would be kept as what it gave
            raise _later(self.desk, self.key, error) from error
        except Exception as error:  # noqa: BLE001 - the order's own outcome, not the queue's end
            problem = problem_of(error, "intake")
            told = Outcome(self.request.order_id, verdict_of(problem), problem=problem)
        if self.desk.stop.is_set():
            raise Interrupted
        if isinstance(told, Outcome) and told.problem is not None and told.problem.code == FULL:
            raise _later(self.desk, self.key, told.problem.message)
        return told

    def close(self) -> None:
        """Let go of the child."""
        if self._journey is not None:
            self._journey.end()

    def _under_way(self) -> Journey:
        if self._journey is None:
            order = self.desk.read(self.request)
            seconds = 60 * self.request.minutes
            self._journey = Journey(
                self.desk.warm, order, Path(self.request.out), self.desk.listen, self._stopped, seconds,
                passed=len(self.done), crashes=self.crashes, crashed=partial(self.desk.ledger.crashed, self.key),
            )  # fmt: skip
        return self._journey

    def _stopped(self) -> bool:
        if time.monotonic() > self._looked_s + CANCELLED_S:
            self._looked_s = time.monotonic()
            self._over = self.desk.ledger.state(self.key) not in UNDER_WAY
        return self._over or self.desk.stop.is_set()


class Interrupted(BaseException):
    """The process lets go of an order that is not over; no step records it, and who comes next goes on with it."""


class DurableQueue:
    """The queue of one state database; see :class:`pipeline.batch.port.Queue`.

    ``engine`` is the state database's own, ``steps`` where DBOS keeps its tables, an address.
    """

    def __init__(self, engine: Engine, steps: str) -> None:
        self.ledger = Ledger(engine)
        self._steps = steps

    def submit(self, request: Request, outcome: Outcome | None = None) -> str:
        """Put an order into the queue; see the port."""
        return self.ledger.submit(request, outcome)

    def cancel(self, keys: Collection[str]) -> int:
        """Take orders out; see the port."""
        return self.ledger.cancel(keys)

    def status(self, key: str) -> Standing:
        """Where one order stands; see the port."""
        return self.ledger.status(key)

    def list(self, states: Collection[State] = ()) -> tuple[Standing, ...]:
        """The last submission of every order; see the port."""
        return self.ledger.list(states)

    def steps(self, key: str) -> tuple[Passed, ...]:
        """The stages an order that is over has behind it; see the port."""
        return self.ledger.steps(key)

    def rerun_from(self, key: str, stage: str, store: Store) -> str:
        """Make a finished order again, from one stage on anew; see the port."""
        standing = self.ledger.status(key)
        if standing.state in UNDER_WAY:
            message = f"{standing.order_id} is {standing.state}; only what is over can be made again"
            hint = "Cancel it first: lotone batch cancel."
            raise OrderError("batch.under-way", message, place="order", value=standing.key, hint=hint)
        steps = self.ledger.steps(standing.key)
        names = [one.stage for one in steps]
        if stage not in names:
            message = f"{standing.order_id} has no stage {stage!r} behind it"
            raise OrderError("batch.unknown-stage", message, place="stage", value=stage, limit=", ".join(names))
        for one in steps[names.index(stage) :]:
            store.forget(one.store_key)
        return self.ledger.submit(standing.request)

    def work(self, warm: Warm, read: Read, slots: int, enough: Callable[[], bool], listen: Listener) -> None:
        """Work on the queue in this process, ``slots`` orders at a time, until it is enough; see the port.

        Orders of nodes that died are taken over. An interrupt ends the children; their orders stay in the queue.
        """
        node = f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        desk = Desk(self.ledger, warm, read, listen, node, threading.Event())
        _desk.append(desk)
        self.ledger.beat(node)
        try:
            with _launched(self._steps, node):
                DBOS.register_queue(
                    QUEUE, worker_concurrency=slots, polling_interval_sec=POLL_S, on_conflict="always_update"
                )
                try:
                    self._serve(node, enough)
                finally:
                    desk.stop.set()
        finally:
            _desk.remove(desk)
            self.ledger.leave(node)

    def _serve(self, node: str, enough: Callable[[], bool]) -> None:
        beaten_s, begun = 0.0, False
        while True:
            try:
                if enough():
                    return
                if time.monotonic() > beaten_s + BEAT_S:
                    beaten_s = time.monotonic()
                    self.ledger.beat(node)
                    self._take_over()
                self._hand(all_again=not begun)
                begun = True
            except SQLAlchemyError as error:  # the database is gone for a while: the queue waits for it
                _desk[-1].listen(Event("note", node, detail=f"{error.__cause__ or error}; it is tried again"))
            time.sleep(LOOK_S)

    def _hand(self, *, all_again: bool = False) -> None:
        """Give the engine what it has not got; given twice, it is there once."""
        waiting = self.ledger.unhanded(all_again=all_again)[:HANDFUL]
        for key, rank in waiting:
            with SetWorkflowID(_id(key)), SetEnqueueOptions(priority=min(max(1, rank), MOST_RANK)):
                DBOS.enqueue_workflow(QUEUE, _travel, key)
        if waiting:
            self.ledger.hand([key for key, _ in waiting])

    def _take_over(self) -> None:
        """Put the orders of nodes that are no more, and those let go, back into the queue at their next step."""
        alive = self.ledger.alive()
        under_way = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
        let_go = _desk[-1].let_go
        orphans = [one.workflow_id for one in under_way if one.executor_id not in alive or one.workflow_id in let_go]
        if orphans:
            DBOS.resume_workflows(orphans, queue_name=QUEUE)
            let_go.difference_update(orphans)


def _id(key: str) -> str:
    """The engine's name of an order: another one in another version, so that what an old one left is handed again."""
    return f"{key}@{VERSION}"


def steps_place(address: str) -> str:
    """Where DBOS keeps its tables: in a file beside a state database that is one, else in a schema of the server's."""
    return f"{address.removesuffix('.db')}-steps.db" if address.startswith("sqlite:///") else address


@contextmanager
def _launched(address: str, node: str) -> Iterator[None]:
    """DBOS at work in this process under its own name."""
    engine = _engine(address)
    DBOS(
        config={
            "name": "lotone",
            "system_database_url": address,
            "system_database_engine": engine,
            "executor_id": node,
            "application_version": VERSION,
            "serializer": DBOSPortableJSONSerializer(),
            "use_listen_notify": False,
            "notification_listener_polling_interval_sec": LISTEN_S,
            "log_level": "ERROR",
            "console_log_level": "ERROR",
        }
    )
    try:
        DBOS.launch()
        yield
    finally:
        DBOS.destroy(workflow_completion_timeout_sec=0)
        engine.dispose()


def _engine(address: str) -> Engine:
    """DBOS's engine: on SQLite with a write-ahead log, and with the clock that SQLite before 3.42 lacks.

    A power cut may take the last steps from it, never an order: those stand in the ledger, and their stages' results
    in the store.
    """
    engine = create_engine(address)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def _prepare(connection: Any, _record: Any) -> None:
            connection.isolation_level = "IMMEDIATE"
            connection.create_function("unixepoch", -1, lambda *_: time.time())
            for pragma in ("busy_timeout=30000", "foreign_keys=ON", "journal_mode=WAL", "synchronous=NORMAL"):
                connection.execute(f"PRAGMA {pragma}")

    return engine

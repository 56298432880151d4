"""Takes many orders down the line: one by one here, or on every core; each ends by itself and is named."""

from __future__ import annotations

import os
import re
import threading
from collections import deque
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from model.errors import LotOneError
from model.order import Order
from model.tooling import ShopData
from pipeline.engine.events import Listener, silent
from pipeline.engine.outcome import Outcome, problem_of, verdict_of
from pipeline.engine.store import Store
from pipeline.line import make_order, refuse

if TYPE_CHECKING:
    from pipeline.batch.worker import Worker

LONGEST_S = 1800.0
JOIN_S = 0.5
NAMED = frozenset(
    f"intake.{what}"
    for what in (
        "unknown-version",
        "no-consent",
        "bad-value",
        "missing-field",
        "unknown-field",
        "wrong-type",
        "several-problems",
        "duplicate-id",
        "attachment-outside",
        "attachment-missing",
        "attachment-no-file",
        "attachment-too-large",
        "attachment-differs",
    )
)
"""Refusals of a file that could be taken apart, so that the id is the order's own and not the file's name."""
ID_PLACE = re.compile(r"(?:^|: )id(?: \(line|$)")


def one_by_one(
    orders: Sequence[Order | LotOneError], shop: ShopData, out: Path, cache: Path, listen: Listener = silent
) -> list[Outcome]:
    """Make orders in this process, in their order; what could not be read is an outcome like any other."""
    store = Store(cache)
    named = _ids(orders)
    return [
        make_order(order, shop, out, store, listen) if isinstance(order, Order) else unread(order, out, named)
        for order in orders
    ]


def in_parallel(
    orders: Sequence[Order | LotOneError],
    shop: ShopData,
    out: Path,
    cache: Path,
    listen: Listener = silent,
    *,
    workers: int = 0,
    seconds: float = LONGEST_S,
) -> list[Outcome]:
    """Make orders in ``workers`` processes (0: one a core), each of which loads the CAD kernel at most once.

    A process that crashes, or is busy with one order for longer than ``seconds``, costs that order alone: another
    takes its place. The outcomes come in the orders' order. An interrupt ends every process at once; what they
    finished is kept.
    """
    from pipeline.batch.worker import hire

    outcomes = {i: unread(o, out, _ids(orders)) for i, o in enumerate(orders) if not isinstance(o, Order)}
    jobs = deque((i, o) for i, o in enumerate(orders) if isinstance(o, Order))
    stop = threading.Event()

    def start() -> Worker:
        return hire(shop, out, cache)

    def work(worker: Worker, order: Order) -> Outcome:
        return worker.make(order, listen, seconds, stop)

    places = min(workers or cores(), len(jobs))
    desks = [threading.Thread(target=_desk, args=(jobs, outcomes, start, work, stop)) for _ in range(places)]
    try:
        for one in desks:
            one.start()
        while any(one.is_alive() for one in desks):
            for one in desks:
                one.join(JOIN_S)
    finally:
        stop.set()
        for one in desks:
            one.join()
    return [outcomes[i] for i in range(len(orders))]


def _desk(
    jobs: deque[tuple[int, Order]],
    outcomes: dict[int, Outcome],
    start: Callable[[], Worker],
    work: Callable[[Worker, Order], Outcome],
    stop: threading.Event,
) -> None:
    """One desk: one worker process at a time, orders from the common pile until it is empty."""
    worker: Worker | None = None
    while not stop.is_set():
        try:
            index, order = jobs.popleft()
        except IndexError:
            break
        try:
            worker = worker if worker and worker.alive else start()
            outcomes[index] = work(worker, order)
        except Exception as error:  # noqa: BLE001 - no process could be started, say: this order's outcome
            problem = problem_of(error)
            outcomes[index] = Outcome(order.id, verdict_of(problem), problem=problem)
    if worker and worker.alive:
        worker.dismiss()


def unread(error: LotOneError, out: Path, others: Collection[str] = ()) -> Outcome:
    """The outcome of an order refused at intake; where its own id is known, what it released before is withdrawn.

    ``others`` are the ids of the orders that could be read; what is theirs is left alone.
    """
    problem = problem_of(error, "intake")
    places = (error.place, *(f.place for f in error.findings))
    known = error.code in NAMED and not any(ID_PLACE.search(p) for p in places)
    if known and error.order_id.casefold() not in others:
        return refuse(error.order_id, problem, out)
    return Outcome(error.order_id, verdict_of(problem), problem=problem)


def _ids(orders: Sequence[Order | LotOneError]) -> set[str]:
    return {o.id.casefold() for o in orders if isinstance(o, Order)}


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

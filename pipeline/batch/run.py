"""Takes many orders down the line: one by one here, or on every core; each ends by itself and is named."""

from __future__ import annotations

import os
import re
import threading
from collections import deque
from collections.abc import Collection, Sequence
from pathlib import Path

from model.errors import LotOneError
from model.order import Order
from model.tooling import ShopData
from pipeline.batch.journey import LONGEST_S, Journey
from pipeline.batch.warm import Warm
from pipeline.engine.events import Listener, silent
from pipeline.engine.outcome import Outcome, problem_of, verdict_of
from pipeline.engine.store import Store
from pipeline.line import make_order, refuse

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
    """Make orders in children of one warm process, ``workers`` at a time (0: one a core).

    A child that crashes twice, or is busy with one order for longer than ``seconds``, costs that order alone. The
    outcomes come in the orders' order. An interrupt ends every child at once; what they finished is kept.
    """
    outcomes = {i: unread(o, out, _ids(orders)) for i, o in enumerate(orders) if not isinstance(o, Order)}
    jobs = deque((i, o) for i, o in enumerate(orders) if isinstance(o, Order))
    stop = threading.Event()
    warm = Warm(shop, cache)

    def desk() -> None:
        while not stop.is_set():
            try:
                index, order = jobs.popleft()
            except IndexError:
                break
            outcomes[index] = _travel(Journey(warm, order, out, listen, stop.is_set, seconds))

    desks = [threading.Thread(target=desk) for _ in range(min(workers or cores(), len(jobs)))]
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
        warm.close()
    return [outcomes[i] for i in range(len(orders))]


def _travel(journey: Journey) -> Outcome:
    """Go stage by stage to the end."""
    try:
        while not isinstance(told := journey.next(), Outcome):
            pass
    except Exception as error:  # noqa: BLE001 - no process could be started, say: this order's outcome
        journey.end()
        problem = problem_of(error)
        return Outcome(journey.order.id, verdict_of(problem), problem=problem)
    return told


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

"""The queue itself, on both databases, with children that have nothing to do: who is next, and who takes over."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import OperationalError

from model.order import Order
from pipeline.batch import durable
from pipeline.batch.durable import DurableQueue, steps_place
from pipeline.batch.ledger import NODES, Ledger
from pipeline.batch.port import Request
from pipeline.batch.warm import Warm
from pipeline.engine.events import Event, silent
from pipeline.engine.outcome import Outcome
from pipeline.floor.state import opened

LONGEST_S = 60.0


class Idle:
    """In place of the warm process: a child passes three stages at once; ``begun`` tells whose turn it was."""

    def __init__(self, *, stuck: bool = False) -> None:
        self.begun: list[str] = []
        self.stuck = stuck

    def fork(self, order: Order, _out: Path, _limits: object) -> IdleChild:
        """Start no process."""
        self.begun.append(order.id)
        return IdleChild(order.id, stuck=self.stuck)


class IdleChild:
    """One that is done at once, or stuck in its second stage for ever."""

    def __init__(self, order_id: str, *, stuck: bool) -> None:
        self.order_id, self.stuck, self.left = order_id, stuck, ["design", "plan", "papers"]

    def next(self, seconds: float) -> Any:
        """The end of the next stage, or of the order."""
        if self.stuck and self.left[0] == "plan":
            time.sleep(min(seconds, 0.05))
            return None
        if not self.left:
            return Outcome(self.order_id, "released")
        return Event("finished", self.order_id, self.left.pop(0), key="a" * 64, output="b" * 64)

    def go_on(self) -> None:
        """Nothing waits."""

    def end(self) -> None:
        """Nothing runs."""


@pytest.fixture
def queue(database: str) -> Iterator[DurableQueue]:
    with opened(database) as engine:
        yield DurableQueue(engine, steps_place(database))


def work(queue: DurableQueue, warm: Idle, slots: int = 1) -> None:
    end = time.monotonic() + LONGEST_S
    queue.work(
        cast("Warm", warm), lambda one: Order(one.order_id, "idle"), slots,
        lambda: not queue.ledger.waits() or time.monotonic() > end, silent,
    )  # fmt: skip


def request(name: str, rank: int = 1) -> Request:
    return Request(name, f"/orders/{name}.yaml", "", "/out", rank=rank)


def test_orders_are_taken_by_rank_not_by_their_coming(queue: DurableQueue) -> None:
    ranks = [5, 2, 9, 1, 7, 3]
    for one in ranks:
        queue.submit(request(f"r{one}", one))
    idle = Idle()
    work(queue, idle)

    assert [f"r{one}" for one in sorted(ranks)] == idle.begun
    assert {"released"} == {one.state for one in queue.list()}
    assert ["design", "plan", "papers"] == [one.stage for one in queue.steps("r5/1")]


def test_a_database_gone_for_a_moment_ends_no_order(queue: DurableQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    """As an order begins, while it is asked after in the middle of a step, and as it ends."""
    failed, real = set[tuple[str, str]](), {name: getattr(Ledger, name) for name in ("begin", "state", "end")}

    def shaky(name: str) -> Any:
        def method(self: Ledger, key: str, *given: Any) -> Any:
            if (name, key) not in failed:
                failed.add((name, key))
                raise OperationalError("select", {}, Exception("the server is starting"))
            return real[name](self, key, *given)

        return method

    monkeypatch.setattr(durable, "BEAT_S", 0.2)
    for name in real:
        monkeypatch.setattr(Ledger, name, shaky(name))
    for one in ("a", "b"):
        queue.submit(request(one))
    work(queue, Idle(), slots=2)

    assert ["released", "released"] == [one.state for one in queue.list()]
    assert 6 == len(failed)
    assert [1, 1] == [[e["what"] for e in queue.ledger.history(f"{one}/1")].count("released") for one in ("a", "b")]


def test_the_orders_of_a_silent_node_on_another_host_are_taken_over(
    queue: DurableQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first worker stops in the middle of a step, as if its cable were pulled; nobody here can see its process."""
    monkeypatch.setattr(durable, "BEAT_S", 0.2)
    queue.submit(request("a"))
    stuck = Idle(stuck=True)
    stop = threading.Event()

    def begun() -> bool:
        if queue.ledger.status("a").node and "a" in stuck.begun:
            stop.set()
        return stop.is_set()

    queue.work(cast("Warm", stuck), lambda one: Order(one.order_id, "idle"), 1, begun, silent)
    first = queue.ledger.status("a").node
    with queue.ledger.engine.begin() as connection:
        connection.execute(insert(NODES).values(id=first, host="elsewhere", pid=os.getpid(), seen=time.time()))
    idle = Idle()
    seen: list[list[str]] = []

    def enough() -> bool:
        if len(seen) == 4:  # it was left alone as long as it was heard of; now it falls silent
            with queue.ledger.engine.begin() as connection:
                connection.execute(update(NODES).where(NODES.c.id == first).values(seen=time.time() - 61))
        seen.append(list(idle.begun))
        return not queue.ledger.waits() or len(seen) > 200

    queue.work(cast("Warm", idle), lambda one: Order(one.order_id, "idle"), 1, enough, silent)

    assert [[]] * 4 == seen[:4]
    assert ["a"] == idle.begun
    assert first != queue.ledger.status("a").node
    assert "released" == queue.ledger.state("a/1")


def test_a_new_version_of_the_way_goes_on_with_what_the_old_one_left(
    queue: DurableQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue.submit(request("a"))
    stuck = Idle(stuck=True)
    queue.work(cast("Warm", stuck), lambda one: Order(one.order_id, "idle"), 1, lambda: bool(stuck.begun), silent)
    monkeypatch.setattr(durable, "VERSION", "next")
    idle = Idle()
    work(queue, idle)

    assert ["a"] == idle.begun
    assert "released" == queue.ledger.state("a/1")


def test_an_order_given_twice_at_the_same_time_is_made_once(queue: DurableQueue) -> None:
    keys = {queue.submit(replace(request("a"))) for _ in range(5)}
    idle = Idle()
    work(queue, idle, slots=2)

    assert {"a/1"} == keys
    assert ["a"] == idle.begun

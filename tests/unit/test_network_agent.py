"""A shop's agent between a hub and a queue, stopped at every place where a shop may die."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

import tooling_db
from model.quote import Usage
from pipeline.batch.ledger import Ledger
from pipeline.engine.codec import encode
from pipeline.engine.folder import Listed, Manifest
from pipeline.engine.outcome import Outcome, Problem
from pipeline.engine.store import Store, sha256
from pipeline.floor.state import opened
from pipeline.network.agent import Agent
from pipeline.network.book import Book, Terms
from pipeline.network.client import Unreachable
from pipeline.network.describe import described
from pipeline.network.specify import Specified
from pipeline.network.words import Beat, Description, Load, Needs, Result, Ticket

if TYPE_CHECKING:
    from sqlalchemy import Engine

BENCH = described(tooling_db.load(), "bench")
ORDER = {"spec": "order/1.0", "family": "nameplate", "due": "2026-12-20"}
NEEDS = Needs("print", "petg", (50.0, 40.0, 30.0), 10.0, 10.0)
CERTIFICATE = b"{}"


class Near:
    """The hub's book without a network between; ``broken`` is what happens at the next call of a name."""

    def __init__(self, book: Book) -> None:
        self.book, self.broken = book, dict[str, Exception]()
        book.admit("bench")

    def _maybe(self, name: str) -> None:
        if name in self.broken:
            raise self.broken.pop(name)

    def join(self, description: Description) -> float:
        self.book.join("bench", description)
        return 1.0

    def beat(self, beat: Beat) -> tuple[tuple[str, ...], float]:
        self._maybe("beat")
        return self.book.beat("bench", beat), 1.0

    def pull(self, have: tuple[str, ...]) -> Ticket | None:
        ticket = self.book.pull("bench", have)
        self._maybe("pull")
        return ticket

    def file(self, ticket: str, name: str, _digest: str) -> bytes:
        self._maybe("file")
        return self.book.file("bench", ticket, name)

    def send(self, ticket: str, fence: int, data: bytes) -> str:
        self.book.own("bench", ticket, fence)
        return self.book.store.put(sha256(data), data)

    def finish(self, ticket: str, result: Result) -> None:
        self.book.finish("bench", ticket, result)
        self._maybe("finish")


class Shop:
    """A hub with one order, and a shop's agent with its queue."""

    def __init__(self, at: Path, book: Book, engine: Engine) -> None:
        self.at, self.book, self.engine = at, book, engine
        self.hub = Near(book)
        self.hub.join(BENCH)
        self.ticket = self.submit("order-1")
        self.ledger = Ledger(engine)
        self.agent = self.again()

    def submit(self, name: str, rank: int = 1) -> str:
        return self.book.submit(name, Specified(ORDER, {"part.step": b"solid"}, NEEDS), rank)

    def again(self) -> Agent:
        return Agent(cast("Any", self.hub), self.engine, self.at / "inbox", self.at / "out", 1, BENCH)

    def made(self) -> None:
        """What the queue does with an order that comes out well."""
        file = Listed("release/certificate.json", sha256(CERTIFICATE), 2, "certificate", "application/json", "x", ())
        root = self.at / "out" / self.ticket
        (root / "release").mkdir(parents=True)
        (root / file.path).write_bytes(CERTIFICATE)
        (root / "manifest.json").write_bytes(encode(Manifest("", self.ticket, "released", "print", "", (file,))))
        usage = Usage("bench", "printer-marlin", 0.25, 3.0, "petg", 0.1)
        self.ledger.end(self.ledger.status(self.ticket).key, Outcome(self.ticket, "released", usage=usage))

    def state(self) -> tuple[str, str]:
        told = self.book.standings("order-1")[0]
        return told["state"], told["code"]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with opened(f"sqlite:///{tmp_path / 'hub.db'}") as hub, opened(f"sqlite:///{tmp_path / 'shop.db'}") as own:
        yield Shop(tmp_path, Book(hub, Store(tmp_path / "files"), Terms(1000.0, 1000.0)), own)


def test_a_ticket_lies_in_the_queue_with_its_files_and_its_due_date(shop: Shop) -> None:
    shop.agent.turn()
    request = shop.ledger.status(shop.ticket).request

    assert b"solid" == (Path(request.source).parent / "part.step").read_bytes()
    assert ("2026-12-20", sha256(Path(request.source).read_bytes())) == (request.due, request.sha256)


def test_what_is_released_is_reported_once_and_a_place_is_free_again(shop: Shop) -> None:
    other = shop.submit("order-2", 2)
    shop.agent.turn()
    shop.made()
    shop.agent.turn()

    assert ("released", "") == shop.state()
    assert "queued" == shop.ledger.status(other).state
    assert Load(print_h=3.25) == shop.agent.load()


@pytest.mark.parametrize("where", ["pull", "file", "beat"])
def test_a_hub_that_is_gone_for_a_moment_costs_nothing(shop: Shop, where: str) -> None:
    shop.hub.broken[where] = Unreachable("gone")
    with pytest.raises(Unreachable):
        shop.agent.turn()
    shop.again().turn()

    assert ["queued"] == [one.state for one in shop.ledger.list()]
    assert 1 == shop.book.standings()[0]["fence"]


def test_a_shop_that_died_before_the_queue_had_it_puts_it_there(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "submit", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            shop.agent.turn()
    before = shop.ledger.list()
    shop.again().turn()

    assert () == before
    assert ["queued"] == [one.state for one in shop.ledger.list()]


def test_a_report_whose_answer_was_lost_is_made_again(shop: Shop) -> None:
    shop.agent.turn()
    shop.made()
    shop.hub.broken["finish"] = Unreachable("gone")
    with pytest.raises(Unreachable):
        shop.agent.turn()
    shop.again().turn()

    assert ("released", "") == shop.state()
    assert {} == shop.agent._held()  # noqa: SLF001 - what it would keep alive


@pytest.mark.parametrize(
    ("problem", "state"),
    [
        (Problem("plan.no-tool", "capability", "no tool", 69), ("unplaced", "")),
        (Problem("design.thin", "order", "thin", 65), ("refused", "design.thin")),
    ],
)
def test_what_is_refused_is_reported_with_its_reason(shop: Shop, problem: Problem, state: tuple[str, str]) -> None:
    shop.agent.turn()
    shop.ledger.end(shop.ledger.status(shop.ticket).key, Outcome(shop.ticket, "refused", problem=problem))
    shop.agent.turn()

    assert state == shop.state()


def test_what_people_cancel_in_the_shop_goes_back_to_the_hub(shop: Shop) -> None:
    shop.agent.turn()
    shop.ledger.cancel([shop.ledger.status(shop.ticket).key])
    shop.agent.turn()

    assert "unplaced" == shop.state()[0]
    assert {"bench": "gave it back: batch.cancelled"} == shop.book.standings("order-1")[0]["routing"]["cannot"]


def test_a_ticket_that_was_given_away_is_let_go_of(shop: Shop) -> None:
    shop.agent.turn()
    shop.book.submit("order-1", Specified(ORDER, {}, replace(NEEDS, work_cm3=11.0)), 1)
    shop.agent.turn()

    assert "cancelled" == shop.ledger.status(shop.ticket).state


def test_a_release_that_is_gone_from_the_folder_is_not_claimed(shop: Shop) -> None:
    shop.agent.turn()
    shop.made()
    (shop.at / "out" / shop.ticket / "manifest.json").unlink()
    shop.agent.turn()

    assert "unplaced" == shop.state()[0]


def test_the_agent_waits_for_a_hub_and_goes_on(shop: Shop) -> None:
    shop.hub.broken["beat"] = Unreachable("gone")
    stop, said = threading.Event(), list[str]()
    thread = threading.Thread(target=lambda: shop.agent.work(stop, said.append))
    thread.start()
    while not shop.ledger.list():
        assert thread.is_alive()
    stop.set()
    thread.join()

    assert ["gone; tried again in 1 s"] == said


def test_own_orders_are_load_and_tickets_of_the_hub_are_not(shop: Shop) -> None:
    shop.agent.turn()
    before = shop.agent.load()
    request = replace(shop.ledger.status(shop.ticket).request, order_id="own")
    shop.ledger.submit(request)

    assert [Load(), Load(cut_h=1.0)] == [before, shop.agent.load()]

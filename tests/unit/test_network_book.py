"""The hub's book: leases, fencing, results, and who is asked next, on SQLite and on PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from model.errors import OrderError
from pipeline.engine.codec import encode
from pipeline.engine.folder import Listed, Manifest
from pipeline.engine.store import Store, sha256
from pipeline.floor.state import opened
from pipeline.network.book import Book, Terms
from pipeline.network.specify import Specified
from pipeline.network.words import Beat, Description, Load, Maker, Needs, Pace, Result, Ticket

NEEDS = Needs("cut", "brass", (100.0, 40.0, 2.0), 4.0, 10.0)
CHEAP = Description(
    "Cheap", "Berlin", (52.5, 13.4),
    (Maker("mill", "cut", (300.0, 200.0, 100.0), {"brass": Pace(50.0, 0.1)}, (), 40.0, 0.2, 1.0, 20.0),),
    (4.0, 24.0), (24.0, 48.0), 6.0, 1.3,
)  # fmt: skip
DEAR = replace(CHEAP, name="Dear", parcel_eur=60.0)
PRINTS = replace(CHEAP, name="Prints", makers=(replace(CHEAP.makers[0], process="print"),))
REFUSED = Result(1, "refused", "plan.no-tool", "no tool reaches", 69)
WRONG = Result(1, "refused", "design.too-thin", "0.1 mm", 65)
TERMS = Terms(lease_s=60.0, patience_s=100.0)


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.at = 1_800_000_000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def book(database: str, tmp_path: Path, clock: Clock) -> Iterator[Book]:
    with opened(database) as engine:
        made = Book(engine, Store(tmp_path / "files"), TERMS, clock=clock)
        for shop, told in (("cheap", CHEAP), ("dear", DEAR), ("prints", PRINTS)):
            made.admit(shop)
            made.join(shop, told)
        yield made


def submitted(book: Book, name: str = "order-1", needs: Needs = NEEDS) -> str:
    return book.submit(name, Specified({"spec": "order/1.0", "family": "plate"}, {"part.step": b"solid"}, needs), 500)


def pulled(book: Book, shop: str, *have: str) -> Ticket:
    ticket = book.pull(shop, have)

    assert ticket is not None
    return ticket


def state(book: Book, name: str = "order-1") -> tuple[str, str, int]:
    told = book.standings(name)[0]
    return told["state"], told["shop"], told["fence"]


def released(book: Book, ticket: Ticket) -> Result:
    """A release as an agent brings it."""
    certificate = b"{}"
    file = Listed("release/certificate.json", sha256(certificate), 2, "certificate", "application/json", "papers", ())
    manifest = encode(Manifest("lotone.manifest/1", ticket.id, "released", "cut", "", (file,)))
    for data in (certificate, manifest):
        book.store.put(sha256(data), data)
    return Result(ticket.fence, "released", release={file.path: file.sha256},
                  sent={"manifest.json": sha256(manifest), file.path: file.sha256})  # fmt: skip


def refused(code: str, book: Book, shop: str, ticket: str, result: Result) -> None:
    with pytest.raises(OrderError) as caught:
        book.finish(shop, ticket, result)

    assert code == caught.value.code


def test_the_best_shop_gets_it_first_and_the_next_waits_its_turn(book: Book, clock: Clock) -> None:
    name = submitted(book)
    early = book.pull("dear", ())
    clock.at += TERMS.patience_s
    late = book.pull("dear", ())

    assert [None, None] == [early, book.pull("prints", ())]
    assert late is not None
    assert (name, 1) == (late.id, late.fence)
    assert None is book.pull("cheap", ())


def test_reasons_are_kept_for_every_shop_that_lost_or_cannot(book: Book) -> None:
    submitted(book)
    told = book.standings("order-1")[0]["routing"]

    assert ["cheap", "dear"] == [b["shop"] for b in told["ranked"]]
    assert "54.00 EUR behind" in told["ranked"][1]["why"]
    assert {"prints": "process: cut is not done"} == told["cannot"]


def test_a_lease_that_runs_out_gives_the_ticket_away_under_a_higher_token(book: Book, clock: Clock) -> None:
    submitted(book)
    first = pulled(book, "cheap")
    clock.at += TERMS.lease_s + 1
    book.beat("dear", Beat(Load(), {}))
    second = pulled(book, "dear")

    assert (first.id, first.fence + 1) == (second.id, second.fence)
    assert (first.id,) == book.beat("cheap", Beat(Load(), {first.id: first.fence}))
    refused("network.stale-token", book, "cheap", first.id, released(book, first))
    refused("network.stale-token", book, "cheap", first.id, replace(REFUSED, fence=second.fence))
    book.finish("dear", second.id, released(book, second))
    assert ("released", "dear", 2) == state(book)


def test_signs_of_life_renew_the_lease(book: Book, clock: Clock) -> None:
    submitted(book)
    ticket = pulled(book, "cheap")
    for _ in range(5):
        clock.at += TERMS.lease_s * 0.9
        lost = book.beat("cheap", Beat(Load(), {ticket.id: ticket.fence}))

        assert () == lost
    assert None is book.pull("dear", ())


def test_a_shop_that_comes_back_before_another_took_its_ticket_keeps_it(book: Book, clock: Clock) -> None:
    """A hub that was down, say, and finds every lease run out."""
    submitted(book)
    ticket = pulled(book, "cheap")
    clock.at += TERMS.lease_s + 1
    book.beat("dear", Beat(Load(), {}))
    before = state(book)
    lost = book.beat("cheap", Beat(Load(), {ticket.id: ticket.fence}))
    clock.at += 10 * TERMS.patience_s
    book.beat("cheap", Beat(Load(), {ticket.id: ticket.fence}))

    assert (("open", "cheap", 1), ()) == (before, lost)
    assert None is book.pull("dear", ())


def test_a_late_result_counts_while_nobody_else_has_the_ticket(book: Book, clock: Clock) -> None:
    submitted(book)
    ticket = pulled(book, "cheap")
    clock.at += TERMS.lease_s + 1
    book.beat("dear", Beat(Load(), {}))
    book.finish("cheap", ticket.id, released(book, ticket))

    assert ("released", "cheap", 1) == state(book)
    assert None is book.pull("dear", ())


def test_the_same_result_twice_is_harmless_and_another_is_refused(book: Book) -> None:
    submitted(book)
    ticket = pulled(book, "cheap")
    told = released(book, ticket)
    book.finish("cheap", ticket.id, told)
    book.finish("cheap", ticket.id, told)

    refused("network.result-differs", book, "cheap", ticket.id, WRONG)
    assert ("released", "cheap", 1) == state(book)


def test_what_one_shop_cannot_another_may_and_what_nobody_can_waits_for_a_shop_that_can(book: Book) -> None:
    submitted(book)
    ticket = pulled(book, "cheap")
    book.finish("cheap", ticket.id, REFUSED)
    book.finish("cheap", ticket.id, REFUSED)  # told twice, asked once
    refused("network.result-differs", book, "cheap", ticket.id, replace(REFUSED, code="plan.other"))
    second = pulled(book, "dear")
    book.finish("dear", second.id, replace(REFUSED, fence=second.fence))
    told = book.standings("order-1")[0]["routing"]["cannot"]
    before = state(book)
    book.join("cheap", replace(CHEAP, spread=1.2))

    assert "gave it back: plan.no-tool" == told["cheap"] == told["dear"]
    assert "unplaced" == before[0]
    assert 3 == pulled(book, "cheap").fence


def test_an_order_no_shop_could_make_ends_at_once(book: Book) -> None:
    submitted(book)
    ticket = pulled(book, "cheap")
    book.finish("cheap", ticket.id, WRONG)

    assert ("refused", "cheap", 1) == state(book)
    assert None is book.pull("dear", ())


def test_a_ticket_whose_answer_was_lost_on_the_way_is_given_again(book: Book) -> None:
    submitted(book)
    submitted(book, "order-2")
    first = pulled(book, "cheap")
    again = pulled(book, "cheap")
    other = pulled(book, "cheap", first.id)

    assert first == again
    assert first.id != other.id


@pytest.mark.parametrize("wrong", ["order", "file", "nothing", "certificate", "code"])
def test_a_release_is_not_believed_without_its_own_manifest(book: Book, wrong: str) -> None:
    submitted(book)
    ticket = pulled(book, "cheap")
    told = released(book, ticket)
    told = {
        "order": replace(told, sent=released(book, replace(ticket, id="T-other")).sent),
        "file": replace(told, release={"release/certificate.json": "0" * 64}),
        "nothing": replace(told, sent={}),
        "certificate": replace(told, sent={"manifest.json": told.sent["manifest.json"]}),
        "code": replace(told, exit_code=69),
    }[wrong]

    refused("network.not-proved", book, "cheap", ticket.id, told)
    assert "leased" == state(book)[0]


def test_another_revision_takes_the_place_of_an_order(book: Book) -> None:
    first = submitted(book)
    again = submitted(book)
    held = pulled(book, "cheap")
    second = submitted(book, needs=replace(NEEDS, work_cm3=5.0))

    assert first == again == held.id != second
    assert (held.id,) == book.beat("cheap", Beat(Load(), {held.id: held.fence}))
    refused("network.stale-token", book, "cheap", held.id, REFUSED)
    assert second == pulled(book, "cheap").id


def test_load_sends_orders_elsewhere(book: Book) -> None:
    """The dearer shop is 54 EUR dearer, which an hour's 0.5 EUR outweighs after 108 hours."""
    book.beat("cheap", Beat(Load(cut_h=110.0), {}))
    submitted(book)

    assert "order-1" == book.standings()[0]["order"]
    assert None is book.pull("cheap", ())
    assert 1 == pulled(book, "dear").fence


def test_tokens_are_kept_as_digests_and_a_new_one_voids_the_old(book: Book, database: str) -> None:
    first = book.admit("cheap")
    second = book.admit("cheap")
    with opened(database) as engine, engine.connect() as connection:
        kept = str(connection.exec_driver_sql("select * from hub_shops").all())

    assert [None, "cheap", None] == [book.who(first), book.who(second), book.who("")]
    assert second not in kept
    assert sha256(second.encode()) in kept


def test_files_go_to_the_shop_that_has_the_ticket_alone(book: Book) -> None:
    submitted(book)
    ticket = pulled(book, "cheap")

    assert b"solid" == book.file("cheap", ticket.id, "part.step")
    for shop, name, file in (("dear", ticket.id, "part.step"), ("cheap", ticket.id, "x"), ("cheap", "T", "x")):
        with pytest.raises(OrderError, match=r"no file|no ticket"):
            book.file(shop, name, file)


def test_many_hands_at_once_get_each_ticket_once(book: Book, clock: Clock) -> None:
    for n in range(8):
        submitted(book, f"order-{n}")
    clock.at += TERMS.patience_s
    got: dict[str, list[str]] = {"cheap": [], "dear": []}

    def hand(shop: str) -> None:
        while (ticket := book.pull(shop, got[shop])) is not None:
            got[shop].append(ticket.id)

    hands = [threading.Thread(target=hand, args=(shop,)) for shop in got]
    for one in hands:
        one.start()
    for one in hands:
        one.join()

    assert 8 == len(got["cheap"]) + len(got["dear"]) == len({*got["cheap"], *got["dear"]})

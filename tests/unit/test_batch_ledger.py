"""The queue's own tables, on SQLite and on PostgreSQL: an order is there once, ends once, and is named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.errors import OrderError
from pipeline.batch.ledger import Ledger
from pipeline.batch.port import Passed, Request
from pipeline.batch.report import lines, reported
from pipeline.batch.submit import rank
from pipeline.engine.outcome import Outcome, Problem
from pipeline.floor.state import opened

ONE = Request("plate-1", "/orders/1.yaml", "a" * 64, "/out", rank=7, due="2026-12-01")
REFUSED = Outcome("plate-1", "refused", problem=Problem("plan.too-big", "capability", "too big", 69))


@pytest.fixture
def ledger(database: str) -> Iterator[Ledger]:
    with opened(database) as engine:
        yield Ledger(engine)


def test_an_order_submitted_again_while_it_waits_keeps_its_place(ledger: Ledger) -> None:
    first, again = ledger.submit(ONE), ledger.submit(ONE)

    assert first == again
    assert [("plate-1/1", "queued")] == [(one.key, one.state) for one in ledger.list()]


def test_a_changed_order_takes_the_place_of_the_one_that_waits(ledger: Ledger) -> None:
    old, new = ledger.submit(ONE), ledger.submit(replace(ONE, sha256="b" * 64))

    assert ["cancelled", "queued"] == [ledger.state(old), ledger.state(new)]
    assert [new] == [one.key for one in ledger.list()]
    assert ((new, 7),) == ledger.unhanded()


def test_an_order_ends_once(ledger: Ledger) -> None:
    key = ledger.submit(ONE)
    ledger.begin(key, "node-a")
    ledger.end(key, REFUSED)
    ledger.end(key, Outcome("plate-1", "released"))

    assert ("refused", REFUSED) == (ledger.status(key).state, ledger.status(key).outcome)
    assert ["submitted", "running", "refused"] == [e["what"] for e in ledger.history(key)]
    assert ledger.begin(key, "node-b") is None
    assert not ledger.waits()


def test_what_is_over_can_be_submitted_again_and_the_last_is_told(ledger: Ledger) -> None:
    key = ledger.submit(ONE, REFUSED)
    again = ledger.submit(ONE)

    assert ["plate-1/1", "plate-1/2"] == [key, again]
    assert again == ledger.status("plate-1").key
    assert 1 == ledger.open([key, again])


def test_a_cancelled_order_is_not_begun(ledger: Ledger) -> None:
    key = ledger.submit(ONE)

    assert [1, 0] == [ledger.cancel([key]), ledger.cancel([key])]
    assert ledger.begin(key, "node") is None
    assert () == ledger.unhanded(all_again=True)


def test_an_engine_that_lost_everything_is_given_everything_again(ledger: Ledger) -> None:
    keys = [ledger.submit(replace(ONE, order_id=f"p-{n}", rank=9 - n)) for n in range(3)]
    ledger.hand(keys)

    assert () == ledger.unhanded()
    assert keys[::-1] == [key for key, _ in ledger.unhanded(all_again=True)]


def test_the_stages_of_an_order_that_is_over_are_kept_once(ledger: Ledger) -> None:
    key = ledger.submit(ONE)
    step = Passed("plan", "c" * 64, "d" * 64, cached=False, seconds=1.5)
    ledger.end(key, REFUSED, [step])
    ledger.end(key, REFUSED, [replace(step, cached=True)])

    assert (step,) == ledger.steps(key)


def test_crashes_are_counted_beyond_the_process_that_saw_them(ledger: Ledger) -> None:
    key = ledger.submit(ONE)
    ledger.crashed(key, "SIGSEGV")

    assert (ONE, 1) == ledger.begin(key, "another")


def test_a_node_that_is_gone_is_not_alive(ledger: Ledger) -> None:
    ledger.beat("here")
    ledger.beat("here")

    assert {"here"} == ledger.alive()
    ledger.leave("here")
    assert set() == ledger.alive()


def test_an_order_nobody_knows_is_named(ledger: Ledger) -> None:
    with pytest.raises(OrderError) as caught:
        ledger.status("nobody")

    assert ("batch.unknown-order", "nobody") == (caught.value.code, caught.value.value)


def test_the_report_names_every_order_once(ledger: Ledger) -> None:
    ledger.submit(ONE, REFUSED)
    ledger.submit(replace(ONE, order_id="two", due=""), Outcome("two", "released"))
    ledger.submit(replace(ONE, order_id="three"), Outcome("three", "released"))
    told = reported(ledger.list())

    assert {"refused": 1, "released": 2} == told["counts"]
    assert {"plan.too-big": ["plate-1"]} == told["causes"]
    assert ["1 refused, 2 released", "released: two, three", "plan.too-big: plate-1"] == lines(told)[:3]
    assert {"due": 2, "kept": 1} == told["in_time"]


@given(st.integers(1, 9), st.integers(1, 9), st.dates(), st.dates())
def test_priority_goes_first_then_the_due_date(a: int, b: int, due_a: object, due_b: object) -> None:
    first, second = (rank(p, str(d)) for p, d in ((a, due_a), (b, due_b)))

    assert (a < b) <= (first < second)
    assert 0 < first < 2**31
    assert rank(a, str(due_a)) < rank(a, "")
    if a == b and str(due_a) <= str(due_b):
        assert first <= second

"""Orders at the machines: a machine is one order's at a time, a workshop tends only so many."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

import tooling_db
from model.errors import OrderError
from model.quote import Usage
from pipeline.batch import machines
from pipeline.batch.ledger import Ledger
from pipeline.batch.port import Request
from pipeline.batch.report import lines, reported
from pipeline.engine.outcome import Outcome
from pipeline.floor.state import opened

WORKSHOPS = tooling_db.load().workshops


@pytest.fixture
def ledger(database: str) -> Iterator[Ledger]:
    with opened(database) as engine:
        yield Ledger(engine)


def released(ledger: Ledger, name: str, machine: str, hours: float = 1.0) -> str:
    usage = Usage("bench", machine, 0.5, hours, "brass", 0.25)
    return ledger.submit(Request(name, f"/{name}.yaml", "", "/out", rank=1), Outcome(name, "released", usage=usage))


def started(ledger: Ledger, name: str) -> str:
    try:
        return machines.start(ledger.engine, ledger.status(name), WORKSHOPS)
    except OrderError as error:
        return error.code


def test_a_machine_is_one_orders_until_it_is_finished(ledger: Ledger) -> None:
    for name in ("a", "b"):
        released(ledger, name, "mill-mach3")
    told = [started(ledger, "a"), started(ledger, "b"), started(ledger, "a")]
    left = {job.order_id: job.left_h for job in machines.jobs(ledger)}
    machines.finish(ledger.engine, ledger.status("a"))

    assert ["mill-mach3", "batch.machine-busy", "batch.machine-busy"] == told
    assert left["a"] == pytest.approx(1.5, abs=0.01)
    assert left["b"] is None
    assert ["mill-mach3", "batch.made"] == [started(ledger, "b"), started(ledger, "a")]
    assert ["b"] == [job.order_id for job in machines.jobs(ledger)]


def test_a_workshop_tends_only_so_many(ledger: Ledger) -> None:
    rows = WORKSHOPS["bench"].machines[: WORKSHOPS["bench"].at_once + 1]
    for name in rows:
        released(ledger, f"o-{name}", name)

    assert [*rows[:-1], "batch.workshop-full"] == [started(ledger, f"o-{name}") for name in rows]


def test_of_many_who_come_at_once_one_gets_the_machine(ledger: Ledger) -> None:
    names = [f"o{n}" for n in range(6)]
    for name in names:
        released(ledger, name, "mill-mach3")
    told: list[str] = []
    together = threading.Barrier(len(names))

    def come(name: str) -> None:
        together.wait()
        told.append(started(ledger, name))

    threads = [threading.Thread(target=come, args=(name,)) for name in names]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert ["batch.machine-busy"] * 5 + ["mill-mach3"] == sorted(told)


def test_what_is_not_there_is_named(ledger: Ledger) -> None:
    ledger.submit(Request("a", "/a.yaml", "", "/out"))
    with pytest.raises(OrderError) as caught:
        machines.finish(ledger.engine, ledger.status("a"))

    assert ["batch.not-released", "batch.not-started"] == [started(ledger, "a"), caught.value.code]


def test_the_report_adds_up_machine_hours_and_material(ledger: Ledger) -> None:
    for name, machine in (("a", "mill-mach3"), ("b", "mill-mach3"), ("c", "router-grbl")):
        released(ledger, name, machine, hours=2.0)
    told = reported(ledger.list())
    other = replace(ledger.status("a"), state="quarantined", outcome=None)

    assert {"mill-mach3": 5.0, "router-grbl": 2.5} == told["machine_h"]
    assert {"brass": 0.75} == told["material_kg"]
    assert "mill-mach3: 5.0 h" in lines(told)
    assert ["a"] == reported([other])["quarantined"]

"""The door takes no order that names its customer where the workshop reads, and turns away none that does not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from model.errors import OrderError
from pipeline.batch.ledger import Ledger
from pipeline.batch.submit import whole
from pipeline.customers import key
from pipeline.customers.vault import Vault
from pipeline.floor.state import opened
from pipeline.intake.documents import Document
from pipeline.receive.door import Door

ANNA = {"name": "Anna Brass", "email": "anna@example.com", "phone": "+46 70 555 01 17", "address": "Mill Road 5, Lund"}


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    key.make(tmp_path / "key")
    with opened(f"sqlite:///{tmp_path / 'state.db'}") as engine:
        yield Door(tmp_path / "spool", Ledger(engine), Vault(engine, tmp_path / "key"), tmp_path / "out")


def admit(door: Door, told_by: str = "folder", **fields: Any) -> str:
    value = {"spec": "order/1.0", "id": "O-1", "family": "nameplate", "customer": ANNA, **fields}
    return door.admit(Document(value), "t", Path("nowhere"), told_by).state


@pytest.mark.parametrize(
    "fields",
    [
        {"material": "brass"},
        {"material": "polished brass", "finish": "matt"},
        {"source": {"external_order": "3310055512", "external_line": "4400112233"}},
        {"parameters": {"length_mm": 1200.5, "text": "Anna Brass\n+46 70 555 01 17"}},
        {"id": "plate-4670555"},
        {"id": "oak-and-brass-3310055512-1", "told_by": "oak-and-brass"},
    ],
)
def test_an_order_that_names_nobody_goes(door: Door, fields: dict[str, Any]) -> None:
    assert "queued" == admit(door, **fields)
    assert "known" == admit(door, **fields)


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"material": "brass for Anna  Brass".replace("  ", " ")}, "material"),
        ({"finish": "ask anna.b@example.com"}, "finish"),
        ({"parameters": {"length_mm": "070-555 01 17"}}, "parameters.length_mm"),
        ({"parameters": {"width_mm": 46705550117}}, "parameters.width_mm"),
        ({"family": "plate, Mill Road 5, Lund"}, "family"),
        ({"source": {"external_order": "Anna Brass 1"}}, "source.external_order"),
        ({"id": "plate-anna-1"}, "id"),
    ],
)
def test_an_order_that_names_its_customer_does_not(door: Door, fields: dict[str, Any], place: str) -> None:
    with pytest.raises(OrderError) as caught:
        admit(door, **fields)

    assert ("receive.personal", place) == (caught.value.code, caught.value.place)
    assert not door.spool.exists()
    assert [] == door.vault.export(["O-1", ANNA["email"]])["orders"]


def test_the_worker_reads_the_order_as_it_came(door: Door) -> None:
    admit(door, wishes=["matt", {"text": "звоните", "lang": "ru", "kind": "must"}], finish="matt")
    order = whole(door.vault)(door.ledger.status("O-1").request)

    assert ANNA == order.personal
    assert [("matt", "", "want"), ("звоните", "ru", "must")] == [(w.text, w.lang, w.kind) for w in order.wishes]
    assert "matt" == order.finish


def test_what_was_erased_cannot_be_read_as_if_it_had_never_been(door: Door) -> None:
    admit(door, wishes=["matt"])
    request = door.ledger.status("O-1").request
    door.vault.erase(["O-1"])
    with pytest.raises(OrderError) as caught:
        whole(door.vault)(request)

    assert "customers.erased" == caught.value.code
    assert "known" == admit(door, wishes=["matt"])

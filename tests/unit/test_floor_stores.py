"""Stock, offcuts and counted tools: nothing is taken twice, whoever asks at once, on SQLite and on PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

import tooling_db
from model.errors import ConfigError, OrderError
from model.floor import Offcut
from pipeline.floor import state, stores

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from model.inventory import ToolInstance

PLY = "plywood-sheet-12"
EM_3 = tooling_db.load().instances["bench-em-3-a"]


def used(tool: ToolInstance, minutes: float) -> dict[str, object]:
    return {"order_id": "o-1", "workshop": tool.workshop, "tool": tool.tool_id, "minutes": minutes, "instance": tool.id}


def code(call: Callable[[], object]) -> str:
    """The code of a refusal."""
    with pytest.raises(OrderError) as caught:
        call()
    assert caught.value.hint
    return caught.value.code


def test_what_comes_and_goes_is_counted_a_workshop_and_a_row(database: str) -> None:
    with state.opened(database) as engine:
        for workshop, row, pieces in (
            ("bench", PLY, 5),
            ("bench", PLY, 2),
            ("works", PLY, 1),
            ("bench", "mdf-sheet-6", 3),
        ):
            stores.receive(engine, workshop, row, pieces)
        stores.take(engine, "bench", PLY, 6)

    with state.opened(database) as engine:
        assert {"mdf-sheet-6": 3, PLY: 1} == stores.counted(engine, "bench")
        assert {PLY: 1} == stores.counted(engine, "works")


def test_no_more_is_taken_than_is_there_and_then_nothing(database: str) -> None:
    with state.opened(database) as engine:
        stores.receive(engine, "bench", PLY, 2)
        codes = [
            code(lambda: stores.take(engine, "bench", PLY, 3)),
            code(lambda: stores.take(engine, "works", PLY, 1)),
            code(lambda: stores.take(engine, "bench", PLY, 0)),
            code(lambda: stores.receive(engine, "bench", PLY, -1)),
            code(lambda: stores.receive(engine, "bench", PLY, 10**9)),
        ]

        assert ["state.too-few"] * 2 + ["state.pieces"] * 3 == codes
        assert {PLY: 2} == stores.counted(engine, "bench")


def test_twenty_hands_that_take_at_once_get_what_there_is(database: str) -> None:
    with state.opened(database) as engine:
        stores.receive(engine, "bench", PLY, 12)

        def one(_: int) -> bool:
            try:
                stores.take(engine, "bench", PLY, 1)
            except OrderError:
                return False
            return True

        with ThreadPoolExecutor(4) as hands:
            got = list(hands.map(one, range(20)))

        assert (12, {PLY: 0}) == (sum(got), stores.counted(engine, "bench"))


def test_the_first_pieces_of_a_row_may_come_from_two_sides_at_once(database: str) -> None:
    with state.opened(database) as engine:
        with ThreadPoolExecutor(4) as hands:
            list(hands.map(lambda _: stores.receive(engine, "bench", PLY, 1), range(12)))

        assert {PLY: 12} == stores.counted(engine, "bench")


def test_an_offcut_is_kept_by_its_number_and_used_once(database: str) -> None:
    with state.opened(database) as engine:
        first, second = (stores.put_by(engine, "bench", "plywood", (300, y, 12)) for y in (180, 90))
        stores.use_offcut(engine, first, "o-1")

        assert [Offcut(second, "bench", "plywood", (300, 90, 12))] == stores.offcuts(engine, "bench")
        assert "state.no-offcut" == code(lambda: stores.use_offcut(engine, first, "o-2"))
        assert "state.no-offcut" == code(lambda: stores.use_offcut(engine, 999, "o-2"))


def test_a_tool_wears_by_what_is_reported_and_by_what_is_said(database: str) -> None:
    older = replace(EM_3, used_min=20.0)
    with state.opened(database) as engine:
        state.record(engine, [], [used(EM_3, 15.0), used(EM_3, 10.0)], [], [])
        (life,) = stores.lives(engine, [older])
        stores.set_tool(engine, EM_3.id, "broken", "fell")
        (broken,) = stores.lives(engine, [older])
        stores.set_tool(engine, EM_3.id, "available", "another one")
        state.record(engine, [], [used(EM_3, 100.0)], [], [])
        (over,) = stores.lives(engine, [older])

    assert (45.0, 15.0, "available") == (life.used_min, life.left_min, life.state)
    assert ("broken", 0.0) == (broken.state, broken.left_min)
    assert ("available", 145.0, 0.0) == (over.state, over.used_min, over.left_min)


def test_an_older_database_is_brought_up_and_keeps_its_minutes(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from alembic import command

    upgrade = command.upgrade
    with monkeypatch.context() as older:
        older.setattr(command, "upgrade", lambda config, _: upgrade(config, "0001"))
        with state.opened(database) as engine, engine.begin() as connection:
            row = "values ('now', 'o', 'bench', 'em-3', 7)"
            connection.exec_driver_sql(f"insert into tool_minutes (at, order_id, workshop, tool, minutes) {row}")
    with state.opened(database) as engine:
        assert [0.0] == [one.used_min for one in stores.lives(engine, [EM_3])]
        with engine.connect() as connection:
            kept = connection.exec_driver_sql("select minutes, instance from tool_minutes").all()

    assert [(7.0, "")] == [tuple(row) for row in kept]


@pytest.mark.parametrize(
    ("address", "wrong"),
    [
        ("postgresql+nothing://u:secret@h/d", "state.not-readable"),
        ("mysql+pymysql://u:secret@h/d", "state.no-driver"),
        ("not an address", "state.not-readable"),
        ("postgresql+psycopg://u:secret@localhost:1/d", "state.not-readable"),
    ],
)
def test_an_address_nobody_answers_is_named_without_its_password(address: str, wrong: str) -> None:
    with pytest.raises(ConfigError) as caught, state.opened(address):
        pass

    assert wrong == caught.value.code
    assert caught.value.hint
    assert "secret" not in f"{caught.value} {caught.value.place}"


def test_a_folder_that_cannot_be_made_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(ConfigError, match="cannot be used"),
        state.opened(f"sqlite:///{tmp_path / 'file' / 'state.db'}"),
    ):
        pass


def test_a_tool_none_of_whose_pieces_cuts_is_not_planned_with_in_its_workshop(database: str) -> None:
    shop = tooling_db.load()
    own = [i for i in shop.instances.values() if (i.workshop, i.tool_id) == ("bench", "em-3")]
    with state.opened(database) as engine:
        stores.set_tool(engine, own[0].id, "worn", "")
        some, quiet = stores.without_worn(shop, stores.lives(engine, shop.instances.values()))
        for one in own[1:]:
            stores.set_tool(engine, one.id, "broken", "")
        none, told = stores.without_worn(shop, stores.lives(engine, shop.instances.values()))
    bench, works = shop.workshops["bench"].machines, shop.workshops["works"].machines
    left = {m.id: {a.tool.id for a in m.tools} for m in none.machines.values()}

    assert (shop, ()) == (some, quiet)
    assert not any("em-3" in left[m] for m in bench if m in left)
    assert {m: {a.tool.id for a in shop.machines[m].tools} for m in works if m in left} == {
        m: left[m] for m in works if m in left
    }
    assert told
    assert all("em-3 has no life left" in line for line in told)

"""Learning from the floor: what is reported comes back, estimates move towards the truth, and their doubt shrinks."""

from __future__ import annotations

from math import exp, log
from typing import TYPE_CHECKING

import numpy as np
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import MetaData

import tooling_db
from model.errors import ConfigError, OrderError
from model.floor import Experience, Learned, Observation
from pipeline.batch import ledger
from pipeline.customers import tables as customers
from pipeline.floor import state, stores
from pipeline.floor.learn import BOUNDS, checked, learned
from pipeline.network import tables as network

if TYPE_CHECKING:
    from pathlib import Path

    from model.floor import What

EM_10 = tooling_db.load().instances["bench-em-10-a"]
SHOPS = {"bench": tooling_db.load().workshops["bench"]}


def seen(actual: float, planned: float = 10.0, what: What = "run", *, typical: bool = True) -> Observation:
    return Observation("o-1", "bench", "mill-linuxcnc", "al-6082", 1, what, planned, actual, typical)


def history(factor: float, scatter: float, count: int, seed: int) -> list[Observation]:
    chance = np.random.default_rng(seed)
    return [seen(10 * factor * exp(scatter * float(chance.standard_normal()))) for _ in range(count)]


def taught(observations: list[Observation]) -> Learned:
    (found,) = learned(observations, SHOPS)
    return found


@pytest.mark.parametrize("factor", [0.7, 1.0, 1.35])
def test_a_known_truth_is_found_and_the_doubt_shrinks(factor: float) -> None:
    runs = history(factor, 0.12, 200, seed=3)
    widths = [(one.high - one.low) / one.factor for one in (taught(runs[:n]) for n in (3, 12, 50, 200))]

    assert sorted(widths, reverse=True) == widths
    assert factor == pytest.approx(taught(runs).factor, rel=0.03)
    assert exp(0.12 * 1.2816) == pytest.approx(taught(runs).spread, rel=0.03)


def test_nine_of_ten_intervals_hold_the_truth() -> None:
    held = sum(one.low <= 1.2 <= one.high for one in (taught(history(1.2, 0.15, 20, seed)) for seed in range(300)))

    assert 0.84 <= held / 300 <= 0.97


def test_the_first_run_moves_the_seed_half_the_way_and_the_seed_stays_beside_it() -> None:
    one = taught([seen(14.0)])

    assert exp(log(1.4) / 2) == pytest.approx(one.factor)
    assert (1.0, SHOPS["bench"].spread, 1) == (one.seed_factor, one.seed_spread, one.runs)


@settings(deadline=None)
@given(actuals=st.lists(st.floats(2.1, 49), min_size=1, max_size=12), more=st.floats(2.1, 49))
def test_what_is_learned_stays_in_bounds_and_does_not_depend_on_the_order(actuals: list[float], more: float) -> None:
    runs = [seen(value) for value in actuals]

    assert BOUNDS[0] <= taught(runs).factor <= BOUNDS[1]
    assert taught(runs) == taught(runs[::-1])
    assert taught(runs) == taught([*runs, seen(more, typical=False)])
    slower = taught([seen(value * 1.02) for value in actuals])
    assert taught(runs).factor <= slower.factor


@pytest.mark.parametrize("minutes", [0.0, -3.0, float("inf"), float("nan"), 1.9, 51.0])
def test_minutes_that_cannot_be_typical_are_refused(minutes: float) -> None:
    with pytest.raises(OrderError, match="setup 1, run"):
        checked(seen(minutes))


def test_an_incident_is_kept_but_not_refused() -> None:
    assert 500.0 == checked(seen(500.0, typical=False)).actual_min


def test_what_was_reported_is_read_back_and_the_database_is_made_once(database: str) -> None:
    for minutes in (11.0, 12.0):
        with state.opened(database) as engine:
            tools: list[dict[str, object]] = [
                {"order_id": "o-1", "workshop": "bench", "tool": "em-10", "minutes": 2.5, "instance": EM_10.id}
            ]
            state.record(engine, [seen(minutes)], tools, [], [{"order_id": "o-1", "what": "length", "value_mm": 9.98}])

    with state.opened(database) as engine:
        assert [seen(11.0), seen(12.0)] == state.observations(engine)
        assert [5.0] == [one.used_min for one in stores.lives(engine, [EM_10])]


def test_the_migrations_make_the_very_tables_the_code_uses(database: str) -> None:
    tables = MetaData()
    for room in (state, ledger, customers, network):
        for table in room.TABLES.sorted_tables:
            table.to_metadata(tables)
    with state.opened(database) as engine, engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), tables)

    assert [] == differences


@pytest.mark.parametrize("content", [b"no database at all, just words", b""])
def test_a_file_that_is_no_database_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "state.db"
    path.write_bytes(content)
    if not content:  # an empty file is a new database
        with state.opened(f"sqlite:///{path}") as engine:
            assert [] == state.observations(engine)
        return
    with pytest.raises(ConfigError, match="cannot be used"), state.opened(f"sqlite:///{path}"):
        pass


def test_a_database_of_a_newer_version_is_refused(database: str) -> None:
    with state.opened(database) as engine, engine.begin() as connection:
        connection.exec_driver_sql("update alembic_version set version_num = '9999'")

    with pytest.raises(ConfigError, match="another version"), state.opened(database):
        pass


def test_experience_answers_only_for_what_it_saw() -> None:
    known = Experience(learned([seen(12.0)], SHOPS))

    assert known.of("bench", "mill-linuxcnc", "al-6082", "run") is not None
    assert known.of("bench", "mill-linuxcnc", "al-6082", "setting up") is None
    assert known.of("bench", "mill-mach3", "al-6082", "run") is None

"""The stage runner: wiring by type hints, results kept, values always read from what was stored."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from model.errors import CapabilityError, LotOneError
from pipeline.engine.events import Event
from pipeline.engine.stage import Run, Stage, stage, wired
from pipeline.engine.store import Store


@dataclass(frozen=True, slots=True)
class Wish:
    width_mm: float


@dataclass(frozen=True, slots=True)
class Board:
    width_mm: float


@dataclass(frozen=True, slots=True)
class Hole:
    types: str


def saw(wish: Wish) -> Board:
    if wish.width_mm > 100:
        raise CapabilityError("saw.too-wide", "too wide", value=wish.width_mm, limit=100)
    return Board(wish.width_mm)


def drill(board: Board) -> Hole:
    return Hole(type(board.width_mm).__name__)


def no_hints(board):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201 - that is what is tested
    return board


def line() -> tuple[Stage, ...]:
    return wired((stage("saw", saw), stage("drill", drill)), (Wish,))


def travel(store: Store, wish: Wish, code: str = "c", heard: list[Event] | None = None) -> Run:
    run = Run("o1", store, code, (heard if heard is not None else []).append)
    run.give(wish)
    for one in line():
        run.run(one, 0.5)
    return run


def test_a_second_run_takes_everything_from_the_store(tmp_path: Path) -> None:
    store = Store(tmp_path)
    first, second = travel(store, Wish(40.0)), travel(store, Wish(40.0))

    assert [False, False] == [d.cached for d in first.done]
    assert [(d.name, d.key, d.output, True) for d in first.done] == [
        (d.name, d.key, d.output, d.cached) for d in second.done
    ]


def test_other_code_runs_again(tmp_path: Path) -> None:
    store = Store(tmp_path)
    travel(store, Wish(40.0))

    assert [False, False] == [d.cached for d in travel(store, Wish(40.0), code="d").done]


def test_another_salt_runs_again(tmp_path: Path) -> None:
    store = Store(tmp_path)
    keys = set()
    for version in ("1.0", "1.0", "1.1"):
        run = Run("o1", store, "c")
        run.give(Wish(1.0))
        keys.add(run.run(stage("saw", saw, lambda version=version: version), 0.0).key)  # type: ignore[misc]

    assert 2 == len(keys)


def test_a_stage_sees_stored_values_not_the_ones_just_made(tmp_path: Path) -> None:
    run = travel(Store(tmp_path), Wish(40))

    assert Hole("float") == run.value(Hole)


def test_a_failure_carries_order_and_stage(tmp_path: Path) -> None:
    with pytest.raises(CapabilityError) as caught:
        travel(Store(tmp_path), Wish(101.0))

    assert ("o1", "saw") == (caught.value.order_id, caught.value.stage)


def test_a_lost_result_is_made_anew_by_the_next_run(tmp_path: Path) -> None:
    store = Store(tmp_path)
    run = travel(store, Wish(40.0))
    blob = next(p for p in tmp_path.rglob(run.done[1].output))
    blob.write_bytes(b"torn")
    with pytest.raises(LotOneError, match="gone or damaged"):
        run.stored(run.done[1].output)

    assert [True, False] == [d.cached for d in travel(store, Wish(40.0)).done]


def test_events_tell_started_finished_and_cached(tmp_path: Path) -> None:
    heard: list[Event] = []
    travel(Store(tmp_path), Wish(40.0), heard=heard)
    travel(Store(tmp_path), Wish(40.0), heard=heard)

    assert ["started", "finished", "started", "finished", "cached", "cached"] == [e.what for e in heard]


def test_a_stage_nobody_feeds_is_refused_when_the_line_is_declared() -> None:
    with pytest.raises(TypeError, match="takes Board, which nothing before it gives"):
        wired((stage("drill", drill),), (Wish,))


def test_a_stage_without_hints_is_refused() -> None:
    with pytest.raises(TypeError, match="hints missing"):
        stage("x", no_hints)


def test_a_function_that_is_not_what_its_stage_declares_does_not_run(tmp_path: Path) -> None:
    run = Run("o1", Store(tmp_path), "c")
    run.give(Wish(1.0))
    with pytest.raises(TypeError, match="is declared Wish -> Hole, its function is not"):
        run.run(Stage("saw", (Wish,), Hole, lambda: saw, str), 0.0)

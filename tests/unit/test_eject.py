"""One stage lifted out of the line gives alone what it gave in the line; what is not whole is not run."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

import tooling_db
from model.errors import ConfigError, OrderError
from model.order import Order, Wish
from pipeline.eject import eject, replay, write
from pipeline.engine.code import code_digest
from pipeline.engine.events import silent
from pipeline.engine.stage import Run
from pipeline.engine.store import Store
from pipeline.line import travel

PLATE = Order("p-1", "nameplate", {"text": "A"}, material="brass", personal={"name": "Marta Nowak"})
SHOP = tooling_db.load()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(tmp_path_factory.mktemp("store"))


@pytest.mark.parametrize("stage", ["understand", "design", "export"])
def test_a_stage_alone_gives_what_it_gave_in_the_line(store: Store, tmp_path: Path, stage: str) -> None:
    run = Run("p-1", store, code_digest())
    travel(replace(PLATE, personal={}), SHOP, run, stage)
    folder = tmp_path / stage
    write(folder, eject(PLATE, SHOP, stage, store, silent), "p-1", stage)
    text = b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())

    assert (stage, run.done[-1].output, "") == replay(folder)
    assert b"Nowak" not in text


def test_what_was_changed_is_not_run(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "design"
    write(folder, eject(PLATE, SHOP, "design", store, silent), "p-1", "design")
    for path in sorted(folder.rglob("*.json")):
        before = path.read_bytes()
        for harm in (before[:-9], b"", b"[]"):
            path.write_bytes(harm)
            with pytest.raises(ConfigError) as caught:
                replay(folder)

            assert ("eject.not-whole", str(path)) == (caught.value.code, caught.value.place)
        path.write_bytes(before)
    with pytest.raises(ConfigError, match="not empty"):
        write(folder, eject(PLATE, SHOP, "design", store, silent), "p-1", "design")


def test_other_packages_are_told(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "design"
    write(folder, eject(PLATE, SHOP, "understand", store, silent), "p-1", "understand")
    file = folder / "stage.json"
    told = json.loads(file.read_bytes())
    file.write_text(json.dumps({**told, "code": "0" * 64, "packages": {**told["packages"], "numpy": "0.1"}}))

    assert replay(folder)[2].startswith("the code of LotOne, numpy 0.1 (here ")


def test_wishes_are_not_ejected_and_a_stage_nobody_knows_is_named(store: Store) -> None:
    wished = replace(PLATE, wishes=(Wish("for Marta Nowak, larger letters"),))
    with pytest.raises(OrderError) as wishes:
        list(eject(wished, SHOP, "understand", store, silent))
    with pytest.raises(OrderError) as unknown:
        list(eject(PLATE, SHOP, "slice", store, silent))

    assert ["eject.wishes", "eject.unknown-stage"] == [wishes.value.code, unknown.value.code]

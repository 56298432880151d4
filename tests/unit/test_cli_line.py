"""One order down the line: what fails is an outcome with its code, and nothing of it is lost or released."""

from __future__ import annotations

import errno
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import tooling_db
from model.errors import CapabilityError, ConfigError, OrderError, VerificationError
from model.order import Order
from model.tooling import ShopData
from pipeline.batch.run import one_by_one
from pipeline.cli.app import app
from pipeline.engine.asked import process_for
from pipeline.engine.events import Event
from pipeline.engine.folder import Entry, Manifest, check_hashes, listed, publish
from pipeline.engine.outcome import Outcome
from pipeline.engine.store import Store
from pipeline.line import make_order
from pipeline.recheck import stands_for

NOTHING: Any = None
PLATE = Order("p-1", "nameplate", {"text": "A"}, material="brass")


@pytest.fixture(scope="module")
def shop() -> ShopData:
    return tooling_db.load()


def test_the_material_chooses_the_process(shop: ShopData) -> None:
    assert ("cut", "print") == (process_for("brass-cuzn39pb3", shop), process_for("petg", shop))


def test_a_material_the_shop_does_not_keep_is_a_matter_of_capability(shop: ShopData) -> None:
    with pytest.raises(CapabilityError) as caught:
        process_for("unobtainium", shop)

    assert "line.material-unknown" == caught.value.code


def test_a_refused_order_leaves_its_findings_and_no_release(tmp_path: Path, shop: ShopData) -> None:
    order = replace(PLATE, parameters={"text": "A", "length_mm": 5})
    outcome = make_order(order, shop, tmp_path, Store(tmp_path / "cache"))
    told = json.loads((tmp_path / "p-1" / "findings.json").read_text())

    assert ("refused", 65) == (outcome.verdict, outcome.exit_code)
    assert outcome.problem is not None
    assert (outcome.problem.code, outcome.problem.place) == (told["code"], told.get("place", ""))
    assert ["events.jsonl", "findings.json", "inputs", "manifest.json"] == sorted(
        p.name for p in (tmp_path / "p-1").iterdir()
    )


def test_a_bug_is_an_outcome_with_its_trace_in_the_events(tmp_path: Path, shop: ShopData) -> None:
    broken = replace(shop, materials={"brass-cuzn39pb3": NOTHING})
    outcome = make_order(PLATE, broken, tmp_path, Store(tmp_path / "cache"))
    events = [json.loads(line) for line in (tmp_path / "p-1" / "events.jsonl").read_text().splitlines()]

    assert outcome.problem is not None
    assert ("broken", 70, "bug.ValueError", "understand") == (
        outcome.verdict,
        outcome.exit_code,
        outcome.problem.code,
        outcome.problem.stage,
    )
    assert ["Traceback" in e["detail"] for e in events if e["what"] == "note"] == [True]


@pytest.mark.parametrize("order_id", ["", "../up", "a/b", ".git"])
def test_an_id_that_is_no_folder_name_is_refused_before_anything_is_written(
    tmp_path: Path, shop: ShopData, order_id: str
) -> None:
    heard: list[Event] = []
    out = tmp_path / "in" / "out"
    outcome = make_order(replace(PLATE, id=order_id), shop, out, Store(tmp_path / "in" / "cache"), heard.append)

    assert outcome.problem is not None
    assert ("order.bad-id", 65) == (outcome.problem.code, outcome.exit_code)
    assert [] == list(tmp_path.rglob("*"))
    assert ["failed"] == [e.what for e in heard]


def test_an_out_folder_that_cannot_be_made_is_named(tmp_path: Path, shop: ShopData) -> None:
    (tmp_path / "out").write_text("a file")
    outcome = make_order(PLATE, shop, tmp_path / "out", Store(tmp_path / "cache"))

    assert outcome.problem is not None
    assert ("store.cannot-write", 78) == (outcome.problem.code, outcome.exit_code)


@pytest.mark.parametrize("writes", [0, 1, 2, 3])
def test_a_disk_full_from_the_first_byte_on_is_named(
    tmp_path: Path, shop: ShopData, monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    left, sync = [writes], os.fsync

    def full(handle: int) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(handle)

    monkeypatch.setattr(os, "fsync", full)
    outcome = make_order(PLATE, shop, tmp_path, Store(tmp_path / "cache"))

    assert outcome.problem is not None
    assert ("store.disk-full", 78) == (outcome.problem.code, outcome.exit_code)


def old_release(out: Path, order_id: str = "p-1") -> Path:
    root = out / order_id
    entries = (Entry("release/programs/p.nc", b"G21", "program", "text/x-gcode", "post"),)
    root.mkdir(parents=True)
    publish(root, entries, Manifest("lotone.manifest/1", order_id, "released", "cut", "k", listed(entries)))
    return root


def test_an_old_release_that_cannot_be_taken_away_is_named(
    tmp_path: Path, shop: ShopData, monkeypatch: pytest.MonkeyPatch
) -> None:
    old_release(tmp_path)

    def locked(path: Path, *_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(Path, "unlink", locked)
    outcome = make_order(PLATE, shop, tmp_path, Store(tmp_path / "cache"))

    assert outcome.problem is not None
    assert ("store.cannot-write", 78) == (outcome.problem.code, outcome.exit_code)


def refusal(code: str, place: str, order_id: str = "p-1") -> OrderError:
    error = OrderError(code, "refused", place=place)
    error.order_id = order_id
    return error


@pytest.mark.parametrize(
    ("code", "place"),
    [
        ("intake.no-consent", "a.yaml: consent.produce (line 4)"),
        ("intake.bad-value", "a.yaml: quantity (line 7)"),
        ("intake.duplicate-id", "a.yaml, b.yaml"),
    ],
)
def test_an_order_refused_at_the_door_loses_its_old_release(
    tmp_path: Path, shop: ShopData, code: str, place: str
) -> None:
    root = old_release(tmp_path)
    (outcome,) = one_by_one([refusal(code, place)], shop, tmp_path, tmp_path / "cache")

    assert ("refused", str(root)) == (outcome.verdict, outcome.folder)
    assert ["findings.json", "manifest.json"] == sorted(p.name for p in root.iterdir())
    assert "refused" == check_hashes(root).verdict


@pytest.mark.parametrize(
    ("code", "place", "order_id"),
    [
        ("intake.not-yaml", "p-1.yaml: line 1", "p-1"),
        ("intake.missing-field", "p-1.yaml: id", "p-1"),
        ("intake.bad-value", "p-1.yaml: id (line 2)", "p-1"),
        ("intake.no-consent", "a.yaml: consent", "p-2"),
        ("intake.no-consent", "a.yaml: consent", "../p-1"),
    ],
)
def test_an_order_whose_id_is_not_known_touches_no_release(
    tmp_path: Path, shop: ShopData, code: str, place: str, order_id: str
) -> None:
    root = old_release(tmp_path)
    (outcome,) = one_by_one([refusal(code, place, order_id)], shop, tmp_path, tmp_path / "cache")

    assert ("refused", "") == (outcome.verdict, outcome.folder)
    assert "released" == check_hashes(root).verdict


TEXTS = {"a.nc": "G21\nT1\nG0 X1\nG1 X2\nM30\n", "b.nc": "G21\nT2\nG0 Y1\nG1 Y2\nM30\n"}


@pytest.mark.parametrize(
    ("text", "name", "replaces", "expected"),
    [
        ("anything", "b.nc", "", "b.nc"),
        ("anything", "new.nc", "a.nc", "a.nc"),
        ("G21\nT2\nG0 Y1\nG1 Y2.5\nM30\n", "new.nc", "", "b.nc"),
    ],
)
def test_a_text_stands_for_the_program_it_is_named_after_or_most_like(
    text: str, name: str, replaces: str, expected: str
) -> None:
    assert expected == stands_for(text, name, TEXTS, replaces)


@pytest.mark.parametrize("text", ["", "hello\n", "\x7fELF\n"])
def test_a_text_like_no_released_program_is_refused(text: str) -> None:
    with pytest.raises(VerificationError) as caught:
        stands_for(text, "new.nc", TEXTS)

    assert ("verify.no-program", ["verify.no-program"]) == (caught.value.code, [f.code for f in caught.value.findings])


@pytest.mark.parametrize(("text", "replaces"), [("G21\nM30\n", ""), ("G21\n", "c.nc")])
def test_a_text_like_two_programs_is_asked_about(text: str, replaces: str) -> None:
    with pytest.raises(ConfigError) as caught:
        stands_for(text, "new.nc", TEXTS, replaces)

    assert "verify.which-program" == caught.value.code


@pytest.mark.parametrize(
    ("source", "by"), [("part.step", "in_parallel"), ("a nameplate", "one_by_one")], ids=["own solid", "family"]
)
def test_a_customers_solid_is_made_in_a_worker_and_a_family_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, by: str
) -> None:
    made: list[str] = []

    def instead(name: str) -> Any:
        def record(*_: object, **__: object) -> list[Outcome]:
            made.append(name)
            return []

        return record

    for name in ("in_parallel", "one_by_one"):
        monkeypatch.setattr(f"pipeline.batch.run.{name}", instead(name))
    (tmp_path / "part.step").write_bytes(b"ISO-10303-21;")
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["make", source, "--material", "brass", "--cache", "cache"])

    assert 0 == done.exit_code
    assert [by] == made

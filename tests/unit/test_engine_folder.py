"""The order's folder: all or nothing, hashed, swept, and never a release that outlives its order."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

from model.errors import ConfigError, OrderError, VerificationError
from pipeline.engine.folder import (
    Entry,
    Manifest,
    check_hashes,
    held,
    listed,
    publish,
    read_manifest,
    safe_name,
    withdraw,
)

STAGE = Entry("stages/1-a/output.json", b"{}", "stage-output", "application/json", "a", ("the order",))
PROGRAM = Entry("release/programs/p.nc", b"G21", "program", "text/x-gcode", "post")
SHEET = Entry("release/setup.pdf", b"%PDF", "setup-sheet", "application/pdf", "papers")


def put(root: Path, *entries: Entry, verdict: str = "released", made_for: str = "k") -> None:
    root.mkdir(exist_ok=True)
    publish(root, entries, Manifest("lotone.manifest/1", "o", verdict, "cut", made_for, listed(entries)))


def names(root: Path) -> list[str]:
    return sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file())


def test_everything_is_written_and_listed(tmp_path: Path) -> None:
    put(tmp_path, STAGE, PROGRAM, SHEET)

    assert ["manifest.json", PROGRAM.path, SHEET.path, STAGE.path] == names(tmp_path)
    assert [PROGRAM.path, SHEET.path, STAGE.path] == [f.path for f in check_hashes(tmp_path).files]


def test_a_second_release_replaces_the_first_and_its_leftovers(tmp_path: Path) -> None:
    put(tmp_path, STAGE, PROGRAM, SHEET)
    other = Entry("stages/2-b/output.json", b"[]", "stage-output", "application/json", "b")
    put(tmp_path, other, PROGRAM)

    assert ["manifest.json", PROGRAM.path, other.path] == names(tmp_path)


@pytest.mark.parametrize("place", ["stages", "stages/1-a", "inputs", "release", "release/programs", "events.jsonl"])
def test_links_in_the_folder_are_refused_and_nothing_is_written_through_them(tmp_path: Path, place: str) -> None:
    root, elsewhere = tmp_path / "o", tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept.txt").write_text("kept")
    (root / place).parent.mkdir(parents=True)
    (root / place).symlink_to(elsewhere)
    with pytest.raises(ConfigError) as refused:
        put(root, STAGE, PROGRAM)
    with pytest.raises(ConfigError):
        withdraw(root, "k")

    assert "folder.link" == refused.value.code
    assert ["kept.txt"] == [p.name for p in elsewhere.iterdir()]


def test_a_refused_order_keeps_no_release(tmp_path: Path) -> None:
    put(tmp_path, STAGE, PROGRAM)
    findings = Entry("findings.json", b"{}", "findings", "application/json", "verify")
    put(tmp_path, STAGE, findings, verdict="refused")

    assert ["findings.json", "manifest.json", STAGE.path] == names(tmp_path)


def test_a_release_made_for_other_inputs_goes_before_the_work_begins(tmp_path: Path) -> None:
    put(tmp_path, STAGE, PROGRAM)
    withdraw(tmp_path, "k")
    kept = names(tmp_path)
    withdraw(tmp_path, "another order under the same id")

    assert (["manifest.json", PROGRAM.path, STAGE.path], [STAGE.path]) == (kept, names(tmp_path))


def test_a_half_made_release_is_swept_away(tmp_path: Path) -> None:
    (tmp_path / "release.part").mkdir(parents=True)
    (tmp_path / "release.part" / "p.nc").write_bytes(b"G")
    (tmp_path / "stages").mkdir()
    (tmp_path / "stages" / "x.json.1234.part").write_bytes(b"{")
    withdraw(tmp_path, "k")
    put(tmp_path, STAGE, PROGRAM)

    assert ["manifest.json", PROGRAM.path, STAGE.path] == names(tmp_path)


def test_a_release_is_renamed_before_it_is_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that dies while it deletes leaves no half release, and the next run sweeps the rest away."""
    put(tmp_path, STAGE, PROGRAM, SHEET)

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(shutil, "rmtree", dies)
    with pytest.raises(KeyboardInterrupt):
        withdraw(tmp_path, "another order under the same id")
    monkeypatch.undo()
    left = sorted(p.name for p in tmp_path.iterdir())
    withdraw(tmp_path, "another order under the same id")

    assert ["release.old.part", "stages"] == left
    assert [STAGE.path] == names(tmp_path)


def test_when_the_release_cannot_be_written_there_is_none(tmp_path: Path) -> None:
    put(tmp_path, STAGE, PROGRAM)
    clash = Entry("release/programs", b"a file where a folder must be", "x", "y", "z")
    with pytest.raises(ConfigError):
        put(tmp_path, STAGE, PROGRAM, clash)

    assert [STAGE.path] == [n for n in names(tmp_path) if n.startswith("stages")]
    assert not (tmp_path / "manifest.json").exists()
    assert not (tmp_path / "release.part").exists()


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        (lambda root: (root / PROGRAM.path).write_bytes(b"G20"), "folder.changed-file"),
        (lambda root: (root / PROGRAM.path).unlink(), "folder.missing-file"),
        (lambda root: (root / "release" / "extra.nc").write_bytes(b"G0"), "folder.extra-file"),
        (lambda root: (root / "release" / "link.nc").symlink_to("/etc/hostname"), "folder.extra-file"),
        (lambda root: (root / "manifest.json").unlink(), "folder.no-manifest"),
        (lambda root: (root / "manifest.json").write_text("{}"), "folder.no-manifest"),
    ],
)
def test_a_changed_folder_is_refused(tmp_path: Path, harm: object, code: str) -> None:
    put(tmp_path, STAGE, PROGRAM)
    harm(tmp_path)  # type: ignore[operator]
    with pytest.raises(VerificationError) as caught:
        check_hashes(tmp_path)

    assert code == caught.value.code


def test_a_link_in_the_place_of_a_file_is_refused(tmp_path: Path) -> None:
    put(tmp_path, STAGE, PROGRAM)
    target = tmp_path.parent / "elsewhere.nc"
    shutil.move(tmp_path / PROGRAM.path, target)
    (tmp_path / PROGRAM.path).symlink_to(target)
    with pytest.raises(VerificationError) as caught:
        check_hashes(tmp_path)

    assert "folder.missing-file" == caught.value.code


def test_a_manifest_that_points_outside_is_refused(tmp_path: Path) -> None:
    put(tmp_path, STAGE)
    text = (tmp_path / "manifest.json").read_text().replace(STAGE.path, "../other/output.json")
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(VerificationError) as caught:
        read_manifest(tmp_path)

    assert "folder.bad-manifest" == caught.value.code


@pytest.mark.parametrize("order_id", ["nameplate-0042", "A.1_b", "заказ-7"])
def test_a_good_id_names_a_folder(order_id: str) -> None:
    assert order_id == safe_name(order_id)


@pytest.mark.parametrize("order_id", ["", "..", ".hidden", "-x", "a/b", "a b", "a\n", "x" * 81, "ж" * 41])
def test_a_bad_id_is_refused(order_id: str) -> None:
    with pytest.raises(OrderError) as caught:
        safe_name(order_id)

    assert "order.bad-id" == caught.value.code


def test_two_runs_on_one_folder_wait_for_each_other(tmp_path: Path) -> None:
    seen: list[str] = []

    def second() -> None:
        with held(tmp_path):
            seen.append("second")

    with held(tmp_path):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(0.2)
        seen.append("first")
    thread.join()

    assert ["first", "second"] == seen

"""The kept tooling database: the same as its files, never stale, never half, made anew when it is damaged."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import tooling_db
from model.errors import ConfigError
from pipeline.cli import options
from pipeline.engine.store import Store
from tooling_db import compiled

HOUSE = Path(__file__).resolve().parents[2]
GOOD = Path(tooling_db.__file__).parent
MILLS = "tools/end_mills.toml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Copy the good folder's data files."""
    copy = tmp_path / "shop"
    shutil.copytree(GOOD, copy, ignore=shutil.ignore_patterns("*.py", "__pycache__", "libraries"))
    return copy


def changed(folder: Path, old: str, new: str) -> None:
    path = folder / MILLS
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def blobs(store: Store) -> list[Path]:
    return sorted(p for p in (store.root / "blobs").rglob("*") if p.is_file())


def test_what_is_kept_is_what_the_files_say(tmp_path: Path) -> None:
    store = Store(tmp_path)
    first, kept, loaded = (options.kept_shop(None, store), options.kept_shop(None, store), tooling_db.load())

    assert loaded == first == kept
    assert [list(getattr(loaded, name)) for name in ("machines", "tools", "stock")] == [
        list(getattr(kept, name)) for name in ("machines", "tools", "stock")
    ]
    assert all(a.tool is kept.tools[a.tool.id] for m in kept.machines.values() for a in m.tools)


def test_a_kept_database_is_not_read_from_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options.kept_shop(None, Store(tmp_path))
    monkeypatch.setattr(tooling_db, "load", lambda _folder: pytest.fail("the files were read"))

    assert options.kept_shop(None, Store(tmp_path)).tools


def test_a_changed_row_is_seen_at_once_and_the_old_one_when_it_is_back(folder: Path, tmp_path: Path) -> None:
    store, price = Store(tmp_path / "cache"), []
    for old, new in (("", ""), ("price_eur = 9.0", "price_eur = 9.5"), ("price_eur = 9.5", "price_eur = 9.0")):
        changed(folder, old, new)
        price.append(options.kept_shop(folder, store).tools["em-1"].price_eur)

    assert [9.0, 9.5, 9.0] == price


def test_a_file_more_or_renamed_is_another_database(folder: Path) -> None:
    prints = {compiled.fingerprint(folder)}
    (folder / "more.toml").write_text("")
    prints.add(compiled.fingerprint(folder))
    (folder / "more.toml").rename(folder / "other.toml")
    prints.add(compiled.fingerprint(folder))

    assert 3 == len(prints)


def test_a_database_that_is_refused_is_not_kept(folder: Path, tmp_path: Path) -> None:
    changed(folder, "flutes = 2", "flutes = 0")
    for _ in range(2):
        with pytest.raises(ConfigError, match="flutes"):
            options.kept_shop(folder, Store(tmp_path / "cache"))

    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("harm", ["cut", "flipped", "gone", "key"])
def test_a_damaged_one_is_made_anew(tmp_path: Path, harm: str) -> None:
    store = Store(tmp_path)
    whole = options.kept_shop(None, store)
    (blob,) = blobs(store)
    data = blob.read_bytes()
    if harm == "gone":
        blob.unlink()
    elif harm == "key":
        (key,) = [p for p in (tmp_path / "keys").rglob("*") if p.is_file()]
        key.write_bytes(b"\xff" * 64)
    else:
        blob.write_bytes(data[: len(data) // 2] if harm == "cut" else data.replace(b"9.0", b"8.0", 1))

    assert whole == options.kept_shop(None, store)
    assert [data] == [p.read_bytes() for p in blobs(store)]


def test_it_is_text_anybody_can_read(tmp_path: Path) -> None:
    options.kept_shop(None, Store(tmp_path))
    (blob,) = blobs(Store(tmp_path))

    assert {"tools", "machines", "gauges"} <= set(json.loads(blob.read_text(encoding="utf-8")))


def test_processes_that_write_at_once_leave_one_whole_copy(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from pipeline.cli import options;"
        "from pipeline.engine.store import Store; options.kept_shop(None, Store(Path(sys.argv[1])))"
    )
    running = [subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], cwd=HOUSE) for _ in range(3)]
    ended = [one.wait() for one in running]

    assert [0, 0, 0] == ended
    assert 1 == len(blobs(Store(tmp_path)))
    assert [] == list(tmp_path.rglob("*.part"))
    assert tooling_db.load() == options.kept_shop(None, Store(tmp_path))

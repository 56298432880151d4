"""The store: whole files or none, damage found, a full disk named."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from model.errors import ConfigError
from pipeline.engine.store import Store, sha256, write_atomic


def test_what_is_put_is_found_and_got(tmp_path: Path) -> None:
    store = Store(tmp_path)
    digest = store.put("0" * 64, b"data")

    assert (digest, b"data") == (store.find("0" * 64), store.get(digest))


def test_an_unknown_key_is_not_found(tmp_path: Path) -> None:
    assert Store(tmp_path).find("1" * 64) is None


def test_a_damaged_blob_is_removed_and_its_key_forgotten(tmp_path: Path) -> None:
    store = Store(tmp_path)
    digest = store.put("0" * 64, b"data")
    (tmp_path / "blobs" / digest[:2] / digest).write_bytes(b"dat")

    assert store.get(digest) is None
    assert store.find("0" * 64) is None


def test_a_file_is_written_whole_and_nothing_else_is_left(tmp_path: Path) -> None:
    write_atomic(tmp_path / "a" / "b.txt", b"one")
    write_atomic(tmp_path / "a" / "b.txt", b"two")

    assert [(tmp_path / "a" / "b.txt", b"two")] == [(p, p.read_bytes()) for p in (tmp_path / "a").iterdir()]


def test_a_full_disk_is_named_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigError) as caught:
        Store(tmp_path).put(sha256(b"k"), b"data")

    assert ("store.disk-full", 78) == (caught.value.code, caught.value.exit_code)
    assert [] == [p for p in tmp_path.rglob("*") if p.is_file()]


def test_a_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(ConfigError) as caught:
        write_atomic(tmp_path / "file" / "inside", b"data")

    assert "store.cannot-write" == caught.value.code


def test_a_key_that_is_no_digest_is_taken_for_missing(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put("2" * 64, b"data")
    found = []
    for harm in (b"\xff\xfe", b"", b"../../etc/passwd", b"a\0b"):
        (tmp_path / "keys" / "22" / ("2" * 64)).write_bytes(harm)
        found.append(store.find("2" * 64))

    assert [None] * 4 == found

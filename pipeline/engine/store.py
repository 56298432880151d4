"""Keeps every stage's result under the hash of what made it, so nothing is made twice."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import tempfile
from contextlib import suppress
from pathlib import Path

from model.errors import ConfigError

DIGEST = re.compile(r"[0-9a-f]{64}")
DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
"""What a disk answers when it takes no more: full, over quota, read-only."""


def sha256(data: bytes) -> str:
    """Hex digest of ``data``."""
    return hashlib.sha256(data).hexdigest()


def file_sha256(path: Path) -> str:
    """Hex digest of a file's bytes; "" where there is none."""
    return sha256(path.read_bytes()) if path.is_file() else ""


def write_atomic(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write a file whole or not at all: into a ``.part`` beside it, flushed, then renamed.

    Raises:
        ConfigError: The disk is full or the place cannot be written; nothing is left behind.
    """
    part: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=path.name + ".", suffix=".part", dir=path.parent)
        part = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.chmod(mode)
        part.replace(path)
    except OSError as error:
        if part is not None:
            with suppress(OSError):
                part.unlink(missing_ok=True)
        raise disk_error(path, error) from error


def disk_error(path: Path, error: OSError) -> ConfigError:
    """The clear error for a failed write."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return ConfigError(
            "store.disk-full",
            f"The disk is full: {path} could not be written",
            place=str(path),
            hint="Free some space and run the same command again; it goes on where it was.",
        )
    return ConfigError(
        "store.cannot-write",
        f"{path} could not be written: {error.strerror or error}",
        place=str(path),
        hint="Check the folder's rights, or choose another with --out or --cache.",
    )


class Store:
    """A content-addressed folder: ``blobs/<digest>`` and ``keys/<key>`` (the digest a key led to)."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, key: str, data: bytes) -> str:
        """Keep ``data`` as the result of ``key``; returns its digest. A blob lands before its key."""
        digest = sha256(data)
        blob = self._blob(digest)
        if not blob.is_file():
            write_atomic(blob, data)
        write_atomic(self._key(key), digest.encode())
        return digest

    def find(self, key: str) -> str | None:
        """The digest ``key`` led to, or None when unknown, damaged, or its blob is gone."""
        try:
            digest = self._key(key).read_text()
        except (OSError, UnicodeDecodeError):
            return None
        return digest if DIGEST.fullmatch(digest) and self._blob(digest).is_file() else None

    def forget(self, key: str) -> None:
        """Forget what a key led to: its stage is made anew."""
        self._key(key).unlink(missing_ok=True)

    def get(self, digest: str) -> bytes | None:
        """The bytes of ``digest``; None when they are gone or damaged.

        A damaged blob is removed, so that the next run of its stage makes it anew.

        Raises:
            ConfigError: It is damaged and cannot be removed.
        """
        blob = self._blob(digest)
        try:
            data = blob.read_bytes()
        except OSError:
            return None
        if sha256(data) == digest:
            return data
        try:
            blob.unlink(missing_ok=True)
        except OSError as error:
            raise disk_error(blob, error) from error
        return None

    def _blob(self, digest: str) -> Path:
        return self.root / "blobs" / digest[:2] / digest

    def _key(self, key: str) -> Path:
        return self.root / "keys" / key[:2] / key

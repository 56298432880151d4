"""The shop's key, a file only its owner reads: without it nothing personal can be written or read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from model.errors import ConfigError
from pipeline.engine.store import write_atomic

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

KEPT = 2
"""Keys a file holds after a renewal: what someone sealed at that very moment with the older one is still read."""


def make(path: Path) -> None:
    """Make a new key's file, readable by its owner alone.

    Raises:
        ConfigError: ``customers.key-exists``, or the place cannot be written.
    """
    from cryptography.fernet import Fernet

    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(Fernet.generate_key() + b"\n")
    except FileExistsError as error:
        hint = "It is kept: without it nothing sealed can be read. `lotone customers key --renew` puts a new one ahead."
        raise ConfigError("customers.key-exists", f"{path} is there already", place=str(path), hint=hint) from error
    except OSError as error:
        raise _wrong("no-key", f"{path} cannot be written: {error.strerror}", path, "Name another place.") from error


def renew(path: Path) -> None:
    """Put a new key ahead of the newest one; older ones go.

    Raises:
        ConfigError: As :func:`read`.
    """
    from cryptography.fernet import Fernet

    read(path)
    kept = path.read_bytes().split()[: KEPT - 1]
    write_atomic(path, b"\n".join([Fernet.generate_key(), *kept, b""]), mode=0o600)


def read(path: Path) -> MultiFernet:
    """The keys of a file: the first one seals, each of them opens.

    Raises:
        ConfigError: ``customers.no-key``, ``customers.open-key`` (others may read it) or ``customers.bad-key``.
    """
    from cryptography.fernet import Fernet, MultiFernet

    try:
        others = path.stat().st_mode & 0o077
        keys = path.read_bytes().split()
    except OSError as error:
        hint = "Make it once with `lotone customers key`, and keep a copy where nobody else looks; LOTONE_KEY names it."
        raise _wrong("no-key", f"the shop's key is not in {path}", path, hint) from error
    if others:
        raise _wrong("open-key", f"{path} may be read by others", path, f"Take their rights: chmod 600 {path}")
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError as error:
        hint = "Put the right file there; it is made by `lotone customers key`."
        raise _wrong("bad-key", f"{path} holds no key", path, hint) from error


def _wrong(what: str, message: str, path: Path, hint: str) -> ConfigError:
    return ConfigError(f"customers.{what}", message, place=str(path), hint=hint)

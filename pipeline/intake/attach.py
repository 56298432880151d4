"""Reads the STEP files an order names: beside the order file or below it, whole, and never from anywhere else."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from dataclasses import replace
from pathlib import Path, PurePosixPath

from geometry.steptext import FIRST, LARGEST_BYTES, plain_name
from model.errors import ConfigError, OrderError
from model.order import Attachment, Order

KIND = "step"
STEP_SUFFIXES = (".step", ".stp", ".p21")
OTHER_MODELS = (".igs", ".iges", ".stl", ".obj", ".3mf", ".brep", ".dxf", ".dwg", ".x_t", ".sldprt", ".ipt", ".fcstd")
"""Files people have in place of a STEP file; looked at like one, so that the refusal says what they are."""

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_BESIDE = "Put the file beside the order file and give its name: attachments: [part.step]"


def with_files(order: Order, folder: Path) -> Order:
    """The order with the content of its STEP files, read from the order file's folder, and their digests.

    Raises:
        OrderError: ``intake.attachment-outside`` (an address, an absolute path, a way out of the folder),
            ``intake.attachment-missing``, ``intake.attachment-no-file``, ``intake.attachment-too-large``,
            ``intake.attachment-differs`` (the order tells another SHA-256).
        ConfigError: ``intake.unreadable``.
    """
    if not any(a.kind == KIND for a in order.attachments):
        return order
    return replace(order, attachments=tuple(_filled(a, folder) if a.kind == KIND else a for a in order.attachments))


def is_model(path: Path) -> bool:
    """True for a file to be looked at as a part's model: by its name, or by how a STEP file of another name begins."""
    if path.suffix.lower() in (*STEP_SUFFIXES, *OTHER_MODELS):
        return True
    try:
        with path.open("rb") as file:
            return file.read(len(FIRST)) == FIRST
    except OSError:  # let the reader say what is wrong with it
        return False


def order_from_step(path: Path, material: str = "") -> Order:
    """An order for one piece of the solid in a STEP file; its id is the file's name and digest.

    Raises:
        OrderError: As :func:`with_files`.
        ConfigError: ``intake.unreadable``.
    """
    if not path.exists():
        raise OrderError("intake.attachment-missing", f"{path} does not exist", place=str(path), hint="Check the name.")
    data = _read(path, path.name)
    digest = hashlib.sha256(data).hexdigest()
    solid = Attachment(path.name[-64:], KIND, path.name, "", digest, data)
    return Order(
        id=f"{plain_name(path.stem)}-{digest[:8]}",
        family="",
        material=material,
        attachments=(solid,),
        consent={"produce": True},
    )


def _filled(one: Attachment, folder: Path) -> Attachment:
    data = _read(_inside(one.uri, folder), one.uri)
    digest = hashlib.sha256(data).hexdigest()
    if one.sha256 and one.sha256 != digest:
        msg = f"{one.uri} is not the file the order means: its SHA-256 is {digest}"
        raise _refused("differs", msg, one.uri, digest, one.sha256, "Send the right file, or correct sha256.")
    return replace(one, sha256=digest, content=data)


def _inside(uri: str, folder: Path) -> Path:
    """The path a uri names, which must not lead out of the order's folder, by links neither."""
    name = uri.removeprefix("file:") if not uri.startswith("file:/") else uri
    if _SCHEME.match(name) or "\\" in name or "\0" in name:
        msg = f"{uri} is no file beside the order; nothing is fetched from an address"
        raise _refused("outside", msg, uri, uri, "a file's name", _BESIDE)
    steps = PurePosixPath(name)
    if steps.is_absolute() or ".." in steps.parts:
        msg = f"{uri} leads out of the order's folder"
        raise _refused("outside", msg, uri, uri, "a file beside the order or below it", _BESIDE)
    path, home = folder / steps, folder.resolve()
    try:
        real = path.resolve()
    except (OSError, RuntimeError) as error:  # links in a ring
        raise _refused("no-file", f"{uri} is no file: {error}", uri, uri, "a file", _BESIDE) from error
    if not real.is_relative_to(home):
        msg = f"{uri} is a link out of the order's folder"
        raise _refused("outside", msg, uri, uri, "a file beside the order or below it", _BESIDE)
    return real


def _read(path: Path, shown: str) -> bytes:
    """A plain file's bytes; nothing that may block or never end is opened for reading."""
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            told = os.fstat(file.fileno())
            if not stat.S_ISREG(told.st_mode):
                raise _no_file(shown)
            if told.st_size > LARGEST_BYTES:
                raise _too_large(shown, told.st_size)
            data = file.read(LARGEST_BYTES + 1)
    except IsADirectoryError as error:
        raise _no_file(shown) from error
    except (FileNotFoundError, NotADirectoryError) as error:
        msg = f"{shown} is not there"
        raise _refused("missing", msg, shown, shown, f"a file in {path.parent.name or '.'}", _BESIDE) from error
    except OSError as error:
        msg = f"{shown} cannot be read: {error.strerror or error}"
        raise ConfigError("intake.unreadable", msg, place=shown, hint="Check the name and the rights.") from error
    if len(data) > LARGEST_BYTES:
        raise _too_large(shown, len(data))
    return data


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)


def _no_file(shown: str) -> OrderError:
    return _refused("no-file", f"{shown} is no plain file", shown, shown, "a file", _BESIDE)


def _too_large(shown: str, size: int) -> OrderError:
    msg = f"{shown} is {size / 1e6:.1f} MB long, at most {LARGEST_BYTES / 1e6:g} MB are read"
    hint = "Export the part without fine detail (modelled threads, knurls, scanned meshes), as one solid."
    return _refused("too-large", msg, shown, size, LARGEST_BYTES, hint)


def _refused(what: str, msg: str, place: str, value: float | str, limit: float | str, hint: str) -> OrderError:
    return OrderError(
        f"intake.attachment-{what}", msg, place=f"attachments: {place}", value=value, limit=limit, hint=hint
    )

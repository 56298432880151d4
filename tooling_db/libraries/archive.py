"""Zip files as libraries use them: read within limits, written the same bytes every time."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

from model.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

MEMBER_BYTES = 200_000_000
DEPTH = 2
EPOCH = (1980, 1, 1, 0, 0, 0)


def members(data: bytes, name: str, depth: int = DEPTH) -> dict[str, bytes]:
    """Every file in a zip by its path; zips inside it (as the 2017 layout of GTC packs each file) are opened too.

    Raises:
        ConfigError: ``library.not-readable`` for a broken zip, ``library.too-large`` above 200 MB unpacked.
    """
    found: dict[str, bytes] = {}
    left = MEMBER_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            for info in opened.infolist():
                if info.is_dir():
                    continue
                left -= info.file_size
                if left < 0:
                    raise ConfigError(
                        "library.too-large", f"{name} unpacks to more than {MEMBER_BYTES // 1_000_000} MB",
                        place=name, limit=MEMBER_BYTES, hint="Take the pictures and 3D models out of the package.",
                    )  # fmt: skip
                content = opened.read(info)
                inner = content[:2] == b"PK" and info.filename.lower().endswith(".zip") and depth > 1
                found |= members(content, name, depth - 1) if inner else {info.filename: content}
    except (zipfile.BadZipFile, RuntimeError, EOFError, OSError) as error:
        hint = "Fetch the file again; it is cut short or protected by a password."
        message = f"{name} cannot be unpacked: {error}"
        raise ConfigError("library.not-readable", message, place=name, hint=hint) from error
    return found


def member(data: bytes, wanted: str, name: str) -> bytes:
    """The one file of a zip with this name, in whatever folder.

    Raises:
        ConfigError: As for `members`, and when it is not in there.
    """
    found = members(data, name)
    for path, content in found.items():
        if path.rsplit("/", 1)[-1] == wanted:
            return content
    message = f"{name} holds no {wanted}, only {', '.join(sorted(found)[:5]) or 'nothing'}"
    raise ConfigError("library.not-readable", message, place=name, hint="Give a library file, not another archive.")


def packed(files: Mapping[str, bytes]) -> bytes:
    """A zip of these files, without times."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as out:
        for path, content in files.items():
            info = zipfile.ZipInfo(path, EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            out.writestr(info, content)
    return buffer.getvalue()

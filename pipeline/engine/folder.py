"""The folder an order ends in: every file whole and listed with its hash, the release all at once or not at all."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from model.errors import ConfigError, OrderError, VerificationError
from model.finding import Finding
from pipeline.engine.codec import decode, pretty
from pipeline.engine.store import disk_error, sha256, write_atomic

SCHEMA = "lotone.manifest/1"
MANIFEST = "manifest.json"
EVENTS = "events.jsonl"
RELEASE = "release"
NEW = f"{RELEASE}.part"
OLD = f"{RELEASE}.old.part"
"""Where a release is put together, and where one waits to be deleted: neither name is ever taken for a release."""
MAX_NAME = 80


@dataclass(frozen=True, slots=True)
class Entry:
    """One file to write: ``path`` relative to the order's folder, and what the manifest says of it."""

    path: str
    data: bytes
    kind: str
    media_type: str
    stage: str
    made_from: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """One file as the manifest lists it. ``made_from`` names the files or inputs it was made from."""

    path: str
    sha256: str
    bytes: int
    kind: str
    media_type: str
    stage: str
    made_from: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """The list of an order's files. ``made_for`` is the digest of the inputs: order, tooling and code."""

    schema: str
    order_id: str
    verdict: str
    process: str
    made_for: str
    files: tuple[Listed, ...]


def safe_name(order_id: str) -> str:
    """Check that an order's id can name a folder.

    Raises:
        OrderError: It is empty, too long, or holds anything but letters, digits, ".", "_" and "-".
    """
    plain = order_id.replace("-", "").replace("_", "").replace(".", "")
    if plain.isalnum() and order_id[0] not in ".-" and len(order_id.encode()) <= MAX_NAME:
        return order_id
    raise OrderError(
        "order.bad-id",
        f"The order id {order_id!r} cannot name a folder",
        place="id",
        value=order_id,
        limit=f"letters, digits, '.', '_', '-', at most {MAX_NAME} bytes, not starting with '.' or '-'",
        hint="Give the order an id such as 'nameplate-0042'.",
    )


@contextmanager
def held(root: Path) -> Iterator[None]:
    """Hold an order's folder against other runs; waits until it is free (a killed run frees it by dying).

    Raises:
        ConfigError: The folder cannot be made.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        handle = os.open(root, os.O_RDONLY)
    except OSError as error:
        raise disk_error(root, error) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def withdraw(root: Path, made_for: str) -> None:
    """Take away a release made for other inputs, before the work begins: it must not outlive its order.

    Raises:
        ConfigError: The place cannot be written, or a folder in it is a link (``folder.link``).
    """
    _need_own_folders(root)
    try:
        manifest = read_manifest(root)
    except VerificationError:
        manifest = None
    if manifest is None or manifest.made_for != made_for:
        _remove(root / MANIFEST)
        _discard(root)
    _remove(root / NEW)
    _remove(root / OLD)


def publish(root: Path, entries: tuple[Entry, ...], manifest: Manifest) -> None:
    """Write an order's folder.

    Everything under ``release/`` appears at once, by one rename; without release entries no release is left. The
    manifest goes first and comes back last, so a half-written folder never has one.

    Raises:
        ConfigError: The disk is full, the place cannot be written, or a folder in it is a link (``folder.link``); no
            half-written release is left.
    """
    _need_own_folders(root)
    try:
        _publish(root, entries, manifest)
    except OSError as error:
        raise disk_error(root, error) from error


def _publish(root: Path, entries: tuple[Entry, ...], manifest: Manifest) -> None:
    loose = [e for e in entries if not _released(e.path)]
    certified = [e for e in entries if _released(e.path)]
    if not (certified and _same(root, certified)):
        _remove(root / MANIFEST)
        if not certified:
            _discard(root)
    for entry in loose:
        _write(root / entry.path, entry.data)
    _sweep(root, {e.path for e in entries})
    if certified and not _same(root, certified):
        _swap(root, certified)
    _write(root / MANIFEST, pretty(manifest))


def listed(entries: tuple[Entry, ...]) -> tuple[Listed, ...]:
    """The manifest's lines for some entries, by path."""
    lines = [Listed(e.path, sha256(e.data), len(e.data), e.kind, e.media_type, e.stage, e.made_from) for e in entries]
    return tuple(sorted(lines, key=lambda one: one.path))


def read_manifest(root: Path) -> Manifest:
    """Read an order folder's manifest.

    Raises:
        VerificationError: There is none, it cannot be read, or a path in it leads out of the folder.
    """
    try:
        manifest = decode(Manifest, (root / MANIFEST).read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise VerificationError(
            "folder.no-manifest",
            f"{root} holds no readable {MANIFEST}",
            place=str(root / MANIFEST),
            hint="Name a folder that `lotone make` finished, or make the order again.",
        ) from error
    stray = [f.path for f in manifest.files if PurePosixPath(f.path).is_absolute() or ".." in f.path.split("/")]
    if manifest.schema != SCHEMA or stray:
        raise VerificationError(
            "folder.bad-manifest",
            f"{root / MANIFEST} is not a {SCHEMA}: {stray[0] if stray else manifest.schema}",
            place=str(root / MANIFEST),
            hint="Make the order again with this version of LotOne.",
        )
    return manifest


def check_hashes(root: Path) -> Manifest:
    """Hash every file of an order's folder again and compare with its manifest.

    Raises:
        VerificationError: Files are changed, missing or not listed; one finding each.
    """
    manifest = read_manifest(root)
    findings: list[Finding] = []
    for one in manifest.files:
        path = root / one.path
        found = sha256(path.read_bytes()) if path.is_file() and not path.is_symlink() else None
        if found is None:
            findings.append(Finding("folder.missing-file", f"{one.path} is missing", place=one.path))
        elif found != one.sha256:
            findings.append(Finding("folder.changed-file", f"{one.path} was changed", one.path, found, one.sha256))
    known = {f.path for f in manifest.files} | {MANIFEST, EVENTS}
    extra = sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_symlink() or not p.is_dir())
    findings += [
        Finding("folder.extra-file", f"{name} is not in the manifest", place=name)
        for name in extra
        if name not in known
    ]
    if findings:
        first = findings[0]
        raise VerificationError(
            first.code,
            f"{root} is not what was certified: {first.message}"
            + (f", and {len(findings) - 1} more" * (len(findings) > 1)),
            place=first.place,
            value=first.value,
            limit=first.limit,
            hint="Trust none of it: make the order again (unchanged stages cost nothing).",
            findings=tuple(findings),
        )
    return manifest


def _need_own_folders(root: Path) -> None:
    """Refuse links where the work is written: what is written through them would land, or be deleted, elsewhere."""
    for place, folders, _ in os.walk(root):
        links = [Path(place) / name for name in sorted(folders) if (Path(place) / name).is_symlink()]
        if place == str(root) and (root / EVENTS).is_symlink():
            links.append(root / EVENTS)
        if links:
            raise ConfigError(
                "folder.link",
                f"{links[0]} is a link; an order's folder holds what it holds itself",
                place=str(links[0]),
                hint="Remove the link, or choose another folder with --out.",
            )


def _released(path: str) -> bool:
    return path.startswith(f"{RELEASE}/")


def _same(root: Path, certified: list[Entry]) -> bool:
    """True when ``release/`` holds exactly these files with these bytes."""
    there = {p.relative_to(root).as_posix() for p in (root / RELEASE).rglob("*") if not p.is_dir()}
    return there == {e.path for e in certified} and all((root / e.path).read_bytes() == e.data for e in certified)


def _swap(root: Path, certified: list[Entry]) -> None:
    part = root / NEW
    _remove(part)
    try:
        for entry in certified:
            write_atomic(part / entry.path.removeprefix(f"{RELEASE}/"), entry.data)
        _discard(root)
        part.rename(root / RELEASE)
    except OSError as error:
        raise disk_error(part, error) from error
    finally:
        _remove(part)


def _discard(root: Path) -> None:
    """Delete the release: renamed first, so that a half-deleted one never stands in its place."""
    release, old = root / RELEASE, root / OLD
    _remove(old)
    try:
        if release.is_dir() and not release.is_symlink():
            release.rename(old)
    except OSError as error:
        raise disk_error(release, error) from error
    _remove(old)
    _remove(release)


def _write(path: Path, data: bytes) -> None:
    if not path.is_file() or path.is_symlink() or path.read_bytes() != data:
        write_atomic(path, data)


def _sweep(root: Path, keep: set[str]) -> None:
    """Remove what earlier runs left in the folder's own places."""
    own = [p for where in ("stages", "inputs") for p in (root / where, *(root / where).rglob("*"))]
    own += [*root.glob("*.json"), *root.glob("*.part")]
    for path in sorted(own, reverse=True):
        name = path.relative_to(root).as_posix()
        if path.is_dir() and not path.is_symlink():
            if not any(k.startswith(f"{name}/") for k in keep):
                _remove(path)
        elif name not in keep and name != MANIFEST:
            path.unlink(missing_ok=True)


def _remove(path: Path) -> None:
    try:
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink(missing_ok=True)
    except OSError as error:
        raise disk_error(path, error) from error

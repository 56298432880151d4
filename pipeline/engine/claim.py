"""The folder of an order that is made together with others: it says in which group, and the group says so too."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from model.errors import LotOneError
from pipeline.engine.codec import decode, pretty
from pipeline.engine.folder import RELEASE, SCHEMA, Entry, Manifest, listed, publish, read_manifest, withdraw

TOGETHER = "together"
"""The process of such a folder."""
CLAIM = "group.json"
ORDERS = f"{RELEASE}/orders"
"""Where a group's folder keeps each order's own papers."""


@dataclass(frozen=True, slots=True)
class Claim:
    """``group`` is the folder beside this one; ``order_sha256`` the digest of the order as it was made there."""

    order_id: str
    group: str
    order_sha256: str


def claim(out: Path, one: Claim) -> None:
    """Write an order's folder, which is held: it is released in its group.

    Raises:
        ConfigError: The folder cannot be written.
    """
    root = out / one.order_id
    withdraw(root, "")
    entries = (Entry(f"{RELEASE}/{CLAIM}", pretty(one), "group", "application/json", TOGETHER),)
    publish(root, entries, Manifest(SCHEMA, one.order_id, "released", TOGETHER, one.order_sha256, listed(entries)))


def claimed(root: Path) -> Claim | None:
    """In which released group an order's pieces lie; None: in none, whatever its own folder says."""
    try:
        if read_manifest(root).process != TOGETHER:
            return None
        one = decode(Claim, (root / RELEASE / CLAIM).read_bytes())
        group = read_manifest(root.parent / one.group)
    except (LotOneError, OSError, ValueError, TypeError, LookupError):
        return None
    there = any(f.path.startswith(f"{ORDERS}/{one.order_id}/") for f in group.files)
    return one if group.verdict == "released" and there else None


def members(root: Path) -> set[str]:
    """The orders a folder is the released group of; none if it is no group's."""
    try:
        manifest = read_manifest(root)
    except LotOneError:
        return set()
    inside = {f.path.removeprefix(f"{ORDERS}/") for f in manifest.files if f.path.startswith(f"{ORDERS}/")}
    return {path.partition("/")[0] for path in inside}


def unclaim(out: Path, order_id: str, group: str) -> None:
    """Take an order's folder, which is held, out of a group that holds it no longer: it is to be made alone.

    Raises:
        ConfigError: The folder cannot be written.
    """
    root = out / order_id
    try:
        if read_manifest(root).process != TOGETHER:
            return
        one = decode(Claim, (root / RELEASE / CLAIM).read_bytes())
    except (LotOneError, OSError, ValueError, TypeError, LookupError):
        return
    if one.group == group:
        withdraw(root, "")

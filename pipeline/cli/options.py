"""The options several verbs share, and where things lie by default."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from model.tooling import ShopData
    from pipeline.engine.store import Store

OutOption = Annotated[Path, typer.Option("--out", "-o", help="The folder that gets one folder an order.")]
CacheOption = Annotated[
    Path | None, typer.Option("--cache", help="Where finished stages are kept [default: the user's cache folder].")
]
ToolingOption = Annotated[
    Path | None, typer.Option("--tooling", help="A shop's own tooling database [default: the one that comes along].")
]
MachineOption = Annotated[
    str, typer.Option("--machine", help="Make every order on this row of the machines or printers, and no other.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object on stdout; everything else on stderr.")]


def cache_folder(given: Path | None) -> Path:
    """The store's folder: as given, or LOTONE_CACHE, or ``lotone`` in the user's cache folder."""
    if given is not None:
        return given
    named = os.environ.get("LOTONE_CACHE")
    if named:
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lotone"


def load_shop(tooling: Path | None, store: Store | None = None) -> ShopData:
    """The shop's tooling database; the house's own, once checked, is taken from the store.

    Raises:
        ConfigError: The folder is missing, or a row in it is wrong.
    """
    from model.tooling import ShopData
    from pipeline.engine.code import code_digest
    from pipeline.engine.codec import decode, encode
    from pipeline.engine.store import sha256

    if tooling is not None or store is None:
        return _read_shop(tooling)
    key = sha256(f"tooling {code_digest()}".encode())  # the code's digest holds the house's data files too
    found = store.find(key)
    data = store.get(found) if found else None
    if data is not None:
        return decode(ShopData, data)
    shop = _read_shop(None)
    store.put(key, encode(shop))
    return shop


def _read_shop(tooling: Path | None) -> ShopData:
    import tooling_db

    return tooling_db.load(tooling)

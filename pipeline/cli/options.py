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
MaterialOption = Annotated[str, typer.Option("--material", help="What the parts of STEP files are made of.")]
StateOption = Annotated[
    str | None,
    typer.Option("--state", help="The state database's file [default: LOTONE_STATE, or the user's data folder]."),
]
PriorityOption = Annotated[int, typer.Option("--priority", min=1, max=9, help="1 goes first; then the due date.")]
MinutesOption = Annotated[float, typer.Option("--minutes", min=0.01, help="The longest one order may take.")]
SourcesArgument = Annotated[list[str], typer.Argument(help="Folders of order files, order files, STEP files.")]
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
    """The shop's tooling database, checked once, kept until a file of it changes, and what the floor taught and left.

    Raises:
        ConfigError: The folder is missing, a row in it is wrong, or the state database cannot be read.
    """
    shop = _read_shop(tooling) if store is None else kept_shop(tooling, store)
    address = state_place(None)
    return shop if not state_exists(address) else _experienced(shop, address)


def state_place(given: str | None) -> str:
    """Where the shop's state is: as given, or LOTONE_STATE, or a file in the user's data folder.

    A path means SQLite; an address with ``://`` is handed to SQLAlchemy.
    """
    named = given or os.environ.get("LOTONE_STATE")
    if named:
        return named if "://" in named else f"sqlite:///{Path(named).resolve()}"
    return f"sqlite:///{data_folder() / 'state.db'}"


def key_place() -> Path:
    """Where the shop's key is: LOTONE_KEY, or a file in the user's data folder."""
    named = os.environ.get("LOTONE_KEY")
    return Path(named) if named else data_folder() / "customers.key"


def data_folder() -> Path:
    """``lotone`` in the user's data folder."""
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "lotone"


def state_exists(address: str) -> bool:
    """Whether anything was ever recorded there (a server is taken to exist)."""
    return not address.startswith("sqlite:///") or Path(address.removeprefix("sqlite:///")).is_file()


def _experienced(shop: ShopData, address: str) -> ShopData:
    from dataclasses import replace

    from model.floor import Experience
    from pipeline.floor import state, stores
    from pipeline.floor.learn import learned

    with state.opened(address) as engine:
        left = [one for home in shop.workshops for one in stores.offcuts(engine, home)]
        experience = Experience(learned(state.observations(engine), shop.workshops))
        usable, worn = stores.without_worn(shop, stores.lives(engine, shop.instances.values()))
    for line in worn:
        typer.echo(line, err=True)
    return replace(usable, experience=experience, offcuts={one.id: one for one in left})


def kept_shop(tooling: Path | None, store: Store) -> ShopData:
    """The tooling database as it was packed when its files were last checked, or read, checked and packed now.

    The key is what the files, the checks and the model hold, and the store proves every byte by its digest: what is
    found is whole and of these very files, whoever wrote it, and what is damaged is made anew.

    Raises:
        ConfigError: The folder is missing, or a row in it is wrong.
    """
    from pipeline.engine.store import sha256
    from tooling_db import compiled

    try:
        files = compiled.fingerprint(tooling)
    except OSError:
        return _read_shop(tooling)  # which names the file that cannot be read
    key = sha256(f"tooling {files}".encode())
    found = store.find(key)
    data = store.get(found) if found else None
    if data is not None:
        return compiled.unpack(data)
    shop = _read_shop(tooling)
    if compiled.fingerprint(tooling) == files:  # nobody wrote while they were read
        store.put(key, compiled.pack(shop))
    return shop


def _read_shop(tooling: Path | None) -> ShopData:
    import tooling_db

    return tooling_db.load(tooling)

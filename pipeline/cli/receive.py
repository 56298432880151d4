"""``lotone receive``: the doors orders come through into the queue."""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import (
    JsonOption,
    MachineOption,
    MinutesOption,
    OutOption,
    PriorityOption,
    StateOption,
    data_folder,
    key_place,
    state_place,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.intake.mapping import Shop
    from pipeline.receive.door import Door

ShopOption = Annotated[
    Path | None, typer.Option("--shop", help="What the columns of tables mean: a shop's file, see samples/shops.")
]
SpoolOption = Annotated[
    Path | None, typer.Option("--spool", help="Where orders lie until they are over [default: the user's data folder].")
]

app = typer.Typer(help="Let orders into the queue: from a folder, a table, or web shops.", no_args_is_help=True)


@app.callback()
def _receive() -> None:
    """Let orders into the queue."""


@app.command("folder")
def folder(  # noqa: PLR0913 - the options of a verb
    path: Annotated[Path, typer.Argument(help="The folder orders are dropped into.", exists=True, file_okay=False)],
    *,
    shop: ShopOption = None,
    once: Annotated[bool, typer.Option("--once", help="End when the folder is empty.")] = False,
    machine: MachineOption = "",
    priority: PriorityOption = 5,
    minutes: MinutesOption = 30.0,
    out: OutOption = Path("out"),
    spool: SpoolOption = None,
    state: StateOption = None,
) -> None:
    """Take every order file and table that stands still in a folder; tell its end in done/ or failed/."""
    from model.errors import OrderError
    from pipeline.receive.folder import Watch

    with _door(state, spool, out, machine, priority, minutes) as door:
        watch = Watch(path, door, lambda line: typer.echo(line, err=True), _shop(shop))
        watch.run(once=once)
    raise typer.Exit(OrderError.exit_code if watch.refused else 0)


@app.command("table")
def table(  # noqa: PLR0913 - the options of a verb
    file: Annotated[Path, typer.Argument(help="A table, .csv or .xlsx: one order a row.", exists=True, dir_okay=False)],
    *,
    shop: ShopOption = None,
    machine: MachineOption = "",
    priority: PriorityOption = 5,
    minutes: MinutesOption = 30.0,
    out: OutOption = Path("out"),
    spool: SpoolOption = None,
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take the rows of a table, one order each; rows that are wrong are told with their columns, the others go."""
    from pipeline.engine.codec import plain
    from pipeline.engine.outcome import lines_of
    from pipeline.intake.cells import read_cells
    from pipeline.intake.tables import orders_of
    from pipeline.receive.rows import admit_rows

    told_by = _shop(shop)
    rows = orders_of(read_cells(file.read_bytes(), file.name), file.name, told_by)
    with _door(state, spool, out, machine, priority, minutes) as door:
        taken = admit_rows(rows, file.name, door, file.parent, told_by)
    problem = taken.problem(file.name) if taken.wrong else None
    if as_json:
        told = {"schema": "lotone.received/1", "orders": plain(taken.admitted), "problem": plain(problem)}
        typer.echo(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        typer.echo("\n".join(f"{one.order_id}: {one.state}" for one in taken.admitted))
    for line in lines_of(problem) if problem else []:
        typer.echo(line, err=True)
    raise typer.Exit(problem.exit_code if problem else 0)


@app.command("serve")
def serve(  # noqa: PLR0913 - the options of a verb
    *,
    shops: Annotated[Path, typer.Option("--shops", help="A folder of shops' files.", exists=True, file_okay=False)],
    host: Annotated[str, typer.Option("--host", help="Where to listen; put a TLS proxy before it.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="The port to listen on.")] = 8080,
    machine: MachineOption = "",
    priority: PriorityOption = 5,
    minutes: MinutesOption = 30.0,
    out: OutOption = Path("out"),
    spool: SpoolOption = None,
    state: StateOption = None,
) -> None:
    """Take web shops' webhooks at /webhooks/SHOP; /docs tells the interface, /healthz whether all is well."""
    import uvicorn

    from pipeline.customers.inbox import Inbox
    from pipeline.intake.mapping import read_shop
    from pipeline.receive.app import application
    from pipeline.receive.letters import Desk
    from pipeline.receive.signed import DELIVERY, secret_of

    told = [one for one in map(read_shop, sorted(shops.glob("*.toml"))) if one.channel in DELIVERY]
    for one in told:
        secret_of(one.secret, one.name)
    with _door(state, spool, out, machine, priority, minutes) as door:
        desk = Desk(Inbox(door.vault), door, {one.name: one for one in told}, lambda line: typer.echo(line, err=True))
        uvicorn.run(application(desk), host=host, port=port)


@app.command("inbox")
def inbox(
    *,
    retry: Annotated[bool, typer.Option("--retry", help="Work them anew: a shop's file was mended.")] = False,
    state: StateOption = None,
) -> None:
    """Tell which letters of web shops no order was made of yet, and why, as JSON."""
    from pipeline.customers.inbox import Inbox
    from pipeline.customers.vault import Vault
    from pipeline.floor.state import opened

    with opened(state_place(state)) as engine:
        letters = Inbox(Vault(engine, key_place()))
        if retry:
            letters.again()
        typer.echo(json.dumps({"letters": letters.waiting()}, ensure_ascii=False, indent=1))


def _shop(path: Path | None) -> Shop | None:
    from pipeline.intake.mapping import read_shop

    return read_shop(path) if path else None


@contextmanager
def _door(
    state: str | None, spool: Path | None, out: Path, machine: str, priority: int, minutes: float
) -> Iterator[Door]:
    from pipeline.batch.ledger import Ledger
    from pipeline.customers import key
    from pipeline.customers.vault import Vault
    from pipeline.floor.state import opened
    from pipeline.receive.door import Door

    place = key_place()
    key.read(place)  # a door without a key would have to turn everyone away
    with opened(state_place(state)) as engine:
        home = spool or data_folder() / "spool"
        yield Door(home, Ledger(engine), Vault(engine, place), out, machine, priority, minutes)

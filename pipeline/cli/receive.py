"""``lotone receive``: the doors orders come through into the queue."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import MachineOption, OutOption, StateOption, data_folder, key_place, state_place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.receive.door import Door

SpoolOption = Annotated[
    Path | None, typer.Option("--spool", help="Where orders lie until they are over [default: the user's data folder].")
]
PriorityOption = Annotated[int, typer.Option("--priority", min=1, max=9, help="1 goes first; then the due date.")]
MinutesOption = Annotated[float, typer.Option("--minutes", min=0.01, help="The longest one order may take.")]

app = typer.Typer(help="Let orders into the queue: from a folder, a table, or web shops.", no_args_is_help=True)


@app.callback()
def _receive() -> None:
    """Let orders into the queue."""


@app.command("folder")
def folder(
    path: Annotated[Path, typer.Argument(help="The folder orders are dropped into.", exists=True, file_okay=False)],
    *,
    once: Annotated[bool, typer.Option("--once", help="End when the folder is empty.")] = False,
    machine: MachineOption = "",
    priority: PriorityOption = 5,
    minutes: MinutesOption = 30.0,
    out: OutOption = Path("out"),
    spool: SpoolOption = None,
    state: StateOption = None,
) -> None:
    """Take every order file that stands still in a folder; tell its end in done/ or failed/."""
    from model.errors import OrderError
    from pipeline.receive.folder import Watch

    with _door(state, spool, out, machine, priority, minutes) as door:
        watch = Watch(path, door, lambda line: typer.echo(line, err=True))
        watch.run(once=once)
    raise typer.Exit(OrderError.exit_code if watch.refused else 0)


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

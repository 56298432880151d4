"""``lotone batch run``: a folder of orders, every core at work, and one bad order stops nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.options import (
    CacheOption,
    JsonOption,
    MachineOption,
    OutOption,
    ToolingOption,
    cache_folder,
    load_shop,
)

app = typer.Typer(help="Make many orders at once.", no_args_is_help=True)


@app.callback()
def _batch() -> None:
    """Make many orders at once."""


@app.command("run")
def run(
    sources: Annotated[list[str], typer.Argument(help="Folders of order files, or order files.")],
    *,
    workers: Annotated[int, typer.Option("--workers", "-w", min=0, help="Processes; 0: one a core.")] = 0,
    minutes: Annotated[float, typer.Option("--minutes", min=0.01, help="The longest one order may take.")] = 30.0,
    machine: MachineOption = "",
    out: OutOption = Path("out"),
    cache: CacheOption = None,
    tooling: ToolingOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make every order that can be made, name the rest; run again to go on after an interruption."""
    from pipeline.batch.run import in_parallel
    from pipeline.cli.screen import finish, progress
    from pipeline.engine.store import Store
    from pipeline.intake.read import read_sources

    store = Store(cache_folder(cache))
    orders = read_sources(sources, store, machine=machine)
    shop = load_shop(tooling, store)
    with progress(len(orders)) as listen:
        outcomes = in_parallel(orders, shop, out, store.root, listen, workers=workers, seconds=60 * minutes)
    raise typer.Exit(finish(outcomes, as_json=as_json))

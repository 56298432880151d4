"""``lotone eject`` and ``lotone replay``: one stage of an order, lifted out of the line and run again alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.options import (
    CacheOption,
    StateOption,
    ToolingOption,
    cache_folder,
    key_place,
    load_shop,
    state_place,
)


def eject(
    order: Annotated[str, typer.Argument(metavar="ORDER", help="The id of an order in the queue.")],
    stage: Annotated[str, typer.Argument(metavar="STAGE", help="The stage to look into, as design or plan.")],
    *,
    to: Annotated[Path | None, typer.Option("--to", help="The folder to make [default: ORDER-STAGE].")] = None,
    cache: CacheOption = None,
    tooling: ToolingOption = None,
    state: StateOption = None,
) -> None:
    """Put everything that goes into one stage of an order into a folder, from which it can be run again alone."""
    from pipeline import eject as ejecting
    from pipeline.batch.ledger import Ledger
    from pipeline.batch.submit import whole
    from pipeline.cli.screen import progress
    from pipeline.customers.vault import Vault
    from pipeline.engine.store import Store
    from pipeline.floor.state import opened

    with opened(state_place(state)) as engine:
        ledger = Ledger(engine)
        standing = ledger.status(order)
        history = ledger.history(standing.key)
        read = whole(Vault(engine, key_place()))(standing.request)
    store = Store(cache_folder(cache))
    folder = to or Path(f"{standing.order_id}-{stage}")
    with progress(1) as listen:
        files = ejecting.eject(read, load_shop(tooling, store), stage, store, listen, history)
        ejecting.write(folder, files, standing.order_id, stage)
    typer.echo(f"{folder}: run it again with lotone replay {folder}")


def replay(folder: Annotated[Path, typer.Argument(help="A folder that `lotone eject` made.")]) -> None:
    """Run an ejected stage again in this process; where a crash happens is told on stderr."""
    import faulthandler

    from pipeline.eject import replay as replayed

    faulthandler.enable()
    stage, digest, other = replayed(folder)
    if other:
        typer.echo(f"different here from where it was ejected: {other}", err=True)
    typer.echo(f"{stage} ended well; what came out: {digest}")

"""``lotone make``: orders in, certified folders out, one after another."""

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


def make(
    sources: Annotated[list[str], typer.Argument(help="Order files, folders of them, STEP files, or words.")],
    *,
    material: Annotated[str, typer.Option("--material", help="What the parts of STEP files are made of.")] = "",
    machine: MachineOption = "",
    out: OutOption = Path("out"),
    cache: CacheOption = None,
    tooling: ToolingOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make orders: from file, folder, STEP file or words to programs that are proved."""
    from model.order import Order
    from pipeline.batch.run import in_parallel, one_by_one
    from pipeline.cli.screen import finish, progress
    from pipeline.engine.store import Store
    from pipeline.intake.read import read_sources

    store = Store(cache_folder(cache))
    orders = read_sources(sources, store, material=material, machine=machine)
    shop = load_shop(tooling, store)
    with progress(len(orders)) as listen:
        if any(isinstance(o, Order) and any(a.content for a in o.attachments) for o in orders):
            # What a customer's own solid may ask of time and memory is not known: it gets a process with limits.
            outcomes = in_parallel(orders, shop, out, store.root, listen, workers=1)
        else:
            outcomes = one_by_one(orders, shop, out, store.root, listen)
    raise typer.Exit(finish(outcomes, as_json=as_json))

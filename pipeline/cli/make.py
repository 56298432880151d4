"""``lotone make``: orders in, certified folders out, one after another."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import (
    CacheOption,
    JsonOption,
    MachineOption,
    MaterialOption,
    OutOption,
    ToolingOption,
    cache_folder,
    load_shop,
)

if TYPE_CHECKING:
    from model.order import Order
    from model.tooling import ShopData
    from pipeline.engine.store import Store


def make(
    sources: Annotated[list[str], typer.Argument(help="Order files, folders of them, STEP files, or words.")],
    *,
    material: MaterialOption = "",
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
    code = finish(outcomes, as_json=as_json)
    unplanned = {o.order_id for o in outcomes if o.problem is not None and o.problem.stage == "plan"}
    for order in orders:
        if isinstance(order, Order) and order.id in unplanned:
            _advise(order, shop, store)
    raise typer.Exit(code)


def _advise(order: Order, shop: ShopData, store: Store) -> None:
    """Tell on stderr which rules of manufacturability a part breaks that no machine can make, and what would pass."""
    from model.errors import LotOneError
    from pipeline.cli.advise import as_table, measured

    try:
        found = measured(order, shop, store)
    except LotOneError as error:
        typer.echo(f"{order.id}: no rules of manufacturability measured: {error.message}", err=True)
        return
    if not all(a.good for a in found.answers):
        typer.echo(f"{order.id}: rules of manufacturability it breaks (lotone advise)", err=True)
        typer.echo(as_table(found, broken=True), err=True)

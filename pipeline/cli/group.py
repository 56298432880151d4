"""``lotone group``: orders that share a plate, first as a plan to read and change, then made."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import CacheOption, JsonOption, OutOption, ToolingOption, cache_folder, load_shop

if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.order import Order
    from pipeline.engine.store import Store
    from pipeline.group.plan import Source

PlanArgument = Annotated[Path, typer.Argument(metavar="PLAN", help="A plan that `lotone group plan` wrote.")]

app = typer.Typer(help="Make orders together that share a print plate: plan, make.", no_args_is_help=True)


@app.command("plan")
def plan(
    sources: Annotated[list[str], typer.Argument(help="Order files and folders of them.")],
    *,
    file: Annotated[Path, typer.Option("--plan", "-p", help="The file the plan is written to.")] = Path("groups.toml"),
    cache: CacheOption = None,
    tooling: ToolingOption = None,
) -> None:
    """Write which orders share a plate, where their pieces lie and what it saves; nothing is made."""
    from model.errors import LotOneError
    from pipeline.cli.screen import progress
    from pipeline.engine.store import Store, file_sha256, write_atomic
    from pipeline.group.gather import gathered
    from pipeline.group.picture import pictures
    from pipeline.group.plan import Source, written
    from pipeline.group.suggest import suggested
    from pipeline.intake.read import read_by_place

    store = Store(cache_folder(cache))
    shop = load_shop(tooling, store)
    orders: list[Order] = []
    kept: list[Source] = []
    for place, one in read_by_place(sources, store).items():
        if isinstance(one, LotOneError):
            raise one
        _need_file(place)
        orders.append(one)
        kept.append(Source(one.id, place, file_sha256(Path(place))))
    with progress(len(orders)) as listen:
        found = gathered(orders, shop, store, listen)
    made = suggested(kept, found, shop)
    write_atomic(file, written(made).encode())
    for name, svg in pictures(made, found, shop):
        write_atomic(file.with_name(f"{file.stem}.{name}.svg"), svg)
    for plate in made.plates:
        typer.echo(f"{plate.id}: {', '.join(plate.orders)}\n  {plate.saves}")
    for source in made.sources:
        if source.alone:
            typer.echo(f"{source.order_id}: made alone: {source.alone}")
    typer.echo(f"{file}: read it, change it, then lotone group make {file}")
    typer.echo("Only prints are put together; parts cut from sheet are made alone.")


@app.command("make")
def make(
    file: PlanArgument,
    *,
    out: OutOption = Path("out"),
    cache: CacheOption = None,
    tooling: ToolingOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make the plates of a plan; the orders on none of them are left for `lotone make` or `lotone batch run`."""
    from pipeline.cli.screen import finish, progress
    from pipeline.engine.store import Store
    from pipeline.group.check import checked
    from pipeline.group.gather import Candidate, gathered
    from pipeline.group.make import make_group
    from pipeline.group.plan import read

    asked = read(file)
    store = Store(cache_folder(cache))
    shop = load_shop(tooling, store)
    on_plate = {name for plate in asked.plates for name in plate.orders}
    with progress(len(asked.plates)) as listen:
        orders = _read_again([s for s in asked.sources if s.order_id in on_plate], store)
        found = gathered(orders, shop, store, listen)
        digests = {name: one.order_sha256 for name, one in found.items() if isinstance(one, Candidate)}
        groups = checked(asked, found, shop)
        outcomes = [make_group(group, digests, shop, out, store, listen) for group in groups]
    code = finish(outcomes, as_json=as_json)
    alone = [s.file for s in asked.sources if s.order_id not in on_plate]
    if alone:
        typer.echo(f"on no plate, to be made alone: {' '.join(alone)}", err=True)
    raise typer.Exit(code)


def _need_file(place: str) -> None:
    from model.errors import OrderError

    if not Path(place).is_file():
        message = "a plan takes order files; words are made at once"
        raise OrderError("group.no-file", message, place=place[:40], hint="Use `lotone make`, or write a file.")


def _read_again(sources: Sequence[Source], store: Store) -> list[Order]:
    """The orders of a plan, as they were when it was written.

    Raises:
        LotOneError: ``group.order-changed``, or what the intake says of one.
    """
    from model.errors import LotOneError, OrderError
    from pipeline.engine.store import file_sha256
    from pipeline.intake.read import read_one

    orders = []
    for one in sources:
        path = Path(one.file)
        told = file_sha256(path)
        order = read_one(one.file, store) if told == one.sha256 else None
        if order is None or order.id != one.order_id:
            error: LotOneError = OrderError(
                "group.order-changed", f"{path.name} is not what it was when {one.order_id} was put into the plan",
                place=str(path), value=told[:12] or "gone", limit=one.sha256[:12],
                hint="Write the plan anew with `lotone group plan`.",
            )  # fmt: skip
            error.order_id = one.order_id
            raise error
        orders.append(order)
    return orders

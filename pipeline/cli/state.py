"""``lotone state``: what lies in the workshops now, and what comes, goes and wears."""

from __future__ import annotations

import json
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import JsonOption, StateOption, ToolingOption, load_shop, state_place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from model.tooling import ShopData

app = typer.Typer(help="Show and change what lies in the workshops: stock, offcuts, tools with a life.")

WorkshopOption = Annotated[str, typer.Option("--workshop", "-w", help="Which workshop [default: the only one].")]
RowArgument = Annotated[str, typer.Argument(metavar="ROW", help="A row of the stock or the bars, as plywood-sheet-12.")]
PiecesArgument = Annotated[int, typer.Argument(metavar="PIECES", help="How many.")]


class Condition(StrEnum):
    """What a counted tool can be said to be."""

    NEW = "new"
    AVAILABLE = "available"
    WORN = "worn"
    BROKEN = "broken"


@contextmanager
def _opened(tooling: ToolingOption, state: str | None) -> Iterator[tuple[ShopData, Engine]]:
    from pipeline.floor import state as db

    shop = load_shop(tooling)
    with db.opened(state_place(state)) as engine:
        yield shop, engine


@app.callback(invoke_without_command=True)
def show(
    context: typer.Context,
    *,
    workshop: WorkshopOption = "",
    state: StateOption = None,
    tooling: ToolingOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show stock, offcuts and counted tools of one workshop, or of all."""
    if context.invoked_subcommand is not None:
        return
    from pipeline.engine.codec import plain
    from pipeline.floor import stores

    with _opened(tooling, state) as (shop, engine):
        names = [_workshop(shop, workshop)] if workshop else list(shop.workshops)
        lives = stores.lives(engine, shop.instances.values())
        held = [
            (name, stores.counted(engine, name), stores.offcuts(engine, name),
             [one for one in lives if one.workshop == name])
            for name in names
        ]  # fmt: skip
    if as_json:
        told = {n: {"stock": rows, "offcuts": plain(left), "tools": plain(tools)} for n, rows, left, tools in held}
        typer.echo(json.dumps({"workshops": told}, indent=1))
        return
    for name, rows, left, tools in held:
        lines = [f"{pieces:>5} x {row}" for row, pieces in rows.items()]
        lines += [f"offcut {o.number}: {o.material} {' x '.join(f'{side:g}' for side in o.size_mm)} mm" for o in left]
        lines += [f"{t.instance}: {t.state}, {t.used_min:g} min worked, {t.left_min:g} left" for t in tools]
        typer.echo("\n  ".join([name, *lines]))


@app.command("receive")
def receive(
    row: RowArgument, pieces: PiecesArgument, *, workshop: WorkshopOption = "", state: StateOption = None,
    tooling: ToolingOption = None,
) -> None:  # fmt: skip
    """Count in stock that has come."""
    from pipeline.floor import stores

    with _opened(tooling, state) as (shop, engine):
        home = _workshop(shop, workshop)
        stores.receive(engine, home, _row(shop, row), pieces)
        typer.echo(f"{home}: {stores.counted(engine, home)[row]} x {row}")


@app.command("take")
def take(
    row: RowArgument, pieces: PiecesArgument, *, workshop: WorkshopOption = "", state: StateOption = None,
    tooling: ToolingOption = None,
) -> None:  # fmt: skip
    """Take stock off the shelf; refused when there is not that much."""
    from pipeline.floor import stores

    with _opened(tooling, state) as (shop, engine):
        home = _workshop(shop, workshop)
        stores.take(engine, home, _row(shop, row), pieces)
        typer.echo(f"{home}: {stores.counted(engine, home)[row]} x {row}")


@app.command("offcut")
def offcut(
    material: Annotated[str, typer.Argument(metavar="MATERIAL", help="A row of the materials.")],
    size: Annotated[str, typer.Argument(metavar="XxYxZ", help="Its size in mm, as 300x180x12.")],
    *,
    workshop: WorkshopOption = "",
    state: StateOption = None,
    tooling: ToolingOption = None,
) -> None:
    """Keep an offcut; write the number it gets on it."""
    from pipeline.floor import stores

    with _opened(tooling, state) as (shop, engine):
        home = _workshop(shop, workshop)
        _known("material", material, list(shop.materials))
        number = stores.put_by(engine, home, material, _size(size))
        typer.echo(f"{home}: offcut {number}")


@app.command("use-offcut")
def use_offcut(
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="The number on the piece.")],
    order: Annotated[str, typer.Argument(metavar="ORDER", help="What it is taken for: an order's id.")],
    *,
    state: StateOption = None,
    tooling: ToolingOption = None,
) -> None:
    """Take an offcut for an order."""
    from pipeline.floor import stores

    with _opened(tooling, state) as (_, engine):
        stores.use_offcut(engine, number, order)
        typer.echo(f"offcut {number} is taken for {order}")


@app.command("tool")
def tool(
    instance: Annotated[str, typer.Argument(metavar="TOOL", help="A row of the instances, as bench-em-3-a.")],
    condition: Annotated[Condition, typer.Argument(metavar="STATE", help="new, available, worn or broken.")],
    *,
    note: Annotated[str, typer.Option("--note", help="What happened.")] = "",
    state: StateOption = None,
    tooling: ToolingOption = None,
) -> None:
    """Say what state a counted tool is in."""
    from pipeline.floor import stores

    with _opened(tooling, state) as (shop, engine):
        _known("counted tool", instance, list(shop.instances))
        stores.set_tool(engine, instance, condition.value, note)
        typer.echo(f"{instance}: {condition.value}")


def _workshop(shop: ShopData, name: str) -> str:
    if not name and len(shop.workshops) == 1:
        return next(iter(shop.workshops))
    return _known("workshop", name, list(shop.workshops))


def _row(shop: ShopData, name: str) -> str:
    return _known("stock row or bar", name, [*shop.stock, *shop.bars])


def _known(what: str, name: str, names: list[str]) -> str:
    """The name, when it is one.

    Raises:
        OrderError: ``state.unknown``, with the nearest names there are.
    """
    if name in names:
        return name
    from difflib import get_close_matches

    from model.errors import OrderError

    near = get_close_matches(name, names, n=5, cutoff=0.3) or names[:5]
    message = f"there is no {what} {name!r}" if name else f"it is not said which {what}"
    hint = f"Name one, as {', '.join(near)}."
    raise OrderError("state.unknown", message, place=what, value=name, limit=", ".join(near), hint=hint)


def _size(text: str) -> tuple[float, float, float]:
    from model.errors import OrderError

    try:
        sides = [float(part) for part in text.lower().split("x")]
    except ValueError:
        sides = []
    if len(sides) != 3 or not all(0.1 <= side <= 6000 for side in sides):
        message = f"{text!r} is no size of a piece"
        hint = "Three sides in mm, 0.1 to 6000, as 300x180x12."
        raise OrderError("state.size", message, place="size", value=text, hint=hint)
    return sides[0], sides[1], sides[2]

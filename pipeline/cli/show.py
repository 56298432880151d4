"""``lotone show``: pictures and a page of an order's toolpaths, stock and deviation, for a person to judge."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from pipeline.cli.options import JsonOption

SCHEMA = "lotone.shown/1"


def show(
    order: Annotated[str, typer.Argument(help="An order's folder, out/<order id>, or its id.")],
    *,
    out: Annotated[Path, typer.Option("--out", "-o", help="Where an order named by its id has its folder.")] = Path(
        "out"
    ),
    to: Annotated[Path | None, typer.Option("--to", help="The folder to write to [default: show/<order id>].")] = None,
    language: Annotated[
        Literal["en", "ru"] | None, typer.Option("--language", help="The page's language [default: the order's].")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show a milled order: a page with the 3D toolpaths, stock and deviation, and pictures of them."""
    from pipeline.show.source import order_folder
    from pipeline.show.write import show as written

    folder = order_folder(order, out)
    name = folder.resolve().name
    target = to if to is not None else Path("show") / name
    shown, files = written(folder, target, lambda step: typer.echo(f"{name}: {step}", err=True), language)
    if not any(f.suffix == ".png" and not f.stem.endswith("-load") for f in files):
        typer.echo(f"{name}: no 3D pictures: this computer cannot draw in 3D (see lotone doctor)", err=True)
    if as_json:
        told = {
            "schema": SCHEMA,
            "order": shown.order_id,
            "verdict": shown.verdict,
            "folder": str(folder),
            "files": [str(f) for f in files],
        }
        typer.echo(json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True))
        return
    for path in files:
        typer.echo(str(path))
    if shown.verdict != "certified":
        typer.echo(f"{shown.order_id}: NOT CERTIFIED", err=True)

"""``lotone schema``: what an order file may hold, as JSON schema."""

from __future__ import annotations

import json

import typer

app = typer.Typer(help="Show the schema of a file LotOne reads.", no_args_is_help=True)


@app.callback()
def _schema() -> None:
    """Show the schema of a file LotOne reads."""


@app.command("order")
def order() -> None:
    """Print the JSON schema of an order file."""
    from pipeline.intake.schema import order_schema

    typer.echo(json.dumps(order_schema(), ensure_ascii=False, indent=2))

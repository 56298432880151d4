"""The command line: one verb or noun a module."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from pipeline.cli import (
    advise,
    batch,
    choose,
    customers,
    doctor,
    eject,
    feedback,
    group,
    hub,
    lists,
    make,
    receive,
    schema,
    shop,
    show,
    state,
    verify,
    whatif,
    why,
)

app = typer.Typer(
    name="lotone",
    help="LotOne (lot size one): an order in, certified machine programs and print files out.",
    epilog="Exit codes: 0 done, 65 the order, 69 this shop, 76 a proof failed, 78 data or set-up, 70 a bug.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("make")(make.make)
app.command("verify")(verify.verify)
app.command("show")(show.show)
app.command("advise")(advise.advise)
app.command("whatif")(whatif.whatif)
app.command("why")(why.why)
app.command("choose")(choose.choose)
app.command("feedback")(feedback.feedback)
app.command("doctor")(doctor.doctor)
app.command("eject")(eject.eject)
app.command("replay")(eject.replay)
app.add_typer(batch.app, name="batch")
app.add_typer(receive.app, name="receive")
app.add_typer(customers.app, name="customers")
app.add_typer(hub.app, name="hub")
app.add_typer(shop.app, name="shop")
app.add_typer(group.app, name="group")
app.add_typer(schema.app, name="schema")
app.add_typer(state.app, name="state")
for name, listing in lists.APPS.items():
    app.add_typer(listing, name=name)


@app.callback(invoke_without_command=True)
def _house(
    *,
    version: Annotated[bool, typer.Option("--version", help="Show the version and end.")] = False,
) -> None:
    """LotOne (lot size one): an order in, certified machine programs and print files out."""
    if version:
        from importlib.metadata import version as installed

        typer.echo(f"lotone {installed('lotone')}")
        raise typer.Exit


def main() -> None:
    """Run the command line; whatever fails is told on one screen, never as a bare traceback."""
    from pipeline.cli.screen import show_error

    try:
        app()
    except KeyboardInterrupt:
        typer.echo("stopped; run the same command again and it goes on where it was", err=True)
        sys.exit(130)
    except Exception as error:  # noqa: BLE001 - the last resort: an exit code and a line instead of a trace
        sys.exit(show_error(error, as_json="--json" in sys.argv))

"""``lotone customers``: the shop's key, and what is held on a customer: told in full, or erased."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import StateOption, key_place, state_place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.customers.vault import Vault

WhoArgument = Annotated[
    list[str],
    typer.Argument(metavar="WHO...", help="Ids of orders, references, e-mail addresses, telephone numbers."),
]

app = typer.Typer(help="Tell or erase what is held on a customer; make the key it is sealed with: export, erase, key.",
                  no_args_is_help=True)  # fmt: skip


@app.callback()
def _customers() -> None:
    """Keep customers' data as they are entitled to."""


@app.command("key")
def key(
    *,
    renew: Annotated[bool, typer.Option("--renew", help="Seal everything anew with a new key.")] = False,
    state: StateOption = None,
) -> None:
    """Make the shop's key (LOTONE_KEY, or a file in the user's data folder), or renew it."""
    from pipeline.customers import key as keys

    if not renew:
        keys.make(key_place())
        typer.echo(f"{key_place()}: made; keep a copy where nobody else looks")
        return
    with _vault(state) as vault:
        count = vault.renew()
    typer.echo(f"{count} sealed anew; renew once more, and no copy made before today can be opened")


@app.command("export")
def export(who: WhoArgument, *, state: StateOption = None) -> None:
    """Print everything held on one customer, as JSON."""
    with _vault(state) as vault:
        typer.echo(json.dumps(vault.export(who), ensure_ascii=False, indent=1))


@app.command("erase")
def erase(who: WhoArgument, *, state: StateOption = None) -> None:
    """Erase everything held on one customer; what was made of their orders stays, without them."""
    from pipeline.batch.ledger import Ledger
    from pipeline.engine.personal import traces

    with _vault(state) as vault:
        gone = vault.erase(who)
        for order_id, held in gone.items():
            Ledger(vault.engine).hush(order_id, traces(held.customer))
    typer.echo(f"erased: {', '.join(gone) or 'nothing was held'}")


@contextmanager
def _vault(state: str | None) -> Iterator[Vault]:
    from pipeline.customers.vault import Vault
    from pipeline.floor.state import opened

    with opened(state_place(state)) as engine:
        yield Vault(engine, key_place())

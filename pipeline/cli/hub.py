"""``lotone hub``: orders for many workshops, which of them gets each, and what became of it."""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from model.errors import LotOneError
from pipeline.cli.options import (
    CacheOption,
    JsonOption,
    MaterialOption,
    PriorityOption,
    SourcesArgument,
    StateOption,
    ToolingOption,
    cache_folder,
    data_folder,
    load_shop,
    state_place,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from model.order import Order
    from pipeline.network.book import Book, Terms

FilesOption = Annotated[
    Path | None,
    typer.Option("--files", help="Where orders' files and certificates are kept [default: the user's data folder]."),
]
CertOption = Annotated[Path | None, typer.Option("--tls-cert", help="The hub's certificate with its chain, PEM.")]
KeyOption = Annotated[Path | None, typer.Option("--tls-key", help="The certificate's key, PEM.")]
PlainOption = Annotated[bool, typer.Option("--plain-http", help="Serve other computers without TLS.")]

app = typer.Typer(help="Keep a network of workshops: admit, serve, submit, status.", no_args_is_help=True)


@app.callback()
def _hub() -> None:
    """Keep a network of workshops."""


@app.command("admit")
def admit(
    shop: Annotated[str, typer.Argument(metavar="SHOP", help="What the hub calls the shop, as bench-berlin.")],
    *,
    state: StateOption = None,
    files: FilesOption = None,
) -> None:
    """Let a shop in and print its token, once; again: a new token, and the old one is void."""
    from pipeline.engine.folder import safe_name

    with _book(state, files) as book:
        typer.echo(book.admit(safe_name(shop)))


@app.command("serve")
def serve(  # noqa: PLR0913 - the options of a verb
    *,
    host: Annotated[str, typer.Option("--host", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535)] = 8443,
    tls_cert: CertOption = None,
    tls_key: KeyOption = None,
    plain_http: PlainOption = False,
    lease: Annotated[
        float, typer.Option("--lease", min=1, help="Seconds a ticket lasts without a sign of life.")
    ] = 120,
    patience: Annotated[
        float, typer.Option("--patience", min=0, help="Seconds each place in the ranking waits.")
    ] = 300,
    state: StateOption = None,
    files: FilesOption = None,
) -> None:
    """Serve the shops until it is interrupted."""
    import uvicorn

    from pipeline.network.book import Terms
    from pipeline.network.hub import app_of

    _must_be_safe(host, tls_cert, tls_key, plain_http=plain_http)
    with _book(state, files, Terms(lease, patience)) as book:
        uvicorn.run(
            app_of(book), host=host, port=port, log_level="warning", ssl_certfile=tls_cert,
            ssl_keyfile=None if tls_key is None else str(tls_key),
        )  # fmt: skip


@app.command("submit")
def submit(  # noqa: PLR0913 - the options of a verb
    sources: SourcesArgument,
    *,
    to: Annotated[str, typer.Option("--to", help="Where it goes, LATITUDE,LONGITUDE; kept to a tenth.")] = "",
    priority: PriorityOption = 5,
    material: MaterialOption = "",
    cache: CacheOption = None,
    tooling: ToolingOption = None,
    state: StateOption = None,
    files: FilesOption = None,
    as_json: JsonOption = False,
) -> None:
    """Specify orders and enter them without the customer's name; a shop that can make them pulls them."""
    from model.order import Order
    from pipeline.batch.submit import rank
    from pipeline.engine.codec import plain
    from pipeline.engine.outcome import lines_of, problem_of, worst
    from pipeline.engine.store import Store
    from pipeline.intake.read import read_by_place
    from pipeline.network.specify import place, specified

    store, where = Store(cache_folder(cache)), place(to)
    shop = load_shop(tooling, store)
    told: list[dict[str, Any]] = []
    codes = []
    with _book(state, files) as book:
        for one in read_by_place(sources, store, material=material).values():
            name = one.id if isinstance(one, Order) else one.order_id
            try:
                made = specified(_ordered(one), shop, store, where)
                book.submit(name, made, rank(priority, made.needs.due))
                told.append(book.standings(name)[0])
            except Exception as error:  # noqa: BLE001 - one order's fault must not take the others with it
                problem = problem_of(error, "intake")
                codes.append(problem.exit_code)
                told.append({"order": name, "state": "refused", "code": problem.code, "problem": plain(problem)})
                typer.echo("\n".join([f"{name}: refused", *(f"  {line}" for line in lines_of(problem))]), err=True)
    _show(told, as_json=as_json)
    raise typer.Exit(worst(codes))


@app.command("status")
def status(
    order: Annotated[str, typer.Argument(metavar="[ORDER]", help="One order: with the reasons for every shop.")] = "",
    *,
    state: StateOption = None,
    files: FilesOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the shops and where every order stands, or one order and why it went where it went."""
    with _book(state, files) as book:
        told, shops = book.standings(order), () if order else book.shops()
    if as_json:
        typer.echo(json.dumps({"orders": told, "shops": shops}, ensure_ascii=False, indent=1, sort_keys=True))
        return
    from pipeline.cli.screen import table

    if shops:
        rows = [(s["shop"], _state(s), f"{s['cut_h']:.1f}", f"{s['print_h']:.1f}") for s in shops]
        typer.echo(table([("SHOP", "STATE", "CUT H", "PRINT H"), *rows]))
    _show(told, as_json=False)
    for one in told if order else ():
        for bid in one["routing"].get("ranked", ()):
            typer.echo(f"  {bid['shop']} on {bid['maker']}: {bid['price_eur']:.2f} EUR, P50 {bid['p50_h']:.0f} h, "
                       f"P90 {bid['p90_h']:.0f} h, {bid['km']:.0f} km; {bid['why']}")  # fmt: skip
        for shop, why in one["routing"].get("cannot", {}).items():
            typer.echo(f"  {shop} cannot: {why}")


def _ordered(one: Order | LotOneError) -> Order:
    if isinstance(one, LotOneError):
        raise one
    return one


@contextmanager
def _book(state: str | None, files: Path | None, terms: Terms | None = None) -> Iterator[Book]:
    from pipeline.engine.store import Store
    from pipeline.floor.state import opened
    from pipeline.network.book import USUAL_TERMS, Book

    with opened(state_place(state)) as engine:
        yield Book(engine, Store(files or data_folder() / "hub"), terms or USUAL_TERMS)


def _must_be_safe(host: str, cert: Path | None, key: Path | None, *, plain_http: bool) -> None:
    from model.errors import ConfigError
    from pipeline.network.words import HERE

    if (cert is None) != (key is None):
        raise ConfigError("network.half-tls", "TLS needs the certificate and its key", place="tls",
                          hint="Give --tls-cert and --tls-key.")  # fmt: skip
    for path in (cert, key):
        if path is not None and not path.is_file():
            raise ConfigError("network.half-tls", f"{path} is not there", place="tls", value=str(path),
                              hint="Check the name.")  # fmt: skip
    if cert is None and host not in HERE and not plain_http:
        message = f"a hub on {host} without TLS would take tokens and orders in the open"
        hint = "Give --tls-cert and --tls-key, or say --plain-http where the line itself is safe (a VPN)."
        raise ConfigError("network.plain-http", message, place="--host", value=host, limit="https", hint=hint)


def _show(told: Any, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"orders": told}, ensure_ascii=False, indent=1, sort_keys=True))
        return
    from pipeline.cli.screen import table

    names = ("order", "ticket", "state", "shop", "code")
    rows = [tuple(str(one.get(name, "")) for name in names) for one in told]
    typer.echo(table([tuple(n.upper() for n in names), *rows]) if rows else "the hub has no orders")


def _state(shop: dict[str, Any]) -> str:
    return "silent" if shop["joined"] and shop["silent"] else "at work" if shop["joined"] else "not joined yet"

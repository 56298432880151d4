"""``lotone shop``: a workshop in a network: what it can do, the hub it joins, and the tickets it makes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.options import (
    CacheOption,
    JsonOption,
    OutOption,
    StateOption,
    ToolingOption,
    cache_folder,
    key_place,
    load_shop,
    state_place,
)

WorkshopOption = Annotated[str, typer.Option("--workshop", "-w", help="Which workshop [default: the only one].")]
WorkersOption = Annotated[int, typer.Option("--workers", min=0, help="Orders made at a time; 0: one a core.")]

app = typer.Typer(help="Be a workshop of a network: describe, join, work.", no_args_is_help=True)


@app.callback()
def _shop() -> None:
    """Be a workshop of a network."""


@app.command("describe")
def describe(*, workshop: WorkshopOption = "", tooling: ToolingOption = None, as_json: JsonOption = False) -> None:
    """Show what a hub is told of this workshop, from its tooling database."""
    from pipeline.engine.codec import plain
    from pipeline.network.describe import described

    told = described(load_shop(tooling), workshop)
    if as_json:
        typer.echo(json.dumps(plain(told), ensure_ascii=False, indent=1, sort_keys=True))
        return
    typer.echo(f"{told.name}, {told.place} ({told.at_deg[0]:g}, {told.at_deg[1]:g}): parcel {told.parcel_eur:.2f} EUR")
    for one in told.makers:
        room = " x ".join(f"{side:g}" for side in one.room_mm)
        typer.echo(f"  {one.id}: {one.process}, {room} mm, {one.eur_h:.2f} EUR/h, {one.people_eur:.2f} EUR an order")
        typer.echo(f"    {', '.join(one.materials)}")
        if one.tools:
            typer.echo(f"    {', '.join(one.tools)}")


@app.command("join")
def join(
    hub: Annotated[str, typer.Argument(metavar="HUB", help="Its address, as https://hub.example:8443.")],
    *,
    token_file: Annotated[Path, typer.Option("--token-file", help="The file with the token the hub's keeper gave.")],
    workshop: WorkshopOption = "",
    ca: Annotated[Path | None, typer.Option("--ca", help="Certificates to trust, PEM [default: the system's].")] = None,
    plain_http: Annotated[bool, typer.Option("--plain-http", help="Speak to another computer without TLS.")] = False,
    tooling: ToolingOption = None,
    state: StateOption = None,
) -> None:
    """Tell a hub what this workshop can do, and keep its address for `lotone shop work`."""
    from pipeline.floor.state import opened
    from pipeline.network.client import Hub
    from pipeline.network.describe import described
    from pipeline.network.joined import remember

    told = described(load_shop(tooling), workshop)
    with Hub(hub, token_file, ca, plain_http=plain_http) as line, opened(state_place(state)) as engine:
        line.join(told)
        remember(engine, workshop, line.url, token_file, ca, plain=plain_http)
    typer.echo(f"{told.name} has joined {hub}; lotone shop work makes its tickets")


@app.command("work")
def work(
    *,
    workers: WorkersOption = 0,
    out: OutOption = Path("out"),
    inbox: Annotated[Path, typer.Option("--inbox", help="The folder that gets the tickets' orders.")] = Path("inbox"),
    cache: CacheOption = None,
    tooling: ToolingOption = None,
    state: StateOption = None,
) -> None:
    """Pull tickets, make them in this shop's queue and report them, until it is interrupted."""
    from pipeline.batch.durable import DurableQueue, steps_place
    from pipeline.batch.run import cores
    from pipeline.batch.submit import whole
    from pipeline.batch.warm import Warm
    from pipeline.cli.screen import progress
    from pipeline.customers.vault import Vault
    from pipeline.engine.store import Store
    from pipeline.floor.state import opened
    from pipeline.network.agent import Agent
    from pipeline.network.describe import described, equipped_of, home_of
    from pipeline.network.joined import joined

    store, address = Store(cache_folder(cache)), state_place(state)
    with opened(address) as engine:
        hub, workshop = joined(engine)
        shop = load_shop(tooling, store)
        agent = Agent(hub, engine, inbox, out, workers or cores(), described(shop, workshop))
        warm = Warm(equipped_of(shop, home_of(shop, workshop)), store.root)
        try:
            with hub, progress(1) as listen:
                agent.beside(
                    DurableQueue(engine, steps_place(address)), warm, whole(Vault(engine, key_place())), listen
                )
        finally:
            warm.close()

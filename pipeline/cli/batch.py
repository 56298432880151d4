"""``lotone batch``: many orders through a queue that loses nothing, and what became of them."""

from __future__ import annotations

import json
import time
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.options import (
    CacheOption,
    JsonOption,
    MachineOption,
    MaterialOption,
    MinutesOption,
    OutOption,
    PriorityOption,
    SourcesArgument,
    StateOption,
    ToolingOption,
    cache_folder,
    key_place,
    load_shop,
    state_place,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pipeline.batch.durable import DurableQueue
    from pipeline.batch.ledger import Ledger
    from pipeline.batch.port import Standing
    from pipeline.engine.store import Store

WATCH_S = 1.0
OrdersArgument = Annotated[list[str], typer.Argument(metavar="ORDER...", help="Ids of orders in the queue.")]
WorkersOption = Annotated[int, typer.Option("--workers", "-w", min=0, help="Orders made at a time; 0: one a core.")]

app = typer.Typer(help="Make many orders through a queue, and see them to their machines.", no_args_is_help=True)


@app.callback()
def _batch() -> None:
    """Make many orders through a queue that outlives crashes."""


@app.command("run")
def run(  # noqa: PLR0913 - the options of a verb
    sources: SourcesArgument,
    *,
    workers: WorkersOption = 0,
    minutes: MinutesOption = 30.0,
    priority: PriorityOption = 5,
    machine: MachineOption = "",
    material: MaterialOption = "",
    out: OutOption = Path("out"),
    cache: CacheOption = None,
    tooling: ToolingOption = None,
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make every order that can be made, name the rest; run again to go on after an interruption."""
    from pipeline.cli.screen import finish as told_how
    from pipeline.engine.outcome import Outcome

    with _queue(state) as queue:
        store, keys = _submit(queue.ledger, sources, out, cache, machine, material, priority, minutes)
        _work(queue, store, tooling, workers, lambda: not queue.ledger.open(keys), len(keys))
        told = [queue.status(key) for key in keys]
    outcomes = [one.outcome or Outcome(one.order_id, "broken", problem=_cancelled(one)) for one in told]
    raise typer.Exit(told_how(outcomes, as_json=as_json))


@app.command("submit")
def submit(  # noqa: PLR0913 - the options of a verb
    sources: SourcesArgument,
    *,
    minutes: MinutesOption = 30.0,
    priority: PriorityOption = 5,
    machine: MachineOption = "",
    material: MaterialOption = "",
    out: OutOption = Path("out"),
    cache: CacheOption = None,
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put orders into the queue, for `lotone batch work` here or elsewhere."""
    with _ledger(state) as ledger:
        _, keys = _submit(ledger, sources, out, cache, machine, material, priority, minutes)
        told = [ledger.status(key) for key in keys]
    _show(told, as_json=as_json)


@app.command("work")
def work(
    *,
    workers: WorkersOption = 0,
    forever: Annotated[bool, typer.Option("--forever", help="Wait for more when the queue is empty.")] = False,
    cache: CacheOption = None,
    tooling: ToolingOption = None,
    state: StateOption = None,
) -> None:
    """Work on the queue until it is empty."""
    from pipeline.engine.store import Store

    with _queue(state) as queue:
        enough: Callable[[], bool] = (lambda: False) if forever else (lambda: not queue.ledger.waits())
        _work(queue, Store(cache_folder(cache)), tooling, workers, enough, len(queue.list(("queued", "running"))))


@app.command("status")
def status(*, state: StateOption = None, as_json: JsonOption = False) -> None:
    """Show where every order stands."""
    with _ledger(state) as ledger:
        _show(ledger.list(), as_json=as_json)


@app.command("watch")
def watch(*, state: StateOption = None) -> None:
    """Show where the orders stand as it changes, until none is under way."""
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    with _ledger(state) as ledger, Live(console=Console(), refresh_per_second=4) as live:
        while True:
            told = ledger.list()
            live.update(Text("\n".join(_lines(told))))
            if not ledger.waits():
                return
            time.sleep(WATCH_S)


@app.command("report")
def report(*, state: StateOption = None, as_json: JsonOption = False) -> None:
    """Tell in the morning what became of the night's orders."""
    from pipeline.batch.report import lines, reported

    with _ledger(state) as ledger:
        told = reported(ledger.list())
    typer.echo(json.dumps(told, ensure_ascii=False, indent=1) if as_json else "\n".join(lines(told)))


@app.command("schedule")
def schedule(*, tooling: ToolingOption = None, state: StateOption = None, as_json: JsonOption = False) -> None:
    """Show when released orders can be at their machines, by priority and due date, in working hours from now."""
    from pipeline.batch import machines
    from pipeline.batch.report import forecast
    from pipeline.batch.schedule import schedule as scheduled
    from pipeline.cli.screen import table

    shop = load_shop(tooling)
    with _ledger(state) as ledger:
        found = machines.jobs(ledger)
    slots = scheduled(found, {home.id: home.at_once for home in shop.workshops.values()})
    told = forecast(slots, datetime.now(UTC))
    if as_json:
        typer.echo(json.dumps({"slots": told}, ensure_ascii=False, indent=1))
        return
    head = ("ORDER", "MACHINE", "FROM", "TO", "DUE", "")
    rows = [
        (one["order"], one["machine"], f"{one['begins_h']:.1f} h", f"{one['ends_h']:.1f} h", one["due"],
         "at the machine" if one["begun"] else "late" if one["late"] else "")
        for one in told
    ]  # fmt: skip
    typer.echo(table([head, *rows]) if rows else "no released order waits for a machine")


@app.command("start")
def start(
    order: Annotated[str, typer.Argument(metavar="ORDER", help="The id of a released order.")],
    *,
    tooling: ToolingOption = None,
    state: StateOption = None,
) -> None:
    """Take a released order to its machine, which is its alone until it is finished."""
    from pipeline.batch import machines

    shop = load_shop(tooling)
    with _ledger(state) as ledger:
        machine = machines.start(ledger.engine, ledger.status(order), shop.workshops)
    typer.echo(f"{machine} is {order}'s; when it is made: lotone batch finish {order}")


@app.command("finish")
def finish(
    order: Annotated[str, typer.Argument(metavar="ORDER", help="The id of an order at a machine.")],
    *,
    state: StateOption = None,
) -> None:
    """Tell that an order is made: its machine is free again."""
    from pipeline.batch import machines

    with _ledger(state) as ledger:
        machine = machines.finish(ledger.engine, ledger.status(order))
    typer.echo(f"{machine} is free; what it really took: lotone feedback {order}")


@app.command("cancel")
def cancel(orders: OrdersArgument, *, state: StateOption = None) -> None:
    """Take orders out of the queue; what a child is making is ended."""
    with _ledger(state) as ledger:
        keys = [ledger.status(one).key for one in orders]
        typer.echo(f"{ledger.cancel(keys)} of {len(keys)} cancelled; the others were over")


@app.command("rerun")
def rerun(
    order: Annotated[str, typer.Argument(metavar="ORDER", help="The id of an order that is over.")],
    *,
    stage: Annotated[str, typer.Option("--from", help="The first stage made anew, as plan or verify.")],
    cache: CacheOption = None,
    state: StateOption = None,
) -> None:
    """Put an order back into the queue, one stage and all after it to be made anew."""
    from pipeline.engine.store import Store

    with _queue(state) as queue:
        typer.echo(f"{queue.rerun_from(order, stage, Store(cache_folder(cache)))}: queued; lotone batch work makes it")


@contextmanager
def _ledger(state: str | None) -> Iterator[Ledger]:
    from pipeline.batch.ledger import Ledger
    from pipeline.floor.state import opened

    with opened(state_place(state)) as engine:
        yield Ledger(engine)


@contextmanager
def _queue(state: str | None) -> Iterator[DurableQueue]:
    from pipeline.batch.durable import DurableQueue, steps_place
    from pipeline.floor.state import opened

    address = state_place(state)
    with opened(address) as engine:
        yield DurableQueue(engine, steps_place(address))


def _submit(
    ledger: Ledger, sources: list[str], out: Path, cache: Path | None, machine: str, material: str, priority: int,
    minutes: float,
) -> tuple[Store, list[str]]:  # fmt: skip
    """Enter every source; what cannot be read is over at once."""
    from model.order import Order
    from pipeline.batch.run import unread
    from pipeline.batch.submit import requests
    from pipeline.engine.store import Store
    from pipeline.intake.read import read_by_place

    store = Store(cache_folder(cache))
    read = read_by_place(sources, store, machine=machine, material=material)
    ids = {one.id.casefold() for one in read.values() if isinstance(one, Order)}
    made = requests(read, out, machine=machine, material=material, priority=priority, minutes=minutes)
    return store, [
        ledger.submit(request, None if isinstance(one, Order) else unread(one, out, ids))
        for request, one in made.values()
    ]


def _work(
    queue: DurableQueue, store: Store, tooling: Path | None, workers: int, enough: Callable[[], bool], orders: int
) -> None:
    from pipeline.batch.run import cores
    from pipeline.batch.submit import whole
    from pipeline.batch.telemetry import observed
    from pipeline.batch.warm import Warm
    from pipeline.cli.screen import progress
    from pipeline.customers.vault import Vault

    warm = Warm(load_shop(tooling, store), store.root)
    try:
        with progress(orders) as shown, observed(shown, queue.ledger.counts) as listen:
            queue.work(warm, whole(Vault(queue.ledger.engine, key_place())), workers or cores(), enough, listen)
    finally:
        warm.close()


def _show(told: Any, *, as_json: bool) -> None:
    from pipeline.engine.codec import plain

    if as_json:
        typer.echo(json.dumps({"orders": plain(tuple(told))}, ensure_ascii=False, indent=1, sort_keys=True))
    else:
        typer.echo("\n".join(_lines(told)))


def _lines(told: Any) -> list[str]:
    from pipeline.cli.screen import table

    rows = [(one.order_id, one.state, one.started_at[:19], one.ended_at[:19], _why(one)) for one in told]
    counts = Counter(one.state for one in told)
    lines = [table([("ORDER", "STATE", "STARTED", "ENDED", "WHY"), *rows])] if rows else []
    return [*lines, ", ".join(f"{n} {state}" for state, n in sorted(counts.items())) or "the queue has no orders"]


def _why(one: Standing) -> str:
    return one.outcome.problem.code if one.outcome and one.outcome.problem else ""


def _cancelled(one: Standing) -> Any:
    from pipeline.engine.outcome import Problem

    hint = "Submit it again, if it shall be made."
    return Problem("batch.cancelled", "bug", f"{one.order_id} was cancelled", 70, hint=hint)

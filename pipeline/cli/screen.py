"""What people see: progress while the work runs, and how each order ended."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import typer

from model.errors import LotOneError
from pipeline.engine.codec import plain
from pipeline.engine.events import Event, Listener
from pipeline.engine.outcome import Outcome, lines_of, problem_of, worst
from pipeline.engine.store import disk_error

SCHEMA = "lotone.outcome/1"
PROBLEM = "lotone.problem/1"
BUG_HINT = "A fault of LotOne. Please report it with the trace: run the same command again with LOTONE_DEBUG=1."
MARKS = {"released": "released", "waiting": "waiting", "refused": "refused", "broken": "broken"}


@contextmanager
def progress(orders: int) -> Iterator[Listener]:
    """Show events on stderr: bars on a terminal, one line an order's stage elsewhere."""
    if not sys.stderr.isatty():
        yield _line
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.fields[order]:<28}"), BarColumn(), TextColumn("{task.fields[stage]:<12}"))
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True) as bars:
        total = bars.add_task("", total=float(orders), order=f"{orders} orders", stage="", visible=orders > 1)
        tasks: dict[str, Any] = {}

        def show(event: Event) -> None:
            if event.order_id not in tasks:
                tasks[event.order_id] = bars.add_task("", total=1.0, order=event.order_id, stage="")
            bars.update(tasks[event.order_id], completed=event.fraction, stage=event.stage)
            if event.what == "failed" or (event.what == "finished" and event.stage == "release"):
                bars.update(tasks[event.order_id], visible=orders == 1)
                bars.advance(total)

        yield show


def _line(event: Event) -> None:
    with suppress(OSError):  # a log on a full disk, a terminal that is gone: no order ends by that
        if event.what == "finished" and event.stage != "release":
            typer.echo(f"{event.order_id}: {event.stage} ({event.seconds:.1f} s)", err=True)
        elif event.what == "note":
            typer.echo(f"{event.order_id}: {event.detail}", err=True)


def finish(outcomes: Sequence[Outcome], *, as_json: bool) -> int:
    """Tell how every order ended; returns the exit code, the worst of all."""
    code = worst(o.exit_code for o in outcomes)
    if as_json:
        typer.echo(json.dumps(summary(outcomes), ensure_ascii=False, indent=1, sort_keys=True))
    for outcome in outcomes:
        _tell(outcome, quiet=as_json)
    if len(outcomes) > 1 and not as_json:
        counts = summary(outcomes)["counts"]
        typer.echo(", ".join(f"{n} {verdict}" for verdict, n in counts.items() if n) + f" of {len(outcomes)} orders")
    return code


def summary(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The one JSON object of ``--json``."""
    return {
        "schema": SCHEMA,
        "exit_code": worst(o.exit_code for o in outcomes),
        "counts": {v: sum(o.verdict == v for o in outcomes) for v in MARKS},
        "orders": [{**plain(o), "exit_code": o.exit_code} for o in outcomes],
    }


def _tell(outcome: Outcome, *, quiet: bool) -> None:
    if outcome.problem is None:
        if not quiet:
            typer.echo(f"{outcome.order_id}: released, {len(outcome.release)} files in {outcome.folder}/release")
            for line in by_folder(outcome.release):
                typer.echo(f"  {line}")
    else:
        typer.echo(f"{outcome.order_id}: {MARKS[outcome.verdict]}", err=True)
        for line in lines_of(outcome.problem):
            typer.echo(f"  {line}", err=True)
    if outcome.notes:
        typer.echo(f"{outcome.order_id}: notes", err=True)
        for note in outcome.notes:
            typer.echo(f"  {note}", err=True)


def by_folder(release: Sequence[str]) -> list[str]:
    """A release's files, a line a folder; a paper in several tongues and formats is told once."""
    folders: dict[str, list[str]] = {}
    for name in release:
        folder, _, file = name.rpartition("/")
        whole = folder.endswith(("programs", "model"))
        folders.setdefault(folder, []).append(file if whole else file.partition(".")[0])
    return [f"{folder}/: {', '.join(dict.fromkeys(names))}" for folder, names in folders.items()]


def show_error(error: Exception, *, as_json: bool = False) -> int:
    """A failure of the whole command on stderr: code, place, number, limit, hint; as JSON on stdout too.

    What nobody expected is one line and a hint; its trace is shown when LOTONE_DEBUG is set. Returns the exit code.
    """
    if isinstance(error, OSError):
        error = disk_error(Path(str(error.filename or "a file")), error)
    problem = problem_of(error)
    if isinstance(error, LotOneError):
        lines = lines_of(problem)
    else:
        if os.environ.get("LOTONE_DEBUG"):
            traceback.print_exception(error)
        problem = replace(problem, hint=BUG_HINT)
        lines = [f"bug: {' '.join(problem.message.split())}", f"  hint: {BUG_HINT}"]
    for line in lines:
        typer.echo(line, err=True)
    if as_json:
        told = {"schema": PROBLEM, "exit_code": problem.exit_code, "problem": plain(problem)}
        typer.echo(json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True))
    return problem.exit_code


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows as columns of plain text, two spaces apart."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))] if rows else []
    return "\n".join("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows)

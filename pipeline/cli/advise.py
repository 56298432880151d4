"""``lotone advise``: which rules of manufacturability an order breaks, and the smallest change that would pass."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import CacheOption, JsonOption, MaterialOption, ToolingOption, cache_folder, load_shop

if TYPE_CHECKING:
    from model.order import Order
    from model.tooling import ShopData
    from pipeline.advice import Advice
    from pipeline.engine.store import Store
    from pipeline.release.papers.manufacturability import Answer

SCHEMA = "lotone.advice/1"


def advise(
    source: Annotated[str, typer.Argument(help="An order's file, a STEP file, or words.")],
    *,
    material: MaterialOption = "",
    report: Annotated[
        Path | None, typer.Option("--report", help="A folder for the report with pictures: PDF, HTML, JSON.")
    ] = None,
    cache: CacheOption = None,
    tooling: ToolingOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure an order's part against the rules of manufacturability before anything is planned."""
    from pipeline.engine.codec import plain
    from pipeline.engine.store import Store
    from pipeline.intake.read import read_one
    from pipeline.release.papers.manufacturability import manufacturability
    from pipeline.release.papers.paper import files

    store = Store(cache_folder(cache))
    order = read_one(source, store, material)
    found = measured(order, load_shop(tooling, store), store)
    answers = _answers(found)
    if report is not None:
        report.mkdir(parents=True, exist_ok=True)
        for file in files(manufacturability(found.brief, found.design, answers), ""):
            (report / file.name).write_bytes(file.data)
    if as_json:
        broken = [plain(a.finding(found.brief.language)) for a in found.answers if not a.good]
        told = {"schema": SCHEMA, "findings": broken, "changes": [plain(c) for c in found.changes]}
        typer.echo(json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True))
        return
    typer.echo(as_table(found))


def measured(order: Order, shop: ShopData, store: Store) -> Advice:
    """An order judged by the rules; a customer's own solid in a process with limits, as it is made in one.

    Raises:
        LotOneError: The order is refused before it has a design, or its solid asks for too much.
    """
    from pipeline.advice import advised
    from pipeline.cli.apart import advised_apart
    from pipeline.cli.screen import progress

    if any(a.content for a in order.attachments):
        return advised_apart(order, shop, store.root)
    with progress(1) as listen:
        return advised(order, shop, store, listen)


def _answers(found: Advice) -> list[Answer]:
    from pipeline.release.papers.manufacturability import Answer

    changes = {c.rule_id: (c.parameter, c.now, c.then) for c in found.changes}
    nowhere = (0.0, 0.0, 0.0)
    return [
        Answer(a.rule, a.worst.value, a.broken, a.part, a.worst.spot_mm, a.worst.facing, changes.get(a.rule.id))
        if a.worst is not None else Answer(a.rule, None, 0, "", nowhere, nowhere, None)
        for a in found.answers
    ]  # fmt: skip


def as_table(found: Advice, *, broken: bool = False) -> str:
    """Every rule's answer as a table, or only those that are broken."""
    from pipeline.cli.screen import table

    changes = {c.rule_id: f"{c.parameter}: {c.now:g} -> {c.then:g}" for c in found.changes}
    if found.brief.attachment is not None:  # a given solid has no parameters: what is asked of the place itself
        changes = {
            a.rule.id: f"{a.place}: {a.worst.value:.2f} -> {a.rule.limit:g}"
            for a in found.answers if a.worst is not None and not a.good
        }  # fmt: skip
    rows = [("", "rule", "measured", "limit", "smallest change that passes")]
    for one in (a for a in found.answers if not (broken and a.good)):
        verdict = "not here" if one.rule.severity == "note" else "ok" if one.good else one.rule.severity
        value = "none" if one.worst is None else f"{one.worst.value:.2f}"
        rows.append((verdict, one.rule.en, value, f"{one.rule.side} {one.rule.limit:g}", changes.get(one.rule.id, "")))
    return table(rows)

"""``lotone whatif``: what an order would cost thinner, looser, of another material, later."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import CacheOption, JsonOption, MaterialOption, ToolingOption, cache_folder, load_shop

if TYPE_CHECKING:
    from model.quote import Quote
    from pipeline.whatif import Answer

SCHEMA = "lotone.whatif/1"


def whatif(
    source: Annotated[str, typer.Argument(help="An order's file, a STEP file, or words.")],
    *,
    material: MaterialOption = "",
    change: Annotated[
        list[str] | None, typer.Option("--set", help="One change: thickness_mm=18, material=pom. May be repeated.")
    ] = None,
    cache: CacheOption = None,
    tooling: ToolingOption = None,
    as_json: JsonOption = False,
) -> None:
    """Price an order again with one thing changed: each answer is planned and proved like the order itself."""
    from pipeline.cli.screen import progress
    from pipeline.engine.store import Store
    from pipeline.intake.read import read_one
    from pipeline.whatif import answers

    store = Store(cache_folder(cache))
    order = read_one(source, store, material)
    with progress(1) as listen:
        found = answers(order, change or (), load_shop(tooling, store), store, listen)
    typer.echo(_as_json(found) if as_json else _as_table(found))


def _as_json(found: tuple[Answer, ...]) -> str:
    from pipeline.engine.codec import plain

    told = [{"what": a.label, "quote": plain(a.quote), "problem": plain(a.problem)} for a in found]
    return json.dumps({"schema": SCHEMA, "answers": told}, ensure_ascii=False, indent=1, sort_keys=True)


def _as_table(found: tuple[Answer, ...]) -> str:
    from pipeline.cli.screen import table

    base = found[0].quote
    rows = [("what", "EUR", "change", "half done in", "nine of ten in")]
    for one in found:
        if one.problem is not None:
            rows.append((one.label, "refused", "", "", f"{one.problem.code}: {one.problem.message}"))
        elif one.quote is not None and base is not None:
            rows.append((one.label, *_row(one.quote, base)))
    return table(rows)


def _row(quote: Quote, base: Quote) -> tuple[str, str, str, str]:
    if quote.lead is None:
        return quote.refused, "", "", ""
    off = quote.total_cents - base.total_cents
    lead = quote.lead
    return f"{quote.total_cents / 100:.2f}", f"{off / 100:+.2f}", f"{lead.p50_h:.1f} h", f"{lead.p90_h:.1f} h"

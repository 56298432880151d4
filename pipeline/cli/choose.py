"""``lotone choose``: weighs the thing made to measure against the one made in series."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import JsonOption

if TYPE_CHECKING:
    from fractions import Fraction


def choose(
    *,
    utility: Annotated[str, typer.Option(help="What the thing made to measure is worth to the customer, in any unit.")],
    price: Annotated[str, typer.Option(help="Its price.")],
    standard_utility: Annotated[str, typer.Option(help="What the standard thing is worth, in the same unit.")],
    standard_price: Annotated[str, typer.Option(help="The standard thing's price.")],
    effort: Annotated[str, typer.Option(help="Utility lost to choosing, waiting and fitting.")] = "0",
    as_json: JsonOption = False,
) -> None:
    """Weigh (utility - effort) / price against the standard's utility / price, exactly, and say what would turn it."""
    from pipeline.quote.choice import choose as weigh

    numbers = [_exact(name, raw) for name, raw in (
        ("--utility", utility), ("--effort", effort), ("--price", price), ("--standard-utility", standard_utility),
        ("--standard-price", standard_price),
    )]  # fmt: skip
    found = weigh(*numbers)
    if as_json:
        exact = {name: str(getattr(found, name)) for name in found.__dataclass_fields__ if name != "chosen"}
        typer.echo(json.dumps({"chosen": found.chosen, **exact}, indent=1))
        return
    sign = ">=" if found.chosen else "<"
    verdict = "chosen" if found.chosen else f"not chosen: {float(found.short_by):.2%} short"
    typer.echo(f"{float(found.worth):.6g} {sign} {float(found.standard):.6g}: {verdict}")
    typer.echo(f"chosen up to a price of {float(found.most_price):.6g}, "
               f"from a utility of {float(found.least_utility):.6g}, "
               f"or with an effort of at most {float(found.most_effort):.6g}")  # fmt: skip


def _exact(name: str, raw: str) -> Fraction:
    from fractions import Fraction

    from model.errors import OrderError

    try:
        return Fraction(raw)
    except (ValueError, ZeroDivisionError) as error:
        message = f"{name} {raw!r} is no number"
        raise OrderError(
            "choice.number", message, place=name, value=raw, hint="Write 110, 0.5 or 107/27000."
        ) from error

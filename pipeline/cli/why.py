"""``lotone why``: what was chosen for an order and what lost, and how every speed, feed and depth came about."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from pipeline.cli.options import JsonOption

if TYPE_CHECKING:
    from collections.abc import Iterator

    from model.finding import Finding
    from model.plan import CuttingData, Operation, ProcessPlan, Setup

T = TypeVar("T")
PLAN = "stages/*-plan/output.json"
NUMBERS = {
    "spindle_rpm": ("spindle speed", "rpm"), "vc_m_min": ("cutting speed", "m/min"),
    "fz_mm": ("feed per tooth", "mm"), "feed_mm_min": ("feed", "mm/min"), "plunge_mm_min": ("plunge", "mm/min"),
    "ramp_mm_min": ("ramp", "mm/min"), "fastest_mm_min": ("feed of thinner cuts", "mm/min"),
    "link_mm_min": ("feed through cleared space", "mm/min"), "ap_mm": ("depth of a pass", "mm"),
    "ae_mm": ("width of cut", "mm"), "peck_mm": ("peck", "mm"), "force_n": ("peak force", "N"),
    "power_w": ("power", "W"), "deflection_mm": ("bending", "mm"),
}  # fmt: skip


def why(
    order: Annotated[Path, typer.Argument(metavar="ORDER", help="The order's folder, out/<id>.")],
    operation: Annotated[
        str, typer.Argument(metavar="[SETUP.OPERATION]", help="One operation, as the first column names it.")
    ] = "",
    *,
    as_json: JsonOption = False,
) -> None:
    """Say why an order is made as it is: what was chosen and what lost; of one operation, how every number came."""
    from pipeline.cli.screen import table
    from pipeline.engine.codec import plain

    plan = plan_of(order)
    found = list(_named(plan))
    if operation:
        found = [one for one in found if one[0] == operation] or _refused(operation, plan)
    if as_json:
        chosen = [plain(one) for one in choices(order, plan)]
        told = {"order": plan.order_id, "choices": chosen, "operations": [_data(plan, *one) for one in found]}
        typer.echo(json.dumps(told, indent=1))
        return
    if operation:
        typer.echo("\n".join(_lines(plan, *found[0])))
        return
    tools = {a.number: a.tool for a in plan.tools}
    head = ["operation", "tool", "rpm", "mm/min", "deep mm", "wide mm", "bound by"]
    rows = [
        [name, tools[o.tool_number].id, f"{c.spindle_rpm:g}", f"{c.feed_mm_min:g}", f"{c.ap_mm:.2f}", f"{c.ae_mm:.2f}",
         c.binding]
        for name, _, o in found for c in (o.cutting,)
    ]  # fmt: skip
    typer.echo(table([head, *rows]))
    typer.echo("\n" + "\n".join(f"{one.code.partition('.')[2]}: {one.message}" for one in choices(order, plan)))


def choices(order: Path, plan: ProcessPlan) -> tuple[Finding, ...]:
    """What was chosen for an order and what lost: materials and workshops where they were open, then the plan's own."""
    from model.finding import Finding
    from pipeline.engine.entries import CHOICE

    ways = order / CHOICE
    return (*(_read(order, ways, tuple[Finding, ...]) if ways.is_file() else ()), *plan.decisions)


def plan_of(order: Path) -> ProcessPlan:
    """The plan in an order's folder.

    Raises:
        OrderError: ``why.no-plan``: there is none, or it cannot be read.
    """
    from model.errors import OrderError
    from model.plan import ProcessPlan

    found = sorted(order.glob(PLAN))
    if not found:
        hint = "Give the folder of an order that was planned, out/<id>; a print has no operations."
        raise OrderError("why.no-plan", f"{order} holds no plan", place=str(order), hint=hint)
    return _read(order, found[0], ProcessPlan)


def _read(order: Path, file: Path, kind: type[T]) -> T:
    from model.errors import OrderError
    from pipeline.engine.codec import decode

    try:
        return decode(kind, file.read_bytes())
    except (OSError, ValueError) as error:
        message = f"{file.name} in {order} cannot be read: {error}"
        raise OrderError("why.no-plan", message, place=str(file), hint="Make the order again.") from error


def _named(plan: ProcessPlan) -> Iterator[tuple[str, Setup, Operation]]:
    for setup in plan.setups:
        for name, one in zip(setup.names(), setup.operations, strict=True):
            yield name, setup, one


def _refused(operation: str, plan: ProcessPlan) -> list[tuple[str, Setup, Operation]]:
    from model.errors import OrderError

    names = ", ".join(name for name, *_ in _named(plan))
    message = f"{plan.order_id} has no operation {operation!r}"
    hint = "Name one as `lotone why ORDER` lists it."
    raise OrderError("why.no-operation", message, place=plan.order_id, value=operation, limit=names, hint=hint)


def _data(plan: ProcessPlan, name: str, setup: Setup, one: Operation) -> dict[str, object]:
    from pipeline.engine.codec import plain

    fixture = setup.fixture
    return {
        "operation": name,
        "machine": plan.machine.id,
        "tool": next(a.tool.id for a in plan.tools if a.number == one.tool_number),
        "material": plan.material.id,
        "bound_by": one.cutting.binding,
        "numbers": {key: getattr(one.cutting, key) for key in NUMBERS},
        "clamping": {"kind": fixture.kind, "holds_n": fixture.force_n, "asked_n": fixture.needed_force_n},
        "steps": [plain(step) for step in one.cutting.why],
    }


def _lines(plan: ProcessPlan, name: str, setup: Setup, one: Operation) -> Iterator[str]:
    a = next(a for a in plan.tools if a.number == one.tool_number)
    yield f"{name}: T{a.number} {a.tool.name}, {plan.material.name}, {plan.machine.name}"
    yield f"bound by: {one.cutting.binding}"
    for key, (word, unit) in NUMBERS.items():
        yield from _chain(one.cutting, key, word, unit)
    f = setup.fixture
    if f.needed_force_n:
        held = f"tape holds {f.force_n:.0f} N" + (", tabs the rest" if f.kind == "tabs" else "")
        held = f"vise holds {f.force_n:.0f} N" if f.kind == "vise" else held
        yield f"\nclamping: {held}; the hardest cut asks {f.needed_force_n:.0f} N"


def _chain(cut: CuttingData, key: str, word: str, unit: str) -> Iterator[str]:
    """One number's steps; a limit that changed it is named behind an arrow."""
    steps = [step for step in cut.why if step.number == key]
    if not steps or not getattr(cut, key):
        return
    yield f"\n{word}: {getattr(cut, key):.6g} {unit}"
    for step in steps:
        value = "" if step.after == step.before else f"{step.after:.5g}"
        source = f" (from {step.source})" if step.source else ""
        bound = f"  <- {step.limit}" if step.limit else ""
        yield f"  {value:>9}  {step.because}{source}{bound}"

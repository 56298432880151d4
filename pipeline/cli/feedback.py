"""``lotone feedback``: what really happened on the floor, recorded beside the plan, so that estimates learn."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import StateOption, ToolingOption, state_place
from pipeline.cli.why import plan_of

if TYPE_CHECKING:
    from model.floor import Observation, ToolLife
    from model.plan import ProcessPlan
    from model.tooling import Workshop


def feedback(  # noqa: PLR0913 - one option for each thing a floor reports
    order: Annotated[Path, typer.Argument(metavar="ORDER", help="The order's folder, out/<id>.")],
    *,
    run: Annotated[list[str] | None, typer.Option("--run", help="SETUP=MINUTES the machine ran.")] = None,
    setting: Annotated[list[str] | None, typer.Option("--setting", help="SETUP=MINUTES of setting up.")] = None,
    tool: Annotated[
        list[str] | None, typer.Option("--tool", help="T=MINUTES, or T=MINUTES@WHICH, a tool was in use.")
    ] = None,
    scrap: Annotated[int, typer.Option("--scrap", min=0, help="Pieces thrown away.")] = 0,
    measured: Annotated[list[str] | None, typer.Option("--measured", help="NAME=MM measured on the part.")] = None,
    note: Annotated[str, typer.Option("--note", help="What should be known beside the numbers.")] = "",
    incident: Annotated[
        bool, typer.Option("--incident", help="Keep the minutes, but learn nothing from them.")
    ] = False,
    state: StateOption = None,
    tooling: ToolingOption = None,
) -> None:
    """Record real minutes, tool minutes, scrap and measurements of an order; say what is learned so far."""
    import tooling_db
    from model.errors import OrderError
    from pipeline.floor import state as db
    from pipeline.floor import stores
    from pipeline.floor.learn import learned

    plan = plan_of(order)
    order_id = plan.order_id
    shop = tooling_db.load(tooling)
    home = shop.workshop_of(plan.machine.id)
    if home is None:
        message = f"no workshop owns {plan.machine.id}"
        raise OrderError("feedback.no-workshop", message, value=plan.machine.id, hint="Add a [[workshop]] row.")
    seconds = _seconds(order, plan)
    said: list[Observation] = []
    for what, given in (("run", run), ("setting up", setting)):
        said += [_observation(plan, home, what, one, seconds, incident=incident, note=note) for one in given or []]
    minutes = [_tool(plan, one) for one in tool or []]
    spoiled = [{"order_id": order_id, "workshop": home.id, "pieces": scrap, "why": note}] if scrap else []
    sizes = [{"order_id": order_id, **_size(one)} for one in measured or []]
    if not (said or minutes or spoiled or sizes):
        hint = "For example --run 1=23.5 --setting 1=18 --tool 1=12 --measured length=99.98"
        raise OrderError("feedback.nothing", "nothing was said to record", place=order_id, hint=hint)
    with db.opened(state_place(state)) as engine:
        own = [t for t in stores.lives(engine, shop.instances.values()) if t.workshop == home.id]
        tools = [{"order_id": order_id, "workshop": home.id, **which(own, *one)} for one in minutes]
        db.record(engine, said, tools, spoiled, sizes)
        known = learned(db.observations(engine), shop.workshops)
        worn = [
            t for t in stores.lives(engine, shop.instances.values()) if any(t.instance == w["instance"] for w in tools)
        ]
    typer.echo(f"recorded: {len(said)} times, {len(tools)} tools, {scrap} scrap, {len(sizes)} measurements")
    for t in worn:
        if not t.left_min:
            typer.echo(f"{t.instance} has worked {t.used_min:g} of {t.life_min:g} min: it is worn; "
                       f"say so with `lotone state tool {t.instance} worn`")  # fmt: skip
    for one in known:
        if (one.machine, one.material) == (plan.machine.id, plan.material.id):
            typer.echo(f"{one.what} on {one.machine} in {one.material}: x {one.factor:.3f} of the plan "
                       f"({one.low:.3f} to {one.high:.3f}, {one.runs} runs; seed x {one.seed_factor:g}), "
                       f"next run within x {one.spread:.2f} (seed x {one.seed_spread:.2f})")  # fmt: skip


def _seconds(order: Path, plan: ProcessPlan) -> dict[int, float]:
    """Simulated seconds of each setup, from the proof."""
    from model.finding import Report
    from pipeline.engine.codec import decode

    found = sorted(order.glob("stages/*-verify/output.json"))
    metrics = decode(Report, found[0].read_bytes()).metrics if found else {}
    names = {setup.index: f"setup_{setup.index}_seconds" for setup in plan.setups}
    return {index: metrics[name] for index, name in names.items() if name in metrics}


def _pair(one: str, what: str) -> tuple[str, float]:
    from model.errors import OrderError

    name, _, raw = one.partition("=")
    try:
        return name.strip(), float(raw)
    except ValueError as error:
        message = f"{what} {one!r}: no number stands after ="
        raise OrderError(
            "feedback.number", message, place=what, value=one, hint=f"{what} {name or '1'}=23.5"
        ) from error


def _observation(
    plan: ProcessPlan, home: Workshop, what: str, one: str, seconds: dict[int, float], *, incident: bool, note: str
) -> Observation:
    from model.errors import OrderError
    from model.floor import Observation
    from pipeline.floor.learn import checked

    name, minutes = _pair(one, f"--{'run' if what == 'run' else 'setting'}")
    setups = {str(s.index): s for s in plan.setups}
    if name not in setups or int(name) not in seconds:
        message = f"the order has no proved setup {name!r}"
        raise OrderError("feedback.setup", message, value=name, limit=", ".join(setups), hint="Name one of its setups.")
    index = int(name)
    tools = len({o.tool_number for o in setups[name].operations})
    planned = seconds[index] / 60 if what == "run" else home.setup_min + home.tool_min * tools
    return checked(Observation(
        plan.order_id, home.id, plan.machine.id, plan.material.id, index, "run" if what == "run" else "setting up",
        planned, minutes, not incident, note,
    ))  # fmt: skip


def _tool(plan: ProcessPlan, one: str) -> tuple[str, float, str]:
    """The tool's row, its minutes, and which one of the workshop's it was, if that was said."""
    from model.errors import OrderError

    said, _, which = one.partition("@")
    name, minutes = _pair(said, "--tool")
    rows = {str(a.number): a.tool.id for a in plan.tools}
    key = name.upper().removeprefix("T")
    if key not in rows or not 0 < minutes < float("inf"):
        message = f"--tool {one}: the order used T{', T'.join(rows)}, for more than 0 minutes"
        raise OrderError("feedback.tool", message, value=one, limit=", ".join(rows), hint="--tool 1=12.5")
    return rows[key], minutes, which.strip()


def which(own: list[ToolLife], tool: str, minutes: float, named: str) -> dict[str, object]:
    """The minutes with the counted tool that worked them; tools nobody counts have none.

    Raises:
        OrderError: ``feedback.which-tool``: several could have been it, or the one named is none of them.
    """
    from model.errors import OrderError

    every = [t.instance for t in own if t.tool == tool]
    usable = [t.instance for t in own if t.tool == tool and t.left_min] or every
    if (named and named not in every) or (not named and len(usable) > 1):
        message = f"there is no {tool} {named!r} here" if named else f"it is not said which {tool} was used"
        hint = f"Say which, as --tool 1={minutes:g}@{(*usable, 'its-row')[0]}."
        raise OrderError(
            "feedback.which-tool", message, value=named or tool, limit=", ".join(every) or "none", hint=hint
        )
    return {"tool": tool, "minutes": minutes, "instance": named or next(iter(usable), "")}


def _size(one: str) -> dict[str, object]:
    name, value = _pair(one, "--measured")
    return {"what": name, "value_mm": value}

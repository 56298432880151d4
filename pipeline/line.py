"""The line an order travels: the stages of each process as plain lists, read top to bottom."""

from __future__ import annotations

import importlib
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from model.design import Design
from model.errors import CapabilityError, LotOneError, OrderError
from model.files import Exports, Papers
from model.finding import Finding, Report
from model.floor import Experience, Leftovers
from model.group import Group
from model.order import Attachment, Brief, Order
from model.plan import ProcessPlan
from model.program import PrintFiles, Programs
from model.quote import Option, Quote
from model.tooling import ShopData
from model.toolpath import Toolpaths
from pipeline.engine.asked import check_machine, materials_of, of_workshop, only, others, process_for
from pipeline.engine.claim import CLAIM, Claim, claimed
from pipeline.engine.code import code_digest
from pipeline.engine.codec import encode, pretty
from pipeline.engine.entries import entries_of
from pipeline.engine.events import Event, Listener, recorder, silent
from pipeline.engine.folder import (
    EVENTS,
    RELEASE,
    SCHEMA,
    Entry,
    Manifest,
    held,
    listed,
    publish,
    read_manifest,
    safe_name,
    withdraw,
)
from pipeline.engine.outcome import Outcome, Problem, besides, problem_of, verdict_of
from pipeline.engine.personal import quiet, quiet_text, traces
from pipeline.engine.stage import Run, Stage, wired
from pipeline.engine.store import Store, sha256


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of a process: what it takes and gives, and where its function is, imported only when it must run.

    ``salt`` is where a function tells what the code does not show (an engine's version), or "".
    """

    name: str
    takes: tuple[type, ...]
    gives: type
    where: str
    salt: str = ""


UNDERSTAND = Step("understand", (Order, ShopData), Brief, "pipeline.understand.stage:understand")
DESIGN = Step("design", (Brief, ShopData), Design, "pipeline.design.stage:design")
DESIGN_GIVEN = Step("design", (Brief, Attachment, ShopData), Design, "pipeline.design.given:design_given")
"""In place of the design stage where the customer brings the solid: its file is what the attachment holds."""

EXPORT = Step("export", (Design,), Exports, "pipeline.design.stage:export")

MILL = (
    UNDERSTAND,
    DESIGN,
    EXPORT,
    Step("plan", (Design, ShopData, Leftovers), ProcessPlan, "pipeline.plan.stage:plan"),
    Step("toolpaths", (ProcessPlan, Design), Toolpaths, "pipeline.toolpaths.stage:toolpaths"),
    Step("post", (Toolpaths, ProcessPlan), Programs, "pipeline.toolpaths.stage:post"),
    Step("verify", (Design, ProcessPlan, Toolpaths, Programs), Report, "pipeline.verify.stage:verify_milling"),
    Step(
        "quote", (Brief, Design, ProcessPlan, Report, ShopData, Experience), Quote, "pipeline.quote.stage:quote_milled"
    ),
    Step(
        "papers",
        (Brief, Design, ProcessPlan, Programs, Report, ShopData, Quote),
        Papers,
        "pipeline.release.stage:papers_milled",
    ),
)
"""A part cut from stock on a mill: solid, plan, toolpaths, programs, proof, quote, papers."""

ROUTE = MILL
"""A part cut from sheet on a router: the same stages; the plan chooses machine, fixture and dialect."""

SLICE = Step(
    "print",
    (Design, Exports, ShopData),
    PrintFiles,
    "pipeline.printing.stage:print_plate",
    salt="pipeline.printing.engines:engine_salt",
)
VERIFY_PRINT = Step("verify", (Design, PrintFiles, ShopData), Report, "pipeline.verify.print_stage:verify_print")

PRINT = (
    UNDERSTAND,
    DESIGN,
    EXPORT,
    SLICE,
    VERIFY_PRINT,
    Step("quote", (Brief, PrintFiles, Report, ShopData, Experience), Quote, "pipeline.quote.stage:quote_printed"),
    Step(
        "papers", (Brief, Design, PrintFiles, Report, ShopData, Quote), Papers, "pipeline.release.stage:papers_printed"
    ),
)
"""Parts printed layer by layer: solids, plates, the slicing engine's program, proof, quote, papers."""

PROCESSES = {"cut": MILL, "print": PRINT}
LAST = "papers"
"""The stage every process ends with."""

LOST = "store.lost"
TRIES = 3


def declared(steps: tuple[Step, ...]) -> tuple[Stage, ...]:
    """The steps as stages, their wiring checked.

    Raises:
        TypeError: A stage takes a type that neither the order, the shop nor an earlier stage gives.
    """
    return wired(tuple(map(as_stage, steps)), (Order, Attachment, Group, ShopData, Experience, Leftovers))


def as_stage(step: Step) -> Stage:
    """A step as a stage, wherever it stands."""
    salt = partial(_salt, step.salt) if step.salt else str
    return Stage(step.name, step.takes, step.gives, partial(function_at, step.where), salt)


def make_order(order: Order, shop: ShopData, out: Path, store: Store, listen: Listener = silent) -> Outcome:
    """Take one order down the line and write its folder ``out/<order id>/``.

    Nothing expected is raised: a failure is an :class:`Outcome` with its problem, the stages so far and
    ``findings.json`` in the folder, and no release. Who ordered, and where, is never written anywhere.
    """
    hidden = traces(order.personal)
    order = impersonal(order)
    root = out / order.id
    try:
        safe_name(order.id)
        with held(root):
            if (claim := claimed(root)) is not None:
                return _made_together(order, root, claim, listen)
            return _make(order, hidden, shop, root, store, listen)
    except LotOneError as error:  # the folder itself could not be made, or an old release in it not be withdrawn
        problem = quiet(problem_of(error), hidden, order.id)
        listen(Event("failed", order.id, detail=problem.message))
        return Outcome(order.id, verdict_of(problem), problem=problem)


def impersonal(order: Order) -> Order:
    """The order without who ordered it, and where; with wishes that is needed to blank names out of them."""
    return replace(order, source={}, personal=order.personal if order.wishes else {})


def _made_together(order: Order, root: Path, claim: Claim, listen: Listener) -> Outcome:
    """An order whose pieces lie in a released group is made; another revision of it is not made beside it.

    Raises:
        OrderError: ``order.in-group``.
    """
    if claim.order_sha256 != sha256(encode(order)):
        raise OrderError(
            "order.in-group",
            f"{order.id} was changed after it was released in {claim.group}",
            place="id",
            value=order.id,
            limit=claim.group,
            hint=f"Take it out of the plan of {claim.group} and make that again, or delete the folder {claim.group}.",
        )
    listen(Event("finished", order.id, "release", str(root / RELEASE), 1.0))
    return Outcome(order.id, "released", str(root), (f"{RELEASE}/{CLAIM}",))


def refuse(order_id: str, problem: Problem, out: Path) -> Outcome:
    """End an order that was refused at the door: what an earlier revision of it released is withdrawn.

    Only a folder with this order's own manifest, released in no group, is touched; it keeps ``findings.json`` alone.
    """
    root = out / order_id
    try:
        safe_name(order_id)
        if read_manifest(root).order_id != order_id or claimed(root) is not None:
            return Outcome(order_id, verdict_of(problem), problem=problem)
    except LotOneError:  # there is nothing of this order
        return Outcome(order_id, verdict_of(problem), problem=problem)
    entries = (Entry("findings.json", pretty(problem), "findings", "application/json", problem.stage),)
    try:
        with held(root):
            withdraw(root, "")
            publish(root, entries, Manifest(SCHEMA, order_id, verdict_of(problem), "", "", listed(entries)))
    except LotOneError as error:
        problem = problem_of(error, "release")
    return Outcome(order_id, verdict_of(problem), str(root), problem=problem)


def _make(order: Order, hidden: Sequence[str], shop: ShopData, root: Path, store: Store, listen: Listener) -> Outcome:
    code = code_digest()
    made_for = sha256(b"\n".join([code.encode(), encode(order), encode(shop)]))
    withdraw(root, made_for)
    record = recorder(root / EVENTS, listen)
    process = ""
    problem: Problem | None = None
    entries: tuple[Entry, ...] = ()
    told: tuple[Finding, ...] = ()
    for attempt in range(TRIES):
        run = Run(order.id, store, code, record)
        try:
            own, place, told = _best_way(order, shop, run, partial(Run, order.id, store, code))
            if run.done and place is not shop:
                run = Run(order.id, store, code, record)
            told = tuple(replace(one, message=quiet_text(one.message, hidden, order.id)) for one in told)
            process = travel(own, place, run)
            entries = entries_of(run, None, told)
            break
        except LotOneError as error:
            if error.code == LOST and attempt + 1 < TRIES:  # the damaged blob is gone now; its stage is made anew
                continue
            problem = problem_of(error)
            if order.machine and isinstance(error, CapabilityError):
                problem = replace(problem, hint=f"{problem.hint} {besides(order.machine, shop)}".strip())
            break
        except Exception as error:  # noqa: BLE001 - a bug in one stage must not take the other orders with it
            record(Event("note", order.id, run.current, detail=quiet_text(traceback.format_exc(), hidden, order.id)))
            problem = problem_of(error, run.current)
            break
    problem = problem and quiet(problem, hidden, order.id)
    return finish(root, run, entries, Manifest(SCHEMA, order.id, "", process, made_for, ()), problem, told)


def travel(order: Order, shop: ShopData, run: Run, last: str = LAST) -> str:
    """Run the stages up to the ``last``, but those behind the run; returns the process the order took."""
    process, stages = understood(order, shop, run)
    names = [s.name for s in stages]
    for number, one in enumerate(stages[: names.index(last) + 1]):
        if number >= len(run.done):
            run.run(one, number / len(stages))
    return process


def understood(order: Order, shop: ShopData, run: Run) -> tuple[str, tuple[Stage, ...]]:
    """Run the first stage; returns the process the order takes and all its stages. Attachments travel beside it."""
    given(order, shop, run)
    if not run.done:
        run.run(as_stage(UNDERSTAND), 0.0)
    brief: Brief = run.value(Brief)
    process = process_for(brief.material_id, shop)
    check_machine(order.machine, process, brief.material_id, shop)
    # One offcut is one blank; those of other materials plan nothing anew.
    left = (o for o in shop.offcuts.values() if o.material == brief.material_id and brief.quantity == 1)
    run.give(Leftovers(tuple(left)))
    steps = PROCESSES[process]
    if brief.attachment is not None:
        run.give(next(a for a in order.attachments if a.id == brief.attachment.id), keep=False)
        steps = tuple(DESIGN_GIVEN if s is DESIGN else s for s in steps)
    return process, declared(steps)


def given(order: Order, shop: ShopData, run: Run) -> None:
    """Put what a line begins with at its head."""
    bare = replace(order, attachments=tuple(replace(a, content=b"") for a in order.attachments))
    run.give(bare, keep=not order.wishes)  # what people write freely may name them
    # What was learned changes prices, not plans: it travels beside the shop, whose plans stay in the store.
    run.give(replace(only(shop, order.machine), experience=Experience(), offcuts={}))
    run.give(shop.experience)


def _best_way(
    order: Order, shop: ShopData, run: Run, another: Callable[[], Run]
) -> tuple[Order, ShopData, tuple[Finding, ...]]:
    """The material and the workshop that make an order at least cost in time, and why the others lost.

    One material, and in time: there is no other way to look at, and the ``run`` is gone as far as the price. Every
    other way is gone down the same line by ``another`` run, unheard. What is late is looked at in other workshops too.
    """
    ways = [(replace(order, material=one), shop) for one in materials_of(order, shop)]
    if len(ways) == 1:
        options = [_option(travel(order, shop, run, "quote"), run)]
    else:
        options = [_looked_at(*way, another()) for way in ways]
    decided, late = (function_at(f"pipeline.quote.options:{name}") for name in ("decided", "late"))
    now = order.placed or datetime.now(UTC).isoformat()
    for (own, _), first in list(zip(ways, options, strict=True)):
        if late(first, now) and not order.machine:
            ways += [(own, of_workshop(shop, home)) for home in others(shop, first.workshop, first.process)]
    options += [_looked_at(*way, another()) for way in ways[len(options) :]]
    if len(ways) == 1:
        return order, shop, ()
    taken, told = decided(options, now)
    return *ways[taken], told


def _looked_at(order: Order, shop: ShopData, run: Run) -> Option:
    """What one way costs and when it must begin, or why it is none."""
    try:
        return _option(travel(order, shop, run, "quote"), run)
    except LotOneError as error:
        if error.code == LOST:
            raise
        return Option(order.material, "", "", 0, 0.0, "", against=f"{error.code}: {error.message}")


def _option(process: str, run: Run) -> Option:
    """The way a run has gone as far as its price."""
    brief, design, quote = run.value(Brief), run.value(Design), run.value(Quote)
    option: Option = function_at("pipeline.quote.options:option")(process, brief, design, quote)
    return option


def finish(
    root: Path, run: Run, entries: tuple[Entry, ...], manifest: Manifest, problem: Problem | None,
    told: tuple[Finding, ...] = (),
) -> Outcome:  # fmt: skip
    """Write the folder; a disk that fills up here is the order's problem too."""
    notes: tuple[str, ...] = ()
    try:
        notes = tuple(n for kind in (Brief, Design) if run.knows(kind) for n in run.value(kind).notes)
        notes += tuple(one.message for one in told)
        entries = entries if problem is None else entries_of(run, problem, told)
        verdict = verdict_of(problem) if problem else "released"
        publish(root, entries, replace(manifest, verdict=verdict, files=listed(entries)))
    except LotOneError as error:
        problem = problem or problem_of(error, "release")
    cached = sum(d.cached for d in run.done)
    if problem is not None:
        run.listen(Event("failed", run.order_id, problem.stage, f"{problem.code}: {problem.message}", 1.0))
        return Outcome(run.order_id, verdict_of(problem), str(root), (), problem, cached, len(run.done), notes)
    run.listen(Event("finished", run.order_id, "release", str(root / RELEASE), 1.0))
    release = tuple(e.path for e in entries if e.path.startswith(f"{RELEASE}/"))
    usage = run.value(Quote).usage if run.knows(Quote) else None
    return Outcome(run.order_id, "released", str(root), release, None, cached, len(run.done), notes, usage)


def function_at(where: str) -> Callable[..., Any]:
    """Import the function a step names, "module:function"."""
    module, _, name = where.partition(":")
    function: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return function


def _salt(where: str) -> str:
    salt: str = function_at(where)()
    return salt

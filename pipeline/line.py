"""The line an order travels: the stages of each process as plain lists, read top to bottom."""

from __future__ import annotations

import importlib
import json
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from model.design import Design
from model.errors import CapabilityError, LotOneError, OrderError
from model.files import Exports, File, Papers
from model.finding import Report
from model.floor import Experience, Leftovers
from model.order import Attachment, Brief, Order
from model.plan import ProcessPlan
from model.program import PrintFiles, Programs
from model.quote import Quote
from model.tooling import ShopData
from model.toolpath import Toolpaths
from pipeline.engine.code import code_digest
from pipeline.engine.codec import encode, plain, pretty
from pipeline.engine.events import Event, Listener, silent
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
from pipeline.engine.personal import names, quiet, quiet_text
from pipeline.engine.stage import Done, Run, Stage, wired
from pipeline.engine.store import Store, disk_error, sha256


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

PRINT = (
    UNDERSTAND,
    DESIGN,
    EXPORT,
    Step(
        "print",
        (Design, Exports, ShopData),
        PrintFiles,
        "pipeline.printing.stage:print_plate",
        salt="pipeline.printing.engines:engine_salt",
    ),
    Step("verify", (Design, PrintFiles, ShopData), Report, "pipeline.verify.print_stage:verify_print"),
    Step("quote", (Brief, PrintFiles, Report, ShopData, Experience), Quote, "pipeline.quote.stage:quote_printed"),
    Step(
        "papers", (Brief, Design, PrintFiles, Report, ShopData, Quote), Papers, "pipeline.release.stage:papers_printed"
    ),
)
"""Parts printed layer by layer: solids, plates, the slicing engine's program, proof, quote, papers."""

PROCESSES = {"cut": MILL, "print": PRINT}
GIVEN: dict[type, str] = {ShopData: "tooling", Experience: "experience", Leftovers: "leftovers"}
"""What a line is given beside the order, and the files of the folder it is kept in."""
PART = "inputs/part.step"
"""Where the customer's own file is kept, as it came."""

LOST = "store.lost"
TRIES = 3


def declared(steps: tuple[Step, ...]) -> tuple[Stage, ...]:
    """The steps as stages, their wiring checked.

    Raises:
        TypeError: A stage takes a type that neither the order, the shop nor an earlier stage gives.
    """
    return wired(
        tuple(
            Stage(s.name, s.takes, s.gives, partial(function_at, s.where), partial(_salt, s.salt) if s.salt else str)
            for s in steps
        ),
        (Order, Attachment, ShopData, Experience, Leftovers),
    )


def only(shop: ShopData, machine: str) -> ShopData:
    """The shop with one machine or printer of all; the whole shop when none is named.

    Raises:
        OrderError: ``order.unknown-machine``.
        CapabilityError: ``plan.not-programmed``: it is a lathe.
    """
    if not machine:
        return shop
    if machine in shop.machines or machine in shop.printers:
        machines = {k: v for k, v in shop.machines.items() if k == machine}
        return replace(shop, machines=machines, printers={k: v for k, v in shop.printers.items() if k == machine})
    if machine in shop.lathes:
        message = f"{machine} is a lathe, and turning is not programmed"
        raise CapabilityError("plan.not-programmed", message, place="machine", hint=besides(machine, shop))
    raise OrderError(
        "order.unknown-machine",
        f"The shop has no machine {machine!r}",
        place="machine",
        value=machine,
        limit=", ".join(sorted((*shop.machines, *shop.printers))),
        hint="Choose one of `lotone machines`, or leave it out: the cheapest that can is taken.",
    )


def process_for(material_id: str, shop: ShopData) -> str:
    """The process a material is made by: "cut" or "print".

    Raises:
        CapabilityError: The shop does not keep the material.
    """
    if material_id not in shop.materials:
        raise CapabilityError(
            "line.material-unknown",
            f"The shop keeps no material {material_id!r}",
            place="material",
            value=material_id,
            limit=", ".join(sorted(shop.materials)),
            hint="Choose one of `lotone materials`, or add a row to the tooling database.",
        )
    return shop.materials[material_id].process


def make_order(order: Order, shop: ShopData, out: Path, store: Store, listen: Listener = silent) -> Outcome:
    """Take one order down the line and write its folder ``out/<order id>/``.

    Nothing expected is raised: a failure is an :class:`Outcome` with its problem, the stages so far and
    ``findings.json`` in the folder, and no release. Who ordered, and where, is never written anywhere.
    """
    hidden = names(order.personal)
    order = replace(order, source={}, personal=order.personal if order.wishes else {})  # to blank names out of wishes
    root = out / order.id
    try:
        safe_name(order.id)
        with held(root):
            return _make(order, hidden, shop, root, store, listen)
    except LotOneError as error:  # the folder itself could not be made, or an old release in it not be withdrawn
        problem = quiet(problem_of(error), hidden, order.id)
        listen(Event("failed", order.id, detail=problem.message))
        return Outcome(order.id, verdict_of(problem), problem=problem)


def refuse(order_id: str, problem: Problem, out: Path) -> Outcome:
    """End an order that was refused at the door: what an earlier revision of it released is withdrawn.

    Only a folder with this order's own manifest is touched; it keeps ``findings.json`` alone.
    """
    root = out / order_id
    try:
        safe_name(order_id)
        if read_manifest(root).order_id != order_id:
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
    record = _recorder(root, listen)
    process = ""
    problem: Problem | None = None
    entries: tuple[Entry, ...] = ()
    for attempt in range(TRIES):
        run = Run(order.id, store, code, record)
        try:
            process = travel(order, shop, run)
            entries = _entries(run, None)
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
    return _finish(root, run, entries, Manifest(SCHEMA, order.id, "", process, made_for, ()), problem)


def travel(order: Order, shop: ShopData, run: Run, last: str = "papers") -> str:
    """Run the stages up to the ``last``; returns the process the order took. Attachments travel beside the order."""
    bare = replace(order, attachments=tuple(replace(a, content=b"") for a in order.attachments))
    run.give(bare, keep=not order.wishes)  # what people write freely may name them
    # What was learned changes prices, not plans: it travels beside the shop, whose plans stay in the store.
    run.give(replace(only(shop, order.machine), experience=Experience(), offcuts={}))
    run.give(shop.experience)
    first = declared((UNDERSTAND,))
    run.run(first[0], 0.0)
    brief: Brief = run.value(Brief)
    process = process_for(brief.material_id, shop)
    _can(order.machine, process, brief.material_id, shop)
    # One offcut is one blank; those of other materials plan nothing anew.
    left = (o for o in shop.offcuts.values() if o.material == brief.material_id and brief.quantity == 1)
    run.give(Leftovers(tuple(left)))
    steps = PROCESSES[process]
    if brief.attachment is not None:
        run.give(next(a for a in order.attachments if a.id == brief.attachment.id), keep=False)
        steps = tuple(DESIGN_GIVEN if s is DESIGN else s for s in steps)
    stages = declared(steps)
    names = [s.name for s in stages]
    for number, one in enumerate(stages[1 : names.index(last) + 1], 1):
        run.run(one, number / len(stages))
    return process


def _can(machine: str, process: str, material_id: str, shop: ShopData) -> None:
    """Refuse a named machine that does not work the way the material is worked.

    Raises:
        OrderError: ``order.machine-process``.
    """
    fit = shop.machines if process == "cut" else shop.printers
    if machine and machine not in fit:
        raise OrderError(
            "order.machine-process",
            f"{material_id} is {'cut' if process == 'cut' else 'printed'}, which {machine} does not do",
            place="machine",
            value=machine,
            limit=", ".join(sorted(fit)),
            hint="Name another machine or another material.",
        )


def _finish(root: Path, run: Run, entries: tuple[Entry, ...], manifest: Manifest, problem: Problem | None) -> Outcome:
    """Write the folder; a disk that fills up here is the order's problem too."""
    notes: tuple[str, ...] = ()
    try:
        notes = (run.value(Brief).notes if run.knows(Brief) else ()) + (
            run.value(Design).notes if run.knows(Design) else ()
        )
        entries = entries if problem is None else _entries(run, problem)
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
    return Outcome(run.order_id, "released", str(root), release, None, cached, len(run.done), notes)


def _entries(run: Run, problem: Problem | None) -> tuple[Entry, ...]:
    """Every file of the folder but the events, from the stages that were passed."""
    entries: list[Entry] = []
    made_by: dict[str, str] = {run.digest(Order): "the order"} if run.knows(Order) else {}
    for kind, name in GIVEN.items():
        if run.knows(kind):  # not if the disk was full before the work began
            path = f"inputs/{name}.json"
            entries.append(Entry(path, run.stored(run.digest(kind)), name, "application/json", "given"))
            made_by[run.digest(kind)] = path
    if run.knows(Attachment):
        solid: Attachment = run.value(Attachment)
        entries.append(Entry(PART, solid.content, "attachment", "model/step", "given"))
        made_by[run.digest(Attachment)] = PART
    for number, done in enumerate(run.done, 1):
        folder = f"stages/{number}-{done.name}"
        sources = tuple(made_by[d] for d in done.inputs.values())
        made_by[done.output] = f"{folder}/output.json"
        entries.append(Entry(f"{folder}/stage.json", _stage_file(done, run), "stage", "application/json", done.name))
        data = run.stored(done.output)
        entries.append(Entry(f"{folder}/output.json", data, "stage-output", "application/json", done.name, sources))
    passed = {d.name: f"stages/{n}-{d.name}/output.json" for n, d in enumerate(run.done, 1)}
    if "understand" in passed:
        brief = pretty(run.value(Brief))
        entries.append(Entry("order.json", brief, "order", "application/json", "understand", (passed["understand"],)))
    if problem is not None:
        entries.append(Entry("findings.json", pretty(problem), "findings", "application/json", problem.stage))
        if "export" in passed:
            folder = passed["export"].removesuffix("output.json")
            entries += _files(run.value(Exports).files, folder, "export", passed["export"])
        return tuple(entries)
    return (*entries, *certified(run.value, passed))


def certified(value: Callable[[type], Any], passed: Mapping[str, str]) -> Iterator[Entry]:
    """The certified files, each under its place in ``release/``, from the stages' values.

    ``passed`` leads from a stage's name to the file its result is in.
    """
    yield from _files(value(Papers).files, f"{RELEASE}/", "papers", passed["papers"])
    yield from _files(value(Exports).files, f"{RELEASE}/model/", "export", passed["export"])
    if "post" in passed:
        for one in value(Programs).programs:
            path = f"{RELEASE}/programs/{one.name}"
            yield Entry(path, one.text.encode(), "program", "text/x-gcode", "post", (passed["post"],))
    if "print" in passed:
        for sliced in value(PrintFiles).files:
            path = f"{RELEASE}/programs/{sliced.name}"
            yield Entry(path, sliced.text.encode(), "program", "text/x-gcode", "print", (passed["print"],))


def _files(files: tuple[File, ...], folder: str, stage_name: str, source: str) -> Iterator[Entry]:
    for file in files:
        yield Entry(f"{folder}{file.name}", file.data, file.role, file.media_type, stage_name, (source,))


def _stage_file(done: Done, run: Run) -> bytes:
    told = {"name": done.name, "key": done.key, "code": run.code, "inputs": done.inputs, "output": done.output}
    return pretty(told)


def function_at(where: str) -> Callable[..., Any]:
    """Import the function a step names, "module:function"."""
    module, _, name = where.partition(":")
    function: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return function


def _salt(where: str) -> str:
    salt: str = function_at(where)()
    return salt


def _recorder(root: Path, listen: Listener) -> Listener:
    """A listener that also appends to the order's ``events.jsonl``, the one file with times in it."""

    def record(event: Event) -> None:
        line = json.dumps(
            {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), **plain(event)}, sort_keys=True
        )
        try:
            with (root / EVENTS).open("a", encoding="utf-8") as file:
                file.write(line + "\n")
        except OSError as error:
            listen(Event("note", event.order_id, detail=disk_error(root / EVENTS, error).message))
        listen(event)

    return record

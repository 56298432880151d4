"""What an order's folder holds: the results of the stages that were passed, and the release they give."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from model.files import Exports, File, Papers
from model.finding import Finding
from model.floor import Experience, Leftovers
from model.group import Group
from model.order import Attachment, Brief, Order
from model.program import PrintFiles, Programs
from model.tooling import ShopData
from pipeline.engine.codec import pretty
from pipeline.engine.folder import RELEASE, Entry
from pipeline.engine.outcome import Problem
from pipeline.engine.stage import Done, Run

GIVEN: dict[type, str] = {ShopData: "tooling", Experience: "experience", Leftovers: "leftovers", Group: "group"}
"""What a line is given beside the order, and the files of the folder it is kept in."""
PART = "inputs/part.step"
"""Where the customer's own file is kept, as it came."""

CHOICE = "choice.json"
"""Which material and workshop were looked at where an order left them open or was late, and why the others lost."""


def entries_of(run: Run, problem: Problem | None, told: tuple[Finding, ...] = ()) -> tuple[Entry, ...]:
    """Every file of the folder but the events, from the stages that were passed and what was ``told`` of other ways."""
    entries: list[Entry] = [Entry(CHOICE, pretty(told), "choice", "application/json", "quote")] if told else []
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

"""Turns a plan's toolpaths into programs: one a setup, or one a tool where tools are changed by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from zlib import crc32

from model.doing import doing
from model.errors import ConfigError
from model.plan import ProcessPlan, Setup
from model.program import Program, Programs
from model.toolpath import Toolpath, Toolpaths
from postprocessors import milling_iso, milling_klartext, milling_sinumerik
from postprocessors.dialects import Dialect, Job, dialect, number

Renderer = Callable[[Job, Dialect], Sequence[str]]
RENDERERS: Mapping[str, Renderer] = {
    "iso": milling_iso.render,
    "klartext": milling_klartext.render,
    "sinumerik": milling_sinumerik.render,
}
"""The way each syntax spells a job, line by line."""

NAMES: Mapping[str, Callable[[str], str]] = {
    "klartext": milling_klartext.file_name,
    "sinumerik": milling_sinumerik.file_name,
}
"""File names as controls keep them, where they have rules of their own."""


def programs(toolpaths: Toolpaths, plan: ProcessPlan) -> Programs:
    """Every program of a plan.

    Raises:
        ConfigError: The dialect cannot say something the toolpaths hold, or its file is wrong.
    """
    d = dialect(plan.machine.dialect)
    if d.syntax not in RENDERERS:
        msg = f"dialect {d.name} is written in {d.syntax!r}, which nobody can spell"
        raise ConfigError("post.bad-dialect", msg, place=f"{d.name}.toml", hint=f"Known: {', '.join(RENDERERS)}.")
    found: list[Program] = []
    for path in toolpaths.setups:
        setup = next(s for s in plan.setups if s.index == path.setup)
        runs = list(_by_tool(path.toolpaths))
        notes = _notes(setup, path.toolpaths)
        groups = [[r] for r in runs] if d.one_tool_per_program else [runs]
        for k, group in enumerate(groups, 1):
            name = f"{plan.order_id}-s{setup.index}" + (f"-{k}-t{group[0][0].tool_number}" if len(groups) > 1 else "")
            name = NAMES.get(d.syntax, str)(name)
            said = [[next(notes) for _ in run] for run in group]
            job = Job(name, _number(plan.order_id, len(found) + 1), setup, plan, group, said)
            numbers = tuple(run[0].tool_number for run in group)
            text = _text(job, RENDERERS[d.syntax](job, d), d)
            found.append(Program(f"{name}.{d.extension}", setup.index, plan.machine.id, d.name, text, numbers))
    return Programs(tuple(found))


def _notes(setup: Setup, paths: Sequence[Toolpath]) -> Iterator[str]:
    """What each toolpath does: its operation's number on the setup sheet, words, tool and depth."""
    left = iter(enumerate(setup.operations, 1))
    for path in paths:
        at, op = next(((k, o) for k, o in left if o.id == path.operation_id), (0, None))
        heights = "" if op is None else f"Z{number(op.top_z_mm, 3)} TO {number(op.bottom_z_mm, 3)}"
        yield "" if op is None else f"OP {10 * at} {doing(op, 'en')}, T{op.tool_number}, {heights}"


def _by_tool(paths: tuple[Toolpath, ...]) -> Iterator[list[Toolpath]]:
    """Neighbouring toolpaths of one tool together."""
    run: list[Toolpath] = []
    for p in paths:
        if run and run[0].tool_number != p.tool_number:
            yield run
            run = []
        run.append(p)
    if run:
        yield run


def _number(order_id: str, place: int) -> int:
    """1000 to 7999, where controls keep the user's programs: consecutive in an order, seldom those of another."""
    return 1000 + (crc32(order_id.encode()) + place) % 7000


def _text(job: Job, lines: Sequence[str], d: Dialect) -> str:
    long = next((line for line in lines if len(line) > d.max_line), None)
    if long is not None:
        msg = f"{job.name}: a line of {len(long)} characters, the controller reads {d.max_line}: {long[:40]}..."
        raise ConfigError("post.line-too-long", msg, value=len(long), limit=d.max_line)
    odd = next((line for line in lines if not line.isascii() or not line.isprintable()), None)
    if odd is not None:
        raise ConfigError("post.character", f"{job.name}: no control reads {odd!r}", place=f"{d.name}.toml")
    return "\n".join(lines) + "\n"

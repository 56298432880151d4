"""Spells toolpaths in a milling dialect: words from its TOML, modal motion from here."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, StrictUndefined, TemplateError

from model.errors import ConfigError
from model.plan import ProcessPlan, Setup
from model.program import Program, Programs
from model.tooling import Assembly
from model.toolpath import Move, Toolpath, Toolpaths
from postprocessors import words

KEYS = {
    "name", "title", "kind", "extension", "decimals", "cycles", "one_tool_per_program", "max_line", "preamble",
    "tool_start", "tool_end", "postamble", "coolant",
}  # fmt: skip


@dataclass(frozen=True)
class Dialect:
    """A milling controller's words (see the TOML files for their meaning)."""

    name: str
    extension: str
    decimals: int
    cycles: tuple[str, ...]
    one_tool_per_program: bool
    max_line: int
    preamble: tuple[str, ...]
    tool_start: tuple[str, ...]
    tool_end: tuple[str, ...]
    postamble: tuple[str, ...]
    coolant: Mapping[str, str]


@cache
def dialect(name: str) -> Dialect:
    """Read a milling dialect.

    Raises:
        ConfigError: A key is missing or unknown, or it is a printer's dialect.
    """
    table: dict[str, Any] = words(name)
    odd = KEYS.symmetric_difference(table)
    if odd or table.get("kind") != "mill":
        msg = f"dialect {name} is no complete milling dialect (look at: {', '.join(sorted(odd)) or 'kind'})"
        raise ConfigError("post.bad-dialect", msg, place=f"{name}.toml", hint="Compare with linuxcnc.toml.")
    lists = ("cycles", "preamble", "tool_start", "tool_end", "postamble")
    fields: dict[str, Any] = {k: tuple(v) if k in lists else v for k, v in table.items() if k not in ("title", "kind")}
    return Dialect(**fields)


def programs(toolpaths: Toolpaths, plan: ProcessPlan) -> Programs:
    """Every program of a plan: one a setup, or one a tool where tools are changed by hand."""
    d = dialect(plan.machine.dialect)
    assemblies = {a.number: a for a in plan.tools}
    found: list[Program] = []
    for path in toolpaths.setups:
        setup = next(s for s in plan.setups if s.index == path.setup)
        runs = list(_by_tool(path.toolpaths))
        groups = [[r] for r in runs] if d.one_tool_per_program else [runs]
        for k, group in enumerate(groups, 1):
            name = f"{plan.order_id}-s{setup.index}" + (f"-{k}-t{group[0][0].tool_number}" if len(groups) > 1 else "")
            text = _program(name, group, setup, assemblies, d)
            numbers = tuple(run[0].tool_number for run in group)
            found.append(Program(f"{name}.{d.extension}", setup.index, plan.machine.id, d.name, text, numbers))
    return Programs(tuple(found))


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


def _program(
    name: str, runs: list[list[Toolpath]], setup: Setup, assemblies: Mapping[int, Assembly], d: Dialect
) -> str:
    first = assemblies[runs[0][0].tool_number]
    base = {
        "program": name, "setup": setup.index, "offset": setup.work_offset, "zero": _comment(setup.zero),
        "safe_z": number(setup.safe_z_mm, d.decimals),
    }  # fmt: skip
    lines = _spoken(d.preamble, base | {"tool": _tool(first)}, d)
    for run in runs:
        tool = _tool(assemblies[run[0].tool_number])
        speed = {"spindle_rpm": number(run[0].spindle_rpm, 0)}
        lines += _spoken(d.tool_start, base | speed | {"tool": tool}, d)
        lines += _motion(run, d)
        lines += _spoken(d.tool_end, base | {"tool": tool}, d)
    lines += _spoken(d.postamble, base, d)
    long = next((line for line in lines if len(line) > d.max_line), None)
    if long is not None:
        msg = f"{name}: a line of {len(long)} characters, the controller reads {d.max_line}: {long[:40]}..."
        raise ConfigError("post.line-too-long", msg, value=len(long), limit=d.max_line)
    return "\n".join(lines) + "\n"


def _tool(a: Assembly) -> dict[str, object]:
    return {"number": a.number, "name": _comment(a.tool.name)}


def _comment(text: str) -> str:
    """Words a controller's comment may hold: plain capitals, no brackets, nothing long."""
    plain = text.upper().replace("(", " ").replace(")", " ").replace(";", " ")
    return "".join(c if c.isascii() and c.isprintable() and c not in "!?~%$" else "-" for c in plain)[:58].strip()


def _spoken(templates: tuple[str, ...], values: Mapping[str, object], d: Dialect) -> list[str]:
    env = Environment(undefined=StrictUndefined, autoescape=False)  # noqa: S701 - programs are not HTML
    try:
        lines = [env.from_string(t).render(values) for t in templates]
    except TemplateError as error:
        raise ConfigError("post.bad-template", f"dialect {d.name}: {error}", place=f"{d.name}.toml") from error
    return [line for line in lines if line]


def number(value: float, decimals: int) -> str:
    """A coordinate as controllers read it: no exponent, no minus zero, no trailing zeros."""
    text = f"{value:.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


class _Modal:
    """The words the controller still remembers; only what changes is written."""

    def __init__(self, d: Dialect) -> None:
        self.d = d
        self.last: dict[str, str] = {}

    def word(self, letter: str, value: float, decimals: int) -> str:
        text = number(value, decimals)
        if self.last.get(letter) == text:
            return ""
        self.last[letter] = text
        return letter + text

    def code(self, word: str) -> str:
        if self.last.get("G") == word:
            return ""
        self.last["G"] = word
        return word


def _motion(run: list[Toolpath], d: Dialect) -> list[str]:
    """The moves of one tool. After a tool change x, y first, then z; nothing is assumed of where the tool is."""
    modal = _Modal(d)
    lines: list[str] = []
    coolant = d.coolant["off"]
    speed = run[0].spindle_rpm
    for n, path in enumerate(run):
        if path.spindle_rpm != speed:
            lines.append(f"S{number(path.spindle_rpm, 0)}")
            speed = path.spindle_rpm
        for k, m in enumerate(path.moves):
            if n == k == 0:
                lines.append(
                    _line(modal.code("G0"), modal.word("X", m.x_mm, d.decimals), modal.word("Y", m.y_mm, d.decimals))
                )
            if k == 0 and d.coolant[path.coolant] != coolant:
                coolant = d.coolant[path.coolant]
                lines.append(coolant or "M9")
            lines += _spell(m, modal, d)
    return [line for line in lines if line]


def _spell(m: Move, modal: _Modal, d: Dialect) -> list[str]:
    n = d.decimals
    if m.kind == "drill":
        return _drill(m, modal, d)
    if m.kind in ("rapid", "line"):
        ends = [modal.word("X", m.x_mm, n), modal.word("Y", m.y_mm, n), modal.word("Z", m.z_mm, n)]
        if not any(ends):
            return []
        feed = modal.word("F", m.feed_mm_min, 0) if m.kind == "line" else ""
        return [_line(modal.code("G0" if m.kind == "rapid" else "G1"), *ends, feed)]
    x0, y0 = float(modal.last["X"]), float(modal.last["Y"])
    x1, y1 = float(number(m.x_mm, n)), float(number(m.y_mm, n))
    if math.hypot(x1 - x0, y1 - y0) < 2 * 10.0**-n:
        return _spell(Move("line", m.x_mm, m.y_mm, m.z_mm, m.feed_mm_min, m.intent), modal, d)
    cx, cy = _centre(m, (x0, y0), (x1, y1))
    words_ = [
        modal.code("G3" if m.kind == "ccw" else "G2"), f"X{number(m.x_mm, n)}", f"Y{number(m.y_mm, n)}",
        modal.word("Z", m.z_mm, n), f"I{number(cx - x0, n)}", f"J{number(cy - y0, n)}",
        modal.word("F", m.feed_mm_min, 0),
    ]  # fmt: skip
    modal.last["X"], modal.last["Y"] = number(m.x_mm, n), number(m.y_mm, n)
    return [_line(*words_)]


def _centre(m: Move, start: tuple[float, float], end: tuple[float, float]) -> tuple[float, float]:
    """The planned centre, or where rounding would set the radii apart, the nearest that makes them agree."""
    apart = abs(math.dist(start, (m.cx_mm, m.cy_mm)) - math.dist(end, (m.cx_mm, m.cy_mm)))
    if apart <= RADII_MM:
        return m.cx_mm, m.cy_mm
    mx, my = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
    dx, dy = end[0] - start[0], end[1] - start[1]
    size = math.hypot(dx, dy)
    nx, ny = -dy / size, dx / size
    along = (m.cx_mm - mx) * nx + (m.cy_mm - my) * ny
    return mx + along * nx, my + along * ny


def _drill(m: Move, modal: _Modal, d: Dialect) -> list[str]:
    """A hole as a canned cycle, or as the moves a controller without cycles needs."""
    n = d.decimals
    cycle = "peck" if m.peck_mm else "drill"
    start, bottom = number(m.retract_mm, n), number(m.z_mm, n)
    if cycle in d.cycles:
        code = "G83" if m.peck_mm else "G81"
        peck = f"Q{number(m.peck_mm, n)}" if m.peck_mm else ""
        word = _line("G99", code, f"X{number(m.x_mm, n)}", f"Y{number(m.y_mm, n)}", f"Z{bottom}", f"R{start}", peck,
                     f"F{number(m.feed_mm_min, 0)}")  # fmt: skip
        modal.last |= {"X": number(m.x_mm, n), "Y": number(m.y_mm, n), "Z": start, "F": number(m.feed_mm_min, 0)}
        modal.last.pop("G", None)
        return [word, "G80"]
    lines = []
    for move in expanded(m):
        lines += _spell(move, modal, d)
    return lines


RADII_MM = 0.001
"""Controllers compare an arc's two radii (Grbl: 0.005 mm); ours agree at least this well."""

RELIEF_MM = 0.25
"""After a full retract the drill goes back by rapid to this far above where it was (as LinuxCNC does)."""


def expanded(m: Move) -> list[Move]:
    """A drill move as single moves: down by rapid to the start, pecks with full retracts, back up."""
    moves = [Move("rapid", m.x_mm, m.y_mm, m.retract_mm, intent="approach")]
    depth = m.retract_mm
    while m.peck_mm and depth - m.peck_mm > m.z_mm + 1e-9:
        depth -= m.peck_mm
        moves += [
            Move("line", m.x_mm, m.y_mm, depth, m.feed_mm_min, "drill"),
            Move("rapid", m.x_mm, m.y_mm, m.retract_mm, intent="retract"),
            Move("rapid", m.x_mm, m.y_mm, depth + RELIEF_MM, intent="approach"),
        ]
    return [
        *moves, Move("line", m.x_mm, m.y_mm, m.z_mm, m.feed_mm_min, "drill"),
        Move("rapid", m.x_mm, m.y_mm, m.retract_mm, intent="retract"),
    ]  # fmt: skip


def _line(*parts: str) -> str:
    return " ".join(p for p in parts if p)

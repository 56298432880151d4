"""A milling controller's words as data, and the job a renderer spells with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from jinja2 import Environment, StrictUndefined, Template, TemplateError

from model.errors import ConfigError
from model.plan import ProcessPlan, Setup
from model.tooling import Assembly
from model.toolpath import Toolpath
from postprocessors import words

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Own = TypeVar("Own", bound="DataclassInstance")
LISTS = ("cycles", "preamble", "tool_start", "tool_end", "postamble")
KEYS = {
    "name", "title", "kind", "syntax", "extension", "decimals", "one_tool_per_program", "max_line", "coolant", *LISTS,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Dialect:
    """A milling controller's words (see the TOML files for their meaning).

    ``syntax`` names the renderer; ``own`` is the table of that name, which only this renderer reads.
    """

    name: str
    syntax: str
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
    own: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Job:
    """One program to be: ``runs`` are the toolpaths of one tool after the other.

    ``notes`` say of each toolpath what it does, "" where the plan does not know it.
    ``name`` is the file's name without its ending, ``number`` the program's number on controls that count them
    (1000 to 7999; it follows from the order and the program's place in it).
    """

    name: str
    number: int
    setup: Setup
    plan: ProcessPlan
    runs: Sequence[Sequence[Toolpath]]
    notes: Sequence[Sequence[str]]

    def tool(self, run: Sequence[Toolpath]) -> Assembly:
        """The tool of a run."""
        return next(a for a in self.plan.tools if a.number == run[0].tool_number)


@cache
def dialect(name: str) -> Dialect:
    """Read a milling dialect.

    Raises:
        ConfigError: A key is missing or unknown, or it is a printer's dialect.
    """
    table: dict[str, Any] = words(name)
    syntax = str(table.get("syntax", ""))
    odd = (KEYS | {syntax}).symmetric_difference(table) - {""}
    if odd or table.get("kind") != "mill":
        msg = f"dialect {name} is no complete milling dialect (look at: {', '.join(sorted(odd)) or 'kind'})"
        raise ConfigError("post.bad-dialect", msg, place=f"{name}.toml", hint="Compare with linuxcnc.toml.")
    said: dict[str, Any] = {
        k: tuple(v) if k in LISTS else v for k, v in table.items() if k not in ("title", "kind", syntax)
    }
    return Dialect(**said, own=table[syntax])


def own_table(d: Dialect, kind: type[Own]) -> Own:
    """The table of a dialect's own syntax as its record.

    Raises:
        ConfigError: It lacks a word or has one too many.
    """
    odd = {f.name for f in fields(kind)}.symmetric_difference(d.own)
    if odd:
        msg = f"dialect {d.name}: its table [{d.syntax}] is not complete (look at: {', '.join(sorted(odd))})"
        raise ConfigError("post.bad-dialect", msg, place=f"{d.name}.toml", hint="Compare with a dialect of its syntax.")
    return kind(**d.own)


def number(value: float, decimals: int) -> str:
    """A coordinate as controllers read it: no exponent, no minus zero, no trailing zeros."""
    text = f"{value:.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def spoken(templates: Sequence[str], values: Mapping[str, object], d: Dialect) -> list[str]:
    """The lines of a template, empty ones left out.

    Raises:
        ConfigError: A template names a value that does not exist, or is no template.
    """
    try:
        lines = [_template(t).render(values) for t in templates]
    except TemplateError as error:
        raise ConfigError("post.bad-template", f"dialect {d.name}: {error}", place=f"{d.name}.toml") from error
    return [line for line in lines if line]


@cache
def _template(text: str) -> Template:
    return Environment(undefined=StrictUndefined, autoescape=False).from_string(text)  # noqa: S701 - not HTML


NOTE_MOST = 70
"""Characters of a note at most: the shortest line a control reads is one of 80."""


def comment(text: str, marks: str, most: int = 58) -> str:
    """Words a controller's comment may hold: plain capitals, digits and the ``marks``; nothing long."""
    plain = text.upper().replace("(", " ").replace(")", " ").replace(";", " ")
    return "".join(c if (c.isascii() and c.isalnum()) or c in marks else "-" for c in plain)[:most].strip()

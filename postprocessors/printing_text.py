"""What a printer's firmware wants to read before and after a print, from the dialect's data file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, StrictUndefined, TemplateError

from model.errors import ConfigError

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class PrintDialect:
    """One printer language. ``flavors`` are libslic3r's names for it, best first; ``start`` and ``end`` are templates.

    ``commands`` maps each allowed command to its allowed letters, ``extended`` to its allowed named words.
    """

    name: str
    flavors: tuple[str, ...]
    arcs: bool
    file_suffix: str
    max_command_chars: int
    start: str
    end: str
    commands: Mapping[str, str]
    extended: Mapping[str, tuple[str, ...]]


def load(name: str) -> PrintDialect:
    """The printer dialect of that name.

    Raises:
        ConfigError: There is no such file, it is no printer's, or a key is missing.
    """
    path = HERE / f"{name}.toml"
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8"))
        return PrintDialect(
            name=rows["name"],
            flavors=tuple(rows["flavors"]),
            arcs=rows["arcs"],
            file_suffix=rows["file_suffix"],
            max_command_chars=rows["max_command_chars"],
            start=rows["start"],
            end=rows["end"],
            commands=rows["commands"],
            extended={k: tuple(v) for k, v in rows.get("extended", {}).items()},
        )
    except (OSError, tomllib.TOMLDecodeError, KeyError) as error:
        raise ConfigError(
            "printing.dialect",
            f"The printer dialect {name} cannot be read: {error}",
            place=f"postprocessors/{name}.toml",
            hint="A printer's dialect needs one file in postprocessors/ with every key marlin.toml has.",
        ) from error


def render(template: str, values: Mapping[str, float], place: str) -> str:
    """A start or end block with its numbers, without blank lines at its ends.

    Raises:
        ConfigError: The template asks for a value nobody gives, or leaves a bracket the engine would read as its own.
    """
    words = {k: number(v) for k, v in values.items()}
    try:
        text = Environment(undefined=StrictUndefined, autoescape=False).from_string(template).render(words).strip()  # noqa: S701 - a machine's text, not a page
    except TemplateError as error:
        raise ConfigError(
            "printing.template", f"The {place} template cannot be filled in: {error}", place=place
        ) from error
    if any(c in text for c in "{}[]"):
        raise ConfigError("printing.template", f"The {place} template leaves a bracket in the text", place=place)
    return text


def number(value: float) -> str:
    """A number in plain decimals, at most four, no trailing zeros."""
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text

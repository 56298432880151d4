"""Reads rows from data files and turns each into its typed record, or says exactly what is wrong with it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from functools import cache
from math import isfinite
from types import UnionType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar, get_args, get_origin, get_type_hints

from model.finding import Finding

if TYPE_CHECKING:
    from pathlib import Path

R = TypeVar("R")

SIGNED = frozenset({"min_mm", "max_mm", "work_zero_mm", "at_deg"})
"""Fields that are places, in machine coordinates or on the earth, and may lie below zero."""

ID = re.compile(r"[a-z0-9][a-z0-9.-]*")

WRONG = object()
"""Stands for a value that could not be read; its finding is already written."""


class Place(NamedTuple):
    """Where a value stands: file, kind and id of the row, and the field with its index."""

    file: str
    row: str = ""
    field: str = ""

    def __str__(self) -> str:
        """Join what is known of the place."""
        return ": ".join(part for part in (self.file, self.row, self.field) if part)

    def at(self, field: str) -> Place:
        """Give the place of a field, or of an item (``[2]``), under this one."""
        joined = f"{self.field}{field}" if field.startswith("[") or not self.field else f"{self.field}.{field}"
        return Place(self.file, self.row, joined)


@dataclass(frozen=True, slots=True)
class RawRow:
    """A table of a data file, before its types are known."""

    place: Place
    values: Mapping[str, Any]


Known = Mapping[type, Mapping[str, object]]
"""Records that may be named by id; WRONG marks one that exists but could not be read."""


def read(folder: Path, kinds: frozenset[str], findings: list[Finding]) -> dict[str, list[RawRow]]:
    """Collect the rows of every ``*.toml`` under a folder, by kind, in the order of the file names.

    A table ``[common.<kind>]`` holds what all rows of that kind in its file share; a row overrides it.
    """
    rows: dict[str, list[RawRow]] = {kind: [] for kind in sorted(kinds)}
    for path in sorted(folder.rglob("*.toml")):
        place = Place(path.relative_to(folder).as_posix())
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            hint = "Correct the file; texts stand in quotes, numbers have a digit before the point."
            findings.append(Finding("tooling.not-toml", f"{place}: {error}", str(place), hint=hint))
            continue
        except OSError as error:
            message = f"{place}: cannot be read ({error.strerror})"
            findings.append(Finding("tooling.unreadable", message, str(place), hint="Give yourself read access."))
            continue
        _collect(data, place, rows, findings)
    return rows


def _collect(data: dict[str, Any], place: Place, rows: dict[str, list[RawRow]], findings: list[Finding]) -> None:
    common = data.pop("common", {})
    allowed = ", ".join(rows)
    if not isinstance(common, dict):
        findings.append(unknown(place.at("common"), "common", "one table, [common.<kind>]"))
        common = {}
    findings += [
        unknown(place.at(f"common.{kind}"), kind, allowed)
        for kind, table in common.items()
        if kind not in rows or not isinstance(table, dict)
    ]
    for kind, tables in data.items():
        if kind not in rows or not isinstance(tables, list) or not all(isinstance(t, dict) for t in tables):
            findings.append(unknown(place.at(kind), kind, allowed))
            continue
        shared = common.get(kind)
        for index, table in enumerate(tables):
            given = shared | table if isinstance(shared, dict) else table
            name = given.get("id", given.get("material_id", f"number {index + 1}"))
            rows[kind].append(RawRow(Place(place.file, f"{kind} {name}"), given))


def unknown(place: Place, value: str, allowed: str) -> Finding:
    """Give the finding for a table or field nobody reads."""
    message = f"{place}: nothing is called {value!r} here"
    return Finding("tooling.unknown-field", message, str(place), value, allowed, "Correct the name or remove it.")


def record(kind: type[R], raw: RawRow, known: Known, findings: list[Finding]) -> R | None:
    """Turn a row into its record; None when something in it is wrong (all of it is in ``findings``)."""
    built = _build(kind, raw.values, raw.place, known, findings)
    return built if isinstance(built, kind) else None


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    return get_type_hints(kind)


@cache
def _fields(kind: type) -> tuple[Field[Any], ...]:
    return fields(kind)


def _build(kind: type, values: Mapping[str, Any], place: Place, known: Known, findings: list[Finding]) -> object:
    hints = _hints(kind)
    findings += [unknown(place.at(name), name, ", ".join(hints)) for name in values if name not in hints]
    whole = all(name in hints for name in values)
    ready: dict[str, object] = {}
    for field in _fields(kind):
        hint = hints[field.name]
        if field.name in values:
            ready[field.name] = _value(hint, values[field.name], place.at(field.name), known, findings)
        elif type(None) in get_args(hint):
            ready[field.name] = None
        elif field.default is MISSING and field.default_factory is MISSING:
            where = place.at(field.name)
            message = f"{where}: the value is missing"
            findings.append(Finding("tooling.missing", message, str(where), hint="Write the value; none is assumed."))
            whole = False
    if not whole or any(value is WRONG for value in ready.values()):
        return WRONG
    return kind(**ready)


def _value(  # noqa: PLR0911 - one way out for each kind of value
    hint: Any, raw: object, place: Place, known: Known, findings: list[Finding]
) -> object:
    origin = get_origin(hint)
    if hint is float:
        return _number(raw, place, findings)
    if hint in (str, bool, int):
        return _plain(hint, raw, place, findings)
    if origin is Literal:
        if raw in get_args(hint):
            return raw
        return _refuse("tooling.unknown-choice", place, raw, ", ".join(map(str, get_args(hint))), findings)
    if origin is tuple:
        return _tuple(get_args(hint), raw, place, known, findings)
    if origin is UnionType:
        return _value(get_args(hint)[0], raw, place, known, findings)
    if is_dataclass(hint) and isinstance(hint, type):
        if isinstance(raw, dict) and hint not in known:
            return _build(hint, raw, place, known, findings)
        return _reference(hint, raw, place, known, findings)
    if isinstance(raw, dict):
        texts = {key: _plain(str, text, place.at(key), findings) for key, text in raw.items()}
        return WRONG if WRONG in texts.values() else texts
    return _refuse("tooling.wrong-type", place, raw, "a table of texts", findings)


def _number(raw: object, place: Place, findings: list[Finding]) -> object:
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return _refuse("tooling.wrong-type", place, raw, "a number", findings)
    if not isfinite(raw):
        return _refuse("tooling.not-finite", place, raw, "a finite number", findings)
    if raw < 0 and place.field.rsplit(".")[-1].split("[")[0] not in SIGNED:
        return _refuse("tooling.negative", place, raw, "0 or more", findings)
    return float(raw)


def _plain(hint: type, raw: object, place: Place, findings: list[Finding]) -> object:
    if type(raw) is not hint:
        words = {str: "a text", bool: "true or false", int: "a whole number"}
        return _refuse("tooling.wrong-type", place, raw, words[hint], findings)
    if isinstance(raw, str) and not raw.strip():
        return _refuse("tooling.missing", place, raw, "a text that says something", findings)
    if hint is int and isinstance(raw, int) and raw < 0:
        return _refuse("tooling.negative", place, raw, "0 or more", findings)
    return raw


def _tuple(items: tuple[Any, ...], raw: object, place: Place, known: Known, findings: list[Finding]) -> object:
    if not isinstance(raw, list):
        return _refuse("tooling.wrong-type", place, raw, "a list", findings)
    hints = [items[0]] * len(raw) if items[-1] is Ellipsis else list(items)
    if len(hints) != len(raw):
        return _refuse("tooling.wrong-type", place, str(raw), f"{len(hints)} values", findings)
    made = [
        _value(hint, item, place.at(f"[{index}]"), known, findings)
        for index, (hint, item) in enumerate(zip(hints, raw, strict=True))
    ]
    return WRONG if any(item is WRONG for item in made) else tuple(made)


def _reference(kind: type, raw: object, place: Place, known: Known, findings: list[Finding]) -> object:
    if not isinstance(raw, str):
        return _refuse("tooling.wrong-type", place, str(raw), f"the id of a {kind.__name__.lower()}", findings)
    found = known[kind].get(raw)
    if found is not None:
        return found
    return _refuse("tooling.unknown-reference", place, raw, f"the id of a {kind.__name__.lower()} row", findings)


def _refuse(code: str, place: Place, raw: object, wanted: str, findings: list[Finding]) -> object:
    value = raw if isinstance(raw, float | int | str) else str(raw)
    findings.append(Finding(code, f"{place}: {value!r} is not {wanted}", str(place), value, wanted, f"Write {wanted}."))
    return WRONG

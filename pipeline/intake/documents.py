"""Reads the text of an order file, YAML 1.2 or JSON, into plain values with the line of each."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from model.errors import ConfigError, OrderError

LARGEST_BYTES = 1_000_000
LONGEST_NUMBER = 40

Path_ = tuple[str | int, ...]

_TAG = "tag:yaml.org,2002:"
_TEXT_TAGS = {_TAG + kind for kind in ("str", "timestamp", "value", "merge")}
_NUMBER_TAGS = {_TAG + "int", _TAG + "float"}
_INT = re.compile(r"[-+]?\d+")
_FLOAT = re.compile(r"[-+]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?")


@dataclass(frozen=True, slots=True)
class Document:
    """The values of one file; ``lines`` gives the line, counted from 1, where a field stands."""

    value: Any
    lines: Mapping[Path_, int] = field(default_factory=dict)


def read_text(path: Path) -> str:
    """Read a file as UTF-8, with or without a byte order mark.

    Raises:
        OrderError: ``intake.no-such-file``, ``intake.too-large`` (over 1 MB) or ``intake.not-utf8``.
        ConfigError: ``intake.unreadable``: a folder, no right to read it, a broken disk.
    """
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
    except FileNotFoundError as error:
        msg = f"{path} does not exist"
        raise OrderError("intake.no-such-file", msg, place=str(path), hint="Check the name.") from error
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror or error}"
        raise ConfigError("intake.unreadable", msg, place=str(path), hint="Check the name and the rights.") from error
    if len(data) > LARGEST_BYTES:
        size = path.stat().st_size
        msg = f"{path} is {size} bytes long, an order file holds at most {LARGEST_BYTES}"
        hint = "Put pictures and models beside the order and name them under attachments."
        raise OrderError("intake.too-large", msg, place=str(path), value=size, limit=LARGEST_BYTES, hint=hint)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        msg = f"{path} is not UTF-8 text: byte {error.start} is 0x{data[error.start]:02x}"
        hint = "Save the file as UTF-8."
        raise OrderError("intake.not-utf8", msg, place=f"byte {error.start}", value=error.start, hint=hint) from error


def parse(text: str, name: str) -> Document:
    """Read an order's text: JSON when it begins with ``{``, YAML 1.2 otherwise. ``name`` is for the messages.

    A date stays text, ``no`` stays text, and nothing is read twice: anchors, tags and doubled keys are refused.

    Raises:
        OrderError: ``intake.not-yaml``, ``intake.not-json`` (both with line and column), ``intake.not-an-object``,
            ``intake.duplicate-key``, ``intake.anchor``, ``intake.tag``, ``intake.not-finite``, ``intake.too-deep``.
    """
    try:
        document = _json(text, name) if text.lstrip().startswith("{") else _yaml(text, name)
    except RecursionError as error:
        msg = f"{name} is nested too deep to be an order"
        raise OrderError("intake.too-deep", msg, place=name, hint="Write the order flat, as in the samples.") from error
    if not isinstance(document.value, dict):
        kind = "empty" if document.value is None else "a list" if isinstance(document.value, list) else "a single value"
        msg = f"{name} is {kind}, an order is an object with named fields"
        hint = 'Begin with "spec: order/1.0" and "id: ...", one field a line.'
        raise OrderError("intake.not-an-object", msg, place=name, value=kind, limit="an object", hint=hint)
    return document


def _json(text: str, name: str) -> Document:
    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in items:
            if key in found:
                raise _duplicate(name, key, "")
            found[key] = value
        return found

    try:
        value = json.loads(
            text,
            object_pairs_hook=pairs,
            parse_constant=lambda word: _finite(word, name, ""),
            parse_float=lambda word: _finite(word, name, ""),
            parse_int=lambda word: int(word) if len(word) <= LONGEST_NUMBER else _finite("inf", name, ""),
        )
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        msg = f"{name} begins like JSON but is not: {error.msg} at {place}"
        hint = "Mend that place, or write the order as YAML."
        raise OrderError("intake.not-json", msg, place=place, value=error.lineno, hint=hint) from error
    return Document(value)


def _yaml(text: str, name: str) -> Document:
    try:
        root = YAML(typ="safe", pure=True).compose(text)
    except YAMLError as error:
        mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
        place = f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        if not mark and isinstance(at := getattr(error, "position", None), int):
            place = f"line {text.count(chr(10), 0, at) + 1}, column {at - text.rfind(chr(10), 0, at)}"
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read"
        msg = f"{name} is not YAML: {problem} at {place}"
        hint = 'Mend that place; quote text that holds a colon, a brace or a tab: "like this".'
        raise OrderError("intake.not-yaml", msg, place=place, value=str(problem), hint=hint) from error
    lines: dict[Path_, int] = {}
    return Document(None if root is None else _value(root, (), name, lines), lines)


def _value(node: Node, path: Path_, name: str, lines: dict[Path_, int]) -> Any:
    place = f"line {node.start_mark.line + 1}, column {node.start_mark.column + 1}"
    lines[path] = node.start_mark.line + 1
    if node.anchor is not None:
        msg = f"{name} uses the anchor {node.anchor!r} at {place}"
        hint = "Write the value out at each place."
        raise OrderError("intake.anchor", msg, place=place, value=str(node.anchor), hint=hint)
    if isinstance(node, MappingNode) and node.tag == _TAG + "map":
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = _key(key_node, name)
            if key in found:
                raise _duplicate(
                    name, key, f"line {key_node.start_mark.line + 1}, column {key_node.start_mark.column + 1}"
                )
            found[key] = _value(value_node, (*path, key), name, lines)
        return found
    if isinstance(node, SequenceNode) and node.tag == _TAG + "seq":
        return [_value(item, (*path, i), name, lines) for i, item in enumerate(node.value)]
    if isinstance(node, ScalarNode):
        return _scalar(node, place, name)
    raise _tag(node, place, name)


def _key(node: Node, name: str) -> str:
    if isinstance(node, ScalarNode) and node.anchor is None:
        return str(node.value)
    place = f"line {node.start_mark.line + 1}, column {node.start_mark.column + 1}"
    msg = f"{name} has a field name that is not plain text at {place}"
    raise OrderError("intake.not-yaml", msg, place=place, hint="Use a plain word as the field's name.")


def _scalar(node: ScalarNode, place: str, name: str) -> Any:
    text: str = node.value
    if node.tag in _NUMBER_TAGS:
        return _number(text, name, place)
    if node.tag == _TAG + "null":
        return None
    if node.tag == _TAG + "bool":
        return {"true": True, "false": False}.get(text.lower(), text)
    if node.tag in _TEXT_TAGS:
        return text
    raise _tag(node, place, name)


def _number(text: str, name: str, place: str) -> float | str:
    """Decimal numbers only: "0x1F" and "1_000" stay text, for a size is never meant so."""
    if text.lower().lstrip("+-") in (".inf", ".nan"):
        return _finite(text.lower().replace(".", ""), name, place)
    if len(text) > LONGEST_NUMBER:
        return text
    if _INT.fullmatch(text):
        return int(text)
    return _finite(text, name, place) if _FLOAT.fullmatch(text) else text


def _finite(word: str, name: str, place: str) -> float:
    value = float(word)
    if math.isfinite(value):
        return value
    msg = f"{name} holds {word}, which is no number one can make"
    raise OrderError("intake.not-finite", msg, place=place or name, value=word, hint="Give an ordinary number.")


def _duplicate(name: str, key: str, place: str) -> OrderError:
    msg = f"{name} gives {key!r} twice" + (f", again at {place}" if place else "")
    return OrderError("intake.duplicate-key", msg, place=place or key, value=key, hint="Keep one of the two.")


def _tag(node: Node, place: str, name: str) -> OrderError:
    msg = f"{name} uses the tag {node.tag!s} at {place}"
    return OrderError("intake.tag", msg, place=place, value=str(node.tag), hint="Write the value without a tag.")

"""Turns the model's dataclasses into JSON and back, the same bytes every time."""

from __future__ import annotations

import base64
import dataclasses
import json
import types
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


def encode(value: object) -> bytes:
    """Write ``value`` (dataclasses, tuples, mappings, numbers, text, bytes) as canonical JSON.

    Fields that hold their default are left out, except ``kind``, which tells unions apart.
    """
    return json.dumps(plain(value), ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def pretty(value: object) -> bytes:
    """The same for people: indented, one trailing newline."""
    return (json.dumps(plain(value), ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def plain(value: object) -> Any:
    """Dataclasses to dicts, tuples to lists, bytes to base64 text."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            f.name: plain(getattr(value, f.name))
            for f in dataclasses.fields(value)
            if f.name == "kind" or not _is_default(f, getattr(value, f.name))
        }
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (tuple, list)):
        return [plain(v) for v in value]
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    msg = f"cannot encode a {type(value).__name__}"
    raise TypeError(msg)


def decode(kind: type[T], data: bytes) -> T:
    """Read what :func:`encode` wrote.

    Raises:
        ValueError: The bytes do not hold a ``kind``.
    """
    result: T = _read(kind, json.loads(data))
    return result


def _is_default(field: dataclasses.Field[Any], value: object) -> bool:
    if field.default is not dataclasses.MISSING:
        return type(field.default) is type(value) and bool(field.default == value)
    if field.default_factory is not dataclasses.MISSING:
        return bool(field.default_factory() == value)
    return False


@cache
def _fields(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


@cache
def _by_kind(union: Any) -> dict[str, type]:
    table: dict[str, type] = {}
    for option in get_args(union):
        if dataclasses.is_dataclass(option) and "kind" in _fields(option):
            for word in get_args(_fields(option)["kind"]):
                table[word] = option
    return table


def _read(hint: Any, data: Any) -> Any:  # noqa: PLR0911 - one return per shape of hint
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        if not isinstance(data, dict):
            msg = f"expected a {hint.__name__}, got {data!r:.60}"
            raise ValueError(msg)
        hints = _fields(hint)
        unknown = data.keys() - hints.keys()
        if unknown:
            msg = f"{hint.__name__} has no {sorted(unknown)}"
            raise ValueError(msg)
        try:
            return hint(**{k: _read(hints[k], v) for k, v in data.items()})
        except TypeError as error:
            raise ValueError(str(error)) from error
    origin = get_origin(hint)
    if origin is tuple:
        args = get_args(hint)
        if len(args) == 2 and args[1] is ...:
            return tuple(_read(args[0], v) for v in data)
        if len(args) != len(data):
            msg = f"expected {len(args)} items, got {len(data)}"
            raise ValueError(msg)
        return tuple(_read(a, v) for a, v in zip(args, data, strict=True))
    if origin in (Union, types.UnionType):
        return _read_union(hint, data)
    if origin is Literal:
        if data not in get_args(hint):
            msg = f"{data!r} is not one of {get_args(hint)}"
            raise ValueError(msg)
        return data
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        return {k: _read(get_args(hint)[1], v) for k, v in data.items()}
    return _read_scalar(hint, data)


def _read_union(hint: Any, data: Any) -> Any:
    if data is None and type(None) in get_args(hint):
        return None
    table = _by_kind(hint)
    if table and isinstance(data, dict):
        if data.get("kind") not in table:
            msg = f"unknown kind {data.get('kind')!r}"
            raise ValueError(msg)
        return _read(table[data["kind"]], data)
    options = [a for a in get_args(hint) if a is not type(None)]
    return _read(options[0], data) if len(options) == 1 else data


def _read_scalar(hint: Any, data: Any) -> Any:
    if hint is Any or hint is object:
        return data
    if hint is bytes:
        return base64.b64decode(data)
    if hint is float:
        if isinstance(data, bool) or not isinstance(data, (int, float)):
            msg = f"expected a number, got {data!r:.60}"
            raise ValueError(msg)
        return float(data)
    if not isinstance(data, hint) or (hint is int and isinstance(data, bool)):
        msg = f"expected {hint.__name__}, got {data!r:.60}"
        raise ValueError(msg)
    return data

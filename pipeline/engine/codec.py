"""Turns the model's dataclasses into JSON and back, the same bytes every time."""

from __future__ import annotations

import base64
import dataclasses
import json
import types
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")
Reader = Callable[[Any], Any]

SCALARS = (str, int, float, bool, type(None))
"""What JSON holds as it is."""


def encode(value: object) -> bytes:
    """Write ``value`` (dataclasses, tuples, mappings, numbers, text, bytes) as canonical JSON.

    Fields that hold their default are left out, except ``kind``, which tells unions apart.
    """
    return json.dumps(plain(value), ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def pretty(value: object) -> bytes:
    """The same for people: indented, one trailing newline."""
    return (json.dumps(plain(value), ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def plain(value: object) -> Any:
    """Dataclasses to dicts, tuples to lists, bytes to base64 text.

    Raises:
        TypeError: The value holds something JSON has no place for.
    """
    kind: Any = type(value)
    return value if kind in SCALARS else _writer(kind)(value)


def decode(kind: type[T], data: bytes) -> T:
    """Read what :func:`encode` wrote.

    Raises:
        ValueError: The bytes do not hold a ``kind``.
    """
    result: T = _reader(kind)(json.loads(data))
    return result


@cache
def _writer(kind: Any) -> Callable[[Any], Any]:
    """How values of one type are written; worked out once a type."""
    if dataclasses.is_dataclass(kind):
        return _dataclass_writer(kind)
    if issubclass(kind, bytes):
        return lambda value: base64.b64encode(value).decode()
    if issubclass(kind, Mapping):
        return lambda value: {str(k): plain(v) for k, v in value.items()}
    if issubclass(kind, (tuple, list)):
        return lambda value: [plain(v) for v in value]
    if issubclass(kind, SCALARS):
        return lambda value: value
    msg = f"cannot encode a {kind.__name__}"
    raise TypeError(msg)


def _dataclass_writer(kind: Any) -> Callable[[Any], Any]:
    never = object()  # equals nothing: the field is always written
    table = [(f.name, never if f.name == "kind" else _default(f, never)) for f in dataclasses.fields(kind)]

    def write(value: Any) -> dict[str, Any]:
        out = {}
        for name, default in table:
            held = getattr(value, name)
            if type(held) is type(default) and held == default:
                continue
            out[name] = plain(held)
        return out

    return write


def _default(field: dataclasses.Field[Any], never: object) -> object:
    if field.default is not dataclasses.MISSING:
        return field.default
    return field.default_factory() if field.default_factory is not dataclasses.MISSING else never


def _reader(hint: Any) -> Reader:
    """How a type hint is read; worked out once a hint (hints that cannot be a key are worked out each time)."""
    try:
        return _cached_reader(hint)
    except TypeError:
        return _make_reader(hint)


@cache
def _cached_reader(hint: Any) -> Reader:
    return _make_reader(hint)


def _make_reader(hint: Any) -> Reader:
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _dataclass_reader(hint)
    origin = get_origin(hint)
    if origin is tuple:
        return _tuple_reader(get_args(hint))
    if origin in (Union, types.UnionType):
        return _union_reader(hint)
    if origin is Literal:
        return _literal_reader(get_args(hint))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        item = _reader(get_args(hint)[1])
        return lambda data: {k: item(v) for k, v in _of(dict, data).items()}
    return _scalar_reader(hint)


def _dataclass_reader(kind: type) -> Reader:
    hints = get_type_hints(kind)
    readers: dict[str, Reader] = {}

    def read(data: Any) -> Any:
        if not readers:  # filled at first use, so that a type may hold itself
            readers.update({name: _reader(hint) for name, hint in hints.items()})
        try:
            return kind(**{k: readers[k](v) for k, v in data.items()})
        except KeyError as error:
            msg = f"{kind.__name__} has no {error}"
            raise ValueError(msg) from error
        except (TypeError, AttributeError) as error:
            msg = f"expected a {kind.__name__}, got {data!r:.60}: {error}"
            raise ValueError(msg) from error

    return read


def _tuple_reader(args: tuple[Any, ...]) -> Reader:
    if len(args) == 2 and args[1] is ...:
        item = _reader(args[0])
        return lambda data: tuple([item(v) for v in _of(list, data)])
    items = [_reader(a) for a in args]

    def read(data: Any) -> Any:
        if len(items) != len(_of(list, data)):
            msg = f"expected {len(items)} items, got {len(data)}"
            raise ValueError(msg)
        return tuple([item(v) for item, v in zip(items, data, strict=True)])

    return read


def _union_reader(hint: Any) -> Reader:
    """``X | None`` reads X; a union of dataclasses is told apart by ``kind``; a union of scalars is kept as it is."""
    options = [a for a in get_args(hint) if a is not type(None)]
    table = _by_kind(tuple(options))
    single = _reader(options[0]) if len(options) == 1 else None

    def read(data: Any) -> Any:
        if data is None and len(options) < len(get_args(hint)):
            return None
        if single is not None:
            return single(data)
        if not table:
            return data
        if not isinstance(data, dict) or data.get("kind") not in table:
            msg = f"unknown kind in {data!r:.60}"
            raise ValueError(msg)
        return table[data["kind"]](data)

    return read


def _by_kind(options: tuple[Any, ...]) -> dict[str, Reader]:
    return {
        word: _reader(option)
        for option in options
        if dataclasses.is_dataclass(option) and isinstance(option, type)
        for word in get_args(get_type_hints(option).get("kind"))
    }


def _literal_reader(allowed: tuple[Any, ...]) -> Reader:
    def read(data: Any) -> Any:
        if data not in allowed:
            msg = f"{data!r} is not one of {allowed}"
            raise ValueError(msg)
        return data

    return read


def _scalar_reader(hint: Any) -> Reader:
    if hint is Any or hint is object:
        return lambda data: data
    if hint is bytes:
        return lambda data: base64.b64decode(_of(str, data))
    if hint is float:
        return _read_float
    return lambda data: _of(hint, data)


def _read_float(data: Any) -> float:
    if type(data) is float:
        return data
    if type(data) is int:
        return float(data)
    msg = f"expected a number, got {data!r:.60}"
    raise ValueError(msg)


def _of(kind: type, data: Any) -> Any:
    if type(data) is not kind:
        msg = f"expected {kind.__name__}, got {data!r:.60}"
        raise ValueError(msg)
    return data

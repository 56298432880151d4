"""Packs a checked tooling database into few bytes and unpacks it again, many times faster than its files are read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from model import floor, inventory, tooling
from model.tooling import Holder, ShopData, Tool, Vise

HERE = Path(__file__).resolve().parent
SHARED: Mapping[type, str] = {Tool: "tools", Holder: "holders", Vise: "vises"}
"""Rows that others name: packed once, in their own table, and elsewhere by id."""

Shared = Mapping[str, Mapping[str, Any]]
Reader = Callable[[Any, Shared], Any]


def fingerprint(folder: Path | None = None) -> str:
    """Give the digest of everything a loaded database depends on: its files, the checks, and the model's fields."""
    where = folder or HERE
    code = [*sorted(HERE.glob("*.py")), *(Path(str(m.__file__)) for m in (tooling, inventory, floor))]
    digest = hashlib.sha256()
    for path in (*code, *sorted(where.rglob("*.toml"))):
        name = path.relative_to(where).as_posix() if path.is_relative_to(where) else path.name
        data = path.read_bytes()
        digest.update(f"{name}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()


def pack(shop: ShopData) -> bytes:
    """Write a database; :func:`unpack` gives an equal one."""
    tables = {f.name: _packed(getattr(shop, f.name), top=True) for f in fields(shop)}
    return json.dumps(tables, ensure_ascii=False, separators=(",", ":")).encode()


def unpack(data: bytes) -> ShopData:
    """Read what :func:`pack` wrote under the same fingerprint."""
    tables = json.loads(data)
    hints = get_type_hints(ShopData)
    shared: dict[str, Any] = {}
    for name in SHARED.values():
        shared[name] = _reader(hints[name])(tables[name], shared)
    others = {n: _reader(hint)(tables[n], shared) for n, hint in hints.items() if n not in shared}
    return ShopData(**shared, **others)


def _packed(value: Any, *, top: bool = False) -> Any:
    if isinstance(value, tuple):
        return [_packed(one) for one in value]
    if isinstance(value, Mapping):
        return [_packed(one, top=True) for one in value.values()] if top else dict(value)
    if not is_dataclass(value):
        return value
    if type(value) in SHARED and not top:
        return getattr(value, "id")  # noqa: B009 - each shared row has one
    return [_packed(getattr(value, f.name)) for f in fields(value)]


@cache
def _reader(hint: Any, *, row: bool = False) -> Reader:
    """How a type hint's packed values are read; ``row``: a shared row itself, not its id."""
    origin = get_origin(hint)
    if origin is UnionType:
        inner = _reader(get_args(hint)[0])
        return lambda raw, shared: None if raw is None else inner(raw, shared)
    if origin is tuple:
        return _tuple_reader(get_args(hint))
    if hint in SHARED and not row:
        table = SHARED[hint]
        return lambda raw, shared: shared[table][raw]
    if is_dataclass(hint) and isinstance(hint, type):
        return _row_reader(hint)
    kind: Any = get_args(hint)[1] if origin is Mapping else None
    if isinstance(kind, type) and is_dataclass(kind):
        read = _reader(kind, row=True)
        return lambda raw, shared: {one.id: one for one in (read(values, shared) for values in raw)}
    return _plain


def _plain(raw: Any, _shared: Shared) -> Any:
    return raw


def _tuple_reader(items: tuple[Any, ...]) -> Reader:
    readers = [_reader(item) for item in items if item is not Ellipsis]
    if all(read is _plain for read in readers):
        return lambda raw, _shared: tuple(raw)
    if len(items) > len(readers):
        one = readers[0]
        return lambda raw, shared: tuple([one(value, shared) for value in raw])
    return lambda raw, shared: tuple([read(value, shared) for read, value in zip(readers, raw, strict=True)])


def _row_reader(kind: type) -> Reader:
    hints = get_type_hints(kind)
    every = [_reader(hints[f.name]) for f in fields(kind)]
    special = [(index, read) for index, read in enumerate(every) if read is not _plain]

    def read_row(raw: Any, shared: Shared) -> Any:
        for index, read in special:
            raw[index] = read(raw[index], shared)
        return kind(*raw)

    return read_row

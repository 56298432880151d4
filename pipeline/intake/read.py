"""Turns what is given at the door, order files, folders of them, STEP files or plain words, into orders."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from model.errors import LotOneError, OrderError
from model.order import Order, Wish
from pipeline.engine.code import code_digest
from pipeline.engine.codec import decode, encode
from pipeline.engine.personal import hush
from pipeline.engine.store import Store, sha256
from pipeline.intake.attach import OTHER_MODELS, STEP_SUFFIXES, is_model, order_from_step, with_files

SUFFIXES = (".yaml", ".yml", ".json")
LONGEST_WORDS = 2000


def read_order_file(path: Path) -> Order:
    """Read one order file, YAML or JSON by its content, check its shape, and read the STEP files it names.

    Raises:
        OrderError: The code of the problem, or ``intake.several-problems`` with every one among its findings.
        ConfigError: ``intake.unreadable``.
    """
    return _filled(_parsed(path), path)


def _parsed(path: Path) -> Order:
    from pipeline.intake.documents import read_text

    return order_from_text(read_text(path), str(path))


def _filled(order: Order, path: Path) -> Order:
    try:
        return with_files(order, path.parent)
    except LotOneError as error:
        error.order_id = order.id
        raise


def order_from_text(text: str, name: str) -> Order:
    """The same for text at hand, without the files it names; ``name`` is what the messages call it.

    Raises:
        OrderError: As :func:`read_order_file`.
    """
    from pipeline.intake.check import check
    from pipeline.intake.documents import parse

    document = parse(text, name)
    try:
        return check(document, name).order()
    except OrderError as error:
        given = document.value.get("id")
        error.order_id = given if isinstance(given, str) else ""
        hush(error, document.value)
        raise


def order_from_words(text: str) -> Order:
    """One order from a sentence. Its id is the hash of the words, so the same words are the same order.

    Raises:
        OrderError: ``intake.no-words`` or ``intake.too-large`` (over 2000 characters).
    """
    words = " ".join(unicodedata.normalize("NFC", text).split())
    if not re.search(r"\w", words):
        raise OrderError(
            "intake.no-words", "the order has no words", place="words", value=text[:40], hint="Say what to make."
        )
    if len(words) > LONGEST_WORDS:
        msg = f"the order is {len(words)} characters long, at most {LONGEST_WORDS} are read"
        hint = "Write an order file."
        raise OrderError("intake.too-large", msg, place="words", value=len(words), limit=LONGEST_WORDS, hint=hint)
    digest = hashlib.sha256(words.encode()).hexdigest()
    return Order(id=f"words-{digest[:8]}", family="", wishes=(Wish(words),), consent={"produce": True})


def read_sources(
    sources: Sequence[str], store: Store | None = None, *, material: str = "", machine: str = ""
) -> list[Order | LotOneError]:
    """Read every source in its order; see :func:`read_by_place`."""
    return list(read_by_place(sources, store, material=material, machine=machine).values())


def read_by_place(
    sources: Sequence[str], store: Store | None = None, *, material: str = "", machine: str = ""
) -> dict[str, Order | LotOneError]:
    """Read every source: an order file, a folder of them (sorted by name), a STEP file, or words.

    ``material`` is what the parts of the STEP files are made of, ``machine`` the row every order is made on. With a
    ``store``, a file read before is not parsed again; what is kept there is sealed.

    One bad source never hides the others: it is an error in its place, with ``place`` naming the source.
    Orders that share an id (letter case aside: they would share a folder) are all refused with
    ``intake.duplicate-id``; the same file or the same words given twice count once. The places are the files' absolute
    paths, or the words.
    """
    read: dict[str, Order | LotOneError] = {}
    for source in sources:
        for name, path in _files(source):
            key = str(path.resolve()) if path else name
            if key not in read:
                read[key] = _read(name, path, store, material)
    if machine:
        read = {key: replace(one, machine=machine) if isinstance(one, Order) else one for key, one in read.items()}
    return _without_twins(read)


def read_one(source: str, store: Store, material: str = "") -> Order:
    """Read a source that holds one order, as :func:`read_sources` does.

    Raises:
        LotOneError: It cannot be read; ``intake.not-one``: it is a folder of several.
    """
    found = read_sources([source], store, material=material)
    if len(found) != 1:
        raise OrderError("intake.not-one", f"{source} holds {len(found)} orders", place=source, value=len(found),
                         limit=1, hint="Name one of its files.")  # fmt: skip
    if isinstance(found[0], LotOneError):
        raise found[0]
    return found[0]


def _files(source: str) -> list[tuple[str, Path | None]]:
    if not source.strip():  # no folder: words that say nothing
        return [(source, None)]
    path = Path(source)
    try:
        if path.is_dir():
            inside = sorted(p for p in path.iterdir() if p.suffix.lower() in SUFFIXES and not p.name.startswith("."))
            return [(str(p), p) for p in inside] or [(source, path)]
        if path.is_file():
            return [(source, path)]
    except (OSError, ValueError):  # too long or odd for a path: words
        return [(source, None)]
    is_path = path.suffix.lower() in (*SUFFIXES, *STEP_SUFFIXES, *OTHER_MODELS) or re.fullmatch(r"\S*[/\\]\S*", source)
    return [(source, path if is_path else None)]


def _read(name: str, path: Path | None, store: Store | None, material: str) -> Order | LotOneError:
    try:
        if path is None:
            return order_from_words(name)
        if path.is_dir():
            msg = f"{path} holds no order files"
            hint = f"Order files end in {', '.join(SUFFIXES)}."
            return OrderError("intake.empty-folder", msg, place=str(path), hint=hint)
        if is_model(path):
            return order_from_step(path, material)
        return read_order_file(path) if store is None else _kept(path, store)
    except LotOneError as error:
        error.stage = "intake"
        error.order_id = error.order_id or (path.stem if path else "words")
        given = name if path else f"{name[:40]}..." if len(name) > 40 else name
        error.place = f"{given}: {error.place}" if error.place and error.place != given else given
        return error


def _kept(path: Path, store: Store) -> Order:
    """An order file through the store: the same bytes, read by the same code, are the same order.

    It is kept sealed with the file's own bytes: who has the file can read it, nobody else.
    """
    try:
        secret = b"\0".join([code_digest().encode(), path.read_bytes()])
    except OSError:  # let the reader say what is wrong with it
        return read_order_file(path)
    key = sha256(b"intake\0" + secret)
    found = store.find(key)
    data = store.get(found) if found else None
    if data is not None:
        return _filled(decode(Order, _sealed(data, secret)), path)
    order = _parsed(path)
    store.put(key, _sealed(encode(order), secret))
    return _filled(order, path)


def _sealed(data: bytes, secret: bytes) -> bytes:
    """The bytes mixed with a stream only the secret gives; done twice, they are as before."""
    stream = hashlib.shake_256(b"seal\0" + secret).digest(len(data))
    return bytes(a ^ b for a, b in zip(data, stream, strict=True))


def _without_twins(read: Mapping[str, Order | LotOneError]) -> dict[str, Order | LotOneError]:
    places: dict[str, list[str]] = {}
    for name, one in read.items():
        if isinstance(one, Order):
            places.setdefault(one.id.casefold(), []).append(name)
    result: dict[str, Order | LotOneError] = {}
    for name, one in read.items():
        twins = places[one.id.casefold()] if isinstance(one, Order) else []
        if isinstance(one, Order) and len(twins) > 1:
            error = _twin(one.id, [Path(t).name for t in twins])
            error.order_id, error.stage = one.id, "intake"
            result[name] = error
        else:
            result[name] = one
    return result


def _twin(order_id: str, names: list[str]) -> OrderError:
    msg = f"the id {order_id!r} is used by {' and '.join(names)}"
    hint = "Give each order its own id; raise the revision when one replaces the other, and keep only that one."
    return OrderError("intake.duplicate-id", msg, place=", ".join(names), value=order_id, limit="one", hint=hint)

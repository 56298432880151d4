"""Runs typed stages in order; a stage's key is the hash of the code, its name and its inputs."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_type_hints

from model.errors import LotOneError
from pipeline.engine.codec import decode, encode
from pipeline.engine.events import Event, Listener, silent
from pipeline.engine.store import Store, sha256


@dataclass(frozen=True, slots=True)
class Stage:
    """A typed function: its hints are the wiring. ``salt`` adds what the code does not show (engines' versions)."""

    name: str
    function: Callable[..., Any]
    takes: Mapping[str, type]
    gives: type
    salt: Callable[[], str]


def stage(name: str, function: Callable[..., Any], salt: Callable[[], str] = str) -> Stage:
    """Declare a stage from a function's type hints.

    Raises:
        TypeError: A hint is missing.
    """
    hints = get_type_hints(function)
    gives = hints.pop("return", None)
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    missing = [n for n in names if n not in hints]
    if gives is None or missing:
        msg = f"stage {name}: hints missing for {missing or 'the result'}"
        raise TypeError(msg)
    return Stage(name, function, {n: hints[n] for n in names}, gives, salt)


def wired(stages: tuple[Stage, ...], given: tuple[type, ...]) -> tuple[Stage, ...]:
    """Check, when a line is declared, that every stage finds what it takes.

    Raises:
        TypeError: A stage takes a type nothing before it gives.
    """
    known = set(given)
    for one in stages:
        for name, kind in one.takes.items():
            if kind not in known:
                msg = f"stage {one.name} takes {name}: {kind.__name__}, which nothing before it gives"
                raise TypeError(msg)
        known.add(one.gives)
    return stages


@dataclass(frozen=True, slots=True)
class Done:
    """One stage's passage: its key, the digests that went in, the digest that came out."""

    name: str
    key: str
    inputs: Mapping[str, str]
    output: str
    cached: bool
    seconds: float


class Run:
    """One order's passage through the stages; values are decoded only when a stage needs them."""

    def __init__(self, order_id: str, store: Store, code: str, listen: Listener = silent) -> None:
        self.order_id = order_id
        self.store = store
        self.code = code
        self.listen = listen
        self.done: list[Done] = []
        self._digests: dict[type, str] = {}
        self._values: dict[type, Any] = {}

    def give(self, value: object) -> None:
        """Put a value at the head of the line."""
        data = encode(value)
        self._digests[type(value)] = self.store.put(sha256(b"given" + data), data)
        self._values[type(value)] = value

    def digest(self, kind: type) -> str:
        """The digest of the latest value of a type."""
        return self._digests[kind]

    def value(self, kind: type[Any]) -> Any:
        """The latest value of a type, read from the store if need be."""
        if kind not in self._values:
            data = self.store.get(self._digests[kind])
            if data is None:
                msg = f"the stored {kind.__name__} of {self.order_id} is gone or damaged"
                raise LotOneError("store.lost", msg, hint="Run again; the stage is made anew.")
            self._values[kind] = decode(kind, data)
        return self._values[kind]

    def run(self, one: Stage, fraction: float) -> Done:
        """Take a stage's result from the store, or make it and keep it.

        Raises:
            LotOneError: The stage failed; order and stage are filled in.
        """
        inputs = {n: self._digests[k] for n, k in one.takes.items()}
        key = sha256("\n".join([self.code, one.name, one.salt(), *(f"{n}={d}" for n, d in inputs.items())]).encode())
        found = self.store.find(key)
        start = time.perf_counter()
        if found is not None:
            self._digests[one.gives] = found
            self._values.pop(one.gives, None)
        else:
            self.listen(Event("started", self.order_id, one.name, fraction=fraction))
            try:
                value = one.function(**{n: self.value(k) for n, k in one.takes.items()})
            except LotOneError as error:
                error.order_id = error.order_id or self.order_id
                error.stage = error.stage or one.name
                raise
            self._values[one.gives] = value
            self._digests[one.gives] = self.store.put(key, encode(value))
        result = Done(
            one.name, key, inputs, self._digests[one.gives], found is not None, time.perf_counter() - start
        )
        self.done.append(result)
        what = "cached" if result.cached else "finished"
        self.listen(Event(what, self.order_id, one.name, fraction=fraction, seconds=result.seconds))
        return result

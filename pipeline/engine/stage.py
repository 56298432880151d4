"""Runs typed stages in order; a stage's key is the hash of the code, its name and its inputs."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_type_hints

from model.errors import LotOneError
from pipeline.engine.codec import decode, encode
from pipeline.engine.events import Event, Listener, silent
from pipeline.engine.store import Store, sha256


@dataclass(frozen=True, slots=True)
class Stage:
    """A typed function by name: what it takes and gives, and how to get hold of it when it must run.

    ``salt`` adds what the code does not show (an engine's version).
    """

    name: str
    takes: tuple[type, ...]
    gives: type
    load: Callable[[], Callable[..., Any]]
    salt: Callable[[], str]

    def apply(self, value: Callable[[type], Any]) -> Any:
        """Load the function and call it with the values of what it takes.

        Raises:
            TypeError: The function's hints are not what the stage declares.
        """
        function = self.load()
        hints, gives = _hints(self.name, function)
        if (set(hints.values()), gives) != (set(self.takes), self.gives):
            msg = f"stage {self.name} is declared {_names(self.takes)} -> {self.gives.__name__}, its function is not"
            raise TypeError(msg)
        return function(**{name: value(kind) for name, kind in hints.items()})


def stage(name: str, function: Callable[..., Any], salt: Callable[[], str] = str) -> Stage:
    """Declare a stage from a function's type hints.

    Raises:
        TypeError: A hint is missing.
    """
    hints, gives = _hints(name, function)
    return Stage(name, tuple(hints.values()), gives, lambda: function, salt)


def wired(stages: tuple[Stage, ...], given: tuple[type, ...]) -> tuple[Stage, ...]:
    """Check, when a line is declared, that every stage finds what it takes.

    Raises:
        TypeError: A stage takes a type nothing before it gives.
    """
    known = set(given)
    for one in stages:
        for kind in one.takes:
            if kind not in known:
                msg = f"stage {one.name} takes {kind.__name__}, which nothing before it gives"
                raise TypeError(msg)
        known.add(one.gives)
    return stages


def _hints(name: str, function: Callable[..., Any]) -> tuple[dict[str, type], type]:
    """A function's parameters with their types, and its result's type."""
    hints = get_type_hints(function)
    gives = hints.pop("return", None)
    parameters = function.__code__.co_varnames[: function.__code__.co_argcount]
    missing = [n for n in parameters if n not in hints]
    if gives is None or missing:
        msg = f"stage {name}: hints missing for {missing or 'the result'}"
        raise TypeError(msg)
    return {n: hints[n] for n in parameters}, gives


def _names(kinds: tuple[type, ...]) -> str:
    return ", ".join(k.__name__ for k in kinds)


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
    """One order's passage through the stages; values are decoded only when a stage needs them.

    A stage always reads what was stored, never the object another stage holds: a first run and a resumed one
    see the same values, to the last type.
    """

    def __init__(self, order_id: str, store: Store, code: str, listen: Listener = silent) -> None:
        self.order_id = order_id
        self.store = store
        self.code = code
        self.listen = listen
        self.current = ""
        self.done: list[Done] = []
        self._digests: dict[type, str] = {}
        self._values: dict[type, Any] = {}

    def give(self, value: object, *, keep: bool = True) -> None:
        """Put a value at the head of the line; with ``keep`` off it stays in memory and is never written."""
        data = encode(value)
        self._values.pop(type(value), None)
        if keep:
            self._digests[type(value)] = self.store.put(sha256(b"given" + data), data)
        else:
            self._digests[type(value)] = sha256(data)
            self._values[type(value)] = value

    def knows(self, kind: type) -> bool:
        """True when a value of a type was given or made."""
        return kind in self._digests

    def digest(self, kind: type) -> str:
        """The digest of the latest value of a type."""
        return self._digests[kind]

    def value(self, kind: type[Any]) -> Any:
        """The latest value of a type, read from the store if need be."""
        if kind not in self._values:
            self._values[kind] = decode(kind, self.stored(self._digests[kind]))
        return self._values[kind]

    def stored(self, digest: str) -> bytes:
        """The bytes of a digest.

        Raises:
            LotOneError: ``store.lost``: they are gone or were damaged; a new run makes the stage anew.
        """
        data = self.store.get(digest)
        if data is None:
            msg = f"a stored result of {self.order_id} ({digest[:12]}) is gone or damaged"
            raise LotOneError("store.lost", msg, hint="Run again; the stage is made anew.")
        return data

    def run(self, one: Stage, fraction: float) -> Done:
        """Take a stage's result from the store, or make it and keep it.

        Raises:
            LotOneError: The stage failed, or its result could not be kept; order and stage are filled in.
        """
        self.current = one.name
        inputs = {k.__name__: self._digests[k] for k in sorted(one.takes, key=lambda k: k.__name__)}
        key = sha256("\n".join([self.code, one.name, one.salt(), *(f"{n}={d}" for n, d in inputs.items())]).encode())
        found = self.store.find(key)
        start = time.perf_counter()
        if found is not None:
            output = found
        else:
            self.listen(Event("started", self.order_id, one.name, fraction=fraction))
            try:
                output = self.store.put(key, encode(one.apply(self.value)))
            except LotOneError as error:
                error.order_id = error.order_id or self.order_id
                error.stage = error.stage or one.name
                raise
        self._digests[one.gives] = output
        self._values.pop(one.gives, None)
        result = Done(one.name, key, inputs, output, found is not None, time.perf_counter() - start)
        self.done.append(result)
        what: Literal["cached", "finished"] = "cached" if result.cached else "finished"
        self.listen(Event(what, self.order_id, one.name, "", fraction, result.seconds, key, output))
        return result

"""What a queue of orders must do, whatever keeps it: the words the batch speaks with it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Literal, Protocol

from model.order import Order
from pipeline.batch.warm import Warm
from pipeline.engine.events import Listener
from pipeline.engine.outcome import Outcome
from pipeline.engine.store import Store

State = Literal["queued", "running", "released", "waiting", "refused", "broken", "quarantined", "cancelled"]

CRASHED = "batch.worker-crashed"
"""What an order ends with whose process died of a crash, and again when it was tried once more: in quarantine."""


@dataclass(frozen=True, slots=True)
class Request:
    """One order to make, without anything personal: where its file is, and the digest of what stood in it.

    ``rank`` sorts the queue, smallest first. ``machine`` and ``material`` are those of `lotone make`.
    """

    order_id: str
    source: str
    sha256: str
    out: str
    machine: str = ""
    material: str = ""
    rank: int = 0
    due: str = ""
    minutes: float = 30.0


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one order stands: ``key`` names this submission of it, ``number`` counts them; times in ISO 8601.

    ``made_at`` is when the shop had it made.
    """

    key: str
    order_id: str
    number: int
    state: State
    crashes: int
    node: str
    submitted_at: str
    started_at: str
    ended_at: str
    made_at: str
    request: Request
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class Passed:
    """One stage behind an order: the store's key and the digest of what came out."""

    stage: str
    store_key: str
    output: str
    cached: bool
    seconds: float


Read = Callable[[Request], Order]
"""Reads an order's file again, where it lies; raises when it is gone or was changed."""


class Queue(Protocol):
    """A queue that loses nothing and makes nothing twice, whatever crashes in between."""

    def submit(self, request: Request, outcome: Outcome | None = None) -> str:
        """Put an order into the queue; returns its key. One that already waits or runs there keeps its key.

        With an ``outcome`` it is over at once: it was refused at the door.
        """

    def cancel(self, keys: Collection[str]) -> int:
        """Take orders out; a child at work on one is ended. Returns how many were not over yet."""

    def status(self, key: str) -> Standing:
        """Where one order stands.

        Raises:
            OrderError: ``batch.unknown-order``.
        """

    def list(self, states: Collection[State] = ()) -> tuple[Standing, ...]:
        """The last submission of every order, or of those in some states, as they were submitted."""

    def steps(self, key: str) -> tuple[Passed, ...]:
        """The stages an order that is over has behind it."""

    def rerun_from(self, key: str, stage: str, store: Store) -> str:
        """Make a finished order again, from one stage on anew; returns the new key.

        Raises:
            OrderError: ``batch.unknown-order``, ``batch.under-way``, or ``batch.unknown-stage``.
        """

    def work(self, warm: Warm, read: Read, slots: int, enough: Callable[[], bool], listen: Listener) -> None:
        """Work on the queue in this process, ``slots`` orders at a time in children of ``warm``, until it is enough."""

"""One order's way down the line in a child process, stage by stage; what became of a child that died is named."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from model.errors import LotOneError
from model.order import Order
from pipeline.batch.port import CRASHED
from pipeline.batch.warm import Child, Ended, Limits, Warm
from pipeline.engine.events import Event, Listener
from pipeline.engine.outcome import Outcome, Problem

LONGEST_S = 1800.0
LOOK_S = 0.2
TRIES = 2
"""A child that dies of a crash is tried once more: memory may have been short, or someone ended it."""


@dataclass(slots=True)
class Journey:
    """An order under way. ``passed`` stages are behind it: a new child finds them in the store and goes on.

    ``seconds`` is the longest the whole may take by the clock; ``stopped`` is asked while the child works.
    """

    warm: Warm
    order: Order
    out: Path
    listen: Listener
    stopped: Callable[[], bool]
    seconds: float = LONGEST_S
    limits: Limits = field(default_factory=Limits)
    passed: int = 0
    crashes: int = 0
    crashed: Callable[[str], None] = lambda _how: None
    _child: Child | None = None
    _seen: int = 0
    _waiting: bool = False
    _deadline: float = 0.0

    def next(self) -> Event | Outcome:
        """Go on to the end of the next stage, or to the order's end."""
        self._deadline = self._deadline or time.monotonic() + self.seconds
        while True:
            told = self._told()
            if isinstance(told, Ended):
                self.crashes += 1
                self.crashed(f"{_crash(told.code).value}")
                self._drop()
                if told.code != -signal.SIGXCPU and self.crashes < TRIES:
                    self.listen(Event("note", self.order.id, detail=f"{_crash(told.code).message}; it is tried again"))
                    continue
                told = self._broken(_too_long(self.limits.cpu_s, "of CPU ") if told.code == -signal.SIGXCPU
                                    else _crash(told.code))  # fmt: skip
            if isinstance(told, Outcome):
                self._drop()
                return told
            if not told.key:
                self.listen(told)
                continue
            self._seen += 1
            self._waiting = True
            if self._seen > self.passed:
                self.passed = self._seen
                self.listen(told)
                return told

    def end(self) -> None:
        """End the child, if there is one."""
        self._drop()

    def _told(self) -> Event | Outcome | Ended:
        if self._child is None:
            self._child = self.warm.fork(self.order, self.out, self.limits)
        elif self._waiting:
            self._child.go_on()
        self._waiting = False
        while time.monotonic() < self._deadline:
            if self.stopped():
                return self._broken(_stopped())
            told = self._child.next(LOOK_S)
            if told is not None:
                return told
        return self._broken(_too_long(self.seconds))

    def _drop(self) -> None:
        if self._child is not None:
            self._child.end()
        self._child, self._seen, self._waiting = None, 0, False

    def _broken(self, problem: Problem) -> Outcome:
        self.listen(Event("failed", self.order.id, detail=f"{problem.code}: {problem.message}", fraction=1.0))
        return Outcome(self.order.id, "broken", problem=problem)


def _crash(code: int) -> Problem:
    name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    hint = "The machine ran out of memory, or someone ended it; run again." if name == "SIGKILL" else ""
    return Problem(
        CRASHED,
        "bug",
        f"The process making this order died: {name}",
        LotOneError.exit_code,
        value=name,
        limit=f"{TRIES} tries",
        hint=hint or "A fault of the CAD kernel or of LotOne on this order; the other orders went on.",
    )


def _too_long(seconds: float, of: str = "") -> Problem:
    return Problem(
        "batch.too-long",
        "bug",
        f"This order took longer than {seconds:g} s {of}and was ended",
        LotOneError.exit_code,
        limit=seconds,
        hint="Leave out fine detail, or give it longer (lotone batch run --minutes); finished stages are kept.",
    )


def _stopped() -> Problem:
    return Problem(
        "batch.stopped", "bug", "The batch was interrupted", LotOneError.exit_code, hint="Run it again; it goes on."
    )

"""One worker process: it makes one order after another, and when it dies the order in its hands is named."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import threading
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path

from model.errors import LotOneError
from model.order import Order
from model.tooling import ShopData
from pipeline.engine.events import Event, Listener
from pipeline.engine.outcome import Outcome, Problem
from pipeline.engine.store import Store
from pipeline.line import make_order

LOOK_S = 0.2
MEMORY_BYTES = 10_000_000_000
"""What one worker may hold: an order that asks for more ends by itself, before the machine is short of memory."""
ORPHANED = 75
SINGLE_THREADED = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
"""One process a core: libraries that would start a thread a core in each are told not to."""


@dataclass(slots=True)
class Worker:
    """A process and the pipe to it."""

    process: SpawnProcess
    pipe: Connection
    alive: bool = True

    def make(self, order: Order, listen: Listener, seconds: float, stop: threading.Event) -> Outcome:
        """Hand over one order and wait for its outcome, passing its events on.

        A worker that dies, overruns ``seconds`` or is stopped is gone afterwards (``alive`` is False), and the
        outcome says which.
        """
        deadline = time.monotonic() + seconds
        try:
            self.pipe.send(order)
            while time.monotonic() < deadline and not stop.is_set():
                if self.pipe.poll(LOOK_S):
                    told = self.pipe.recv()
                    if isinstance(told, Outcome):
                        return told
                    listen(told)
        except (EOFError, OSError):
            self.process.join()
            problem = _crash(self.process.exitcode)
        else:
            problem = _stopped() if stop.is_set() else _too_long(seconds)
        self.dismiss()
        listen(Event("failed", order.id, detail=problem.message, fraction=1.0))
        return Outcome(order.id, "broken", problem=problem)

    def dismiss(self) -> None:
        """End the process now; everything it finished is on disk."""
        self.alive = False
        self.pipe.close()
        self.process.kill()
        self.process.join()


def hire(shop: ShopData, out: Path, cache: Path) -> Worker:
    """Start a worker: a fresh process, nothing shared with this one but the pipe."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs, shop, out, cache), daemon=True)
    process.start()
    theirs.close()
    return Worker(process, ours)


def serve(pipe: Connection, shop: ShopData, out: Path, cache: Path) -> None:
    """Live as a worker: make every order the pipe brings, until it closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    most = MEMORY_BYTES if hard == resource.RLIM_INFINITY else min(hard, MEMORY_BYTES)
    resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
    for name in SINGLE_THREADED:
        os.environ.setdefault(name, "1")
    threading.Thread(target=_die_with_parent, daemon=True).start()
    store = Store(cache)
    while True:
        try:
            order: Order = pipe.recv()
        except EOFError:
            return
        pipe.send(make_order(order, shop, out, store, pipe.send))


def _die_with_parent() -> None:
    """A worker whose batch was killed must not go on alone and hold its order's folder."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(ORPHANED)


def _crash(code: int | None) -> Problem:
    name = signal.Signals(-code).name if code is not None and code < 0 else f"exit code {code}"
    hint = "The machine ran out of memory, or someone ended it; run again." if name == "SIGKILL" else ""
    return Problem(
        "batch.worker-crashed",
        "bug",
        f"The process making this order died: {name}",
        LotOneError.exit_code,
        value=name,
        hint=hint or "A fault of the CAD kernel or of LotOne on this order; the other orders went on.",
    )


def _too_long(seconds: float) -> Problem:
    return Problem(
        "batch.too-long",
        "bug",
        f"This order took longer than {seconds:g} s and was ended",
        LotOneError.exit_code,
        limit=seconds,
        hint="Leave out fine detail, or give it longer (lotone batch run --minutes); finished stages are kept.",
    )


def _stopped() -> Problem:
    return Problem(
        "batch.stopped", "bug", "The batch was interrupted", LotOneError.exit_code, hint="Run it again; it goes on."
    )

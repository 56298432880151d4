"""A warm process that has the CAD kernel loaded, and the children it forks: one an order, each with its limits.

Nothing an order does reaches the process that runs the queue: a child that crashes, runs away or asks for too much
memory ends alone, and how it ended is told.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import resource
import signal
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from multiprocessing.connection import Connection
from multiprocessing.reduction import recv_handle, send_handle
from pathlib import Path
from pickle import UnpicklingError
from pkgutil import walk_packages
from typing import TYPE_CHECKING, NoReturn

from model.order import Order
from model.tooling import ShopData
from pipeline.engine.code import code_digest
from pipeline.engine.events import Event
from pipeline.engine.outcome import Outcome
from pipeline.engine.store import Store
from pipeline.line import make_order

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

LOOK_S = 0.05
PATIENCE_S = 300.0
"""The warm process answers within this, loading the kernel included, or is taken for dead."""
MEMORY_BYTES = 10_000_000_000
"""What one child may hold: an order that asks for more ends by itself, before the machine is short of memory."""
CPU_S = 3600.0
"""A child's CPU seconds: an endless loop ends here, however busy the machine is."""
SINGLE_THREADED = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
"""One process a core: libraries that would start a thread a core in each are told not to. It keeps the warm process
single-threaded, too, and so fit to be forked."""
LOADED = ("geometry", "generators", "strategies", "postprocessors", "pipeline.understand", "pipeline.design",
          "pipeline.plan", "pipeline.toolpaths", "pipeline.verify", "pipeline.quote", "pipeline.release")  # fmt: skip
"""Rooms loaded whole before the first fork, and with them the CAD kernel: a child begins its order at once."""
BESIDE = ("cadquery", "vtk", "shapely", "scipy.interpolate", "typst", "lib3mf", "ezdxf", "pydantic")
"""What those load only when they come to need it."""
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Limits:
    """What one child may use; ``cpu_s`` counts its own work, not the wait for a busy machine."""

    cpu_s: float = CPU_S
    memory_bytes: int = MEMORY_BYTES


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended that told no outcome: its exit code (negative: the signal), its CPU seconds and memory."""

    code: int
    cpu_s: float
    peak_bytes: int


Told = Event | Outcome | Ended


@dataclass(slots=True)
class Child:
    """One order under way in a process of its own."""

    warm: Warm
    pid: int
    pipe: Connection

    def next(self, seconds: float) -> Told | None:
        """What the child tells within so many seconds: an event, its outcome, or how it ended; None: nothing yet.

        After the event of a finished or cached stage the child waits for :meth:`go_on`.
        """
        try:
            if not self.pipe.poll(seconds):
                return None
            told: Told = self.pipe.recv()
        except (EOFError, OSError, UnpicklingError):  # the warm process is gone, or a kill cut a message short
            return Ended(-signal.SIGKILL, 0.0, 0)
        return told

    def go_on(self) -> None:
        """Let it begin the next stage."""
        with suppress(OSError):
            self.pipe.send(self.pid)

    def end(self) -> None:
        """End it now; everything it finished is on disk."""
        self.warm.kill(self.pid)
        self.pipe.close()


class Warm:
    """The warm process, seen from outside. Any thread may fork from it; a new one takes the place of one that died."""

    def __init__(self, shop: ShopData, cache: Path) -> None:
        self._given = (shop, cache)
        self._lock = threading.Lock()
        self._process: SpawnProcess | None = None
        self._control: Connection | None = None

    def fork(self, order: Order, out: Path, limits: Limits) -> Child:
        """Start a child that takes one order down the line, into its folder in ``out``.

        Raises:
            OSError: No process could be started.
        """
        with self._lock:
            for attempt in range(2):
                control = self._started()
                ours, theirs = multiprocessing.Pipe()
                try:
                    control.send((order, out, limits))
                    send_handle(control, theirs.fileno(), self.pid)
                    if not control.poll(PATIENCE_S):
                        msg = "the warm process does not answer"
                        raise TimeoutError(msg)
                    pid: int = control.recv()
                except (EOFError, OSError):
                    ours.close()
                    self._stop()
                    if attempt:
                        raise
                    continue
                finally:
                    theirs.close()
                return Child(self, pid, ours)
        raise AssertionError

    def kill(self, pid: int) -> None:
        """Kill a child, if it still lives (the warm process knows; a number may be another's by now)."""
        with self._lock, suppress(OSError):
            if self._control is not None:
                self._control.send(pid)

    def close(self) -> None:
        """End the warm process and every child of it."""
        with self._lock:
            self._stop()

    @property
    def pid(self) -> int:
        """The warm process's number; 0 before the first fork."""
        return (self._process.pid or 0) if self._process else 0

    def _started(self) -> Connection:
        if self._process is None or self._control is None or not self._process.is_alive():
            self._stop()
            ours, theirs = multiprocessing.Pipe()
            before = {name: os.environ.get(name) for name in SINGLE_THREADED}
            os.environ.update(dict.fromkeys(SINGLE_THREADED, "1"))  # a library reads them as it is imported
            try:
                process = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs, *self._given))
                process.start()
            finally:
                for name, value in before.items():
                    if value is None:
                        del os.environ[name]
                    else:
                        os.environ[name] = value
            theirs.close()
            self._process, self._control = process, ours
        return self._control

    def _stop(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            self._process.join(LOOK_S * 20)
            self._process.kill()
            self._process.join()
        self._process = self._control = None


def _serve(control: Connection, shop: ShopData, cache: Path) -> None:
    """Live as the warm process: fork for every order the pipe brings, tell how children ended, until it closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _load()
    children: dict[int, Connection] = {}
    try:
        while True:
            if control.poll(LOOK_S):
                asked: tuple[Order, Path, Limits] | int = control.recv()
                if not isinstance(asked, int):
                    _fork(control, children, asked, (shop, cache))
                elif asked in children:
                    os.kill(asked, signal.SIGKILL)
            _reap(children)
    except (EOFError, OSError):  # the queue's process is gone, or lets go
        for pid in children:
            os.kill(pid, signal.SIGKILL)


def _load() -> None:
    """Load what orders need. Nothing is run: a library that has started threads could not be forked."""
    for name in LOADED:
        room = import_module(name)
        for one in walk_packages(room.__path__, f"{name}."):
            import_module(one.name)
    for name in BESIDE:
        import_module(name)
    code_digest()


def _fork(
    control: Connection,
    children: dict[int, Connection],
    asked: tuple[Order, Path, Limits],
    given: tuple[ShopData, Path],
) -> None:
    pipe = Connection(recv_handle(control))
    own = os.getpid()
    pid = os.fork()
    if pid == 0:
        for other in (control, *children.values()):
            other.close()
        _live(own, pipe, asked, given)
    children[pid] = pipe
    control.send(pid)


def _reap(children: dict[int, Connection]) -> None:
    """Tell of the children that ended."""
    for pid in list(children):
        gone, status, used = os.wait4(pid, os.WNOHANG)
        if gone:
            scale = 1 if sys.platform == "darwin" else 1024  # ru_maxrss: bytes there, kilobytes elsewhere
            code, cpu_s = os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime
            with children.pop(pid) as pipe, suppress(OSError):
                pipe.send(Ended(code, cpu_s, used.ru_maxrss * scale))


def _live(parent: int, pipe: Connection, asked: tuple[Order, Path, Limits], given: tuple[ShopData, Path]) -> NoReturn:
    """Live as a child: make one order, wait after every stage, tell the outcome, and end without cleaning up."""
    order, out, limits = asked
    shop, cache = given
    die_with(parent)
    bound(resource.RLIMIT_DATA, limits.memory_bytes, 0)
    bound(resource.RLIMIT_CPU, max(1, round(limits.cpu_s)), 5)

    def tell(event: Event) -> None:
        pipe.send(event)
        if event.key:
            pipe.recv()

    code = 1
    try:
        pipe.send(make_order(order, shop, out, Store(cache), tell))
        code = 0
    finally:
        os._exit(code)


def bound(what: int, most: int, spare: int) -> None:
    """Let this process use no more of something, and be told ``spare`` before it is killed for it."""
    hard = resource.getrlimit(what)[1]
    top = most + spare if hard == resource.RLIM_INFINITY else min(hard, most + spare)
    resource.setrlimit(what, (min(most, top), top))


def die_with(parent: int) -> None:
    """End with the parent. A process whose parent was killed must not go on alone and hold its order's folder."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died in between
        os._exit(0)

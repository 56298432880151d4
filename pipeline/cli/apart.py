"""Measures a customer's own solid in a process with limits: what it may ask of time and memory is not known."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from model.errors import CapabilityError, LotOneError
from model.order import Order
from model.tooling import ShopData
from pipeline.batch.journey import LONGEST_S
from pipeline.batch.warm import Limits, bound, die_with

if TYPE_CHECKING:
    from pipeline.advice import Advice


def advised_apart(
    order: Order, shop: ShopData, cache: Path, limits: Limits | None = None, seconds: float = LONGEST_S
) -> Advice:
    """As :func:`pipeline.advice.advised`, in a child with the limits of a batch's.

    Raises:
        CapabilityError: ``advise.too-much``: it asks for more time or memory than a child has.
        LotOneError: The order is refused before it has a design.
    """
    ours, theirs = multiprocessing.Pipe()
    asked = (os.getpid(), theirs, order, shop, cache, limits or Limits())
    child = multiprocessing.get_context("spawn").Process(target=_measure, args=asked, daemon=True)
    child.start()
    theirs.close()
    try:
        found = ours.recv() if ours.poll(seconds) else f"took longer than {seconds:g} s"
    except EOFError:
        child.join()
        code = child.exitcode or 0
        found = f"ended by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"
    finally:
        child.kill()
        child.join()
        ours.close()
    if isinstance(found, LotOneError):
        raise found
    if isinstance(found, str):
        raise CapabilityError(
            "advise.too-much", f"the process that measured {order.id} {found}", place=order.id,
            hint="Leave out fine detail (modelled threads, knurls, scanned meshes).",
        )  # fmt: skip
    advice: Advice = found
    return advice


def _measure(parent: int, pipe: Connection, order: Order, shop: ShopData, cache: Path, limits: Limits) -> None:
    """Live as the child: measure, tell what was found or why nothing was."""
    die_with(parent)
    bound(resource.RLIMIT_DATA, limits.memory_bytes, 0)
    bound(resource.RLIMIT_CPU, max(1, round(limits.cpu_s)), 5)
    from pipeline.advice import advised
    from pipeline.engine.events import silent
    from pipeline.engine.outcome import problem_of
    from pipeline.engine.store import Store

    try:
        pipe.send(advised(order, shop, Store(cache), silent))
    except LotOneError as error:
        pipe.send(error)
    except Exception as error:  # noqa: BLE001 - the child's end is the command's to tell
        pipe.send(problem_of(error).message)

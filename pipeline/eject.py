"""One stage of an order lifted out of the line: what went in, kept in a folder, to be run again anywhere, alone."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from model.errors import ConfigError, OrderError
from model.order import Order
from model.tooling import ShopData
from pipeline.engine.code import code_digest
from pipeline.engine.codec import decode, encode, pretty
from pipeline.engine.events import Listener
from pipeline.engine.stage import Run, Stage
from pipeline.engine.store import Store, sha256, write_atomic
from pipeline.line import DESIGN_GIVEN, MILL, PRINT, PROCESSES, UNDERSTAND, as_stage, given, impersonal, understood

SCHEMA = "lotone.ejected/1"
STAGE_FILE = "stage.json"
NOTE = """Stage {stage} of order {order}, with everything that goes into it.

Run it again, here or on another computer with LotOne:

    lotone replay {folder}

stage.json   the stage, its key, the code, Python and the packages it was ejected with, and what happened to the order
inputs/      what the stage takes, one file a value, as the line hands it over
"""


def eject(
    order: Order, shop: ShopData, stage: str, store: Store, listen: Listener, history: tuple[dict[str, str], ...] = ()
) -> Iterator[tuple[str, bytes]]:
    """The files of a folder from which one stage can be run alone; stages before it are taken from the store or made.

    The customer's personal data is left out. ``history`` is what the queue knows of the order.

    Raises:
        OrderError: ``eject.unknown-stage``: the order's process has no such stage; ``eject.wishes``: the stage reads
            wishes, which may name people. Or what a stage before it says.
    """
    if stage == UNDERSTAND.name and order.wishes:
        message = (
            f"{order.id} has wishes, and what stands in them about people is only known to be gone behind this stage"
        )
        raise OrderError("eject.wishes", message, place="stage", value=stage, hint="Eject a later stage.")
    run = Run(order.id, store, code_digest(), listen)
    order = impersonal(order)
    one = _before(order, shop, stage, run)
    names = {kind.__name__: run.digest(kind) for kind in one.takes}
    told = {
        "schema": SCHEMA,
        "order": order.id,
        "stage": one.name,
        "code": run.code,
        "python": sys.version,
        "system": platform.platform(),
        "packages": {d.name: d.version for d in sorted(distributions(), key=lambda d: d.name.casefold())},
        "inputs": names,
        "history": history,
    }
    for kind in one.takes:
        yield f"inputs/{kind.__name__}.json", encode(run.value(kind))
    yield STAGE_FILE, pretty(told)


def _before(order: Order, shop: ShopData, stage: str, run: Run) -> Stage:
    """Run what stands before a stage; returns the stage."""
    if stage == UNDERSTAND.name:
        given(order, shop, run)
        return as_stage(UNDERSTAND)
    process, stages = understood(order, shop, run)
    for one in stages[1:]:
        if one.name == stage:
            return one
        if stage in [s.name for s in PROCESSES[process]]:
            run.run(one, 0.0)
    message = f"{order.id} has no stage {stage!r}"
    limit = ", ".join(s.name for s in PROCESSES[process])
    raise OrderError("eject.unknown-stage", message, place="stage", value=stage, limit=limit)


def write(folder: Path, files: Iterator[tuple[str, bytes]], order_id: str, stage: str) -> None:
    """Write an ejected stage; ``stage.json`` comes last, so that a folder that has one is whole.

    Raises:
        ConfigError: ``eject.exists``: there is something; or the disk takes no more.
    """
    if folder.exists() and any(folder.iterdir()):
        message = f"{folder} is not empty"
        raise ConfigError("eject.exists", message, place=str(folder), hint="Name another with --to.")
    note = NOTE.format(stage=stage, order=order_id, folder=folder)
    write_atomic(folder / "README.txt", note.encode())
    for name, data in files:
        write_atomic(folder / name, data)


def replay(folder: Path) -> tuple[str, str, str]:
    """Run an ejected stage in this process; returns its name, the digest of what came out, and what is different here.

    Raises:
        ConfigError: ``eject.not-whole``: a file is missing or was changed.
        LotOneError: What the stage itself says.
    """
    told = _told(folder)
    steps = (*MILL, *PRINT, DESIGN_GIVEN)
    found = [s for s in steps if s.name == told["stage"] and {k.__name__ for k in s.takes} == set(told["inputs"])]
    if not found:
        raise _not_whole(folder / STAGE_FILE)
    one = found[0]
    values: dict[type, Any] = {}
    for kind in one.takes:
        path = folder / "inputs" / f"{kind.__name__}.json"
        data = path.read_bytes() if path.is_file() else b""
        if sha256(data) != told["inputs"][kind.__name__]:
            raise _not_whole(path)
        values[kind] = decode(kind, data)
    here = {d.name: d.version for d in distributions()}
    other = [f"{n} {v} (here {here.get(n, 'absent')})" for n, v in told["packages"].items() if here.get(n) != v]
    if told["code"] != code_digest():
        other.insert(0, "the code of LotOne")
    return one.name, sha256(encode(as_stage(one).apply(values.__getitem__))), ", ".join(other)


def _told(folder: Path) -> dict[str, Any]:
    path = folder / STAGE_FILE
    try:
        told: dict[str, Any] = json.loads(path.read_bytes())
        if told["schema"] != SCHEMA or not isinstance(told["inputs"], dict):
            raise _not_whole(path)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _not_whole(path) from error
    return told


def _not_whole(path: Path) -> ConfigError:
    message = f"{path} is missing, or is not what was ejected"
    return ConfigError("eject.not-whole", message, place=str(path), hint="Eject the stage again: lotone eject.")

"""Chaos: workers are killed at random, children crash, hang and starve; every good order is released exactly once.

``make chaos`` runs it with many orders, the tests with a few. Nothing is simulated: processes get real signals and
real limits from outside.
"""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import create_engine

from pipeline.batch.ledger import Ledger
from pipeline.batch.port import Standing
from pipeline.floor.state import opened

HOUSE = Path(__file__).resolve().parents[2]
PLATE = "spec: order/1.0\nid: {0}\nfamily: nameplate\nparameters: {{text: {0}}}\nmaterial: brass\n"
GOOD = int(os.environ.get("CHAOS_ORDERS", "3"))
KILLS = max(2, GOOD // 10)
SEED = int(os.environ.get("CHAOS_SEED", "1"))
CUT = 0.02
"""How likely, in every tenth of a second, the connections to a server are cut."""
STARVED = [("broken", code) for code in ("line.too-much-memory", "batch.worker-crashed", "batch.too-long")]
"""A process without memory fails, is aborted by a library, or stands still, as libraries take it."""
LONGEST_S = 1200.0 + 60.0 * GOOD


def test_every_good_order_is_released_once_and_every_bad_one_is_named(tmp_path: Path, database: str) -> None:
    good = [f"G{n}" for n in range(GOOD)]
    submit(tmp_path, database, "30", PLATE, *good, "CRASHES")
    submit(tmp_path, database, "0.2", PLATE, "HANGS", "STARVES")
    submit(tmp_path, database, "30", "spec: order/1.0\nid: {0}\nfamily: teapot\n", "REFUSED")
    submit(tmp_path, database, "30", "spec: order/1.0\nid: [{0}", "TORN")
    chance = random.Random(SEED)
    end = time.monotonic() + LONGEST_S
    kills = 0
    while under_way(database):
        assert time.monotonic() < end
        pause = chance.uniform(8.0, 16.0) if kills < KILLS else LONGEST_S
        with worker(tmp_path, database) as process:
            before = time.monotonic()
            while process.poll() is None and time.monotonic() < min(end, before + pause):
                torment(tmp_path / "out")
                if database.startswith("postgresql") and chance.random() < CUT:
                    cut_off(database)
                time.sleep(0.1)
            kills += process.poll() is None
    orders = {one.order_id: one for one in told(database)}

    assert 1 <= kills <= KILLS
    assert {"released"} == {orders[name].state for name in good}
    assert [1] * GOOD == [history(database, orders[name].key).count("released") for name in good]
    assert {
        "CRASHES": ("broken", "batch.worker-crashed"),
        "HANGS": ("broken", "batch.too-long"),
        "REFUSED": ("refused", "understand.unknown-family"),
        "TORN": ("refused", "intake.not-yaml"),
    } == {one.order_id: named(one) for one in orders.values() if one.order_id not in (*good, "STARVES")}
    assert named(orders["STARVES"]) in STARVED
    assert [] == [path for path in (tmp_path / "out").rglob("*") if path.name.endswith(".part")]
    assert all((tmp_path / "out" / name / "release" / "certificate.json").is_file() for name in good)


def torment(out: Path) -> None:
    """Crash, hang and starve the children that make the orders so named."""
    for name, harm in (("CRASHES", crash), ("HANGS", hang), ("STARVES", starve)):
        if (pid := holder(out / name)) and (out / name / "events.jsonl").is_file():
            with suppress(ProcessLookupError):
                harm(pid)


def cut_off(database: str) -> None:
    """Every connection to the server ends, as when it starts anew."""
    engine = create_engine(database)
    with engine.connect() as connection:
        connection.exec_driver_sql(
            "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()"
        )
    engine.dispose()


def crash(pid: int) -> None:
    os.kill(pid, signal.SIGSEGV)


def hang(pid: int) -> None:
    os.kill(pid, signal.SIGSTOP)


def starve(pid: int) -> None:
    resource.prlimit(pid, resource.RLIMIT_DATA, (1_000_000, 1_000_000))


@contextmanager
def worker(at: Path, database: str) -> Iterator[subprocess.Popen[bytes]]:
    """A worker that is killed -9 at the end."""
    command = [sys.executable, "-m", "lotone", "batch", "work", "-w", "2"]
    with (at / "log").open("ab") as log:
        process = subprocess.Popen(command, cwd=at, env=around(at, database), stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def around(at: Path, database: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(HOUSE), "LOTONE_STATE": database, "LOTONE_CACHE": str(at / "cache")}


def holder(folder: Path) -> int:
    """The process that holds an order's folder open; 0: none."""
    for place in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):
            if place.readlink() == folder:
                return int(place.parts[2])
    return 0


def submit(at: Path, database: str, minutes: str, text: str, *names: str) -> None:
    folder = at / "orders"
    folder.mkdir(exist_ok=True)
    files = [folder / f"{name}.yaml" for name in names]
    for name, file in zip(names, files, strict=True):
        file.write_text(text.format(name))
    command = [sys.executable, "-m", "lotone", "batch", "submit", *map(str, files), "--minutes", minutes]
    subprocess.run(command, cwd=at, env=around(at, database), check=True, stdout=subprocess.DEVNULL)


def told(database: str) -> tuple[Standing, ...]:
    with opened(database) as engine:
        return Ledger(engine).list()


def under_way(database: str) -> bool:
    with opened(database) as engine:
        return Ledger(engine).waits()


def history(database: str, key: str) -> list[str]:
    with opened(database) as engine:
        return [event["what"] for event in Ledger(engine).history(key)]


def named(one: Standing) -> tuple[str, str]:
    problem = one.outcome.problem if one.outcome else None
    return one.state, problem.code if problem else ""

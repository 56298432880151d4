"""Chaos: workers are killed at random, children crash, hang and starve, the database is started anew, the disk is full.

Every good order is released exactly once. ``make chaos`` runs it with many orders, the tests with a few. Nothing is
simulated: processes get real signals and real limits from outside, and the disk is a real one, if a small one.
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
from os.path import ismount
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from pipeline.batch.ledger import Ledger
from pipeline.batch.port import Standing
from pipeline.floor.state import opened

HOUSE = Path(__file__).resolve().parents[2]
PLATE = "spec: order/1.0\nid: {0}\nfamily: nameplate\nparameters: {{text: {0}}}\nmaterial: brass\n"
GOOD = int(os.environ.get("CHAOS_ORDERS", "3"))
KILLS = max(2, GOOD // 10)
SEED = int(os.environ.get("CHAOS_SEED", "1"))
CUT, RESTART = 0.02, 0.002
"""How likely, in every tenth of a second, the connections to a server are cut, and it starts anew."""
DISK_MB = 250 + 12 * GOOD
FULL_S = 6.0
STARVED = [("quarantined", "batch.worker-crashed"), ("broken", "line.too-much-memory"), ("broken", "batch.too-long")]
"""A process without memory fails, is aborted by a library, or stands still, as libraries take it."""
LONGEST_S = 1200.0 + 60.0 * GOOD


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own; a folder, which nobody fills, where none may be mounted."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = os.geteuid() == 0 and not subprocess.call(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "lotone", str(place)], stderr=subprocess.DEVNULL
    )
    yield place
    if mounted:
        subprocess.run(["umount", "-l", str(place)], check=True)


def test_every_good_order_is_released_once_and_every_bad_one_is_named(
    disk: Path, database: str, request: pytest.FixtureRequest
) -> None:
    restart = request.getfixturevalue("server").restart if database.startswith("postgresql") else None
    database = database if restart else f"sqlite:///{disk / 'state.db'}"
    good = [f"G{n}" for n in range(GOOD)]
    submit(disk, database, "30", PLATE, *good, "CRASHES")
    submit(disk, database, "0.2", PLATE, "HANGS", "STARVES")
    submit(disk, database, "30", "spec: order/1.0\nid: {0}\nfamily: teapot\n", "REFUSED")
    submit(disk, database, "30", "spec: order/1.0\nid: [{0}", "TORN")
    chance = random.Random(SEED)
    end = time.monotonic() + LONGEST_S
    kills = restarts = 0
    full = ismount(disk)
    while under_way(database):
        assert time.monotonic() < end
        pause = chance.uniform(8.0, 16.0) if kills < KILLS else LONGEST_S
        with worker(disk, database) as process:
            before = time.monotonic()
            while process.poll() is None and time.monotonic() < min(end, before + pause):
                torment(disk / "out")
                if restart is not None and chance.random() < CUT:
                    cut_off(database)
                if restart is not None and (chance.random() < RESTART or not restarts):
                    restart()
                    restarts += 1
                if full and (disk / "out" / good[0]).is_dir():
                    fill(disk)
                    full = False
                time.sleep(0.1)
            kills += process.poll() is None
    orders = {one.order_id: one for one in told(database)}

    assert 1 <= kills <= KILLS
    assert [] == [(name, named(orders[name])) for name in good if orders[name].state != "released"]
    assert [1] * GOOD == [history(database, orders[name].key).count("released") for name in good]
    assert {
        "CRASHES": ("quarantined", "batch.worker-crashed"),
        "HANGS": ("broken", "batch.too-long"),
        "REFUSED": ("refused", "understand.unknown-family"),
        "TORN": ("refused", "intake.not-yaml"),
    } == {one.order_id: named(one) for one in orders.values() if one.order_id not in (*good, "STARVES")}
    assert named(orders["STARVES"]) in STARVED
    assert [] == [path for path in (disk / "out").rglob("*") if path.name.endswith(".part")]
    assert all((disk / "out" / name / "release" / "certificate.json").is_file() for name in good)


def torment(out: Path) -> None:
    """Crash, hang and starve the children that make the orders so named."""
    for name, harm in (("CRASHES", crash), ("HANGS", hang), ("STARVES", starve)):
        if (pid := holder(out / name)) and (out / name / "events.jsonl").is_file():
            with suppress(ProcessLookupError):
                harm(pid)


def fill(disk: Path) -> None:
    """Nothing more can be written for a while."""
    ballast = disk / "ballast"
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(1 << 20))
    time.sleep(FULL_S)
    ballast.unlink()


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

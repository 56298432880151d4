"""The durable queue at work: orders outlive the processes that make them, on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from pipeline.batch.ledger import Ledger
from pipeline.floor.state import opened

HOUSE = Path(__file__).resolve().parents[2]
PLATE = "spec: order/1.0\nid: {0}\nfamily: nameplate\nparameters: {{text: {0}}}\nmaterial: brass\n"
UNKNOWN = "spec: order/1.0\nid: {0}\nfamily: teapot\n"


def lotone(*arguments: str, at: Path, database: str, wait: bool = True) -> Any:
    command = [sys.executable, "-m", "lotone", *arguments]
    env = {**os.environ, "PYTHONPATH": str(HOUSE), "LOTONE_STATE": database, "LOTONE_CACHE": str(at / "cache")}
    if wait:
        return subprocess.run(command, cwd=at, env=env, capture_output=True, text=True, check=False)
    return subprocess.Popen(command, cwd=at, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def orders(at: Path, text: str, *names: str) -> str:
    folder = at / "orders"
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / f"{name}.yaml").write_text(text.format(name))
    return str(folder)


def test_orders_wait_are_cancelled_and_what_became_of_them_is_told(tmp_path: Path, database: str) -> None:
    folder = orders(tmp_path, UNKNOWN, "ONE", "TWO", "THREE")
    (tmp_path / "orders" / "torn.yaml").write_text("spec: order/1.0\nid: [")
    lotone("batch", "submit", folder, at=tmp_path, database=database)
    lotone("batch", "cancel", "TWO", at=tmp_path, database=database)
    (tmp_path / "orders" / "THREE.yaml").write_text(UNKNOWN.format("THREE") + "quantity: 2\n")
    worked = lotone("batch", "work", at=tmp_path, database=database)
    told = json.loads(lotone("batch", "report", "--json", at=tmp_path, database=database).stdout)

    assert 0 == worked.returncode, worked.stderr
    assert {"cancelled": 1, "refused": 3} == told["counts"]
    assert ["THREE"] == told["causes"]["batch.order-changed"]
    assert ["ONE"] == told["causes"]["understand.unknown-family"]
    assert 3 == sum(len(names) for names in told["causes"].values())


def test_a_killed_worker_loses_nothing_and_nothing_is_made_twice(tmp_path: Path, database: str) -> None:
    """The worker is killed between two stages; the next one goes on from there, whoever it is."""
    folder = orders(tmp_path, PLATE, "TAG1", "TAG2")
    worker = lotone("batch", "run", folder, "-w", "2", at=tmp_path, database=database, wait=False)
    end = time.monotonic() + 300
    while worker.poll() is None and "design" not in behind(tmp_path, "TAG1") and time.monotonic() < end:
        time.sleep(0.05)
    family = descendants(worker.pid)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    before = behind(tmp_path, "TAG1")
    deadline = time.monotonic() + 20
    while any(Path(f"/proc/{pid}").exists() for pid in family) and time.monotonic() < deadline:
        time.sleep(0.05)
    left = [pid for pid in family if Path(f"/proc/{pid}").exists()]
    rest = lotone("batch", "work", "-w", "2", at=tmp_path, database=database)
    with opened(database) as engine:
        ends = [[e["what"] for e in Ledger(engine).history(f"{name}/1")] for name in ("TAG1", "TAG2")]

    assert len(family) >= 2  # the warm process and a child
    assert [] == left
    assert 0 == rest.returncode, rest.stderr
    assert [1, 1] == [what.count("released") for what in ends]
    assert "design" in before
    assert before.items() <= {one.stage: one.output for one in steps(database, "TAG1")}.items()
    assert (tmp_path / "out" / "TAG1" / "release" / "certificate.json").is_file()

    again = lotone("batch", "rerun", "TAG1", "--from", "verify", at=tmp_path, database=database)
    lotone("batch", "work", at=tmp_path, database=database)
    made = {one.stage: one.cached for one in steps(database, "TAG1")}

    assert 0 == again.returncode, again.stderr
    assert [True, False] == [made["plan"], made["verify"]]


def steps(database: str, name: str) -> Any:
    with opened(database) as engine:
        ledger = Ledger(engine)
        return ledger.steps(ledger.status(name).key)


def behind(at: Path, name: str) -> dict[str, str]:
    """The stages an order has behind it and what came out of them, by its own events."""
    file = at / "out" / name / "events.jsonl"
    lines = file.read_text().splitlines() if file.is_file() else []
    told = [json.loads(line) for line in lines if line.endswith("}")]
    return {one["stage"]: one["output"] for one in told if one.get("output")}


def descendants(pid: int) -> list[int]:
    found = [int(c) for task in Path(f"/proc/{pid}/task").iterdir() for c in (task / "children").read_text().split()]
    return found + [deeper for child in found for deeper in descendants(child)]

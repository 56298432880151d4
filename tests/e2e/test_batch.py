"""A batch: what can be made is made, the rest is named, and a worker that dies costs one order."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import tooling_db
from model.order import Order
from pipeline.batch.run import in_parallel
from pipeline.batch.warm import CPU_S, MEMORY_BYTES, Limits, Warm
from pipeline.engine.events import Event
from pipeline.engine.outcome import Outcome
from pipeline.intake.read import order_from_text, read_order_file

HOUSE = Path(__file__).resolve().parents[2]
QUEUE = HOUSE / "samples" / "queue"
PLATE = "spec: order/1.0\nid: plate-{0}\nfamily: nameplate\nparameters: {{text: {0}}}\nmaterial: brass\n"


def plates(*texts: str) -> list[Order]:
    return [order_from_text(PLATE.format(t), t) for t in texts]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def run(made: list[Order], out: Path, cache: Path, seconds: float = 600.0) -> list[Outcome]:
    return in_parallel(made, tooling_db.load(), out, cache, workers=2, seconds=seconds)


def test_one_bad_order_never_stops_the_rest(tmp_path: Path, cache: Path) -> None:
    one, two = plates("ONE", "TWO")
    waiting, impossible = (read_order_file(next(QUEUE.glob(name))) for name in ("04-*", "06-*"))
    outcomes = run([one, waiting, two, impossible], tmp_path, cache)

    assert ["released", "waiting", "released", "refused"] == [o.verdict for o in outcomes]
    assert [0, 65, 0] == [o.exit_code for o in outcomes[:3]]
    assert outcomes[1].problem is not None
    assert outcomes[1].problem.questions


@pytest.mark.parametrize("times", [1, 2])
def test_a_killed_process_is_tried_once_more_and_costs_no_other_order(tmp_path: Path, cache: Path, times: int) -> None:
    """The very process is killed, as the system does when memory runs out."""
    made = plates("ONE", f"KILL{times}")
    struck: list[str] = []

    def strike(event: Event) -> None:
        ended = event.stage in ("design", "export") and event.what == "finished"
        if len(struck) < times and ended and event.order_id == made[1].id:
            struck.append(event.order_id)
            os.kill(holder(event.order_id), signal.SIGKILL)

    first = in_parallel(made, tooling_db.load(), tmp_path, cache, strike, workers=2)
    again = run(made, tmp_path, cache)
    lost = [(struck[0], "broken", "batch.worker-crashed", "SIGKILL")] if times > 1 else []

    assert times == len(struck)
    assert lost == [(o.order_id, o.verdict, o.problem.code, o.problem.value) for o in first if o.problem]
    assert ["released"] * 2 == [o.verdict for o in again]


def holder(name: str) -> int:
    """The process that holds an order's folder open."""
    for place in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if place.readlink().name == name:
                return int(place.parts[2])
        except OSError:
            continue
    msg = f"nobody holds {name}"
    raise AssertionError(msg)


def test_an_order_has_no_more_memory_and_cpu_than_its_share(tmp_path: Path, cache: Path) -> None:
    seen: list[str] = []

    def look(event: Event) -> None:
        if not seen and event.stage:
            seen.append(Path(f"/proc/{holder(event.order_id)}/limits").read_text())

    in_parallel(plates("ONE"), tooling_db.load(), tmp_path, cache, look, workers=1)
    limits = {what: re.search(rf"{what} +(\d+)", seen[0]) for what in ("Max data size", "Max cpu time")}

    assert [str(MEMORY_BYTES), f"{CPU_S:.0f}"] == [found and found[1] for found in limits.values()]


def test_an_order_that_takes_too_long_is_ended_and_named(tmp_path: Path, cache: Path) -> None:
    (outcome,) = run(plates("SLOW"), tmp_path, cache, seconds=0.5)

    assert outcome.problem is not None
    assert ("broken", "batch.too-long", 70) == (outcome.verdict, outcome.problem.code, outcome.exit_code)


def test_a_killed_batch_leaves_no_orphan_and_goes_on(tmp_path: Path) -> None:
    folder, cache = tmp_path / "orders", tmp_path / "cache"
    folder.mkdir()
    for i in range(3):
        (folder / f"{i}.yaml").write_text(PLATE.format(f"TAG{i}"))
    command = [sys.executable, "-m", "lotone", "batch", "run", str(folder), "--cache", str(cache), "--json", "-w", "2"]
    env = {**os.environ, "PYTHONPATH": str(HOUSE)}
    with subprocess.Popen(command, cwd=tmp_path, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as batch:
        while batch.poll() is None and not list(tmp_path.glob("out/*/events.jsonl")):
            time.sleep(0.05)
        workers = children(batch.pid)
        batch.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 20
    while any(Path(f"/proc/{pid}").exists() for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)

    assert workers
    assert [] == [pid for pid in workers if Path(f"/proc/{pid}").exists()]
    assert {"released": 3, "waiting": 0, "refused": 0, "broken": 0} == json.loads(done.stdout)["counts"]


def children(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [int(c) for c in (task / "children").read_text().split()]
    return found


def test_the_warm_process_has_the_kernel_and_no_thread_beside_its_own(tmp_path: Path, cache: Path) -> None:
    """A process with threads cannot be forked safely: a lock one of them held would stay held in the child."""
    warm = Warm(tooling_db.load(), cache)
    try:
        child = warm.fork(plates("ONE")[0], tmp_path, Limits())
        threads = len(list(Path(f"/proc/{warm.pid}/task").iterdir()))
        maps = Path(f"/proc/{warm.pid}/maps").read_text()
        child.end()
    finally:
        warm.close()

    assert 1 == threads
    assert "OCP" in maps

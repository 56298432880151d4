"""What the queue costs an order, what a second worker brings, and whether memory grows over many orders."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

HOUSE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(HOUSE))
ORDERS = 1000
SLOTS = 2
PLATES = 10
"""Orders really made, by one worker and by two."""
REFUSED = 500
EARLY = 100
"""Memory is compared from here to the last order: before, everything has been loaded and warmed."""
STAGES = ("understand", "design", "export", "plan", "toolpaths", "post", "verify", "quote", "papers")


class Idle:
    """In place of the warm process: every child passes all stages at once and releases its order."""

    def fork(self, order: Any, _out: Path, _limits: Any) -> IdleChild:
        """Start no process."""
        return IdleChild(order.id)


class IdleChild:
    """A child that has nothing to do."""

    def __init__(self, order_id: str) -> None:
        self.order_id, self.left = order_id, list(STAGES)

    def next(self, _seconds: float) -> Any:
        """The end of the next stage, or of the order."""
        from pipeline.engine.events import Event
        from pipeline.engine.outcome import Outcome

        if not self.left:
            return Outcome(self.order_id, "released")
        return Event("cached", self.order_id, self.left.pop(0), key="a" * 64, output="b" * 64)

    def go_on(self) -> None:
        """Nothing waits."""

    def end(self) -> None:
        """Nothing runs."""


def main() -> None:
    """On SQLite, and on PostgreSQL where it is installed."""
    with tempfile.TemporaryDirectory(prefix="lotone-") as folder:
        numbers = [overhead("SQLite", f"sqlite:///{folder}/state.db")]
    with tempfile.TemporaryDirectory(prefix="lotone-") as folder:
        numbers += memory(Path(folder))
    numbers.append(throughput())
    with postgres() as address:
        numbers += [overhead("PostgreSQL", address)] if address else []
    print(json.dumps(numbers))


def overhead(name: str, address: str) -> dict[str, object]:
    """Queue orders, make nothing of them, and count the time of this process."""
    from model.order import Order
    from pipeline.batch.durable import DurableQueue, steps_place
    from pipeline.batch.port import Request
    from pipeline.batch.warm import Warm
    from pipeline.engine.events import silent
    from pipeline.floor.state import opened

    with opened(address) as engine:
        queue = DurableQueue(engine, steps_place(address))
        begun = time.process_time()
        for n in range(ORDERS):
            queue.submit(Request(f"order-{n}", f"/orders/{n}.yaml", "", "/out", rank=n + 1))
        warm, read = cast("Warm", Idle()), lambda one: Order(one.order_id, "idle")
        queue.work(warm, read, SLOTS, lambda: not queue.ledger.waits(), silent)
        cost_ms = (time.process_time() - begun) / ORDERS * 1000
        if {one.state for one in queue.list()} != {"released"}:
            sys.exit("not every order was released")
    return {"name": f"queue on {name}: {ORDERS} queued, {len(STAGES)} stages each", "value": round(cost_ms, 2),
            "unit": "ms CPU an order", "target": "<= 30"}  # fmt: skip


def memory(folder: Path) -> list[dict[str, object]]:
    """What the worker's two processes hold after many orders, each in a real child, to what they held early."""
    import tooling_db
    from pipeline.batch.durable import DurableQueue, steps_place
    from pipeline.batch.submit import read_again, requests
    from pipeline.batch.warm import Warm
    from pipeline.engine.events import silent
    from pipeline.floor.state import opened
    from pipeline.intake.read import read_by_place

    for n in range(REFUSED):
        (folder / f"{n}.yaml").write_text(f"spec: order/1.0\nid: t{n}\nfamily: teapot\n")
    address = f"sqlite:///{folder}/state.db"
    held: dict[int, tuple[float, float]] = {}
    warm = Warm(tooling_db.load(), folder / "cache")
    with opened(address) as engine:
        queue = DurableQueue(engine, steps_place(address))
        read = read_by_place([str(folder)], None)
        for request, _ in requests(read, folder / "out", machine="", material="", priority=5, minutes=5).values():
            queue.submit(request)

        def enough() -> bool:
            counts = queue.ledger.counts()
            over = REFUSED - counts.get("queued", 0) - counts.get("running", 0)
            held.setdefault(EARLY if over >= EARLY else 0, (resident_mb(os.getpid()), resident_mb(warm.pid)))
            return over == REFUSED

        queue.work(warm, read_again, SLOTS, enough, silent)
        last = (resident_mb(os.getpid()), resident_mb(warm.pid))
        ended = queue.ledger.counts()
    warm.close()
    if ended != {"refused": REFUSED}:
        sys.exit(f"not every order was refused: {ended}")
    return [
        {"name": f"memory of the {name} after {REFUSED} orders / after {EARLY}", "value": round(late / early, 3),
         "unit": f"of {early:.0f} MB", "target": "<= 1.05"}
        for name, early, late in zip(("queue's process", "warm process"), held[EARLY], last, strict=True)
    ]  # fmt: skip


def resident_mb(pid: int) -> float:
    """What a process holds in memory; 0 before it lives."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS")), 0.0)


def throughput() -> dict[str, object]:
    """The same orders by one worker and by two, each from nothing, kernels compiled before."""
    spent = [made_s(workers) for workers in (2, 1, 2)][1:]
    return {"name": f"{PLATES} orders by two workers: times as fast as by one", "value": round(spent[0] / spent[1], 2),
            "unit": "", "target": ">= 1.8"}  # fmt: skip


def made_s(workers: int) -> float:
    """Seconds by the clock to make the orders."""
    plate = "spec: order/1.0\nid: P{0}\nfamily: nameplate\nparameters: {{text: P{0}}}\nmaterial: brass\n"
    with tempfile.TemporaryDirectory(prefix="lotone-") as name:
        folder = Path(name)
        (folder / "orders").mkdir()
        for n in range(PLATES):
            (folder / "orders" / f"{n}.yaml").write_text(plate.format(n))
        env = {**os.environ, "PYTHONPATH": str(HOUSE), "LOTONE_STATE": name + "/s.db", "LOTONE_CACHE": name + "/cache"}
        begun = time.monotonic()
        command = [sys.executable, "-m", "lotone", "batch", "run", "orders", "-w", str(workers)]
        subprocess.run(command, cwd=folder, env=env, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return time.monotonic() - begun


@contextmanager
def postgres() -> Iterator[str]:
    """A server of its own on a socket; "" where PostgreSQL is not installed."""
    homes = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if not homes:
        yield ""
        return
    folder = Path(tempfile.mkdtemp(prefix="lo-pg-"))
    as_server: tuple[str, ...] = ()
    if os.geteuid() == 0:  # the server refuses to run as root
        shutil.chown(folder, "postgres")
        as_server = ("runuser", "-u", "postgres", "--")
    data, control = str(folder / "data"), [*as_server, str(homes[0] / "pg_ctl"), "-w", "-s"]
    options = f"-c listen_addresses= -c unix_socket_directories={folder}"
    subprocess.run([*as_server, str(homes[0] / "initdb"), "-D", data, "-U", "lotone", "-A", "trust"], cwd=folder,
                   check=True, stdout=subprocess.DEVNULL)  # fmt: skip
    subprocess.run([*control, "-D", data, "-l", str(folder / "log"), "-o", options, "start"], cwd=folder, check=True)
    try:
        yield f"postgresql+psycopg://lotone@/postgres?host={folder}"
    finally:
        subprocess.run([*control, "-D", data, "-m", "immediate", "stop"], cwd=folder, check=False)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()

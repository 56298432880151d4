"""What the queue itself costs an order: the processor's time of its process, with children that do nothing."""

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

"""A shop's agent: pulls tickets, puts them into the shop's own queue, renews their leases and reports their ends."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from model.errors import OrderError
from pipeline.batch.ledger import ORDERS, UNDER_WAY, Ledger
from pipeline.batch.port import Read, Request, Standing
from pipeline.batch.submit import rank
from pipeline.engine.codec import decode
from pipeline.engine.events import Event, Listener
from pipeline.engine.folder import MANIFEST, RELEASE, Manifest
from pipeline.engine.outcome import Outcome
from pipeline.engine.store import sha256, write_atomic
from pipeline.intake.read import order_from_text
from pipeline.network.book import CERTIFICATE
from pipeline.network.client import Hub, Unreachable
from pipeline.network.tables import HELD
from pipeline.network.words import Beat, Description, Load, Result, Ticket

if TYPE_CHECKING:
    from sqlalchemy import Engine, RowMapping

    from pipeline.batch.durable import DurableQueue
    from pipeline.batch.warm import Warm

ORDER = "order.json"
OWN_ORDER_H = 1.0
"""Hours of a machine for an order of the shop's own that waits in its queue and is not planned yet (belief)."""
REPORTED_DAYS = 3
"""After so many days an order is taken to have been made, though nobody said so (`lotone batch finish`)."""
FIRST_S = 1.0
LONGEST_S = 60.0
PRIORITY = 5


class Agent:
    """Between one hub and one shop's queue. What it holds stands in the state database, so that it may die at any time.

    ``inbox`` gets a folder a ticket with the order file and what it names; ``out`` what is made of it.
    """

    def __init__(
        self, hub: Hub, engine: Engine, inbox: Path, out: Path, slots: int, description: Description
    ) -> None:  # fmt: skip
        self.hub, self.engine, self.inbox, self.out, self.slots = hub, engine, inbox, out, slots
        self.description = description
        self.ledger = Ledger(engine)
        self.pause_s = FIRST_S

    def work(self, stop: threading.Event, say: Callable[[str], None]) -> None:
        """Take turns until told to stop; a hub or a database that is gone is waited for, longer each time.

        Raises:
            ConfigError: The hub does not know the shop, or is not who it says.
        """
        wait_s, joined = 0.0, False
        while not stop.wait(wait_s):
            try:
                if not joined:
                    self.hub.join(self.description)
                    joined = True
                self.turn()
                wait_s = self.pause_s
            except (Unreachable, SQLAlchemyError) as error:
                # Shops that lost their hub together do not come back together.
                wait_s = min(LONGEST_S, max(FIRST_S, wait_s * 2)) * random.uniform(0.7, 1.0)  # noqa: S311 - no secret
                say(f"{error}; tried again in {wait_s:.0f} s")

    def beside(self, queue: DurableQueue, warm: Warm, read: Read, listen: Listener) -> None:
        """Work beside the shop's queue in this process, until it is interrupted; one's fault ends both."""
        stop = threading.Event()
        failed: list[Exception] = []

        def talk() -> None:
            try:
                self.work(stop, lambda told: listen(Event("note", "hub", detail=told)))
            except Exception as error:  # noqa: BLE001 - told by the thread that waits
                failed.append(error)
            stop.set()

        thread = threading.Thread(target=talk)
        thread.start()
        try:
            queue.work(warm, read, self.slots, stop.is_set, listen)
        finally:
            stop.set()
            thread.join()
        if failed:
            raise failed[0]

    def turn(self) -> None:
        """Report what is over, tell the load, let go of what is lost, take what there is room for."""
        held = self._held()
        for one in held.values():
            self._settle(one)
        held = self._held()
        lost, lease_s = self.hub.beat(Beat(self.load(), {k: t["fence"] for k, t in held.items()}))
        self.pause_s = min(15.0, lease_s / 4)
        for name in lost:
            self._let_go(held.pop(name))
        while len(held) < self.slots:
            ticket = self.hub.pull(tuple(held))
            if ticket is None:
                return
            try:
                self._take(ticket)
            except OrderError as error:  # it cannot be read here: another shop, or a newer one, may
                self.hub.finish(ticket.id, Result(ticket.fence, "refused", error.code, error.message[:4000], 78))
            held = self._held()

    def load(self) -> Load:
        """Hours that wait here: own orders that are not planned yet, and what was released and not reported as made.

        What the hub has given and not heard of yet it counts itself.
        """
        since = (datetime.now(UTC) - timedelta(days=REPORTED_DAYS)).isoformat(timespec="milliseconds")
        released = (ORDERS.c.state == "released") & (ORDERS.c.made_at == "") & (ORDERS.c.ended_at > since)
        held = select(HELD.c.id).where(HELD.c.state == "held")
        waits = ORDERS.c.state.in_(UNDER_WAY) & ORDERS.c.order_id.not_in(held)
        with self.engine.connect() as connection:
            rows = connection.execute(select(ORDERS.c.outcome).where(or_(released, waits))).scalars().all()
        processes = {maker.id: maker.process for maker in self.description.makers}
        hours = {"cut": 0.0, "print": 0.0}
        for text in rows:
            usage = decode(Outcome, text.encode()).usage if text else None
            if not text:
                hours["cut"] += OWN_ORDER_H
            elif usage is not None:
                hours[processes.get(usage.machine, "cut")] += usage.set_up_h + usage.run_h
        return Load(hours["cut"], hours["print"])

    def _take(self, ticket: Ticket) -> None:
        """Files first, then the note that it is here, then the queue: whatever is interrupted is done again."""
        folder = self.inbox / ticket.id
        for name, digest in ticket.files.items():
            write_atomic(folder / Path(name).name, self.hub.file(ticket.id, name, digest))
        write_atomic(folder / ORDER, ticket.order.encode())
        request = self._request(ticket.id)
        values = {"fence": ticket.fence, "state": "held", "key": ""}
        with self.engine.begin() as connection:
            connection.execute(delete(HELD).where(HELD.c.id == ticket.id))
            connection.execute(insert(HELD).values(id=ticket.id, **values))
        self._queue(request)

    def _request(self, ticket: str) -> Request:
        path = (self.inbox / ticket / ORDER).resolve()
        data = path.read_bytes()
        due = order_from_text(data.decode(), path.name).due
        return Request(ticket, str(path), sha256(data), str(self.out.resolve()), rank=rank(PRIORITY, due), due=due)

    def _queue(self, request: Request) -> str:
        key = self.ledger.submit(request)
        self._note(request.order_id, key=key)
        return key

    def _settle(self, ticket: RowMapping) -> None:
        """Report a ticket that is over; one that never reached the queue is put there."""
        standing = self.ledger.status(ticket["key"] or self._queue(self._request(ticket["id"])))
        if standing.state in UNDER_WAY:
            return
        try:
            self.hub.finish(ticket["id"], self._result(ticket, standing))
        except OrderError:  # another shop has it by now
            self._note(ticket["id"], state="lost")
        else:
            self._note(ticket["id"], state=standing.state)

    def _result(self, ticket: RowMapping, standing: Standing) -> Result:
        """What the queue says, and of a release its files' digests; manifest and certificate go before."""
        outcome = standing.outcome
        if outcome is None:
            return Result(ticket["fence"], "refused", "batch.cancelled", "cancelled in the shop", 69)
        if outcome.problem is not None:
            told = outcome.problem
            verdict = "broken" if outcome.verdict == "released" else outcome.verdict
            return Result(ticket["fence"], verdict, told.code, told.message[:4000], told.exit_code)
        root = self.out / ticket["id"]
        try:
            data = (root / MANIFEST).read_bytes()
            release = {f.path: f.sha256 for f in decode(Manifest, data).files if f.path.startswith(f"{RELEASE}/")}
            certificate = (root / CERTIFICATE).read_bytes()
        except (OSError, ValueError) as error:
            message = f"the release is gone from the shop's folder: {error}"
            return Result(ticket["fence"], "broken", "network.release-gone", message, 70)
        sent = {
            name: self.hub.send(ticket["id"], ticket["fence"], content)
            for name, content in ((MANIFEST, data), (CERTIFICATE, certificate))
        }
        return Result(ticket["fence"], "released", release=release, sent=sent)

    def _let_go(self, ticket: RowMapping) -> None:
        self.ledger.cancel([ticket["key"]])
        self._note(ticket["id"], state="lost")

    def _held(self) -> dict[str, RowMapping]:
        with self.engine.connect() as connection:
            rows = connection.execute(select(HELD).where(HELD.c.state == "held").order_by(HELD.c.id)).mappings()
            return {row["id"]: row for row in rows}

    def _note(self, ticket: str, **values: str) -> None:
        with self.engine.begin() as connection:
            connection.execute(update(HELD).where(HELD.c.id == ticket).values(**values))

"""The hub's book: shops, orders and tickets; who may take which, who has it, and until when."""

from __future__ import annotations

import json
import secrets
import threading
import time
import zlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, or_, select, update

from model.errors import OrderError
from pipeline.engine.codec import decode, encode, plain
from pipeline.engine.folder import MANIFEST, RELEASE, Manifest
from pipeline.engine.store import Store, sha256
from pipeline.network.route import USUAL, Directory, Shop, Weights, route
from pipeline.network.specify import Specified, order_file
from pipeline.network.tables import OFFERS, ORDERS, SHOPS, TICKETS
from pipeline.network.words import Beat, Description, Load, Needs, Result, Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, RowMapping

OTHERS_MAY = frozenset({69, 70, 76, 78})
"""Exit codes of one shop's own limits, settings, proofs and faults: another shop may well make the order."""
OPEN = ("open", "leased", "unplaced")
CERTIFICATE = f"{RELEASE}/certificate.json"


@dataclass(frozen=True, slots=True)
class Terms:
    """Seconds a lease lasts without renewal (a shop is silent after as many), and each place in rank waits."""

    lease_s: float = 120.0
    patience_s: float = 300.0


USUAL_TERMS = Terms()


class Book:
    """The hub's tables in one state database; every method is one transaction, and ``clock`` tells the time."""

    def __init__(
        self, engine: Engine, store: Store, terms: Terms = USUAL_TERMS, weights: Weights = USUAL,
        clock: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self.engine, self.store, self.terms, self.weights, self.clock = engine, store, terms, weights, clock
        self._directory: tuple[dict[str, str], Directory] = ({}, Directory(()))
        self._routing = threading.Lock()

    def admit(self, shop: str) -> str:
        """Let a shop in, or give it a new token; returns the token, which is kept nowhere."""
        token = secrets.token_urlsafe(32)
        with self.engine.begin() as connection:
            changed = connection.execute(
                update(SHOPS).where(SHOPS.c.id == shop).values(token_sha256=sha256(token.encode()))
            )
            if not changed.rowcount:
                connection.execute(
                    insert(SHOPS).values(
                        id=shop, token_sha256=sha256(token.encode()), description="", described="", cut_h=0.0,
                        print_h=0.0, seen=0.0,
                    )
                )  # fmt: skip
        return token

    def who(self, token: str) -> str | None:
        """The shop of a token."""
        query = select(SHOPS.c.id).where(SHOPS.c.token_sha256 == sha256(token.encode()))
        with self.engine.connect() as connection:
            return connection.execute(query).scalar()

    def join(self, shop: str, description: Description) -> None:
        """A shop says what it can do; what it had given back it may be asked again when that has changed."""
        text = encode(description).decode()
        with self.engine.begin() as connection:
            before = connection.execute(select(SHOPS.c.described).where(SHOPS.c.id == shop)).scalar_one()
            digest = sha256(text.encode())
            values = {"description": text, "described": digest, "seen": self.clock()}
            connection.execute(update(SHOPS).where(SHOPS.c.id == shop).values(**values))
            if before != digest:
                waiting = TICKETS.c.state.in_(("open", "unplaced"))
                for row in connection.execute(select(TICKETS).where(waiting)).mappings().all():
                    self._offer(connection, row, without=shop)

    def beat(self, shop: str, beat: Beat) -> tuple[str, ...]:
        """A shop lives: its load is kept, its leases are renewed; returns the tickets that are no longer its own."""
        now = self.clock()
        with self.engine.begin() as connection:
            load = {"cut_h": beat.load.cut_h, "print_h": beat.load.print_h}
            connection.execute(update(SHOPS).where(SHOPS.c.id == shop).values(seen=now, **load))
            lost = []
            for ticket, fence in sorted(beat.held.items()):
                lease = {"state": "leased", "until": now + self.terms.lease_s}
                if connection.execute(_newest(ticket, shop, fence).values(**lease)).rowcount:
                    connection.execute(delete(OFFERS).where(OFFERS.c.ticket == ticket))
                else:
                    lost.append(ticket)
            self._expire(connection, now)
        return tuple(lost)

    def submit(self, order_id: str, made: Specified, rank: int) -> str:
        """Enter an order; returns its ticket. The same specification again is the same ticket; another replaces it."""
        for data in made.files.values():
            self.store.put(sha256(data), data)
        files = {name: sha256(data) for name, data in made.files.items()}
        digest = sha256(encode({"order": made.order, "files": files, "needs": plain(made.needs)}))
        ticket = f"T-{secrets.token_hex(8)}"
        with self.engine.begin() as connection:
            before = connection.execute(select(ORDERS).where(ORDERS.c.order_id == order_id)).mappings().first()
            if before is not None:
                if before["digest"] == digest:
                    return str(before["ticket"])
                gone = update(TICKETS).where(TICKETS.c.id == before["ticket"], TICKETS.c.state.in_(OPEN))
                connection.execute(gone.values(state="cancelled", ended_at=self._at()))
                connection.execute(delete(OFFERS).where(OFFERS.c.ticket == before["ticket"]))
                connection.execute(delete(ORDERS).where(ORDERS.c.order_id == order_id))
            row = {
                "id": ticket, "document": order_file(made.order, ticket), "files": json.dumps(files),
                "needs": encode(made.needs).decode(), "process": made.needs.process, "rank": rank, "fence": 0,
                "state": "unplaced", "opened": self.clock(), "until": 0.0, "hours": 0.0, "shop": "", "routing": b"",
                "gave_back": "{}", "result": "", "ended_at": "",
            }  # fmt: skip
            connection.execute(insert(TICKETS).values(**row))
            connection.execute(
                insert(ORDERS).values(order_id=order_id, ticket=ticket, digest=digest, submitted_at=self._at())
            )
            self._offer(connection, row)
        return ticket

    def pull(self, shop: str, have: Collection[str]) -> Ticket | None:
        """The next ticket for a shop: one it was given and does not know of, else the first it may take."""
        now = self.clock()
        with self.engine.begin() as connection:
            self._expire(connection, now)
            given = select(TICKETS).where(TICKETS.c.state == "leased", TICKETS.c.shop == shop)
            for row in connection.execute(given.order_by(TICKETS.c.id)).mappings():
                if row["id"] not in have:
                    return self._ticket(row, row["fence"])
            may = (
                select(TICKETS)
                .join(OFFERS, OFFERS.c.ticket == TICKETS.c.id)
                .where(
                    OFFERS.c.shop == shop,
                    TICKETS.c.state == "open",
                    TICKETS.c.opened + OFFERS.c.position * self.terms.patience_s <= now,
                )
                .order_by(TICKETS.c.rank, TICKETS.c.opened, TICKETS.c.id)
                .limit(10)
            )
            for row in connection.execute(may).mappings().all():
                fence = row["fence"] + 1
                taken = update(TICKETS).where(
                    TICKETS.c.id == row["id"], TICKETS.c.state == "open", TICKETS.c.fence == row["fence"]
                )
                lease = {"state": "leased", "fence": fence, "shop": shop, "until": now + self.terms.lease_s}
                if connection.execute(taken.values(**lease)).rowcount:
                    connection.execute(delete(OFFERS).where(OFFERS.c.ticket == row["id"]))
                    return self._ticket(row, fence)
        return None

    def file(self, shop: str, ticket: str, name: str) -> bytes:
        """A file of a ticket this shop has.

        Raises:
            OrderError: ``network.unknown-ticket``, ``network.unknown-file``.
        """
        with self.engine.connect() as connection:
            row = self._of(connection, ticket)
        if (row["shop"], row["state"]) != (shop, "leased"):
            raise _unknown(ticket)
        digest = json.loads(row["files"]).get(name)
        data = self.store.get(digest) if digest else None
        if data is None:
            raise OrderError("network.unknown-file", f"ticket {ticket} has no file {name!r}", place=ticket, value=name)
        return data

    def finish(self, shop: str, ticket: str, result: Result) -> None:
        """A shop reports; the same report twice is harmless.

        Raises:
            OrderError: ``network.unknown-ticket``; ``network.stale-token``: somebody else has it by now;
                ``network.result-differs``: it is over, otherwise; ``network.not-proved``: the manifest that came says
                something else.
        """
        self._prove(ticket, result)
        text = encode(result).decode()
        with self.engine.begin() as connection:
            row = self._of(connection, ticket)
            gave_back = json.loads(row["gave_back"])
            if gave_back.get(shop, {}).get("fence") == result.fence and result.fence:
                if gave_back[shop]["result"] == text:
                    return
                raise _differs(ticket)
            if row["shop"] != shop or row["fence"] != result.fence or row["state"] == "cancelled":
                raise _stale(ticket, result.fence, row["fence"])
            if row["state"] not in OPEN:
                if row["result"] == text:
                    return
                raise _differs(ticket)
            if result.exit_code in OTHERS_MAY:
                gave_back[shop] = {"fence": result.fence, "code": result.code, "result": text}
                changed = {"state": "open", "shop": "", "opened": self.clock(), "gave_back": json.dumps(gave_back)}
                connection.execute(update(TICKETS).where(TICKETS.c.id == ticket).values(**changed))
                self._offer(connection, {**row, **changed})
                return
            ended = {"state": result.verdict, "result": text, "ended_at": self._at()}
            connection.execute(update(TICKETS).where(TICKETS.c.id == ticket).values(**ended))
            connection.execute(delete(OFFERS).where(OFFERS.c.ticket == ticket))

    def _prove(self, ticket: str, result: Result) -> None:
        """A release is believed with its manifest: of this ticket, and of these very files."""
        if (result.verdict == "released") != (result.exit_code == 0):
            raise _not_proved(ticket, f"{result.verdict} with exit code {result.exit_code}")
        if result.verdict != "released":
            return
        data = self.store.get(result.sent.get(MANIFEST, ""))
        if data is None:
            raise _not_proved(ticket, "no manifest was sent")
        try:
            manifest = decode(Manifest, data)
        except ValueError as error:
            raise _not_proved(ticket, "the manifest cannot be read") from error
        listed = {one.path: one.sha256 for one in manifest.files if one.path.startswith(f"{RELEASE}/")}
        if (manifest.order_id, manifest.verdict, listed) != (ticket, "released", dict(result.release)):
            raise _not_proved(ticket, "the manifest tells another order, verdict or other files")
        if result.sent.get(CERTIFICATE) != listed.get(CERTIFICATE, ""):
            raise _not_proved(ticket, "the certificate sent is not the one released")

    def own(self, shop: str, ticket: str, fence: int) -> None:
        """Refuse who is not the last to have been given a ticket.

        Raises:
            OrderError: ``network.unknown-ticket``, ``network.stale-token``.
        """
        with self.engine.connect() as connection:
            row = self._of(connection, ticket)
        if (row["shop"], row["fence"]) != (shop, fence):
            raise _stale(ticket, fence, row["fence"])

    def shops(self) -> tuple[dict[str, Any], ...]:
        """The admitted shops: when each was last heard of, and its load."""
        with self.engine.connect() as connection:
            rows = connection.execute(select(SHOPS).order_by(SHOPS.c.id)).mappings().all()
        now = self.clock()
        return tuple(
            {"shop": r["id"], "joined": bool(r["described"]), "silent": now - r["seen"] > self.terms.lease_s,
             "cut_h": r["cut_h"], "print_h": r["print_h"]} for r in rows
        )  # fmt: skip

    def standings(self, order_id: str = "") -> tuple[dict[str, Any], ...]:
        """Where orders stand, as they were submitted; of one, by its id, the reasons and the result too."""
        query = select(ORDERS.c.order_id, ORDERS.c.submitted_at, TICKETS).join(TICKETS, TICKETS.c.id == ORDERS.c.ticket)
        if order_id:
            query = query.where(ORDERS.c.order_id == order_id)
        with self.engine.connect() as connection:
            rows = connection.execute(query.order_by(ORDERS.c.submitted_at, ORDERS.c.order_id)).mappings().all()
        if order_id and not rows:
            hint = "See `lotone hub status` for those it has."
            raise OrderError("network.unknown-order", f"the hub has no order {order_id!r}", place="order",
                             value=order_id, hint=hint)  # fmt: skip
        return tuple(_standing(row, full=bool(order_id)) for row in rows)

    def _expire(self, connection: Connection, now: float) -> None:
        """Tickets whose lease has run out go to whoever is best now."""
        over = select(TICKETS).where(TICKETS.c.state == "leased", TICKETS.c.until < now)
        for row in connection.execute(over).mappings().all():
            still = update(TICKETS).where(
                TICKETS.c.id == row["id"], TICKETS.c.state == "leased", TICKETS.c.fence == row["fence"],
                TICKETS.c.until < now,
            )  # fmt: skip
            if connection.execute(still.values(state="open", opened=now)).rowcount:
                self._offer(connection, {**row, "state": "open", "opened": now})

    def _offer(self, connection: Connection, row: Mapping[str, Any] | RowMapping, without: str = "") -> None:
        """Rank the shops for a ticket anew and keep the reasons; ``without`` has changed and may be asked again."""
        gave_back = {k: v for k, v in json.loads(row["gave_back"]).items() if k != without}
        now = datetime.fromtimestamp(self.clock(), UTC)
        needs = decode(Needs, row["needs"].encode())
        with self._routing:
            routing = route(needs, self._shops(connection), now, self.weights, gave_back)
        codes = {shop: f"gave it back: {told['code']}" for shop, told in gave_back.items()}
        routing = replace(routing, cannot={k: codes.get(k, why) for k, why in routing.cannot.items()})
        connection.execute(delete(OFFERS).where(OFFERS.c.ticket == row["id"]))
        offers = [{"ticket": row["id"], "shop": b.shop, "position": n} for n, b in enumerate(routing.ranked)]
        if offers:
            connection.execute(insert(OFFERS), offers)
        values = {
            "state": "open" if offers else "unplaced", "routing": zlib.compress(encode(routing), 1),
            "hours": routing.ranked[0].hours if offers else 0.0, "gave_back": json.dumps(gave_back),
        }  # fmt: skip
        connection.execute(update(TICKETS).where(TICKETS.c.id == row["id"]).values(**values))

    def _shops(self, connection: Connection) -> Directory:
        """The shops that have joined, with their loads: what they report, and what they have from here."""
        columns = (SHOPS.c.id, SHOPS.c.described, SHOPS.c.cut_h, SHOPS.c.print_h, SHOPS.c.seen)
        known = {r["id"]: r for r in connection.execute(select(*columns).where(SHOPS.c.described != "")).mappings()}
        digests = {k: r["described"] for k, r in known.items()}
        if digests != self._directory[0]:
            texts = connection.execute(select(SHOPS.c.id, SHOPS.c.description).where(SHOPS.c.described != ""))
            self._directory = (digests, Directory(Shop(k, decode(Description, text.encode())) for k, text in texts))
        given: dict[tuple[str, str], float] = {}
        first = OFFERS.c.shop.label("offered")
        query = (
            select(TICKETS.c.state, TICKETS.c.shop, TICKETS.c.process, first, func.sum(TICKETS.c.hours).label("hours"))
            .outerjoin(OFFERS, (OFFERS.c.ticket == TICKETS.c.id) & (OFFERS.c.position == 0))
            .where(or_(TICKETS.c.state == "open", TICKETS.c.state == "leased"))
            .group_by(TICKETS.c.state, TICKETS.c.shop, TICKETS.c.process, first)
        )
        for row in connection.execute(query).mappings():
            key = (row["shop"] if row["state"] == "leased" else row["offered"] or "", row["process"])
            given[key] = given.get(key, 0.0) + row["hours"]
        now = self.clock()
        for shop, row in known.items():
            load = Load(row["cut_h"] + given.get((shop, "cut"), 0.0), row["print_h"] + given.get((shop, "print"), 0.0))
            self._directory[1].tell(shop, load, silent=now - row["seen"] > self.terms.lease_s)
        return self._directory[1]

    def _of(self, connection: Connection, ticket: str) -> RowMapping:
        row = connection.execute(select(TICKETS).where(TICKETS.c.id == ticket).with_for_update()).mappings().first()
        if row is None:
            raise _unknown(ticket)
        return row

    def _ticket(self, row: RowMapping, fence: int) -> Ticket:
        return Ticket(row["id"], fence, row["document"], json.loads(row["files"]))

    def _at(self) -> str:
        return datetime.fromtimestamp(self.clock(), UTC).isoformat(timespec="milliseconds")


def _newest(ticket: str, shop: str, fence: int) -> Any:
    """A ticket still in a shop's hands: leased to it, or run out and taken by nobody since."""
    return update(TICKETS).where(
        TICKETS.c.id == ticket,
        TICKETS.c.shop == shop,
        TICKETS.c.fence == fence,
        TICKETS.c.state.in_(("leased", "open")),
    )


def _standing(row: RowMapping, *, full: bool) -> dict[str, Any]:
    told = {
        "order": row["order_id"], "ticket": row["id"], "state": row["state"], "shop": row["shop"],
        "fence": row["fence"], "submitted_at": row["submitted_at"], "ended_at": row["ended_at"],
        "code": json.loads(row["result"]).get("code", "") if row["result"] else "",
    }  # fmt: skip
    if full:
        told["routing"] = json.loads(zlib.decompress(row["routing"]))
        told["result"] = json.loads(row["result"]) if row["result"] else None
        told["needs"] = asdict(decode(Needs, row["needs"].encode()))
    return told


def _unknown(ticket: str) -> OrderError:
    message = f"there is no ticket {ticket!r} for this shop"
    return OrderError("network.unknown-ticket", message, place="ticket", value=ticket, hint="Pull again.")


def _not_proved(ticket: str, why: str) -> OrderError:
    return OrderError("network.not-proved", f"the release of {ticket} is not believed: {why}", place=ticket,
                      hint="Report again with the manifest and the certificate of the release.")  # fmt: skip


def _stale(ticket: str, fence: int, newest: int) -> OrderError:
    message = f"ticket {ticket} was given away since: token {fence} is old"
    hint = "Drop it; another shop makes it."
    return OrderError("network.stale-token", message, place=ticket, value=fence, limit=newest, hint=hint)


def _differs(ticket: str) -> OrderError:
    message = f"ticket {ticket} is over with another result"
    return OrderError("network.result-differs", message, place=ticket, hint="Nothing was changed; ask the hub.")

"""From sources to the queue: what can be read waits there, what cannot is over at once and named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from model.errors import LotOneError, OrderError
from model.order import Order, Wish
from pipeline.batch.port import Read, Request
from pipeline.customers.vault import Vault
from pipeline.engine.store import file_sha256
from pipeline.engine.times import moment
from pipeline.intake.read import read_sources

EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
CLASS = 100_000_000
"""Minutes from :data:`EPOCH` fit into a class of priority until the year 2210; without a due date an order is last."""


def rank(priority: int, due: str) -> int:
    """An order's place in the queue, smallest first: by priority (1 to 9, 1 first), within it by the due date.

    A due date without an hour is due as its day begins; without a zone it is taken as UTC.
    """
    minutes = CLASS - 1
    if due:
        minutes = min(max(0, int((moment(due) - EPOCH).total_seconds() // 60)), CLASS - 2)
    return priority * CLASS + minutes


def requests(
    read: Mapping[str, Order | LotOneError], out: Path, *, machine: str, material: str, priority: int, minutes: float
) -> dict[str, tuple[Request, Order | LotOneError]]:
    """What the queue keeps of every source, by its place.

    Raises:
        OrderError: ``batch.no-file``: words, which the queue could not read again.
    """
    made: dict[str, tuple[Request, Order | LotOneError]] = {}
    for place, one in read.items():
        path = Path(place)
        if isinstance(one, Order) and not path.is_file():
            message = "a queue takes order files; words are made at once"
            raise OrderError("batch.no-file", message, place=place[:40], hint="Use `lotone make`, or write a file.")
        due = one.due if isinstance(one, Order) else ""
        name = one.id if isinstance(one, Order) else one.order_id or path.stem
        made[place] = (
            Request(
                name, place, file_sha256(path), str(out.resolve()), machine, material, rank(priority, due), due, minutes
            ),
            one,
        )  # fmt: skip
    return made


def read_again(request: Request) -> Order:
    """The order of a request, read from its file.

    Raises:
        OrderError: ``batch.order-changed``, or what the intake says of it.
    """
    path = Path(request.source)
    found = file_sha256(path)
    if found != request.sha256:
        what = "was changed" if found else "is gone"
        message = f"{path.name} {what} since it was put into the queue"
        hint = "Submit it again; nothing was made of what stands in it now."
        raise OrderError("batch.order-changed", message, place=str(path), hint=hint)
    (one,) = read_sources([request.source], machine=request.machine, material=request.material)
    if isinstance(one, LotOneError):
        raise one
    return one


def whole(vault: Vault) -> Read:
    """How an order of the queue is read again: with what its customer wrote, and with the names to blank out of it."""

    def read(request: Request) -> Order:
        order = read_again(request)
        held = vault.held(request.sha256)
        if held is None:
            return order
        personal = {name: value for name, value in held.customer.items() if name not in ("ref", "locale")}
        wishes = tuple(Wish(w["text"], w.get("lang", ""), w.get("kind", "want")) for w in held.wishes)  # type: ignore[arg-type]
        return replace(order, personal=personal, wishes=wishes)

    return read

"""From sources to the queue: what can be read waits there, what cannot is over at once and named."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from model.errors import LotOneError, OrderError
from model.order import Order
from pipeline.batch.port import Request
from pipeline.engine.store import sha256
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


def moment(text: str) -> datetime:
    """An ISO 8601 time; without a zone it is taken as UTC."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


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
        digest = sha256(path.read_bytes()) if path.is_file() else ""
        made[place] = (
            Request(name, place, digest, str(out.resolve()), machine, material, rank(priority, due), due, minutes), one,
        )  # fmt: skip
    return made


def read_again(request: Request) -> Order:
    """The order of a request, read from its file.

    Raises:
        OrderError: ``batch.order-changed``, or what the intake says of it.
    """
    path = Path(request.source)
    found = sha256(path.read_bytes()) if path.is_file() else ""
    if found != request.sha256:
        what = "was changed" if found else "is gone"
        message = f"{path.name} {what} since it was put into the queue"
        hint = "Submit it again; nothing was made of what stands in it now."
        raise OrderError("batch.order-changed", message, place=str(path), hint=hint)
    (one,) = read_sources([request.source], machine=request.machine, material=request.material)
    if isinstance(one, LotOneError):
        raise one
    return one

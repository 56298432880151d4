"""Which hub a shop has joined, kept in its state database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from model.errors import OrderError
from pipeline.network.client import Hub
from pipeline.network.tables import HUBS

if TYPE_CHECKING:
    from sqlalchemy import Engine


def remember(engine: Engine, workshop: str, url: str, token_file: Path, ca: Path | None, *, plain: bool) -> None:
    """Keep the hub in place of the one before."""
    row = {
        "workshop": workshop, "url": url, "token_file": str(token_file.resolve()),
        "ca": "" if ca is None else str(ca.resolve()), "plain": plain,
    }  # fmt: skip
    with engine.begin() as connection:
        connection.execute(delete(HUBS))
        connection.execute(insert(HUBS).values(id=1, **row))


def joined(engine: Engine) -> tuple[Hub, str]:
    """A line to the hub, and the workshop that joined it.

    Raises:
        OrderError: ``network.not-joined``.
        ConfigError: As :class:`Hub`.
    """
    with engine.connect() as connection:
        row = connection.execute(select(HUBS)).mappings().first()
    if row is None:
        hint = "lotone shop join https://hub.example:8443 --token-file FILE"
        raise OrderError("network.not-joined", "this shop has joined no hub", place="hub", hint=hint)
    ca = Path(row["ca"]) if row["ca"] else None
    return Hub(row["url"], Path(row["token_file"]), ca, plain_http=row["plain"]), row["workshop"]

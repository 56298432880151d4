"""What happens while an order travels: one event type for the screen, the file and the web."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pipeline.engine.codec import plain
from pipeline.engine.store import disk_error


@dataclass(frozen=True, slots=True)
class Event:
    """``fraction`` is the order's progress, 0 to 1; ``seconds`` what a finished stage took.

    The store holds what a finished or cached stage gave: ``key`` led there, ``output`` is its digest.
    """

    what: Literal["started", "cached", "finished", "failed", "note"]
    order_id: str
    stage: str = ""
    detail: str = ""
    fraction: float = 0.0
    seconds: float = 0.0
    key: str = ""
    output: str = ""


Listener = Callable[[Event], None]


def silent(_event: Event) -> None:
    """A listener that does not listen."""


def recorder(file: Path, listen: Listener) -> Listener:
    """A listener that also appends to a file, the one with times in it."""

    def record(event: Event) -> None:
        line = json.dumps(
            {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), **plain(event)}, sort_keys=True
        )
        try:
            with file.open("a", encoding="utf-8") as lines:
                lines.write(line + "\n")
        except OSError as error:
            listen(Event("note", event.order_id, detail=disk_error(file, error).message))
        listen(event)

    return record

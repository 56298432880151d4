"""What happens while an order travels: one event type for the screen, the file and the web."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal


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

"""What the floor reports back, and what was learned from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

OFFCUT = "offcut-"

What = Literal["run", "setting up"]
"""Which minutes: the machine's run of a setup, or the people's work before it."""


@dataclass(frozen=True, slots=True)
class Observation:
    """Minutes of one setup of one order: as planned, and as they really were.

    ``typical`` is False for a run with an incident (a broken tool, a power cut): it is kept and teaches nothing.
    """

    order_id: str
    workshop: str
    machine: str
    material: str
    setup: int
    what: What
    planned_min: float
    actual_min: float
    typical: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class Learned:
    """How real minutes relate to planned ones on one machine in one material, after ``runs`` observations.

    ``factor`` is the median of real over planned, within the bounds of what may be learned; ``low`` and ``high`` bound
    it with 90 % credibility. ``spread`` is P90 over P50 of the next run. The seed stays beside it: ``seed_factor``
    and ``seed_spread`` are what holds without any observation.
    """

    workshop: str
    machine: str
    material: str
    what: What
    runs: int
    factor: float
    low: float
    high: float
    spread: float
    seed_factor: float
    seed_spread: float


@dataclass(frozen=True, slots=True)
class Experience:
    """Everything a shop has learned so far; nothing on its first day."""

    learned: tuple[Learned, ...] = ()

    def of(self, workshop: str, machine: str, material: str, what: What) -> Learned | None:
        """What was learned of one kind of minutes, if anything was."""
        same = (workshop, machine, material, what)
        return next((one for one in self.learned if same == (one.workshop, one.machine, one.material, one.what)), None)


@dataclass(frozen=True, slots=True)
class Offcut:
    """A piece left over in a workshop: what it is of, and its size. ``number`` is written on it."""

    number: int
    workshop: str
    material: str
    size_mm: tuple[float, float, float]

    @property
    def id(self) -> str:
        """Its name beside the rows of what one can buy."""
        return f"{OFFCUT}{self.number}"


@dataclass(frozen=True, slots=True)
class Leftovers:
    """The offcuts an order may be made from."""

    offcuts: tuple[Offcut, ...] = ()


@dataclass(frozen=True, slots=True)
class ToolLife:
    """What is known of one counted tool now: its row's minutes and those reported since, and its state."""

    instance: str
    tool: str
    workshop: str
    state: str
    used_min: float
    life_min: float

    @property
    def left_min(self) -> float:
        """Minutes it still cuts; none when it is worn or broken."""
        return max(0.0, self.life_min - self.used_min) if self.state in {"new", "available"} else 0.0

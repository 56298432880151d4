"""A choice as plain data: the ways to make each feature, what goes before what, what all of it costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

MICRO = 1_000_000
"""Costs are counted in whole millionths of a EUR: sums are exact."""


@dataclass(frozen=True, slots=True)
class Step:
    """One operation of a way: its tool and the seconds it is reckoned to take."""

    id: str
    tool: int
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Way:
    """One way to make a feature: its steps in their order, all in the clamping of this number.

    ``against`` says why it may not be taken ("": it may): a tolerance, a finish or a date it cannot meet.
    """

    steps: tuple[Step, ...]
    clamping: int = 0
    against: str = ""


@dataclass(frozen=True)
class Choice:
    """Features to be made on one machine, each by one of its ways; steps and features stand in the order liked best.

    ``eur_h`` is what an hour at the machine costs, ``change_s`` a change of tools, ``load_eur`` the loading of one tool
    that is not in ``loaded``. ``clampings`` are the prices of the clampings there may be, in the order they follow one
    another. ``before`` are pairs of steps: where both are cut, the first comes before the other.
    """

    features: tuple[tuple[Way, ...], ...]
    before: frozenset[tuple[str, str]] = frozenset()
    eur_h: float = 60.0
    change_s: float = 60.0
    load_eur: float = 0.0
    clampings: tuple[float, ...] = (0.0,)
    loaded: frozenset[int] = frozenset()

    @property
    def change(self) -> int:
        """What a change of tools costs (millionths)."""
        return self.spent(self.change_s)

    def spent(self, seconds: float) -> int:
        """What so many seconds at the machine cost (millionths)."""
        return round(seconds * self.eur_h * MICRO / 3600)

    def chosen(self, ways: Sequence[int]) -> list[Way]:
        """The way of each feature by its number among that feature's ways."""
        return [own[k] for own, k in zip(self.features, ways, strict=True)]


@dataclass(frozen=True, slots=True)
class Other:
    """A way that was not taken: what all would have cost by it with the rest as it is, or why it could not be."""

    feature: int
    way: int
    eur: float | None
    against: str = ""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The choice made: each feature's way, the steps in the order they are cut, the cost and what bounds it below."""

    ways: tuple[int, ...]
    order: tuple[str, ...]
    eur: float
    bound_eur: float
    others: tuple[Other, ...] = field(default=())

    @property
    def gap(self) -> float:
        """How much of its cost could at most be saved by another choice (a share)."""
        return (self.eur - self.bound_eur) / self.eur if self.eur > self.bound_eur else 0.0


Runs = tuple[tuple[int, int], ...]
"""Clampings and tools in the order they follow one another."""


def cost(choice: Choice, ways: Sequence[int], runs: Runs) -> int:
    """What a choice costs (millionths): its clampings, tools, changes and time."""
    taken = choice.chosen(ways)
    tools = {s.tool for w in taken for s in w.steps} - choice.loaded
    held = {w.clamping for w in taken if w.steps}
    return (
        sum(round(choice.clampings[k] * MICRO) for k in held)
        + len(tools) * round(choice.load_eur * MICRO)
        + len(runs) * choice.change
        + sum(choice.spent(s.seconds) for w in taken for s in w.steps)
    )


class Waiting:
    """The steps of the ways taken, and which of them may be cut next."""

    def __init__(self, choice: Choice, ways: Sequence[int]) -> None:
        taken = choice.chosen(ways)
        self.at = {s.id: (w.clamping, s.tool) for w in taken for s in w.steps}
        self.left = list(self.at)
        self.first: dict[str, set[str]] = {one: set() for one in self.at}
        for way in taken:
            for k, one in enumerate(way.steps[1:]):
                self.first[one.id].add(way.steps[k].id)
        for a, b in choice.before:
            if a in self.at and b in self.at:
                self.first[b].add(a)

    def ready(self, done: set[str]) -> list[str]:
        """What is free to be cut in the first clamping that is not done with, what is liked best first."""
        clamping = min(self.at[one][0] for one in self.left)
        return [one for one in self.left if self.at[one][0] == clamping and self.first[one] <= done]

    def cut(self, runs: Runs | None = None) -> tuple[str, ...]:
        """The steps in an order that stays with a tool while it can do anything; tools change as told or as they may.

        Raises:
            ValueError: The steps wait for one another in a circle, or these runs do not cut all of them.
        """
        order: list[str] = []
        done: set[str] = set()
        now: tuple[int, int] | None = None
        coming = iter(runs or ())
        while self.left:
            ready = self.ready(done)
            one = next((s for s in ready if self.at[s] == now), None)
            if one is None and runs is not None:
                now = next(coming, None)
                if now is None:
                    break
                continue
            if one is None:
                if not ready:
                    break
                one = ready[0]
                now = self.at[one]
            order.append(one)
            done.add(one)
            self.left.remove(one)
        if self.left:
            msg = f"{', '.join(self.left)}: nothing is free to be cut next"
            raise ValueError(msg)
        return tuple(order)


def runs_of(choice: Choice, ways: Sequence[int], order: Sequence[str]) -> Runs:
    """The stretches of an order that one tool cuts in one clamping."""
    at = Waiting(choice, ways).at
    return tuple(key for key, _ in groupby(at[one] for one in order))


def by_hand(choice: Choice, ways: Sequence[int]) -> tuple[tuple[str, ...], Runs]:
    """An order by the rule of thumb: stay with the tool while it can do anything, then take what is liked best."""
    order = Waiting(choice, ways).cut()
    return order, runs_of(choice, ways, order)

"""When released orders can be at their machines: a machine makes one at a time, a workshop tends only so many."""

from __future__ import annotations

import heapq
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from model.quote import Usage


@dataclass(frozen=True, slots=True)
class Job:
    """A released order that is still to be made; ``rank`` sorts, smallest first. ``left_h`` of one under way."""

    order_id: str
    usage: Usage
    rank: int
    due: str = ""
    left_h: float | None = None

    @property
    def hours(self) -> float:
        """How long it keeps its machine from now on."""
        return self.usage.set_up_h + self.usage.run_h if self.left_h is None else self.left_h


@dataclass(frozen=True, slots=True)
class Slot:
    """A job's time at its machine, in working hours from now."""

    job: Job
    begins_h: float
    ends_h: float


def schedule(jobs: Sequence[Job], at_once: Mapping[str, int]) -> tuple[Slot, ...]:
    """Give every job the first time its machine is free and its workshop has hands, in the order of the ranks.

    Jobs under way go on. ``at_once`` is how many machines a workshop tends at a time. No machine stands idle while a
    job waits for it, unless its workshop has no hand free. Sorted by beginning, machine, rank.
    """
    waiting: dict[str, deque[Job]] = {}
    for job in sorted(jobs, key=_turn):
        waiting.setdefault(job.usage.machine, deque()).append(job)
    slots: list[Slot] = []
    under_way: list[tuple[float, str, str]] = []
    tended: Counter[str] = Counter()
    now = 0.0
    while any(waiting.values()):
        busy = {machine for _, machine, _ in under_way}
        heads = [line[0] for machine, line in waiting.items() if line and machine not in busy]
        for job in sorted(heads, key=_turn):
            home = job.usage.workshop
            if job.left_h is None and tended[home] >= at_once[home]:
                continue
            waiting[job.usage.machine].popleft()
            tended[home] += 1
            heapq.heappush(under_way, (now + job.hours, job.usage.machine, home))
            slots.append(Slot(job, now, now + job.hours))
        now = under_way[0][0]
        while under_way and under_way[0][0] <= now:
            tended[heapq.heappop(under_way)[2]] -= 1
    return tuple(sorted(slots, key=lambda one: (one.begins_h, one.job.usage.machine, one.job.rank)))


def _turn(job: Job) -> tuple[bool, int, str]:
    """What is under way first, then by rank."""
    return job.left_h is None, job.rank, job.order_id

"""Job shops with choices as one model: which plan of a job, which machine for each operation, when; least makespan."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from pipeline.plan.solver import Model, Solved


@dataclass(frozen=True)
class Task:
    """One operation of a job: how long it takes on each machine that can do it (none: it takes no time)."""

    job: int
    seconds: dict[int, int]


@dataclass
class Shop:
    """What is to be made. ``after`` leads from a task to those that follow it.

    ``one_of`` are a task and those after it of which just one is done; tasks of a job run one at a time.
    """

    tasks: list[Task] = field(default_factory=list)
    after: list[tuple[int, int]] = field(default_factory=list)
    one_of: list[tuple[int, tuple[int, ...]]] = field(default_factory=list)


def flexible(text: str) -> Shop:
    """A flexible job shop: behind a head a line for each job with its operations, machines and times (Brandimarte)."""
    shop = Shop()
    lines = [line for line in text.splitlines() if line.strip()]
    jobs = [[int(word) for word in line.split()] for line in lines[1:]]
    for job, words in enumerate(jobs):
        count, rest = words[0], iter(words[1:])
        own = []
        for _ in range(count):
            own.append(len(shop.tasks))
            machines = next(rest)
            shop.tasks.append(Task(job, {next(rest): next(rest) for _ in range(machines)}))
        shop.after += pairwise(own)
    return shop


def planned(text: str) -> Shop:
    """Process plans with alternatives: edges with OR groups in brackets, then each node's machines and times (Kim)."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    into, info = lines.index("in"), lines.index("info")
    shop, job = Shop(), -1
    for line in lines[info + 1 :]:
        node, *words = line.split()
        job += words[0] == "start"
        shop.tasks.append(Task(job, dict(_pairs(words[1:])) if words[0].isdigit() else {}))
        if int(node) != len(shop.tasks) - 1:
            msg = f"node {node} out of its order"
            raise ValueError(msg)
    for line in lines[2:into]:
        first, rest = line.split(maxsplit=1)
        for group in re.findall(r"\(([^)]*)\)", rest):
            several = tuple(int(word) for word in group.split(","))
            shop.one_of.append((int(first), several))
            shop.after += [(int(first), one) for one in several]
        shop.after += [(int(first), int(word)) for word in re.sub(r"\([^)]*\)", "", rest).split()]
    return shop


def _pairs(words: list[str]) -> Iterator[tuple[int, int]]:
    numbers = iter(int(word) for word in words)
    return zip(numbers, numbers, strict=True)


def least_makespan(shop: Shop, effort: float) -> Solved | None:
    """The shortest time in which everything is made, so much effort of the solver given; None: nothing found."""
    model = Model()
    far = sum(max(t.seconds.values(), default=0) for t in shop.tasks)
    done = [model.flag() for _ in shop.tasks]
    starts = [model.whole(0, far) for _ in shop.tasks]
    ends = [model.whole(0, far) for _ in shop.tasks]
    jobs: dict[int, list[int]] = {}
    machines: dict[int, list[int]] = {}
    loads: dict[int, list[tuple[int, int]]] = {}
    for k, task in enumerate(shop.tasks):
        if not task.seconds:
            model.linear([(ends[k], 1), (starts[k], -1)], 0, 0)
            continue
        on = {machine: model.flag() for machine in task.seconds}
        model.linear([*((v, 1) for v in on.values()), (done[k], -1)], 0, 0)
        for machine, flag in on.items():
            machines.setdefault(machine, []).append(_span(model, starts[k], task.seconds[machine], ends[k], flag))
            loads.setdefault(machine, []).append((flag, task.seconds[machine]))
        long = model.whole(0, max(task.seconds.values()))
        model.linear([(long, 1), *((v, -task.seconds[m]) for m, v in on.items())], 0, 0)
        jobs.setdefault(task.job, []).append(_span(model, starts[k], None, ends[k], done[k], long))
    for spans in (*machines.values(), *jobs.values()):
        model.proto.constraints.add().no_overlap.intervals.extend(spans)
    _present(model, shop, done)
    for a, b in shop.after:
        model.linear([(starts[b], 1), (ends[a], -1)], 0, far, [done[a], done[b]])
    last = model.whole(0, far)
    for k, flag in enumerate(done):
        model.linear([(last, 1), (ends[k], -1)], 0, far, [flag])
    for one_at_a_time in (*jobs_seconds(shop, done), *loads.values()):
        model.linear([(last, 1), *((flag, -least) for flag, least in one_at_a_time)], 0, far)
    model.cheapest([(last, 1)])
    return model.solved(effort, mixed=True)


def jobs_seconds(shop: Shop, done: list[int]) -> list[list[tuple[int, int]]]:
    """For each job its tasks' flags with the least time each takes: one after the other they fit into the makespan."""
    found: dict[int, list[tuple[int, int]]] = {}
    for task, flag in zip(shop.tasks, done, strict=True):
        found.setdefault(task.job, []).append((flag, min(task.seconds.values(), default=0)))
    return list(found.values())


def _present(model: Model, shop: Shop, done: list[int]) -> None:
    """A task is done when one before it is, and of alternatives just one."""
    grouped = {(a, b) for a, several in shop.one_of for b in several}
    before: dict[int, list[int]] = {}
    for a, b in shop.after:
        before.setdefault(b, []).append(a)
        if (a, b) not in grouped:
            model.implies(done[a], done[b])
    for a, several in shop.one_of:
        model.linear([*((done[b], 1) for b in several), (done[a], -1)], 0, 0)
    for k, flag in enumerate(done):
        if k in before:
            model.linear([*((done[a], 1) for a in set(before[k])), (flag, -1)], 0, len(done))
        else:
            model.linear([(flag, 1)], 1, 1)


def _span(model: Model, start: int, size: int | None, end: int, flag: int, long: int = -1) -> int:
    """A stretch of time that is there when a flag is true; its length is fixed or a variable's."""
    rule = model.proto.constraints.add()
    rule.enforcement_literal.append(flag)
    for part, terms, offset in (
        (rule.interval.start, [start], 0),
        (rule.interval.size, [] if size is not None else [long], size or 0),
        (rule.interval.end, [end], 0),
    ):
        part.vars.extend(terms)
        part.coeffs.extend([1] * len(terms))
        part.offset = offset
    return len(model.proto.constraints) - 1

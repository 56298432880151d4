"""The job shops of the bench: read as published, and solved as well as trying every schedule does."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.job_shop import Shop, flexible, least_makespan, planned

TWO_JOBS = """2 2 1.5
2 2 1 3 2 4 1 2 2
1 1 1 3
"""
"""Job 1: on machine 1 in 3 or 2 in 4, then on machine 2 in 2. Job 2: on machine 1 in 3."""

EITHER = """1 2
out
0 (1,3)
1 2
2 5
3 4
4 5
in
5
info
0 start
1 1 1 4
2 1 2 4
3 1 1 3
4 1 2 9
5 end
"""
"""One job that is made by tasks 1 and 2 (8 seconds) or by 3 and 4 (12 seconds)."""


def by_trying(shop: Shop) -> int:
    """The least makespan over every choice of machines and every order of the tasks' starts."""
    best: list[int] = []

    def go(done: dict[int, int], free: dict[int, int], on: tuple[int, ...]) -> None:
        if len(done) == len(shop.tasks):
            best.append(max(done.values()))
            return
        for k, task in enumerate(shop.tasks):
            before = [a for a, b in shop.after if b == k]
            if k in done or not done.keys() >= set(before):
                continue
            start = max([free.get(on[k], 0), *(done[a] for a in before)])
            end = start + task.seconds[on[k]]
            go({**done, k: end}, {**free, on[k]: end}, on)

    for on in product(*(t.seconds for t in shop.tasks)):
        go({}, {}, on)
    return min(best)


@st.composite
def shops(draw: st.DrawFn) -> str:
    """Up to six operations of up to three jobs, each on one or two of two machines."""
    jobs = []
    for count in draw(st.lists(st.integers(1, 2), min_size=1, max_size=3)):
        words = [str(count)]
        for _ in range(count):
            machines = draw(st.sampled_from([(1,), (2,), (1, 2)]))
            words += [str(len(machines)), *(f"{m} {draw(st.integers(1, 9))}" for m in machines)]
        jobs.append(" ".join(words))
    return "\n".join([f"{len(jobs)} 2 1.5", *jobs])


@settings(max_examples=25, deadline=None)
@given(text=shops())
def test_no_schedule_is_shorter_than_the_one_found(text: str) -> None:
    shop = flexible(text)
    found = least_makespan(shop, 1.0)

    assert found is not None
    assert by_trying(shop) == found.cost == found.bound


@pytest.mark.parametrize(("shop", "least"), [(flexible(TWO_JOBS), 6), (planned(EITHER), 8)])
def test_the_published_forms_are_read(shop: Shop, least: int) -> None:
    found = least_makespan(shop, 1.0)

    assert found is not None
    assert least == found.cost

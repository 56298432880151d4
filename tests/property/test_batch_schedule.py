"""Laws of the machines' schedule: a machine makes one order at a time, a workshop tends only so many, nobody idles."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from model.quote import Usage
from pipeline.batch.schedule import Job, Slot, schedule

HOME = {"mill": "bench", "router": "bench", "printer": "bench", "big": "works"}
HOURS = st.integers(1, 20).map(lambda n: n / 4)


@st.composite
def jobs(draw: st.DrawFn) -> list[Job]:
    made = []
    for n in range(draw(st.integers(0, 12))):
        machine = draw(st.sampled_from(sorted(HOME)))
        usage = Usage(HOME[machine], machine, draw(HOURS), draw(HOURS), "brass", 0.1)
        made.append(Job(f"o{n}", usage, draw(st.integers(1, 5))))
    return made


LIMITS = st.fixed_dictionaries({"bench": st.integers(1, 3), "works": st.integers(1, 2)})


@given(jobs(), LIMITS)
def test_every_job_has_its_machine_alone_and_its_workshop_has_a_hand_for_it(
    given_jobs: list[Job], at_once: dict[str, int]
) -> None:
    slots = schedule(given_jobs, at_once)

    assert sorted(j.order_id for j in given_jobs) == sorted(s.job.order_id for s in slots)
    assert all(s.ends_h - s.begins_h == s.job.hours for s in slots)
    for machine in HOME:
        line = [s for s in slots if s.job.usage.machine == machine]
        assert all(a.ends_h <= b.begins_h for a, b in pairwise(line))
        assert [s.job.rank for s in line] == sorted(s.job.rank for s in line)
    for home, limit in at_once.items():
        own = [s for s in slots if s.job.usage.workshop == home]
        assert all(tended(own, one.begins_h) <= limit for one in own)


@given(jobs(), LIMITS)
def test_no_job_waits_while_its_machine_and_a_hand_are_free(given_jobs: list[Job], at_once: dict[str, int]) -> None:
    slots = schedule(given_jobs, at_once)
    for one in slots:
        own = [s for s in slots if s.job.usage.workshop == one.job.usage.workshop]
        for moment in sorted({s.ends_h for s in own} | {0.0}):
            if moment >= one.begins_h:
                break
            at_it = [s for s in own if s.job.usage.machine == one.job.usage.machine and s.begins_h <= moment < s.ends_h]
            assert at_it or tended(own, moment) >= at_once[one.job.usage.workshop]


def tended(slots: list[Slot], moment: float) -> int:
    return sum(s.begins_h <= moment < s.ends_h for s in slots)


def test_what_is_at_a_machine_goes_on_even_beyond_the_workshops_hands() -> None:
    usage = Usage("bench", "mill", 1.0, 1.0, "brass", 0.1)
    begun = [Job("a", usage, 9, left_h=0.5), Job("b", Usage("bench", "router", 1, 1, "brass", 0.1), 9, left_h=2.0)]
    waits = Job("c", usage, 1)

    assert [("a", 0.0, 0.5), ("b", 0.0, 2.0), ("c", 2.0, 4.0)] == [
        (s.job.order_id, s.begins_h, s.ends_h) for s in schedule([waits, *begun], {"bench": 1})
    ]

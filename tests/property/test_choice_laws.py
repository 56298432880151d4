"""The solver against every order there is, for choices small enough to try them all."""

from __future__ import annotations

from itertools import permutations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.plan.choice import MICRO, Choice, Step, Way, cost, runs_of
from pipeline.plan.optimum import best

MOST = 7


@st.composite
def choices(draw: st.DrawFn) -> Choice:
    """Up to seven operations, some with other ways, in one or two clampings, under random rules."""
    left, features, number = draw(st.integers(2, MOST)), list[tuple[Way, ...]](), 0
    clampings = draw(st.integers(1, 2))
    while left:
        most = 0
        own: list[Way] = []
        for _ in range(draw(st.integers(1, 2))):
            steps = []
            for _ in range(draw(st.integers(1, min(3, left)))):
                steps.append(Step(f"s{number}", draw(st.integers(1, 4)), draw(st.integers(0, 200))))
                number += 1
            most = max(most, len(steps))
            against = draw(st.sampled_from(["", "", "", "too coarse"]))
            own.append(Way(tuple(steps), draw(st.integers(0, clampings - 1)), against))
        features.append(tuple(own))
        left -= most
    names = [s.id for own in features for way in own for s in way.steps]
    pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
    before = draw(st.sets(st.sampled_from(pairs), max_size=6)) if pairs else set()
    return Choice(
        tuple(features), frozenset(before), draw(st.sampled_from([30.0, 60.0])),
        draw(st.sampled_from([0.0, 5.0, 60.0])), draw(st.sampled_from([0.0, 0.5, 2.0])), (9.5, 12.0)[:clampings],
        frozenset(draw(st.sets(st.integers(1, 4)))),
    )  # fmt: skip


def kept(choice: Choice, ways: tuple[int, ...], order: tuple[str, ...]) -> bool:
    """True when an order cuts just the steps of the ways, each after what goes before it, clamping after clamping."""
    place = {one: k for k, one in enumerate(order)}
    taken = choice.chosen(ways)
    at = {s.id: w.clamping for w in taken for s in w.steps}
    chains = [(a.id, b.id) for w in taken for a, b in zip(w.steps, w.steps[1:], strict=False)]
    rules = [*chains, *((a, b) for a, b in choice.before if a in place and b in place)]
    clampings = [at[one] for one in order]
    return sorted(at) == sorted(order) and clampings == sorted(clampings) and all(place[a] < place[b] for a, b in rules)


def by_trying(choice: Choice) -> int | None:
    """The least cost (millionths) over all ways and all orders; None when nothing goes."""
    found: list[int] = []
    for ways in product(*([k for k, w in enumerate(own) if not w.against] for own in choice.features)):
        ids = [s.id for w in choice.chosen(ways) for s in w.steps]
        found += [
            cost(choice, ways, runs_of(choice, ways, order))
            for order in permutations(ids)
            if kept(choice, ways, order)
        ]  # fmt: skip
    return min(found, default=None)


@settings(max_examples=40, deadline=None)
@given(choice=choices())
def test_trying_everything_finds_nothing_cheaper(choice: Choice) -> None:
    found = best(choice)
    least = by_trying(choice)

    assert least == (None if found is None else round(found.eur * MICRO))
    assert found is None or found.gap == 0.0
    assert found is None or kept(choice, found.ways, found.order)

"""Of ways to have an order made the one taken is what trying them all finds, and every other is told why it lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from model.quote import Option
from pipeline.quote.options import decided, late

NOW = datetime(2026, 12, 1, tzinfo=UTC)
begins = st.integers(-50, 50).map(lambda hours: (NOW + timedelta(hours=hours)).isoformat())
options = st.builds(
    Option, st.sampled_from(["pom", "petg"]), st.sampled_from(["cut", "print"]), st.sampled_from(["bench", "works"]),
    st.integers(100, 105), st.floats(1, 200), st.one_of(st.just(""), begins), st.sampled_from(["en", "ru"]),
    st.sampled_from(["", "", "", "no machine makes it"]),
)  # fmt: skip


@given(several=st.lists(options, min_size=1, max_size=7))
def test_the_way_taken_costs_least_of_those_in_time_and_none_is_left_untold(several: list[Option]) -> None:
    taken, told = decided(several, NOW.isoformat())
    chosen = several[taken]
    able = [one for one in several if not one.against]
    in_time = [one for one in able if not one.begin_by or one.begin_by >= NOW.isoformat()]

    assert len(several) == len(told)
    assert chosen.material_id in told[0].message
    if in_time:
        assert chosen in in_time
        assert min(one.total_cents for one in in_time) == chosen.total_cents
    elif able:
        assert min(one.p90_h for one in able) == chosen.p90_h
    lost = {"choice.refused": 0, "choice.late": 0, "choice.dearer": 0, "choice.taken": 0}
    for one in told:
        lost[one.code] += 1

    assert len(several) - len(able) == lost["choice.refused"]
    assert sum(late(one, NOW.isoformat()) for one in able if one is not chosen) == lost["choice.late"]
    assert bool(able) == lost["choice.taken"]

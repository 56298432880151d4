"""The quote: its lines add up to the cent, its choice test is exact, its promise grows with what it promises."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tooling_db
from model.errors import OrderError
from model.order import Brief
from model.quote import Usage
from pipeline.quote.choice import choose
from pipeline.quote.lead import Z90, begin_by, promise
from pipeline.quote.lines import Lines, cents

if TYPE_CHECKING:
    from model.quote import Quote
    from model.tooling import Workshop

USAGE = Usage("bench", "mill", 0.5, 1.0, "al-6082", 0.5)
BRIEF = Brief("o-1", "bracket", {}, (), "al-6082", "", "", 1)


@cache
def home() -> Workshop:
    return tooling_db.load().workshops["bench"]


def quoted(shop: Workshop, hours: float = 1.0, kg: float = 0.5, brief: Brief = BRIEF) -> Quote:
    lines = Lines(shop, brief.language)
    lines.add("material", "plate", (kg, "kg", 5.5), "counted", "row")
    lines.run("mill", hours, (45.0, "row"), None, shop.attended, shop.power_kw)
    return lines.closed(brief, promise(shop, 0.5, hours, 0.3, brief), USAGE, ())


def test_the_smartphone_of_the_worked_example_is_refused_twice() -> None:
    base = choose(*map(Fraction, (100, 10, 30_000, 80, 20_000)))
    improved = choose(*map(Fraction, (110, 3, 27_000, 80, 20_000)))

    assert (Fraction(4, 1000), Fraction(3, 1000), False, Fraction(22_500)) == (
        base.standard, base.worth, base.chosen, base.most_price,
    )  # fmt: skip
    assert (Fraction(107, 27_000), False, Fraction(26_750), Fraction(111), Fraction(2)) == (
        improved.worth, improved.chosen, improved.most_price, improved.least_utility, improved.most_effort,
    )  # fmt: skip
    assert "0.93 %" == f"{float(improved.short_by) * 100:.2f} %"


@pytest.mark.parametrize(
    ("due", "begin"),
    [("2026-12-20", "2026-12-19T18:00"), ("2026-12-20T17:00:00+00:00", "2026-12-19T11:00+00:00"), ("", "")],
)
def test_the_promise_says_when_to_begin_for_the_due_date(due: str, begin: str) -> None:
    assert begin == begin_by(due, 30.0)


def test_going_before_the_queue_costs_the_shop_s_share_and_saves_the_queue() -> None:
    usual = quoted(home(), brief=replace(BRIEF, due="2026-12-20"))
    rush = usual.rush
    assert rush is not None

    assert round(home().rush * usual.total_cents) == rush.more_cents
    assert usual.lead is not None
    assert rush.p50_h < usual.lead.p50_h - home().queue_h[0] / 2
    assert rush.p90_h < usual.lead.p90_h
    assert usual.begin_by < rush.begin_by
    none = quoted(replace(home(), queue_h=(0.0, 0.0)))

    assert none.lead is not None
    assert none.rush is not None
    assert pytest.approx(none.lead.p90_h, rel=0.01) == none.rush.p90_h


POSITIVE = st.fractions(min_value=Fraction(1, 100), max_value=10_000)


@given(utility=POSITIVE, effort=POSITIVE, price=POSITIVE, standard_utility=POSITIVE, standard_price=POSITIVE)
def test_what_would_turn_the_choice_turns_it_exactly(
    utility: Fraction, effort: Fraction, price: Fraction, standard_utility: Fraction, standard_price: Fraction
) -> None:
    found = choose(utility, effort, price, standard_utility, standard_price)
    standard = (standard_utility, standard_price)
    little = Fraction(1, 10**9)

    assert found.chosen == (found.short_by == 0)
    assert choose(found.least_utility, effort, price, *standard).chosen
    assert not choose(found.least_utility - little, effort, price, *standard).chosen
    assert choose(utility, found.most_effort, price, *standard).chosen
    assert not choose(utility, found.most_effort + little, price, *standard).chosen
    if found.most_price > 0:
        assert choose(utility, effort, found.most_price, *standard).chosen
        assert not choose(utility, effort, found.most_price + little, *standard).chosen


@pytest.mark.parametrize("bad", [2, 3, 4])
def test_a_price_of_nothing_is_refused(bad: int) -> None:
    given_ = [Fraction(80)] * 5
    given_[bad] = Fraction(0)

    with pytest.raises(OrderError, match="above zero"):
        choose(*given_)


@settings(deadline=None)
@given(hours=st.floats(0.001, 500), kg=st.floats(0.001, 100))
def test_the_lines_add_up_to_the_cent_and_each_is_its_quantity_times_its_rate(hours: float, kg: float) -> None:
    quote = quoted(home(), hours, kg)

    assert quote.total_cents == sum(line.amount_cents for line in quote.lines)
    assert quote.total_cents == sum(amount for _, amount in quote.groups)
    assert all(line.amount_cents == cents(line.quantity * line.rate_eur) for line in quote.lines)
    assert all(line.quantity_from and line.rate_from for line in quote.lines)
    assert quote.low_cents <= quote.total_cents <= quote.high_cents
    assert quote == quoted(home(), hours, kg)


def test_the_payment_service_gets_its_share_of_the_whole_price() -> None:
    quote = quoted(home())
    share = next(line for line in quote.lines if line.what == "payment, share of the price")

    assert share.amount_cents == pytest.approx(quote.total_cents * home().payment, abs=1)


@pytest.mark.parametrize(
    "field", ["labour_eur_h", "check_min", "scrap", "energy_eur_kwh", "margin", "payment", "shipping_eur"]
)
def test_what_costs_more_raises_the_price(field: str) -> None:
    shop = home()
    dearer = replace(shop, **{field: getattr(shop, field) * 1.5})

    assert quoted(dearer).total_cents > quoted(shop).total_cents


def test_a_russian_customer_reads_russian_lines() -> None:
    quote = quoted(home(), brief=replace(BRIEF, language="ru"))

    assert {"электроэнергия", "упаковка", "наценка"} <= {line.what for line in quote.lines}


@settings(deadline=None)
@given(running=st.floats(0.01, 200), spread=st.floats(1.05, 3))
def test_the_promise_lies_between_its_phases_and_their_worst_sum(running: float, spread: float) -> None:
    shop = replace(home(), spread=spread)
    lead = promise(shop, 0.5, running, 0.3, BRIEF)

    assert lead.p50_h <= lead.p90_h
    assert max(p50 for _, p50, _ in lead.phases) <= lead.p50_h + 1e-6
    assert lead.p90_h <= sum(p90 for _, _, p90 in lead.phases)
    assert lead.p90_h <= promise(shop, 0.5, running + 1, 0.3, BRIEF).p90_h + 1e-6


def test_the_sum_of_times_is_that_of_a_large_sample() -> None:
    shop = home()
    chance = np.random.default_rng(1)
    lead = promise(shop, 2.0, 30.0, 1.0, BRIEF)
    sample = sum(p50 * np.exp(np.log(p90 / p50) / Z90 * chance.standard_normal(400_000)) for _, p50, p90 in lead.phases)

    assert (lead.p50_h, lead.p90_h) == pytest.approx(tuple(np.quantile(sample, (0.5, 0.9))), rel=0.01)


def test_a_machine_in_two_workshops_has_no_price() -> None:
    from tooling_db.business import apart

    shops = tooling_db.load().workshops
    twice = {**shops, "works": replace(shops["works"], machines=("mill-haas", "mill-linuxcnc"))}

    assert () == tuple(apart(shops))
    assert ["tooling.two-workshops"] == [one.code for one in apart(twice)]

"""Laws of routing: never a shop that cannot, dearer is never better, ties by id, the same answer every time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.network.route import KM_H, USUAL, Bid, Directory, Shop, route
from pipeline.network.words import Description, Load, Maker, Needs, Pace

NOW = datetime(2026, 12, 1, 8, tzinfo=UTC)
IDS = ("ada", "bob", "cyd", "dan", "eve")
sides = st.sampled_from([50.0, 120.0, 300.0, 700.0])
rooms = st.tuples(sides, sides, sides)
tools = st.sets(st.sampled_from(["M3", "M6", "engraving"])).map(lambda s: tuple(sorted(s)))
euros = st.sampled_from([0.0, 1.0, 7.5, 20.0, 80.0])
places = st.tuples(st.floats(-90, 90), st.floats(-180, 180))
makers = st.builds(
    Maker, st.sampled_from(["one", "two", "three"]), st.sampled_from(["cut", "print"]), rooms,
    st.dictionaries(st.sampled_from(["brass", "petg"]), st.builds(Pace, st.sampled_from([5.0, 50.0, 500.0]), euros)),
    tools, euros, st.sampled_from([0.0, 0.2, 1.0]), st.sampled_from([0.0, 1.0]), euros,
)  # fmt: skip
spreads = st.sampled_from([(0.0, 0.0), (4.0, 24.0), (24.0, 72.0)])
descriptions = st.builds(
    Description, st.just("shop"), st.just("town"), places, st.lists(makers, min_size=1, max_size=3).map(tuple),
    spreads, spreads, euros, st.sampled_from([1.0, 1.3]),
)  # fmt: skip
loads = st.builds(Load, st.sampled_from([0.0, 10.0, 90.0]), st.sampled_from([0.0, 30.0]))
shops = st.lists(st.sampled_from(IDS), unique=True, max_size=5).flatmap(
    lambda ids: st.tuples(*(st.builds(Shop, st.just(i), descriptions, loads, st.booleans()) for i in ids))
)
needs = st.builds(
    Needs, st.sampled_from(["cut", "print"]), st.sampled_from(["brass", "petg"]), rooms,
    st.sampled_from([0.0, 3.0, 200.0]), st.sampled_from([0.0, 10.0]), st.just(1), tools, st.sampled_from(["", "one"]),
    st.sampled_from(["", "2026-12-02", "2026-12-04T12:00:00+01:00"]), st.none() | places,
)  # fmt: skip


def fits(maker: Maker, asked: Needs) -> bool:
    """Whether a machine can make it, said anew."""
    room = zip(sorted(asked.size_mm), sorted(maker.room_mm), strict=True)
    return (
        maker.process == asked.process and asked.material in maker.materials and all(a <= b for a, b in room)
        and set(asked.tools) <= set(maker.tools) and asked.machine in ("", maker.id)
    )  # fmt: skip


def reckoned(shop: Shop, maker: Maker, asked: Needs) -> tuple[bool, bool, float]:
    """What a machine stands by, reckoned anew, one number after the other: silent, late, score."""
    told, pace = shop.description, maker.materials[asked.material]
    hours = maker.begin_h + asked.work_cm3 / pace.cm3_h
    price = maker.people_eur + told.parcel_eur + hours * maker.eur_h + asked.stock_cm3 * pace.eur_cm3
    km = 0.0
    if asked.to_deg is not None:
        (a, b), (c, d) = (tuple(map(radians, p)) for p in (told.at_deg, asked.to_deg))
        half = sin((a - c) / 2) ** 2 + cos(a) * cos(c) * sin((b - d) / 2) ** 2
        km = 2 * 6371.0 * asin(sqrt(min(half, 1.0)))
    waiting = shop.load.cut_h if asked.process == "cut" else shop.load.print_h
    queue = waiting / sum(m.process == asked.process for m in told.makers)
    work = maker.people_h + hours + queue
    p50 = told.wait_h[0] + work + told.parcel_h[0] + km / KM_H
    over = (told.wait_h[1] - told.wait_h[0], work * (told.spread - 1), told.parcel_h[1] - told.parcel_h[0])
    p90 = p50 + sqrt(sum(o * o for o in over))
    due = asked.due and (datetime.fromisoformat(asked.due).astimezone(UTC) - NOW) / timedelta(hours=1)
    if len(asked.due) == 10:
        due = (datetime.fromisoformat(asked.due).replace(tzinfo=UTC) + timedelta(days=1) - NOW) / timedelta(hours=1)
    late = bool(asked.due) and p90 > float(due)
    return (shop.silent, late, price + km * USUAL.km_eur + p50 * USUAL.hour_eur)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(known=shops, asked=needs)
def test_exactly_the_shops_that_can_are_ranked_and_every_other_one_is_told_why(
    known: tuple[Shop, ...], asked: Needs
) -> None:
    told = route(asked, Directory(known), NOW)
    able = {s.id for s in known if any(fits(m, asked) for m in s.description.makers)}

    assert able == {b.shop for b in told.ranked}
    assert {s.id for s in known} - able == set(told.cannot)
    assert all(b.why for b in told.ranked)
    assert all(told.cannot.values())


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(known=shops, asked=needs)
def test_the_order_is_that_of_the_numbers_reckoned_one_by_one(known: tuple[Shop, ...], asked: Needs) -> None:
    told = route(asked, Directory(known), NOW)
    best = {s.id: min((reckoned(s, m, asked) for m in s.description.makers if fits(m, asked)), default=None)
            for s in known}  # fmt: skip
    numbers = [best[b.shop] for b in told.ranked]
    pairs = [(a, b) for a, b in pairwise(numbers) if a is not None and b is not None]

    assert all(a[:2] < b[:2] or (a[:2] == b[:2] and a[2] <= b[2] + 1e-9) for a, b in pairs)
    assert [n[2] for n in numbers if n] == pytest.approx([b.score_eur for b in told.ranked], abs=2e-3)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(known=shops, asked=needs, more=st.sampled_from([0.01, 5.0, 300.0]), which=st.integers(0, 4))
def test_a_shop_that_grows_dearer_never_rises(known: tuple[Shop, ...], asked: Needs, more: float, which: int) -> None:
    if not known:
        return
    shop = known[which % len(known)]
    dearer = replace(shop.description, makers=tuple(replace(m, people_eur=m.people_eur + more, eur_h=m.eur_h + more)
                                                    for m in shop.description.makers))  # fmt: skip
    then = tuple(replace(s, description=dearer) if s is shop else s for s in known)
    before, after = (position(route(asked, Directory(some), NOW).ranked, shop.id) for some in (known, then))

    assert before <= after


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(one=st.builds(Shop, st.just("x"), descriptions, loads, st.booleans()), asked=needs, ids=st.permutations(IDS))
def test_shops_alike_stand_by_their_ids_however_they_are_given(one: Shop, asked: Needs, ids: list[str]) -> None:
    told = route(asked, Directory([replace(one, id=i) for i in ids]), NOW)

    assert told == route(asked, Directory([replace(one, id=i) for i in sorted(ids)]), NOW)
    assert [b.shop for b in told.ranked] == sorted(b.shop for b in told.ranked)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(known=shops, asked=needs)
def test_one_who_gave_it_back_is_not_asked_again_and_the_others_stand_as_before(
    known: tuple[Shop, ...], asked: Needs
) -> None:
    told = route(asked, Directory(known), NOW)
    if not told.ranked:
        return
    first = told.ranked[0].shop
    again = route(asked, Directory(known), NOW, refused=[first])

    assert [b.shop for b in told.ranked[1:]] == [b.shop for b in again.ranked]
    assert "gave it back" == again.cannot[first]


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(known=shops, asked=needs, heavier=loads)
def test_a_directory_told_of_loads_answers_as_one_made_with_them(
    known: tuple[Shop, ...], asked: Needs, heavier: Load
) -> None:
    directory = Directory(known)
    route(asked, directory, NOW)
    for shop in known:
        directory.tell(shop.id, heavier, silent=not shop.silent)

    assert route(asked, Directory([replace(s, load=heavier, silent=not s.silent) for s in known]), NOW) == route(
        asked, directory, NOW
    )


def position(ranked: tuple[Bid, ...], shop: str) -> int:
    return next((n for n, b in enumerate(ranked) if b.shop == shop), len(IDS))

"""The blank and the sides a plan begins with, against trying every plate and every set of sides there is."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import combinations

import cadquery as cq
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tooling_db
from geometry.solids import dump
from model.design import Design, Expected, Part
from model.errors import CapabilityError
from pipeline.plan.sides import FREE_COST, SIDES, Views, ways
from pipeline.plan.stage import plan
from pipeline.plan.stock import BELOW_MM, SAWN_MM, raw_blocks, taller_grip
from pipeline.plan.workpiece import workpiece
from tests.property.test_plan_sides_laws import design

WHOLE = tooling_db.load()
MILL = WHOLE.machines["mill-linuxcnc"]
SHOP = replace(WHOLE, machines={MILL.id: MILL})
ALUMINIUM = SHOP.materials["al-6082"]


@given(st.tuples(st.floats(10, 110), st.floats(10, 110), st.floats(5, 60)))
def test_no_plate_any_way_round_makes_a_cheaper_blank(size: tuple[float, float, float]) -> None:
    try:
        first, *others = raw_blocks(SHOP, ALUMINIUM, size)
    except CapabilityError:
        return
    x, y, z = size
    below = BELOW_MM + taller_grip(z)
    prices = []
    for row in SHOP.stock.values():  # every plate on each of its sides, by its volume
        t = row.thickness_mm
        tall = math.ceil(z + below + 2 * SAWN_MM - 1e-6)
        lying = ((x, y, t, t >= z + below), (x, tall - 10, t, t >= y + 10), (y, tall - 10, t, t >= x + 10))
        for a, b, thick, fits in lying:
            long, wide = (math.ceil(side + 10 - 1e-6) for side in (max(a, b), min(a, b)))
            if row.material_id == ALUMINIUM.id and fits and long <= row.max_length_mm and wide <= row.max_width_mm:
                prices.append(long * wide * thick * ALUMINIUM.density_g_cm3 / 1e6 * ALUMINIUM.price_eur_kg)

    assert first.price_eur == pytest.approx(min(prices), abs=0.006)
    assert all(one.price_eur >= first.price_eur for one in others)


def test_the_blanks_not_taken_are_told_with_their_price() -> None:
    part = Part("p", dump(cq.Workplane().box(73, 49, 35).findSolid()), Expected((73, 49, 35), (0, 1e6), 0))
    made = plan(Design("o", "given", "P", "al-6082", "", 1, (part,)), SHOP)
    lost = [f for f in made.decisions if f.code == "plan.stock-lost"]
    chosen = next(f for f in made.decisions if f.code == "plan.stock")

    assert made.stock.price_eur == chosen.value
    assert lost
    assert all("dearer" in f.message and float(f.value or 0) >= made.stock.price_eur for f in lost)


def sides_by_trying(views: Views) -> float:
    """What the cheapest set of sides costs, over every set with two opposite ones in it: these take the blank off."""
    found = []
    for pair in (("+X", "-X"), ("+Y", "-Y"), ("+Z", "-Z")):
        others = [s for s in SIDES if s not in pair]
        for extra in (e for n in range(5) for e in combinations(others, n)):
            for free in (False, True):
                made = [views.view(s).made(free=free, blank=s in pair) for s in (*pair, *extra)]
                if not views.unmade(np.logical_or.reduce(made)):
                    found.append(2 + len(extra) + free * FREE_COST)
    return min(found)


@pytest.mark.parametrize("seed", [0, 3, 5])
def test_no_set_of_sides_makes_every_face_for_less_than_the_first_offered(seed: int) -> None:
    views = Views(workpiece(design(seed), SHOP))

    assert sides_by_trying(views) == next(ways(views)).cost


def test_the_plan_tells_the_least_number_of_sides_beside_its_own() -> None:
    part = Part("p", dump(cq.Workplane().box(60, 40, 20).findSolid()), Expected((60, 40, 20), (0, 1e6), 0))
    made = plan(Design("o", "given", "P", "al-6082", "", 1, (part,)), SHOP)

    assert [(2, 2)] == [(f.value, f.limit) for f in made.decisions if f.code == "plan.sides"]

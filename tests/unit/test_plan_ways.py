"""Which tools are loaded: fewer where that pays, the usual ones where it does not, never a worse part."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import cadquery as cq
import pytest

import tooling_db
from geometry.solids import dump
from model.design import Design, Expected, Part
from model.plan import ProcessPlan
from model.tooling import ShopData
from pipeline.plan.costs import cost_of
from pipeline.plan.stage import plan

SHOP = replace(tooling_db.load(), machines={"mill-linuxcnc": tooling_db.load().machines["mill-linuxcnc"]})
HOME = SHOP.workshops["bench"]


def pocketed(*pockets: tuple[float, float, float]) -> cq.Workplane:
    """A block with pockets 12 mm deep side by side: length, width and corner radius of each."""
    body = cq.Workplane().box(120, 60, 20, centered=(True, True, False))
    for k, (long, wide, r) in enumerate(pockets):
        well = cq.Workplane().box(long, wide, 20, centered=(True, True, False)).edges("|Z").fillet(r)
        body = body.cut(well.translate((-35 + 35 * k, 0, 8)))
    return body


def solid_of(body: cq.Workplane) -> Any:
    return body.val()


def planned(body: cq.Workplane, **home: Any) -> ProcessPlan:
    """The plan where the workshop's minutes are changed so."""
    shop: ShopData = replace(SHOP, workshops={"bench": replace(HOME, **home)})
    part = Part("part", dump(solid_of(body)), Expected((1, 1, 1), (0, 1), 0))
    return plan(Design("ways", "hand", "ways", "al-6082", "", 1, (part,)), shop)


def mills(made: ProcessPlan) -> list[float]:
    return sorted(a.tool.diameter_mm for a in made.tools if a.tool.kind == "end-mill")


THREE = ((28, 30, 5.0), (28, 30, 3.0), (28, 30, 2.5))


@pytest.fixture(scope="module")
def usual() -> ProcessPlan:
    """By a machine of no workshop: every feature by the tools its own method likes best."""
    part = Part("part", dump(solid_of(pocketed(*THREE))), Expected((1, 1, 1), (0, 1), 0))
    return plan(Design("ways", "hand", "ways", "al-6082", "", 1, (part,)), replace(SHOP, workshops={}))


def test_a_tool_that_costs_more_to_load_than_it_saves_stays_in_the_rack(usual: ProcessPlan) -> None:
    made = planned(pocketed(*THREE))
    told = "\n".join(f.message for f in made.decisions if f.code == "plan.tool")

    assert ([4.0, 6.0, 8.0, 10.0], [4.0, 8.0, 10.0]) == (mills(usual), mills(made))
    assert re.search(r"pocket-2 is cut by T1, T4; by T3, T4 it would cost [0-9.]+ EUR more", told)
    assert "pocket-2 keeps T4: what else is at hand leaves more" in told
    assert [0.0] == [f.value for f in made.decisions if f.code == "plan.tools"]
    assert cost_of(made, HOME, 1).eur < cost_of(usual, HOME, 1).eur


@pytest.mark.parametrize(("minutes", "count"), [(0.0, 3), (10.0, 2)])
def test_the_longer_loading_takes_the_fewer_tools_are_loaded(minutes: float, count: int) -> None:
    assert count == len(mills(planned(pocketed(*THREE), tool_min=minutes)))

"""Which machine: what plans cost, what they cost at least, and that no machine left out was the cheapest."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import cadquery as cq
import pytest

import tooling_db
from geometry.solids import dump
from model.design import Design, Expected, Part
from model.errors import CapabilityError
from model.plan import ProcessPlan
from model.tooling import Machine, Workshop
from pipeline.plan.costs import cost_of, least, outdoes
from pipeline.plan.stage import plan
from pipeline.plan.workpiece import workpiece
from pipeline.toolpaths.stage import post, toolpaths
from pipeline.verify.path import path_of
from pipeline.verify.programs import judged
from pipeline.verify.timing import seconds

SHOP = tooling_db.load()
MILL = SHOP.machines["mill-linuxcnc"]


def design(solid: Any, material: str = "al-6082", quantity: int = 1) -> Design:
    part = Part("part", dump(solid.val()), Expected((1, 1, 1), (0, 1), 0))
    return Design("cost", "hand", "cost", material, "", quantity, (part,))


def plate() -> Design:
    return design(cq.Workplane().box(90, 50, 3).faces(">Z").workplane().rect(70, 30, forConstruction=True)
                  .vertices().hole(3.3), "brass-cuzn39pb3")  # fmt: skip


def bracket(quantity: int = 1) -> Design:
    body = cq.Workplane().box(70, 50, 16)
    body = body.cut(cq.Workplane().workplane(offset=2).rect(40, 26).extrude(20).edges("|Z").fillet(5))
    return design(body.faces(">Z").workplane().pushPoints([(-30, 18), (30, -18)]).hole(5.0), quantity=quantity)


def home_of(machine: str) -> Workshop:
    home = SHOP.workshop_of(machine)
    assert home is not None
    return home


@pytest.mark.parametrize("made", [plate(), bracket(40)], ids=["plate", "forty brackets"])
def test_no_machine_left_out_was_cheaper(made: Design) -> None:
    chosen = plan(made, SHOP)
    part = workpiece(made, SHOP)
    prices: dict[str, float] = {}
    for machine in SHOP.machines.values():
        home = home_of(machine.id)
        try:
            alone = plan(made, replace(SHOP, machines={machine.id: machine}))
        except CapabilityError:
            continue
        prices[machine.id] = cost_of(alone, home, made.quantity).eur

        assert least(part, machine, home, len(alone.setups)) <= prices[machine.id]

    assert min(prices, key=lambda one: prices[one]) == chosen.machine.id
    assert round(min(prices.values()), 2) == chosen.decisions[0].value


def test_every_machine_is_told_of_with_its_price_or_why_it_has_none() -> None:
    told = plan(bracket(), SHOP).decisions
    known = {f.place for f in told if f.code in ("plan.machine", "plan.machine-dearer")}

    assert {m for m, row in SHOP.machines.items() if row.kind == "mill"} <= known
    assert "EUR to make" in told[0].message


def test_what_no_workshop_owns_is_taken_only_when_nothing_else_can() -> None:
    def by(*machines: str) -> str:
        workshop = replace(SHOP.workshops["works"], machines=machines)
        return plan(bracket(), replace(SHOP, workshops={"works": workshop})).machine.id

    assert "mill-heidenhain" == by("mill-heidenhain")
    assert "mill-linuxcnc" == by("router-grbl")


def simulated_min(planned: ProcessPlan, made: Design) -> float:
    """Minutes of the posted programs, with every change of tools."""
    total = 0.0
    for program in post(toolpaths(planned, made), planned).programs:
        setup = next(s for s in planned.setups if s.index == program.setup)
        read = judged(program, setup, planned).read
        path = path_of(read.moves, {a.number: k for k, a in enumerate(planned.tools)})
        total += seconds(read, path, planned.machine, change_first=not planned.machine.automatic_tool_change)
    return total / 60


@pytest.mark.parametrize("machine", ["mill-linuxcnc", "mill-haas"])
def test_reckoned_minutes_are_near_the_simulated(machine: str) -> None:
    made = bracket()
    planned = plan(made, replace(SHOP, machines={machine: SHOP.machines[machine]}))

    assert cost_of(planned, home_of(machine), 1).run_min == pytest.approx(simulated_min(planned, made), rel=0.15)


def test_changing_tools_by_hand_is_reckoned_as_the_machine_takes_it() -> None:
    made = plate()
    planned = plan(made, replace(SHOP, machines={"router-grbl": SHOP.machines["router-grbl"]}))

    assert cost_of(planned, home_of("router-grbl"), 1).run_min == pytest.approx(simulated_min(planned, made), rel=0.15)


@pytest.mark.parametrize(
    ("change", "still"),
    [
        ({}, True),
        ({"rate_eur_h": MILL.rate_eur_h + 1}, True),
        ({"tool_change_s": 60.0}, True),
        ({"spindle_min_rpm": 50.0}, True),
        ({"rate_eur_h": MILL.rate_eur_h - 1}, False),
        ({"tool_change_s": 1.0}, False),
        ({"max_feed_mm_min": 9000.0}, False),
        ({"spindle_max_rpm": 20000.0}, False),
        ({"power_curve": ((500.0, 0.25), (3000.0, 1.6), (10000.0, 1.5))}, False),
        ({"coolant": ("flood", "mist", "air")}, False),
        ({"fixtures": ("vise", "tape")}, False),
        ({"tools": (replace(MILL.tools[0], stick_out_mm=99.0), *MILL.tools[1:])}, False),
        ({"axes": tuple(replace(a, rapid_mm_min=2 * a.rapid_mm_min) for a in MILL.axes)}, False),
    ],
)
def test_a_machine_is_outdone_only_by_one_that_is_no_worse_in_anything(change: dict[str, Any], still: bool) -> None:  # noqa: FBT001
    other: Machine = replace(MILL, id="other", **change)

    assert still == outdoes(MILL, other)


def test_dearer_people_make_a_workshop_dearer() -> None:
    part, home = workpiece(bracket(), SHOP), home_of("mill-haas")
    haas: Machine = SHOP.machines["mill-haas"]

    assert least(part, haas, home, 2) < least(part, haas, replace(home, labour_eur_h=60.0), 2)
    assert least(part, haas, home, 2) < least(part, haas, home, 3)

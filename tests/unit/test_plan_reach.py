"""What mills and machines can reach: windows in walls, slots with a notch or a neck, deep slots, long plates."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import cadquery as cq
import pytest

import tooling_db
from geometry.solids import dump
from model.design import Design, Expected, Part
from model.feature import Cutout, Pocket
from model.plan import Operation, ProcessPlan
from pipeline.plan.stage import plan

SHOP = tooling_db.load()
MILL = replace(SHOP, machines={"mill-linuxcnc": SHOP.machines["mill-linuxcnc"]})


def planned(part: cq.Workplane) -> ProcessPlan:
    solid: Any = part.val()
    piece = Part("part", dump(solid), Expected((1, 1, 1), (0, 1), 0))
    return plan(Design("order-1", "hand", "Hand-made", "al-6082", "", 1, (piece,)), MILL)


def block(x: float, y: float, z: float) -> cq.Workplane:
    return cq.Workplane().box(x, y, z, centered=(True, True, False))


def tray() -> cq.Workplane:
    return block(50, 40, 25).cut(block(44, 34, 25).edges("|Z").fillet(4).translate((0, 0, 3)))


def window(x: float, z: float = 14.0) -> cq.Workplane:
    return cq.Workplane("YZ").rect(14, 8).extrude(18).edges("|X").fillet(2).translate((x, 0, z))


def cuts(found: ProcessPlan, *sides: str) -> list[Operation]:
    """The pockets and cut-outs of the setups that show these sides."""
    setups = [s for s in found.setups if any(f"{side} side" in s.name for side in sides)]
    return [o for s in setups for o in s.operations if isinstance(o.feature, Pocket | Cutout)]


@pytest.mark.parametrize(
    ("part", "count"),
    [
        (tray().cut(window(20)), 1),
        (tray().cut(window(20)).cut(window(-38)), 2),
        (tray().cut(window(20, 7)), 1),
        (block(50, 40, 25).cut(block(20, 20, 25).edges("|Z").fillet(4).translate((0, 0, 3))).cut(window(8)), 1),
    ],
    ids=["one wall", "both walls", "flush with the floor", "thick wall"],
)
def test_a_window_is_cut_through_its_wall_and_no_deeper(part: cq.Workplane, count: int) -> None:
    found = planned(part)
    depths = [o.top_z_mm - o.bottom_z_mm for o in cuts(found, "+X", "-X") if o.strategy == "wall"]
    thick = 3.0 if count == 2 or depths[0] < 10 else 15.0

    assert count == len(depths)
    assert all(thick < d < thick + 2 for d in depths)


def test_a_slot_hardly_wider_than_the_hole_beside_it_keeps_its_walls() -> None:
    hole = cq.Workplane("XZ").center(1.8, 21.5).circle(4.25).extrude(-8.6).translate((0, 21.4, 0))
    slot = block(99, 18, 12).translate((0, 30, 8))
    tip = cq.Workplane(cq.Solid.makeCone(4.25, 0, 1.982, pnt=(1.8, 21.4, 21.5), dir=(0, -1, 0)))
    found = planned(block(73, 60, 28).cut(slot).cut(hole).cut(tip))

    assert {"em-8"} == {a.tool.id for a in found.tools if a.number in {o.tool_number for o in cuts(found, "+Y")}}
    assert () == found.unreachable


def test_an_opening_with_a_neck_no_mill_passes_is_cut_on_both_sides_of_it() -> None:
    step = block(6, 60, 10).translate((30, 0, 15))
    pocket = block(14, 10, 20).edges("|Z").fillet(4.5).translate((20.03, 0, 16))
    found = planned(block(60, 40, 20).cut(step).cut(pocket))
    parts = {o.feature.id for s in found.setups for o in s.operations if "-part-" in o.feature.id}

    assert len(parts) >= 1


def test_deep_narrow_slots_take_the_shortest_mill_that_reaches() -> None:
    deep = {z: planned(block(60, 40, 30).cut(block(5, 60, 30).translate((0, 0, 30 - z)))) for z in (8, 15)}
    taken = {z: {o.tool_number for o in cuts(found, "+Z", "-Z")} for z, found in deep.items()}
    names = {a.number: a.tool.id for a in MILL.machines["mill-linuxcnc"].tools}

    assert {8: {"em-4"}, 15: {"em-4-long"}} == {z: {names[n] for n in numbers} for z, numbers in taken.items()}


@pytest.mark.parametrize("length", [150, 290, 315])
def test_work_is_put_where_the_machine_s_travel_covers_it(length: float) -> None:
    machine = planned(block(length, 60, 15)).machine
    x = machine.axes[0]
    usual = MILL.machines["mill-linuxcnc"].work_zero_mm

    assert x.min_mm <= machine.work_zero_mm[0] - 6
    assert machine.work_zero_mm[0] + length + 10 + 6 <= x.max_mm
    assert (length == 150) == (machine.work_zero_mm == usual)
    assert usual[1:] == machine.work_zero_mm[1:]


@pytest.mark.parametrize(("thick", "grip"), [(3, 1.5), (4, 2.5), (5, 3.0), (8, 3.0), (12, 7.0)])
def test_thin_plates_are_cut_from_both_sides_out_of_a_thicker_blank(thick: float, grip: float) -> None:
    part = block(60, 40, thick).cut(block(30, 20, thick).translate((0, 0, 0.7 * thick))).cut(block(60, 8, 0.3 * thick))
    inner: Any = cq.selectors.BoxSelector
    rounded = part.edges("|Z").edges(inner((-20, -15, 0), (20, 15, 99))).fillet(4)
    first, second = planned(rounded).setups

    assert (True, True) == tuple(any(isinstance(o.feature, Pocket) for o in s.operations) for s in (first, second))
    assert grip == second.fixture.grip_mm

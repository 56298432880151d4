"""Whole plans of hand-made solids: what is planned, in which order, and what is refused with which number."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from typing import Any

import cadquery as cq
import pytest

import tooling_db
from geometry.solids import dump
from model.design import Design, Expected, Part, Thread
from model.errors import CapabilityError, ConfigError
from model.feature import Hole
from model.plan import Operation, ProcessPlan
from pipeline.plan.stage import plan
from pipeline.toolpaths.stage import post, toolpaths
from tests.explained import unexplained

SHOP = tooling_db.load()
TRIANGLE = ((-40, -20), (40, -20), (0, 40))


def design(part: cq.Workplane, material: str = "al-6082", *notes: Thread) -> Design:
    solid: Any = part.val()
    piece = Part("part", dump(solid), Expected((1, 1, 1), (0, 1), 0), notes)
    return Design("order-1", "hand", "Hand-made", material, "", 1, (piece,))


def planned(part: cq.Workplane, material: str = "al-6082", *notes: Thread) -> ProcessPlan:
    return plan(design(part, material, *notes), SHOP)


def block(x: float = 80, y: float = 60, z: float = 15) -> cq.Workplane:
    return cq.Workplane().box(x, y, z, centered=(True, True, False))


def bore(d: float, z0: float, z1: float, x: float = 0, y: float = 0) -> cq.Workplane:
    return cq.Workplane().circle(d / 2).extrude(z1 - z0).translate((x, y, z0))


def well(length: float, width: float, r: float, z0: float) -> cq.Workplane:
    return (
        cq.Workplane().box(length, width, 60, centered=(True, True, False)).edges("|Z").fillet(r).translate((0, 0, z0))
    )


def all_operations(found: ProcessPlan) -> list[Operation]:
    return [o for s in found.setups for o in s.operations]


def test_thick_block_goes_into_the_vise_twice() -> None:
    found = planned(block())

    assert ("mill-linuxcnc", ["vise", "vise"]) == (found.machine.id, [s.fixture.kind for s in found.setups])
    assert found.stock.size_mm[2] >= 15 + 5


def test_sheet_of_its_own_thickness_goes_onto_the_router_once() -> None:
    found = planned(block(120, 50, 3), "brass-cuzn39pb3")

    assert ("router-grbl", 1, 3) == (found.machine.id, len(found.setups), found.stock.size_mm[2])
    assert "tape" == found.setups[0].fixture.kind


def test_small_sheet_part_is_held_by_tabs() -> None:
    found = planned(block(50, 30, 2), "brass-cuzn39pb3")
    (outline, lap) = [o for o in all_operations(found) if o.strategy == "outline"]

    assert ("tabs", 4, outline.tabs) == (found.setups[0].fixture.kind, len(outline.tabs), lap.tabs)


@pytest.mark.parametrize(("thick", "tools"), [(6, {"em-3"}), (12, {"router-bit-3x17"}), (15, {"router-bit-3x17"})])
def test_a_sheet_is_cut_out_by_the_shortest_bit_that_goes_through(thick: float, tools: set[str]) -> None:
    router = replace(SHOP, machines={"router-grbl": SHOP.machines["router-grbl"]})
    found = plan(design(block(160, 120, thick).edges("|Z").fillet(5), "plywood"), router)

    assert tools == {a.tool.id for a in found.tools}


def test_a_sheet_too_thick_is_refused_with_a_depth_beyond_the_reach() -> None:
    router = replace(SHOP, machines={"router-grbl": SHOP.machines["router-grbl"]})
    with pytest.raises(CapabilityError) as caught:
        plan(design(block(160, 120, 18), "plywood"), router)
    told = caught.value.findings[0]

    assert ("plan.too-thick", 18.2, 18.0) == (told.code, told.value, told.limit)


def test_drilled_hole_passes_the_bottom_by_its_tip_and_is_drilled_once() -> None:
    holes = [o for o in all_operations(planned(block().cut(bore(5, 0, 15, 20, 10)))) if isinstance(o.feature, Hole)]

    assert ["spot", "drill"] == [o.strategy for o in holes]
    assert holes[1].top_z_mm - holes[1].bottom_z_mm > 15 + 2.5 / 2


def test_odd_hole_is_bored_and_a_wide_one_cleared_like_a_pocket() -> None:
    odd = [o.strategy for o in all_operations(planned(block().cut(bore(12.3, 0, 15)))) if o.feature.id == "hole-1"]
    wide = [o.strategy for o in all_operations(planned(block().cut(bore(34, 0, 15)))) if o.feature.id == "hole-1"]

    assert ["bore"] == odd
    assert ["adaptive", "wall"] == wide


def test_counterbore_from_below_is_cut_in_the_second_setup() -> None:
    found = planned(block().cut(bore(5, 0, 15)).cut(bore(10, 0, 6)))
    second = [o for o in found.setups[1].operations if isinstance(o.feature, Hole)]

    assert [("bore", 10)] == [
        (o.strategy, o.feature.steps[-1].diameter_mm) for o in second if isinstance(o.feature, Hole)
    ]


def test_thread_is_tapped_once_after_its_drill() -> None:
    found = planned(block().cut(bore(5, 0, 15)), "al-6082", Thread("M6", (0, 0, 15), (0, 0, -1), 15))
    tools = {a.number: a.tool.id for a in found.machine.tools}
    chain = [(o.strategy, tools[o.tool_number]) for o in all_operations(found) if isinstance(o.feature, Hole)]

    assert [("spot", "spot-90-8"), ("drill", "drill-5"), ("tap", "tap-m6")] == chain


def test_a_corner_without_a_radius_is_refused_with_what_would_stay() -> None:
    sharp = cq.Workplane().box(30, 30, 20, centered=(True, True, False)).translate((0, 0, 11))
    with pytest.raises(CapabilityError) as caught:
        planned(block().cut(sharp))

    assert "plan.sharp-corner" == caught.value.code
    assert pytest.approx(2**0.5 - 1, abs=1e-3) == caught.value.value  # a round of 1 mm, seen from the corner


def test_the_mill_for_the_foot_of_a_rounded_floor_comes_into_its_corners() -> None:
    well_5 = well(40, 24, 5, 10).faces("<Z").edges().fillet(1.5)
    found = plan(design(block(58, 42, 20).cut(well_5)), replace(SHOP, machines={"m": SHOP.machines["mill-linuxcnc"]}))
    wide = {a.number: a.tool.diameter_mm for a in found.tools}

    assert [True] == [wide[o.tool_number] <= 2 * (5 - 1.5) for o in all_operations(found) if o.strategy == "terrace"]


def test_a_rounded_edge_is_the_outline_of_another_side() -> None:
    found = planned(block().edges(">Z and |Y").fillet(3))

    assert [(0, 1, 0), (0, -1, 0)] == [s.to_setup[2][:3] for s in found.setups]


def test_a_block_thicker_than_any_plate_stands_on_its_edge() -> None:
    found = planned(block(80, 60, 100))

    assert 80 == found.stock.size_mm[2]
    assert "+Y side up" in found.setups[0].name


def test_operations_keep_their_order() -> None:
    part = block(100, 80, 20).cut(well(60, 40, 5, 10)).cut(well(30, 20, 4, 5)).cut(bore(5, 0, 20))
    part = part.edges("|Z and >X").fillet(6).cut(bore(11, 14, 20, 40, 30)).cut(bore(6.6, 0, 20, 40, 30))
    for setup in planned(part).setups:
        order = {o.id: k for k, o in enumerate(setup.operations)}
        pairs = [
            ("pocket-1-clear", "pocket-1-wall"),
            ("pocket-1-wall", "pocket-2-clear"),
            ("pocket-2-wall", "hole-1-drill"),
        ]

        assert all(order[a] < order[b] for a, b in pairs if a in order and b in order)
        assert all(o.strategy == "facing" for o in list(setup.operations)[:1])


def test_the_margin_round_the_part_goes_before_a_pocket_opens_into_it() -> None:
    part = block(80, 60, 20).cut(cq.Workplane().box(80, 20, 8, centered=(True, True, False)).translate((0, 0, 12)))
    first = planned(part).setups[0]
    order = {o.id: k for k, o in enumerate(first.operations)}

    assert order["outline-1-rough"] < order["pocket-1-clear"]


def test_tools_change_no_more_than_twice_the_tools() -> None:
    part = block(100, 80, 20).cut(well(60, 40, 5, 10)).cut(bore(5, 0, 20)).cut(bore(6.6, 0, 20, 40, 30))
    for setup in planned(part).setups:
        numbers = [o.tool_number for o in setup.operations]
        changes = sum(a != b for a, b in itertools.pairwise(numbers))

        assert changes < 2 * len(set(numbers))


def test_same_design_gives_the_same_programs() -> None:
    part = block().cut(well(40, 30, 5, 6))
    one, two = planned(part), planned(part)

    assert post(toolpaths(one, design(part)), one) == post(toolpaths(two, design(part)), two)


@pytest.mark.parametrize(
    ("part", "material", "code", "value"),
    [
        (block(130, 130, 130), "al-6082", "plan.no-stock", "140 x 140 x 147.5 mm"),
        (block(450, 60, 15), "al-6082", "plan.travel", 450.0),
        (block(170, 165, 15), "al-6082", "plan.vise-opening", 165.0),
        (block().cut(well(40, 30, 0.6, 4)), "al-6082", "plan.sharp-corner", 0.6),
        (block(300, 200, 2.2), "brass-cuzn39pb3", "plan.no-stock", "310 x 210 x 2.2 mm"),
        (cq.Workplane().circle(30).extrude(15, taper=10), "al-6082", "plan.no-outline-wall", None),
        (cq.Workplane().polyline([(2 * x, 2 * y) for x, y in TRIANGLE]).close().extrude(15), "al-6082",
         "plan.frame-too-long", None),
        (block(80, 60, 68).cut(bore(3, 0, 68)), "al-6082", "plan.no-tool", 68.3),
        (block(60, 40, 2.5).cut(cq.Workplane(origin=(0, 0, 1.3)).box(20, 12, 1)), "al-6082", "plan.hidden-face", None),
    ],
    ids=["too thick", "too long", "vise", "corner", "stock", "cone", "frame", "hole too deep", "cavity"],
)  # fmt: skip
def test_what_cannot_be_made_is_refused_with_its_reason(
    part: cq.Workplane, material: str, code: str, value: float | str | None
) -> None:
    with pytest.raises(CapabilityError) as caught:
        planned(part, material)

    assert code in {f.code for f in caught.value.findings}
    assert caught.value.exit_code == 69
    if value is not None:
        assert value in {f.value for f in caught.value.findings}


def test_what_says_most_of_the_part_is_said_first() -> None:
    notched = block(300, 150, 12).cut(block(20, 30, 12).translate((150, 0, 0)))
    with pytest.raises(CapabilityError) as caught:
        planned(notched, "plywood")

    assert "plan.sharp-corner" == caught.value.code
    assert "plan.too-slender" in {f.code for f in caught.value.findings}


@pytest.mark.parametrize(
    ("part", "material"),
    [
        (block().cut(cq.Workplane(origin=(0, 0, 11)).box(30, 30, 20)), "al-6082"),
        (block().cut(well(40, 30, 0.6, 4)), "al-6082"),
        (block().cut(well(79.4, 59.4, 3, 3)), "al-6082"),
        (block(80, 60, 68).cut(bore(3, 0, 68)), "al-6082"),
        (block(60, 40, 2.5).cut(cq.Workplane(origin=(0, 0, 1.3)).box(20, 12, 1)), "al-6082"),
    ],
    ids=["sharp", "fine", "wall", "hole", "hidden"],
)
def test_places_are_told_as_the_customers_own_file_has_them(part: cq.Workplane, material: str) -> None:
    """Said of a part moved to the origin, with where it stood, as of the same part where it stands."""
    away = (512.0, -96.0, 33.0)
    here = design(part, material)
    there = design(part.translate(away), material)
    kept = replace(here, parts=(replace(here.parts[0], zero_mm=away),))
    two = replace(SHOP, machines={name: SHOP.machines[name] for name in ("mill-linuxcnc", "router-grbl")})
    said = []
    for one in (kept, there):
        with pytest.raises(CapabilityError) as caught:
            plan(one, two)
        said.append([f.place for f in caught.value.findings])

    assert said[1] == said[0]
    assert any("x 5" in place or "x 4" in place for place in said[0])


def test_printing_material_is_not_cut() -> None:
    with pytest.raises(CapabilityError) as caught:
        planned(block(), "petg")

    assert "plan.not-cut" == caught.value.code


def test_unknown_material_is_a_wrong_database() -> None:
    with pytest.raises(ConfigError) as caught:
        planned(block(), "unobtainium")

    assert ("plan.unknown-material", "unobtainium") == (caught.value.code, caught.value.place)


def test_floor_beside_a_wide_hole_is_not_swallowed_by_it() -> None:
    part = block(60, 40, 15).cut(bore(14, 10, 15)).cut(well(9, 6, 2.9, 7).translate((5, 0, 0)))
    planned_floors = {round(o.bottom_z_mm + 15 + 0.8, 3) for o in planned(part).setups[0].operations}

    assert 7 in planned_floors


def test_blind_hole_that_another_touches_stays_blind() -> None:
    holes = [
        o for o in all_operations(planned(block(60, 40, 15).cut(bore(14, 10, 15)).cut(bore(5, 5, 15, 0.5, 0))))
        if isinstance(o.feature, Hole)
    ]  # fmt: skip

    assert [10, 5] == sorted((round(o.bottom_z_mm + 15 + 0.8, 3) for o in holes), reverse=True)


def test_tape_holds_only_what_touches_it() -> None:
    window = cq.Workplane().box(97, 77, 9).edges("|Z").fillet(3)
    found = planned(block(100, 80, 3).cut(window), "brass-cuzn39pb3")

    assert "tabs" == found.setups[0].fixture.kind


def test_where_no_sides_face_each_other_the_part_is_made_from_others() -> None:
    outline = [(-50, -20), (-10, -20), (-10, 0), (50, 0), (50, 20), (10, 20), (10, 4), (-50, 4)]
    found = planned(cq.Workplane().polyline(outline).close().extrude(12))

    assert ["+Y side up", "-Y side up"] == [re.findall("[+-][XYZ] side up", s.name)[0] for s in found.setups]


def test_rings_of_a_wide_pocket_stay_simple() -> None:
    part = block(101, 57, 4).cut(well(62, 15, 1.2, 3.5).translate((8, 3.4, 0))).cut(bore(9.7, 1, 4, 6, -5))
    found = planned(part, "brass-cuzn39pb3")

    paths = toolpaths(found, design(part, "brass-cuzn39pb3"))

    assert sum(len(t.moves) for s in paths.setups for t in s.toolpaths) < 5000


def test_a_triangle_stays_in_a_frame_of_its_blank() -> None:
    first, last = planned(cq.Workplane().polyline(TRIANGLE).close().extrude(15)).setups

    assert first.fixture.skin is None
    assert last.fixture.skin is not None
    assert last.stock_box.z0_mm < last.fixture.skin.bottom_z_mm < last.fixture.skin.top_z_mm < 1.0


def test_a_round_part_nobody_mills_is_told_about_the_lathe_that_is_not_programmed() -> None:
    spindle = cq.Workplane().circle(20).extrude(700)
    with pytest.raises(CapabilityError) as caught:
        planned(spindle)
    (told,) = [f for f in caught.value.findings if f.code == "plan.not-programmed"]

    assert "lathe-bench, lathe-slant" == told.value
    assert caught.value.findings[0] != told


def test_a_round_part_that_is_milled_names_the_bar_it_could_be_turned_from() -> None:
    kept = planned(cq.Workplane().circle(14.3).extrude(20)).decisions
    (told,) = [f for f in kept if f.code == "plan.not-programmed"]
    (why,) = [f for f in kept if f.code == "plan.process"]

    assert "from 25 mm of al-6082-round-30 (" in told.hint
    assert "no filament" in why.message
    assert "plan.not-programmed" not in {f.code for f in planned(block()).decisions}


@pytest.mark.parametrize(
    ("part", "material", "notes"),
    [
        (block().cut(well(40, 30, 6, 5)).cut(bore(5, 0, 15, 32, 20)).cut(bore(2.5, 0, 15, -32, 20)), "al-6082",
         (Thread("M3", (-32.0, 20.0, 15.0), (0.0, 0.0, -1.0), 15),)),
        (block(120, 50, 3).cut(bore(12, 0, 3)), "brass-cuzn39pb3", ()),
    ],
    ids=["vise", "sheet"],
)  # fmt: skip
def test_every_number_of_every_operation_says_why(part: cq.Workplane, material: str, notes: tuple[Thread, ...]) -> None:
    found = planned(part, material, *notes)

    assert {} == {o.id: left for o in all_operations(found) if (left := unexplained(o.cutting))}
    assert all(o.cutting.binding for o in all_operations(found))

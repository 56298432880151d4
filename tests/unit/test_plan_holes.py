"""Hole chains, edges and carvings as planned: which tools in which order, and refusals with what would help."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial
from typing import Any

import cadquery as cq
import pytest

import tooling_db
from geometry.faces import table
from geometry.regions import rectangle
from geometry.solids import reversed_contour
from geometry.tessellate import by_face
from model.errors import CapabilityError
from model.feature import Cutout, Edges, Hole, HoleStep, VCarving
from model.plan import Operation
from model.region import Region
from pipeline.plan.levels import Levels
from pipeline.plan.methods import edges, engraving, holes, outlines
from pipeline.plan.sequence import ordered
from pipeline.plan.tools import Bench

SHOP = tooling_db.load()
MILL, ROUTER = SHOP.machines["mill-linuxcnc"], SHOP.machines["router-grbl"]
ALUMINIUM, BRASS = SHOP.materials["al-6082"], SHOP.materials["brass-cuzn39pb3"]


def block(x: float = 60, y: float = 40, z: float = 15) -> cq.Workplane:
    return cq.Workplane().box(x, y, z, centered=(True, True, False)).translate((0, 0, -z))


def bench(part: cq.Workplane, machine: Any = MILL, material: Any = ALUMINIUM, top: float = 0.0) -> Bench:
    shape: Any = part.val()
    levels = Levels(shape, table(shape), cache(partial(by_face, shape, 0.01)))
    return Bench(machine, material, levels, top, rectangle(-40, -30, 40, 30), 3.0, 0.3, 0.3)


def hole(d: float, depth: float = 15, *, through: bool = True, **more: Any) -> Hole:
    return Hole("hole-1", 3.0, 4.0, 0.0, (HoleStep(d, -depth),), through, **more)


def chain(h: Hole, machine: Any = MILL, material: Any = ALUMINIUM) -> list[Operation]:
    part = block()
    for step in h.steps:
        cut = cq.Workplane().circle(step.diameter_mm / 2).extrude(-step.bottom_z_mm)
        part = part.cut(cut.translate((3, 4, step.bottom_z_mm)))
    return list(ordered(holes.hole(bench(part, machine, material), h, frozenset()), outline_last=False))


def names(found: list[Operation], machine: Any = MILL) -> list[tuple[str, str]]:
    tools = {a.number: a.tool.id for a in machine.tools}
    return [(o.strategy, tools[o.tool_number]) for o in found]


def test_jobber_drills_get_a_spot_and_stub_drills_none() -> None:
    assert [("spot", "spot-90-8"), ("drill", "drill-5")] == names(chain(hole(5.0)))
    assert [("drill", "drill-stub-6.6")] == names(chain(hole(6.6)))


def test_a_spot_stays_inside_its_hole() -> None:
    spot, drill = chain(hole(5.0))

    assert -2.0 == pytest.approx(spot.bottom_z_mm)  # 90 degrees: 4 mm wide at the top
    assert drill.cutting.peck_mm == 5.0


def test_a_thread_is_tapped_where_the_spindle_follows() -> None:
    found = chain(hole(5.0, thread="M6"))
    tap = found[-1]

    assert [("spot", "spot-90-8"), ("drill", "drill-5"), ("tap", "tap-m6")] == names(found)
    assert tap.cutting.spindle_rpm * 1.0 == tap.cutting.feed_mm_min
    # the full thread reaches the far side but for a fraction of a pitch, and the tap stays in the drilled hole
    assert tap.bottom_z_mm + 2.0 <= -15 + 0.5
    assert tap.bottom_z_mm >= found[1].bottom_z_mm + 5.0 / 2 / 2.1445 - 1e-3


def test_a_thread_is_milled_where_the_spindle_does_not_follow() -> None:
    found = chain(hole(5.0, thread="M6"), replace(MILL, rigid_tapping=False))

    assert ("thread_mill", "thread-mill-m6") == names(found)[-1]


def test_a_thread_without_any_tool_is_left_to_the_worker_also_when_its_hole_is_bored() -> None:
    bare = replace(MILL, tools=tuple(a for a in MILL.tools if a.tool.kind in ("end-mill", "chamfer-mill")))
    found = chain(hole(8.5, thread="M10"), bare)

    assert ["bore"] == [o.strategy for o in found]
    assert found[-1].note.startswith("M10: tap by hand")


def test_a_blind_thread_stays_clear_of_the_bottom() -> None:
    h = hole(5.0, 12.0, through=False, tip_angle_deg=130.0, thread="M6", thread_depth_mm=8.0)
    tap = chain(h)[-1]

    assert ("tap", -10.0) == (tap.strategy, round(tap.bottom_z_mm, 9))  # 8 mm and the tap's 2 mm start


def test_a_blind_thread_the_hole_is_too_short_for_is_told_with_both_depths() -> None:
    h = hole(5.0, 9.0, through=False, tip_angle_deg=130.0, thread="M6", thread_depth_mm=8.0)
    shop = bench(block().cut(cq.Workplane().circle(2.5).extrude(9).translate((3, 4, -9))))
    tap = holes.hole(shop, h, frozenset())[-1]
    full = -tap.bottom_z_mm - 2.0  # the tap's start is not whole

    assert ("tap", True) == (tap.strategy, full < 8.0)
    assert [("plan.thread-short", full, 8.0)] == [(f.code, f.value, f.limit) for f in shop.unreachable]
    assert f"whole to {full:.1f} mm and not to the 8 mm asked" in tap.note


def test_a_thread_in_the_wrong_hole_is_refused() -> None:
    with pytest.raises(CapabilityError) as caught:
        chain(hole(6.0, thread="M6"))

    assert ("plan.thread-hole", 6.0, 5.0) == (caught.value.code, caught.value.value, caught.value.limit)


def test_a_fit_is_drilled_under_size_and_reamed() -> None:
    found = chain(hole(5.0, fit="H7"))

    assert [("spot", "spot-90-8"), ("drill", "drill-4.8"), ("ream", "reamer-5-h7")] == names(found)
    assert found[-1].bottom_z_mm < -15 - 0.8 + 0.1
    assert "H7" in found[-1].note


def test_a_blind_hole_that_must_be_reamed_is_refused_with_the_ring_a_reamer_leaves() -> None:
    with pytest.raises(CapabilityError) as caught:
        chain(hole(5.0, 12, through=False, tip_angle_deg=118.0, fit="H7"))

    assert ("plan.reamed-end", 0.1, 0.8) == (caught.value.code, caught.value.value, caught.value.limit)


@pytest.mark.parametrize("fit", ["H6", "G7", "h7", "P9"])
def test_a_fit_no_reamer_makes_is_refused(fit: str) -> None:
    with pytest.raises(CapabilityError) as caught:
        chain(hole(5.0, fit=fit))

    assert "plan.no-reamer" == caught.value.code


def test_a_fit_of_an_odd_diameter_is_refused_with_the_reamers_there_are() -> None:
    with pytest.raises(CapabilityError) as caught:
        chain(hole(7.0, fit="H7"))

    assert ("plan.no-reamer", "3, 4, 5, 6, 8, 10") == (caught.value.code, caught.value.limit)


def test_an_odd_fine_hole_is_refused_with_the_drills_next_to_it() -> None:
    no_micro = replace(MILL, tools=tuple(a for a in MILL.tools if a.tool.id not in ("em-1", "em-2", "em-2-long")))
    with pytest.raises(CapabilityError) as caught:
        chain(hole(3.4), no_micro)

    assert ("plan.no-drill", 3.4, "3.3 and 3.5") == (caught.value.code, caught.value.value, caught.value.limit)


def test_a_counterbore_is_milled_after_the_drill_and_the_thread_comes_last() -> None:
    h = Hole("hole-1", 3.0, 4.0, 0.0, (HoleStep(11.0, -5.0), HoleStep(5.0, -15.0)), through=True, thread="M6")

    assert ["spot", "drill", "bore", "tap"] == [o.strategy for o in chain(h)]


def test_a_countersink_takes_a_tool_of_its_angle() -> None:
    found = chain(hole(5.0, sink_mm=9.0, sink_deg=120.0))

    assert ("spot", "spot-120-10") == names(found)[-1]
    assert -9.0 / 2 / 3**0.5 == pytest.approx(found[-1].bottom_z_mm)
    with pytest.raises(CapabilityError) as caught:
        chain(hole(5.0, sink_mm=9.0, sink_deg=82.0))
    assert "plan.no-countersink" == caught.value.code


STEPPED = block().cut(cq.Workplane().box(60, 40, 12).translate((0, 24, 0)))
"""The step's wall stands at y 4, across the middle of the hole; its floor at z -6."""


@pytest.mark.parametrize("through", [True, False])
def test_a_mouth_across_a_step_is_milled_down_to_where_the_hole_is_whole_and_drilled_from_there(
    through: bool,  # noqa: FBT001 - both kinds of hole
) -> None:
    h = hole(6.0, 15.0 if through else 12.0, through=through, tip_angle_deg=118.0)
    level, drill = ordered(holes.hole(bench(STEPPED), h, frozenset()), outline_last=False)

    assert ("bore", "hole-1-level", "drill") == (level.strategy, level.id, drill.strategy)
    assert 0.0 == level.top_z_mm
    assert -6.0 == pytest.approx(level.bottom_z_mm, abs=0.03)
    assert level.bottom_z_mm == drill.top_z_mm


def test_a_mouth_too_fine_for_any_end_mill_is_refused_where_most_of_it_is_gone() -> None:
    most = block().cut(cq.Workplane().box(60, 40, 12).translate((0, 22, 0)))
    coarse = replace(MILL, tools=tuple(a for a in MILL.tools if a.tool.kind != "end-mill" or a.tool.diameter_mm >= 6))
    with pytest.raises(CapabilityError) as caught:
        holes.hole(bench(most, coarse), hole(6.0, 12.0, through=False, tip_angle_deg=118.0), frozenset())

    assert ("plan.sloped-mouth", 6.0, 7.5) == (caught.value.code, caught.value.value, caught.value.limit)


WEB = block(z=12).union(cq.Workplane().box(60, 6, 54, centered=(True, True, False)).translate((0, -17, 0)))
"""A web 54 mm high on a foot, its wall at y -14."""


def test_a_counterbore_beside_a_web_is_as_deep_as_it_is_when_the_holder_clears_the_web() -> None:
    h = Hole("hole-1", 0.0, 8.0, 0.0, (HoleStep(11.0, -6.0), HoleStep(6.6, -12.0)), through=True)
    found = ordered(holes.hole(bench(WEB), h, frozenset()), outline_last=False)

    assert ["drill", "bore"] == [o.strategy for o in found]


def test_a_counterbore_whose_holder_meets_the_web_is_refused_with_the_height_of_the_web() -> None:
    h = Hole("hole-1", 0.0, -6.0, 0.0, (HoleStep(11.0, -6.0), HoleStep(6.6, -12.0)), through=True)
    with pytest.raises(CapabilityError) as caught:
        holes.hole(bench(WEB), h, frozenset())

    assert ("plan.no-tool", 60.0) == (caught.value.code, caught.value.value)
    assert "the part stands 60.0 mm above its bottom" in caught.value.message


def test_a_hole_ten_diameters_deep_takes_a_long_drill_and_short_pecks() -> None:
    deep = hole(5.0, 50.0, through=False, tip_angle_deg=118.0)
    found = holes.hole(bench(block(z=60)), deep, frozenset())

    assert [("spot", "spot-90-8"), ("drill", "drill-5")] == names(found)
    assert 2.5 == found[-1].cutting.peck_mm


def test_a_blind_hole_deeper_than_its_drills_is_refused_with_their_length() -> None:
    with pytest.raises(CapabilityError) as caught:
        holes.hole(bench(block(z=60)), hole(5.5, 58.0, through=False, tip_angle_deg=118.0), frozenset())

    assert "plan.no-drill" == caught.value.code
    assert "58.0 mm deep" in caught.value.message


def test_a_hole_made_from_the_other_side_is_neither_drilled_nor_threaded_again() -> None:
    found = holes.hole(bench(block()), hole(5.0, thread="M6"), frozenset({(3.0, 4.0)}))

    assert [] == found


OUTER = rectangle(-30, -20, 30, 20)


def test_an_edge_is_broken_by_a_cone_on_its_outside() -> None:
    (one,) = edges.deburr(bench(block()), Edges("edge-1", 0.0, 0.3, OUTER))

    assert ("deburr", -0.7) == (one.strategy, round(one.bottom_z_mm, 9))


def test_an_edge_beside_a_wall_is_refused_with_the_place() -> None:
    tower = block().union(cq.Workplane().box(10, 10, 10).translate((-25, 0, 5)))
    with pytest.raises(CapabilityError) as caught:
        edges.deburr(bench(tower), Edges("edge-1", 0.0, 0.3, OUTER))

    assert "plan.edge-blocked" == caught.value.code
    assert "x -29" in caught.value.place


def test_an_edge_over_a_shallow_floor_takes_a_tip_that_clears_it() -> None:
    step = block().union(cq.Workplane().box(80, 60, 14.4, centered=(True, True, False)).translate((0, 0, -15)))
    (one,) = edges.deburr(bench(step), Edges("edge-1", 0.0, 0.3, OUTER))

    assert -0.5 == pytest.approx(one.bottom_z_mm)


def test_an_edge_of_a_hole_is_broken_from_inside() -> None:
    inner = Region((reversed_contour(rectangle(-15, -10, 15, 10).contours[0]),))
    opened = block().cut(cq.Workplane().box(30, 20, 60))
    (one,) = edges.deburr(bench(opened), Edges("edge-1", 0.0, 0.3, inner))

    assert "deburr" == one.strategy


def test_a_carving_deeper_than_its_width_needs_no_floor() -> None:
    bench_ = bench(block(60, 40, 4), ROUTER, BRASS)
    (one,) = engraving.carving(bench_, VCarving("carving-1", 0.0, 3.0, 60.0, rectangle(0, 0, 12, 2)))

    assert "vcarve" == one.strategy
    assert -(1.0 - 0.02) * 3**0.5 == pytest.approx(one.bottom_z_mm, abs=0.001)


def test_a_wide_carving_gets_its_floor_from_an_end_mill_first() -> None:
    bench_ = bench(block(60, 40, 4), ROUTER, BRASS)
    found = engraving.carving(bench_, VCarving("carving-1", 0.0, 1.0, 60.0, rectangle(0, 0, 20, 12)))

    assert ["pocket", "vcarve"] == [o.strategy for o in found]
    assert [-1.0, -1.0] == [o.bottom_z_mm for o in found]
    assert ["plan.carving-floor"] == [f.code for f in bench_.unreachable]


def test_what_tape_holds_keeps_a_skin_to_the_end() -> None:
    sheet = bench(block(60, 40, 4).cut(cq.Workplane().box(20, 10, 20)), ROUTER, BRASS)
    window = Cutout("cutout-1", 0.0, -4.0, rectangle(-10, -5, 10, 5), 0.0)
    found = outlines.cut_round(sheet, window, ())

    assert ["outline", "outline", "skin"] == [o.strategy for o in found]
    assert [pytest.approx(-3.8), pytest.approx(-3.8), pytest.approx(-4.3)] == [o.bottom_z_mm for o in found]
    assert "skin" == ordered(found, outline_last=True)[-1].strategy


def test_compensation_is_asked_for_where_the_shop_wants_it() -> None:
    wearing = replace(MILL, wear_compensation=True)
    window = Cutout("cutout-1", 0.0, -15.0, rectangle(-10, -8, 10, 8), 5.0)
    part = bench(block().cut(cq.Workplane().box(20, 16, 60)), wearing, top=1.0)
    rough, lap = outlines.cut_round(part, window, ())

    assert (False, True) == (rough.compensated, lap.compensated)

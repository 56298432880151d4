"""Parts with work on several sides: which sides look up, in which order, how the vise holds, and what is refused."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache, partial
from itertools import pairwise
from typing import Any

import cadquery as cq
import numpy as np
import pytest

import tooling_db
from geometry.faces import table
from geometry.regions import flatten, rectangle
from geometry.solids import box, dump, moved
from geometry.tessellate import by_face
from model.design import Design, Expected, Part
from model.errors import CapabilityError
from model.feature import Cutout, FreeSurface, Hole, HoleStep, Outline, Pocket
from model.finding import Finding
from model.plan import Box, Operation, ProcessPlan
from model.tooling import ShopData
from pipeline.plan import clamping
from pipeline.plan.corners import LEFT_MM, blunt_radius, refuse_sharp, rounded_radius
from pipeline.plan.depth import halves
from pipeline.plan.levels import Levels
from pipeline.plan.sides import SIDES, Views, Way, matrix_of, opposite, turned, ways
from pipeline.plan.stage import plan
from pipeline.plan.stock import BELOW_MM, SAWN_MM, SIDE_MM, raw_blocks
from pipeline.plan.tools import Bench, reaches
from pipeline.plan.vise import _firmest_first
from pipeline.plan.workpiece import Workpiece, workpiece
from pipeline.release.clampings import turned_from

WHOLE = tooling_db.load()
MILL = WHOLE.machines["mill-linuxcnc"]
SHOP = replace(WHOLE, machines={MILL.id: MILL})
ALUMINIUM = SHOP.materials["al-6082"]


def block(x: float = 80, y: float = 60, z: float = 30) -> cq.Workplane:
    return cq.Workplane().box(x, y, z, centered=(True, True, False))


def well(length: float, width: float, r: float, z0: float) -> cq.Workplane:
    body = cq.Workplane().box(length, width, 90, centered=(True, True, False))
    return body.edges("|Z").fillet(r).translate((0, 0, z0))


def bore(d: float, z0: float, z1: float) -> cq.Workplane:
    return cq.Workplane().circle(d / 2).extrude(z1 - z0).translate((0, 0, z0))


FRONT = cq.Workplane().box(30, 14, 14).edges("|Y").fillet(3).translate((0, -30, 15))
TOP = well(40, 20, 5, 22).translate((0, 12, 0))
BOTTOM = well(40, 20, 5, -86)
RIGHT = cq.Workplane().box(14, 30, 14).edges("|X").fillet(3).translate((40, 0, 15))


def design(part: cq.Workplane) -> Design:
    solid: Any = part.val()
    return Design("order-1", "hand", "By hand", ALUMINIUM.id, "", 1, (Part("part", dump(solid), EXPECTED),))


EXPECTED = Expected((1, 1, 1), (0, 1), 0)


def piece(part: cq.Workplane) -> Workpiece:
    return workpiece(design(part), SHOP)


def planned(part: cq.Workplane) -> ProcessPlan:
    return plan(design(part), SHOP)


def up(found: ProcessPlan) -> list[str]:
    """The side that looks to the spindle in each setup."""
    names = {tuple(float(v) for v in rows[2]): side for side, rows in SIDES.items()}
    return [names[tuple(s.to_setup[2][:3])] for s in found.setups]


def made(found: ProcessPlan, kind: type) -> list[list[Operation]]:
    return [[o for o in s.operations if isinstance(o.feature, kind)] for s in found.setups]


# --- which sides ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "sides"),
    [
        (block(), ["+Z", "-Z"]),
        (block().cut(TOP).cut(BOTTOM), ["+Z", "-Z"]),
        (block().cut(FRONT), ["+Y", "-Y"]),
        (block().cut(TOP).cut(FRONT), ["+Z", "-Z", "-Y"]),
        (block().cut(TOP).cut(FRONT).cut(RIGHT), ["+Z", "-Z", "-Y", "+X"]),
        (block().cut(FRONT).cut(RIGHT), ["+Y", "-Y", "+X"]),
    ],
    ids=["block", "both", "front", "top and front", "top, front and right", "front and right"],
)
def test_no_more_sides_look_up_than_have_work(part: cq.Workplane, sides: list[str]) -> None:
    assert sides == up(planned(part))


def test_every_setup_stands_in_its_own_frame_and_cuts_something() -> None:
    solid: Any = block().cut(TOP).cut(FRONT).val()
    found = planned(cq.Workplane(solid))
    floors = [box(moved(solid, s.to_setup))[0][2] for s in found.setups]

    assert all(s.operations for s in found.setups)
    assert [0.0, 0.0] == pytest.approx(floors[1:])  # on the parallels
    assert [1, 2, 3] == [s.index for s in found.setups]


def test_a_pocket_in_a_side_is_cut_from_that_side_only() -> None:
    found = planned(block().cut(TOP).cut(FRONT))
    depths = [sorted({round(o.top_z_mm - o.bottom_z_mm, 2) for o in s.operations}) for s in found.setups]

    assert {"pocket", "rest_clear", "wall"} >= {o.strategy for o in found.setups[2].operations}
    assert 1 == len({o.feature.id for o in found.setups[2].operations})
    assert [7.0] == depths[2]


@pytest.mark.parametrize(
    ("hollow", "faces"),
    [
        (cq.Workplane().box(40, 30, 10).translate((0, 0, 15)), 6),
        (cq.Workplane().box(10, 100, 12).translate((0, 0, 25)).union(cq.Workplane().box(24, 40, 8)
                                                                       .translate((0, 0, 15))), 7),
    ],
    ids=["closed", "undercut"],
)  # fmt: skip
def test_what_no_side_sees_is_refused_face_by_face(hollow: cq.Workplane, faces: int) -> None:
    with pytest.raises(CapabilityError) as caught:
        planned(block().cut(hollow))
    hidden = [f for f in caught.value.findings if "undercut" in f.message]

    assert {"plan.unreachable-face"} == {f.code for f in caught.value.findings}
    assert faces == len(hidden)
    assert "z" in caught.value.place


@pytest.mark.parametrize(
    "groove",
    [
        cq.Workplane().box(100, 8, 20).union(cq.Workplane().box(100, 16, 5).translate((0, 0, -7.5))),
        cq.Workplane("YZ").polyline([(-6, 10), (-10, -10), (10, -10), (6, 10)]).close().extrude(50, both=True),
    ],
    ids=["T-slot", "dovetail"],
)
def test_a_groove_wider_below_than_at_its_mouth_is_refused_as_an_undercut(groove: cq.Workplane) -> None:
    part = block(60, 40).cut(groove.translate((0, 0, 25)))
    with pytest.raises(CapabilityError) as caught:
        list(ways(Views(piece(part))))

    assert {"plan.undercut"} == {f.code for f in caught.value.findings}
    assert "along X" in str(caught.value)
    assert "T-slot or dovetail cutter" in str(caught.value)


@pytest.mark.parametrize(
    ("hollow", "word"),
    [
        (cq.Workplane().box(30, 20, 20).translate((0, 0, 30)), "ends in a sharp inner corner"),
        (cq.Workplane().box(40, 1.8, 2).translate((0, 0, 29.5)), "lies in a gap no wider than 2 mm"),
    ],
    ids=["corner", "gap"],
)
def test_walls_too_close_for_a_mill_say_so(hollow: cq.Workplane, word: str) -> None:
    with pytest.raises(CapabilityError) as caught:
        list(ways(Views(piece(block(60, 40).cut(hollow)))))

    assert {"plan.sharp-corner"} == {f.code for f in caught.value.findings}
    assert word in str(caught.value)


def test_what_several_machines_refuse_is_told_once_with_all_of_them() -> None:
    part = block().cut(cq.Workplane().box(40, 30, 10).translate((0, 0, 15)))
    refused = []
    for names in (["mill-linuxcnc"], ["mill-linuxcnc", "mill-haas", "router-grbl"]):
        with pytest.raises(CapabilityError) as caught:
            plan(design(part), replace(WHOLE, machines={n: WHOLE.machines[n] for n in names}))
        refused.append(caught.value)
    alone, three = (sorted(f.message for f in e.findings if f.code == "plan.unreachable-face") for e in refused)

    assert [m.replace("(mill-linuxcnc)", "(mill-haas, mill-linuxcnc)") for m in alone] == three
    assert ["plan.too-thick"] == [f.code for f in refused[1].findings if "router-grbl" in f.message]
    assert "plan.unreachable-face" == refused[1].code


@pytest.mark.parametrize("reach", [60, 25], ids=["through", "blind"])
def test_a_hole_askew_to_every_side_is_refused_as_tilted(reach: float) -> None:
    askew = cq.Workplane().circle(3).extrude(reach).translate((0, 0, -60)).rotate((0, 0, 0), (1, 0, 0), 35)
    with pytest.raises(CapabilityError) as caught:
        list(ways(Views(piece(block().cut(askew.translate((0, -10, 40)))))))

    assert "plan.tilted-hole" in {f.code for f in caught.value.findings}
    assert any("35.0 degrees off the nearest" in f.message for f in caught.value.findings)


@pytest.mark.parametrize("deep", [28.0, 29.0, 31.0, 32.0, 33.0, 36.0])
def test_a_drilled_hole_that_ends_anywhere_in_or_past_a_cross_bore_is_made(deep: float) -> None:
    solid = cq.Workplane().box(60, 40, 30).circle(3).cutThruAll()
    bore = cq.Workplane("YZ", origin=(-30, 0, 0)).circle(2.5).extrude(deep)
    point = cq.Workplane(obj=cq.Solid.makeCone(2.5, 0, 1.5, cq.Vector(deep - 30, 0, 0), cq.Vector(1, 0, 0)))
    views = Views(piece(solid.cut(bore).cut(point)))

    assert "-X" in next(iter(ways(views))).sides


def test_ways_begin_with_two_sides_that_face_each_other_and_get_dearer() -> None:
    found = list(ways(Views(piece(block().cut(TOP).cut(FRONT)))))

    assert all(opposite(w.sides[0]) == w.sides[1] for w in found)
    assert sorted(w.cost for w in found) == [w.cost for w in found]
    assert all(len(set(w.sides)) == len(w.sides) for w in found)
    assert len({w.sides for w in found}) == len(found)


@pytest.mark.parametrize("side", SIDES)
def test_a_side_turns_the_part_without_mirroring_it(side: str) -> None:
    x, y, z = (row[:3] for row in matrix_of(side))
    cross = (x[1] * y[2] - x[2] * y[1], x[2] * y[0] - x[0] * y[2], x[0] * y[1] - x[1] * y[0])

    assert z == cross
    assert side == opposite(opposite(side))
    assert [0.0, 0.0, 0.0] == [a + b for a, b in zip(z, matrix_of(opposite(side))[2], strict=False)][:3]


# --- corners -------------------------------------------------------------------------------------------------------


def test_the_tightest_hollow_arc_counts_and_a_corner_without_one_does_not() -> None:
    features = piece(block().cut(well(40, 30, 4, 20)).cut(well(60, 10, 2, 25))).seen(matrix_of("+Z")).features
    rounds = {f.id: round(rounded_radius(f), 2) for f in features if f.kind == "pocket"}
    square = Cutout("cutout-1", 0.0, -5.0, rectangle(0, 0, 10, 5), 0.0)

    assert 2.0 in rounds.values()
    assert float("inf") == rounded_radius(square)


@pytest.mark.parametrize(("bend", "sharp"), [(12.0, False), (30.0, False), (40.0, True), (90.0, True)])
def test_a_blunt_corner_takes_the_mill_that_leaves_next_to_nothing_in_it(bend: float, *, sharp: bool) -> None:
    turn = math.radians(bend)
    corners = [(-30, 0), (-30, -20), (30, -20), (30 * math.cos(turn), 30 * math.sin(turn)), (0, 0)]
    seen = piece(cq.Workplane().polyline(corners).close().extrude(10)).seen(matrix_of("+Z"))
    outline = next(f for f in seen.features if isinstance(f, Outline))
    radius = blunt_radius(outline, seen.levels)
    half = (math.pi - turn) / 2

    assert (0.0, math.inf) == (outline.corner_radius_mm, rounded_radius(outline))
    assert pytest.approx(0.0 if sharp else LEFT_MM, abs=1e-6) == radius / math.sin(half) - radius


def test_only_corners_beyond_the_tolerance_stop_a_plan() -> None:
    near = Finding("plan.sharp-corner", "a", value=0.04, limit=0.05)
    far = Finding("plan.sharp-corner", "b", place="pocket-1", value=0.4, limit=0.05)
    other = Finding("plan.reamed-end", "c", value=9.0, limit=1.0)
    refuse_sharp([near, other])
    with pytest.raises(CapabilityError) as caught:
        refuse_sharp([near, far, other])

    assert ("plan.sharp-corner", "pocket-1", (far,)) == (caught.value.code, caught.value.place, caught.value.findings)


# --- depth ---------------------------------------------------------------------------------------------------------


def bench(part: cq.Workplane) -> Bench:
    shape: Any = part.val()
    levels = Levels(shape, table(shape), cache(partial(by_face, shape, 0.01)))
    return Bench(MILL, ALUMINIUM, levels, 0.8, rectangle(-45, -35, 45, 35), 3.0, 0.3, 0.3)


def test_a_wall_deeper_than_every_tool_is_cut_from_both_sides_and_meets() -> None:
    found = planned(block(z=40).cut(well(30, 20, 4, -5)))
    first, second = made(found, Cutout)
    from_top = first[-1].top_z_mm - first[-1].bottom_z_mm
    from_bottom = second[-1].top_z_mm - second[-1].bottom_z_mm

    assert max(from_top, from_bottom) < 40 < from_top + from_bottom
    assert "wall" == second[-1].strategy


def test_a_deep_hole_is_drilled_from_both_sides_no_deeper_than_its_drill_goes() -> None:
    found = planned(block(z=60).cut(bore(5, 0, 60)))
    drills = [[o for o in ops if o.strategy == "drill"] for ops in made(found, Hole)]
    depths = [o.top_z_mm - o.bottom_z_mm for ops in drills for o in ops]

    assert 2 == len(depths)
    assert all(d <= 10.5 * 5.0 + 1e-6 for d in depths)
    assert sum(depths) > 60


def test_halves_are_for_through_features_only_deepest_first() -> None:
    here = bench(block().translate((0, 0, -30)))
    window = Cutout("cutout-1", 0.0, -70.0, rectangle(-10, -5, 10, 5), 2.0)
    bottoms = [f.bottom_z_mm for f in halves(here, window) if isinstance(f, Cutout)]
    blind = Hole("hole-1", 0.0, 0.0, 0.0, (HoleStep(5.0, -60.0),), through=False)
    stepped = Hole("hole-1", 0.0, 0.0, 0.0, (HoleStep(9.0, -5.0), HoleStep(5.0, -70.0)), through=True)

    assert bottoms
    assert sorted(set(bottoms)) == bottoms
    assert all(-70.0 < b < -1.0 for b in bottoms)
    assert [] == [*halves(here, blind), *halves(here, stepped)]


# --- clamping ------------------------------------------------------------------------------------------------------


def held(part: cq.Workplane, grip: float = 10.0, cut: tuple[str, ...] = ("+Z",)) -> tuple[float, float]:
    """The flats between jaws of 125 mm when some sides have been cut, and the least the work needs."""
    views = Views(piece(part))
    here = Box(*views.part.low, *views.part.high)
    found = clamping.held_length(lambda points: views.standing(points, cut), here, grip, 125.0)
    return found, clamping.needed_length(here)


@pytest.mark.parametrize(
    ("part", "length"),
    [
        (block(80, 60, 20), 80.0),
        (block(80, 60, 20).edges("|Z").fillet(15), 50.0),
        (block(160, 60, 20), 125.0),
        (cq.Workplane().circle(30).extrude(20), 0.0),
        (cq.Workplane().polygon(6, 60).extrude(20), 30.0),
        (cq.Workplane().polygon(3, 60).extrude(20), 0.0),
        (block(80, 60, 20).cut(cq.Workplane().box(30, 20, 60).translate((0, -30, 0))), 50.0),
    ],
    ids=["block", "rounded", "longer than the jaws", "round", "six corners", "three corners", "gap"],
)  # fmt: skip
def test_jaws_hold_only_flats_that_face_each_other(part: cq.Workplane, length: float) -> None:
    assert pytest.approx(length, abs=1.2) == held(part)[0]


def test_a_flat_that_ends_below_the_jaws_does_not_count() -> None:
    stepped = block(80, 60, 20).cut(cq.Workplane().box(200, 20, 30).translate((0, -30, 20)))
    tall, low = held(stepped, 18.0), held(stepped, 4.0)

    assert (0.0, 80.0) == pytest.approx((tall[0], low[0]))
    assert 80 / 3 == pytest.approx(low[1])


def test_the_jaws_stand_at_the_work_and_never_over_its_grip() -> None:
    vise = clamping.vise_of(MILL)
    fixed, moving, bed = clamping.jaws(vise, Box(0, 0, 0, 80, 60, 30), 8.0)

    assert (0, 60) == (fixed.y1_mm, moving.y0_mm)
    assert {8.0} == {fixed.z1_mm, moving.z1_mm}
    assert 40 == (fixed.x0_mm + fixed.x1_mm) / 2
    assert bed.z1_mm == fixed.z0_mm


def weak(force_n: float) -> ShopData:
    """The shop with a vise that closes no harder than this."""
    return replace(SHOP, machines={MILL.id: replace(MILL, vise=replace(clamping.vise_of(MILL), clamp_force_n=force_n))})


def test_where_the_vise_holds_little_the_same_part_is_cut_lighter_and_the_limit_is_named() -> None:
    full, light = planned(block().cut(TOP)), plan(design(block().cut(TOP)), weak(2000.0))
    asked = [max(s.fixture.needed_force_n for s in p.setups) for p in (full, light)]

    # 2000 N on two jaws with a friction of 0.15
    assert {600.0} == {s.fixture.force_n for s in light.setups}
    assert asked[0] > 600.0 >= asked[1]
    assert "clamping 240 N" in {o.cutting.binding for s in light.setups for o in s.operations}  # 2.5 to spare


def test_a_vise_too_weak_for_any_sound_cut_is_refused() -> None:
    with pytest.raises(CapabilityError) as caught:
        plan(design(block().cut(TOP)), weak(50.0))

    assert "plan.vise-force" in {f.code for f in caught.value.told()}


def test_work_that_stands_tall_is_gripped_higher_and_no_cut_tilts_it_out() -> None:
    found = planned(block(100, 60, 24).cut(TOP.translate((0, 0, -6))).cut(RIGHT.translate((10, 0, -3))))
    tall = [s for s, side in zip(found.setups, up(found), strict=True) if side == "+X"]

    assert [25.0] == [s.fixture.grip_mm for s in tall]


def test_sides_that_leave_little_to_hold_are_cut_last() -> None:
    hollowed = block(90, 50, 18).cut(cq.Workplane().box(84, 72, 12).edges("|Y").fillet(3).translate((0, -25, 9)))
    views = Views(piece(hollowed.cut(cq.Workplane().box(14, 30, 8).edges("|X").fillet(3).translate((45, 0, 9)))))
    strong = replace(clamping.vise_of(MILL), clamp_force_n=60_000.0)
    sides = Way(("+Z", "-Z", "-Y", "+X"), 4)

    assert ("+Z", "-Z", "+X", "-Y") == next(_firmest_first(views, MILL, strong, sides, []))


def test_what_holds_against_tilting_is_the_weaker_way_over_a_jaw_or_an_end() -> None:
    vise = clamping.vise_of(MILL)
    wide, narrow = Box(0, 0, 0, 80, 60, 90), Box(0, 0, 0, 80, 20, 90)
    over_end, over_jaw = clamping.hold(vise, wide, 4.0, 100.0), clamping.hold(vise, narrow, 4.0, 100.0)

    assert pytest.approx(100 * min(2 + 0.15 * 60, 0.15 * math.hypot(80, 4)) / 1.75) == over_end.moment_nmm
    assert pytest.approx(100 * (2 + 0.15 * 20) / 1.75) == over_jaw.moment_nmm
    assert 2.0 == over_end.middle_mm


def test_jaws_that_touch_half_of_the_side_hold_half_as_far() -> None:
    vise, box = clamping.vise_of(MILL), Box(0, 0, 0, 80, 60, 90)
    moment = clamping.hold(vise, box, 4.0, 100.0, 0.5).moment_nmm

    assert pytest.approx(100 * 0.15 * math.hypot(40, 4) / 1.75) == moment


def test_the_flats_are_touched_as_far_as_no_pocket_opens_in_them() -> None:
    pocketed = block(80, 60, 20).cut(cq.Workplane().box(20, 20, 60).translate((0, -30, 0)))
    views = Views(piece(pocketed))
    here = Box(*views.part.low, *views.part.high)

    assert pytest.approx(0.75, abs=0.01) == clamping.touched(lambda at: views.standing(at, ("+Z",)), here, 10.0, 125.0)


def test_a_shank_wider_than_its_mill_stays_above_the_part() -> None:
    here = bench(block().translate((0, 0, -30)))
    mills = {a.tool.id: a for a in MILL.tools}
    short, long = mills["em-2"], mills["em-2-long"]

    assert (2.0, 3.0, 8.0, 16.0) == (
        short.tool.diameter_mm, short.tool.shank_diameter_mm, short.tool.shoulder_length_mm, short.stick_out_mm,
    )  # fmt: skip
    assert [True, False, True] == [reaches(here, a, z, 4.0) for a, z in ((short, -8.0), (short, -10.0), (long, -10.0))]


def test_work_too_tall_for_the_longest_tool_is_refused() -> None:
    ops = planned(block()).setups[0].operations

    assert 10.0 + 15 == clamping.safe_height(MILL, ops, 10.0)
    assert 10.0 + 15 == clamping.safe_height(MILL, (), 10.0)
    with pytest.raises(CapabilityError) as caught:
        clamping.safe_height(MILL, ops, 400.0)
    assert ("plan.too-tall", 404.0) == (caught.value.code, caught.value.value)


def test_jaws_hold_what_a_later_side_will_take_away() -> None:
    slotted = block(80, 60, 20).cut(cq.Workplane().box(200, 8, 18).translate((0, -30, 10)))

    assert [80.0, 0.0] == pytest.approx([held(slotted, 18.0, cut)[0] for cut in (("+Z",), ("+Z", "-Y"))])


# --- holes with a gap in their wall --------------------------------------------------------------------------------

SLOT = cq.Workplane().box(200, 14, 12).translate((0, 0, 30))  # floor at z 24


def drilled_from_the_right(z: float) -> cq.Workplane:
    """A hole of 5 mm, 15 deep with a drill's point, whose axis lies at z."""
    tip = cq.Workplane(cq.Solid.makeCone(2.5, 0, 2.5 / 2.1445069, dir=cq.Vector(-1, 0, 0), pnt=cq.Vector(25, 0, z)))
    return cq.Workplane("YZ").circle(2.5).extrude(30).translate((25, 0, z)).union(tip)


@pytest.mark.parametrize("z", [22.5, 24.6], ids=["more than half", "less than half"])
def test_a_hole_that_opens_into_a_slot_is_drilled_before_the_slot_is_cut(z: float) -> None:
    found = planned(block().cut(SLOT).cut(drilled_from_the_right(z)))
    order = up(found)
    (drill,) = [o for s in found.setups for o in s.operations if o.strategy == "drill"]
    slotted = next(k for k, s in enumerate(found.setups) if any(isinstance(o.feature, Pocket) for o in s.operations))

    assert isinstance(drill.feature, Hole)
    assert drill.feature.broken
    assert order.index("+X") < slotted
    assert not made(found, FreeSurface)[0]


def test_a_hole_cut_by_a_step_of_its_own_side_is_drilled_first_and_narrows_no_mill() -> None:
    step = cq.Workplane().box(200, 40, 20).translate((0, -40, 30))  # y below -20, z above 20
    tip = cq.Workplane(
        cq.Solid.makeCone(2.5, 0, 2.5 / 2.1445069, dir=cq.Vector(0, 0, -1), pnt=cq.Vector(10, -20.8, 21))
    )
    hole = cq.Workplane().circle(2.5).extrude(40).translate((10, -20.8, 21)).union(tip)
    ops = planned(block().cut(step).cut(hole)).setups[0].operations
    names = [o.strategy for o in ops if o.feature.kind in ("hole", "pocket")]

    assert names.index("drill") < min(k for k, n in enumerate(names) if n in ("pocket", "adaptive", "slot", "wall"))
    assert all(a.tool.diameter_mm > 5 for o in ops for a in MILL.tools
               if a.number == o.tool_number and o.feature.kind == "pocket")  # fmt: skip


def test_a_rounded_corner_of_a_pocket_is_no_hole() -> None:
    bevelled = block().cut(TOP).faces(">Z").edges().chamfer(0.5)

    assert [] == [f for f in piece(bevelled).seen(matrix_of("+Z")).features if isinstance(f, Hole)]


# --- openings beyond the floor -------------------------------------------------------------------------------------


def test_a_slot_ending_in_a_notch_of_the_same_width_is_opened_into_it() -> None:
    both = block().cut(cq.Workplane().box(200, 10, 16).translate((0, 0, 30)))
    both = both.cut(cq.Workplane().box(8, 10, 200).translate((40, 0, 0)))
    views = Views(piece(both))

    assert () == views.unmade(np.logical_or.reduce([views.view(s).made(free=False, blank=True) for s in ("+Z", "+X")]
                                                   + [views.view("-Z").made(free=False, blank=True)]))  # fmt: skip


def test_a_wall_over_nothing_is_made_by_an_opening_down_to_its_foot() -> None:
    window = cq.Workplane().box(200, 20, 10).translate((0, 0, 12))  # right through, z 7 to 17
    shaft = well(16, 12, 3, 12).translate((5, 0, 0))  # from the top into the window
    views = Views(piece(block().cut(window).cut(shaft)))
    found = [f for f in views.recognised(matrix_of("+Z")).features if isinstance(f, Pocket)]
    made_above = views.view("+Z").made(free=False, blank=False)
    upright = (np.abs(views.spots.normals[:, 2]) < 0.01) & (views.spots.points[:, 2] > 17.1)
    inner = (np.abs(views.spots.points[:, 0] - 5) < 8.1) & (np.abs(views.spots.points[:, 1]) < 6.1)

    assert found
    assert made_above[upright & inner].mean() > 0.95


def test_a_pocket_that_a_crack_leads_out_of_is_cleared_with_the_mill_its_corners_ask_for() -> None:
    crack = cq.Workplane().box(30, 0.6, 12).translate((30, 0, 30))  # from the pocket out through the right side
    found = [f for f in Views(piece(block().cut(well(30, 20, 5, 24)).cut(crack))).recognised(matrix_of("+Z")).features
             if isinstance(f, Pocket)]  # fmt: skip
    parts = [f for f in found if "-part-" in f.id]

    assert 1 == len(parts)
    assert not parts[0].open
    assert pytest.approx(30 * 20, rel=0.05) == flatten(parts[0].floor).area()


# --- one look for every frame --------------------------------------------------------------------------------------


@pytest.mark.parametrize("side", SIDES)
def test_what_is_laid_into_a_frame_is_what_is_found_there(side: str) -> None:
    part = piece(block().cut(TOP).cut(FRONT).cut(bore(6, 0, 30)))
    x, y, z = ((float(a), float(b), float(c)) for a, b, c in turned(side, 1))
    m = ((*x, 7.0), (*y, -3.0), (*z, 11.0))
    laid, found = Views(part).recognised(m), part.seen(m)
    laid = replace(laid, features=tuple(f for f in laid.features if "-part-" not in f.id))

    assert sorted(f.kind for f in found.features) == sorted(f.kind for f in laid.features)
    assert found.levels.heights == pytest.approx(laid.levels.heights)
    for height in found.levels.heights:
        here, there = found.levels.above(height + 0.5), laid.levels.above(height + 0.5)

        assert 0.01 > (here - there).area() + (there - here).area()
    for kind in (Pocket, Hole, Outline):
        tops = [[round(f.top_z_mm, 4) for f in fs.features if isinstance(f, kind)] for fs in (found, laid)]

        assert sorted(tops[0]) == sorted(tops[1])


# --- the blank -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(80, 60, 30), (80, 60, 75), (60, 40, 100), (20, 40, 60)])
def test_the_blank_is_round_the_part_on_every_side(size: tuple[float, float, float]) -> None:
    for found in raw_blocks(SHOP, ALUMINIUM, size):
        x, y, z = found.size_mm
        thickness = SHOP.stock[found.row_id].thickness_mm

        assert thickness in (x, y, z)
        assert min(x - size[0], y - size[1]) >= 2 * SIDE_MM
        assert z - size[2] >= BELOW_MM + (0 if thickness == z else 2 * SAWN_MM)


def test_a_block_no_plate_holds_any_way_is_refused_as_it_lies() -> None:
    with pytest.raises(CapabilityError) as caught:
        raw_blocks(SHOP, ALUMINIUM, (130, 130, 130))

    assert ("plan.no-stock", "140 x 140 x 147.5 mm") == (caught.value.code, caught.value.value)


# --- how the work is turned ----------------------------------------------------------------------------------------


def test_people_are_told_how_the_part_lies_in_every_setup() -> None:
    found = planned(block().cut(TOP).cut(FRONT))
    turned = [turned_from(before, here, "en") for before, here in pairwise(found.setups)]

    assert [("bottom", "left side")] == [t[:2] for t in turned[:1]]
    assert 2 == len(turned)


@pytest.mark.parametrize("side", [s for s in SIDES if s != "+Z"])
def test_the_side_told_is_the_side_that_then_looks_up(side: str) -> None:
    first = planned(block()).setups[0]
    then = replace(first, index=2, to_setup=matrix_of(side))
    words = {"-Z": "bottom", "+Y": "back side", "-Y": "front side", "+X": "right side", "-X": "left side"}

    assert words[side] == turned_from(first, then, "en")[0]


def test_the_outline_is_cut_once_and_the_rest_of_the_blank_goes_with_the_second_side() -> None:
    outlines = made(planned(block().cut(TOP).cut(FRONT)), Outline)

    assert [["outline-1-rough-upper", "outline-1-rough", "outline-1-finish"], [], []] == [
        [o.id for o in ops] for ops in outlines
    ]


def test_sides_that_were_tried_in_vain_are_told_with_their_reason() -> None:
    triangle = cq.Workplane().polygon(3, 60).extrude(8).val()
    part = Part("t", dump(triangle), Expected((45, 52, 8), (9000, 9500), 0))  # type: ignore[arg-type]
    told = plan(Design("o", "step", "T", "al-6082", "", 1, (part,)), SHOP).decisions
    lost = [f for f in told if f.code == "plan.sides-lost"]

    assert "plan.frame" in {f.code for f in told}
    assert lost
    assert all(f.severity == "note" and ":" in f.message for f in lost)

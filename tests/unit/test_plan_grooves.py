"""Grooves and edges of solids: which are strokes, which are carved, which edges are broken, and which are refused."""

from __future__ import annotations

import math
from functools import cache, partial
from typing import Any

import cadquery as cq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tooling_db
from geometry.faces import table
from geometry.regions import circle, fit, flatten, offset, rectangle, stroke_area
from geometry.tessellate import by_face
from model.errors import CapabilityError
from model.feature import EngravedStrokes, FreeSurface, Pocket
from model.region import Region, Stroke
from pipeline.plan.features import Recognition, recognise
from pipeline.plan.levels import Levels
from pipeline.plan.methods import engraving, surfaces
from pipeline.plan.methods.grooves import v_groove
from pipeline.plan.sharp import sharp_edges
from pipeline.plan.strokes import engraved, strokes_of
from pipeline.plan.tools import Bench

SHOP = tooling_db.load()
MILL = SHOP.machines["mill-linuxcnc"]
HERE = ((1.0, 0.0, 0.0, 0.0), (0.0, 1.0, 0.0, 0.0), (0.0, 0.0, 1.0, 0.0))
SHEET = flatten(rectangle(-40, -30, 40, 30))


def block(x: float = 60, y: float = 40, z: float = 15) -> cq.Workplane:
    """Its top is at z = 0."""
    return cq.Workplane().box(x, y, z, centered=(True, True, False)).translate((0, 0, -z))


def trough(length: float, depth: float, half_deg: float, z: float = 0.0) -> cq.Workplane:
    """A V groove along x, round at its ends."""
    wide = depth * math.tan(math.radians(half_deg))
    bar = cq.Workplane("YZ").polyline([(-wide, 0), (wide, 0), (0, -depth)]).close().extrude(length)
    cone = cq.Workplane(obj=cq.Solid.makeCone(0, wide, depth)).translate((0, 0, -depth))
    return bar.union(cone).union(cone.translate((length, 0, 0))).translate((-length / 2, 0, z))


def seen(part: cq.Workplane) -> Recognition:
    shape: Any = part.val()
    return recognise(shape, HERE, ())


def bench(part: cq.Workplane) -> Bench:
    shape: Any = part.val()
    levels = Levels(shape, table(shape), cache(partial(by_face, shape, 0.01)))
    return Bench(MILL, SHOP.materials["al-6082"], levels, 0.0, rectangle(-40, -30, 40, 30), 3.0, 0.3, 0.3)


def surface(part: cq.Workplane) -> FreeSurface:
    return next(f for f in seen(part).features if isinstance(f, FreeSurface))


def pocket(region: Region, radius: float, depth: float = 0.5) -> Pocket:
    return Pocket("pocket-1", 0.0, -depth, region, radius)


LINES = {
    "a line": (Stroke(((0, 0), (10, 0))),),
    "a tee": (Stroke(((0, 0), (10, 0))), Stroke(((5, 0), (5, 8)))),
    "a cross": (Stroke(((0, 0), (10, 0))), Stroke(((5, -6), (5, 8)))),
    "a triangle": (Stroke(((0, 0), (10, 0), (10, 7), (0, 0))),),
    "an arc": (Stroke(tuple((5 * math.cos(t / 50 * math.tau), 5 * math.sin(t / 50 * math.tau)) for t in range(40))),),
}


@pytest.mark.parametrize("name", LINES)
def test_the_sweep_of_a_tool_is_read_back_as_its_lines(name: str) -> None:
    area = stroke_area(LINES[name], 1.0)
    found = engraved(pocket(fit(area), 0.5), SHEET)

    assert isinstance(found, EngravedStrokes)
    assert 1.0 == found.width_mm
    swept = stroke_area(found.strokes, 1.0)
    assert (swept - offset(area, 0.011)).is_empty()
    assert (area - offset(swept, 0.011)).is_empty()


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-15, 15), st.integers(-12, 12)), min_size=2, max_size=5, unique=True),
    st.sampled_from((0.5, 0.8, 1.0, 2.0)),
)
def test_lines_found_never_leave_the_groove_nor_any_of_it(points: list[tuple[int, int]], width: float) -> None:
    area = stroke_area((Stroke(tuple((float(x), float(y)) for x, y in points)),), width)
    found = strokes_of(flatten(fit(area)), width)
    swept = stroke_area(found, width)

    assert found or offset(area, -width / 2 + 0.002).area() > 0.3 * area.area()
    assert (swept - offset(area, 0.012)).is_empty()
    assert not found or (area - offset(swept, 0.012)).is_empty()


def test_a_plain_line_is_followed_once_and_not_back() -> None:
    (line,) = strokes_of(flatten(fit(stroke_area(LINES["a line"], 1.0))), 1.0)

    assert 10.0 == pytest.approx(
        sum(math.dist(a, b) for a, b in zip(line.points, line.points[1:], strict=False)), abs=0.02
    )


@pytest.mark.parametrize(
    ("region", "radius", "depth"),
    [
        (rectangle(0, 0, 10, 1), 0.0, 0.5),  # square ends no round tool leaves
        (fit(stroke_area(LINES["a line"], 1.0)), 0.5, 2.0),  # a slot, too deep for an engraving
        (fit(stroke_area(LINES["a line"], 4.0)), 2.0, 0.5),  # a pocket, too wide
        (circle(0, 0, 20), 10.0, 0.5),
    ],
)
def test_other_pockets_stay_pockets(region: Region, radius: float, depth: float) -> None:
    given_one = pocket(region, radius, depth)

    assert given_one == engraved(given_one, SHEET)


def test_a_groove_across_the_part_runs_out_of_both_sides() -> None:
    part = block().cut(cq.Workplane().box(100, 1, 1).rotate((0, 0, 0), (0, 0, 1), 20))
    (groove,) = [f for f in seen(part).features if isinstance(f, EngravedStrokes)]
    xs = [x for s in groove.strokes for x, _ in s.points]

    assert min(xs) <= -30.0
    assert max(xs) >= 30.0


def test_a_groove_no_tool_is_as_wide_as_is_cleared_with_a_finer_mill_or_refused() -> None:
    wide = EngravedStrokes("pocket-1", 0.0, 1.0, 2.6, LINES["a line"])
    fine = EngravedStrokes("pocket-1", 0.0, 0.5, 0.7, LINES["a line"])

    part = block().cut(cq.Workplane().slot2D(12.6, 2.6).extrude(-1).translate((5, 0, 0)))

    assert ["pocket", "wall"] == [o.strategy for o in engraving.engraving(bench(part), wide)]
    with pytest.raises(CapabilityError, match=r"needs an engraver 0\.7 mm wide") as refused:
        engraving.engraving(bench(block()), fine)
    assert "0.5, 0.8, 1" in refused.value.message


@pytest.mark.parametrize(("half", "depth", "tool"), [(30, 1.5, "v-bit-60-3"), (45, 1.5, "v-bit-90-6")])
def test_a_v_groove_is_carved_with_the_point_of_its_angle(half: float, depth: float, tool: str) -> None:
    part = block().cut(trough(20, depth, half))
    (carve,) = surfaces.surface(bench(part), surface(part))

    assert "vcarve" == carve.strategy
    assert tool == next(a.tool.id for a in MILL.tools if a.number == carve.tool_number)


def test_a_v_groove_of_no_tools_angle_is_refused_with_the_tools_there_are() -> None:
    part = block().cut(trough(20, 1.5, 25))
    with pytest.raises(CapabilityError, match="a V groove of 50 degrees") as refused:
        surfaces.surface(bench(part), surface(part))

    assert "plan.no-tool" == refused.value.code
    assert "v-bit-90-6 (90 degrees, tip 0.1 mm)" in refused.value.message


def test_a_v_groove_too_blunt_for_its_point_is_refused() -> None:
    part = block().cut(trough(20, 2.8, 30))  # wider than the sharp bit; the wider bit's flat would leave 0.09 mm
    with pytest.raises(CapabilityError, match=r"its tip at most 0\.06 mm"):
        surfaces.surface(bench(part), surface(part))


def test_an_oblique_v_groove_across_the_part_runs_out_of_both_sides() -> None:
    wide = 2 * math.tan(math.radians(30))
    v = cq.Workplane("XZ").polyline([(-wide, 0), (wide, 0), (0, -2)]).close().extrude(100).translate((0, 50, 0))
    part = block().cut(v.rotate((0, 0, 0), (0, 0, 1), 30))
    groove = v_groove(bench(part), surface(part))

    assert groove is not None
    assert 60.0 == groove.point_angle_deg
    assert 2.0 == pytest.approx(groove.depth_mm)
    ys = [s.y_mm for c in groove.region.contours for s in c.segments]
    assert min(ys) < -20 - wide
    assert max(ys) > 20 + wide


def test_slopes_that_do_not_meet_in_a_groove_are_surfaces() -> None:
    ramp = block().cut(
        cq.Workplane("XZ").polyline([(0, 0), (20, 0), (20, -5)]).close().extrude(100).translate((0, 50, 0))
    )

    assert v_groove(bench(ramp), surface(ramp)) is None


def test_a_bevelled_edge_of_the_part_is_no_half_of_a_v_groove() -> None:
    part = block().edges("|X and >Z").chamfer(1.5)

    assert v_groove(bench(part), surface(part)) is None


def test_a_v_groove_with_a_sharp_cornered_floor_is_refused() -> None:
    part = block().cut(cq.Workplane().rect(24, 10).extrude(-2, taper=30))
    with pytest.raises(CapabilityError) as refused:
        v_groove(bench(part), surface(part))

    assert "plan.sharp-corner" == refused.value.code


def test_whole_free_rims_are_sharp_edges() -> None:
    shape = block().cut(cq.Workplane().box(30, 20, 4, centered=(True, True, False)).translate((0, 0, -4)))
    found = sharp_edges(bench(shape).levels, 0.2)

    assert [0.0, 0.0] == [e.z_mm for e in found]  # outside and pocket; the pocket's foot is no edge


def test_chamfered_and_walled_rims_are_no_sharp_edges() -> None:
    chamfered = block().edges(">Z").chamfer(1)
    stepped = block().cut(cq.Workplane().box(30, 40, 4, centered=(False, True, False)).translate((0, 0, -4)))
    heights = [e.z_mm for e in sharp_edges(bench(stepped).levels, 0.2)]

    assert [] == sharp_edges(bench(chamfered).levels, 0.2)
    assert [0.0] == heights  # the step's own rim runs into the wall above it


def test_a_tool_wider_than_the_area_finds_no_line_in_it() -> None:
    assert () == strokes_of(flatten(circle(0, 0, 4)), 9.0)

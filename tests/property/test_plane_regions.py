"""Laws of plane regions: arcs fitted back stay where the polygon was, and prisms have the area they stand on."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from manifold3d import CrossSection

from geometry.arcs import sweep
from geometry.planefield import inside
from geometry.regions import circle, fit, flatten, offset, rectangle, separate, stroke_area
from geometry.solids import dump, load, prism, section, signed_area
from model.region import Contour, Region, Segment, Stroke

sizes = st.floats(5, 200)
radii = st.floats(0.2, 2.4)


def rounded(length: float, width: float, radius: float) -> Region:
    return fit(offset(offset(flatten(rectangle(0, 0, length, width)), -radius), radius))


@given(length=sizes, width=sizes, radius=radii)
def test_rounded_rectangle_comes_back_as_four_lines_and_four_arcs(length: float, width: float, radius: float) -> None:
    region = rounded(length, width, radius)

    assert [8] == [len(c.segments) for c in region.contours]
    arcs = [s for s in region.contours[0].segments if s.turn]
    assert all(abs(math.hypot(s.x_mm - s.cx_mm, s.y_mm - s.cy_mm) - radius) < 0.0015 for s in arcs)


@given(length=sizes, width=sizes, radius=radii, grow=st.floats(-2, 6))
@example(length=5.0, width=5.0, radius=0.25, grow=1e-5)
def test_fitted_area_differs_by_less_than_the_tolerance_around_the_edge(
    length: float, width: float, radius: float, grow: float
) -> None:
    area = offset(flatten(rounded(length, width, radius)), grow)
    back = flatten(fit(area))
    edge = 2 * (length + width) + 8 * abs(grow)

    assert (area - back).area() + (back - area).area() < 0.0015 * edge


@given(x=st.floats(-50, 50), y=st.floats(-50, 50), d=st.floats(0.5, 80))
def test_circle_comes_back_as_two_half_arcs(x: float, y: float, d: float) -> None:
    region = fit(flatten(circle(x, y, d)))

    assert [2] == [len(c.segments) for c in region.contours]
    assert math.pi * d * d / 4 == pytest.approx(signed_area(region.contours[0]), abs=0.002 * d)


@given(angle=st.floats(0.01, math.tau - 0.01), turn=st.sampled_from([1, -1]), base=st.floats(-3, 3))
def test_sweep_is_the_angle_walked(angle: float, turn: int, base: float) -> None:
    start = (math.cos(base), math.sin(base))
    end = base + turn * angle

    assert turn * angle == pytest.approx(sweep(start, Segment(math.cos(end), math.sin(end), turn, 0, 0)), abs=1e-9)


@settings(max_examples=10, deadline=None)
@given(length=st.floats(20, 100), width=st.floats(20, 60), radius=radii, hole=st.floats(1, 9), height=st.floats(1, 30))
def test_prism_sections_give_the_region_back(
    length: float, width: float, radius: float, hole: float, height: float
) -> None:
    region = Region((*rounded(length, width, radius).contours, *_hole(length / 2, width / 2, hole)))
    (solid,) = prism(region, 0, height)
    wanted = sum(signed_area(c) for c in region.contours)
    cut = section(load(dump(solid)), height / 2)

    assert wanted * height == pytest.approx(solid.Volume(), rel=1e-9)
    assert wanted == pytest.approx(sum(signed_area(c) for c in cut.contours), rel=1e-9)


def _hole(x: float, y: float, d: float) -> tuple[Contour, ...]:
    from geometry.solids import reversed_contour

    return tuple(reversed_contour(c) for c in circle(x, y, d).contours)


@given(points=st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=2, max_size=6, unique=True))
def test_stroke_area_is_every_point_within_half_the_width(points: list[tuple[int, int]]) -> None:
    stroke = Stroke(tuple((float(x), float(y)) for x, y in points))
    area = stroke_area([stroke], 0.8)
    length = sum(math.dist(a, b) for a, b in zip(stroke.points, stroke.points[1:], strict=False))

    assert area.area() <= length * 0.8 + math.pi * 0.16 + 1e-6
    assert (area - offset(stroke_area([stroke], 0.4), 0.2)).area() < 0.002 * (length + 1)


def test_nothing_comes_apart_into_nothing() -> None:
    assert [] == separate(CrossSection())
    assert 2 == len(separate(CrossSection.square((1, 1)) + CrossSection.square((1, 1)).translate((3, 0))))


def test_a_hair_without_area_bounds_no_region() -> None:
    hair = CrossSection([[(0, 0), (40, 0), (40, 1e-7), (0, 1e-7)]])

    assert fit(hair).contours == fit(CrossSection()).contours == ()


@given(bore=st.floats(2, 60), closed=st.sampled_from([1e-4, 0.3, 2.0, 12.0]), by=st.floats(0.1, 0.9))
def test_an_area_with_hairs_beside_it_grows_and_shrinks_as_without(bore: float, closed: float, by: float) -> None:
    core = flatten(circle(0, 0, 2))
    round_one = flatten(circle(0, 0, 2 * bore))
    hairy = offset(offset(round_one, closed), -closed) - (round_one - core)

    assert math.pi * (1 - by) ** 2 == pytest.approx(offset(hairy, -by).area(), abs=0.01)
    assert offset(hairy, by).area() >= math.pi * (1 + by) ** 2 - 0.01


@settings(deadline=None)
@given(
    rows=st.lists(st.integers(0, 40), min_size=3, max_size=8),
    columns=st.lists(st.integers(0, 40), min_size=8, max_size=8),
    pitch=st.floats(0.05, 0.3),
    start=st.floats(-50, 50),
)
def test_a_grid_row_through_corners_is_inside_just_where_the_area_is(
    rows: list[int], columns: list[int], pitch: float, start: float
) -> None:
    """Whatever rounding makes of the corners' heights, no row is inside from end to end."""
    grid = np.array([start - 5 * pitch, start - 5 * pitch, pitch])
    corners = [(start + x * pitch, start + y * pitch) for x, y in zip(columns, rows, strict=False)]
    ends = zip(corners, (*corners[1:], corners[0]), strict=True)
    lines = np.array([(*a, *b) for a, b in ends])
    found = inside(lines, grid, (51, 60))

    assert not found[:, -1].any()

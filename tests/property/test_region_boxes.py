"""The box around a region reaches as far as its arcs do, wherever they begin and whichever way they turn."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geometry.regions import circle
from model.region import Contour, Region, Segment
from pipeline.release.papers.transitions import _size
from pipeline.release.workpiece import bounds

laws = settings(max_examples=60, deadline=None)


@laws
@given(
    middle=st.tuples(st.floats(-50, 50), st.floats(-50, 50)),
    radius=st.floats(0.5, 40),
    start=st.floats(-3.1, 3.1),
    swept=st.floats(0.1, 6.2),
    turn=st.sampled_from([1, -1]),
)
def test_the_box_of_a_region_holds_its_arcs_and_no_more(
    middle: tuple[float, float], radius: float, start: float, swept: float, turn: int
) -> None:
    angles = [start + turn * swept * k / 4000 for k in range(4001)]
    points = [(middle[0] + radius * math.cos(a), middle[1] + radius * math.sin(a)) for a in angles]
    first, last = points[0], points[-1]
    region = Region((Contour((Segment(*last, turn, *middle), Segment(*first))),))
    xs, ys = zip(*points, strict=True)

    assert (min(xs), min(ys), max(xs), max(ys)) == pytest.approx(bounds(region), abs=radius * 1e-5)


def test_what_is_round_is_told_by_its_diameter() -> None:
    assert "Ø18" == _size(circle(5, 6, 18))
    assert (-4, -3, 14, 15) == pytest.approx(bounds(circle(5, 6, 18)))

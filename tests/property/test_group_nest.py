"""Boxes on a bed keep inside it and apart, the same way every time."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from pipeline.group.nest import Box, nest

GAP = 8.0
ROOM = (202.0, 202.0)
sides = st.integers(100, 9000).map(lambda hundredths: hundredths / 100)
sizes = st.lists(st.tuples(sides, sides), min_size=1, max_size=12)


@given(sizes=sizes)
def test_boxes_lie_inside_keep_their_gap_and_their_size(sizes: list[tuple[float, float]]) -> None:
    found = nest(sizes, ROOM, GAP) or []

    for box, size in zip(found, sizes, strict=bool(found)):
        assert size == ((box.deep_mm, box.wide_mm) if box.turned else (box.wide_mm, box.deep_mm))
        assert min(box.x_mm, box.y_mm) >= 0
        assert box.x_mm + box.wide_mm <= ROOM[0] + 1e-6
        assert box.y_mm + box.deep_mm <= ROOM[1] + 1e-6
    for a, b in itertools.combinations(found, 2):
        grown = Box(a.x_mm - GAP + 1e-5, a.y_mm - GAP + 1e-5, a.wide_mm + 2 * GAP - 2e-5, a.deep_mm + 2 * GAP - 2e-5)
        apart_x = b.x_mm >= grown.x_mm + grown.wide_mm or b.x_mm + b.wide_mm <= grown.x_mm
        apart_y = b.y_mm >= grown.y_mm + grown.deep_mm or b.y_mm + b.deep_mm <= grown.y_mm

        assert apart_x or apart_y


@given(sizes=sizes)
def test_the_same_boxes_get_the_same_places(sizes: list[tuple[float, float]]) -> None:
    assert nest(sizes, ROOM, GAP) == nest(list(sizes), ROOM, GAP)


@given(size=st.tuples(sides, sides))
def test_one_box_that_fits_is_placed_and_one_that_does_not_is_not(size: tuple[float, float]) -> None:
    assert nest([size], (max(size), min(size)), GAP) is not None
    assert nest([size], (max(size), min(size) - 0.01), GAP) is None

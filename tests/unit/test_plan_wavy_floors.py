"""Pockets of moulds: round floors under upright walls, whose feet the floor's ball makes, and walls with a draft."""

from __future__ import annotations

from typing import Any

import cadquery as cq
import pytest

from model.feature import FreeSurface
from pipeline.plan.sides import Views, matrix_of, ways
from tests.unit.test_plan_sides import block, piece, well


def trough(fillet_mm: float) -> cq.Workplane:
    """A pocket with upright walls and a cylinder for a floor, lowest along its middle."""
    floor = cq.Workplane("YZ").circle(20).extrude(30, both=True).translate((0, 0, 38))
    body = well(40, 26, 6, 0).intersect(floor.union(well(90, 90, 5, 36)))
    box: Any = cq.selectors.BoxSelector
    low = box((-40, -40, 0), (40, 40, 27))
    return block().cut(body.edges(low).fillet(fillet_mm) if fillet_mm else body)


@pytest.mark.parametrize("fillet_mm", [0.0, 2.5])
def test_walls_down_to_a_round_floor_are_made_with_it(fillet_mm: float) -> None:
    views = Views(piece(trough(fillet_mm)))
    found = views.recognised(matrix_of("+Z")).features

    assert [1] == [sum(isinstance(f, FreeSurface) for f in found)]
    assert all("+Z" in way.sides for way in ways(views))


def test_walls_with_a_draft_of_a_degree_are_surfaces() -> None:
    drafted = cq.Workplane().workplane(offset=30).circle(12).extrude(-8, taper=1)
    views = Views(piece(block().cut(drafted)))
    found = [f for f in views.recognised(matrix_of("+Z")).features if isinstance(f, FreeSurface)]

    assert [(22.0, 30.0)] == [(round(f.bottom_z_mm, 6), round(f.top_z_mm, 6)) for f in found]
    assert all("+Z" in way.sides for way in ways(views))

"""Walls and floors too thin to stand the cutting are refused with their place; edges and low ridges are not."""

from __future__ import annotations

from typing import Any

import cadquery as cq
import pytest

import tooling_db
from geometry.faces import table
from geometry.tessellate import by_face
from model.errors import CapabilityError
from pipeline.plan.levels import Levels
from pipeline.plan.walls import refuse_thin

MATERIALS = tooling_db.load().materials


def looked_at(part: cq.Workplane, material: str = "al-6082") -> None:
    solid: Any = part.val()
    faces = table(solid)
    refuse_thin(Levels(solid, faces, lambda: by_face(solid, 0.002)), faces, MATERIALS[material])


def block(x: float, y: float, z: float, z0: float = 0.0) -> cq.Workplane:
    return cq.Workplane().box(x, y, z, centered=(True, True, False)).translate((0, 0, z0))


def tray(wall: float, height: float = 12.0, floor: float = 3.0) -> cq.Workplane:
    well = block(60 - 2 * wall, 40 - 2 * wall, height).edges("|Z").fillet(4).translate((0, 0, floor))
    return block(60, 40, height).cut(well)


@pytest.mark.parametrize(
    ("part", "material", "thick", "limit"),
    [
        (tray(0.3), "al-6082", 0.3, 0.5),
        (tray(0.8), "pom", 0.8, 1.0),
        (tray(0.8, 40), "al-6082", 0.8, 1.23),
        (tray(3, 12, 0.3), "al-6082", 0.3, 0.5),
        (block(60, 40, 10).union(block(0.4, 30, 5, 10)), "steel-s235", 0.4, 0.5),
        (cq.Workplane().circle(20).circle(19.7).extrude(10), "al-6082", 0.3, 0.5),
    ],
    ids=["wall", "plastic", "high", "floor", "fin", "ring"],
)
def test_too_thin_is_refused_with_thickness_limit_and_place(
    part: cq.Workplane, material: str, thick: float, limit: float
) -> None:
    with pytest.raises(CapabilityError) as caught:
        looked_at(part, material)

    assert ("plan.thin-wall", limit) == (caught.value.code, caught.value.limit)
    assert thick == pytest.approx(float(caught.value.value or 0), abs=0.04)
    assert " z " in caught.value.place


@pytest.mark.parametrize(
    "part",
    [
        tray(0.6),
        cq.Workplane().circle(30).extrude(15),
        cq.Workplane().sphere(20),
        tray(1.5, 40),
        block(60, 40, 0.4),
        block(60, 40, 10).union(block(0.4, 30, 0.6, 10)),
        block(60, 40, 10).cut(cq.Workplane().circle(5).extrude(10).translate((24.8, 0, 0))),
        cq.Workplane("XZ").polyline([(0, 0), (60, 0), (0, 5)]).close().extrude(30),
    ],
    ids=["wall", "disc", "ball", "high wall", "sheet", "ridge", "hole at an edge", "wedge"],
)
def test_what_stands_the_cutting_is_let_be(part: cq.Workplane) -> None:
    looked_at(part)


def test_a_part_with_nothing_thin_and_no_sharp_corner_is_sound() -> None:
    looked_at(block(60, 40, 12).edges("|Z").fillet(8))

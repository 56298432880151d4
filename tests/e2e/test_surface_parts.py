"""A part with a round surface goes the whole line to a passed proof; what no straight tool makes is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import cadquery as cq
import pytest

import tooling_db
from geometry.solids import dump
from model.design import Design, Expected, Part
from model.errors import CapabilityError
from model.plan import ProcessPlan
from model.program import Programs
from model.toolpath import Toolpaths
from pipeline.plan.stage import plan
from pipeline.toolpaths.stage import post, toolpaths
from pipeline.verify.stage import verify_milling

SHOP = tooling_db.load()
SHOP = replace(SHOP, machines={"mill-linuxcnc": SHOP.machines["mill-linuxcnc"]})


def block(x_mm: float, y_mm: float, z_mm: float) -> cq.Workplane:
    return cq.Workplane("XY").box(x_mm, y_mm, z_mm, centered=(True, True, False))


def design(body: cq.Workplane) -> Design:
    solid: Any = body.val()
    solid = solid if solid.ShapeType() == "Solid" else solid.Solids()[0]
    part = Part("part", dump(solid), Expected((1, 1, 1), (0, 1), 0))
    return Design("surface", "hand", "Surface", "al-6082", "", 1, (part,))


@pytest.fixture(scope="module")
def half_buried() -> Design:
    """A cylinder half buried in the top of a block: no slope is level, its foot is sharp."""
    return design(block(60, 50, 14).union(cq.Workplane("YZ").circle(9).extrude(20, both=True).translate((0, 0, 14))))


@pytest.fixture(scope="module")
def line(half_buried: Design) -> tuple[ProcessPlan, Toolpaths, Programs]:
    chosen = plan(half_buried, SHOP)
    paths = toolpaths(chosen, half_buried)
    return chosen, paths, post(paths, chosen)


def test_a_half_buried_cylinder_passes_the_proof(
    half_buried: Design, line: tuple[ProcessPlan, Toolpaths, Programs]
) -> None:
    report = verify_milling(half_buried, *line)

    assert [] == [f for g in report.gates if g.verdict == "fail" for f in g.findings]
    assert report.passed


def test_its_surface_is_roughed_evened_finished_and_its_foot_cut(
    line: tuple[ProcessPlan, Toolpaths, Programs],
) -> None:
    chosen = line[0]
    steps = [o.strategy for s in chosen.setups for o in s.operations if o.feature.kind == "free-surface"]

    assert ["rough3d", "steep_shallow", "steep_shallow", "terrace"] == steps


def test_the_ball_slides_onto_the_surface_instead_of_plunging(
    line: tuple[ProcessPlan, Toolpaths, Programs],
) -> None:
    finish = next(p for s in line[1].setups for p in s.toolpaths if p.operation_id == "surface-1-finish")
    after = [b for a, b in zip(finish.moves, finish.moves[1:], strict=False) if a.intent == "plunge"]

    assert {"lead-in"} == {m.intent for m in after}


def test_a_closed_cavity_is_refused_with_its_place() -> None:
    with pytest.raises(CapabilityError) as caught:
        plan(design(block(40, 36, 20).cut(cq.Workplane("XY").sphere(5).translate((0, 0, 10)))), SHOP)

    assert "plan.unreachable-face" == caught.value.code
    assert "undercut or a closed cavity" in str(caught.value)


def test_sloped_walls_that_meet_in_sharp_inner_corners_are_refused() -> None:
    body = block(60, 50, 20).cut(cq.Workplane("XY").workplane(offset=20).rect(36, 26).extrude(-10, taper=5))
    with pytest.raises(CapabilityError) as caught:
        plan(design(body), SHOP)

    assert "plan.sharp-corner" == caught.value.code

"""Round parts with holes in their side: made in a frame of the blank, broken out, and held by their faces."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
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
MILL = replace(SHOP, machines={"mill-linuxcnc": SHOP.machines["mill-linuxcnc"]})


def ring() -> cq.Workplane:
    """A ring with one hole in its side."""
    return cq.Workplane().circle(20).circle(12).extrude(12).cut(side_hole())


def side_hole() -> cq.Workplane:
    return cq.Workplane("YZ").center(0, 6).circle(2.1).extrude(30)


def crosswise() -> cq.Workplane:
    return cq.Workplane("XZ").center(0, 6).circle(2.1).extrude(30)


def bolt_holes() -> cq.Workplane:
    return cq.Workplane().polarArray(16, 45, 360, 4).circle(1.65).extrude(12)


def design(part: cq.Workplane) -> Design:
    solid: Any = part.val()
    return Design(
        "order-1", "hand", "Hand-made", "al-6082", "", 1, (Part("part", dump(solid), Expected((1, 1, 1), (0, 1), 0)),)
    )


@cache
def made() -> tuple[Design, ProcessPlan, Toolpaths, Programs]:
    given = design(ring())
    found = plan(given, MILL)
    paths = toolpaths(found, given)
    return given, found, paths, post(paths, found)


def test_a_ring_with_a_side_hole_is_broken_out_and_held_by_its_faces_and_proved() -> None:
    given, found, paths, programs = made()
    report = verify_milling(given, found, paths, programs)

    assert [False, True, False] == [s.fixture.skin is not None for s in found.setups]
    assert "+X side up, gripped by finished sides" == found.setups[2].name
    assert found.setups[2].fixture.pin is None  # round all over: any turn is as good
    assert [] == [g.name for g in report.gates if g.verdict == "fail"]


def test_a_frame_nobody_breaks_out_is_not_proved() -> None:
    given, found, paths, programs = made()
    kept = [replace(s, fixture=replace(s.fixture, skin=None)) for s in found.setups]
    report = verify_milling(given, replace(found, setups=tuple(kept)), paths, programs)

    assert [g.name for g in report.gates if g.verdict == "fail"]


def test_a_hole_through_the_faces_tells_the_turn() -> None:
    found = plan(design(ring().cut(bolt_holes()).cut(crosswise())), MILL)
    pins = [s.fixture.pin for s in found.setups]
    above = 20 + 16 / 2**0.5

    assert [True, True, False, False] == [p is None for p in pins]
    assert [above, above] == pytest.approx([p.z_mm for p in pins if p])
    assert all(p.z_mm - p.diameter_mm / 2 > s.fixture.grip_mm for p, s in zip(pins, found.setups, strict=True) if p)


def test_what_nothing_turns_to_its_place_is_refused() -> None:
    with pytest.raises(CapabilityError) as caught:
        plan(design(ring().cut(crosswise())), MILL)

    assert "plan.turned-freely" in {f.code for f in caught.value.told()}

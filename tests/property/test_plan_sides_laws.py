"""What a side shows is what straight lines of sight say, and random parts are made from their sides face by face."""

from __future__ import annotations

import importlib.util
import math
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import cadquery as cq
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tooling_db
from geometry.sight import OFF_MM, Sky
from geometry.solids import dump
from geometry.tessellate import Floats, by_face, moved_spots, spots, triangles
from model.design import Design, Expected, Part
from model.errors import CapabilityError
from model.feature import FreeSurface
from model.plan import ProcessPlan
from pipeline.plan.coverage import around_part, looked_at, made_by
from pipeline.plan.sides import SIDES, Views, matrix_of, ways
from pipeline.plan.stage import plan
from pipeline.plan.workpiece import workpiece
from pipeline.toolpaths.stage import post, toolpaths
from pipeline.verify.milling import verify_milling

HOUSE = Path(__file__).resolve().parents[2]
WHOLE = tooling_db.load()
SHOP = replace(WHOLE, machines={"mill-linuxcnc": WHOLE.machines["mill-linuxcnc"]})


def random_solid(seed: int) -> cq.Workplane:
    """A part of the bench's generator: a block with things cut from one to six of its sides."""
    spec = importlib.util.spec_from_file_location("random_parts", HOUSE / "bench" / "random_parts.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["random_parts"] = module
    spec.loader.exec_module(module)
    solid: cq.Workplane = module.random_part(seed).solid
    return solid


@cache
def design(seed: int) -> Design:
    solid: Any = random_solid(seed).val()
    piece = Part("part", dump(solid), Expected((1, 1, 1), (0, 1), 0))
    return Design(f"random-{seed}", "hand", "At random", "al-6082", "", 1, (piece,))


@cache
def planned(seed: int) -> ProcessPlan:
    return plan(design(seed), SHOP)


# --- triangles and spots -------------------------------------------------------------------------------------------

sizes = st.floats(3, 60).map(lambda v: round(v, 2))


@given(x=sizes, y=sizes, z=sizes, tol=st.sampled_from([0.2, 0.02, 0.002]))
@settings(max_examples=20, deadline=None)
def test_triangles_close_the_solid_and_keep_its_volume(x: float, y: float, z: float, tol: float) -> None:
    r = min(x, y) / 4
    solid: Any = cq.Workplane().box(x, y, z).cut(cq.Workplane().circle(r).extrude(z).translate((0, 0, -z / 2))).val()
    found = triangles(solid, tol)
    volume = float(np.einsum("ij,ij->i", found[:, 0], np.cross(found[:, 1], found[:, 2])).sum()) / 6

    across = np.cross(found[:, 1] - found[:, 0], found[:, 2] - found[:, 0])

    assert abs(volume - solid.Volume()) <= tol * math.tau * r * z + 1e-9
    assert [0.0, 0.0, 0.0] == pytest.approx(across.sum(axis=0), abs=1e-6)


@given(x=sizes, y=sizes, z=sizes, spacing=st.floats(0.5, 4))
@settings(max_examples=20, deadline=None)
def test_spots_lie_on_their_faces_one_for_each_square(x: float, y: float, z: float, spacing: float) -> None:
    solid: Any = cq.Workplane().box(x, y, z).val()
    faces = by_face(solid, 0.01)
    found = spots(faces, spacing)
    half = np.array([x, y, z]) / 2
    on_a_face = np.isclose(np.abs(found.points), half, atol=1e-9)

    assert [0, 1, 2, 3, 4, 5] == np.unique(found.face).tolist()
    assert np.all(np.abs(found.points) <= half + 1e-9)
    assert np.all(on_a_face.any(axis=1))
    assert np.all(np.einsum("ij,ij->i", found.points, found.normals) > 0)  # the middle lies behind every face
    assert len(found.points) >= solid.Area() / spacing**2 - 12


@given(seed=st.integers(0, 2**32 - 1), side=st.sampled_from(sorted(SIDES)))
@settings(max_examples=20, deadline=None)
def test_a_turn_keeps_distances_and_turns_back(seed: int, side: str) -> None:
    dice = np.random.default_rng(seed)
    corners: Floats = dice.uniform(-20, 20, (5, 3, 3))
    given_spots = spots([corners], 2.0)
    turn = np.array(matrix_of(side)) + np.array([[0, 0, 0, 3.0], [0, 0, 0, -2.0], [0, 0, 0, 1.0]])
    there = moved_spots(given_spots, turn)
    inverse = np.hstack([turn[:, :3].T, -turn[:, :3].T @ turn[:, 3:]])
    back = moved_spots(there, inverse)

    assert np.allclose(given_spots.points, back.points, atol=1e-9)
    assert np.allclose(given_spots.normals, back.normals, atol=1e-12)
    assert np.allclose(np.linalg.norm(np.diff(given_spots.points, axis=0), axis=1),
                       np.linalg.norm(np.diff(there.points, axis=0), axis=1))  # fmt: skip


# --- sight ---------------------------------------------------------------------------------------------------------


def hidden_by_force(points: Floats, normals: Floats, corners: Floats) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """True where a line of sight straight up, begun a little off the surface, meets a triangle: all against all."""
    start = points + OFF_MM * normals
    found = np.zeros(len(points), dtype=np.bool_)
    for a, b, c in corners:
        area = (b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])
        if abs(area) < 1e-12:
            continue
        x, y = start[:, 0], start[:, 1]
        u = ((b[0] - x) * (c[1] - y) - (c[0] - x) * (b[1] - y)) / area
        v = ((c[0] - x) * (a[1] - y) - (a[0] - x) * (c[1] - y)) / area
        w = 1 - u - v
        found |= (u >= 0) & (v >= 0) & (w >= 0) & (u * a[2] + v * b[2] + w * c[2] > start[:, 2] + 1e-6)
    return found


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("seed", [3])
def test_what_is_seen_is_what_lines_of_sight_say(seed: int, side: str) -> None:
    solid: Any = random_solid(seed).val()
    faces = by_face(solid, 0.05)
    all_spots, whole, turn = spots(faces, 3.0), np.concatenate(faces), np.array(matrix_of(side))
    here = moved_spots(all_spots, turn)
    corners = np.einsum("ij,nkj->nki", turn[:, :3], whole)
    sight = looked_at(all_spots, Sky(corners), matrix_of(side))
    expected = ~hidden_by_force(here.points, here.normals, corners) & (here.normals[:, 2] > -0.01)

    assert np.array_equal(expected, sight.seen)
    assert 0 < sight.seen.sum() < len(sight.seen)


@given(z=st.lists(st.integers(-100, 100).map(lambda v: v * 0.05), min_size=1, max_size=6, unique=True))
@settings(max_examples=20, deadline=None)
def test_of_plates_over_each_other_only_the_highest_is_seen(z: list[float]) -> None:
    plate = np.array([[[-9, -9, 0], [9, -9, 0], [9, 9, 0]], [[-9, -9, 0], [9, 9, 0], [-9, 9, 0]]], dtype=float)
    corners = np.concatenate([plate + np.array([0.0, 0.0, h]) for h in z])
    points = np.array([[1.0, 2.0, h] for h in z])
    seen = Sky(corners).seen(points, np.tile([0.0, 0.0, 1.0], (len(z), 1)))

    assert [h == max(z) for h in z] == seen.tolist()


# --- random parts --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(2))
def test_what_one_side_makes_it_also_sees(seed: int) -> None:
    views = Views(workpiece(design(seed), SHOP))
    for side in SIDES:
        view = views.view(side)

        most, least = view.made(free=True, blank=True), view.made(free=False, blank=False)

        assert not (most & ~view.seen).any()
        assert not (least & ~most).any()


@pytest.mark.parametrize("seed", range(2))
def test_every_face_is_made_by_every_way_that_is_offered(seed: int) -> None:
    views = Views(workpiece(design(seed), SHOP))
    for way in ways(views):
        pair = way.sides[:2]  # only these cut the outline
        made = np.logical_or.reduce([views.view(s).made(free=True, blank=s in pair) for s in way.sides])

        assert () == views.unmade(made)
        assert len(way.sides) <= way.cost < len(way.sides) + 1


@pytest.mark.parametrize("seed", range(2))
def test_a_finer_tool_makes_no_less(seed: int) -> None:
    views = Views(workpiece(design(seed), SHOP))
    matrix = matrix_of("+Z")
    sight, found = views.sight("+Z", matrix), views.recognised(matrix).features
    around = around_part(found)
    for feature in found:
        fine, coarse = (made_by(feature, sight, around, r) for r in (0.5, 3.0))

        assert not (coarse & ~fine).any()


@pytest.mark.parametrize("seed", range(12))
def test_a_random_part_is_planned_from_its_sides_without_a_question(seed: int) -> None:
    found = planned(seed)
    features = [o.feature for s in found.setups for o in s.operations]

    assert found.setups
    assert all(s.operations for s in found.setups)
    assert () == tuple(f for f in found.unreachable if f.severity == "refuse")
    assert not any(isinstance(f, FreeSurface) for f in features)  # the generator's solids have none
    assert len({tuple(s.to_setup[2][:3]) for s in found.setups}) == len(found.setups)


@pytest.mark.parametrize("seed", [1, 3, 10, 120, 140, 163])
def test_a_random_part_is_proved(seed: int) -> None:
    found = planned(seed)
    paths = toolpaths(found, design(seed))
    report = verify_milling(design(seed), found, paths, post(paths, found))

    assert [] == [(g.name, f.message) for g in report.gates for f in g.findings if f.severity == "refuse"]
    assert report.passed


def test_the_same_part_turned_needs_as_many_sides() -> None:
    counts: set[int | str] = set()
    for axis in ((1, 0, 0), (0, 1, 0), (0, 0, 1)):
        solid: Any = random_solid(3).rotate((0, 0, 0), axis, 90).val()
        piece = Part("part", dump(solid), Expected((1, 1, 1), (0, 1), 0))
        try:
            turned = Design("turned", "hand", "Turned", "al-6082", "", 1, (piece,))
            counts.add(min(len(w.sides) for w in ways(Views(workpiece(turned, SHOP)))))
        except CapabilityError as error:
            counts.add(error.code)

    assert 1 == len(counts)

"""Samples lie on the true surface, leave no gap, and look the right way."""

import math

import cadquery as cq
import numpy as np
import pytest

from geometry import solids
from geometry.sampling import Surface, _mesh, sample


@pytest.fixture(scope="module")
def surface() -> Surface:
    """A 20 x 10 x 6 block with a hole of 4 through it and a countersink on top."""
    block = cq.Workplane().box(20, 10, 6, centered=(True, True, False)).faces(">Z").workplane().cskHole(4.0, 6.0, 90.0)
    return sample(solids.dump(block.findSolid()))


def test_every_point_lies_on_a_face(surface: Surface) -> None:
    x, y, z = surface.points.T
    r = np.hypot(x, y)
    off = np.min(
        [
            np.abs(np.abs(x) - 10), np.abs(np.abs(y) - 5), np.abs(z), np.abs(z - 6), np.abs(r - 2),
            np.abs(r - 3 + (6 - z)) / math.sqrt(2),
        ],
        axis=0,
    )  # fmt: skip

    assert off.max() < 1e-9


def test_no_place_of_the_surface_is_far_from_a_point(surface: Surface) -> None:
    rng = np.random.default_rng(1)
    triangles = surface.triangles
    area = np.linalg.norm(np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]), axis=1)
    picked = triangles[rng.choice(len(triangles), 400, p=area / area.sum())]
    spots = np.einsum("ij,ijk->ik", rng.dirichlet((1, 1, 1), 400), picked)
    gaps = [np.linalg.norm(surface.points - s, axis=1).min() for s in spots]

    assert max(gaps) < 0.25 / math.sqrt(2) + 0.01


def test_normals_look_out_of_the_material(surface: Surface) -> None:
    x, y, z = surface.points.T
    bore = (np.abs(np.hypot(x, y) - 2) < 1e-6) & (z < 4.9) & (z > 0.1)
    top = (np.abs(z - 6) < 1e-9) & (np.hypot(x, y) > 3.1) & (np.abs(x) < 9.9) & (np.abs(y) < 4.9)
    inwards = -np.stack([x, y, 0 * x], axis=1)[bore] / 2

    assert np.allclose(inwards, surface.normals[bore], atol=1e-9)
    assert np.allclose([0, 0, 1], surface.normals[top], atol=1e-9)


def test_rims_know_the_way_into_their_face(surface: Surface) -> None:
    rim = np.any(surface.inward, axis=1)
    inside = surface.points[rim] + 0.1 * surface.inward[rim]
    x, y, z = inside.T
    r = np.hypot(x, y)
    within = (np.abs(x) <= 10 + 1e-6) & (np.abs(y) <= 5 + 1e-6) & (z >= -1e-6) & (z <= 6 + 1e-6) & (r >= 1.999)

    assert within.all()
    assert np.allclose(0, np.einsum("ij,ij->i", surface.normals[rim], surface.inward[rim]), atol=1e-9)


def test_triangles_enclose_the_volume(surface: Surface) -> None:
    a, b, c = surface.triangles[:, 0], surface.triangles[:, 1], surface.triangles[:, 2]
    volume = np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6

    assert pytest.approx(surface.volume_mm3, rel=1e-3) == volume
    assert pytest.approx(20 * 10 * 6 - math.pi * (4 * 6 + (9 + 6 + 4) / 3 - 4), rel=1e-6) == surface.volume_mm3


def test_the_same_solid_gives_the_same_points(surface: Surface) -> None:
    again = cq.Workplane().box(20, 10, 6, centered=(True, True, False)).faces(">Z").workplane().cskHole(4.0, 6.0, 90.0)

    assert np.array_equal(surface.points, sample(solids.dump(again.findSolid())).points)


def test_a_face_that_the_mesher_left_out_is_meshed_for_itself() -> None:
    face = cq.Workplane().box(4, 3, 2).findSolid().Faces()[0].wrapped
    corners, _, triangles = _mesh(face)
    a, b, c = (corners[triangles[:, k]] for k in range(3))

    assert 6 == pytest.approx(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2)

"""The triangles of a solid close round it, whatever its faces: what looks at a part from its mesh sees all of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import cadquery as cq
import numpy as np
import pytest

from bench import surface_solids
from geometry.tessellate import by_face

TOL_MM = 0.002


def sieve() -> cq.Workplane:
    return cq.Workplane().box(120, 80, 10).faces(">Z").workplane().rarray(11, 11, 10, 6).hole(6.6)


def lettered() -> cq.Workplane:
    return cq.Workplane().box(80, 30, 4).faces(">Z").workplane().text("S&8%", 16, -1.5)


@pytest.mark.parametrize(
    "shape", [sieve, lettered, surface_solids.dome, surface_solids.rounds, surface_solids.log, surface_solids.spline]
)
def test_triangles_close_round_the_solid_and_are_as_large_as_its_faces(shape: Callable[[], cq.Workplane]) -> None:
    solid = shape().findSolid()
    meshes = by_face(solid, TOL_MM)
    whole = np.concatenate(meshes)
    sides = Counter(
        (a, b)
        for corners in np.round(whole, 6).tolist()
        for a, b in zip(map(tuple, corners), map(tuple, np.roll(corners, -1, axis=0).tolist()), strict=True)
    )
    areas = [np.linalg.norm(np.cross(t[:, 1] - t[:, 0], t[:, 2] - t[:, 0]), axis=1).sum() / 2 for t in meshes]

    assert [] == [side for side, n in sides.items() if sides[side[::-1]] != n]
    assert [f.Area() for f in solid.Faces()] == pytest.approx(areas, rel=2e-3)

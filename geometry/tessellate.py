"""Triangles of a solid, and points on its faces, for those who look at it from a side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from geometry.compiled import compiled

if TYPE_CHECKING:
    import cadquery as cq

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
TURN_RAD = 0.2
SHARE_U, SHARE_V = 0.7548776662466927, 0.5698402909980532
"""Steps of the plane's even-spread sequence (the powers of one over the plastic number)."""


@dataclass(frozen=True, slots=True)
class Spots:
    """Points (n, 3) on a solid's faces (mm), their outward normals (n, 3) and the numbers (n) of their faces."""

    points: Floats
    normals: Floats
    face: Ints


def triangles(shape: cq.Shape, tol_mm: float) -> Floats:
    """Triangles (n, 3 corners, 3 coordinates in mm) within ``tol_mm`` of the faces, counter-clockwise from outside."""
    return np.concatenate(by_face(shape, tol_mm))


def by_face(shape: cq.Shape, tol_mm: float) -> list[Floats]:
    """The same, an array a face in the kernel's order."""
    mesh(shape, tol_mm, TURN_RAD)
    return [_of_face(f.wrapped) for f in shape.Faces()]


def mesh(shape: cq.Shape, chord_mm: float, turn_rad: float) -> None:
    """Give a shape's faces their triangles, within a chord and a turn."""
    from OCP.BRepMesh import BRepMesh_IncrementalMesh

    BRepMesh_IncrementalMesh(shape.wrapped, chord_mm, theAngDeflection=turn_rad)


def spots(faces: list[Floats], spacing_mm: float) -> Spots:
    """Points spread evenly over the triangles of every face, about one for each square of ``spacing_mm``.

    Every triangle has at least one; none lies on a triangle's rim.
    """
    found, normals, owner = [], [], []
    for number, given in enumerate(faces):
        across = np.cross(given[:, 1] - given[:, 0], given[:, 2] - given[:, 0])
        size = np.linalg.norm(across, axis=1)
        sound = size > 1e-12
        corners, across, size = given[sound], across[sound], size[sound]
        longest = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max(axis=1, initial=0.0)
        wanted = np.maximum(size / (2 * spacing_mm**2), longest / (2 * spacing_mm))
        count = np.maximum(1, np.ceil(wanted - 1e-9)).astype(np.int64)
        which = np.repeat(np.arange(len(corners)), count)
        turn = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
        u, v = (0.5 + (turn + 1) * SHARE_U) % 1.0, (0.5 + (turn + 1) * SHARE_V) % 1.0
        fold = u + v > 1.0
        u, v = np.where(fold, 1 - u, u), np.where(fold, 1 - v, v)
        a, b, c = (corners[which, k] for k in range(3))
        found.append(a + u[:, None] * (b - a) + v[:, None] * (c - a))
        normals.append((across / size[:, None])[which])
        owner.append(np.full(len(which), number, dtype=np.int64))
    return Spots(np.concatenate(found), np.concatenate(normals), np.concatenate(owner))


def moved_spots(given: Spots, rows: Floats) -> Spots:
    """The spots under a rigid motion given as the rows of a 3x4 matrix (mm)."""
    turn = np.hstack([rows[:, :3], np.zeros((3, 1))])
    return Spots(moved(given.points, rows), moved(given.normals, turn), given.face)


def moved(points: Floats, rows: Floats) -> Floats:
    """Points (n, 3) under a rigid motion given as the rows of a 3x4 matrix (mm)."""
    return _moved(np.ascontiguousarray(points, dtype=np.float64), np.array(rows, dtype=np.float64))


@compiled
def _moved(points: Floats, rows: Floats) -> Floats:
    # Written out: the linear algebra library starts threads for a product this thin.
    found = np.empty((len(points), 3))
    for k in range(len(points)):
        for axis in range(3):
            r = rows[axis]
            found[k, axis] = r[0] * points[k, 0] + r[1] * points[k, 1] + r[2] * points[k, 2] + r[3]
    return found


def _of_face(face: Any) -> Floats:
    from OCP.BRep import BRep_Tool
    from OCP.TopAbs import TopAbs_Orientation
    from OCP.TopLoc import TopLoc_Location

    place = TopLoc_Location()
    mesh = BRep_Tool.Triangulation_s(face, place)
    if mesh is None:
        return np.empty((0, 3, 3))
    nodes = [mesh.Node(k) for k in range(1, mesh.NbNodes() + 1)]
    if not place.IsIdentity():
        motion = place.Transformation()
        nodes = [n.Transformed(motion) for n in nodes]
    corners = np.array([(n.X(), n.Y(), n.Z()) for n in nodes])
    index = np.array([mesh.Triangle(k).Get() for k in range(1, mesh.NbTriangles() + 1)], dtype=np.int64) - 1
    if face.Orientation() == TopAbs_Orientation.TopAbs_REVERSED:
        index = index[:, ::-1]
    found: Floats = corners[index]
    return found

"""Triangle meshes of solids: watertight, measured, and ready for a second kernel or a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import cadquery as cq
    from manifold3d import Manifold

CHORD_MM = 0.01
ANGLE_RAD = 0.3
MERGE_MM = 1e-5


@dataclass(frozen=True, slots=True)
class Mesh:
    """Triangles over shared corners, outward by the right hand.

    ``points`` is (n, 3) float64 in mm, ``triangles`` (m, 3) int64.
    """

    points: NDArray[np.float64]
    triangles: NDArray[np.int64]

    @property
    def volume_mm3(self) -> float:
        """Signed volume (divergence theorem)."""
        a, b, c = (self.points[self.triangles[:, k]] for k in range(3))
        return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6)

    @property
    def box_mm(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Lowest and highest corner."""
        return self.points.min(axis=0), self.points.max(axis=0)

    @property
    def area_mm2(self) -> float:
        """Surface."""
        a, b, c = (self.points[self.triangles[:, k]] for k in range(3))
        return float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2)


def mesh(shape: cq.Shape, chord_mm: float = CHORD_MM, angle_rad: float = ANGLE_RAD) -> Mesh:
    """Tessellate a shape: chords within ``chord_mm``, corners merged, empty triangles dropped.

    Work on a copy: the kernel keeps triangulations on the shape, and later booleans and dumps would see them.
    """
    from OCP.BRep import BRep_Tool
    from OCP.BRepMesh import BRepMesh_IncrementalMesh
    from OCP.TopAbs import TopAbs_Orientation
    from OCP.TopLoc import TopLoc_Location

    copy = shape.copy()
    BRepMesh_IncrementalMesh(copy.wrapped, chord_mm, False, angle_rad, False)  # noqa: FBT003 - the kernel takes no keywords
    corners: list[tuple[float, float, float]] = []
    faces: list[tuple[int, ...]] = []
    for face in copy.Faces():
        place = TopLoc_Location()
        patch = BRep_Tool.Triangulation_s(face.wrapped, place)
        if patch is None:
            continue
        first = len(corners) - 1
        motion = place.Transformation()
        for k in range(1, patch.NbNodes() + 1):
            p = patch.Node(k).Transformed(motion)
            corners.append((p.X(), p.Y(), p.Z()))
        flip = face.wrapped.Orientation() == TopAbs_Orientation.TopAbs_REVERSED
        for k in range(1, patch.NbTriangles() + 1):
            a, b, c = patch.Triangle(k).Get()
            faces.append((a + first, c + first, b + first) if flip else (a + first, b + first, c + first))
    return merged(np.array(corners, dtype=np.float64), np.array(faces, dtype=np.int64))


def merged(points: NDArray[np.float64], triangles: NDArray[np.int64]) -> Mesh:
    """Corners closer than 0.00001 mm become one; triangles with a repeated corner go."""
    keys = np.round(points / MERGE_MM).astype(np.int64)
    _, first, inverse = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    shared = inverse.reshape(-1)[triangles]
    whole = (shared[:, 0] != shared[:, 1]) & (shared[:, 1] != shared[:, 2]) & (shared[:, 2] != shared[:, 0])
    return Mesh(points[first], shared[whole])


def is_watertight(m: Mesh) -> bool:
    """True when every edge is walked exactly once each way."""
    if not len(m.triangles):
        return False
    edges = np.concatenate([m.triangles[:, [0, 1]], m.triangles[:, [1, 2]], m.triangles[:, [2, 0]]])
    count = len(m.points)
    there, back = edges[:, 0] * count + edges[:, 1], edges[:, 1] * count + edges[:, 0]
    return len(np.unique(there)) == len(there) and np.array_equal(np.sort(there), np.sort(back))


def genus(m: Mesh) -> int:
    """Handles (through-holes) of a watertight mesh of one piece: (2 - V + E - F) / 2."""
    used = len(np.unique(m.triangles))
    faces = len(m.triangles)
    return (2 - used + faces * 3 // 2 - faces) // 2


def level_area_mm2(m: Mesh, z_mm: float, tol_mm: float = 1e-4) -> float:
    """Area of the horizontal faces at height ``z_mm``."""
    corners = m.points[m.triangles]
    flat = (np.abs(corners[:, :, 2] - z_mm) <= tol_mm).all(axis=1)
    a, b, c = (corners[flat][:, k] for k in range(3))
    return float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2)


def to_manifold(m: Mesh) -> Manifold:
    """The mesh in the second kernel; its ``status()`` tells whether it is sound."""
    from manifold3d import Manifold, Mesh64

    found: Any = Manifold(Mesh64(np.ascontiguousarray(m.points), np.ascontiguousarray(m.triangles.astype(np.uint64))))
    return found

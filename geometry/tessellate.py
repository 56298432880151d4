"""Triangles of a solid, for those who look at it from above: planners and surface toolpaths."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import cadquery as cq

TURN_RAD = 0.2


def triangles(shape: cq.Shape, tol_mm: float) -> NDArray[np.float64]:
    """Triangles (n, 3 corners, 3 coordinates in mm) within ``tol_mm`` of the faces, counter-clockwise from outside."""
    from OCP.BRepMesh import BRepMesh_IncrementalMesh

    BRepMesh_IncrementalMesh(shape.wrapped, tol_mm, theAngDeflection=TURN_RAD)
    return np.concatenate([_of_face(f.wrapped) for f in shape.Faces()])


def _of_face(face: Any) -> NDArray[np.float64]:
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
    found: NDArray[np.float64] = corners[index]
    return found

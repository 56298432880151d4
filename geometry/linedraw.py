"""Draws the visible edges of solids as an SVG picture; needs no graphics library."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import cadquery as cq

Vector = tuple[float, float, float]
Line = tuple[float, float, float, float]

CHORD_MM = 0.05
ANGLE_RAD = 0.2
MARGIN = 0.06


def line_drawing(pieces: Sequence[tuple[cq.Shape, Vector]], eye: Vector, size_px: tuple[int, int]) -> bytes:
    """Visible edges of the shapes, each shifted to its place (mm), seen from ``eye``, filling the picture.

    Hidden lines are removed by the kernel's polyhedral algorithm.
    """
    lines = visible(pieces, eye)
    width, height = size_px
    xs = [v for a, _, b, _ in lines for v in (a, b)]
    ys = [v for _, a, _, b in lines for v in (a, b)]
    room = 1 - 2 * MARGIN
    scale = min(width * room / (max(xs) - min(xs)), height * room / (max(ys) - min(ys)))
    cx, cy = (max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2

    def px(x: float, y: float) -> str:
        return f"{width / 2 + (x - cx) * scale:.2f} {height / 2 - (y - cy) * scale:.2f}"

    path = "".join(f"M{px(a, b)}L{px(c, d)}" for a, b, c, d in lines)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f'<rect width="{width}" height="{height}" fill="#f7f7f5"/>'
        f'<path d="{path}" fill="none" stroke="#1f2126" stroke-width="1.6" stroke-linecap="round"/></svg>\n'
    ).encode()


def flat(point: Vector, eye: Vector) -> tuple[float, float]:
    """Where a point (mm) lies in the plane that looks to ``eye``: to the right, and up."""
    x, y, z = point
    level = math.hypot(eye[0], eye[1])
    far = math.hypot(level, eye[2])
    right = (eye[0] * y - eye[1] * x) / level
    up = z * level / far - (eye[0] * x + eye[1] * y) * eye[2] / (level * far)
    return (right, up)


def visible(pieces: Sequence[tuple[cq.Shape, Vector]], eye: Vector) -> list[Line]:
    """The visible edges as segments in the plane of :func:`flat`; arcs are drawn in short chords."""
    import cadquery as cq
    from OCP.BRepMesh import BRepMesh_IncrementalMesh
    from OCP.gp import gp_Ax3, gp_Dir, gp_Pnt, gp_Trsf
    from OCP.HLRAlgo import HLRAlgo_Projector
    from OCP.HLRBRep import HLRBRep_PolyAlgo, HLRBRep_PolyHLRToShape

    hider = HLRBRep_PolyAlgo()
    for shape, shift in pieces:
        placed = shape.copy().translate(cq.Vector(*shift))
        BRepMesh_IncrementalMesh(placed.wrapped, CHORD_MM, False, ANGLE_RAD, False)  # noqa: FBT003 - the kernel takes no keywords
        hider.Load(placed.wrapped)
    right = gp_Dir(-eye[1] / math.hypot(*eye[:2]), eye[0] / math.hypot(*eye[:2]), 0.0)
    motion = gp_Trsf()
    motion.SetTransformation(gp_Ax3(gp_Pnt(0, 0, 0), gp_Dir(*eye), right))
    hider.Projector(HLRAlgo_Projector(motion, False, 0.0))  # noqa: FBT003 - the kernel takes no keywords
    hider.Update()
    shapes = HLRBRep_PolyHLRToShape()
    shapes.Update(hider)
    lines: list[Line] = []
    for found in (shapes.VCompound(), shapes.OutLineVCompound()):
        if found is not None and not found.IsNull():
            for edge in cq.Shape.cast(found).Edges():
                a, b = edge.startPoint(), edge.endPoint()
                lines.append((a.x, a.y, b.x, b.y))
    return lines

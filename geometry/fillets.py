"""Roundings of a solid that cost more than they look: at the foot of walls, and over outer edges."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from geometry.bores import corners, dot
from model.design import Vector

if TYPE_CHECKING:
    import cadquery as cq
    from OCP.BRepAdaptor import BRepAdaptor_Surface

SAME_MM = 1e-3
EDGE_RAD = 1.8
"""What turns further than this is no rounded edge but a round end."""
ALONG = 0.999
TINY_MM = 0.05


@dataclass(frozen=True, slots=True)
class Rounding:
    """One rounded edge: its radius, a point on it, the way out of the material there.

    ``wall_mm`` is the radius of the corner it lies in (feet of walls), ``axis`` what it runs along (outer edges; zero
    where it runs in an arc).
    """

    radius_mm: float
    spot_mm: Vector
    facing: Vector
    wall_mm: float = 0.0
    axis: Vector = (0.0, 0.0, 0.0)


def feet(shape: cq.Shape) -> tuple[Rounding, ...]:
    """The roundings at the foot of round inner corners, in which a mill with a rounded tip must turn."""
    from OCP.GeomAbs import GeomAbs_SurfaceType as Kind

    found = []
    walls = corners(shape)
    for surface, hollow, spot, out in _surfaces(shape):
        if not hollow:
            continue
        if surface.GetType() == Kind.GeomAbs_Torus:
            body = surface.Torus()
            turn = surface.LastUParameter() - surface.FirstUParameter()
            if turn < math.pi:  # all round it is the foot of a round pocket, which is no corner
                wall = body.MajorRadius() + body.MinorRadius()
                found.append(Rounding(body.MinorRadius(), spot, out, wall))
        elif surface.GetType() == Kind.GeomAbs_Sphere:
            ball, at = surface.Sphere(), surface.Sphere().Location()
            centre = (at.X(), at.Y(), at.Z())
            if any(abs(w.diameter_mm / 2 - ball.Radius()) < SAME_MM and w.off_axis_mm(centre) < SAME_MM for w in walls):
                found.append(Rounding(ball.Radius(), spot, out, ball.Radius()))
    return tuple(found)


def outer_edges(shape: cq.Shape) -> tuple[Rounding, ...]:
    """Rounded outer edges that are no part of an outline: the direction is left out along which most of them run."""
    from OCP.GeomAbs import GeomAbs_SurfaceType as Kind

    found = []
    for surface, hollow, spot, out in _surfaces(shape):
        if hollow:
            continue
        if surface.GetType() == Kind.GeomAbs_Torus:
            turn = surface.LastVParameter() - surface.FirstVParameter()
            if turn < EDGE_RAD and surface.Torus().MinorRadius() > TINY_MM:
                found.append(Rounding(surface.Torus().MinorRadius(), spot, out))
        elif surface.GetType() == Kind.GeomAbs_Cylinder:
            turn = surface.LastUParameter() - surface.FirstUParameter()
            d = surface.Cylinder().Axis().Direction()
            if turn < EDGE_RAD and surface.Cylinder().Radius() > TINY_MM:
                found.append(Rounding(surface.Cylinder().Radius(), spot, out, axis=(d.X(), d.Y(), d.Z())))
    ways: list[Vector] = [(0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0)]
    outlines = [[r for r in found if abs(dot(r.axis, way)) > ALONG] for way in ways]
    outline = max(outlines, key=len)
    return tuple(r for r in found if r not in outline)


def _surfaces(shape: cq.Shape) -> Iterator[tuple[BRepAdaptor_Surface, bool, Vector, Vector]]:
    """Every face's surface with whether it is hollow, a point in its middle, and the way out there."""
    from OCP.BRepAdaptor import BRepAdaptor_Surface
    from OCP.BRepLProp import BRepLProp_SLProps
    from OCP.TopAbs import TopAbs_Orientation

    for face in shape.Faces():
        surface = BRepAdaptor_Surface(face.wrapped)
        u = (surface.FirstUParameter() + surface.LastUParameter()) / 2
        v = (surface.FirstVParameter() + surface.LastVParameter()) / 2
        props = BRepLProp_SLProps(surface, u, v, 2, 1e-9)
        if not props.IsNormalDefined() or not props.IsCurvatureDefined():
            continue
        sign = -1 if face.wrapped.Orientation() == TopAbs_Orientation.TopAbs_REVERSED else 1
        at, n = props.Value(), props.Normal()
        out = (sign * n.X(), sign * n.Y(), sign * n.Z())
        bends = (sign * props.MaxCurvature(), sign * props.MinCurvature())
        hollow = max(bends, key=abs) > 0
        yield surface, hollow, (at.X(), at.Y(), at.Z()), out

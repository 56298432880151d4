"""The cones drills leave, at the bottoms of blind holes and on the shoulders of stepped ones, of whichever angle."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SHARPEST_DEG, BLUNTEST_DEG = 118.0, 140.0
"""Point angles of twist drills: 118 for general use to 140 for carbide (DIN 1414; makers' catalogues)."""

DRAWN_DEG = (89.0, 151.0)
"""A cone of such an angle under a cylinder is drawn for a drill's point; its depth is not dimensioned (ISO 129)."""

SHOULDER_DEG = (SHARPEST_DEG - 1, BLUNTEST_DEG + 1)
"""A cone without its tip is a drill's between these: sharper ones are sinks and seats, which are made as drawn."""

SAME_MM = 1e-3


@dataclass(frozen=True, slots=True)
class DrillPoint:
    """A cone from a hole's cylinder to its tip: the tip, the direction from it to the mouth, radius and full angle."""

    tip: Floats
    axis: Floats
    radius_mm: float
    angle_deg: float

    def give(self, points: Floats) -> Floats:
        """How far below the cone, and how far above it (mm, (2, n)), other drills of its depth cut at ``points``.

        All drills have their full diameter to the same depth; from there in, their cones part company.
        """
        way = points - self.tip
        along = way @ self.axis
        inside = self.radius_mm - np.linalg.norm(way - along[:, None] * self.axis, axis=1)
        rises = [1 / math.tan(math.radians(a / 2)) for a in (SHARPEST_DEG, self.angle_deg, BLUNTEST_DEG)]
        over = np.array([max(0.0, rises[0] - rises[1]), max(0.0, rises[1] - rises[2])])
        return over[:, None] * np.maximum(inside, 0.0)


def any_point(drawn_deg: float, drill_deg: float) -> bool:
    """True when a hole drawn with the one point angle may be drilled with the other, its full diameter as deep."""
    usual = DRAWN_DEG[0] <= drawn_deg <= DRAWN_DEG[1] and SHARPEST_DEG <= drill_deg <= BLUNTEST_DEG
    return usual or abs(drawn_deg - drill_deg) < 1


def shoulder_point(drawn_deg: float, drill_deg: float) -> bool:
    """True when a drill may leave a shoulder drawn with an angle: a sharper one would cut into the hole below."""
    return SHOULDER_DEG[0] <= drawn_deg <= SHOULDER_DEG[1] and drawn_deg - 1 <= drill_deg <= BLUNTEST_DEG


def drill_points(shape: Any) -> dict[int, DrillPoint]:
    """The drill points among a shape's faces, by the face's number in the shape's order.

    They may be halves, or what a finer hole or one across leaves of them.
    """
    from OCP.BRepAdaptor import BRepAdaptor_Surface
    from OCP.GeomAbs import GeomAbs_SurfaceType as Kind

    faces = shape.Faces()
    surfaces = [BRepAdaptor_Surface(f.wrapped) for f in faces]
    walls = [s for s in surfaces if s.GetType() == Kind.GeomAbs_Cylinder]
    found = {}
    for number, (face, surface) in enumerate(zip(faces, surfaces, strict=True)):
        point = _point(face, surface) if surface.GetType() == Kind.GeomAbs_Cone else None
        if point is not None and any(_meets(point, w) for w in walls):
            found[number] = point
    return found


def _point(face: Any, surface: Any) -> DrillPoint | None:
    """The cone with its tip, also where the face does not come to it, when the material lies outside."""
    from OCP.gp import gp_Pnt, gp_Vec
    from OCP.TopAbs import TopAbs_Orientation

    cone = surface.Cone()
    angle = 2 * math.degrees(abs(cone.SemiAngle()))
    v = (surface.FirstVParameter(), surface.LastVParameter())
    radii = [abs(cone.RefRadius() + w * math.sin(cone.SemiAngle())) for w in v]
    sharpest, bluntest = DRAWN_DEG if min(radii) < SAME_MM else SHOULDER_DEG
    if not sharpest <= angle <= bluntest:
        return None
    u = (surface.FirstUParameter() + surface.LastUParameter()) / 2
    at, du, dv = gp_Pnt(), gp_Vec(), gp_Vec()
    surface.D1(u, sum(v) / 2, at, du, dv)
    turned = face.wrapped.Orientation() == TopAbs_Orientation.TopAbs_REVERSED
    normal = np.array(du.Crossed(dv).Coord()) * (-1.0 if turned else 1.0)
    tip, way = np.array(cone.Apex().Coord()), np.array(cone.Axis().Direction().Coord())
    out = np.array(at.Coord()) - tip
    axis = way if out @ way > 0 else -way
    if normal @ (out - (out @ axis) * axis) >= 0:
        return None
    return DrillPoint(tip, axis, max(radii), angle)


def _meets(point: DrillPoint, wall: Any) -> bool:
    """True when a cylinder has the cone's radius and axis and ends, or begins, at the cone's rim."""
    body = wall.Cylinder()
    way = body.Axis().Direction()
    along = np.array([way.X(), way.Y(), way.Z()])
    rim = point.tip + point.axis * (point.radius_mm / math.tan(math.radians(point.angle_deg / 2)))
    place = body.Location()
    off = rim - np.array([place.X(), place.Y(), place.Z()])
    aside = np.linalg.norm(off - (off @ along) * along)
    at = float(off @ along)
    ends = (wall.FirstVParameter(), wall.LastVParameter())
    return bool(
        abs(body.Radius() - point.radius_mm) < SAME_MM
        and abs(abs(along @ point.axis) - 1) < 1e-6
        and aside < SAME_MM
        and min(abs(at - e) for e in ends) < SAME_MM
    )

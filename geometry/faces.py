"""A table of a solid's faces: what surface each lies on, where, and which way it looks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from geometry.solids import box, face_contours
from model.region import Region

if TYPE_CHECKING:
    import cadquery as cq
    from OCP.BRepAdaptor import BRepAdaptor_Surface

LATTICE = 9
Vector = tuple[float, float, float]
_NOWHERE = Region()


@dataclass(frozen=True, slots=True)
class Face:
    """One face. ``normal`` is the outward normal at its middle.

    ``axis`` and ``centre`` (a point on the axis) and ``radius_mm`` belong to cylinders and cones
    (a cone's radius is the larger one on the face); ``concave`` is True when material lies
    outside the cylinder or cone. ``sweep_rad`` is how much of the turn the face covers.
    ``region`` is there for horizontal planes only. ``lowest_nz`` and ``highest_nz`` are the range of the
    outward normal's z over the face (sampled on free forms). ``hollow_mm`` is the tightest radius at which
    the face is hollow, seen from outside (inf: nowhere).
    """

    index: int
    surface: Literal["plane", "cylinder", "cone", "other"]
    normal: Vector
    z0_mm: float
    z1_mm: float
    centre: Vector
    area_mm2: float
    axis: Vector = (0.0, 0.0, 0.0)
    radius_mm: float = 0.0
    half_angle_deg: float = 0.0
    concave: bool = False
    sweep_rad: float = 0.0
    region: Region = _NOWHERE
    lowest_nz: float = 0.0
    highest_nz: float = 0.0
    hollow_mm: float = math.inf

    @property
    def upright(self) -> bool:
        """True when a cylinder's or cone's axis is vertical."""
        return abs(abs(self.axis[2]) - 1) < 1e-6

    @property
    def wall(self) -> bool:
        """True for faces that stand upright everywhere."""
        return max(abs(self.lowest_nz), abs(self.highest_nz)) < 1e-6

    @property
    def level(self) -> bool:
        """True for a horizontal plane."""
        return self.surface == "plane" and abs(abs(self.normal[2]) - 1) < 1e-6


def table(shape: cq.Shape) -> list[Face]:
    """Every face of a shape, in the kernel's order."""
    return [_face(k, f) for k, f in enumerate(shape.Faces())]


def _face(index: int, face: cq.Face) -> Face:
    from OCP.BRepAdaptor import BRepAdaptor_Surface
    from OCP.GeomAbs import GeomAbs_SurfaceType as Kind

    surface = BRepAdaptor_Surface(face.wrapped)
    u = (surface.FirstUParameter() + surface.LastUParameter()) / 2
    v = (surface.FirstVParameter() + surface.LastVParameter()) / 2
    at = surface.Value(u, v)
    normal = _outward(face, surface, u, v)
    z0, z1 = _z_range(face)
    middle = (at.X(), at.Y(), at.Z())
    kind = surface.GetType()
    common = (normal, z0, z1)
    if kind == Kind.GeomAbs_Plane:
        level = abs(abs(normal[2]) - 1) < 1e-6
        centre = face.Center().toTuple()
        region = Region(tuple(face_contours(face))) if level else Region()
        nz = normal[2]
        return Face(index, "plane", *common, centre, face.Area(), region=region, lowest_nz=nz, highest_nz=nz)
    if kind in (Kind.GeomAbs_Cylinder, Kind.GeomAbs_Cone):
        is_cone = kind == Kind.GeomAbs_Cone
        body = surface.Cone() if is_cone else surface.Cylinder()
        d, p = body.Axis().Direction(), body.Axis().Location()
        axis, centre = (d.X(), d.Y(), d.Z()), (p.X(), p.Y(), p.Z())
        radial = _radial(middle, centre, axis)
        concave = sum(a * b for a, b in zip(radial, normal, strict=True)) < 0
        radius = body.RefRadius() if is_cone else body.Radius()
        angle = 0.0
        if is_cone:
            angle = math.degrees(abs(body.SemiAngle()))
            ends = [surface.Value(u, w) for w in (surface.FirstVParameter(), surface.LastVParameter())]
            radius = max(math.hypot(*_radial((e.X(), e.Y(), e.Z()), centre, axis)) for e in ends)
        swept = surface.LastUParameter() - surface.FirstUParameter()
        word: Literal["cone", "cylinder"] = "cone" if is_cone else "cylinder"
        low, high, hollow = _bend(face, surface)
        return Face(index, word, *common, centre, face.Area(), axis, radius, angle, concave, swept, _NOWHERE, low, high,
                    hollow)  # fmt: skip
    low, high, hollow = _bend(face, surface)
    return Face(index, "other", *common, middle, face.Area(), lowest_nz=low, highest_nz=high, hollow_mm=hollow)


def _bend(face: cq.Face, surface: BRepAdaptor_Surface) -> tuple[float, float, float]:
    """Range of the normal's z over a lattice of the face, and the tightest hollow radius on it."""
    from OCP.BRepLProp import BRepLProp_SLProps
    from OCP.TopAbs import TopAbs_Orientation

    sign = -1 if face.wrapped.Orientation() == TopAbs_Orientation.TopAbs_REVERSED else 1
    low, high, hollow = 1.0, -1.0, 0.0
    for i in range(LATTICE):
        for j in range(LATTICE):
            u, v = (
                a + (b - a) * (k + 0.5) / LATTICE
                for a, b, k in (
                    (surface.FirstUParameter(), surface.LastUParameter(), i),
                    (surface.FirstVParameter(), surface.LastVParameter(), j),
                )
            )
            props = BRepLProp_SLProps(surface, u, v, 2, 1e-9)
            if not props.IsNormalDefined():
                continue
            z = sign * props.Normal().Z()
            low, high = min(low, z), max(high, z)
            if props.IsCurvatureDefined():
                hollow = max(hollow, sign * props.MaxCurvature(), sign * props.MinCurvature())
    return low, high, 1 / hollow if hollow > 1e-6 else math.inf


def _outward(face: cq.Face, surface: object, u: float, v: float) -> Vector:
    from OCP.BRepLProp import BRepLProp_SLProps
    from OCP.TopAbs import TopAbs_Orientation

    props = BRepLProp_SLProps(surface, u, v, 1, 1e-9)
    if not props.IsNormalDefined():
        return (0.0, 0.0, 0.0)
    n = props.Normal()
    sign = -1 if face.wrapped.Orientation() == TopAbs_Orientation.TopAbs_REVERSED else 1
    return (sign * n.X(), sign * n.Y(), sign * n.Z())


def _radial(point: Vector, centre: Vector, axis: Vector) -> Vector:
    rel = [a - b for a, b in zip(point, centre, strict=True)]
    along = sum(a * b for a, b in zip(rel, axis, strict=True))
    x, y, z = (a - along * b for a, b in zip(rel, axis, strict=True))
    return (x, y, z)


def _z_range(face: cq.Face) -> tuple[float, float]:
    """Lowest and highest z of a face."""
    low, high = box(face)
    return low[2], high[2]

"""Solids (B-rep): storing, moving, cutting level sections with exact arcs, and raising prisms."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from geometry.arcs import sweep
from model.region import Contour, Point, Region, Segment

if TYPE_CHECKING:
    import cadquery as cq
    from cadquery import Shape as Shape  # noqa: PLC0414 - re-exported: planners name it without the kernel
else:
    Shape = Any

CURVE_TOL_MM = 0.0005
LEVEL, SAME_LEVEL_MM = 1 - 1e-6, 1e-3
Rows = Sequence[Sequence[float]]


def dump(shape: cq.Shape) -> bytes:
    """A shape in the kernel's binary form: the same bytes from the same modelling steps."""
    stream = io.BytesIO()
    shape.exportBin(stream)
    return stream.getvalue()


def load(brep: bytes) -> cq.Shape:
    """The shape :func:`dump` wrote.

    Raises:
        ValueError: The bytes hold no shape.
    """
    import cadquery as cq

    shape = cq.Shape.importBin(io.BytesIO(brep))
    if shape is None or shape.wrapped is None:
        msg = "the bytes hold no shape"
        raise ValueError(msg)
    return shape


def moved(shape: cq.Shape, matrix: Rows) -> cq.Shape:
    """The shape under a rigid motion given as the rows of a 3x4 matrix (mm)."""
    import cadquery as cq
    from OCP.BRepBuilderAPI import BRepBuilderAPI_Transform
    from OCP.gp import gp_Trsf

    motion = gp_Trsf()
    motion.SetValues(*(float(v) for row in matrix for v in row))
    return cq.Shape.cast(BRepBuilderAPI_Transform(shape.wrapped, motion, theCopyGeom=True, theCopyMesh=True).Shape())


def box(shape: cq.Shape) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """Lowest and highest corner of a shape, without the slack of the kernel's usual box."""
    from OCP.Bnd import Bnd_Box
    from OCP.BRepBndLib import BRepBndLib

    found = Bnd_Box()
    BRepBndLib.AddOptimal_s(shape.wrapped, found, useTriangulation=False, useShapeTolerance=False)
    x0, y0, z0, x1, y1, z1 = found.Get()
    g = found.GetGap()
    low = (round(x0 + g, 6) + 0.0, round(y0 + g, 6) + 0.0, round(z0 + g, 6) + 0.0)
    return low, (round(x1 - g, 6) + 0.0, round(y1 - g, 6) + 0.0, round(z1 - g, 6) + 0.0)


def edge_length_mm(shape: cq.Shape) -> float:
    """The length of all edges together, seams of round faces left out."""
    from OCP.BRep import BRep_Tool

    seams = {hash(e) for f in shape.Faces() for e in f.Edges() if BRep_Tool.IsClosed_s(e.wrapped, f.wrapped)}
    edges = [e for e in shape.Edges() if not BRep_Tool.Degenerated_s(e.wrapped) and hash(e) not in seams]
    return float(sum(e.Length() for e in edges))


def section(shape: cq.Shape, z_mm: float) -> Region:
    """The material a level plane cuts, seen from above, with its lines and arcs.

    ``z_mm`` should not lie in a horizontal face; take it a hair above or below.
    """
    import cadquery as cq

    around = shape.BoundingBox(1e-3)
    size = 2 * max(around.xlen, around.ylen) + 20
    centre = cq.Vector(around.center.x, around.center.y, z_mm)
    plane = cq.Face.makePlane(size, size, centre, cq.Vector(0, 0, 1))
    cut = plane.intersect(shape)
    return Region(tuple(c for face in cut.Faces() for c in face_contours(face)))


def face_contours(face: cq.Face) -> list[Contour]:
    """The bounding loops of a horizontal face seen from above: outer counter-clockwise, holes clockwise."""
    outer = _wire_contour(face.outerWire(), ccw=True)
    holes = (_wire_contour(w, ccw=False) for w in face.innerWires())
    return [c for c in (outer, *holes) if c.segments]


def prism(region: Region, z0_mm: float, z1_mm: float) -> list[cq.Solid]:
    """Upright prisms over every area of a region, from ``z0_mm`` up to ``z1_mm``, arcs kept."""
    import cadquery as cq

    solids = []
    for outer, holes in _nested(region):
        wire = _contour_wire(outer, z0_mm)
        inner = [_contour_wire(h, z0_mm) for h in holes]
        solids.append(cq.Solid.extrudeLinear(wire, inner, cq.Vector(0, 0, z1_mm - z0_mm)))
    return solids


def joined(shape: cq.Shape, more: Sequence[cq.Shape]) -> cq.Shape:
    """One solid of shapes that overlap, faces in one plane made one."""
    return shape.fuse(*more).clean()


def signed_area(contour: Contour) -> float:
    """Area inside a contour in mm2, positive when it runs counter-clockwise; arcs exact."""
    total = 0.0
    x0, y0 = contour.start
    for s in contour.segments:
        total += (x0 * s.y_mm - s.x_mm * y0) / 2
        if s.turn:
            angle = sweep((x0, y0), s)
            r2 = (s.x_mm - s.cx_mm) ** 2 + (s.y_mm - s.cy_mm) ** 2
            total += r2 * (angle - math.sin(angle)) / 2
        x0, y0 = s.x_mm, s.y_mm
    return total


def reversed_contour(contour: Contour) -> Contour:
    """The same contour the other way round."""
    starts = [contour.start, *((s.x_mm, s.y_mm) for s in contour.segments[:-1])]
    back = [
        Segment(p[0], p[1], -s.turn, s.cx_mm, s.cy_mm)
        for p, s in zip(reversed(starts), reversed(contour.segments), strict=True)
    ]
    return Contour(tuple(back))


def _wire_contour(wire: cq.Wire, *, ccw: bool) -> Contour:
    from OCP.BRepTools import BRepTools_WireExplorer

    segments: list[Segment] = []
    explorer = BRepTools_WireExplorer(wire.wrapped)
    while explorer.More():
        segments.extend(_edge_segments(explorer.Current()))
        explorer.Next()
    contour = Contour(tuple(segments))
    if not segments:  # a point: a cone's tip that just reaches the plane
        return contour
    return contour if (signed_area(contour) > 0) == ccw else reversed_contour(contour)


def _edge_segments(edge: object) -> list[Segment]:
    """One edge, in the wire's sense, as segments."""
    from OCP.BRepAdaptor import BRepAdaptor_Curve
    from OCP.GeomAbs import GeomAbs_CurveType
    from OCP.TopAbs import TopAbs_Orientation

    curve = BRepAdaptor_Curve(edge)
    u0, u1 = curve.FirstParameter(), curve.LastParameter()
    forward = edge.Orientation() == TopAbs_Orientation.TopAbs_FORWARD  # type: ignore[attr-defined]
    if not forward:
        u0, u1 = u1, u0
    kind = curve.GetType()
    if kind == GeomAbs_CurveType.GeomAbs_Line:
        p = curve.Value(u1)
        return [Segment(p.X(), p.Y())]
    if kind == GeomAbs_CurveType.GeomAbs_Circle and abs(abs(curve.Circle().Axis().Direction().Z()) - 1) < 1e-9:
        centre = curve.Circle().Location()
        up = curve.Circle().Axis().Direction().Z() > 0
        turn = 1 if up == forward else -1
        count = max(1, math.ceil(abs(u1 - u0) / math.pi - 1e-9))
        ends = [curve.Value(u0 + (u1 - u0) * k / count) for k in range(1, count + 1)]
        return [Segment(p.X(), p.Y(), turn, centre.X(), centre.Y()) for p in ends]
    return [Segment(x, y) for x, y in _sampled(curve, u0, u1)]


def _sampled(curve: object, u0: float, u1: float) -> list[Point]:
    from OCP.GCPnts import GCPnts_QuasiUniformDeflection

    low, high = min(u0, u1), max(u0, u1)
    walk = GCPnts_QuasiUniformDeflection(curve, CURVE_TOL_MM, low, high)
    found = [(walk.Value(k).X(), walk.Value(k).Y()) for k in range(1, walk.NbPoints() + 1)]
    return found[1:] if u0 < u1 else found[-2::-1]


def _contour_wire(contour: Contour, z: float) -> cq.Wire:
    import cadquery as cq
    from OCP.BRepBuilderAPI import BRepBuilderAPI_MakeWire

    edges = []
    x0, y0 = contour.start
    for s in contour.segments:
        a, b = cq.Vector(x0, y0, z), cq.Vector(s.x_mm, s.y_mm, z)
        if s.turn == 0:
            edges.append(cq.Edge.makeLine(a, b))
        else:
            angle = sweep((x0, y0), s)
            base = math.atan2(y0 - s.cy_mm, x0 - s.cx_mm)
            r = math.hypot(x0 - s.cx_mm, y0 - s.cy_mm)
            mid = cq.Vector(s.cx_mm + r * math.cos(base + angle / 2), s.cy_mm + r * math.sin(base + angle / 2), z)
            edges.append(cq.Edge.makeThreePointArc(a, mid, b))
        x0, y0 = s.x_mm, s.y_mm
    wire = BRepBuilderAPI_MakeWire()
    for edge in edges:  # one by one: given all at once, the kernel joins them in the order of their addresses
        wire.Add(edge.wrapped)
    return cq.Wire(wire.Wire())


def _nested(region: Region) -> list[tuple[Contour, list[Contour]]]:
    """Outer contours with the holes that lie in them."""
    from shapely.geometry import Point as Spot
    from shapely.geometry import Polygon

    from geometry.regions import points

    outers = [c for c in region.contours if signed_area(c) > 0]
    shapes = [Polygon(points(c, 0.01)) for c in outers]
    order = sorted(range(len(outers)), key=lambda k: shapes[k].area)
    found: list[tuple[Contour, list[Contour]]] = [(c, []) for c in outers]
    for hole in region.contours:
        if signed_area(hole) < 0:
            spot = Spot(points(hole, 0.01)[0])
            home = next(k for k in order if shapes[k].distance(spot) < 1e-3)
            found[home][1].append(hole)
    return found


def level_spot(shape: cq.Shape, z_mm: float) -> tuple[float, float, float] | None:
    """A point on the rim of the largest level face at a height that looks up (mm); None where there is none."""
    level = [
        f for f in shape.Faces()
        if f.geomType() == "PLANE" and f.normalAt().z > LEVEL and abs(f.Center().z - z_mm) < SAME_LEVEL_MM
    ]  # fmt: skip
    if not level:
        return None
    middle = max(level, key=lambda f: float(f.Area())).outerWire().Edges()[0].positionAt(0.5)
    return (middle.x, middle.y, middle.z)

"""Points on every face and edge of a part, dense enough to measure with, and its triangles for volumes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geometry.drillpoints import drill_points
from geometry.solids import load
from geometry.tessellate import mesh

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
CHORD_MM = 0.004
TURN_RAD = 0.1
SLIVER_CHORDS = (2, 8, 32, 128)
"""Slivers are meshed with the chord divided by these, the first that gives a mesh."""
SEAM_TOL = 1e-9
MOST_POINTS = 1_500_000
MOST_STEPS = 2000


@dataclass(frozen=True, slots=True)
class Surface:
    """A part's surface in its own frame (mm).

    ``points`` (n, 3) lie on the true faces, no further apart than asked, and along every face's rim; ``normals``
    (n, 3) look out of the material. ``inward`` (n, 3) is zero but on rims, where it leads along the face into it,
    square to the rim; a sharp edge so has a point for each of its two faces. Directions are of length 1.
    ``triangles`` (m, 3, 3) approximate the faces within 0.004 mm, corners counter-clockwise from outside.
    ``face`` (n) numbers each point's face in the solid's own order; ``kinds`` names every face's surface.
    ``deeper_mm`` and ``left_mm`` (n) are what drills of other point angles than the drawn one make of a blind hole's
    end, beyond and short of it (see geometry/drillpoints.py); ``drilled`` (m) marks the triangles of such ends.
    ``volume_mm3`` and ``area_mm2`` are the kernel's own. ``spacing_mm`` is the greatest gap of the lattice.
    """

    points: Floats
    normals: Floats
    inward: Floats
    triangles: Floats
    face: Ints
    kinds: tuple[str, ...]
    deeper_mm: Floats
    left_mm: Floats
    drilled: NDArray[np.bool_]
    volume_mm3: float
    area_mm2: float
    spacing_mm: float


def sample(brep: bytes, spacing_mm: float = 0.25) -> Surface:
    """Sample a solid: faces on a lattice, edges along their length, both at ``spacing_mm`` or closer.

    Parts so large that this would pass 1.5 million points are sampled more coarsely; the surface says how coarsely.

    Raises:
        ValueError: The bytes hold no shape.
    """
    shape = load(brep)
    mesh(shape, CHORD_MM, TURN_RAD)
    area = float(shape.Area())
    spacing_mm = max(spacing_mm, math.sqrt(area / MOST_POINTS))
    points, normals, inward, triangles, numbers, kinds = [], [], [], [], [], []
    deeper, left, drilled = [], [], []
    ends = drill_points(shape)
    for number, face in enumerate(shape.Faces()):
        corners, uv, indices = _mesh(face.wrapped)
        on, out, flip = _face(face.wrapped, uv, indices, spacing_mm)
        rim, rim_out, rim_in = _rim(face.wrapped, spacing_mm)
        points += [on, rim]
        normals += [out, rim_out]
        inward += [np.zeros_like(on), rim_in]
        triangles.append(corners[indices[:, ::-1] if flip else indices])
        numbers.append(np.full(len(on) + len(rim), number, dtype=np.int64))
        kinds.append(str(face.geomType()).lower())
        give = ends[number].give(np.concatenate([on, rim])) if number in ends else np.zeros((2, len(on) + len(rim)))
        deeper.append(give[0])
        left.append(give[1])
        drilled.append(np.full(len(indices), number in ends))
    return Surface(
        np.concatenate(points),
        np.concatenate(normals),
        np.concatenate(inward),
        np.concatenate(triangles),
        np.concatenate(numbers),
        tuple(kinds),
        np.concatenate(deeper),
        np.concatenate(left),
        np.concatenate(drilled),
        shape.Volume(),
        area,
        spacing_mm,
    )


def _mesh(face: Any) -> tuple[Floats, Floats, Ints]:
    """A face's mesh: corners in space, corners in the surface's parameters, triangles (corner numbers).

    A sliver narrower than the chord, which the mesher leaves out of the whole solid's mesh, is meshed for itself.

    Raises:
        ValueError: The face has no mesh at any chord.
    """
    from OCP.BRep import BRep_Tool
    from OCP.BRepMesh import BRepMesh_IncrementalMesh
    from OCP.TopLoc import TopLoc_Location

    place = TopLoc_Location()
    found = BRep_Tool.Triangulation_s(face, place)
    for finer in SLIVER_CHORDS:
        if found is None:
            BRepMesh_IncrementalMesh(face, CHORD_MM / finer, theAngDeflection=TURN_RAD)
            found = BRep_Tool.Triangulation_s(face, place)
    if found is None:
        msg = "a face of the solid has no mesh"
        raise ValueError(msg)
    count = found.NbNodes()
    nodes = [found.Node(k) for k in range(1, count + 1)]
    if not place.IsIdentity():
        motion = place.Transformation()
        nodes = [n.Transformed(motion) for n in nodes]
    uv = [found.UVNode(k) for k in range(1, count + 1)]
    triangles = [found.Triangle(k).Get() for k in range(1, found.NbTriangles() + 1)]
    return (
        np.array([(n.X(), n.Y(), n.Z()) for n in nodes]),
        np.array([(n.X(), n.Y()) for n in uv]),
        np.array(triangles, dtype=np.int64) - 1,
    )


def _face(face: Any, uv: Floats, triangles: Ints, spacing: float) -> tuple[Floats, Floats, bool]:
    """Points and outward normals on one face, and whether the face is turned against its surface."""
    from OCP.BRepAdaptor import BRepAdaptor_Surface
    from OCP.TopAbs import TopAbs_Orientation

    surface = BRepAdaptor_Surface(face)
    turned = face.Orientation() == TopAbs_Orientation.TopAbs_REVERSED
    middle = uv[triangles].mean(axis=1)
    spread = np.concatenate([uv, middle])
    _, du, dv = _evaluate(surface, spread[:: max(1, len(spread) // MOST_STEPS)])
    step = [spacing / max(float(np.linalg.norm(d, axis=1).max()), 1e-9) for d in (du, dv)]
    spots = np.concatenate([_lattice(uv, triangles, step[0], step[1]), middle[:: max(1, len(middle) // 200)]])
    on, along_u, along_v = _evaluate(surface, spots)
    if along_u.strides[0] == 0 and along_v.strides[0] == 0:  # a plane: one normal is all of them
        normal = _cross(along_u[:1], along_v[:1])
        normal = normal / np.linalg.norm(normal)
        return on, np.broadcast_to(-normal if turned else normal, on.shape), turned
    normal = _cross(along_u, along_v)
    length = np.linalg.norm(normal, axis=1)
    sound = length > SEAM_TOL
    normal = normal[sound] / length[sound, None]
    return on[sound], -normal if turned else normal, turned


def _lattice(uv: Floats, triangles: Ints, step_u: float, step_v: float) -> Floats:
    """Spots inside the meshed area in parameter space, on level rows ``step_v`` apart."""
    sides = np.sort(np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]]), axis=1)
    keys, counts = np.unique(sides[:, 0] * len(uv) + sides[:, 1], return_counts=True)
    rim = keys[counts == 1]
    a, b = uv[rim // len(uv)], uv[rim % len(uv)]
    low, high = uv[:, 1].min(), uv[:, 1].max()
    rows = max(1, math.ceil((high - low) / step_v))
    pitch = (high - low) / rows
    if pitch <= 0:
        return np.empty((0, 2))
    first = np.ceil((np.minimum(a[:, 1], b[:, 1]) - low) / pitch - 0.5).astype(np.int64)
    last = np.ceil((np.maximum(a[:, 1], b[:, 1]) - low) / pitch - 0.5).astype(np.int64)
    hits = np.maximum(last - first, 0)
    side = np.repeat(np.arange(len(a)), hits)
    row = first[side] + np.arange(len(side)) - np.repeat(np.cumsum(hits) - hits, hits)
    v = low + (row + 0.5) * pitch
    u = a[side, 0] + (b[side, 0] - a[side, 0]) * (v - a[side, 1]) / (b[side, 1] - a[side, 1])
    order = np.lexsort((u, row))
    start, end, level = u[order][0::2], u[order][1::2], v[order][0::2]
    width = end - start
    count = np.ceil(width / step_u - 1e-9).clip(0).astype(np.int64)
    span = np.repeat(np.arange(len(width)), count)
    place = np.arange(len(span)) - np.repeat(np.cumsum(count) - count, count)
    return np.stack([start[span] + (place + 0.5) * width[span] / count[span], level[span]], axis=1)


def _evaluate(surface: Any, uv: Floats) -> tuple[Floats, Floats, Floats]:
    """Points of a surface and its derivatives along u and v, at every (u, v)."""
    from OCP.GeomAbs import GeomAbs_SurfaceType as Kind

    kind = surface.GetType()
    u, v = uv[:, 0, None], uv[:, 1, None]
    if kind == Kind.GeomAbs_Plane:
        origin, x, y, _ = _axes(surface.Plane().Position())
        return origin + u * x + v * y, np.broadcast_to(x, (len(uv), 3)), np.broadcast_to(y, (len(uv), 3))
    if kind == Kind.GeomAbs_Cylinder:
        origin, x, y, z = _axes(surface.Cylinder().Position())
        r = surface.Cylinder().Radius()
        out = np.cos(u) * x + np.sin(u) * y
        return origin + r * out + v * z, r * (np.cos(u) * y - np.sin(u) * x), np.broadcast_to(z, (len(uv), 3))
    if kind == Kind.GeomAbs_Cone:
        origin, x, y, z = _axes(surface.Cone().Position())
        half = surface.Cone().SemiAngle()
        r = surface.Cone().RefRadius() + v * math.sin(half)
        out = np.cos(u) * x + np.sin(u) * y
        along = math.sin(half) * out + math.cos(half) * z
        return origin + r * out + v * math.cos(half) * z, r * (np.cos(u) * y - np.sin(u) * x), along
    if kind in {Kind.GeomAbs_Sphere, Kind.GeomAbs_Torus}:
        shape = surface.Sphere() if kind == Kind.GeomAbs_Sphere else surface.Torus()
        origin, x, y, z = _axes(shape.Position())
        far = 0.0 if kind == Kind.GeomAbs_Sphere else shape.MajorRadius()
        r = shape.Radius() if kind == Kind.GeomAbs_Sphere else shape.MinorRadius()
        out, round_ = np.cos(u) * x + np.sin(u) * y, np.cos(u) * y - np.sin(u) * x
        wide = far + r * np.cos(v)
        return origin + wide * out + r * np.sin(v) * z, wide * round_, r * (np.cos(v) * z - np.sin(v) * out)
    return _evaluate_each(surface, uv)


def _axes(position: Any) -> tuple[Floats, Floats, Floats, Floats]:
    """Origin and the three directions of a surface's own frame (which may be left-handed)."""
    place, *directions = position.Location(), position.XDirection(), position.YDirection(), position.Direction()
    origin, x, y, z = (np.array([p.X(), p.Y(), p.Z()]) for p in (place, *directions))
    return origin, x, y, z


def _evaluate_each(surface: Any, uv: Floats) -> tuple[Floats, Floats, Floats]:
    """The same through the kernel, point by point, for surfaces without a short formula."""
    from OCP.gp import gp_Pnt, gp_Vec

    rows = np.empty((len(uv), 9))
    point, du, dv = gp_Pnt(), gp_Vec(), gp_Vec()
    for k, (u, v) in enumerate(uv.tolist()):
        surface.D1(u, v, point, du, dv)
        rows[k] = point.X(), point.Y(), point.Z(), du.X(), du.Y(), du.Z(), dv.X(), dv.Y(), dv.Z()
    return rows[:, 0:3], rows[:, 3:6], rows[:, 6:9]


def _cross(a: Floats, b: Floats) -> Floats:
    """Row by row; the library's general one takes ten times as long on the many short edges of a text."""
    x, y, z = a.T
    u, v, w = b.T
    return np.stack([y * w - z * v, z * u - x * w, x * v - y * u], axis=1)


def _rim(face: Any, spacing: float) -> tuple[Floats, Floats, Floats]:
    """Points along a face's edges, the face's outward normal there, and the direction into the face."""
    from OCP.BRep import BRep_Tool
    from OCP.TopAbs import TopAbs_ShapeEnum
    from OCP.TopExp import TopExp_Explorer
    from OCP.TopoDS import TopoDS

    found = [(np.empty((0, 3)), np.empty((0, 3)), np.empty((0, 3)))]
    explorer = TopExp_Explorer(face, TopAbs_ShapeEnum.TopAbs_EDGE)
    while explorer.More():
        edge = TopoDS.Edge_s(explorer.Current())
        if not BRep_Tool.Degenerated_s(edge) and not BRep_Tool.IsClosed_s(edge, face):
            found.append(_edge(edge, face, spacing))
        explorer.Next()
    points, normals, inward = (np.concatenate(c) for c in zip(*found, strict=True))
    return points, normals, inward


def _edge(edge: Any, face: Any, spacing: float) -> tuple[Floats, Floats, Floats]:
    """The same for one edge of a face, which lies on the edge's left seen from outside."""
    from OCP.BRepAdaptor import BRepAdaptor_Curve, BRepAdaptor_Curve2d, BRepAdaptor_Surface
    from OCP.GCPnts import GCPnts_AbscissaPoint
    from OCP.GeomAbs import GeomAbs_SurfaceType as Kind
    from OCP.TopAbs import TopAbs_Orientation

    curve, surface = BRepAdaptor_Curve(edge), BRepAdaptor_Surface(face)
    count = max(2, math.ceil(GCPnts_AbscissaPoint.Length_s(curve) / spacing * 1.2) + 1)
    at = np.linspace(curve.FirstParameter(), curve.LastParameter(), count)
    points, along = _walked(curve, at)
    plane = surface.GetType() == Kind.GeomAbs_Plane  # looks the same way wherever one stands on it
    uv = np.zeros((count, 2)) if plane else _walked_flat(BRepAdaptor_Curve2d(edge, face), at)
    _, du, dv = _evaluate(surface, uv)
    reverse = TopAbs_Orientation.TopAbs_REVERSED
    normal = _cross(du, dv) * (-1.0 if face.Orientation() == reverse else 1.0)
    inward = _cross(normal, along * (-1.0 if edge.Orientation() == reverse else 1.0))
    sizes = np.linalg.norm(normal, axis=1), np.linalg.norm(inward, axis=1)
    sound = (sizes[0] > SEAM_TOL) & (sizes[1] > SEAM_TOL)
    points, normal, inward = points[sound], normal[sound], inward[sound]
    return points, normal / sizes[0][sound, None], inward / sizes[1][sound, None]


def _walked(curve: Any, at: Floats) -> tuple[Floats, Floats]:
    """Places along an edge's curve and its derivatives there."""
    from OCP.GeomAbs import GeomAbs_CurveType as Kind
    from OCP.gp import gp_Pnt, gp_Vec

    t = at[:, None]
    if curve.GetType() == Kind.GeomAbs_Line:
        line = curve.Line()
        start, way = (np.array([p.X(), p.Y(), p.Z()]) for p in (line.Location(), line.Direction()))
        return start + t * way, np.broadcast_to(way, (len(at), 3))
    if curve.GetType() == Kind.GeomAbs_Circle:
        origin, x, y, _ = _axes(curve.Circle().Position())
        r = curve.Circle().Radius()
        return origin + r * np.cos(t) * x + r * np.sin(t) * y, r * (np.cos(t) * y - np.sin(t) * x)
    rows = np.empty((len(at), 6))
    point, along = gp_Pnt(), gp_Vec()
    for k, value in enumerate(at.tolist()):
        curve.D1(value, point, along)
        rows[k] = point.X(), point.Y(), point.Z(), along.X(), along.Y(), along.Z()
    return rows[:, :3], rows[:, 3:]


def _walked_flat(curve: Any, at: Floats) -> Floats:
    """The same places in the parameters of a face."""
    from OCP.GeomAbs import GeomAbs_CurveType as Kind

    if curve.GetType() == Kind.GeomAbs_Line:
        line = curve.Line()
        start, way = (np.array([p.X(), p.Y()]) for p in (line.Location(), line.Direction()))
        found: Floats = start + at[:, None] * way
        return found
    spots = [curve.Value(value) for value in at.tolist()]
    return np.array([(p.X(), p.Y()) for p in spots])

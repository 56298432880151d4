"""Lists the round holes of a solid in any direction: width, axis, and from where to where each wall reaches."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from model.design import Vector

if TYPE_CHECKING:
    import cadquery as cq

SAME_MM = 1e-3
PARALLEL = 1 - 1e-9
WHOLE_RAD = math.tau - 1e-3
NEAR_WALL, BEYOND_MM = 0.95, 0.02
LOOKS = 80
"""A floor is felt for so near the wall, as a share of the radius, and so far beyond the wall's end."""


@dataclass(frozen=True, slots=True)
class Bore:
    """One round wall seen from inside the hole, all the way round; ``start`` and ``end`` lie on its axis."""

    diameter_mm: float
    start: Vector
    end: Vector
    sweep_rad: float = math.tau

    @property
    def way(self) -> Vector:
        """The axis's direction, from start to end."""
        length = math.dist(self.start, self.end)
        x, y, z = ((b - a) / length for a, b in zip(self.start, self.end, strict=True))
        return (x, y, z)

    def off_axis_mm(self, point: Vector) -> float:
        """How far a point is from the axis."""
        along = dot(minus(point, self.start), self.way)
        return math.dist(minus(point, self.start), tuple(along * w for w in self.way))


def bores(shape: cq.Shape) -> tuple[Bore, ...]:
    """Every whole round wall of a shape seen from inside, faces of one cylinder that meet taken together."""
    return tuple(b for b in _walls(shape, inside=True) if b.sweep_rad >= WHOLE_RAD)


def corners(shape: cq.Shape) -> tuple[Bore, ...]:
    """Every round wall seen from inside that does not go all the way round: inner corners, ends of slots."""
    return tuple(b for b in _walls(shape, inside=True) if b.sweep_rad < WHOLE_RAD)


def pins(shape: cq.Shape) -> tuple[Bore, ...]:
    """Every round wall seen from outside all the way round."""
    return tuple(b for b in _walls(shape, inside=False) if b.sweep_rad >= WHOLE_RAD)


def _walls(shape: cq.Shape, *, inside: bool) -> list[Bore]:
    found: list[Bore] = []
    for one in (b for f in shape.Faces() if (b := _bore(f, inside=inside)) is not None):
        k = next((k for k, other in enumerate(found) if _continues(one, other)), None)
        if k is None:
            found.append(one)
        else:
            found[k] = _joined(found[k], one)
    return found


def open_ends(shape: cq.Shape, bore: Bore) -> tuple[bool, bool]:
    """Whether a bore's start and end are open: no floor or shoulder of the solid stands across the wall's foot."""
    axis = bore.way
    aside = (-axis[1], axis[0], 0.0) if abs(axis[2]) < PARALLEL else (1.0, 0.0, 0.0)
    length = math.hypot(*aside)
    first = (aside[0] / length, aside[1] / length, aside[2] / length)
    second = (
        axis[1] * first[2] - axis[2] * first[1], axis[2] * first[0] - axis[0] * first[2],
        axis[0] * first[1] - axis[1] * first[0],
    )  # fmt: skip
    reach = NEAR_WALL * bore.diameter_mm / 2
    spots = [[reach * sign * v for v in way] for way in (first, second) for sign in (1, -1)]

    def open_at(point: Vector, away: float) -> bool:
        tried = [tuple(p + a * away + s for p, a, s in zip(point, axis, spot, strict=True)) for spot in spots]
        return not any(shape.isInside(t) for t in tried)  # type: ignore[attr-defined]  # solids have it

    return open_at(bore.start, -BEYOND_MM), open_at(bore.end, BEYOND_MM)


def seen_from(shape: cq.Shape, point: Vector, way: Vector) -> bool:
    """Whether nothing of the solid stands over a point, looking at it from far out along ``way`` (a unit vector)."""
    far = shape.BoundingBox().DiagonalLength
    steps = (BEYOND_MM + far * k / LOOKS for k in range(LOOKS))
    places = [tuple(p + s * w for p, w in zip(point, way, strict=True)) for s in steps]
    return not any(shape.isInside(p) for p in places)  # type: ignore[attr-defined]  # solids have it


def dot(a: Sequence[float], b: Sequence[float]) -> float:
    """Scalar product."""
    return sum(p * q for p, q in zip(a, b, strict=True))


def minus(a: Vector, b: Vector) -> Vector:
    """From ``b`` to ``a``."""
    return (a[0] - b[0], a[1] - b[1], a[2] - b[2])


def _bore(face: cq.Face, *, inside: bool) -> Bore | None:
    from OCP.BRepAdaptor import BRepAdaptor_Surface
    from OCP.BRepTools import BRepTools
    from OCP.GeomAbs import GeomAbs_SurfaceType
    from OCP.TopAbs import TopAbs_Orientation

    surface = BRepAdaptor_Surface(face.wrapped)
    if surface.GetType() != GeomAbs_SurfaceType.GeomAbs_Cylinder:
        return None
    body = surface.Cylinder()
    hollow = (face.wrapped.Orientation() == TopAbs_Orientation.TopAbs_REVERSED) == bool(body.Direct())
    if hollow != inside:
        return None
    u0, u1, v0, v1 = BRepTools.UVBounds_s(face.wrapped)
    p, d = body.Axis().Location(), body.Axis().Direction()
    ends = [(p.X() + v * d.X(), p.Y() + v * d.Y(), p.Z() + v * d.Z()) for v in (v0, v1)]
    return Bore(2 * float(body.Radius()), ends[0], ends[1], abs(u1 - u0)) if v1 - v0 > SAME_MM else None


def _continues(one: Bore, other: Bore) -> bool:
    """True when two walls lie on one cylinder and touch or overlap along its axis."""
    if abs(one.diameter_mm - other.diameter_mm) > SAME_MM or abs(dot(one.way, other.way)) < PARALLEL:
        return False
    reach = sorted(dot(minus(p, other.start), other.way) for p in (one.start, one.end))
    apart = max(reach[0], 0.0) - min(reach[1], math.dist(other.start, other.end))
    return apart < SAME_MM and other.off_axis_mm(one.start) < SAME_MM


def _joined(a: Bore, b: Bore) -> Bore:
    """Two walls as one; pieces side by side add their turns, pieces one above the other keep the smaller."""
    along = [dot(minus(p, a.start), a.way) for p in (a.start, a.end, b.start, b.end)]
    shared = min(along[1], max(along[2:])) - max(along[0], min(along[2:]))
    beside = shared > SAME_MM
    low, high = min(along), max(along)
    start, end = (
        (a.start[0] + s * a.way[0], a.start[1] + s * a.way[1], a.start[2] + s * a.way[2]) for s in (low, high)
    )
    turn = a.sweep_rad + b.sweep_rad if beside else min(a.sweep_rad, b.sweep_rad)
    return replace(a, start=start, end=end, sweep_rad=turn)

"""What of a solid no straight tool sees from any of its six sides, and what hangs over as it is printed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from manifold3d import CrossSection, FillRule
from numpy.typing import NDArray

from geometry.regions import widest_radius
from geometry.sight import Sky
from geometry.tessellate import by_face, spots
from model.design import Vector

if TYPE_CHECKING:
    import cadquery as cq

Floats = NDArray[np.float64]
MESH_MM = 0.02
SPOTS = 8000
ON_BED_MM = 0.02
LEVEL = math.cos(math.radians(1))
STEEP = math.sin(math.radians(45))
SIDES: tuple[Vector, ...] = ((0, 0, 1), (0, 0, -1), (0, 1, 0), (0, -1, 0), (1, 0, 0), (-1, 0, 0))
FELT_MM2 = 5.0
"""So much of a face must hang over at an angle for it to count."""


@dataclass(frozen=True, slots=True)
class Place:
    """A face of which something was measured: how much, a point of it, and the way out there."""

    value: float
    spot_mm: Vector
    facing: Vector


def undercuts(shape: cq.Shape) -> tuple[Place, ...]:
    """For every face the area (mm2) that is seen from none of the six sides, where there is any."""
    faces = by_face(shape, MESH_MM)
    every = np.concatenate(faces)
    sample = spots(faces, math.sqrt(shape.Area() / SPOTS))
    seen = np.zeros(len(sample.points), dtype=np.bool_)
    for way in SIDES:
        turn = _turned(way)
        seen |= Sky(every @ turn.T).seen(sample.points @ turn.T, sample.normals @ turn.T)
    found = []
    for number, face in enumerate(faces):
        own = sample.face == number
        lost = own & ~seen
        if lost.any():
            k = int(np.flatnonzero(lost)[0])
            share = float(lost.sum()) / float(own.sum())
            found.append(
                Place(share * float(_areas(face).sum()), _vector(sample.points[k]), _vector(sample.normals[k]))
            )
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Overhangs:
    """Of the side a part is best printed on: angles (degrees from upright) of faces, and spans (mm) of level ones."""

    angles: tuple[Place, ...]
    spans: tuple[Place, ...]


def overhangs(shape: cq.Shape) -> Overhangs:
    """What hangs over when the part lies on that of its six sides on which the least area does beyond 45 degrees."""
    faces = by_face(shape, MESH_MM)
    down = min(SIDES[1:2] + SIDES[:1] + SIDES[2:], key=lambda way: round(_hanging(np.concatenate(faces), way), 3))
    low = float((np.concatenate(faces) @ np.array(down)).max())
    angles, spans = [], []
    for face in faces:
        normal, area = _normals(face), _areas(face)
        hang = normal @ np.array(down)
        bed = (face @ np.array(down)).min(axis=1) > low - ON_BED_MM
        level = (hang > LEVEL) & ~bed
        if level.all():
            plan = face @ _turned(down).T[:, :2]
            outline = CrossSection([p if _ccw(p) else p[::-1] for p in plan], FillRule.Positive)
            spans.append(Place(round(2 * widest_radius(outline, 0.01), 2), _middle(face, 0), _vector(normal[0])))
            continue
        hanging = np.where(bed, -1.0, hang)
        order = np.argsort(-hanging, kind="stable")
        felt = int(np.searchsorted(np.cumsum(area[order]), min(FELT_MM2, 0.5 * float(area.sum()))))
        k = int(order[min(felt, len(order) - 1)])
        if hanging[k] > 0:
            angle = math.degrees(math.asin(min(1.0, float(hanging[k]))))
            angles.append(Place(round(angle, 1), _middle(face, k), _vector(normal[k])))
    return Overhangs(tuple(angles), tuple(spans))


def _hanging(triangles: Floats, down: Vector) -> float:
    hang = _normals(triangles) @ np.array(down)
    reach = triangles @ np.array(down)
    off = reach.min(axis=1) < reach.max() - ON_BED_MM
    return float(_areas(triangles)[off & (hang > STEEP + 1e-6)].sum())


def _turned(up: Vector) -> Floats:
    """The rows that bring a side of the solid's box up."""
    axis = int(np.argmax(np.abs(up)))
    rows = np.zeros((3, 3))
    rows[0, (axis + 1) % 3] = rows[1, (axis + 2) % 3] = 1.0
    rows[2, axis] = up[axis]
    return rows


def _across(triangles: Floats) -> Floats:
    found: Floats = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
    return found


def _areas(triangles: Floats) -> Floats:
    found: Floats = np.linalg.norm(_across(triangles), axis=1) / 2
    return found


def _normals(triangles: Floats) -> Floats:
    across = _across(triangles)
    found: Floats = across / np.maximum(np.linalg.norm(across, axis=1), 1e-12)[:, None]
    return found


def _ccw(corners: Floats) -> bool:
    (ax, ay), (bx, by), (cx, cy) = corners
    return bool((bx - ax) * (cy - ay) > (by - ay) * (cx - ax))


def _middle(triangles: Floats, k: int) -> Vector:
    return _vector(triangles[k].mean(axis=0))


def _vector(point: Floats) -> Vector:
    x, y, z = (float(v) for v in point)
    return (x, y, z)

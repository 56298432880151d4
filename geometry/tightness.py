"""Where a ball is held off a surface by what stands beside it: hollows too tight and sharp feet of slopes."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from geometry.cutter import bodies, mill
from geometry.dropcutter import Cells, rest
from geometry.tessellate import spots
from model.tooling import Assembly

Floats = NDArray[np.float64]
LOOKS_UP = 0.004
SPOTS = 5000
WIDEST_MM = 0.6
NUDGE_MM = 0.01


def looked_at(faces: list[Floats]) -> tuple[Floats, Floats]:
    """Places (n, 3) spread over the faces' triangles where they look up, some thousand, and their normals."""
    whole = np.concatenate(faces)
    across = np.cross(whole[:, 1] - whole[:, 0], whole[:, 2] - whole[:, 0])
    area = float(np.linalg.norm(across, axis=1).sum()) / 2
    found = spots([whole], min(math.sqrt(area / SPOTS), WIDEST_MM))
    up = found.normals[:, 2] > LOOKS_UP
    every = max(1, int(up.sum()) // SPOTS)
    return found.points[up][::every], found.normals[up][::every]


def foot_missed(mesh: Cells, points: Floats, normals: Floats, radius_mm: float) -> Floats:
    """How far above each point a flat mill stays that is let down with its edge at the point (mm; 0: it comes down).

    Points on level ground count as reached.
    """
    lean = np.linalg.norm(normals[:, :2], axis=1)
    side = normals[:, :2] / np.maximum(lean, LOOKS_UP)[:, None]
    xy = points[:, :2] + radius_mm * side
    high = rest(mesh, mill(2 * radius_mm), np.ascontiguousarray(xy))[:, 0]
    return np.where(lean > LOOKS_UP, np.maximum(high - points[:, 2], 0.0), 0.0)


def touches(mesh: Cells, points: Floats, normals: Floats, radius_mm: float) -> Floats:
    """Where (n, 2) a ball let down over the place where it would touch each point touches the part."""
    found: Floats = rest(mesh, mill(2 * radius_mm, radius_mm), _over(points, normals, radius_mm))[:, 1:3]
    return found


def too_low(mesh: Cells, points: Floats, normals: Floats, a: Assembly, spare_mm: float) -> float:
    """How much (mm) a ball's shank or holder would have to sit higher to stay off the part while it touches points."""
    r = a.tool.diameter_mm / 2
    xy = _over(points, normals, r)
    tips = rest(mesh, mill(2 * r, r), xy)[:, 0]
    shapes = bodies(a.tool, a.holder, a.stick_out_mm, spare_mm)
    return max((float((rest(mesh, body, xy)[:, 0] - tips - up).max(initial=0.0)) for body, up in shapes), default=0.0)


def held_off(mesh: Cells, points: Floats, normals: Floats, radius_mm: float) -> Floats:
    """How far a ball let down over the place where it would touch each point stays from it at most (mm; 0: touches).

    Elsewhere it may come nearer: the true gap is no larger. Where it is held off it is let down again a nudge further
    out: beside an upright wall the triangles of the wall, a hair nearer than the wall, would hold it at the wall's top.
    """
    found = _gap(mesh, points, normals, radius_mm, 0.0)
    far = found > NUDGE_MM
    if far.any():
        found[far] = np.minimum(found[far], _gap(mesh, points[far], normals[far], radius_mm, NUDGE_MM))
    return found


def _gap(mesh: Cells, points: Floats, normals: Floats, radius_mm: float, nudge_mm: float) -> Floats:
    """From each point to a ball let down so far beside it that it would miss the point by the nudge."""
    xy = _over(points, normals, radius_mm + nudge_mm)
    high = rest(mesh, mill(2 * radius_mm, radius_mm), xy)[:, 0]
    middle = np.column_stack([xy, high + radius_mm])
    found: Floats = np.maximum(np.linalg.norm(middle - points, axis=1) - radius_mm, 0.0)
    return found


def _over(points: Floats, normals: Floats, radius_mm: float) -> Floats:
    return np.ascontiguousarray(points[:, :2] + radius_mm * normals[:, :2])

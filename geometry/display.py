"""A solid as one draws it: triangles face by face with smooth shading within each, and its edges as lines."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geometry.solids import load
from geometry.tessellate import by_face

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
CHORD_MM = 0.02
CREASE_DEG = 20.0
SAME_MM = 1e-5


@dataclass(frozen=True, slots=True)
class Drawable:
    """``points`` and ``normals`` (n, 3), one corner a face; ``triangles`` (m, 3) of corner numbers, outward.

    ``face`` (m) is the number of the face each triangle is of, in the solid's own order from 0; ``edges`` (k, 2, 3)
    are the segments a draughtsman would draw: where faces meet at an angle.
    """

    points: Floats
    normals: Floats
    triangles: Ints
    face: Ints
    edges: Floats


def drawable(brep: bytes, chord_mm: float = CHORD_MM) -> Drawable:
    """Triangulate a solid within ``chord_mm`` (mm) for drawing.

    Raises:
        ValueError: The bytes hold no shape.
    """
    points, normals, triangles, face, rims = [], [], [], [], []
    first = 0
    for number, corners in enumerate(by_face(load(brep), chord_mm)):
        own, index = _shared(corners)
        flat = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        smooth = np.zeros_like(own)
        for k in range(3):
            np.add.at(smooth, index[:, k], flat)
        rims.append(_rims(own, index, flat))
        points.append(own)
        normals.append(smooth / np.maximum(np.linalg.norm(smooth, axis=1), 1e-12)[:, None])
        triangles.append(index + first)
        face.append(np.full(len(index), number, dtype=np.int64))
        first += len(own)
    ends, out = (np.concatenate(c) for c in zip(*rims, strict=True))
    return Drawable(
        np.concatenate(points), np.concatenate(normals), np.concatenate(triangles), np.concatenate(face),
        _creases(ends, out),
    )  # fmt: skip


def _shared(corners: Floats) -> tuple[Floats, Ints]:
    """One face's triangles (n, 3, 3) as corners, each once, and their numbers (n, 3)."""
    flat = corners.reshape(-1, 3)
    _, at, inverse = np.unique(
        np.round(flat / SAME_MM).astype(np.int64), axis=0, return_index=True, return_inverse=True
    )
    return flat[at], inverse.reshape(-1, 3)


def _rims(corners: Floats, index: Ints, flat: Floats) -> tuple[Floats, Floats]:
    """The sides of a face's mesh that only one triangle has, as segments, and that triangle's direction."""
    sides = np.concatenate([index[:, [0, 1]], index[:, [1, 2]], index[:, [2, 0]]])
    owner = np.tile(np.arange(len(index)), 3)
    low, high = sides.min(axis=1), sides.max(axis=1)
    _, where, count = np.unique(low * len(corners) + high, return_index=True, return_counts=True)
    alone = where[count == 1]
    out = flat[owner[alone]]
    return corners[sides[alone]], out / np.maximum(np.linalg.norm(out, axis=1), 1e-12)[:, None]


def _creases(ends: Floats, out: Floats) -> Floats:
    """One segment of every pair that meets at an angle; seams and smooth joints are left out."""
    keys = np.round(ends / SAME_MM).astype(np.int64)
    swap = np.array([tuple(a) > tuple(b) for a, b in keys.tolist()], dtype=bool)
    keys[swap] = keys[swap][:, ::-1]
    _, first, inverse, count = np.unique(
        keys.reshape(-1, 6), axis=0, return_index=True, return_inverse=True, return_counts=True
    )
    total = np.zeros((len(first), 3))
    np.add.at(total, inverse.reshape(-1), out)
    # Two unit vectors at the crease's angle add up to this much; flatter joints to more.
    bent = np.linalg.norm(total, axis=1) < 2 * math.cos(math.radians(CREASE_DEG) / 2)
    found: Floats = ends[np.sort(first[(count != 2) | bent])]
    return found

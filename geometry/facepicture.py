"""Draws a solid with every face in a colour of its own and says where each can be seen, without a graphics card."""

from __future__ import annotations

import math
import struct
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geometry.compiled import compiled
from geometry.display import Drawable

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
MARGIN = 0.03
DIM = 0.62
"""How dark a surface is that looks aside; one that looks to the eye has its full colour."""
NEAR = 0.004
"""An edge is drawn where it is no further behind the surface than this share of the picture's width."""
COARSER = 4
"""Places for numbers are looked for on every so-manieth pixel; a face that is no wider than that gets none."""
INK = 40.0


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG, and where most of each face is seen round about, as shares of width and height: face, x, y."""

    png: bytes
    seen: tuple[tuple[int, float, float], ...]


def picture(
    solid: Drawable, colours: NDArray[np.uint8], eye: tuple[float, float, float], size_px: tuple[int, int]
) -> Picture:
    """Draw a solid from far away in the direction of ``eye``, its z up; ``colours`` (n, 3) has a row a face.

    The same numbers give the same bytes.
    """
    back = np.array(eye) / math.hypot(*eye)
    right = np.array([-back[1], back[0], 0.0]) / math.hypot(back[0], back[1])
    axes = np.stack([right, -np.cross(back, right), back], axis=1)
    flat = solid.points @ axes
    low, span = flat.min(axis=0), np.maximum(np.ptp(flat, axis=0), 1e-9)
    width, height = size_px
    scale = (1 - 2 * MARGIN) * min(width / span[0], height / span[1])
    shift = np.array([(width - scale * span[0]) / 2, (height - scale * span[1]) / 2, 0.0])
    spots = (flat - low) * scale + shift
    depth, face, light = _blank(width, height)
    _fill(spots, solid.normals @ back, solid.triangles, solid.face, depth, face, light)
    image = np.full((height, width, 3), 255.0)
    there = face >= 0
    image[there] = colours[face[there]] * (DIM + (1 - DIM) * light[there])[:, None]
    _ink(((solid.edges @ axes) - low) * scale + shift, depth, image, NEAR * width)
    return Picture(_png(np.round(image).astype(np.uint8)), _places(face))


def _blank(width: int, height: int) -> tuple[Floats, Ints, Floats]:
    shape = (height, width)
    return np.full(shape, -np.inf), np.full(shape, -1, dtype=np.int64), np.zeros(shape)


@compiled
def _fill(
    spots: Floats, facing: Floats, triangles: Ints, owner: Ints, depth: Floats, face: Ints, light: Floats
) -> None:  # pragma: no cover - compiled
    """Every triangle that looks to the eye into the pixels it is the nearest in."""
    height, width = depth.shape
    for k in range(len(triangles)):
        a, b, c = triangles[k]
        ax, ay, bx, by = spots[a, 0], spots[a, 1], spots[b, 0], spots[b, 1]
        cx, cy = spots[c, 0], spots[c, 1]
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if area >= 0.0:  # y runs down: a triangle that looks to the eye turns the other way
            continue
        x0, x1 = int(max(0.0, min(ax, bx, cx))), int(min(width - 1.0, max(ax, bx, cx) + 1.0))
        y0, y1 = int(max(0.0, min(ay, by, cy))), int(min(height - 1.0, max(ay, by, cy) + 1.0))
        for y in range(y0, y1 + 1):
            for x in range(x0, x1 + 1):
                u = ((bx - x) * (cy - y) - (by - y) * (cx - x)) / area
                v = ((cx - x) * (ay - y) - (cy - y) * (ax - x)) / area
                w = 1.0 - u - v
                if u < 0.0 or v < 0.0 or w < 0.0:
                    continue
                z = u * spots[a, 2] + v * spots[b, 2] + w * spots[c, 2]
                if z > depth[y, x]:
                    depth[y, x], face[y, x] = z, owner[k]
                    light[y, x] = max(0.0, u * facing[a] + v * facing[b] + w * facing[c])


def _ink(edges: Floats, depth: Floats, image: Floats, near: float) -> None:
    """Edges as dark pixels where nothing hides them."""
    height, width = depth.shape
    for start, end in edges:
        count = max(2, math.ceil(2 * math.hypot(*(end - start)[:2])))
        spots = start + np.linspace(0.0, 1.0, count)[:, None] * (end - start)
        x, y = (np.clip(np.round(spots[:, k]).astype(np.int64), 0, n - 1) for k, n in ((0, width), (1, height)))
        shown = spots[:, 2] >= depth[y, x] - near
        image[y[shown], x[shown]] = INK


def _places(face: Ints) -> tuple[tuple[int, float, float], ...]:
    """The pixel of each face that is furthest from the face's rim."""
    height, width = face.shape
    rough = face[::COARSER, ::COARSER]
    inside = rough >= 0
    inside[[0, -1]] = inside[:, [0, -1]] = False
    for axis in (0, 1):
        inside &= (np.roll(rough, 1, axis) == rough) & (np.roll(rough, -1, axis) == rough)
    deep = np.zeros(rough.shape, dtype=np.int64)
    while inside.any():
        deep += inside
        inside = inside & np.logical_and.reduce([np.roll(inside, step, axis) for axis in (0, 1) for step in (1, -1)])
    found = []
    for number in np.unique(rough[rough >= 0]).tolist():
        y, x = np.nonzero(rough == number)
        k = int(np.argmax(deep[y, x]))
        if deep[y[k], x[k]]:
            found.append((number, float(x[k]) * COARSER / width, float(y[k]) * COARSER / height))
    return tuple(found)


def _png(image: NDArray[np.uint8]) -> bytes:
    height, width = image.shape[:2]
    rows = np.concatenate([np.zeros((height, 1), dtype=np.uint8), image.reshape(height, -1)], axis=1)
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows.tobytes(), 9)),
        (b"IEND", b""),
    )
    told = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + told

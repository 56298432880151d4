"""The free-form block of the surface benches: 80 x 80 mm under a spline, in 48 thousand triangles."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SIDE_MM, STEPS = 80.0, 154
BASE_MM = 19.27507
"""Gives the block its volume."""


def height_mm(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """The top's height (mm) over the middle of the block: soft waves, up to about 40 degrees."""
    u, v = x / SIDE_MM, y / SIDE_MM
    waves = 6.0 * np.sin(2 * np.pi * u) * np.cos(1.5 * np.pi * v) + 2.5 * np.cos(3 * np.pi * u + 2 * np.pi * v)
    found: NDArray[np.float64] = BASE_MM + waves - 4.0 * (u * u + v * v)
    return found


def block() -> NDArray[np.float64]:
    """Triangles (n, 3, 3) of the block standing on z = 0, counter-clockwise from outside."""
    line = np.linspace(-SIDE_MM / 2, SIDE_MM / 2, STEPS + 1)
    x, y = np.meshgrid(line, line)
    top = np.stack([x, y, height_mm(x, y)], axis=-1)
    foot = top * np.array([1.0, 1.0, 0.0])
    corners = foot[[0, 0, -1, -1], [0, -1, -1, 0]]
    faces = [_sheet(top), corners[[[0, 2, 1], [0, 3, 2]]]]
    rims = ((0, slice(None)), (slice(None, None, -1), 0), (-1, slice(None, None, -1)), (slice(None), -1))
    faces += [_sheet(np.stack([foot[rim], top[rim]])) for rim in rims]
    return np.ascontiguousarray(np.concatenate(faces))


def _sheet(points: NDArray[np.float64]) -> NDArray[np.float64]:
    a, b, c, d = points[:-1, :-1], points[:-1, 1:], points[1:, 1:], points[1:, :-1]
    halves = (np.stack([a, b, c], axis=2), np.stack([a, c, d], axis=2))
    return np.concatenate([h.reshape(-1, 3, 3) for h in halves])

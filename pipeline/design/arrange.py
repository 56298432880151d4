"""Lays a product's pieces side by side, for pictures and files."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from geometry.meshes import Mesh
from model.design import Vector

Box = tuple[NDArray[np.float64], NDArray[np.float64]]

GAP_MM = 12.0
ASPECT = 1.5


def side_by_side(meshes: Sequence[Mesh]) -> tuple[Vector, ...]:
    """Shifts that put the pieces on z = 0 in one row, along x or y, whichever makes the better picture."""
    boxes = [m.box_mm for m in meshes]
    rows = [_row(boxes, axis) for axis in (0, 1)]
    return min(rows, key=lambda shifts: _misfit(boxes, shifts))


def _row(boxes: Sequence[Box], axis: int) -> tuple[Vector, ...]:
    """In reading order: along x to the right, along y towards the reader."""
    at, shifts = 0.0, []
    for low, high in boxes:
        shift = -(low + high) / 2
        shift[2] = -low[2]
        size = float(high[axis] - low[axis])
        shift[axis] += (at + size / 2) * (1 if axis == 0 else -1)
        at += size + GAP_MM
        shifts.append((float(shift[0]), float(shift[1]), float(shift[2])))
    return tuple(shifts)


def _misfit(boxes: Sequence[Box], shifts: Sequence[Vector]) -> float:
    low = np.min([b[0] + s for b, s in zip(boxes, shifts, strict=True)], axis=0)
    high = np.max([b[1] + s for b, s in zip(boxes, shifts, strict=True)], axis=0)
    size: NDArray[np.float64] = high - low
    return abs(math.log(float(size[0] / (0.8 * size[1] + 0.6 * size[2])) / ASPECT))

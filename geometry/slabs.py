"""A solid cut into slabs across x, y and z, each with the section through its middle."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from geometry.meshes import Mesh, mesh, to_manifold
from model.design import Vector
from model.errors import CapabilityError

if TYPE_CHECKING:
    import cadquery as cq
    from manifold3d import CrossSection

MOST, LEAST = 40, 6
"""At most so many slabs, and none higher than this share (1 / LEAST) of the solid."""
THIN_MM = 0.1
"""Corners whose heights differ by less bound no slab."""
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Slab:
    """One slab: from where to where it reaches along the axis, and the material in its middle."""

    low_mm: float
    high_mm: float
    area: CrossSection


@dataclass(frozen=True)
class Stack:
    """The slabs along one axis (0: x, 1: y, 2: z), lowest first; sections have the other two as x and y in turn."""

    axis: int
    slabs: tuple[Slab, ...]

    def place(self, u: float, v: float, height: float) -> Vector:
        """A point of the part from its place in a section and its height along the axis."""
        found = [0.0, 0.0, 0.0]
        found[(self.axis + 1) % 3], found[(self.axis + 2) % 3], found[self.axis] = u, v, height
        return (found[0], found[1], found[2])

    def facing(self, *, up: bool) -> Vector:
        """The way out along the axis, upwards or downwards."""
        return self.place(0.0, 0.0, 1.0 if up else -1.0)


def stacks(shape: cq.Shape) -> tuple[Stack, Stack, Stack]:
    """The slabs of a solid across x, y and z.

    They lie between the heights of its corners, so that what is bounded by flat faces is cut exactly; high ones are
    cut again, for what is round.

    Raises:
        CapabilityError: ``makeable.open``: its mesh has holes, so that it cannot be cut through.
    """
    fine = mesh(shape)
    corners = np.array([v.toTuple() for v in shape.Vertices()])
    return (_stack(fine, corners, 0), _stack(fine, corners, 1), _stack(fine, corners, 2))


def _stack(fine: Mesh, corners: Floats, axis: int) -> Stack:
    order = [(axis + 1) % 3, (axis + 2) % 3, axis]
    body = to_manifold(Mesh(fine.points[:, order], fine.triangles))
    if body.is_empty():
        msg = f"the solid's mesh does not close ({body.status().name}): it cannot be measured in sections"
        raise CapabilityError("makeable.open", msg, hint="Export the part again, healed and without fine detail.")
    low, high = (float(end[axis]) for end in fine.box_mm)
    heights = [low]
    for z in (*np.unique(np.round(corners[:, axis], 3)).tolist(), high):
        if z - heights[-1] > THIN_MM and high - z > THIN_MM:
            heights.append(z)
    heights.append(high)
    if len(heights) > MOST:
        heights = np.linspace(low, high, MOST).tolist()
    bounds = [low]
    for a, b in pairwise(heights):
        parts = max(1, round(LEAST * (b - a) / (high - low)))
        bounds += [a + (b - a) * (k + 1) / parts for k in range(parts)]
    return Stack(axis, tuple(Slab(a, b, body.slice((a + b) / 2)) for a, b in pairwise(bounds)))

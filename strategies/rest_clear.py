"""Rest clearing: takes with a finer tool only what the stock, cut move by move, still has in an opening."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geometry.heightfield import HeightField
from geometry.regions import flatten, offset, union
from geometry.scene import Scene
from model.plan import Operation
from model.tooling import Assembly
from model.toolpath import Move
from strategies._level import Ground
from strategies.adaptive import CORNER_MM, cleared, cutter_of, free_of, opening_of

if TYPE_CHECKING:
    from manifold3d import CrossSection

THIN_MM = 0.05
"""Stock no higher than this above the floor is left to the lap."""


def toolpath(operation: Operation, assembly: Assembly, scene: Scene) -> tuple[Move, ...]:
    """Clear what stands above the opening's floor, outside the part and its allowance; no moves when nothing does.

    Raises:
        CapabilityError: There is no way down to what is left.
    """
    cutter = cutter_of(operation, assembly)
    opening = opening_of(operation)
    free = free_of(operation, opening, cutter.radius_mm)
    reached = offset(free, cutter.radius_mm - CORNER_MM) ^ opening
    solid = standing(scene.stock(), operation.bottom_z_mm + THIN_MM)
    goal = offset(offset(solid ^ reached, -CORNER_MM), CORNER_MM)
    if goal.is_empty():
        return ()
    return cleared(Ground(free, union([solid, flatten(operation.keep_out)]), goal), operation, cutter)


def standing(stock: HeightField, z_mm: float) -> CrossSection:
    """Where the stock is higher than a plane, seen from above, each cell grown to meet its neighbours."""
    from manifold3d import CrossSection

    rows = []
    h = stock.pitch_mm
    for j in range(stock.high.shape[0]):
        high = np.concatenate([[0], (stock.high[j] > z_mm).astype(np.int8), [0]])
        ends = np.flatnonzero(np.diff(high))
        y0 = stock.y0_mm + j * h
        for a, b in zip(ends[::2], ends[1::2], strict=True):
            x0, x1 = stock.x0_mm + float(a) * h, stock.x0_mm + float(b) * h
            rows.append(np.array([(x0, y0), (x1, y0), (x1, y0 + 1.01 * h), (x0, y0 + 1.01 * h)]))
    return union([CrossSection([r]) for r in rows])

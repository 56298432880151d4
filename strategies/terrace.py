"""Terrace finishing: fine level laps of a flat end mill in the sharp foot of a slope, where no ball comes."""

from __future__ import annotations

import numpy as np

from geometry.cutter import mill
from geometry.dropcutter import rest
from geometry.following import in_cells, left_standing
from geometry.scene import Scene
from model.errors import CapabilityError
from model.feature import FreeSurface
from model.plan import Operation
from model.tooling import Assembly
from model.toolpath import Move
from strategies._ground import Bools, Floats, ground
from strategies._passes import widened
from strategies._sliding import moves
from strategies.waterline import fine_nodes, laps

LEFT_MM = 0.008
"""More than this above what a ball leaves anyway is left by it."""
LOWEST_MM = 0.02
"""The lowest lap runs so much over the foot, where the surface can be told from the floor."""
GRID_MM = 0.2
STEP_MM = 0.04
LAP_STEPS = 10
"""Pieces are so many places longer at both ends: what is already made is not cut by it, and laps stay whole."""


def toolpath(operation: Operation, assembly: Assembly, scene: Scene) -> tuple[Move, ...]:
    """Lap the places which a ball of the feature's ``cut_radius_mm`` leaves standing, from the top down.

    Laps are so close that stairs of at most 0.018 mm stay, measured across the slope; no moves when the ball leaves
    nothing.

    Raises:
        CapabilityError: The feature is no free surface or was cut with no ball, or the tool's holder touches.
    """
    g = ground(operation, assembly, scene, flat=True)
    feature = operation.feature
    before = feature.cut_radius_mm if isinstance(feature, FreeSurface) else 0.0
    if before <= 0.0:
        msg = f"{operation.id}: {feature.id} was not finished with a ball"
        raise CapabilityError("strategy.nothing-before", msg, place=feature.id, value=before)
    tips = _tips(scene, before + g.growth_mm, g.box)
    tips[:, 2] += g.growth_mm
    ball = in_cells(tips, before)

    def wanted(rows: Floats) -> Bools:
        found = g.wanted(rows) & (rows[:, 2] > operation.bottom_z_mm + g.growth_mm + LOWEST_MM)
        left = found.copy()
        left[found] = left_standing(rows[found], ball, before, before, g.growth_mm + LEFT_MM)
        return widened(left, LAP_STEPS) & found

    pieces = laps(g, fine_nodes(g), wanted, STEP_MM)
    return moves(g, pieces, operation, assembly, scene, climb=True) if pieces else ()


def _tips(scene: Scene, radius_mm: float, box: tuple[float, float, float, float]) -> Floats:
    """Where a ball comes to rest over a grid that goes beyond the box by its radius."""
    x0, y0, x1, y1 = box
    across, along = (np.arange(a - radius_mm, b + radius_mm + GRID_MM, GRID_MM) for a, b in ((x0, x1), (y0, y1)))
    x, y = np.meshgrid(across, along)
    xy = np.stack([x.ravel(), y.ravel()], axis=1)
    high = rest(scene.mesh, mill(2 * radius_mm, radius_mm), xy)[:, 0]
    found: Floats = np.column_stack([xy, high])[np.isfinite(high)]
    return np.ascontiguousarray(found)

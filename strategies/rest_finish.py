"""Rest finishing: passes with a smaller ball only where a larger one could not reach."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from geometry.cutter import mill
from geometry.following import in_cells, left_standing
from geometry.scene import Scene
from model.errors import CapabilityError
from model.feature import FreeSurface
from model.plan import Operation
from model.tooling import Assembly
from model.toolpath import Move
from strategies._ground import Bools, Floats, Ground, ground, nodes
from strategies._passes import widened
from strategies._sliding import moves
from strategies.steep_shallow import covered
from strategies.waterline import fine_nodes

CELLS_A_CORNER = 8
LEFT_MM = 0.01
"""More than this over the scallop counts as left by the larger ball."""


def toolpath(operation: Operation, assembly: Assembly, scene: Scene) -> tuple[Move, ...]:
    """Cut what a ball of the feature's ``cut_radius_mm`` leaves standing, and a little beyond; no moves for nothing.

    Raises:
        CapabilityError: The feature is no free surface or was cut with no larger ball, the tool has no rounded corner,
            or its holder touches.
    """
    g = ground(operation, assembly, scene)
    feature = operation.feature
    before = feature.cut_radius_mm if isinstance(feature, FreeSurface) else 0.0
    if before <= g.corner_mm:
        msg = f"{operation.id}: {feature.id} was not finished with a ball larger than {g.corner_mm:g} mm"
        raise CapabilityError("strategy.nothing-before", msg, place=feature.id, value=before, limit=g.corner_mm)
    left = _left(g, before)
    pitch, (x0, y0, *_) = _pitch(g), g.box

    def wanted(rows: Floats) -> Bools:
        i = np.clip(np.round((rows[:, 0] - x0) / pitch).astype(np.int64), 0, left.shape[1] - 1)
        j = np.clip(np.round((rows[:, 1] - y0) / pitch).astype(np.int64), 0, left.shape[0] - 1)
        found: Bools = g.wanted(rows) & left[j, i]
        return found

    steep, shallow = covered(g, fine_nodes(g), wanted) if left.any() else ([], [])
    first = moves(g, steep, operation, assembly, scene, climb=True) if steep else ()
    return first + (moves(g, shallow, operation, assembly, scene) if shallow else ())


def _pitch(g: Ground) -> float:
    return max(g.step_mm / math.sqrt(2), g.corner_mm / CELLS_A_CORNER)


def _left(g: Ground, before_mm: float) -> Bools:
    """Nodes where what the small ball touches stands too high after the larger ball went everywhere."""
    rows = nodes(g, _pitch(g))
    flat = rows.reshape(-1, 6)
    spots = g.wanted(flat)
    reach = before_mm - g.radius_mm
    x0, y0, x1, y1 = g.box
    wide = replace(
        g, cutter=mill(2 * (before_mm + g.growth_mm), before_mm + g.growth_mm), radius_mm=before_mm,
        corner_mm=before_mm, box=(x0 - reach, y0 - reach, x1 + reach, y1 + reach),
    )  # fmt: skip
    tips = nodes(wide, _pitch(g)).reshape(-1, 6)[:, :3]
    tips = np.ascontiguousarray(tips[np.isfinite(tips[:, 2])])
    out = np.zeros(len(flat), dtype=bool)
    out[spots] = left_standing(flat[spots], in_cells(tips, before_mm), before_mm, before_mm, g.scallop_mm + LEFT_MM)
    found = out.reshape(rows.shape[:2])
    steps = math.ceil(g.ae_mm / _pitch(g))
    return widened(widened(found, steps).T, steps).T

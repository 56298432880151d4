"""How far the part's surface is from where the tools left it, thinned to what a screen can show, worst kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geometry.sampling import Surface
from model.plan import ProcessPlan
from pipeline.verify.simulate import Simulation, in_setup, turned

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
COARSER = 1.25
FACING = 0.999
ON_BLANK_MM = 0.005


@dataclass(frozen=True, slots=True)
class Marks:
    """Points of the part's surface in its own frame: ``points`` and ``normals`` (n, 3).

    ``deviation_mm`` below 0 is cut into the part, above 0 left on it, and nan where the surface is the blank's own
    and nothing was to be cut. ``setup`` and ``move`` (the run's and its move's number) came nearest, -1: none.
    ``spacing_mm`` is about how far the points are apart. Nearby points are one, the one furthest off.
    """

    points: Floats
    normals: Floats
    deviation_mm: Floats
    setup: Ints
    move: Ints
    spacing_mm: float


def marks(plan: ProcessPlan, surface: Surface, simulation: Simulation, spacing_mm: float, most: int) -> Marks:
    """The deviations of the simulation, at no more than ``most`` points."""
    off = simulation.distance.copy()
    off[on_blank(plan, surface) & (off > 0)] = np.nan
    side = np.argmax(np.abs(surface.normals), axis=1) * 2
    side += np.take_along_axis(surface.normals, (side // 2)[:, None], axis=1)[:, 0] < 0
    weight = np.where(np.isnan(off), -1.0, np.abs(off))
    step = spacing_mm
    while True:
        cells = np.floor(surface.points / step).astype(np.int64)
        order = np.lexsort((np.arange(len(off)), -weight, side, cells[:, 2], cells[:, 1], cells[:, 0]))
        keys = np.column_stack([cells, side])[order]
        new = np.ones(len(order), dtype=bool)
        new[1:] = (keys[1:] != keys[:-1]).any(axis=1)
        kept = np.sort(order[new])
        if len(kept) <= most:
            break
        step *= COARSER
    return Marks(
        surface.points[kept], surface.normals[kept], off[kept], simulation.setup[kept], simulation.by[kept], step
    )


def on_blank(plan: ProcessPlan, surface: Surface) -> NDArray[np.bool_]:
    """Points of faces that lie on the blank's own faces, where nothing is to be cut."""
    setup = plan.setups[0]
    box = setup.stock_box
    points, normals = in_setup(surface.points, setup), turned(surface.normals, setup)
    found = np.zeros(len(points), dtype=bool)
    limits = ((box.x0_mm, box.x1_mm), (box.y0_mm, box.y1_mm), (box.z0_mm, box.z1_mm))
    for axis, (low, high) in enumerate(limits):
        for level, sign in ((low, -1.0), (high, 1.0)):
            found |= (np.abs(points[:, axis] - level) <= ON_BLANK_MM) & (normals[:, axis] * sign > FACING)
    return found

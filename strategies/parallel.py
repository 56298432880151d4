"""Parallel finishing: straight passes side by side over a surface, denser where it is steep across them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from geometry.scene import Scene
from model.plan import Operation
from model.tooling import Assembly
from model.toolpath import Move
from strategies._ground import Bools, Floats, Ground, ground, nodes
from strategies._passes import COARSE, Family, Way, cover, slide
from strategies._sliding import moves

LOOKS = 60
SHARES = (0.97, 0.93, 0.88, 0.82, 0.76, 0.7, 0.62, 0.54)
"""Distances of passes in plan that are weighed, as shares of the distance on the surface."""


def toolpath(operation: Operation, assembly: Assembly, scene: Scene) -> tuple[Move, ...]:
    """Cover the surface with passes along the longer side of its box.

    Raises:
        CapabilityError: The feature is no free surface, the tool has no rounded corner, or its holder touches.
    """
    g = ground(operation, assembly, scene)
    low, high = span(g)
    pieces = cover(g, lanes(g), low, high, first_step(g, g.wanted), g.wanted)
    return moves(g, pieces, operation, assembly, scene)


def first_step(g: Ground, wanted: Callable[[Floats], Bools]) -> float:
    """Distance of the first passes in plan: with those added where the surface is steeper across, the fewest.

    On a slope across the passes they lie 1 / cos further apart on the surface than in plan.
    """
    x0, y0, x1, y1 = g.box
    flat = nodes(g, max(x1 - x0, y1 - y0) / LOOKS).reshape(-1, 6)
    rows = flat[wanted(flat)]
    if not len(rows):
        return g.ae_mm
    side = 1 if along_x(g) else 0
    lean = np.abs(rows[:, 3 + side] - rows[:, side])
    up = np.sqrt(np.maximum(g.cutter.radius_mm**2 - np.hypot(rows[:, 3] - rows[:, 0], rows[:, 4] - rows[:, 1]) ** 2, 0))
    nearer = up / np.maximum(np.hypot(lean, up), 1e-9)
    costs = [(round((1 + float((nearer < share).mean())) / share, 6), -share) for share in SHARES]
    return g.ae_mm * -min(costs)[1]


def along_x(g: Ground) -> bool:
    """True when the passes run along x."""
    x0, y0, x1, y1 = g.box
    return x1 - x0 >= y1 - y0


def span(g: Ground) -> tuple[float, float]:
    """Where the first and the last pass lie."""
    x0, y0, x1, y1 = g.box
    return (y0, y1) if along_x(g) else (x0, x1)


def lanes(g: Ground) -> Family:
    """The pass at a coordinate across the passes."""
    x0, y0, x1, y1 = g.box
    flat = along_x(g)

    def at(level: float) -> list[Way]:
        ends = np.array([[x0, level], [x1, level]] if flat else [[level, y0], [level, y1]])
        count = max(2, int(np.ceil(np.abs(ends[1] - ends[0]).max() / (COARSE * g.step_mm))) + 1)
        return [slide(g, ends[0] + np.linspace(0, 1, count)[:, None] * (ends[1] - ends[0]))]

    return at

"""One level of a clearing as data: the cutter, where its centre may be, what stands, and the legs of its path."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

from geometry.planefield import signed_distance
from strategies._march import Floats, Mask

if TYPE_CHECKING:
    from manifold3d import CrossSection

NODES_A_RADIUS = 50
MOST_NODES = 6_000_000
STEPS_A_RADIUS = 25
SKIN = 0.0082
"""Stock thinner than this share of the width of cut does not count as engagement: the tool grazes and bends by more."""


@dataclass(frozen=True, slots=True)
class Cutter:
    """The cutter's radius and the largest angle (rad) of its rim in stock.

    ``tightest`` is the smallest radius of the centre's path when turning into stock, in cutter radii. ``both_ways``:
    cuts may run with the stock on the left as well (conventional), and so begin where the last has ended.
    """

    radius_mm: float
    most_rad: float
    tightest: float = 0.25
    both_ways: bool = False


@dataclass(frozen=True, slots=True)
class Ground:
    """What one level asks: where the cutter's centre may be, what stands, and what has to go.

    The first cuts keep to ``first``, further from the walls, if there is such a place; the last go along the walls.
    """

    free: CrossSection
    stock: CrossSection
    goal: CrossSection
    first: CrossSection | None = None


@dataclass(frozen=True, slots=True)
class Pace:
    """What links are judged by: speeds (mm/s), acceleration (mm/s2), and the height of a hop over the work (mm)."""

    link_mm_s: float
    accel_mm_s2: float
    hop_mm: float


@dataclass(frozen=True, slots=True)
class Leg:
    """One piece of a level's path, in plan.

    "hole", "outside" and "helix" go down at the first point, a helix with its radius; "ramp" goes down to and fro
    between two points and ends at the second; "hop" goes over the work to the first point, "beside" too, but so near to
    stock there that the tool may brush it coming down. "cut" and "link" follow pieces (:mod:`strategies._pieces`).
    """

    kind: Literal["hole", "outside", "helix", "ramp", "hop", "beside", "cut", "link"]
    points: Floats
    radius_mm: float = 0.0


@dataclass(slots=True)
class Table:
    """The fields of one level and where the cutter is."""

    n: Floats
    stock: Floats
    room: Floats
    goal: Mask
    free: Mask
    coarse: float
    solid: Floats
    first: Floats | None
    legs: list[Leg] = field(default_factory=list)
    pose: Floats | None = None


def lay_out(ground: Ground, cutter: Cutter) -> Table:
    """The fields of one level, nothing cut."""
    radius = cutter.radius_mm
    x0, y0, x1, y1 = (float(v) for v in ground.free.bounds())
    pad = radius * 1.2
    wide, deep = x1 - x0 + 2 * pad, y1 - y0 + 2 * pad
    h = max(radius / NODES_A_RADIUS, math.sqrt(wide * deep / MOST_NODES))
    shape = (math.ceil(deep / h) + 2, math.ceil(wide / h) + 2)
    grid = np.array([x0 - pad, y0 - pad, h])
    step = radius / STEPS_A_RADIUS
    n = np.array(
        [
            *grid,
            radius,
            step,
            SKIN * math.sqrt(1 - math.cos(cutter.most_rad)) * radius,
            step / (cutter.tightest * radius),
            0.6,
            0.3 * radius,
            0.0,
        ]
    )
    stock = radius + signed_distance(ground.stock, grid, shape, radius)
    room = signed_distance(ground.free, grid, shape, radius)
    goal = (signed_distance(ground.goal, grid, shape, 3 * h) > 0).astype(np.uint8)
    coarse = radius / 8
    free = np.zeros((math.ceil(deep / coarse) + 1, math.ceil(wide / coarse) + 1), dtype=np.uint8)
    first = None if ground.first is None else signed_distance(ground.first, grid, shape, radius)
    return Table(n, stock, room, goal, free, coarse, stock.copy(), first)

"""Constant-engagement clearing: full depth, a narrow cut whose angle on the rim never passes what was planned."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from geometry.regions import flatten, offset
from geometry.scene import Scene
from model.errors import CapabilityError
from model.feature import Cutout, Pocket
from model.plan import CuttingData, Operation
from model.tooling import Assembly
from model.toolpath import Move
from strategies._clearing import clearing
from strategies._emit import level
from strategies._level import Cutter, Ground, Leg, Pace
from strategies._paths import levels

if TYPE_CHECKING:
    from manifold3d import CrossSection

SPARE_MM = 0.02
"""Cuts keep this much more than the allowance from walls: room for refitted arcs and for the grid's rounding."""

BESIDE_MM = 1.0
"""In open directions the centre may go so far past the point where the tool has left the opening."""

ACCEL_MM_S2 = 500.0
"""Links are compared as a light machine would run them."""

BEYOND_MM = 0.2
"""At open sides cuts go on so far past the opening and the blank: no film stays standing at the edge."""

WIDE, RING = 0.3, 0.55
"""Cuts wider than this share of the diameter would leave horns along walls as they end there: a ring of such a share
of the width of cut is left for cuts along the walls."""

CORNER_MM = 0.05
"""Stock this near to what the tool cannot reach is left to the wall's lap."""

NO_CUT = CuttingData(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, "off", "")


def toolpath(operation: Operation, assembly: Assembly, _scene: Scene) -> tuple[Move, ...]:
    """Clear the feature's opening level by level, leaving the allowance (and ``SPARE_MM``) on every wall.

    The angle of the rim in stock stays at most acos(1 - ae / R) (entries excepted). Goes down by a hole named in
    the operation, else beside the blank, else on a helix, else on a ramp. Stock that no such cut can start at is cut
    at larger angles and slower.

    Raises:
        CapabilityError: The tool does not fit in, there is no room for a way down, or stock no cut can start at.
    """
    return clear_opening(operation, cutter_of(operation, assembly))


def cutter_of(operation: Operation, assembly: Assembly) -> Cutter:
    """The cutter as the operation's width of cut loads it."""
    r = assembly.tool.diameter_mm / 2
    cut = operation.cutting
    return Cutter(r, math.acos(1 - min(cut.ae_mm, r) / r), both_ways=cut.both_ways)


def clear_opening(operation: Operation, cutter: Cutter) -> tuple[Move, ...]:
    """Clear the feature's opening with a cutter.

    Raises:
        CapabilityError: The tool does not fit in, there is no room for a way down, or stock no cut can start at.
    """
    only_wide = replace(NO_CUT, ae_mm=operation.cutting.ae_mm)
    return _moves(legs(replace(operation, cutting=only_wide), cutter, _pace(operation)), operation, cutter)


@lru_cache(maxsize=64)
def legs(operation: Operation, cutter: Cutter, pace: Pace) -> tuple[Leg, ...]:
    """The legs of every level of an opening; remembered, for the planner asks before the moves are made.

    They hang on the width of cut and the pace of links, not on the rest of the cutting data.

    Raises:
        CapabilityError: The tool does not fit in, there is no room for a way down, or stock no cut can start at.
    """
    opening, solid = opening_of(operation), offset(flatten(operation.stock_outline), BEYOND_MM)
    free = free_of(operation, opening, cutter.radius_mm)
    goal = offset(free, cutter.radius_mm - CORNER_MM) ^ offset(opening, BEYOND_MM) ^ solid
    if goal.is_empty():
        msg = f"{operation.id}: the {2 * cutter.radius_mm:g} mm tool does not fit into {operation.feature.id}"
        raise CapabilityError("strategy.tool-too-wide", msg, place=operation.feature.id, hint="Use a thinner tool.")
    width = operation.cutting.ae_mm
    ring = RING * width if width > WIDE * 2 * cutter.radius_mm else 0.0
    first = free_of(operation, opening, cutter.radius_mm, ring) if ring else None
    return clearing(Ground(free, solid, goal, first), cutter, operation.entry, pace, operation.feature.id)


def opening_of(operation: Operation) -> CrossSection:
    """What has to go, seen from above.

    Raises:
        CapabilityError: The feature is none that is cleared.
    """
    feature = operation.feature
    if isinstance(feature, Pocket):
        return flatten(feature.floor)
    if isinstance(feature, Cutout):
        return flatten(feature.region)
    msg = f"clearing cannot cut a {feature.kind}"
    raise CapabilityError("strategy.wrong-feature", msg, place=feature.id)


def free_of(operation: Operation, opening: CrossSection, radius_mm: float, more_mm: float = 0.0) -> CrossSection:
    """Where the cutter's centre may be, or may be with ``more_mm`` left on the walls."""
    walls = offset(flatten(operation.keep_out), radius_mm + operation.allowance_mm + SPARE_MM + more_mm)
    return offset(opening, radius_mm + BESIDE_MM) - walls


def cleared(ground: Ground, operation: Operation, cutter: Cutter) -> tuple[Move, ...]:
    """The moves of every level over one ground, whose plan serves all levels.

    Raises:
        CapabilityError: An area has no way down, or stock no cut can start at.
    """
    found = clearing(ground, cutter, operation.entry, _pace(operation), operation.feature.id)
    return _moves(found, operation, cutter)


def _pace(operation: Operation) -> Pace:
    link = max(operation.cutting.link_mm_min, operation.cutting.feed_mm_min)
    return Pace(link / 60, ACCEL_MM_S2, operation.clearance_z_mm - operation.bottom_z_mm)


def _moves(found: tuple[Leg, ...], operation: Operation, cutter: Cutter) -> tuple[Move, ...]:
    moves: list[Move] = []
    start = operation.top_z_mm
    for z in levels(operation.top_z_mm, operation.bottom_z_mm, operation.cutting.ap_mm):
        moves += level(found, start, z, operation, cutter)
        start = z
    return tuple(moves)

"""Pocket clearing: rings from the inside out, entered down a drilled hole or on a ramp, islands left standing."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from geometry.regions import fit, flatten, offset, separate
from geometry.scene import Scene
from geometry.solids import signed_area
from model.errors import CapabilityError
from model.feature import Cutout, Pocket
from model.plan import Operation
from model.region import Contour, Point
from model.tooling import Assembly
from model.toolpath import Move
from strategies._paths import APPROACH_MM, along, enter, from_length, leave, length, levels, perimeter, ramp

if TYPE_CHECKING:
    from manifold3d import CrossSection


SIMPLE_MM = 0.0005
"""Corners of inner rings closer to a straight line than this are dropped; the walls' own ring keeps them all."""


def toolpath(operation: Operation, assembly: Assembly, _scene: Scene) -> tuple[Move, ...]:
    """Clear the feature's opening down to its floor, leaving the allowance on every wall.

    Goes down by a hole named in the operation where the first ring is reached from it straight, else on a ramp.

    Raises:
        CapabilityError: The tool does not fit in, or would have to plunge and cannot.
    """
    opening = _opening(operation)
    r = assembly.tool.diameter_mm / 2
    free = offset(opening, r - 0.01) - offset(flatten(operation.keep_out), r + operation.allowance_mm)
    areas = [a for a in separate(free) if not (offset(a, r) ^ opening).is_empty()]
    if not areas:
        msg = f"{operation.id}: the {assembly.tool.diameter_mm} mm tool does not fit into {operation.feature.id}"
        raise CapabilityError("strategy.tool-too-wide", msg, place=operation.feature.id, hint="Use a thinner tool.")
    moves: list[Move] = []
    areas.sort(key=lambda a: tuple(round(float(v), 4) for v in a.bounds()))
    for area in areas:
        rings = _rings(area, operation.cutting.ae_mm, r)
        start = operation.top_z_mm
        for z in levels(operation.top_z_mm, operation.bottom_z_mm, operation.cutting.ap_mm):
            moves += _level(rings, area, start, z, operation, assembly)
            start = z
    return tuple(moves)


def _opening(operation: Operation) -> CrossSection:
    feature = operation.feature
    if isinstance(feature, Pocket):
        return flatten(feature.floor)
    if isinstance(feature, Cutout):
        return flatten(feature.region)
    msg = f"pocket clearing cannot cut a {feature.kind}"
    raise CapabilityError("strategy.wrong-feature", msg, place=feature.id)


def _rings(area: CrossSection, step_mm: float, r: float) -> list[list[Contour]]:
    """Contours at growing distance from the walls, innermost last; the middle is always within reach."""
    rings = [list(fit(area).contours)]
    inner = offset(area, -step_mm)
    while not inner.is_empty() and not offset(inner, -max(r - step_mm, 0.0) * 0.98).is_empty():
        rings.append(list(fit(inner).contours))
        inner = offset(area, -step_mm * len(rings)).simplify(SIMPLE_MM)
    return rings


def _level(
    rings: list[list[Contour]], area: CrossSection, start: float, z: float, operation: Operation, assembly: Assembly
) -> list[Move]:
    """One depth: in down a hole or on a ramp, then ring after ring outwards without leaving the material's level."""
    cut = operation.cutting
    room = offset(area, 0.002)
    moves: list[Move] = []
    waiting = [c for ring in reversed(rings) for c in sorted(ring, key=lambda c: (signed_area(c) < 0, c.start))]
    at = _hole_at(operation.entry, waiting[0], room)
    if at is not None:
        moves += enter(*at, operation.clearance_z_mm, z, cut.feed_mm_min)
    for ring in waiting:
        contour = ring if at is None else _from_nearest(ring, at)
        if at is not None and _straight_is_free(at, contour.start, room):
            moves.append(Move("line", *contour.start, z, cut.feed_mm_min, "link" if len(moves) > 2 else "cut"))
        else:
            if moves:
                moves.append(leave(moves[-1], operation.clearance_z_mm))
            fast = max(cut.link_mm_min, cut.feed_mm_min)  # the level above has cut here
            moves += enter(*contour.start, operation.clearance_z_mm, start + APPROACH_MM, fast)
            down, contour = _down(contour, start, z, operation, assembly)
            moves += down
        moves += along(contour.segments, z, cut.feed_mm_min)
        at = contour.start
    moves.append(leave(moves[-1], operation.clearance_z_mm))
    return moves


def _hole_at(holes: tuple[Point, ...], ring: Contour, room: CrossSection) -> Point | None:
    """The first hole from which a straight way leads to the ring; None when there is none."""
    return next((h for h in holes if _straight_is_free(h, _from_nearest(ring, h).start, room)), None)


def _down(
    contour: Contour, start: float, z: float, operation: Operation, assembly: Assembly
) -> tuple[list[Move], Contour]:
    cut = operation.cutting
    if perimeter(contour) > assembly.tool.diameter_mm / 2:
        touch = Move("line", *contour.start, start, cut.ramp_mm_min, "ramp")
        moves, rest = ramp(contour, start, z, cut.ramp_mm_min)
        return [touch, *moves], rest
    if not assembly.tool.centre_cutting:
        msg = f"{operation.id}: no room to ramp, and {assembly.tool.id} cannot plunge"
        raise CapabilityError(
            "strategy.cannot-plunge", msg, place=operation.feature.id, hint="Drill a hole there first."
        )
    return [Move("line", *contour.start, z, cut.plunge_mm_min, "plunge")], contour


def _from_nearest(contour: Contour, at: Point) -> Contour:
    """The contour started at the spot of its corners and middles nearest to ``at``."""
    best, where, total, spot = math.inf, 0.0, 0.0, contour.start
    for s in contour.segments:
        size = length(spot, s)
        for share in (0.0, 0.5):
            near = from_length(contour, total + share * size).start
            gap = round(math.dist(near, at), 6)
            if gap < best:
                best, where = gap, total + share * size
        total += size
        spot = (s.x_mm, s.y_mm)
    return from_length(contour, where)


def _straight_is_free(a: Point, b: Point, room: CrossSection) -> bool:
    """True when a straight move from a to b keeps the tool's centre inside ``room``."""
    size = math.dist(a, b)
    if size < 1e-6:
        return True
    from manifold3d import CrossSection

    n = np.array([-(b[1] - a[1]), b[0] - a[0]]) / size * 1e-3
    strip = CrossSection([np.array([a - n, b - n, b + n, a + n])])
    return bool((strip - room).area() < 1e-7)

"""Surface roughing: cleared level by level from the top, then the stairs between levels cut finer from below."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from geometry.contours import chains, crossings
from geometry.cutter import mill
from geometry.dropcutter import rest
from geometry.heightfield import HeightField
from geometry.regions import flatten, offset, separate, union
from geometry.scene import Scene, Triangles
from model.errors import CapabilityError
from model.feature import FreeSurface
from model.plan import Operation
from model.tooling import Assembly
from model.toolpath import Move
from strategies._level import Cutter, Ground
from strategies._paths import levels
from strategies.adaptive import BESIDE_MM, CORNER_MM, cleared, cutter_of
from strategies.rest_clear import THIN_MM, standing

if TYPE_CHECKING:
    from manifold3d import CrossSection

STAIR_MM = 1.0
"""Highest step left for the finishing tool."""
CELLS_A_RADIUS = 12
LEAST_MM = 0.01
LEAST_MM2 = 0.5
"""Smaller areas are left to the finishing tool."""
BLOCKED_MM = 1e6
FLAT_MM2 = 1.0
LEFT_CODES = ("strategy.no-entry", "strategy.stock-left")
"""Areas clearing gives up: they stay for the next tool when that can take them."""
MOST_LEFT_MM = 2.2
"""So much more than its allowance roughing may leave where it finds no way down."""


def toolpath(operation: Operation, assembly: Assembly, scene: Scene) -> tuple[Move, ...]:
    """Clear the stock over the surface, leaving the allowance on every side of the part and no stair over 1 mm.

    Levels are at most ``ap_mm`` apart and meet level faces; only what the operations before left standing is cut.
    Where there is no room for a wide helix a narrow one goes down. No moves when nothing stands.

    Raises:
        CapabilityError: The feature is no free surface, or places stay so high that the next tool cannot take them.
    """
    feature = operation.feature
    if not isinstance(feature, FreeSurface):
        msg = f"surface roughing cannot cut a {feature.kind}"
        raise CapabilityError("strategy.wrong-feature", msg, place=feature.id)
    rooms = _Rooms(operation, cutter_of(operation, assembly), scene)
    operation = replace(operation, top_z_mm=_begin(operation, rooms.opening, scene.stock()))
    job = _Job(operation, rooms)
    above = operation.top_z_mm
    for z in _heights(operation, scene.target()):
        deep = replace(operation, cutting=replace(operation.cutting, ap_mm=above - z), top_z_mm=above)
        done = job.level(z, rooms.nothing(), deep)
        stairs = max(1, math.ceil((above - z) / STAIR_MM - 1e-6))
        for k in range(1, stairs):
            done = union([done, job.level(z + (above - z) * k / stairs, done, deep)])
        above = z
    job.refuse_high()
    return tuple(job.moves)


class _Job:
    """Levels cut so far, and the areas no way down was found into."""

    def __init__(self, operation: Operation, rooms: _Rooms) -> None:
        self._operation, self._rooms = operation, rooms
        self.moves: list[Move] = []
        self._swept: list[tuple[float, CrossSection]] = []
        self._left: list[tuple[float, CrossSection]] = []

    def level(self, z_mm: float, done: CrossSection, operation: Operation) -> CrossSection:
        """Clear one height but for what is ``done`` there; tells what the tool has swept."""
        rooms = self._rooms
        r = rooms.cutter.radius_mm
        standing = rooms.standing(z_mm) - done
        swept = rooms.nothing()
        level = replace(operation, bottom_z_mm=z_mm)
        for area in separate(rooms.free(z_mm)):
            reach = offset(area, r)
            goal = offset(area, r - CORNER_MM) ^ rooms.opening ^ standing
            goal = offset(offset(goal, -CORNER_MM), CORNER_MM) - offset(done, CORNER_MM)
            goal = union([a for a in separate(goal) if a.area() > LEAST_MM2])
            made = () if goal.is_empty() else self._entered(Ground(area, standing, goal), level)
            if made is None:
                self._left.append((z_mm, goal))
                continue
            self.moves += made
            swept = union([swept, reach])
        self._swept.append((z_mm, swept))
        return swept

    def _entered(self, ground: Ground, level: Operation) -> tuple[Move, ...] | None:
        """The moves of one area; None when even by the narrowest helix it cannot be cleared."""
        try:
            return cleared(ground, level, self._rooms.cutter)
        except CapabilityError as error:
            if error.code not in LEFT_CODES:
                raise
        return None

    def refuse_high(self) -> None:
        """Refuse stock that stays higher than the next tool may be asked to take.

        Raises:
            CapabilityError: ``strategy.no-entry``.
        """
        for z, area in self._left:
            over = [h for h, swept in self._swept if h > z and (area - swept).area() < LEAST_MM2]
            lower = [h for h, swept in self._swept if h < z and (area - swept).area() < LEAST_MM2]
            high = min(over, default=self._operation.top_z_mm) - z
            if not lower and high > MOST_LEFT_MM:
                o, wide = self._operation, 2 * self._rooms.cutter.radius_mm
                msg = f"{o.id}: no way down for a {wide:g} mm tool below z {z + high:.2f} mm"
                raise CapabilityError(
                    "strategy.no-entry", msg, place=o.feature.id, value=round(high, 2), limit=MOST_LEFT_MM,
                    hint="Use a thinner tool.",
                )  # fmt: skip


class _Rooms:
    """Where the tool's centre may be at a height, seen from above."""

    def __init__(self, operation: Operation, cutter: Cutter, scene: Scene) -> None:
        self.cutter = cutter
        self.radius = cutter.radius_mm
        self._solid = flatten(operation.stock_outline)
        self._stock = scene.stock()
        feature = operation.feature
        self.opening = flatten(feature.region if isinstance(feature, FreeSurface) else operation.keep_out)
        self._allowance = operation.allowance_mm
        self._around = offset(self.opening, self.radius + BESIDE_MM)
        self.pitch = self.radius / CELLS_A_RADIUS
        x0, y0, x1, y1 = self._around.bounds()
        self._corner = (x0 - self.pitch, y0 - self.pitch)
        columns, rows = (math.ceil((b - a) / self.pitch) + 3 for a, b in ((x0, x1), (y0, y1)))
        x, y = np.meshgrid(
            self._corner[0] + self.pitch * np.arange(columns), self._corner[1] + self.pitch * np.arange(rows)
        )
        # Grown by a cell's diagonal: then no place between a free node and the next hides anything.
        wide = mill(2 * (self.radius + self._allowance + math.sqrt(2) * self.pitch))
        held = rest(scene.mesh, wide, np.stack([x.ravel(), y.ravel()], axis=1))[:, 0].reshape(rows, columns)
        held[[0, -1]] = BLOCKED_MM
        held[:, [0, -1]] = BLOCKED_MM
        self._held = held

    def nothing(self) -> CrossSection:
        """No area."""
        return self._solid - self._solid

    def standing(self, z_mm: float) -> CrossSection:
        """Where stock stands over a height."""
        return standing(self._stock, z_mm + THIN_MM) if self._stock.high.size else self._solid

    def free(self, z_mm: float) -> CrossSection:
        """Where the tool stands off the part by the allowance, sideways and downwards."""
        from manifold3d import CrossSection, FillRule

        level = z_mm - self._allowance
        loops = [
            crossings(edges, self._held, level, *self._corner, self.pitch)
            for edges, closed in chains(self._held, level)
            if closed
        ]
        return CrossSection(loops, FillRule.Positive).simplify(self.pitch / 50) ^ self._around


def _begin(operation: Operation, opening: CrossSection, stock: HeightField) -> float:
    """The height where material begins over the opening, as the operations before left it."""
    if not stock.high.size:
        return operation.top_z_mm
    x0, y0, x1, y1 = opening.bounds()
    rows, columns = stock.high.shape
    i0, i1 = (min(max(int((x - stock.x0_mm) / stock.pitch_mm) + k, 0), columns) for x, k in ((x0, 0), (x1, 1)))
    j0, j1 = (min(max(int((y - stock.y0_mm) / stock.pitch_mm) + k, 0), rows) for y, k in ((y0, 0), (y1, 1)))
    highest = float(stock.high[j0:j1, i0:i1].max(initial=operation.bottom_z_mm))
    return min(operation.top_z_mm, max(highest, operation.bottom_z_mm + LEAST_MM))


def _heights(operation: Operation, target: Triangles) -> list[float]:
    """Levels from the top down: the allowance above every level face, and no further apart than the depth of cut."""
    across = np.cross(target[:, 1] - target[:, 0], target[:, 2] - target[:, 0])
    level = (across[:, 2] > 0) & (np.hypot(across[:, 0], across[:, 1]) < 1e-9 * across[:, 2])
    faces: dict[float, float] = {}
    for z, area in zip(target[level, 0, 2].tolist(), (across[level, 2] / 2).tolist(), strict=True):
        faces[round(z, 4)] = faces.get(round(z, 4), 0.0) + area
    top, bottom = operation.top_z_mm, operation.bottom_z_mm
    shelves = sorted((z + operation.allowance_mm for z, area in faces.items() if area > FLAT_MM2), reverse=True)
    stops = [top, *(z for z in shelves if bottom + 1e-6 < z < top - 1e-6), bottom]
    return [z for a, b in pairwise(stops) for z in levels(a, b, operation.cutting.ap_mm)]

"""Reckons how long an operation runs, from its feature and its cutting data, before any move is made."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from geometry.regions import bounds, flatten, points, widest_radius
from model.feature import Chamfer, Cutout, Edges, EngravedStrokes, FreeSurface, Hole, Outline, Pocket, VCarving
from model.plan import CuttingData, Operation
from model.region import Region
from model.thread import thread_named
from model.tooling import Assembly, Machine

if TYPE_CHECKING:
    from manifold3d import CrossSection

RAMP_SLOPE = math.tan(math.radians(3))
PASS_RADII = 2.2
"""Length of one pass at constant engagement, in radii of the opening's largest disc (measured, with islands)."""
LINKS = 0.7
"""Length of links beside each length of such passes (measured likewise)."""
TWICE_MM = 0.01
"""A tool that bends more than this laps a wall twice."""
RETRACT_S = 0.3
"""A peck's way out of the hole and back, beside the drilling."""
REST_SHARE = 0.04
"""Corners and feet that a wider tool left, of the whole area (measured)."""
LEADS = 3.0
"""The way onto a wall and off it again, in diameters (measured)."""
CURVED = 1.25
"""Passes over a sloped face are so much longer than they look from above (measured)."""


@dataclass(frozen=True)
class Run:
    """One operation on a machine, with the tool it is cut by."""

    machine: Machine
    assembly: Assembly
    operation: Operation

    @cached_property
    def speed(self) -> float:
        """Feed (mm/s)."""
        return self.operation.cutting.feed_mm_min / 60

    @cached_property
    def stop(self) -> float:
        """Seconds lost at a corner: slowing down and speeding up again."""
        return self.speed / acceleration(self.machine)

    @cached_property
    def deep(self) -> float:
        """How deep it cuts (mm)."""
        return self.operation.top_z_mm - self.operation.bottom_z_mm

    @cached_property
    def levels(self) -> int:
        """How many passes one under the other."""
        return levels(self.deep, self.operation.cutting.ap_mm)

    @cached_property
    def ramp(self) -> float:
        """Seconds on ramps down to the bottom."""
        return self.deep / RAMP_SLOPE / (self.operation.cutting.ramp_mm_min / 60)


def seconds(machine: Machine, assembly: Assembly, operation: Operation) -> float:
    """About how long the operation moves, its way there and back at rapid included; changes of tools are not."""
    run = Run(machine, assembly, operation)
    rapid = min(axis.rapid_mm_min for axis in machine.axes) / 60
    return (
        RECKONED.get(operation.strategy, _lap)(run) + 2 * (operation.clearance_z_mm - operation.top_z_mm + 10) / rapid
    )


def acceleration(machine: Machine) -> float:
    """The level axes' (mm/s2)."""
    return min(x.acceleration_mm_s2 for x in machine.axes if x.name in ("X", "Y"))


def levels(depth: float, ap: float) -> int:
    """How many passes of a depth of cut make a depth."""
    return max(1, math.ceil(depth / ap - 1e-6))


def perimeter(area: CrossSection) -> float:
    """The length of all its rims (mm)."""
    total = 0.0
    for loop in area.to_polygons():
        total += sum(math.dist(p, q) for p, q in zip(loop, [*loop[1:], loop[0]], strict=True))
    return total


def rings(machine: Machine, a: Assembly, cut: CuttingData, area: CrossSection, depth: float) -> float:
    """Rings at every depth, a ramp down to each, a stop at about every corner."""
    v = cut.feed_mm_min / 60
    lap = area.area() / cut.ae_mm
    corners = 4 * lap / max(perimeter(area), 1.0)
    ramp = depth / RAMP_SLOPE / (cut.ramp_mm_min / 60)
    return float(
        levels(depth, cut.ap_mm) * (lap / v + corners * v / acceleration(machine)) + ramp + a.tool.diameter_mm / v
    )


def engaged(machine: Machine, a: Assembly, cut: CuttingData, area: CrossSection, depth: float, widest: float) -> float:
    """Passes at constant engagement with their links, a change of speed each, and one helix down.

    ``widest`` is the radius of the largest disc inside the area.
    """
    v, link = cut.feed_mm_min / 60, cut.link_mm_min / 60
    length = area.area() / cut.ae_mm
    passes = length / max(PASS_RADII * widest, a.tool.diameter_mm / 2)
    level = length / v + LINKS * length / link + passes * (v + link) / (2 * acceleration(machine))
    return float(levels(depth, cut.ap_mm) * level + depth / RAMP_SLOPE / (cut.ramp_mm_min / 60))


def _cleared(run: Run) -> CrossSection:
    """What is to be cleared, seen from above, coarsely."""
    f = run.operation.feature
    region = f.floor if isinstance(f, Pocket) else f.region if isinstance(f, Cutout | FreeSurface) else Region(())
    return flatten(region, 0.01) ^ flatten(run.operation.stock_outline, 0.01)


def _rings(run: Run) -> float:
    return rings(run.machine, run.assembly, run.operation.cutting, _cleared(run), run.deep)


def _engaged(run: Run) -> float:
    area = _cleared(run)
    return engaged(run.machine, run.assembly, run.operation.cutting, area, run.deep, widest_radius(area))


def _rest(run: Run) -> float:
    """Corners that a wider mill left: cutting, and a hop for each."""
    area = _cleared(run)
    return run.levels * REST_SHARE * float(area.area()) / run.operation.cutting.ae_mm / run.speed


def _facing(run: Run) -> float:
    """Lanes along x over the blank."""
    x0, y0, x1, y1 = bounds(run.operation.stock_outline)
    d = run.assembly.tool.diameter_mm
    lanes = max(2, math.ceil((y1 - y0 + d) / run.operation.cutting.ae_mm - 1))
    return run.levels * (lanes * ((x1 - x0 + d + 2) / run.speed + 2 * run.stop) + (y1 - y0) / run.speed)


def _lap(run: Run) -> float:
    """Laps along a wall or an edge, on size twice where the tool bends; roughing goes down on ramps."""
    op, f = run.operation, run.operation.feature
    region = (
        f.floor if isinstance(f, Pocket) else f.edge if isinstance(f, Chamfer | Edges)
        else f.region if isinstance(f, Cutout | Outline | VCarving) else Region(())
    )  # fmt: skip
    d = run.assembly.tool.diameter_mm
    length = _length(region) + (math.pi * d if isinstance(f, Outline) else 0.0)  # in hollow corners the centre slows
    corners = sum(len(c.segments) for c in region.contours)
    rough = op.strategy == "outline" and op.allowance_mm > 0
    laps = run.levels * (2 if op.cutting.deflection_mm > TWICE_MM and not rough else 1)
    ways = run.ramp if rough else run.levels * LEADS * d * len(region.contours) / run.speed
    return laps * (length / run.speed + corners * run.stop) + ways


def _length(region: Region) -> float:
    total = 0.0
    for contour in region.contours:
        loop = points(contour, 0.01)
        total += sum(math.dist(p, q) for p, q in zip(loop, [*loop[1:], loop[0]], strict=True))
    return total


def _engraved(run: Run) -> float:
    f = run.operation.feature
    if not isinstance(f, EngravedStrokes):
        return _lap(run)
    length = sum(math.dist(p, q) for s in f.strokes for p, q in zip(s.points, s.points[1:], strict=False))
    bends = sum(len(s.points) for s in f.strokes)
    down = len(f.strokes) * run.deep / (run.operation.cutting.plunge_mm_min / 60)
    return run.levels * (length / run.speed + bends * run.stop / 2) + down + len(f.strokes)


def _drilled(run: Run) -> float:
    """Down at feed and out; pecks come out between."""
    peck = run.operation.cutting.peck_mm
    pecks = math.ceil(run.deep / peck) if peck else 0
    return (run.deep + 1) / run.speed + RETRACT_S * pecks


def _both_ways(run: Run) -> float:
    return 2 * (run.deep + 1) / run.speed


def _bored(run: Run) -> float:
    """A helix down, then flat laps; the centre is as much slower than the edge as its circle is smaller."""
    f, cut = run.operation.feature, run.operation.cutting
    wide = f.steps[-1].diameter_mm if isinstance(f, Hole) else run.assembly.tool.diameter_mm
    swing = max((wide - run.assembly.tool.diameter_mm) / 2 - 0.15, 0.05)
    turns = max(1, math.ceil(run.deep / min(cut.ap_mm, math.tau * swing * RAMP_SLOPE)))
    return math.pi * wide * (turns / (cut.ramp_mm_min / 60) + 4 / run.speed)


def _threaded(run: Run) -> float:
    """Helices of one pitch a turn, a row of teeth each, in passes of equal cross-section."""
    f, tool = run.operation.feature, run.assembly.tool
    thread = thread_named(f.thread) if isinstance(f, Hole) else None
    if thread is None or not isinstance(f, Hole):
        return _both_ways(run)
    turns = run.deep / thread.pitch_mm
    deep = (thread.major_mm - f.steps[-1].diameter_mm) / 2
    passes = max(1, round((deep / run.operation.cutting.ae_mm) ** 2))
    rows = max(1, math.floor(tool.flute_length_mm / thread.pitch_mm + 1e-6))
    return passes * math.pi * thread.major_mm * (turns if rows == 1 else 2 * math.ceil(turns / rows)) / run.speed


def _levelled(run: Run) -> float:
    """Levels over a surface: about half of the box over it is air in the end."""
    area = float(_cleared(run).area())
    return run.levels * area / run.operation.cutting.ae_mm / run.speed * 0.5 * (1 + LINKS) + run.ramp


def _followed(run: Run) -> float:
    """Passes side by side over a surface, and a tool's radius beyond its rim."""
    area = _cleared(run)
    wide = float(area.area()) + perimeter(area) * run.assembly.tool.diameter_mm / 2
    return CURVED * wide / run.operation.cutting.ae_mm / run.speed


def _corners(run: Run) -> float:
    """Passes in the corners that a wider tool left of a surface."""
    return REST_SHARE * _followed(run)


def _feet(run: Run) -> float:
    """Fine level laps round a surface's foot."""
    return run.levels * perimeter(_cleared(run)) / run.speed


RECKONED: dict[str, Callable[[Run], float]] = {
    "facing": _facing, "pocket": _rings, "floor": _rings, "adaptive": _engaged, "slot": _engaged, "rest_clear": _rest,
    "drill": _drilled, "spot": _drilled, "ream": _both_ways, "tap": _both_ways, "bore": _bored,
    "thread_mill": _threaded, "engrave": _engraved, "rough3d": _levelled, "steep_shallow": _followed,
    "scallop": _followed, "parallel": _followed, "waterline": _followed, "pencil": _corners, "rest_finish": _corners,
    "terrace": _feet,
}  # fmt: skip
"""How each strategy is reckoned; what is not named laps along a wall or an edge."""

"""What a finishing tool slides over: the part as the tool sees it, and which of it belongs to the surface."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from geometry.cutter import Cutter, bodies, of_tool
from geometry.dropcutter import Cells, rest
from geometry.following import follow, safe_step_mm
from geometry.planefield import signed_distance
from geometry.regions import flatten, offset
from geometry.scene import Scene
from model.errors import CapabilityError
from model.feature import FreeSurface
from model.plan import Operation
from model.tooling import Assembly

if TYPE_CHECKING:
    from manifold3d import CrossSection

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

SAMPLE_MM = 0.004
"""Kept off the part so that nothing is cut between two places of the path."""
MERGE_MM = 0.01
"""Kept off the part so that places this near to a line or an arc may become one."""
HALF_STEP = 0.7
"""A step so much shorter needs half of ``SAMPLE_MM``, which grows with its square."""
RIM_MM = 0.01
"""Points this near to a surface's rim count as its rim: the tool does not roll over edges."""
SPARE_MM = 0.2
"""Shank and holder stay this far from the part."""
BELOW_MM = 1e-6
LEVEL_TO_UPRIGHT_DEG = 90.0
FLAT_SCALLOP_MM = 0.018
"""Stairs a flat mill may leave on a slope, measured across it."""


@dataclass(frozen=True, slots=True)
class Ground:
    """The part under one tool. Paths are rows of tip (x, y, z) and point touched (x, y, z), all in mm.

    ``cutter`` is the tool grown by ``growth_mm``, so that paths made of its rests, ``step_mm`` apart, keep the
    tool itself off the part; the tips are the tool's own. ``scallop_mm`` may be left between passes, growth included.
    """

    mesh: Cells
    cutter: Cutter
    radius_mm: float
    corner_mm: float
    growth_mm: float
    step_mm: float
    ae_mm: float
    scallop_mm: float
    plan: CrossSection
    area: shapely.Geometry
    box: tuple[float, float, float, float]
    bottom_mm: float

    def rest(self, xy: Floats) -> Floats:
        """Paths' rows for places (n, 2)."""
        found = np.hstack([xy, rest(self.mesh, self.cutter, xy)])
        found[:, 2] += self.growth_mm
        return found

    def clears(self, tips: Floats) -> bool:
        """True when a tool going straight from tip to tip (n, 3), ``HALF_STEP`` steps apart, keeps off the part.

        Half of ``SAMPLE_MM`` is kept at the tips, the other half between them; ``MERGE_MM`` was for leaving the path.
        """
        less, c = MERGE_MM + SAMPLE_MM / 2, self.cutter
        bare = Cutter(c.radius_mm - less, c.flat_mm, c.corner_mm - less, c.cone_from_mm - less)
        low = rest(self.mesh, bare, tips[:, :2])[:, 0] + self.growth_mm - less
        return bool((low <= tips[:, 2] + BELOW_MM).all())

    def follow(self, way: Floats) -> Floats:
        """A path's rows along a way (n, 2); -inf where nothing lies below."""
        found = follow(self.mesh, self.cutter, way, self.step_mm)
        found[:, 2] += self.growth_mm
        return found

    def steepness_deg(self, rows: Floats) -> Floats:
        """Angle between the surface touched and the level."""
        d = np.hypot(rows[:, 3] - rows[:, 0], rows[:, 4] - rows[:, 1]) - self.cutter.flat_mm
        return np.degrees(np.arcsin(np.clip(d / self.cutter.corner_mm, 0.0, 1.0)))

    def wanted(self, rows: Floats, low_deg: float = 0.0, high_deg: float = LEVEL_TO_UPRIGHT_DEG) -> Bools:
        """Which rows touch the surface itself, in a range of steepness, no deeper than allowed."""
        touches = np.isfinite(rows[:, 2]) & (rows[:, 2] >= self.bottom_mm - BELOW_MM)
        touches[touches] = shapely.contains_xy(self.area, rows[touches, 3], rows[touches, 4])
        if low_deg > 0.0 or high_deg < LEVEL_TO_UPRIGHT_DEG:
            angle = self.steepness_deg(rows)
            touches &= (angle >= low_deg) & (angle <= high_deg)
        return touches


def ground(operation: Operation, assembly: Assembly, scene: Scene, *, flat: bool = False) -> Ground:
    """Lay the part out for a finishing operation on a free surface.

    ``operation.cutting.ae_mm`` is the distance of neighbouring passes on a level surface: with the corner radius r
    it means scallops of r - sqrt(r^2 - (ae/2)^2) everywhere. ``flat``: level laps of a mill with a sharp corner.

    Raises:
        CapabilityError: The feature is no free surface, or the tool has no rounded corner.
    """
    feature, tool = operation.feature, assembly.tool
    if not isinstance(feature, FreeSurface):
        msg = f"{operation.strategy} cannot cut a {feature.kind}"
        raise CapabilityError("strategy.wrong-feature", msg, place=feature.id)
    corner = tool.corner_radius_mm
    if tool.kind not in ("ball-mill", "end-mill") or (corner <= 0 and not flat):
        msg = f"{operation.id}: {tool.id} has no rounded corner to finish a surface with"
        raise CapabilityError(
            "strategy.no-corner-radius", msg, place=feature.id, hint="Use a ball or bull-nose end mill."
        )
    margin = SAMPLE_MM + MERGE_MM + scene.target_tol_mm
    half = min(operation.cutting.ae_mm / 2, corner)
    growth = margin + operation.allowance_mm
    scallop = (FLAT_SCALLOP_MM if flat else corner - math.sqrt(corner * corner - half * half)) + growth
    area = offset(flatten(feature.region, RIM_MM / 4), -RIM_MM)
    shape = shapely.Polygon()
    for loop in area.to_polygons():  # even-odd: holes lie inside their outer loop
        shape = shape.symmetric_difference(shapely.Polygon(loop))
    if shape.is_empty:
        msg = f"{feature.id} has no area seen from above"
        raise CapabilityError("strategy.empty-surface", msg, place=feature.id)
    shapely.prepare(shape)
    x0, y0, x1, y1 = shape.bounds
    r = tool.diameter_mm / 2
    return Ground(
        scene.mesh, of_tool(tool, growth), r, corner,
        growth, safe_step_mm(r if flat else corner, SAMPLE_MM), operation.cutting.ae_mm, scallop, area, shape,
        (x0 - r, y0 - r, x1 + r, y1 + r), operation.bottom_z_mm,
    )  # fmt: skip


def nodes(g: Ground, pitch_mm: float) -> Floats:
    """Rows (rows along y, columns along x, 6) over a grid from the box's lower left corner.

    Only places from which the tool may touch the area are looked at; elsewhere nothing lies below.
    """
    x0, y0, x1, y1 = g.box
    columns, rows = math.ceil((x1 - x0) / pitch_mm) + 1, math.ceil((y1 - y0) / pitch_mm) + 1
    x, y = np.meshgrid(x0 + pitch_mm * np.arange(columns), y0 + pitch_mm * np.arange(rows))
    nothing = np.full(x.shape, -np.inf)
    found = np.stack([x, y, nothing, x, y, nothing], axis=-1)
    reach = g.radius_mm + 2 * pitch_mm
    near = signed_distance(g.plan, np.array([x0, y0, pitch_mm]), (rows, columns), reach) > -reach
    found[near] = g.rest(np.ascontiguousarray(found[near][:, :2]))
    return found


def check_holder(g: Ground, operation: Operation, assembly: Assembly, tips: Floats) -> None:
    """Hold shank and holder against the part at every tip (n, 3).

    Raises:
        CapabilityError: They touch; the message says how much longer the tool must stick out.
    """
    worst = 0.0
    for body, up in bodies(assembly.tool, assembly.holder, assembly.stick_out_mm, SPARE_MM):
        held = rest(g.mesh, body, np.ascontiguousarray(tips[:, :2]))[:, 0]
        worst = max(worst, float((held - tips[:, 2] - up).max(initial=0.0)))
    if worst > 0.0:
        msg = f"{operation.id}: T{assembly.number}'s shank or holder touches the part, {worst:.2f} mm too low"
        raise CapabilityError(
            "strategy.holder-touches", msg, place=operation.feature.id, value=round(worst, 3), limit=0.0,
            hint="Let the tool stick out further, or take a longer one.",
        )  # fmt: skip

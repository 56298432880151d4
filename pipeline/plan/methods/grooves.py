"""Methods for grooves a customer's solid shows: one stroke of a tool as wide, or the point of a tool as steep."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely import affinity

from geometry.regions import fit, flatten, offset
from model.errors import CapabilityError
from model.feature import EngravedStrokes, FreeSurface, VCarving
from model.plan import Operation
from model.region import Region
from pipeline.plan.corners import SHARP
from pipeline.plan.levels import tightest_radius
from pipeline.plan.methods.common import operation
from pipeline.plan.strokes import outside, strokes_of
from pipeline.plan.tools import SAME_DIAMETER_MM, Bench, cut_rough, reaches
from strategies.engrave import width_mm

if TYPE_CHECKING:
    from manifold3d import CrossSection

V_DEG = (20.0, 150.0)
"""Walls that meet at such an angle make a V groove; flatter ones are sloped faces."""
TRUE_MM = 0.03
"""A V groove is as deep as its walls are far to within this."""
NEAR_MM = 0.005
"""The rim of the part is so wide on both sides."""
SPECK_MM2 = 1e-4
"""Triangles so small tell nothing of a wall's direction."""
LEAST_FLOOR_MM = 0.5
SLIT_MM = 0.002
ACROSS = 0.5
"""Where a groove is open it ends across its way: along it by no more than this share."""
BEYOND_MM = 0.5
"""Where a V groove is open, the point runs out of it by half its width and this much."""


def round_stroke(bench: Bench, f: FreeSurface) -> list[Operation]:
    """A groove of round section by one stroke of a ball mill of its radius; none where it is no such groove."""
    depth, radius = f.top_z_mm - f.bottom_z_mm, f.radius_mm
    if math.isinf(radius) or depth > radius + SAME_DIAMETER_MM:
        return []
    fits = [
        a for a in bench.machine.tools
        if a.tool.kind == "ball-mill" and abs(a.tool.diameter_mm - 2 * radius) < SAME_DIAMETER_MM
        and reaches(bench, a, f.bottom_z_mm, 0.0)
    ]  # fmt: skip
    for a in sorted(fits, key=lambda a: (a.stick_out_mm, a.number)):
        width = width_mm(a.tool, depth)
        lines = strokes_of(flatten(f.region), width, outside(bench.levels.silhouette(), width))
        if lines:
            groove = EngravedStrokes(f.id, f.top_z_mm, depth, width, lines)
            cut = cut_rough(bench, a, depth, a.tool.diameter_mm, "engrave")
            return [operation(bench, "stroke", "engrave", groove, a, cut, f.top_z_mm, f.bottom_z_mm)]
    return []


def v_groove(bench: Bench, f: FreeSurface) -> VCarving | None:
    """The groove whose walls slope alike and meet, or end at a level floor, at the bottom; None for other surfaces.

    Raises:
        CapabilityError: Its floor has corners no mill comes into.
    """
    walls = np.concatenate([bench.levels.triangles()[k] for k in f.faces])
    across = np.cross(walls[:, 1] - walls[:, 0], walls[:, 2] - walls[:, 0])
    size = np.linalg.norm(across, axis=1)
    walls, across = walls[size > SPECK_MM2], across[size > SPECK_MM2]
    shape = _floored(bench, f)
    rim = _shape(bench.levels.silhouette()).boundary.buffer(NEAR_MM)
    feet = shape.boundary.difference(rim)
    middles = walls.mean(axis=1)
    spots = np.concatenate([walls.reshape(-1, 3), middles])
    down, off = f.top_z_mm - spots[:, 2], shapely.distance(shapely.points(spots[:, :2]), feet)
    depth = f.top_z_mm - f.bottom_z_mm
    slope = float(off[int(np.argmax(down))]) / depth
    angle = round(2 * math.degrees(math.atan(slope)), 1)
    if feet.is_empty or not V_DEG[0] <= angle <= V_DEG[1] or np.abs(down - off / slope).max() > TRUE_MM:
        return None
    for end in shapely.get_parts(shapely.line_merge(shape.boundary.intersection(rim))):
        nx, ny, _ = across[int(np.argmin(shapely.distance(shapely.points(middles[:, :2]), end)))]
        way = np.array([-ny, nx]) / math.hypot(nx, ny)
        (xa, ya), (xb, yb) = end.coords[0], end.coords[-1]
        if abs(way @ (xb - xa, yb - ya)) > ACROSS * math.dist((xa, ya), (xb, yb)):
            return None  # a bevelled edge of the part
        here = end.interpolate(0.5, normalized=True)
        if shape.contains(affinity.translate(here, *(2 * NEAR_MM * way))):
            way = -way
        out = affinity.translate(end, *((depth * slope + BEYOND_MM) * way))
        shape = shape.union(shapely.union(end, out).convex_hull)
    _refuse_sharp(f.id, offset(_area(shape), -depth * slope - TRUE_MM))
    return VCarving(f.id, f.top_z_mm, depth, angle, _closed(shape))


def _refuse_sharp(place: str, floor: CrossSection) -> None:
    """Between the point, which clears no floor, and a mill, which is round, a floor's sharp corners stay up.

    Raises:
        CapabilityError: ``plan.sharp-corner``.
    """
    radius = math.inf if floor.is_empty() else tightest_radius(fit(floor), walls_outside=True)
    if radius < LEAST_FLOOR_MM:
        msg = f"the floor of the V groove {place} has inner corners of {radius:.2f} mm radius"
        raise CapabilityError(
            SHARP, msg, place=place, value=round(radius, 3), limit=LEAST_FLOOR_MM,
            hint="Round the corners of its floor, or let its walls meet.",
        )  # fmt: skip


def _closed(shape: shapely.Geometry) -> Region:
    """A shape put together from pieces, without slits between them."""
    whole = shape.buffer(NEAR_MM, join_style="mitre").buffer(-NEAR_MM, join_style="mitre")
    return fit(_area(whole.simplify(SLIT_MM)))


def _floored(bench: Bench, f: FreeSurface) -> shapely.Geometry:
    """The surface seen from above, with the floor between its walls."""
    shape = _shape(flatten(f.region))
    over = bench.levels.above(f.bottom_z_mm)
    inner = [shapely.Polygon(r) for piece in shapely.get_parts(shape) for r in piece.interiors]
    return shapely.union_all([shape, *(p for p in inner if (offset(_area(p), -NEAR_MM) ^ over).is_empty())])


def _shape(area: CrossSection) -> shapely.Geometry:
    shape = shapely.Polygon()
    for loop in area.to_polygons():  # even-odd: holes lie inside their outer loop
        shape = shape.symmetric_difference(shapely.Polygon(loop))
    return shape


def _area(shape: shapely.Geometry) -> CrossSection:
    from manifold3d import CrossSection, FillRule

    pieces = [p for p in shapely.get_parts(shape) if not p.is_empty]
    return CrossSection([np.array(r.coords[:-1]) for p in pieces for r in (p.exterior, *p.interiors)], FillRule.EvenOdd)

"""Methods for edges: a bevel with a pointed cutter that touches nothing beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geometry.regions import flatten, offset, union
from model.errors import CapabilityError
from model.feature import Chamfer, Edges
from model.finding import Finding
from model.plan import Operation
from model.region import Region
from model.tooling import Assembly, Tool
from pipeline.plan.levels import HAIR_MM
from pipeline.plan.methods.common import operation
from pipeline.plan.sharp import sharp_edges
from pipeline.plan.tools import Bench, clears, cut_rough, reaches
from strategies._bevels import laps, slope
from strategies.chamfer import BELOW_MM

if TYPE_CHECKING:
    from manifold3d import CrossSection

BELOWS_MM = (BELOW_MM, 0.2, 0.1)
"""How far below the bevel's foot the tip is tried, the deepest first."""

BREAK_MM = 0.2
"""Edges are broken this wide (ISO 13715: a tenth to three tenths of a millimetre on small parts)."""
BY_HAND = "Break this edge by hand."

TOUCH_MM = 0.02
"""A cone closer than this to a neighbour counts as touching only when it comes this far into it."""


def chamfer(bench: Bench, c: Chamfer) -> list[Operation]:
    """Bevel an edge with the finest 90 degree cutter that covers it and clears its neighbours.

    Raises:
        CapabilityError: There is no such cutter, or every one would cut into a neighbour; with the place.
    """
    cutters = [a for a in bench.machine.tools if _points(a) and abs(a.tool.point_angle_deg - 90) < 1e-6]
    need = f"a 90 degree cutter for {c.width_mm:g} mm"
    a, bottom = _fitting(bench, c.id, need, cutters, c.edge, c.foot_z_mm + c.width_mm, c.width_mm)
    cut = cut_rough(bench, a, c.width_mm, c.width_mm, "chamfer")
    return [operation(bench, "bevel", "chamfer", c, a, cut, c.foot_z_mm + c.width_mm, bottom)]


def broken(bench: Bench) -> list[Operation]:
    """Every sharp edge broken that a cutter comes to from here; the others are told, and left to the file."""
    made: list[Operation] = []
    for e in sharp_edges(bench.levels, BREAK_MM):
        try:
            made += deburr(bench, e)
        except CapabilityError as error:
            bench.unreachable.append(
                Finding(error.code, error.message, error.place, error.value, error.limit, BY_HAND, "note")
            )
    return made


def deburr(bench: Bench, e: Edges) -> list[Operation]:
    """Break sharp edges with the finest pointed cutter that clears their neighbours.

    Raises:
        CapabilityError: There is no such cutter, or every one would cut into a neighbour; with the place.
    """
    cutters = [a for a in bench.machine.tools if _points(a)]
    a, bottom = _fitting(bench, e.id, "a pointed cutter", cutters, e.edge, e.z_mm, e.width_mm)
    cut = cut_rough(bench, a, e.width_mm / slope(a.tool), e.width_mm, "chamfer")
    return [operation(bench, "break", "deburr", e, a, cut, e.z_mm, bottom)]


def _points(a: Assembly) -> bool:
    return a.tool.kind == "chamfer-mill"


def _fitting(
    bench: Bench, place: str, need: str, cutters: list[Assembly], edge: Region, top: float, width: float
) -> tuple[Assembly, float]:
    """The finest cutter, and its tip's height, that leaves the bevel and nothing else."""
    touched: Finding | None = None
    asked = need
    order = sorted(cutters, key=lambda a: (abs(a.tool.point_angle_deg - 90), a.tool.diameter_mm, a.number))
    for a in order:
        foot = top - width / slope(a.tool)
        for below in BELOWS_MM:
            tip = foot - below
            covers = a.tool.tip_diameter_mm / 2 + below * slope(a.tool) + width <= a.tool.diameter_mm / 2 + 1e-6
            if not covers:
                continue
            if not reaches(bench, a, tip, 0.0) and not clears(bench, a, _along(_paths(edge, a.tool, below)), tip):
                need = f"{asked} that comes down {bench.levels.top_mm - tip:.1f} mm beside what stands there"
                continue
            found = _touched(bench, a.tool, edge, place, (tip, foot, top))
            if found is None:
                return a, tip
            touched = touched or found
    if touched is not None:
        raise CapabilityError(
            touched.code, touched.message, place=touched.place, value=touched.value, hint=touched.hint
        )
    have = ", ".join(f"{a.tool.diameter_mm:g}" for a in cutters) or "none"
    msg = f"{place} needs {need}; {bench.machine.id} has: {have}"
    raise CapabilityError(
        "plan.no-tool", msg, place=place, value=width, hint=f"Add such a tool to {bench.machine.id}'s crib."
    )


def _paths(edge: Region, tool: Tool, below_mm: float) -> list[CrossSection]:
    """What the laps round an edge go round."""
    return [flatten(Region((lap,)), 0.005) for c in edge.contours for lap in laps(c, tool, below_mm)]


def _along(paths: list[CrossSection]) -> CrossSection:
    """A narrow strip along laps: where the tool's axis goes."""
    return union([offset(p, TOUCH_MM, 0.005) - offset(p, -TOUCH_MM, 0.005) for p in paths])


def _touched(bench: Bench, tool: Tool, edge: Region, place: str, heights: tuple[float, float, float]) -> Finding | None:
    """Where the cone would cut more than the bevel; None when it does not.

    At every height where the part or the cone changes, the disc swept along the laps is held against the section.
    """
    tip, foot, top = heights
    paths = _paths(edge, tool, foot - tip)
    if len(paths) < len(edge.contours):
        return Finding("plan.edge-blocked", f"{place}: {tool.id} does not fit into the edge", place=place)
    area = flatten(edge, 0.005)
    width = (top - foot) * slope(tool) + TOUCH_MM
    own = offset(area, width, 0.005) - offset(area, -width, 0.005)
    cone = tip + (tool.diameter_mm - tool.tip_diameter_mm) / 2 / slope(tool)
    changes = [h for h in bench.levels.heights if tip < h <= bench.levels.top_mm]
    spots = {tip + HAIR_MM, foot - HAIR_MM, (foot + top) / 2, top + 2 * HAIR_MM, cone}
    spots |= {h + side * 2 * HAIR_MM for h in changes for side in (-1, 1)}
    for z in sorted(z for z in spots if z < bench.levels.top_mm):
        r = tool.tip_diameter_mm / 2 + min(
            max(z - tip, 0.0) * slope(tool), (tool.diameter_mm - tool.tip_diameter_mm) / 2
        )
        swept = union([offset(p, r, 0.005) - offset(p, -r, 0.005) for p in paths])
        hit = swept ^ bench.levels.section(z)
        if foot - HAIR_MM <= z <= top + HAIR_MM:
            hit -= own
        deep = offset(hit, -TOUCH_MM, 0.005)
        if not deep.is_empty():
            x0, y0, x1, y1 = (float(v) for v in deep.bounds())
            where = f"x {(x0 + x1) / 2:.2f}, y {(y0 + y1) / 2:.2f}, z {z:.2f} mm"
            msg = f"{place}: the cone of {tool.id} would cut into the part beside the edge"
            return Finding(
                "plan.edge-blocked", msg, place=f"{place} at {where}", value=round(max(x1 - x0, y1 - y0), 3),
                hint="Break this edge by hand, or use a finer cutter.",
            )  # fmt: skip
    return None

"""Laws of planned holes: what is told to be made is taken away by the tools, and the holder stays beside the part."""

from __future__ import annotations

import math
from functools import cache, partial
from typing import Any

import cadquery as cq
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import tooling_db
from geometry.faces import table
from geometry.regions import rectangle
from geometry.solids import dump
from geometry.tessellate import by_face, moved_spots
from model.design import Design, Expected, Part
from model.errors import CapabilityError
from model.feature import Hole
from model.plan import Operation
from pipeline.plan.coverage import Sight, around_part, made_by
from pipeline.plan.depth import halves
from pipeline.plan.levels import Levels
from pipeline.plan.operations import operations
from pipeline.plan.sides import Views, matrix_of
from pipeline.plan.tools import Bench, axis, clears
from pipeline.plan.workpiece import workpiece

SHOP = tooling_db.load()
MILL, ALUMINIUM = SHOP.machines["mill-linuxcnc"], SHOP.materials["al-6082"]
TOOLS = {a.number: a.tool for a in MILL.tools}
laws = settings(max_examples=12, deadline=None)
NEAR_MM = 0.05


def block(high: float) -> cq.Workplane:
    return cq.Workplane().box(60, 40, high, centered=(True, True, False)).translate((0, 0, -high))


def bore(d: float, top: float, bottom: float, x: float = 0.0, y: float = 0.0) -> cq.Workplane:
    return cq.Workplane().circle(d / 2).extrude(top - bottom).translate((x, y, bottom))


def bench_of(levels: Levels) -> Bench:
    return Bench(MILL, ALUMINIUM, levels, 0.8, rectangle(-35, -25, 35, 25), 3.8, 0.3, 0.3)


def planned(bench: Bench, hole: Hole) -> tuple[Hole, list[Operation]]:
    """The hole, or as much of it as a drill reaches from here, as a setup takes it."""
    for form in (hole, *halves(bench, hole)):
        try:
            made = operations(bench, [form])
        except CapabilityError:
            continue
        assert isinstance(form, Hole)
        return form, made
    return hole, []


def depth_at(made: list[Operation], radius: float) -> float:
    """The lowest height to which the tools of a hole have taken everything away at a distance from its axis."""
    lowest = math.inf
    for o in made:
        tool = TOOLS[o.tool_number]
        if o.strategy == "drill" and radius <= tool.diameter_mm / 2 + NEAR_MM:
            rise = radius / math.tan(math.radians(tool.point_angle_deg / 2))
            lowest = min(lowest, o.bottom_z_mm + rise)
        elif o.strategy in ("bore", "pocket", "adaptive", "slot", "wall"):
            lowest = min(lowest, o.bottom_z_mm)
    return lowest


@laws
@given(
    d=st.sampled_from([3.3, 5.0, 6.8, 8.5, 10.0, 14.0]),
    high=st.integers(16, 70),
    wider=st.sampled_from([0.0, 4.0]),
    slot=st.integers(0, 40),
    beside=st.floats(-0.9, 0.9),
)
def test_no_spot_counts_as_made_that_no_tool_of_the_hole_comes_to(
    d: float, high: int, wider: float, slot: int, beside: float
) -> None:
    part = block(high).cut(bore(d, 1, -high - 1))
    if wider:
        part = part.cut(bore(d + wider, 1, -4.0))
    if 0 < slot < high - 8:  # from below, with its wall somewhere in the hole
        part = part.cut(cq.Workplane().box(80, 20, 2 * slot).translate((0, 10 + beside * d / 2, -high)))
    shape: Any = part.val()
    design = Design("o", "hand", "Hand", "al-6082", "", 1, (Part("p", dump(shape), Expected((1, 1, 1), (0, 1), 0)),))
    views = Views(workpiece(design, SHOP))
    seen = views.recognised(matrix_of("+Z"))
    sight = Sight(moved_spots(views.spots, np.array(matrix_of("+Z"))), views.view("+Z").seen)
    for hole in (f for f in seen.features if isinstance(f, Hole)):
        done, ops = planned(bench_of(seen.levels), hole)
        spots = sight.spots.points[made_by(done, sight, around_part(seen.features))] if ops else np.zeros((0, 3))
        off = np.hypot(spots[:, 0] - hole.x_mm, spots[:, 1] - hole.y_mm).tolist()
        left = [z for r, z in zip(off, spots[:, 2].tolist(), strict=True) if z < depth_at(ops, r) - NEAR_MM]

        assert [] == left


@laws
@given(
    number=st.sampled_from([a.number for a in MILL.tools if a.tool.kind in ("drill", "end-mill")]),
    away=st.floats(1, 40),
    wall=st.floats(5, 80),
    deep=st.floats(1, 15),
)
def test_a_tool_clears_a_wall_just_when_none_of_its_widths_reaches_it(
    number: int, away: float, wall: float, deep: float
) -> None:
    part = block(20).union(cq.Workplane().box(10, 40, wall, centered=(False, True, False)).translate((away, 0, 0)))
    shape: Any = part.val()
    levels = Levels(shape, table(shape), cache(partial(by_face, shape, 0.01)))
    a = next(a for a in MILL.tools if a.number == number)
    hole = Hole("hole-1", 0.0, 0.0, 0.0, (), through=False)
    widest = (
        [(a.tool.shoulder_length_mm, a.tool.shank_diameter_mm / 2)]
        if a.tool.shank_diameter_mm > a.tool.diameter_mm
        else []
    )
    z = a.stick_out_mm - 1.0
    for s in a.holder.segments:
        widest.append((z, max(s.lower_diameter_mm, s.upper_diameter_mm) / 2))
        z += s.height_mm
    gaps = [away - r for up, r in widest if -deep + up < wall]
    if any(abs(gap - 1.0) < 0.05 for gap in gaps) or any(abs(up - deep - wall) < 0.01 for up, _ in widest):
        return  # too near to call

    assert all(gap > 1.0 for gap in gaps) == clears(bench_of(levels), a, axis(hole), -deep)

"""Laws of V-carving: the cone swept along the moves covers the region down to its walls and cuts nothing outside."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from manifold3d import CrossSection

import strategies
from geometry.heightfield import HeightField
from geometry.medial import medial_axis
from geometry.regions import circle, fit, flatten, offset, rectangle, union
from geometry.scene import Scene
from geometry.text import outlined
from model.errors import CapabilityError
from model.feature import VCarving
from model.plan import CuttingData, Operation
from model.region import Contour, Region, Segment
from model.tooling import Assembly, Holder, Tool

if TYPE_CHECKING:
    from model.toolpath import Move

laws = settings(max_examples=12, deadline=None)
EMPTY = Scene(lambda: np.empty((0, 3, 3)), lambda: HeightField(np.empty((0, 0)), 0.0, 0.0, 1.0), 0.0)
CUT = CuttingData(10000, 1000, 300, 600, 10.0, 1.0, 100, 0.02, 100, 50, 0.0, "off", "test")


def v_bit(angle: float, tip: float = 0.0, d: float = 20.0) -> Assembly:
    cone = (d - tip) / 2 / math.tan(math.radians(angle / 2))
    tool = Tool(
        "v", "v", "chamfer-mill", d, tip, angle, cone, cone + 5, 60, d, 2,
        centre_cutting=True, substrate="carbide", max_rpm=30000, price_eur=10, source="test",
    )  # fmt: skip
    return Assembly(1, tool, Holder("er16", "ER16", (), 13, 20000), 40, 80)


def carved(region: Region, angle: float, depth: float, tip: float = 0.0, ap: float = 10.0) -> tuple[Move, ...]:
    feature = VCarving("carving-1", 0.0, depth, angle, region)
    job = Operation(
        "op", "vcarve", feature, 1, replace(CUT, ap_mm=ap), 0.0, -depth, 3.0, Region(), rectangle(-50, -50, 50, 50)
    )
    return strategies.get("vcarve")(job, v_bit(angle, tip), EMPTY)


def covered(moves: tuple[Move, ...], angle: float, tip: float, height: float) -> CrossSection:
    """What the cone takes at one height, from an own sweep: discs along every cutting move, joined by their hulls."""
    slope = math.tan(math.radians(angle / 2))
    parts: list[CrossSection] = []
    for a, b in itertools.pairwise(moves):
        if b.kind == "rapid":
            continue
        places = [(a.x_mm, a.y_mm, a.z_mm), (b.x_mm, b.y_mm, b.z_mm)]
        if b.kind in ("cw", "ccw"):
            turn = 1 if b.kind == "ccw" else -1
            a0 = math.atan2(a.y_mm - b.cy_mm, a.x_mm - b.cx_mm)
            swept = turn * ((math.atan2(b.y_mm - b.cy_mm, b.x_mm - b.cx_mm) - a0) * turn % math.tau)
            r = math.hypot(b.x_mm - b.cx_mm, b.y_mm - b.cy_mm)
            angles = [a0 + swept * k / 64 for k in range(65)]
            places = [(b.cx_mm + r * math.cos(t), b.cy_mm + r * math.sin(t), b.z_mm) for t in angles]
        for p, q in itertools.pairwise(places):
            ends = [e for e in (p, q) if e[2] <= height]
            if len(ends) == 1:  # the cone comes up through the height on the way
                t = (height - p[2]) / (q[2] - p[2])
                ends.append((p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1]), height))
            cut = [
                CrossSection.circle(max(tip / 2 + (height - z) * slope, 1e-5), 360).translate((x, y))
                for x, y, z in ends
            ]
            if cut:
                parts.append(CrossSection.batch_hull(cut))
    return union(parts)


def polygon(*points: tuple[float, float]) -> Region:
    loop = [*points[1:], points[0]]
    return Region((Contour(tuple(Segment(x, y) for x, y in loop)),))


L = polygon((0, 0), (12, 0), (12, 4), (5, 5), (4, 14), (0, 14))
STAR = polygon(*[
    ((6 if k % 2 else 2.4) * math.cos(k * math.pi / 5), (6 if k % 2 else 2.4) * math.sin(k * math.pi / 5))
    for k in range(10)
])  # fmt: skip
RING = fit(flatten(circle(0, 0, 14)) - flatten(rectangle(-2, -3, 3, 2)))
STADIUM = fit(offset(flatten(rectangle(0, 0, 10, 0.01)), 2.5))
LETTERS = fit(outlined("g&Ж", (25, 20), 0.6).area)
SHAPES = {"L": L, "star": STAR, "ring": RING, "stadium": STADIUM, "disc": circle(1, 2, 5)}


@pytest.mark.parametrize(
    ("region", "angle"),
    [pytest.param(region, a, id=f"{name}-{a:g}") for name, region in sorted(SHAPES.items()) for a in (60.0, 90.0)]
    + [pytest.param(LETTERS, 60.0, id="letters")],
)
def test_the_cone_reaches_every_wall_and_cuts_no_further(region: Region, angle: float) -> None:
    area, slope = flatten(region), math.tan(math.radians(angle / 2))
    moves = carved(region, angle, 50.0)
    for height in (0.0, -0.7):
        wanted, done = offset(area, height * slope), covered(moves, angle, 0.0, height)

        assert offset(done - wanted, -0.0025).is_empty()
        assert offset(wanted - done, -0.006).is_empty()


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_limited_depth_leaves_the_floor_to_another_tool(name: str) -> None:
    region, depth = SHAPES[name], 1.0
    area, slope = flatten(region), math.tan(math.radians(30))
    moves = carved(region, 60.0, depth)
    floor = offset(area, -depth * slope)
    walls = area - floor

    assert -depth == pytest.approx(min(m.z_mm for m in moves))
    done = covered(moves, 60.0, 0.0, 0.0)
    assert offset(done - area, -0.0025).is_empty()
    assert offset(walls - done, -0.006).is_empty()


@laws
@given(
    points=st.lists(st.tuples(st.floats(2.0, 9.0), st.floats(0.05, 0.95)), min_size=3, max_size=8),
    tip=st.sampled_from([0.0, 0.2]),
    ap=st.floats(0.5, 4.0),
)
def test_any_star_shaped_region_is_carved_within_its_walls(
    points: list[tuple[float, float]], tip: float, ap: float
) -> None:
    count = len(points)
    corners = [
        (r * math.cos((k + share) * math.tau / count), r * math.sin((k + share) * math.tau / count))
        for k, (r, share) in enumerate(points)
    ]
    region = fit(flatten(polygon(*corners)))
    area = flatten(region)
    moves = carved(region, 90.0, 50.0, tip, ap)
    done = covered(moves, 90.0, tip, 0.0)
    blunt = offset(offset(area, -tip / 2 - 0.001), tip / 2 + 0.001)

    assert offset(done - area, -0.0025).is_empty()
    assert offset(blunt - done, -0.006).is_empty()
    assert all(m.kind != "rapid" or m.z_mm == 3.0 for m in moves)


def test_the_axis_of_a_rectangle_is_its_roof_seen_from_above() -> None:
    axis = medial_axis(rectangle(0, 0, 10, 6))
    lengths = sorted(round(math.dist(b.circles[0][:2], b.circles[-1][:2]), 6) for b in axis.branches)

    assert [4.0, *[round(3 * math.sqrt(2), 6)] * 4] == lengths
    assert 3.0 == pytest.approx(max(c[2] for c in axis.nodes))


def test_the_tool_walks_down_grooves_and_does_not_leave_them() -> None:
    moves = carved(L, 60.0, 50.0)

    assert 2 == sum(m.kind == "rapid" for m in moves)


def test_another_angle_is_refused() -> None:
    feature = VCarving("carving-1", 0.0, 2.0, 60.0, L)
    job = Operation("op", "vcarve", feature, 1, CUT, 0.0, -2.0, 3.0, Region(), rectangle(-50, -50, 50, 50))
    with pytest.raises(CapabilityError) as caught:
        strategies.get("vcarve")(job, v_bit(90.0), EMPTY)

    assert "strategy.v-tool" == caught.value.code

"""Laws of finishing laps: tangent leads that clear the wall, an overlap, slower in hollow corners, a spring lap."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import strategies
from geometry.heightfield import HeightField
from geometry.regions import fit, flatten, offset, rectangle
from geometry.scene import Scene
from model.feature import Cutout, Edges, Outline
from model.plan import CuttingData, Operation
from model.region import Contour, Region, Segment
from model.tooling import Assembly, Holder, Tool
from model.toolpath import Move

laws = settings(max_examples=25, deadline=None)
EMPTY = Scene(lambda: np.empty((0, 3, 3)), lambda: HeightField(np.empty((0, 0)), 0.0, 0.0, 1.0), 0.0)
CUT = CuttingData(10000, 1000, 300, 600, 9.0, 0.2, 100, 0.02, 100, 50, 0.0, "off", "test")


def mill(d: float, kind: str = "end-mill", tip: float | None = None, angle: float = 180.0) -> Assembly:
    tool = Tool(
        kind, kind, kind, d, d if tip is None else tip, angle, 30, 32, 60, d, 3,  # type: ignore[arg-type]
        centre_cutting=True, substrate="carbide", max_rpm=30000, price_eur=10, source="test",
    )  # fmt: skip
    return Assembly(1, tool, Holder("er16", "ER16", (), 10, 20000), 40, 80)


def rounded(length: float, width: float, r: float) -> Region:
    return fit(offset(offset(flatten(rectangle(0, 0, length, width)), -r), r))


def window(box: tuple[float, float, float]) -> Cutout:
    return Cutout("cutout-1", 0.0, -4.0, rounded(*box), box[2])


def lap(feature: Cutout | Outline, d: float, *, compensated: bool = False, cut: CuttingData = CUT) -> tuple[Move, ...]:
    job = Operation(
        "op", "outline", feature, 1, cut, 0.0, -4.2, 3.0, Region(), rectangle(-50, -50, 90, 90), compensated=compensated
    )
    return strategies.get("outline")(job, mill(d), EMPTY)


def radius(at: Move, m: Move) -> float:
    return math.hypot(at.x_mm - m.cx_mm, at.y_mm - m.cy_mm)


boxes = st.tuples(st.floats(40, 60), st.floats(34, 44), st.floats(4.0, 7.0))


@laws
@given(box=boxes, d=st.sampled_from([2.0, 4.0, 6.0]), inside=st.booleans())
def test_a_compensated_lap_starts_straight_then_on_an_arc(
    box: tuple[float, float, float],
    d: float,
    inside: bool,  # noqa: FBT001
) -> None:
    feature = window(box) if inside else Outline("outline-1", 0.0, -4.0, rounded(*box), math.inf)
    moves = lap(feature, d, compensated=True)
    on = [k for k, m in enumerate(moves) if m.compensated]
    first, arc, off = moves[on[0]], moves[on[0] + 1], moves[on[-1] + 1]
    before, last = moves[on[0] - 1], moves[on[-1]]

    assert list(range(on[0], on[-1] + 1)) == on
    assert ("line", "ccw", "line", "ccw") == (first.kind, arc.kind, off.kind, last.kind)
    assert math.dist((before.x_mm, before.y_mm), (first.x_mm, first.y_mm)) >= d / 2 - 1e-6
    assert math.dist((last.x_mm, last.y_mm), (off.x_mm, off.y_mm)) >= d / 2 - 1e-6
    assert radius(first, arc) >= 0.2 * d - 1e-6
    # the straight meets the arc along its tangent
    way = (first.x_mm - before.x_mm, first.y_mm - before.y_mm)
    out = (first.x_mm - arc.cx_mm, first.y_mm - arc.cy_mm)
    assert abs(way[0] * out[0] + way[1] * out[1]) < 1e-6 * d * d


@laws
@given(box=boxes, d=st.sampled_from([2.0, 4.0, 6.0]))
def test_a_lap_runs_past_its_start(box: tuple[float, float, float], d: float) -> None:
    moves = lap(window(box), d)
    finish = [k for k, m in enumerate(moves) if m.intent == "finish"]
    start, end = moves[finish[0] - 1], moves[finish[-1]]

    assert 1.0 <= math.dist((start.x_mm, start.y_mm), (end.x_mm, end.y_mm)) <= 2.0


@laws
@given(box=boxes, d=st.sampled_from([2.0, 4.0, 6.0]))
def test_the_centre_slows_in_hollow_corners_only(box: tuple[float, float, float], d: float) -> None:
    for feature, hollow in ((window(box), True), (Outline("o", 0.0, -4.0, rounded(*box), math.inf), False)):
        moves = lap(feature, d)
        for at, m in itertools.pairwise(moves):
            if m.intent != "finish":
                continue
            share = 1.0
            if m.kind == "ccw" and hollow:
                r = radius(at, m)
                share = max(0.1, r / (r + d / 2))
            assert -1e-6 <= 1000 * share - m.feed_mm_min < 1


def test_worked_example_of_a_corner_s_feed() -> None:
    """R5 corner, 6 mm mill: the centre runs on R2, so F 1000 becomes 400."""
    moves = lap(window((40, 34, 5.0)), 6.0)
    arcs = {m.feed_mm_min for m in moves if m.kind == "ccw" and m.intent == "finish"}

    assert {400.0} == arcs


@laws
@given(corner=st.floats(30, 150))
def test_a_tool_as_round_as_its_corner_creeps_into_it(corner: float) -> None:
    """Where the way bends without an arc, the whole rim between two walls meets the allowance: before it, slowly."""
    a = math.radians(corner)
    tip = (30.0 * math.cos(a), 30.0 * math.sin(a))
    wedge = Region((Contour((Segment(40.0, 0.0), Segment(40.0 + tip[0], tip[1]), Segment(*tip), Segment(0.0, 0.0))),))
    moves = lap(Cutout("cutout-1", 0.0, -4.0, wedge, 0.0), 6.0)
    way = [(at, m) for at, m in itertools.pairwise(moves) if m.intent == "finish"]
    bends = [k for k in range(len(way) - 1) if turned(way[k], way[k + 1][1]) > 0.2]

    assert bends
    for k in bends:
        at, m = way[k]
        gap = math.dist((at.x_mm, at.y_mm), (m.x_mm, m.y_mm))
        assert m.feed_mm_min <= CUT.feed_mm_min / 4
        assert min(CUT.ae_mm / math.sin(turned(way[k], way[k + 1][1])), 10.0) <= gap + 1e-6


def turned(first: tuple[Move, Move], second: Move) -> float:
    """How far the way turns between two straight moves (rad)."""
    at, m = first
    ways = [math.atan2(q.y_mm - p.y_mm, q.x_mm - p.x_mm) for p, q in ((at, m), (m, second))]
    return (ways[1] - ways[0] + math.pi) % math.tau - math.pi


def test_a_tool_that_bends_laps_twice() -> None:
    stiff, soft = (lap(window((40, 34, 5.0)), 6.0, cut=replace(CUT, deflection_mm=v)) for v in (0.005, 0.012))
    length = [sum(m.intent == "finish" for m in moves) for moves in (stiff, soft)]

    assert length[1] > 1.8 * length[0]


def test_leads_of_an_outline_start_in_the_slot_that_roughing_left() -> None:
    feature = Outline("o", 0.0, -4.0, rounded(50, 40, 5), math.inf)
    moves = lap(feature, 10.0)
    begin = moves[0]
    off = max(-begin.x_mm, begin.x_mm - 50, -begin.y_mm, begin.y_mm - 40)

    assert 5.2 == pytest.approx(off)


def test_the_lead_of_an_l_shaped_outline_does_not_touch_the_other_leg() -> None:
    shape = fit(flatten(rectangle(0, 0, 60, 10)) + flatten(rectangle(0, 0, 10, 60)) + flatten(rectangle(50, 0, 60, 22)))
    feature = Outline("o", 0.0, -4.0, shape, 0.0)
    moves = lap(feature, 8.0, compensated=True)
    part = flatten(shape)
    for m in moves:
        if m.intent in ("lead-in", "lead-out"):
            disc = flatten(rectangle(m.x_mm - 2.8, m.y_mm - 2.8, m.x_mm + 2.8, m.y_mm + 2.8))
            assert (disc ^ part).area() < 0.05


@pytest.mark.parametrize(("angle", "tip"), [(90.0, 1.0), (60.0, 0.4), (90.0, 0.0)])
def test_a_broken_edge_is_as_wide_as_asked(angle: float, tip: float) -> None:
    slope, width, below = math.tan(math.radians(angle / 2)), 0.3, 0.4
    edge = rounded(40, 30, 5)
    foot = -width / slope
    job = Operation(
        "op", "deburr", Edges("edge-1", 0.0, width, edge), 1, CUT, 0.0, foot - below, 3.0, Region(),
        rectangle(-50, -50, 90, 90),
    )  # fmt: skip
    moves = strategies.get("deburr")(job, mill(8.0, "chamfer-mill", tip, angle), EMPTY)
    lowest = [m for m in moves if m.z_mm == min(n.z_mm for n in moves)]
    distance = min(-m.y_mm for m in lowest if 4.9 < m.x_mm < 35.1 and m.y_mm < 0)

    assert foot - below == pytest.approx(lowest[0].z_mm)
    assert tip / 2 + below * slope == pytest.approx(distance, abs=1e-3)
    # at the edge's height the cone is wider than its distance from the wall by just the bevel
    assert width == pytest.approx(tip / 2 + (below + width / slope) * slope - distance, abs=1e-3)

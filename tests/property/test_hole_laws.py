"""Laws of hole chains: cycles as the depth asks, threads on their helix, nothing outside the thread's ring."""

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
from geometry.regions import rectangle
from geometry.scene import Scene
from model.errors import CapabilityError
from model.feature import Hole, HoleStep
from model.plan import CuttingData, Operation
from model.region import Region
from model.thread import thread_named
from model.tooling import Assembly, Holder, Tool
from model.toolpath import Move
from pipeline.plan.sequence import short_way

laws = settings(max_examples=40, deadline=None)
EMPTY = Scene(lambda: np.empty((0, 3, 3)), lambda: HeightField(np.empty((0, 0)), 0.0, 0.0, 1.0), 0.0)
CUT = CuttingData(1000, 1000, 300, 600, 2.0, 0.5, 100, 0.02, 100, 50, 0.0, "off", "test")
CLEAR = 3.0


def tool(kind: str, d: float, **more: float) -> Assembly:
    fields = {"flute_length_mm": 30.0, "shoulder_length_mm": 32.0, "shank_diameter_mm": d, **more}
    made = Tool(
        kind, kind, kind, d, d, more.pop("point", 180.0), overall_length_mm=80, flutes=3,  # type: ignore[arg-type]
        centre_cutting=True, substrate="carbide", max_rpm=30000, price_eur=10, source="test",
        **{k: v for k, v in fields.items() if k != "point"},  # type: ignore[arg-type]
    )  # fmt: skip
    return Assembly(1, made, Holder("er16", "ER16", (), 13, 20000), 40, 80)


def threaded(name: str, depth: float, x: float = 0.0, y: float = 0.0, *, through: bool = True) -> Hole:
    thread = thread_named(name)
    assert thread is not None
    return Hole("hole-1", x, y, 0.0, (HoleStep(thread.drill_mm, -depth),), through, thread=name)


def job(hole: Hole, strategy: str, bottom: float, cut: CuttingData = CUT) -> Operation:
    return Operation("op", strategy, hole, 1, cut, 0.0, bottom, CLEAR, Region(), rectangle(-50, -50, 50, 50))


def moves_of(strategy: str, hole: Hole, a: Assembly, bottom: float, cut: CuttingData = CUT) -> tuple[Move, ...]:
    return strategies.get(strategy)(job(hole, strategy, bottom, cut), a, EMPTY)


@pytest.mark.parametrize(
    ("name", "major", "pitch", "drill"),
    [("M3", 3, 0.5, 2.5), ("M4", 4, 0.7, 3.3), ("M5", 5, 0.8, 4.2), ("M6", 6, 1, 5), ("M8", 8, 1.25, 6.75),
     ("M10", 10, 1.5, 8.5), ("M8x1", 8, 1, 7), ("M2.5", 2.5, 0.45, 2.05)],
)  # fmt: skip
def test_metric_threads_and_their_tap_drills(name: str, major: float, pitch: float, drill: float) -> None:
    thread = thread_named(name)

    assert thread is not None
    assert (major, pitch, drill) == (thread.major_mm, thread.pitch_mm, round(thread.drill_mm, 9))


@pytest.mark.parametrize(
    ("names", "major", "turns", "drill"),
    [
        (("1/4-20 UNC", "1/4-20", "UNC 1/4", '1/4"-20 UNC', "1/4-20-UNC"), 6.35, 20, 5.105),
        (("1/4-28 UNF", "1/4-28", "unf 1/4"), 6.35, 28, 5.41),
        (("#10-32 UNF", "10-32", "No. 10-32", "10-32 UNF"), 4.826, 32, 4.039),
        (("#8-32", "8-32 UNC"), 4.1656, 32, 3.454),
        (("5/16-18 UNC",), 7.9375, 18, 6.528),
        (("3/8-16",), 9.525, 16, 7.938),
    ],
)
def test_unified_threads_and_the_drills_of_the_usual_table(
    names: tuple[str, ...], major: float, turns: int, drill: float
) -> None:
    (thread,) = {thread_named(name) for name in names}

    assert thread is not None
    assert (major, round(25.4 / turns, 4), "2B") == (thread.major_mm, thread.pitch_mm, thread.fit)
    assert abs(thread.drill_mm - drill) < 0.15 * thread.pitch_mm
    assert thread.minor_mm[0] < drill < thread.minor_mm[1] + 0.01


@pytest.mark.parametrize(
    "name", ["G1/4", "M6x4", "M5.5", "6", "1/4", "1/4-21", "#7-32", "1/4-20 UNF", "NPT 1/4-18", ""]
)
def test_other_words_are_no_thread(name: str) -> None:
    assert thread_named(name) is None


@pytest.mark.parametrize(
    ("depth", "peck", "cycle"), [(10.0, 0.0, "drill"), (20.0, 5.0, "chip-break"), (25.1, 5.0, "peck")]
)
def test_the_cycle_follows_the_depth(depth: float, peck: float, cycle: str) -> None:
    hole = Hole("hole-1", 1, 2, 0.0, (HoleStep(5.0, -depth),), through=True)
    drill = replace(tool("drill", 5.0), tool=replace(tool("drill", 5.0).tool, point_angle_deg=130.0))
    one = moves_of("drill", hole, drill, -depth, replace(CUT, peck_mm=peck))[1]

    assert (cycle, peck, -depth, 1.0) == (one.cycle, one.peck_mm, one.z_mm, one.retract_mm)


def test_a_tap_feeds_its_pitch_a_turn_and_starts_clear_of_the_hole() -> None:
    cut = replace(CUT, spindle_rpm=940.0, feed_mm_min=940.0)
    tap = tool("tap", 6.0, pitch_mm=1.0, chamfer_length_mm=2.0)
    over, one, up = moves_of("tap", threaded("M6", 12), tap, -13.0, cut)

    assert ("tap", 1.0, -13.0, 3.0) == (one.cycle, one.pitch_mm, one.z_mm, one.retract_mm)
    assert (CLEAR, CLEAR) == (over.z_mm, up.z_mm)


def test_a_tap_of_another_thread_is_refused() -> None:
    with pytest.raises(CapabilityError) as caught:
        moves_of("tap", threaded("M6x0.75", 12), tool("tap", 6.0, pitch_mm=1.0), -13.0)

    assert "strategy.tap" == caught.value.code


def test_a_reamer_goes_in_and_out_at_feed() -> None:
    hole = Hole("hole-1", 1, 2, 0.0, (HoleStep(5.0, -12),), through=True, fit="H7")
    one = moves_of("ream", hole, tool("reamer", 5.0), -12.8)[1]

    assert ("ream", -12.8, 1000) == (one.cycle, one.z_mm, one.feed_mm_min)


@laws
@given(
    name=st.sampled_from(["M3", "M5", "M6", "M8", "M10", "M8x1"]),
    share=st.floats(0.5, 0.9),
    depth=st.floats(4, 20),
    passes=st.integers(1, 4),
    rows=st.sampled_from([1, 5]),
    x=st.floats(-20, 20),
)
def test_a_milled_thread_lies_on_its_helix(
    name: str, share: float, depth: float, passes: int, rows: int, x: float
) -> None:
    hole = threaded(name, depth, x, -3.0)
    thread = thread_named(name)
    assert thread is not None
    p, major, drilled = thread.pitch_mm, thread.major_mm, hole.steps[0].diameter_mm
    d = round(min(share * drilled, drilled - 0.25), 2)
    a = tool("thread-mill", d, pitch_mm=p, flute_length_mm=rows * p)
    cut = replace(CUT, ae_mm=thread.depth_mm / math.sqrt(passes))
    moves = moves_of("thread_mill", hole, a, -depth - p, cut)
    at = moves[0]
    finals: list[float] = []
    radii: set[float] = set()
    for m in moves[1:]:
        if m.kind == "rapid":
            assert (m.x_mm, m.y_mm) == (at.x_mm, at.y_mm)
            assert m.z_mm >= CLEAR
        if m.intent == "cut":
            r = math.hypot(m.x_mm - x, m.y_mm + 3.0)
            radii.add(round(r, 6))
            # counter-clockwise and upwards: right-hand and climb; half a turn rises half a pitch
            assert "ccw" == m.kind
            assert math.isclose(p / 2, m.z_mm - at.z_mm, abs_tol=1e-9)
            # the edge on the major diameter moves at the feed given: F (D - d) / D, in whole mm/min
            assert -1e-6 <= 1000 * 2 * r / (2 * r + d) - m.feed_mm_min < 1
            if math.isclose(r, (major - d) / 2, abs_tol=1e-6):
                finals += [at.z_mm, m.z_mm]
        if m.intent in ("lead-in", "lead-out"):
            assert math.isclose(p / 4, m.z_mm - at.z_mm, abs_tol=1e-9)
        assert math.hypot(m.x_mm - x, m.y_mm + 3.0) <= (major - d) / 2 + 1e-9
        assert m.z_mm >= -depth - p - 1e-9
        at = m

    assert passes == len(radii)
    # passes of equal cross-section: the depths reached grow like square roots
    grown = sorted((r + d / 2 - drilled / 2) / thread.depth_mm for r in radii)
    assert all(math.isclose(g, math.sqrt(k / passes), abs_tol=1e-5) for k, g in enumerate(grown, 1))
    # the teeth cut from the bottom to above the mouth
    assert -depth - 0.75 * p + 1e-9 >= min(finals)
    assert max(finals) + (rows - 1) * p >= -1e-9


def test_worked_example_of_a_thread_mills_feed() -> None:
    """M10 x 1.5 with an 8 mm cutter at F 500 on the edge: the centre runs on a radius of 1 mm at F 100."""
    hole = replace(threaded("M10", 10), steps=(HoleStep(8.5, -10),))
    a = tool("thread-mill", 8.0, pitch_mm=1.5, flute_length_mm=1.5)
    cut = replace(CUT, feed_mm_min=500.0, ae_mm=0.75)
    turns = [m for m in moves_of("thread_mill", hole, a, -11.0, cut) if m.intent == "cut"]

    assert {100.0} == {m.feed_mm_min for m in turns}
    assert {1.0} == {round(math.hypot(m.x_mm, m.y_mm), 9) for m in turns}


@pytest.mark.parametrize(
    ("a", "code"),
    [
        (tool("thread-mill", 4.9, pitch_mm=1.0), "strategy.tool-too-wide"),
        (tool("thread-mill", 4.0, pitch_mm=0.8), "strategy.thread-mill"),
        (tool("thread-mill", 4.0, pitch_mm=1.0, shoulder_length_mm=9.0, shank_diameter_mm=6.0),
         "strategy.flutes-too-short"),
    ],
    ids=["too wide", "pitch", "shank"],
)  # fmt: skip
def test_a_thread_mill_that_cannot_is_refused(a: Assembly, code: str) -> None:
    with pytest.raises(CapabilityError) as caught:
        moves_of("thread_mill", threaded("M6", 12), a, -12.0)

    assert code == caught.value.code


@laws
@given(places=st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), min_size=1, max_size=7, unique=True))
def test_few_holes_lie_on_the_shortest_way(places: list[tuple[int, int]]) -> None:
    start = (0.0, 0.0)

    def length(order: tuple[int, ...]) -> float:
        stops = [start, *((float(places[k][0]), float(places[k][1])) for k in order)]
        return sum(math.dist(a, b) for a, b in itertools.pairwise(stops))

    way = short_way(start, [(float(x), float(y)) for x, y in places])
    best = min(length(order) for order in itertools.permutations(range(len(places))))

    assert list(range(len(places))) == sorted(way)
    assert length(tuple(way)) <= best + 1e-4


@laws
@given(places=st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), min_size=10, max_size=30, unique=True))
def test_no_stretch_of_a_long_way_of_holes_is_better_turned(places: list[tuple[int, int]]) -> None:
    spots = [(float(x), float(y)) for x, y in places]
    way = [(0.0, 0.0), *(spots[k] for k in short_way((0.0, 0.0), spots))]
    crossed = [
        (i, j)
        for i in range(1, len(way))
        for j in range(i + 1, len(way) - 1)
        if math.dist(way[i - 1], way[i]) + math.dist(way[j], way[j + 1])
        > math.dist(way[i - 1], way[j]) + math.dist(way[i], way[j + 1]) + 1e-6
    ]

    assert [] == crossed
    assert sorted(spots) == sorted(way[1:])

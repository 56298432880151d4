"""Laws of clearing at constant engagement, over random pockets with islands, by an independent coarse raster."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import event, example, given, settings
from hypothesis import strategies as st
from manifold3d import CrossSection, FillRule
from shapely import contains_xy, get_parts, prepare
from shapely.geometry import LineString, Polygon
from shapely.ops import unary_union

import strategies
from geometry.heightfield import HeightField
from geometry.regions import chords, circle, fit, flatten, offset, rectangle, stroke_area
from geometry.scene import Scene
from model.errors import CapabilityError
from model.feature import Pocket
from model.finding import Finding
from model.plan import CuttingData, Operation
from model.region import Region, Segment, Stroke
from model.tooling import Assembly, Holder, Tool
from model.toolpath import Move
from pipeline.plan.methods.common import AT_ANY_SPEED
from strategies import adaptive
from strategies._level import Cutter, Ground, lay_out
from strategies._pieces import SLACK, feel, pieces

laws = settings(max_examples=6, deadline=None, derandomize=True)
D, ALLOWANCE, TOP, BOTTOM, CLEAR = 6.0, 0.2, 0.0, -8.0, 3.0
SPARE = 0.02
CUT = CuttingData(10000, 1500, 400, 600, 8.0, 1.2, 100, 0.05, 100, 50, 0.01, "off", "test", 0.0, 3000, 4000)
TOOL = Tool("em-6", "em-6", "end-mill", D, D, 180.0, 20, 22, 60, D, 3, centre_cutting=True, substrate="carbide",
            max_rpm=30000, price_eur=10, source="test")  # fmt: skip
MILL = Assembly(1, TOOL, Holder("er16", "ER16", (), 10, 20000), 40, 80)
PITCH = 0.1


def no_stock() -> HeightField:
    return HeightField(np.empty((0, 0)), 0.0, 0.0, 1.0)


def scene(stock: HeightField | None = None) -> Scene:
    return Scene(lambda: np.empty((0, 3, 3)), lambda: stock or no_stock(), 0.0)


def job(opening: CrossSection, keep: CrossSection, blank: Region, **more: object) -> Operation:
    pocket = Pocket("pocket-1", TOP, BOTTOM, fit(opening), 3.5)
    cut = replace(CUT, **{k: more.pop(k) for k in ("ap_mm", "ae_mm") if k in more})  # type: ignore[arg-type]
    return Operation("op", "adaptive", pocket, 1, cut, TOP, BOTTOM, CLEAR, fit(keep), blank, ALLOWANCE, **more)  # type: ignore[arg-type]


@st.composite
def pockets(draw: st.DrawFn) -> CrossSection:
    """A rounded box with up to two islands far enough from each other and the walls, or anywhere."""
    wide, deep = draw(st.floats(26, 44)), draw(st.floats(24, 36))
    opening = offset(offset(flatten(rectangle(0, 0, wide, deep)), -4), 4)
    for _ in range(draw(st.integers(0, 2))):
        x, y = draw(st.floats(6, wide - 6)), draw(st.floats(6, deep - 6))
        opening -= flatten(circle(x, y, draw(st.floats(2, 9))))
    return opening


def around(opening: CrossSection) -> CrossSection:
    return flatten(rectangle(-20, -20, 70, 60)) - opening


def track(moves: tuple[Move, ...], step: float, least_mm_min: float = 0.0) -> np.ndarray:
    """Points along the moves: x, y, z, heading, is it a cut at this feed or more (leftovers are cut slower)."""
    rows = []
    for a, b in pairwise(moves):
        s = Segment(b.x_mm, b.y_mm, {"ccw": 1, "cw": -1}.get(b.kind, 0), b.cx_mm, b.cy_mm)
        corners = [(a.x_mm, a.y_mm), *chords((a.x_mm, a.y_mm), s, 0.001)]
        full = b.intent == "cut" and b.feed_mm_min >= least_mm_min
        for p, q in pairwise(corners):
            size = math.dist(p, q)
            count = max(1, math.ceil(size / step))
            heading = math.atan2(q[1] - p[1], q[0] - p[0])
            rows += [
                (p[0] + (q[0] - p[0]) * k / count, p[1] + (q[1] - p[1]) * k / count, b.z_mm, heading, full)
                for k in range(1, count + 1)
            ]
    return np.array(rows)


def engagements(path: np.ndarray, solid: np.ndarray, corner: tuple[float, float]) -> np.ndarray:
    """Angle (rad) of the front rim in stock at each cut point; the raster is cut as the tool goes."""
    r = D / 2
    rim = np.linspace(-math.pi / 2, math.pi / 2, 361)
    reach = math.ceil(r / PITCH) + 1
    span = np.arange(-reach, reach + 1)
    found = []
    for x, y, _, heading, cut in path:
        if cut:
            i = np.rint((x + r * np.cos(heading + rim) - corner[0]) / PITCH).astype(int)
            j = np.rint((y + r * np.sin(heading + rim) - corner[1]) / PITCH).astype(int)
            found.append(math.pi * solid[j, i].sum() / len(rim))
        i0, j0 = round((x - corner[0]) / PITCH), round((y - corner[1]) / PITCH)
        dx = (i0 + span) * PITCH + corner[0] - x
        dy = (j0 + span) * PITCH + corner[1] - y
        window = solid[j0 - reach : j0 + reach + 1, i0 - reach : i0 + reach + 1]
        window[dx[None, :] ** 2 + dy[:, None] ** 2 <= r * r] = False
    return np.array(found)


def covered(moves: tuple[Move, ...], below: float) -> CrossSection:
    """What the tool covers while its tip stays at or below a height, by another library than the planner's."""
    runs: list[list[tuple[float, float]]] = []
    going = False
    for a, b in pairwise(moves):
        s = Segment(b.x_mm, b.y_mm, {"ccw": 1, "cw": -1}.get(b.kind, 0), b.cx_mm, b.cy_mm)
        low = max(a.z_mm, b.z_mm) <= below
        low = low and (a.x_mm, a.y_mm) != (b.x_mm, b.y_mm)
        if low:
            if not going or len(runs[-1]) > 60:
                runs.append([(a.x_mm, a.y_mm)])
            runs[-1] += chords((a.x_mm, a.y_mm), s, 0.002)
        going = low
    whole = unary_union([LineString(r).buffer(D / 2, quad_segs=48) for r in runs])
    return CrossSection(
        [
            np.asarray(ring.coords)[:-1]
            for p in get_parts(whole)
            if p.geom_type == "Polygon" and not p.is_empty
            for ring in (p.exterior, *p.interiors)
        ],
        FillRule.EvenOdd,
    )


def assert_safe(moves: tuple[Move, ...]) -> None:
    before = moves[0]

    assert ("rapid", CLEAR) == (before.kind, before.z_mm)
    for m in moves[1:]:
        if m.kind == "rapid":
            upward = (m.x_mm, m.y_mm) == (before.x_mm, before.y_mm) and m.z_mm >= before.z_mm
            assert upward or min(m.z_mm, before.z_mm) >= CLEAR
        assert m.z_mm >= BOTTOM - 1e-9
        before = m
    assert CLEAR == moves[-1].z_mm


@laws
@given(opening=pockets(), share=st.sampled_from([0.1, 0.2, 0.35]))
def test_pockets_with_islands_are_cleared_without_gouge_or_overload(opening: CrossSection, share: float) -> None:
    keep = around(opening)
    operation = job(opening, keep, rectangle(-20, -20, 70, 60), ae_mm=share * D)
    try:
        moves = strategies.get("adaptive")(operation, MILL, scene())
    except CapabilityError as error:  # islands may stand so that this mill cannot do it all: then it must say so
        event(error.code)
        if error.code not in {"strategy.no-entry", "strategy.stock-left"}:
            raise
        return
    if not moves:  # nothing but slivers stands there: they are the lap's
        event("slivers only")
        return
    path = track(moves, 0.3, 0.95 * CUT.feed_mm_min)
    lap = strategies.get("wall")(replace(operation, allowance_mm=0.0), MILL, scene())
    floor = covered(moves, BOTTOM + 0.25) + covered(lap, BOTTOM + 0.25)
    free = offset(opening, -(D / 2 + ALLOWANCE + SPARE))
    roomy = [a for a in free.decompose() if not offset(a, -0.35 * D / 2).is_empty()]
    solid = np.ones((850, 950), dtype=bool)
    seen = np.degrees(engagements(path, solid, (-21.0, -21.0)))
    aim = math.degrees(math.acos(1 - 2 * share))

    assert_safe(moves)
    assert (covered(moves, 1.0) ^ offset(keep, ALLOWANCE - 0.01)).area() < 1e-6
    for area in roomy:
        assert offset((offset(area, D / 2 - 0.06) ^ opening) - floor, -0.03).is_empty()
    assert np.percentile(seen, 99) <= 1.1 * aim + 4.0  # the raster's own noise is half a cell on either side of the rim
    adaptive.legs.cache_clear()
    assert moves == strategies.get("adaptive")(operation, MILL, scene())


@laws
@given(wide=st.floats(20, 40), deep=st.floats(12, 30), over=st.floats(0.5, 2.5))
@example(wide=25.08573900782748, deep=28.0, over=2.375677231877409)  # the last crumb stands at the open side
def test_open_side_is_entered_from_outside(wide: float, deep: float, over: float) -> None:
    opening = flatten(rectangle(0, 0, wide, deep))
    keep = flatten(rectangle(-20, -20, 0, 60))  # a wall on the left only
    moves = strategies.get("adaptive")(job(opening, keep, rectangle(-20, -over, wide, deep)), MILL, scene())
    blank = flatten(rectangle(-20, -over, wide, deep))
    first = next(m for m in moves if m.z_mm == BOTTOM)

    assert_safe(moves)
    assert (stroke_area([Stroke(((first.x_mm, first.y_mm), (first.x_mm + 1e-6, first.y_mm)))], D) ^ blank).area() < 0.02
    assert (covered(moves, 1.0) ^ offset(keep, ALLOWANCE)).area() < 1e-6
    assert offset((opening - offset(keep, ALLOWANCE + 0.25)) - covered(moves, BOTTOM + 0.25), -0.03).is_empty()
    assert "ramp" not in {m.intent for m in moves}


def test_drilled_hole_is_taken_before_a_helix() -> None:
    opening = flatten(rectangle(0, 0, 40, 30))
    moves = strategies.get("adaptive")(
        job(opening, around(opening), rectangle(-20, -20, 70, 60), entry=((20.0, 15.0),)), MILL, scene()
    )

    assert (20.0, 15.0) == (moves[0].x_mm, moves[0].y_mm)
    assert "ramp" not in {m.intent for m in moves}
    down = next(k for k, m in enumerate(moves) if m.z_mm == BOTTOM)
    assert {(20.0, 15.0)} == {(m.x_mm, m.y_mm) for m in moves[: down + 1]}


def test_thin_cuts_are_fed_faster_and_never_above_the_limit() -> None:
    opening = flatten(rectangle(0, 0, 40, 30))
    moves = strategies.get("adaptive")(job(opening, around(opening), rectangle(-20, -20, 70, 60)), MILL, scene())
    feeds = {m.feed_mm_min for m in moves if m.intent == "cut"}

    assert CUT.feed_mm_min in feeds
    assert CUT.feed_mm_min < max(feeds) <= CUT.fastest_mm_min
    assert {CUT.link_mm_min} == {m.feed_mm_min for m in moves if m.intent == "link"}


def test_pit_without_room_to_go_down_is_refused_with_its_place_and_size() -> None:
    pit = offset(offset(flatten(rectangle(10, 0, 10 + D + 0.6, D + 0.6)), -3.2), 3.2)
    with pytest.raises(CapabilityError) as caught:
        strategies.get("adaptive")(job(pit, around(pit), rectangle(-20, -20, 70, 60)), MILL, scene())

    assert ("strategy.no-entry", "pocket-1") == (caught.value.code, caught.value.place)
    assert "X13.3 Y3.3" in str(caught.value)


def test_second_area_without_a_way_down_is_not_passed_over() -> None:
    pit = offset(offset(flatten(rectangle(45, 0, 45 + D + 0.6, D + 0.6)), -3.2), 3.2)
    both = flatten(rectangle(0, 0, 40, 30)) + pit
    with pytest.raises(CapabilityError) as caught:
        strategies.get("adaptive")(job(both, around(both), rectangle(-20, -20, 70, 60)), MILL, scene())

    assert "strategy.no-entry" == caught.value.code


def test_slot_hardly_wider_than_the_tool_is_entered_on_a_ramp_and_cut_slower() -> None:
    narrow = offset(offset(flatten(rectangle(0, 0, 40, D + 0.5)), -3.2), 3.2)
    moves = strategies.get("slot")(job(narrow, around(narrow), rectangle(-20, -20, 70, 60)), MILL, scene())
    path = track(moves, 0.2)
    solid = np.ones((850, 950), dtype=bool)
    seen = engagements(path, solid, (-21.0, -21.0))
    speeds = np.array([m.feed_mm_min for a, m in pairwise(moves) for _ in range(len(track((a, m), 0.2)))])[
        path[:, 4] > 0
    ]
    removal = (1 - np.cos(seen)) * speeds / (CUT.feed_mm_min * 2 * CUT.ae_mm / D)

    assert_safe(moves)
    assert "ramp" in {m.intent for m in moves}
    assert {"line"} == {m.kind for m in moves if m.intent == "ramp"}
    assert offset(offset(narrow, -(ALLOWANCE + 0.1)) - covered(moves, BOTTOM + 0.25), -0.04).is_empty()
    assert np.percentile(removal, 99) <= 1.3  # the raster's noise is some degrees


def test_slots_are_cut_in_turns() -> None:
    fits = offset(offset(flatten(rectangle(0, 0, 40, 1.4 * D)), -4), 4)
    moves = strategies.get("slot")(job(fits, around(fits), rectangle(-20, -20, 70, 60)), MILL, scene())
    solid = np.ones((850, 950), dtype=bool)
    seen = np.degrees(engagements(track(moves, 0.2), solid, (-21.0, -21.0)))

    assert_safe(moves)
    assert offset(offset(fits, -(ALLOWANCE + 0.1)) - covered(moves, BOTTOM + 0.25), -0.04).is_empty()
    assert seen.max() < 75.0  # a slot cut at full width would read 180


@laws
@given(opening=pockets())
def test_rest_is_what_the_stock_still_has(opening: CrossSection) -> None:
    keep = around(opening)
    pitch = 0.1
    wide = offset(offset(opening, -4.5), 4.2)
    x, y = np.meshgrid(-20 + pitch * (np.arange(900) + 0.5), -20 + pitch * (np.arange(800) + 0.5))
    open_now = Polygon()
    for loop in wide.to_polygons():
        open_now = open_now.symmetric_difference(Polygon(np.asarray(loop)))
    prepare(open_now)
    high = np.where(contains_xy(open_now, x, y), BOTTOM, TOP)
    stock = HeightField(high, -20.0, -20.0, pitch)
    operation = job(opening, keep, rectangle(-20, -20, 70, 60), ae_mm=0.9)
    moves = strategies.get("rest_clear")(operation, MILL, scene(stock))
    lap = strategies.get("wall")(replace(operation, allowance_mm=0.0), MILL, scene())
    left = (offset(offset(opening, -(D / 2 + ALLOWANCE + SPARE)), D / 2 - 0.06)) - wide

    if moves:
        assert_safe(moves)
        assert (covered(moves, 1.0) ^ offset(keep, ALLOWANCE - 0.03)).area() < 1e-6
    assert offset(left - covered(moves, BOTTOM + 0.25) - covered(lap, BOTTOM + 0.25), -0.16).is_empty()


def test_a_film_too_thin_to_steer_by_still_slows_a_link() -> None:
    stock = flatten(rectangle(0, 0, 40, 30))
    radius, film = D / 2, 0.008
    ground = Ground(offset(stock, 2 * radius), stock, stock)
    table = lay_out(ground, Cutter(radius, math.acos(1 - 1.2 / radius)))
    way = pieces(np.array([(10.0, film - radius), (30.0, film - radius)]), radius)
    feel(table.stock, np.zeros_like(table.goal), table.n, 10.0, film - radius, way)

    assert film < SLACK * table.n[5]
    assert math.acos(1 - film / radius) == pytest.approx(way[0, 5], rel=0.2)


def test_no_rest_no_moves() -> None:
    opening = flatten(rectangle(0, 0, 40, 30))
    stock = HeightField(np.full((800, 900), BOTTOM), -20.0, -20.0, 0.1)

    assert () == strategies.get("rest_clear")(
        job(opening, around(opening), rectangle(-20, -20, 70, 60)), MILL, scene(stock)
    )


@pytest.mark.parametrize("strategy", ["adaptive", "slot", "pocket", "floor", "wall"])
@given(wide=st.floats(5, 14), deep=st.floats(5, 14), speed=st.sampled_from([0.1, 0.4, 3.0, 10.0]))
@settings(max_examples=10, deadline=None, derandomize=True)
def test_whether_a_tool_gets_in_does_not_hang_on_its_speed(
    strategy: str, wide: float, deep: float, speed: float
) -> None:
    opening = offset(offset(flatten(rectangle(0, 0, wide, deep)), -2), 2)
    one = replace(job(opening, around(opening), rectangle(-20, -20, 70, 60)), strategy=strategy)
    other = replace(
        one, cutting=replace(CUT, **{k: speed * getattr(CUT, k) for k, v in AT_ANY_SPEED.items() if v == 0})
    )
    said = [refusal(op) for op in (one, other)]
    event(f"{strategy}: {said[0][0].code if said[0] else 'made'}")

    assert said[0] == said[1]


def refusal(op: Operation) -> tuple[Finding, ...]:
    try:
        strategies.get(op.strategy)(op, MILL, scene())
    except CapabilityError as error:
        return error.told()
    return ()

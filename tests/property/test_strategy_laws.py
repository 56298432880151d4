"""Laws every strategy keeps: no gouge, nothing left, no rapid in material, depths as planned."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import strategies
from geometry.heightfield import HeightField
from geometry.regions import chords, circle, fit, flatten, offset, rectangle, stroke_area, union
from geometry.scene import Scene
from model.errors import CapabilityError
from model.feature import Chamfer, Feature, Hole, HoleStep, Outline, Pocket
from model.plan import CuttingData, Operation, Tab
from model.region import Region, Segment, Stroke
from model.tooling import Assembly, Holder, Tool
from model.toolpath import Move

if TYPE_CHECKING:
    from manifold3d import CrossSection

laws = settings(max_examples=15, deadline=None)
CUT = CuttingData(10000, 1000, 300, 600, 2.0, 1.0, 100, 0.02, 100, 50, 0.01, "off", "test")
HOLDER = Holder("er16", "ER16", (), 10, 20000)
CLEAR = 3.0
EMPTY = Scene(lambda: np.empty((0, 3, 3)), lambda: HeightField(np.empty((0, 0)), 0.0, 0.0, 1.0), 0.0)


def mill(d: float, kind: str = "end-mill", tip: float | None = None, angle: float = 180.0) -> Assembly:
    tool = Tool(
        kind, kind, kind, d, d if tip is None else tip, angle, 30, 32, 60, d, 3,  # type: ignore[arg-type]
        centre_cutting=True, substrate="carbide", max_rpm=30000, price_eur=10, source="test",
    )  # fmt: skip
    return Assembly(1, tool, HOLDER, 40, 80)


def operation(feature: Feature, top: float, bottom: float, keep: Region, **more: object) -> Operation:
    cut = replace(CUT, **{k: more.pop(k) for k in ("ap_mm", "ae_mm") if k in more})  # type: ignore[arg-type]
    fields = {"allowance_mm": 0.0, **more}
    return Operation("op", "any", feature, 1, cut, top, bottom, CLEAR, keep, rectangle(-100, -100, 100, 100), **fields)  # type: ignore[arg-type]


def moves_of(strategy: str, job: Operation, assembly: Assembly) -> tuple[Move, ...]:
    return strategies.get(strategy)(job, assembly, EMPTY)


def swept(moves: tuple[Move, ...], d: float, below: float) -> CrossSection:
    """What a flat tool covers while its tip is at or below a height."""
    at = moves[0]
    strokes = []
    for m in moves[1:]:
        s = Segment(m.x_mm, m.y_mm, {"ccw": 1, "cw": -1}.get(m.kind, 0), m.cx_mm, m.cy_mm)
        low, high = sorted((at.z_mm, m.z_mm))
        if high <= below:
            strokes.append(Stroke(((at.x_mm, at.y_mm), *chords((at.x_mm, at.y_mm), s, 0.001))))
        elif low <= below:  # sloping through the height: all of it counts, which only makes the law stricter
            strokes.append(Stroke(((m.x_mm, m.y_mm), (m.x_mm, m.y_mm))))
        at = m
    return stroke_area(strokes, d, 0.001)


def assert_safe(moves: tuple[Move, ...], top: float, bottom: float) -> None:
    """Rapids only above the clearance height or straight up or down to it; nothing below the bottom."""
    before = moves[0]

    assert (moves[0].kind, moves[0].z_mm) == ("rapid", CLEAR)
    for m in moves[1:]:
        if m.kind == "rapid":
            upward = (m.x_mm, m.y_mm) == (before.x_mm, before.y_mm) and m.z_mm >= before.z_mm
            assert upward or (m.z_mm >= CLEAR and before.z_mm >= CLEAR)
        assert m.z_mm >= bottom - 1e-9
        before = m
    assert moves[-1].z_mm >= CLEAR > top


boxes = st.tuples(st.floats(16, 60), st.floats(14, 40), st.floats(3.05, 6.5))


def pocket_of(box: tuple[float, float, float], island: float = 0.0) -> tuple[Pocket, Region]:
    """A rounded pocket, maybe with a round island, and the material around it."""
    length_mm, width_mm, r = box
    opening = offset(offset(flatten(rectangle(0, 0, length_mm, width_mm)), -r), r)
    if island:
        opening -= flatten(circle(length_mm / 2, width_mm / 2, island))
    keep = flatten(rectangle(-30, -30, length_mm + 30, width_mm + 30)) - opening
    return Pocket("pocket-1", 0.0, -5.0, fit(opening), r), fit(keep)


@laws
@given(box=boxes, share=st.floats(0.4, 0.95), ap=st.floats(0.7, 6))
def test_pocket_and_wall_leave_exactly_the_pocket(box: tuple[float, float, float], share: float, ap: float) -> None:
    pocket, keep = pocket_of(box)
    tool = mill(round(2 * share * box[2], 2))
    d = tool.tool.diameter_mm
    rough = operation(pocket, 0.0, -5.0, keep, allowance_mm=0.2, ap_mm=ap, ae_mm=0.45 * d)
    lap = operation(pocket, 0.0, -5.0, keep, ap_mm=5.0)
    clear, wall = moves_of("pocket", rough, tool), moves_of("wall", lap, tool)
    floor = union([swept(clear, d, -5.0 + 1e-6), swept(wall, d, -5.0 + 1e-6)])
    opening = flatten(pocket.floor)

    assert_safe(clear, 0.0, -5.0)
    assert_safe(wall, 0.0, -5.0)
    assert (floor ^ offset(flatten(keep), -0.004)).area() < 1e-6
    assert offset(opening - floor, -0.012).is_empty()
    assert (swept(clear, d, 1.0) ^ offset(flatten(keep), 0.19)).area() < 1e-6


@laws
@given(box=st.tuples(st.floats(40, 60), st.floats(34, 45), st.floats(3.05, 5)), island=st.floats(4, 14))
def test_island_stays(box: tuple[float, float, float], island: float) -> None:
    pocket, keep = pocket_of(box, island)
    tool = mill(6.0)
    moves = moves_of("pocket", operation(pocket, 0.0, -5.0, keep, allowance_mm=0.2, ae_mm=2.7), tool)
    moves += moves_of("wall", operation(pocket, 0.0, -5.0, keep, ap_mm=5.0), tool)
    floor = swept(moves, 6.0, -5.0 + 1e-6)

    assert (floor ^ offset(flatten(keep), -0.004)).area() < 1e-6
    assert offset(flatten(pocket.floor) - floor, -0.012).is_empty()


def test_tool_too_wide_for_the_pocket_is_refused() -> None:
    pocket, keep = pocket_of((16, 14, 4))
    with pytest.raises(CapabilityError) as caught:
        moves_of("pocket", operation(pocket, 0.0, -5.0, keep, allowance_mm=0.2), mill(20.0))

    assert caught.value.code == "strategy.tool-too-wide"


@laws
@given(box=boxes, ap=st.floats(0.4, 6), d=st.sampled_from([1.0, 3.0, 6.0, 10.0]))
def test_outline_finish_touches_the_part_and_never_enters(box: tuple[float, float, float], ap: float, d: float) -> None:
    pocket, _ = pocket_of(box)
    feature = Outline("outline-1", 0.0, -4.0, pocket.floor, math.inf)
    part = flatten(feature.region)
    tool = mill(d)
    rough = moves_of("outline", operation(feature, 0.0, -4.2, feature.region, allowance_mm=0.2, ap_mm=ap), tool)
    lap = moves_of("outline", operation(feature, 0.0, -4.2, feature.region, ap_mm=4.2), tool)

    assert_safe(rough, 0.0, -4.2)
    assert_safe(lap, 0.0, -4.2)
    assert (swept(rough, d, 0.4) ^ offset(part, 0.19)).area() < 1e-6
    done = swept(lap, d, -4.2 + 1e-6)
    assert (done ^ offset(part, -0.004)).area() < 1e-6
    assert (offset(part, 0.4 * d) - offset(part, 0.006) - done).area() < 1e-3


@laws
@given(box=boxes, height=st.floats(0.3, 1.0), at=st.floats(0.3, 0.7))
def test_tabs_keep_their_height(box: tuple[float, float, float], height: float, at: float) -> None:
    pocket, _ = pocket_of(box)
    feature = Outline("outline-1", 0.0, -2.0, pocket.floor, math.inf)
    tab = Tab(box[0] * at, 0.0, 4.0, -2.0 + height)
    tool = mill(3.0)
    bridge = flatten(rectangle(tab.x_mm - 2, -1.4, tab.x_mm + 2, -0.1))
    for allowance in (0.2, 0.0):
        job = operation(feature, 0.0, -2.2, feature.region, allowance_mm=allowance, ap_mm=0.8, tabs=(tab,))
        moves = moves_of("outline", job, tool)

        assert_safe(moves, 0.0, -2.2)
        assert (swept(moves, 3.0, tab.top_z_mm - 1e-6) ^ bridge).area() < 1e-9
        assert min(m.z_mm for m in moves) == -2.2


@laws
@given(d=st.floats(4.0, 11.0), x=st.floats(-20, 20), y=st.floats(-20, 20), ap=st.floats(0.3, 4))
def test_bore_leaves_exactly_its_cylinder(d: float, x: float, y: float, ap: float) -> None:
    tool = mill(round(d / 1.6, 2))
    hole = Hole("hole-1", x, y, 0.0, (HoleStep(d, -6.0),), through=False)
    moves = moves_of("bore", operation(hole, 0.0, -6.0, Region(), ap_mm=ap), tool)
    floor = swept(moves, tool.tool.diameter_mm, -6.0 + 1e-6)
    wanted = flatten(circle(x, y, d))

    assert_safe(moves, 0.0, -6.0)
    assert (floor - offset(wanted, 0.004)).area() < 1e-6
    assert (offset(wanted, -0.006) - floor).area() < 1e-6


@laws
@given(depth=st.floats(1, 29), d=st.sampled_from([2.0, 4.0, 6.6]))
def test_drill_goes_to_the_bottom_from_above_the_top(depth: float, d: float) -> None:
    hole = Hole("hole-1", 3.0, 4.0, 0.0, (HoleStep(d, -depth),), through=True)
    moves = moves_of("drill", operation(hole, 0.0, -depth, Region()), mill(d, "drill", 0.0, 118.0))

    assert [("rapid", CLEAR), ("drill", -depth), ("rapid", CLEAR)] == [(m.kind, m.z_mm) for m in moves]
    assert moves[1].retract_mm > 0


def test_drill_with_short_flutes_is_refused() -> None:
    hole = Hole("hole-1", 3.0, 4.0, 0.0, (HoleStep(6.0, -31.0),), through=True)
    with pytest.raises(CapabilityError) as caught:
        moves_of("drill", operation(hole, 0.0, -31.0, Region()), mill(6.0, "drill", 0.0, 118.0))

    assert ("strategy.flutes-too-short", 31.0, 30) == (caught.value.code, caught.value.value, caught.value.limit)


@laws
@given(box=boxes, width=st.floats(0.3, 2.0))
def test_chamfer_flank_lies_on_the_bevel(box: tuple[float, float, float], width: float) -> None:
    pocket, _ = pocket_of(box)
    tool = mill(8.0, "chamfer-mill", 1.0, 90.0)
    feature = Chamfer("chamfer-1", -width, width, pocket.floor)
    moves = moves_of("chamfer", operation(feature, 0.0, -width - 0.4, Region()), tool)
    foot = flatten(feature.edge)
    low = min(m.z_mm for m in moves)
    for depth in (0.0, width / 2, width):  # the tool's radius at a height h above its tip is tip + h (90 degrees)
        z = -width + depth
        covered = swept(moves, 1.0 + 2 * (z - low), low + 1e-6)
        bevel = offset(foot, -depth)

        assert (covered ^ offset(bevel, -0.006)).area() < 1e-6
        assert (offset(foot, 0.2) - offset(bevel, 0.008) - covered).area() < 1e-3

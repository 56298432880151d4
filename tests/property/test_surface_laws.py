"""Laws of surface milling: nothing of the part is cut, scallops stay low, nothing reachable is left, rapids fly."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import strategies
from geometry.arcs import sweep
from geometry.heightfield import HeightField
from geometry.regions import circle, rectangle
from geometry.scene import Scene
from model.errors import CapabilityError
from model.feature import FreeSurface, PlanarFace
from model.plan import CuttingData, Operation
from model.region import Region, Segment
from model.tooling import Assembly, Holder, Segment3, Tool
from model.toolpath import Move
from strategies._ground import MERGE_MM, SAMPLE_MM

Floats = NDArray[np.float64]
laws = settings(max_examples=4, deadline=None, derandomize=True)
CUT = CuttingData(10000, 1500, 400, 800, 2.0, 0.5, 100, 0.02, 100, 50, 0.01, "off", "test")
HOLDER = Holder("er16", "ER16", (Segment3(10, 19, 19),), 10, 20000)
MESH_MM = 0.002
KEPT_OFF_MM = SAMPLE_MM + 2 * MERGE_MM + MESH_MM
"""Over the scallop: what paths keep off the part, and how far merged places may lie above."""
TOP, CLEAR = 14.0, 20.0
FINISHING = ("parallel", "waterline", "steep_shallow", "scallop")


def tool(d: float, corner: float, stick_out: float = 40) -> Assembly:
    kind = "ball-mill" if corner == d / 2 else "end-mill"
    row = Tool(
        kind, kind, kind, d, d, 180, 20, 30, 60, d, 2, True, "carbide", 30000, 10, "test",  # type: ignore[arg-type]
        corner_radius_mm=corner,
    )  # fmt: skip
    return Assembly(1, row, HOLDER, stick_out, 80)


def sheet(height: Callable[[Floats, Floats], Floats], half: float = 10.0, count: int = 60) -> Floats:
    """The upper side of a block under a height function, with its sides, as triangles (n, 3, 3)."""
    line = np.linspace(-half, half, count + 1)
    x, y = np.meshgrid(line, line)
    top = np.stack([x, y, height(x, y)], axis=-1)
    foot = top * np.array([1.0, 1.0, 0.0])
    rims = ((0, slice(None)), (slice(None, None, -1), 0), (-1, slice(None, None, -1)), (slice(None), -1))
    return np.concatenate([_quads(top), *[_quads(np.stack([foot[rim], top[rim]])) for rim in rims]])


def _quads(p: Floats) -> Floats:
    a, b, c, d = p[:-1, :-1], p[:-1, 1:], p[1:, 1:], p[1:, :-1]
    return np.concatenate([np.stack(q, axis=2).reshape(-1, 3, 3) for q in ((a, b, c), (a, c, d))])


def hills(seed: int, steep: float) -> Floats:
    """Soft random hills, no hollow tighter than about 4 mm when ``steep`` is 1."""
    chance = np.random.default_rng(seed)
    waves = chance.uniform(-1, 1, (4, 4)) * [0.8, 0.3, 0.3, 3]
    return sheet(lambda x, y: 8 + steep * sum(a * np.sin(kx * x + ky * y + s) for a, kx, ky, s in waves))


def dome(x: Floats, y: Floats) -> Floats:
    """A ball of radius 9 standing 6 mm out of a floor at 5 mm."""
    return np.maximum(5.0, 2.0 + np.sqrt(np.maximum(81 - x * x - y * y, 0)))


def job(strategy: str, region: Region, **more: object) -> Operation:
    feature = FreeSurface("surface-1", (0,), 12.0, 3.0, region, 5.0, float(more.pop("cut_radius_mm", 0.0)))  # type: ignore[arg-type]
    cut = replace(CUT, **{k: more.pop(k) for k in ("ap_mm", "ae_mm") if k in more})  # type: ignore[arg-type]
    fields = {"top": TOP, "bottom": 0.0, **more}
    return Operation(
        "op", strategy, feature, 1, cut, fields.pop("top"), fields.pop("bottom"), CLEAR, Region(),  # type: ignore[arg-type]
        rectangle(-10, -10, 10, 10), **fields,  # type: ignore[arg-type]
    )  # fmt: skip


def scene(triangles: Floats) -> Scene:
    return Scene(lambda: triangles, lambda: HeightField(np.empty((0, 0)), 0.0, 0.0, 1.0), MESH_MM)


def moves_of(o: Operation, a: Assembly, triangles: Floats) -> tuple[Move, ...]:
    return strategies.get(o.strategy)(o, a, scene(triangles))


def chords(moves: tuple[Move, ...]) -> Floats:
    """All moves as straight pieces (n, 6), arcs in chords within 0.1 um."""
    out: list[tuple[float, ...]] = []
    at = moves[0]
    for m in moves[1:]:
        start, end = (at.x_mm, at.y_mm, at.z_mm), (m.x_mm, m.y_mm, m.z_mm)
        if m.kind in ("cw", "ccw"):
            s = Segment(m.x_mm, m.y_mm, 1 if m.kind == "ccw" else -1, m.cx_mm, m.cy_mm)
            turn, r = sweep(start[:2], s), math.dist(start[:2], (m.cx_mm, m.cy_mm))
            a0 = math.atan2(start[1] - m.cy_mm, start[0] - m.cx_mm)
            count = max(2, math.ceil(abs(turn) / (2 * math.acos(max(0.0, 1 - 1e-4 / max(r, 1e-3))))))
            for k in range(1, count):
                a = a0 + turn * k / count
                mid = (m.cx_mm + r * math.cos(a), m.cy_mm + r * math.sin(a), start[2] + (end[2] - start[2]) * k / count)
                out.append((*start, *mid))
                start = mid
        out.append((*start, *end))
        at = m
    return np.array(out)


def distances(points: Floats, moves: tuple[Move, ...], r: float, corner: float) -> Floats:
    """From each point to what the tool sweeps (negative: cut into), straight pieces in small steps, another way."""
    pieces = chords(moves)
    size = np.linalg.norm(pieces[:, 3:] - pieces[:, :3], axis=1)
    count = np.maximum(1, np.ceil(size / 0.05)).astype(int)
    which = np.repeat(np.arange(len(pieces)), count)
    share = (np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count) + 1) / np.repeat(count, count)
    tips = pieces[which, :3] + share[:, None] * (pieces[which, 3:] - pieces[which, :3])
    tips = tips[tips[:, 2] < CLEAR - 0.1]
    found = np.full(len(points), np.inf)
    order = np.argsort(tips[:, 0], kind="stable")
    tips = tips[order]
    for k, p in enumerate(points):
        near = tips[np.searchsorted(tips[:, 0], p[0] - r - 0.5) : np.searchsorted(tips[:, 0], p[0] + r + 0.5)]
        d = np.hypot(near[:, 0] - p[0], near[:, 1] - p[1])
        over, up = np.maximum(d - (r - corner), 0), near[:, 2] + corner - p[2]
        found[k] = np.where(up > 0, np.hypot(over, np.maximum(up, 0)), over).min(initial=np.inf) - corner
    return found


def spots(triangles: Floats, count: int, radius: float, seed: int = 1) -> Floats:
    """Points on the upper side within ``radius`` of the middle, and their steepness in degrees."""
    across = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
    up = across[:, 2] > 1e-9
    t, across = triangles[up], across[up]
    size = np.linalg.norm(across, axis=1)
    chance = np.random.default_rng(seed)
    k = chance.choice(len(t), count, p=size / size.sum())
    u, v = chance.random((2, count, 1))
    u, v = np.where(u + v > 1, 1 - u, u), np.where(u + v > 1, 1 - v, v)
    points = t[k, 0] + u * (t[k, 1] - t[k, 0]) + v * (t[k, 2] - t[k, 0])
    steep = np.degrees(np.arccos(across[k, 2] / size[k]))
    keep = np.hypot(points[:, 0], points[:, 1]) < radius
    found: Floats = np.column_stack([points, steep])[keep]
    return found


def scallop_mm(ae: float, corner: float) -> float:
    return corner - math.sqrt(corner * corner - ae * ae / 4)


def assert_flies(moves: tuple[Move, ...]) -> None:
    """Rapids stay over the material; each path starts and ends at the clearance height."""
    before = moves[0]

    assert ("rapid", CLEAR) == (moves[0].kind, moves[0].z_mm)
    assert ("rapid", CLEAR) == (moves[-1].kind, moves[-1].z_mm)
    for m in moves[1:]:
        if m.kind == "rapid":
            upright = (m.x_mm, m.y_mm) == (before.x_mm, before.y_mm)
            assert upright or min(m.z_mm, before.z_mm) >= CLEAR
            assert m.z_mm >= before.z_mm or m.z_mm >= TOP
        else:
            assert m.feed_mm_min > 0
        before = m


@laws
@given(seed=st.integers(0, 99), steep=st.floats(0.3, 1.2), d=st.sampled_from([4.0, 6.0]))
@pytest.mark.parametrize("strategy", ["parallel", "steep_shallow", "scallop"])
def test_hills_are_never_cut_and_scallops_stay_low(strategy: str, seed: int, steep: float, d: float) -> None:
    triangles = hills(seed, steep)
    moves = moves_of(job(strategy, circle(0, 0, 16), ae_mm=0.6), tool(d, d / 2), triangles)
    left = distances(spots(triangles, 500, 7.9)[:, :3], moves, d / 2, d / 2)
    most = scallop_mm(0.6, d / 2)

    assert_flies(moves)
    assert left.min() > 0
    assert np.quantile(left, 0.99) <= most + KEPT_OFF_MM
    assert left.max() <= 1.3 * most + KEPT_OFF_MM + 0.004  # hollows a little tighter than the ball may lie below


@pytest.mark.parametrize("strategy", FINISHING)
@pytest.mark.parametrize(("d", "corner"), [(4.0, 2.0), (6.0, 1.0)])
def test_a_dome_on_a_floor(strategy: str, d: float, corner: float) -> None:
    triangles = sheet(dome, count=100)
    foot = math.sqrt(81 - 9)
    moves = moves_of(job(strategy, circle(0, 0, 2 * foot), ae_mm=0.4), tool(d, corner), triangles)
    points = spots(triangles, 700, 7.0)
    if strategy == "waterline":
        points = points[points[:, 3] > 45]
    left = distances(points[:, :3], moves, d / 2, corner)
    most = scallop_mm(0.4, corner)

    assert_flies(moves)
    assert left.min() > 0
    assert np.quantile(left, 0.99) <= most + KEPT_OFF_MM
    assert left.max() <= 1.3 * most + KEPT_OFF_MM
    assert min(m.z_mm for m in moves) >= 5.0


def test_waterline_laps_are_arcs_with_the_surface_on_the_right() -> None:
    moves = moves_of(job("waterline", circle(0, 0, 17), ae_mm=0.8), tool(4, 2), sheet(dome, count=200))
    turns = {m.kind for m in moves if m.intent == "finish" and math.hypot(m.x_mm - m.cx_mm, m.y_mm - m.cy_mm) > 5}

    assert "cw" in turns


def test_a_hollow_gets_one_pass_that_touches_both_sides() -> None:
    triangles = sheet(lambda x, _: 4 + np.abs(x) * 0.8)
    moves = moves_of(job("pencil", rectangle(-9, -9, 9, 9)), tool(6, 3), triangles)
    cut = [m for m in moves if m.intent == "finish"]

    assert max(abs(m.x_mm) for m in cut) < 0.02
    assert pytest.approx(3 * (math.sqrt(1 + 0.64) - 1) + 4, abs=0.03) == cut[0].z_mm
    assert abs(cut[-1].y_mm - next(m for m in reversed(moves) if m.intent == "lead-in").y_mm) > 16


def test_rest_finishing_goes_where_the_larger_ball_was_held_off() -> None:
    triangles = sheet(lambda x, _: 4 + np.abs(x) * 0.8)
    rest = job("rest_finish", rectangle(-9, -9, 9, 9), ae_mm=0.3, cut_radius_mm=4.0)
    moves = moves_of(rest, tool(3, 1.5), triangles)
    cut = [m.x_mm for m in moves if m.intent == "finish"]
    reach = 4.0 * 0.8 / math.sqrt(1.64)  # the larger ball touches both sides this far from the middle

    assert 0.5 * reach < max(cut) < reach
    points = spots(triangles, 1500, 7.0)
    inside = points[(np.abs(points[:, 0]) > 1.2) & (np.abs(points[:, 0]) < 0.9 * reach)]
    left = distances(inside[:, :3], moves, 1.5, 1.5)
    assert 0 < left.min()
    assert left.max() <= scallop_mm(0.3, 1.5) + KEPT_OFF_MM + 0.001


def test_rest_finishing_without_rest_makes_no_move() -> None:
    flat = sheet(lambda x, y: 6 + 0.02 * x + 0 * y)
    moves = moves_of(job("rest_finish", rectangle(-9, -9, 9, 9), cut_radius_mm=4.0), tool(3, 1.5), flat)

    assert moves == ()


def test_roughing_leaves_its_allowance_and_no_more_than_a_stair() -> None:
    triangles = sheet(dome, count=100)
    rough = job("rough3d", circle(0, 0, 26), ap_mm=3.0, ae_mm=1.2, allowance_mm=0.3, top=12.0, bottom=5.3)
    moves = moves_of(rough, tool(6, 0), triangles)
    left = distances(spots(triangles, 500, 9.5)[:, :3], moves, 3.0, 1e-9)

    assert_flies(moves)
    assert left.min() >= 0.3 - 1e-6
    assert left.max() < 1.6
    assert min(m.z_mm for m in moves) >= 5.3 - 1e-9


@pytest.mark.parametrize("strategy", [*FINISHING, "pencil"])
def test_the_same_bytes_twice(strategy: str) -> None:
    triangles, one = sheet(dome, count=40), job(strategy, circle(0, 0, 17), ae_mm=0.8)

    assert moves_of(one, tool(6, 3), triangles) == moves_of(one, tool(6, 3), triangles)


def test_a_tool_without_a_rounded_corner_is_refused() -> None:
    with pytest.raises(CapabilityError) as caught:
        moves_of(job("parallel", circle(0, 0, 10)), tool(6, 0), hills(1, 1))

    assert "strategy.no-corner-radius" == caught.value.code


def test_a_holder_that_touches_is_refused_with_what_it_lacks() -> None:
    with pytest.raises(CapabilityError) as caught:
        moves_of(job("parallel", circle(0, 0, 10)), tool(6, 3, stick_out=0.1), hills(1, 1.2))

    assert "strategy.holder-touches" == caught.value.code
    assert float(caught.value.value or 0) > 0


def test_another_feature_is_refused() -> None:
    other = replace(job("parallel", Region()), feature=PlanarFace("face-1", 0.0, circle(0, 0, 5)))
    with pytest.raises(CapabilityError) as caught:
        moves_of(other, tool(6, 3), hills(1, 1))

    assert "strategy.wrong-feature" == caught.value.code

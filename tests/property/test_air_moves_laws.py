"""Laws of ways through air: no rapid, approach or link meets stock, and no way down is for nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from hypothesis import event, given, settings
from hypothesis import strategies as st
from manifold3d import CrossSection

import strategies
from geometry.heightfield import HeightField
from geometry.regions import chords, circle, fit, flatten, offset, rectangle
from geometry.scene import Scene
from model.errors import CapabilityError
from model.feature import Pocket
from model.plan import CuttingData, Operation
from model.region import Segment
from model.tooling import Assembly, Holder, Tool
from model.toolpath import Move

laws = settings(max_examples=6, deadline=None, derandomize=True)
PITCH, CLEAR, TOP, ALLOWANCE = 0.1, 3.0, 0.0, 0.2
LEFT, FRONT, WIDE, DEEP = -8.0, -8.0, 56.0, 48.0
CUT = CuttingData(10000, 1500, 400, 600, 4.0, 1.0, 100, 0.05, 100, 50, 0.01, "off", "test", 0.0, 3000, 4000)
RIM_MM = 0.15
"""Columns nearer to the rim than this are the raster's own error, and what arcs were refitted by."""
HIGH_MM = 0.02
LEAST_MM2 = 0.03
"""Three columns: what a corner between the planner's looks at the rim may be."""


def mill(d: float) -> Assembly:
    tool = Tool("mill", "mill", "end-mill", d, d, 180.0, 30, 30, 60, d, 3, centre_cutting=True, substrate="carbide",
                max_rpm=30000, price_eur=10, source="test")  # fmt: skip
    return Assembly(1, tool, Holder("er16", "ER16", (), 10, 20000), 40, 80)


def blank() -> HeightField:
    return HeightField(np.full((round(DEEP / PITCH), round(WIDE / PITCH)), TOP), LEFT, FRONT, PITCH)


def scene(stock: HeightField) -> Scene:
    return Scene(lambda: np.empty((0, 3, 3)), lambda: stock, 0.0)


@dataclass(frozen=True)
class Met:
    """What one move met: the area (mm2) in which stock stood higher than the tip, rim left out, and its volume."""

    move: Move
    area: float
    volume: float


def driven(moves: tuple[Move, ...], stock: HeightField, d: float) -> list[Met]:
    """Cut the stock by every move, told sample by sample."""
    r = d / 2
    found = []
    for a, b in pairwise(moves):
        turn = {"ccw": 1, "cw": -1}.get(b.kind, 0)
        corners = [(a.x_mm, a.y_mm), *chords((a.x_mm, a.y_mm), Segment(b.x_mm, b.y_mm, turn, b.cx_mm, b.cy_mm), 0.001)]
        if math.dist(corners[0], corners[-1]) < 1e-9:
            corners = corners[:2] if len(corners) == 2 else corners
        sizes = [math.dist(p, q) for p, q in pairwise(corners)]
        done, whole = 0.0, max(sum(sizes), 1e-12)
        columns, volume = 0, 0.0
        for (p, q), size in zip(pairwise(corners), sizes, strict=True):
            count = max(1, math.ceil(size / 0.2))
            for k in range(1, count + 1):
                share = (done + size * k / count) / whole
                z = a.z_mm + (b.z_mm - a.z_mm) * share if size else min(a.z_mm, b.z_mm)
                area, took = bitten(stock, p[0] + (q[0] - p[0]) * k / count, p[1] + (q[1] - p[1]) * k / count, z, r)
                columns, volume = columns + area, volume + took
            done += size
        found.append(Met(b, columns * PITCH**2, volume * PITCH**2))
    return found


def bitten(stock: HeightField, x: float, y: float, z: float, r: float) -> tuple[int, float]:
    """Cut a disc down to a height; columns well inside the rim and material (mm) that stood there."""
    i0, i1 = (round((x + s * (r + PITCH) - LEFT) / PITCH) for s in (-1, 1))
    j0, j1 = (round((y + s * (r + PITCH) - FRONT) / PITCH) for s in (-1, 1))
    i0, j0 = max(i0, 0), max(j0, 0)
    window = stock.high[j0 : max(j1, 0), i0 : max(i1, 0)]
    if not window.size:
        return 0, 0.0
    dx = LEFT + PITCH * (i0 + np.arange(window.shape[1]) + 0.5) - x
    dy = FRONT + PITCH * (j0 + np.arange(window.shape[0]) + 0.5) - y
    away = dx[None, :] ** 2 + dy[:, None] ** 2
    cut = (away < r * r) & (window > z)
    deep = cut & (away < (r - RIM_MM) ** 2) & (window > z + HIGH_MM)
    took = float((window[cut] - z).sum())
    window[cut] = z
    return int(deep.sum()), took


@st.composite
def openings(draw: st.DrawFn) -> CrossSection:
    """A rounded box, perhaps with a notch, an island, or another box beside it."""
    wide, deep = draw(st.floats(12, 38)), draw(st.floats(12, 30))
    area = flatten(rectangle(0, 0, wide, deep))
    if draw(st.booleans()):
        x, y, a, b = (draw(st.floats(0, 30)) for _ in range(4))
        box = flatten(rectangle(x, y, min(x + max(a, 7), 38), min(y + max(b, 7), 30)))
        area = area + box if draw(st.booleans()) else area - box
    area = offset(offset(area, -3.2), 3.2)
    if draw(st.booleans()):
        area -= flatten(circle(draw(st.floats(0, wide)), draw(st.floats(0, deep)), draw(st.floats(2, 9))))
    return area


def asked(opening: CrossSection, strategy: str, bottom: float, share: float, d: float, *, both: bool) -> Operation:
    cut = replace(CUT, ap_mm=4.0, ae_mm=share * d, both_ways=both)
    pocket = Pocket("pocket-1", TOP, bottom, fit(opening), 3.0)
    keep = flatten(rectangle(LEFT, FRONT, LEFT + WIDE, FRONT + DEEP)) - opening
    around = rectangle(LEFT, FRONT, LEFT + WIDE, FRONT + DEEP)
    return Operation("op", strategy, pocket, 1, cut, TOP, bottom, CLEAR, fit(keep), around, ALLOWANCE)


def assert_through_air(moves: tuple[Move, ...], stock: HeightField, d: float, cut: CuttingData) -> None:
    """Rapids, approaches and links meet nothing; every way down cuts something; only entries go down into stock."""
    met = driven(moves, stock, d)
    for before, m in zip(moves, met, strict=False):
        move = m.move
        through_air = move.kind == "rapid" or move.intent in ("approach", "link", "retract")
        down = move.z_mm < before.z_mm - 1e-9

        assert not through_air or m.area <= LEAST_MM2, (move, m.area)
        if down and m.area > LEAST_MM2:
            assert (move.intent, move.feed_mm_min) in {("ramp", cut.ramp_mm_min), ("plunge", cut.plunge_mm_min)}, move
    taken = 0.0
    for before, m in zip(moves, met, strict=False):
        taken += m.volume
        if m.move.kind == "rapid" and m.move.z_mm > before.z_mm:
            assert taken > 0.0, f"down and up for nothing at X{m.move.x_mm:.2f} Y{m.move.y_mm:.2f}"
            taken = 0.0


@laws
@given(opening=openings(), strategy=st.sampled_from(["adaptive", "slot"]), d=st.sampled_from([3.0, 4.0, 6.0]),
       share=st.sampled_from([0.1, 0.25, 0.4]), both=st.booleans())  # fmt: skip
def test_ways_between_clearing_cuts_meet_no_stock(
    opening: CrossSection, strategy: str, d: float, share: float, *, both: bool
) -> None:
    operation = asked(opening, strategy, -6.0, share, d, both=both)
    try:
        moves = strategies.get(strategy)(operation, mill(d), scene(blank()))
    except CapabilityError as error:
        event(error.code)
        return

    assert_through_air(moves, blank(), d, operation.cutting)


@laws
@given(opening=openings(), wide=st.sampled_from([8.0, 10.0]), d=st.sampled_from([3.0, 4.0, 6.0]),
       share=st.sampled_from([0.1, 0.25]), both=st.booleans())  # fmt: skip
def test_ways_between_rest_cuts_meet_no_stock(
    opening: CrossSection, wide: float, d: float, share: float, *, both: bool
) -> None:
    stock = blank()
    first = asked(opening, "pocket", -6.0, 0.4, wide, both=both)
    operation = asked(opening, "rest_clear", -6.0, share, d, both=both)
    try:
        driven(strategies.get("pocket")(first, mill(wide), scene(stock)), stock, wide)
        moves = strategies.get("rest_clear")(operation, mill(d), scene(stock))
    except CapabilityError as error:
        event(error.code)
        return

    assert_through_air(moves, stock, d, operation.cutting)

"""Laws of the proof: the quick ways of measuring agree with slow and simple ones, and readings do not drift."""

import math

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from model.tooling import Assembly, Holder, Segment3, Tool, ToolKind
from pipeline.verify import surface
from pipeline.verify.path import Path, expanded, tool_table
from pipeline.verify.readers import grbl
from pipeline.verify.readers.types import Bench
from pipeline.verify.shapes import Floats, along, flat_lowest, profile, signed, tool_lowest

HOLDER = Holder("h", "holder", (Segment3(10.0, 20.0, 20.0),), 10.0, 30000.0)
KINDS: list[tuple[ToolKind, float, float]] = [
    ("end-mill", 180.0, 6.0), ("ball-mill", 180.0, 6.0), ("drill", 118.0, 6.0), ("chamfer-mill", 90.0, 1.0),
]  # fmt: skip
coordinates = st.floats(-10, 10).map(lambda v: round(v, 3))
heights = st.floats(-5, 5).map(lambda v: round(v, 3))


def row_of(kind: ToolKind, angle: float, tip: float, corner: float = 0.0, taper: float = 0.0) -> Floats:
    tool = Tool("t", "t", kind, 6.0, tip, angle, 20.0, 20.0, 60.0, 6.0, flutes=2, centre_cutting=True,
                substrate="carbide", max_rpm=30000.0, price_eur=1.0, source="test", corner_radius_mm=corner,
                chamfer_length_mm=taper)  # fmt: skip
    row: Floats = tool_table([Assembly(1, tool, HOLDER, 30.0, 60.0)])[0]
    return row


BULL, REAMER = row_of("end-mill", 180.0, 6.0, corner=1.0), row_of("reamer", 180.0, 6.0, taper=0.6)
FLAT = row_of("end-mill", 180.0, 6.0)
rows = st.sampled_from([*(row_of(*k) for k in KINDS), BULL, REAMER])


@st.composite
def moves(draw: st.DrawFn, *, helix: bool = False) -> Floats:
    """A straight move or an arc, level or sloped, as a row of the path's table; ``helix``: a sloped arc."""
    z0 = draw(heights)
    z1 = draw(heights.filter(lambda z: z != z0) if helix else st.one_of(st.just(z0), heights))
    if not helix and draw(st.booleans()):
        return np.array(
            [0.0, draw(coordinates), draw(coordinates), z0, draw(coordinates), draw(coordinates), z1, *[0.0] * 6]
        )
    cx, cy, r = draw(coordinates), draw(coordinates), draw(st.floats(0.2, 12))
    first, sweep = draw(st.floats(-3, 3)), draw(st.floats(0.1, math.tau)) * draw(st.sampled_from([-1, 1]))
    last = first + sweep
    start, end = (
        (cx + r * math.cos(first), cy + r * math.sin(first)),
        (cx + r * math.cos(last), cy + r * math.sin(last)),
    )
    return np.array([1.0, *start, z0, *end, z1, cx, cy, r, r, first, sweep])


def brute(move: Floats, row: Floats, x: float, y: float, z: float) -> float:
    steps = 4000
    spots = (along(move, k / steps) for k in range(steps + 1))
    return min(signed(row, math.hypot(x - a, y - b), z - c) for a, b, c in spots)


@settings(max_examples=60, deadline=None)
@given(move=moves(), row=rows, x=coordinates, y=coordinates, z=heights)
@example(np.array([0.0, -5.5, 0.0, -4.0, 0.0, 1.953, 0.0, *[0.0] * 6]), row_of("ball-mill", 180.0, 6.0), -5.0, 0.0, 0.0)
@example(np.array([1.0, 9.0, 0.0, -1.0, 9.0, 0.0, -3.0, 0.0, 0.0, 9.0, 9.0, 0.0, math.tau]), FLAT, 13.0, -0.1, -2.5)
@example(np.array([1.0, 9.0, 0.0, -1.0, 9.0, 0.0, -3.0, 0.0, 0.0, 9.0, 9.0, 0.0, -math.tau]), FLAT, 13.0, 0.1, -2.9)
def test_distance_to_a_move_is_the_least_along_it(move: Floats, row: Floats, x: float, y: float, z: float) -> None:
    best = np.array([30.0])
    who = np.array([-1])
    path = Path(move[None, :], np.zeros(1, np.int64), np.zeros(1, np.int64), np.zeros(1, np.int64))
    surface.approach(surface.into_cells(np.array([[x, y, z]])), path, row[None, :], best, who)

    assert pytest.approx(brute(move, row, x, y, z), abs=0.012) == best[0]
    assert best[0] <= brute(move, row, x, y, z) + 6e-4


@settings(max_examples=100, deadline=None)
@given(move=moves(), radius=st.floats(0.3, 5), x=coordinates, y=coordinates)
def test_lowest_cover_of_a_disc_is_the_least_along_the_move(move: Floats, radius: float, x: float, y: float) -> None:
    steps = 3000
    spots = [along(move, k / steps) for k in range(steps + 1)]
    covered = [c for a, b, c in spots if math.hypot(x - a, y - b) <= radius]
    nearly = [c for a, b, c in spots if math.hypot(x - a, y - b) <= radius + 0.05]
    found = flat_lowest(move, radius, x, y)

    assert found <= min(covered, default=1e9) + 1e-9
    assert found >= min(nearly, default=1e9) - 1e-9


@settings(max_examples=150, deadline=None)
@given(move=moves(), row=rows, x=coordinates, y=coordinates)
def test_the_lowest_surface_over_a_place_is_the_least_along_the_move(
    move: Floats, row: Floats, x: float, y: float
) -> None:
    assume(move[0] == 0.0 or move[3] == move[6] or (row[3] == 0.0 and row[4] == 0.0))
    spots = np.array([along(move, k / 4000) for k in range(4001)])
    off = np.hypot(x - spots[:, 0], y - spots[:, 1])
    pairs = list(zip(off.tolist(), spots[:, 2].tolist(), strict=True))
    over = [z + profile(row, d) for d, z in pairs if d <= row[0] - 1e-9]
    # Between two samples the tool may come 0.01 mm nearer.
    nearly = [z + profile(row, max(d - 0.01, 0.0)) - 0.01 for d, z in pairs if d <= row[0] + 0.01]
    found = tool_lowest(move, row, x, y)

    assert found <= min(over, default=2e9) + 1e-5
    assert found >= min(nearly, default=9e8)


@settings(max_examples=40, deadline=None)
@given(move=moves(helix=True), row=rows)
def test_a_helix_in_chords_stays_on_the_helix(move: Floats, row: Floats) -> None:
    one = Path(move[None, :], np.zeros(1, np.int64), np.zeros(1, np.int64), np.zeros(1, np.int64))
    chords = expanded(one, row[None, :], None)
    middles = 0.5 * (chords.geometry[:, 1:3] + chords.geometry[:, 4:6])
    ends = np.concatenate([chords.geometry[:, 1:3], chords.geometry[-1:, 4:6]])
    off = np.hypot(*(np.concatenate([middles, ends]) - move[7:9]).T) - move[9]

    assert np.abs(off).max() <= 0.00051 or (row[3] == 0.0 and row[4] == 0.0)
    assert np.allclose(chords.geometry[-1, 6], move[6])


@given(start=st.tuples(coordinates, coordinates, heights), end=st.tuples(coordinates, coordinates, heights))
def test_a_dog_leg_gets_there_with_every_axis_at_full_speed(
    start: tuple[float, float, float], end: tuple[float, float, float]
) -> None:
    speeds = (6000.0, 5000.0, 2000.0)
    straight = np.array([0.0, *start, *end, *[0.0] * 6])
    one = Path(straight[None, :], np.zeros(1, np.int64), np.ones(1, np.int64), np.zeros(1, np.int64))
    legs = expanded(one, row_of("end-mill", 180.0, 6.0)[None, :], speeds).geometry

    assert np.allclose(straight, legs[0])
    if len(legs) == 1:
        assert (np.abs(np.subtract(end, start)) > 1e-6).sum() <= 1
        return
    times = np.abs(legs[1:, 4:7] - legs[1:, 1:4]) / speeds
    assert np.allclose(legs[1, 1:4], start)
    assert np.allclose(legs[-1, 4:7], end)
    for k in range(1, len(legs)):
        moving = times[k - 1] > 1e-12
        # All axes on their way move for the same time; one that stopped never starts again.
        assert np.allclose(times[k - 1][moving], times[k - 1].max())
        assert k == 1 or not (moving & (times[k - 2] <= 1e-12)).any()


@given(row=rows, d=st.floats(0, 2.99), lift=st.floats(0.001, 5))
def test_the_cutters_lower_surface_parts_inside_from_outside(row: Floats, d: float, lift: float) -> None:
    level = profile(row, d)

    assert pytest.approx(0.0, abs=1e-9) == signed(row, d, level)
    assert signed(row, d, level - lift) > 0
    assert signed(row, d, level + lift) < 0


@given(row=rows, points=st.tuples(*[st.tuples(st.floats(0, 9), st.floats(-9, 9))] * 2))
def test_distance_never_changes_faster_than_one_moves(row: Floats, points: tuple[tuple[float, float], ...]) -> None:
    (d0, h0), (d1, h1) = points

    assert abs(signed(row, d0, h0) - signed(row, d1, h1)) <= math.hypot(d0 - d1, h0 - h1) + 1e-9


@given(spots=st.lists(st.tuples(coordinates, coordinates, heights), min_size=1, max_size=20))
def test_what_is_written_is_read_whatever_ran_before(spots: list[tuple[float, float, float]]) -> None:
    text = "G21 G17 G90 G94 G54\nM9\nG0 Z5\nM3 S9000\n" + "".join(
        f"G1 X{x:.3f} Y{y:.3f} Z{z:.3f} F200\n" for x, y, z in spots
    )
    bench = Bench((1.0, 2.0, -70.0), "G54", {3: 41.0}, tool=3)

    for start in (None, grbl.HOSTILE):
        read = grbl.read(text, bench, start)
        ends = [(round(m.x_mm, 6), round(m.y_mm, 6), round(m.z_mm, 6)) for m in read.moves[1:]]

        assert [(x + 0.0, y + 0.0, z + 0.0) for x, y, z in spots] == ends

"""Laws of writing moves down: arcs divided and rounded stay the arcs they were."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.errors import ConfigError
from model.toolpath import Move
from postprocessors.motion import RADII_MM, centre, divided, expanded, sweep

SIZES = st.floats(0.05, 200)
ANGLES = st.floats(-math.pi, math.pi)
TURNS = st.floats(0.01, math.tau - 1e-6)
PLACES = st.floats(-500, 500)
WAYS = st.sampled_from(["cw", "ccw"])


def arc(x: float, y: float, r: float, first: float, turn: float, way: str) -> tuple[tuple[float, float], Move]:
    last = first + turn if way == "ccw" else first - turn
    start = x + r * math.cos(first), y + r * math.sin(first)
    return start, Move(way, x + r * math.cos(last), y + r * math.sin(last), -1, 500, "cut", x, y)  # type: ignore[arg-type]


@given(x=PLACES, y=PLACES, r=SIZES, first=ANGLES, turn=TURNS, way=WAYS, decimals=st.sampled_from([3, 4]))
def test_a_rounded_arc_has_one_radius_within_two_thousandths(
    x: float, y: float, r: float, first: float, turn: float, way: str, decimals: int
) -> None:
    start, move = arc(x, y, r, first, turn, way)
    a, b = (tuple(round(c, decimals) for c in p) for p in (start, (move.x_mm, move.y_mm)))
    i, j = centre(move, a, b, decimals)  # type: ignore[arg-type]
    i, j = round(i, decimals), round(j, decimals)

    assert abs(math.hypot(i, j) - math.dist((a[0] + i, a[1] + j), b)) <= RADII_MM + 1e-9
    assert math.dist((a[0] + i, a[1] + j), (x, y)) <= 0.0025


@given(x=PLACES, y=PLACES, r=SIZES, first=ANGLES, turn=TURNS, way=WAYS, most=st.sampled_from([90, 180, 360]))
def test_the_pieces_of_an_arc_are_short_enough_and_make_the_whole(
    x: float, y: float, r: float, first: float, turn: float, way: str, most: int
) -> None:
    start, move = arc(x, y, r, first, turn, way)
    pieces = divided(start, 0.0, move, math.radians(most))
    begins = [start, *((p.x_mm, p.y_mm) for p in pieces)]
    turns = [sweep(a, p) for a, p in zip(begins, pieces, strict=False)]

    assert move == pieces[-1]
    assert pytest.approx(sweep(start, move), abs=1e-6) == sum(turns)
    assert max(turns) <= math.radians(most) + 1e-6
    assert all(abs(math.dist((p.x_mm, p.y_mm), (x, y)) - r) < 1e-6 for p in pieces)


def test_a_full_circle_is_a_full_turn_and_may_be_divided() -> None:
    move = Move("cw", 5, 0, -2, 500, "cut", 0, 0)

    assert math.tau == sweep((5, 0), move)
    assert [(-5.0, 0.0, -1.0), (5.0, 0.0, -2.0)] == [
        (round(p.x_mm, 9), round(p.y_mm, 9) + 0.0, p.z_mm) for p in divided((5, 0), 0.0, move, math.pi)
    ]


@given(depth=st.floats(0.5, 60), peck=st.floats(0.3, 10), cycle=st.sampled_from(["peck", "chip-break"]))
def test_pecks_written_out_reach_the_bottom_in_steps(depth: float, peck: float, cycle: str) -> None:
    hole = Move("drill", 1, 2, -depth, 200, "drill", retract_mm=1, peck_mm=peck, cycle=cycle)  # type: ignore[arg-type]
    moves = expanded(hole)
    bottoms = [1.0, *(m.z_mm for m in moves if m.kind == "line")]

    assert -depth == bottoms[-1]
    assert all(0 < a - b <= peck + 1e-6 for a, b in pairwise(bottoms))
    assert ("rapid", 1.0) == (moves[-1].kind, moves[-1].z_mm)
    assert all((m.x_mm, m.y_mm) == (1, 2) for m in moves)


def test_a_ream_leaves_at_feed_and_a_tap_cannot_be_written_out() -> None:
    ream = Move("drill", 0, 0, -5, 100, "drill", retract_mm=1, cycle="ream")
    tap = Move("drill", 0, 0, -5, 600, "drill", retract_mm=1, cycle="tap", pitch_mm=1.25)

    assert ["rapid", "line", "line"] == [m.kind for m in expanded(ream)]
    with pytest.raises(ConfigError) as caught:
        expanded(tap)
    assert "post.no-tapping" == caught.value.code

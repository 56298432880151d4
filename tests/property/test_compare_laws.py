"""Laws of reading back: what is posted compares equal, and what is moved does not, for any arcs and lines."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.toolpath import Move, SetupPath, Toolpath, Toolpaths
from pipeline.verify.compare import compare
from pipeline.verify.programs import READERS, Judged, bench_of
from postprocessors.milling import programs
from tests.every_move import SAFE_MM, paths_for, plan_for

DIALECTS = ("fanuc", "grbl", "haas", "linuxcnc")
PLANS = {d: plan_for(d) for d in DIALECTS}
TOOLS = {d: paths_for(d).setups[0].toolpaths[0].tool_number for d in DIALECTS}
STEP = st.tuples(
    st.sampled_from(["line", "cw", "ccw"]),
    st.floats(-3, 1.3).map(lambda e: 10.0**e),
    st.floats(-math.pi, math.pi),
    st.one_of(st.floats(0.001, math.tau), st.just(math.tau)),
)


def walk(steps: list[tuple[str, float, float, float]]) -> tuple[Move, ...]:
    """A chain of lines and arcs of all sizes, from a hundredth of a millimetre's thousandth to full circles."""
    moves = [Move("rapid", 0, 0, SAFE_MM), Move("rapid", 0, 0, 1), Move("line", 0, 0, -1, 300)]
    x = y = 0.0
    for kind, size, angle, turn in steps:
        if kind == "line":
            x, y = x + size * math.cos(angle), y + size * math.sin(angle)
            moves.append(Move("line", round(x, 6), round(y, 6), -1, 500))
        elif size > 0.05:
            cx, cy = x - size * math.cos(angle), y - size * math.sin(angle)
            last = angle + (turn if kind == "ccw" else -turn)
            full = turn == math.tau
            ex, ey = (x, y) if full else (cx + size * math.cos(last), cy + size * math.sin(last))
            x, y = ex, ey
            end = (moves[-1].x_mm, moves[-1].y_mm) if full else (round(x, 6), round(y, 6))
            moves.append(Move(kind, *end, -1, 500, "cut", cx, cy))  # type: ignore[arg-type]
    return (*moves, Move("rapid", moves[-1].x_mm, moves[-1].y_mm, SAFE_MM))


def differences(dialect: str, planned: tuple[Move, ...], posted: tuple[Move, ...]) -> list[str]:
    plan = PLANS[dialect]

    def path(moves: tuple[Move, ...]) -> SetupPath:
        return SetupPath(1, (Toolpath("t", TOOLS[dialect], 6000, "off", moves),))

    texts = programs(Toolpaths((path(posted),)), plan).programs
    setup = plan.setups[0]
    read = [Judged(p, setup, READERS[dialect][0](p.text, bench_of(p, setup, plan), None), ()) for p in texts]
    said = [f.message for j in read for f in j.read.findings]
    return said + [f.message for f in compare(path(planned), read).differences]


@settings(max_examples=60)
@given(steps=st.lists(STEP, max_size=12), dialect=st.sampled_from(DIALECTS))
def test_what_is_posted_is_read_back_whatever_the_sizes(
    steps: list[tuple[str, float, float, float]], dialect: str
) -> None:
    moves = walk(steps)

    assert [] == differences(dialect, moves, moves)


@settings(max_examples=40)
@given(steps=st.lists(STEP, min_size=1, max_size=8), dialect=st.sampled_from(DIALECTS), data=st.data())
def test_a_move_that_ends_two_hundredths_away_is_not_the_planned_one(
    steps: list[tuple[str, float, float, float]], dialect: str, data: st.DataObject
) -> None:
    moves = walk(steps)
    k = data.draw(st.integers(2, len(moves) - 2))
    off = replace(moves[k], z_mm=moves[k].z_mm - 0.02)

    assert differences(dialect, moves, (*moves[:k], off, *moves[k + 1 :]))


def test_an_arc_the_other_way_round_is_not_the_planned_one() -> None:
    moves = walk([("line", 5.0, 0.0, 0.0), ("ccw", 5.0, 0.0, math.pi)])
    other = tuple(replace(m, kind="cw") if m.kind == "ccw" else m for m in moves)

    assert pytest.approx(1) == sum(m.kind == "ccw" for m in moves)
    assert differences("linuxcnc", moves, other)

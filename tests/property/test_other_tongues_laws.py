"""Whatever a toolpath does, its Sinumerik and Klartext programs are read back as just that, from any state."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.toolpath import Cycle, Move, SetupPath, Toolpath, Toolpaths
from pipeline.verify.compare import compare
from pipeline.verify.programs import Judged, judged
from postprocessors.milling import programs
from tests.every_move import SAFE_MM, plan_for

LENGTHS = st.floats(-40, 40, allow_nan=False)
HEIGHTS = st.floats(-12, -0.05, allow_nan=False)
CYCLES: tuple[Cycle, ...] = ("drill", "peck", "chip-break", "ream", "tap")


@st.composite
def arcs(draw: st.DrawFn, x: float, y: float, z: float) -> list[Move]:
    """A few arcs about one centre: parts, halves and whole turns, flat or falling."""
    radius, angle = draw(st.floats(0.3, 30)), draw(st.floats(0, math.tau))
    cx, cy = x - radius * math.cos(angle), y - radius * math.sin(angle)
    ccw = draw(st.booleans())
    slope = draw(st.sampled_from([0.0, -0.05, -0.131]))
    found = []
    for turn in draw(st.lists(st.sampled_from([math.pi, math.tau, 0.4, 2.0, 5.0, 5.7, 6.1]), min_size=1, max_size=5)):
        z += slope * turn
        if turn < math.tau:
            angle += turn if ccw else -turn
            x, y = cx + radius * math.cos(angle), cy + radius * math.sin(angle)
        found.append(Move("ccw" if ccw else "cw", x, y, z, 500, cx_mm=cx, cy_mm=cy))
    return found


@st.composite
def holes(draw: st.DrawFn) -> list[Move]:
    """A row of like holes."""
    cycle = draw(st.sampled_from(CYCLES))
    depth, above = draw(HEIGHTS), draw(st.sampled_from([0.5, 1.0, 3.25]))
    peck = draw(st.floats(0.8, 9)) if cycle in ("peck", "chip-break") else 0.0
    dwell = draw(st.sampled_from([0.0, 0.25])) if cycle == "drill" else 0.0
    found = []
    for x, y in draw(st.lists(st.tuples(LENGTHS, LENGTHS), min_size=1, max_size=4)):
        found += [
            Move("rapid", x, y, SAFE_MM),
            Move("drill", x, y, depth, 480 * 1.25 if cycle == "tap" else 240, "drill", retract_mm=above, peck_mm=peck,
                 cycle=cycle, dwell_s=dwell, pitch_mm=1.25 if cycle == "tap" else 0.0),
            Move("rapid", x, y, SAFE_MM),
        ]  # fmt: skip
    return found


@st.composite
def milled(draw: st.DrawFn) -> list[Move]:
    """Down, along lines and arcs, up."""
    x, y, z = draw(LENGTHS), draw(LENGTHS), draw(HEIGHTS)
    found = [Move("rapid", x, y, SAFE_MM), Move("rapid", x, y, 1), Move("line", x, y, z, 200)]
    for _ in range(draw(st.integers(1, 4))):
        last = found[-1]
        if draw(st.booleans()):
            found += draw(arcs(last.x_mm, last.y_mm, last.z_mm))
        else:
            found.append(Move("line", draw(LENGTHS), draw(LENGTHS), draw(HEIGHTS), draw(st.sampled_from([300, 812.5]))))
    return [*found, Move("rapid", found[-1].x_mm, found[-1].y_mm, SAFE_MM)]


@pytest.mark.parametrize("dialect", ["sinumerik", "heidenhain"])
@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(milled() | holes(), st.sampled_from([480.0, 3000.0]), st.sampled_from(["off", "flood"])),
        min_size=1, max_size=4,
    )
)  # fmt: skip
def test_what_is_read_is_what_was_meant(dialect: str, jobs: list[tuple[list[Move], float, str]]) -> None:
    plan = plan_for(dialect)
    paths = tuple(Toolpath(f"o{k}", 1, rpm, wet, tuple(moves)) for k, (moves, rpm, wet) in enumerate(jobs))  # type: ignore[arg-type]
    path = SetupPath(1, paths)
    program = programs(Toolpaths((path,)), plan).programs[0]
    found: Judged = judged(program, plan.setups[0], plan)

    assert () == found.read.findings
    assert () == compare(path, [found]).differences
    assert () == found.leaks

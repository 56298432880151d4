"""The force on a mill, by adding up thin slices of its turning edges, and which operation each move belongs to."""

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.feature import PlanarFace
from model.plan import Box, CuttingData, Fixture, Operation, Setup
from model.region import Region
from model.tooling import Assembly, Holder, Segment3, Tool
from model.toolpath import Move, SetupPath, Toolpath
from pipeline.verify import gates_clamp, kernels
from pipeline.verify.grip import Grip
from pipeline.verify.loads import RASTER_DEG, _peaks, _torn
from pipeline.verify.owners import owners
from pipeline.verify.path import body_table, tool_table
from pipeline.verify.readers.types import ReadMove
from pipeline.verify.stock import blank

FZ = 0.05


def by_slices(angle: float, depth: float, teeth: int, lag: float, mc: float) -> float:
    """The most over a turn of all slices' h^(1 - mc) b, a slice lagging the more the higher it is."""
    z = (np.arange(400) + 0.5) * depth / 400
    worst = 0.0
    for turn in np.linspace(0.0, math.tau / teeth, 181)[:-1]:
        at = (turn + np.arange(teeth)[:, None] * math.tau / teeth - lag * z) % math.tau
        h = np.where(at < angle, np.maximum(FZ * np.sin(at), 0.0), 0.0)
        worst = max(worst, float((h ** (1.0 - mc)).sum()) * depth / 400)
    return worst


@settings(max_examples=40, deadline=None)
@given(
    angle=st.floats(0.3, math.pi), depth=st.floats(0.2, 12.0), teeth=st.integers(2, 5), helix=st.floats(10.0, 45.0),
    radius=st.floats(1.0, 8.0), mc=st.sampled_from((0.0, 0.25)),
)  # fmt: skip
def test_the_peak_force_is_that_of_all_the_thin_slices_in_the_cut(
    angle: float, depth: float, teeth: int, helix: float, radius: float, mc: float
) -> None:
    lag = math.tan(math.radians(helix)) / radius
    found = _peaks(
        np.array([FZ]), np.array([angle]), np.array([depth]), np.array([teeth]), np.array([lag]), mc
    )  # fmt: skip
    expected = by_slices(angle, depth, teeth, lag, mc)

    # One mean chip an edge: never less than its slices one by one, and little more.
    assert 0.96 * expected <= float(found[0]) <= 1.13 * expected + 0.001


MILL = Tool("t", "t", "end-mill", 10.0, 10.0, 180.0, 30.0, 30.0, 60.0, 10.0, flutes=3, helix_deg=30.0,
            centre_cutting=True, substrate="carbide", max_rpm=30000.0, price_eur=1.0, source="test")  # fmt: skip
HELD = Assembly(1, MILL, Holder("h", "holder", (Segment3(10.0, 4.0, 4.0),), 10.0, 30000.0), 40.0, 60.0)
LAG = math.tan(math.radians(30.0)) / 5.0


def front(step: float, wall: float, low: float, high: float, mc: float) -> tuple[float, float]:
    """The force told of a straight cut into a step with a wall between ``low`` and ``high``, and that by thin slices.

    Lengths in mm, forces as sums of h^(1 - mc) b.
    """
    stock = blank(Box(-8, -6, -1, 8, 6, wall), 0.1)
    y = stock.grid[1] + (np.arange(stock.high.shape[0]) + 0.5) * stock.grid[3]
    stands = (y > low) & (y < high)
    stock.columns.high[~stands] = step
    ways = np.array(
        [[0.0, -8.0, 0.0, 0.0, -1.0, 0.0, 0.0, *[0.0] * 6], [0.0, -1.0, 0.0, 0.0, 0.0, 0.0, 0.0, *[0.0] * 6]]
    )
    none = np.zeros(2, np.int64)
    above = np.full(2, 0.05)
    met = kernels.run(stock.columns, ways, none, none, above, tool_table([HELD]), body_table([HELD]))[1:]
    depth = met[:, kernels.DEPTH]
    told = _torn(
        np.array([FZ]), np.minimum(met[:, kernels.ANGLE] + RASTER_DEG, 180.0), depth,
        np.minimum(met[:, kernels.BULK], depth), met[:, kernels.OVER], np.array([3]), np.array([LAG]), mc,
    )  # fmt: skip
    z = (np.arange(400) + 0.5) * wall / 400
    worst = 0.0
    for turn in np.linspace(0.0, math.tau / 3, 181)[:-1]:
        at = (turn + np.arange(3)[:, None] * math.tau / 3 - LAG * z) % math.tau
        aside = -5.0 * np.cos(at)
        inside = (at < math.pi) & ((z < step) | ((aside > low) & (aside < high)))
        h = np.where(inside, np.maximum(FZ * np.sin(at), 0.0), 0.0)
        worst = max(worst, float((h ** (1.0 - mc) * inside).sum()) * wall / 400)
    return float(told[0]), worst


@settings(max_examples=40, deadline=None)
@given(
    step=st.floats(0.3, 3.0), wall=st.floats(3.0, 18.0), low=st.floats(-5.0, 4.0), wide=st.floats(0.4, 10.0),
    mc=st.sampled_from((0.0, 0.25)),
)  # fmt: skip
def test_a_wall_in_a_step_is_felt_with_no_less_than_its_force(
    step: float, wall: float, low: float, wide: float, mc: float
) -> None:
    told, sliced = front(step, wall, low, low + wide, mc)

    assert 0.95 * sliced <= told


def test_a_deep_cut_of_full_width_is_felt_whole() -> None:
    told, sliced = front(0.5, 15.0, -6.0, 6.0, 0.25)

    assert 0.95 * sliced <= told <= 1.2 * sliced


def test_one_column_left_at_the_rim_is_no_deep_cut() -> None:
    told, _ = front(0.5, 17.0, 4.89, 5.0, 0.25)
    deep, _ = front(0.5, 17.0, -6.0, 6.0, 0.25)
    step, _ = front(0.5, 0.5, -6.0, 6.0, 0.25)

    assert told < step + 0.15 * deep


DATA = CuttingData(1000, 100, 100, 100, 1, 1, 100, 0.05, 1, 1, 0, "off", "feed")


def read(x: float, tool: int) -> ReadMove:
    return ReadMove(1, "line", x, 0.0, 0.0, 0, 0, 100, "cw", 1000, "off", tool, tool, "G54", (x, 0.0, 0.0))


def clear(name: str, tool: int) -> Operation:
    return Operation(name, "adaptive", PlanarFace(name, 0, Region()), tool, DATA, 1, 0, 2, Region(), Region())


@pytest.mark.parametrize("second", [1, 2])
def test_two_operations_of_one_id_keep_their_own_moves(second: int) -> None:
    operations = (clear("hole", 1), clear("hole", second), clear("wall", second))
    setup = Setup(1, "s", ((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0)), "G54", "", Box(0, 0, 0, 9, 9, 9),
                  Fixture("tape", ()), 10.0, operations)  # fmt: skip
    paths = [Toolpath(o.id, o.tool_number, 1000, "off", (Move("line", float(k), 0.0, 0.0, 100),))
             for k, o in enumerate(operations)]  # fmt: skip
    moves = [read(float(k), o.tool_number) for k, o in enumerate(operations)]

    assert [0, 1, 2] == owners(setup, SetupPath(1, tuple(paths)), moves).tolist()
    assert ("1.hole", "1.hole (2)", "1.wall") == setup.names()


def judged_at(foot_mm: float) -> Any:
    """What the judge says of one cut 200 mm up, on work that begins at a height within the blank's box (from -5)."""
    jaws = [Box(-10, y, -20, 110, y + 20, 25) for y in (-20, 30)]
    grips = tuple(Grip(jaw, 86 * 30.0, 75 * 25.0, 0.0) for jaw in jaws)
    fixture = SimpleNamespace(kind="vise", clamp_force_n=6600.0, vise=None)
    setup = SimpleNamespace(fixture=fixture, stock_box=Box(0, 0, -5, 86, 40, 110))
    geometry = np.zeros((1, 13))
    geometry[:, [3, 6]] = 200.0
    path = SimpleNamespace(geometry=geometry, tool=np.zeros(1, dtype=np.int64))
    run = SimpleNamespace(
        setup=setup, grips=grips, path=path, met=np.zeros((1, 12)), foot_mm=foot_mm, place=lambda _: "here"
    )
    plan: Any = SimpleNamespace(tools=[SimpleNamespace(tool=SimpleNamespace(kind="end-mill"))])
    simulation: Any = SimpleNamespace(runs=[run])
    loads: Any = SimpleNamespace(force=np.array([573.0]))
    return gates_clamp.tilting(simulation, plan, [loads]).findings[0]


def test_jaws_hold_over_the_height_where_work_is_not_where_the_blank_was() -> None:
    empty, full = judged_at(0.0), judged_at(-5.0)

    assert round(6.6 * 0.15 * math.hypot(75, 25), 2) == empty.limit
    assert round(1.5 * 0.573 * (200 - 12.5), 2) == empty.value
    assert round(6.6 * 0.15 * math.hypot(62.5, 30), 2) == full.limit

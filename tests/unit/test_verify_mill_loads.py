"""The force on a mill, by adding up thin slices of its turning edges, and which operation each move belongs to."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.feature import PlanarFace
from model.plan import Box, CuttingData, Fixture, Operation, Setup
from model.region import Region
from model.toolpath import Move, SetupPath, Toolpath
from pipeline.verify.loads import _name, _peaks
from pipeline.verify.owners import owners
from pipeline.verify.readers.types import ReadMove

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
    assert ["1.hole", "1.hole (2)", "1.wall"] == [_name(setup, k) for k in range(3)]

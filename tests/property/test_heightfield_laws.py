"""The stock carried over from setup to setup, against points asked one by one whether any cutter came over them."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import tooling_db
from geometry.heightfield import after
from model.plan import Box, Fixture, Matrix, ProcessPlan, Setup, Stock
from model.tooling import Assembly, Holder, Tool
from model.toolpath import Move, SetupPath, Toolpath

laws = settings(max_examples=6, deadline=None, derandomize=True)
SIZE = np.array([20.0, 16.0, 12.0])
R = 2.0
TOOL = Tool("em-4", "em-4", "end-mill", 2 * R, 2 * R, 180.0, 20, 22, 60, 2 * R, 3, centre_cutting=True,
            substrate="carbide", max_rpm=30000, price_eur=10, source="test")  # fmt: skip
MILL = Assembly(1, TOOL, Holder("er16", "ER16", (), 10, 20000), 40, 80)
TOP: Matrix = ((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0))
FLIPPED: Matrix = ((1, 0, 0, 0), (0, -1, 0, 0), (0, 0, -1, 0))
SIDE: Matrix = ((0, 1, 0, 0), (0, 0, 1, 0), (1, 0, 0, 0))


def box(m: Matrix) -> Box:
    """The blank (a corner at the part's zero) in a setup's frame."""
    ends = np.array(m)[:, :3] @ np.array([[0, 0, 0], SIZE]).T
    low, high = ends.min(axis=1), ends.max(axis=1)
    return Box(*low.tolist(), *high.tolist())


def setup(k: int, m: Matrix) -> Setup:
    return Setup(k, "s", m, "G54", "corner", box(m), Fixture("vise", ()), 50.0, ())


@st.composite
def grooves(draw: st.DrawFn, m: Matrix) -> tuple[Move, ...]:
    """A straight level groove somewhere over the blank."""
    b = box(m)
    x = st.floats(b.x0_mm, b.x1_mm)
    y = st.floats(b.y0_mm, b.y1_mm)
    z = draw(st.floats(b.z0_mm + 2, b.z1_mm - 1))
    ends = (draw(x), draw(y)), (draw(x), draw(y))
    return Move("rapid", *ends[0], b.z1_mm + 3), Move("line", *ends[0], z, 100), Move("line", *ends[1], z, 100)


def removed(points: np.ndarray, m: Matrix, moves: tuple[Move, ...], grow: float) -> np.ndarray:
    """Points (part's frame) the cutter's cylinder, ``grow`` wider and lower, sweeps in a level groove."""
    p = points @ np.array(m)[:, :3].T
    a, b = np.array([moves[1].x_mm, moves[1].y_mm]), np.array([moves[2].x_mm, moves[2].y_mm])
    spots = a + np.linspace(0, 1, 200)[:, None] * (b - a)
    near = np.min(np.hypot(p[:, None, 0] - spots[None, :, 0], p[:, None, 1] - spots[None, :, 1]), axis=1)
    return np.asarray((near < R + grow) & (p[:, 2] > moves[2].z_mm - grow))


@laws
@given(first=grooves(TOP), second=grooves(FLIPPED), third=grooves(SIDE), last=st.sampled_from([0, 1, 2]))
def test_stock_after_flip_and_side_is_what_no_cutter_reached(
    first: tuple[Move, ...], second: tuple[Move, ...], third: tuple[Move, ...], last: int
) -> None:
    frames, cuts = (TOP, FLIPPED, SIDE), (first, second, third)
    order = [k for k in range(3) if k != last] + [last]
    setups = tuple(setup(k + 1, frames[k]) for k in range(3))
    shop = tooling_db.load()
    blank = Stock("none", (20, 16, 12), 0, 0)
    plan = ProcessPlan("p", "p", shop.machines["mill-linuxcnc"], shop.materials["al-6082"], blank,
                       (MILL,), setups, ())  # fmt: skip
    field = after(plan, [SetupPath(k + 1, (Toolpath("op", 1, 1000, "off", cuts[k]),)) for k in order])
    b = box(frames[last])
    rng = np.random.default_rng(1)
    i, j = rng.integers(0, field.high.shape[1], 60), rng.integers(0, field.high.shape[0], 60)
    x, y = field.x0_mm + (i + 0.5) * field.pitch_mm, field.y0_mm + (j + 0.5) * field.pitch_mm
    z = np.arange(b.z0_mm + 0.002, b.z1_mm, 0.1)
    back = np.array(frames[last])[:, :3]
    here = np.stack(np.broadcast_arrays(x[:, None], y[:, None], z[None, :]), axis=-1).reshape(-1, 3) @ back

    def highest(grow: float) -> np.ndarray:
        gone = np.any([removed(here, frames[k], cuts[k], grow) for k in range(3)], axis=0).reshape(60, -1)
        return np.where(gone.all(axis=1), -np.inf, np.where(gone, -np.inf, z).max(axis=1))

    slack = 2 * field.pitch_mm
    found = field.high[j, i]

    assert (found >= highest(slack) - 0.11).all()
    assert (found <= highest(-slack) + 0.11 + slack).all()

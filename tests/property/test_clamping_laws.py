"""Laws: what the planner trusts a clamping with, the judge's own measure of the same work bears out."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import tooling_db
from model.plan import Box
from pipeline.plan import clamping
from pipeline.plan.coverage import Flags
from pipeline.plan.cutting import decide_depth
from pipeline.plan.levels import Floats
from pipeline.plan.limits import Hold, width_in_hollow
from pipeline.verify.gates_clamp import BORNE_SHARE
from pipeline.verify.grip import Grip, squeezed
from pipeline.verify.stock import Columns, Stock

SHOP = tooling_db.load()
MILL = SHOP.machines["mill-linuxcnc"]
ALUMINIUM = SHOP.materials["al-6082"]
LONG, WIDE, HIGH, PITCH = 60.0, 20.0, 14.0, 0.1


@dataclass(frozen=True)
class Dug:
    """What is cut out of a block of 60 x 20 x 14 mm: upright gaps from some height to the top."""

    x0: float
    y0: float
    long: float
    wide: float
    z0: float

    def over(self, x: Floats, y: Floats) -> Flags:
        inside = (x > self.x0) & (x < self.x0 + self.long) & (y > self.y0) & (y < self.y0 + self.wide)
        return np.asarray(inside)


def rounded_off(x: Floats, y: Floats, r: float) -> Flags:
    """Outside the block's upright corners of this radius."""
    over_x, over_y = (np.maximum(np.maximum(r - v, v - (size - r)), 0.0) for v, size in ((x, LONG), (y, WIDE)))
    return np.asarray(np.hypot(over_x, over_y) > r) if r else np.zeros(x.shape, np.bool_)


upto = st.integers
floors = st.sampled_from([-1, 2, 3, 4, 6, 8, 10, 12])
gaps = st.builds(Dug, upto(-2, 50), upto(-1, 18), upto(2, 50), upto(1, 18), floors)


@settings(max_examples=60, deadline=None)
@given(dug=st.lists(gaps, min_size=1, max_size=3), grip=st.floats(3, 12), corner=st.sampled_from([0.0, 2.0, 6.0]))
@example([Dug(12, -1, 38, 3.0, 5.9), Dug(-1, 16, 70, 5, -1)], 12.5, 0.0)  # a recess hardly deeper than force spreads
@example([Dug(20, 1.7, 7, 10, -1)], 12.0, 0.0)  # a wall as thin as what lies between two places looked at
@example([Dug(52.9, 0.9, 6.2, 6.2, -1)], 3.0, 6.0)  # a hole that thins the end of the flat before a round corner
def test_the_judge_finds_that_work_bears_what_the_planner_closes_the_vise_with(
    dug: list[Dug], grip: float, corner: float
) -> None:
    def stands(at: Floats) -> Flags:
        open_ = [d.over(at[:, 0], at[:, 1]) & (at[:, 2] > d.z0) for d in dug]
        open_.append(rounded_off(at[:, 0], at[:, 1], corner))
        return np.asarray(~np.logical_or.reduce(open_) & (at[:, 2] > 0) & (at[:, 2] < HIGH))

    box = Box(0, 0, 0, LONG, WIDE, HIGH)
    force = clamping.borne(stands, box, grip, 125.0, ALUMINIUM)
    x, y = np.meshgrid((np.arange(600) + 0.5) * PITCH, (np.arange(200) + 0.5) * PITCH)
    high = np.full(x.shape, HIGH, np.float32)
    for d in dug:
        high = np.where(d.over(x, y), np.minimum(high, np.float32(max(d.z0, 0.0))), high)
    high[rounded_off(x, y, corner)] = 0.0
    none = np.empty((0, 2), np.float32)
    columns = Columns(
        high, np.zeros_like(high), np.empty((0, 0), np.int32), none, np.empty(0, np.int32),
        np.array([0.0, 0.0, PITCH, PITCH]),
    )  # fmt: skip
    stock = Stock(box, (600, 200, 140), (None,) * 6, columns)
    jaws = [Box(-30, y0, -5, 90, y1, grip) for y0, y1 in ((-10, 0), (WIDE, WIDE + 10))]
    found = squeezed(stock, [Grip(jaw, 0.0, 0.0, 0.0) for jaw in jaws])
    most = BORNE_SHARE * ALUMINIUM.proof_n_mm2

    assert force <= most * found.through_mm2
    assert force * found.bent_mm2 <= most


@settings(max_examples=40, deadline=None)
@given(mill=st.floats(1, 10), lead=st.floats(0.2, 1.0), ae=st.floats(0.1, 0.3))
def test_no_more_of_a_mill_is_met_on_its_lead_in_than_in_the_hollow_of_that_radius(
    mill: float, lead: float, ae: float
) -> None:
    wide = width_in_hollow(mill, mill * (1 + lead), ae)
    ahead = np.linspace(-math.pi / 2, math.pi / 2, 1801)
    met = []
    for left in np.linspace(0, math.pi / 2, 90).tolist():  # counter-clockwise, until it runs along the wall
        y = lead * mill * math.cos(left) + mill * np.sin(math.pi - left + ahead)
        met.append(float((y > mill * (1 + lead) - ae).mean() * math.pi))

    assert 0.6 * math.acos(1 - wide / mill) < max(met) <= math.acos(1 - wide / mill) + 0.02


@pytest.mark.parametrize("ae", [0.1, 0.2])
def test_a_mill_in_a_hollow_is_met_as_its_rim_says(ae: float) -> None:
    mill, hollow = 4.0, 4.9
    rim = np.linspace(0, math.tau, 200_001)
    outside = np.hypot(hollow - mill + mill * np.cos(rim), mill * np.sin(rim)) > hollow - ae
    wide = width_in_hollow(mill, hollow, ae)

    assert math.acos(1 - wide / mill) == pytest.approx(outside.mean() * math.pi, abs=1e-3)


def test_a_lap_that_is_wider_for_a_moment_is_cut_in_more_passes_where_the_hold_is_weak() -> None:
    a = next(a for a in MILL.tools if a.number == 2)
    weak = Hold(math.inf, 7_000.0, 10.0, 100.0)

    def depth(hold: Hold, widest: float) -> float:
        return decide_depth(
            ALUMINIUM, a, MILL, depth_mm=15.0, ae_mm=0.2, mode="lap", hold=hold, widest_mm=widest
        ).ap_mm  # fmt: skip

    assert depth(weak, 1.0) < depth(weak, 0.0)
    assert depth(Hold(), 1.0) == depth(Hold(), 0.0)

"""The stock as toolpath planning sees it: the material's upper surface over a grid, cut by the moves so far."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.plan import Box, Matrix, ProcessPlan, Setup, Skin
from model.tooling import Assembly
from model.toolpath import SetupPath

CELLS = 1_000_000
FINEST_MM = 0.1


@dataclass(frozen=True, slots=True)
class HeightField:
    """``high`` (rows along y, columns along x) is the height of the material's top over each cell's centre (mm).

    ``x0_mm`` and ``y0_mm`` are the grid's lower left corner, ``pitch_mm`` the cells' side. Where nothing is left
    the height is -inf.
    """

    high: NDArray[np.float64]
    x0_mm: float
    y0_mm: float
    pitch_mm: float


def after(plan: ProcessPlan, done: Sequence[SetupPath]) -> HeightField:
    """The stock in the last setup's frame after all moves of ``done``.

    The stock is the blank under one height field a setup: a point is gone when it lies above the lowest surface
    any tool of a setup reached along that setup's axis. Heights are exact over the cells' centres for what this
    setup cut; what earlier setups cut from other sides is known to a cell of their own grids (at least 0.1 mm).
    """
    setups = {s.index: s for s in plan.setups}
    tools = {a.number: a for a in plan.tools}
    here = setups[done[-1].setup]
    field = cut_by(here.stock_box, done[-1], tools)
    corner = np.array([field.x0_mm, field.y0_mm])
    for path in done[:-1]:
        from geometry.sweeping import sink

        there = setups[path.setup]
        if not path.toolpaths:
            continue
        other = cut_by(there.stock_box, path, tools)
        if there.fixture.skin is not None:
            _break_out(other, there.fixture.skin, there.stock_box.z0_mm)
        sink(
            field.high, corner, field.pitch_mm, here.stock_box.z0_mm, other.high,
            np.array([other.x0_mm, other.y0_mm]), other.pitch_mm, between(here, there),
        )  # fmt: skip
    return field


def cut_by(blank: Box, path: SetupPath, tools: dict[int, Assembly]) -> HeightField:
    """The blank after one setup's moves alone, in that setup's frame."""
    from geometry.sweeping import lower, pieces, shape

    wide, deep = blank.x1_mm - blank.x0_mm, blank.y1_mm - blank.y0_mm
    pitch = max(FINEST_MM, math.sqrt(wide * deep / CELLS))
    high = np.full((max(1, math.ceil(deep / pitch - 1e-9)), max(1, math.ceil(wide / pitch - 1e-9))), blank.z1_mm)
    for one in path.toolpaths:
        tool = tools[one.tool_number].tool
        lower(high, blank.x0_mm, blank.y0_mm, pitch, shape(tool), pieces(one.moves, tool))
    return HeightField(high, blank.x0_mm, blank.y0_mm, pitch)


def _break_out(field: HeightField, skin: Skin, bottom_mm: float) -> None:
    """Take away what lies beside the part that is broken out of its frame."""
    from geometry.regions import flatten, within

    rows, columns = np.indices(field.high.shape)
    middles = np.stack(
        [field.x0_mm + (columns + 0.5) * field.pitch_mm, field.y0_mm + (rows + 0.5) * field.pitch_mm], -1
    )
    inside = within(flatten(skin.outline), middles.reshape(-1, 2)).reshape(field.high.shape)
    field.high[~inside] = bottom_mm


def between(here: Setup, there: Setup) -> NDArray[np.float64]:
    """The move (3 rows of 4) that takes points of one setup's frame to another's."""
    back = np.linalg.inv(_square(here.to_setup))
    return np.ascontiguousarray((_square(there.to_setup) @ back)[:3])


def _square(m: Matrix) -> NDArray[np.float64]:
    return np.array([*m, (0.0, 0.0, 0.0, 1.0)])

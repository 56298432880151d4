"""The stock as toolpath planning sees it: the material's upper surface over a grid, cut by the moves so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.plan import ProcessPlan
from model.toolpath import SetupPath


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
    """The stock in the last setup's frame after all moves of ``done``."""
    raise NotImplementedError

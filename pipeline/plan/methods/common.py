"""What every method shares: one operation put together, asked of its strategy, and whether the blank is faced."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

import strategies
from geometry.heightfield import HeightField
from geometry.regions import fit
from geometry.scene import Scene
from model.feature import Feature
from model.plan import CuttingData, Operation, Tab
from model.tooling import Assembly
from pipeline.plan.tools import Bench

WALL_ALLOWANCE_MM = 0.2
STEPOVER = 0.45
"""Width of cut in pockets, in diameters: rings this close leave nothing between them."""
RINGS = f"rings {STEPOVER:g} of the diameter apart leave nothing between them; links as fast as the machine feeds"


def operation(  # noqa: PLR0913 - an operation is that many decisions
    bench: Bench,
    name: str,
    strategy: str,
    feature: Feature,
    a: Assembly,
    cut: CuttingData,
    top: float,
    bottom: float,
    *,
    allowance: float = 0.0,
    tabs: Sequence[Tab] = (),
    note: str = "",
) -> Operation:
    """Put an operation together; what the part keeps above its bottom is kept out of.

    Laps on size run with wear compensation on where the machine's shop wants it; over tabs they cannot.
    """
    keep = fit(bench.levels.above(max(bottom, bench.levels.bottom_mm)))
    on_size = strategy in ("outline", "wall") and allowance == 0 and not tabs
    return Operation(
        f"{feature.id}-{name}", strategy, feature, a.number, cut, top, bottom, bench.clearance_mm, keep,
        bench.stock_outline, allowance, tuple(tabs), note, compensated=on_size and bench.machine.wear_compensation,
    )  # fmt: skip


def faced(bench: Bench) -> bool:
    """Tell whether blank stands above the part's top."""
    return bench.stock_top_mm > bench.levels.top_mm + 1e-6


def asked(op: Operation, a: Assembly) -> Operation:
    """The operation, when its strategy has moves for it; for strategies that look neither at the part nor the stock.

    Raises:
        CapabilityError: It has none: the tool does not fit in, finds no way down, or leaves stock standing.
    """
    strategies.get(op.strategy)(op, a, _UNSEEN)
    return op


_UNSEEN = Scene(lambda: np.zeros((0, 3, 3)), lambda: HeightField(np.zeros((0, 0)), 0.0, 0.0, 1.0), 0.0)

"""What every method shares: one operation put together, asked of its strategy, and whether the blank is faced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np

import strategies
from geometry.heightfield import HeightField
from geometry.scene import Scene
from model.errors import CapabilityError
from model.feature import Feature
from model.finding import Finding
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
    keep = bench.levels.kept(max(bottom, bench.levels.bottom_mm))
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
    where = replace(op, cutting=replace(op.cutting, **AT_ANY_SPEED))
    refused = why_not(_Asked(where, a, op))
    if refused:
        raise CapabilityError.told_by(refused)
    return op


AT_ANY_SPEED: dict[str, Any] = {
    "spindle_rpm": 0.0, "feed_mm_min": 0.0, "plunge_mm_min": 0.0, "ramp_mm_min": 0.0, "fastest_mm_min": 0.0,
    "link_mm_min": 0.0, "vc_m_min": 0.0, "fz_mm": 0.0, "power_w": 0.0, "force_n": 0.0, "deflection_mm": 0.0,
    "coolant": "off", "binding": "", "why": (),
}  # fmt: skip
"""Where a tool can go does not hang on how fast it goes there: machines are told apart by this in what they ask."""


@dataclass(frozen=True)
class _Asked:
    """A question to a strategy: the operation at any speed, its tool, and the operation as it is to run."""

    where: Operation
    assembly: Assembly
    op: Operation = field(compare=False)


@lru_cache(maxsize=256)
def why_not(one: _Asked) -> tuple[Finding, ...]:
    """Why a strategy has no moves; remembered, for other machines and other clampings ask the same."""
    try:
        strategies.get(one.op.strategy)(one.op, one.assembly, _UNSEEN)
    except CapabilityError as error:
        return error.told()
    return ()


_UNSEEN = Scene(lambda: np.zeros((0, 3, 3)), lambda: HeightField(np.zeros((0, 0)), 0.0, 0.0, 1.0), 0.0)

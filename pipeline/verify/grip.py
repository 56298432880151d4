"""How a vise's jaws meet the work as it then stands: where they touch it, and what stands behind."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geometry.compiled import compiled
from model.plan import Box, Setup
from pipeline.verify.shapes import Floats
from pipeline.verify.stock import Columns, Stock

SAME_MM = 1e-3
SQUEEZE_STEP_MM = 0.25
LOOK_MM = 0.4
ARM = 6.0
"""A beam fixed at one end is bent by q L^2 / 2, one fixed at both by q L^2 / 12."""
CARRIED_MM = 1.0
"""A wall has something behind it where so much of its height reaches through to the other jaw."""
SPREAD_MM, SPREAD_SHARE = 4.0, 0.1
"""Round corners carry too: so near a jaw, and over such a share of the width, force spreads sideways."""


@dataclass(frozen=True, slots=True)
class Grip:
    """Where one jaw meets the stock as the setup begins: its share of the blank's face, and the material (mm2).

    ``inside_mm2`` is the area of material that stands where the jaw itself is.
    """

    jaw: Box
    overlap_mm2: float
    contact_mm2: float
    inside_mm2: float


def grips_of(stock: Stock, setup: Setup) -> tuple[Grip, ...]:
    """The vise's jaws against the stock as it is put in: of the boxes at its height, the first and the last along y."""
    fixture, box = setup.fixture, setup.stock_box
    if fixture.kind != "vise":
        return ()
    beside = sorted(
        (b for b in fixture.obstacles if b.x1_mm > box.x0_mm and b.x0_mm < box.x1_mm and b.z1_mm > box.z0_mm),
        key=lambda b: (b.y0_mm, b.y1_mm),
    )
    front = beside[0] if beside else None
    back = beside[-1] if len(beside) > 1 and beside[-1].y0_mm > beside[0].y1_mm else None
    found = []
    for jaw, level, out in ((front, front.y1_mm if front else 0.0, -1), (back, back.y0_mm if back else 0.0, 1)):
        if jaw is None:
            continue
        x0, x1 = max(jaw.x0_mm, box.x0_mm), min(jaw.x1_mm, box.x1_mm)
        z0, z1 = max(jaw.z0_mm, box.z0_mm), min(jaw.z1_mm, box.z1_mm)
        step = float(stock.grid[3])
        found.append(
            Grip(
                jaw,
                max(x1 - x0, 0.0) * max(z1 - z0, 0.0),
                _standing(stock, level - out * (0.5 * step + SAME_MM), x0, x1, z0, z1),
                _standing(stock, level + out * 1.5 * step, x0, x1, z0, z1),
            )
        )
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Squeeze:
    """How the work between two jaws takes their force.

    ``through_mm2`` is the area, seen along y, of what reaches unbroken from one jaw to the other; ``bent_mm2``
    (1/mm2, a stress for each newton) the worst bending of walls at a jaw that have a gap behind them.
    """

    through_mm2: float
    bent_mm2: float


def squeezed(stock: Stock, grips: Sequence[Grip]) -> Squeeze:
    """What two jaws do to the material between them as it stands."""
    if len(grips) < 2:
        return Squeeze(0.0, 0.0)
    front, back = grips[0].jaw, grips[1].jaw
    x_start, y_start, sx, sy = stock.grid.tolist()
    columns = stock.columns
    ny, nx = columns.high.shape
    spread = min(SPREAD_MM, SPREAD_SHARE * (back.y0_mm - front.y1_mm))
    ends = (front.y1_mm + spread, back.y0_mm - spread)
    j0, j1 = (int(np.clip(round((y - y_start) / sy), 0, ny)) for y in ends)
    centres = x_start + (np.arange(nx) + 0.5) * sx
    inside = (centres > max(front.x0_mm, back.x0_mm)) & (centres < min(front.x1_mm, back.x1_mm))
    low = max(front.z0_mm, back.z0_mm, stock.box.z0_mm)
    high = min(front.z1_mm, back.z1_mm, stock.box.z1_mm)
    count = max(2, math.ceil((high - low) / SQUEEZE_STEP_MM))
    levels = low + (np.arange(count) + 0.5) * (high - low) / count
    whole = np.repeat(inside[:, None], count, axis=1)
    beside, rows = max(1, round(LOOK_MM / sx)), max(1, round(LOOK_MM / sy))
    looked = np.flatnonzero(inside)[::beside]
    front_mm = np.zeros((len(looked), count))
    back_mm, open_yet = front_mm.copy(), np.ones(front_mm.shape, dtype=np.bool_)
    first, last = (int(np.clip(round((y - y_start) / sy), 0, ny)) for y in (front.y1_mm, back.y0_mm))
    for j in range(first + 1, last - 1):
        solid = _solid(columns, j, levels)
        if j0 <= j < j1:
            whole &= solid
        if (j - first - 1) % rows == 0:
            here = solid[looked]
            open_yet &= here
            front_mm += rows * sy * open_yet
            back_mm = np.where(here, back_mm + rows * sy, 0.0)
    carried = whole[looked].mean(axis=1) * (high - low) >= CARRIED_MM
    free = min(front.x0_mm, back.x0_mm) <= stock.box.x0_mm and max(front.x1_mm, back.x1_mm) >= stock.box.x1_mm
    bent = max(_bent(deep, carried, beside * sx, high - low, free=free) for deep in (front_mm, back_mm))
    return Squeeze(float(whole.sum() * sx * (high - low) / count), bent)


def _bent(deep: Floats, carried: NDArray[np.bool_], along_mm: float, high_mm: float, *, free: bool) -> float:
    """Worst bending stress a newton raises in walls at a jaw: beams fixed at both ends, evenly pressed.

    Where both ends of the work are ``free`` between the jaws, a wall that reaches one is fixed at its other end only.
    ``deep`` (places along the jaw, heights) is how thick the work is behind the jaw; where it is ``carried`` it
    reaches from jaw to jaw. Stress: (1 / pressed length) L^2 / 12 over the sum of (height thickness^2 / 6).
    """
    pressed = (deep > 0).any(axis=1)
    squares = (deep**2).mean(axis=1) * high_mm
    length = along_mm * float(pressed.sum())
    worst, start = 0.0, -1
    for k, wall in enumerate([*(pressed & ~carried).tolist(), False]):
        if wall and start < 0:
            start = k
        if not wall and start >= 0:
            span, arm = (k - start) * along_mm, ARM if free and (start == 0 or k == len(carried)) else 1.0
            worst = max(worst, arm * span**2 / (2 * float(squares[start:k].min())) / length)
            start = -1
    return worst


def _standing(stock: Stock, y: float, x0: float, x1: float, z0: float, z1: float) -> float:
    """Area of material (mm2) in the upright plane at ``y``, within a window."""
    x_start, y_start, sx, sy = stock.grid.tolist()
    j = int(np.floor((y - y_start) / sy))
    if not 0 <= j < stock.high.shape[0]:
        return 0.0
    centres = x_start + (np.arange(stock.high.shape[1]) + 0.5) * sx
    inside = (centres > x0) & (centres < x1)
    total = 0.0
    for tops, bottoms in _stretches(stock.columns, j):
        length = np.minimum(tops, z1) - np.maximum(bottoms, z0)
        total += float(np.maximum(length, 0.0)[inside & (tops > bottoms)].sum())
    return float(total * sx)


@compiled
def _solid(columns: Columns, j: int, levels: Floats) -> NDArray[np.bool_]:
    """Where a row of columns is material at some rising heights: columns by heights."""
    found = np.zeros((columns.high.shape[1], len(levels)), dtype=np.bool_)
    for i in range(len(found)):
        top, bottom = columns.high[j, i], columns.low[j, i]
        below = -1 if columns.below.size == 0 else columns.below[j, i]
        while True:
            for k in range(len(levels)):
                if bottom < levels[k] < top:
                    found[i, k] = True
            if below < 0:
                break
            top, bottom, below = columns.more[below, 0], columns.more[below, 1], columns.after[below]
    return found


def _stretches(columns: Columns, j: int) -> Iterator[tuple[Floats, Floats]]:
    """Tops and undersides of a row of columns, stretch under stretch; 0 and 0 where a column has no more."""
    tops, bottoms = columns.high[j].astype(np.float64), columns.low[j].astype(np.float64)
    link = columns.below[j].copy() if columns.below.size else np.full(len(tops), -1, dtype=np.int32)
    while True:
        yield tops, bottoms
        deeper = link >= 0
        if not deeper.any():
            return
        tops = np.where(deeper, columns.more[link, 0], 0.0)
        bottoms = np.where(deeper, columns.more[link, 1], 0.0)
        link = np.where(deeper, columns.after[link], -1).astype(np.int32)

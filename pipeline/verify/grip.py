"""How a vise's jaws meet the work as it then stands: where they touch it, and what stands behind."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geometry.compiled import compiled
from model.plan import Box, Setup
from pipeline.verify.shapes import FAR, Floats
from pipeline.verify.stock import Columns, Stock

SAME_MM = 1e-3
SQUEEZE_STEP_MM = 0.25
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


def squeezed_mm2(stock: Stock, grips: Sequence[Grip]) -> float:
    """Area (mm2, seen along y) of the material between two jaws that reaches from the one to the other unbroken."""
    if len(grips) < 2:
        return 0.0
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
    return float(_unbroken(columns, inside, j0, j1, levels) * sx * (high - low) / count)


@compiled
def _unbroken(columns: Columns, inside: NDArray[np.bool_], j0: int, j1: int, levels: Floats) -> int:
    """At how many places (a column line along y, a level) material stands in all rows from ``j0`` to before ``j1``."""
    last = len(levels) - 1
    whole = np.ones((len(inside), len(levels)), dtype=np.bool_)
    for j in range(j0, j1):
        for i in range(len(inside)):
            if not inside[i] or (columns.high[j, i] > levels[last] and columns.low[j, i] < levels[0]):
                continue
            k, top, bottom = last, columns.high[j, i], columns.low[j, i]
            link = -1 if columns.below.size == 0 else columns.below[j, i]
            while k >= 0:
                if levels[k] >= top:
                    whole[i, k] = False
                    k -= 1
                elif levels[k] > bottom:
                    k -= 1
                elif link >= 0:
                    top, bottom, link = columns.more[link, 0], columns.more[link, 1], columns.after[link]
                else:
                    top = -FAR
    total = 0
    for i in range(len(inside)):
        for k in range(last + 1):
            total += 1 if inside[i] and whole[i, k] else 0
    return total


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

"""The stock as one sees it: a coarser run of the proof's own cutting loops, kept after every tool."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.show.moves import Track, passes
from pipeline.verify import kernels
from pipeline.verify.simulate import Simulation
from pipeline.verify.stock import Stock, blank, carried

FINEST_MM = 0.1
MOST_CELLS = 70_000
MOST_KEPT = 1_200_000
Heights = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Shot:
    """The stock after move number ``after`` (one past the last cut) of a program.

    ``high`` and ``low`` (rows along y) bound the uppermost stretch of each column, nan where nothing is. ``cells``
    (k) are the numbers of the columns with more of it further down, ``stretches`` (k, 2) its top and underside.
    """

    program: int
    after: int
    high: Heights
    low: Heights
    cells: Ints
    stretches: Heights


@dataclass(frozen=True, slots=True)
class Views:
    """One setup's stock in its own frame, on cells of ``grid`` (x0, y0, step x, step y) in mm.

    The first shot is the stock as it is clamped (program -1), the last as it is taken out.
    """

    grid: NDArray[np.float64]
    shots: tuple[Shot, ...]


def views(simulation: Simulation, tracks: list[list[Track]]) -> list[Views]:
    """Cut the blank again on cells wide enough to draw, and keep it after every tool of every setup."""
    first = simulation.runs[0].setup
    box = first.stock_box
    kept = sum(len(passes(t)) + 1 for setup in tracks for t in setup) + len(tracks)
    cells = min(MOST_CELLS, MOST_KEPT // kept)
    sides = sorted((box.x1_mm - box.x0_mm, box.y1_mm - box.y0_mm, box.z1_mm - box.z0_mm))
    stock = blank(box, max(FINEST_MM, math.sqrt(sides[1] * sides[2] / cells)))
    before = first
    found = []
    for number, run in enumerate(simulation.runs):
        if number:
            stock = carried(stock, before, run.setup)
        before = run.setup
        shots = [_shot(-1, 0, stock)]
        for k, track in enumerate(tracks[number]):
            own = np.flatnonzero(run.owner == k)
            for start, end in passes(track):
                a, b = np.searchsorted(run.path.move[own], [start, end])
                rows = own[a:b]
                if not len(rows):
                    continue
                kernels.run(
                    stock.columns,
                    run.path.geometry[rows],
                    run.path.tool[rows],
                    run.path.rapid[rows],
                    np.zeros(len(rows)),
                    simulation.tools,
                    simulation.bodies,
                )
                shots.append(_shot(k, end, stock))
        found.append(Views(stock.grid, tuple(shots)))
    return found


def _shot(program: int, after: int, stock: Stock) -> Shot:
    columns = stock.columns
    there = columns.high > columns.low
    cells, stretches = [np.empty(0, dtype=np.int64)], [np.empty((0, 2), dtype=np.float32)]
    if columns.below.size:
        at = np.flatnonzero(there & (columns.below >= 0))
        link = columns.below.ravel()[at]
        while len(at):
            cells.append(at)
            stretches.append(columns.more[link])
            deeper = columns.after[link] >= 0
            at, link = at[deeper], columns.after[link[deeper]]
    return Shot(
        program,
        after,
        np.where(there, columns.high, np.nan).astype(np.float32),
        np.where(there, columns.low, np.nan).astype(np.float32),
        np.concatenate(cells),
        np.concatenate(stretches),
    )

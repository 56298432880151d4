"""Runs all programs of a plan in order on the blank and keeps what every move met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geometry.sampling import Surface
from model.plan import ProcessPlan, Setup
from pipeline.verify import kernels
from pipeline.verify.fixture import gaps_to_boxes
from pipeline.verify.path import Path, body_table, path_of, tool_table
from pipeline.verify.programs import Judged
from pipeline.verify.shapes import Floats, Ints
from pipeline.verify.stock import Piece, blank, carried, grid_mm, part_columns, pieces
from pipeline.verify.surface import EXCESS_CAP_MM, Cells, approach, into_cells


@dataclass(frozen=True, slots=True)
class Run:
    """One setup as it ran: every move with both ends known, and what it met.

    ``owner`` is the number of the program each move stands in; ``met`` has a row a move (see the compiled
    loops); ``gaps`` to the fixture and ``rub`` above the flutes in mm; ``cells`` the part's surface points here.
    """

    setup: Setup
    programs: tuple[Judged, ...]
    paths: tuple[Path, ...]
    path: Path
    owner: Ints
    met: Floats
    gaps: Floats
    rub: Floats
    cells: Cells
    pieces: tuple[Piece, ...]

    def place(self, move: int) -> str:
        """The file and line of a move."""
        judged = self.programs[int(self.owner[move])]
        return judged.place(judged.read.moves[int(self.path.move[move])].line)


@dataclass(frozen=True, slots=True)
class Simulation:
    """All setups run.

    ``distance`` is each surface point's least signed distance (mm) to the tools, capped at 0.5; ``setup`` and
    ``by`` say which run and move came nearest (-1: none). The volumes are of the columns inside the part's outline.
    """

    runs: tuple[Run, ...]
    tools: Floats
    bodies: Floats
    distance: Floats
    setup: Ints
    by: Ints
    stock_mm3: float
    part_mm3: float
    grid_mm: float


def turned(vectors: Floats, setup: Setup) -> Floats:
    """Directions (n, 3) of the part's frame, in the setup's."""
    rows = np.array(setup.to_setup)[:, :3]
    # Written out: the linear algebra library starts threads for a product this thin.
    return np.stack([r[0] * vectors[:, 0] + r[1] * vectors[:, 1] + r[2] * vectors[:, 2] for r in rows], axis=1)


def in_setup(points: Floats, setup: Setup) -> Floats:
    """Points (n, 3) of the part's frame, in the setup's."""
    moved: Floats = turned(points, setup) + np.array(setup.to_setup)[:, 3]
    return moved


def simulate(plan: ProcessPlan, judged: Sequence[Judged], surface: Surface) -> Simulation:
    """Cut the blank with every program of every setup, and measure the part's surface against the tools.

    All setups must be upright (see :func:`pipeline.verify.stock.upright`).
    """
    tools, bodies = tool_table(plan.tools), body_table(plan.tools)
    rows = {a.number: k for k, a in enumerate(plan.tools)}
    stock = blank(plan.setups[0].stock_box, grid_mm([a.tool.diameter_mm for a in plan.tools]))
    distance = np.full(len(surface.points), EXCESS_CAP_MM)
    owner = np.full(len(surface.points), -1, dtype=np.int64)
    by = np.full(len(surface.points), -1, dtype=np.int64)
    runs: list[Run] = []
    before = plan.setups[0]
    for number, setup in enumerate(plan.setups):
        if number:
            stock = carried(stock, before, setup)
        before = setup
        programs = tuple(j for j in judged if j.setup.index == setup.index)
        paths = tuple(path_of(j.read.moves, rows) for j in programs)
        path = _joined(paths)
        met = kernels.run(stock.high, stock.low, stock.grid, path.geometry, path.tool, path.rapid, tools, bodies)
        cells = into_cells(in_setup(surface.points, setup))
        was = by.copy()
        by[:] = -1
        rub = approach(cells, path, tools, distance, by)
        nearer = by >= 0
        owner[nearer] = number
        by[~nearer] = was[~nearer]
        columns = part_columns(in_setup(surface.triangles.reshape(-1, 3), setup).reshape(-1, 3, 3), stock)
        runs.append(
            Run(
                setup,
                programs,
                paths,
                path,
                np.repeat(np.arange(len(paths)), [len(p) for p in paths]),
                met,
                gaps_to_boxes(path, plan.tools, setup.fixture.obstacles),
                rub,
                cells,
                tuple(pieces(stock, columns)),
            )
        )
    left = np.where(columns > 0, np.maximum(stock.high - stock.low, 0.0), 0.0)
    area = float(stock.grid[2] * stock.grid[3])
    return Simulation(
        tuple(runs),
        tools,
        bodies,
        distance,
        owner,
        by,
        float(left.sum()) * area,
        float(columns.sum()) * area,
        float(max(stock.grid[2], stock.grid[3])),
    )


def _joined(paths: Sequence[Path]) -> Path:
    if not paths:
        return Path(np.empty((0, 13)), *(np.empty(0, dtype=np.int64) for _ in range(3)))
    return Path(
        np.concatenate([p.geometry for p in paths]),
        np.concatenate([p.tool for p in paths]),
        np.concatenate([p.rapid for p in paths]),
        np.concatenate([p.move for p in paths]),
    )

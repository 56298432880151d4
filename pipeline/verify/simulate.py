"""Runs all programs of a plan in order on the blank and keeps what every move met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geometry.sampling import Surface
from geometry.tessellate import moved
from model.plan import ProcessPlan, Setup
from model.tooling import Assembly
from model.toolpath import Toolpaths
from pipeline.verify import kernels
from pipeline.verify.edge_break import edge_slack
from pipeline.verify.fixture import gaps_to_boxes
from pipeline.verify.grip import Grip, Squeeze, grips_of, squeezed
from pipeline.verify.owners import owners
from pipeline.verify.path import Path, body_table, expanded, path_of, tool_table
from pipeline.verify.pieces import Piece, part_columns, pieces, remaining_mm3
from pipeline.verify.programs import Judged
from pipeline.verify.shapes import Floats, Ints
from pipeline.verify.stock import Stock, between, blank, carried, grid_mm
from pipeline.verify.surface import EXCESS_CAP_MM, Cells, approach, into_cells
from pipeline.verify.thread_ring import thread_slack
from pipeline.verify.tipline import tip_depths

LEAST_ABOVE_MM = 0.05


@dataclass(frozen=True, slots=True)
class Run:
    """One setup as it ran: every move with both ends known, and what it met.

    ``path`` may hold several rows a move (chords of helices, dog-legs of rapids). ``owner`` is the number of the
    program each row stands in, ``operation`` the number of its operation in the setup (-1: none); ``met`` has a row
    a row (see the compiled loops); ``gaps`` to the fixture, ``rub`` above the flutes and ``tip`` under the part in
    mm; ``cells`` the part's surface points here. ``slack_mm`` is how far the stock's boundary may be off where other
    sides' cuts made it, ``top_mm`` how high the work stands as the setup begins and ``foot_mm`` its lowest place, on
    which it stands. ``squeeze`` is how the work takes the jaws' force as the setup ends.
    """

    setup: Setup
    tools: tuple[Assembly, ...]
    programs: tuple[Judged, ...]
    paths: tuple[Path, ...]
    path: Path
    owner: Ints
    operation: Ints
    met: Floats
    gaps: Floats
    rub: Floats
    tip: Floats
    cells: Cells
    pieces: tuple[Piece, ...]
    grips: tuple[Grip, ...]
    squeeze: Squeeze
    slack_mm: float
    top_mm: float
    foot_mm: float

    def place(self, row: int) -> str:
        """The file and line of a row's move."""
        judged = self.programs[int(self.owner[row])]
        return judged.place(judged.read.moves[int(self.path.move[row])].line)


@dataclass(frozen=True, slots=True)
class Simulation:
    """All setups run.

    ``distance`` is each surface point's least signed distance (mm) to the tools, capped at 0.5; ``setup`` and
    ``by`` say which run and row came nearest (-1: none). The volumes are of the columns inside the part's outline.
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
    rows = np.array(setup.to_setup)
    rows[:, 3] = 0.0
    return moved(vectors, rows)


def in_setup(points: Floats, setup: Setup) -> Floats:
    """Points (n, 3) of the part's frame, in the setup's."""
    return moved(points, np.array(setup.to_setup))


def simulate(
    plan: ProcessPlan, judged: Sequence[Judged], surface: Surface, toolpaths: Toolpaths | None = None
) -> Simulation:
    """Cut the blank with every program of every setup, and measure the part's surface against the tools.

    All setups must be square (see :func:`pipeline.verify.stock.square`). With ``toolpaths`` the moves are told by
    operation.
    """
    tools, bodies = tool_table(plan.tools), body_table(plan.tools)
    planned = {p.setup: p for p in toolpaths.setups} if toolpaths else {}
    stock = blank(plan.setups[0].stock_box, _pitch(plan))
    distance = np.full(len(surface.points), EXCESS_CAP_MM)
    owner = np.full(len(surface.points), -1, dtype=np.int64)
    by = np.full(len(surface.points), -1, dtype=np.int64)
    runs: list[Run] = []
    before = plan.setups[0]
    triangles = np.empty((0, 3, 3))
    for number, setup in enumerate(plan.setups):
        if number:
            stock = carried(stock, before, setup)
        before = setup
        programs = tuple(j for j in judged if j.setup.index == setup.index)
        moves = [m for j in programs for m in j.read.moves]
        operation = owners(setup, planned.get(setup.index), moves)
        path, paths, starts = _paths(plan, programs, tools)
        which = np.repeat(np.arange(len(paths)), np.diff([*starts, len(path)]))
        offset = np.cumsum([0, *(len(j.read.moves) for j in programs)])
        of = operation[path.move + offset[which]] if len(path) else np.empty(0, dtype=np.int64)
        grips = grips_of(stock, setup)
        top, foot = float(stock.high.max()), float(min(stock.low.min(), stock.columns.more[:, 1].min(initial=np.inf)))
        met = kernels.run(stock.columns, path.geometry, path.tool, path.rapid, _above(setup, of), tools, bodies)
        points = in_setup(surface.points, setup)
        cells = into_cells(points, thread=thread_slack(points, setup), edge=edge_slack(points, setup, plan.tools))
        was = by.copy()
        by[:] = -1
        rub = approach(cells, path, tools, distance, by)
        nearer = by >= 0
        owner[nearer] = number
        by[~nearer] = was[~nearer]
        triangles = in_setup(surface.triangles.reshape(-1, 3), setup).reshape(-1, 3, 3)
        gaps = gaps_to_boxes(path, plan.tools, setup.fixture.obstacles)
        slack = 0.0 if stock.start is None else _half_cell(stock)
        runs.append(
            Run(
                setup, plan.tools, programs, paths, path, which, of, met, gaps, rub,
                tip_depths(path, triangles[~surface.drilled]), cells,
                tuple(pieces(stock, triangles)), grips, squeezed(stock, grips), slack, top, foot,
            )
        )  # fmt: skip
    columns = part_columns(triangles, stock)
    return Simulation(
        tuple(runs),
        tools,
        bodies,
        distance,
        owner,
        by,
        remaining_mm3(stock, columns),
        float(columns.sum()) * float(stock.grid[2] * stock.grid[3]),
        2.0 * _half_cell(stock),
    )


def _pitch(plan: ProcessPlan) -> float:
    first = plan.setups[0]
    sideways = any(abs(between(first, s)[0][2, 2]) < 0.5 for s in plan.setups)
    return grid_mm([a.tool.diameter_mm for a in plan.tools], first.stock_box, sideways=sideways)


def _half_cell(stock: Stock) -> float:
    box, (nx, ny, nz) = stock.box, stock.counts
    return 0.5 * max((box.x1_mm - box.x0_mm) / nx, (box.y1_mm - box.y0_mm) / ny, (box.z1_mm - box.z0_mm) / nz)


def _paths(plan: ProcessPlan, programs: Sequence[Judged], tools: Floats) -> tuple[Path, tuple[Path, ...], list[int]]:
    """All rows of a setup; each program's moves alone; and where each program's rows begin."""
    numbers = {a.number: k for k, a in enumerate(plan.tools)}
    axes = {a.name.upper(): a.rapid_mm_min for a in plan.machine.axes}
    rapid = (axes["X"], axes["Y"], axes["Z"])
    paths = tuple(path_of(j.read.moves, numbers) for j in programs)
    rows = [expanded(p, tools, rapid if j.read.dog_leg else None) for p, j in zip(paths, programs, strict=True)]
    starts = [int(n) for n in np.cumsum([0, *(len(r) for r in rows)])[:-1]]
    if not rows:
        return Path(np.empty((0, 13)), *(np.empty(0, dtype=np.int64) for _ in range(3))), paths, []
    joined = Path(
        np.concatenate([r.geometry for r in rows]),
        np.concatenate([r.tool for r in rows]),
        np.concatenate([r.rapid for r in rows]),
        np.concatenate([r.move for r in rows]),
    )
    return joined, paths, starts


def _above(setup: Setup, operation: Ints) -> Floats:
    """How high over the tip material must stand to count as engaged (mm).

    Where constant engagement is promised, half the depth of cut: the low steps a ramp left load the tool little.
    """
    half = [o.cutting.ap_mm / 2 if o.strategy == "adaptive" else 0.0 for o in setup.operations]
    above: Floats = np.maximum(np.array([*half, 0.0])[operation], LEAST_ABOVE_MM)
    return above

"""The moves as the control reads them, as plain arrays: where, which tool, which line, how long, how hard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from model.tooling import Machine
from pipeline.verify.kernels import ANGLE, DEPTH, REMOVED
from pipeline.verify.path import Path
from pipeline.verify.readers.types import ReadMove

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
KINDS = {"rapid": 0, "line": 1, "cw": 2, "ccw": 3}
ARCS = 2
"""From this kind on moves are arcs."""
RAPID, CUT, DOWN, AIR = range(4)
"""What a move is for: in the air fast; cutting; going down into material at feed; at feed in the air (leads, links)."""
CUTS_MM3 = 1e-3
LEVEL_MM = 1e-6
JUMP_MM = 1e-6
JERK_S = 0.01
WINDOW_S = 0.5
LEAST_S = 0.1


@dataclass(frozen=True, slots=True)
class Track:
    """One program's moves, one entry for each the reader found.

    ``start`` and ``end`` (n, 3) are the tool tip in the setup's frame (mm), nan where the control does not yet know;
    ``centre`` (n, 2) of arcs. ``kind`` as :data:`KINDS`, ``manner`` as above, ``tool`` is the T number, ``line``
    counts from 1. ``seconds`` at the feed asked for; ``removed_mm3``, ``depth_mm`` and the most ``engaged_deg`` of the
    cutter's leading half as the simulation saw them.
    """

    start: Floats
    end: Floats
    centre: Floats
    kind: Ints
    manner: Ints
    tool: Ints
    line: Ints
    feed_mm_min: Floats
    rpm: Floats
    length_mm: Floats
    seconds: Floats
    removed_mm3: Floats
    depth_mm: Floats
    engaged_deg: Floats


def track(moves: Sequence[ReadMove], path: Path, rows: Ints, met: Floats, machine: Machine) -> Track:
    """Lay a program's moves out.

    ``path`` has the moves whose ends are known; ``met`` has what the simulation saw, ``rows`` the move each row of
    it is of (a move may have several).
    """
    n = len(moves)
    end = np.array([(m.x_mm, m.y_mm, m.z_mm) for m in moves]).reshape(-1, 3)
    start = np.full((n, 3), np.nan)
    length, removed, depth, engaged = (np.zeros(n) for _ in range(4))
    g = path.geometry
    start[path.move], end[path.move] = g[:, 1:4], g[:, 4:7]
    flat = np.where(
        g[:, 0] == 1, np.abs(g[:, 12]) * (g[:, 9] + g[:, 10]) / 2, np.hypot(g[:, 4] - g[:, 1], g[:, 5] - g[:, 2])
    )
    length[path.move] = np.hypot(flat, g[:, 6] - g[:, 3])
    np.add.at(removed, rows, met[:, REMOVED])
    np.maximum.at(depth, rows, met[:, DEPTH])
    np.maximum.at(engaged, rows, met[:, ANGLE])
    kind = np.array([KINDS[m.kind] for m in moves], dtype=np.int64)
    feed = np.array([0.0 if m.kind == "rapid" else m.feed_mm_min for m in moves])
    falls = start[:, 2] - end[:, 2] > LEVEL_MM
    manner = np.where(kind == 0, RAPID, np.where(removed <= CUTS_MM3, AIR, np.where(falls, DOWN, CUT)))
    slowest = min(a.rapid_mm_min for a in machine.axes)
    return Track(
        start,
        end,
        np.array([(m.cx_mm, m.cy_mm) for m in moves]).reshape(-1, 2),
        kind,
        manner.astype(np.int64),
        np.array([m.tool for m in moves], dtype=np.int64),
        np.array([m.line for m in moves], dtype=np.int64),
        feed,
        np.array([m.spindle_rpm for m in moves]),
        length,
        length / np.where(feed > 0, feed, slowest) * 60.0 + JERK_S,
        removed,
        depth,
        engaged,
    )


def jumps(one: Track) -> Ints:
    """The moves that do not begin where the one before ended: the first known ones, and those after a tool change."""
    before = np.concatenate([np.full((1, 3), np.nan), one.end])[:-1]
    joined = np.abs(one.start - before).max(axis=1, initial=0.0) <= JUMP_MM
    return np.flatnonzero(~joined & ~np.isnan(one.start.sum(axis=1)))


def passes(one: Track) -> list[tuple[int, int]]:
    """Where one tool works without a change: first move and one past the last of each run."""
    if not len(one.tool):
        return []
    cuts = np.flatnonzero(np.diff(one.tool)) + 1
    edges = [0, *cuts.tolist(), len(one.tool)]
    return list(pairwise(edges))


def load(one: Track) -> Floats:
    """Of each move: material removed a minute (cm3/min), 0 for rapids.

    It is the mean over the last half second since the tool last was lifted, so that a chart does not show the noise
    of the simulation's grid.
    """
    n = len(one.tool)
    lifted = np.maximum.accumulate(np.where(one.manner == RAPID, np.arange(n) + 1, 0))
    clock = np.concatenate([[0.0], np.cumsum(one.seconds)])
    total = np.concatenate([[0.0], np.cumsum(one.removed_mm3)])
    first = np.maximum(lifted, np.searchsorted(clock, clock[1:] - WINDOW_S, side="right") - 1).clip(0, n)
    seconds = np.maximum(clock[1:] - clock[first], LEAST_S)
    volume = np.maximum(total[1:] - total[first], 0.0)
    return np.where(one.manner == RAPID, 0.0, volume / seconds * 60.0 / 1000.0)

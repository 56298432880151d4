"""Finishing passes close enough together: where two leave too high a scallop between them, one more goes in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geometry.following import in_cells, left_standing
from strategies._ground import Bools, Floats, Ground

RANKS = 4
"""Passes are halved this often where the surface asks for it."""
LAP_STEPS = 4
"""Added passes overlap their neighbours by so many places."""
COARSE = 3
"""Every so many places are looked at to see whether a pass is needed."""
AROUND_STEPS = 2.0
"""Where no pass is added, none is needed between it and its neighbours: so many distances of passes around."""
DENSE = 0.25
"""What the tool leaves is judged by places no further apart along its way than this share of the distance of passes."""
AROUND = 2
"""So many looks before and after one that stands too high the pass is followed closely."""


@dataclass(frozen=True, slots=True)
class Way:
    """One pass, not yet followed: about where its looks are (n, 2), rows at some of them, and all between two."""

    places: Floats
    looks: Callable[[Bools], Floats]
    close: Callable[[int, int], Floats]


Family = Callable[[float], Sequence[Way]]
"""The passes at one level (a coordinate, a height, a distance)."""


def slide(g: Ground, places: Floats) -> Way:
    """The tool sliding along places (n, 2), which are looks."""
    return Way(places, lambda some: g.rest(places[some]), lambda a, b: g.follow(places[a : b + 1]))


def cover(
    g: Ground,
    family: Family,
    low: float,
    high: float,
    step: float,
    wanted: Callable[[Floats], Bools],
    *,
    first: Callable[[Floats], Bools] | None = None,
    before: Sequence[Floats] = (),
) -> list[Floats]:
    """Pieces of passes (rows of tip and point touched) that leave no more than the ground's scallop.

    Passes lie at ``low``, ``low + step`` ... up to ``high``; between them, where the point a pass halfway would
    touch still stands too high over all pieces (and those cut ``before``), that part of it is added; and so on.
    ``wanted`` tells which rows touch what is to be finished; ``first``, if given, which of them the first passes
    are for.
    """
    count = max(1, int(np.ceil((high - low) / step)))
    levels = [low + (high - low) * k / count for k in range(count + 1)]
    pieces: list[Floats] = []
    for level in levels:
        for way in family(level):
            rows = way.close(0, len(way.places) - 1)
            pieces += runs(rows, (first or wanted)(rows))
    half = (high - low) / count / 2
    done = tips_along([*pieces, *before], DENSE * g.ae_mm)
    return pieces + filled(g, family, [level + half for level in levels[:-1]], half, wanted, done)


def filled(
    g: Ground, family: Family, levels: Sequence[float], half: float, wanted: Callable[[Floats], Bools], done: Floats
) -> list[Floats]:
    """Pieces of the passes at ``levels``, and of those half as far apart and so on, that meet what is left too high.

    ``done`` are the tips where the tool was before.
    """
    pieces: list[Floats] = []
    around = _Around(g)
    for _ in range(RANKS):
        ways = [(level, way) for level in levels for way in family(level)]
        looked = _standing(g, [_looks(way, around.holds(way.places)) for _, way in ways], wanted, done)
        active = [level for (level, _), (_, need) in zip(ways, looked, strict=True) if need.any()]
        near = [
            way.close(a, b)
            for (_, way), (_, need) in zip(ways, looked, strict=True)
            for a, b in stretches(widened(need, AROUND))
            if b > a
        ]
        followed = _standing(g, near, wanted, done)
        added = [
            run for rows, need in followed if need.any() for run in runs(rows, widened(need, LAP_STEPS) & wanted(rows))
        ]
        if not added:
            break
        around = _Around(g, np.concatenate([rows[need, :2] for rows, need in followed]))
        pieces += added
        done = np.concatenate([tips_along(added, DENSE * g.ae_mm), done])
        half /= 2
        levels = sorted({level + side * half for level in active for side in (-1, 1)})
    return pieces


class _Around:
    """Places near those where a pass was added; all places where none was yet."""

    def __init__(self, g: Ground, added: Floats | None = None) -> None:
        self._g, self._side = g, AROUND_STEPS * g.ae_mm
        self._marked: Bools | None = None
        if added is not None:
            x0, y0, x1, y1 = g.box
            self._marked = np.zeros((int((y1 - y0) / self._side) + 1, int((x1 - x0) / self._side) + 1), dtype=bool)
            self._marked[self._cells(added)] = True
            self._marked = widened(widened(self._marked, 1).T, 1).T

    def _cells(self, xy: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        i = ((xy[:, 0] - self._g.box[0]) / self._side).astype(np.int64)
        j = ((xy[:, 1] - self._g.box[1]) / self._side).astype(np.int64)
        high, wide = self._marked.shape if self._marked is not None else (1, 1)
        return np.clip(j, 0, high - 1), np.clip(i, 0, wide - 1)

    def holds(self, xy: Floats) -> Bools:
        """Which of the places (n, 2) are near."""
        return np.ones(len(xy), dtype=bool) if self._marked is None else self._marked[self._cells(xy)]


def _looks(way: Way, some: Bools) -> Floats:
    """The rows at some of a pass's looks; nothing lies under the others."""
    rows = np.column_stack([way.places, np.full(len(some), -np.inf), way.places, np.full(len(some), -np.inf)])
    if some.any():
        rows[some] = way.looks(some)
    return rows


def _standing(
    g: Ground, found: Sequence[Floats], wanted: Callable[[Floats], Bools], done: Floats
) -> list[tuple[Floats, Bools]]:
    """Which rows of each path touch something wanted that still stands too high."""
    if not found:
        return []
    rows = np.ascontiguousarray(np.concatenate(found))
    need = wanted(rows)
    need[need] = left_standing(rows[need], in_cells(done, g.radius_mm), g.radius_mm, g.corner_mm, g.scallop_mm)
    ends = np.cumsum([len(one) for one in found])[:-1]
    return list(zip(found, np.split(need, ends), strict=True))


def tips_along(pieces: Sequence[Floats], apart_mm: float) -> Floats:
    """Where the tool goes (n, 3): the pieces' tips, and so many between two that they are no further apart."""
    parts = [np.empty((0, 3))]
    for p in pieces:
        tips = p[:, :3]
        size = np.linalg.norm(np.diff(tips, axis=0), axis=1)
        count = np.maximum(np.ceil(size / apart_mm), 1).astype(np.int64)
        leg = np.repeat(np.arange(len(count)), count)
        share = (np.arange(len(leg)) - np.repeat(np.cumsum(count) - count, count)) / count[leg]
        parts += [tips[leg] + share[:, None] * (tips[leg + 1] - tips[leg]), tips[-1:]]
    return np.ascontiguousarray(np.concatenate(parts))


def runs(rows: Floats, mask: Bools) -> list[Floats]:
    """The unbroken stretches of a path where the mask is set."""
    return [rows[a : b + 1] for a, b in stretches(mask)]


def stretches(mask: Bools) -> list[tuple[int, int]]:
    """First and last place of each unbroken stretch where the mask is set."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), (edges[1::2] - 1).tolist(), strict=True))


def widened(mask: Bools, steps: int) -> Bools:
    """The mask with every stretch made longer by so many places at both ends."""
    out = mask.copy()
    for k in range(1, steps + 1):
        out[k:] |= mask[:-k]
        out[:-k] |= mask[k:]
    return out

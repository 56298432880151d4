"""Finishing passes close enough together: where two leave too high a scallop between them, one more goes in."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from geometry.following import left_standing
from strategies._ground import Bools, Floats, Ground

Family = Callable[[float, bool], Sequence[Floats]]
"""The paths of one pass by its level (a coordinate, a height, a distance); True: a few places of it are enough."""

RANKS = 4
"""Passes are halved this often where the surface asks for it."""
LAP_STEPS = 4
"""Added passes overlap their neighbours by so many places."""
COARSE = 3
"""Every so many places are looked at to see whether a pass is needed."""


def cover(
    g: Ground,
    family: Family,
    low: float,
    high: float,
    step: float,
    wanted: Callable[[Floats], Bools],
    *,
    first: Callable[[Floats], Bools] | None = None,
    tips: Floats | None = None,
) -> list[Floats]:
    """Pieces of passes (rows of tip and point touched) that leave no more than the ground's scallop.

    Passes lie at ``low``, ``low + step`` ... up to ``high``; between them, where the point a pass halfway would
    touch still stands too high over all pieces (and ``tips``, where the tool was before), that part of it is
    added; and so on. ``wanted`` tells which rows touch what is to be finished; ``first``, if given, which of them
    the first passes are for.
    """
    count = max(1, int(np.ceil((high - low) / step)))
    levels = [low + (high - low) * k / count for k in range(count + 1)]
    half = (high - low) / count / 2
    pieces: list[Floats] = []
    for level in levels:
        for rows in family(level, False):  # noqa: FBT003 - as the family is asked
            pieces += runs(rows, (first or wanted)(rows))
    levels = [level + half for level in levels[:-1]]
    for _ in range(RANKS):
        done = _tips(pieces, tips)
        active = _standing(g, family, levels, wanted, done, coarse=True)
        fine = _standing(g, family, [level for level, _, _ in active], wanted, done, coarse=False)
        added = [run for _, rows, need in fine for run in runs(rows, widened(need, LAP_STEPS) & wanted(rows))]
        if not added:
            break
        pieces += added
        half /= 2
        levels = sorted({level + side * half for level, _, _ in active for side in (-1, 1)})
    return pieces


def _standing(
    g: Ground, family: Family, levels: Sequence[float], wanted: Callable[[Floats], Bools], done: Floats, *, coarse: bool
) -> list[tuple[float, Floats, Bools]]:
    """Of the passes at these levels those that meet something too high: level, rows, and which rows do."""
    found = [(level, rows, wanted(rows)) for level in levels for rows in family(level, coarse)]
    spots = [rows[mask, 3:6] for _, rows, mask in found]
    if not spots:
        return []
    gaps = left_standing(np.ascontiguousarray(np.concatenate(spots)), done, g.radius_mm, g.corner_mm)
    at = 0
    for _, _, mask in found:
        count = int(mask.sum())
        mask[mask] = gaps[at : at + count] > g.scallop_mm
        at += count
    return [one for one in found if one[2].any()]


def _tips(pieces: list[Floats], more: Floats | None) -> Floats:
    parts = [p[:, :3] for p in pieces] + ([] if more is None else [more])
    return np.ascontiguousarray(np.concatenate(parts)) if parts else np.empty((0, 3))


def runs(rows: Floats, mask: Bools) -> list[Floats]:
    """The unbroken stretches of a path where the mask is set."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [rows[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True)]


def widened(mask: NDArray[np.bool_], steps: int) -> NDArray[np.bool_]:
    """The mask with every stretch made longer by so many places at both ends."""
    out = mask.copy()
    for k in range(1, steps + 1):
        out[k:] |= mask[:-k]
        out[:-k] |= mask[k:]
    return out

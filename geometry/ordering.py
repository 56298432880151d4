"""The order in which pieces of path are cut: always the nearest next."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from geometry.compiled import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

LOOKS = 24
"""So many places of a closed piece are looked at to see how near it is."""
ALIKE_MM = 1e-6
"""Distances that differ by less are alike: the piece with the lower number goes first."""


@compiled
def _apart(a: Floats, b: Floats) -> float:
    return math.sqrt((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2)


@compiled
def nearest_next(  # noqa: C901 - one loop
    tips: Floats, first: Ints, closed: Bools, either_way: Bools, start: int
) -> Ints:
    """Rows of piece and place it begins at, beginning with the piece ``start``'s first place.

    Piece k has the tips (n, 3) from ``first[k]`` up to ``first[k + 1]``; an open one begins at one of its ends (the
    last one only if it may go either way), a closed one anywhere.
    """
    count = len(first) - 1
    out = np.empty((count, 2), dtype=np.int64)
    waiting = np.ones(count, dtype=np.bool_)
    at = tips[first[start]]
    for n in range(count):
        best, piece, place = math.inf, -1, 0
        for k in range(count):
            if not waiting[k] or (n == 0 and not closed[k] and k != start):
                continue
            a, b = first[k], first[k + 1]
            if closed[k]:
                for e in range(a, b, max(1, (b - a) // LOOKS)):
                    gap = _apart(tips[e], at)
                    if gap < best - ALIKE_MM:
                        best, piece, place = gap, k, 0
                continue
            gap = _apart(tips[a], at)
            if gap < best - ALIKE_MM:
                best, piece, place = gap, k, 0
            if either_way[k] and n > 0:
                gap = _apart(tips[b - 1], at)
                if gap < best - ALIKE_MM:
                    best, piece, place = gap, k, b - a - 1
        if closed[piece]:
            best = math.inf
            for e in range(first[piece], first[piece + 1] - 1):
                gap = _apart(tips[e], at)
                if gap < best - ALIKE_MM:
                    best, place = gap, e - first[piece]
        waiting[piece] = False
        out[n, 0], out[n, 1] = piece, place
        a, b = first[piece], first[piece + 1]
        at = tips[a + place] if closed[piece] else tips[b - 1] if place == 0 else tips[a]
    return out

"""The toolpaths as straight segments, for the pictures."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pipeline.show.moves import RAPID, Track
from pipeline.verify.path import Path

Floats = NDArray[np.float64]
CHORD_RAD = 0.12
DASH_MM = 2.0
MOST_DASHES = 400


def segments(path: Path, track: Track, tool: int) -> tuple[Floats, Floats]:
    """One tool's moves at feed, and its rapids in dashes: segments (n, 2, 3) in mm in the setup's frame."""
    feed: list[list[tuple[float, float, float]]] = []
    fast: list[list[tuple[float, float, float]]] = []
    for g, number in zip(path.geometry.tolist(), path.move.tolist(), strict=True):
        if track.tool[number] != tool:
            continue
        if track.manner[number] == RAPID:
            length = math.dist(g[1:4], g[4:7])
            count = min(max(1, math.ceil(length / DASH_MM)), MOST_DASHES)
            spots = [_along(g, k / (2 * count)) for k in range(2 * count + 1)]
            fast += [[spots[k], spots[k + 1]] for k in range(0, 2 * count, 2)]
        else:
            count = max(1, math.ceil(abs(g[12]) / CHORD_RAD)) if g[0] else 1
            spots = [_along(g, k / count) for k in range(count + 1)]
            feed += [[a, b] for a, b in pairwise(spots)]
    return np.array(feed).reshape(-1, 2, 3), np.array(fast).reshape(-1, 2, 3)


def _along(g: list[float], share: float) -> tuple[float, float, float]:
    z = g[3] + (g[6] - g[3]) * share
    if not g[0]:
        return g[1] + (g[4] - g[1]) * share, g[2] + (g[5] - g[2]) * share, z
    r, a = g[9] + (g[10] - g[9]) * share, g[11] + g[12] * share
    return g[7] + r * math.cos(a), g[8] + r * math.sin(a), z

"""The outline that triangles all turned one way cover: only the edges no neighbour shares are looked at."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def rims(triangles: Floats) -> list[Floats]:
    """Closed loops (n, 2) that wind round every place as often as triangles (n, 3, 2) cover it.

    All triangles turn counter-clockwise; where two share an edge their turns cancel, and what is left bounds the
    same area with far fewer edges.
    """
    corners, number = np.unique(triangles.reshape(-1, 2), axis=0, return_inverse=True)
    number = number.reshape(-1, 3)
    edges = np.concatenate([number[:, [0, 1]], number[:, [1, 2]], number[:, [2, 0]]])
    count = len(corners)
    way, times = np.unique(edges[:, 0] * count + edges[:, 1], return_counts=True)
    back = (way % count) * count + way // count
    at = np.minimum(np.searchsorted(way, back), len(way) - 1)
    open_times = times - np.where(way[at] == back, times[at], 0)
    onward: dict[int, list[int]] = {}
    for key, n in zip(way[open_times > 0].tolist(), open_times[open_times > 0].tolist(), strict=True):
        onward.setdefault(key // count, []).extend([key % count] * n)
    loops = []
    for start in sorted(onward):
        while onward[start]:
            loop = [start]
            while loop[-1] != start or len(loop) == 1:
                loop.append(onward[loop[-1]].pop())
            loops.append(corners[loop[:-1]])
    return loops

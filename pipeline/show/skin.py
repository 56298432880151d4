"""The stock's surface as a mesh of squares: tops, undersides and the walls between columns."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from geometry.meshes import Mesh
from pipeline.show.stock import Shot

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def skin(shot: Shot, grid: Floats) -> Mesh:
    """The surface of one view of the stock, each square on its own (corners are not shared)."""
    x0, y0, dx, dy = grid.tolist()
    high, low = shot.high.astype(np.float64), shot.low.astype(np.float64)
    ny, nx = high.shape
    squares = [*_level(high, low, x0, y0, dx, dy)]
    xs, ys = x0 + np.arange(nx + 1) * dx, y0 + np.arange(ny + 1) * dy
    for a, b, row, column, sign in _steps(high, low, across=True):
        x = xs[column]
        squares.append(_upright(x, ys[row], x, ys[row] + dy, a, b, sign))
    for a, b, row, column, sign in _steps(high, low, across=False):
        y = ys[row]
        squares.append(_upright(xs[column] + dx, y, xs[column], y, a, b, sign))
    if len(shot.cells):
        squares += _deeper(shot, nx, x0, y0, dx, dy)
    corners = np.concatenate(squares).reshape(-1, 3)
    first = np.arange(0, len(corners), 4)
    triangles = np.concatenate([np.stack([first, first + k, first + k + 1], axis=1) for k in (1, 2)])
    return Mesh(corners, triangles)


def _level(high: Floats, low: Floats, x0: float, y0: float, dx: float, dy: float) -> Iterator[Floats]:
    """Tops and undersides, equal neighbours of a row in one."""
    ny, nx = high.shape
    for field, up in ((high, True), (low, False)):
        new = np.ones((ny, nx), dtype=bool)
        new[:, 1:] = field[:, 1:] != field[:, :-1]  # nan differs from nan, and is dropped below
        at = np.flatnonzero(new)
        end = np.append(at[1:], nx * ny)
        z = field.ravel()[at]
        there = ~np.isnan(z)
        at, end, z = at[there], end[there], z[there]
        xa, xb = x0 + (at % nx) * dx, x0 + (at % nx + end - at) * dx
        ya = y0 + (at // nx) * dy
        yb = ya + dy
        ring = [(xa, ya), (xb, ya), (xb, yb), (xa, yb)]
        yield np.stack([np.stack([x, y, z], axis=1) for x, y in (ring if up else ring[::-1])], axis=1)


def _steps(
    high: Floats, low: Floats, *, across: bool
) -> Iterator[tuple[Floats, Floats, NDArray[np.int64], NDArray[np.int64], float]]:
    """Where a column stands free beside its neighbour: from, to, row, column of the border, and which way it faces."""
    pad = ((0, 0), (1, 1)) if across else ((1, 1), (0, 0))
    tops, feet = (np.pad(f, pad, constant_values=np.nan) for f in (high, low))
    one, other = (slice(None, -1), slice(1, None))
    before = (slice(None), one) if across else (one, slice(None))
    after = (slice(None), other) if across else (other, slice(None))
    for mine, theirs, sign in ((before, after, 1.0), (after, before, -1.0)):
        top, foot, their_top, their_foot = tops[mine], feet[mine], tops[theirs], feet[theirs]
        alone = ~np.isnan(top) & np.isnan(their_top)
        above = top > their_top
        below = foot < their_foot
        for a, b, where in (
            (foot, top, alone),
            (np.fmax(their_top, foot), top, above),
            (foot, np.fmin(their_foot, top), below),
        ):
            row, column = np.nonzero(where)
            yield a[row, column], b[row, column], row, column, sign


def _upright(xa: Floats, ya: Floats, xb: Floats, yb: Floats, z0: Floats, z1: Floats, sign: float) -> Floats:
    """Upright squares over segments; ``sign`` 1 faces to the right of a to b."""
    ring = [(xa, ya, z0), (xb, yb, z0), (xb, yb, z1), (xa, ya, z1)]
    return np.stack([np.stack(c, axis=1) for c in (ring if sign > 0 else ring[::-1])], axis=1)


def _deeper(shot: Shot, nx: int, x0: float, y0: float, dx: float, dy: float) -> list[Floats]:
    """Stretches under others, each as a box of its own."""
    xa = x0 + (shot.cells % nx).astype(np.float64) * dx
    ya = y0 + (shot.cells // nx).astype(np.float64) * dy
    xb, yb = xa + dx, ya + dy
    top, foot = shot.stretches[:, 0].astype(np.float64), shot.stretches[:, 1].astype(np.float64)
    flat = [
        np.stack([np.stack([x, y, z], axis=1) for x, y in ring], axis=1)
        for z, ring in (
            (top, [(xa, ya), (xb, ya), (xb, yb), (xa, yb)]),
            (foot, [(xa, yb), (xb, yb), (xb, ya), (xa, ya)]),
        )
    ]
    sides = ((xb, ya, xb, yb), (xa, yb, xa, ya), (xb, yb, xa, yb), (xa, ya, xb, ya))
    return [*flat, *(_upright(*s, foot, top, 1.0) for s in sides)]

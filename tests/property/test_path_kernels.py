"""Laws of the loops under surface paths: what stands, straights in a band, crossings, the nearest next, rims."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from manifold3d import CrossSection, FillRule
from numpy.typing import NDArray

from geometry.contours import NEAR_MM, chains, free_crossings, thinned
from geometry.cutter import mill
from geometry.dropcutter import cells, rest
from geometry.following import in_cells, left_standing, straight_between, straightened
from geometry.ordering import nearest_next
from geometry.rims import rims

Floats = NDArray[np.float64]
laws = settings(max_examples=25, deadline=None, derandomize=True)
seeds = st.integers(0, 10_000)


@laws
@given(seed=seeds, corner=st.sampled_from([0.5, 1.0, 2.0]))
def test_what_stands_is_what_no_tip_comes_near(seed: int, corner: float) -> None:
    chance = np.random.default_rng(seed)
    tips = chance.uniform([-5, -5, 0], [5, 5, 3], (40, 3))
    rows = chance.uniform([-6, -6, 0, -6, -6, 0], [6, 6, 3, 6, 6, 3], (60, 6))
    rows[:, 3:5] = rows[:, :2] + 0.7 * (rows[:, 3:5] / 6)
    off = rows[:, None, 3:] - tips[None]
    over = np.maximum(np.hypot(off[..., 0], off[..., 1]) - (2.0 - corner), 0)
    up = corner - off[..., 2]
    gaps = np.where(up > 0, np.hypot(over, np.maximum(up, 0)), over) - corner

    assert ((gaps.min(axis=1) > 0.02).tolist()) == left_standing(rows, in_cells(tips, 2.0), 2.0, corner, 0.02).tolist()


@laws
@given(seed=seeds, tol=st.floats(0.002, 0.05), times=st.sampled_from([1.0, 3.0]))
def test_straights_lie_in_the_band_and_keep_both_ends(seed: int, tol: float, times: float) -> None:
    chance = np.random.default_rng(seed)
    s = np.linspace(0, 20, 200)
    a, b, c = chance.uniform(0.1, 1.0, 3)
    path = np.column_stack([s, 0.3 * np.sin(b * s), 3 * np.sin(a * s) + np.cos(c * s)])
    normals = np.tile([0.0, 0.0, 1.0], (len(path), 1))
    corners = straight_between(path, normals, tol, times * tol)
    a0, d = corners[:-1, None], np.diff(corners, axis=0)[:, None]
    share = np.clip(((path[None] - a0) * d).sum(-1) / (d * d).sum(-1), 0, 1)
    off = path[None] - a0 - share[..., None] * d
    away = np.hypot(off[..., 2] / tol, np.hypot(off[..., 0], off[..., 1]) / (times * tol)).min(axis=0)

    assert away.max() <= 1 + 1e-6
    assert path[[0, -1]].tolist() == corners[[0, -1]].tolist()
    assert len(corners) <= len(straightened(path, tol))


@pytest.mark.parametrize("lean_deg", [0, 30, 90, 200])
def test_corners_beside_a_bend_make_a_quarter_fewer_straights(lean_deg: float) -> None:
    """Whether the surface bends, the way over it, or both: its normal leans from the bend's middle to its plane's."""
    angle = np.linspace(0, math.pi, 400)
    path = np.column_stack([20 * np.cos(angle), 0 * angle, 20 * np.sin(angle)])
    lean = math.radians(lean_deg)
    normals = math.cos(lean) * path / 20 + math.sin(lean) * np.array([0.0, 1.0, 0.0])
    corners = straight_between(path, normals, 0.01, 0.01)

    assert len(corners) < 0.75 * len(straightened(path, 0.01))


@laws
@given(seed=seeds)
def test_crossings_are_free_and_near_the_true_place(seed: int) -> None:
    chance = np.random.default_rng(seed)
    line = np.linspace(-6, 6, 40)
    x, y = np.meshgrid(line, line)
    top = np.stack([x, y, sum(a * np.sin(k * x + m * y + s) for a, k, m, s in chance.uniform(-1, 1, (3, 4)))], axis=-1)
    p, q, r, s = top[:-1, :-1], top[:-1, 1:], top[1:, 1:], top[1:, :-1]
    mesh = cells(np.concatenate([np.stack(t, axis=2).reshape(-1, 3, 3) for t in ((p, q, r), (p, r, s))]))
    ball = mill(2.0, 1.0)
    gx, gy = np.meshgrid(np.arange(-5, 5, 0.25), np.arange(-5, 5, 0.25))
    xy = np.stack([gx.ravel(), gy.ravel()], axis=1)
    rows = np.hstack([xy, rest(mesh, ball, xy)]).reshape(*gx.shape, 6)
    level = float(np.median(rows[..., 2]))
    for edges, _ in chains(np.ascontiguousarray(rows[..., 2]), level):
        found = free_crossings(mesh, ball.numbers(), edges, rows, level)
        along = np.where((edges % 2 == 1)[:, None], [0.0, 1.0], [1.0, 0.0])
        here = rest(mesh, ball, np.ascontiguousarray(found[:, :2]))[:, 0]
        beside = [rest(mesh, ball, found[:, :2] + side * 2 * NEAR_MM * along)[:, 0] for side in (-1, 1)]

        assert here.max() <= level + 1e-12
        assert np.maximum(*beside).min() >= level - 1e-6


@laws
@given(seed=seeds)
def test_thinned_places_stay_within_the_step(seed: int) -> None:
    chance = np.random.default_rng(seed)
    places = np.cumsum(chance.uniform(-0.1, 0.2, (80, 2)), axis=0)
    gaps = np.linalg.norm(np.diff(places, axis=0), axis=1)
    kept = chance.random(80) < 0.1
    found = thinned(places, kept, 0.5)

    assert np.linalg.norm(np.diff(places[found], axis=0), axis=1).max() <= max(0.5, gaps.max())
    assert {0, 79, *np.flatnonzero(kept).tolist()} <= set(found.tolist())


def test_the_nearest_piece_is_next_and_turned_where_it_may_be() -> None:
    tips = np.array(
        [[0, 0, 0], [1, 0, 0], [9, 0, 0], [8, 0, 0], [3, 0, 0], [2, 0, 0], [5, 0, 0], [6, 1, 0], [5, 0, 0.0]]
    )
    order = nearest_next(
        tips, np.array([0, 2, 4, 6, 9]), np.array([False, False, False, True]), np.array([True, True, True, False]), 0
    )

    assert [[0, 0], [2, 1], [3, 0], [1, 1]] == order.tolist()


@laws
@given(seed=seeds)
def test_rims_cover_what_the_triangles_cover(seed: int) -> None:
    chance = np.random.default_rng(seed)
    corners = np.round(chance.uniform(0, 10, (20, 2)), 1)
    found = corners[chance.integers(0, 20, (30, 3))]
    one, two = found[:, 1] - found[:, 0], found[:, 2] - found[:, 0]
    turn = one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0]
    found[turn < 0] = found[turn < 0][:, ::-1]
    found = found[turn != 0]
    by_rims, by_all = (CrossSection(loops, FillRule.NonZero) for loops in (rims(found), list(found)))

    assert (by_rims - by_all).area() + (by_all - by_rims).area() < 1e-6

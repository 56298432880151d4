"""A cutter let down rests exactly on the part: against another library, against dense points, and by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from geometry.cutter import Cutter, bodies, cone, mill, of_tool, tapered
from geometry.dropcutter import cells, rest
from model.tooling import Holder, Segment3, Tool

Floats = NDArray[np.float64]
CUTTERS = {
    "ball": mill(6, 3),
    "small ball": mill(3, 1.5),
    "flat": mill(6),
    "bull": mill(6, 1),
    "cone": cone(6, 0.0, 60),
}
MORE = {"flat-tipped cone": cone(8, 1.0, 90), "tapered ball": tapered(6, 1, 20)}


def waves(steps: int, seed: int) -> Floats:
    """Random hills over 20 x 20 mm as triangles (n, 3, 3), with a sharp step and a vertical wall."""
    chance = np.random.default_rng(seed)
    line = np.linspace(0, 20, steps)
    x, y = np.meshgrid(line, line)
    z = sum(a * np.sin(kx * x + ky * y + s) for a, kx, ky, s in chance.uniform(-1, 1, (6, 4)) * [1.5, 1, 1, 3])
    points = np.stack([x, y, z + np.where(x > 12, 2.0, 0.0)], axis=-1)
    a, b, c, d = points[:-1, :-1], points[:-1, 1:], points[1:, 1:], points[1:, :-1]
    hills = np.concatenate(
        [np.stack([a, b, c], axis=2).reshape(-1, 3, 3), np.stack([a, c, d], axis=2).reshape(-1, 3, 3)]
    )
    wall = np.array([[[5, 5, -3], [5, 9, -3], [5, 9, 3]], [[5, 5, -3], [5, 9, 3], [5, 5, 3]]], dtype=float)
    return np.concatenate([hills, wall])


def profile(cutter: Cutter, d: Floats) -> Floats:
    """Height over the tip, written again without the kernels."""
    over = np.clip(d - cutter.flat_mm, 0, cutter.cone_from_mm - cutter.flat_mm)
    arc = cutter.corner_mm - np.sqrt(np.maximum(cutter.corner_mm**2 - over**2, 0))
    return arc + np.maximum(d - cutter.cone_from_mm, 0) * cutter.cone_slope


@pytest.mark.parametrize("name", [*CUTTERS, *MORE])
def test_no_point_of_the_part_holds_the_cutter_higher(name: str) -> None:
    cutter = {**CUTTERS, **MORE}[name]
    triangles = waves(9, 3)
    xy = np.random.default_rng(5).uniform(-2, 22, (60, 2))
    low = rest(cells(triangles), cutter, xy)
    u, v = (w.ravel() for w in np.meshgrid(*[np.linspace(0, 1, 120)] * 2))
    inside = u + v <= 1
    u, v = u[inside, None], v[inside, None]
    a, b, c = (triangles[:, k, None] for k in range(3))
    points = (a + u * (b - a) + v * (c - a)).reshape(-1, 3)
    for (x, y), (tip, *touched) in zip(xy, low, strict=True):
        d = np.hypot(points[:, 0] - x, points[:, 1] - y)
        near = d <= cutter.radius_mm
        dense = (points[near, 2] - profile(cutter, d[near])).max(initial=-math.inf)

        assert dense <= tip + 1e-9
        if math.isfinite(dense):
            assert tip - dense < 0.05
            at = math.dist((x, y), touched[:2])
            assert abs(touched[2] - float(profile(cutter, np.array([at]))[0]) - tip) < 1e-9


def test_on_a_slope_the_ball_touches_where_its_normal_is() -> None:
    slope = math.tan(math.radians(30))
    plane = np.array([[[-50, -50, -50 * slope], [50, -50, 50 * slope], [50, 50, 50 * slope]],
                      [[-50, -50, -50 * slope], [50, 50, 50 * slope], [-50, 50, -50 * slope]]])  # fmt: skip
    tip, x, y, z = rest(cells(plane), mill(6, 3), np.array([[1.0, 2.0]]))[0]

    assert pytest.approx((1 + 3 * math.sin(math.radians(30)), 2.0), abs=1e-12) == (x, y)
    assert pytest.approx(slope * 1.0 + 3 / math.cos(math.radians(30)) - 3, abs=1e-12) == tip
    assert pytest.approx(slope * x, abs=1e-12) == z


def test_beside_the_part_there_is_nothing_to_rest_on() -> None:
    low = rest(cells(waves(5, 1)), mill(6, 3), np.array([[30.0, 30.0], [-3.1, 5.0]]))

    assert [-math.inf, -math.inf] == low[:, 0].tolist()


def test_a_grown_tool_leaves_its_growth_on_every_side() -> None:
    tool = Tool(
        "b", "b", "ball-mill", 6, 6, 180, 12, 14, 60, 6, 2, True, "carbide", 30000, 1, "test", corner_radius_mm=3
    )  # fmt: skip
    mesh = cells(waves(9, 4))
    at = np.array([[10.0, 10.0], [3.0, 4.0]])
    for tip, x, y, z in rest(mesh, of_tool(tool, 0.5), at):
        centre = tip - 0.5 + 0.5 + 3.5
        distance = min(math.dist((px, py, centre), (x, y, z)) for px, py in at)

        assert pytest.approx(3.5, abs=1e-9) == distance


def test_shank_and_holder_stand_over_the_tip() -> None:
    tool = Tool("b", "b", "ball-mill", 2, 2, 180, 4, 8, 40, 3, 2, True, "carbide", 30000, 1, "test", corner_radius_mm=1)
    holder = Holder("h", "h", (Segment3(2, 14, 19), Segment3(10, 19, 19)), 7, 20000)
    found = bodies(tool, holder, 18, 0.5)

    assert [(2.0, 7.5), (10.0, 17.5), (10.0, 19.5)] == [(c.radius_mm, up) for c, up in found]


def test_the_same_heights_as_opencamlib() -> None:
    ocl = pytest.importorskip("opencamlib", reason="its wheels end with Python 3.11")
    triangles = waves(40, 7)
    surface = ocl.STLSurf()
    for t in triangles:
        surface.addTriangle(ocl.Triangle(*(ocl.Point(*map(float, p)) for p in t)))
    theirs = {
        "ball": ocl.BallCutter(6, 30),
        "small ball": ocl.BallCutter(3, 30),
        "flat": ocl.CylCutter(6, 30),
        "bull": ocl.BullCutter(6, 1, 30),
    }  # its cone rests too low on edges (0.06 mm here, by dense points): it is no oracle
    xy = np.random.default_rng(8).uniform(1, 19, (300, 2))
    for name, cutter in theirs.items():
        drop = ocl.BatchDropCutter()
        drop.setSTL(surface)
        drop.setCutter(cutter)
        for x, y in xy.tolist():
            drop.appendPoint(ocl.CLPoint(x, y, -100.0))
        drop.run()
        other = np.array([p.z for p in drop.getCLPoints()])
        worst = float(np.abs(other - rest(cells(triangles), CUTTERS[name], xy)[:, 0]).max())

        assert worst < 1e-9, name

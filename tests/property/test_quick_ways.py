"""Laws: what is read once, or by a formula, equals what the kernel or a plain walk says everywhere."""

from __future__ import annotations

from typing import Any

import cadquery as cq
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from OCP.BRepAdaptor import BRepAdaptor_Curve, BRepAdaptor_Curve2d
from OCP.gp import gp_Pnt, gp_Vec

import tooling_db
from geometry.faces import table
from geometry.regions import flatten
from geometry.sampling import _walked, _walked_flat
from geometry.solids import section
from geometry.tessellate import by_face
from model.plan import Box
from pipeline.plan.levels import Levels
from pipeline.verify.grip import Grip, squeezed
from pipeline.verify.path import BODY_STEP_MM, NOTHING, _cleared, body_sections, body_table
from pipeline.verify.stock import Columns, Stock

PART: Any = (
    cq.Workplane()
    .box(40, 30, 20)
    .faces(">Z")
    .workplane()
    .rect(20, 12)
    .cutBlind(-6)
    .faces(">Z")
    .workplane()
    .pushPoints([(14, 9), (-14, -9)])
    .cskHole(4, 8, 90)
    .faces(">Z")
    .edges("<Y")
    .chamfer(1.5)
    .val()
)
LEVELS = Levels(PART, table(PART), lambda: by_face(PART, 0.002))


@settings(max_examples=25, deadline=None)
@given(z=st.floats(-9.9998, 9.9998))
def test_a_section_read_once_between_two_heights_is_the_one_at_every_height(z: float) -> None:
    key = round(z, 6)
    own = flatten(section(PART, key))

    assert (LEVELS.section(z) - own).area() + (own - LEVELS.section(z)).area() < 1e-6


def test_sections_through_sloped_faces_are_each_their_own() -> None:
    areas = [LEVELS.section(z).area() for z in (9.0, 9.2, 9.4)]

    assert len(set(areas)) == 3


def test_places_along_edges_are_the_kernels() -> None:
    point, along = gp_Pnt(), gp_Vec()
    at = np.linspace(0.0, 1.0, 7)
    for face in PART.moved(cq.Location(cq.Vector(3, 4, 5), cq.Vector(1, 2, 3), 40)).Faces():
        for edge in face.Edges():
            curve, flat = BRepAdaptor_Curve(edge.wrapped), BRepAdaptor_Curve2d(edge.wrapped, face.wrapped)
            spread = curve.FirstParameter() + at * (curve.LastParameter() - curve.FirstParameter())
            points, ways = _walked(curve, spread)
            spots = _walked_flat(flat, spread)
            for k, t in enumerate(spread.tolist()):
                curve.D1(t, point, along)
                spot = flat.Value(t)

                assert np.abs(points[k] - (point.X(), point.Y(), point.Z())).max() < 1e-12
                assert np.abs(ways[k] - (along.X(), along.Y(), along.Z())).max() < 1e-12
                assert np.abs(spots[k] - (spot.X(), spot.Y())).max() < 1e-12


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_what_reaches_from_jaw_to_jaw_is_what_stands_in_every_column(seed: int) -> None:
    dice = np.random.default_rng(seed)
    ny, nx = 12, 9
    ends = np.sort(dice.uniform(0, 10, (ny, nx, 4)), axis=2).astype(np.float32)
    ends[dice.random((ny, nx)) < 0.9] = (0.0, 0.0, 0.0, 10.0)
    high, low = ends[:, :, 3].copy(), np.where(dice.random((ny, nx)) < 0.1, ends[:, :, 2], ends[:, :, 0])
    below, more = np.full((ny, nx), -1, np.int32), list[tuple[float, float]]()
    for j, i in np.argwhere(low > ends[:, :, 1]).tolist():
        below[j, i] = len(more)
        more.append((ends[j, i, 1], ends[j, i, 0]))
    deep = np.array(more, np.float32).reshape(-1, 2)
    columns = Columns(high, low, below, deep, np.full(len(deep), -1, np.int32), np.array([0.0, 0.0, 1.0, 1.0]))
    stock = Stock(Box(0, 0, 0, nx, ny, 10), (nx, ny, 10), (None,) * 6, columns)
    jaws = (Box(1, -5, -5, 8, 0, 6), Box(1, ny, -5, 8, ny + 5, 6))
    count, rows = 24, range(1, ny - 1)  # the outer tenth carries however it stands
    stands = 0
    for i in range(1, 8):
        for k in range(count):
            z = 6 * (k + 0.5) / count
            stretches = [
                [(high[j, i], low[j, i]), *([tuple(deep[below[j, i]])] if below[j, i] >= 0 else [])] for j in rows
            ]
            stands += all(any(a > z > b for a, b in column) for column in stretches)

    assert stands * 6 / count == pytest.approx(
        squeezed(stock, tuple(Grip(jaw, 0.0, 0.0, 0.0) for jaw in jaws)).through_mm2
    )


def test_shank_and_holder_stand_where_their_cones_are_first_that_wide() -> None:
    tools = tuple(a for m in tooling_db.load().machines.values() for a in m.tools)
    found = body_table(tools)
    for row, a in zip(found, tools, strict=True):
        radius = a.tool.diameter_mm / 2
        for cell in range(0, len(row), 3):
            inner = max(cell * BODY_STEP_MM, radius + 1e-6)
            heights = [
                z0 if r0 >= inner else z0 + (z1 - z0) * (inner - r0) / (r1 - r0)
                for z0, z1, r0, r1 in _cleared(body_sections(a))[1:]
                if max(r0, r1) >= inner
            ]
            least = min(heights, default=NOTHING) if cell * BODY_STEP_MM + BODY_STEP_MM > radius else NOTHING

            assert least == row[cell]

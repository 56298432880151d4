"""Laws of the stock: whatever sides it is cut from, it is the blank less all the tools passed through."""

import itertools
import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.plan import Box, Fixture, Setup
from model.tooling import Assembly, Holder, Segment3, Tool
from pipeline.verify import kernels
from pipeline.verify.path import body_table, tool_table
from pipeline.verify.pieces import part_columns, pieces, remaining_mm3
from pipeline.verify.shapes import Floats, flat_lowest
from pipeline.verify.stock import Stock, blank, carried, grid_mm, square

PITCH = 0.5
SIZE = (12.0, 9.0, 7.0)
HOLDER = Holder("h", "holder", (Segment3(10.0, 4.0, 4.0),), 10.0, 30000.0)
MILL = Tool("t", "t", "end-mill", 3.0, 3.0, 180.0, 30.0, 30.0, 60.0, 3.0, flutes=2, centre_cutting=True,
            substrate="carbide", max_rpm=30000.0, price_eur=1.0, source="test")  # fmt: skip
TOOL = Assembly(1, MILL, HOLDER, 40.0, 60.0)


def turns() -> list[np.ndarray]:
    """All 24 ways a cube lies on a table."""
    found = []
    for order in itertools.permutations(range(3)):
        for signs in itertools.product((-1.0, 1.0), repeat=3):
            turn = np.zeros((3, 3))
            turn[range(3), order] = signs
            if np.linalg.det(turn) > 0:
                found.append(turn)
    return found


def setup(turn: np.ndarray, shift: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> Setup:
    corners = np.array([(0.0, 0.0, 0.0), SIZE]) @ turn.T + shift
    low, high = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
    rows = tuple((*row, s) for row, s in zip(turn.tolist(), shift, strict=True))
    return Setup(1, "s", rows, "G54", "", Box(*low, *high), Fixture("tape", ()), 10.0, ())  # type: ignore[arg-type]


PLAIN = setup(np.eye(3))
ways = st.sampled_from(turns())
shifts = st.tuples(*[st.integers(-20, 20).map(float)] * 3)


def cut(stock: Stock, rows: list[list[float]]) -> Floats:
    n = len(rows)
    none = np.zeros(n, np.int64)
    above = np.full(n, 0.05)
    return kernels.run(stock.columns, np.array(rows), none, none, above, tool_table([TOOL]), body_table([TOOL]))


def inside(stock: Stock, spots: Floats) -> np.ndarray:
    """Whether material is left at places of the stock's frame, by the columns."""
    found = []
    for x, y, z in spots.tolist():
        i, j = int((x - stock.grid[0]) / stock.grid[2]), int((y - stock.grid[1]) / stock.grid[3])
        stretches = [(stock.high[j, i], stock.low[j, i])]
        k = stock.columns.below[j, i] if stock.columns.below.size else -1
        while k >= 0:
            stretches.append(tuple(stock.columns.more[k].tolist()))
            k = stock.columns.after[k]
        found.append(any(low < z < high for high, low in stretches))
    return np.array(found)


@st.composite
def jobs(draw: st.DrawFn) -> list[tuple[Setup, list[list[float]]]]:
    """Up to four setups, each with a few level straight cuts somewhere in the blank."""
    found = []
    for _ in range(draw(st.integers(1, 4))):
        here = setup(draw(ways), draw(shifts))
        box = here.stock_box
        rows = []
        for _ in range(draw(st.integers(1, 3))):
            # Off the cells' own planes, so that no centre lies on the edge of a cut.
            x0, x1 = (draw(st.floats(box.x0_mm, box.x1_mm)) for _ in range(2))
            y0, y1 = (draw(st.floats(box.y0_mm, box.y1_mm)) for _ in range(2))
            z = round(draw(st.floats(box.z0_mm - 1.0, box.z1_mm)), 1) + 0.017
            rows.append([0.0, x0, y0, z, x1, y1, z, *[0.0] * 6])
        found.append((here, rows))
    return found


@settings(max_examples=40, deadline=None)
@given(job=jobs())
def test_the_stock_is_the_blank_less_every_cut_from_whatever_side(job: list[tuple[Setup, list[list[float]]]]) -> None:
    stock, before = blank(PLAIN.stock_box, PITCH), PLAIN
    axes = [np.arange(PITCH / 2, side, PITCH) for side in SIZE]
    cells = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    left = np.ones(len(cells), dtype=bool)
    for here, rows in job:
        stock, before = carried(stock, before, here), here
        cut(stock, rows)
        m = np.array(here.to_setup)
        spots = cells @ m[:, :3].T + m[:, 3]
        for row in rows:
            lowest = [flat_lowest(np.array(row), 1.5, x, y) for x, y, _ in spots.tolist()]
            left &= spots[:, 2] < np.array(lowest)

    assert left.tolist() == inside(stock, spots).tolist()


@settings(max_examples=40, deadline=None)
@given(first=ways, second=ways, shift=shifts)
def test_turning_the_stock_there_and_back_changes_nothing(
    first: np.ndarray, second: np.ndarray, shift: tuple[float, float, float]
) -> None:
    stock = carried(blank(PLAIN.stock_box, PITCH), PLAIN, setup(first))
    box = stock.box
    cut(stock, [[0.0, box.x0_mm, box.y0_mm, box.z1_mm - 2.3, box.x1_mm, box.y1_mm, box.z1_mm - 2.3, *[0.0] * 6]])
    there = carried(stock, setup(first), setup(second, shift))
    back = carried(there, setup(second, shift), setup(first))

    assert np.allclose(stock.high, back.high, atol=1e-4)
    assert np.allclose(stock.low, back.low, atol=1e-4)
    # Seen from a side, a step lies midway between two cells: up to half a cell off along it.
    box_part = box_triangles(box)
    volumes = [remaining_mm3(s, part_columns(t, s)) for s, t in ((stock, box_part), (there, box_triangles(there.box)))]

    assert pytest.approx(volumes[0], abs=0.5 * PITCH * 80) == volumes[1]


def stretches(stock: Stock) -> list[tuple[int, int, float, float]]:
    """Every stretch of material: its row, its cell, its top and its underside."""
    found = []
    for j, i in np.argwhere(stock.high > stock.low).tolist():
        found.append((j, i, float(stock.high[j, i]), float(stock.low[j, i])))
        k = stock.columns.below[j, i] if stock.columns.below.size else -1
        while k >= 0:
            found.append((j, i, *stock.columns.more[k].tolist()))
            k = stock.columns.after[k]
    return found


def sizes_by_joining(stock: Stock) -> list[int]:
    """How many stretches each piece has, by joining all neighbours that touch by more than 0.05 mm, two by two."""
    every = stretches(stock)
    leader = list(range(len(every)))

    def first(n: int) -> int:
        while leader[n] != n:
            n = leader[n]
        return n

    at: dict[tuple[int, int], list[int]] = {}
    for n, (j, i, _, _) in enumerate(every):
        at.setdefault((j, i), []).append(n)
    for n, (j, i, top, bottom) in enumerate(every):
        for m in at.get((j + 1, i), []) + at.get((j, i + 1), []):
            if min(top, every[m][2]) - max(bottom, every[m][3]) > 0.05:
                leader[first(n)] = first(m)
    return sorted(Counter(first(n) for n in range(len(every))).values())


@settings(max_examples=60, deadline=None)
@given(job=jobs())
def test_pieces_are_what_joining_neighbours_two_by_two_gives(job: list[tuple[Setup, list[list[float]]]]) -> None:
    stock, before = blank(PLAIN.stock_box, PITCH), PLAIN
    for here, rows in job:
        stock, before = carried(stock, before, here), here
        cut(stock, rows)
        area = stock.grid[2] * stock.grid[3]
        found = sorted(round(p.area_mm2 / area) for p in pieces(stock, np.empty((0, 3, 3))))

        assert sizes_by_joining(stock) == found


def box_triangles(box: Box) -> Floats:
    x0, y0, z0, x1, y1, z1 = box.x0_mm, box.y0_mm, box.z0_mm, box.x1_mm, box.y1_mm, box.z1_mm
    top = [[(x0, y0, z1), (x1, y0, z1), (x1, y1, z1)], [(x0, y0, z1), (x1, y1, z1), (x0, y1, z1)]]
    bottom = [[(a, b, z0) for a, b, _ in reversed(t)] for t in top]
    return np.array([*top, *bottom])


@given(turn=ways)
def test_every_quarter_turn_is_a_setup_and_nothing_else_is(turn: np.ndarray) -> None:
    tilted = turn @ np.array([[math.cos(0.1), -math.sin(0.1), 0], [math.sin(0.1), math.cos(0.1), 0], [0, 0, 1]])

    assert square(setup(turn).to_setup)
    assert not square(setup(tilted).to_setup)
    assert not square(setup(-turn).to_setup)


def test_a_bridge_cut_from_two_sides_is_two_pieces() -> None:
    stock = blank(PLAIN.stock_box, PITCH)
    cut(stock, [[0.0, 6.0, -2.0, 3.0, 6.0, 11.0, 3.0, *[0.0] * 6]])
    over = setup(np.diag([1.0, -1.0, -1.0]))
    stock = carried(stock, PLAIN, over)
    aside = setup(np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]))

    assert [True] == [p.is_part for p in pieces(stock, np.empty((0, 3, 3)))]

    cut(stock, [[0.0, 6.0, -11.0, -3.5, 6.0, 2.0, -3.5, *[0.0] * 6]])
    stock = carried(stock, over, aside)
    found = pieces(stock, np.empty((0, 3, 3)))

    assert 2 == len(found)
    assert 1 == sum(p.is_part for p in found)


def test_material_over_a_hole_counts_once_and_the_gap_not_at_all() -> None:
    stock = blank(PLAIN.stock_box, PITCH)
    aside = setup(np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]))
    stock = carried(stock, PLAIN, aside)
    cut(stock, [[0.0, -2.0, 3.25, 1.0, 11.0, 3.25, 1.0, *[0.0] * 6]])  # a slot along y, 3 high about z 3.25
    stock = carried(stock, aside, PLAIN)
    met = cut(stock, [[0.0, 8.0, 4.5, -1.0, 8.0, 4.5, -1.0, *[0.0] * 6]])  # straight down through it
    cells = round(float(met[0, kernels.REMOVED]) / (PITCH * PITCH * (7.0 - 3.0)))

    assert pytest.approx(math.pi * 1.5**2, rel=0.12) == cells * PITCH * PITCH
    assert pytest.approx(8.0, abs=1e-3) == met[0, kernels.DEPTH]


@pytest.mark.parametrize("sideways", [False, True])
def test_a_huge_blank_gets_coarser_cells_not_more_memory(*, sideways: bool) -> None:
    box = Box(0, 0, 0, 350.0, 220.0, 60.0)
    pitch = grid_mm([2.0], box, sideways=sideways)

    assert 350 * 220 / pitch**2 <= 6_000_001
    assert 0.05 == grid_mm([0.2], Box(0, 0, 0, 30, 20, 5))

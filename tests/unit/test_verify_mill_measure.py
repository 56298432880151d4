"""The compiled loops measure what geometry says: volumes, depths, distances, gaps, seconds."""

import math

import numpy as np
import pytest

from model.plan import Box, Fixture, Setup
from model.tooling import Assembly, Holder, Segment3, Tool, ToolKind
from pipeline.verify import kernels, surface
from pipeline.verify.fixture import gaps_to_boxes
from pipeline.verify.path import Path, body_table, tool_table
from pipeline.verify.pieces import part_columns, pieces
from pipeline.verify.shapes import Floats, signed
from pipeline.verify.stock import Stock, blank, carried
from pipeline.verify.timing import travel_seconds

HOLDER = Holder("h", "holder", (Segment3(10.0, 20.0, 20.0),), 10.0, 30000.0)


def assembly(kind: ToolKind = "end-mill", d: float = 6.0, angle: float = 180.0, tip: float = 6.0, stick: float = 30.0,
             flute: float = 20.0, shank: float = 6.0) -> Assembly:  # fmt: skip
    tool = Tool("t", "t", kind, d, tip, angle, flute, flute, 60.0, shank, flutes=2,
                centre_cutting=True, substrate="carbide", max_rpm=30000.0, price_eur=1.0, source="test")  # fmt: skip
    return Assembly(1, tool, HOLDER, stick, stick + 30)


def line(*ends: tuple[float, float, float]) -> list[float]:
    return [0.0, *ends[0], *ends[1], *[0.0] * 6]


def arc(cx: float, cy: float, r: float, a0: float, sweep: float, z0: float, z1: float) -> list[float]:
    start = (cx + r * math.cos(a0), cy + r * math.sin(a0), z0)
    end = (cx + r * math.cos(a0 + sweep), cy + r * math.sin(a0 + sweep), z1)
    return [1.0, *start, *end, cx, cy, r, r, a0, sweep]


def path(*rows: list[float], rapid: int = 0) -> Path:
    n = len(rows)
    return Path(np.array(rows), np.zeros(n, np.int64), np.full(n, rapid, np.int64), np.arange(n))


def cut(stock: Stock, moves: Path, tool: Assembly) -> Floats:
    above = np.full(len(moves), 0.05)
    return kernels.run(
        stock.columns, moves.geometry, moves.tool, moves.rapid, above, tool_table([tool]), body_table([tool])
    )


def plate() -> Stock:
    return blank(Box(0.0, 0.0, -10.0, 60.0, 40.0, 0.0), 0.1)


def nearest(points: list[tuple[float, float, float]], moves: Path, tool: Assembly, cap: float = 5.0) -> Floats:
    best = np.full(len(points), cap)
    who = np.full(len(points), -1, dtype=np.int64)
    surface.approach(surface.into_cells(np.array(points)), moves, tool_table([tool]), best, who)
    return best


@pytest.mark.parametrize(
    ("moves", "volume"),
    [
        (path(line((15, 20, -4), (45, 20, -4))), 4 * (30 * 6 + math.pi * 9)),
        (path(line((30, 20, 5), (30, 20, -4))), 4 * math.pi * 9),
        (path(arc(30, 20, 10, 0.3, math.tau, -4, -4)), 4 * math.pi * (13**2 - 7**2)),
        (path(arc(30, 20, 1, 0.0, -math.tau, -3, -4), arc(30, 20, 1, 0.0, -math.tau, -4, -4)), 4 * math.pi * 16),
        (path(line((15, 20, 0), (45, 20, -10))), 6 * 30 * 10 / 2 + math.pi * 9 * 10),
    ],
)
def test_removed_volume(moves: Path, volume: float) -> None:
    assert pytest.approx(volume, rel=0.01) == cut(plate(), moves, assembly())[:, kernels.REMOVED].sum()


def test_a_drill_leaves_its_cone() -> None:
    drill = assembly("drill", 6.0, 118.0)
    height = 3 / math.tan(math.radians(59))
    removed = cut(plate(), path(line((30, 20, 5), (30, 20, -8))), drill)[0, kernels.REMOVED]

    assert pytest.approx(math.pi * 9 * (8 - height) + math.pi * 9 * height / 3, rel=0.01) == removed


def test_a_through_cut_empties_the_columns() -> None:
    stock = plate()
    cut(stock, path(line((30, 20, 5), (30, 20, -12))), assembly())

    assert stock.high[200, 300] < stock.low[200, 300]


@pytest.mark.parametrize(
    ("row", "hit", "near"),
    [
        (line((-10, 20, 1), (70, 20, 1)), 0.0, 0.0),
        (line((-10, 20, 0.3), (70, 20, 0.3)), 0.0, 0.2),
        (line((-10, 20, -2), (70, 20, -2)), 2.0, 2.5),
        (line((-3.4, -10, -2), (-3.4, 50, -2)), 0.0, 2.5),
        (line((-3.6, -10, -2), (-3.6, 50, -2)), 0.0, 0.0),
        (line((30, 20, 9), (30, 20, 0.1)), 0.0, 0.1),
        (line((30, 20, 9), (30, 20, 0.3)), 0.0, 0.0),
        (line((30, 20, 9), (30, 20, -1)), 1.0, 1.2),
        (line((10, 20, 9), (50, 20, -4)), 4.0, 4.5),
    ],
)
def test_rapids_in_material_and_near_it(row: list[float], hit: float, near: float) -> None:
    met = cut(plate(), path(row, rapid=1), assembly())[0]

    assert pytest.approx((hit, near), abs=0.05) == (met[kernels.RAPID], met[kernels.MARGIN])


def test_a_rapid_back_down_a_drilled_hole_is_free() -> None:
    stock, drill = plate(), assembly("drill", 6.0, 118.0)
    cut(stock, path(line((30, 20, 5), (30, 20, -4))), drill)
    met = cut(stock, path(line((30, 20, 5), (30, 20, -4 + 0.254)), rapid=1), drill)[0]

    assert (0.0, 0.0) == (met[kernels.RAPID], met[kernels.MARGIN])


def test_cutting_deeper_than_the_flutes() -> None:
    met = cut(plate(), path(line((15, 20, -5), (45, 20, -5))), assembly(flute=3.0))[0]

    assert pytest.approx(2.0, abs=1e-3) == met[kernels.FLUTE]


def test_the_middle_of_the_cutter_meets_material_only_when_going_down_steeply() -> None:
    met = cut(plate(), path(line((30, 20, 1), (30, 20, -2)), line((30, 20, -2), (50, 20, -3))), assembly())

    assert pytest.approx([2.0, 0.0], abs=1e-3) == met[:, kernels.CENTRE]


@pytest.mark.parametrize(("stick", "depth"), [(20.0, 0.0), (7.0, 1.5), (8.4, 0.1), (8.6, 0.0)])
def test_holder_against_the_stock(stick: float, depth: float) -> None:
    deep = path(line((30, 20, 5), (30, 20, -8)))

    assert pytest.approx(depth, abs=1e-3) == cut(plate(), deep, assembly(stick=stick, flute=6.0))[0, kernels.BODY]


def test_a_wide_shank_beside_a_wall() -> None:
    deep = path(line((-3.2, 0, -8), (-3.2, 40, -8)))
    thick = assembly(stick=40.0, flute=5.0, shank=8.0)

    assert pytest.approx(3.0, abs=1e-3) == cut(plate(), deep, thick)[0, kernels.BODY]


@pytest.mark.parametrize("offset", [-0.05, 0.0, 0.05, 0.3])
def test_a_wall_offset_reads_as_itself(offset: float) -> None:
    wall = [(10 + 0.25 * k, 23.0, -1.0) for k in range(40)]
    best = nearest(wall, path(line((5, 20 - offset, -5), (30, 20 - offset, -5))), assembly())

    assert pytest.approx(np.full(40, offset), abs=1e-9) == best


def test_a_floor_cut_too_deep_reads_as_itself() -> None:
    assert pytest.approx([-0.02], abs=1e-9) == nearest([(20, 20, -5.0)], path(line((5, 20, -5.02), (30, 20, -5.02))),
                                                       assembly())  # fmt: skip


@pytest.mark.parametrize("z", [(-5.0, -5.0), (-3.0, -5.0)])
def test_a_bore_wall_against_a_circle_or_helix(z: tuple[float, float]) -> None:
    bore = [(30 + 8.02 * math.cos(a), 20 + 8.02 * math.sin(a), -2.0) for a in np.linspace(0, 6, 50)]
    best = nearest(bore, path(arc(30, 20, 5, 1.0, math.tau, *z), arc(30, 20, 5, 1.0, math.tau, -5, -5)), assembly())

    assert pytest.approx(np.full(50, 0.02), abs=6e-4) == best


def test_a_ramp_is_measured_where_it_is_lowest_near_the_point() -> None:
    ramp = path(line((0, 0, 0), (30, 0, -3)))
    # A floor point under the middle of the ramp: the disc's trailing rim passes over it last and lowest.
    expected = -(18.0 / 10) + 2.0

    assert pytest.approx([expected], abs=1e-3) == nearest([(15.0, 0.0, -2.0)], ramp, assembly())


@pytest.mark.parametrize(("kind", "tip"), [("chamfer-mill", 0.0), ("chamfer-mill", 1.0), ("drill", 0.0)])
def test_distance_to_a_cone_is_square_to_its_flank(kind: ToolKind, tip: float) -> None:
    row = tool_table([assembly(kind, 6.0, 90.0, tip)])[0]
    on_flank = (2.0, 2.0 - row[1])

    for off in (-0.3, 0.0, 0.3):
        d, h = on_flank[0] + off / math.sqrt(2), on_flank[1] - off / math.sqrt(2)
        assert pytest.approx(off, abs=1e-9) == signed(row, d, h)


def test_distance_to_a_ball() -> None:
    row = tool_table([assembly("ball-mill")])[0]

    assert pytest.approx([0.5, -0.5, 1.0]) == [signed(row, 0.0, -0.5), signed(row, 0.0, 0.5), signed(row, 4.0, 9.0)]


def test_gap_to_a_jaw() -> None:
    jaw = (Box(-50, 30, -20, 50, 60, 2.0),)
    moves = path(line((0, 0, 0), (0, 20, 0)), line((0, 0, 3), (0, 40, 3)), arc(0, 0, 10, 0, math.tau, 0, 0))

    assert pytest.approx([7.0, 1e9, 17.0], abs=1e-6) == gaps_to_boxes(moves, [assembly()], jaw)


def test_the_holder_is_wider_than_the_tool_beside_a_jaw() -> None:
    jaw = (Box(-50, 30, -20, 50, 60, 12.0),)

    assert pytest.approx([30 - 20 - 10.0]) == gaps_to_boxes(
        path(line((0, 0, 0), (0, 20, 0))), [assembly(stick=10.0)], jaw
    )


def setup(matrix: tuple[tuple[float, float, float, float], ...]) -> Setup:
    box = Box(0.0, 0.0, 0.0, 1.0, 1.0, 1.0)
    return Setup(1, "s", matrix, "G54", "", box, Fixture("tape", ()), 10.0, ())  # type: ignore[arg-type]


PLAIN = setup(((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0)))
OVER = setup(((1, 0, 0, 5), (0, -1, 0, 30), (0, 0, -1, -10)))
QUARTER = setup(((0, -1, 0, 7), (1, 0, 0, 3), (0, 0, 1, 2)))


@pytest.mark.parametrize("other", [OVER, QUARTER])
def test_stock_turned_over_and_back_is_the_same(other: Setup) -> None:
    stock = plate()
    cut(stock, path(line((10, 10, -4), (45, 25, -7)), line((50, 5, 5), (50, 5, -15))), assembly())
    back = carried(carried(stock, PLAIN, other), other, PLAIN)

    assert np.array_equal(stock.high > stock.low, back.high > back.low)
    assert np.allclose(stock.high.clip(-99, 99), back.high.clip(-99, 99), atol=1e-5)
    assert pytest.approx(stock.grid) == back.grid


def test_a_slot_lies_on_the_other_side_after_turning_over() -> None:
    stock = plate()
    cut(stock, path(line((10, 10, -4), (50, 10, -4))), assembly())
    over = carried(stock, PLAIN, OVER)

    # The slot at y 10 is now at y 30 - 10 and open to below: z' = -z - 10 puts its floor at -6.
    row = round((20 - over.grid[1]) / over.grid[3])

    assert pytest.approx((0.0, -6.0), abs=1e-4) == (over.high[row, 300], over.low[row, 300])


def test_part_columns_measure_a_prism() -> None:
    corners = [(10, 10), (20, 10), (20, 30), (10, 30)]
    flat = [(corners[0], corners[1], corners[2]), (corners[0], corners[2], corners[3])]
    up = [[(*p, -1.0) for p in t] for t in flat]
    down = [[(*p, -6.0) for p in reversed(t)] for t in flat]
    stock = plate()
    columns = part_columns(np.array([*up, *down]), stock)

    assert pytest.approx(10 * 20 * 5, rel=0.01) == columns.sum() * stock.grid[2] * stock.grid[3]


def test_a_slug_cut_free_is_a_piece_of_its_own() -> None:
    stock = plate()
    cut(stock, path(arc(30, 20, 10, 0, math.tau, -11, -11)), assembly())
    found = sorted(pieces(stock, np.empty((0, 3, 3))), key=lambda p: p.area_mm2)

    assert [(False, False), (True, True)] == [(p.at_rim, p.is_part) for p in found]
    assert pytest.approx(math.pi * 49, rel=0.01) == found[0].area_mm2
    assert pytest.approx((30, 20), abs=0.1) == (found[0].x_mm, found[0].y_mm)


def seconds(lengths: list[float], speed: float, limit: float, corners: list[float]) -> float:
    n = len(lengths)
    return float(travel_seconds(np.array(lengths), np.full(n, speed), np.full(n, limit), np.array(corners)).sum())


def test_time_of_a_ramp_up_and_down() -> None:
    # 100 mm at 50 mm/s and 500 mm/s2: two ramps of 0.1 s over 2.5 mm, 95 mm between.
    assert pytest.approx(0.2 + 95 / 50) == seconds([100.0], 50.0, 500.0, [0.0])
    # 1 mm never reaches 50 mm/s: 2 * sqrt(L / a).
    assert pytest.approx(2 * math.sqrt(1 / 500)) == seconds([1.0], 50.0, 500.0, [0.0])
    assert pytest.approx(2 * math.sqrt(1 / 250)) == seconds([1.0], 50.0, 250.0, [0.0])


def test_pieces_in_line_take_as_long_as_one_and_a_reversal_stops() -> None:
    whole = seconds([100.0], 50.0, 500.0, [0.0])

    assert pytest.approx(whole) == seconds([40.0, 60.0], 50.0, 500.0, [0.0, 1e9])
    assert pytest.approx(2 * seconds([50.0], 50.0, 500.0, [0.0])) == seconds([50.0] * 2, 50.0, 500.0, [0.0, 0.0])

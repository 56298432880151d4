"""Every worked example with a published answer, computed again from its inputs."""

from __future__ import annotations

import json
from fractions import Fraction
from math import degrees, pi
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import pytest

from pipeline.plan import formulas as f
from pipeline.quote import economics
from pipeline.quote.choice import choose

if TYPE_CHECKING:
    from collections.abc import Callable


class Vector(TypedDict):
    """One example: R read with its published answer, M textbook from memory, O own answer on read inputs."""

    id: str
    kind: str
    source: str
    what: str
    published: float
    rel_tol: float


VECTORS: list[Vector] = json.loads((Path(__file__).parents[1] / "data" / "vectors.json").read_text(encoding="utf-8"))
INCH = 25.4
SMARTPHONE = tuple(map(Fraction, (100, 10, 30_000, 80, 20_000)))
IMPROVED = tuple(map(Fraction, (110, 3, 27_000, 80, 20_000)))
PSI_KPA = 6.894757
LBF_N = 4.448222
GROOVER_CUT = {v: pi * 100 * 500 / (1000 * v * 0.25) for v in (50, 42)}
TITANIUM_MM3_MIN = f.turning_removal_mm3_min(70, 5, 0.5, 400)
STEEL_304_MM3_MIN = f.turning_removal_mm3_min(12.25, 0.25, 0.5, 400)
STEEL_304_KW = f.power_from_energy_kw(STEEL_304_MM3_MIN, 4)


def face_mill_s() -> float:
    """Time of the face mill that runs over 300 mm and its own diameter."""
    feed = f.feed_mm_min(0.25, 16, f.spindle_rpm(125, 200))
    return 60 * f.machining_time_min(300, 200, feed)


def groover_pieces(v: float) -> int:
    """Pieces one edge lasts in Groover's example 24.4."""
    return f.pieces_per_edge(f.taylor_life_min(70, 0.125, v), GROOVER_CUT[round(v)])


def groover_cost(v: float) -> float:
    """Cost of a piece in Groover's example 24.4: 0.5 $/min, 5 min handling, 2 min a change, 3 $ an edge."""
    return f.piece_cost(0.5, 5, GROOVER_CUT[round(v)], 2, 3, groover_pieces(v))


def groover_time(v: float) -> float:
    """Time of a piece in Groover's example 24.4."""
    return f.piece_time_min(5, GROOVER_CUT[round(v)], 2, groover_pieces(v))


def slab_feed() -> float:
    """Table feed of Groover's slab mill: D 70, 5 teeth, 60 m/min, 0.25 mm a tooth."""
    return f.feed_mm_min(0.25, 5, f.spindle_rpm(60, 70))


def drilling_304_kw() -> float:
    """Power of Kalpakjian's drilling example at 0.5 W s/mm3."""
    return f.power_from_energy_kw(f.drilling_removal_mm3_min(10, 0.2 * 800), 0.5)


def slab_kw() -> float:
    """Power of Kalpakjian's slab example at 3 W s/mm3: 3 deep, 100 wide, 500 mm/min."""
    return f.power_from_energy_kw(f.removal_mm3_min(3, 100, f.feed_mm_min(0.25, 20, 100)), 3)


def lbf(side_inch: float, psi: float) -> float:
    """Vacuum force in pounds on a square of inches."""
    return f.vacuum_force_n(psi * PSI_KPA, (side_inch * INCH) ** 2) / LBF_N


def bend(length: float) -> float:
    """Bending of a bar whose 100 mm overhang gives 0.2 mm."""
    unit = f.deflection_mm(1, [(100, 20)], 2e5)
    return f.deflection_mm(0.2 / unit, [(length, 20)], 2e5)


COMPUTED: dict[str, Callable[[], float]] = {
    "M01": lambda: f.surface_speed_m_min(50, 700),
    "M02": lambda: f.feed_per_tooth_mm(120, 1, 500),
    "M03": lambda: 60 * f.machining_time_min(100, 0, f.feed_mm_min(0.2, 1, 1000)),
    "M04": lambda: f.turned_roughness_um(0.2, 0.8),
    "M05": lambda: f.turning_power_kw(3, 0.2, 120, 3100, 0.8),
    "M06": lambda: f.surface_speed_m_min(125, 350),
    "M07": lambda: f.feed_per_tooth_mm(500, 10, 500),
    "M08": lambda: f.feed_mm_min(0.1, 10, 500),
    "M09": face_mill_s,
    "M10": lambda: f.spindle_rpm(80, 250),
    "M11": lambda: f.feed_per_tooth_mm(280, 12, f.spindle_rpm(80, 250)),
    "M12": lambda: f.milling_power_kw(2, 80, 280, 1800, 0.8),
    "M13": lambda: f.surface_speed_m_min(12, 1350),
    "M14": lambda: f.feed_mm_min(0.2, 1, 1350),
    "M15": lambda: 60 * f.machining_time_min(30, 0, f.feed_mm_min(0.15, 1, f.spindle_rpm(50, 15))),
    "M16": lambda: 5 * 60 * f.machining_time_min(30, 0, f.feed_mm_min(0.2, 1, 1350)),
    "M17": lambda: bend(200),
    "M18": lambda: f.sfm(f.surface_speed_m_min(5 * INCH, 350)),
    "M19": lambda: f.feed_per_tooth_mm(20 * INCH, 10, 500) / INCH,
    "S01": lambda: f.sfm(f.surface_speed_m_min(0.5 * INCH, 1500)),
    "C01": lambda: f.chip_thinning(1, 10),
    "C02": lambda: 0.002 / f.chip_thinning(1, 10),
    "C03": lambda: f.feed_mm_min(0.002 / f.chip_thinning(1, 10), 4, 8000),
    "C04": lambda: degrees(f.engagement_rad(1, 10)),
    "C05": lambda: 1 / f.chip_thinning(0.05, 0.5),
    "C06": lambda: f.removal_mm3_min(1.0, 0.05, 36.7),
    "E01": lambda: f.machining_time_min(300, 30 / 2 + 2 * 3, 120),
    "E02": lambda: f.spindle_rpm(f.surface_speed_m_min(30, 120 / (8 * 0.1)), 30),
    "E03": lambda: f.surface_speed_m_min(30, 150),
    "E04": lambda: f.milling_power_kw(4, 30, 120, 1000),
    "E05": lambda: f.force_from_power_n(f.milling_power_kw(4, 30, 120, 1000), f.surface_speed_m_min(30, 150)),
    "Q01": lambda: f.surface_speed_m_min(75, 400),
    "Q02": lambda: f.power_from_energy_kw(TITANIUM_MM3_MIN, 3.0),
    "Q03": lambda: f.power_from_energy_kw(TITANIUM_MM3_MIN, 4.1),
    "Q04": lambda: f.force_from_power_n(
        f.power_from_energy_kw(TITANIUM_MM3_MIN, 3.0), f.surface_speed_m_min(75, 400)) / 1000,
    "Q05": lambda: f.force_from_power_n(
        f.power_from_energy_kw(TITANIUM_MM3_MIN, 4.1), f.surface_speed_m_min(75, 400)) / 1000,
    "T01": lambda: f.taylor_life_min(300, 0.25, 200),
    "T02": lambda: f.cheapest_life_min(0.13, 3, 3.33, 0.667),
    "T03": lambda: f.taylor_speed_m_min(80, 0.13, f.cheapest_life_min(0.13, 3, 3.33, 0.667)),
    "G01": lambda: f.taylor_speed_m_min(70, 0.125, f.fastest_life_min(0.125, 2)),
    "G02": lambda: f.taylor_speed_m_min(70, 0.125, f.cheapest_life_min(0.125, 2, 3, 0.5)),
    "G03": lambda: f.machining_time_min(500, 0, f.feed_mm_min(0.25, 1, f.spindle_rpm(50, 100))),
    "G04": lambda: f.taylor_life_min(70, 0.125, 50),
    "G05": lambda: groover_time(50),
    "G06": lambda: groover_cost(50),
    "G07": lambda: f.machining_time_min(500, 0, f.feed_mm_min(0.25, 1, f.spindle_rpm(42, 100))),
    "G08": lambda: f.taylor_life_min(70, 0.125, 42),
    "G09": lambda: groover_cost(42),
    "G10": lambda: 60 / groover_time(42),
    "G11": lambda: f.machining_time_min(400, f.slab_approach_mm(70, 6.5), slab_feed()),
    "G12": lambda: f.removal_mm3_min(6.5, 50, slab_feed()),
    "K01": lambda: STEEL_304_MM3_MIN,
    "K02": lambda: STEEL_304_KW * 1000,
    "K03": lambda: f.torque_nm(STEEL_304_KW, 400),
    "K04": lambda: f.force_from_power_n(STEEL_304_KW, f.surface_speed_m_min(12.25, 400)),
    "K05": lambda: f.drilling_removal_mm3_min(10, 0.2 * 800),
    "K06": lambda: f.torque_nm(drilling_304_kw(), 800),
    "K07": lambda: f.feed_mm_min(0.25, 20, 100),
    "K08": lambda: 60 * f.machining_time_min(300, f.slab_approach_mm(50, 3), f.feed_mm_min(0.25, 20, 100)),
    "K09": slab_kw,
    "K10": lambda: f.torque_nm(slab_kw(), 100),
    "K11": lambda: 60 * f.machining_time_min(500, 150, 600),
    "K12": lambda: f.feed_per_tooth_mm(600, 10, 100),
    "K13": lambda: 1000 * f.power_from_energy_kw(f.removal_mm3_min(3, 60, 600), 1.1),
    "P01": lambda: economics.quote((1250, 187.5, 3333.33, 0), 0.25),
    "P02": lambda: economics.filament_cost(100, 25),
    "P03": lambda: economics.wear_per_h(1099, 0.1, 5000),
    "P04": lambda: economics.energy_cost(5, 100, 0.2166),
    "P05": lambda: economics.shop_rate_per_h(150_000, 1600),
    "W01": lambda: lbf(5, 14),
    "W02": lambda: lbf(6, 15),
    "D01": lambda: f.drilling_removal_mm3_min(2.25, (5.375 + 0.5) / 30),
    "X01": lambda: float(choose(*SMARTPHONE).standard),
    "X02": lambda: float(choose(*SMARTPHONE).worth),
    "X03": lambda: float(choose(*IMPROVED).worth),
}  # fmt: skip


def test_every_example_is_computed() -> None:
    expected = sorted(row["id"] for row in VECTORS)
    actual = sorted(COMPUTED)

    assert expected == actual


@pytest.mark.parametrize("row", VECTORS, ids=[row["id"] for row in VECTORS])
def test_example_gives_its_published_answer(row: Vector) -> None:
    actual = COMPUTED[row["id"]]()

    assert pytest.approx(row["published"], rel=row["rel_tol"]) == actual

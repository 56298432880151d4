"""Worked milling cases, number by number: feed, angle, chip, force, power, torque, bending."""

from __future__ import annotations

from dataclasses import dataclass
from math import degrees

import pytest

from pipeline.plan import formulas as f

CARBIDE_N_MM2 = 580_000


@dataclass(frozen=True)
class Case:
    """One cut: kc1.1, mc, diameter, flutes, speed or rpm, feed per tooth, depth, width."""

    name: str
    kc11: float
    mc: float
    diameter: float
    flutes: int
    rpm: float
    fz: float
    ap: float
    ae: float
    expected: dict[str, float]


def at(vc: float, diameter: float) -> float:
    """Give the spindle speed of a surface speed."""
    return f.spindle_rpm(vc, diameter)


CASES = (
    Case("6061 side", 800, 0.25, 6, 3, at(300, 6), 0.036, 6, 1.5,
         {"rpm": 15915, "feed": 1719, "angle": 60, "chip": 0.0172, "kc": 2209, "cm3": 15.5, "watt": 570,
          "torque": 0.342, "force": 228, "bending": 0.054}),
    Case("6061 slot", 800, 0.25, 6, 3, at(300, 6), 0.03, 3, 6, {"watt": 925, "force": 185}),
    Case("304 light", 2150, 0.2, 6, 4, at(80, 6), 0.02, 9, 0.6,
         {"feed": 340, "chip": 0.0062, "kc": 5939, "watt": 182, "force": 332, "bending": 0.078}),
    Case("Ti64", 2110, 0.22, 10, 4, at(50, 10), 0.04, 10, 1, {"watt": 235, "torque": 1.41, "force": 689}),
    Case("MDF slot", 31.25, 0.5, 6, 2, 18_000, 0.2, 6, 6, {"feed": 7200, "cm3": 259, "watt": 378, "force": 67}),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_case_gives_its_numbers(case: Case) -> None:
    feed = f.feed_mm_min(case.fz, case.flutes, case.rpm)
    angle = f.engagement_rad(case.ae, case.diameter)
    chip = f.mean_chip_mm(case.fz, case.ae, case.diameter)
    kc = f.specific_force_n_mm2(case.kc11, case.mc, chip)
    power = f.milling_power_kw(case.ap, case.ae, feed, kc)
    force = f.tooth_force_n(kc, f.engaged_edge_mm(case.ap, case.diameter, case.flutes, angle, 0), chip)
    numbers = {
        "rpm": case.rpm,
        "feed": feed,
        "angle": degrees(angle),
        "chip": chip,
        "kc": kc,
        "cm3": f.removal_mm3_min(case.ap, case.ae, feed) / 1000,
        "watt": power * 1000,
        "torque": f.torque_nm(power, case.rpm),
        "force": force,
        "bending": f.deflection_mm(force, [(22, 0.8 * case.diameter)], CARBIDE_N_MM2),
    }
    actual = {name: numbers[name] for name in case.expected}

    assert pytest.approx(case.expected, rel=0.01) == actual


def test_standard_numbers_of_threads_drills_prints_and_vacuum() -> None:
    actual = (
        [f.tap_drill_mm(d, p) for d, p in ((3, 0.5), (4, 0.7), (5, 0.8), (6, 1), (8, 1.25), (10, 1.5))],
        f.drill_tip_mm(10, 140),
        f.print_speed_mm_s(15, 0.2, 0.45),
        f.print_speed_mm_s(1.8, 0.2, 0.45),
        f.vacuum_force_n(80, 300 * 200),
        f.turned_roughness_um(0.2, 0.8) / 4,
    )
    expected = ([2.5, 3.3, 4.2, 5.0, 6.75, 8.5], 1.82, 184, 22, 4800, 1.56)

    assert expected[0] == pytest.approx(actual[0])
    assert expected[1:] == pytest.approx(actual[1:], rel=0.01)


def test_thread_mill_slows_inside_and_hurries_outside() -> None:
    actual = tuple(f.thread_mill_feed_mm_min(300, 10, 6, internal=inside) for inside in (True, False))

    assert (120, 480) == pytest.approx(actual)


def test_face_mill_chip_thins_with_the_setting_angle() -> None:
    square = f.face_mean_chip_mm(0.2, 60, 80)
    flat = f.face_mean_chip_mm(0.2, 60, 80, kapr_deg=45)

    assert pytest.approx(square * 0.5**0.5) == flat
    assert pytest.approx(0.1769, rel=1e-3) == square


def test_scallop_and_stepover_undo_each_other() -> None:
    actual = f.scallop_mm(f.stepover_mm(0.005, 3), 3)

    assert pytest.approx(0.005, rel=1e-9) == actual


def test_walls_keep_the_mark_of_each_tooth() -> None:
    actual = f.wall_cusp_mm(0.064, 8)

    assert pytest.approx(0.000128) == actual


def test_short_moves_never_reach_their_feed() -> None:
    actual = f.short_move_feed_mm_min(400, 1)

    assert pytest.approx(1200) == actual


def test_turning_and_drilling_forces() -> None:
    turning = f.turning_force_n(3, 0.2, 3100)
    drilling = f.drilling_power_kw(0.2, 50.9, 12, 2000)
    thrust = f.drill_thrust_n(0.2, 12, 2000, 118)

    assert pytest.approx(1860) == turning
    assert pytest.approx(1.018) == drilling
    assert pytest.approx(1028.6, rel=1e-3) == thrust

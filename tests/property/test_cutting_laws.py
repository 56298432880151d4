"""Laws of cutting: more width costs more power, a thicker chip cuts cheaper, and no cut we propose breaks a limit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tooling_db
from model.errors import CapabilityError
from model.plan import CuttingData
from model.tooling import Assembly, Machine, Material
from pipeline.plan import formulas as f
from pipeline.plan.cutting import decide_depth, milling_data
from pipeline.plan.cutting_holes import drilling_data
from pipeline.plan.limits import BENDING_MM, EFFICIENCY, STRENGTH_N_MM2, Hold, Mode, Speed, loads
from tests.explained import unexplained

SHOP = tooling_db.load()
CUT = [m for m in SHOP.materials.values() if m.process == "cut"]
CRIB = [(machine, one) for machine in SHOP.machines.values() for one in machine.tools]
MILLS = [(m, a) for m, a in CRIB if a.tool.kind in ("end-mill", "engraver")]
DRILLS = [(m, a) for m, a in CRIB if a.tool.kind == "drill"]
MODES: tuple[Mode, ...] = ("rough", "slot", "lap", "finish", "engrave", "ramp")

diameters = st.floats(0.3, 25)
shares = st.floats(0.02, 0.98)
chips = st.floats(0.001, 0.5)
materials = st.sampled_from(CUT)


@given(diameter=diameters, narrow=shares, wide=shares, fz=chips, material=materials)
def test_more_width_takes_more_power(
    diameter: float, narrow: float, wide: float, fz: float, material: Material
) -> None:
    def power(share: float) -> float:
        chip = f.mean_chip_mm(fz, share * diameter, diameter)
        kc = f.specific_force_n_mm2(material.kc11_n_mm2, material.mc, chip)
        return f.milling_power_kw(1, share * diameter, 1000, kc)

    low, high = sorted((narrow, wide))

    assert power(low) <= power(high) * (1 + 1e-9)


@given(thin=chips, thick=chips, material=materials)
def test_a_thicker_chip_needs_less_force_for_its_area(thin: float, thick: float, material: Material) -> None:
    low, high = sorted((thin, thick))
    first, second = (f.specific_force_n_mm2(material.kc11_n_mm2, material.mc, chip) for chip in (low, high))

    assert first >= second


@given(length=st.floats(1, 100), diameter=diameters, times=st.floats(1, 4), force=st.floats(0.1, 1000))
def test_bending_grows_with_the_cube_of_the_overhang(
    length: float, diameter: float, times: float, force: float
) -> None:
    short = f.deflection_mm(force, [(length, diameter)], 5.8e5)
    long = f.deflection_mm(force, [(length * times, diameter)], 5.8e5)

    assert pytest.approx(short * times**3) == long


@given(first=st.floats(1, 50), second=st.floats(1, 50), diameter=diameters)
def test_a_bar_in_two_pieces_bends_as_in_one(first: float, second: float, diameter: float) -> None:
    whole = f.deflection_mm(10, [(first + second, diameter)], 5.8e5)
    pieces = f.deflection_mm(10, [(first, diameter), (second, diameter)], 5.8e5)

    assert pytest.approx(whole) == pieces


@given(ap=st.floats(0.01, 60), more=st.floats(0, 20), diameter=diameters, flutes=st.integers(1, 6), share=shares,
       helix=st.floats(5, 50))  # fmt: skip
def test_the_edge_in_the_work_grows_with_depth_and_never_passes_the_straight_one(
    ap: float, more: float, diameter: float, flutes: int, share: float, helix: float
) -> None:
    angle = f.engagement_rad(share * diameter, diameter)
    edge = f.engaged_edge_mm(ap, diameter, flutes, angle, helix)
    deeper = f.engaged_edge_mm(ap + more, diameter, flutes, angle, helix)
    straight = f.engaged_edge_mm(ap, diameter, flutes, angle, 0)

    assert 0 < edge <= straight
    assert edge <= deeper * (1 + 1e-9) + 1e-9


@given(fz=chips, share=shares, diameter=diameters)
def test_the_mean_chip_lies_below_the_thickest(fz: float, share: float, diameter: float) -> None:
    ae = share * diameter

    assert 0 < f.mean_chip_mm(fz, ae, diameter) < f.max_chip_mm(fz, ae, diameter) * (1 + 1e-9)


@given(share=st.floats(0.001, 0.499), diameter=diameters)
def test_thinning_gives_the_thickest_chip_its_wanted_size(share: float, diameter: float) -> None:
    ae = share * diameter
    actual = f.max_chip_mm(0.1 / f.chip_thinning(ae, diameter), ae, diameter)

    assert pytest.approx(0.1) == actual


@given(constant=st.floats(50, 900), exponent=st.floats(0.1, 0.6), speed=st.floats(10, 800))
def test_tool_life_and_speed_undo_each_other(constant: float, exponent: float, speed: float) -> None:
    actual = f.taylor_speed_m_min(constant, exponent, f.taylor_life_min(constant, exponent, speed))

    assert pytest.approx(speed, rel=1e-6) == actual


@given(depth=st.floats(0.01, 100), largest=st.floats(0.01, 20))
def test_passes_are_no_deeper_than_allowed_and_no_more_than_needed(depth: float, largest: float) -> None:
    count = f.passes(depth, largest)

    assert depth / count <= largest * (1 + 1e-6)
    assert count == 1 or depth / (count - 1) > largest * (1 - 1e-6)


def attempted(compute: Callable[[], CuttingData]) -> CuttingData | str:
    """Give the cut, or the code of its refusal."""
    try:
        return compute()
    except CapabilityError as refused:
        return refused.code


@given(
    material=materials, where=st.sampled_from(MILLS), width=shares, depth=st.floats(0.05, 1),
    mode=st.sampled_from(MODES),
)  # fmt: skip
def test_a_proposed_cut_stays_inside_every_limit(
    material: Material, where: tuple[Machine, Assembly], width: float, depth: float, mode: Mode
) -> None:
    machine, one = where
    tool = one.tool
    ae = tool.diameter_mm if mode in ("slot", "engrave", "ramp") else width * tool.diameter_mm

    def compute() -> CuttingData:
        ap, *_ = decide_depth(material, one, machine, depth_mm=depth * tool.flute_length_mm, ae_mm=ae, mode=mode)
        return milling_data(material, one, machine, ap_mm=ap, ae_mm=ae, mode=mode)

    cut = attempted(compute)
    if isinstance(cut, str):
        assert cut in {"plan.spindle-too-fast", "plan.tool-too-weak", "plan.chip-too-thin"}
        return
    curve = f.interpolated(machine.power_curve, cut.spindle_rpm)
    borne = loads(material, one, cut.ap_mm, ae, Speed(cut.spindle_rpm, cut.fz_mm, ""))

    assert machine.spindle_min_rpm <= cut.spindle_rpm <= min(machine.spindle_max_rpm, tool.max_rpm, one.holder.max_rpm)
    assert cut.feed_mm_min <= machine.max_feed_mm_min
    assert cut.power_w <= 1000 * EFFICIENCY * curve * (1 + 1e-9)
    assert cut.deflection_mm <= BENDING_MM[mode] * (1 + 1e-9)
    assert borne.stress_n_mm2 <= STRENGTH_N_MM2[tool.substrate] * (1 + 1e-9)
    assert (cut.feed_mm_min, cut.plunge_mm_min, cut.ramp_mm_min) == (
        int(cut.feed_mm_min), int(cut.plunge_mm_min), int(cut.ramp_mm_min))  # fmt: skip
    assert cut.plunge_mm_min <= cut.ramp_mm_min <= cut.feed_mm_min
    assert cut.binding


@given(material=materials, where=st.sampled_from(MILLS), depth=st.floats(0.05, 1))
def test_what_a_bent_tool_leaves_on_a_wall_its_second_lap_takes(
    material: Material, where: tuple[Machine, Assembly], depth: float
) -> None:
    machine, one = where
    deep, wide = depth * one.tool.flute_length_mm, min(0.2, one.tool.diameter_mm)
    try:
        ap, *_ = decide_depth(material, one, machine, depth_mm=deep, ae_mm=wide, mode="lap")
        cut = milling_data(material, one, machine, ap_mm=ap, ae_mm=wide, mode="lap")
    except CapabilityError:
        return
    again = loads(material, one, ap, cut.deflection_mm, Speed(cut.spindle_rpm, cut.fz_mm, ""))

    assert again.bending_mm <= BENDING_MM["finish"] * (1 + 1e-9)


@given(material=materials, where=st.sampled_from(MILLS), width=shares, first=shares, second=shares)
def test_a_deeper_cut_is_never_fed_faster(
    material: Material, where: tuple[Machine, Assembly], width: float, first: float, second: float
) -> None:
    machine, one = where
    shallow, deep = (share * one.tool.flute_length_mm for share in sorted((first, second)))
    ae = width * one.tool.diameter_mm
    try:
        fed = milling_data(material, one, machine, ap_mm=deep, ae_mm=ae, mode="rough").feed_mm_min
    except CapabilityError:
        return
    actual = milling_data(material, one, machine, ap_mm=shallow, ae_mm=ae, mode="rough").feed_mm_min

    assert actual >= fed


holds = st.builds(Hold, force_n=st.floats(5, 2000), moment_nmm=st.floats(100, 1e5), top_mm=st.floats(0, 100))


@given(
    material=materials, where=st.sampled_from(MILLS), width=shares, depth=st.floats(0.05, 1),
    mode=st.sampled_from(MODES), hold=holds, less=shares,
)  # fmt: skip
def test_a_weaker_hold_is_asked_for_no_more_than_it_bears_and_never_saves_time(
    material: Material, where: tuple[Machine, Assembly], width: float, depth: float, mode: Mode, hold: Hold, less: float
) -> None:
    machine, one = where
    deep, ae = depth * one.tool.flute_length_mm, width * one.tool.diameter_mm

    def under(held: Hold) -> CuttingData:
        ap = decide_depth(material, one, machine, depth_mm=deep, ae_mm=ae, mode=mode, hold=held).ap_mm
        return milling_data(material, one, machine, ap_mm=ap, ae_mm=ae, mode=mode, hold=held)

    weaker = replace(hold, force_n=less * hold.force_n, moment_nmm=less * hold.moment_nmm)
    firm, light = attempted(lambda: under(hold)), attempted(lambda: under(weaker))
    if isinstance(firm, str) or isinstance(light, str):
        assert isinstance(light, str)  # what a firm hold does not bear a weak one does not
        return

    assert light.force_n <= weaker.force_n * (1 + 1e-9)
    assert light.force_n * max(weaker.top_mm - light.ap_mm / 2, 0) <= weaker.moment_nmm * (1 + 1e-9)
    assert 1 / light.ap_mm / light.feed_mm_min >= 1 / firm.ap_mm / firm.feed_mm_min * (1 - 1e-9)


@given(material=materials, where=st.sampled_from(MILLS), share=shares, force=st.floats(1, 1000))
def test_a_cut_of_given_depth_is_fed_slower_by_a_weak_hold_but_never_below_a_sound_chip(
    material: Material, where: tuple[Machine, Assembly], share: float, force: float
) -> None:
    machine, one = where
    ap, ae = share * one.tool.flute_length_mm, one.tool.diameter_mm / 2
    cut = attempted(lambda: milling_data(
        material, one, machine, ap_mm=ap, ae_mm=ae, mode="finish", hold=Hold(force)
    ))  # fmt: skip
    if isinstance(cut, str):
        assert cut in {"plan.vise-force", "plan.spindle-too-fast", "plan.chip-too-thin"}
        return

    assert cut.force_n <= force * (1 + 1e-9)
    assert cut.fz_mm >= 0.001 * (1 - 1e-3) or cut.feed_mm_min == machine.max_feed_mm_min


@given(material=materials, where=st.sampled_from(MILLS), share=shares, width=shares, mode=st.sampled_from(MODES),
       runs=st.tuples(st.floats(0.05, 40), st.floats(0.05, 40)))  # fmt: skip
def test_a_shorter_run_is_never_fed_faster_and_acceleration_is_named_when_it_binds(
    material: Material, where: tuple[Machine, Assembly], share: float, width: float, mode: Mode,
    runs: tuple[float, float],
) -> None:  # fmt: skip
    machine, one = where
    ap, ae = share * one.tool.flute_length_mm, width * one.tool.diameter_mm
    short, long, free = (
        attempted(lambda r=run: milling_data(material, one, machine, ap_mm=ap, ae_mm=ae, mode=mode, run_mm=r))  # type: ignore[misc]  # bound now
        for run in (*sorted(runs), inf)
    )
    if isinstance(short, str) or isinstance(long, str) or isinstance(free, str):
        assert short == long == free  # what is not reached refuses nothing
        return

    assert short.feed_mm_min <= long.feed_mm_min <= free.feed_mm_min
    assert short.force_n <= free.force_n * 1.01  # feeds are whole mm/min
    reached = 60 * (min(a.acceleration_mm_s2 for a in machine.axes[:2]) * min(runs)) ** 0.5
    thinnest = free.fz_mm if short.fz_mm >= free.fz_mm * (1 - 1e-9) else short.fz_mm
    slowest = machine.spindle_min_rpm + 10
    assert short.feed_mm_min <= reached or (short.spindle_rpm <= slowest and short.fz_mm <= thinnest)
    if short.feed_mm_min < free.feed_mm_min and short.binding != free.binding:
        assert short.binding.startswith(("acceleration", "deflection", "tool strength", "power", "torque"))


@given(material=materials, where=st.sampled_from(DRILLS), first=st.floats(0.1, 8), second=st.floats(0.1, 8))
def test_a_deeper_hole_is_never_drilled_faster(
    material: Material, where: tuple[Machine, Assembly], first: float, second: float
) -> None:
    machine, one = where
    shallow, deep = (min(times * one.tool.diameter_mm, one.tool.flute_length_mm) for times in sorted((first, second)))
    slow = attempted(lambda: drilling_data(material, one, machine, depth_mm=deep))
    fast = attempted(lambda: drilling_data(material, one, machine, depth_mm=shallow))
    if isinstance(slow, str) or isinstance(fast, str):
        assert {"plan.spindle-too-fast", "plan.chip-too-thin"} >= {c for c in (slow, fast) if isinstance(c, str)}
        return

    assert slow.spindle_rpm <= fast.spindle_rpm
    assert slow.feed_mm_min <= fast.feed_mm_min
    assert slow.peck_mm > 0 or fast.peck_mm == 0


@given(material=materials, where=st.sampled_from(MILLS + DRILLS), width=shares, depth=st.floats(0.05, 1),
       mode=st.sampled_from(MODES))  # fmt: skip
def test_every_number_is_led_to_by_its_steps_and_the_binding_limit_is_one_of_them(
    material: Material, where: tuple[Machine, Assembly], width: float, depth: float, mode: Mode
) -> None:
    machine, one = where
    deep, ae = depth * one.tool.flute_length_mm, width * one.tool.diameter_mm

    def compute() -> CuttingData:
        if one.tool.kind == "drill":
            return drilling_data(material, one, machine, depth_mm=deep)
        return milling_data(material, one, machine, ap_mm=deep, ae_mm=ae, mode=mode)

    cut = attempted(compute)
    if isinstance(cut, str):
        return

    assert [] == unexplained(cut)
    assert cut.binding in {step.limit for step in cut.why}


@given(material=materials, where=st.sampled_from(MILLS), width=shares, depth=st.floats(0.05, 1),
       mode=st.sampled_from(MODES))  # fmt: skip
def test_the_steps_of_a_depth_lead_to_it(
    material: Material, where: tuple[Machine, Assembly], width: float, depth: float, mode: Mode
) -> None:
    machine, one = where
    deep, ae = depth * one.tool.flute_length_mm, width * one.tool.diameter_mm
    try:
        found = decide_depth(material, one, machine, depth_mm=deep, ae_mm=ae, mode=mode)
    except CapabilityError:
        return

    assert (0.0, deep, found.ap_mm) == (found.why[0].before, found.why[0].after, found.why[-1].after)
    assert all(b.before == a.after for a, b in pairwise(found.why))
    assert found.binding in {"whole depth in one pass", found.why[-1].limit}


@given(material=materials, where=st.sampled_from(MILLS), share=st.floats(0.05, 0.9), width=shares)
def test_a_weaker_torque_curve_never_feeds_faster_and_is_named_when_it_binds(
    material: Material, where: tuple[Machine, Assembly], share: float, width: float
) -> None:
    machine, one = where
    points = tuple((rpm, share * f.torque_nm(kw, rpm)) for rpm, kw in machine.power_curve)
    weak = replace(machine, torque_curve=points)
    ae, ap = width * one.tool.diameter_mm, 0.5 * one.tool.flute_length_mm
    full, less = (
        attempted(lambda m=m: milling_data(material, one, m, ap_mm=ap, ae_mm=ae, mode="rough"))  # type: ignore[misc]
        for m in (machine, weak)
    )
    if isinstance(full, str) or isinstance(less, str):
        return

    assert less.feed_mm_min <= full.feed_mm_min
    if less.feed_mm_min < full.feed_mm_min - 1:
        assert less.binding.startswith("torque")

"""Speeds and feeds of real cuts: inside the material's range, near shop medians, the limit named, the rest refused."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import pytest

import tooling_db
from model.errors import CapabilityError
from model.inventory import CuttingRow
from model.thread import thread_named
from model.tooling import Assembly, Machine, Material
from pipeline.plan.cutting import decide_depth, milling_data
from pipeline.plan.cutting_holes import drilling_data, reaming_data, tapping_data

SHOP = tooling_db.load()
ROUTER = SHOP.machines["router-grbl"]
MILL = SHOP.machines["mill-linuxcnc"]
BRASS = SHOP.materials["brass-cuzn39pb3"]
ALUMINIUM = SHOP.materials["al-6082"]
STEEL = SHOP.materials["steel-s235"]
CUT = [m for m in SHOP.materials.values() if m.process == "cut"]

MEDIANS = {
    "al-6082": (244, 0.0080),
    "al-6061": (305, 0.0080),
    "steel-s235": (107, 0.005),
    "ss-304": (76, 0.0023),
    "hardwood": (359, 0.014),
    "plywood": (359, 0.016),
    "brass-cuzn39pb3": (150, 0.008),
}
"""Shop medians of surface speed and feed per tooth over diameter; brass: no shop preset, the row's own start."""

DRILL_MEDIANS = {
    "al-6082": (91, 0.017), "steel-s235": (27, 0.011), "ss-304": (13.7, 0.010),
    "copper": (90, 0.015), "brass-cuzn39pb3": (61, 0.015), "ti-6al4v": (12.2, 0.007),
}  # fmt: skip


def held(machine: Machine, tool_id: str) -> Assembly:
    """Find the assembly of a tool in a machine's crib."""
    return next(one for one in machine.tools if one.tool.id == tool_id)


def refused(call: object, code: str) -> CapabilityError:
    """Expect a refusal with its code and give it back."""
    with pytest.raises(CapabilityError) as caught:
        call()  # type: ignore[operator]
    assert code == caught.value.code
    assert caught.value.hint
    return caught.value


FAST = replace(MILL, id="fast", spindle_max_rpm=60_000.0, max_feed_mm_min=30_000.0, power_curve=((500.0, 5.0),))
"""A machine that limits nothing."""


def free(tool_id: str, machine: Machine) -> Assembly:
    """Hold a tool so that only the material's row decides its speed."""
    one = held(machine, tool_id)
    return replace(one, tool=replace(one.tool, max_rpm=inf), holder=replace(one.holder, max_rpm=inf))


@pytest.mark.parametrize("material", CUT, ids=[m.id for m in CUT])
@pytest.mark.parametrize("tool_id", ["em-6", "em-10"])
def test_start_values_lie_inside_the_row(material: Material, tool_id: str) -> None:
    one = free(tool_id, MILL)
    diameter = one.tool.diameter_mm
    cut = milling_data(material, one, FAST, ap_mm=0.1, ae_mm=diameter / 2, mode="rough")
    low, _, high = material.vc_carbide_m_min
    fz_low, _, fz_high = material.fz_over_d

    assert low * 0.99 <= cut.vc_m_min <= high
    assert fz_low * 0.98 <= cut.fz_mm / diameter <= fz_high


@pytest.mark.parametrize("name", MEDIANS)
@pytest.mark.parametrize("tool_id", ["em-4", "em-8"])
def test_start_values_are_within_a_factor_of_two_of_shop_medians(name: str, tool_id: str) -> None:
    one = free(tool_id, MILL)
    diameter = one.tool.diameter_mm
    cut = milling_data(SHOP.materials[name], one, FAST, ap_mm=0.1, ae_mm=diameter / 2, mode="rough")
    vc, fz = MEDIANS[name]

    assert 0.5 <= cut.vc_m_min / vc <= 2
    assert 0.5 <= cut.fz_mm / diameter / fz <= 2


@pytest.mark.parametrize("name", DRILL_MEDIANS)
def test_drills_run_within_a_factor_of_two_of_shop_medians(name: str) -> None:
    one = free("drill-stub-6.6", MILL)
    cut = drilling_data(SHOP.materials[name], one, FAST, depth_mm=6)
    vc, fn = DRILL_MEDIANS[name]

    assert 0.5 <= cut.vc_m_min / vc <= 2
    assert 0.5 <= cut.fz_mm * one.tool.flutes / one.tool.diameter_mm / fn <= 2


@pytest.mark.parametrize(
    ("material", "machine", "tool_id", "ap", "ae", "mode", "binding"),
    [
        (BRASS, ROUTER, "em-3", 0.5, 3.0, "slot", "cutting speed 150 m/min"),
        (BRASS, ROUTER, "em-1", 0.2, 1.0, "slot", "spindle speed 24000 rpm"),
        (BRASS, ROUTER, "chamfer-90-6", 0.5, 0.5, "chamfer", "spindle minimum 10000 rpm"),
        (BRASS, ROUTER, "em-3", 3.0, 3.0, "slot", "deflection 0.05 mm"),
        (ALUMINIUM, MILL, "em-10", 4.0, 10.0, "slot", "power 1.50 kW at 9540 rpm"),
        (SHOP.materials["plywood"], ROUTER, "em-3", 1.0, 3.0, "slot", "feed 4000 mm/min"),
        (SHOP.materials["ss-304"], MILL, "em-3", 0.3, 0.1, "finish", "minimum chip 0.002 mm"),
        (SHOP.materials["hdpe"], ROUTER, "engraver-0.3", 0.05, 0.02, "finish", "minimum chip 0.004 mm"),
    ],
)
def test_the_binding_constraint_is_named(
    material: Material, machine: Machine, tool_id: str, ap: float, ae: float, mode: str, binding: str
) -> None:
    cut = milling_data(material, held(machine, tool_id), machine, ap_mm=ap, ae_mm=ae, mode=mode)  # type: ignore[arg-type]

    assert binding == cut.binding


def test_tool_and_holder_limit_the_spindle_too() -> None:
    one = held(MILL, "em-3")
    slow_tool = replace(one, tool=replace(one.tool, max_rpm=7000.0))
    slow_holder = replace(one, holder=replace(one.holder, max_rpm=6000.0))
    cuts = [milling_data(BRASS, a, MILL, ap_mm=0.1, ae_mm=3, mode="slot") for a in (slow_tool, slow_holder)]
    actual = [(c.spindle_rpm, c.binding) for c in cuts]

    assert [(7000.0, "tool speed 7000 rpm"), (6000.0, "holder speed 6000 rpm")] == actual


def test_a_short_thin_tool_is_bound_by_its_strength() -> None:
    one = replace(held(ROUTER, "engraver-0.5"), stick_out_mm=5.0)
    one = replace(one, tool=replace(one.tool, shoulder_length_mm=1.5))
    cut = milling_data(STEEL, one, ROUTER, ap_mm=0.5, ae_mm=0.5, mode="slot")

    assert cut.binding == "tool strength 1200 N/mm2"


def test_brass_on_the_router_is_cut_as_a_shop_would() -> None:
    one = held(ROUTER, "em-3")
    ap = decide_depth(BRASS, one, ROUTER, depth_mm=2.0, ae_mm=3.0, mode="slot").ap_mm
    cut = milling_data(BRASS, one, ROUTER, ap_mm=ap, ae_mm=3.0, mode="slot")

    assert (15910.0, 763.0, 190.0, 534.0) == (cut.spindle_rpm, cut.feed_mm_min, cut.plunge_mm_min, cut.ramp_mm_min)
    assert ap == pytest.approx(1.0)
    assert cut.coolant == "off"
    assert cut.deflection_mm < 0.05


def test_a_ramp_is_fed_slower_than_a_slot() -> None:
    one = held(ROUTER, "em-3")
    slot, ramp = (milling_data(BRASS, one, ROUTER, ap_mm=0.5, ae_mm=3, mode=m) for m in ("slot", "ramp"))

    assert slot.ramp_mm_min == ramp.feed_mm_min


def test_finishing_the_whole_wall_takes_one_pass_with_the_large_mill() -> None:
    actual = decide_depth(ALUMINIUM, held(MILL, "em-10"), MILL, depth_mm=22.0, ae_mm=0.2, mode="finish")

    assert (22.0, "whole depth in one pass") == (actual.ap_mm, actual.binding)


@pytest.mark.parametrize(("tool", "depth", "levels"), [("em-8", 25.0, 1), ("em-12-long", 50.0, 3), ("em-3", 10.0, 1)])
def test_a_wall_is_lapped_in_few_deep_levels_by_a_tool_that_bends(tool: str, depth: float, levels: int) -> None:
    ap = decide_depth(ALUMINIUM, held(MILL, tool), MILL, depth_mm=depth, ae_mm=0.2, mode="lap").ap_mm

    assert levels == round(depth / ap)


@pytest.mark.parametrize(("depth", "passes"), [(3.0, 2), (9.0, 5), (22.0, 11)])
def test_passes_are_equal(depth: float, passes: int) -> None:
    ap = decide_depth(ALUMINIUM, held(MILL, "em-8"), MILL, depth_mm=depth, ae_mm=8.0, mode="slot").ap_mm

    assert pytest.approx(depth / passes) == ap


def test_small_mills_in_metal_bite_at_most_a_hundredth_of_their_diameter() -> None:
    greedy = replace(BRASS, fz_over_d=(0.006, 0.018, 0.02))
    cut = milling_data(greedy, held(ROUTER, "em-1"), ROUTER, ap_mm=0.1, ae_mm=1, mode="slot")

    assert cut.fz_mm == pytest.approx(0.01)
    assert cut.binding == "chip load 0.01 of a small tool's diameter"


def test_chip_thinning_feeds_narrow_roughing_faster_but_not_above_the_row() -> None:
    one = free("em-10", MILL)
    wide, narrow, hair = (
        milling_data(ALUMINIUM, one, FAST, ap_mm=1, ae_mm=ae, mode="rough").fz_mm for ae in (5.0, 2.0, 0.2)
    )

    assert wide == pytest.approx(0.08, rel=0.01)
    assert narrow == pytest.approx(0.1, rel=0.01)
    assert hair == pytest.approx(0.14, rel=0.01)


def test_a_ball_runs_at_the_speed_of_its_contact_circle() -> None:
    one = free("em-6", MILL)
    ball = replace(one, tool=replace(one.tool, kind="ball-mill", corner_radius_mm=3.0))
    flat, shallow = (milling_data(BRASS, a, FAST, ap_mm=0.3, ae_mm=0.3, mode="finish") for a in (one, ball))

    assert shallow.spindle_rpm > 2 * flat.spindle_rpm


def test_a_slow_table_turns_the_spindle_down_rather_than_rub() -> None:
    slow = replace(ROUTER, max_feed_mm_min=1500.0)
    plywood = SHOP.materials["plywood"]
    cut = milling_data(plywood, held(ROUTER, "em-3"), slow, ap_mm=1, ae_mm=3, mode="slot")

    assert cut.spindle_rpm < 24_000
    assert cut.feed_mm_min <= 1500
    assert cut.fz_mm == pytest.approx(plywood.fz_over_d[0] * 3, rel=0.01)


def test_high_speed_steel_mills_run_at_their_own_speed() -> None:
    one = free("em-10", MILL)
    hss = replace(one, tool=replace(one.tool, substrate="hss"))
    cut = milling_data(STEEL, hss, MILL, ap_mm=1, ae_mm=3, mode="rough")

    assert cut.vc_m_min == pytest.approx(STEEL.vc_hss_m_min[1], rel=0.02)


@pytest.mark.parametrize(
    ("name", "coolant"), [("al-6082", "mist"), ("steel-s235", "flood"), ("cast-iron-gg20", "off"), ("pom", "off")]
)
def test_coolant_suits_the_material(name: str, coolant: str) -> None:
    cut = milling_data(SHOP.materials[name], held(MILL, "em-6"), MILL, ap_mm=0.5, ae_mm=2, mode="rough")

    assert coolant == cut.coolant


@pytest.mark.parametrize(
    ("material", "depth", "peck"),
    [
        (ALUMINIUM, 14.9, 0.0), (ALUMINIUM, 15.0, 5.0), (ALUMINIUM, 39.9, 5.0), (ALUMINIUM, 40.0, 2.5),
        (BRASS, 24.0, 0.0), (BRASS, 25.0, 5.0), (SHOP.materials["ss-304"], 16.0, 2.5),
    ],
)  # fmt: skip
def test_pecks_follow_depth_over_diameter(material: Material, depth: float, peck: float) -> None:
    cut = drilling_data(material, held(MILL, "drill-5"), MILL, depth_mm=depth)

    assert peck == cut.peck_mm


def test_deep_holes_are_drilled_slower() -> None:
    one = held(MILL, "drill-5")
    speeds = [drilling_data(ALUMINIUM, one, MILL, depth_mm=5.0 * times).spindle_rpm for times in (2, 3, 4, 5, 6)]
    start = 91_000 / (3.141592653589793 * 5)
    expected = [start * share for share in (1, 0.9, 0.8, 0.7, 0.6)]

    assert pytest.approx(expected, abs=10) == speeds


def test_power_slows_a_large_drill_and_a_table_that_is_slow() -> None:
    weak = replace(MILL, power_curve=((500.0, 0.05), (10_000.0, 0.8)))
    slow = replace(MILL, max_feed_mm_min=200.0)
    one = held(MILL, "drill-stub-6.6")
    powered, fed = (drilling_data(ALUMINIUM, one, machine, depth_mm=6) for machine in (weak, slow))

    assert powered.binding.startswith("power ")
    assert powered.power_w < 800 * 4380 / 10_000
    assert (200.0, "feed 200 mm/min") == (fed.feed_mm_min, fed.binding)


def test_a_spot_drill_marks_with_little_power() -> None:
    one = held(MILL, "spot-90-8")
    light, full = (drilling_data(STEEL, one, MILL, depth_mm=depth).power_w for depth in (1.0, 4.0))

    assert light < full / 10


def test_impossible_cuts_are_refused_with_place_number_limit_and_hint() -> None:
    end_mill, drill = held(MILL, "em-10"), held(MILL, "drill-5")
    printed = SHOP.materials["petg"]
    short = "plan.flutes-too-short"
    flute = refused(lambda: milling_data(STEEL, end_mill, MILL, ap_mm=27, ae_mm=1, mode="finish"), short)
    deep = refused(lambda: drilling_data(STEEL, drill, MILL, depth_mm=52.6), "plan.hole-too-deep")
    actual = [(error.place, error.value, error.limit) for error in (flute, deep)]

    assert [("T1", 27, 26.0), ("T6", 52.6, 52.5)] == actual
    refused(lambda: milling_data(printed, end_mill, MILL, ap_mm=1, ae_mm=1, mode="rough"), "plan.material-not-cut")
    refused(lambda: drilling_data(printed, drill, MILL, depth_mm=1), "plan.material-not-cut")
    refused(lambda: milling_data(STEEL, drill, MILL, ap_mm=1, ae_mm=1, mode="rough"), "plan.wrong-tool")
    refused(lambda: drilling_data(STEEL, end_mill, MILL, depth_mm=1), "plan.wrong-tool")
    refused(lambda: decide_depth(STEEL, end_mill, MILL, depth_mm=31, ae_mm=1, mode="rough"), short)
    stub = held(MILL, "drill-stub-6.6")
    refused(lambda: drilling_data(STEEL, stub, MILL, depth_mm=32), short)


def test_a_spindle_that_cannot_turn_slowly_is_refused() -> None:
    steel = refused(lambda: milling_data(STEEL, held(ROUTER, "chamfer-90-6"), ROUTER, ap_mm=1, ae_mm=1, mode="chamfer"),
                    "plan.spindle-too-fast")  # fmt: skip
    acrylic = SHOP.materials["pmma"]
    drill = held(ROUTER, "drill-carbide-5")
    refused(lambda: drilling_data(acrylic, drill, ROUTER, depth_mm=3), "plan.spindle-too-fast")
    slow = replace(held(ROUTER, "em-3"), tool=replace(held(ROUTER, "em-3").tool, max_rpm=8000.0))
    refused(lambda: milling_data(BRASS, slow, ROUTER, ap_mm=1, ae_mm=1, mode="rough"), "plan.spindle-too-fast")

    assert (10_000, "T17") == (steel.value, steel.place)


def test_a_cut_whose_thinnest_chip_breaks_a_limit_is_refused() -> None:
    titanium = SHOP.materials["ti-6al4v"]
    needle = replace(held(MILL, "em-2"), stick_out_mm=37.0)
    needle = replace(needle, tool=replace(needle.tool, flute_length_mm=30.0, shoulder_length_mm=30.0))
    refused(lambda: milling_data(titanium, needle, MILL, ap_mm=2, ae_mm=2, mode="slot"), "plan.chip-too-thin")
    hair = replace(needle, tool=replace(needle.tool, diameter_mm=0.1, tip_diameter_mm=0.1))
    refused(lambda: decide_depth(titanium, hair, MILL, depth_mm=1, ae_mm=0.1, mode="slot"), "plan.tool-too-weak")
    feeble = replace(MILL, power_curve=((500.0, 0.001),))
    refused(lambda: drilling_data(STEEL, held(MILL, "drill-stub-8.5"), feeble, depth_mm=9), "plan.chip-too-thin")
    crawling, mill = replace(ROUTER, max_feed_mm_min=20.0), held(ROUTER, "em-3")
    refused(lambda: milling_data(BRASS, mill, crawling, ap_mm=1, ae_mm=3, mode="slot"), "plan.chip-too-thin")


@pytest.mark.parametrize(("ap", "ae"), [(0.0, 1.0), (1.0, 0.0), (1.0, 10.1), (float("nan"), 1.0)])
def test_a_cut_that_is_none_is_a_bug(ap: float, ae: float) -> None:
    with pytest.raises(ValueError, match="is none"):
        milling_data(STEEL, held(MILL, "em-10"), MILL, ap_mm=ap, ae_mm=ae, mode="rough")


def test_a_hole_without_depth_is_a_bug() -> None:
    with pytest.raises(ValueError, match="is none"):
        drilling_data(STEEL, held(MILL, "drill-5"), MILL, depth_mm=0)


def with_row(tool_id: str, machine: Machine, **row: object) -> Assembly:
    """An assembly whose tool has its own row of cutting data."""
    one = held(machine, tool_id)
    told: dict[str, object] = {
        "vc_m_min": 200.0,
        "fz_mm": 0.03,
        "source": "a maker's page",
        "confidence": "maker",
        **row,
    }
    own = CuttingRow(tool_id=tool_id, material_id="al-6082", work="slot", **told)  # type: ignore[arg-type]
    return replace(one, tool=replace(one.tool, presets=(own,)))


def test_a_tools_own_row_stands_in_place_of_the_materials_and_says_what_it_replaced() -> None:
    one = with_row("em-6", FAST)
    cut = milling_data(ALUMINIUM, one, FAST, ap_mm=1, ae_mm=6, mode="slot")
    (told,) = [step for step in cut.why if "in place of" in step.because]

    assert pytest.approx((200, 0.03), rel=2e-3) == (cut.vc_m_min, cut.fz_mm)
    assert pytest.approx(0.048) == told.before
    assert "cutting em-6 al-6082 slot, a maker's page [maker]" == told.source
    assert "0.0480 mm and 300 m/min" in told.because


def test_a_row_nobody_answers_for_is_used_at_less() -> None:
    one = with_row("em-6", FAST, confidence="estimated")
    cut = milling_data(ALUMINIUM, one, FAST, ap_mm=1, ae_mm=6, mode="slot")

    assert pytest.approx((170, 0.0255), rel=2e-3) == (cut.vc_m_min, cut.fz_mm)


def test_a_tools_own_row_is_held_to_every_limit() -> None:
    weak = replace(MILL, power_curve=((500.0, 0.05), (10_000.0, 0.05)))
    greedy = with_row("em-6", MILL, vc_m_min=900.0, fz_mm=0.3)
    cut = milling_data(ALUMINIUM, greedy, weak, ap_mm=1, ae_mm=6, mode="slot")

    assert (10_000, True) == (cut.spindle_rpm, cut.binding.startswith("power 0.05 kW"))
    assert cut.power_w <= 40 * (1 + 1e-9)


def test_another_material_or_work_keeps_the_materials_row() -> None:
    own, plain = with_row("em-6", FAST), held(FAST, "em-6")
    for material, mode in ((BRASS, "slot"), (ALUMINIUM, "rough")):
        cuts = [milling_data(material, a, FAST, ap_mm=1, ae_mm=3, mode=mode) for a in (own, plain)]  # type: ignore[arg-type]

        assert cuts[0] == cuts[1]


def test_a_drill_s_own_row_is_taken_too() -> None:
    one = held(FAST, "drill-5")
    own = CuttingRow("drill-5", "al-6082", "drill", 60.0, 0.05, "shop", "shop")
    cut = drilling_data(ALUMINIUM, replace(one, tool=replace(one.tool, presets=(own,))), FAST, depth_mm=6)

    assert pytest.approx((60, 0.05), rel=3e-3) == (cut.vc_m_min, 2 * cut.fz_mm)


def with_own(kind: str, work: str, vc: float, fz: float) -> Assembly:
    one = next(a for m in SHOP.machines.values() for a in m.tools if a.tool.kind == kind)
    own = CuttingRow(one.tool.id, "al-6082", work, vc, fz, "shop", "shop")  # type: ignore[arg-type]
    return replace(one, tool=replace(one.tool, presets=(own,)))


def test_a_reamer_s_own_row_is_taken_too() -> None:
    one = with_own("reamer", "ream", 12.0, 0.15)
    usual = reaming_data(ALUMINIUM, replace(one, tool=replace(one.tool, presets=())), FAST, drilled_mm=4.8, depth_mm=8)
    cut = reaming_data(ALUMINIUM, one, FAST, drilled_mm=4.8, depth_mm=8)

    assert pytest.approx((12.0, 0.15), rel=0.02) == (cut.vc_m_min, cut.feed_mm_min / cut.spindle_rpm)
    assert cut.vc_m_min < usual.vc_m_min
    assert any("in place of" in s.source for s in cut.why)


def test_a_tap_s_own_row_sets_its_speed_and_the_pitch_its_feed() -> None:
    one = with_own("tap", "tap", 9.0, 0.1)
    thread = thread_named(f"M{one.tool.diameter_mm:g}")
    assert thread is not None
    cut = tapping_data(ALUMINIUM, one, FAST, thread=thread, depth_mm=8)

    assert 9.0 == pytest.approx(cut.vc_m_min, rel=0.06)
    assert cut.feed_mm_min == pytest.approx(thread.pitch_mm * cut.spindle_rpm)
    assert any("in place of" in s.source for s in cut.why)


def test_torque_binds_where_the_curve_is_lower_than_the_power() -> None:
    weak = replace(MILL, torque_curve=((500.0, 0.2), (10_000.0, 0.2)))
    cut = milling_data(ALUMINIUM, held(weak, "em-10"), weak, ap_mm=1.0, ae_mm=10, mode="slot")

    assert cut.binding == f"torque 0.20 N m at {cut.spindle_rpm:g} rpm"
    assert cut.power_w / 1000 * 9550 / cut.spindle_rpm <= 0.16 * 1.01

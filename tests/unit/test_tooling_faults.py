"""Wrong rows planted in a good tooling folder: each refused with its code, place, number, limit and hint."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

import tooling_db
from model.errors import ConfigError
from pipeline.cli.app import app

GOOD = Path(tooling_db.__file__).parent
BRASS = "materials/copper_alloys.toml"
MILLS = "tools/end_mills.toml"
CHAMFERS = "tools/chamfer_spot.toml"
DRILLS = "tools/drills_stub.toml"
TAPS = "tools/taps.toml"
THREADERS = "tools/thread_mills.toml"
REAMERS = "tools/reamers.toml"
ROUTER = "machines/router-grbl.toml"
MILL = "machines/mill-linuxcnc.toml"
SHEET = "machines/router-linuxcnc.toml"
INSTANCES = "instances.toml"
CUTTING = "cutting.toml"
MARLIN = "printers/printer-marlin.toml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Copy the good folder's data files."""
    copy = tmp_path / "shop"
    for source in GOOD.rglob("*.toml"):
        target = copy / source.relative_to(GOOD)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    return copy


def plant(folder: Path, file: str, old: str, new: str) -> None:
    """Replace the first occurrence of a text that must be there."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def refusal(folder: Path) -> ConfigError:
    """Load a folder that must be refused."""
    with pytest.raises(ConfigError) as caught:
        tooling_db.load(folder)
    assert caught.value.findings
    assert all(f.hint and f.place and f.code.startswith("tooling.") for f in caught.value.findings)
    return caught.value


FAULTS = [
    # form: a value missing, unknown, of the wrong type, not a number, negative
    (MILLS, "flutes = 2\n", "", "tooling.missing", "tool em-1: flutes"),
    (MILLS, "price_eur = 9.0\n", "price_eur = 9.0\ncolour = 1\n", "tooling.unknown-field", "tool em-1: colour"),
    (MILLS, "flutes = 2\n", 'flutes = "2"\n', "tooling.wrong-type", "tool em-1: flutes"),
    (MILLS, "flutes = 2\n", "flutes = 2.0\n", "tooling.wrong-type", "tool em-1: flutes"),
    (MILLS, "max_rpm = 60000.0", "max_rpm = true", "tooling.wrong-type", "tool em-1: max_rpm"),
    (MILLS, "max_rpm = 60000.0", "max_rpm = nan", "tooling.not-finite", "tool em-1: max_rpm"),
    (MILLS, "max_rpm = 60000.0", "max_rpm = inf", "tooling.not-finite", "tool em-1: max_rpm"),
    (MILLS, "flute_length_mm = 3.0", "flute_length_mm = -3.0", "tooling.negative", "tool em-1: flute_length_mm"),
    (MILLS, 'name = "End mill 1 mm, 2 flutes, carbide"', 'name = " "', "tooling.missing", "tool em-1: name"),
    (MILLS, 'kind = "end-mill"', 'kind = "end mill"', "tooling.unknown-choice", "tool em-1: kind"),
    (MILLS, 'id = "em-1"', 'id = "EM 1"', "tooling.bad-id", "tool EM 1: id"),
    (MILLS, "[[tool]]", "[[tul]]", "tooling.unknown-field", "tul"),
    (MILLS, "[common.tool]", "[common.tul]", "tooling.unknown-field", "common.tul"),
    (MILLS, "[[tool]]", "[[tool]", "tooling.not-toml", MILLS),
    (BRASS, "mc = 0.27", "mc = [0.27]", "tooling.wrong-type", "material brass-cuzn39pb3: mc"),
    (BRASS, "[75.0, 150.0, 350.0]", "[75.0, 150.0]", "tooling.wrong-type", "vc_carbide_m_min"),
    (BRASS, "[75.0, 150.0, 350.0]", "150.0", "tooling.wrong-type", "vc_carbide_m_min"),
    (BRASS, '"brass", ', "1, ", "tooling.wrong-type", "aliases[0]"),
    (BRASS, "drill = ", "drill = 1 #", "tooling.wrong-type", "sources.drill"),
    ("holders.toml", "segments = [\n", "segments = [\n  1,\n", "tooling.wrong-type", "segments[0]"),
    ("holders.toml", "height_mm = 2.0", "hight_mm = 2.0", "tooling.unknown-field", "segments[0].hight_mm"),
    # identity and references
    (MILLS, 'id = "em-1.5"', 'id = "em-1"', "tooling.duplicate-id", "tool em-1: id"),
    (ROUTER, "number = 2,", "number = 1,", "tooling.duplicate-number", "tools[1].number"),
    (ROUTER, "number = 2,", "number = 0,", "tooling.duplicate-number", "tools[1].number"),
    (ROUTER, 'tool = "em-3"', 'tool = "em-33"', "tooling.unknown-reference", "tools[0].tool"),
    (ROUTER, 'tool = "em-3"', "tool = 3", "tooling.wrong-type", "tools[0].tool"),
    (ROUTER, 'holder = "er11-router"', 'holder = "er12"', "tooling.unknown-reference", "tools[0].holder"),
    ("stock.toml", '"brass-cuzn39pb3"', '"brass"', "tooling.unknown-reference", "stock brass: material_id"),
    ("stock.toml", '"brass-cuzn39pb3"', '"petg"', "tooling.unknown-reference", "stock petg: material_id"),
    ("stock.toml", "[0.5, 0.8,", "[0.5, 0.5,", "tooling.duplicate-id", "stock brass-cuzn39pb3: thickness_mm"),
    ("stock.toml", "[0.5, 0.8,", "[0.0, 0.8,", "tooling.stock-size", "thickness_mm"),
    ("filaments.toml", 'material_id = "pla"', 'material_id = "plu"', "tooling.unknown-reference", "material_id"),
    ("filaments.toml", 'material_id = "pla"', 'material_id = "pom"', "tooling.unknown-reference", "material_id"),
    (MARLIN, '"pla-generic"', '"pla"', "tooling.unknown-reference", "printer printer-marlin: filaments"),
    (BRASS, '"латунь"', '"бронза"', "tooling.duplicate-alias", "material bronze: aliases"),
    (BRASS, '"латунь"', '"Латунь"', "tooling.alias", "aliases"),
    # tools: the ladder of lengths, points, speeds
    (MILLS, "flute_length_mm = 3.0", "flute_length_mm = 5.0", "tooling.geometry", "tool em-1: flute_length_mm"),
    (MILLS, "shoulder_length_mm = 4.0", "shoulder_length_mm = 40.0", "tooling.geometry", "shoulder_length_mm"),
    (MILLS, "tip_diameter_mm = 1.0", "tip_diameter_mm = 0.5", "tooling.geometry", "tool em-1: tip_diameter_mm"),
    (MILLS, "point_angle_deg = 180.0", "point_angle_deg = 118.0", "tooling.point-angle", "em-1: point_angle_deg"),
    (MILLS, 'kind = "end-mill"', 'kind = "ball-mill"', "tooling.geometry", "em-1: corner_radius_mm"),
    (MILLS, "max_rpm = 60000.0", "max_rpm = 6e6", "tooling.rpm", "max_rpm"),
    (MILLS, "helix_deg = 30.0", "helix_deg = 80.0", "tooling.geometry", "helix_deg"),
    (DRILLS, "point_angle_deg = 130.0", "point_angle_deg = 13.0", "tooling.point-angle", "point_angle_deg"),
    (CHAMFERS, "flute_length_mm = 2.9", "flute_length_mm = 4.0", "tooling.geometry", "chamfer-90-6: flute_length_mm"),
    (CHAMFERS, "tip_diameter_mm = 0.2", "tip_diameter_mm = 6.0", "tooling.geometry", "chamfer-90-6: tip_diameter_mm"),
    ("holders.toml", "height_mm = 2.0", "height_mm = 0.0", "tooling.geometry", "segments[0].height_mm"),
    (TAPS, "pitch_mm = 0.5", "pitch_mm = 5.0", "tooling.thread", "tool tap-m3: pitch_mm"),
    (TAPS, "pitch_mm = 0.5\n", "", "tooling.thread", "tool tap-m3: pitch_mm"),
    (TAPS, "chamfer_length_mm = 1.0", "chamfer_length_mm = 0.1", "tooling.thread", "tap-m3: chamfer_length_mm"),
    (MILLS, "price_eur = 9.0\n", "price_eur = 9.0\npitch_mm = 0.3\n", "tooling.thread", "tool em-1: pitch_mm"),
    (REAMERS, "chamfer_length_mm = 0.6\n", "", "tooling.thread", "tool reamer-3-h7: chamfer_length_mm"),
    (
        THREADERS,
        "flute_length_mm = 0.5",
        "flute_length_mm = 0.4",
        "tooling.geometry",
        "thread-mill-m3: flute_length_mm",
    ),
    (
        THREADERS,
        "tip_diameter_mm = 2.25",
        "tip_diameter_mm = 2.0",
        "tooling.geometry",
        "thread-mill-m3: tip_diameter_mm",
    ),
    # assemblies and machines
    (ROUTER, "stick_out_mm = 18.0", "stick_out_mm = 9.0", "tooling.geometry", "tools[0].stick_out_mm"),
    (ROUTER, "stick_out_mm = 18.0", "stick_out_mm = 44.0", "tooling.geometry", "tools[0].stick_out_mm"),
    (ROUTER, "gauge_length_mm = 30.0", "gauge_length_mm = 31.0", "tooling.gauge-length", "tools[0].gauge_length_mm"),
    (ROUTER, 'tool = "em-3"', 'tool = "em-8"', "tooling.bore", "tools[0].tool"),
    (ROUTER, 'tool = "drill-carbide-2"', 'tool = "drill-stub-6.6"', "tooling.rpm", "tools[7].tool"),
    ("holders.toml", "max_rpm = 30000.0", "max_rpm = 8000.0", "tooling.rpm", "tools[0].tool"),
    (ROUTER, 'name = "Y"', 'name = "A"', "tooling.axes", "axes"),
    (ROUTER, "min_mm = -500.0", "min_mm = 500.0", "tooling.axes", "axes[0].max_mm"),
    (ROUTER, "[-325.0,", "[325.0,", "tooling.axes", "work_zero_mm[0]"),
    (ROUTER, "max_feed_mm_min = 4000.0", "max_feed_mm_min = 9000.0", "tooling.axes", "max_feed_mm_min"),
    (ROUTER, "spindle_min_rpm = 10000.0", "spindle_min_rpm = 90000.0", "tooling.rpm", "spindle_min_rpm"),
    (ROUTER, "[24000.0, 1.0]", "[9000.0, 1.0]", "tooling.range", "power_curve"),
    (ROUTER, "[24000.0, 1.0]", "[25000.0, 1.0]", "tooling.rpm", "power_curve[1][0]"),
    (ROUTER, "[24000.0, 1.0]", "[24000.0, 1000.0]", "tooling.power", "power_curve[1][1]"),
    (ROUTER, "[[10000.0, 0.42], [24000.0, 1.0]]", "[]", "tooling.missing", "power_curve"),
    (ROUTER, '["tape", "tabs"]', '["glue"]', "tooling.unknown-choice", "fixtures"),
    (ROUTER, '["tape", "tabs"]', "[]", "tooling.missing", "fixtures"),
    (ROUTER, '["tape", "tabs"]', '["vise"]', "tooling.vise", "vise"),
    ("fixtures.toml", "opening_mm = 150.0", "opening_mm = 0.0", "tooling.vise", "vise-125: opening_mm"),
    (MILL, 'vise = "vise-125"', 'vise = "vise-90"', "tooling.unknown-reference", "vise"),
    (MILL, 'vise = "vise-125"', "", "tooling.vise", "vise"),
    ("fixtures.toml", "shear_n_mm2 = 0.05", "shear_n_mm2 = 50.0", "tooling.tape", "tape: shear_n_mm2"),
    ("fixtures.toml", "cover = 0.6", "cover = 60.0", "tooling.tape", "tape: cover"),
    ("fixtures.toml", 'id = "tabs"', 'id = "bridges"', "tooling.unknown-choice", "machine router-grbl: fixtures"),
    ("fixtures.toml", "height_mm = 0.6", "height_mm = 6.0", "tooling.tabs", "tabs: height_mm"),
    (SHEET, "[[6000.0, 0.87], [24000.0, 0.87]]", "[[6000.0, 8.7], [24000.0, 0.87]]", "tooling.torque", "torque_curve"),
    (SHEET, "[[6000.0, 0.87], [24000.0, 0.87]]", "[[24000.0, 0.87], [6000.0, 0.87]]", "tooling.range", "torque_curve"),
    ("lathes.toml", 'name = "Z"', 'name = "Y"', "tooling.axes", "lathe lathe-bench: axes"),
    ("lathes.toml", "bar_mm = 25.0", "bar_mm = 250.0", "tooling.geometry", "lathe-bench: bar_mm"),
    ("lathes.toml", "[100.0, 9.5], ", "[100.0, 95.0], ", "tooling.torque", "lathe-bench: torque_curve[0]"),
    ("lathes.toml", "rate_eur_h = 40.0\n", "", "tooling.missing", "lathe-bench: rate_eur_h"),
    ("gauges.toml", "high_mm = 150.0", "high_mm = 0.0", "tooling.gauge", "caliper-150: high_mm"),
    ("gauges.toml", "resolution_mm = 0.01", "resolution_mm = 10.0", "tooling.gauge", "caliper-150: resolution_mm"),
    ("bars.toml", '"al-6082"', '"alu"', "tooling.unknown-reference", "material_id"),
    ("bars.toml", "[6.0, 8.0,", "[6.0, 6.0,", "tooling.duplicate-id", "size_mm"),
    # tools and their lives, and what a preset may say
    (MILLS, "price_eur = 9.0\n", "", "tooling.missing", "tool em-1: price_eur"),
    (MILLS, "price_eur = 9.0", "price_eur = 0.0", "tooling.price", "tool em-1: price_eur"),
    ("workshops.toml", "labour_eur_h = 38.0\n", "", "tooling.missing", "workshop bench: labour_eur_h"),
    (ROUTER, "rate_eur_h = 20.0", "rate_eur_h = 0.0", "tooling.rate", "rate_eur_h"),
    (INSTANCES, "used_min = 0.0", "used_min = 60.0", "tooling.life", "bench-em-3-a: used_min"),
    (INSTANCES, 'tool_id = "em-3"', 'tool_id = "em-33"', "tooling.unknown-reference", "tool_id"),
    (INSTANCES, 'state = "available"', 'state = "worn"', "tooling.no-life", "machine router-grbl: T1"),
    (CUTTING, 'work = "slot"', 'work = "slit"', "tooling.unknown-choice", "work"),
    (CUTTING, "vc_m_min = 450.0", "vc_m_min = 45.0", "tooling.surface-speed", "vc_m_min"),
    (CUTTING, "fz_mm = 0.12", "fz_mm = 1.2", "tooling.chip-load", "fz_mm"),
    (CUTTING, 'material_id = "plywood"', 'material_id = "ply"', "tooling.unknown-reference", "material_id"),
    (CUTTING, 'confidence = "shop"', 'confidence = "sure"', "tooling.unknown-choice", "confidence"),
    (MILL, '["mist", "flood"]', '["mist", "water"]', "tooling.unknown-choice", "coolant"),
    # what a material can be
    (BRASS, "density_g_cm3 = 8.47", "density_g_cm3 = 8470.0", "tooling.density", "density_g_cm3"),
    (BRASS, "kc11_n_mm2 = 700.0", "kc11_n_mm2 = 0.7", "tooling.cutting-force", "kc11_n_mm2"),
    (BRASS, "mc = 0.27", "mc = 2.7", "tooling.cutting-force", "mc"),
    (BRASS, "[75.0, 150.0, 350.0]", "[75.0, 150.0, 1150.0]", "tooling.surface-speed", "vc_carbide_m_min[2]"),
    (BRASS, "[75.0, 150.0, 350.0]", "[75.0, 50.0, 350.0]", "tooling.range", "vc_carbide_m_min"),
    (BRASS, "[60.0, 90.0, 175.0]", "[60.0, 90.0, 574.0]", "tooling.surface-speed", "vc_hss_m_min[2]"),
    (BRASS, "drill_vc_m_min = 60.0", "drill_vc_m_min = 200.0", "tooling.surface-speed", "drill_vc_m_min"),
    (BRASS, "[0.006, 0.008, 0.01]", "[0.006, 0.008, 0.1]", "tooling.chip-load", "fz_over_d[2]"),
    (BRASS, "drill_fn_over_d = 0.015", "drill_fn_over_d = 0.15", "tooling.chip-load", "drill_fn_over_d"),
    (BRASS, 'iso_group = "N"', 'iso_group = "Q"', "tooling.unknown-choice", "iso_group"),
    (BRASS, 'kc = "', 'kz = "', "tooling.no-source", "sources"),
    (BRASS, "price_eur_kg = 9.0", "price_eur_kg = 0.0", "tooling.price", "price_eur_kg"),
    # printers, filaments and modes
    ("filaments.toml", "nozzle_c = 210.0", "nozzle_c = 21.0", "tooling.temperature", "pla-generic: nozzle_c"),
    ("filaments.toml", "density_g_cm3 = 1.24", "density_g_cm3 = 1240.0", "tooling.density", "density_g_cm3"),
    ("filaments.toml", "diameter_mm = 1.75", "diameter_mm = 175.0", "tooling.geometry", "diameter_mm"),
    ("filaments.toml", "fan_percent = 100.0", "fan_percent = 255.0", "tooling.range", "fan_percent"),
    (MARLIN, "max_bed_c = 100.0", "max_bed_c = 80.0", "tooling.temperature", "petg-generic: bed"),
    (MARLIN, "max_nozzle_c = 260.0", "max_nozzle_c = 230.0", "tooling.temperature", "petg-generic: nozzle"),
    (MARLIN, "nozzle_mm = 0.4", "nozzle_mm = 0.8", "tooling.geometry", "draft: line_width_mm"),
    (MARLIN, "max_feed_mm_s = 200.0", "max_feed_mm_s = 100.0", "tooling.speed", "draft: travel_speed"),
    (MARLIN, '["pla-generic", "petg-generic", "tpu-generic"]', "[]", "tooling.missing", "filaments"),
    (MARLIN, "retract_mm = 0.8", "retract_mm = 80.0", "tooling.geometry", "retract_mm"),
    (MARLIN, "corner_speed_mm_s = 8.0", "corner_speed_mm_s = 0.0", "tooling.speed", "corner_speed_mm_s"),
    (MARLIN, "bed_x_mm = 220.0", "bed_x_mm = 22.0", "tooling.geometry", "bed_x_mm"),
    ("qualities.toml", "walls = 2", "walls = 0", "tooling.range", "walls"),
    ("qualities.toml", "layer_mm = 0.28", "layer_mm = 2.8", "tooling.geometry", "layer_mm"),
]


@pytest.mark.parametrize(
    ("file", "old", "new", "code", "place"), FAULTS, ids=[f"{c}-{i}" for i, (_, _, _, c, _) in enumerate(FAULTS)]
)
def test_a_wrong_row_is_refused_where_it_stands(
    folder: Path, file: str, old: str, new: str, code: str, place: str
) -> None:
    plant(folder, file, old, new)
    error = refusal(folder)
    found = [(f.code, f.place) for f in error.findings if f.code == code and place in f.place]

    assert found, [(f.code, f.place) for f in error.findings]


def test_the_error_leads_with_the_first_finding_and_carries_all(folder: Path) -> None:
    plant(folder, MILLS, "flutes = 2\n", "")
    plant(folder, BRASS, "density_g_cm3 = 8.47", "density_g_cm3 = 84.7")
    plant(folder, MARLIN, "max_bed_c = 100.0", "max_bed_c = 80.0")
    error = refusal(folder)
    first = error.findings[0]

    assert {"tooling.density", "tooling.missing", "tooling.temperature"} == {f.code for f in error.findings}
    assert (first.code, first.place, first.value, first.limit, first.hint) == (
        error.code, error.place, error.value, error.limit, error.hint)  # fmt: skip
    assert ("tooling.density", 84.7, "1.6 to 11 g/cm3") == (error.code, error.value, error.limit)
    assert "(and 2 more)" in error.message
    assert error.exit_code == 78


def test_a_broken_tool_is_not_blamed_on_the_machines_that_hold_it(folder: Path) -> None:
    plant(folder, MILLS, 'id = "em-3"\nname', 'id = "em-3"\ncolour = 1\nname')
    actual = [f.code for f in refusal(folder).findings]

    assert ["tooling.unknown-field"] == actual


def test_a_row_may_override_what_its_file_has_in_common(folder: Path) -> None:
    plant(folder, MILLS, 'id = "em-1"\n', 'id = "em-1"\nhelix_deg = 45.0\n')
    shop = tooling_db.load(folder)

    assert (45.0, 30.0) == (shop.tools["em-1"].helix_deg, shop.tools["em-2"].helix_deg)


def test_a_shop_is_one_more_file_away(folder: Path) -> None:
    before = set(tooling_db.load(folder).machines)
    (folder / "machines" / "second.toml").write_text(
        (folder / ROUTER).read_text(encoding="utf-8").replace('id = "router-grbl"', 'id = "router-two"'),
        encoding="utf-8",
    )
    added = set(tooling_db.load(folder).machines) - before

    assert {"router-two"} == added


def test_no_folder_and_an_empty_one_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as absent:
        tooling_db.load(tmp_path / "nowhere")
    with pytest.raises(ConfigError) as empty:
        tooling_db.load(tmp_path)

    assert ("tooling.no-folder", "tooling.empty") == (absent.value.code, empty.value.code)


def test_a_file_that_is_not_utf8_is_refused(folder: Path) -> None:
    (folder / "stock.toml").write_bytes(b'id = "\xff"')
    error = refusal(folder)

    assert ("tooling.not-toml", "stock.toml") == (error.code, error.place)


def test_common_must_be_a_table(folder: Path) -> None:
    plant(folder, "stock.toml", "[[stock]]", "common = 1\n[[stock]]")
    error = refusal(folder)

    assert ("tooling.unknown-field", "stock.toml: common") == (error.code, error.place)


def test_a_folder_named_like_a_file_is_refused(folder: Path) -> None:
    (folder / "odd.toml").mkdir()
    error = refusal(folder)

    assert ("tooling.unreadable", "odd.toml") == (error.code, error.place)


@pytest.mark.parametrize(
    ("file", "old", "new", "code", "words"),
    [
        (MILLS, "price_eur = 9.0\n", "", "tooling.missing", "tool em-1: price_eur"),
        (INSTANCES, "used_min = 0.0", "used_min = 60.0", "tooling.life", "60 of 60 min are worked"),
        (INSTANCES, 'state = "available"', 'state = "worn"', "tooling.no-life", "no em-10 of works has any life left"),
        (ROUTER, "rate_eur_h = 20.0\n", "", "tooling.missing", "machine router-grbl: rate_eur_h"),
        ("workshops.toml", "margin = 0.25\n", "", "tooling.missing", "workshop bench: margin"),
    ],
)
def test_a_shop_with_a_gap_makes_nothing_and_says_where(
    folder: Path, file: str, old: str, new: str, code: str, words: str
) -> None:
    plant(folder, file, old, new)
    out = folder.parent / "out"
    done = CliRunner().invoke(app, ["make", "brass nameplate for Anna", "--tooling", str(folder), "--out", str(out)])
    error = done.exception

    assert isinstance(error, ConfigError)
    assert (78, code) == (error.exit_code, error.code)
    assert words in error.message
    assert error.hint
    assert not out.exists()

"""The shop that comes with the house: complete, sourced, and able to hold and reach the sample parts."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

import tooling_db
from model.tooling import Assembly, Machine
from pipeline.plan.board import THROUGH_MM

SHOP = tooling_db.load()
ROUTER = SHOP.machines["router-grbl"]
MILL = SHOP.machines["mill-linuxcnc"]
HOUSE = Path(__file__).resolve().parents[2]

CUT = {
    "brass-cuzn39pb3", "al-6061", "al-6082", "al-7075", "al-cast", "steel-s235", "steel-c45", "steel-42crmo4",
    "steel-tool", "ss-304", "ti-6al4v", "cast-iron-gg20", "copper", "bronze", "silver-925", "hardwood", "softwood",
    "plywood", "mdf", "pmma", "pom", "pa6", "peek", "hdpe", "wax", "pu-foam",
}  # fmt: skip
PRINTED = {"pla", "petg", "abs", "asa", "tpu"}


def mills(machine: Machine) -> dict[float, Assembly]:
    """End mills of a crib by diameter, of one diameter the first."""
    return {one.tool.diameter_mm: one for one in reversed(machine.tools) if one.tool.kind == "end-mill"}


def diameters(machine: Machine, kind: str) -> set[float]:
    """Diameters of one kind of tool in a crib."""
    return {one.tool.diameter_mm for one in machine.tools if one.tool.kind == kind}


def test_the_materials_are_there() -> None:
    cut = {m.id for m in SHOP.materials.values() if m.process == "cut"}
    printed = {m.id for m in SHOP.materials.values() if m.process == "print"}

    assert (CUT, PRINTED) == (cut, printed)


def test_every_row_names_its_source() -> None:
    kinds = [getattr(SHOP, f.name) for f in fields(SHOP) if f.name not in {"materials", "workshops", "experience"}]
    without = [row.id for kind in kinds for row in kind.values() if not row.source]
    without += [m.id for m in SHOP.materials.values() if not m.sources]

    assert [] == without


def test_the_shop_has_what_a_small_works_has() -> None:
    kinds = {
        "materials": 25, "tools": 60, "holders": 12, "machines": 8, "lathes": 2, "printers": 2, "workshops": 2,
        "gauges": 12, "bars": 20, "instances": 10, "vises": 1, "tapes": 1, "tabs": 1,
    }  # fmt: skip
    few = {name: len(getattr(SHOP, name)) for name, least in kinds.items() if len(getattr(SHOP, name)) < least}

    assert {} == few
    assert len(SHOP.machines) + len(SHOP.lathes) >= 10


def test_no_row_that_is_belief_is_called_more_than_estimated() -> None:
    others = {"materials", "workshops", "rules", "experience"}  # rules hold limits, not data of a thing
    kinds = [getattr(SHOP, f.name) for f in fields(SHOP) if f.name not in others]
    rows = [(r.id, r.confidence, r.source) for kind in kinds for r in kind.values()]
    rows += [(f"{p.tool_id} {p.material_id}", p.confidence, p.source) for t in SHOP.tools.values() for p in t.presets]
    cut = [m for m in SHOP.materials.values() if m.process == "cut"]
    rows += [(m.id, m.confidence, " ".join(m.sources[k] for k in ("kc", "vc", "hss", "fz"))) for m in cut]
    sure = {name for name, confidence, _ in rows if confidence == "handbook"}

    assert {"al-6082", "steel-s235", "ss-304"} <= sure
    assert [] == [name for name, confidence, source in rows if confidence == "handbook" and "belief" in source]


def test_every_machine_stands_in_a_workshop() -> None:
    ids = [*SHOP.machines, *SHOP.lathes, *SHOP.printers]

    assert [] == [name for name in ids if SHOP.workshop_of(name) is None]


def test_every_sheet_of_wood_and_plastic_is_cut_through_by_a_router() -> None:
    sheets = [r for r in SHOP.stock.values() if SHOP.materials[r.material_id].iso_group in "OW" and r.form == "sheet"]
    mills = [a.tool for m in SHOP.machines.values() if m.kind == "router" for a in m.tools]
    reach = max(t.shoulder_length_mm for t in mills if t.kind == "end-mill")

    assert [] == [r.id for r in sheets if r.thickness_mm + THROUGH_MM > reach]


@pytest.mark.parametrize(
    ("words", "material"),
    [
        (("brass", "латунь", "cuzn39pb3", "лс59-1", "c360"), "brass-cuzn39pb3"),
        (("aluminium", "алюминий", "6082", "6082-t6", "ад35"), "al-6082"),
        (("stainless steel", "нержавейка", "1.4301"), "ss-304"),
        (("plywood", "фанера"), "plywood"),
        (("petg",), "petg"),
    ],
)
def test_customers_words_find_the_material(words: tuple[str, ...], material: str) -> None:
    found = {word: [m.id for m in SHOP.materials.values() if word in m.aliases] for word in words}

    assert {word: [material] for word in words} == found


def test_the_mill_has_what_a_bracket_needs() -> None:
    assert {1, 2, 3, 4, 5, 6, 8, 10, 12} == set(mills(MILL))
    assert {3.3, 4.2, 4.5, 5.0, 5.5, 6.6, 6.8, 8.5} <= diameters(MILL, "drill")
    assert {3, 6, 10} == diameters(MILL, "chamfer-mill")
    assert all(mills(MILL)[d].tool.flute_length_mm >= 23 for d in (8, 10))


def test_the_mill_threads_and_reams_what_it_can_drill() -> None:
    threads = {(3, 0.5), (4, 0.7), (5, 0.8), (6, 1.0), (8, 1.25), (10, 1.5)}
    taps = {(one.tool.diameter_mm, one.tool.pitch_mm) for one in MILL.tools if one.tool.kind == "tap"}
    drills = diameters(MILL, "drill")

    assert MILL.rigid_tapping
    assert threads == taps
    assert all(any(abs(d - (major - pitch)) <= 0.06 for d in drills) for major, pitch in threads)
    assert {3, 4, 5, 6, 8, 10} == diameters(MILL, "reamer")
    assert all(any(0.1 <= d - drill <= 0.4 for drill in drills) for d in diameters(MILL, "reamer"))


@pytest.mark.parametrize("machine", [m for m in SHOP.machines.values() if m.kind == "mill"], ids=lambda m: m.id)
def test_every_mill_has_a_whole_set(machine: Machine) -> None:
    drills = diameters(machine, "drill")
    rounded = {one.tool.corner_radius_mm for one in machine.tools if one.tool.kind == "end-mill"}
    points = {one.tool.point_angle_deg for one in machine.tools if one.tool.kind == "chamfer-mill"}

    assert {2, 3, 4, 6, 10} == diameters(machine, "ball-mill")
    assert {0, 1, 2} == rounded
    assert {60, 90} == points
    assert {0.5, 0.8, 1} == diameters(machine, "engraver")
    assert all(any(0.1 <= d - drill <= 0.4 for drill in drills) for d in diameters(machine, "reamer"))
    taps = [one.tool for one in machine.tools if one.tool.kind == "tap"]
    assert all(
        any(abs(drill - (t.diameter_mm - t.pitch_mm)) <= max(0.06, 0.11 * t.pitch_mm) for drill in drills) for t in taps
    )


def test_the_router_mills_the_threads_it_cannot_tap() -> None:
    fine = [one.tool for one in ROUTER.tools if one.tool.kind == "thread-mill"]

    assert not ROUTER.rigid_tapping
    assert {0.5, 0.7, 0.8, 1.0} == {tool.pitch_mm for tool in fine}


def test_every_mill_drill_goes_through_twenty_one_millimetres() -> None:
    drills = [one.tool for one in MILL.tools if one.tool.kind == "drill"]
    short = [drill.id for drill in drills if drill.flute_length_mm < 21 + drill.diameter_mm / 4]

    assert [] == short


def test_the_router_has_what_a_nameplate_needs() -> None:
    assert {1, 2, 3} == set(mills(ROUTER))
    assert {0.3, 0.5, 0.8, 1.0} == diameters(ROUTER, "engraver")
    assert {1, 1.5, 2, 2.5, 3, 3.2, 3.5, 4, 4.2, 4.5, 5} == diameters(ROUTER, "drill")
    assert {3, 6} == diameters(ROUTER, "chamfer-mill")


@pytest.mark.parametrize("machine", [m for m in SHOP.machines.values() if m.kind == "router"], ids=lambda m: m.id)
def test_every_router_cuts_through_sheets_of_sixteen_millimetres(machine: Machine) -> None:
    assert max(a.tool.flute_length_mm for a in machine.tools if a.tool.kind == "end-mill") > 16 + THROUGH_MM


def test_the_vise_takes_the_bracket_s_blank() -> None:
    assert MILL.vise is not None
    assert MILL.vise.opening_mm >= 110


@pytest.mark.parametrize(
    ("machine", "length", "width", "height"), [(MILL, 150, 110, 30), (ROUTER, 300, 200, 10)], ids=["mill", "router"]
)
@pytest.mark.parametrize("zero", ["corner", "centre"])
@pytest.mark.parametrize("top", ["zero on top", "zero below"])
def test_the_sample_blanks_lie_inside_travel(
    machine: Machine, length: float, width: float, height: float, zero: str, top: str
) -> None:
    room = 10
    low_x, low_y = (-length / 2, -width / 2) if zero == "centre" else (0, 0)
    low_z = -height - 2 if top == "zero on top" else -2
    box = (
        (low_x - room, low_x + length + room),
        (low_y - room, low_y + width + room),
        (low_z, low_z + height + 2 + 25),
    )
    longest = max(a.gauge_length_mm for a in machine.tools)
    shortest = min(a.gauge_length_mm for a in machine.tools)
    outside = []
    for axis, zero_mm, (low, high), spare in zip(
        machine.axes, machine.work_zero_mm, box, ((0, 0), (0, 0), (shortest, longest)), strict=True
    ):
        if zero_mm + low + spare[0] < axis.min_mm or zero_mm + high + spare[1] > axis.max_mm:
            outside.append((axis.name, zero_mm + low + spare[0], zero_mm + high + spare[1]))

    assert [] == outside


def test_brass_sheet_and_aluminium_plate_come_in_standard_sizes() -> None:
    brass = [r.thickness_mm for r in SHOP.stock.values() if r.material_id == "brass-cuzn39pb3" and r.form == "sheet"]
    plate = {r.thickness_mm for r in SHOP.stock.values() if r.material_id == "al-6082"}

    assert [0.5, 0.8, 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10] == brass
    assert {1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 12, 15, 16, 20, 25, 30, 35, 40, 50, 60, 80} == plate


def test_every_cut_material_has_stock() -> None:
    actual = {row.material_id for row in SHOP.stock.values()}

    assert actual == CUT


def test_both_printers_print_petg_at_its_temperatures() -> None:
    petg = SHOP.filaments["petg-generic"]
    printers = [p.id for p in SHOP.printers.values() if petg.id in p.filaments]

    assert (240, 90, 8) == (petg.nozzle_c, petg.bed_c, petg.max_flow_mm3_s)
    assert ["printer-klipper", "printer-marlin"] == printers
    assert {"draft", "standard", "fine"} == set(SHOP.qualities)


def test_two_loads_are_equal() -> None:
    again = tooling_db.load()

    assert again == SHOP


def test_loading_needs_no_heavy_package() -> None:
    heavy = ["numpy", "pydantic", "cadquery", "vtk", "trimesh", "numba"]
    program = "import json, sys, tooling_db; tooling_db.load(); print(json.dumps(sorted(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", program], cwd=HOUSE, capture_output=True, text=True, check=True)

    assert set() == set(heavy) & set(json.loads(ran.stdout))

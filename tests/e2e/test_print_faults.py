"""A real engine's print files are proved, and every planted fault in them is refused."""

from __future__ import annotations

import dataclasses
import io
import os
import re
from collections.abc import Callable

import cadquery as cq
import numpy as np
import pytest
import stl

import tooling_db
from geometry import solids
from model.design import Design, Expected, Part
from model.errors import CapabilityError, ConfigError
from model.files import Exports, File
from model.finding import Report
from model.program import PrintFile, PrintFiles
from model.tooling import ShopData
from pipeline.printing import stage
from pipeline.printing.engines import Engine, engines, find_engine
from pipeline.printing.stage import print_plate
from pipeline.verify.print_stage import verify_other_print, verify_print

Case = tuple[Design, Exports, ShopData, PrintFiles]


def part(name: str, body: cq.Workplane, quantity: int = 1) -> tuple[Part, File]:
    shape = body.val()
    assert isinstance(shape, cq.Shape)
    vertices, triangles = shape.tessellate(0.01, 0.1)
    corners = np.array([v.toTuple() for v in vertices])
    mesh = stl.mesh.Mesh(np.zeros(len(triangles), dtype=stl.mesh.Mesh.dtype))
    mesh.vectors[:] = corners[np.array(triangles)]
    data = io.BytesIO()
    mesh.save(name, fh=data, mode=stl.Mode.BINARY)
    size = shape.BoundingBox()
    expected = Expected((size.xlen, size.ylen, size.zlen), (shape.Volume(), shape.Volume()), 0)
    return Part(name, solids.dump(shape), expected, (), quantity), File(
        f"{name}.stl", "stl", "model/stl", data.getvalue()
    )


def small_order() -> tuple[Design, Exports]:
    """A block with a step on one side, and a plate with a hole off its middle; two of the plates."""
    block = (
        cq.Workplane().box(16, 14, 8, centered=False).cut(cq.Workplane(origin=(11, 0, 5)).box(5, 6, 3, centered=False))
    )
    plate = cq.Workplane().box(18, 10, 2, centered=False).cut(cq.Workplane(origin=(5, 6, 0)).circle(2).extrude(2))
    made = [part("block", block), part("plate", plate, 2)]
    design = Design("order-1", "test", "Test plate", "petg", "", 1, tuple(p for p, _ in made))
    return design, Exports(tuple(f for _, f in made))


@pytest.fixture(scope="module")
def case() -> Case:
    if find_engine() is None:
        reason = "no slicing engine on this computer"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    design, exports = small_order()
    shop = tooling_db.load()
    return design, exports, shop, print_plate(design, exports, shop)


@pytest.fixture(scope="module")
def marlin(case: Case) -> PrintFile:
    return next(f for f in case[3].files if f.dialect == "marlin")


def codes(report: Report) -> set[str]:
    return {f.code.removeprefix("verify.print.") for f in report.failures}


def test_both_dialects_are_proved(case: Case) -> None:
    design, _, shop, prints = case
    report = verify_print(design, prints, shop)

    assert report.failures == ()
    assert report.passed
    assert {"klipper", "marlin"} == {f.dialect for f in prints.files}


@pytest.mark.parametrize("engine", engines()[1:], ids=lambda e: e.name)
def test_the_other_engine_here_is_proved_too(case: Case, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    design, exports, shop, _ = case
    monkeypatch.setattr(stage, "need_engine", lambda: engine)
    prints = print_plate(design, exports, shop)
    report = verify_print(design, prints, shop)

    assert report.failures == ()
    assert {engine.name} == {f.engine for f in prints.files}


def test_the_proof_has_plain_numbers(case: Case) -> None:
    design, _, shop, prints = case
    metrics = verify_print(design, prints, shop).metrics
    solid = 16 * 14 * 8 - 5 * 6 * 3 + 2 * (18 * 10 * 2 - np.pi * 4 * 2)

    assert metrics["marlin.layers"] == 40
    assert abs(metrics["marlin.solid_mm3"] - solid) < 0.5
    assert 0.5 * solid < metrics["marlin.printed_mm3"] < 1.02 * solid
    assert abs(metrics["marlin.filament_g"] - metrics["marlin.filament_mm"] * np.pi * 1.75**2 / 4 * 1.27e-3) < 1e-3
    assert 300 < metrics["marlin.seconds"] < 3600
    assert 1 < metrics["marlin.max_flow_mm3_s"] <= 8.0


def test_our_time_agrees_with_the_engines_own(case: Case, marlin: PrintFile) -> None:
    design, _, shop, prints = case
    told = re.search(r"normal mode\) = (?:(\d+)h )?(?:(\d+)m )?(\d+)s", marlin.text)
    assert told is not None
    hours, minutes, seconds = (int(n or 0) for n in told.groups())
    theirs = hours * 3600 + minutes * 60 + seconds
    ours = verify_print(design, prints, shop).metrics["marlin.seconds"]

    assert 0.75 * theirs < ours < 1.35 * theirs


def test_slicing_again_gives_the_same_bytes(case: Case) -> None:
    design, exports, shop, prints = case
    one_printer = dataclasses.replace(shop, printers={k: p for k, p in shop.printers.items() if p.dialect == "klipper"})
    again = print_plate(design, exports, one_printer)

    assert tuple(f for f in prints.files if f.dialect == "klipper") == again.files


def test_every_setting_has_a_reason_and_came_back(marlin: PrintFile) -> None:
    reasons = dict(marlin.reasons)

    assert {f"setting {k}" for k, _ in marlin.settings} <= reasons.keys()
    assert [k for k, _ in marlin.settings] == [k for k, _ in marlin.echoed]
    assert reasons["setting temperature"] == "filament petg-generic"


def test_nothing_in_the_text_tells_the_time_or_the_place(marlin: PrintFile) -> None:
    assert "; generated by PrusaSlicer" in marlin.text
    assert not re.search(r"20\d\d-\d\d-\d\d|/tmp|/home", marlin.text)


def layer_blocks(text: str) -> list[str]:
    return text.split(";LAYER_CHANGE\n")


def without_layer(text: str) -> str:
    blocks = layer_blocks(text)
    return ";LAYER_CHANGE\n".join(blocks[:20] + blocks[21:])


def bare(text: str) -> str:
    lines = (line.partition(";")[0].strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line) + "\n"


def shifted(text: str, axis: str, by: float) -> str:
    return re.sub(
        rf"(?m)(?<=^G1 ){axis}([-\d.]+)|(?<= ){axis}([-\d.]+)(?= |$)",
        lambda m: f"{axis}{float(m[1] or m[2]) + by:.3f}",
        text,
    )


def mirrored(text: str, middle: float) -> str:
    return re.sub(r"(?m)^(G1 )X([-\d.]+)", lambda m: f"{m[1]}X{2 * middle - float(m[2]):.3f}", text)


def in_layer(text: str, number: int, change: Callable[[str], str]) -> str:
    blocks = layer_blocks(text)
    blocks[number] = change(blocks[number])
    return ";LAYER_CHANGE\n".join(blocks)


def half_flow(block: str) -> str:
    return re.sub(r"(?m)^(G1 [^;\n]*[XY][^;\n]*E)([\d.]+)", lambda m: f"{m[1]}{float(m[2]) / 2:.5f}", block)


def half_infill(block: str) -> str:
    parts = re.split(r"(?m)^(?=;TYPE:)", block)
    return "".join(half_flow(p) if "infill" in p.split("\n", 1)[0] else p for p in parts)


def no_outer_wall(block: str) -> str:
    parts = re.split(r"(?m)^(?=;TYPE:)", block)
    dry = (re.sub(r" E[\d.]+", "", p) if p.startswith(";TYPE:External") else p for p in parts)
    return "".join(dry)


def ten_times(text: str) -> str:
    return re.sub(r"(?m)(?<= )F(\d+)", lambda m: f"F{int(m[1]) * 10}", text)


FAULTS: dict[str, tuple[Callable[[str], str], set[str]]] = {
    "a layer is missing": (without_layer, {"layer-missing"}),
    "a layer is missing and there are no comments": (lambda t: bare(without_layer(t)), {"layer-missing"}),
    "the nozzle is not waited for": (lambda t: re.sub(r"(?m)^M109.*\n", "", t), {"cold-extrusion"}),
    "the bed is not waited for": (lambda t: re.sub(r"(?m)^M190.*\n", "", t), {"cold-bed"}),
    "all moved by 1 mm in x": (lambda t: shifted(t, "X", 1.0), {"outside", "wall-missing"}),
    "one layer moved by 1 mm in y": (
        lambda t: in_layer(t, 15, lambda b: shifted(b, "Y", 1.0)),
        {"outside", "wall-missing"},
    ),
    "mirrored": (lambda t: mirrored(t, 110.0), {"outside", "wall-missing"}),
    "half the flow in a layer": (lambda t: in_layer(t, 12, half_flow), {"volume", "bead-width"}),
    "half the flow in the skin": (lambda t: in_layer(t, 3, half_infill), {"skin-open"}),
    "no outer wall in a layer": (lambda t: in_layer(t, 18, no_outer_wall), {"wall-missing"}),
    "off the bed": (lambda t: t.replace(";LAYER_CHANGE\n", ";LAYER_CHANGE\nG1 X300\n", 1), {"out-of-bounds"}),
    "below the bed": (lambda t: t.replace("G1 Z.2 ", "G1 Z-.2 "), {"out-of-bounds", "below-bed"}),
    "ten times the speed": (ten_times, {"too-fast", "flow"}),
    "cooled too far in the middle": (lambda t: in_layer(t, 10, lambda b: "M104 S150\n" + b), {"cold-extrusion"}),
    "an overheated nozzle": (lambda t: t.replace("M109 S240", "M109 S400"), {"temperature", "too-hot"}),
    "a command of another firmware": (lambda t: in_layer(t, 5, lambda b: "M9999 S1\n" + b), {"unknown-command"}),
    "an arc": (lambda t: in_layer(t, 5, lambda b: "G2 X110 Y110 I2 J0 E1\n" + b), {"unknown-command"}),
    "relative moves": (lambda t: in_layer(t, 5, lambda b: "G91\n" + b), {"unknown-command"}),
    "a typing error": (lambda t: in_layer(t, 5, lambda b: "G1 X1O0\n" + b), {"unknown-command"}),
    "no homing": (lambda t: re.sub(r"(?m)^G28.*\n", "", t), {"not-homed"}),
    "no units": (lambda t: re.sub(r"(?m)^G21.*\n", "", t), {"units"}),
    "absolute filament lengths": (lambda t: t.replace("M83", "M82"), {"volume"}),
    "the flow factor": (lambda t: t.replace("M221 S100", "M221 S150"), {"factor"}),
    "the nozzle is left on": (lambda t: re.sub(r"(?m)^M104 S0.*\n", "", t), {"heater-on"}),
    "the bed is left on": (lambda t: re.sub(r"(?m)^M140 S0.*\n", "", t), {"heater-on"}),
    "the motors are left on": (lambda t: re.sub(r"(?m)^M84.*\n", "", t), {"motors-on"}),
    "cut off in the middle": (lambda t: t[: len(t) // 3], {"layer-missing", "heater-on"}),
    "empty": (lambda _: "", {"layer-missing", "empty"}),
    "filament not given back": (lambda t: in_layer(t, 9, lambda b: b.replace("G1 E.8 ", "G1 E.2 ", 1)), {"retracted"}),
    "a blob": (lambda t: in_layer(t, 9, lambda b: b.replace("G1 E.8 ", "G1 E5 ", 1)), {"blob"}),
    "a layer printed twice": (lambda t: in_layer(t, 9, lambda b: b + b), {"volume"}),
    "a bead in the air beside the part": (
        lambda t: in_layer(t, 9, lambda b: b + "G1 X20 Y20 F6000\nG1 X30 Y20 E.5 F1200\n"),
        {"outside"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_refused(case: Case, marlin: PrintFile, fault: str) -> None:
    design, _, shop, prints = case
    change, expected = FAULTS[fault]
    text = change(marlin.text)
    report = verify_other_print(design, prints, shop, text, marlin.name)

    assert text != marlin.text
    assert not report.passed
    assert expected <= codes(report)


def test_a_file_without_comments_is_proved_as_well(case: Case, marlin: PrintFile) -> None:
    design, _, shop, prints = case
    report = verify_other_print(design, prints, shop, bare(marlin.text), marlin.name)

    assert report.failures == ()


def test_another_printers_file_is_refused(case: Case, marlin: PrintFile) -> None:
    design, _, shop, prints = case
    klipper = next(f for f in prints.files if f.dialect == "klipper")
    report = verify_other_print(design, prints, shop, klipper.text, marlin.name)

    assert {"unknown-command", "outside"} <= codes(report)


def test_a_mirrored_or_missing_placement_is_refused(case: Case, marlin: PrintFile) -> None:
    design, _, shop, _ = case
    flat = ((-1.0, 0.0, 0.0, 0.0), (0.0, 1.0, 0.0, 0.0), (0.0, 0.0, 1.0, 0.0))
    spots = marlin.placements
    turned_over = dataclasses.replace(marlin, placements=(dataclasses.replace(spots[0], matrix=flat), *spots[1:]))
    one_less = dataclasses.replace(marlin, placements=spots[1:])

    assert "placement" in codes(verify_print(design, PrintFiles((turned_over,)), shop))
    assert "copies" in codes(verify_print(design, PrintFiles((one_less,)), shop))


def proved_alone(case: Case, name: str, body: cq.Workplane) -> Report:
    made, file = part(name, body)
    design = dataclasses.replace(case[0], parts=(made,))
    shop = dataclasses.replace(case[2], printers={k: p for k, p in case[2].printers.items() if p.dialect == "klipper"})
    return verify_print(design, print_plate(design, Exports((file,)), shop), shop)


@pytest.mark.parametrize("height_mm", [2.5, 7.3])
def test_faces_in_the_very_plane_of_a_cut_are_no_fault(case: Case, height_mm: float) -> None:
    """Layers of 0.2 mm are cut at 0.1, 0.3, ...: the top and the groove's ceiling lie just there."""
    groove = cq.Workplane(origin=(6, -1, 0)).box(5, 20, 1.1, centered=False)
    report = proved_alone(case, "block", cq.Workplane().box(16, 12, height_mm, centered=False).cut(groove))

    assert report.failures == ()


def test_round_and_sloped_parts_are_proved(case: Case) -> None:
    cone = cq.Workplane().circle(9).workplane(offset=8).circle(4).loft()
    report = proved_alone(case, "cone", cone.cut(cq.Workplane().circle(2).extrude(8)))

    assert report.failures == ()


def test_a_part_that_hangs_in_the_air_is_refused(case: Case) -> None:
    jack = cq.Workplane().box(30, 8, 8).union(cq.Workplane().box(8, 30, 8)).union(cq.Workplane().box(8, 8, 30))
    report = proved_alone(case, "jack", jack)

    assert codes(report) == {"unsupported"}


def test_an_unknown_file_name_is_a_clear_error(case: Case) -> None:
    design, _, shop, prints = case
    with pytest.raises(ConfigError, match=r"There is no print file other\.gcode"):
        verify_other_print(design, prints, shop, "", "other.gcode")


def test_no_engine_is_a_clear_error(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.executable", f"{tmp_path}/python")
    engines.cache_clear()
    design, exports = small_order()
    try:
        with pytest.raises(CapabilityError, match="no slicing engine") as error:
            print_plate(design, exports, tooling_db.load())
    finally:
        engines.cache_clear()

    assert error.value.code == "printing.no-slicing-engine"
    assert "deli-slicer" in error.value.hint

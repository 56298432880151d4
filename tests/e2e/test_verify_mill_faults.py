"""The proof passes a good job and refuses every planted fault: this is what a certificate is worth."""

import math
import os
import random
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from geometry import solids
from model.design import Design, Expected, Part
from model.errors import ConfigError
from model.feature import PlanarFace
from model.finding import Report
from model.plan import Box, CuttingData, Fixture, Operation, ProcessPlan, Setup, Stock
from model.program import Program, Programs
from model.region import Region
from model.tooling import Assembly, Axis, Holder, Machine, Material, Segment3, Tool
from model.toolpath import Move, SetupPath, Toolpath, Toolpaths
from pipeline.verify.stage import verify_milling, verify_other

TIP = 1.5 / math.tan(math.radians(59))
HOLDER = Holder("er11", "ER11", (Segment3(20, 16, 16), Segment3(20, 16, 30)), 7, 30000)
MILL = Tool("em4", "end mill 4", "end-mill", 4, 4, 180, 12, 14, 50, 4, flutes=2, centre_cutting=True,
            substrate="carbide", max_rpm=30000, price_eur=10, source="test")  # fmt: skip
DRILL = Tool("d3", "drill 3", "drill", 3, 3, 118, 20, 22, 60, 3, flutes=2, centre_cutting=True,
             substrate="hss", max_rpm=10000, price_eur=3, source="test")  # fmt: skip
T1, T2 = Assembly(1, MILL, HOLDER, 25, 85), Assembly(2, DRILL, HOLDER, 35, 95)
AXES = tuple(Axis(n, a, b, 10000, 500) for n, a, b in (("X", -200, 200), ("Y", -150, 150), ("Z", -300, 0)))
MACHINE = Machine("mini", "mini mill", "mill", "linuxcnc", AXES, 500, 24000, ((1000, 1), (24000, 1)), 5000, 5,
                  automatic_tool_change=True, coolant=("flood",), tools=(T1, T2), fixtures=("vise",), vise=None,
                  work_zero_mm=(0, 0, -200), rate_eur_h=60, source="test")  # fmt: skip
ALUMINIUM = Material("al", "aluminium", (), "N", 2.7, 800, 0.25, (100, 200, 300), (50, 80, 100), (0.004, 0.008, 0.014),
                     80, 0.02, 10, {}, proof_n_mm2=250)  # fmt: skip
DATA = CuttingData(12000, 800, 400, 400, 1, 1, 100, 0.03, 1, 1, 0, "flood", "feed")


def operation(name: str, tool: int, z: float) -> Operation:
    face = PlanarFace(name, 0, Region())
    return Operation(name, "mill", face, tool, DATA, 0.5, z, 15, Region(), Region())


TOP = Setup(
    1, "top", ((1, 0, 0, -15), (0, 1, 0, -10), (0, 0, 1, -7.5)), "G54", "middle of the top",
    Box(-15, -10, -7.5, 15, 10, 0.5),
    Fixture("vise", (Box(-40, -40, -60, 40, -10, -4.5), Box(-40, 10, -60, 40, 40, -4.5)), 3), 15,
    (operation("face", 1, 0), operation("pocket", 1, -3), operation("hole", 2, -5)),
)  # fmt: skip
BOTTOM = Setup(
    2, "bottom", ((1, 0, 0, -15), (0, -1, 0, 10), (0, 0, -1, 0)), "G54", "middle of the bottom",
    Box(-15, -10, -8, 15, 10, 0),
    Fixture("vise", (Box(-40, -40, -60, 40, -10, -4.5), Box(-40, 10, -60, 40, 40, -4.5)), 3), 15,
    (operation("slot", 1, -1.5),),
)  # fmt: skip
PLAN = ProcessPlan("o1", "block", MACHINE, ALUMINIUM, Stock("al8", (30, 20, 8), 0.01, 1), (T1, T2), (TOP, BOTTOM), ())


@pytest.fixture(scope="module")
def design() -> Design:
    """A block with a pocket and a blind hole on top and a slot through its bottom."""
    import cadquery as cq

    block = cq.Workplane().box(30, 20, 7.5, centered=False)
    pocket = cq.Workplane(origin=(15, 10, 4.5)).rect(16, 10).extrude(3).edges("|Z").fillet(3)
    half = cq.Workplane("XZ").polyline([(0, 7.5), (1.5, 7.5), (1.5, 2.5), (0, 2.5 - TIP)]).close()
    hole = half.revolve(360, (0, 0, 0), (0, 1, 0)).translate((4, 10, 0))
    slot = cq.Workplane().box(6, 20, 1.5, centered=False).translate((12, 0, 0))
    solid = block.cut(pocket).cut(hole).cut(slot).findSolid()
    part = Part("block", solids.dump(solid), Expected((30, 20, 7.5), (1, 9999), 0))
    return Design("o1", "block", "Block", "al", "as cut", 1, (part,))


def face() -> list[Move]:
    x, y = -19.0, -10.0
    moves = [Move("rapid", x, y, 15), Move("rapid", x, y, 2), Move("line", x, y, 0, 400)]
    while True:
        x = -x
        moves.append(Move("line", x, y, 0, 800))
        if y >= 10:
            return [*moves, Move("rapid", x, y, 15)]
        y = min(y + 3, 10.0)
        moves.append(Move("line", x, y, 0, 800))


def ring(x: float, y: float, r: float, z: float) -> list[Move]:
    """Once around a rounded rectangle, counter-clockwise from the middle of its right side."""
    moves = [Move("line", x, 0, z, 800)]
    for sx, sy, ax, ay in ((1, 1, x, y - r), (-1, 1, -x + r, y), (-1, -1, -x, -y + r), (1, -1, x - r, -y)):
        cx, cy = sx * (x - r), sy * (y - r)
        ends = {(1, 1): (x - r, y), (-1, 1): (-x, y - r), (-1, -1): (-x + r, -y), (1, -1): (x, -y + r)}
        bx, by = ends[(sx, sy)]
        moves += [Move("line", ax, ay, z, 800), Move("ccw", bx, by, z, 800, cx_mm=cx, cy_mm=cy)]
    return [*moves, Move("line", x, 0, z, 800)]


def pocket() -> list[Move]:
    moves = [Move("rapid", 0, 0, 15), Move("rapid", 0, 0, 1), Move("line", 0, 0, 0, 200), Move("line", 1, 0, 0, 400)]
    moves += [Move("ccw", 1, 0, z, 400) for z in (-1, -2, -3, -3)]
    moves += [*ring(4.5, 1.5, 0.5, -3), *ring(6, 3, 1, -3), Move("line", 0, 0, -3, 800), Move("line", -4, 0, -3, 800)]
    return [*moves, Move("rapid", -4, 0, 15)]


def hole() -> list[Move]:
    return [
        Move("rapid", -11, 0, 15),
        Move("drill", -11, 0, -5 - TIP, 100, "drill", retract_mm=2, peck_mm=2, cycle="peck"),
    ]


def slot() -> list[Move]:
    down = [Move("rapid", -1, -13, 15), Move("rapid", -1, -13, 2), Move("line", -1, -13, -1.5, 400)]
    cut = [Move("line", -1, 13, -1.5, 800), Move("line", 1, 13, -1.5, 800), Move("line", 1, -13, -1.5, 800)]
    return [*down, *cut, Move("rapid", 1, -13, 15)]


def toolpath(name: str, tool: int, rpm: float, moves: Sequence[Move]) -> Toolpath:
    return Toolpath(name, tool, rpm, "flood", tuple(moves))


PATHS = Toolpaths((
    SetupPath(1, (toolpath("face", 1, 12000, face()), toolpath("pocket", 1, 12000, pocket()),
                  toolpath("hole", 2, 3000, hole()))),
    SetupPath(2, (toolpath("slot", 1, 12000, slot()),)),
))  # fmt: skip


def text_of(path: SetupPath) -> str:
    """The simplest way to write a setup's toolpaths down."""
    lines = ["%", "(test)", "G21 G17 G90 G94 G40 G49 G80 G91.1 G92.1", "G64 P0.005", "G54", "M5 M9", "G53 G0 Z0"]
    tool = 0
    for one in path.toolpaths:
        if one.tool_number != tool:
            tool = one.tool_number
            x, y = one.moves[0].x_mm, one.moves[0].y_mm
            lines += ["M5", "M9", "G53 G0 Z0", f"T{tool} M6", f"S{one.spindle_rpm:.0f} M3", "G4 P2", "M8"]
            lines += [f"G0 X{x:.3f} Y{y:.3f}", f"G43 H{tool}"]
        x = y = 0.0
        for m in one.moves:
            at = f"X{m.x_mm:.3f} Y{m.y_mm:.3f} Z{m.z_mm:.3f}"
            word = {"rapid": "G0", "line": "G1", "cw": "G2", "ccw": "G3", "drill": "G99 G83"}[m.kind]
            more = {"drill": f" R{m.retract_mm:.3f} Q{m.peck_mm:.3f}"}.get(m.kind, "")
            more = f" I{m.cx_mm - x:.3f} J{m.cy_mm - y:.3f}" if m.kind in {"cw", "ccw"} else more
            lines.append(f"{word} {at}{more}" + ("" if m.kind == "rapid" else f" F{m.feed_mm_min:.0f}"))
            lines += ["G80"] if m.kind == "drill" else []
            x, y = m.x_mm, m.y_mm
    return "\n".join([*lines, "G53 G0 Z0", "M5", "M9", "M30", "%"]) + "\n"


TEXT, TEXT2 = (text_of(p) for p in PATHS.setups)


def programs(text: str = TEXT, text2: str = TEXT2) -> Programs:
    return Programs(
        (
            Program("block-1.ngc", 1, "mini", "linuxcnc", text, (1, 2)),
            Program("block-2.ngc", 2, "mini", "linuxcnc", text2, (1,)),
        )
    )


def swapped(old: str, new: str, count: int = -1) -> str:
    text = TEXT.replace(old, new, count)

    assert text != TEXT, f"{old!r} is not in the program"

    return text


def before_the_floor(lines: str) -> str:
    return swapped("G1 X-4.000 Y0.000 Z-3.000", lines + "\nG1 X-4.000 Y0.000 Z-3.000")


NOT_HERE = [
    "Threads are cut where planned, to their depth", "No cut tilts the work out of the jaws",
    "Constant engagement is kept",
]  # fmt: skip


def failed(report: Report) -> set[str]:
    return {f.code for f in report.failures}


def test_a_good_job_passes_every_gate(design: Design) -> None:
    report = verify_milling(design, PLAN, PATHS, programs())

    assert [] == [(g.name, g.findings) for g in report.gates if g.verdict == "fail"]
    assert NOT_HERE == [g.name for g in report.gates if g.verdict == "not-applicable"]
    assert report.passed
    assert report.metrics["deepest_gouge_mm"] < 0.001
    assert report.metrics["excess_mm"] < 0.001
    assert report.metrics["grid_mm"] <= 0.1
    assert 40 < report.metrics["setup_1_seconds"] < 90


def test_the_same_input_gives_the_same_report(design: Design) -> None:
    assert verify_milling(design, PLAN, PATHS, programs()) == verify_milling(design, PLAN, PATHS, programs())


FAULTS: dict[str, tuple[str, Callable[[], str]]] = {
    "a wall cut 0.05 mm too far": ("verify.gouge", lambda: swapped("X6.000 Y2.000", "X6.050 Y2.000")),
    "a floor cut 0.02 mm too deep": ("verify.gouge", lambda: swapped("Z-3.000", "Z-3.020")),
    "a wall left 0.06 mm short": ("verify.excess", lambda: swapped("Y-3.000", "Y-2.940").replace("J1.000", "J0.940")),
    "a rapid through the stock": ("verify.rapid-in-stock",
                                  lambda: swapped("G0 X-4.000 Y0.000 Z15.000", "G0 X-14 Y8 Z-2\nG0 Z15")),
    "a rapid just over the stock": ("verify.rapid-too-near", lambda: swapped("X0.000 Y0.000 Z15.000", "X0 Y0 Z0.3", 1)),
    "a removed spindle start": ("verify.spindle-off", lambda: swapped("S12000 M3", "S12000", 1)),
    "a spindle the wrong way round": ("verify.spindle-off", lambda: swapped("S12000 M3", "S12000 M4")),
    "a spindle too fast for the tool": ("verify.spindle-speed", lambda: swapped("S3000", "S15000")),
    "swapped tools": ("verify.tools", lambda: swapped("T1", "T9").replace("T2", "T1").replace("T9", "T2")),
    "a length offset of another tool": ("verify.length-offset", lambda: swapped("G43 H2", "G43 H1")),
    "no length offset": ("verify.length-offset", lambda: swapped("G43 H2\n", "")),
    "another work offset": ("verify.work-offset", lambda: swapped("G54", "G55")),
    "an offset shifted by G92": ("read.offset-changed", lambda: swapped("G54", "G54\nG92 X0.5")),
    "an offset shifted by G10": ("read.offset-changed", lambda: swapped("G54", "G54\nG10 L2 P1 X0.5")),
    "inches": ("verify.travel", lambda: swapped("G21", "G20")),
    "units not said": ("verify.state-inherited", lambda: swapped("G21 ", "")),
    "work offset not said": ("verify.state-inherited", lambda: swapped("G54\n", "")),
    "a spindle left turning by the program before": ("verify.state-inherited", lambda: swapped("M5 M9\n", "")),
    "absolute not said": ("verify.state-inherited", lambda: swapped("G90 ", "")),
    "compensation not cancelled": ("verify.state-inherited", lambda: swapped("G40 ", "")),
    "a missing end": ("verify.no-end", lambda: swapped("M30\n", "")),
    "incremental left on": ("verify.incremental-left", lambda: swapped("M9\nM30", "M9\nG91\nM30")),
    "a feed ten times too fast": ("verify.chip-load", lambda: swapped("F800", "F8000")),
    "a drill feed ten times too fast": ("verify.chip-load", lambda: swapped("F100", "F1000")),
    "a feed the machine has not": ("verify.feed", lambda: swapped("F800", "F8000")),
    "a tool change in the work": ("verify.unsafe-change", lambda: swapped("M9\nG53 G0 Z0\nT2", "M9\nG0 Z5\nT2")),
    "a tool left in the work": ("verify.unsafe-end", lambda: swapped("G80\nG53 G0 Z0", "G80")),
    "a dwell in milliseconds": ("verify.dwell", lambda: swapped("M8\n", "M8\nG4 P500\n", 1)),
    "corners cut freely": ("verify.path-mode", lambda: swapped("G64 P0.005", "G64")),
    "no path mode": ("verify.path-mode", lambda: swapped("G64 P0.005\n", "")),
    "a start across the table": ("verify.position-unknown", lambda: swapped("M9\nG53 G0 Z0\n", "M9\nG0 X0\n", 1)),
    "a code the control has not": ("read.code-unsupported", lambda: swapped("G54", "G54\nG999")),
    "a subprogram": ("read.cannot-judge", lambda: swapped("G54", "G54\nO100 CALL")),
    "a hole not drilled": ("verify.excess", lambda: re.sub("G99 G83.*\n", "", TEXT)),
    "a pocket not cut": ("verify.excess", lambda: re.sub("G1 X0.000 Y0.000 Z0.000(.|\n)*Z-3.000 F800\n", "", TEXT)),
    "a drill sent sideways": ("verify.drill-sideways", lambda: swapped("G80\nG53", "G80\nG1 X-9 Z-1 F50\nG53")),
    "a spindle stopped in the cut": ("verify.spindle-stopped", lambda: before_the_floor("M5\nG4 P1\nM3")),
    "a spindle reversed in the cut": ("verify.spindle-stopped", lambda: before_the_floor("M4\nM3")),
    "a spindle stopped before it is lifted": ("verify.spindle-stopped",
                                              lambda: swapped("G0 X-4.000 Y0.000 Z15", "M5 G0 X-4 Y0 Z15\nM3\nZ15")),
    "no time for the spindle": ("verify.spin-up", lambda: swapped("S12000 M3\nG4 P2", "S12000 M3")),
    "a drill without coolant": ("verify.coolant-missing", lambda: swapped("S3000 M3\nG4 P2\nM8", "S3000 M3\nG4 P2")),
    "a spindle left turning": ("verify.left-on", lambda: swapped("M5\nM9\nG53 G0 Z0\nT2", "M9\nG53 G0 Z0\nT2")),
    "coolant left on at the end": ("verify.left-on", lambda: swapped("M9\nM30", "M30")),
    "a move past the travel": ("verify.travel", lambda: swapped("X-19.000 Y10.000 Z15.000", "X-219 Y10 Z15")),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_refused_whatever_the_plan_says(name: str, design: Design) -> None:
    code, text = FAULTS[name]
    report = verify_other(design, PLAN, PATHS, programs(), text(), "block-1.ngc")

    assert not report.passed
    assert code in failed(report)


def test_a_spindle_may_stop_above_the_blank(design: Design) -> None:
    text = swapped("G0 X0.000 Y0.000 Z15.000", "G0 X0.000 Y0.000 Z15.000\nM5\nM3\nG4 P2")

    assert verify_other(design, PLAN, PATHS, programs(), text, "block-1.ngc").passed


@pytest.mark.parametrize("kilowatts", [0.1, 0.15, 1.0])
def test_the_power_a_cut_asks_for_is_what_the_formula_says(kilowatts: float, design: Design) -> None:
    machine = replace(MACHINE, power_curve=((1000, kilowatts), (24000, kilowatts)))
    report = verify_milling(design, replace(PLAN, machine=machine), PATHS, programs())
    gates = [g for g in report.gates if g.name == "The spindle's power bears every cut"]
    # The pocket's first full cut: 4 mm wide, 3 mm deep, 800 mm/min, 1/30 mm a tooth; it starts in the open.
    asked = 4 * 3 * 800 / 60 * 800 * (1 / 30) ** -0.25 / 1e6

    assert pytest.approx([asked / (1.5 * kilowatts)], rel=0.1) == [g.value for g in gates]
    assert (asked < 1.5 * kilowatts) == report.passed
    assert failed(report) <= {"verify.power"}


def test_the_gouge_is_as_deep_as_planted(design: Design) -> None:
    text = swapped("Z-3.000", "Z-3.050").replace("Z-1.500", "Z-1.500")
    report = verify_other(design, PLAN, PATHS, programs(), text, "block-1.ngc")

    assert pytest.approx(0.05, abs=0.001) == report.metrics["deepest_gouge_mm"]


def test_the_fault_in_the_second_setup_is_found_there(design: Design) -> None:
    text = TEXT2.replace("X1.000 Y13.000", "X1.040 Y13.000").replace("X1.000 Y-13.000", "X1.040 Y-13.000")
    report = verify_other(design, PLAN, PATHS, programs(), text, "block-2.ngc")
    gouges = [f for f in report.failures if f.code == "verify.gouge"]

    assert pytest.approx(0.04, abs=0.001) == report.metrics["deepest_gouge_mm"]
    assert gouges[0].place.startswith("block-2.ngc line")


def with_tool(one: Assembly) -> ProcessPlan:
    tools = tuple(one if a.number == one.number else a for a in PLAN.tools)
    return replace(PLAN, machine=replace(PLAN.machine, tools=tools), tools=tools)


def with_top(**changes: object) -> ProcessPlan:
    return replace(PLAN, setups=(replace(TOP, **changes), BOTTOM))  # type: ignore[arg-type]


SHORT = replace(MILL, flute_length_mm=2, shoulder_length_mm=2)
WIDE = replace(MILL, flute_length_mm=2, shoulder_length_mm=2.5, shank_diameter_mm=6)
TURNED = ((-1, 0, 0, 15), (0, -1, 0, 10), (0, 0, 1, -7.5))
SHIFTED = ((1, 0, 0, -14.9), (0, 1, 0, -10), (0, 0, 1, -7.5))
MIRRORED = ((-1, 0, 0, 15), (0, 1, 0, -10), (0, 0, 1, -7.5))
TILTED = ((0.8, 0, 0.6, 0), (0, 1, 0, 0), (-0.6, 0, 0.8, 0))
THICKER = replace(BOTTOM, stock_box=Box(-15, -10, -9, 15, 10, 0))
HIGH_JAW = Fixture("vise", (Box(-40, -40, -60, 40, -10, 2), Box(-40, 10, -60, 40, 40, -4.5)), 3)
NEAR_JAW = Fixture("vise", (Box(-40, -40, -60, 40, -10, -0.3), Box(-40, 10, -60, 40, 40, -4.5)), 3)
NEAR = 5 + TIP + 0.3
PLANS: dict[str, tuple[str, Callable[[], ProcessPlan]]] = {
    "a jaw in the way": ("verify.fixture", lambda: with_top(fixture=HIGH_JAW)),
    "a jaw hardly lower than the tool": ("verify.fixture", lambda: with_top(fixture=NEAR_JAW)),
    "a spoilboard too shallow": ("verify.spoilboard", lambda: with_top(stock_box=Box(-15, -10, -4, 15, 10, 4),
                                                                      fixture=Fixture("tape", (), spoil_mm=1.0))),
    "flutes too short": ("verify.flutes", lambda: with_tool(replace(T1, tool=SHORT))),
    "a shank too wide": ("verify.holder", lambda: with_tool(replace(T1, tool=WIDE))),
    "a holder too low": ("verify.holder", lambda: with_tool(replace(T2, stick_out_mm=5))),
    "a holder that hardly clears": ("verify.holder", lambda: with_tool(replace(T2, stick_out_mm=NEAR))),
    "a part turned in its blank": ("verify.gouge", lambda: with_top(to_setup=TURNED)),
    "a part shifted in its blank": ("verify.stock-too-small", lambda: with_top(to_setup=SHIFTED)),
    "a mirrored part": ("verify.setup-direction", lambda: with_top(to_setup=MIRRORED)),
    "a tilted part": ("verify.setup-direction", lambda: with_top(to_setup=TILTED)),
    "a blank that changed": ("verify.stock-moved", lambda: replace(PLAN, setups=(TOP, THICKER))),
    "a blank of another size": ("verify.stock-size", lambda: replace(PLAN, stock=Stock("al10", (30, 20, 10), 0.01, 1))),
    "a vise without jaws": ("verify.input-missing", lambda: with_top(fixture=Fixture("vise", (), 3))),
    "travel too small": ("verify.travel", lambda: replace(PLAN, machine=replace(MACHINE, work_zero_mm=(195, 0, -200)))),
    "a part not in the design": ("verify.input-missing", lambda: replace(PLAN, part="lid")),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_that_does_not_hold_is_refused(name: str, design: Design) -> None:
    code, plan = PLANS[name]

    assert code in failed(verify_milling(design, plan(), PATHS, programs()))


def test_a_tool_that_cannot_plunge_must_not(design: Design) -> None:
    plan = with_tool(replace(T1, tool=replace(MILL, centre_cutting=False)))
    ramped = verify_milling(design, plan, PATHS, programs())
    plunged = verify_other(
        design, plan, PATHS, programs(), swapped("G3 X1.000 Y0.000 Z-1.000", "G1 Z-1\nG3 X1 Y0 Z-1"), "block-1.ngc"
    )

    assert ramped.passed
    assert {"verify.plunge"} == failed(plunged)


def lines_that_matter() -> list[int]:
    return [k for k, line in enumerate(TEXT.splitlines()) if re.match(r"G[0-3] X.* Z|G99", line)]


@pytest.mark.parametrize("number", lines_that_matter()[::3])
def test_a_deleted_line_is_refused(number: int, design: Design) -> None:
    lines = TEXT.splitlines()
    del lines[number]

    assert not verify_milling(design, PLAN, PATHS, programs("\n".join(lines) + "\n")).passed


def test_another_program_that_is_the_same_passes_and_says_so(design: Design) -> None:
    report = verify_other(design, PLAN, PATHS, programs(), TEXT.replace("(test)", "(checked)"), "block-1.ngc")

    assert report.passed
    assert ["verify.other-equal", "verify.other-comments"] == [n.code for n in report.notes]
    assert "'checked' where 'test' stands" in report.notes[1].message
    assert ["not-applicable"] * 4 == [g.verdict for g in report.gates if g.verdict != "pass"]


def test_another_way_to_the_same_part_passes_and_tells_the_difference(design: Design) -> None:
    text = swapped("X-4.000 Y0.000", "X-4.000 Y0.500")

    assert not verify_milling(design, PLAN, PATHS, programs(text)).passed

    report = verify_other(design, PLAN, PATHS, programs(), text, "block-1.ngc")

    assert report.passed
    assert "verify.other-differs" in {n.code for n in report.notes}


def test_a_program_that_is_not_there_or_not_readable(design: Design) -> None:
    with pytest.raises(ConfigError, match="no program"):
        verify_other(design, PLAN, PATHS, programs(), TEXT, "lid.ngc")
    foreign = Programs((replace(programs().programs[0], dialect="unheard-of"), programs().programs[1]))
    with pytest.raises(ConfigError, match="no reader"):
        verify_milling(design, PLAN, PATHS, foreign)


def essence(text: str, home: Path) -> list[tuple[object, ...]]:
    """What LinuxCNC's own interpreter makes of a text, as far as it matters: every cut with its state, every low rapid.

    Feeds are rounded to what the proof may forgive; moves that go nowhere and switches without effect are left out.
    """
    home.mkdir()
    (home / "t.tbl").write_text(
        "".join(f"T{a.number} P{a.number} Z{a.gauge_length_mm / 25.4:.9f} D0.1\n" for a in PLAN.tools)
    )
    (home / "v.var").write_text(f"5223\t{MACHINE.work_zero_mm[2] / 25.4:.9f}\n")
    (home / "in.ngc").write_text(text)
    command = ["rs274", "-t", "t.tbl", "-v", "v.var", "-n", "2", "-g", "in.ngc", "out"]
    environment = {"HOME": str(home), "PATH": os.environ["PATH"]}
    done = subprocess.run(command, cwd=home, env=environment, capture_output=True, timeout=60, check=False)
    state: dict[str, str] = {}
    acts: list[tuple[object, ...]] = [(done.returncode,)]
    here = ""
    for name, inside in re.findall(r"N\S+ (\w+)\((.*)\)", (home / "out").read_text()):
        if name in {"STRAIGHT_FEED", "ARC_FEED"} or (name == "STRAIGHT_TRAVERSE" and float(inside.split(", ")[2]) < 15):
            if inside != here or name == "ARC_FEED":
                acts.append((name, inside, *([] if name == "STRAIGHT_TRAVERSE" else sorted(state.items()))))
            here = inside
        elif name == "STRAIGHT_TRAVERSE":
            here = inside
        elif name == "SET_FEED_RATE":
            state[name] = str(round(float(inside) / 10))
        elif name.endswith(("CLOCKWISE", "_TURNING")):
            state["turning"] = name
        elif name.startswith(("FLOOD", "MIST", "CHANGE_TOOL", "USE_", "SET_")):
            state[name.removesuffix("_ON").removesuffix("_OFF")] = name + inside
    return acts


def corrupted(rng: random.Random) -> str:
    """One small corruption of the kind transmission, editing and bad posts make."""
    lines = TEXT.splitlines()
    k = rng.randrange(2, len(lines) - 1)
    digits = [m.start() for m in re.finditer(r"\d", lines[k])]
    kind = rng.choice(["digit", "sign", "drop-line", "drop-word", "swap-lines", "double-line", "point"])
    if kind == "digit" and digits:
        at = rng.choice(digits)
        lines[k] = lines[k][:at] + str((int(lines[k][at]) + rng.randint(1, 9)) % 10) + lines[k][at + 1 :]
    elif kind == "sign":
        lines[k] = re.sub(r"(?<=[XYZIJ])(-?)", lambda m: "" if m[1] else "-", lines[k], count=1)
    elif kind == "drop-line":
        del lines[k]
    elif kind == "drop-word":
        words = lines[k].split()
        words.pop(rng.randrange(len(words)))
        lines[k] = " ".join(words)
    elif kind == "swap-lines":
        lines[k - 1], lines[k] = lines[k], lines[k - 1]
    elif kind == "double-line":
        lines.insert(k, lines[k])
    else:
        lines[k] = lines[k].replace(".", "", 1)
    return "\n".join(lines) + "\n"


@pytest.mark.skipif(
    shutil.which("rs274") is None and "CI" not in os.environ, reason="rs274 (Debian linuxcnc-uspace) is not here"
)
def test_every_corruption_a_controller_would_notice_is_refused(design: Design, tmp_path: Path) -> None:
    good = essence(TEXT, tmp_path / "good")
    survivors = []
    for seed in range(60):
        text = corrupted(random.Random(seed))
        if verify_milling(design, PLAN, PATHS, programs(text)).passed and essence(text, tmp_path / f"{seed}") != good:
            survivors.append(seed)

    assert [] == survivors

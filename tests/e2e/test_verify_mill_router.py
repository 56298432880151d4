"""A nameplate on a Grbl router: engraving, outline with tabs, one program a tool, touched off by hand."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from geometry import solids
from model.design import Design, Expected, Part
from model.feature import PlanarFace
from model.finding import Report
from model.plan import Box, CuttingData, Fixture, Operation, ProcessPlan, Setup, Stock, Tab
from model.program import Program, Programs
from model.region import Region
from model.tooling import Assembly, Axis, Holder, Machine, Material, Segment3, Tool, ToolKind
from model.toolpath import Move, SetupPath, Toolpath, Toolpaths
from pipeline.verify.stage import verify_milling, verify_other

HOLDER = Holder("er11", "ER11", (Segment3(20, 16, 16),), 7, 30000)


def tool(number: int, kind: ToolKind, d: float, flute: float) -> Assembly:
    one = Tool(
        f"t{number}", f"{kind} {d}", kind, d, d, 180, flute, flute, 38, 3.175, 2, True, "carbide", 30000, 10, "test"
    )
    return Assembly(number, one, HOLDER, 20, 60)


ENGRAVER, MILL = tool(1, "engraver", 0.5, 1.0), tool(2, "end-mill", 2.0, 6.0)
AXES = tuple(Axis(n, a, b, 3000, 200) for n, a, b in (("X", 0, 300), ("Y", 0, 180), ("Z", -80, 0)))
MACHINE = Machine("router", "desktop router", "router", "grbl", AXES, 5000, 24000, ((24000, 0.3),), 2000, 60,
                  automatic_tool_change=False, coolant=(), tools=(ENGRAVER, MILL), fixtures=("tape", "tabs"), vise=None,
                  work_zero_mm=(100, 80, -100), rate_eur_h=30, source="test")  # fmt: skip
BRASS = Material("cuzn39pb3", "brass", (), "N", 8.5, 700, 0.27, (75, 150, 350), (60, 90, 175), (0.006, 0.008, 0.01),
                 60, 0.015, 8, {})  # fmt: skip
TABS = (Tab(11, 0, 3, -1.2), Tab(-11, 0, 3, -1.2))
DATA = CuttingData(16000, 250, 100, 150, 1, 1, 100, 0.01, 1, 1, 0, "off", "feed")


def operation(name: str, number: int, tabs: tuple[Tab, ...] = ()) -> Operation:
    return Operation(name, "mill", PlanarFace(name, 0, Region()), number, DATA, 0, -2, 3, Region(), Region(), tabs=tabs)


SETUP = Setup(1, "top", ((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, -2)), "G54", "middle of the top",
              Box(-15, -10, -2, 15, 10, 0), Fixture("tabs", (), spoil_mm=0.5), 5,
              (operation("text", 1), operation("outline", 2, TABS)))  # fmt: skip
PLAN = ProcessPlan("o2", "plate", MACHINE, BRASS, Stock("ms2", (30, 20, 2), 0.01, 1), (ENGRAVER, MILL), (SETUP,), ())


@pytest.fixture(scope="module")
def design() -> Design:
    """A 20 x 12 x 2 plate with one 0.3 mm deep stroke."""
    import cadquery as cq

    stroke = cq.Workplane(origin=(0, 0, 1.7)).slot2D(6.5, 0.5).extrude(1)
    plate = cq.Workplane().box(20, 12, 2, centered=(True, True, False)).edges("|Z").fillet(2).cut(stroke)
    part = Part("plate", solids.dump(plate.findSolid()), Expected((20, 12, 2), (1, 999), 0))
    return Design("o2", "nameplate", "Plate", "cuzn39pb3", "as cut", 1, (part,))


def engraving() -> list[Move]:
    down = [Move("rapid", -3, 0, 5), Move("rapid", -3, 0, 1), Move("line", -3, 0, -0.3, 60)]
    return [*down, Move("line", 3, 0, -0.3, 120), Move("rapid", 3, 0, 5)]


def lap(z: float, bridge_z: float | None) -> list[Move]:
    """Once around the outline, clockwise (climb), 1 mm off the wall, lifted over the tabs."""
    moves: list[Move] = []
    corners = [(10, -6, 1, -1), (-10, -6, -1, -1), (-10, 6, -1, 1), (10, 6, 1, 1)]
    for x, y, sx, sy in corners:
        cx, cy = x - 2 * sx, y - 2 * sy
        ends = [(x + sx, cy), (cx, y + sy)]
        first, last = ends if sx * sy < 0 else ends[::-1]
        if bridge_z is not None and first[0] != cx and moves is not None:
            side = sx * 11.0
            start, stop = (2.5, -2.5) if sx > 0 else (-2.5, 2.5)
            moves += [Move("line", side, start, z, 240), Move("line", side, start, bridge_z, 100)]
            moves += [Move("line", side, stop, bridge_z, 240), Move("line", side, stop, z, 100)]
        moves += [Move("line", *first, z, 240), Move("cw", *last, z, 240, cx_mm=cx, cy_mm=cy)]
    return moves


def outline() -> list[Move]:
    moves = [Move("rapid", 11, 4, 5), Move("rapid", 11, 4, 1), Move("line", 11, 4, -1, 60)]
    moves += [*lap(-1, None), Move("line", 11, 4, -1, 240), Move("line", 11, 4, -2.2, 60)]
    return [*moves, *lap(-2.2, -1.2), Move("line", 11, 4, -2.2, 240), Move("rapid", 11, 4, 5)]


TEXT_PATH = Toolpath("text", 1, 16000, "off", tuple(engraving()))
OUTLINE_PATH = Toolpath("outline", 2, 16000, "off", tuple(outline()))
PATHS = Toolpaths((SetupPath(1, (TEXT_PATH, OUTLINE_PATH)),))


def text_of(path: Toolpath) -> str:
    lines = [
        f"(T{path.tool_number})",
        "G21 G17 G90 G94 G54",
        "M5",
        "M9",
        "G0 Z5",
        f"T{path.tool_number}",
        "M3 S16000",
        "G4 P3",
    ]
    x = y = 0.0
    for m in path.moves:
        word = {"rapid": "G0", "line": "G1", "cw": "G2", "ccw": "G3"}[m.kind]
        centre = f" I{m.cx_mm - x:.3f} J{m.cy_mm - y:.3f}" if m.kind in {"cw", "ccw"} else ""
        feed = "" if m.kind == "rapid" else f" F{m.feed_mm_min:.0f}"
        lines.append(f"{word} X{m.x_mm:.3f} Y{m.y_mm:.3f} Z{m.z_mm:.3f}{centre}{feed}")
        x, y = m.x_mm, m.y_mm
    return "\n".join([*lines, "M5", "M30"]) + "\n"


TEXTS = tuple(text_of(p) for p in PATHS.setups[0].toolpaths)


def programs(outline_text: str = TEXTS[1], engraving_text: str = TEXTS[0]) -> Programs:
    return Programs((Program("plate-1.nc", 1, "router", "grbl", engraving_text, (1,)),
                     Program("plate-2.nc", 1, "router", "grbl", outline_text, (2,))))  # fmt: skip


def failed(report: Report) -> set[str]:
    return {f.code for f in report.failures}


def test_the_plate_passes_and_its_tabs_are_told(design: Design) -> None:
    report = verify_milling(design, PLAN, PATHS, programs())

    assert [] == [(g.name, g.findings) for g in report.gates if g.verdict == "fail"]
    assert ["verify.tabs"] == [n.code for n in report.notes]
    assert report.metrics["deepest_gouge_mm"] < 0.002
    assert report.metrics["setup_1_seconds"] > 2 * 60


def outlined(change: Callable[[str], str]) -> Programs:
    text = change(TEXTS[1])

    assert text != TEXTS[1]

    return programs(outline_text=text)


def engraved(old: str, new: str) -> Programs:
    text = TEXTS[0].replace(old, new)

    assert text != TEXTS[0]

    return programs(engraving_text=text)


FAULTS: dict[str, tuple[str, Programs | ProcessPlan]] = {
    "tabs cut through": ("verify.loose", outlined(lambda t: t.replace("Z-1.200", "Z-2.200"))),
    "spoilboard cut too deep": ("verify.spoilboard", outlined(lambda t: t.replace("Z-2.200", "Z-2.600"))),
    "outline not deep enough": ("verify.excess", outlined(lambda t: t.replace("Z-2.200", "Z-1.900"))),
    "another tool than declared": ("verify.tools", outlined(lambda t: t.replace("\nT2", "\nT1"))),
    "no start from a safe height": ("verify.position-unknown", outlined(lambda t: t.replace("G0 Z5\n", ""))),
    "a start below the safe height": ("verify.unsafe-start", outlined(lambda t: t.replace("G0 Z5\n", "G0 Z1\n"))),
    "a tool change in the program": ("read.code-unsupported", outlined(lambda t: t.replace("T2\n", "T2 M6\n"))),
    "coolant of the program before": ("verify.state-inherited", outlined(lambda t: t.replace("M9\n", ""))),
    "no feed": ("read.feed-missing", outlined(lambda t: t.replace(" F60", "").replace(" F240", ""))),
    "a lost minus": ("verify.not-as-planned", outlined(lambda t: t.replace("X-", "X", 1))),
    "engraver too deep for its flutes": ("verify.flutes", engraved("Z-0.300", "Z-1.300")),
    "engraving twice as deep": ("verify.gouge", engraved("Z-0.300", "Z-0.600")),
    "engraving left out": ("verify.excess", engraved("G1 X3.000 Y0.000 Z-0.300 F120\n", "")),
    "a tab the plan does not know": ("verify.excess", replace(PLAN, setups=(replace(SETUP, operations=()),))),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_refused(name: str, design: Design) -> None:
    code, changed = FAULTS[name]
    plan, texts = (changed, programs()) if isinstance(changed, ProcessPlan) else (PLAN, changed)

    assert code in failed(verify_milling(design, plan, PATHS, texts))


def test_a_corner_too_tight_for_every_tool_is_listed_not_hidden() -> None:
    import cadquery as cq

    plate = cq.Workplane().box(20, 12, 2, centered=(True, True, False)).edges("|Z").fillet(2)
    window = cq.Workplane(origin=(6, 0, 0)).rect(4, 4).extrude(2).edges("|Z").fillet(0.6)
    part = Part("plate", solids.dump(plate.cut(window).findSolid()), Expected((20, 12, 2), (1, 999), 0))
    tight = Design("o2", "nameplate", "Plate", "cuzn39pb3", "as cut", 1, (part,))
    setups = (replace(SETUP, operations=SETUP.operations[1:]),)
    alone = replace(PLAN, machine=replace(MACHINE, tools=(MILL,)), tools=(MILL,), setups=setups)
    paths = Toolpaths((SetupPath(1, PATHS.setups[0].toolpaths[1:]),))
    # Square laps inside the window: its corners of 0.6 keep what the mill's radius of 1 cannot reach.
    square = "".join(f"G1 X{x} Y{y} F240\n" for x, y in [(7, 1), (5, 1), (5, -1), (7, -1), (7, 1)])
    cut = f"G0 X7 Y1 Z5\nG0 Z1\nG1 Z-1 F60\n{square}G1 Z-2.2 F60\n{square}G0 Z5\n"
    text = TEXTS[1].replace("G0 X11.000", cut + "G0 X11.000", 1)
    one = Programs(programs().programs[1:])
    report = verify_other(tight, alone, paths, one, text, "plate-2.nc")
    places = [n for n in report.notes if n.code == "verify.unreachable"]

    assert set() == failed(report)
    # The corner's middle is (sqrt 2 - 1) * (1 - 0.6) away from the mill at its nearest.
    assert pytest.approx([0.1657] * 4, abs=0.01) == [float(n.value or 0) for n in places]

    lazy = verify_other(tight, alone, paths, one, text.replace("X5 Y-1", "X5.1 Y-1"), "plate-2.nc")

    assert {"verify.excess"} == failed(lazy)


SLENDER = {
    "slot": tool(3, "end-mill", 1.2, 4.0),
    "hole": tool(4, "drill", 1.6, 8.0),
    "engraving": ENGRAVER,
}


@pytest.mark.parametrize("feature", SLENDER)
def test_a_feature_nobody_planned_is_refused_when_a_tool_in_the_crib_reaches_it(feature: str) -> None:
    import cadquery as cq

    plate = cq.Workplane().box(20, 12, 2, centered=(True, True, False)).edges("|Z").fillet(2)
    shape = {
        "slot": cq.Workplane().slot2D(5, 1.4).extrude(2),
        "hole": cq.Workplane().circle(0.81).extrude(2),
        "engraving": cq.Workplane(origin=(0, 0, 1.7)).slot2D(6.5, 0.5).extrude(1),
    }[feature]
    part = Part("plate", solids.dump(plate.cut(shape).findSolid()), Expected((20, 12, 2), (1, 999), 0))
    omitted = Design("o2", "nameplate", "Plate", "cuzn39pb3", "as cut", 1, (part,))
    setups = (replace(SETUP, operations=SETUP.operations[1:]),)
    paths = Toolpaths((SetupPath(1, PATHS.setups[0].toolpaths[1:]),))
    machine = replace(MACHINE, tools=(MILL, SLENDER[feature]))
    plan = replace(PLAN, machine=machine, tools=(MILL,), setups=setups)
    one = Programs(programs().programs[1:])
    without = replace(plan, machine=replace(MACHINE, tools=(MILL,)))

    assert "verify.excess" in failed(verify_milling(omitted, plan, paths, one))
    assert {"verify.unreachable"} == failed(verify_milling(omitted, without, paths, one)) - {"verify.volume"}

"""A V-carved groove that the solid has, and edges broken that it shows sharp: what passes and what is refused."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from geometry import solids
from model.design import Design, Expected, Part
from model.feature import Edges, VCarving
from model.finding import Report
from model.plan import Box, CuttingData, Fixture, Operation, ProcessPlan, Setup, Stock
from model.program import Program, Programs
from model.region import Contour, Region, Segment
from model.tooling import Assembly, Axis, Holder, Machine, Material, Segment3, Tool
from model.toolpath import Move, SetupPath, Toolpath, Toolpaths
from pipeline.verify.stage import verify_milling

HOLDER = Holder("er11", "ER11", (Segment3(20, 16, 16),), 7, 30000)
POINT = Tool("v90", "engraver 90", "engraver", 6, 0, 90, 10, 12, 50, 6, flutes=2, centre_cutting=True,
             substrate="carbide", max_rpm=30000, price_eur=10, source="test")  # fmt: skip
T1 = Assembly(1, POINT, HOLDER, 25, 85)
AXES = tuple(Axis(n, a, b, 10000, 500) for n, a, b in (("X", -200, 200), ("Y", -150, 150), ("Z", -300, 0)))
MACHINE = Machine("mini", "mini mill", "mill", "linuxcnc", AXES, 300, 24000, ((1000, 1), (24000, 1)), 5000, 5,
                  automatic_tool_change=True, coolant=("flood",), tools=(T1,), fixtures=("tape",), vise=None,
                  work_zero_mm=(0, 0, -200), rate_eur_h=60, source="test")  # fmt: skip
BRASS = Material("brass", "brass", (), "N", 8.4, 780, 0.2, (100, 200, 300), (50, 80, 100), (0.004, 0.008, 0.014),
                 80, 0.02, 10, {})  # fmt: skip
DATA = CuttingData(20000, 400, 200, 300, 1, 1, 100, 0.01, 1, 1, 0, "flood", "feed")
LONG, WIDE, HIGH, DEEP, BREAK = 30.0, 20.0, 8.0, 1.5, 0.3


def around(x0: float, y0: float, x1: float, y1: float) -> Region:
    return Region((Contour(tuple(Segment(x, y) for x, y in ((x1, y0), (x1, y1), (x0, y1), (x0, y0)))),))


def operation(name: str, feature: VCarving | Edges, strategy: str, z: float) -> Operation:
    return Operation(name, strategy, feature, 1, DATA, 0.5, z, 15, Region(), Region())


def plan(width: float = BREAK, z: float = 0.0, strategy: str = "deburr") -> ProcessPlan:
    groove = VCarving("v-1", 0.0, DEEP, 90.0, around(15 - DEEP, 0, 15 + DEEP, WIDE))
    edges = Edges("edges-1", z, width, around(0, 0, LONG, WIDE))
    top = Setup(
        1, "top", ((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, -HIGH)), "G54", "corner", Box(0, 0, -HIGH, LONG, WIDE, 0),
        Fixture("tape", (), spoil_mm=0.5), 15,
        (operation("carve", groove, "vcarve", -DEEP), operation("break", edges, strategy, -0.8)),
    )  # fmt: skip
    return ProcessPlan("o4", "block", MACHINE, BRASS, Stock("brass", (LONG, WIDE, HIGH), 0.02, 1), (T1,), (top,), ())


def moves(deep: float = DEEP, away: float = 0.5, z: float = -0.8) -> tuple[Toolpath, Toolpath]:
    """One pass down the middle of the groove; one lap round the block, the point ``away`` from its walls."""
    carve = [Move("rapid", 15, -4, 15), Move("rapid", 15, -4, 2), Move("line", 15, -4, -deep, 200)]
    carve += [Move("line", 15, WIDE + 4, -deep, 400), Move("rapid", 15, WIDE + 4, 15)]
    x0, y0, x1, y1 = -away, -away, LONG + away, WIDE + away
    lap = [Move("rapid", x0, y0 - 4, 15), Move("rapid", x0, y0 - 4, 2), Move("line", x0, y0 - 4, z, 200)]
    lap += [Move("line", x, y, z, 400) for x, y in ((x0, y1), (x1, y1), (x1, y0), (x0, y0))]
    return (Toolpath("carve", 1, 20000, "flood", tuple(carve)),
            Toolpath("break", 1, 20000, "flood", (*lap, Move("rapid", x0, y0, 15))))  # fmt: skip


def judge(design: Design, planned: ProcessPlan, paths: tuple[Toolpath, ...]) -> Report:
    lines = ["%", "G21 G17 G90 G94 G40 G49 G80 G91.1 G92.1", "G64 P0.005", "G54", "M5 M9", "G53 G0 Z0", "T1 M6",
             "S20000 M3", "G4 P2", "M8"]  # fmt: skip
    first = paths[0].moves[0]
    lines += [f"G0 X{first.x_mm:.3f} Y{first.y_mm:.3f}", "G43 H1"]
    for m in (m for p in paths for m in p.moves):
        feed = f" F{m.feed_mm_min:.0f}" if m.kind == "line" else ""
        lines.append(f"{'G1' if feed else 'G0'} X{m.x_mm:.3f} Y{m.y_mm:.3f} Z{m.z_mm:.3f}{feed}")
    text = "\n".join([*lines, "G53 G0 Z0", "M5", "M9", "M30", "%"]) + "\n"
    programs = Programs((Program("top.ngc", 1, "mini", "linuxcnc", text, (1,)),))
    return verify_milling(design, planned, Toolpaths((SetupPath(1, paths),)), programs)


@pytest.fixture(scope="module")
def design() -> Design:
    """A block with a V groove across its top; all its edges are sharp."""
    import cadquery as cq

    block = cq.Workplane().box(LONG, WIDE, HIGH, centered=False)
    groove = cq.Workplane("XZ").polyline([(15 - DEEP, HIGH), (15 + DEEP, HIGH), (15, HIGH - DEEP)]).close()
    part = Part("block", solids.dump(block.cut(groove.extrude(-WIDE)).findSolid()),
                Expected((LONG, WIDE, HIGH), (1, 99), 0))  # fmt: skip
    return Design("o4", "block", "Block", "brass", "as cut", 1, (part,))


def codes(report: Report) -> set[str]:
    return {f.code for f in report.failures}


def test_a_carved_groove_and_broken_edges_pass(design: Design) -> None:
    report = judge(design, plan(), moves())

    assert [] == [(g.name, g.findings[:3]) for g in report.gates if g.verdict == "fail"]
    assert report.metrics["deepest_gouge_mm"] < 0.01
    assert report.metrics["excess_mm"] < 0.01


FAULTS: dict[str, tuple[str, Callable[[], tuple[ProcessPlan, tuple[Toolpath, ...]]]]] = {
    "the groove too deep": ("verify.gouge", lambda: (plan(), moves(deep=DEEP + 0.03))),
    "the groove too shallow": ("verify.excess", lambda: (plan(), moves(deep=DEEP - 0.2))),
    "the bevel wider than its width": ("verify.gouge", lambda: (plan(), moves(away=0.46))),
    "the bevel too deep": ("verify.gouge", lambda: (plan(), moves(z=-0.83))),
    "an edge nobody planned to break": ("verify.gouge", lambda: (plan(strategy="chamfer"), moves())),
    "the edge planned at another height": ("verify.gouge", lambda: (plan(z=-1.0), moves())),
    "a bevel so wide that it is a chamfer": ("verify.gouge", lambda: (plan(width=0.6), moves(away=0.2))),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_what_goes_further_is_refused(name: str, design: Design) -> None:
    code, made = FAULTS[name]

    assert code in codes(judge(design, *made()))


def test_only_the_parts_own_side_of_the_edge_may_be_broken(design: Design) -> None:
    planned = plan()
    carve, lap = planned.setups[0].operations
    inside_out = Region((Contour(tuple(Segment(x, y) for x, y in ((0, WIDE), (LONG, WIDE), (LONG, 0), (0, 0)))),))
    wrong = replace(lap, feature=Edges("edges-1", 0.0, BREAK, inside_out))
    turned = replace(planned, setups=(replace(planned.setups[0], operations=(carve, wrong)),))

    assert "verify.gouge" in codes(judge(design, turned, moves()))

"""A part cut from above and from its side, threads in it: the proof passes the job and refuses every planted fault."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from geometry import solids
from geometry.sampling import sample
from model.design import Design, Expected, Part
from model.feature import Feature, Hole, HoleStep, PlanarFace
from model.finding import Finding, Report
from model.plan import Box, CuttingData, Fixture, Operation, ProcessPlan, Setup, Stock
from model.program import Program, Programs
from model.region import Region
from model.tooling import Assembly, Axis, Holder, Machine, Material, Segment3, Tool
from model.toolpath import Move, SetupPath, Toolpath, Toolpaths
from pipeline.verify import gates_cut, gates_text
from pipeline.verify.programs import judged
from pipeline.verify.simulate import simulate
from pipeline.verify.stage import verify_milling

HOLDER = Holder("er11", "ER11", (Segment3(20, 16, 16),), 7, 30000)
MILL = Tool("em4", "end mill 4", "end-mill", 4, 4, 180, 12, 14, 50, 4, flutes=2, centre_cutting=True,
            substrate="carbide", max_rpm=30000, price_eur=10, source="test")  # fmt: skip
DRILL = replace(MILL, id="d2.5", kind="drill", diameter_mm=2.5, tip_diameter_mm=2.5, point_angle_deg=118.0,
                flute_length_mm=20, shoulder_length_mm=22, shank_diameter_mm=2.5, max_rpm=10000)  # fmt: skip
TAP = replace(MILL, id="m3", kind="tap", diameter_mm=3, tip_diameter_mm=3, flute_length_mm=11, shoulder_length_mm=18,
              shank_diameter_mm=3.5, flutes=3, centre_cutting=False, pitch_mm=0.5, chamfer_length_mm=1.0)  # fmt: skip
T1, T2, T3 = Assembly(1, MILL, HOLDER, 22, 82), Assembly(2, DRILL, HOLDER, 35, 95), Assembly(3, TAP, HOLDER, 35, 95)
AXES = tuple(Axis(n, a, b, 10000, 500) for n, a, b in (("X", -200, 200), ("Y", -150, 150), ("Z", -300, 0)))
MACHINE = Machine("mini", "mini mill", "mill", "linuxcnc", AXES, 300, 24000, ((1000, 1), (24000, 1)), 5000, 5,
                  automatic_tool_change=True, coolant=("flood",), tools=(T1, T2, T3), fixtures=("vise",), vise=None,
                  work_zero_mm=(0, 0, -200), rate_eur_h=60, source="test")  # fmt: skip
ALUMINIUM = Material("al", "aluminium", (), "N", 2.7, 800, 0.25, (100, 200, 300), (50, 80, 100), (0.004, 0.008, 0.014),
                     80, 0.02, 10, {})  # fmt: skip
DATA = CuttingData(12000, 600, 200, 300, 1, 1, 100, 0.025, 1, 1, 0, "flood", "feed")
TIP = 1.25 / math.tan(math.radians(59))


def operation(name: str, tool: int, z: float, strategy: str = "mill", feature: Feature | None = None) -> Operation:
    face = feature or PlanarFace(name, 0, Region())
    return Operation(name, strategy, face, tool, DATA, 0.5, z, 15, Region(), Region())


# The side is looked at along part X: x' = y - 10, y' = z - 6, z' = x - 30.
THREAD = Hole("hole", -6, 0, 0, (HoleStep(2.5, -6),), through=False, tip_angle_deg=118, thread="M3", thread_depth_mm=4)
JAWS = (Box(-40, -40, -60, 40, -6, -14), Box(-40, 6, -60, 40, 40, -14))
TOP = Setup(
    1, "top", ((1, 0, 0, -15), (0, 1, 0, -10), (0, 0, 1, -12)), "G54", "middle of the top",
    Box(-15, -10, -12, 15.5, 10, 0.5),
    Fixture("vise", (Box(-40, -40, -60, 40, -10, -7), Box(-40, 10, -60, 40, 40, -7)), 5), 15,
    (operation("face", 1, 0), operation("pocket", 1, -3)),
)  # fmt: skip
SIDE = Setup(
    2, "side", ((0, 1, 0, -10), (0, 0, 1, -6), (1, 0, 0, -30)), "G54", "middle of the side",
    Box(-10, -6, -30, 10, 6.5, 0.5), Fixture("vise", JAWS, 10), 15,
    (operation("end", 1, 0), operation("slot", 1, -4), operation("drill", 2, -6, "drill", THREAD),
     operation("thread", 3, -5, "tap", THREAD)),
)  # fmt: skip
PLAN = ProcessPlan("o3", "block", MACHINE, ALUMINIUM, Stock("al", (30.5, 20, 12.5), 0.02, 1), (T1, T2, T3), (TOP, SIDE),
                   ())  # fmt: skip


@pytest.fixture(scope="module")
def design() -> Design:
    """A block with a pocket in its top, and in one end a blind slot and a hole for a thread."""
    import cadquery as cq

    block = cq.Workplane().box(30, 20, 12, centered=False)
    pocket = cq.Workplane(origin=(13, 10, 9)).rect(12, 10).extrude(3).edges("|Z").fillet(3)
    slot = cq.Workplane("YZ", origin=(30, 12, 6)).slot2D(8, 4).extrude(-4)
    half = (
        cq.Workplane("XZ").polyline([(0, 0), (1.25, 0), (1.25, -6), (0, -6 - TIP)]).close().revolve(360, (0, 0), (0, 1))
    )
    hole = half.rotate((0, 0, 0), (0, 1, 0), 90).translate((30, 4, 6))
    solid = block.cut(pocket).cut(slot).cut(hole).findSolid()
    part = Part("block", solids.dump(solid), Expected((30, 20, 12), (1, 9999), 0))
    return Design("o3", "block", "Block", "al", "as cut", 1, (part,))


def face(half_x: float, half_y: float, middle: float = 0.0) -> list[Move]:
    x, y = half_x + 4, -half_y
    moves = [Move("rapid", middle - x, y, 15), Move("rapid", middle - x, y, 2), Move("line", middle - x, y, 0, 300)]
    while True:
        moves.append(Move("line", middle + x, y, 0, 600))
        if y >= half_y:
            return [*moves, Move("rapid", middle + x, y, 15)]
        y, x = min(y + 3, half_y), -x
        moves.append(Move("line", middle - x, y, 0, 600))


def pocket() -> list[Move]:
    moves = [
        Move("rapid", -2, 0, 15),
        Move("rapid", -2, 0, 1),
        Move("line", -2, 0, 0, 200),
        Move("line", -1, 0, 0, 400),
    ]
    moves += [Move("ccw", -1, 0, z, 300, cx_mm=-2) for z in (-1, -2, -3, -3)]
    moves += [Move("line", 0.5, 0, -3, 600), Move("line", 0.5, 1.5, -3, 600), Move("line", -4.5, 1.5, -3, 600)]
    moves += [Move("line", -4.5, -1.5, -3, 600), Move("line", 0.5, -1.5, -3, 600), Move("line", 0.5, 0, -3, 600)]
    for ax, ay, bx, by, sx, sy in (
        (2, 2, 1, 3, 1, 1),
        (-5, 3, -6, 2, -1, 1),
        (-6, -2, -5, -3, -1, -1),
        (1, -3, 2, -2, 1, -1),
    ):
        cx, cy = min(ax, bx) if sx > 0 else max(ax, bx), min(ay, by) if sy > 0 else max(ay, by)
        moves += [Move("line", ax, ay, -3, 600), Move("ccw", bx, by, -3, 600, cx_mm=cx, cy_mm=cy)]
    return [*moves, Move("line", 2, 0, -3, 600), Move("line", 2, 2, -3, 600), Move("rapid", 2, 2, 15)]


def slot() -> list[Move]:
    moves = [Move("rapid", 0, 0, 15), Move("rapid", 0, 0, 1), Move("line", 0, 0, 0, 200)]
    for z in (-1, -2, -3, -4):
        moves += [Move("line", 4, 0, z + 0.5, 300), Move("line", 0, 0, z, 300)]
    return [*moves, Move("line", 4, 0, -4, 300), Move("rapid", 4, 0, 15)]


def hole() -> list[Move]:
    return [
        Move("rapid", -6, 0, 15),
        Move("drill", -6, 0, -6 - TIP, 100, "drill", retract_mm=2, peck_mm=2, cycle="peck"),
    ]


def tapping() -> list[Move]:
    return [Move("rapid", -6, 0, 15), Move("drill", -6, 0, -5, 250, "drill", retract_mm=2, cycle="tap", pitch_mm=0.5)]


def path(*named: tuple[str, int, float, Sequence[Move]]) -> tuple[Toolpath, ...]:
    return tuple(Toolpath(name, tool, rpm, "flood", tuple(moves)) for name, tool, rpm, moves in named)


PATHS = Toolpaths((
    SetupPath(1, path(("face", 1, 12000, face(15, 10, 0.25)), ("pocket", 1, 12000, pocket()))),
    SetupPath(2, path(("end", 1, 12000, face(10, 6.5)), ("slot", 1, 12000, slot()), ("drill", 2, 3000, hole()),
                      ("thread", 3, 500, tapping()))),
))  # fmt: skip


def text_of(setup: SetupPath) -> str:
    lines = ["%", "G21 G17 G90 G94 G40 G49 G80 G91.1 G92.1", "G64 P0.005", "G54", "M5 M9", "G53 G0 Z0"]
    tool = 0
    for one in setup.toolpaths:
        if one.tool_number != tool:
            tool = one.tool_number
            x, y = one.moves[0].x_mm, one.moves[0].y_mm
            lines += ["M5", "M9", "G53 G0 Z0", f"T{tool} M6", f"S{one.spindle_rpm:.0f} M3", "G4 P2", "M8"]
            lines += [f"G0 X{x:.3f} Y{y:.3f}", f"G43 H{tool}"]
        x = y = 0.0
        for m in one.moves:
            at = f"X{m.x_mm:.3f} Y{m.y_mm:.3f} Z{m.z_mm:.3f}"
            if m.kind == "drill" and m.cycle == "tap":
                lines += [f"G0 X{m.x_mm:.3f} Y{m.y_mm:.3f}", f"G0 Z{m.retract_mm:.3f}"]
                lines += [f"G33.1 Z{m.z_mm:.3f} K{m.pitch_mm:.3f}"]
                continue
            word = {"rapid": "G0", "line": "G1", "cw": "G2", "ccw": "G3", "drill": "G99 G83"}[m.kind]
            more = f" R{m.retract_mm:.3f} Q{m.peck_mm:.3f}" if m.kind == "drill" else ""
            more = f" I{m.cx_mm - x:.3f} J{m.cy_mm - y:.3f}" if m.kind in {"cw", "ccw"} else more
            lines.append(f"{word} {at}{more}" + ("" if m.kind == "rapid" else f" F{m.feed_mm_min:.0f}"))
            lines += ["G80"] if m.kind == "drill" else []
            x, y = m.x_mm, m.y_mm
    return "\n".join([*lines, "G53 G0 Z0", "M5", "M9", "M30", "%"]) + "\n"


TEXT, TEXT2 = (text_of(p) for p in PATHS.setups)


def programs(text: str = TEXT, text2: str = TEXT2) -> Programs:
    return Programs((Program("top.ngc", 1, "mini", "linuxcnc", text, (1,)),
                     Program("side.ngc", 2, "mini", "linuxcnc", text2, (1, 2, 3))))  # fmt: skip


def failed(report: Report) -> set[str]:
    return {f.code for f in report.failures}


def test_a_job_from_two_sides_passes(design: Design) -> None:
    report = verify_milling(design, PLAN, PATHS, programs())

    assert [] == [(g.name, g.findings) for g in report.gates if g.verdict == "fail"]
    assert report.metrics["deepest_gouge_mm"] < 0.001
    assert report.metrics["excess_mm"] < 0.001
    assert report.metrics["part_mm3"] == pytest.approx(report.metrics["remaining_mm3"], rel=1e-3)


def test_a_safe_height_beyond_the_machine_asks_for_no_more_than_to_be_clear_of_everything(design: Design) -> None:
    report = verify_milling(design, with_side(safe_z_mm=150.0), PATHS, programs())

    assert set() == failed(report)


def test_what_stays_within_its_limit_is_no_partial_plan(design: Design) -> None:
    small = Finding("plan.sharp-corner", "a corner keeps 0.02 mm", "pocket", 0.02, 0.05, severity="note")
    report = verify_milling(design, replace(PLAN, unreachable=(small,)), PATHS, programs())

    assert set() == failed(report)


def test_straight_up_to_the_machines_top_is_safe_even_where_the_longest_tool_would_not_clear() -> None:
    low = replace(PLAN, machine=replace(MACHINE, work_zero_mm=(0.0, 0.0, -90.0)))  # its tip ends at -5
    lifted = gates_text.safe_states([judged(programs().programs[1], SIDE, low)])
    across = replace(programs().programs[1], text=TEXT2.replace("G53 G0 Z0\nT1", "G53 G0 Z0\nG0 X50 Y50\nT1", 1))
    crossed = gates_text.safe_states([judged(across, SIDE, low)])

    assert "verify.unsafe-start" not in {f.code for f in lifted.findings}
    assert "verify.unsafe-start" in {f.code for f in crossed.findings}


def test_the_report_tells_every_face_and_every_operation(design: Design) -> None:
    report = verify_milling(design, PLAN, PATHS, programs())
    faces, operations = report.tables
    loads = {row[0]: dict(zip(operations.columns, row, strict=True)) for row in operations.rows}

    assert 22 == len(faces.rows)
    assert ["1.face", "1.pocket", "2.end", "2.slot", "2.drill", "2.thread"] == list(loads)
    # The slot's first way is a full slot half a millimetre deep; the drill has no side to engage with.
    assert pytest.approx(180.0, abs=3.0) == float(loads["2.slot"]["max engagement (deg)"])
    assert "" == loads["2.drill"]["max engagement (deg)"]
    assert 0.5 == report.metrics["error_dent_mm"] / 0.0125
    assert 0.05 == report.metrics["error_stock_mm"]


def side(old: str, new: str, count: int = -1) -> Programs:
    text = TEXT2.replace(old, new, count)

    assert text != TEXT2, f"{old!r} is not in the program"

    return programs(text2=text)


def with_side(**changes: object) -> ProcessPlan:
    return replace(PLAN, setups=(TOP, replace(SIDE, **changes)))  # type: ignore[arg-type]


def with_tool(one: Assembly) -> ProcessPlan:
    tools = tuple(one if a.number == one.number else a for a in PLAN.tools)
    return replace(PLAN, machine=replace(PLAN.machine, tools=tools), tools=tools)


def with_thread(hole: Hole) -> ProcessPlan:
    return with_side(operations=(*SIDE.operations[:3], operation("thread", 3, -5, "tap", hole)))


NARROW = (Box(-4, -40, -60, 4, -6, -14), Box(-4, 6, -60, 4, 40, -14))
HIGH = tuple(replace(b, z0_mm=-22, z1_mm=-12) for b in NARROW)
BENT = ((0, 1, 0, -10), (0, 0, -1, 6), (-1, 0, 0, 0))
SAW = "G0 X-14 Y0 Z15\nG0 Z2\nG1 Z-31 F200\nG1 X14 F300\nG0 Z15\n"
PROGRAMS: dict[str, tuple[str, Callable[[], Programs]]] = {
    "the side's slot too deep": ("verify.gouge", lambda: side("Z-4.000", "Z-4.020")),
    "the side's slot left out": ("verify.excess", lambda: side("Z-4.000", "Z-3.800")),
    "the end not faced": ("verify.excess", lambda: side("Z0.000", "Z0.300")),
    "a rapid through the end": ("verify.rapid-in-stock",
                                lambda: side("G0 X4.000 Y0.000 Z15.000", "G0 X9 Y5 Z-2\nG0 Z15")),
    "a piece sawn off": ("verify.loose", lambda: side("G0 X4.000 Y0.000 Z15.000", "G0 Z15\n" + SAW)),
    "the hole not drilled": ("verify.thread-in-solid", lambda: side("G99 G83", "(G99 G83")),
    "the thread not cut": ("verify.thread-missing", lambda: side("G33.1 Z-5.000", "G33.1 Z-1.000")),
    "the tap beside its hole": ("verify.gouge", lambda: side("G0 X-6.000 Y0.000\nG0 Z2", "G0 X-5.700 Y0.000\nG0 Z2")),
    "the tap too deep": ("verify.gouge", lambda: side("G33.1 Z-5.000", "G33.1 Z-6.800")),
    "the tap's pitch another": ("verify.tap-feed", lambda: side("K0.500", "K0.450")),
}  # fmt: skip
PLANS: dict[str, tuple[str, Callable[[], ProcessPlan]]] = {
    "a setup upside down": ("verify.gouge",
                            lambda: with_side(to_setup=BENT, stock_box=Box(-10, -6.5, -30.5, 10, 6, 0))),
    "a corner left out on purpose": ("verify.partial-plan", lambda: replace(PLAN, unreachable=(
        Finding("plan.sharp-corner", "a corner keeps 0.2 mm", "pocket", 0.2, 0.05, severity="note"),))),
    "a face left out on purpose": ("verify.partial-plan", lambda: replace(PLAN, unreachable=(
        Finding("plan.unreachable-face", "no side makes it", "face 3"),))),
    "jaws over the pocket": ("verify.clamping", lambda: with_side(fixture=Fixture("vise", HIGH, 10))),
    "one jaw only": ("verify.no-jaw", lambda: with_side(fixture=Fixture("vise", JAWS[:1], 10))),
    "a jaw inside the work": ("verify.jaw-in-work",
                              lambda: with_side(fixture=Fixture("vise", (JAWS[0], replace(JAWS[1], y0_mm=4)), 10))),
    "a tap too large": ("verify.gouge",
                        lambda: with_tool(replace(T3, tool=replace(TAP, diameter_mm=4, tip_diameter_mm=4)))),
    "a tap of another pitch": ("verify.thread-pitch", lambda: with_tool(replace(T3, tool=replace(TAP, pitch_mm=0.6)))),
    "a thread nobody ordered": ("verify.gouge", lambda: with_side(operations=SIDE.operations[:3])),
    "a thread of no known size": ("verify.thread-unknown", lambda: with_thread(replace(THREAD, thread="G1/4"))),
    "a tool that bends": ("verify.bending", lambda: with_tool(replace(T1, stick_out_mm=40))),
    "too thick a chip": ("verify.chip-load", lambda: with_tool(replace(T1, tool=replace(MILL, diameter_mm=0.5)))),
}  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_planted_fault_in_the_side_is_refused(name: str, design: Design) -> None:
    code, changed = PROGRAMS[name]

    assert code in failed(verify_milling(design, PLAN, PATHS, changed()))


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_that_does_not_hold_is_refused(name: str, design: Design) -> None:
    code, plan = PLANS[name]

    assert code in failed(verify_milling(design, plan(), PATHS, programs()))


@pytest.mark.parametrize(("ae_mm", "codes"), [(1.0, {"verify.engagement"}), (4.0, set())])
def test_constant_engagement_is_kept_where_it_is_promised(ae_mm: float, codes: set[str], design: Design) -> None:
    promised = replace(operation("pocket", 1, -3, "adaptive"), cutting=replace(DATA, ap_mm=3, ae_mm=ae_mm))
    plan = replace(PLAN, setups=(replace(TOP, operations=(TOP.operations[0], promised)), SIDE))

    assert codes == failed(verify_milling(design, plan, PATHS, programs()))


@pytest.mark.parametrize("dog_leg", [False, True])
def test_a_rapid_is_judged_by_the_dog_leg_too_where_the_control_makes_one(*, dog_leg: bool, design: Design) -> None:
    # Straight, it passes the block's rim 0.6 mm above; with each axis at full speed it is down before the rim.
    text = TEXT2.replace("G0 X4.000 Y0.000 Z15.000", "G0 Z15\nG0 X0 Y0\nG0 Z2\nG0 X60 Z-5\nG0 Z15", 1)
    read = [judged(p, s, PLAN) for p, s in zip(programs(text2=text).programs, PLAN.setups, strict=True)]
    read[1] = replace(read[1], read=replace(read[1].read, dog_leg=dog_leg))
    gate = gates_cut.rapids(simulate(PLAN, read, sample(design.parts[0].brep), PATHS))

    assert ("fail" if dog_leg else "pass") == gate.verdict
    assert dog_leg == ("verify.rapid-in-stock" in {f.code for f in gate.findings})


def test_a_face_no_setup_sees_is_never_certified(design: Design) -> None:
    thick = replace(TOP, stock_box=replace(TOP.stock_box, z0_mm=-12.5))
    plan = replace(PLAN, stock=Stock("al", (30.5, 20, 13), 0.02, 1), setups=(thick,))
    report = verify_milling(design, plan, Toolpaths(PATHS.setups[:1]), Programs(programs().programs[:1]))
    places = [f for f in report.failures if f.code == "verify.face-not-made"]

    assert ["Add a setup that sees the part from -Z."] == [f.hint for f in places if f.place.endswith("z 0.00")]
    # The hole in the end is there as well: half of it looks down.
    assert "Add a setup that looks into it." in {f.hint for f in places}
    # The end itself could have been milled from above.
    assert "verify.excess" in failed(report)

"""The papers: only for a passed proof, equal to the program, the same bytes twice, in two languages."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import cadquery as cq
import pytest

import strategies
import tooling_db
from geometry import solids
from model.design import Design, Engraving, Expected, Part, Thread
from model.doing import DONE as DOING
from model.doing import doing
from model.errors import CapabilityError, VerificationError
from model.feature import Hole, HoleStep, Outline, PlanarFace
from model.finding import Finding, Gate, Report, Table
from model.order import Brief
from model.plan import Box, CuttingData, Fixture, Operation, ProcessPlan, Setup, Stock
from model.program import Placement, Program, Programs
from model.quote import Quote
from model.region import Contour, Region, Segment
from model.tolerances import deviation_mm, form_checks
from model.tooling import Assembly, Holder, Machine, Material, ShopData, Tool, Vise
from pipeline.plan.cutting import milling_data
from pipeline.plan.cutting_holes import drilling_data
from pipeline.plan.limits import Hold
from pipeline.release.certificate import table_page
from pipeline.release.clampings import turned_from, where_zero_is
from pipeline.release.drawing import setup_picture
from pipeline.release.feature_lines import DONE
from pipeline.release.jobs import CutJob
from pipeline.release.papers.paper import Paper, Rows
from pipeline.release.phrases import said
from pipeline.release.print_sheet import footprint
from pipeline.release.route import cut_route
from pipeline.release.sheet import disagreements, setup_sheet
from pipeline.release.stage import papers_milled
from pipeline.release.tool_table import tool_table
from pipeline.release.typeset import TEMPLATES
from pipeline.release.wear import wear_registers
from pipeline.release.words import LANGUAGES, duration, number, words
from pipeline.release.workpiece import work_boxes

MILL = Tool("em-10", "End mill Ø10 mm", "end-mill", 10, 10, 180, 22, 30, 72, 10, 3, True, "carbide", 10000, 20, "test")
DRILL = replace(MILL, id="d-5", name="Drill 5 mm", kind="drill", diameter_mm=5.0)
HOLDER = Holder("er20", "ER20 chuck", (), 13, 15000)
TOOLS = (Assembly(1, MILL, HOLDER, 34, 94), Assembly(7, DRILL, HOLDER, 36, 96.5))
VISE = Vise("v", "Vise 125 mm", 125, 40, 15, 150, 15000)
CUT = CuttingData(7640, 1375, 400, 600, 2, 4, 240, 0.06, 600, 120, 0.01, "flood", "spindle power")
MACHINE = Machine(
    "mill", "Bench mill", "mill", "linuxcnc", (), 500, 10000, (), 4000, 12, True, ("flood",), TOOLS, ("vise",), VISE,
    (0, 0, 0), 45, "test",
)  # fmt: skip
METAL = Material(
    "al", "Aluminium", (), "N", 2.7, 700, 0.25, (1, 2, 3), (1, 2, 3), (1, 2, 3), 60, 0.02, 6, {}
)  # fmt: skip
JAWS = (Box(-12, -20, -54, 113, -5, -14), Box(-12, 85, -54, 113, 100, -14))
JAWS_ON_PART = (Box(-12, -15, -40, 113, 0, 12), Box(-12, 80, -40, 113, 95, 12))


def rectangle(x0: float, y0: float, x1: float, y1: float) -> Region:
    return Region((Contour((Segment(x1, y0), Segment(x1, y1), Segment(x0, y1), Segment(x0, y0))),))


def operation(name: str, feature: PlanarFace | Hole | Outline, tool: int, bottom: float) -> Operation:
    return Operation(name, feature.kind, feature, tool, CUT, 0.0, bottom, 15.0, Region(), Region())


def two_setups() -> ProcessPlan:
    """A plate 100 x 80 x 20 from a blank with 5 mm around it: outlined and drilled, then turned over about X."""
    first = Setup(
        1, "top", ((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, -20)), "G54", "corner of the part, its top",
        Box(-5, -5, -24, 105, 85, 1), Fixture("vise", JAWS, 3, vise=VISE, force_n=9000, needed_force_n=800), 30,
        (
            operation("o1", PlanarFace("face-1", 0, rectangle(0, 0, 100, 80)), 1, 0),
            operation("o2", Outline("outline-1", 0, -20, rectangle(0, 0, 100, 80), 4), 1, -20.3),
            operation("o3", Hole("hole-1", 10, 10, 0, (HoleStep(5, -20),), through=True, thread="M6"), 7, -22),
        ),
    )  # fmt: skip
    second = Setup(
        2, "bottom", ((1, 0, 0, 0), (0, -1, 0, 80), (0, 0, -1, 20)), "G54", "corner, on the parallels",
        Box(-5, -5, -1, 105, 85, 24), Fixture("vise", JAWS_ON_PART, 12, vise=VISE, force_n=9000), 40,
        (operation("o4", PlanarFace("face-2", 20, rectangle(0, 0, 100, 80)), 1, 20),),
    )  # fmt: skip
    return ProcessPlan(
        "o-1", "plate", MACHINE, METAL, Stock("al-25", (110, 90, 25), 0.67, 8), TOOLS, (first, second), ()
    )


def three_setups() -> ProcessPlan:
    """The same plate, then stood on its left side: the holes of setup 1 look to the fixed jaw."""
    plan = two_setups()
    third = Setup(
        3, "side", ((0, 1, 0, 0), (0, 0, 1, 0), (1, 0, 0, 0)), "G54", "corner, on the parallels",
        Box(-5, -4, -5, 85, 21, 105), Fixture("vise", JAWS_ON_PART, 12, vise=VISE, force_n=9000), 120, (),
    )  # fmt: skip
    return replace(plan, setups=(*plan.setups, third))


def programs() -> Programs:
    return Programs(
        (
            Program(
                "a.ngc", 1, "mill", "linuxcnc", "(T9 in words)\nT1 M6\nS7640 M3\nT7 M6 ; S1 here too\nS7640\n", (1, 7)
            ),
            Program("b.ngc", 2, "mill", "linuxcnc", "T1 M6\nS7640 M3\n", (1,)),
        )
    )


def design() -> Design:
    notes = (
        Thread("M6", (10, 10, 0), (0, 0, -1), 20.0),
        Engraving("ОЛЕГ\n7", "f", "0", 0.5, 0.2, 20.0, ()),
        Thread("M6", (90, 10, 0), (0, 0, -1), 20.0),
    )
    part = Part("plate", BREP, Expected((100.0, 80.0, 20.0), (1, 2), 1), notes)
    return Design("o-1", "plate", "Plate", "al", "", 1, (part,), {"mass_g": 432.0})


BREP = solids.dump(cq.Workplane().box(100, 80, 20, centered=False).val())  # type: ignore[arg-type]
SIZE = (100.0, 80.0, 20.0)
BRIEF = Brief("o-1", "plate", {}, (), "al", "", "ISO 2768-m", 1)
SHOP = ShopData()
QUOTE = Quote("o-1", "", 1, (), 0, 0, 0, None, refused="nobody asked")
PASSED = Report("o-1", (Gate("gouge", "pass", "none", 0.001, 0.01, "mm"),), {"setup_1_seconds": 61.0})


def test_a_report_that_did_not_pass_gets_no_papers() -> None:
    bad = Finding("verify.gouge", "0.3 mm deep", "a.ngc line 4", 0.3, 0.01)
    report = Report("o-1", (*PASSED.gates, Gate("gouge", "fail", "deep", findings=(bad,))))
    with pytest.raises(VerificationError) as caught:
        papers_milled(BRIEF, design(), two_setups(), programs(), report, SHOP, QUOTE)

    assert ("release.not-certified", (bad,)) == (caught.value.code, caught.value.findings)


def test_a_report_that_judged_nothing_gets_no_papers() -> None:
    with pytest.raises(VerificationError):
        papers_milled(
            BRIEF, design(), two_setups(), programs(), Report("o-1", (Gate("g", "not-applicable", "why"),)), SHOP, QUOTE
        )


def test_the_papers_are_the_same_bytes_twice_and_one_sheet_a_setup_and_language() -> None:
    made = [papers_milled(BRIEF, design(), two_setups(), programs(), PASSED, SHOP, QUOTE) for _ in range(2)]
    names = [f.name for f in made[0].files]

    assert made[0] == made[1]
    kinds = ("pdf", "html", "json")
    sheets = [f"setup-{i}.{lang}.{kind}" for i in (1, 2) for lang in LANGUAGES for kind in kinds]

    assert sheets == [n for n in names if "setup" in n]
    assert {"certificate.json", "certificate.pdf", "programs/tool.tbl"} <= set(names)


def test_a_long_table_keeps_the_rows_that_stand_out_and_takes_no_place_for_a_number() -> None:
    rows = tuple((str(k), "-99.0 -20.0 1.0", "+0.0500" if k == 57 else "+0.0001") for k in range(60))
    shown = table_page(Table("Deviation by face", ("face", "middle", "greatest"), rows))

    assert [*rows[:39], rows[57]] == shown["rows"]
    assert "40 of 60" in shown["more"]


def test_any_change_of_a_program_changes_what_the_certificate_is_bound_to() -> None:
    def bound(text: str) -> dict[str, str]:
        first, second = programs().programs
        changed = Programs((replace(first, text=first.text + text), second))
        files = papers_milled(BRIEF, design(), two_setups(), changed, PASSED, SHOP, QUOTE).files
        told = json.loads(next(f.data for f in files if f.name == "certificate.json"))
        return {k: v for k, v in told["bound_to"].items() if k != "machine"}

    one, other = bound(""), bound(" \n")

    assert {"program a.ngc"} == {k for k in one if one[k] != other[k]}


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [("T7 M6", "T8 M6", "T words"), ("S7640 M3\nT7", "S7650 M3\nT7", "spindle speeds"), ("(1, 7)", "", "tools")],
)
def test_a_sheet_beside_another_program_is_refused(old: str, new: str, what: str) -> None:
    first, second = programs().programs
    changed = replace(first, text=first.text.replace(old, new)) if new else replace(first, tool_numbers=(1,))
    with pytest.raises(VerificationError, match=f"the sheet's {what} are"):
        papers_milled(BRIEF, design(), two_setups(), Programs((changed, second)), PASSED, SHOP, QUOTE)


MAKERS = {"Fanuc", "Haas", "Grbl", "grblHAL", "Sinumerik", "Klipper", "Marlin", "LinuxCNC", "Mach", "HSS-Co", "Cu-ETP"}
"""What keeps its own letters in Russian, beside grades and sizes (capitals and digits)."""


def english(text: str) -> list[str]:
    """The words of a Russian text that are neither Russian nor a designation."""
    found = re.findall(r"[A-Za-z][\w/-]*", text)
    return [w for w in found if w not in MAKERS and not re.search(r"\d", w) and re.search(r"[a-z]{3}", w)]


def test_every_name_and_limit_of_the_shop_is_told_in_russian() -> None:
    shop = tooling_db.load()
    rows = (shop.tools, shop.holders, shop.materials, shop.machines, shop.printers, shop.filaments, shop.qualities)
    names = {row.name for table in rows for row in table.values()}
    names |= {m.vise.name for m in shop.machines.values() if m.vise is not None}
    for machine in shop.machines.values():
        for a in machine.tools:
            for material in (shop.materials["al-6082"], shop.materials["ss-304"], shop.materials["pom"]):
                for mode in ("slot", "lap", "finish"):
                    with suppress(CapabilityError, ValueError):
                        cut = milling_data(material, a, machine, ap_mm=0.2, ae_mm=0.2, mode=mode)
                        names.add(cut.binding)
                with suppress(CapabilityError, ValueError):
                    names.add(drilling_data(material, a, machine, depth_mm=4 * a.tool.diameter_mm).binding)
    names |= {limit.name for limit in Hold(1.0, 1.0, top_mm=9.0).limits(9.0, 1.0)}

    assert len(names) > 150
    assert {} == {name: left for name in sorted(names) if (left := english(said(name, "ru")))}


def test_every_strategy_is_named_in_both_languages_and_every_feature_in_russian() -> None:
    rough, done = (replace(two_setups().setups[0].operations[1], strategy="outline", allowance_mm=a) for a in (0.2, 0))

    assert set(strategies.names()) == set(DOING)
    assert ["rough outline-1", "finish outline-1"] == [doing(o, "en") for o in (rough, done)]
    assert ["черновая обработка: контур-1", "чистовая обработка: контур-1"] == [doing(o, "ru") for o in (rough, done)]


def test_a_russian_sheet_holds_no_english_word() -> None:
    plan = two_setups()
    cut = replace(CUT, binding="power 1.50 kW at 7640 rpm")
    known = {"planar-face": "facing", "outline": "outline", "hole": "drill"}
    held = tuple(replace(a, holder=replace(HOLDER, name="BT30 ER20 collet chuck, gauge 60 mm")) for a in TOOLS)
    told = tuple(
        replace(s, operations=tuple(replace(o, strategy=known[o.strategy], cutting=cut) for o in s.operations))
        for s in plan.setups
    )
    plan = replace(plan, setups=told, tools=held, machine=replace(MACHINE, name="Bench mill, Mach3"), part="o-1")
    plan = replace(plan, setups=tuple(replace(s, fixture=replace(s.fixture, vise=None, kind="tape")) for s in told))
    one = replace(job(plan), design=replace(design(), title="o-1"))
    for at in range(2):
        texts = [v for v in everything(sheet(one, at, "ru")) if not re.fullmatch(r"[0-9a-f]{64}|\w\.ngc|SHA-256", v)]

        assert [] == [(t, left) for t in texts if (left := english(re.sub(r"al-25|\w\.ngc|ISO 2768-m|SHA-256", "", t)))]


def sheet(job: CutJob, at: int, language: str) -> Paper:
    """The sheet of one of a job's setups."""
    return setup_sheet(job, job.plan.setups[at], cut_route(job, language), language)


def job(
    plan: ProcessPlan | None = None, report: Report = PASSED, brief: Brief = BRIEF, made: Programs | None = None
) -> CutJob:
    """The plate's order with nobody's workshop."""
    return CutJob(brief, design(), plan or two_setups(), made or programs(), report, None)


def rows(paper: Paper, title: str) -> list[list[str]]:
    """The texts of the rows under a title."""
    return [[c.text for c in row] for b in paper.blocks if isinstance(b, Rows) and b.title == title for row in b.rows]


def everything(paper: Paper) -> list[str]:
    """Every text of a paper's rows, heads and notes."""
    blocks = [b for b in paper.blocks if isinstance(b, Rows)]
    return [c.text for b in blocks for row in (*b.head, *b.rows) for c in row] + [
        t for b in blocks for t in (b.title, b.note)
    ]


def test_an_operation_s_row_tells_what_it_does_from_where_to_where_and_how_long() -> None:
    report = replace(PASSED, metrics={"setup_1_operation_20_s": 83.4})
    plan = two_setups()
    first = replace(plan.setups[0], operations=tuple(replace(o, strategy="outline") for o in plan.setups[0].operations))
    told = job(replace(plan, setups=(first, *plan.setups[1:])), report)

    assert ["20", "finish outline-1", "T1", "0 … -20.3", "1:23"] == rows(sheet(told, 0, "en"), "Operations")[1][:5]


def test_words_in_comments_are_not_taken_for_tools() -> None:
    plan = two_setups()

    assert [] == disagreements(plan.setups[0], programs().programs[:1])


def test_the_tool_table_is_what_linuxcnc_reads() -> None:
    assert tool_table(two_setups()) == "T1 P1 Z+94.000 D+10.000 ;End mill D10 mm\nT7 P7 Z+96.500 D+5.000 ;Drill 5 mm\n"


def test_before_the_outline_the_blank_is_clamped_and_after_it_the_part_under_its_rim() -> None:
    plan = two_setups()
    told = [
        [round(v, 6) for v in (b.x0_mm, b.y0_mm, b.z0_mm, b.x1_mm, b.y1_mm, b.z1_mm)]
        for b in work_boxes(plan, plan.setups[1], SIZE)
    ]

    assert (plan.setups[0].stock_box,) == work_boxes(plan, plan.setups[0], SIZE)
    assert [[0, 0, 0, 100, 80, 20.3], [-5, -5, 20.3, 105, 85, 24]] == told


def test_nothing_of_the_blank_is_left_round_a_part_that_lies_on_its_side() -> None:
    plan = three_setups()

    assert (Box(0, 0, 0, 80, 20, 100),) == work_boxes(plan, plan.setups[2], SIZE)
    assert where_zero_is(plan, plan.setups[2], SIZE, "ru") == (
        "левый край, неподвижная губка, верх подкладок (по детали X0 = левый край, Y0 = передний край, Z0 = низ)"
    )


def test_what_earlier_setups_cut_is_drawn_on_the_side_it_is_on() -> None:
    plan = three_setups()
    third = replace(plan.setups[2], to_setup=((0, 1, 0, 0), (-1, 0, 0, 100), (0, 0, 1, 0)))
    on_the_right = replace(plan.setups[2], to_setup=((0, 0, 1, 0), (0, 1, 0, 0), (-1, 0, 0, 100)))
    drawn = [
        setup_picture(s, work_boxes(plan, s, SIZE), words("en"), plan.setups[:1]).decode().count(DONE)
        for s in (third, on_the_right)
    ]

    assert [0, 1] == drawn


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(D7 STARTS AT 0)\nT7 M6\nG41 D7 X1\nG40 X0\nT1 M6\nG1 X3\n", {7: "D7"}),
        ("T7 M6\nG41 D107 X1\n", {7: "D107"}),
        ("; D1\nN2 T7\nM6\nD1 TOFFR=-5\nG41 X35.25\nG40 X34\n", {7: "D1"}),
        ("TOOL CALL 7 Z S7640 DR-5\nL X+1 RL F100\nL X+2 R0\n", {7: "DR"}),
        ("T7 M6\nG1 X1 G40 G43 H7\n", {}),
    ],
)
def test_the_wear_register_is_the_one_the_program_calls(text: str, expected: dict[int, str]) -> None:
    assert expected == wear_registers([Program("a.nc", 1, "mill", "fanuc", text, (7,))])


def test_a_sheet_lists_the_wear_registers_its_program_calls() -> None:
    one, two = programs().programs
    called = replace(one, text=one.text.replace("T1 M6", "T1 M6\nG41 D1 X5"))
    plain, worn = ([r[7:] for r in rows(sheet(job(made=Programs((p, two))), 0, "en"), "Tools")] for p in (one, called))

    assert ([[""], [""]], [["D1", ""], ["", ""]]) == (plain, worn)


def test_the_zero_is_told_against_what_lies_there() -> None:
    plan = two_setups()

    assert where_zero_is(plan, plan.setups[0], SIZE, "en") == (
        "corner of the part, its top (on the blank X0 = left edge + 5 mm, Y0 = front edge + 5 mm, Z0 = top − 1 mm)"
    )


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en", ("bottom", "left side", "back side")), ("ru", ("низ", "левая сторона", "задняя сторона"))],
)
def test_the_part_is_turned_the_way_the_matrices_say(language: str, expected: tuple[str, str, str]) -> None:
    first, second = two_setups().setups
    (step,) = [a for a in cut_route(job(), language)[2].actions if a.kind == "turn"]

    assert expected == turned_from(first, second, language)
    assert [] == [side for side in expected if side not in step.object]


@pytest.mark.parametrize(("finish", "expected"), [("matt", 1), ("as-machined", 0), ("deburred", 0), ("", 0)])
def test_a_finish_the_machine_does_not_give_is_a_step_by_hand(finish: str, expected: int) -> None:
    one = job(brief=replace(BRIEF, finish=finish, due="2026-12-20T17:00:00Z", notes=("capitals",)))
    told = [sheet(one, at, "en") for at in range(2)]
    by_hand = [[r[1] for r in rows(paper, "Steps") if r[1].startswith("Finish")] for paper in told]
    facts = [t for b in told[0].blocks if isinstance(b, Rows) and b.quiet and not b.title for r in b.rows for t in r]
    pairs = {label.text: value.text for label, value in zip(facts[::2], facts[1::2], strict=True)}

    assert [[], [f"Finish the surface: {finish}, every face in view"] * expected] == by_hand
    assert [[["capitals"]]] * 2 == [rows(paper, "Notes on the order") for paper in told]
    assert ("2026-12-20", "ISO 2768-m", finish) == (pairs["Due"], pairs["Tolerance class"], pairs.get("Finish", ""))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_picture_is_a_drawing_inside_its_frame(language: str) -> None:
    plan = two_setups()
    for setup in plan.setups:
        root = ET.fromstring(setup_picture(setup, work_boxes(plan, setup, SIZE), words(language)))  # noqa: S314 - our own
        width, height = (float(v) for v in root.attrib["viewBox"].split()[2:])
        corners = [
            tuple(float(v) for v in pair.split(","))
            for shape in root.iter("{http://www.w3.org/2000/svg}polygon")
            for pair in shape.attrib["points"].split()
        ]

        assert len(corners) > 40
        assert [] == [c for c in corners if not (0 <= c[0] <= width and 0 <= c[1] <= height)]
        assert words(language)["fixed-jaw"] in [t.text for t in root.iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.parametrize(
    ("size", "tolerance_class", "expected"),
    [(2, "", 0.1), (6, "ISO 2768-m", 0.1), (30, "m", 0.2), (100, "ISO 2768-f", 0.15), (121, "ISO 2768-c", 1.2),
     (100, "ISO 2768-fH", 0.15), (100, "ISO 2768-cK", 0.8), (100, "ISO 2768-v", 1.5)],
)  # fmt: skip
def test_sizes_deviate_as_iso_2768_allows(size: float, tolerance_class: str, expected: float) -> None:
    assert expected == deviation_mm(size, tolerance_class)


def test_an_ordered_class_of_form_has_its_limits() -> None:
    assert form_checks(SIZE, "ISO 2768-m") is None
    assert form_checks(SIZE, "ISO 2768-fH") == (0.1, 0.2)


def test_a_laid_part_shows_its_turned_footprint() -> None:
    flat = ((1.0, 0.0, 0.0, 0.0), (0.0, 1.0, 0.0, 0.0), (0.0, 0.0, 1.0, 0.0))
    on_edge = ((1.0, 0.0, 0.0, 0.0), (0.0, 0.0, -1.0, 0.0), (0.0, 1.0, 0.0, 0.0))

    assert footprint(Placement("a", 1, 0, 0, 90, flat), (30, 20, 10)) == (20, 30)
    assert footprint(Placement("a", 1, 0, 0, 180, on_edge), (30, 20, 10)) == (30, 10)


def test_every_label_of_a_template_is_in_both_languages() -> None:
    used = {
        label
        for template in Path(TEMPLATES).glob("*.typ")
        for label in re.findall(r"\bw\.([a-z]+(?:-[a-z]+)*)", template.read_text())
    }

    for language in LANGUAGES:
        assert set() == used - words(language).keys()
        assert [] == [k for k, v in words(language).items() if not v.strip()]


@pytest.mark.parametrize(
    ("seconds", "en", "ru"),
    [(59.6, "1 min 00 s", "1 мин 00 с"), (3600, "1 h 00 min", "1 ч 00 мин"), (4, "0 min 04 s", "0 мин 04 с")],
)
def test_times_are_told_as_people_say_them(seconds: float, en: str, ru: str) -> None:
    assert (en, ru) == (duration(seconds, "en"), duration(seconds, "ru"))


@pytest.mark.parametrize(("value", "text"), [(8.0, "8"), (12.50, "12.5"), (-0.0001, "0"), (1234.5678, "1234.568")])
def test_numbers_have_no_needless_zeros(value: float, text: str) -> None:
    assert text == number(value)

"""The workshop's papers: one cell for all three outputs, every number the plan's, the proof's or the workshop's."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import cadquery as cq
import pytest

import tooling_db
from geometry import solids
from geometry.bores import bores, open_ends
from geometry.linedraw import flat, visible
from model.design import Design, Engraving, Expected, Fit, Part, Thread
from model.finding import Gate, Report, Table
from model.fit import hole_limits
from model.floor import Experience
from model.order import Brief, Reading
from model.plan import ProcessPlan, Setup
from model.program import Program, Programs
from model.region import Stroke
from pipeline.plan.stage import plan as make_plan
from pipeline.quote.stage import quote_milled
from pipeline.release.actions import clamping
from pipeline.release.balloons import ballooned
from pipeline.release.characteristics import LEAST_ISO_MM, MOST, characteristics
from pipeline.release.clampings import tools_of
from pipeline.release.gauges import WAYS, gauge_for, gauge_name
from pipeline.release.jobs import CutJob
from pipeline.release.papers.cards import aside_min, changes_min, main_min, route_card
from pipeline.release.papers.folder import all_papers
from pipeline.release.papers.paper import Paper, Rows, files
from pipeline.release.papers.terms import _TABLE as TERMS
from pipeline.release.papers.transitions import transitions
from pipeline.release.route import cut_route
from pipeline.release.sheet import setup_sheet
from pipeline.release.typeset import TEMPLATES
from pipeline.release.words import _TABLE as WORDS

SHOP = tooling_db.load()
TEXT = "АНЯ 7"


def shape() -> cq.Workplane:
    """A block 80 x 60 x 20 on its corner: a pocket, four holes, a fit, a thread."""
    block = cq.Workplane().box(80, 60, 20, centered=False)
    pocket = cq.Workplane().box(30, 20, 8, centered=False).edges("|Z").fillet(5).translate((25, 20, 12))
    block = block.cut(pocket)
    for x, y, wide in ((8, 8, 6.6), (72, 8, 6.6), (8, 52, 6.6), (72, 52, 6.6), (15, 30, 8), (65, 30, 5)):
        block = block.cut(cq.Workplane().circle(wide / 2).extrude(20).translate((x, y, 0)))
    return block


def design(quantity: int = 3) -> Design:
    notes = (
        Thread("M6", (65, 30, 20), (0, 0, -1), 20.0),
        Fit("H7", (15, 30, 20), (0, 0, -1)),
        Engraving(TEXT, "f", "0", 0.4, 0.2, 20.0, (Stroke(((30, 5), (40, 5))),)),
    )
    body = shape().val()
    part = Part("plate", solids.dump(body), Expected((80, 60, 20), (1, 1e6), 6), notes)  # type: ignore[arg-type]
    mass = body.Volume() * 2.7e-3  # type: ignore[union-attr]
    return Design("o-1", "step", "Plate", "al-6082", "as-machined", quantity, (part,), {"mass_g": mass})


BRIEF = Brief(
    "o-1", "bracket", {}, (Reading("length_mm", 80.0, "explicit"), Reading("pocket_depth_mm", 8.0, "wish"),
    Reading("width_mm", 60.0, "default"), Reading("mount_screw", "M6", "wish", "M6")), "al-6082", "as-machined",
    "ISO 2768-m", 3, language="ru",
)  # fmt: skip


@pytest.fixture(scope="module")
def job() -> CutJob:
    """A planned order with made-up simulated times, in the workshop that owns its machine."""
    thing = replace(design(), parts=(replace(design().parts[0], annotations=design().parts[0].annotations[:2]),))
    found = make_plan(thing, SHOP)
    programs = Programs(
        tuple(
            Program(f"o-1-s{s.index}.ngc", s.index, found.machine.id, "linuxcnc", "", tools_of(s)) for s in found.setups
        )
    )
    return CutJob(
        BRIEF,
        design(),
        found,
        programs,
        timed(found),
        SHOP.workshop_of(found.machine.id),
        1.75,
        tuple(SHOP.gauges.values()),
    )


def timed(found: ProcessPlan) -> Report:
    """A passed report whose numbers no two operations share."""
    seconds = {
        f"setup_{s.index}_operation_{10 * (k + 1)}_s": 17.3 * s.index + 3.71 * k
        for s in found.setups for k in range(len(s.operations))
    }  # fmt: skip
    whole = {
        f"setup_{s.index}_seconds": 41.9 + sum(v for k, v in seconds.items() if k.startswith(f"setup_{s.index}_"))
        for s in found.setups
    }  # fmt: skip
    loads = tuple((name, f"{100.5 + 7 * k}") for s in found.setups for k, name in enumerate(s.names()))
    table = Table("Loads by operation", ("operation", "cut length (mm)"), loads)
    return Report("o-1", (Gate("g", "pass", "yes"),), seconds | whole, tables=(table,))


class Cells(HTMLParser):
    """The texts of a page's cells, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.cells: list[str] = []
        self.inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "div" and told.get("role") in ("cell", "columnheader"):
            self.inside = "cell"
            self.cells.append("")
        elif told.get("class") == "label":
            self.inside = "label"

    def handle_endtag(self, tag: str) -> None:
        self.inside = "cell" if self.inside == "label" and tag == "span" else ""

    def handle_data(self, data: str) -> None:
        if self.inside == "cell":
            self.cells[-1] += data


def every_paper(job: CutJob) -> list[Paper]:
    """All papers of the job, sheets too."""
    sheets = [setup_sheet(job, s, cut_route(job, lang), lang) for s in job.plan.setups for lang in ("en", "ru")]
    return [*all_papers(job), *sheets]


def test_the_page_and_the_json_hold_the_same_cells_and_the_pdf_prints_them_as_they_are(job: CutJob) -> None:
    for paper in every_paper(job):
        _, page, data = files(paper)
        told = json.loads(data.data)
        cells = [c["text"] for b in told["blocks"] if b["kind"] == "rows" for row in b["head"] + b["rows"] for c in row]
        parser = Cells()
        parser.feed(page.data.decode())

        assert cells == [c.strip() for c in parser.cells]
        assert len(cells) > 8
    template = (TEMPLATES / "paper.typ").read_text()

    assert [] == re.findall(r"calc\.(?!even)|round|str\(", template)  # the template never makes a number


def texts(paper: Paper) -> list[list[str]]:
    """Every row's texts."""
    return [[c.text for c in row] for b in paper.blocks if isinstance(b, Rows) for row in b.rows]


def comma(value: float) -> str:
    return f"{value:.2f}".replace(".", ",")


def by_name(job: CutJob, name: str, language: str) -> Paper:
    return next(p for p in every_paper(job) if (p.name, p.language) == (name, language))


def test_the_operation_card_s_times_are_the_proof_s_and_its_modes_the_plan_s(job: CutJob) -> None:
    rows = texts(by_name(job, "operation-card", "ru"))
    for setup in job.plan.setups:
        took = sum(v for k, v in job.report.metrics.items() if k.startswith(f"setup_{setup.index}_operation_"))

        assert math.isclose(took / 60, main_min(job, setup) or 0)
        assert math.isclose(
            job.report.metrics[f"setup_{setup.index}_seconds"] - took, 60 * (changes_min(job, setup) or 0)
        )
        told = transitions(job, setup)
        lines = [r for r in rows if r[0].startswith("О") and r[1][0].isdigit()]
        modes = [r for r in rows if r[0].startswith("Р")]

        assert math.isclose(took, sum(t.main_s or 0 for t in told))
        for one in told:
            assert any(comma((one.main_s or 0) / 60) == r[2] for r in lines)
            assert any(
                [f"T{one.tool_number}", f"{one.cutting.feed_mm_min:.0f}", f"{one.cutting.spindle_rpm:.0f}"]
                == [r[1], r[6], r[7]] for r in modes
            )  # fmt: skip


def test_a_face_mill_s_t_lies_along_its_axis_and_a_side_mill_s_across(job: CutJob) -> None:
    facing, outline = (
        next(t for t in transitions(job, job.plan.setups[0]) if t.text.startswith(start))
        for start in ("Фрезеровать плоскость", "Фрезеровать контур")
    )

    assert (facing.cutting.ap_mm, facing.cutting.ae_mm) == (facing.deep_mm, facing.wide_mm)
    assert (outline.cutting.ae_mm, outline.cutting.ap_mm) == (outline.deep_mm, outline.wide_mm)


def test_alike_holes_are_one_transition_and_through_is_what_comes_out_below(job: CutJob) -> None:
    told = [t.text for s in job.plan.setups for t in transitions(job, s)]

    assert "Сверлить 4 отв. Ø6.6 насквозь" in told
    assert any(t.startswith("Развернуть отв. Ø8 H7") for t in told)
    assert [] == [t for t in told if "{" in t]


def test_what_only_the_shop_knows_is_left_to_it(job: CutJob) -> None:
    rows = texts(route_card(job))
    works = [r for r in rows if r[0].startswith("А")]
    machines = [r for r in rows if r[0].startswith("Б")]

    assert {("", "", "")} == {tuple(r[1:4]) for r in works}
    assert [f"{5 * k:03d}" for k in range(1, len(works) + 1)] == [r[4] for r in works]
    assert {""} == {r[12] for r in machines}  # Тшт. needs shares nobody has given
    assert [comma(s.setting_min) if s.setting_min is not None else "" for s in cut_route(job, "ru")] == [
        r[11] for r in machines
    ]


def test_the_lines_of_a_card_are_numbered_without_a_gap(job: CutJob) -> None:
    marks = [int(r[0][1:]) for r in texts(route_card(job)) if re.fullmatch(r"[АБОТ]\d\d", r[0])]

    assert list(range(1, len(marks) + 1)) == marks


def test_people_s_minutes_are_those_the_quote_is_priced_on(job: CutJob) -> None:
    shop = SHOP
    home = job.home
    assert home is not None
    priced = quote_milled(job.brief, design(), job.plan, job.report, shop, Experience())
    hours = [
        line
        for line in priced.lines
        if line.unit == "h" and line.rate_eur == home.labour_eur_h and line.group != "making"
    ]
    again = home.reload_min * 2 * len(job.plan.setups)
    metres = sum(solids.edge_length_mm(solids.load(p.brep)) for p in design().parts) / 1000
    own = replace(job, edges_m=metres)
    route = cut_route(own, "en")
    people = sum((s.setting_min or 0) + (0 if s.by_machine else s.times * (s.each_min or 0)) for s in route)

    assert math.isclose(60 * sum(line.quantity for line in hours), people, rel_tol=1e-5)
    assert again == sum((s.times - 1) * s.again_min for s in route)


def test_a_workshop_nobody_named_leaves_its_minutes_empty(job: CutJob) -> None:
    steps = cut_route(replace(job, home=None), "en")

    assert [None] * len(steps) == [s.setting_min for s in steps]
    assert [s.kind for s in steps if s.each_min is not None] == ["mill"] * len(job.plan.setups)


def test_every_tool_is_loaded_once_and_before_it_cuts(job: CutJob) -> None:
    there: set[int] = set()
    for setup in job.plan.setups:
        loads = [a.object for a in clamping(job, setup, "en") if a.kind == "load"]
        new = {int(t) for text in loads for t in re.findall(r"T(\d+)", text)}

        assert set() == new & there
        there |= new
        assert set(tools_of(setup)) <= there


def test_an_action_s_minutes_are_its_operation_s(job: CutJob) -> None:
    for step in cut_route(job, "en"):
        if step.kind in ("saw", "mill"):
            spent = sum(a.minutes for a in step.actions if a.minutes is not None)

            assert math.isclose((step.setting_min or 0) + (step.each_min or 0), spent)


def test_a_part_held_by_tabs_is_cut_free_by_hand() -> None:
    sheet = cq.Workplane().box(50, 30, 2, centered=False).val()
    part = Part("tag", solids.dump(sheet), Expected((50, 30, 2), (1, 1e6), 0))  # type: ignore[arg-type]
    thing = replace(design(1), material_id="brass-cuzn39pb3", parts=(part,))
    planned = make_plan(thing, SHOP)
    (setup,) = planned.setups
    (tabs,) = {o.tabs for o in setup.operations if o.tabs}
    told = clamping(CutJob(BRIEF, thing, planned, Programs(()), timed(planned), None), setup, "en")

    assert f"{len(tabs)} tabs" in [a.object for a in told if a.kind == "untab"]


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_action_has_its_verb_and_every_slot_is_filled(job: CutJob, language: str) -> None:
    actions = [a for s in cut_route(job, language) for a in s.actions]

    assert {"saw", "load", "clamp", "turn", "zero", "run", "measure", "off", "gauge", "plug", "break"} <= {
        a.kind for a in actions
    }
    assert [] == [a for a in actions if not a.verb or "{" in f"{a.object}{a.place}{a.tool}{a.target}{a.right}"]


def test_marks_in_the_picture_are_steps_of_the_sheet(job: CutJob) -> None:
    for setup in job.plan.setups:
        paper = setup_sheet(job, setup, cut_route(job, "en"), "en")
        (drawn,) = [b.svg.decode() for b in paper.blocks if not isinstance(b, Rows)]
        shown = {int(n) for n in re.findall(r'font-weight="bold">(\d+)</text>', drawn)}
        steps = {int(r[0].split()[1]): r[1] for r in texts(paper) if r[0].startswith("☐")}

        assert shown
        assert all(re.match(r"Clamp|Deburr, turn|Set|Measure", steps[n]) for n in shown)


def found() -> dict[tuple[str, str], Any]:
    plan = make_plan(
        replace(design(), parts=(replace(design().parts[0], annotations=design().parts[0].annotations[:2]),)), SHOP
    )
    return {(c.kind, c.name): c for c in characteristics(design().parts[0], BRIEF, plan)}


def test_the_order_s_and_the_toleranced_sizes_are_ballooned_with_their_limits() -> None:
    told = found()

    assert 5 <= len(told) <= MOST
    assert ("length_mm", "pocket_depth_mm", "") == tuple(told[k, ""].ordered for k in ("long", "pocket-depth", "wide"))
    assert (8.0, 8.015) == (told["fit", "H7"].low_mm, told["fit", "H7"].high_mm)
    assert (None, 20.0) == (told["thread", "M6"].low_mm, told["thread", "M6"].deep_mm)
    assert (4, 6.4, 6.8) == pytest.approx((told["hole", ""].count, told["hole", ""].low_mm, told["hole", ""].high_mm))
    assert [64.0, 44.0] == [told["spacing", axis].size_mm for axis in "XY"]
    pocket = [told[kind, ""].size_mm for kind in ("pocket-length", "pocket-width", "pocket-depth", "corner")]

    assert [30.0, 20.0, 8.0, 5.0] == pytest.approx(pocket)
    assert LEAST_ISO_MM > 0.4
    assert ("groove", "") not in told


def test_a_pattern_of_counterbored_holes_is_apart_once() -> None:
    body = cq.Workplane().box(80, 40, 20, centered=False)
    for x in (15, 65):
        body = body.cut(cq.Workplane().circle(3).extrude(20).translate((x, 20, 0)))
        body = body.cut(cq.Workplane().circle(6).extrude(6).translate((x, 20, 14)))
    part = Part("p", solids.dump(body.val()), Expected((80, 40, 20), (1, 1e6), 2))  # type: ignore[arg-type]
    told = [(c.kind, c.size_mm, c.spot_mm[2]) for c in characteristics(part, BRIEF) if c.kind in ("hole", "spacing")]

    assert [("hole", 6.0, 20.0), ("spacing", 50.0, 20.0), ("hole", 12.0, 20.0)] == told


def test_a_balloon_points_at_its_place() -> None:
    told = found()

    assert (30.0, 50.0, 20.0) != told["fit", "H7"].spot_mm
    assert (15.0, 30.0, 20.0) == pytest.approx(told["fit", "H7"].spot_mm)
    assert (40.0, 30.0, 12.0) == pytest.approx(told["pocket-depth", ""].spot_mm)
    assert (0.0, 0.0, 1.0) == pytest.approx(told["thread", "M6"].facing)


def test_balloons_stand_apart_and_inside_the_picture() -> None:
    every = characteristics(design().parts[0], BRIEF)
    (svg,) = ballooned(design().parts[0], [(k, c.spot_mm, c.facing) for k, c in enumerate(every, 1)])
    rings = [tuple(map(float, m)) for m in re.findall(r'cx="([\d.]+)" cy="([\d.]+)" r="9"', svg.decode())]

    assert len(every) == len(rings)
    for side in {x for x, _ in rings}:
        heights = sorted(y for x, y in rings if x == side)

        assert all(b - a > 18 for a, b in pairwise(heights))
        assert 9 <= heights[0] <= heights[-1] <= 321


def test_a_hole_from_below_is_shown_from_below() -> None:
    body = (
        cq.Workplane().box(40, 40, 20, centered=False).cut(cq.Workplane().circle(3).extrude(8).translate((20, 20, 0)))
    )
    part = Part("p", solids.dump(body.val()), Expected((40, 40, 20), (1, 1e6), 0))  # type: ignore[arg-type]
    (hole,) = [c for c in characteristics(part, BRIEF) if c.kind == "hole"]

    assert [0, 0, -1, 20, 20, 0, 8] == pytest.approx([*hole.facing, *hole.spot_mm, hole.deep_mm])
    assert 2 == len(ballooned(part, [(1, hole.spot_mm, hole.facing), (2, (0, 0, 0), (0, 0, 1))]))


def test_a_hole_that_opens_into_a_window_is_shown_from_where_it_is_seen() -> None:
    body = cq.Workplane().box(40, 40, 30, centered=False)
    body = body.cut(cq.Workplane().box(40, 20, 10, centered=False).translate((0, 10, 10)))
    body = body.cut(cq.Workplane().circle(3).extrude(10).translate((20, 20, 0)))
    part = Part("p", solids.dump(body.val()), Expected((40, 40, 30), (1, 1e6), 1))  # type: ignore[arg-type]
    (hole,) = [c for c in characteristics(part, BRIEF) if c.kind == "hole"]

    assert [0, 0, -1, 20, 20, 0] == pytest.approx([*hole.facing, *hole.spot_mm])


def test_an_end_is_open_where_no_floor_and_no_shoulder_stands() -> None:
    block = cq.Workplane().box(40, 40, 20, centered=False)
    block = block.cut(cq.Workplane().circle(3).extrude(20).translate((20, 20, 0)))
    body = block.cut(cq.Workplane().circle(6).extrude(5).translate((20, 20, 15))).val()
    told = {b.diameter_mm: open_ends(body, b) for b in bores(body)}  # type: ignore[arg-type]

    assert ((True, True), 1) == (told[6.0], sum(told[12.0]))


def test_the_drawing_s_plane_is_the_kernel_s() -> None:
    eye = (0.55, -1.0, 0.8)
    lines = visible([(cq.Workplane().box(30, 20, 10, centered=False).val(), (0, 0, 0))], eye)  # type: ignore[list-item]
    corners = [flat((x, y, z), eye) for x in (0, 30) for y in (0, 20) for z in (0, 10)]
    ends = {(round(v[k], 4), round(v[k + 1], 4)) for v in lines for k in (0, 2)}

    assert ends <= {(round(x, 4), round(y, 4)) for x, y in corners}


@pytest.mark.parametrize(
    ("size", "fit", "expected"),
    [(8, "H7", (8, 8.015)), (10, "H7", (10, 10.015)), (10.5, "H7", (10.5, 10.518)), (6, "H8", (6, 6.018)),
     (20, "F8", None)],
)  # fmt: skip
def test_holes_fit_as_iso_286_says(size: float, fit: str, expected: tuple[float, float] | None) -> None:
    assert expected == (pytest.approx(hole_limits(size, fit)) if expected else hole_limits(size, fit))


@pytest.mark.parametrize("way", ["outside", "inside", "depth"])
@pytest.mark.parametrize("half", [0.005, 0.05, 0.1, 0.3, 2.0])
@pytest.mark.parametrize("size", [2.0, 40.0, 140.0, 500.0])
def test_no_gauge_of_the_shop_is_cheaper_and_sure_enough(way: Any, half: float, size: float) -> None:
    kinds = {k for k, own in WAYS.items() if way in own}
    able = [g for g in SHOP.gauges.values() if g.kind in kinds and g.low_mm <= size <= g.high_mm]
    sure = [g for g in able if g.uncertainty_mm <= 0.4 * half]

    assert min((g.price_eur for g in sure), default=None) == getattr(
        gauge_for(SHOP.gauges.values(), way, size, half), "price_eur", None
    )


def test_a_size_no_gauge_of_the_shop_is_sure_enough_for_goes_to_the_measuring_room() -> None:
    plain = [g for g in SHOP.gauges.values() if g.kind == "caliper"]

    assert "Digital caliper 150 mm" == gauge_name(plain, "outside", 40.0, 0.1, "en")
    assert "ШЦЦ-I-150-0,01 ГОСТ 166-89" == gauge_name(plain, "outside", 40.0, 0.1, "ru")
    assert "none in the shop: measuring room" == gauge_name(plain, "outside", 40.0, 0.01, "en")
    assert "Outside micrometer 25 to 50 mm" == gauge_name(SHOP.gauges.values(), "outside", 40.0, 0.01, "en")


def test_the_inspection_asks_for_the_text_letter_by_letter_and_what_else_was_ordered(job: CutJob) -> None:
    rows = [r[:2] for r in texts(by_name(job, "inspection", "ru"))]

    assert ["надпись, по буквам", f"«{TEXT}»"] in rows
    assert any(value == "M6" for _, value in rows)
    assert ["количество", "plate × 3"] in rows


def test_the_packing_slip_names_nobody(job: CutJob) -> None:
    (slip,) = [p for p in all_papers(job) if p.name == "packing-slip"]

    assert "ru" == slip.language
    assert ["Plate", "80 × 60 × 20", "3", ""] in texts(slip)


def test_every_label_stands_in_one_table_in_both_languages() -> None:
    assert set() == WORDS.keys() & TERMS.keys()
    assert [] == [k for k, pair in TERMS.items() if not all(t.strip() for t in pair)]


def test_a_clamping_s_aside_time_is_its_changes_and_the_work_laid_in(job: CutJob) -> None:
    setup: Setup = job.plan.setups[0]
    assert job.home is not None

    assert math.isclose((aside_min(job, setup) or 0) - job.home.reload_min, changes_min(job, setup) or -1)

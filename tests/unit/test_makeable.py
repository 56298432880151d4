"""The rules of manufacturability: each measures what it says on solids whose numbers are known, each can be broken."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import cadquery as cq
import pytest

import tooling_db
from geometry import solids
from geometry.bores import corners, pins
from geometry.cavities import cavities
from geometry.hidden import overhangs, undercuts
from geometry.slabs import stacks
from geometry.thinness import thinnest_wall
from model.design import Design, Engraving, Expected, Fit, Part, Relief, Thread
from model.errors import CapabilityError
from model.region import Stroke
from model.tooling import ShopData
from pipeline.advice import STEPS, _nearest
from pipeline.makeable.judge import Judged, judged
from pipeline.makeable.measures import MEASURES

SHOP = tooling_db.load()


def block(x: float = 60, y: float = 40, z: float = 20) -> cq.Workplane:
    return cq.Workplane().box(x, y, z, centered=False)


def hole(x: float, y: float, wide: float, bottom: float = 0.0, top: float = 20.0) -> cq.Workplane:
    return cq.Workplane().circle(wide / 2).extrude(top - bottom).translate((x, y, bottom))


def answers(
    body: cq.Workplane, material: str = "al-6082", notes: tuple[Any, ...] = (), shop: ShopData = SHOP
) -> dict[str, Judged]:
    part = Part("p", solids.dump(body.val()), Expected((1, 1, 1), (0, 1), 0), notes)  # type: ignore[arg-type]
    design = Design("o", "step", "P", material, "", 1, (part,))
    return {a.rule.id: a for a in judged(design, shop)}


def test_every_rule_measures_something_and_every_measure_has_a_rule() -> None:
    assert set(MEASURES) == {r.measure for r in SHOP.rules.values()}
    assert {"cut", "print", "resin"} == {r.process for r in SHOP.rules.values()}


def test_a_plain_block_breaks_nothing() -> None:
    for material in ("al-6082", "petg"):
        assert [] == [a.rule.id for a in answers(block(), material).values() if not a.good]


THREAD = Thread("M6", (30, 20, 20), (0, 0, -1), 19.0)


def at_height(z: float) -> Thread:
    return replace(THREAD, at_mm=(30, 20, z))


STROKE = Engraving("A", "f", "0", 0.3, 0.2, 20.0, (Stroke(((5, 5), (9, 5))),))
POCKET = cq.Workplane().box(30, 20, 15, centered=False).edges("|Z").fillet(3).translate((15, 10, 5))


def slit(wide: float, deep: float) -> cq.Workplane:
    """A slot along the whole of a block 40 mm high, in its middle."""
    return cq.Workplane().box(60, wide, deep, centered=False).translate((0, 20 - wide / 2, 40 - deep))


def rounded(corner: float, foot: float) -> cq.Workplane:
    pocket = cq.Workplane().box(30, 20, 15, centered=False).edges("|Z").fillet(corner)
    return pocket.faces("<Z").edges().fillet(foot).translate((15, 10, 5))


LINES = (Stroke(((5, 5), (20, 5))), Stroke(((5, 5.5), (20, 5.5))))
HOLLOW = block().cut(block(20, 20, 6).translate((20, 10, 7))).cut(hole(30, 20, 10, 10, 20))
INSIDE = block(40, 40, 40).cut(block(20, 20, 12).translate((10, 10, 14)))
BUBBLE = block(40, 40, 40).cut(cq.Workplane().sphere(10).translate((20, 20, 20)))
RAISED = Relief("I", "f", "0", 1.0, 2.0)


@pytest.mark.parametrize(
    ("rule", "body", "material", "notes", "value"),
    [
        ("inner-corner", block().cut(POCKET), "al-6082", (), 5.0),
        ("least-hole-metal", block().cut(hole(30, 20, 0.4)), "al-6082", (), 0.4),
        ("least-hole-hard", block().cut(hole(30, 20, 1.0)), "steel-s235", (), 1.0),
        ("deep-hole", block().cut(hole(30, 20, 4)), "al-6082", (), 5.0),
        ("drill-size", block().cut(hole(30, 20, 6.33)), "al-6082", (), None),
        ("deep-thread", block(z=30).cut(hole(30, 20, 5, 2, 30)), "al-6082", (at_height(30),), 19 / 6),
        ("thread-runout", block(z=22).cut(hole(30, 20, 5, 2, 22)), "al-6082", (at_height(22),), 1 / 6),
        ("least-thread", block().cut(hole(30, 20, 1.25)), "al-6082", (replace(THREAD, name="M1.6"),), 1.6),
        ("thin-stroke", block(), "al-6082", (STROKE,), 0.3),
        ("small-part", block(60, 5, 4), "al-6082", (), 5.0),
        ("flat-part", block(60, 40, 0.8), "al-6082", (), 0.8),
        ("printed-hole", block().cut(hole(30, 20, 1.5)), "petg", (), 1.5),
        ("printed-pin", block(z=5).union(hole(30, 20, 2, 5, 15)), "petg", (), 2.0),
        ("printed-wall", block(z=2).union(cq.Workplane().box(40, 0.9, 10, centered=False)), "petg", (), 0.9),
        ("printed-stroke", block(), "petg", (STROKE,), 0.3),
        ("printed-depth", block(), "petg", (replace(STROKE, depth_mm=4.0),), 4.0),
        ("least-hole-plastic", block().cut(hole(30, 20, 0.5)), "pom", (), 0.5),
        ("milled-hole", block(z=60).cut(hole(30, 20, 9.3, 0, 60)), "al-6082", (), 60 / 9.3),
        ("floor-fillet", block().cut(rounded(4, 3.999)), "al-6082", (), 1.0),
        ("deep-cavity", block(z=40).cut(slit(4, 20)), "al-6082", (), 5.0),
        ("hard-cavity", block(z=40).cut(slit(4, 30)), "al-6082", (), 7.5),
        ("deep-side", block(z=80).cut(slit(20, 60).translate((0, 0, 40))), "al-6082", (), 60.0),
        ("thin-wall-metal", block(z=2).union(slit(0.6, 10).translate((0, 0, -30))), "al-6082", (), 0.6),
        ("thin-wall-plastic", block(z=2).union(slit(1.2, 10).translate((0, 0, -30))), "pom", (), 1.2),
        ("feeble-wall-metal", block(x=20, y=0.4).translate((0, 9, 0)).union(block(20, 20, 5)), "al-6082", (), 0.4),
        ("feeble-wall-plastic", block(20, 20, 0.9).union(block(5, 20, 20)), "pom", (), 0.9),
        ("narrow-slot-soft", block(z=40).cut(slit(0.4, 2)), "al-6082", (), 0.4),
        ("narrow-slot-plastic", block(z=40).cut(slit(0.5, 2)), "pom", (), 0.5),
        ("narrow-slot-hard", block(z=40).cut(slit(1, 4)), "ss-304", (), 1.0),
        ("outer-fillet", block().edges("|Z").fillet(5).faces(">Z").edges().fillet(2), "al-6082", (), 2.0),
        ("undercut", HOLLOW, "al-6082", (), None),
        ("tight-fit", block().cut(hole(30, 20, 8)), "al-6082", (Fit("H7", (30, 20, 20), (0, 0, -1)),), 0.0075),
        ("small-text", block(), "al-6082", (STROKE,), 0.3),
        ("close-text", block(), "al-6082", (replace(STROKE, strokes=LINES),), 0.2),
        ("long-part-soft", block(x=600), "al-6082", (), 600.0),
        ("long-part", block(x=300), "ss-304", (), 300.0),
        ("high-part", block(120, 110, 100), "al-6082", (), 100.0),
        ("overhang", BUBBLE, "petg", (), None),
        ("bridge", INSIDE, "petg", (), 12.0),
        ("printed-gap", block(z=40).cut(slit(0.2, 20)), "petg", (), 0.2),
        ("printed-relief", block(z=2).union(block(20, 0.5, 3).translate((5, 5, 0))), "petg", (RAISED,), 0.5),
    ],
)  # fmt: skip
def test_a_planted_fault_breaks_its_rule(
    rule: str, body: cq.Workplane, material: str, notes: tuple[Any, ...], value: float | None
) -> None:
    answer = answers(body, material, notes)[rule]

    assert 1 <= answer.broken
    assert answer.worst is not None
    assert value is None or value == pytest.approx(answer.worst.value, abs=0.03)
    finding = answer.finding("en")
    assert (f"makeable.{rule}", answer.rule.limit) == (finding.code, finding.limit)
    assert finding.hint
    assert finding.place


def test_a_corner_is_pictured_from_the_side_it_opens_to() -> None:
    below = cq.Workplane().box(30, 20, 15, centered=False).edges("|Z").fillet(3).translate((15, 10, 0))
    told = answers(block().cut(below))["inner-corner"].worst

    assert told is not None
    assert [0.0, -1.0] == [pytest.approx(told.spot_mm[2], abs=1e-9), told.facing[2]]


def test_every_rule_has_its_planted_fault() -> None:
    (mark,) = [m for m in test_a_planted_fault_breaks_its_rule.pytestmark if m.name == "parametrize"]

    assert {r.id for r in SHOP.rules.values() if r.severity != "note"} == {case[0] for case in mark.args[1]}


def test_rules_of_resin_are_measured_and_told_and_held_against_nothing() -> None:
    thin = cq.Workplane().box(30, 0.6, 20, centered=False)
    told = answers(thin, "petg")
    resin = {i: a for i, a in told.items() if a.rule.process == "resin"}

    assert {r.id for r in SHOP.rules.values() if r.process == "resin"} == set(resin)
    assert all(a.good and a.rule.severity == "note" for a in resin.values())
    assert resin["resin-wall"].worst is not None
    assert pytest.approx(0.6, abs=0.03) == resin["resin-wall"].worst.value
    assert "resin-wall" not in answers(thin)


def test_a_through_thread_has_no_end_to_run_out_at() -> None:
    told = answers(block().cut(hole(30, 20, 5)), notes=(replace(THREAD, depth_mm=20.0),))

    assert (None, None) == (told["deep-thread"].worst, told["thread-runout"].worst)


def test_corners_are_partial_and_pins_stand_out() -> None:
    body = block().cut(POCKET).cut(hole(5, 5, 4)).union(hole(50, 5, 6, 20, 30)).val()

    assert [6.0] * 4 == [pytest.approx(c.diameter_mm) for c in corners(body)]  # type: ignore[arg-type]
    assert [6.0] == [p.diameter_mm for p in pins(body)]  # type: ignore[arg-type]


def test_a_thick_body_has_no_thin_wall_and_a_corner_is_none() -> None:
    for body in (block(), cq.Workplane().polygon(3, 40).extrude(10)):
        assert [None] * 3 == [thinnest_wall(s, 1.2) for s in stacks(body.val())]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (block(z=40).cut(slit(4, 30)), [(30.0, 4.0)]),
        (block(z=40).cut(block(10, 6, 40).translate((20, 20, 0))), [(40.0, 6.0)]),
        (block(z=40).cut(slit(20, 10)).cut(slit(4, 30)), [(30.0, 4.0)]),
        (block().cut(hole(30, 20, 8)), []),
        (block().cut(POCKET).cut(hole(30, 20, 12)), [(15.0, 20.0)]),
        (block(60, 40, 10).union(block(10, 40, 60)), []),
        (cq.Workplane().sphere(20), []),
    ],
)  # fmt: skip
def test_a_cavity_is_as_deep_as_from_the_side_it_is_easiest_to_come_to(
    body: cq.Workplane, expected: list[tuple[float, float]]
) -> None:
    found: list[Any] = [(c.depth_mm, c.width_mm) for c in cavities(stacks(body.val()))]  # type: ignore[arg-type]

    assert [(pytest.approx(d), pytest.approx(w, abs=0.02)) for d, w in expected] == found


def test_what_no_side_sees_is_told_by_its_area() -> None:
    found = sorted(u.value for u in undercuts(HOLLOW.val()))  # type: ignore[arg-type]

    assert [pytest.approx(120)] * 4 + [pytest.approx(400 - 25 * math.pi, rel=0.02)] * 2 == found


@pytest.mark.parametrize(
    "body",
    [block().edges().fillet(3), block().cut(POCKET).cut(hole(8, 8, 5)), cq.Workplane().sphere(20)],
)
def test_six_sides_see_all_that_is_open(body: cq.Workplane) -> None:
    assert [] == [u for u in undercuts(body.val()) if u.value > 0.5]  # type: ignore[arg-type]


def test_a_part_is_laid_so_that_the_least_hangs_over() -> None:
    shelf = cq.Workplane("XZ").polyline([(0, 0), (10, 0), (10, 30), (40, 30), (40, 40), (0, 40)]).close().extrude(20)
    found = overhangs(shelf.val())  # type: ignore[arg-type]

    assert ([], ()) == ([a for a in found.angles if a.value > 45], found.spans)


@pytest.mark.parametrize("least", [4.3, 5.0, 7.0, 11.9])
def test_the_nearest_change_is_within_its_fineness_of_the_limit(least: float) -> None:
    tried = [round(4 * (1 + s), 1) for s in STEPS]
    found = _nearest(4.0, tried, lambda value: value >= least)

    assert found is not None
    assert least <= found <= least + 0.2


def test_no_change_is_offered_where_none_passes() -> None:
    assert _nearest(4.0, [5.0, 6.0], lambda _: False) is None


def test_a_shape_that_does_not_close_is_refused_and_not_taken_for_faultless() -> None:
    shell = cq.Shell.makeShell(block().faces("not >Z").vals())  # type: ignore[arg-type]

    with pytest.raises(CapabilityError, match="does not close"):
        stacks(shell)

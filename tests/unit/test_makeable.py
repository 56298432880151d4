"""The rules of manufacturability: each measures what it says on solids whose numbers are known, each can be broken."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import cadquery as cq
import pytest

import tooling_db
from geometry import solids
from geometry.bores import corners, pins
from geometry.thinness import thinnest_wall
from model.design import Design, Engraving, Expected, Part, Thread
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
    assert {"cut", "print"} == {r.process for r in SHOP.rules.values()}


def test_a_plain_block_breaks_nothing() -> None:
    for material in ("al-6082", "petg"):
        assert [] == [a.rule.id for a in answers(block(), material).values() if not a.good]


THREAD = Thread("M6", (30, 20, 20), (0, 0, -1), 19.0)


def at_height(z: float) -> Thread:
    return replace(THREAD, at_mm=(30, 20, z))


STROKE = Engraving("A", "f", "0", 0.3, 0.2, 20.0, (Stroke(((5, 5), (9, 5))),))
POCKET = cq.Workplane().box(30, 20, 15, centered=False).edges("|Z").fillet(3).translate((15, 10, 5))


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


def test_every_rule_has_its_planted_fault() -> None:
    (mark,) = [m for m in test_a_planted_fault_breaks_its_rule.pytestmark if m.name == "parametrize"]

    assert set(SHOP.rules) == {case[0] for case in mark.args[1]}


def test_a_through_thread_has_no_end_to_run_out_at() -> None:
    told = answers(block().cut(hole(30, 20, 5)), notes=(replace(THREAD, depth_mm=20.0),))

    assert (None, None) == (told["deep-thread"].worst, told["thread-runout"].worst)


def test_corners_are_partial_and_pins_stand_out() -> None:
    body = block().cut(POCKET).cut(hole(5, 5, 4)).union(hole(50, 5, 6, 20, 30)).val()

    assert [6.0] * 4 == [pytest.approx(c.diameter_mm) for c in corners(body)]  # type: ignore[arg-type]
    assert [6.0] == [p.diameter_mm for p in pins(body)]  # type: ignore[arg-type]


def test_a_thick_body_has_no_thin_wall_and_a_corner_is_none() -> None:
    assert thinnest_wall(block().val(), 1.2) is None  # type: ignore[arg-type]
    assert thinnest_wall(cq.Workplane().polygon(3, 40).extrude(10).val(), 1.2) is None  # type: ignore[arg-type]


@pytest.mark.parametrize("least", [4.3, 5.0, 7.0, 11.9])
def test_the_nearest_change_is_within_its_fineness_of_the_limit(least: float) -> None:
    tried = [round(4 * (1 + s), 1) for s in STEPS]
    found = _nearest(4.0, tried, lambda value: value >= least)

    assert found is not None
    assert least <= found <= least + 0.2


def test_no_change_is_offered_where_none_passes() -> None:
    assert _nearest(4.0, [5.0, 6.0], lambda _: False) is None

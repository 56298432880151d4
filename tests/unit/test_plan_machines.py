"""Machines asked one after the other: those that work alike are asked once, and every one's reason is told."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import cadquery as cq
import pytest

import tooling_db
from geometry.regions import rectangle
from geometry.solids import dump
from model.design import Design, Expected, Part
from model.errors import CapabilityError
from model.feature import Pocket
from model.finding import Finding
from model.plan import CuttingData, Operation
from model.tooling import Machine, ShopData
from pipeline.engine.codec import encode
from pipeline.plan import choose
from pipeline.plan.methods import common
from tests.property.test_clearing_laws import CUT, MILL

WHOLE = tooling_db.load()
FANUC = WHOLE.machines["mill-fanuc"]
TWIN = replace(FANUC, id="second-fanuc", name="The other one", dialect="haas", rate_eur_h=76.0, source="test")
TWINS = replace(WHOLE, machines={m.id: m for m in (FANUC, TWIN, WHOLE.machines["mill-haas"])})


def design(part: cq.Workplane) -> Design:
    solid: Any = part.val()
    return Design("o", "given", "Part", "al-6082", "", 1, (Part("part", dump(solid), Expected((1, 1, 1), (0, 1), 0)),))


BLOCK = cq.Workplane().box(60, 40, 20)
DEEP = BLOCK.cut(cq.Workplane().circle(1.31).extrude(-14).translate((20, 10, 10)))
"""A bore too fine for every mill so deep, and no drill's size."""
WIDE = cq.Workplane().box(390, 100, 20)
"""Too long for one of the mills."""


def refused(part: cq.Workplane, shop: ShopData) -> tuple[Finding, ...]:
    with pytest.raises(CapabilityError) as caught:
        choose.choose(design(part), shop)
    return caught.value.told()


@pytest.mark.parametrize("part", [DEEP, WIDE, BLOCK.faces(">Z").shell(-0.4)])
def test_asking_alike_machines_once_tells_what_asking_each_tells(
    part: cq.Workplane, monkeypatch: pytest.MonkeyPatch
) -> None:
    once = refused(part, TWINS)
    monkeypatch.setattr(choose, "_work_alike", lambda *_: False)

    assert refused(part, TWINS) == once


def test_the_second_of_two_alike_is_not_planned(monkeypatch: pytest.MonkeyPatch) -> None:
    planned: list[str] = []
    real = choose._on  # noqa: SLF001 - what is counted here is how often it is called

    def counted(views: Any, machine: Machine, shop: ShopData) -> Any:
        planned.append(machine.id)
        return real(views, machine, shop)

    monkeypatch.setattr(choose, "_on", counted)
    told = refused(DEEP, TWINS)

    assert ["mill-fanuc", "mill-haas"] == sorted(planned)
    assert "all 3 machines" in told[0].message


@pytest.mark.parametrize("name", [f.name for f in fields(Machine)])
def test_machines_are_alike_but_for_what_no_plan_looks_at(name: str) -> None:
    other = replace(FANUC, **{name: "another"})  # type: ignore[arg-type]

    assert (name in choose.UNSEEN) == choose._work_alike(FANUC, other)  # noqa: SLF001 - the rule itself


def test_a_plan_is_the_same_whatever_it_does_not_look_at() -> None:
    part = design(BLOCK.cut(cq.Workplane().box(30, 20, 12).edges("|Z").fillet(4).translate((0, 0, 10))))
    here, there = (
        choose.choose(part, replace(WHOLE, machines={m.id: replace(m, wear_compensation=False)}, workshops={}))
        for m in (FANUC, TWIN)
    )
    unnamed = {name: getattr(here.machine, name) for name in choose.UNSEEN}

    there = replace(there, decisions=(), machine=replace(there.machine, **unnamed))

    assert encode(replace(here, decisions=())) == encode(there).replace(TWIN.id.encode(), FANUC.id.encode())


# --- strategies are asked once for what hangs on no speed -----------------------------------------------------------


def asked_for(monkeypatch: pytest.MonkeyPatch, *ops: Operation) -> int:
    """How often a strategy was run for these questions."""
    runs: list[Operation] = []

    def counted(op: Operation, *_: object) -> tuple[()]:
        runs.append(op)
        return ()

    monkeypatch.setattr("strategies.get", lambda _name: counted)
    common.why_not.cache_clear()
    asked = [common.asked(op, MILL) for op in ops]
    common.why_not.cache_clear()
    assert list(ops) == asked
    return len(runs)


POCKET = Operation(
    "clear", "pocket", Pocket("pocket-1", 0.0, -8.0, rectangle(0, 0, 30, 20), 3.5), 1, CUT, 0.0, -8.0, 3.0,
    rectangle(-9, -9, -5, -5), rectangle(-9, -9, 39, 29),
)  # fmt: skip


def test_every_number_of_a_cut_tells_where_or_how_fast() -> None:
    assert {f.name for f in fields(CuttingData)} == {*common.AT_ANY_SPEED, "ap_mm", "ae_mm", "peck_mm", "both_ways"}


def test_a_strategy_is_asked_once_at_any_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    faster = replace(POCKET, cutting=replace(CUT, spindle_rpm=9000.0, feed_mm_min=777.0, link_mm_min=8000.0))

    assert 1 == asked_for(monkeypatch, POCKET, faster)


@pytest.mark.parametrize(
    "other",
    [
        replace(POCKET, cutting=replace(CUT, ap_mm=4.0)),
        replace(POCKET, cutting=replace(CUT, both_ways=True)),
        replace(POCKET, allowance_mm=0.5),
        replace(POCKET, keep_out=rectangle(10, 5, 20, 10)),
        replace(POCKET, strategy="adaptive"),
    ],
)
def test_and_anew_for_anything_else(other: Operation, monkeypatch: pytest.MonkeyPatch) -> None:
    assert 2 == asked_for(monkeypatch, POCKET, other)

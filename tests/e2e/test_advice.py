"""Advice on a family's order: the change it offers is built, keeps the rule, and is no larger than it must be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cadquery as cq
import pytest
from typer.testing import CliRunner

import tooling_db
from geometry.step import step
from model.errors import LotOneError, QuestionError
from model.order import Order
from pipeline.advice import advised
from pipeline.batch.warm import Limits
from pipeline.cli.advise import as_table
from pipeline.cli.apart import advised_apart
from pipeline.cli.app import app
from pipeline.engine.events import silent
from pipeline.engine.store import Store
from pipeline.intake.read import read_one

SHOP = tooling_db.load()
SIGN = Order(
    "sign", "nameplate", {"length_mm": 60, "width_mm": 25, "thickness_mm": 0.8, "text": "", "hole_count": 0},
    material="brass-cuzn39pb3", consent={"produce": True},
)  # fmt: skip


def test_the_change_offered_passes_and_a_smaller_one_does_not(tmp_path: Path) -> None:
    store = Store(tmp_path)
    found = advised(SIGN, SHOP, store, silent)
    (change,) = found.changes

    assert ["flat-part"] == [a.rule.id for a in found.answers if not a.good]
    assert ("flat-part", "thickness_mm", 0.8) == (change.rule_id, change.parameter, change.now)
    assert 1.0 == change.then
    mended = replace(SIGN, parameters={**SIGN.parameters, change.parameter: change.then})

    assert () == advised(mended, SHOP, store, silent).changes


def test_a_customer_s_own_solid_is_measured_and_offered_no_parameter(tmp_path: Path) -> None:
    body = (
        cq.Workplane()
        .box(60, 40, 40, centered=False)
        .cut(cq.Workplane().box(60, 4, 30, centered=False).translate((0, 18, 10)))
    )
    (tmp_path / "slit.step").write_bytes(step(body.findSolid(), "slit"))
    order = read_one(str(tmp_path / "slit.step"), Store(tmp_path / "cache"), "al-6082")
    found = advised(order, SHOP, Store(tmp_path / "cache"), silent)

    assert {"deep-cavity", "hard-cavity"} == {a.rule.id for a in found.answers if not a.good}
    assert () == found.changes
    worst = next(a for a in found.answers if a.rule.id == "hard-cavity")

    assert worst.place.startswith("slit ")
    assert f"{worst.place}: 7.50 -> 6" in as_table(found)


def test_what_no_machine_can_make_is_told_with_the_rules_it_breaks(tmp_path: Path) -> None:
    inside = cq.Workplane().box(20, 20, 6, centered=False).translate((10, 10, 7))
    mouth = cq.Workplane().circle(5).extrude(20).translate((20, 20, 10))
    body = cq.Workplane().box(40, 40, 20, centered=False).cut(inside).cut(mouth)
    (tmp_path / "hollow.step").write_bytes(step(body.findSolid(), "hollow"))
    told = CliRunner().invoke(
        app, ["make", str(tmp_path / "hollow.step"), "--material", "al-6082", "-o", str(tmp_path / "out"), "--cache",
              str(tmp_path / "cache")],
    )  # fmt: skip

    assert 69 == told.exit_code
    assert "rules of manufacturability it breaks" in told.stderr
    assert "face no straight tool reaches" in told.stderr


def test_a_solid_that_asks_for_too_much_ends_alone_and_is_told(tmp_path: Path) -> None:
    (tmp_path / "cube.step").write_bytes(step(cq.Workplane().box(20, 20, 20).findSolid(), "cube"))
    order = read_one(str(tmp_path / "cube.step"), Store(tmp_path / "cache"), "al-6082")
    told = []
    for limits, seconds in ((Limits(memory_bytes=300_000_000), 60.0), (Limits(), 0.01)):
        with pytest.raises(LotOneError) as caught:
            advised_apart(order, SHOP, tmp_path / "cache", limits, seconds)
        told.append(caught.value.code)

    assert ["advise.too-much", "advise.too-much"] == told


def test_what_is_measured_apart_is_what_is_measured_here(tmp_path: Path) -> None:
    (tmp_path / "cube.step").write_bytes(step(cq.Workplane().box(20, 20, 20).findSolid(), "cube"))
    store = Store(tmp_path / "cache")
    order = read_one(str(tmp_path / "cube.step"), store, "al-6082")
    unclear = read_one(str(tmp_path / "cube.step"), store)
    with pytest.raises(QuestionError) as caught:
        advised_apart(unclear, SHOP, store.root)

    assert advised(order, SHOP, store, silent) == advised_apart(order, SHOP, store.root)
    assert ["material"] == [q.about for q in caught.value.questions]

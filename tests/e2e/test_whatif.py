"""What-ifs: every answer is the price the changed order gets when it is made."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import cadquery as cq
import pytest

import tooling_db
from geometry.step import step
from model.errors import OrderError
from model.order import Brief, Order
from pipeline.engine.events import silent
from pipeline.engine.store import Store
from pipeline.intake.read import read_one, read_order_file
from pipeline.line import make_order
from pipeline.whatif import answers, changed, priced, usual

SHOP = tooling_db.load()
SIGN = Order(
    "sign", "nameplate", {"length_mm": 60, "width_mm": 25, "thickness_mm": 3, "text": "", "hole_count": 2},
    material="brass-cuzn39pb3", tolerance_class="ISO 2768-fH", due="2026-12-20T17:00:00+00:00",
    consent={"produce": True},
)  # fmt: skip


def test_an_answer_is_the_price_of_the_changed_order_itself(tmp_path: Path) -> None:
    store = Store(tmp_path / "cache")
    base, thinner, thin = answers(SIGN, ["thickness_mm=2", "thickness_mm=0.1"], SHOP, store)
    made = make_order(changed(SIGN, "thickness_mm=2").order, SHOP, tmp_path / "out", store)
    told = json.loads((tmp_path / "out" / "sign" / "release" / "quote.json").read_bytes())

    assert "released" == made.verdict
    assert thinner.quote is not None
    assert base.quote is not None
    assert told["total_cents"] == thinner.quote.total_cents < base.quote.total_cents
    assert made.cached == made.stages - 1  # all but the papers were there
    assert thin.problem is not None
    assert "order.out-of-range" == thin.problem.code


def test_the_usual_changes_are_those_the_order_has_room_for() -> None:
    brief = Brief("sign", "nameplate", {"thickness_mm": 3.0}, (), "brass-cuzn39pb3", "", "ISO 2768-fH", 1)
    told = {v.label: v.order for v in usual(SIGN, brief, SHOP)}
    looser, later = told["looser (ISO 2768-m)"], told["two days later"]

    assert 2.0 == told["1 mm thinner (thickness_mm = 2)"].parameters["thickness_mm"]
    assert ("ISO 2768-m", "2026-12-22T17:00:00+00:00") == (looser.tolerance_class, later.due)
    assert 10 == told["10 pieces"].quantity
    assert 6 == len(told)
    assert all(SHOP.materials[o.material].process == "cut" for o in told.values())
    coarse = replace(brief, tolerance_class="ISO 2768-v", parameters={"thickness_mm": 0.8})

    assert [] == [v.label for v in usual(replace(SIGN, due=""), coarse, SHOP) if v.label[:3] not in ("of ", "10 ")]


@pytest.mark.parametrize("text", ["thickness", "=3", "material=", "quantity=some"])
def test_what_is_no_change_is_refused(text: str) -> None:
    with pytest.raises(OrderError) as caught:
        changed(SIGN, text)

    assert "whatif.grammar" == caught.value.code


def test_a_customer_s_own_solid_is_asked_about_all_but_its_shape() -> None:
    order = read_order_file(Path("samples/own-part/flange.yaml"))
    brief = Brief("f", "solid", {}, (), "al-6082", "", "ISO 2768-m", 2, attachment=order.attachments[0])
    told = {v.label: v.order for v in usual(order, brief, SHOP)}

    assert {"looser (ISO 2768-c)", "20 pieces"} < set(told)
    assert {"N"} == {SHOP.materials[o.material].iso_group for w, o in told.items() if w.startswith("of ")}


def test_a_customer_s_own_solid_has_its_price(tmp_path: Path) -> None:
    (tmp_path / "bar.step").write_bytes(step(cq.Workplane().box(30, 20, 6).findSolid(), "bar"))
    store = Store(tmp_path / "cache")
    _, quote = priced(read_one(str(tmp_path / "bar.step"), store, "al-6082"), SHOP, store, silent)

    assert quote.lead is not None

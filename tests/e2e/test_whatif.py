"""What-ifs: every answer is the price the changed order gets when it is made."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

import tooling_db
from model.errors import LotOneError, OrderError
from model.order import Attachment, Brief, Order
from pipeline.engine.store import Store
from pipeline.line import make_order
from pipeline.whatif import answers, changed, usual

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
    assert 5 == len(told)
    assert all(SHOP.materials[o.material].process == "cut" for o in told.values())
    coarse = replace(brief, tolerance_class="ISO 2768-v", parameters={"thickness_mm": 0.8})

    assert [] == [v for v in usual(replace(SIGN, due=""), coarse, SHOP) if not v.label.startswith("of ")]


@pytest.mark.parametrize("text", ["thickness", "=3", "material=", "quantity=some"])
def test_what_is_no_change_is_refused(text: str) -> None:
    with pytest.raises(OrderError) as caught:
        changed(SIGN, text)

    assert "whatif.grammar" == caught.value.code


def test_a_customer_s_own_solid_is_sent_to_the_line_with_limits(tmp_path: Path) -> None:
    with pytest.raises(LotOneError) as caught:
        answers(replace(SIGN, attachments=(Attachment("a", "step", "a.step"),)), (), SHOP, Store(tmp_path))

    assert "whatif.own-part" == caught.value.code

"""Advice on a family's order: the change it offers is built, keeps the rule, and is no larger than it must be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import tooling_db
from model.errors import LotOneError
from model.order import Attachment, Order
from pipeline.advice import advised
from pipeline.engine.events import silent
from pipeline.engine.store import Store

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


def test_a_customer_s_own_solid_gets_its_advice_from_the_plan(tmp_path: Path) -> None:
    with pytest.raises(LotOneError) as caught:
        advised(replace(SIGN, attachments=(Attachment("a", "step", "a.step"),)), SHOP, Store(tmp_path), silent)

    assert "advice.own-part" == caught.value.code

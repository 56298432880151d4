"""A customer's part with an inch thread: tapped at its pitch, proved, and gauged to its own class."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import cadquery as cq

import tooling_db
from geometry.step import step
from pipeline.engine.store import Store
from pipeline.intake.read import read_one
from pipeline.line import make_order

SHOP = tooling_db.load()
BLOCK = cq.Workplane().box(40, 30, 12, centered=False)
PLATE: Any = BLOCK.cut(cq.Workplane().circle(5.105 / 2).extrude(12).translate((20, 15, 0))).val()


def test_a_quarter_inch_thread_is_tapped_at_twenty_turns_an_inch(tmp_path: Path) -> None:
    (tmp_path / "plate.step").write_bytes(step(PLATE, "plate"))
    store = Store(tmp_path / "cache")
    hole = {"at_mm": [20, 15, 12], "direction": [0, 0, -1], "name": "1/4-20 UNC", "depth_mm": 12}
    plain = read_one(str(tmp_path / "plate.step"), store, "al-6082")
    order = replace(plain, machine="mill-haas", parameters={"threads": [hole]})
    made = make_order(order, SHOP, tmp_path / "out", store)

    assert ("released", None) == (made.verdict, made.problem)
    folder = tmp_path / "out" / order.id
    plan = json.loads(next(folder.glob("stages/*-plan/output.json")).read_bytes())
    taps = [a["tool"]["id"] for a in plan["tools"] if a["tool"]["kind"] == "tap"]
    drills = {a["tool"]["id"] for a in plan["tools"] if a["tool"]["kind"] == "drill"}
    papers = [p.read_text(encoding="utf-8") for p in (folder / "release" / "papers").glob("*inspection*.html")]

    assert ["tap-1-4-20"] == taps
    assert "drill-no7" in drills
    assert any("1/4-20 UNC 2B" in paper for paper in papers)

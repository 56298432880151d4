"""``lotone why``: the chain of every number comes from the plan as it was stored; what is missing is said."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import cadquery as cq
import pytest
from typer.testing import CliRunner

import tooling_db
from geometry.solids import dump
from model.design import Design, Expected, Part
from model.finding import Finding
from model.plan import ProcessPlan
from pipeline.cli.app import app
from pipeline.engine.codec import encode, pretty
from pipeline.plan.stage import plan


@pytest.fixture(scope="module")
def order(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ProcessPlan]:
    """An order's folder with its plan."""
    solid: Any = cq.Workplane().box(120, 50, 3, centered=(True, True, False)).val()
    piece = Part("part", dump(solid), Expected((1, 1, 1), (0, 1), 0))
    made = plan(Design("o-1", "hand", "Hand-made", "brass-cuzn39pb3", "", 1, (piece,)), tooling_db.load())
    folder = tmp_path_factory.mktemp("o-1")
    (folder / "stages" / "04-plan").mkdir(parents=True)
    (folder / "stages" / "04-plan" / "output.json").write_bytes(encode(made))
    return folder, made


def test_all_operations_are_listed_with_what_binds_them(order: tuple[Path, ProcessPlan]) -> None:
    folder, made = order
    told = CliRunner().invoke(app, ["why", str(folder)])
    listed, _, chosen = told.stdout.partition("\n\n")
    rows = listed.splitlines()[1:]

    assert [s.names() for s in made.setups] == [tuple(row.split()[0] for row in rows)]
    assert all(o.cutting.binding in row for row, o in zip(rows, made.setups[0].operations, strict=True))
    assert [f.message for f in made.decisions] == [line.partition(": ")[2] for line in chosen.splitlines()]
    assert ["machine", "process"] == [w for w in ("machine", "process") if f"\n{w}: " in "\n" + chosen]


def test_a_material_left_open_is_among_the_choices(order: tuple[Path, ProcessPlan], tmp_path: Path) -> None:
    shutil.copytree(order[0], tmp_path, dirs_exist_ok=True)
    (tmp_path / "choice.json").write_bytes(pretty((Finding("choice.late", "pom, cut by works: 9.00 EUR, too late"),)))
    told = CliRunner().invoke(app, ["why", str(tmp_path)]).stdout
    (tmp_path / "choice.json").write_text("[{")
    broken = CliRunner().invoke(app, ["why", str(tmp_path)])

    assert "late: pom, cut by works: 9.00 EUR, too late" in told.splitlines()
    assert "why.no-plan" == getattr(broken.exception, "code", None)


def test_one_operation_tells_each_number_from_its_row_to_what_was_posted(order: tuple[Path, ProcessPlan]) -> None:
    folder, made = order
    name, cut = made.setups[0].names()[0], made.setups[0].operations[0].cutting
    told = CliRunner().invoke(app, ["why", str(folder), name]).stdout

    assert f"bound by: {cut.binding}" in told
    assert f"spindle speed: {cut.spindle_rpm:g} rpm" in told
    assert f"feed: {cut.feed_mm_min:g} mm/min" in told
    assert "gwschultz.com" in told
    assert "clamping: tape holds" in told


def test_json_holds_every_step_with_its_numbers(order: tuple[Path, ProcessPlan]) -> None:
    folder, made = order
    told = json.loads(CliRunner().invoke(app, ["why", str(folder), "--json"]).stdout)
    first, cut = told["operations"][0], made.setups[0].operations[0].cutting

    assert cut.binding == first["bound_by"]
    assert [step.because for step in cut.why] == [step["because"] for step in first["steps"]]
    assert cut.feed_mm_min == first["numbers"]["feed_mm_min"]


def test_a_small_circle_is_fed_as_fast_as_the_axes_come_up_to(tmp_path: Path) -> None:
    shop = tooling_db.load()
    solid: Any = cq.Workplane().box(60, 40, 6).faces(">Z").workplane().hole(8.8).val()
    piece = Part("part", dump(solid), Expected((1, 1, 1), (0, 1), 0))
    router = replace(shop, machines={"router-grbl": shop.machines["router-grbl"]})
    made = plan(Design("o-2", "hand", "Hand-made", "plywood", "", 1, (piece,)), router)
    (tmp_path / "stages" / "04-plan").mkdir(parents=True)
    (tmp_path / "stages" / "04-plan" / "output.json").write_bytes(encode(made))
    name = next(n for n in made.setups[0].names() if "hole" in n)
    told = CliRunner().invoke(app, ["why", str(tmp_path), name]).stdout

    assert "bound by: acceleration 400 mm/s2" in told
    assert "router-grbl speeds up by 400 mm/s2 and reaches 2044 mm/min within 2.9 mm" in told


@pytest.mark.parametrize(
    ("words", "code"),
    [(["nowhere"], "why.no-plan"), (["ORDER", "1.nothing"], "why.no-operation"), (["DAMAGED"], "why.no-plan")],
)
def test_what_is_not_there_is_named(
    order: tuple[Path, ProcessPlan], tmp_path: Path, words: list[str], code: str
) -> None:
    damaged = tmp_path / "stages" / "04-plan"
    damaged.mkdir(parents=True)
    (damaged / "output.json").write_text('{"order_id": 1')
    places = {"ORDER": str(order[0]), "DAMAGED": str(tmp_path)}
    told = CliRunner().invoke(app, ["why", *(places.get(word, word) for word in words)])

    assert told.exit_code != 0
    assert code == getattr(told.exception, "code", None)

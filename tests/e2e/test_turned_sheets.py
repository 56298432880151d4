"""Sheets cut from both sides on a router: turned over on dowels, proved, every planted fault refused."""

import random
import re
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

import tooling_db
from geometry import solids
from model.design import Design, Expected, Part
from model.feature import Hole, Outline
from model.finding import Report
from model.plan import Box, Matrix, ProcessPlan, Setup
from model.program import Programs
from model.toolpath import Toolpaths
from pipeline.plan.stage import plan
from pipeline.toolpaths.stage import post, toolpaths
from pipeline.verify.stage import verify_milling

Point = tuple[float, float, float]

SHOP = tooling_db.load()
MACHINES = {0: "router-grbl", 1: "router-grblhal", 2: "router-grblhal"}


def tray(seed: int) -> Any:
    """A board with recesses and holes from both sides, some of them meeting."""
    import cadquery as cq

    drawn = random.Random(seed)
    thick = (6.0, 9.0, 9.0)[seed]
    board = cq.Workplane().box(110, 70, thick, centered=(True, True, False)).edges("|Z").fillet(6)
    for top in (True, False):
        for x in (-28, 22):
            deep = drawn.uniform(0.2, 0.42) * thick
            z = thick - deep if top else 0.0
            wide, long = drawn.uniform(14, 26), drawn.uniform(20, 34)
            at = cq.Workplane(origin=(x + drawn.uniform(-3, 3), drawn.uniform(-8, 8), z))
            cut = at.rect(long, wide).extrude(deep).edges("|Z").fillet(drawn.uniform(2.5, 5))
            board = board.cut(cut if drawn.random() < 0.7 else at.circle(wide / 2).extrude(deep))
    for x, y in ((-48, -27), (48, 27), (48, -27)):
        board = board.cut(cq.Workplane(origin=(x, y, 0)).circle(2).extrude(thick))
        if drawn.random() < 0.6:
            board = board.cut(cq.Workplane(origin=(x, y, 0)).circle(4).extrude(0.3 * thick))
    return board


@cache
def made(seed: int) -> tuple[Design, ProcessPlan, Toolpaths, Programs]:
    part = Part("part", solids.dump(tray(seed).findSolid()), Expected((1,) * 3, (0, 1), 0))
    design = Design("o1", "hand", "P", "plywood", "", 1, (part,))
    machine = SHOP.machines[MACHINES[seed]]
    found = plan(design, replace(SHOP, machines={machine.id: machine}))
    paths = toolpaths(found, design)
    return design, found, paths, post(paths, found)


def proved(seed: int, given: ProcessPlan | None = None, programs: Programs | None = None) -> Report:
    design, found, paths, posted = made(seed)
    return verify_milling(design, given or found, paths, programs or posted)


def moved(m: Matrix, p: Point) -> Point:
    x, y, z = (sum(a * b for a, b in zip(row[:3], p, strict=True)) + row[3] for row in m)
    return (x, y, z)


def back_in(setup: Setup, p: Point) -> Point:
    """A point of a setup's frame in the part's."""
    away = [a - row[3] for a, row in zip(p, setup.to_setup, strict=True)]
    x, y, z = (sum(row[k] * d for row, d in zip(setup.to_setup, away, strict=True)) for k in range(3))
    return (x, y, z)


@pytest.mark.parametrize("seed", sorted(MACHINES))
def test_both_sides_are_cut_and_proved(seed: int) -> None:
    report = proved(seed)

    assert [] == [(g.name, g.findings) for g in report.gates if g.verdict == "fail"]
    assert 2 == len(made(seed)[1].setups)
    assert report.metrics["deepest_gouge_mm"] < 0.01


@pytest.mark.parametrize("seed", sorted(MACHINES))
def test_the_dowels_stand_where_the_first_setup_drilled_for_them(seed: int) -> None:
    first, second = made(seed)[1].setups
    holes = {o.feature for o in first.operations if isinstance(o.feature, Hole) and o.feature.id.startswith("dowel")}
    drilled = sorted((h.x_mm, h.y_mm) for h in holes)
    pins = sorted(((b.x0_mm + b.x1_mm) / 2, (b.y0_mm + b.y1_mm) / 2) for b in second.fixture.obstacles)
    front, back = drilled[0][1], second.stock_box.y1_mm - drilled[1][1]

    assert drilled == pins
    assert abs(front - back) > 2  # turned front to back it does not go on
    for x, y in drilled:  # what is at a dowel before the turn is there after it
        for z in (0.0, second.stock_box.z0_mm):
            assert (x, y, second.stock_box.z0_mm - z) == pytest.approx(
                moved(second.to_setup, back_in(first, (x, y, z)))
            )


def test_a_blank_that_lies_half_a_millimetre_off_its_dowels_is_refused() -> None:
    design, found, paths, _ = made(0)
    first, second = found.setups
    x, y, z = second.to_setup
    off = replace(second, to_setup=((*x[:3], x[3] + 0.5), y, z))
    report = verify_milling(design, replace(found, setups=(first, off)), paths, made(0)[3])

    assert {"verify.gouge", "verify.excess"} & {f.code for f in report.failures}


def test_a_tool_that_runs_into_a_dowel_is_refused() -> None:
    _, found, _, _ = made(1)
    first, second = found.setups
    x, y = next(o.feature for o in second.operations if isinstance(o.feature, Outline)).region.contours[0].start
    stands = Box(x - 4, y - 4, -17, x + 4, y + 4, -1)
    planted = replace(second, fixture=replace(second.fixture, obstacles=(stands,)))

    assert "verify.fixture" in {f.code for f in proved(1, replace(found, setups=(first, planted))).failures}


def test_only_the_dowels_holes_may_run_deep_into_the_board() -> None:
    _, found, _, posted = made(1)
    program = posted.programs[1]
    deeper = re.sub(r"Z-9\.2\b", "Z-13.2", program.text)

    assert program.text != deeper
    changed = replace(posted, programs=(posted.programs[0], replace(program, text=deeper)))

    assert "verify.spoilboard" in {f.code for f in proved(1, found, changed).failures}

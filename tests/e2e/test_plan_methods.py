"""Ways to machine that the planner finds on a solid by itself, from the solid to the proof of the posted programs."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import cadquery as cq
import pytest

import tooling_db
from geometry.solids import dump
from model.design import Design, Expected, Part
from model.errors import CapabilityError
from model.feature import Hole
from model.finding import Report
from model.plan import Operation, ProcessPlan
from model.toolpath import Move, Toolpaths
from pipeline.plan.methods import common
from pipeline.plan.stage import plan
from pipeline.toolpaths.stage import post, toolpaths
from pipeline.verify.stage import verify_milling
from strategies import adaptive

SHOP = tooling_db.load()
MILLS = replace(SHOP, machines={"mill-linuxcnc": SHOP.machines["mill-linuxcnc"]})


@dataclass(frozen=True)
class Line:
    plan: ProcessPlan
    paths: Toolpaths
    report: Report

    def operation(self, name: str) -> Operation:
        return next(o for s in self.plan.setups for o in s.operations if o.id == name)

    def moves(self, name: str) -> tuple[Move, ...]:
        return next(t.moves for s in self.paths.setups for t in s.toolpaths if t.operation_id == name)

    def failed(self) -> list[tuple[str, object]]:
        return [(g.name, g.findings[:2]) for g in self.report.gates if g.verdict == "fail"]


def design(part: cq.Workplane, finish: str = "") -> Design:
    solid: Any = part.val()
    piece = Part("part", dump(solid), Expected((1, 1, 1), (0, 1), 0))
    return Design("order-1", "hand", "Hand-made", "al-6082", finish, 1, (piece,))


def through_the_line(part: cq.Workplane, finish: str = "") -> Line:
    ordered = design(part, finish)
    planned = plan(ordered, MILLS)
    paths = toolpaths(planned, ordered)
    return Line(planned, paths, verify_milling(ordered, planned, paths, post(paths, planned)))


def block(x: float = 70, y: float = 50, z: float = 24) -> cq.Workplane:
    return cq.Workplane().box(x, y, z, centered=(True, True, False))


def well(x: float, y: float, r: float, z0: float) -> cq.Workplane:
    return cq.Workplane().box(x, y, 60, centered=(True, True, False)).edges("|Z").fillet(r).translate((0, 0, z0))


def drilled(d: float, x: float = 8, y: float = 4) -> cq.Workplane:
    return cq.Workplane().circle(d / 2).extrude(60).translate((x, y, -5))


@cache
def deep_with_a_hole() -> Line:
    return through_the_line(block().cut(well(40, 30, 6, 12)).cut(drilled(12)))


def first_way_down(moves: tuple[Move, ...]) -> list[tuple[float, float]]:
    """Where the tool is over the work while it first goes down."""
    bottom = next(k for k, m in enumerate(moves) if m.intent in ("cut", "finish", "ramp"))
    return [(round(m.x_mm, 6), round(m.y_mm, 6)) for m in moves[:bottom]]


def test_a_pocket_is_entered_down_the_hole_in_its_floor() -> None:
    made = deep_with_a_hole()
    clear = made.operation("pocket-1-clear")
    hole = next(o.feature for s in made.plan.setups for o in s.operations if o.strategy == "drill")
    names = [o.id for o in made.plan.setups[0].operations]

    assert [] == made.failed()
    assert isinstance(hole, Hole)
    assert ("adaptive", ((hole.x_mm, hole.y_mm),)) == (clear.strategy, clear.entry)
    assert names.index("hole-1-drill") < names.index("pocket-1-clear")
    assert {(round(hole.x_mm, 6), round(hole.y_mm, 6))} == set(first_way_down(made.moves("pocket-1-clear")))
    assert not any(m.intent == "ramp" for m in made.moves("pocket-1-clear"))


def test_such_a_hole_is_drilled_from_the_pockets_top() -> None:
    made = deep_with_a_hole()

    assert made.operation("pocket-1-clear").top_z_mm == made.operation("hole-1-drill").top_z_mm


def test_rings_are_entered_down_the_hole_too() -> None:
    made = through_the_line(block().cut(well(40, 30, 6, 21)).cut(drilled(12)))
    clear = made.operation("pocket-1-clear")

    assert [] == made.failed()
    assert ("pocket", 1) == (clear.strategy, len(clear.entry))
    assert set(clear.entry) == set(first_way_down(made.moves(clear.id)))
    assert not any(m.intent in ("ramp", "plunge") for m in made.moves(clear.id))


@pytest.mark.parametrize("d", [6.6, 10.2])
def test_holes_hardly_wider_than_the_mill_are_no_way_down(d: float) -> None:
    planned = plan(design(block().cut(well(40, 30, 6, 12)).cut(drilled(d))), MILLS)
    found = {o.id: o for o in planned.setups[0].operations}

    assert () == found["pocket-1-clear"].entry
    assert found["pocket-1-clear"].bottom_z_mm == pytest.approx(found["hole-1-drill"].top_z_mm)


def test_what_constant_engagement_cannot_clear_is_planned_in_rings(monkeypatch: pytest.MonkeyPatch) -> None:
    def cannot(*_: object) -> None:
        raise CapabilityError("strategy.stock-left", "some stands", place="pocket-1")

    part = design(block().cut(well(40, 30, 6, 12)))
    usual = [o.strategy for o in plan(part, MILLS).setups[0].operations if o.feature.id == "pocket-1"]
    monkeypatch.setattr(adaptive, "clear_opening", cannot)
    common.why_not.cache_clear()
    instead = [o.strategy for o in plan(part, MILLS).setups[0].operations if o.feature.id == "pocket-1"]

    common.why_not.cache_clear()

    assert "adaptive" == usual[0]
    assert "pocket" == instead[0]


def test_grooves_of_a_solid_are_engraved_and_carved() -> None:
    flat = cq.Workplane().slot2D(24, 1.0).extrude(1).translate((-10, 14, 23.5))
    bar = cq.Workplane("YZ").circle(1.0).extrude(24)
    ball = bar.union(cq.Workplane().sphere(1.0)).union(cq.Workplane().sphere(1.0).translate((24, 0, 0)))
    v = cq.Workplane("XZ").polyline([(-1.5, 24), (1.5, 24), (0, 22.5)]).close().extrude(100).translate((20, 50, 0))
    made = through_the_line(block().cut(flat).cut(ball.translate((-22, -12, 24.4))).cut(v))
    tools = {a.number: a.tool.id for a in made.plan.tools}
    found = {
        (o.strategy, tools[o.tool_number])
        for s in made.plan.setups
        for o in s.operations
        if o.strategy in ("engrave", "vcarve")
    }

    assert [] == made.failed()
    assert {("engrave", "engraver-1"), ("engrave", "bm-2"), ("vcarve", "v-bit-90-6")} == found


def test_a_groove_in_a_pockets_floor_is_carved_after_the_pocket() -> None:
    wide = 1.5 * math.tan(math.radians(30))
    bar = cq.Workplane("YZ").polyline([(-wide, 0), (wide, 0), (0, -1.5)]).close().extrude(16)
    cone = cq.Workplane(obj=cq.Solid.makeCone(0, wide, 1.5)).translate((0, 0, -1.5))
    groove = bar.union(cone).union(cone.translate((16, 0, 0))).translate((-8, 0, 19))
    made = through_the_line(block().cut(well(40, 30, 6, 19)).cut(groove))
    names = [o.strategy for o in made.plan.setups[0].operations if o.feature.id in ("pocket-1", "surface-1")]

    assert [] == made.failed()
    assert "vcarve" == names[-1]


def test_an_order_for_deburred_parts_gets_its_edges_broken() -> None:
    part = block().cut(well(40, 30, 6, 18)).cut(drilled(6.6, 28, 18))
    made = through_the_line(part, "deburred")
    plain = plan(design(part), MILLS)
    broken = [o.feature.kind for s in made.plan.setups for o in s.operations if o.strategy == "deburr"]

    assert [] == made.failed()
    assert 5 == len(broken)  # outside, pocket and hole above; outside and hole below
    assert not any(o.strategy == "deburr" for s in plain.setups for o in s.operations)


def test_floors_that_are_looked_at_get_a_last_thin_cut() -> None:
    made = through_the_line(block().cut(well(40, 30, 6, 12)), "anodised")
    clear, floor, wall = (made.operation(f"pocket-1-{name}") for name in ("clear", "floor", "wall"))
    names = [o.id for o in made.plan.setups[0].operations]

    assert [] == made.failed()
    assert 0.2 == pytest.approx(clear.bottom_z_mm - floor.bottom_z_mm)
    assert floor.bottom_z_mm == wall.bottom_z_mm
    assert names.index(clear.id) < names.index(floor.id) < names.index(wall.id)
    assert {"finish"} <= {m.intent for m in made.moves(floor.id)}
    assert floor.cutting.force_n < clear.cutting.force_n


@cache
def tall() -> Line:
    return through_the_line(block(60, 40, 44))


def test_the_upper_part_of_a_tall_outline_is_roughed_by_a_stouter_mill_before_the_long_one() -> None:
    made = tall()
    upper, lower, finish = (made.operation(f"outline-1-{name}") for name in ("rough-upper", "rough", "finish"))
    order = [o.id for o in made.plan.setups[0].operations]
    stick_out = {a.number: a.stick_out_mm for a in made.plan.machine.tools}

    assert [] == made.failed()
    assert order.index(upper.id) < order.index(lower.id) < order.index(finish.id)
    assert upper.bottom_z_mm == lower.top_z_mm
    assert stick_out[upper.tool_number] < stick_out[lower.tool_number] == stick_out[finish.tool_number]
    assert upper.cutting.ap_mm > 2 * lower.cutting.ap_mm


def test_a_tall_wall_is_finished_in_two_or_three_levels() -> None:
    moves = tall().moves("outline-1-finish")
    heights = {m.z_mm for m in moves if m.intent == "finish"}

    assert 1 < len(heights) <= 3

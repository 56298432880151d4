"""Calls the strategies and puts their moves in the order they are cut."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial

import strategies
from geometry.heightfield import HeightField
from geometry.scene import Scene, Triangles
from model.design import Design
from model.plan import ProcessPlan, Setup
from model.toolpath import Move, SetupPath, Toolpath, Toolpaths

ROUND_MM = 6
TARGET_TOL_MM = 0.002
"""The mesh the surface strategies follow is this near to the true surface."""


def build(plan: ProcessPlan, design: Design) -> Toolpaths:
    """One toolpath an operation; coordinates rounded to a nanometre so that machines agree."""
    tools = {a.number: a for a in plan.tools}
    setups: list[SetupPath] = []
    for setup in plan.setups:
        paths: list[Toolpath] = []
        target = cache(partial(_target, design, plan, setup))
        for op in setup.operations:
            scene = Scene(target, _stock_before(plan, tuple(setups), setup, tuple(paths)), TARGET_TOL_MM)
            moves = strategies.get(op.strategy)(op, tools[op.tool_number], scene)
            rounded = tuple(_rounded(m) for m in moves)
            paths.append(Toolpath(op.id, op.tool_number, op.cutting.spindle_rpm, op.cutting.coolant, rounded))
        setups.append(SetupPath(setup.index, tuple(paths)))
    return Toolpaths(tuple(setups))


def _target(design: Design, plan: ProcessPlan, setup: Setup) -> Triangles:
    """The part's triangles in a setup's frame."""
    from geometry.solids import load, moved
    from geometry.tessellate import triangles

    part = next(p for p in design.parts if p.name == plan.part)
    return triangles(moved(load(part.brep), setup.to_setup), TARGET_TOL_MM)


def _stock_before(
    plan: ProcessPlan, done: tuple[SetupPath, ...], setup: Setup, paths: tuple[Toolpath, ...]
) -> Callable[[], HeightField]:
    """The stock as everything before left it, cut only when a strategy asks."""
    from geometry.heightfield import after

    return partial(after, plan, (*done, SetupPath(setup.index, paths)))


def _rounded(m: Move) -> Move:
    return replace(
        m,
        x_mm=_tidy(m.x_mm), y_mm=_tidy(m.y_mm), z_mm=_tidy(m.z_mm), cx_mm=_tidy(m.cx_mm), cy_mm=_tidy(m.cy_mm),
    )  # fmt: skip


def _tidy(value: float) -> float:
    return round(value, ROUND_MM) + 0.0

"""Calls the strategies and puts their moves in the order they are cut."""

from __future__ import annotations

from dataclasses import replace

import strategies
from model.plan import ProcessPlan
from model.toolpath import Move, SetupPath, Toolpath, Toolpaths

ROUND_MM = 6


def build(plan: ProcessPlan) -> Toolpaths:
    """One toolpath an operation; coordinates rounded to a nanometre so that machines agree."""
    tools = {a.number: a for a in plan.tools}
    setups = []
    for setup in plan.setups:
        paths = []
        for op in setup.operations:
            moves = strategies.get(op.strategy)(op, tools[op.tool_number])
            rounded = tuple(_rounded(m) for m in moves)
            paths.append(Toolpath(op.id, op.tool_number, op.cutting.spindle_rpm, op.cutting.coolant, rounded))
        setups.append(SetupPath(setup.index, tuple(paths)))
    return Toolpaths(tuple(setups))


def _rounded(m: Move) -> Move:
    return replace(
        m,
        x_mm=_tidy(m.x_mm), y_mm=_tidy(m.y_mm), z_mm=_tidy(m.z_mm), cx_mm=_tidy(m.cx_mm), cy_mm=_tidy(m.cy_mm),
    )  # fmt: skip


def _tidy(value: float) -> float:
    return round(value, ROUND_MM) + 0.0

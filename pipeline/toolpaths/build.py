"""Calls the strategies and puts their moves in the order they are cut."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial

import numpy as np

import strategies
from geometry.heightfield import HeightField
from geometry.scene import Scene, Triangles
from model.design import Design
from model.plan import ProcessPlan, Setup, Skin
from model.toolpath import Move, SetupPath, Toolpath, Toolpaths

ROUND_MM = 6
TARGET_TOL_MM = 0.003
"""The mesh the surface strategies follow is this near to the true surface."""
INTO_MM = 0.2
"""A skin is drawn so far into the part: its rim is nothing a tool follows."""


def build(plan: ProcessPlan, design: Design) -> Toolpaths:
    """One toolpath an operation; coordinates rounded to a nanometre so that machines agree.

    Operations that find nothing left to cut have no toolpath.
    """
    tools = {a.number: a for a in plan.tools}
    setups: list[SetupPath] = []
    for setup in plan.setups:
        stock = _Stock(plan, tuple(setups), setup)
        scene = Scene(cache(partial(_target, design, plan, setup)), stock.now, TARGET_TOL_MM)
        for op in setup.operations:
            moves = strategies.get(op.strategy)(op, tools[op.tool_number], scene)
            rounded = tuple(_rounded(m) for m in moves)
            if rounded:
                stock.paths.append(Toolpath(op.id, op.tool_number, op.cutting.spindle_rpm, op.cutting.coolant, rounded))
        setups.append(SetupPath(setup.index, tuple(stock.paths)))
    return Toolpaths(tuple(setups))


class _Stock:
    """The stock of one setup as the toolpaths so far left it, cut only when a strategy asks, each move once."""

    def __init__(self, plan: ProcessPlan, done: tuple[SetupPath, ...], setup: Setup) -> None:
        self._plan, self._done, self._setup = plan, done, setup
        self.paths: list[Toolpath] = []
        self._field: HeightField | None = None
        self._cut = 0

    def now(self) -> HeightField:
        """The material's upper surface after all toolpaths of the list."""
        from geometry.heightfield import after
        from geometry.sweeping import lower, pieces, shape

        field = self._field
        if field is None:
            field = self._field = after(self._plan, (*self._done, SetupPath(self._setup.index, ())))
        tools = {a.number: a.tool for a in self._plan.tools}
        for path in self.paths[self._cut :]:
            tool = tools[path.tool_number]
            lower(field.high, field.x0_mm, field.y0_mm, field.pitch_mm, shape(tool), pieces(path.moves, tool))
        self._cut = len(self.paths)
        return field


def _target(design: Design, plan: ProcessPlan, setup: Setup) -> Triangles:
    """The triangles, in a setup's frame, of what shall stand at the end: the part, and the skin that holds it."""
    from geometry.solids import load, moved
    from geometry.tessellate import triangles

    part = next(p for p in design.parts if p.name == plan.part)
    found = [triangles(moved(load(part.brep), setup.to_setup), TARGET_TOL_MM)]
    return np.concatenate(
        [*found, *(_skin(s, s.fixture.skin, setup) for s in plan.setups[setup.index - 1 :] if s.fixture.skin)]
    )


def _skin(told: Setup, skin: Skin, setup: Setup) -> Triangles:
    """The triangles, in a setup's frame, of a skin ``told`` in another's, as far as the blank goes."""
    from geometry.regions import fit, flatten, offset, rectangle
    from geometry.solids import prism
    from geometry.tessellate import moved, triangles

    box = told.stock_box
    sheet = flatten(rectangle(box.x0_mm, box.y0_mm, box.x1_mm, box.y1_mm)) - offset(flatten(skin.outline), -INTO_MM)
    back, there = (np.vstack([np.array(s.to_setup), (0.0, 0.0, 0.0, 1.0)]) for s in (told, setup))
    turn = (there @ np.linalg.inv(back))[:3]
    corners = [triangles(s, TARGET_TOL_MM) for s in prism(fit(sheet), skin.bottom_z_mm, skin.top_z_mm)]
    return moved(np.concatenate(corners).reshape(-1, 3), turn).reshape(-1, 3, 3)


def _rounded(m: Move) -> Move:
    return replace(
        m,
        x_mm=_tidy(m.x_mm), y_mm=_tidy(m.y_mm), z_mm=_tidy(m.z_mm), cx_mm=_tidy(m.cx_mm), cy_mm=_tidy(m.cy_mm),
    )  # fmt: skip


def _tidy(value: float) -> float:
    return round(float(value), ROUND_MM) + 0.0  # numpy's floats round otherwise than the words the posts write

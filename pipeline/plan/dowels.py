"""Plans a flat part that is cut from both sides on a router: its underside first, then turned over on two dowels.

The dowels stand in holes that the first setup drills through the blank into the spoilboard, on the line the blank is
turned about: so they are where they were, whatever the saw did, and X and Y need not be found again. They lie at
unlike distances from the blank's front and back: turned any other way it does not go on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from model.errors import CapabilityError
from model.feature import Hole, HoleStep, Outline
from model.finding import Finding
from model.plan import Box, Matrix, ProcessPlan, Setup
from model.tooling import Machine, ShopData
from pipeline.plan.board import (
    STUCK_MM,
    bench_on_board,
    blank,
    cut_out,
    rolled,
    stuck,
    used,
)
from pipeline.plan.corners import refuse_sharp
from pipeline.plan.coverage import Flags
from pipeline.plan.operations import completed, operations
from pipeline.plan.placing import Placed
from pipeline.plan.sequence import ordered
from pipeline.plan.sides import OF_BLANK, Views
from pipeline.plan.workpiece import SAFE_MM, Workpiece, within_travel

PIN_MM = 5.0
"""Diameter of the dowels: ground steel pins (ISO 8734) in drilled holes."""
IN_BOARD_MM = 8.0
"""So deep a dowel stands in the spoilboard."""
FRONT_MM, BACK_MM = 6.0, 10.0
"""From the blank's front and back edge to the dowels' middles."""
ROOM_MM = BACK_MM + PIN_MM / 2 + 1.0
"""The blank is so much wider all round."""
UNDER_TOP_MM = 1.0
"""A dowel ends so much below the blank's top."""
POINT_DEG = 118.0


def plan_on_dowels(views: Views, machine: Machine, shop: ShopData, hidden: Mapping[int, Finding]) -> ProcessPlan:
    """Two setups: what only the underside shows, with the dowels' holes; then the rest and the outline.

    ``hidden`` says of faces, by their number, why they cannot be cut from above.

    Raises:
        CapabilityError: Faces neither side makes, no such sheet, no tool, or nothing holds it.
    """
    part, top, under = views.part, views.view("+Z"), views.view("-Z")
    bottom = views.spots.points[:, 2] < part.low[2] + STUCK_MM
    from_above = np.logical_or.reduce([bottom, *(f.whole for f in top.features)])
    below = [k for k, f in enumerate(under.features) if f.kind not in OF_BLANK and (f.whole & ~from_above).any()]
    from_below: Flags = np.logical_or.reduce([np.zeros_like(from_above), *(under.features[k].whole for k in below)])
    left = views.unmade(from_above | from_below)
    if left:
        raise CapabilityError.told_by(tuple(hidden[k] for k in left if k in hidden) or tuple(hidden.values()))
    stock, m, box = blank(part, machine, shop, ROOM_MM)
    over = _turned_over(m, box)
    shown = views.recognised(over)
    first, missed = _underside(
        part, machine, shop, replace(shown, features=tuple(shown.features[k] for k in below)), over, box
    )
    seen = views.recognised(m)
    rest = [
        f for f, by in zip(seen.features, top.features, strict=True)
        if isinstance(f, Outline) or (by.whole & ~from_below).any()
    ]  # fmt: skip
    done = cut_out(part, machine, shop, replace(seen, features=tuple(rest)), m, box, _pins(box))
    unreachable = (*missed, *done.unreachable)
    refuse_sharp(unreachable)
    return ProcessPlan(
        part.order_id, part.name, within_travel(machine, [box]), part.material, stock,
        used(machine, (*first.operations, *done.setup.operations)), (first, done.setup),
        (rolled(stock), _why(part.name), done.decision), unreachable,
    )  # fmt: skip


def _turned_over(m: Matrix, box: Box) -> Matrix:
    """The frame in which the blank lies before it is turned, left to right, into the frame ``m``."""
    x, y, z = m
    return (
        (-x[0], -x[1], -x[2], box.x0_mm + box.x1_mm - x[3]),
        y,
        (-z[0], -z[1], -z[2], box.z0_mm + box.z1_mm - z[3]),
    )


def _underside(
    part: Workpiece, machine: Machine, shop: ShopData, seen: Placed, m: Matrix, box: Box
) -> tuple[Setup, tuple[Finding, ...]]:
    """The first setup: what only the underside shows, and the holes for the dowels, on tape; and what no tool reaches.

    Raises:
        CapabilityError: No tool, or the tape does not hold the blank.
    """
    bench = bench_on_board(part, machine, seen.levels, m, box)
    holes = [
        Hole(f"dowel-{k + 1}", (box.x0_mm + box.x1_mm) / 2, y, box.z1_mm,
             (HoleStep(PIN_MM, box.z0_mm - IN_BOARD_MM),), through=False, tip_angle_deg=POINT_DEG, broken=True)
        for k, y in enumerate((box.y0_mm + FRONT_MM, box.y1_mm - BACK_MM))
    ]  # fmt: skip
    drilled = [replace(o, note="") for o in operations(bench, holes)]  # how the dowels' holes end is nobody's concern
    ops = completed(bench, [*operations(bench, seen.features), *drilled], edges_broken=False)
    area = (box.x1_mm - box.x0_mm) * (box.y1_mm - box.y0_mm)
    held = stuck(shop, machine, area, ops, tabs=False)
    deepest = box.z0_mm - min(o.bottom_z_mm for o in ops)
    setup = Setup(
        1, "Underside up on the spoilboard", m, "G54", "front left corner of the blank, Z on its top", box,
        replace(held, spoil_mm=max(held.spoil_mm, deepest)), SAFE_MM, ordered(ops, outline_last=True),
    )  # fmt: skip
    return setup, tuple(bench.unreachable)


def _pins(box: Box) -> tuple[Box, ...]:
    """The dowels as they stand while the second side is cut."""
    x, r = (box.x0_mm + box.x1_mm) / 2, PIN_MM / 2
    low, high = box.z0_mm - IN_BOARD_MM, box.z1_mm - UNDER_TOP_MM
    places = (box.y0_mm + FRONT_MM, box.y1_mm - BACK_MM)
    return tuple(Box(x - r, y - r, low, x + r, y + r, high) for y in places)


def _why(name: str) -> Finding:
    return Finding(
        "plan.dowels", "some of it is cut from below: that side first, then turned over on two dowels, which keep its "
        "place", place=name, severity="note",
    )  # fmt: skip

"""Outline: cut the part's contour out of the blank, down a ramp, over tabs where there are any."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geometry.regions import flatten, offset
from geometry.scene import Scene
from model.errors import CapabilityError
from model.feature import Cutout, Outline
from model.plan import Operation
from model.region import Contour
from model.tooling import Assembly
from model.toolpath import Move
from strategies._paths import APPROACH_MM, along, enter, leave, levels, move, on_tab, over_tabs, ramp
from strategies._walls import contours, led, outside

if TYPE_CHECKING:
    from manifold3d import CrossSection


def toolpath(operation: Operation, assembly: Assembly, _scene: Scene) -> tuple[Move, ...]:
    """Lap the contour from the top down; with no allowance, each lap is a finishing lap on tangent arcs.

    Raises:
        CapabilityError: The tool does not fit into a cut-out.
    """
    loops, free = _loops(operation, assembly)
    if not loops:
        msg = f"{operation.id}: the {assembly.tool.diameter_mm} mm tool does not fit into {operation.feature.id}"
        raise CapabilityError("strategy.tool-too-wide", msg, place=operation.feature.id, hint="Use a thinner tool.")
    finishing = operation.allowance_mm == 0
    return tuple(
        m
        for c in loops
        for m in (_finish(c, free, operation, assembly) if finishing else _rough(c, operation, assembly))
    )


def _loops(operation: Operation, assembly: Assembly) -> tuple[list[Contour], CrossSection | None]:
    feature = operation.feature
    reach = assembly.tool.diameter_mm / 2 + operation.allowance_mm
    if isinstance(feature, Outline):
        return outside(flatten(feature.region), reach), None
    if isinstance(feature, Cutout):
        free = offset(flatten(feature.region), -reach)
        return contours(free), free
    msg = f"contour cutting cannot cut a {feature.kind}"
    raise CapabilityError("strategy.wrong-feature", msg, place=feature.id)


def _rough(contour: Contour, operation: Operation, assembly: Assembly) -> list[Move]:
    cut, away = operation.cutting, assembly.tool.diameter_mm / 2 + operation.allowance_mm
    above = operation.top_z_mm
    start = contour.start
    moves = enter(*start, operation.clearance_z_mm, above + APPROACH_MM, cut.feed_mm_min)
    moves.append(Move("line", *start, above, cut.plunge_mm_min, "ramp"))
    current = contour
    path: list[Move] = []
    for z in _steps(operation):
        down, current = ramp(current, above, z, cut.ramp_mm_min)
        path += [*down, *along(current.segments, z, cut.feed_mm_min)]
        above = z
    moves += over_tabs(start, path, operation.tabs, away, cut.plunge_mm_min)
    moves.append(leave(moves[-1], operation.clearance_z_mm))
    return moves


def _finish(contour: Contour, free: CrossSection | None, operation: Operation, assembly: Assembly) -> list[Move]:
    cut, radius = operation.cutting, assembly.tool.diameter_mm / 2
    rotated, arc_in, begin, arc_out = led(
        contour, free, assembly.tool.diameter_mm * 0.4, lambda p: on_tab(p, operation.tabs, radius)
    )
    moves: list[Move] = []
    for z in _steps(operation):
        moves += enter(*begin, operation.clearance_z_mm, z, cut.plunge_mm_min)
        lap = [
            move(arc_in, z, cut.feed_mm_min, "lead-in"),
            *along(rotated.segments, z, cut.feed_mm_min, "finish"),
            move(arc_out, z, cut.feed_mm_min, "lead-out"),
        ]
        moves += over_tabs(begin, lap, operation.tabs, radius, cut.plunge_mm_min)
        moves.append(leave(moves[-1], operation.clearance_z_mm))
    return moves


def _steps(operation: Operation) -> list[float]:
    """Depths, one of them exactly at the tabs' top, so that no lap meets a tab by surprise."""
    top, bottom, step = operation.top_z_mm, operation.bottom_z_mm, operation.cutting.ap_mm
    if not operation.tabs:
        return levels(top, bottom, step)
    shelf = max(t.top_z_mm for t in operation.tabs)
    return [*levels(top, shelf, step), *levels(shelf, bottom, step)]

"""Outline: cut the part's contour out of the blank, down a ramp, over tabs where there are any."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geometry.regions import bounds, flatten, offset, rectangle
from geometry.scene import Scene
from model.errors import CapabilityError
from model.feature import Cutout, Outline
from model.plan import Operation
from model.region import Contour
from model.tooling import Assembly
from model.toolpath import Move
from strategies._paths import APPROACH_MM, along, enter, leave, levels, on_tab, over_tabs, ramp
from strategies._walls import contours, down, led, outside

if TYPE_CHECKING:
    from manifold3d import CrossSection


def toolpath(operation: Operation, assembly: Assembly, _scene: Scene) -> tuple[Move, ...]:
    """Lap the contour from the top down; with no allowance, each lap is a finishing lap on tangent arcs.

    Finishing laps slow down in hollow corners, run past their start, and run twice where the tool bends.

    Raises:
        CapabilityError: The tool does not fit into a cut-out.
    """
    found, free = loops(operation, assembly)
    finishing = operation.allowance_mm == 0
    return tuple(
        m
        for c in found
        for m in (_finish(c, free, operation, assembly) if finishing else _rough(c, operation, assembly))
    )


def loops(operation: Operation, assembly: Assembly) -> tuple[list[Contour], CrossSection]:
    """The loops to lap, and where the tool's centre may be on the way to them.

    Raises:
        CapabilityError: The feature is no outline, or the tool does not fit into it.
    """
    feature = operation.feature
    reach = assembly.tool.diameter_mm / 2 + operation.allowance_mm
    if isinstance(feature, Outline):
        part = flatten(feature.region)
        x0, y0, x1, y1 = bounds(feature.region)
        far = 3 * assembly.tool.diameter_mm + reach
        around = flatten(rectangle(x0 - far, y0 - far, x1 + far, y1 + far))
        return outside(part, reach), around - offset(part, reach)
    if isinstance(feature, Cutout):
        free = offset(flatten(feature.region), -reach)
        if free.is_empty():
            msg = f"{operation.id}: the {assembly.tool.diameter_mm} mm tool does not fit into {feature.id}"
            raise CapabilityError("strategy.tool-too-wide", msg, place=feature.id, hint="Use a thinner tool.")
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


def _finish(contour: Contour, free: CrossSection, operation: Operation, assembly: Assembly) -> list[Move]:
    """Laps on size; they start and end in the slot that roughing cut ``ae_mm`` wider."""
    cut, d = operation.cutting, assembly.tool.diameter_mm
    aside = d if operation.compensated else min(cut.ae_mm, d / 2)
    lap = led(
        contour, free, d, lambda p: on_tab(p, operation.tabs, d / 2 + aside),
        aside_mm=cut.ae_mm, compensated=operation.compensated,
    )  # fmt: skip
    if not operation.tabs:
        return down(lap, _steps(operation), operation, d / 2)
    moves: list[Move] = []
    for z in _steps(operation):
        moves += enter(*lap.begin, operation.clearance_z_mm, z, cut.feed_mm_min)
        path = lap.moves(z, cut, d / 2)
        moves += over_tabs(lap.begin, path, operation.tabs, d / 2, cut.plunge_mm_min)
        moves.append(leave(moves[-1], operation.clearance_z_mm))
    return moves


def _steps(operation: Operation) -> list[float]:
    """Depths, one of them exactly at the tabs' top, so that no lap meets a tab by surprise."""
    top, bottom, step = operation.top_z_mm, operation.bottom_z_mm, operation.cutting.ap_mm
    if not operation.tabs:
        return levels(top, bottom, step)
    shelf = max(t.top_z_mm for t in operation.tabs)
    return [*levels(top, shelf, step), *levels(shelf, bottom, step)]

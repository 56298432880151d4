"""Methods for outlines and cut-outs: cut round with an allowance, a lap on size, on tape a skin last."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from geometry.regions import bounds, fit, flatten, offset
from model.feature import Cutout, Outline, Pocket
from model.plan import CuttingData, Operation, Tab
from model.tooling import Assembly
from pipeline.plan.methods.clearing import narrowest, with_corner_mill
from pipeline.plan.methods.common import RINGS, STEPOVER, WALL_ALLOWANCE_MM, asked, faced, operation
from pipeline.plan.tools import STICK_OUT_SPARE_MM, Bench, cut_finish, cut_rough, end_mills
from pipeline.plan.why import restated

POST_MM = 0.25
"""Blank left standing outside the outline's slot is cleared when it is thicker than twice this."""


SIDE_SHARE = 0.7
"""Up to this share of the diameter in width the slot round an outline is a cut with one side open."""

SKIN_MM = 0.2
"""On tape a skin this thick holds what is cut round until everything else is done (onion skin)."""


def cut_round(bench: Bench, f: Outline | Cutout, tabs: Sequence[Tab]) -> list[Operation]:
    """Cut round with an allowance, then a lap on size; without tabs on a sheet the last skin comes off at the end."""
    through = f.bottom_z_mm - bench.through_mm
    skin = not faced(bench) and not tabs and f.top_z_mm - f.bottom_z_mm > 3 * SKIN_MM
    bottom = f.bottom_z_mm + SKIN_MM if skin else through
    top = bench.stock_top_mm if isinstance(f, Outline) and not faced(bench) else f.top_z_mm
    gap = narrowest(bench, f)

    def made(a: Assembly) -> list[Operation]:
        d = a.tool.diameter_mm
        wide = _margin(bench, f, d) if faced(bench) and not tabs else d
        rough = cut_rough(bench, a, top - bottom, wide, "slot" if wide > SIDE_SHARE * d else "rough")
        upper = _upper(bench, f, rough, top, bottom) if wide < d else []
        below = upper[0].bottom_z_mm if upper else top
        lap = cut_finish(bench, a, top - bottom, WALL_ALLOWANCE_MM, f.corner_radius_mm, gap)
        posts = _posts(bench, f, a, rough, top, bottom) if isinstance(f, Outline) and faced(bench) else []
        finish = operation(bench, "finish", "outline", f, a, lap, top, bottom, tabs=tabs)
        found = [  # beside a slot in a sheet there is no room for the straight leads of wear compensation
            *posts,
            *upper,
            operation(bench, "rough", "outline", f, a, rough, below, bottom, allowance=WALL_ALLOWANCE_MM, tabs=tabs),
            finish if faced(bench) else replace(finish, compensated=False),
        ]
        if skin:
            thin = cut_rough(bench, a, bottom - through, a.tool.diameter_mm, "slot")
            found.append(operation(bench, "skin", "skin", f, a, thin, bottom, through))
        return [asked(op, a) for op in found]

    return with_corner_mill(bench, f, f.corner_radius_mm, (top, bottom), gap, made)


def _upper(bench: Bench, f: Outline | Cutout, below: CuttingData, top: float, bottom: float) -> list[Operation]:
    """The upper part of a deep outline by a stouter mill that takes the blank's whole margin, where that is quicker.

    It leaves nothing beside it, so that the mill that reaches down has room for the rest, cut as ``below``.
    """
    x0, y0, x1, y1 = bounds(f.region)
    about = 2 * (x1 - x0 + y1 - y0)
    found: list[tuple[float, Operation]] = []
    for b in end_mills(bench.machine):
        wide = _margin(bench, f, b.tool.diameter_mm)
        deep = min(b.tool.flute_length_mm, b.stick_out_mm - STICK_OUT_SPARE_MM - bench.levels.top_mm + top)
        if wide == b.tool.diameter_mm or not 0 < deep < top - bottom:
            continue
        cut = cut_rough(bench, b, deep, wide, "slot" if wide > SIDE_SHARE * b.tool.diameter_mm else "rough")
        saved = deep / below.ap_mm / below.feed_mm_min - deep / cut.ap_mm / cut.feed_mm_min
        seconds = 60 * saved * about - bench.machine.tool_change_s
        op = operation(bench, "rough-upper", "outline", f, b, cut, top, top - deep, allowance=WALL_ALLOWANCE_MM)
        if seconds > 0:
            found.append((seconds, op))
    return [op for _, op in sorted(found, key=lambda one: (-one[0], one[1].tool_number))[:1]]


def _margin(bench: Bench, f: Outline | Cutout, d: float) -> float:
    """How wide the blank stands round an outline without hollow corners, which is cut away from its side (d: a slot).

    To a tenth of the diameter, upwards.
    """
    if not isinstance(f, Outline) or not math.isinf(f.corner_radius_mm):
        return d
    blank, part = flatten(bench.stock_outline), flatten(f.region)
    shares = (k / 10 for k in range(1, 10))
    return next((s * d for s in shares if (blank - offset(part, s * d + WALL_ALLOWANCE_MM)).is_empty()), d)


def _posts(bench: Bench, f: Outline, a: Assembly, cut: CuttingData, top: float, bottom: float) -> list[Operation]:
    """Clear what the slot round the outline would leave standing: it would fall when the grip is faced off."""
    slot = offset(flatten(f.region), a.tool.diameter_mm + WALL_ALLOWANCE_MM - 0.01)
    standing = flatten(bench.stock_outline) - slot
    if offset(standing, -POST_MM).is_empty():
        return []
    rim = Pocket(f"{f.id}-rim", top, bottom, fit(standing), math.inf, open=True)
    rings = restated(cut, RINGS, ae_mm=STEPOVER * a.tool.diameter_mm, link_mm_min=bench.link_mm_min)
    return [operation(bench, "clear", "pocket", rim, a, rings, top, bottom, allowance=WALL_ALLOWANCE_MM)]

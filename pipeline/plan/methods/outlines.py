"""Methods for outlines and cut-outs: cut round with an allowance, a lap on size, on tape a skin last."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from geometry.regions import fit, flatten, offset
from model.feature import Cutout, Outline, Pocket
from model.plan import CuttingData, Operation, Tab
from model.tooling import Assembly
from pipeline.plan.methods.clearing import narrowest, with_corner_mill
from pipeline.plan.methods.common import STEPOVER, WALL_ALLOWANCE_MM, asked, faced, operation
from pipeline.plan.tools import Bench, cut_finish, cut_rough

POST_MM = 0.25
"""Blank left standing outside the outline's slot is cleared when it is thicker than twice this."""


SKIN_MM = 0.2
"""On tape a skin this thick holds what is cut round until everything else is done (onion skin)."""


def cut_round(bench: Bench, f: Outline | Cutout, tabs: Sequence[Tab]) -> list[Operation]:
    """Cut round with an allowance, then a lap on size; without tabs on a sheet the last skin comes off at the end."""
    through = f.bottom_z_mm - bench.through_mm
    skin = not faced(bench) and not tabs and f.top_z_mm - f.bottom_z_mm > 3 * SKIN_MM
    bottom = f.bottom_z_mm + SKIN_MM if skin else through
    top = bench.stock_top_mm if isinstance(f, Outline) and not faced(bench) else f.top_z_mm

    def made(a: Assembly) -> list[Operation]:
        rough = cut_rough(bench, a, top - bottom, a.tool.diameter_mm, "slot")
        lap = cut_finish(bench, a, top - bottom, WALL_ALLOWANCE_MM)
        posts = _posts(bench, f, a, rough, top, bottom) if isinstance(f, Outline) and faced(bench) else []
        finish = operation(bench, "finish", "outline", f, a, lap, top, bottom, tabs=tabs)
        found = [  # beside a slot in a sheet there is no room for the straight leads of wear compensation
            *posts,
            operation(bench, "rough", "outline", f, a, rough, top, bottom, allowance=WALL_ALLOWANCE_MM, tabs=tabs),
            finish if faced(bench) else replace(finish, compensated=False),
        ]
        if skin:
            thin = cut_rough(bench, a, bottom - through, a.tool.diameter_mm, "slot")
            found.append(operation(bench, "skin", "skin", f, a, thin, bottom, through))
        return [asked(op, a) for op in found]

    return with_corner_mill(bench, f, f.corner_radius_mm, (top, bottom), narrowest(bench, f), made)


def _posts(bench: Bench, f: Outline, a: Assembly, cut: CuttingData, top: float, bottom: float) -> list[Operation]:
    """Clear what the slot round the outline would leave standing: it would fall when the grip is faced off."""
    slot = offset(flatten(f.region), a.tool.diameter_mm + WALL_ALLOWANCE_MM - 0.01)
    standing = flatten(bench.stock_outline) - slot
    if offset(standing, -POST_MM).is_empty():
        return []
    rim = Pocket(f"{f.id}-rim", top, bottom, fit(standing), math.inf, open=True)
    rings = replace(cut, ae_mm=STEPOVER * a.tool.diameter_mm)
    return [operation(bench, "clear", "pocket", rim, a, rings, top, bottom, allowance=WALL_ALLOWANCE_MM)]

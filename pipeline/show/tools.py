"""Each tool's outline and colour, for the legend and for the tool that follows the program."""

from __future__ import annotations

import math

from model.tooling import Assembly
from pipeline.verify.path import body_sections, tool_table

COLOURS = ("#0072b2", "#009e73", "#cc6a00", "#b0478f", "#56b4e9", "#8a6d00", "#6a51a3", "#1b7837", "#a6611a", "#018571")
"""Told apart by most eyes, on light and in print."""
ROUND_STEPS = 8
Outline = list[tuple[float, float]]


def colours(tools: tuple[Assembly, ...]) -> dict[int, str]:
    """Each T number's colour, in the order of the plan."""
    return {a.number: COLOURS[k % len(COLOURS)] for k, a in enumerate(tools)}


def cutter(assembly: Assembly) -> Outline:
    """The cutter's outline from its tip up, as the proof cuts with it: (radius, height) in mm, to the flutes' end."""
    radius, flat, wide, cone, corner, flutes = (float(v) for v in tool_table([assembly])[0, :6])
    points: Outline = [(0.0, 0.0)]
    if cone > 0:
        points += [(flat, 0.0), (radius, cone)]
    elif corner > 0:
        turns = [math.pi / 2 * k / ROUND_STEPS for k in range(ROUND_STEPS + 1)]
        points += [(wide + corner * math.sin(a), corner - corner * math.cos(a)) for a in turns]
    else:
        points.append((radius, 0.0))
    return [*points, (radius, max(flutes, points[-1][1]))]


def body(assembly: Assembly) -> tuple[Outline, Outline]:
    """The outlines of shank and holder, from where the flutes end: (radius, height) in mm."""
    rows = body_sections(assembly)
    top = cutter(assembly)[-1][1]
    shank: Outline = [(max(rows[0][2:]) if rows[0][1] > top else rows[1][2], top)]
    for z0, z1, r0, r1 in rows[:2]:
        shank += [(r0, max(z0, top)), (r1, max(z1, top))]
    holder: Outline = [(0.0, rows[2][0])] if len(rows) > 2 else []
    for z0, z1, r0, r1 in rows[2:]:
        holder += [(r0, z0), (r1, z1)]
    shank.append((0.0, shank[-1][1]))
    return shank, [*holder, (0.0, rows[-1][1])] if holder else holder

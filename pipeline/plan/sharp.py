"""Finds the sharp edges a tool from above can break: rims that stand free all round, with an upright wall below."""

from __future__ import annotations

from geometry.regions import fit, flatten, offset
from model.feature import Edges
from model.region import Region
from pipeline.plan.levels import HAIR_MM, Levels

BESIDE_MM = 0.02
"""Nothing of the part stands above an edge within so much of it."""
WRONG_MM2 = 0.02


def sharp_edges(levels: Levels, width_mm: float) -> list[Edges]:
    """Every whole rim, one feature each, from the top down; rims that run into a higher wall are not whole."""
    found: list[Edges] = []
    for z in reversed(levels.heights[1:]):
        rim, below = levels.section(z - 2 * HAIR_MM), levels.section(z - 2 * width_mm)
        if rim.is_empty():
            continue
        over = levels.above(z)
        slanting = (rim - offset(below, BESIDE_MM)) + (below - offset(rim, BESIDE_MM))
        for contour in fit(rim).contours:
            loop = flatten(Region((contour,)))
            beside = offset(loop, BESIDE_MM) - offset(loop, -BESIDE_MM)
            near = offset(loop, 2 * width_mm) - offset(loop, -2 * width_mm)
            if (beside ^ over).is_empty() and (near ^ slanting).area() < WRONG_MM2:
                found.append(Edges(f"edge-{len(found) + 1}", z, width_mm, Region((contour,))))
    return found

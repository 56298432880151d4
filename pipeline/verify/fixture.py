"""Measures how close tool, shank and holder come to the jaws, clamps and the spoilboard."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from geometry.compiled import compiled
from model.plan import Box
from model.tooling import Assembly
from pipeline.verify.path import CLEAR_MM, Path, body_sections
from pipeline.verify.shapes import FAR, Floats, Ints, along, length

CHORD_MM = 0.005


@compiled
def _to_box(x: float, y: float, box: Floats) -> float:
    """Distance in plan from a point to a box (0 inside)."""
    return length(max(box[0] - x, x - box[3], 0.0), max(box[1] - y, y - box[4], 0.0))


@compiled
def _side(x0: float, y0: float, x1: float, y1: float, box: Floats) -> float:
    """Distance in plan from a segment to a box: a convex function along the segment, by golden section."""
    a, b = 0.0, 1.0
    for _ in range(40):
        s, t = b - (b - a) * 0.6180339887498949, a + (b - a) * 0.6180339887498949
        if _to_box(x0 + (x1 - x0) * s, y0 + (y1 - y0) * s, box) <= _to_box(x0 + (x1 - x0) * t, y0 + (y1 - y0) * t, box):
            b = t
        else:
            a = s
    m = 0.5 * (a + b)
    near = min(_to_box(x0, y0, box), _to_box(x1, y1, box))
    return min(near, _to_box(x0 + (x1 - x0) * m, y0 + (y1 - y0) * m, box))


@compiled
def clearances(geometry: Floats, tool: Ints, boxes: Floats, sections: Floats, first: Ints) -> Floats:
    """Least sideways gap (mm) of each move's tool, shank and holder to any box at whose height they are.

    ``boxes`` rows: x0 y0 z0 x1 y1 z1. ``sections`` rows: from and to height above the tip, widest radius; those
    of a tool run from ``first[tool]`` to ``first[tool + 1]``. FAR where the heights never meet.
    """
    gaps = np.full(len(tool), FAR)
    for e in range(len(tool)):
        g = geometry[e]
        pieces = 1
        if g[0] == 1.0:
            step = 2.0 * math.acos(max(1.0 - CHORD_MM / max(g[9], g[10], 2.0 * CHORD_MM), 0.0))
            pieces = int(abs(g[12]) / step) + 1
        for b in range(len(boxes)):
            box = boxes[b]
            if min(g[3], g[6]) >= box[5]:
                continue
            for piece in range(pieces):
                x0, y0, z0 = along(g, piece / pieces)
                x1, y1, z1 = along(g, (piece + 1) / pieces)
                for k in range(first[tool[e]], first[tool[e] + 1]):
                    # The share of the piece during which this section is at the box's height.
                    s0, s1 = 0.0, 1.0
                    low, high = box[2] - sections[k, 1], box[5] - sections[k, 0]
                    if z0 == z1:
                        if not low < z0 < high:
                            continue
                    else:
                        ta, tb = (low - z0) / (z1 - z0), (high - z0) / (z1 - z0)
                        s0, s1 = max(0.0, min(ta, tb)), min(1.0, max(ta, tb))
                        if s0 >= s1:
                            continue
                    gap = _side(x0 + (x1 - x0) * s0, y0 + (y1 - y0) * s0, x0 + (x1 - x0) * s1, y0 + (y1 - y0) * s1, box)
                    gaps[e] = min(gaps[e], gap - sections[k, 2])
    return gaps


def gaps_to_boxes(path: Path, tools: Sequence[Assembly], boxes: Sequence[Box]) -> Floats:
    """Least sideways gap (mm) of every move to the boxes; negative: touched; 1e9: never at their height.

    The boxes are 0.5 mm higher than they are: what passes over them any nearer is at their height.
    """
    if not boxes or not len(path):
        return np.full(len(path), FAR)
    table = np.array([(b.x0_mm, b.y0_mm, b.z0_mm, b.x1_mm, b.y1_mm, b.z1_mm + CLEAR_MM) for b in boxes])
    rows: list[tuple[float, float, float]] = []
    first = [0]
    for assembly in tools:
        sections = body_sections(assembly)
        top = (sections[-1][1], FAR, max(sections[-1][2:]))
        rows.extend((z0, z1, max(r0, r1)) for z0, z1, r0, r1 in [*sections, (top[0], top[1], top[2], top[2])])
        first.append(len(rows))
    return clearances(path.geometry, path.tool, table, np.array(rows), np.array(first, dtype=np.int64))

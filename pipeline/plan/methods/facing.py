"""Methods for the top face: milled off in lanes, the last pass thin."""

from __future__ import annotations

import math

from model.feature import PlanarFace
from model.plan import Operation
from pipeline.plan.methods.common import operation
from pipeline.plan.tools import Bench, cut_rough, pick_mill

FACE_STEPOVER = 0.65
FACE_LAST_MM = 0.5
"""The last facing pass: thin, so that a rim cut free below it comes off as foil."""


def face(bench: Bench, face: PlanarFace) -> list[Operation]:
    """Face the blank down to the part's top, the last pass thin."""
    depth = bench.stock_top_mm - face.z_mm
    if depth < 1e-6:
        return []
    a = pick_mill(bench, widest_mm=math.inf, bottom_mm=face.z_mm, wall_mm=min(depth, 1.0), place=face.id)
    ae = FACE_STEPOVER * a.tool.diameter_mm
    top, made = bench.stock_top_mm, []
    if depth > 2 * FACE_LAST_MM:
        shelf = face.z_mm + FACE_LAST_MM
        cut = cut_rough(bench, a, top - shelf, ae, "rough")
        made.append(operation(bench, "rough", "facing", face, a, cut, top, shelf))
        top = shelf
    cut = cut_rough(bench, a, top - face.z_mm, ae, "rough")
    return [*made, operation(bench, "face", "facing", face, a, cut, top, face.z_mm)]

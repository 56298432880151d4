"""Methods for engraved strokes: one pass with a tool as wide as the groove."""

from __future__ import annotations

from model.errors import CapabilityError
from model.feature import EngravedStrokes, VCarving
from model.plan import Operation
from pipeline.plan.methods.common import operation
from pipeline.plan.tools import Bench, cut_rough, pick_special


def engraving(bench: Bench, e: EngravedStrokes) -> list[Operation]:
    """Follow the strokes with an engraver exactly as wide as the groove."""
    a = pick_special(bench, "engraver", place=e.id, width_mm=e.width_mm, need=f"an engraver {e.width_mm:g} mm wide")
    cut = cut_rough(bench, a, e.depth_mm, e.width_mm, "engrave")
    return [operation(bench, "strokes", "engrave", e, a, cut, e.top_z_mm, e.top_z_mm - e.depth_mm)]


def carving(bench: Bench, e: VCarving) -> list[Operation]:
    """Carve a region with a pointed tool."""
    raise CapabilityError("plan.v-carving", f"{e.id} cannot be cut on {bench.machine.id}", place=e.id)

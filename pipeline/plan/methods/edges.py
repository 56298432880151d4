"""Methods for edges: a bevel with a pointed cutter."""

from __future__ import annotations

from model.errors import CapabilityError
from model.feature import Chamfer, Edges
from model.plan import Operation
from pipeline.plan.methods.common import operation
from pipeline.plan.tools import Bench, cut_rough, pick_special
from strategies.chamfer import BELOW_MM


def chamfer(bench: Bench, c: Chamfer) -> list[Operation]:
    """Bevel an edge with the smallest 90 degree cutter whose cone covers it."""
    a = pick_special(
        bench,
        "chamfer-mill",
        place=c.id,
        width_mm=c.width_mm + BELOW_MM,
        need=f"a 90 degree cutter for {c.width_mm:g} mm",
    )
    cut = cut_rough(bench, a, c.width_mm, c.width_mm, "chamfer")
    return [operation(bench, "bevel", "chamfer", c, a, cut, c.foot_z_mm + c.width_mm, c.foot_z_mm - BELOW_MM)]


def deburr(bench: Bench, e: Edges) -> list[Operation]:
    """Break sharp edges."""
    raise CapabilityError("plan.edges", f"{e.id} cannot be cut on {bench.machine.id}", place=e.id)

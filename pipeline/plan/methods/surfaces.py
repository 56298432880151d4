"""Methods for sloped, round and free surfaces: roughed by levels, finished along the surface."""

from __future__ import annotations

from model.errors import CapabilityError
from model.feature import FreeSurface
from model.plan import Operation
from pipeline.plan.tools import Bench


def surface(bench: Bench, f: FreeSurface) -> list[Operation]:
    """Rough and finish one free surface."""
    raise CapabilityError("plan.free-surface", f"{f.id} cannot be cut on {bench.machine.id}", place=f.id)

"""Where threads may be cut into the part's wall: the solid shows the tap drill, the order wants the thread."""

from __future__ import annotations

import numpy as np

from model.feature import Hole
from model.plan import Operation, Setup
from model.thread import thread_named
from pipeline.verify.shapes import Floats

STRATEGIES = frozenset({"tap", "thread_mill"})
BEYOND_MM = 0.1
ENDS_MM = 0.01


def threaded(setup: Setup) -> list[tuple[Operation, Hole]]:
    """The operations of a setup that cut a thread, each with its hole."""
    return [
        (o, o.feature)
        for o in setup.operations
        if o.strategy in STRATEGIES and isinstance(o.feature, Hole) and o.feature.thread
    ]


def thread_slack(points: Floats, setup: Setup) -> Floats:
    """How much further than each point (of the setup's frame) a thread may be cut (mm); 0 off every thread.

    That is the ring from the drilled wall to 0.1 mm beyond the major diameter, over the hole's depth.
    """
    allowed = np.zeros(len(points))
    for _, hole in threaded(setup):
        thread = thread_named(hole.thread)
        if thread is None:
            continue
        outer, wall = thread.major_mm / 2 + BEYOND_MM, hole.steps[-1].diameter_mm / 2
        off = np.hypot(points[:, 0] - hole.x_mm, points[:, 1] - hole.y_mm)
        deep = (points[:, 2] >= hole.steps[-1].bottom_z_mm - ENDS_MM) & (points[:, 2] <= hole.top_z_mm + ENDS_MM)
        ring = deep & (off >= wall - ENDS_MM) & (off < outer)
        allowed[ring] = np.maximum(allowed[ring], outer - off[ring])
    return allowed

"""Work that lies on its round between the jaws: nothing but a pin in one of its holes says how far it is turned."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from geometry.faces import Face
from geometry.tessellate import Floats
from model.errors import CapabilityError
from model.plan import Box, Matrix, Pin
from pipeline.plan.bores import moved_point
from pipeline.plan.clamping import ACROSS_MM, FLAT_MM, HELD_SHARE, LOOK_MM
from pipeline.plan.coverage import Flags
from pipeline.plan.job import Job
from pipeline.plan.workpiece import inverse

OFF_CENTRE = 0.15
"""A pin tells how work is turned where it stands off the middle by such a share of the work's length."""
SAME = 1e-6
SAME_MM = 1e-3


def turned_by(
    job: Job, made: Flags, m: Matrix, here: Box, between: Box, grip_mm: float, stands: Callable[[Floats], Flags]
) -> Pin | None:
    """What turns the work to its place: the parallels under a flat (None), a pin; or any turn is as good (None).

    ``made`` are the spots made before; ``m`` is the setup's frame, ``here`` the part's box in it, ``between`` what is
    between the jaws, ``grip_mm`` high: a pin stands over them.

    Raises:
        CapabilityError: ``plan.turned-freely``: nothing does.
    """
    if _lies_flat(here, between, stands):
        return None
    length = here.x1_mm - here.x0_mm
    middle = ((here.x0_mm + here.x1_mm) / 2, (here.z0_mm + here.z1_mm) / 2)
    pins = []
    for setup, hole in job.holes:
        along = sum(a * b for a, b in zip(m[1][:3], setup.to_setup[2][:3], strict=True))
        x, _, z = moved_point(m, moved_point(inverse(setup.to_setup), (hole.x_mm, hole.y_mm, hole.top_z_mm)))
        off = math.hypot(x - middle[0], z - middle[1])
        wide = hole.steps[-1].diameter_mm
        over = z - wide / 2 > here.z0_mm + grip_mm
        if abs(abs(along) - 1) < SAME and over and off >= OFF_CENTRE * length:
            pins.append((round(-off, 3), round(-z, 3), round(-x, 3), Pin(x, z, wide)))
    if pins:
        return min(pins, key=lambda one: one[:3])[3]
    if _as_turned(job, made, m, middle):
        return None
    msg = f"{job.order[len(job.setups)]} up: the work lies on its round, and no hole along the vise tells its turn"
    raise CapabilityError(
        "plan.turned-freely", msg, place=job.part.name,
        hint="Give the part a flat, or a hole through its faces off the middle.",
    )  # fmt: skip


def _lies_flat(here: Box, between: Box, stands: Callable[[Floats], Flags]) -> bool:
    """Whether the work's foot is flat over a share of its length, so that the parallels carry it squarely."""
    x = np.arange(here.x0_mm + LOOK_MM / 2, here.x1_mm, LOOK_MM)
    y = np.arange(between.y0_mm + ACROSS_MM / 2, between.y1_mm, ACROSS_MM)
    grid = np.stack([*np.meshgrid(x, y, indexing="ij"), np.full((len(x), len(y)), here.z0_mm + FLAT_MM)], axis=-1)
    foot = x[stands(grid.reshape(-1, 3)).reshape(len(x), len(y)).any(axis=1)]
    return len(foot) > 0 and float(foot[-1] - foot[0]) >= HELD_SHARE * (here.x1_mm - here.x0_mm)


def _as_turned(job: Job, before: Flags, m: Matrix, middle: tuple[float, float]) -> bool:
    """Whether all that is made so far is the same however far the work is turned about the vise's y."""
    spots = job.views.spots.face
    whole = np.bincount(spots, minlength=len(job.views.faces))
    made = np.bincount(spots[before], minlength=len(whole))
    x, y, z = inverse(m)
    axis = (x[1], y[1], z[1])
    centre = np.array(moved_point(inverse(m), (middle[0], 0.0, middle[1])))
    return all(_round_about(f, axis, centre) for f in job.views.faces if 2 * made[f.index] > whole[f.index])


def _round_about(f: Face, axis: tuple[float, float, float], centre: Floats) -> bool:
    way = f.normal if f.surface == "plane" else f.axis
    if f.surface == "other" or abs(abs(float(np.dot(way, axis))) - 1) > SAME:
        return False
    off = np.cross(np.array(f.centre) - centre, axis)
    return f.surface == "plane" or float(np.linalg.norm(off)) < SAME_MM

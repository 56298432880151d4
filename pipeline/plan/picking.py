"""Picks what is cut in one setup: the features that make something new, as deep as the tools there reach."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from geometry.regions import flatten, union
from model.errors import CapabilityError
from model.feature import Cutout, Feature, FreeSurface, Hole, Outline, PlanarFace, Pocket
from model.plan import Matrix, Operation
from pipeline.plan.bores import moved_point
from pipeline.plan.corners import blunt_radius, rounded_radius
from pipeline.plan.coverage import Flags, Sight, around_part, made_by
from pipeline.plan.depth import halves, low_end, windowed
from pipeline.plan.features import AREA_TOL_MM2, OPEN_WALL, OVER
from pipeline.plan.job import Job
from pipeline.plan.levels import Levels
from pipeline.plan.operations import completed, operations
from pipeline.plan.tools import Bench
from pipeline.plan.ways import Own, Ways, best_tools
from pipeline.plan.workpiece import inverse

if TYPE_CHECKING:
    from manifold3d import CrossSection

OVERLAP_MM = 0.5
"""A wall cut half from each side is cut this much deeper from the second."""
FRAME_MM = 14.0
"""The sides of a frame are milled so deep: more than the jaws take."""
LEAST_RIM = 0.4
"""A drill still finds its centre where this share of a mouth's rim stands."""
SAME = 1e-6


@dataclass(frozen=True)
class _Opened:
    """What is cleared from above so far in a setup, or was before it: areas and how deep each."""

    levels: Levels
    areas: list[tuple[float, CrossSection]] = field(default_factory=list)

    def note(self, f: Pocket | Cutout, bottom_mm: float) -> None:
        """An opening is clear down to a height."""
        self.areas.append((bottom_mm, flatten(f.floor if isinstance(f, Pocket) else f.region)))

    def begun(self, f: Feature) -> Feature:
        """An opening that begins where the stock over it ends: higher, when what lies over it is not cut so deep."""
        if not isinstance(f, Pocket | Cutout) or f.top_z_mm > self.levels.top_mm - SAME:
            return f
        own = flatten(f.floor if isinstance(f, Pocket) else f.region)
        for z in sorted({z for z, _ in self.areas}):
            if (own - union([area for low, area in self.areas if low <= z + SAME])).area() < AREA_TOL_MM2:
                return replace(f, top_z_mm=max(f.top_z_mm, z))
        return replace(f, top_z_mm=self.levels.top_mm)


def cut(job: Job, bench: Bench, m: Matrix, k: int, grip_mm: float = -math.inf) -> tuple[list[Operation], list[Hole]]:
    """Operations for the features of the k-th side that make something new; what no tool can is kept for the end.

    Only the first two sides cut the outline. ``grip_mm`` is how high the jaws hold: what runs out to the side below
    it waits for a later side that makes it.
    """
    bench = replace(
        bench, fine_floors=job.part.fine_floors, to_setup=m, hold=replace(bench.hold, top_mm=bench.stock_top_mm)
    )
    if k in job.chosen:
        ways, holes = job.ways[k]
        return completed(bench, ways.operations(job.chosen[k]), edges_broken=job.part.deburred), holes
    made: list[Own] = []
    holes = []
    side = job.order[k]
    view, seen, sight = job.views.view(side), job.views.recognised(m).features, job.views.sight(side, m)
    drilled, around = _drilled(job, m), around_part(seen)
    after = np.logical_or.reduce(
        [job.later, *(job.views.view(s).made(free=False, blank=k == 0 and s == job.order[1])
                                    for s in job.order[k + 1 :])]
    )  # fmt: skip
    sloped = any(
        isinstance(f, FreeSurface) and (by.own & ~job.made & ~after).any()
        for f, by in zip(seen, view.features, strict=True)
    )
    opened = _Opened(bench.levels)
    for f, by in sorted(zip(seen, view.features, strict=True), key=lambda pair: not isinstance(pair[0], Hole)):
        # holes first: pockets run into them
        new = (by.own | (by.whole & ~after)) & ~job.made
        if isinstance(f, Pocket | Cutout) and not (by.own & ~job.made).any():
            opened.note(f, low_end(f))
        low = isinstance(f, Pocket) and f.open and f.floor_z_mm < grip_mm
        if _left_out(f, new, new & ~after, k, sloped=sloped) or (low and not (new & ~after).any()):
            continue
        if isinstance(f, Hole) and f.broken and job.views.rim_standing(f, m, job.order[:k]) < LEAST_RIM:
            continue
        walls = sight.spots.points[new & sight.upright(), 2]
        wanted = windowed(bench, opened.begun(f), walls, _lowest(sight, new & ~after))
        wanted = _trimmed(wanted, sight, new) if k else _as_gripped(wanted) if job.framed else wanted
        if isinstance(wanted, Pocket | Outline | Cutout) and not (new & ~by.own).any():
            # its sharp corners are made from another side
            blunt = blunt_radius(wanted, bench.levels) if wanted.corner_radius_mm == 0 else 0.0
            wanted = replace(wanted, corner_radius_mm=blunt or rounded_radius(wanted))
        try:
            from_top = replace(bench, hold=replace(bench.hold, top_mm=getattr(f, "top_z_mm", bench.stock_top_mm)))
            done, ops = _operations(job, from_top, wanted, by.whole, _lowest(sight, new & ~after), drilled)
        except CapabilityError as error:
            job.failed.append((error, by.whole))
            continue
        made.append((done, ops))
        if ops:
            job.made |= made_by(
                f if job.framed and isinstance(f, Outline) else done, sight, around, _radius(bench, ops)
            )
        holes += [done] if isinstance(done, Hole) else []
        if isinstance(f, Pocket | Cutout) and isinstance(done, Pocket | Cutout):
            opened.note(f, low_end(done) if (by.own & ~job.made).any() else low_end(f))
    loaded = frozenset(o.tool_number for s in job.setups for o in s.operations)
    ways = Ways(bench, job.part, loaded, made, partial(_anew, drilled=drilled))
    job.ways[k] = (ways, holes)
    (job.chosen[k],), _ = ([(0,) * len(made)], []) if job.plain else best_tools([ways])
    return completed(bench, ways.operations(job.chosen[k]), edges_broken=job.part.deburred), holes


def better_tools(job: Job) -> bool:
    """Choose the tools of all setups together; True when that asks for other ways than each setup took for itself."""
    sides = sorted(job.ways)
    numbers, job.told = best_tools([job.ways[k][0] for k in sides])
    taken = dict(zip(sides, numbers, strict=True))
    if taken == job.chosen:
        return False
    job.chosen = taken
    job.setups.clear()
    job.holes.clear()
    return True


def _anew(bench: Bench, f: Feature, *, drilled: frozenset[tuple[float, float]]) -> list[Operation]:
    return operations(bench, [f], drilled=drilled)


def _left_out(f: Feature, new: Flags, lasting: Flags, k: int, *, sloped: bool) -> bool:
    """True when a feature makes nothing new, or only what a later side makes as an upright wall or with a floor.

    ``lasting`` is what no later side makes; over ``sloped`` faces that are followed here all is opened.
    """
    if isinstance(f, PlanarFace) or (isinstance(f, Outline) and k == 0):
        return False
    beside = f.id.startswith(OPEN_WALL) or (f.id.startswith(OVER) and not sloped)
    to_others = isinstance(f, FreeSurface | Outline) or beside
    return not (lasting if to_others else new).any() or (isinstance(f, Outline) and k > 1)


def _lowest(view: Sight, spots: Flags) -> float:
    return float(view.spots.points[spots, 2].min(initial=math.inf))


def _operations(
    job: Job, bench: Bench, f: Feature, whole: Flags, lowest_mm: float, drilled: frozenset[tuple[float, float]]
) -> tuple[Feature, list[Operation]]:
    """A feature's operations; what is too deep for every tool is cut as deep as one reaches or as it must be here.

    ``lowest_mm`` is where the lowest spot lies that no later side makes.

    Raises:
        CapabilityError: No tool can.
    """
    try:
        return f, operations(bench, [f], drilled=drilled)
    except CapabilityError as error:
        for half in halves(bench, f, lowest_mm):
            try:
                ops = operations(bench, [half], drilled=drilled)
            except CapabilityError:
                continue
            job.failed.append((error, whole))  # told only when the other side does not do the rest
            return half, ops
        raise


def _radius(bench: Bench, ops: Sequence[Operation]) -> float:
    """The radius of the finest mill among operations (mm)."""
    tools = {a.number: a.tool for a in bench.machine.tools}
    mills = [tools[o.tool_number] for o in ops]
    return min((t.diameter_mm / 2 for t in mills if t.kind == "end-mill"), default=0.0)


def _trimmed(f: Feature, view: Sight, new: Flags) -> Feature:
    """A through-wall that was begun from the other side is cut down to where that ended."""
    if not isinstance(f, Outline | Cutout) or not new.any():
        return f
    low = float(view.spots.points[new, 2].min())
    return replace(f, bottom_z_mm=max(f.bottom_z_mm, low - OVERLAP_MM))


def _as_gripped(f: Feature) -> Feature:
    """A frame's outline only as deep as the jaws take it afterwards; other features as they are."""
    return replace(f, bottom_z_mm=max(f.bottom_z_mm, f.top_z_mm - FRAME_MM)) if isinstance(f, Outline) else f


def _drilled(job: Job, m: Matrix) -> frozenset[tuple[float, float]]:
    """Where through-holes that earlier setups made stand upright in a setup's frame."""
    found = set()
    for setup, hole in job.holes:
        along = sum(a * b for a, b in zip(m[2][:3], setup.to_setup[2][:3], strict=True))
        if hole.through and abs(abs(along) - 1) < SAME:
            x, y, _ = moved_point(m, moved_point(inverse(setup.to_setup), (hole.x_mm, hole.y_mm, 0.0)))
            found.add((round(x, 3) + 0.0, round(y, 3) + 0.0))
    return frozenset(found)

"""Finds the round holes of a solid as a drill from above sees them, also where part of their wall is missing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from geometry.drillpoints import SHOULDER_DEG
from geometry.faces import Face
from geometry.regions import circle, flatten, offset, separate, union
from model.design import Fit, Thread
from model.feature import Hole, HoleStep
from model.plan import Matrix
from model.region import Point
from pipeline.plan.formulas import drill_tip_mm
from pipeline.plan.levels import HAIR_MM, Levels

if TYPE_CHECKING:
    from manifold3d import CrossSection

NOOK_DIAMETERS, CRUMB_MM2 = (1.0, 0.8, 0.65, 0.55), 0.02
"""Radii of the circle that no nook takes in, in diameters of the hole; a piece of area that is nothing."""
UNDER_END_MM = 0.3
"""So far below its wall a hole that goes through is still as wide; tools pass its end by as much."""
SAME_MM = 1e-3
MOST_BROKEN_MM = 16.0
"""Round walls wider than this with a gap are milled as the pocket they are part of."""
BLUNT_DEG = 50.0
"""Drills are blunter than this half angle, bevels sharper."""
MORE_THAN_HALF = math.pi + 0.1
"""A wall that goes round less than this is a corner of a pocket, unless it ends in a drill's cone."""


def round_holes(faces: list[Face], levels: Levels, m: Matrix, notes: Sequence[Thread | Fit]) -> list[Hole]:
    """Round holes open upwards, each with its steps from the mouth down."""
    stacks: dict[Point, list[Face]] = {}
    for f in faces:
        if f.surface == "cylinder" and f.upright and f.concave:
            stacks.setdefault((round(f.centre[0], 3), round(f.centre[1], 3)), []).append(f)
    found: list[Hole] = []
    for at in sorted(stacks):
        cones = [f for f in faces if f.surface == "cone" and f.upright and f.concave and on_axis(f, at)]
        round_ones = [f for f in stacks[at] if _turn(f, stacks[at]) > math.tau - 1e-3]
        for walls in (stacks[at], round_ones):
            hole = _of_walls(len(found) + 1, walls, cones, levels, broken=len(walls) > len(round_ones))
            if hole is not None:
                found.append(_annotated(hole, m, notes))
                break
    return found


def _of_walls(k: int, given: list[Face], cones: list[Face], levels: Levels, *, broken: bool) -> Hole | None:
    """The hole a stack of round walls is; with gaps in its walls only where the whole drill has room and a reason."""
    if not given:
        return None
    x, y = given[0].centre[:2]
    walls = sorted({(w.z1_mm, w.z0_mm, round(w.radius_mm, 5)) for w in given}, reverse=True)
    hole = _hole(k, (x, y), walls, cones, levels)
    if hole is None or not broken:
        return hole
    partly = [f for f in given if _turn(f, given) <= math.tau - 1e-3]
    room = all((disc(x, y, s.diameter_mm - 0.02) ^ levels.above(s.bottom_z_mm)).is_empty() for s in hole.steps)
    if room and all(any(_guides(g, f) and g not in partly for g in given) for f in partly):
        return hole
    pointed = any(c.half_angle_deg > BLUNT_DEG and c.z1_mm <= hole.steps[-1].bottom_z_mm + SAME_MM for c in cones)
    drilled = pointed or max(_turn(f, given) for f in partly) > MORE_THAN_HALF
    if not drilled or not room or hole.steps[0].diameter_mm > MOST_BROKEN_MM:
        return None
    return replace(hole, broken=True)


def _guides(whole: Face, partial: Face) -> bool:
    """True when a whole wall stands above one with a gap, as wide: the drill it guides goes on down."""
    return abs(whole.radius_mm - partial.radius_mm) < SAME_MM and whole.z0_mm > partial.z0_mm


def _hole(k: int, at: Point, walls: list[tuple[float, float, float]], cones: list[Face], levels: Levels) -> Hole | None:
    x, y = at
    steps: list[HoleStep] = []
    radius, top = math.inf, walls[0][0]
    widens = False
    for z1, z0, r in walls:
        if steps and _apart(levels, x, y, min(r, radius), steps[-1].bottom_z_mm, z1):
            break  # another hole from below on the same axis
        if r > radius + SAME_MM:
            if z1 > steps[-1].bottom_z_mm + SAME_MM:
                continue  # a ring around the hole, not a widening below it
            widens = True
            break
        if steps and abs(steps[-1].diameter_mm - 2 * r) < SAME_MM:
            steps[-1] = HoleStep(2 * r, z0)
        else:
            steps[-1:] = [_shouldered(s, z1, cones) for s in steps[-1:]]
            steps.append(HoleStep(2 * r, z0))
        radius = r
    mouth = next((c for c in cones if abs(c.z0_mm - top) < SAME_MM and c.highest_nz > 0), None)
    sunk = mouth is not None and abs(mouth.half_angle_deg - 45) >= 0.1
    over = mouth.z1_mm - mouth.z0_mm if mouth is not None else 0.0
    if not (disc(x, y, steps[0].diameter_mm - 0.02) ^ levels.above(top + over)).is_empty():
        return None  # material above: another setup's hole
    if any(_filled(levels, x, y, s.diameter_mm, s.bottom_z_mm + 2 * HAIR_MM) for s in steps):
        return None  # a ring about an island: a pocket
    bottom = steps[-1].bottom_z_mm
    under = bottom <= levels.bottom_mm + SAME_MM
    below = disc(x, y, steps[-1].diameter_mm - 0.02) ^ levels.section(bottom - 2 * HAIR_MM)
    through = widens or under or (below.is_empty() and not _closes(levels, x, y, steps[-1]))
    tip = next((c for c in cones if abs(c.z1_mm - bottom) < SAME_MM), None)
    if tip is not None and not widens:
        through = tip.z0_mm <= levels.bottom_mm + SAME_MM
    angle = 2 * tip.half_angle_deg if tip is not None and not through else 180.0
    hole = Hole(f"hole-{k}", x, y, top + over, tuple(steps), through, 0.0 if sunk else over, angle)
    if mouth is None or not sunk:
        return hole
    return replace(hole, sink_mm=2 * mouth.radius_mm, sink_deg=2 * mouth.half_angle_deg)


def _shouldered(step: HoleStep, next_top_mm: float, cones: list[Face]) -> HoleStep:
    """A step with the cone a drill's point leaves between it and the next one."""
    found = (
        2 * c.half_angle_deg for c in cones
        if abs(c.z1_mm - step.bottom_z_mm) < SAME_MM and abs(c.z0_mm - next_top_mm) < SAME_MM and c.highest_nz > 0
    )  # fmt: skip
    angle = next(found, 180.0)
    return replace(step, tip_angle_deg=angle) if SHOULDER_DEG[0] <= angle <= SHOULDER_DEG[1] else step


def _apart(levels: Levels, x: float, y: float, radius: float, above: float, below: float) -> bool:
    """True when material stands between two cylinders on one axis, the upper ending where ``above`` says."""
    return above - below > SAME_MM and _filled(levels, x, y, 2 * radius, (above + below) / 2)


def _filled(levels: Levels, x: float, y: float, diameter_mm: float, z: float) -> bool:
    """True when there is material inside a hole at one height."""
    return not (disc(x, y, diameter_mm - 0.02) ^ levels.section(z)).is_empty()


def _closes(levels: Levels, x: float, y: float, last: HoleStep) -> bool:
    """True when all round the end of a wall material comes in under it: a dished or rounded floor, no way out."""
    ring = disc(x, y, last.diameter_mm - 0.02) - disc(x, y, last.diameter_mm - 0.06)
    return bool((ring - levels.section(last.bottom_z_mm - UNDER_END_MM)).area() < 0.01 * ring.area())


def _annotated(hole: Hole, m: Matrix, notes: Sequence[Thread | Fit]) -> Hole:
    """The hole with what the annotations on its axis say: its thread, as deep as it goes from here, and its fit."""
    for note in notes:
        x, y, z = moved_point(m, note.at_mm)
        if math.hypot(x - hole.x_mm, y - hole.y_mm) >= 0.01:
            continue
        if isinstance(note, Fit):
            hole = replace(hole, fit=note.name)
            continue
        down = -sum(a * b for a, b in zip(m[2][:3], note.direction, strict=True))
        depth = hole.top_z_mm - (z - note.depth_mm) if down > 0.5 else 0.0
        whole = depth <= 0 or (hole.through and hole.top_z_mm - depth <= hole.steps[-1].bottom_z_mm + SAME_MM)
        hole = replace(hole, thread=note.name, thread_depth_mm=0.0 if whole else depth)
    return hole


def _turn(f: Face, stack: list[Face]) -> float:
    """How far round the faces of one cylinder go together beside a face (rad)."""
    same = [
        g for g in stack
        if abs(g.radius_mm - f.radius_mm) < SAME_MM and min(g.z1_mm, f.z1_mm) - max(g.z0_mm, f.z0_mm) > -SAME_MM
    ]  # fmt: skip
    return sum(g.sweep_rad for g in same)


def nooks(clear: CrossSection, z_mm: float, drilled: Sequence[Hole]) -> CrossSection:
    """What only drilled holes with a gap in their wall open beside a wider opening at a height: no mill comes in.

    It is what the largest circle of :data:`NOOK_DIAMETERS` leaves that leaves nothing beyond the hole: the opening
    beside it may be hardly wider than the hole.
    """
    found = []
    for h in drilled:
        tip = drill_tip_mm(h.steps[-1].diameter_mm, h.tip_angle_deg)
        wide = max((s.diameter_mm for s in h.steps if s.bottom_z_mm - tip < z_mm + SAME_MM), default=0.0)
        if wide > 0:
            near, own = clear ^ disc(h.x_mm, h.y_mm, 6 * wide), disc(h.x_mm, h.y_mm, wide + 2 * SAME_MM)
            left = (_left_by(near, wide * share) for share in NOOK_DIAMETERS)
            narrow = next((n for n in left if _only_beside(n, own)), _left_by(near, wide))
            found.append(narrow ^ own)
    return union(found)


def _left_by(area: CrossSection, radius_mm: float) -> CrossSection:
    return area - offset(offset(area, -radius_mm), radius_mm + 2 * SAME_MM)


def _only_beside(narrow: CrossSection, own: CrossSection) -> bool:
    """True when no piece of what is narrow reaches from inside a hole to outside of it."""
    pieces = [p for p in separate(narrow) if not (p ^ own).is_empty()]
    return all((p - own).area() < CRUMB_MM2 for p in pieces)


def on_axis(f: Face, at: Point) -> bool:
    """True when a face's axis stands at a place seen from above."""
    return math.hypot(f.centre[0] - at[0], f.centre[1] - at[1]) < 2 * SAME_MM


def disc(x: float, y: float, diameter_mm: float) -> CrossSection:
    """A round area seen from above."""
    return flatten(circle(x, y, diameter_mm))


def moved_point(m: Matrix, p: tuple[float, float, float]) -> tuple[float, float, float]:
    """A point of the part's frame in the setup's."""
    x, y, z = (r[0] * p[0] + r[1] * p[1] + r[2] * p[2] + r[3] for r in m)
    return (x, y, z)

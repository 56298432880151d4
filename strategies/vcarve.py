"""V-carving: a pointed tool follows the middle of a region, as deep as its cone is wide there."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from geometry.medial import Axis, Branch, Circle, medial_axis
from geometry.regions import fit, flatten, offset
from geometry.scene import Scene
from model.errors import CapabilityError
from model.feature import VCarving
from model.plan import Operation
from model.tooling import Assembly
from model.toolpath import Move
from strategies._paths import APPROACH_MM, leave, levels, move

TOL_MM = 0.001


def toolpath(operation: Operation, assembly: Assembly, _scene: Scene) -> tuple[Move, ...]:
    """Walk the medial axis at z = -(r - t) / tan b: r is the distance to the walls, t the tip's flat, b half the angle.

    Where the region is wider than the depth allows, a lap at full depth follows the floor's rim instead; the floor
    inside is another operation's. Without a flat at the tip convex corners are cut to the very corner. Branches are
    walked to their ends and back, so the tool stays down; each pass goes one depth of cut deeper.

    Raises:
        CapabilityError: The tool's angle is another, its cone too short, or its flat too wide for the region.
    """
    feature, tool = operation.feature, assembly.tool
    if not isinstance(feature, VCarving):
        msg = f"V-carving cannot cut a {feature.kind}"
        raise CapabilityError("strategy.wrong-feature", msg, place=feature.id)
    slope = math.tan(math.radians(tool.point_angle_deg / 2))
    flat = tool.tip_diameter_mm / 2
    widest = flat + feature.depth_mm * slope
    if abs(tool.point_angle_deg - feature.point_angle_deg) > 1e-6 or flat >= tool.diameter_mm / 2:
        msg = f"{tool.id} has {tool.point_angle_deg:g} degrees, the walls slope at {feature.point_angle_deg:g}"
        raise CapabilityError("strategy.v-tool", msg, place=feature.id, hint="Use a tool of that angle.")
    axis = medial_axis(feature.region, TOL_MM)
    deepest = min(widest, max((c[2] for c in (*axis.nodes, *axis.spots)), default=0.0))
    if deepest > tool.diameter_mm / 2 + 1e-6:
        msg = f"{tool.id} is {tool.diameter_mm:g} mm wide, the carving {2 * deepest:.2f} mm"
        raise CapabilityError(
            "strategy.v-tool", msg, place=feature.id, value=round(2 * deepest, 3), limit=tool.diameter_mm,
            hint="Use a wider tool, or carve less deep.",
        )  # fmt: skip
    walks = [w for w in _walks(_clipped(axis, flat, widest)) if w] + [[c] for c in axis.spots if flat < c[2] <= widest]
    rim = fit(offset(flatten(feature.region), -widest)).contours
    if not walks and not rim:
        msg = f"{feature.id} is narrower than the flat of {tool.id} ({2 * flat:g} mm)"
        raise CapabilityError("strategy.tool-too-wide", msg, place=feature.id, hint="Use a sharper tool.")
    top, cut = operation.top_z_mm, operation.cutting
    moves: list[Move] = []
    above = top
    for z in levels(top, operation.bottom_z_mm, cut.ap_mm):
        for walk in walks:
            places = [(x, y, top - (r - flat) / slope) for x, y, r in walk]
            if above < top and min(p[2] for p in places) >= above - 1e-9:
                continue  # all of it is cut already
            moves += _line([(x, y, max(low, z)) for x, y, low in places], operation)
        for contour in rim:
            x, y = contour.start
            moves += [
                Move("rapid", x, y, operation.clearance_z_mm, intent="approach"),
                Move("line", x, y, top + APPROACH_MM, cut.feed_mm_min, "approach"),
                Move("line", x, y, z, cut.plunge_mm_min, "plunge"),
                *(move(s, z, cut.feed_mm_min, "cut") for s in contour.segments),
            ]
            moves.append(leave(moves[-1], operation.clearance_z_mm))
        above = z
    return tuple(moves)


def _line(places: Sequence[tuple[float, float, float]], operation: Operation) -> list[Move]:
    """Down at the first place, along all of them, and up; steep stretches down at plunge feed."""
    cut = operation.cutting
    (x, y, z), *rest = places
    moves = [
        Move("rapid", x, y, operation.clearance_z_mm, intent="approach"),
        Move("line", x, y, operation.top_z_mm + APPROACH_MM, cut.feed_mm_min, "approach"),
        Move("line", x, y, z, cut.plunge_mm_min, "plunge"),
    ]
    for px, py, pz in rest:
        flat = math.hypot(px - x, py - y)
        if flat < 1e-6 and abs(pz - z) < 1e-6:
            continue
        feed = cut.plunge_mm_min if z - pz > flat else cut.feed_mm_min
        moves.append(Move("line", px, py, pz, feed, "cut"))
        x, y, z = px, py, pz
    moves.append(leave(moves[-1], operation.clearance_z_mm))
    return moves


def _clipped(axis: Axis, low: float, high: float) -> list[Branch]:
    """The stretches of the axis whose circles lie between two radii; cut ends become nodes of their own."""
    fresh = len(axis.nodes)
    out: list[Branch] = []
    for branch in axis.branches:
        run: list[Circle] = []
        first = branch.ends[0]
        for a, b in pairwise(branch.circles):
            pieces = _within(a, b, low, high)
            if not pieces:
                continue
            p, q = pieces
            if not run:
                run = [p]
                if p != branch.circles[0]:
                    first, fresh = fresh, fresh + 1
            run.append(q)
            if q != b:
                out.append(Branch((first, fresh), tuple(run)))
                first, fresh, run = fresh, fresh + 1, []
        if run:
            out.append(Branch((first, branch.ends[1]), tuple(run)))
    return out


def _within(a: Circle, b: Circle, low: float, high: float) -> tuple[Circle, Circle] | None:
    """The stretch between two circles where the radius lies between low and high (it runs straight)."""
    t0, t1 = 0.0, 1.0
    rise = b[2] - a[2]
    if abs(rise) < 1e-12:
        return (a, b) if low - 1e-12 <= a[2] <= high + 1e-12 else None
    at_low, at_high = (low - a[2]) / rise, (high - a[2]) / rise
    t0, t1 = max(t0, min(at_low, at_high)), min(t1, max(at_low, at_high))
    if t1 - t0 < 1e-9:
        return None
    return (a if t0 == 0 else _at(a, b, t0)), (b if t1 == 1 else _at(a, b, t1))


def _at(a: Circle, b: Circle, t: float) -> Circle:
    return (a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1]), a[2] + t * (b[2] - a[2]))


def _walks(branches: Sequence[Branch]) -> list[list[Circle]]:
    """Each connected piece as one walk down every branch and back, long ones last; not back after the last.

    It starts at the end nearest the surface, so that the tool goes down along the groove.
    """
    at: dict[int, list[int]] = defaultdict(list)
    for k, b in enumerate(branches):
        at[b.ends[0]].append(k)
        at[b.ends[1]].append(k)
    radius = {n: c[2] for b in branches for n, c in zip(b.ends, (b.circles[0], b.circles[-1]), strict=True)}
    used: set[int] = set()
    starts = sorted(at, key=lambda n: (round(radius[n], 6), n))
    return [_walk(start, branches, at, used) for start in starts if any(k not in used for k in at[start])]


def _walk(start: int, branches: Sequence[Branch], at: dict[int, list[int]], used: set[int]) -> list[Circle]:
    """A walk over every branch reachable from a node, without recursion: letters have thousands of branches."""
    path: list[Circle] = []
    end = 0
    node = start
    back: list[tuple[int, tuple[Circle, ...]]] = []
    while True:
        k = min((k for k in at[node] if k not in used), key=lambda k: (_length(branches[k]), k), default=None)
        if k is not None:
            used.add(k)
            b = branches[k]
            ahead = b.circles if b.ends[0] == node else b.circles[::-1]
            path += ahead if not path else ahead[1:]
            end = len(path)
            back.append((node, ahead[::-1]))
            node = b.ends[1] if b.ends[0] == node else b.ends[0]
        elif back:
            node, way = back.pop()
            path += way[1:]
        else:
            return path[:end]


def _length(b: Branch) -> float:
    return sum(math.dist(p[:2], q[:2]) for p, q in pairwise(b.circles))

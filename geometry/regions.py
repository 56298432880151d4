"""Plane regions: offsets and sums by Clipper2 on fine polygons, and arcs fitted back afterwards."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from manifold3d import CrossSection, FillRule, JoinType, OpType
from numpy.typing import NDArray

from geometry.arcs import sweep
from geometry.compiled import compiled
from model.region import Contour, Point, Region, Segment, Stroke

CHORD_TOL_MM = 0.0005
FIT_TOL_MM = 0.001
_MIN_ARC_EDGES = 4
_MAX_SWEEP_RAD = math.radians(178)
_MAX_ARC_RADIUS_MM = 5000.0
_HAIR_MM = 1e-7
Points = NDArray[np.float64]


def points(contour: Contour, tol_mm: float = CHORD_TOL_MM) -> list[Point]:
    """The corners of a polygon within ``tol_mm`` of the contour (vertices lie on the arcs)."""
    out: list[Point] = []
    x0, y0 = contour.start
    for s in contour.segments:
        out.extend(chords((x0, y0), s, tol_mm))
        x0, y0 = s.x_mm, s.y_mm
    return out


def flatten(region: Region, tol_mm: float = CHORD_TOL_MM) -> CrossSection:
    """The region as polygons within ``tol_mm``."""
    return CrossSection([np.array(points(c, tol_mm)) for c in region.contours], FillRule.EvenOdd)


def offset(area: CrossSection, distance_mm: float, tol_mm: float = CHORD_TOL_MM) -> CrossSection:
    """Grow (+) or shrink (-) by ``distance_mm`` with round corners, chords within ``tol_mm``."""
    if distance_mm == 0 or area.is_empty():
        return area
    radius = abs(distance_mm)
    count = math.ceil(math.pi / math.acos(max(0.0, 1 - tol_mm / radius))) if radius > tol_mm else 8
    how = (distance_mm, JoinType.Round, 2.0, max(16, 4 * math.ceil(count / 4)))
    found = area.offset(*how)
    if found.area() <= 0:  # nothing is left, or the lowest loop is a hair and the kernel took all for turned inside out
        found = area.simplify(_HAIR_MM).offset(*how)
    return found


def union(areas: Iterable[CrossSection]) -> CrossSection:
    """Everything that lies in at least one area."""
    return CrossSection.batch_boolean(list(areas), OpType.Add)


def within(area: CrossSection, plan: Points) -> NDArray[np.bool_]:
    """True for every point (n, 2) inside an area (even-odd over all its loops)."""
    inside = np.zeros(len(plan), dtype=np.bool_)
    given = np.ascontiguousarray(plan, dtype=np.float64)
    for loop in area.to_polygons():
        _cross(np.ascontiguousarray(loop, dtype=np.float64), given, inside)
    return inside


@compiled
def _cross(corners: Points, plan: Points, inside: NDArray[np.bool_]) -> None:
    """Turn over every point from which a line to the right crosses a loop an odd number of times."""
    x0, x1 = corners[:, 0].min(), corners[:, 0].max()
    y0, y1 = corners[:, 1].min(), corners[:, 1].max()
    for k in range(len(plan)):
        x, y = plan[k, 0], plan[k, 1]
        if x < x0 or x > x1 or y < y0 or y > y1:
            continue
        bx, by = corners[-1, 0], corners[-1, 1]
        for n in range(len(corners)):
            ax, ay = bx, by
            bx, by = corners[n, 0], corners[n, 1]
            if (ay > y) != (by > y) and x < ax + (y - ay) * (bx - ax) / (by - ay):
                inside[k] = not inside[k]


def stroke_area(strokes: Sequence[Stroke], width_mm: float, tol_mm: float = CHORD_TOL_MM) -> CrossSection:
    """What a round tool of ``width_mm`` covers when its centre follows the strokes."""
    r = width_mm / 2
    count = 4 * math.ceil(math.pi / math.acos(1 - tol_mm / r) / 4)
    disc = CrossSection.circle(r, count)
    parts = []
    for stroke in strokes:
        if len(stroke.points) == 1:
            parts.append(disc.translate(stroke.points[0]))
        for a, b in zip(stroke.points, stroke.points[1:], strict=False):
            parts.append(CrossSection.batch_hull([disc.translate(a), disc.translate(b)]))
    return union(parts)


def bounds(region: Region) -> tuple[float, float, float, float]:
    """The upright box (x0, y0, x1, y1) of a region that is not empty."""
    box = flatten(region).bounds()
    return (float(box[0]), float(box[1]), float(box[2]), float(box[3]))


def rectangle(x0: float, y0: float, x1: float, y1: float) -> Region:
    """An upright rectangle."""
    corners = ((x1, y0), (x1, y1), (x0, y1), (x0, y0))
    return Region((Contour(tuple(Segment(x, y) for x, y in corners)),))


def circle(x: float, y: float, diameter_mm: float) -> Region:
    """A disc, bounded by two half arcs."""
    r = diameter_mm / 2
    return Region((Contour((Segment(x - r, y, 1, x, y), Segment(x + r, y, 1, x, y))),))


def separate(area: CrossSection) -> list[CrossSection]:
    """The pieces of an area that do not touch; none of an empty one, which the kernel takes for one empty piece."""
    return [piece for piece in area.decompose() if not piece.is_empty()]


def widest_radius(area: CrossSection, share: float = 0.1) -> float:
    """Radius of the largest disc inside an area, to a ``share`` of it."""
    low, high = 0.0, math.sqrt(area.area())
    while high - low > share * high:
        mid = (low + high) / 2
        low, high = (low, mid) if offset(area, -mid, 0.05).is_empty() else (mid, high)
    return low


def fit(area: CrossSection, tol_mm: float = FIT_TOL_MM) -> Region:
    """Polygons back to lines and arcs, every vertex within ``tol_mm`` of its arc.

    Greedy longest-arc fit; the ends of segments are vertices of the polygon, so nothing drifts.
    Outer contours stay counter-clockwise and holes clockwise.
    """
    loops = [_merged(np.asarray(p, dtype=np.float64)) for p in area.to_polygons()]
    contours = [fit_contour(loop, tol_mm) for loop in loops if len(loop) > 2]  # fewer: a hair without area
    contours.sort(key=lambda c: (round(c.start[0], 6), round(c.start[1], 6), len(c.segments)))
    return Region(tuple(contours))


def fit_contour(loop: Points, tol_mm: float = FIT_TOL_MM) -> Contour:
    """One closed polygon (n, 2) to lines and arcs, starting at a corner or the end of a long edge."""
    loop = _merged(loop)
    round_one = _circle_of(loop, tol_mm)
    if round_one is not None:
        cx, cy, r = round_one
        turn = 1 if _area(loop) > 0 else -1
        return Contour((Segment(cx - r, cy, turn, cx, cy), Segment(cx + r, cy, turn, cx, cy)))
    loop = np.roll(loop, -_first_break(loop), axis=0)
    closed = np.vstack([loop, loop[:1]])
    out: list[Segment] = []
    i, last = 0, len(closed) - 1
    while i < last:
        j, arc = _longest_arc(closed, i, last, tol_mm)
        x, y = (float(v) for v in closed[j])
        out.append(Segment(x, y) if arc is None else Segment(x, y, arc[2], arc[0], arc[1]))
        i = j
    return Contour(tuple(out))


def chords(start: Point, s: Segment, tol_mm: float) -> list[Point]:
    """The corners of a polyline within ``tol_mm`` of one segment, its start left out."""
    if s.turn == 0:
        return [(s.x_mm, s.y_mm)]
    r = math.hypot(s.x_mm - s.cx_mm, s.y_mm - s.cy_mm)
    angle = sweep(start, s)
    step = 2 * math.acos(max(-1.0, 1 - tol_mm / r)) if r > tol_mm else math.pi / 2
    count = max(1, math.ceil(abs(angle) / step))
    a0 = math.atan2(start[1] - s.cy_mm, start[0] - s.cx_mm)
    mid = [a0 + angle * k / count for k in range(1, count)]
    return [(s.cx_mm + r * math.cos(a), s.cy_mm + r * math.sin(a)) for a in mid] + [(s.x_mm, s.y_mm)]


def _area(loop: Points) -> float:
    x, y = loop[:, 0], loop[:, 1]
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)) / 2


def _merged(loop: Points, tol_mm: float = 1e-6) -> Points:
    """Drop repeated corners and those on a straight line; of neighbours one at a time, for the other may bend it."""
    loop = loop[np.linalg.norm(loop - np.roll(loop, 1, axis=0), axis=1) > tol_mm]
    while True:
        before, after = loop - np.roll(loop, 1, axis=0), np.roll(loop, -1, axis=0) - loop
        cross = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
        span = np.linalg.norm(before + after, axis=1)
        straight = np.abs(cross) <= tol_mm * np.maximum(span, tol_mm) * 0.1
        if straight.all():
            return loop[:0]
        dropped = straight & ~np.roll(straight, 1)
        if not dropped.any():
            return loop
        loop = loop[~dropped]


def _circle_of(loop: Points, tol_mm: float) -> tuple[float, float, float] | None:
    """Centre and radius when every corner lies on one circle and the edges are its chords."""
    if len(loop) < 3 * _MIN_ARC_EDGES:
        return None
    a = np.column_stack([2 * loop, np.ones(len(loop))])
    solution, *_ = np.linalg.lstsq(a, (loop**2).sum(axis=1), rcond=None)
    cx, cy = float(solution[0]), float(solution[1])
    radii = np.hypot(loop[:, 0] - cx, loop[:, 1] - cy)
    r = float(radii.mean())
    middle = (loop + np.roll(loop, -1, axis=0)) / 2
    sagitta = r - np.hypot(middle[:, 0] - cx, middle[:, 1] - cy)
    if np.abs(radii - r).max() > tol_mm or sagitta.max() > 3 * tol_mm:
        return None
    even = (round(cx, 3), round(cy, 3), round(r, 3))
    off = np.abs(np.hypot(loop[:, 0] - even[0], loop[:, 1] - even[1]) - even[2]).max()
    return even if off <= tol_mm else (cx, cy, r)


def _first_break(loop: Points) -> int:
    """The corner with the sharpest turn: an arc may start there, none runs through it."""
    before, after = loop - np.roll(loop, 1, axis=0), np.roll(loop, -1, axis=0) - loop
    cross = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
    dot = (before * after).sum(axis=1)
    sharp = np.round(np.abs(np.arctan2(cross, dot)), 9)
    longest = np.round(np.maximum(np.linalg.norm(before, axis=1), np.linalg.norm(after, axis=1)), 6)
    if sharp.max() > math.radians(20):
        return int(np.argmax(sharp))
    return int(np.argmax(longest))


def _longest_arc(pts: Points, i: int, last: int, tol_mm: float) -> tuple[int, tuple[float, float, int] | None]:
    """The farthest j such that corners i..j lie on one arc; (i + 1, None) when a line is right."""
    good, best = i + 1, None
    step, j = _MIN_ARC_EDGES, i + _MIN_ARC_EDGES
    while j <= last:
        arc = _arc_through(pts[i : j + 1], tol_mm)
        if arc is None:
            break
        good, best = j, arc
        step *= 2
        j = i + step if i + step <= last or j == last else last
    lo, hi = good, min(j, last)
    if best is None:
        return good, None
    while hi - lo > 1:
        mid = (lo + hi) // 2
        arc = _arc_through(pts[i : mid + 1], tol_mm)
        if arc is None:
            hi = mid
        else:
            lo, best = mid, arc
    return lo, best


def _arc_through(pts: Points, tol_mm: float) -> tuple[float, float, int] | None:
    """Centre and turn of an arc through the first and last corner and near all between."""
    a, b = pts[0], pts[-1]
    m = pts[len(pts) // 2]
    ab, am = b - a, m - a
    cross = float(ab[0] * am[1] - ab[1] * am[0])
    if abs(cross) < 1e-9:
        return None
    k = float(am @ ab - am @ am) / (2 * cross)
    centre = (a + b) / 2 + k * np.array([ab[1], -ab[0]])
    rel = pts - centre
    r = float(np.hypot(*rel[0]))
    if r > _MAX_ARC_RADIUS_MM or np.abs(np.hypot(rel[:, 0], rel[:, 1]) - r).max() > tol_mm:
        return None
    turns = rel[:-1, 0] * rel[1:, 1] - rel[:-1, 1] * rel[1:, 0]
    if not (np.all(turns > 0) or np.all(turns < 0)):
        return None
    edges = np.hypot(*(pts[1:] - pts[:-1]).T)
    if float((edges**2).max()) / (8 * r) > 3 * tol_mm:
        return None
    angle = float(np.sum(np.arcsin(np.clip(turns / (r * r), -1, 1))))
    if abs(angle) > _MAX_SWEEP_RAD:
        return None
    turn = 1 if angle > 0 else -1
    even = _with_even_radius(pts, centre, r, tol_mm)
    return float(even[0]), float(even[1]), turn


def _with_even_radius(pts: Points, centre: Points, r: float, tol_mm: float) -> Points:
    """The centre of an arc through the same ends whose radius is a round number, where that fits as well."""
    chord = pts[-1] - pts[0]
    half = float(np.hypot(*chord)) / 2
    for digits in (2, 3):
        even = round(r, digits)
        if even <= half:
            continue
        middle = (pts[0] + pts[-1]) / 2
        side = centre - middle
        size = float(np.hypot(*side))
        if size < 1e-9:
            break
        moved = middle + side / size * math.sqrt(even * even - half * half)
        if np.abs(np.hypot(*(pts - moved).T) - even).max() <= tol_mm / 2:
            return np.asarray(moved)
    return centre

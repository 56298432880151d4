"""The medial axis of a plane region: the middles of all circles that touch its boundary twice, with their radii."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geometry.regions import flatten, separate
from model.region import Point, Region

GRID_PER_MM = 100_000.0
"""The diagram is built on whole steps of 0.00001 mm."""

ARC_TOL_MM = 0.002
SAME_MM = 0.001
LOST_MM = 0.003
"""Branches into corners so flat that without them less than this stays are left out: corners of chords of arcs."""

Circle = tuple[float, float, float]
"""Centre and radius (mm)."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A stretch of the axis between two nodes: between neighbouring circles position and radius run straight."""

    ends: tuple[int, int]
    circles: tuple[Circle, ...]


@dataclass(frozen=True, slots=True)
class Axis:
    """The axis: its nodes, its branches, and ``spots``, the widest circles of areas that have no branch (discs)."""

    nodes: tuple[Circle, ...]
    branches: tuple[Branch, ...]
    spots: tuple[Circle, ...]


def medial_axis(region: Region, tol_mm: float = 0.001) -> Axis:
    """The axis inside a region, from the Voronoi diagram of its boundary (arcs as chords within ``ARC_TOL_MM``).

    Branches run into every convex corner, where the radius is 0, but those worth less than ``LOST_MM``.
    Positions and radii between the circles of a branch are within ``tol_mm``.
    """
    import pyvoronoi
    import shapely

    pieces = [[_on_grid(p) for p in piece.to_polygons()] for piece in separate(flatten(region, ARC_TOL_MM))]
    rings = [ring for piece in pieces for ring in piece]
    walls = [(a, b) for ring in rings for a, b in zip(ring, [*ring[1:], ring[0]], strict=True) if a != b]
    if not walls:
        return Axis((), (), ())
    diagram = pyvoronoi.Pyvoronoi(GRID_PER_MM)
    for a, b in walls:
        diagram.AddSegment([a, b])
    diagram.Construct()
    corners = [(float(v.X), float(v.Y)) for v in diagram.GetVertices()]
    cells = diagram.GetCells()
    ways: list[tuple[tuple[Point, Point], list[Site], Point]] = []
    edges = diagram.GetEdges()
    for k, edge in enumerate(edges):
        if k > edge.twin or not edge.is_primary or edge.start < 0 or edge.end < 0:
            continue
        ends = corners[edge.start], corners[edge.end]
        sites = [_site(cells[c], walls) for c in (edge.cell, edges[edge.twin].cell)]
        ways.append((ends, sites, _middle(ends, sites)))
    solid = shapely.MultiPolygon([shapely.Polygon(outer, holes) for outer, *holes in pieces])
    shapely.prepare(solid)
    inside = shapely.contains_xy(solid, *np.array([middle for *_, middle in ways]).T)
    # Only inside: an edge outside may run on for metres, past a corner a hair from a wall.
    found = []
    for (ends, sites, middle), within in zip(ways, inside.tolist(), strict=True):
        if within:
            circles = _branch(ends, sites, tol_mm)
            found.append((circles, _worth(middle, circles, sites)))
    return _graph(found)


Site = tuple[Point, Point]
"""A wall from its start to its end; a corner has both in one place."""


def _on_grid(ring: NDArray[np.float64]) -> list[Point]:
    return [(round(float(x) * GRID_PER_MM) / GRID_PER_MM, round(float(y) * GRID_PER_MM) / GRID_PER_MM) for x, y in ring]


def _site(cell: object, walls: list[Site]) -> Site:
    """The wall or corner a cell belongs to."""
    a, b = walls[cell.site]  # type: ignore[attr-defined]
    if cell.contains_segment:  # type: ignore[attr-defined]
        return a, b
    at = a if cell.source_category == START_POINT else b  # type: ignore[attr-defined]
    return at, at


START_POINT = 1
"""Boost's word for a cell around the start of a segment."""


def _nearest(p: Point, site: Site) -> Point:
    (ax, ay), (bx, by) = site
    dx, dy = bx - ax, by - ay
    size = dx * dx + dy * dy
    t = min(max(((p[0] - ax) * dx + (p[1] - ay) * dy) / size, 0.0), 1.0) if size else 0.0
    return (ax + t * dx, ay + t * dy)


def _radius(p: Point, sites: list[Site]) -> float:
    """The mean distance to both sites (they agree to the grid's step)."""
    return sum(math.dist(p, _nearest(p, s)) for s in sites) / len(sites)


def _worth(p: Point, circles: tuple[Circle, ...], sites: list[Site]) -> bool:
    """True when the corner at the branch's end would keep r (1 / cos(a / 2) - 1) without it, the walls a apart."""
    (ax, ay), (bx, by) = (_nearest(p, s) for s in sites)
    turn = abs(math.remainder(math.atan2(ay - p[1], ax - p[0]) - math.atan2(by - p[1], bx - p[0]), math.tau))
    half = max(math.cos(turn / 2), 1e-9)
    return max(circles[0][2], circles[-1][2]) * (1 / half - 1) >= LOST_MM


def _branch(ends: tuple[Point, Point], sites: list[Site], tol: float) -> tuple[Circle, ...]:
    """The circles along one edge of the diagram, close enough that between them everything runs straight.

    Between two walls it is straight already; between a corner and a wall it is a parabola, y = t^2 / 2d + d / 2
    over the wall; between two corners a line whose radius is a hyperbola. Both bend by less than 1 / d.
    """
    corners = [s for s in sites if s[0] == s[1]]
    if not corners:
        return tuple((*p, _radius(p, sites)) for p in ends)
    other = next((s for s in sites if s is not corners[0]), corners[0])
    foot = _line_foot(corners[0][0], other)
    d = max(math.dist(corners[0][0], foot) * (1.0 if len(corners) == 1 else 0.5), 1e-3)
    count = max(1, math.ceil(math.dist(*ends) / math.sqrt(8 * d * tol)))
    shares = [k / count for k in range(count + 1)]
    if len(corners) == 2:
        spots = [
            (ends[0][0] + s * (ends[1][0] - ends[0][0]), ends[0][1] + s * (ends[1][1] - ends[0][1])) for s in shares
        ]
    else:
        spots = [ends[0], *_parabola(ends, corners[0][0], other, shares[1:-1]), ends[1]]
    return tuple((*p, _radius(p, sites)) for p in spots)


def _middle(ends: tuple[Point, Point], sites: list[Site]) -> Point:
    """A place about half way along one edge of the diagram."""
    corners = [s for s in sites if s[0] == s[1]]
    if len(corners) == 1:
        wall = next(s for s in sites if s is not corners[0])
        bent = _parabola(ends, corners[0][0], wall, [0.5])
        if bent:
            return bent[0]
    return ((ends[0][0] + ends[1][0]) / 2, (ends[0][1] + ends[1][1]) / 2)


def _line_foot(p: Point, site: Site) -> Point:
    (ax, ay), (bx, by) = site
    dx, dy = bx - ax, by - ay
    size = dx * dx + dy * dy
    t = ((p[0] - ax) * dx + (p[1] - ay) * dy) / size if size else 0.0
    return (ax + t * dx, ay + t * dy)


def _parabola(ends: tuple[Point, Point], focus: Point, wall: Site, shares: list[float]) -> list[Point]:
    """Points as far from the focus as from the wall's line, over evenly spread places of the wall."""
    foot = _line_foot(focus, wall)
    d = math.dist(focus, foot)
    if d < 1e-6:
        return []
    ny = ((focus[0] - foot[0]) / d, (focus[1] - foot[1]) / d)
    nx = (ny[1], -ny[0])
    t0, t1 = ((e[0] - foot[0]) * nx[0] + (e[1] - foot[1]) * nx[1] for e in ends)
    found = []
    for s in shares:
        t = t0 + s * (t1 - t0)
        y = (t * t + d * d) / (2 * d)
        found.append((foot[0] + t * nx[0] + y * ny[0], foot[1] + t * nx[1] + y * ny[1]))
    return found


def _graph(found: list[tuple[tuple[Circle, ...], bool]]) -> Axis:
    """Nodes by place, closer than ``SAME_MM`` one; branches kept where the walls lie apart; else the widest circle."""
    found = sorted(found, key=lambda f: (f[0][0], f[0][-1]))
    places = sorted({(c[0], c[1]): c for circles, _ in found for c in (circles[0], circles[-1])}.values())
    number = {(c[0], c[1]): k for k, c in enumerate(places)}
    same, joined = list(range(len(places))), list(range(len(places)))
    for circles, _ in found:
        a, b = (number[c[0], c[1]] for c in (circles[0], circles[-1]))
        _join(joined, a, b)
        if math.dist(circles[0][:2], circles[-1][:2]) < SAME_MM:
            _join(same, a, b)
    branches = []
    for circles, kept in found:
        a, b = (_root(same, number[c[0], c[1]]) for c in (circles[0], circles[-1]))
        if kept and (a != b or len(circles) > 2):
            branches.append(Branch((a, b), circles))
    served = {_root(joined, b.ends[0]) for b in branches}
    widest: dict[int, Circle] = {}
    for k, c in enumerate(places):
        r = _root(joined, k)
        if r not in served and (r not in widest or c[2] > widest[r][2]):
            widest[r] = c
    return Axis(tuple(places), tuple(branches), tuple(widest[k] for k in sorted(widest)))


def _root(group: list[int], k: int) -> int:
    while group[k] != k:
        group[k] = group[group[k]]
        k = group[k]
    return k


def _join(group: list[int], a: int, b: int) -> None:
    a, b = _root(group, a), _root(group, b)
    group[max(a, b)] = min(a, b)

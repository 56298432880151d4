"""Where sharp edges may be broken: the solid shows them sharp, the plan takes a narrow bevel off them."""

from __future__ import annotations

import math

import numpy as np

from geometry.regions import points as outline
from model.feature import Edges
from model.plan import Setup
from model.tooling import Assembly
from pipeline.verify.shapes import Floats

MOST_MM = 0.5
"""A wider bevel is a chamfer, which the solid must have (edges broken by hand or brush stay below, ISO 13715)."""
SIDE_MM = 0.005
CHORD_MM = 0.002
BATCH = 20_000


def edge_slack(points: Floats, setup: Setup, tools: tuple[Assembly, ...]) -> Floats:
    """How much further than each point (of the setup's frame) pointed tools may cut (mm); 0 off every edge to break.

    A bevel ``width_mm`` wide goes width over tan(half the tool's angle) down. It is allowed on the part's side of the
    operation's own edge only, and none wider than 0.5 mm.
    """
    allowed = np.zeros(len(points))
    cutters = {a.number: a.tool for a in tools}
    for operation in setup.operations:
        edges = operation.feature
        if operation.strategy != "deburr" or not isinstance(edges, Edges) or edges.width_mm > MOST_MM:
            continue
        wide = edges.width_mm
        down = wide / math.tan(math.radians(cutters[operation.tool_number].point_angle_deg) / 2)
        near = np.flatnonzero((points[:, 2] <= edges.z_mm + SIDE_MM) & (points[:, 2] >= edges.z_mm - down - SIDE_MM))
        for contour in edges.edge.contours:
            corners = np.array(outline(contour, CHORD_MM))
            low, high = corners.min(axis=0) - wide - SIDE_MM, corners.max(axis=0) + wide + SIDE_MM
            inside = ((points[near, :2] >= low) & (points[near, :2] <= high)).all(axis=1)
            picked = near[inside]
            for first in range(0, len(picked), BATCH):
                some = picked[first : first + BATCH]
                off = _into_part(points[some, :2], corners)
                deep = np.maximum(edges.z_mm - points[some, 2], 0.0)
                slack = (1.0 - np.maximum(off, 0.0) / wide - deep / down) * wide * down / math.hypot(wide, down)
                allowed[some] = np.maximum(allowed[some], np.where(off >= -SIDE_MM, slack, 0.0))
    return allowed


def _into_part(spots: Floats, corners: Floats) -> Floats:
    """How far each spot lies to the left of the nearest stretch of a closed line (negative: right of it)."""
    best = np.full(len(spots), np.inf)
    found = np.zeros(len(spots))
    for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        way = b - a
        length2 = float(way @ way)
        if length2 == 0.0:
            continue
        share = np.clip(((spots - a) @ way) / length2, 0.0, 1.0)
        off = spots - a - share[:, None] * way
        distance = np.hypot(off[:, 0], off[:, 1])
        side = np.where(way[0] * off[:, 1] - way[1] * off[:, 0] >= 0.0, 1.0, -1.0)
        nearer = distance < best
        best = np.where(nearer, distance, best)
        found = np.where(nearer, side * distance, found)
    return found

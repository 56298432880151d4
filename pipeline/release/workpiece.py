"""What lies on the machine when a setup begins: the raw blank, or the part as the setups before have left it."""

from __future__ import annotations

import math

from model.feature import Outline
from model.plan import Box, Matrix, ProcessPlan, Setup
from model.region import Region, Segment

Point3 = tuple[float, float, float]


def work_boxes(plan: ProcessPlan, setup: Setup, part_mm: Point3) -> tuple[Box, ...]:
    """The work as upright boxes in the setup's frame (mm), the one that is held first.

    Before an outline is cut that is the blank; afterwards the finished outline's box, and what of the blank still
    stands above it. From the third setup on nothing of the blank is left round the part, whose size is ``part_mm``
    along its own axes; its low corner is the zero there.
    """
    if setup in plan.setups[2:]:
        x, y, z = (sum(abs(row[k]) * part_mm[k] for k in range(3)) for row in setup.to_setup)
        return (Box(0.0, 0.0, 0.0, x, y, z),)
    for before in plan.setups:
        if before.index >= setup.index:
            break
        for operation in before.operations:
            if isinstance(operation.feature, Outline):
                x0, y0, x1, y1 = bounds(operation.feature.region)
                low, high = operation.bottom_z_mm, operation.feature.top_z_mm
                body = _carried(Box(x0, y0, low, x1, y1, high), before.to_setup, setup.to_setup)
                return (body, *_rest(setup.stock_box, body))
    return (setup.stock_box,)


def bounds(region: Region) -> tuple[float, float, float, float]:
    """The upright box (x0, y0, x1, y1) around a region, its arcs as far as they reach."""
    places: list[tuple[float, float]] = []
    for contour in region.contours:
        x, y = contour.start
        for s in contour.segments:
            places += [(s.x_mm, s.y_mm), *(_furthest(x, y, s) if s.turn else ())]
            x, y = s.x_mm, s.y_mm
    xs, ys = zip(*places, strict=True)
    return (min(xs), min(ys), max(xs), max(ys))


def _furthest(x: float, y: float, arc: Segment) -> list[tuple[float, float]]:
    """The points of an arc that begins at (x, y) where it reaches furthest along the axes."""
    r = math.hypot(x - arc.cx_mm, y - arc.cy_mm)
    start, end = (math.atan2(b - arc.cy_mm, a - arc.cx_mm) for a, b in ((x, y), (arc.x_mm, arc.y_mm)))
    swept = (end - start) * arc.turn % math.tau or math.tau
    ways = ((1, 0), (0, 1), (-1, 0), (0, -1))
    return [
        (arc.cx_mm + a * r, arc.cy_mm + b * r)
        for a, b in ways
        if (math.atan2(b, a) - start) * arc.turn % math.tau < swept
    ]


def _carried(box: Box, before: Matrix, after: Matrix) -> Box:
    """A box of one setup's frame in another's."""
    corners = [
        moved(back((x, y, z), before), after)
        for x in (box.x0_mm, box.x1_mm)
        for y in (box.y0_mm, box.y1_mm)
        for z in (box.z0_mm, box.z1_mm)
    ]
    low, high = (tuple(pick(c[i] for c in corners) for i in range(3)) for pick in (min, max))
    return Box(low[0], low[1], low[2], high[0], high[1], high[2])


def moved(point: Point3, to: Matrix) -> Point3:
    """A point of the part's frame in a setup's."""
    x, y, z = (sum(row[k] * point[k] for k in range(3)) + row[3] for row in to)
    return (x, y, z)


def back(point: Point3, to: Matrix) -> Point3:
    """A point of a setup's frame in the part's: the rotation's rows are its inverse's columns."""
    away = [point[i] - to[i][3] for i in range(3)]
    x, y, z = (sum(to[i][k] * away[i] for i in range(3)) for k in range(3))
    return (x, y, z)


def _rest(stock: Box, body: Box) -> list[Box]:
    """What of the blank is left above the body (below it, the face has been cut)."""
    if stock.z1_mm - body.z1_mm < 1e-6:
        return []
    return [Box(stock.x0_mm, stock.y0_mm, body.z1_mm, stock.x1_mm, stock.y1_mm, stock.z1_mm)]

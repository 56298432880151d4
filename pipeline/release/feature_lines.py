"""Draws what is cut: the lines of features on a face of the work, as SVG."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from model.feature import Chamfer, Edges, EngravedStrokes, Feature, Hole, Pocket
from model.plan import Setup
from model.region import Region

Point = tuple[float, float]

INK = "#1d2733"
PART = "#0b57a4"
DONE = "#7a8490"
DOWEL = "#8d949e"
RED = "#d02f2f"


def features(setup: Setup, flat: Callable[[float, float], Point]) -> list[str]:
    """What will be cut in this setup, drawn on top of the stock."""
    out: list[str] = []
    for one in {o.feature.id: o.feature for o in setup.operations}.values():
        out += feature(one, flat)
    return out + _dowels(setup, flat)


def _dowels(setup: Setup, flat: Callable[[float, float], Point]) -> list[str]:
    """Where dowels stand in the work."""
    boxes = setup.fixture.obstacles if setup.fixture.kind != "vise" else ()
    return [
        polygon(
            [
                flat((b.x0_mm + b.x1_mm + (b.x1_mm - b.x0_mm) * math.cos(a)) / 2,
                     (b.y0_mm + b.y1_mm + (b.y1_mm - b.y0_mm) * math.sin(a)) / 2)
                for a in _TURN
            ],
            DOWEL,
        )
        for b in boxes
    ]  # fmt: skip


def feature(shown: Feature, flat: Callable[[float, float], Point], colour: str = PART) -> list[str]:
    """The lines of one feature."""
    if isinstance(shown, Hole):
        return [
            _path(
                [flat(shown.x_mm + r * math.cos(a), shown.y_mm + r * math.sin(a)) for a in _TURN],
                colour,
                closed=True,
            )
            for r in sorted({step.diameter_mm / 2 for step in shown.steps})
        ]
    if isinstance(shown, EngravedStrokes):
        return [
            _path([flat(*p) for p in stroke.points], colour if colour == DONE else RED, closed=False)
            for stroke in shown.strokes
        ]
    region = _region_of(shown)
    return [
        _path([flat(*p) for p in _points(contour_region)], colour, closed=True) for contour_region in _split(region)
    ]


def _region_of(feature: Feature) -> Region:
    if isinstance(feature, Pocket):
        return feature.floor
    if isinstance(feature, Chamfer | Edges | Hole | EngravedStrokes):
        return Region()  # edges are already drawn, holes and strokes have their own way
    return feature.region


_TURN = [2 * math.pi * i / 36 for i in range(36)]


def _split(region: Region) -> list[Region]:
    return [Region((contour,)) for contour in region.contours]


def _points(region: Region) -> list[Point]:
    """One contour as points, arcs in steps of ten degrees."""
    contour = region.contours[0]
    points: list[Point] = []
    x, y = contour.start
    for segment in contour.segments:
        if segment.turn:
            radius = math.hypot(x - segment.cx_mm, y - segment.cy_mm)
            a0 = math.atan2(y - segment.cy_mm, x - segment.cx_mm)
            a1 = math.atan2(segment.y_mm - segment.cy_mm, segment.x_mm - segment.cx_mm)
            sweep = (a1 - a0) * segment.turn % (2 * math.pi)
            steps = max(1, math.ceil(sweep / math.radians(10)))
            angles = [a0 + segment.turn * sweep * i / steps for i in range(1, steps)]
            points += [(segment.cx_mm + radius * math.cos(a), segment.cy_mm + radius * math.sin(a)) for a in angles]
        x, y = segment.x_mm, segment.y_mm
        points.append((x, y))
    return points


def _path(points: list[Point], colour: str, *, closed: bool) -> str:
    text = "M" + " L".join(f"{x:.2f} {y:.2f}" for x, y in points) + (" Z" if closed else "")
    return f'<path d="{text}" fill="none" stroke="{colour}" stroke-width="0.8" stroke-linejoin="round"/>'


def polygon(points: Iterable[Point], fill: str) -> str:
    """A filled polygon with a thin edge."""
    text = " ".join(f"{x:.2f},{y:.2f}" for x, y in points)
    return f'<polygon points="{text}" fill="{fill}" stroke="{INK}" stroke-width="0.6" stroke-linejoin="round"/>'

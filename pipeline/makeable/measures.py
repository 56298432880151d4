"""What the rules of manufacturability measure on a solid: each number with the place it was found at."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from geometry import solids
from geometry.bores import SAME_MM, Bore, bores, corners, dot, open_ends, pins
from geometry.solids import Shape
from geometry.thinness import thinnest_wall
from model.design import Engraving, Fit, Part, Thread, Vector
from model.rule import Measure, Rule
from model.thread import metric
from model.tooling import ShopData

STRAIGHT = 0.999
UP: Vector = (0.0, 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Reading:
    """One number measured on a part, where (in the part's frame), and the way out of the material there."""

    value: float
    spot_mm: Vector
    facing: Vector


@dataclass(frozen=True, slots=True)
class Body:
    """A part's solid, opened once, with its round holes."""

    part: Part
    shape: Shape
    holes: tuple[Bore, ...]


def opened(part: Part) -> Body:
    """A part, ready to be measured."""
    shape = solids.load(part.brep)
    return Body(part, shape, bores(shape))


def readings(body: Body, rule: Rule, shop: ShopData) -> Iterator[Reading]:
    """Every number a rule's measure finds on a part; none where the part has nothing of the kind."""
    yield from MEASURES[rule.measure](body, rule, shop)


def _mouth(one: Bore) -> tuple[Vector, Vector]:
    """The upper end of an axis and the way out there."""
    x, y, z = one.way
    return (one.end, one.way) if z >= 0 else (one.start, (-x, -y, -z))


def _corners(body: Body, _rule: Rule, _shop: ShopData) -> Iterator[Reading]:
    for one in corners(body.shape):
        yield Reading(math.dist(one.start, one.end) / (one.diameter_mm / 2), *_mouth(one))


def _hole_diameters(body: Body, _rule: Rule, _shop: ShopData) -> Iterator[Reading]:
    for one in body.holes:
        yield Reading(one.diameter_mm, *_mouth(one))


def _hole_depths(body: Body, _rule: Rule, _shop: ShopData) -> Iterator[Reading]:
    for one in body.holes:
        yield Reading(math.dist(one.start, one.end) / one.diameter_mm, *_mouth(one))


def _off_drills(body: Body, _rule: Rule, shop: ShopData) -> Iterator[Reading]:
    """Plain holes against the drills of the shop; what is wider than any drill is milled anyway."""
    drills = sorted({t.diameter_mm for t in shop.tools.values() if t.kind == "drill"})
    for one in body.holes:
        named = any(_on(one, n) for n in body.part.annotations if isinstance(n, Thread | Fit))
        if not named and drills and one.diameter_mm <= drills[-1]:
            yield Reading(min(abs(d - one.diameter_mm) for d in drills), *_mouth(one))


def _on(one: Bore, note: Thread | Fit) -> bool:
    return one.off_axis_mm(note.at_mm) < SAME_MM and abs(dot(one.way, note.direction)) > STRAIGHT


def _threads(body: Body) -> Iterator[tuple[Thread, float]]:
    """Metric threads with their nominal diameter (mm)."""
    for note in (n for n in body.part.annotations if isinstance(n, Thread)):
        size = metric(note.name)
        if size is not None:
            yield note, size.major_mm


def _blind_threads(body: Body) -> Iterator[tuple[Thread, float, float]]:
    """Threads with their diameter and the depth of their bore, where that does not go through."""
    for note, size in _threads(body):
        for one in (b for b in body.holes if _on(b, note)):
            if not all(open_ends(body.shape, one)):
                yield note, size, math.dist(one.start, one.end)


def _thread_depths(body: Body, _rule: Rule, _shop: ShopData) -> Iterator[Reading]:
    for note, size, _ in _blind_threads(body):
        yield Reading(note.depth_mm / size, note.at_mm, _out(note))


def _thread_ends(body: Body, _rule: Rule, _shop: ShopData) -> Iterator[Reading]:
    for note, size, deep in _blind_threads(body):
        yield Reading((deep - note.depth_mm) / size, note.at_mm, _out(note))


def _thread_sizes(body: Body, _rule: Rule, _shop: ShopData) -> Iterator[Reading]:
    for note, size in _threads(body):
        yield Reading(size, note.at_mm, _out(note))


def _out(note: Thread) -> Vector:
    x, y, z = note.direction
    return (-x, -y, -z)


def _engraved(body: Body) -> Iterator[tuple[Engraving, Vector]]:
    for note in body.part.annotations:
        if isinstance(note, Engraving) and note.strokes:
            x, y = note.strokes[0].points[0]
            yield note, (x, y, note.z_mm)


def _stroke_widths(body: Body, _rule: Rule, _shop: ShopData) -> Iterator[Reading]:
    for note, spot in _engraved(body):
        yield Reading(note.width_mm, spot, UP)


def _stroke_depths(body: Body, _rule: Rule, _shop: ShopData) -> Iterator[Reading]:
    for note, spot in _engraved(body):
        yield Reading(note.depth_mm, spot, UP)


def _side(place: int) -> Callable[[Body, Rule, ShopData], Iterator[Reading]]:
    def measured(body: Body, _rule: Rule, _shop: ShopData) -> Iterator[Reading]:
        low, high = solids.box(body.shape)
        sides = sorted(b - a for a, b in zip(low, high, strict=True))
        yield Reading(sides[place], (high[0], low[1], (low[2] + high[2]) / 2), (0.0, -1.0, 0.0))

    return measured


def _pins(body: Body, _rule: Rule, _shop: ShopData) -> Iterator[Reading]:
    for one in pins(body.shape):
        yield Reading(one.diameter_mm, *_mouth(one))


def _walls(body: Body, rule: Rule, _shop: ShopData) -> Iterator[Reading]:
    found = thinnest_wall(body.shape, rule.limit)
    if found is not None:
        yield Reading(found[0], found[1], UP)


MEASURES: Mapping[Measure, Callable[[Body, Rule, ShopData], Iterator[Reading]]] = {
    "corner-slenderness": _corners, "hole-diameter": _hole_diameters, "hole-slenderness": _hole_depths,
    "drill-gap": _off_drills, "thread-slenderness": _thread_depths, "thread-runout": _thread_ends,
    "thread-diameter": _thread_sizes, "stroke-width": _stroke_widths, "stroke-depth": _stroke_depths,
    "least-side": _side(0), "second-side": _side(1), "pin-diameter": _pins, "wall": _walls,
}  # fmt: skip

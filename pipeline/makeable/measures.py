"""What the rules of manufacturability measure on a solid: each number with the place it was found at."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from geometry import solids
from geometry.bores import SAME_MM, Bore, bores, corners, dot, open_ends, pins
from geometry.cavities import Cavity, cavities
from geometry.fillets import feet, outer_edges
from geometry.hidden import Overhangs, overhangs, undercuts
from geometry.regions import offset, stroke_area
from geometry.slabs import Stack, stacks
from geometry.solids import Shape
from geometry.thinness import thin, thinnest_wall
from model.design import Engraving, Fit, Part, Relief, Thread, Vector
from model.fit import hole_limits
from model.rule import Measure, Rule
from model.thread import thread_named
from model.tooling import ShopData

STRAIGHT = 0.999
DRILLED_MM, JUST_MM = 0.1, 0.02
LONG, TEXT_MM = 1.0, 0.02
UP: Vector = (0.0, 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Reading:
    """One number measured on a part, where (in the part's frame), and the way out of the material there."""

    value: float
    spot_mm: Vector
    facing: Vector


@dataclass(frozen=True)
class Body:
    """A part's solid, opened once; what several rules measure by is worked out when the first asks for it."""

    part: Part

    @cached_property
    def shape(self) -> Shape:
        """The solid."""
        return solids.load(self.part.brep)

    @cached_property
    def holes(self) -> tuple[Bore, ...]:
        """Its round holes."""
        return bores(self.shape)

    @cached_property
    def sections(self) -> tuple[Stack, Stack, Stack]:
        """Its sections across x, y and z."""
        return stacks(self.shape)

    @cached_property
    def cavities(self) -> tuple[Cavity, ...]:
        """Its pockets, slots and openings."""
        return cavities(self.sections)

    @cached_property
    def overhangs(self) -> Overhangs:
        """What hangs over as it is printed."""
        return overhangs(self.shape)


def readings(body: Body, rule: Rule, shop: ShopData) -> Iterator[Reading]:
    """Every number a rule's measure finds on a part; none where the part has nothing of the kind."""
    yield from MEASURES[rule.measure](body, rule, shop)


def _mouth(one: Bore) -> tuple[Vector, Vector]:
    """The upper end of an axis and the way out there."""
    x, y, z = one.way
    return (one.end, one.way) if z >= 0 else (one.start, (-x, -y, -z))


def _corners(body: Body, _rule: Rule, _shop: ShopData) -> Iterator[Reading]:
    for one in corners(body.shape):
        (x, y, z), (a, b, c) = mouth = _mouth(one)
        if body.shape.isInside((x + JUST_MM * a, y + JUST_MM * b, z + JUST_MM * c)):  # type: ignore[attr-defined]  # solids have it
            mouth = (one.start if mouth[0] == one.end else one.end, (-a, -b, -c))
        yield Reading(math.dist(one.start, one.end) / (one.diameter_mm / 2), *mouth)


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
        size = thread_named(note.name)
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


def _out(note: Thread | Fit) -> Vector:
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


def _upright_walls(body: Body, rule: Rule, _shop: ShopData) -> Iterator[Reading]:
    found = thinnest_wall(body.sections[2], rule.limit)
    if found is not None:
        yield Reading(*found, UP)


def _walls(body: Body, rule: Rule, _shop: ShopData) -> Iterator[Reading]:
    for stack in body.sections:
        found = thinnest_wall(stack, rule.limit)
        if found is not None:
            yield Reading(*found, stack.facing(up=True))


def _slots(body: Body, _rule: Rule, _shop: ShopData) -> Iterator[Reading]:
    """Widths of pockets, slots and openings; what is engraved has rules of its own."""
    notes = [n for n in body.part.annotations if isinstance(n, Engraving)]
    for one in body.cavities:
        if not any(n.z_mm - n.depth_mm < one.spot_mm[2] < n.z_mm and one.facing == UP for n in notes):
            yield Reading(one.width_mm, one.spot_mm, one.facing)


def _cavities(body: Body, _rule: Rule, _shop: ShopData) -> Iterator[Reading]:
    for one in body.cavities:
        yield Reading(one.slenderness, one.spot_mm, one.facing)


def _side_depths(body: Body, rule: Rule, shop: ShopData) -> Iterator[Reading]:
    """Cavities, and the outline, which is cut half from each of the two sides that lie nearest together."""
    for one in body.cavities:
        yield Reading(one.depth_mm, one.spot_mm, one.facing)
    for side in _side(0)(body, rule, shop):
        yield Reading(side.value / 2, side.spot_mm, side.facing)


def _feet(body: Body, _rule: Rule, _shop: ShopData) -> Iterator[Reading]:
    for one in feet(body.shape):
        yield Reading(one.radius_mm / one.wall_mm, one.spot_mm, one.facing)


def _outer_edges(body: Body, _rule: Rule, _shop: ShopData) -> Iterator[Reading]:
    for one in outer_edges(body.shape):
        yield Reading(one.radius_mm, one.spot_mm, one.facing)


def _undercuts(body: Body, _rule: Rule, _shop: ShopData) -> Iterator[Reading]:
    for one in undercuts(body.shape):
        yield Reading(one.value, one.spot_mm, one.facing)


def _milled_holes(body: Body, _rule: Rule, shop: ShopData) -> Iterator[Reading]:
    """Holes that no drill of the shop comes within a tenth of a millimetre of: they are bored by an end mill."""
    drills = [t.diameter_mm for t in shop.tools.values() if t.kind == "drill"]
    for one in body.holes:
        if all(abs(d - one.diameter_mm) > DRILLED_MM for d in drills):
            yield Reading(math.dist(one.start, one.end) / one.diameter_mm, *_mouth(one))


def _fits(body: Body, _rule: Rule, _shop: ShopData) -> Iterator[Reading]:
    for note in (n for n in body.part.annotations if isinstance(n, Fit)):
        for one in (b for b in body.holes if _on(b, note)):
            limits = hole_limits(one.diameter_mm, note.name)
            if limits is not None:
                yield Reading((limits[1] - limits[0]) / 2, note.at_mm, _out(note))


def _text_heights(body: Body, _rule: Rule, _shop: ShopData) -> Iterator[Reading]:
    for note, spot in _engraved(body):
        ys = [y for s in note.strokes for _, y in s.points]
        yield Reading((max(ys) - min(ys) + note.width_mm) / len(note.text.splitlines()), spot, UP)


def _text_gaps(body: Body, rule: Rule, _shop: ShopData) -> Iterator[Reading]:
    """The narrowest land between strokes, where it is narrower than the limit."""
    for note, spot in _engraved(body):
        cut = stroke_area(note.strokes, note.width_mm)
        land = offset(cut, rule.limit) - cut
        low, high = 0.0, rule.limit
        while high - low > TEXT_MM and thin(land, high, LONG * rule.limit):
            middle = (low + high) / 2
            low, high = (low, middle) if thin(land, middle, LONG * rule.limit) else (middle, high)
        if high < rule.limit:
            yield Reading(high, spot, UP)


def _reliefs(body: Body, _rule: Rule, _shop: ShopData) -> Iterator[Reading]:
    """Raised text by the thinnest wall over the plane it stands on."""
    notes = [n for n in body.part.annotations if isinstance(n, Relief) and n.height_mm > 0]
    for note in notes:
        tall = [s for s in body.sections[2].slabs if s.low_mm > note.z_mm - SAME_MM]
        found = thinnest_wall(Stack(2, tuple(tall)), _rule.limit)
        if found is not None:
            yield Reading(*found, UP)


def _angles(body: Body, _rule: Rule, _shop: ShopData) -> Iterator[Reading]:
    for one in body.overhangs.angles:
        yield Reading(one.value, one.spot_mm, one.facing)


def _spans(body: Body, _rule: Rule, _shop: ShopData) -> Iterator[Reading]:
    for one in body.overhangs.spans:
        yield Reading(one.value, one.spot_mm, one.facing)


MEASURES: Mapping[Measure, Callable[[Body, Rule, ShopData], Iterator[Reading]]] = {
    "corner-slenderness": _corners, "hole-diameter": _hole_diameters, "hole-slenderness": _hole_depths,
    "drill-gap": _off_drills, "thread-slenderness": _thread_depths, "thread-runout": _thread_ends,
    "thread-diameter": _thread_sizes, "stroke-width": _stroke_widths, "stroke-depth": _stroke_depths,
    "least-side": _side(0), "second-side": _side(1), "longest-side": _side(2), "pin-diameter": _pins,
    "upright-wall": _upright_walls, "wall": _walls, "slot-width": _slots, "cavity-slenderness": _cavities,
    "side-depth": _side_depths, "foot-share": _feet, "outer-fillet": _outer_edges, "undercut": _undercuts,
    "milled-hole-slenderness": _milled_holes, "fit-band": _fits, "text-height": _text_heights,
    "text-gap": _text_gaps, "relief-width": _reliefs, "overhang": _angles, "bridge": _spans,
}  # fmt: skip

"""What is measured on the finished part: sizes, holes, threads, fits and pockets, each with limits and place."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from geometry.bores import SAME_MM, Bore, bores, dot, open_ends, seen_from
from geometry.solids import Shape
from model.design import Engraving, Fit, Part, Thread, Vector
from model.feature import Chamfer, Pocket
from model.fit import hole_limits
from model.order import Brief, Reading
from model.plan import Matrix, ProcessPlan
from model.tolerances import deviation_mm
from pipeline.release.gauges import Way
from pipeline.release.workpiece import back, bounds

STRAIGHT = 0.999
MOST, LEAST_ISO_MM = 12, 0.5
"""So many balloons a part has at most; below the least size ISO 2768-1 gives no limits."""

STEMS: dict[str, tuple[str, ...]] = {
    "long": ("length",), "wide": ("width",), "tall": ("height", "thickness"), "hole": ("diameter",),
    "pocket-length": ("pocket_length",), "pocket-width": ("pocket_width",), "pocket-depth": ("pocket_depth",),
    "corner": ("pocket_corner_radius", "radius"), "chamfer": ("chamfer",), "groove": ("stroke",),
    "spacing": ("spacing", "distance"),
}  # fmt: skip
"""A parameter of the order stands for a kind of size when its name holds one of these."""

FIRST = ("fit", "thread")
OVERALL = ("long", "wide", "tall")


@dataclass(frozen=True, slots=True)
class Characteristic:
    """One thing to measure: its kind (a label of the terms), size, limits (None: by gauge or not given), and place.

    ``count`` alike ones are meant; ``spot_mm`` is where the balloon points in the part's frame and ``facing`` the way
    out of the material there. ``name`` is the thread, fit or level; ``deep_mm`` a hole's depth (None: through).
    ``ordered`` is the order's parameter it comes from ("": the solid).
    """

    kind: str
    way: Way
    size_mm: float
    low_mm: float | None
    high_mm: float | None
    spot_mm: Vector
    facing: Vector
    count: int = 1
    name: str = ""
    deep_mm: float | None = None
    ordered: str = ""


def characteristics(part: Part, brief: Brief, plan: ProcessPlan | None = None) -> tuple[Characteristic, ...]:
    """At most :data:`MOST` of a part: what has a tolerance of its own and what was ordered come first.

    They stand in the order they are measured in: overall sizes, holes and threads, then the rest.
    """
    from geometry import solids

    shape = solids.load(part.brep)
    found = [
        *_overall(shape, part, brief),
        *_round(shape, part, brief),
        *_levels(shape, part, brief, plan),
        *_grooves(part, brief),
    ]
    if plan is not None:
        found += _cut(plan, brief)
    every = [replace(c, ordered=_ordered(c, brief.readings)) for c in found]
    keep = sorted(range(len(every)), key=lambda k: (_rank(every[k]), k))[:MOST]
    return tuple(every[k] for k in sorted(keep))


def _rank(one: Characteristic) -> int:
    if one.kind in FIRST:
        return 0
    if one.ordered:
        return 1
    return 2 if one.kind in OVERALL else 3


def _ordered(one: Characteristic, readings: Iterable[Reading]) -> str:
    """The parameter the customer gave that has this size and speaks of this kind of thing."""
    stems = STEMS.get(one.kind, ())
    for reading in readings:
        given = reading.source != "default" and isinstance(reading.value, int | float)
        if given and any(s in reading.name for s in stems) and math.isclose(reading.value, one.size_mm, abs_tol=1e-6):
            return reading.name
    return ""


def _sized(
    brief: Brief, kind: str, way: Way, size_mm: float, spot: Vector, facing: Vector, **more: Any
) -> Characteristic:
    """A size with the limits of the order's general tolerance."""
    off = deviation_mm(size_mm, brief.tolerance_class) if size_mm >= LEAST_ISO_MM else None
    low, high = (None, None) if off is None else (size_mm - off, size_mm + off)
    return Characteristic(kind, way, size_mm, low, high, spot, facing, **more)


def _overall(shape: Shape, part: Part, brief: Brief) -> list[Characteristic]:
    """Length, width, height: along the box's near edges."""
    x, y, z = part.expected.size_mm
    box = shape.BoundingBox()
    x0, y0, z0 = box.xmin, box.ymin, box.zmin
    spots: tuple[tuple[str, float, Vector, Vector], ...] = (
        ("long", x, (x0 + x / 2, y0, z0), (0, -1, 0)), ("wide", y, (x0 + x, y0 + y / 2, z0), (1, 0, 0)),
        ("tall", z, (x0 + x, y0, z0 + z / 2), (0, -1, 0)),
    )  # fmt: skip
    return [_sized(brief, kind, "outside", size, spot, facing) for kind, size, spot, facing in spots]


def _round(shape: Shape, part: Part, brief: Brief) -> Iterator[Characteristic]:
    """Threads, fits and plain holes, alike ones together, and how far apart the two outermost of a group are."""
    notes = [a for a in part.annotations if isinstance(a, Thread | Fit)]

    def told(bore: Bore) -> tuple[str, str, float]:
        """Kind, name and depth of the thread or fit that lies on a bore's axis."""
        for n in notes:
            if bore.off_axis_mm(n.at_mm) < SAME_MM and abs(dot(bore.way, n.direction)) > STRAIGHT:
                return n.kind, n.name, n.depth_mm if isinstance(n, Thread) else 0.0
        return "", "", 0.0

    def alike(bore: Bore) -> tuple[Any, ...]:
        way = max(bore.way, tuple(-w for w in bore.way))
        sizes = (bore.diameter_mm, math.dist(bore.start, bore.end), *way)
        return (*told(bore), *(round(v, 3) for v in sizes))

    every = bores(shape)
    apart: set[tuple[str, float]] = set()
    for key, group in groupby(sorted(every, key=lambda b: (alike(b), b.start)), key=alike):
        found = list(group)
        first = found[0]
        x, y, z = first.way
        ends = open_ends(shape, first)
        out = [way for way, is_open in zip(((-x, -y, -z), first.way), ends, strict=True) if is_open]
        if not out:
            continue  # a chamber inside the part: nothing reaches it
        spot, facing = max(
            ((_mouth(first, way, every), way) for way in out), key=lambda e: (seen_from(shape, *e), dot(e[1], UP))
        )
        deep = None if all(ends) else math.dist(first.start, first.end)
        plain = _sized(brief, "hole", "inside", first.diameter_mm, spot, facing, count=len(found), deep_mm=deep)
        yield _as_told(plain, *key[:3])
        for one in _apart(brief, found, facing, every):
            if (one.name, one.size_mm) not in apart:  # the holes of a counterbored pattern are apart once
                apart.add((one.name, one.size_mm))
                yield one


def _mouth(bore: Bore, facing: Vector, every: Iterable[Bore]) -> Vector:
    """Where a hole comes out: the outermost end of all bores on its axis."""
    same = [b for b in every if abs(dot(b.way, bore.way)) > STRAIGHT and bore.off_axis_mm(b.start) < SAME_MM]
    return max((end for b in same for end in (b.start, b.end)), key=lambda end: dot(end, facing))


UP: Vector = (0.55, -1.0, 0.8)
"""The side of the first picture."""


def _as_told(plain: Characteristic, kind: str, name: str, deep_mm: float) -> Characteristic:
    """A hole as the design speaks of it: a thread and a fit are gauged, not measured."""
    if kind == "thread":
        return replace(plain, kind=kind, way="thread", low_mm=None, high_mm=None, name=name, deep_mm=deep_mm)
    if kind == "fit":
        low, high = hole_limits(plain.size_mm, name) or (None, None)
        return replace(plain, kind=kind, way="bore", low_mm=low, high_mm=high, name=name)
    return plain


def _apart(brief: Brief, found: list[Bore], facing: Vector, every: Iterable[Bore]) -> Iterator[Characteristic]:
    """The spacing of a group's outermost holes along the part's own axes."""
    for axis in range(3):
        low, high = (pick(found, key=lambda b: b.start[axis]) for pick in (min, max))
        size = round(high.start[axis] - low.start[axis], 3)
        if size > found[0].diameter_mm:
            spot = _mouth(high, facing, every)
            yield _sized(brief, "spacing", "inside", size, spot, facing, name="XYZ"[axis])


def _levels(shape: Shape, part: Part, brief: Brief, plan: ProcessPlan | None) -> Iterator[Characteristic]:
    """The family's named heights of a printed part; a milled one's depths are read from its pockets."""
    if plan is not None:
        return
    from geometry import solids

    for name, height in part.expected.datums_mm.items():
        spot = solids.level_spot(shape, height) if 0.0 < height < part.expected.size_mm[2] else None
        if spot is not None:
            yield _sized(brief, "level", "depth", height, spot, (0, 0, 1), name=name)


def _grooves(part: Part, brief: Brief) -> Iterator[Characteristic]:
    """How wide and deep an engraving is, at its first stroke."""
    for note in part.annotations:
        if isinstance(note, Engraving) and note.strokes:
            x, y = note.strokes[0].points[0]
            for kind, size in (("groove", note.width_mm), ("groove-depth", note.depth_mm)):
                if size >= LEAST_ISO_MM:
                    yield _sized(brief, kind, "inside", size, (x, y, note.z_mm), (0, 0, 1))


def _cut(plan: ProcessPlan, brief: Brief) -> Iterator[Characteristic]:
    """Pockets and chamfers as planned, carried back into the part's frame."""
    seen: set[tuple[int, str]] = set()
    for setup, feature in ((s, o.feature) for s in plan.setups for o in s.operations):
        if (setup.index, feature.id) in seen or not isinstance(feature, Pocket | Chamfer):
            continue
        seen.add((setup.index, feature.id))
        x, y, z = setup.to_setup[2][:3]
        facing = (x, y, z)
        if isinstance(feature, Chamfer):
            at = feature.edge.contours[0].start
            spot = back((*at, feature.foot_z_mm), setup.to_setup)
            yield _sized(brief, "chamfer", "chamfer", feature.width_mm, spot, facing)
        elif not feature.open and not feature.id.startswith("hole"):
            yield from _pocket(brief, feature, setup.to_setup, facing)


def _pocket(brief: Brief, pocket: Pocket, to_setup: Matrix, facing: Vector) -> Iterator[Characteristic]:
    x0, y0, x1, y1 = bounds(pocket.floor)
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    top, floor = pocket.top_z_mm, pocket.floor_z_mm
    sides: tuple[tuple[str, Way, float, Vector], ...] = (
        ("pocket-length", "inside", x1 - x0, (x, y1, top)), ("pocket-width", "inside", y1 - y0, (x0, y, top)),
        ("pocket-depth", "depth", top - floor, (x, y, floor)),
    )  # fmt: skip
    for kind, way, size, at in sides:
        yield _sized(brief, kind, way, size, back(at, to_setup), facing)
    if 0.0 < pocket.corner_radius_mm < math.inf:
        spot = back((x1, y1, pocket.top_z_mm), to_setup)
        yield _sized(brief, "corner", "radius", pocket.corner_radius_mm, spot, facing)

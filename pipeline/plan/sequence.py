"""Puts a setup's operations in order: what must come first does, tools change least, holes lie on a short way."""

from __future__ import annotations

import math
from collections.abc import Sequence

from model.feature import FreeSurface, Hole, Pocket
from model.plan import Operation
from model.region import Point
from pipeline.plan.choice import Choice, Step, Way
from pipeline.plan.optimum import best

RANK = {
    "facing": 0, "engrave": 1, "vcarve": 1, "pocket": 2, "adaptive": 2, "slot": 2, "rough3d": 2, "rest_clear": 3,
    "floor": 3, "wall": 4, "spot": 5, "drill": 5, "bore": 6, "ream": 7, "tap": 8, "thread_mill": 8, "chamfer": 9,
    "deburr": 9,
}  # fmt: skip
SURFACES, LAST = 4, 10
ROUND = ("outline", "skin")
BEVELS = ("chamfer", "deburr")
AFTER_BEVELS = ("tap", "thread_mill")
"""Threads are cut after the chamfer at their mouth, what opens walls before it."""
EXACT = 9
"""Up to so many holes lie on the shortest way of all."""
LEVELLED = "-level"
"""What names of bores end in that make a sloped mouth level for the drill."""
FREE_OF_BEVELS = ("engrave", "vcarve", *AFTER_BEVELS, *BEVELS)


def ordered(operations: Sequence[Operation], *, outline_last: bool) -> tuple[Operation, ...]:
    """A precedence order with the fewest changes of tools; of those, what is usual in a workshop comes first.

    ``outline_last`` when the outline carries the work (tape, tabs): nothing is cut after it.
    Neighbouring holes of one tool follow each other on a short way.
    """
    liked = sorted(operations, key=lambda o: (_rank(o, outline_last), o.tool_number, _place(o), o.id))
    before = precedence(liked, outline_last=outline_last)
    steps = tuple((Way((Step(str(k), o.tool_number),)),) for k, o in enumerate(liked))
    found = best(Choice(steps, frozenset((str(a), str(b)) for a, b in before), eur_h=3600.0, change_s=1.0))
    if found is None:
        msg = f"{', '.join(o.id for o in liked)}: these wait for one another in a circle"
        raise ValueError(msg)
    return tuple(_shortened([liked[int(k)] for k in found.order]))


def precedence(operations: Sequence[Operation], *, outline_last: bool) -> list[tuple[int, int]]:
    """The pairs of operations, by their places, of which the first must be cut before the second."""
    return [
        (a, b)
        for a, p in enumerate(operations)
        for b, o in enumerate(operations)
        if a != b and _before(p, o, outline_last=outline_last)
    ]


def _shortened(done: list[Operation]) -> list[Operation]:
    """Every run of one strategy, tool and kind of hole put on a short way from where the tool was before."""
    out: list[Operation] = []
    start = 0
    while start < len(done):
        end = start + 1
        while end < len(done) and _alike(done[start], done[end]):
            end += 1
        run = done[start:end]
        at = next((_place(o) for o in reversed(out) if isinstance(o.feature, Hole)), (0.0, 0.0))
        out += [run[k] for k in short_way(at, [_place(o) for o in run])] if len(run) > 2 else run
        start = end
    return out


def _alike(a: Operation, b: Operation) -> bool:
    """True when two hole operations may change places: same tool and way, different holes."""
    holes = isinstance(a.feature, Hole) and isinstance(b.feature, Hole) and a.feature.id != b.feature.id
    return holes and (a.tool_number, a.strategy) == (b.tool_number, b.strategy)


def short_way(start: Point, places: Sequence[Point]) -> list[int]:
    """An order of the places from ``start``: the shortest of all for few of them, else one that turning cannot better.

    Of equally short ones the first by the places' numbers.
    """
    return _shortest(start, places) if len(places) <= EXACT else _turned(start, places)


def _shortest(start: Point, places: Sequence[Point]) -> list[int]:
    """By the shortest way through every set of places that ends at each of them (Held and Karp 1962)."""
    every = range(len(places))
    ways = {(1 << k, k): (math.dist(start, places[k]), [k]) for k in every}
    for _ in every[1:]:
        longer: dict[tuple[int, int], tuple[float, list[int]]] = {}
        for (seen, last), (length, way) in ways.items():
            for k in every:
                if not seen >> k & 1:
                    new = (round(length + math.dist(places[last], places[k]), 6), [*way, k])
                    key = (seen | 1 << k, k)
                    longer[key] = min(new, longer.get(key, new))
        ways = longer
    return min(ways.values(), default=(0.0, []))[1]


def _turned(start: Point, places: Sequence[Point]) -> list[int]:
    """The nearest next, then bettered by turning stretches round (2-opt)."""
    left = list(range(len(places)))
    way: list[int] = []
    at = start
    while left:
        k = min(left, key=lambda i: (round(math.dist(at, places[i]), 6), i))
        way.append(k)
        left.remove(k)
        at = places[k]
    better = True
    while better:
        better = False
        for i in range(len(way)):
            for j in range(i + 1, len(way)):
                if _gain(start, places, way, i, j) > 1e-6:
                    way[i : j + 1] = way[i : j + 1][::-1]
                    better = True
    return way


def _gain(start: Point, places: Sequence[Point], way: Sequence[int], i: int, j: int) -> float:
    """How much shorter the way gets when the stretch from i to j is run backwards."""
    before = places[way[i - 1]] if i else start
    gain = math.dist(before, places[way[i]]) - math.dist(before, places[way[j]])
    if j + 1 < len(way):
        after = places[way[j + 1]]
        gain += math.dist(places[way[j]], after) - math.dist(places[way[i]], after)
    return gain


def _rank(o: Operation, outline_last: bool) -> int:  # noqa: FBT001
    if o.strategy in ROUND:
        inner = o.feature.kind == "cutout"
        return LAST + (0 if inner else 1) + (2 if o.strategy == "skin" else 0) if outline_last else 1
    return RANK.get(o.strategy, SURFACES)


def _place(o: Operation) -> Point:
    return (round(o.feature.x_mm, 3), round(o.feature.y_mm, 3)) if isinstance(o.feature, Hole) else (0.0, 0.0)


def _before(p: Operation, o: Operation, *, outline_last: bool) -> bool:
    """True when p must be cut before o."""
    if "facing" in (p.strategy, o.strategy):
        return p.strategy == "facing" and (o.strategy != "facing" or p.bottom_z_mm > o.bottom_z_mm)
    for rule in (_opens, _in_whole_material):
        if rule(p, o) or rule(o, p):
            return rule(p, o)
    if p.feature.id == o.feature.id:
        same = _stage(p) == _stage(o)
        narrow_first = p.strategy == o.strategy == "bore" and p.bottom_z_mm < o.bottom_z_mm
        upper_first = p.strategy == o.strategy == "outline" and p.top_z_mm > o.top_z_mm
        return _stage(p) < _stage(o) or (same and (narrow_first or upper_first))
    if o.strategy in BEVELS:
        return not outline_last if p.strategy in ROUND else p.strategy not in FREE_OF_BEVELS
    if o.strategy in ROUND:
        return outline_last and _rank(p, outline_last) < _rank(o, outline_last)
    follows = isinstance(o.feature, FreeSurface) and o.strategy != "rough3d"  # when all beside the surface is open
    over = isinstance(p.feature, Pocket) and (follows or o.top_z_mm <= p.feature.floor_z_mm + 1e-6)
    margin = not outline_last and _clears_margin(p, o)
    return margin or (over and o.strategy != "facing") or (p.strategy in BEVELS and o.strategy in AFTER_BEVELS)


def _clears_margin(p: Operation, o: Operation) -> bool:
    """True when p cuts the blank's margin away, into which the laps of o, in an open pocket, would run out."""
    opened = isinstance(o.feature, Pocket) and o.feature.open
    return opened and p.strategy in ROUND and p.feature.kind == "outline"


def _in_whole_material(p: Operation, o: Operation) -> bool:
    """True when p makes a hole with a gap in its wall, which o, no hole, may cut: the drill wants whole material."""
    if not isinstance(p.feature, Hole) or not p.feature.broken or isinstance(o.feature, Hole):
        return False
    return not (isinstance(o.feature, Pocket) and o.feature.floor_z_mm >= p.feature.top_z_mm - 1e-6)


def _opens(p: Operation, o: Operation) -> bool:
    """True when p drills the hole through which o enters its pocket."""
    return p.strategy in ("spot", "drill") and any(math.dist(_place(p), entry) < 0.01 for entry in o.entry)


def _stage(o: Operation) -> float:
    """Place in the chain of one feature."""
    if isinstance(o.feature, FreeSurface):
        wider_first = 1 + 0.5 / (1 + o.feature.cut_radius_mm)
        return {"rough3d": -1e3, "rest_finish": wider_first, "terrace": 2}.get(o.strategy, -o.allowance_mm)
    if o.strategy == "outline":
        return 1 if o.allowance_mm > 0 else 2
    if o.strategy == "bore":
        return -1 if o.id.endswith(LEVELLED) else 2
    return {"spot": 5 if o.id.endswith("-sink") else -1, "drill": 0, "pocket": 0, "adaptive": 0, "slot": 0,
            "rest_clear": 1, "floor": 1.5, "ream": 3, "skin": 3, "tap": 6,
            "thread_mill": 6}.get(o.strategy, 2)  # fmt: skip

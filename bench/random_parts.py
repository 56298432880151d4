"""Random prismatic solids: a block with pockets, islands, holes, steps and slots cut from one to six of its sides."""

from __future__ import annotations

import itertools
import math
import random
from dataclasses import dataclass
from typing import Any

import cadquery as cq

TURNS = {
    "+Z": (0, (1, 0, 0)),
    "-Z": (180, (1, 0, 0)),
    "+Y": (-90, (1, 0, 0)),
    "-Y": (90, (1, 0, 0)),
    "+X": (90, (0, 1, 0)),
    "-X": (-90, (0, 1, 0)),
}
THINNEST_MM = 0.5
"""Thinnest wall of metal that shops publish as feasible: none is asked for a thinner one."""
DRILLS_DEG = {3.3: 130, 4.2: 130, 5.0: 130, 5.5: 130, 6.6: 130, 6.8: 130, 8.5: 130}


@dataclass(frozen=True)
class Field:
    """A rectangle of a side: its middle and its size (mm)."""

    x: float
    y: float
    wide: float
    deep: float


@dataclass(frozen=True)
class RandomPart:
    """A solid and how it came about."""

    solid: cq.Workplane
    story: tuple[str, ...]


def random_part(seed: int) -> RandomPart:
    """The same seed gives the same solid: one piece, between 30 and 110 mm long.

    A cut that would part it, or leave a flat wall, floor or rim thinner than :data:`THINNEST_MM`, is left out.
    """
    dice = random.Random(seed)  # noqa: S311 - a bench needs repeatable dice, not secret ones
    size = (dice.randrange(50, 111), dice.randrange(40, 81), dice.randrange(16, 37))
    solid = cq.Workplane().box(*size)
    story = [f"block {size}"]
    for side in dice.sample(list(TURNS), dice.choice((1, 1, 2, 2, 3, 4, 5, 6))):
        wide, deep, high = {"Z": size, "Y": (size[0], size[2], size[1]), "X": (size[2], size[1], size[0])}[side[1]]
        for field in _fields(wide, deep, dice):
            shaped = _shape(field, (wide, deep, high), dice)
            if shaped is None:
                continue
            body, told = shaped
            angle, axis = TURNS[side]
            cut = solid.cut(body.translate((0, 0, high / 2)).rotate((0, 0, 0), axis, angle))
            if _sound(cut) and _volume(cut) < _volume(solid) - 1 and not _thin(cut):
                solid, story = cut, [*story, f"{side} {told}"]
    return RandomPart(solid, tuple(story))


def _sound(solid: cq.Workplane) -> bool:
    body: Any = solid.val()
    return len(solid.solids().vals()) == 1 and bool(body.isValid())


def _thin(solid: cq.Workplane) -> bool:
    """True when two flat faces that look opposite ways lie, seen along them, nearer than :data:`THINNEST_MM`.

    Between them is a thin wall, or two cuts run into each other so little that a thin rim stays.
    """
    flat: list[Any] = solid.faces("%PLANE").vals()
    seen = [(f.normalAt().toTuple(), f.Center().toTuple(), f.BoundingBox()) for f in flat]
    for (n, c, a), (m, d, b) in itertools.combinations(seen, 2):
        k = max(range(3), key=lambda axis: abs(n[axis]))
        if n[k] * m[k] < -0.5 and abs(c[k] - d[k]) < THINNEST_MM:
            low = [max(pair) for pair in zip((a.xmin, a.ymin, a.zmin), (b.xmin, b.ymin, b.zmin), strict=True)]
            high = [min(pair) for pair in zip((a.xmax, a.ymax, a.zmax), (b.xmax, b.ymax, b.zmax), strict=True)]
            if all(low[j] < high[j] for j in range(3) if j != k):
                return True
    return False


def _volume(solid: cq.Workplane) -> float:
    body: Any = solid.val()
    return float(body.Volume())


def _fields(wide: int, deep: int, dice: random.Random) -> list[Field]:
    """A side divided among one to three things to cut, with a wall of 2 mm left round each."""
    count = dice.choice((1, 1, 2, 3))
    if wide >= deep:
        return [Field((k + 0.5) * wide / count - wide / 2, 0.0, wide / count - 4, deep - 4) for k in range(count)]
    return [Field(0.0, (k + 0.5) * deep / count - deep / 2, wide - 4, deep / count - 4) for k in range(count)]


def _shape(field: Field, box: tuple[int, int, int], dice: random.Random) -> tuple[cq.Workplane, str] | None:
    """A body whose top lies at z = 0, cutting downwards; None where the field is too small for it."""
    high, room = box[2], min(field.wide, field.deep)
    kind = dice.choice(("pocket", "stacked", "island", "hole", "hole", "holes", "step", "slot", "counterbore"))
    depth = dice.randrange(2, max(3, min(13, high // 3)))
    if kind in ("hole", "holes", "counterbore"):
        return _holes(kind, field, high, dice)
    if kind == "step":
        width = dice.randrange(3, max(4, min(14, box[0] // 4)))
        body = cq.Workplane().box(2 * width, 3 * box[1], 2 * depth).translate((dice.choice((-1, 1)) * box[0] / 2, 0, 0))
        return body, f"step {width} x {depth}"
    if room < 11:
        return None
    if kind == "slot":
        width = dice.randrange(7, int(min(20, room)))
        body = cq.Workplane().box(3 * box[0], width, 2 * depth).translate((0, field.y, 0))
        return body, f"slot {width} x {depth} at y {field.y:g}"
    long, broad = (dice.uniform(0.5, 1.0) * side for side in (field.wide, field.deep))
    long, broad = round(max(long, 10.0), 1), round(max(broad, 10.0), 1)
    r = min(dice.choice((2.5, 3.0, 4.0, 5.0, 6.0)), min(long, broad) / 2 - 0.5)
    body = _pocket(long, broad, depth, r)
    if kind == "stacked" and min(long, broad) > 18:
        body = body.union(_pocket(round(long * 0.6, 1), round(broad * 0.6, 1), depth + 4, min(r, 3.0)))
    if kind == "island" and min(long, broad) > 30:
        body = body.cut(cq.Workplane().circle(min(long, broad) / 8).extrude(-depth))
    return body.translate((field.x, field.y, 0)), f"{kind} {long} x {broad} x {depth} r {r} at {field.x:g}, {field.y:g}"


def _holes(kind: str, field: Field, high: int, dice: random.Random) -> tuple[cq.Workplane, str] | None:
    """Holes no deeper than drills and boring mills of their size go."""
    d = dice.choice(list(DRILLS_DEG)) if dice.random() < 0.7 else dice.randrange(80, 160) / 10
    wide = 1.9 * d if kind == "counterbore" else d
    if wide > min(field.wide, field.deep):
        return None
    most = 6 * d if d in DRILLS_DEG else 2 * d
    through = high + 1 < most and dice.random() < 0.7
    down = high + 1 if through else round(min(dice.uniform(1, 2.5) * d, high * 0.45, most), 1)
    x, y = field.wide / 2 - wide / 2, field.deep / 2 - wide / 2
    spots = [(round(dice.uniform(-x, x), 1), round(dice.uniform(-y, y), 1))]
    if kind == "holes" and min(x, y) > wide:
        spots = [(sx * x * 0.8, sy * y * 0.8) for sx in (-1, 1) for sy in (-1, 1)]
    body = cq.Workplane().pushPoints(spots).circle(d / 2).extrude(-down)
    if d in DRILLS_DEG and not through:
        tip_mm = d / 2 / math.tan(math.radians(DRILLS_DEG[d] / 2))
        tip = cq.Workplane(cq.Solid.makeCone(d / 2, 0, tip_mm, dir=cq.Vector(0, 0, -1)))
        for spot in spots:
            body = body.union(tip.translate((*spot, -down)))
    if kind == "counterbore":
        body = body.union(cq.Workplane().pushPoints(spots).circle(wide / 2).extrude(-min(down / 2, 5)))
    return body.translate((field.x, field.y, 0)), f"{kind} d {d} {'through' if through else f'{down} deep'} at {spots}"


def _pocket(long: float, broad: float, depth: float, r: float) -> cq.Workplane:
    return cq.Workplane().box(long, broad, 2 * depth).edges("|Z").fillet(r)

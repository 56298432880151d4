"""Pockets, slots and openings of a solid as the six sides see them: how deep, and how wide where they end."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from geometry.regions import Points, offset, separate, union, widest_radius, within
from geometry.slabs import Stack
from model.design import Vector

if TYPE_CHECKING:
    from manifold3d import CrossSection

HAIR_MM = 0.02
ROUND = 0.99
"""An opening with so much of the area that its rim could hold is a round hole."""
SHARE = 0.002
"""How exactly widths are found."""
MIDDLE = 0.98
SURELY, PASSAGE = 1.02, 0.9
"""A side is easier where it is so much; a passage goes on while it stays so wide."""
SAME = 0.5
"""A piece of air that covers so much of a deeper one leads down to it; round holes in a floor leave it a floor."""


@dataclass(frozen=True, slots=True)
class Cavity:
    """A place to be cleared: depth from its rim, width of the largest disc in it, a point of it, and the way out."""

    depth_mm: float
    width_mm: float
    spot_mm: Vector
    facing: Vector

    @property
    def slenderness(self) -> float:
        """Depth over width."""
        return self.depth_mm / self.width_mm


@dataclass
class _Air:
    """Air within the outline of one slab, open to the side looked from."""

    area: CrossSection
    near_mm: float
    far_mm: float
    wide: float
    round: bool
    depth: float = 0.0
    bottom: bool = True


@dataclass(frozen=True)
class _View:
    stack: Stack
    up: bool
    layers: tuple[tuple[_Air, ...], ...]
    """Outermost first."""


def cavities(sections: Sequence[Stack]) -> tuple[Cavity, ...]:
    """Every pocket, slot and opening that is no round hole, from the side it is easiest to come to.

    Its width is that of the largest disc at its bottom. ``sections`` are those of :func:`geometry.slabs.stacks`.
    """
    views = [_View(s, up, _layers(s, up=up)) for s in sections for up in (True, False)]
    found = []
    for number, view in enumerate(views):
        for air in (a for layer in view.layers for a in layer if a.bottom and not a.round):
            one = Cavity(air.depth, air.wide, _spot(view, air), view.stack.facing(up=view.up))
            before = (_slender(v, one.spot_mm) > one.slenderness * SURELY for v in views[:number])
            after = (_slender(v, one.spot_mm) > one.slenderness / SURELY for v in views[number + 1 :])
            if all(before) and all(after):
                found.append(one)
    return tuple(found)


def _layers(stack: Stack, *, up: bool) -> tuple[tuple[_Air, ...], ...]:
    """The air of every slab, outermost first, with its depth from the rim; what leads deeper is no bottom."""
    slabs = stack.slabs[::-1] if up else stack.slabs
    layers: list[tuple[_Air, ...]] = []
    covered: CrossSection | None = None
    for slab in slabs:
        inside = slab.area.hull() - slab.area
        free = inside if covered is None else inside - covered
        near, far = (slab.high_mm, slab.low_mm) if up else (slab.low_mm, slab.high_mm)
        layers.append(tuple(_airs(free, near, far)))
        covered = slab.area if covered is None else union([covered, slab.area])
    for k, layer in enumerate(layers):
        for air in layer:
            above = [a.depth for a in layers[k - 1] if not (a.area ^ air.area).is_empty()] if k else []
            air.depth = abs(air.near_mm - air.far_mm) + max(above, default=0.0)
    for outer, inner in pairwise(layers):
        for air in outer:
            shared = ((b.area ^ air.area).area() / min(b.area.area(), air.area.area()) for b in inner if not b.round)
            air.bottom = not any(share > SAME for share in shared)
    return tuple(layers)


def _airs(free: CrossSection, near: float, far: float) -> Iterator[_Air]:
    for piece in separate(offset(offset(free, -HAIR_MM, HAIR_MM), HAIR_MM, HAIR_MM)):
        plain = piece.simplify(HAIR_MM / 2)
        rims = [np.linalg.norm(loop - np.roll(loop, 1, axis=0), axis=1).sum() for loop in plain.to_polygons()]
        if len(rims) == 1 and 4 * math.pi * plain.area() > ROUND * rims[0] ** 2:
            yield _Air(plain, near, far, math.sqrt(4 * plain.area() / math.pi), round=True)
            continue
        radius = widest_radius(plain, SHARE)
        if radius > HAIR_MM:
            yield _Air(plain, near, far, round(2 * radius * (1 + SHARE / 2), 2), round=False)


def _spot(view: _View, air: _Air) -> Vector:
    middle = offset(air.area, -MIDDLE * air.wide / 2, HAIR_MM / 10)
    u, v = (middle if not middle.is_empty() else air.area).to_polygons()[0][0]
    return view.stack.place(float(u), float(v), (air.near_mm + air.far_mm) / 2)


def _slender(view: _View, spot: Vector) -> float:
    """How slender the passage through a spot is from another side, to its end; 0: open, inf: not seen from there."""
    axis = view.stack.axis
    plan = np.array([[spot[(axis + 1) % 3], spot[(axis + 2) % 3]]])
    slabs = view.stack.slabs[::-1] if view.up else view.stack.slabs
    wide = depth = 0.0
    for slab, layer in zip(slabs, view.layers, strict=True):
        air = next((a for a in layer if within(a.area, plan)[0]), None)
        if wide:
            if air is None or _width_at(air.area, plan) < PASSAGE * wide:
                break
            depth = air.depth
        elif within(slab.area, plan)[0]:
            return math.inf
        elif slab.low_mm <= spot[axis] <= slab.high_mm:
            if air is None:
                return 0.0
            wide, depth = _width_at(air.area, plan), air.depth
    return depth / wide if wide else math.inf


def _width_at(area: CrossSection, plan: Points) -> float:
    """The diameter of the largest disc inside an area that covers a point."""
    low, high = 0.0, 2 * widest_radius(area, SHARE)
    while high - low > SHARE * high:
        middle = (low + high) / 2
        opened = offset(offset(area, -middle, HAIR_MM), middle + HAIR_MM, HAIR_MM)
        low, high = (middle, high) if within(opened, plan)[0] else (low, middle)
    return 2 * low

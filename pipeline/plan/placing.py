"""Lays what was found on one side of the part into a setup's frame: a quarter turn or none, and a shift."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

import numpy as np

from geometry.tessellate import Floats
from model.feature import Feature, Hole
from model.plan import Skin
from model.region import Contour, Point, Region, Segment, Stroke
from pipeline.plan.features import Recognition
from pipeline.plan.levels import Levels

Shown = TypeVar("Shown", bound=Feature | Skin)


@dataclass(frozen=True)
class Placed:
    """The features of one side and the part's levels, in a setup's frame."""

    features: tuple[Feature, ...]
    levels: Levels


def placed(found: Recognition, move: Floats) -> Placed:
    """What was found, after a turn about z and a shift given as the rows of a 3x4 matrix."""
    if np.array_equal(move, np.eye(3, 4)):
        return Placed(found.features, found.levels)
    return Placed(tuple(laid(f, move) for f in found.features), found.levels.placed(move))


def laid(f: Shown, move: Floats) -> Shown:
    """A feature, or a skin, after such a motion: its regions and places in the plane, its heights along z."""
    changed: dict[str, Any] = {}
    for part in fields(f):
        value = getattr(f, part.name)
        if isinstance(value, Region):
            changed[part.name] = Region(tuple(_contour(c, move) for c in value.contours))
        elif part.name == "strokes":
            changed[part.name] = tuple(Stroke(tuple(_point(p, move) for p in s.points)) for s in value)
        elif part.name.endswith("_z_mm") or part.name == "z_mm":
            changed[part.name] = value + float(move[2, 3])
    if isinstance(f, Hole):
        x, y = _point((f.x_mm, f.y_mm), move)
        lift = float(move[2, 3])
        steps = tuple(replace(s, bottom_z_mm=s.bottom_z_mm + lift) for s in f.steps)
        changed |= {"x_mm": x, "y_mm": y, "steps": steps}
    return replace(f, **changed)


def _contour(c: Contour, move: Floats) -> Contour:
    found = []
    for s in c.segments:
        (x, y), (cx, cy) = _point((s.x_mm, s.y_mm), move), _point((s.cx_mm, s.cy_mm), move)
        found.append(Segment(x, y, s.turn, cx, cy) if s.turn else Segment(x, y))
    return Contour(tuple(found))


def _point(p: Point, move: Floats) -> Point:
    (a, b, _, x), (c, d, _, y) = (tuple(float(v) for v in row) for row in move[:2])
    return (a * p[0] + b * p[1] + x, c * p[0] + d * p[1] + y)

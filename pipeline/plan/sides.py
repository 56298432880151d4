"""The six sides a part can show to the spindle, and the cheapest sets of them that make all of it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from geometry.tessellate import Floats, Spots, by_face, spots
from model.errors import CapabilityError
from model.finding import Finding
from model.plan import Matrix
from pipeline.plan.corners import SHARP
from pipeline.plan.coverage import FINEST_MM, Flags, Sight, around_part, looked_at, made_by
from pipeline.plan.features import Recognition
from pipeline.plan.levels import MESH_TOL_MM
from pipeline.plan.workpiece import Workpiece

Rows = tuple[tuple[int, int, int], tuple[int, int, int], tuple[int, int, int]]

SIDES: dict[str, Rows] = {
    "+Z": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "-Z": ((1, 0, 0), (0, -1, 0), (0, 0, -1)),
    "+Y": ((-1, 0, 0), (0, 0, 1), (0, 1, 0)),
    "-Y": ((1, 0, 0), (0, 0, 1), (0, -1, 0)),
    "+X": ((0, 1, 0), (0, 0, 1), (1, 0, 0)),
    "-X": ((0, -1, 0), (0, 0, 1), (-1, 0, 0)),
}
"""Which way the part's axes lie when a side looks to the spindle: rows give the setup's x, y and z."""

SPOTS = 12_000
LEAST_MM, MOST_MM = 0.5, 3.0
MISSING_SHARE = 0.05
"""A face is unmade when more than this share of its spots is: a spot at a corner may be in doubt."""
FREE_COST = 0.9
"""Following a sloped face along its surface costs almost a setup; as an upright wall from another side it is quick."""


@dataclass(frozen=True, slots=True)
class View:
    """One side: its features in the frame of :data:`SIDES` and the spots each of them makes."""

    seen: Flags
    features: tuple[tuple[str, Flags], ...]

    def made(self, *, free: bool, outline: bool) -> Flags:
        """All spots this side makes, with or without following free surfaces and cutting the outline."""
        found = np.zeros(len(self.seen), dtype=np.bool_)
        for kind, flags in self.features:
            if (free or kind != "free-surface") and (outline or kind != "outline"):
                found |= flags
        return found


@dataclass(frozen=True, slots=True)
class Way:
    """The sides in the order they are cut; the first two are opposite and take off the whole blank."""

    sides: tuple[str, ...]
    cost: float


class Views:
    """A part looked at from its sides, each when first asked for."""

    def __init__(self, part: Workpiece) -> None:
        self.part = part
        self._views: dict[str, View] = {}
        self._seen: dict[Matrix, Recognition] = {}

    @cached_property
    def _meshes(self) -> list[Floats]:
        return by_face(self.part.solid, MESH_TOL_MM)

    @cached_property
    def spots(self) -> Spots:
        """Spots all over the part's surface, in its own frame."""
        spread = math.sqrt(self.part.solid.Area() / SPOTS)
        return spots(self._meshes, min(max(spread, LEAST_MM), MOST_MM))

    def view(self, side: str) -> View:
        """What one side shows and makes."""
        if side not in self._views:
            matrix = matrix_of(side)
            sight = looked_at(self.spots, np.concatenate(self._meshes), matrix)
            found = self.recognised(matrix)
            around = around_part(found.features)
            made = tuple((f.kind, made_by(f, sight, around)) for f in found.features)
            self._views[side] = View(sight.seen, made)
        return self._views[side]

    def recognised(self, to_setup: Matrix) -> Recognition:
        """The features in a setup's frame."""
        if to_setup not in self._seen:
            self._seen[to_setup] = self.part.seen(to_setup)
        return self._seen[to_setup]

    def sight(self, side: str, to_setup: Matrix) -> Sight:
        """The spots in a setup's frame that shows this side."""
        return Sight.moved(self.spots, self.view(side).seen, to_setup)

    def unmade(self, made: Flags) -> tuple[int, ...]:
        """The numbers of faces that keep more unmade spots than a doubt."""
        missing = np.bincount(self.spots.face[~made], minlength=len(self._meshes))
        whole = np.bincount(self.spots.face, minlength=len(self._meshes))
        return tuple(np.flatnonzero(missing > MISSING_SHARE * whole).tolist())


def matrix_of(side: str) -> Matrix:
    """The turn of :data:`SIDES`, without a shift."""
    x, y, z = ((float(a), float(b), float(c), 0.0) for a, b, c in SIDES[side])
    return (x, y, z)


def opposite(side: str) -> str:
    """The side that looks the other way."""
    return ("-" if side[0] == "+" else "+") + side[1]


def ways(views: Views) -> Iterator[Way]:
    """Sets of sides that make every face, cheapest first.

    Raises:
        CapabilityError: ``plan.unreachable-face``: some face no side makes; each is named with the reason.
    """
    size = dict(zip("XYZ", views.part.size, strict=True))
    axes = sorted("ZYX", key=lambda a: (round(size[a], 3), "ZYX".index(a)))
    if "Z" in axes[1:] and size["Z"] <= 1.5 * size[axes[0]]:
        axes.remove("Z")
        axes.insert(0, "Z")
    waiting: list[Way] = []
    for axis in axes:
        pair = _with_pair(views, f"+{axis}")
        if pair is not None and pair.cost == 2:
            yield from _both_orders(pair)
            axes = [a for a in axes if a != axis]
            break
    for axis in axes:
        waiting += _with_sides(views, f"+{axis}")
    if not waiting and len(axes) == 3:
        raise _unreachable(views)
    for way in sorted(waiting, key=lambda w: (w.cost, round(size[w.sides[0][1]], 3), w.sides)):
        yield from _both_orders(way)


def _both_orders(way: Way) -> Iterator[Way]:
    first, second, *rest = way.sides
    yield way
    yield Way((second, first, *rest), way.cost)


def _with_pair(views: Views, side: str) -> Way | None:
    """Two opposite sides, if they make everything."""
    both = (views.view(side), views.view(opposite(side)))
    if not views.unmade(both[0].made(free=False, outline=True) | both[1].made(free=False, outline=True)):
        return Way((side, opposite(side)), 2)
    if not views.unmade(both[0].made(free=True, outline=True) | both[1].made(free=True, outline=True)):
        return Way((side, opposite(side)), 2 + FREE_COST)
    return None


def _with_sides(views: Views, side: str) -> list[Way]:
    """Two opposite sides and the fewest others that make everything: with and without following free surfaces."""
    others = [s for s in SIDES if s[1] != side[1]]
    found: list[Way] = []
    for free in (False, True):
        base = np.logical_or.reduce([views.view(s).made(free=free, outline=True) for s in (side, opposite(side))])
        for count in range(len(others) + 1):
            added = [
                extra
                for extra in itertools.combinations(others, count)
                if not views.unmade(
                    np.logical_or.reduce([base, *(views.view(s).made(free=free, outline=False) for s in extra)])
                )
            ]
            known = {w.sides for w in found}
            sets = [(side, opposite(side), *extra) for extra in added]
            found += [Way(s, 2 + count + (FREE_COST if free else 0)) for s in sets if s not in known]
            if added:
                break
    return found


def _unreachable(views: Views) -> CapabilityError:
    """The refusal that names every face no side makes, and why."""
    made = np.logical_or.reduce([views.view(s).made(free=True, outline=True) for s in SIDES])
    seen = np.logical_or.reduce([views.view(s).seen for s in SIDES])
    findings = tuple(_finding(views, k, made, seen) for k in views.unmade(made))
    first = findings[0]
    return CapabilityError(
        first.code, first.message, place=first.place, value=first.value, hint=first.hint, findings=findings
    )


def _finding(views: Views, face: int, made: Flags, seen: Flags) -> Finding:
    own = (views.spots.face == face) & ~made
    hidden = float((own & ~seen).sum()) > 0.5 * float(own.sum())
    shape = views.recognised(matrix_of("+Z")).faces[face]
    middle = views.spots.points[own].mean(axis=0)
    place = f"face {face + 1} at x {middle[0]:.2f}, y {middle[1]:.2f}, z {middle[2]:.2f} mm"
    share = float(own.sum()) / float((views.spots.face == face).sum())
    if shape.surface == "cylinder" and shape.concave and shape.radius_mm < FINEST_MM and not hidden:
        return Finding(
            SHARP,
            f"face {face + 1} is an inner corner of radius {shape.radius_mm:.2f} mm; {FINEST_MM:g} mm is the least",
            place=place, value=round(shape.radius_mm, 4), limit=FINEST_MM,
            hint="Round inner corners to the radius of a mill that is long enough for their depth.",
        )  # fmt: skip
    if hidden:
        what = "lies under other material from all six sides: an undercut or a closed cavity"
        hint = "Open it to a side, split the part in two, or have it printed."
    else:
        what = "is seen from a side but is no feature a straight tool makes"
        hint = "Faces square to a side, upright walls, round holes, 45 degree bevels and open sloped faces are cut."
    message = f"face {face + 1} ({100 * share:.0f} % of it) {what}"
    return Finding("plan.unreachable-face", message, place=place, value=round(share, 3), limit=MISSING_SHARE, hint=hint)


def turned(side: str, quarter: int) -> Rows:
    """The turn of a side, and a quarter turn counter-clockwise about the spindle when asked (1)."""
    x, y, z = SIDES[side]
    return ((-y[0], -y[1], -y[2]), x, z) if quarter else (x, y, z)

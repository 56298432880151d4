"""The six sides a part can show to the spindle, and the cheapest sets of them that make all of it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from geometry.faces import Face
from geometry.sight import Sky
from geometry.tessellate import Floats, Spots, by_face, moved, spots
from model.errors import CapabilityError
from model.feature import Cutout, Feature, Hole, Outline, Pocket
from model.finding import Finding
from model.plan import Box, Matrix, Skin
from pipeline.plan.bores import MORE_THAN_HALF
from pipeline.plan.corners import SHARP
from pipeline.plan.coverage import FINEST_MM, Flags, Sight, around_part, looked_at, made_by
from pipeline.plan.features import Recognition
from pipeline.plan.levels import MESH_TOL_MM
from pipeline.plan.placing import Placed, placed
from pipeline.plan.workpiece import Workpiece, spot

if TYPE_CHECKING:
    from manifold3d import CrossSection

Held = tuple[Matrix, float, Box, float]
"""How work is held: its frame, the height gripped (mm), the box between the jaws, the force it bears (N)."""
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

OF_BLANK = ("planar-face", "outline")
"""Kinds of features that only the sides which take the blank off cut."""
SPOTS = 12_000
LEAST_MM, MOST_MM = 0.5, 3.0
MISSING_SHARE = 0.05
"""A face is unmade when more than this share of its spots is: a spot at a corner may be in doubt."""
ASKEW_DEG = 0.01
"""A hole further off every side than this is in no setup's direction."""
RIM_SPOTS, RIM_MM, WHOLE_RIM = 48, 0.15, 0.9
"""Where the rim of a hole is looked at: so many places, so far outside and below its edge; and a rim nearly whole."""
FREE_COST = 0.9
"""Following a sloped face along its surface costs almost a setup; as an upright wall from another side it is quick."""


@dataclass(frozen=True, slots=True)
class Made:
    """What one kind of feature makes: with the finest mill, and with one that came into sharp corners."""

    kind: str
    own: Flags
    whole: Flags


@dataclass(frozen=True, slots=True)
class View:
    """One side: what it shows and what each of its features makes."""

    seen: Flags
    features: tuple[Made, ...]

    def made(self, *, free: bool, blank: bool) -> Flags:
        """All spots this side makes, with or without following free surfaces and taking the blank off all round."""
        found = np.zeros(len(self.seen), dtype=np.bool_)
        for by in self.features:
            if (free or by.kind != "free-surface") and (blank or by.kind not in OF_BLANK):
                found |= by.own
        return found


@dataclass(frozen=True, slots=True)
class Way:
    """Sides that together make every face; the first two are opposite and take off the whole blank."""

    sides: tuple[str, ...]
    cost: float


class Views:
    """A part looked at from its sides, each when first asked for.

    ``framed`` keeps it as it stands in frames of its blank, by the side up, the slot's and the rails' width; ``holds``
    how it is held best, by what that hangs on.
    """

    def __init__(self, part: Workpiece) -> None:
        self.part = part
        self._found: dict[str, Recognition] = {}
        self._views: dict[str, View] = {}
        self._placed: dict[Matrix, Placed] = {}
        self._skies: dict[str, Sky] = {}
        self._orders: dict[tuple[str, frozenset[str]], int] = {}
        self.framed: dict[tuple[str, float, float, float], tuple[Views, Skin]] = {}
        self.holds: dict[Hashable, Held] = {}

    @cached_property
    def _meshes(self) -> list[Floats]:
        return by_face(self.part.solid, MESH_TOL_MM)

    @cached_property
    def _triangles(self) -> Floats:
        return np.concatenate(self._meshes)

    def _sky(self, side: str) -> Sky:
        if side not in self._skies:
            corners = moved(self._triangles.reshape(-1, 3), np.array(matrix_of(side)))
            self._skies[side] = Sky(corners.reshape(-1, 3, 3))
        return self._skies[side]

    @cached_property
    def spots(self) -> Spots:
        """Spots all over the part's surface, in its own frame."""
        spread = math.sqrt(self.part.solid.Area() / SPOTS)
        return _rounded(spots(self._meshes, min(max(spread, LEAST_MM), MOST_MM)), self.faces)

    @cached_property
    def faces(self) -> tuple[Face, ...]:
        """The part's faces, in its own frame."""
        return self._recognised("+Z").faces

    def view(self, side: str) -> View:
        """What one side shows and makes."""
        if side not in self._views:
            sight = looked_at(self.spots, self._sky(side), matrix_of(side))
            found = self._recognised(side).parted()
            around = around_part(found.features)
            made = [_made(f, sight, around) for f in found.features]
            lost = sight.seen & sight.upright() & ~np.logical_or.reduce([by.own for by in made])
            more = found.with_walls(sight.spots, lost)
            made += [_made(f, sight, around) for f in more.features[len(made) :]]
            self._found[side] = more
            self._views[side] = View(sight.seen, tuple(made))
        return self._views[side]

    def _recognised(self, side: str) -> Recognition:
        if side not in self._found:
            self._found[side] = self.part.seen(matrix_of(side))
        return self._found[side]

    def recognised(self, to_setup: Matrix) -> Placed:
        """The features of the side that looks up in a setup's frame, and the levels there."""
        if to_setup not in self._placed:
            side = next(s for s, rows in SIDES.items() if np.allclose(rows[2], to_setup[2][:3]))
            self.view(side)
            self._placed[to_setup] = placed(self._found[side], from_side(side, to_setup))
        return self._placed[to_setup]

    def sight(self, side: str, to_setup: Matrix) -> Sight:
        """The spots in a setup's frame that shows this side."""
        return Sight.moved(self.spots, self.view(side).seen, to_setup)

    def unmade(self, made: Flags) -> tuple[int, ...]:
        """The numbers of faces that keep more unmade spots than a doubt."""
        missing = np.bincount(self.spots.face[~made], minlength=len(self._meshes))
        whole = np.bincount(self.spots.face, minlength=len(self._meshes))
        return tuple(np.flatnonzero(missing > MISSING_SHARE * whole).tolist())

    def standing(self, points: Floats, sides: Iterable[str]) -> Flags:
        """True for points (n, 3) of the part's frame that stay covered by the part on each of the sides.

        What was cut from these sides cannot have taken the blank away there.
        """
        found = np.ones(len(points), dtype=np.bool_)
        for side in sides:
            rows = np.array(matrix_of(side))
            found[found] = self._sky(side).covered(moved(points[found], rows))
        return found

    def rim_standing(self, hole: Hole, to_setup: Matrix, before: Sequence[str]) -> float:
        """The share of a hole's rim in a setup that still stands when these sides have been cut."""
        angles = np.linspace(0, math.tau, RIM_SPOTS, endpoint=False)
        r = hole.steps[0].diameter_mm / 2 + hole.chamfer_mm + RIM_MM
        z = np.full(RIM_SPOTS, hole.top_z_mm - RIM_MM)
        rim = np.stack([hole.x_mm + r * np.cos(angles), hole.y_mm + r * np.sin(angles), z], axis=1)
        turn = np.array(to_setup)
        back = np.hstack([turn[:, :3].T, -turn[:, :3].T @ turn[:, 3:]])
        return float(self.standing(moved(rim, back), before).mean())

    def holes_broken(self, order: Sequence[str]) -> int:
        """How many holes with a gap in their wall would be drilled after what makes the gap has been cut."""
        return sum(self._broken(side, frozenset(order[:k])) for k, side in enumerate(order) if k)

    def _broken(self, side: str, before: frozenset[str]) -> int:
        if (side, before) not in self._orders:
            m = matrix_of(side)
            holes = [f for f in self.recognised(m).features if isinstance(f, Hole) and f.broken]
            late = [h for h in holes if self.rim_standing(h, m, sorted(before)) < WHOLE_RIM]
            self._orders[side, before] = len(late)
        return self._orders[side, before]


def _rounded(given: Spots, faces: Sequence[Face]) -> Spots:
    """Spots with the true normals of round walls: the mesh's slivers where two bores meet lean any way."""
    normals = given.normals.copy()
    for f in faces:
        if f.surface == "cylinder":
            own = given.face == f.index
            way, axis = given.points[own] - f.centre, np.array(f.axis)
            out = way - (way @ axis)[:, None] * axis
            normals[own] = out / np.linalg.norm(out, axis=1)[:, None] * (-1 if f.concave else 1)
    return replace(given, normals=normals)


def _made(f: Feature, sight: Sight, around: CrossSection) -> Made:
    own = made_by(f, sight, around)
    sharp = isinstance(f, Pocket | Cutout | Outline) and f.corner_radius_mm < FINEST_MM
    return Made(f.kind, own, made_by(f, sight, around, 0.0) if sharp else own)


def matrix_of(side: str) -> Matrix:
    """The turn of :data:`SIDES`, without a shift."""
    x, y, z = ((float(a), float(b), float(c), 0.0) for a, b, c in SIDES[side])
    return (x, y, z)


def from_side(side: str, to_setup: Matrix) -> Floats:
    """The turn and shift that lead from a side's own frame (:func:`matrix_of`) to a setup's."""
    turn = np.array(to_setup)
    turn[:, :3] = np.round(turn[:, :3] @ np.array(SIDES[side]).T)
    return turn


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
            yield pair
            axes = [a for a in axes if a != axis]
            break
    for axis in axes:
        waiting += _with_sides(views, f"+{axis}")
    if not waiting and len(axes) == 3:
        raise _unreachable(views)
    yield from sorted(waiting, key=lambda w: (w.cost, _least_broken(views, w), round(size[w.sides[0][1]], 3), w.sides))


def _least_broken(views: Views, way: Way) -> int:
    return views.holes_broken(orders(views, way)[0])


def orders(views: Views, way: Way) -> list[tuple[str, ...]]:
    """The orders its sides may be cut in: first the two opposite ones, holes with a gap before what makes the gap."""
    pair, rest = way.sides[:2], way.sides[2:]
    every = [(*p, *r) for r in itertools.permutations(rest) for p in (pair, pair[::-1])]
    return sorted(every, key=views.holes_broken)


def _with_pair(views: Views, side: str) -> Way | None:
    """Two opposite sides, if they make everything."""
    both = (views.view(side), views.view(opposite(side)))
    if not views.unmade(both[0].made(free=False, blank=True) | both[1].made(free=False, blank=True)):
        return Way((side, opposite(side)), 2)
    if not views.unmade(both[0].made(free=True, blank=True) | both[1].made(free=True, blank=True)):
        return Way((side, opposite(side)), 2 + FREE_COST)
    return None


def _with_sides(views: Views, side: str) -> list[Way]:
    """Two opposite sides and the fewest others that make everything: with and without following free surfaces."""
    others = [s for s in SIDES if s[1] != side[1]]
    found: list[Way] = []
    for free in (False, True):
        base = np.logical_or.reduce([views.view(s).made(free=free, blank=True) for s in (side, opposite(side))])
        for count in range(len(others) + 1):
            added = [
                extra
                for extra in itertools.combinations(others, count)
                if not views.unmade(
                    np.logical_or.reduce([base, *(views.view(s).made(free=free, blank=False) for s in extra)])
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
    made = np.logical_or.reduce([views.view(s).made(free=True, blank=True) for s in SIDES])
    seen = np.logical_or.reduce([views.view(s).seen for s in SIDES])
    cornered = np.logical_or.reduce([by.whole for s in SIDES for by in views.view(s).features])
    left = views.unmade(made)
    grooves = set().union(*(_groove_along(views, k) for k in left))
    return CapabilityError.told_by([_finding(views, k, made, seen, cornered, grooves) for k in left])


def _groove_along(views: Views, face: int) -> set[str]:
    """The axis a groove runs along that is wider below than at its mouth: of its floor only a strip lies open."""
    shape, own = views.faces[face], views.spots.face == face
    for side, rows in SIDES.items():
        if shape.surface == "plane" and np.allclose(shape.normal, rows[2]):
            covered = own & ~views.view(side).seen
            strip = MISSING_SHARE < float(covered.sum()) / float(own.sum()) < 1 - MISSING_SHARE
            axes = _open_along(views, covered)
            return axes if strip and len(axes) == 1 else set()
    return set()


def _open_along(views: Views, own: Flags) -> set[str]:
    """The axes from whose ends spots are seen."""
    return {s[1] for s in SIDES if (views.view(s).seen & own).sum() > MISSING_SHARE * own.sum()}


def _finding(views: Views, face: int, made: Flags, seen: Flags, cornered: Flags, grooves: set[str]) -> Finding:
    """The reason for one face; ``cornered`` spots would be made by a mill without a radius."""
    own = (views.spots.face == face) & ~made
    hidden = float((own & ~seen).sum()) > 0.5 * float(own.sum())
    shape = views.faces[face]
    middle = views.spots.points[own].mean(axis=0)
    place = f"face {face + 1} at {spot(middle, views.part.zero_mm)}"
    share = float(own.sum()) / float((views.spots.face == face).sum())
    if shape.surface == "cylinder" and shape.concave and shape.radius_mm < FINEST_MM and not hidden:
        return Finding(
            SHARP,
            f"face {face + 1} is an inner corner of radius {shape.radius_mm:.2f} mm; {FINEST_MM:g} mm is the least",
            place=place, value=round(shape.radius_mm, 4), limit=FINEST_MM,
            hint="Round inner corners to the radius of a mill that is long enough for their depth.",
        )  # fmt: skip
    off = math.degrees(math.acos(min(1.0, max(map(abs, shape.axis)))))
    if shape.surface in ("cylinder", "cone") and shape.concave and shape.sweep_rad > MORE_THAN_HALF and off > ASKEW_DEG:
        return Finding(
            "plan.tilted-hole",
            f"face {face + 1} is a round hole {off:.1f} degrees off the nearest of the six sides: no setup is tilted",
            place=place, value=round(off, 3), limit=ASKEW_DEG,
            hint="Draw the hole square to a side of the block, or turn the part so that it is.",
        )  # fmt: skip
    axes = _open_along(views, own)
    if len(axes) == 1 and axes <= grooves and 2 * (own & cornered).sum() > own.sum():
        return Finding(
            "plan.undercut",
            f"face {face + 1} is an undercut in a groove along {min(axes)}: it needs a T-slot or dovetail cutter from "
            "the side, and none is planned here",
            place=place, value=round(share, 3), limit=MISSING_SHARE,
            hint="Make the groove no wider below than at its mouth, or bolt it together from two parts.",
        )  # fmt: skip
    if 2 * (own & cornered).sum() > own.sum():
        at = spot(views.spots.points[own & cornered][0], views.part.zero_mm)
        what = f"face {face + 1} ends in a sharp inner corner at {at}: it needs a radius of {FINEST_MM:g} mm or more"
        if share > 0.5:
            what = f"face {face + 1} lies in a gap no wider than {2 * FINEST_MM:g} mm at {at}: no mill comes into it"
        return Finding(
            SHARP, what, place=f"face {face + 1} at {at}", limit=FINEST_MM,
            hint="Round inner corners to the radius of a mill that is long enough for their depth; widen the gap.",
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
    """The turn of a side, and so many quarter turns counter-clockwise about the spindle."""
    x, y, z = SIDES[side]
    for _ in range(quarter):
        x, y = (-y[0], -y[1], -y[2]), x
    return (x, y, z)

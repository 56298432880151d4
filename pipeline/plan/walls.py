"""Refuses parts with walls and floors too thin to stand the cutting."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

from geometry.faces import Face
from geometry.regions import flatten, offset, separate
from model.design import Vector
from model.errors import CapabilityError
from model.finding import Finding
from model.tooling import Material
from pipeline.plan.levels import HAIR_MM, Levels
from pipeline.plan.limits import SOFT_GROUPS

if TYPE_CHECKING:
    from manifold3d import CrossSection

LEAST_MM, LEAST_SOFT_MM = 0.5, 1.0
"""Thinnest walls of metal, and of plastics and wood: what shops publish as feasible (0.8 and 1.5 mm are advised)."""
SLENDER = 30.0
"""Walls higher than so many times their thickness: past the toolmakers' last class, which wants methods of its own."""
LOW = 2.0
"""A thinner ridge stands by itself up to so many times its thickness: the rims of engravings (belief)."""
LONG = 10.0
"""What is thin over less than so many least thicknesses is an edge or the web beside a hole, and its ends carry it."""
SAME_MM, HAIRS_MM = 1e-3, 0.02
"""Heights are the same; slivers thinner than the second come from rounding."""


def refuse_thin(levels: Levels, faces: Sequence[Face], material: Material, zero_mm: Vector = (0.0, 0.0, 0.0)) -> None:
    """Refuse upright walls and level floors that are too thin, in the part's own frame, whose zero is told.

    Raises:
        CapabilityError: ``plan.thin-wall``, the thickness of each and where it is.
    """
    least = LEAST_SOFT_MM if material.iso_group in SOFT_GROUPS else LEAST_MM
    found = [*_walls(levels, least, zero_mm), *_floors(levels, faces, least, zero_mm)]
    if found:
        raise CapabilityError.told_by(found)


def _walls(levels: Levels, least: float, zero_mm: Vector) -> list[Finding]:
    """The thinnest long wall at each height where one is too thin, or too slender for how high it stands."""
    slabs = [
        (levels.section(low + HAIR_MM), levels.section((low + high) / 2), low, high)
        for low, high in itertools.pairwise(levels.heights)
    ]
    for most in sorted({least, (levels.top_mm - levels.bottom_mm) / SLENDER}, reverse=True):
        if most < least:
            continue
        standing: list[tuple[CrossSection, float]] = []
        thin = False
        for section, halfway, low, high in slabs:
            now: list[tuple[CrossSection, float]] = []
            pieces = _thin(section, most, LONG * least)
            above = pieces if halfway is section else _thin(halfway, most, LONG * least)
            thin = thin or bool(pieces)
            for piece in pieces:
                over = [p for p in above if not (piece ^ p).is_empty()]
                if not over:
                    continue  # a feather edge, which is thick a little higher up
                foot = min([low, *(z for below, z in standing if not (below ^ piece).is_empty())])
                thick = max(_thickness(section, piece, most), *(_thickness(halfway, p, most) for p in over))
                if high - foot > (LOW if thick < least else SLENDER) * thick:
                    return [_told("wall", piece, thick, least, (foot, high), zero_mm)]
                now.append((piece, foot))
            standing = now
        if not thin:  # then nothing is thinner still
            break
    return []


def _floors(levels: Levels, faces: Sequence[Face], least: float, zero_mm: Vector) -> list[Finding]:
    """What lies between a level face that looks up and one just below that looks down; a sheet's own faces do not."""
    up, down = ([f for f in faces if f.level and f.normal[2] * way > 0] for way in (1, -1))
    for f, g in itertools.product(up, down):
        thick = f.z0_mm - g.z0_mm
        whole = f.z0_mm > levels.top_mm - SAME_MM and g.z0_mm < levels.bottom_mm + SAME_MM
        if SAME_MM < thick < least - SAME_MM and not whole:
            both = flatten(f.region) ^ flatten(g.region)
            if not offset(both, -LONG * least / 2).is_empty():
                return [_told("floor", both, thick, least, (g.z0_mm, f.z0_mm), zero_mm)]
    return []


def _thin(section: CrossSection, most_mm: float, long_mm: float) -> list[CrossSection]:
    """The long pieces of a section nowhere as wide as ``most_mm``."""
    r = most_mm / 2 - SAME_MM
    pieces = separate(section - offset(offset(section, -r), r + HAIRS_MM))
    # Nothing at all comes apart into one empty piece, whose bounds are endless.
    return [p for p in pieces if _length(p) > long_mm]


def _length(area: CrossSection) -> float:
    x0, y0, x1, y1 = area.bounds()
    return float(max(x1 - x0, y1 - y0))


def _thickness(section: CrossSection, piece: CrossSection, most_mm: float) -> float:
    """How wide a piece of a section is at its widest, to a fiftieth."""
    low, high = 0.0, most_mm
    near = section ^ offset(piece, most_mm)
    while high - low > 0.02 * most_mm:
        mid = (low + high) / 2
        left = offset(offset(near, -mid / 2), mid / 2) ^ piece
        low, high = (mid, high) if left.area() > 0.5 * piece.area() else (low, mid)
    return high


def _told(
    what: str, area: CrossSection, thick: float, least: float, heights: tuple[float, float], zero_mm: Vector
) -> Finding:
    dx, dy, dz = zero_mm
    x0, y0, x1, y1 = (v + d for v, d in zip(area.bounds(), (dx, dy, dx, dy), strict=True))
    low, high = (z + dz for z in heights)
    place = f"x {x0:.2f} to {x1:.2f}, y {y0:.2f} to {y1:.2f}, z {low:.2f} to {high:.2f} mm"
    limit = round(max(least, (high - low) / SLENDER), 2) if what == "wall" else least
    return Finding(
        "plan.thin-wall",
        f"the {what} at {place} is {thick:.2f} mm thick; {limit:g} mm is the least that stands the cutting",
        place=place, value=round(thick, 2), limit=limit, hint=f"Make the {what} {limit:g} mm or thicker, or lower.",
    )  # fmt: skip

"""Inner corners: which radius a mill must not exceed, and the refusal of corners sharper than every mill."""

from __future__ import annotations

import math
from collections.abc import Sequence

from geometry.regions import flatten, offset, separate
from model.errors import CapabilityError
from model.feature import Cutout, Outline, Pocket
from model.finding import Finding
from model.region import Point
from pipeline.plan.coverage import FINEST_MM
from pipeline.plan.levels import SHARP_MM, Levels, tightest_radius

SHARP = "plan.sharp-corner"
FINE_MM, LOOK_MM = 0.5, 5.0
"""The radius that tells sharp corners from round ones; an outline is looked at from so far outside."""
LEFT_MM, RIM_MM = 0.04, 0.01
"""What a mill may leave in a corner without an arc; so near the part's outline an open pocket has no wall."""


def rounded_radius(f: Pocket | Outline | Cutout) -> float:
    """The tightest hollow arc of a feature's boundary (mm); corners without an arc do not count.

    For an opening arcs about points inside it are hollow; for an outline those about points outside.
    """
    region, hollow = (f.floor, 1) if isinstance(f, Pocket) else (f.region, -1 if isinstance(f, Outline) else 1)
    tightest = math.inf
    for contour in region.contours:
        for s in contour.segments:
            if s.turn == hollow and math.hypot(s.x_mm - s.cx_mm, s.y_mm - s.cy_mm) > SHARP_MM:
                tightest = min(tightest, math.hypot(s.x_mm - s.cx_mm, s.y_mm - s.cy_mm))
    return tightest


def blunt_radius(f: Pocket | Outline | Cutout, levels: Levels) -> float:
    """The largest radius (mm) of a mill that leaves next to nothing in any corner, with an arc or without.

    0 where not even the finest mill does: the corner is sharp.
    """
    outline, free = isinstance(f, Outline), None
    if isinstance(f, Pocket) and f.open:
        whole = levels.silhouette()
        free = offset(whole, RIM_MM) - offset(whole, -RIM_MM)
    region = f.floor if isinstance(f, Pocket) else f.region
    found = tightest_radius(region, walls_outside=not outline, free=free, left_mm=LEFT_MM)
    return found if found >= FINEST_MM else 0.0


def sharp_place(f: Pocket | Outline | Cutout) -> Point:
    """Where the sharpest inner corner of a feature lies: there a fine mill leaves most."""
    area = flatten(f.floor if isinstance(f, Pocket) else f.region)
    area = offset(area, LOOK_MM) - area if isinstance(f, Outline) else area
    left = separate(area - offset(offset(area, -FINE_MM), FINE_MM))
    x0, y0, x1, y1 = max(left, key=lambda p: round(float(p.area()), 6)).bounds() if left else area.bounds()
    return ((x0 + x1) / 2, (y0 + y1) / 2)


def refuse_sharp(unreachable: Sequence[Finding]) -> None:
    """Refuse a plan that would leave material in corners no mill of the machine fills.

    Raises:
        CapabilityError: ``plan.sharp-corner``, with every such feature.
    """
    sharp = tuple(f for f in unreachable if f.code == SHARP and float(f.value or 0) > float(f.limit or 0))
    if sharp:
        raise CapabilityError.told_by(sharp)

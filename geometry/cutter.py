"""The shapes of cutters, shanks and holders as they come down on a part."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.tooling import Holder, Tool


@dataclass(frozen=True, slots=True)
class Cutter:
    """A cutter's lower surface about its axis, from the tip up: a flat, a rounded corner, a cone.

    The surface's height over the tip is 0 up to the radius ``flat_mm``, follows an arc of ``corner_mm`` to the
    radius ``cone_from_mm``, and from there rises by ``cone_slope`` (mm a mm) to ``radius_mm``. It must be convex.
    """

    radius_mm: float
    flat_mm: float
    corner_mm: float
    cone_from_mm: float
    cone_slope: float = 0.0

    def numbers(self) -> NDArray[np.float64]:
        """The shape as the compiled loops take it."""
        over = self.cone_from_mm - self.flat_mm
        rise = self.corner_mm - math.sqrt(max(self.corner_mm**2 - over**2, 0.0)) if self.corner_mm > 0 else 0.0
        return np.array([self.radius_mm, self.flat_mm, self.corner_mm, self.cone_from_mm, rise, self.cone_slope])


def mill(diameter_mm: float, corner_mm: float = 0.0) -> Cutter:
    """A flat (corner 0), bull-nose or ball (corner half the diameter) end mill."""
    r = diameter_mm / 2
    return Cutter(r, r - corner_mm, corner_mm, r)


def cone(diameter_mm: float, tip_mm: float, angle_deg: float) -> Cutter:
    """A pointed cutter: a tip ``tip_mm`` wide, sides at the full angle ``angle_deg``, up to ``diameter_mm``."""
    return Cutter(diameter_mm / 2, tip_mm / 2, 0.0, tip_mm / 2, 1 / math.tan(math.radians(angle_deg) / 2))


def tapered(diameter_mm: float, corner_mm: float, angle_deg: float) -> Cutter:
    """A ball of radius ``corner_mm`` under a tangent cone of the full angle ``angle_deg``."""
    half = math.radians(angle_deg) / 2
    return Cutter(diameter_mm / 2, 0.0, corner_mm, corner_mm * math.cos(half), 1 / math.tan(half))


def of_tool(tool: Tool, growth_mm: float = 0.0) -> Cutter:
    """The cutter of a straight mill, made larger on all sides; let down it leaves that much everywhere."""
    r = tool.diameter_mm / 2
    corner = min(tool.corner_radius_mm, r)
    return Cutter(r + growth_mm, r - corner, corner + growth_mm, r + growth_mm)


def bodies(tool: Tool, holder: Holder, stick_out_mm: float, spare_mm: float) -> list[tuple[Cutter, float]]:
    """Shank and holder as cutters, ``spare_mm`` wider than they are, with their heights above the tip."""
    found = []
    wide = max(tool.shank_diameter_mm, tool.diameter_mm) / 2 + spare_mm
    if tool.shank_diameter_mm > tool.diameter_mm:
        found.append((Cutter(wide, wide, 0.0, wide), tool.shoulder_length_mm - spare_mm))
    height = stick_out_mm
    for s in holder.segments:
        low, high = s.lower_diameter_mm / 2 + spare_mm, s.upper_diameter_mm / 2 + spare_mm
        if high > low:
            found.append((Cutter(high, low, 0.0, low, s.height_mm / (high - low)), height - spare_mm))
        else:
            found.append((Cutter(low, low, 0.0, low), height - spare_mm))
        height += s.height_mm
    return found

"""Places boxes on a bed, bottom left, each turned as it fits best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

NEAR_MM = 1e-6


@dataclass(frozen=True, slots=True)
class Box:
    """A box from its front left corner (mm); ``turned`` by a quarter, its sides are those after the turn."""

    x_mm: float
    y_mm: float
    wide_mm: float
    deep_mm: float
    turned: bool = False

    def clear_of(self, other: Box, gap_mm: float) -> bool:
        """Whether there are at least ``gap_mm`` between the two, along x or along y."""
        return max(self.gaps(other)) >= gap_mm - NEAR_MM

    def gaps(self, other: Box) -> tuple[float, float]:
        """What lies between the two along x and along y (mm); negative where they overlap."""
        along_x = max(other.x_mm - self.x_mm - self.wide_mm, self.x_mm - other.x_mm - other.wide_mm)
        along_y = max(other.y_mm - self.y_mm - self.deep_mm, self.y_mm - other.y_mm - other.deep_mm)
        return along_x, along_y


def nest(sizes: Sequence[tuple[float, float]], room: tuple[float, float], gap_mm: float) -> list[Box] | None:
    """A box for every size (mm), in their order, all within the room and ``gap_mm`` apart; None: they do not fit.

    The largest goes first, to the lowest and then leftmost corner it fits in. Equal sizes give equal places.
    """
    lying: dict[int, Box] = {}
    for k in sorted(range(len(sizes)), key=lambda k: (-sizes[k][0] * sizes[k][1], -max(sizes[k]), k)):
        found = _lowest(sizes[k], list(lying.values()), room, gap_mm)
        if found is None:
            return None
        lying[k] = found
    return [lying[k] for k in range(len(sizes))]


def _lowest(size: tuple[float, float], lying: list[Box], room: tuple[float, float], gap_mm: float) -> Box | None:
    across = sorted({0.0, *(b.x_mm + b.wide_mm + gap_mm for b in lying)})
    upward = sorted({0.0, *(b.y_mm + b.deep_mm + gap_mm for b in lying)})
    wide, deep = size
    for y in upward:
        for x in across:
            for box in (Box(x, y, wide, deep), Box(x, y, deep, wide, turned=True)):
                inside = x + box.wide_mm <= room[0] + NEAR_MM and y + box.deep_mm <= room[1] + NEAR_MM
                if inside and all(box.clear_of(other, gap_mm) for other in lying):
                    return box
    return None

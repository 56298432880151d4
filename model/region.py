"""Plane regions bounded by straight segments and circular arcs, in millimetres."""

from __future__ import annotations

from dataclasses import dataclass

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Segment:
    """From the end of the one before to (x, y): straight, or an arc about (cx, cy).

    ``turn`` is 0 for a straight line, +1 for a counter-clockwise arc, -1 for clockwise.
    """

    x_mm: float
    y_mm: float
    turn: int = 0
    cx_mm: float = 0.0
    cy_mm: float = 0.0


@dataclass(frozen=True, slots=True)
class Contour:
    """A closed chain of segments: it ends where it starts.

    Outer boundaries run counter-clockwise, holes clockwise. A full circle is two half arcs.
    """

    segments: tuple[Segment, ...]

    @property
    def start(self) -> Point:
        """Where the chain starts and ends."""
        last = self.segments[-1]
        return (last.x_mm, last.y_mm)


@dataclass(frozen=True, slots=True)
class Region:
    """Any number of separate areas, each with its holes: the even-odd sum of its contours."""

    contours: tuple[Contour, ...] = ()


@dataclass(frozen=True, slots=True)
class Stroke:
    """An open polyline an engraving tool follows."""

    points: tuple[Point, ...]

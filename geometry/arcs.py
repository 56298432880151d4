"""Arithmetic of circular arcs, standard library only."""

from __future__ import annotations

import math

from model.region import Point, Segment


def sweep(start: Point, s: Segment) -> float:
    """Signed angle (rad) an arc segment turns through; a closed arc is a whole turn."""
    a0 = math.atan2(start[1] - s.cy_mm, start[0] - s.cx_mm)
    a1 = math.atan2(s.y_mm - s.cy_mm, s.x_mm - s.cx_mm)
    turn = (a1 - a0) * s.turn % math.tau
    return s.turn * (turn if turn > 1e-12 else math.tau)

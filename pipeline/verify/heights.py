"""Tells from which height on a tool's tip is clear of everything that stands on the table."""

from __future__ import annotations

from model.plan import Setup

OVER_MM = 3.0
"""So far over the work and what holds it no tip touches anything, wherever it goes (belief)."""


def clear_z(setup: Setup) -> float:
    """Height of the tip (mm, setup frame) that is clear of blank and fixture: the setup's safe height, or less.

    A safe height that not every tool can be lifted to asks for no more than 3 mm over all there is.
    """
    tops = [setup.stock_box.z1_mm, *(box.z1_mm for box in setup.fixture.obstacles)]
    return min(setup.safe_z_mm, max(tops) + OVER_MM)

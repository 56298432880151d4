"""The colours of deviations: red where the part was cut into, green where it is right, blue where material was left."""

from __future__ import annotations

from itertools import pairwise

TONES = ("#7f0000", "#d7301f", "#fdae6b", "#b9cdb5", "#9ecae1", "#3182bd", "#54278f", "#2d004b")
"""From deep in the part (reds) over right (green) to much left on (blue, violet)."""
UNCUT = "#cfcfc8"
"""The blank's own face, where nothing was to be cut."""


def edges(cut_into_mm: float, left_on_mm: float) -> tuple[float, ...]:
    """Where one class of deviation (mm) ends and the next begins."""
    c, f = cut_into_mm, left_on_mm
    return (-5 * c, -c, -0.2 * c, 0.2 * c, 0.2 * f, f, 5 * f)


def ranges(cut_into_mm: float, left_on_mm: float) -> list[str]:
    """The classes in words, as many as :data:`TONES`."""
    bounds = [f"{e:+.4g}" for e in edges(cut_into_mm, left_on_mm)]
    return [f"< {bounds[0]}", *(f"{a} … {b}" for a, b in pairwise(bounds)), f"> {bounds[-1]}"]

"""The medial axis of hair-thin outlines: no more circles are laid than the inside has room for."""

from __future__ import annotations

import math

import pytest

from geometry import medial
from geometry.medial import Site, medial_axis
from model.region import Contour, Point, Region, Segment

COUNT = 120


def ribbon(width_mm: float) -> Region:
    """A wave 60 mm long, as wide as told."""
    line = [(0.5 * k, 3 * math.sin(0.5 * k)) for k in range(COUNT)]
    ring = [*line, *((x, y + width_mm) for x, y in reversed(line))]
    return Region((Contour(tuple(Segment(x, y) for x, y in ring)),))


@pytest.mark.parametrize("width_mm", [0.003, 0.02, 1.0])
def test_the_axis_of_a_thin_wave_takes_few_circles_and_runs_its_whole_length(
    width_mm: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    laid: list[int] = []
    parabola = medial._parabola  # noqa: SLF001 - the work is counted where it is done

    def counted(ends: tuple[Point, Point], focus: Point, wall: Site, shares: list[float]) -> list[Point]:
        laid.append(len(shares))
        return parabola(ends, focus, wall, shares)

    monkeypatch.setattr(medial, "_parabola", counted)
    axis = medial_axis(ribbon(width_mm))
    across = [c[0] for b in axis.branches for c in b.circles]

    assert sum(laid) < 100 * COUNT
    assert (0.0, 59.5) == pytest.approx((min(across), max(across)), abs=width_mm)
    assert max(c[2] for b in axis.branches for c in b.circles) <= width_mm / 2 + 1e-4

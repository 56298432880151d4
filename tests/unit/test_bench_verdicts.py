"""What the bench says of a number: met or missed, by the bound in its target."""

from __future__ import annotations

import pytest

from bench.run import verdict


@pytest.mark.parametrize(
    ("value", "target", "expected"),
    [
        (1.05, "<= 1.05", "met"), (1.051, "<= 1.05", "MISS"), (10.0, "< 10", "MISS"),
        (0.96, ">= 0.95 (FreeCAD 0.917)", "met"), (75000, "OpenCAMLib 1338; >= 80000", "MISS"),
        (0.78, "<= 3; Kiri:Moto 29.6", "met"), (-0.1, ">= 0; Kiri:Moto -0.032", "MISS"), (0, "0", "met"),
        (2, "0", "MISS"), (1, "1", "met"), (0.75, "FreeCAD 0.31", ""), (5.0, "none", ""),
        (131907.65, "131907.65 published", ""),
    ],
)  # fmt: skip
def test_a_number_is_held_against_its_bound(value: float, target: str, expected: str) -> None:
    assert expected == verdict(value, target)

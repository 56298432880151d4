from __future__ import annotations

import pytest

from model.errors import OrderError
from model.units import parse_length_mm


@pytest.mark.parametrize(
    ("text", "length_mm"),
    [
        ("6 mm", 6.0),
        ("6 мм", 6.0),
        ("6мм.", 6.0),
        ("6 MM", 6.0),
        ("12 cm", 120.0),
        ("12 см", 120.0),
        ("2,5 мм", 2.5),
        ("0,125 in", 3.175),
        ("1/4 in", 6.35),
        ("3/8 inch", 9.525),
        ("1 1/2 in", 38.1),
        ("1½ in", 38.1),
        ("½ дюйма", 12.7),
        ('2"', 50.8),
        ("1 ft", 304.8),
        ("0.12 m", 120.0),
        ("0,12 м", 120.0),
        ("1\u00a0200 мм", 1200.0),
        ("1 200 мм", 1200.0),
        ("200 µm", 0.2),
    ],
)
def test_lengths_as_people_write_them(text: str, length_mm: float) -> None:
    assert length_mm == parse_length_mm(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("120", "units.missing"),
        ("120 kg", "units.wrong-kind"),
        ("120 parsec", "units.unknown-unit"),
        ("1,200 mm", "units.ambiguous-comma"),
        ("-3 mm", "units.negative"),
        ("nan mm", "units.not-a-number"),
        ("inf mm", "units.not-a-number"),
        ("1/0 in", "units.not-a-number"),
        ("long", "units.not-a-number"),
        ("1.2.3 mm", "units.not-a-number"),
        ("", "units.not-a-number"),
        ("9" * 100 + " mm", "units.not-a-number"),
    ],
)
def test_what_is_no_length_is_refused(text: str, code: str) -> None:
    with pytest.raises(OrderError) as refused:
        parse_length_mm(text)

    assert code == refused.value.code
    assert refused.value.hint


def test_a_mistyped_unit_is_named_with_its_neighbour() -> None:
    with pytest.raises(OrderError) as refused:
        parse_length_mm("5 inchs")

    assert "Did you mean inch" in refused.value.hint

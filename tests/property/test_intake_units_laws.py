from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from model.errors import OrderError
from model.units import UNITS, parse_length_mm, parse_quantity

decimals = st.decimals(min_value=0, max_value=9999, places=4, allow_nan=False, allow_infinity=False)
units = st.sampled_from(sorted(UNITS))
lengths = st.sampled_from(sorted(u for u, (dimension, _) in UNITS.items() if dimension == "length"))
gaps = st.sampled_from(["", " ", "\u00a0"])


@given(number=decimals, unit=units, gap=gaps, mark=st.sampled_from(".,"))
def test_what_is_written_is_read_exactly(number: Decimal, unit: str, gap: str, mark: str) -> None:
    written = f"{number:f}".replace(".", mark)
    dimension, factor = UNITS[unit]

    read = parse_quantity(f"{written}{gap}{unit}")

    assert (Fraction(number) * factor, dimension) == (read.value, read.dimension)


@given(whole=st.integers(0, 99), top=st.integers(1, 63), bottom=st.integers(1, 64), unit=lengths)
def test_fractions_are_exact(whole: int, top: int, bottom: int, unit: str) -> None:
    expected = (whole + Fraction(top, bottom)) * UNITS[unit][1]

    assert float(expected) == parse_length_mm(f"{whole} {top}/{bottom} {unit}")


@given(text=st.text(max_size=80))
def test_anything_else_is_refused_with_a_code(text: str) -> None:
    try:
        length = parse_length_mm(text)
    except OrderError as error:
        told = (error.code.partition(".")[0], bool(error.hint))
    else:
        told = ("units", length >= 0)

    assert told == ("units", True)

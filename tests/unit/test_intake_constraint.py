from __future__ import annotations

import pytest

from model.constraint import Constraint, check_constraints, contradictions, parse_constraint
from model.errors import OrderError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mass <= 200 g", Constraint("mass", "<=", 200.0, "g", "mass <= 200 g")),
        ("масса ≤ 0,2 кг", Constraint("mass", "<=", 200.0, "g", "масса ≤ 0,2 кг")),
        ("length<130 mm", Constraint("length", "<", 130.0, "mm", "length<130 mm")),
        ("Width >= 4 in", Constraint("width", ">=", 101.6, "mm", "Width >= 4 in")),
        ("volume > 2 cm3", Constraint("volume", ">", 2000.0, "mm3", "volume > 2 cm3")),
    ],
)
def test_a_limit_is_read(text: str, expected: Constraint) -> None:
    assert expected == parse_constraint(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("mas <= 200 g", "constraint.unknown-name"),
        ("mass <= 200", "units.missing"),
        ("mass <= 200 mm", "units.wrong-kind"),
        ("mass == 200 g", "constraint.grammar"),
        ("mass <= 200 g <= 300 g", "constraint.grammar"),
        ("__import__('os')", "constraint.grammar"),
        ("", "constraint.grammar"),
    ],
)
def test_what_is_no_limit_is_refused(text: str, code: str) -> None:
    with pytest.raises(OrderError) as refused:
        parse_constraint(text)

    assert code == refused.value.code


def test_a_broken_limit_gives_the_place_the_value_and_the_limit() -> None:
    limits = [parse_constraint("mass <= 200 g"), parse_constraint("length <= 130 mm")]

    (found,) = check_constraints(limits, {"mass_g": 210.5, "length_mm": 130.0000001})

    assert ("constraint.broken", "mass_g", 210.5, "<= 200 g") == (found.code, found.place, found.value, found.limit)
    assert found.hint


def test_a_limit_on_something_not_measured_is_never_skipped() -> None:
    (found,) = check_constraints([parse_constraint("mass <= 200 g")], {"length_mm": 10.0})

    assert ("constraint.not-measured", "mass_g", "refuse") == (found.code, found.place, found.severity)


@pytest.mark.parametrize(
    ("limits", "wrong"),
    [
        (("length >= 100 mm", "length <= 50 mm"), 1),
        (("mass < 2 kg", "mass > 2000 g"), 1),
        (("mass < 2 kg", "mass >= 2000 g"), 1),
        (("mass <= 2 kg", "mass >= 2000 g"), 0),
        (("length >= 50 mm", "length <= 100 mm", "width <= 10 mm"), 0),
        (("length <= 1 in", "length <= 20 mm", "length > 30 mm"), 2),
    ],
)
def test_limits_no_part_can_hold_together_are_told(limits: tuple[str, ...], wrong: int) -> None:
    assert wrong == len(contradictions(parse_constraint(text) for text in limits))

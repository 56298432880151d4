"""ISO text: what changes is written, what a control cannot say is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from model.errors import ConfigError
from model.toolpath import Move, SetupPath, Toolpath, Toolpaths
from postprocessors import dialects
from postprocessors.milling import programs
from tests.every_move import SAFE_MM, paths_for, plan_for

START = (Move("rapid", 0, 0, SAFE_MM), Move("rapid", 0, 0, 1), Move("line", 0, 0, -1, 300))


def lines(dialect: str, moves: Sequence[Move], coolant: str = "off") -> list[str]:
    tool = paths_for(dialect).setups[0].toolpaths[0].tool_number
    path = Toolpath("t", tool, 6000, coolant, tuple(moves))  # type: ignore[arg-type]
    found = programs(Toolpaths((SetupPath(1, (path,)),)), plan_for(dialect)).programs
    return found[0].text.splitlines()


def code(dialect: str, moves: Sequence[Move], coolant: str = "off") -> str:
    with pytest.raises(ConfigError) as caught:
        lines(dialect, moves, coolant)
    return caught.value.code


def test_a_full_circle_stays_one_where_a_line_may_hold_it_and_is_two_halves_on_fanuc() -> None:
    circle = (*START, Move("line", 5, 0, -1, 300), Move("ccw", 5, 0, -1, 300, "cut", 0, 0))

    assert "G3 X5 Y0 I-5 J0" in lines("linuxcnc", circle)
    assert ["G3 X-5. Y0. I-5. J0.", "X5. Y0. I5. J0."] == [
        x for x in lines("fanuc", circle) if "I" in x and "(" not in x
    ]


def test_an_arc_that_is_nearly_a_full_circle_is_two_and_one_too_short_is_a_line() -> None:
    nearly = (*START, Move("line", 5, 0, -1, 300), Move("ccw", 5, -0.00001, -1, 300, "cut", 0, 0))
    short = (*START, Move("line", 5, 0, -1, 300), Move("ccw", 5, 0.00012, -1, 300, "cut", 0, 0))

    assert 2 == sum(" I" in x for x in lines("linuxcnc", nearly) if x[0] in "GX")
    assert "Y0.0001" in lines("linuxcnc", short)


def test_compensation_is_switched_on_the_straight_way_in_and_out() -> None:
    worn = (
        Move("line", 5, 0, -1, 300, "lead-in", compensated=True),
        Move("line", 5, 5, -1, 300, "finish", compensated=True),
        Move("line", 0, 5, -1, 300, "lead-out"),
    )
    said = {d: [x for x in lines(d, (*START, *worn)) if x.startswith(("G40 X", "G41"))] for d in ("linuxcnc", "haas")}

    assert {"linuxcnc": ["G41.1 D0 X5", "G40 X0"], "haas": ["G41 D1 X5.", "G40 X0."]} == said


@pytest.mark.parametrize(
    "worn",
    [
        (Move("ccw", 5, 5, -1, 300, "lead-in", 0, 5, compensated=True), Move("line", 9, 5, -1, 300)),
        (Move("line", 0, 0, -2, 300, compensated=True), Move("line", 9, 5, -1, 300)),
        (Move("line", 5, 0, -1, 300, compensated=True), Move("ccw", 5, 5, -1, 300, "cut", 5, 2.5)),
        (Move("line", 5, 0, -1, 300, compensated=True), Move("line", 5, 0, 5, 300)),
        (Move("line", 5, 0, -1, 300, compensated=True),),
    ],
    ids=["on an arc", "straight down", "off on an arc", "off straight up", "never off"],
)
def test_compensation_without_a_straight_way_in_and_out_is_refused(worn: tuple[Move, ...]) -> None:
    assert "post.compensation" == code("fanuc", (*START, *worn))


def test_what_a_dialect_has_no_word_for_is_refused() -> None:
    assert "post.no-coolant" == code("haas", START, "mist")
    assert "post.no-coolant" == code("grbl", START, "mist")


def test_cycles_with_a_wait_the_control_has_no_code_for_are_written_out() -> None:
    ream = Move("drill", 4, 4, -3, 100, "drill", retract_mm=1, cycle="ream", dwell_s=0.25)
    text = lines("haas", (START[0], ream))

    assert not any("G85" in x for x in text)
    assert "G4 P250" in text


def test_a_syntax_table_with_a_key_too_few_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = dialects.dialect("haas")
    short = replace(whole, own={k: v for k, v in whole.own.items() if k != "wear"})
    monkeypatch.setattr("postprocessors.milling.dialect", lambda _: short)

    assert "post.bad-dialect" == code("haas", START)


def test_programs_of_an_order_have_numbers_of_their_own() -> None:
    plan = plan_for("fanuc")
    path = paths_for("fanuc").setups[0]
    twice = Toolpaths((path, replace(path, setup=2)))
    both = replace(plan, setups=(plan.setups[0], replace(plan.setups[0], index=2)))
    first, second = (p.text.splitlines()[1][:5] for p in programs(twice, both).programs)

    assert int(first[1:]) + 1 == int(second[1:])
    assert 1000 <= int(first[1:]) < 8000

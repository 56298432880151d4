"""The print reader knows only what a file has told it."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.verify.readers.fdm import PrintText, read
from postprocessors import printing_text

KLIPPER = printing_text.load("klipper")
START = "G21\nG90\nM83\nG28\nM104 S200\nM109 S200\nG1 X0 Y0 Z1 F600\n"


def told(text: str, *, arcs: bool = False, extra: str = "") -> PrintText:
    commands = {**KLIPPER.commands, **dict.fromkeys(extra.split(), "XYZIJEF")}
    return read(text, commands, KLIPPER.extended, arcs=arcs, max_chars=KLIPPER.max_command_chars)


def codes(text: PrintText) -> list[str]:
    return [f.code.removeprefix("verify.print.") for f in text.findings]


def test_a_plain_start_has_no_findings() -> None:
    text = told(START + "G1 X10 E.5\n")

    assert text.findings == ()
    assert list(text.moves.e) == [0.0, 0.5]
    assert list(text.moves.nozzle_c) == [200.0, 200.0]
    assert list(text.moves.line) == [7, 8]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("G90\nM83\nG28\nG1 X1 F60\n", "units"),
        ("G21\nM83\nG28\nG1 X1 F60\n", "modes"),
        ("G21\nG90\nG28\nG1 X1 F60\n", "modes"),
        ("G21\nG90\nM83\nG1 X1 F60\n", "not-homed"),
        (START + "M84\nG1 X1\n", "not-homed"),
        (START + "G20\n", "unknown-command"),
        (START + "g1 x1\n", "unknown-command"),
        (START + "N10 G1 X1*71\n", "unknown-command"),
        (START + "G1 X1 X2\n", "unknown-word"),
        (START + "G1 X1 A2\n", "unknown-word"),
        (START + "G1 X\n", "unknown-word"),
        (START + "G1 X1e3\n", "unknown-command"),
        (START + "G1 Xnan\n", "unknown-command"),
        (START + "G1 X1 ; и\n\u0413" + "1 X2\n", "line"),
        (START + "M104\n", "word-missing"),
        (START + "M220 S50\n", "factor"),
        (START + "TEMPERATURE_WAIT SENSOR=heater_bed MINIMUM=80\n", "endless-wait"),
        (START + "TEMPERATURE_WAIT SENSOR=chamber MINIMUM=80\n", "word-missing"),
        (START + "TURN_OFF_HEATERS NOW=1\n", "unknown-word"),
        (START + "START_PRINT\n", "unknown-command"),
        (START + "G2 X1 I1\n", "unknown-command"),
    ],
)
def test_what_was_not_told_or_not_known_is_found(text: str, code: str) -> None:
    assert code in codes(told(text))


def test_home_is_no_known_place() -> None:
    text = told("G21\nG90\nM83\nG28\nG1 Z5 F600\n")

    assert math.isnan(text.moves.x[0])
    assert text.moves.z[0] == 5.0


def test_heat_told_is_not_heat_reached() -> None:
    text = told("G21\nG90\nM83\nG28\nM104 S200\nG1 X1 F60\nM109 S200\nG1 X2\nM104 S150\nG1 X3\nM104 S220\nG1 X4\n")

    assert list(text.moves.nozzle_c) == [0.0, 200.0, 150.0, 150.0]
    assert list(text.moves.target_c) == [200.0, 200.0, 150.0, 220.0]


def test_klippers_wait_and_switch_off_are_understood() -> None:
    text = told("M140 S80\nTEMPERATURE_WAIT SENSOR=heater_bed MINIMUM=80\n" + START + "G1 X1\nTURN_OFF_HEATERS\n")

    assert text.findings == ()
    assert text.moves.bed_c[-1] == 80.0
    assert [(h.what, h.c) for h in text.heats[-2:]] == [("nozzle", 0.0), ("bed", 0.0)]


def test_absolute_filament_lengths_are_differences() -> None:
    text = told(START.replace("M83", "M82") + "G92 E0\nG1 X1 E1\nG1 X2 E1.5\nG92 E0\nG1 X3 E.25\n")

    assert list(text.moves.e)[1:] == [1.0, 0.5, 0.25]


def test_an_arc_is_walked_in_small_steps() -> None:
    text = told(START + "G3 X0 Y0 I10 J0 E3.6\n", arcs=True, extra="G2 G3")
    length = sum(
        math.dist((text.moves.x[i], text.moves.y[i]), (text.moves.x[i + 1], text.moves.y[i + 1]))
        for i in range(len(text.moves.x) - 1)
    )

    assert text.findings == ()
    assert math.isclose(length, 20 * math.pi, rel_tol=1e-3)
    assert math.isclose(sum(text.moves.e), 3.6)


@pytest.mark.parametrize("line", ["G2 X5 Y0 E1", "G2 X5 Y0 I1 J1 E1"])
def test_an_impossible_arc_is_found(line: str) -> None:
    assert codes(told(START + line + "\n", arcs=True, extra="G2 G3")) == ["arc"]


@given(st.lists(st.tuples(st.integers(-9999, 9999), st.integers(-9999, 9999), st.integers(0, 999)), max_size=30))
def test_every_move_written_is_read(moves: list[tuple[int, int, int]]) -> None:
    lines = [f"G1 X{x / 1000:.3f} Y{y / 1000:.3f} E{e / 1000:.3f} ; a bead" for x, y, e in moves]
    text = told(START + "\n".join(lines) + "\n")

    assert text.findings == ()
    assert [(round(x * 1000), round(y * 1000)) for x, y in zip(text.moves.x, text.moves.y, strict=True)][1:] == [
        (x, y) for x, y, _ in moves
    ]
    assert math.isclose(sum(text.moves.e), sum(e for _, _, e in moves) / 1000, abs_tol=1e-9)


@given(st.text(alphabet=st.characters(codec="ascii", exclude_characters=";\n\r"), min_size=1, max_size=40))
def test_no_line_is_passed_over(line: str) -> None:
    text = told(START + line + "\n")
    said = line.strip()
    known = re.match(r"[A-Z]\d+", said)

    assert not said or text.findings or (known is not None and known[0] in KLIPPER.commands) or said in KLIPPER.extended

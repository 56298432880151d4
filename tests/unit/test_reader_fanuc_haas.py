"""The Fanuc and Haas readers do what those controls do: points, frames, lengths, taps, wear, and their refusals."""

import math

import pytest

from pipeline.verify.readers import fanuc, haas
from pipeline.verify.readers.types import Bench, ReadProgram

BENCH = Bench(work_zero_mm=(0.0, 0.0, -300.0), wcs="G54", gauge_mm={1: 50.0, 2: 80.0})
HEAD = (
    "%\nO1234 (TEST)\nG21\nG90 G94 G17 G49 G40 G80\nG54\nG53 G0 Z0.\nT1 M6\nS3000 M3\nG0 X0. Y0.\nG43 H1 Z20.\nF100.\n"
)
READERS = (fanuc, haas)


def read(module: object, body: str, *, head: str = HEAD, tail: str = "M30\n%\n") -> ReadProgram:
    return module.read(head + body + "\n" + tail, BENCH)  # type: ignore[attr-defined,no-any-return]


def codes(module: object, body: str) -> list[str]:
    return [f.code for f in read(module, body).findings]


def ends(module: object, body: str) -> list[tuple[float, float, float]]:
    return [(round(m.x_mm, 6), round(m.y_mm, 6), round(m.z_mm, 6)) for m in read(module, body).moves[3:]]


@pytest.mark.parametrize("module", READERS)
def test_a_plain_program_is_accepted_and_ended(module: object) -> None:
    program = read(module, "G1 X5. Z1.")

    assert ((), True, True) == (program.findings, program.ended, program.dog_leg)
    assert [(5.0, 0.0, 1.0)] == ends(module, "G1 X5. Z1.")


@pytest.mark.parametrize("module", READERS)
def test_a_number_without_a_point_counts_thousandths_and_is_told(module: object) -> None:
    assert [(0.01, 0.0, 20.0)] == ends(module, "G1 X10")
    assert ["read.point-missing"] == codes(module, "G1 X10")
    assert [] == codes(module, "G1 X0")


def test_a_feed_without_a_point_is_a_feed_on_fanuc_and_next_to_nothing_on_haas() -> None:
    assert [200.0, 0.2] == [read(m, "G1 X1. F200").moves[-1].feed_mm_min for m in READERS]
    assert [[], ["read.point-missing"]] == [codes(m, "G1 X1. F200") for m in READERS]


@pytest.mark.parametrize("module", READERS)
def test_dwells_are_in_milliseconds(module: object) -> None:
    program = read(module, "G4 P500\nG99 G82 X1. Z-1. R1. P250 F50.\nG80")

    assert [0.5, 0.25] == [e.value for e in program.events if e.what == "dwell"]


def test_a_dwell_with_a_point_is_refused_by_fanuc_and_seconds_to_haas() -> None:
    assert ["read.number"] == codes(fanuc, "G4 P1.5")
    assert [1.5] == [e.value for e in read(haas, "G4 P1.5").events if e.what == "dwell"]


def test_home_is_reached_through_the_point_named() -> None:
    assert [(0.0, 0.0, 300.0 - 50.0)] == ends(fanuc, "G91 G28 Z0.\nG90")
    assert [(0.0, 0.0, 0.0), (0.0, 0.0, 250.0)] == ends(fanuc, "G28 Z0.")


def test_a_tool_change_lifts_the_spindle_home() -> None:
    assert 0.0 == read(haas, "M5\nT2 M6\nG0 X1.").moves[-1].nose_mm[2]


@pytest.mark.parametrize(("module", "before"), [(fanuc, "M29 S480"), (haas, "S480")])
def test_a_rigid_tap_goes_down_and_up_in_step_with_the_spindle(module: object, before: str) -> None:
    program = read(module, f"M5\n{before}\nG99 G84 X4. Y5. Z-8. R3. F600.\nG80\nG0 Z20.")
    strokes = [(m.z_mm, m.spindle, m.pitch_mm) for m in program.moves if m.pitch_mm]

    assert () == program.findings
    assert [(-8.0, "cw", 1.25), (3.0, "ccw", 1.25)] == strokes
    assert "off" == program.moves[-1].spindle


def test_a_tap_without_m29_has_no_rigid_spindle_on_fanuc() -> None:
    assert "read.cycle" in codes(fanuc, "G99 G84 X4. Y5. Z-8. R3. F600.")
    assert "read.cycle" in codes(fanuc, "M29 S480\nG0 X1.")


@pytest.mark.parametrize("module", READERS)
def test_wear_compensation_follows_the_written_path(module: object) -> None:
    program = read(module, "G1 Z1.\nG41 D1 X5.\nY5.\nG40 X0.\nY0.")

    assert () == program.findings
    assert ["G40", "G41", "G41", "G40", "G40"] == [m.compensation for m in program.moves[3:]]


@pytest.mark.parametrize("module", READERS)
@pytest.mark.parametrize(
    ("code", "body"),
    [
        ("read.compensation", "G41 D2 G1 X5."),
        ("read.compensation", "G41 G1 X5."),
        ("read.compensation", "G41 D1 G1 Z5."),
        ("read.compensation", "G41 D1 G2 X5. I2.5"),
        ("read.compensation", "G1 G41 D1 X5.\nG40"),
        ("read.compensation", "G1 G41 D1 X5.\nG99 G81 X6. Z-1. R1."),
        ("read.modal-group", "M8 M3"),
        ("read.modal-group", "G0 X1. M8"),
        ("read.arc", "G2 X10.01 Y0. I5. J0."),
        ("read.cycle", "G83 X1. Z-5. R1."),
        ("read.code-unsupported", "G65 P9000"),
        ("read.code-unsupported", "M98 P100"),
        ("read.cannot-judge", "#1=5"),
        ("read.cannot-judge", "/G0 X1."),
        ("read.cannot-judge", "G43 H1"),
        ("read.offset-changed", "G10 L2 P1 X0."),
        ("read.offset-changed", "G92 X0."),
        ("read.offset-changed", "G68 X0. Y0. R45."),
        ("read.tool", "T9 M6"),
        ("read.tool", "G43 H9 Z5."),
        ("read.character", "g0 x1."),
        ("read.character", "(lower case)"),
        ("read.character", "(A & B)"),
        ("read.comment", "(OPEN"),
        ("read.number", "T1.5 M6"),
        ("read.line-too-long", "(" + "A" * 90 + ")"),
        ("read.after-end", "M30\nG0 X1."),
    ],
)
def test_what_the_control_refuses_or_nobody_can_judge_is_a_finding(module: object, code: str, body: str) -> None:
    assert code in codes(module, body)


@pytest.mark.parametrize("module", READERS)
@pytest.mark.parametrize(
    ("head", "tail"),
    [
        (HEAD[2:], "M30\n%\n"),
        (HEAD.replace("O1234 (TEST)\n", ""), "M30\n%\n"),
        (HEAD.replace("O1234", "O12345678901"), "M30\n%\n"),
        (HEAD, "M30\n"),
        (HEAD, "M30\n%\nG0 X1.\n"),
    ],
)
def test_a_broken_frame_is_a_finding(module: object, head: str, tail: str) -> None:
    found = [f.code for f in read(module, "G0 X1.", head=head, tail=tail).findings]

    assert {"read.frame", "read.after-end"} & set(found)


def test_path_modes_are_read() -> None:
    looked_ahead = [e.value for e in read(fanuc, "G5.1 Q1\nG5.1 Q0").events if e.what == "path-mode"]
    smooth = [e.value for e in read(haas, "G187 P3\nG187").events if e.what == "path-mode"]

    assert pytest.approx([0.0, math.nan], nan_ok=True) == looked_ahead
    assert [0.01, 0.1] == smooth
    assert ["read.cannot-judge"] == codes(haas, "G187 P7")

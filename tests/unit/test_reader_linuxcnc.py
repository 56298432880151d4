"""The LinuxCNC reader does what that control does: tools, lengths, cycles, and its refusals."""

import math

import pytest

from pipeline.verify.readers import linuxcnc
from pipeline.verify.readers.types import Bench, ReadProgram

BENCH = Bench(work_zero_mm=(0.0, 0.0, -200.0), wcs="G54", gauge_mm={1: 50.0, 2: 80.0})
START = "G21 G17 G90 G94 G40 G49 G80 G91.1 G54\nT1 M6\nM3 S3000\nG0 G43 H1 Z20\nG0 X0 Y0 F100\n"


def read(text: str) -> ReadProgram:
    return linuxcnc.read(text, BENCH)


def walk(text: str) -> list[tuple[str, float, float, float]]:
    return [(m.kind, m.x_mm, m.y_mm, round(m.z_mm, 9)) for m in read(START + text).moves[2:]]


def test_a_wrong_length_offset_shows_where_the_tip_really_is() -> None:
    tips = [m.z_mm for m in read("G21 G90 G54\nT1 M6\nG0 G43 H2 Z5").moves]

    assert [5.0 + 80.0 - 50.0] == tips


def test_without_a_length_the_nose_goes_to_the_programmed_height() -> None:
    assert [5.0 - 50.0] == [m.z_mm for m in read("G21 G90 G54 G49\nT1 M6\nG0 Z5").moves]


def test_an_unknown_tool_counts_as_the_longest() -> None:
    assert [200.0 - 80.0] == [m.z_mm for m in read("G21 G90 G54\nG53 G0 Z0").moves]


def test_a_tool_change_stops_the_spindle() -> None:
    assert "off" == read(START + "T2 M6\nG43\nG0 Z5").moves[-1].spindle


def test_deep_drilling_cycle() -> None:
    expected = [
        ("rapid", 4.0, 5.0, 20.0), ("rapid", 4.0, 5.0, 2.0),
        ("line", 4.0, 5.0, -1.0), ("rapid", 4.0, 5.0, 2.0), ("rapid", 4.0, 5.0, -0.746),
        ("line", 4.0, 5.0, -3.0), ("rapid", 4.0, 5.0, 2.0),
    ]  # fmt: skip

    assert expected == walk("G99 G83 X4 Y5 Z-3 R2 Q3")


def test_chip_breaking_cycle_stays_in_the_hole() -> None:
    heights = [z for _, _, _, z in walk("G98 G73 X4 Y5 Z-3 R1 Q2")]

    assert pytest.approx([20.0, 1.0, -1.0, -0.746, -3.0, 20.0]) == heights


def test_cycle_words_hold_on_until_the_series_ends() -> None:
    expected = [(8.0, 2.0), (8.0, -3.0), (8.0, 20.0)]

    assert expected == [(x, z) for _, x, _, z in walk("G98 G81 X4 Z-3 R2\nX8")][-3:]


def test_repeats_step_on_in_incremental_distances() -> None:
    bottoms = [(x, z) for kind, x, _, z in walk("G91 G81 X5 Y0 Z-3 R-18 L3") if kind == "line"]

    assert [(5.0, -1.0), (10.0, -1.0), (15.0, -1.0)] == bottoms


def test_dwell_at_the_bottom_is_an_event() -> None:
    assert [1.5] == [e.value for e in read(START + "G82 X1 Z-1 R1 P1.5").events if e.what == "dwell"]


def test_a_full_circle_and_a_helix() -> None:
    moves = read(START + "G1 X5 Z0\nG3 I-5\nG3 X5 Y0 Z-1 I-5").moves[-2:]

    assert [(0.0, 0.0, 0.0), (0.0, 0.0, -1.0)] == [(m.cx_mm, m.cy_mm, m.z_mm) for m in moves]


def test_path_tolerance_is_read_in_millimetres() -> None:
    text = "G20\nG64 P0.001\nG61\nG64\n"
    values = [e.value for e in read(text).events]

    assert pytest.approx([0.0254, 0.0, math.nan], nan_ok=True) == values


def test_frame_of_percent_signs() -> None:
    framed = read("%\n" + START + "M30\n%\nnot read any more")

    assert (True, ()) == (framed.ended, framed.findings)


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("read.code-unsupported", "G84 X1 Z-1 R1"),
        ("read.code-unsupported", "M98 P100"),
        ("read.code-unsupported", "G999"),
        ("read.cannot-judge", "G28"),
        ("read.cannot-judge", "G30 Z0"),
        ("read.compensation", "G41 D1"),
        ("read.cannot-judge", "O100 SUB"),
        ("read.cannot-judge", "#1=5"),
        ("read.cannot-judge", "G1 X[1+1]"),
        ("read.cannot-judge", "/G1 X5"),
        ("read.cannot-judge", "G2 X5 Y5 I5 P3"),
        ("read.cannot-judge", "G18 G2 X5 Z5 I2.5 K0"),
        ("read.cannot-judge", "G93 G1 X5 F2"),
        ("read.cannot-judge", "G90.1 G2 X5 I2.5"),
        ("read.comment", "G0 X1 (open"),
        ("read.comment", "G0 X1 (a (nested) one)"),
        ("read.tool", "T3"),
        ("read.tool", "G43 H7"),
        ("read.cycle", "G81 X1 Z-5"),
        ("read.cycle", "G83 X1 Z-5 R1"),
        ("read.cycle", "G82 X1 Z-5 R1"),
        ("read.cycle", "G81 X1 Z5 R1"),
        ("read.arc", "G2 X10.2 I5"),
        ("read.modal-group", "G91 G53 G0 Z0"),
        ("read.modal-group", "G0 G1 X5"),
        ("read.word-repeated", "G0 X1 X2"),
        ("read.words-unused", "G0 X1 Q5"),
        ("read.offset-changed", "G92 X0"),
        ("read.offset-changed", "G10 L2 P1 X0"),
        ("read.after-end", "M30\nG0 X1"),
    ],
)
def test_what_the_control_refuses_or_nobody_can_judge_is_a_finding(code: str, line: str) -> None:
    assert [code] == [f.code for f in read(START + line).findings]


def test_a_semicolon_inside_a_comment_hides_nothing_after_it() -> None:
    assert [("line", 0.0, 0.0, -2.9)] == walk("(A;B) G1 Z-2.9")
    assert [] == walk("; (A) G1 Z-2.9")


@pytest.mark.parametrize(
    "odd", ["\x00", "\x0b", "\x0c", "\x18", "\x1c", "\x7f", "\x85", "\r", "\u2028", "\xa0", "\ufeff"]
)
@pytest.mark.parametrize("line", ["G0 X1{}G0 X2", "G0 X1 (a{}b)", "; a{}G1 Z-3"])
def test_a_character_the_control_or_an_editor_takes_otherwise_is_refused(odd: str, line: str) -> None:
    assert [("read.character", "line 6")] == [(f.code, f.place) for f in read(START + line.format(odd)).findings]


@pytest.mark.parametrize("line", ["G0 X\u0661", "\u0131 G0 X1", "G0 X1\uff15", "G0 X5\u017f"])
def test_letters_and_digits_of_other_scripts_are_not_words(line: str) -> None:
    assert ["read.character"] == [f.code for f in read(START + line).findings]


def test_comments_may_be_written_in_any_script() -> None:
    assert () == read(START + "G0 X1 (ОЛЕГ)\r\nn20 g0 y1 ; готово\r\n").findings


@pytest.mark.parametrize(
    "comment",
    ["(LOGOPEN,a.txt)", "(logclose)", "( LOG , x)", "(PROBEOPEN a,)", "(probeopen,a)", "(PROBECLOSE)", "(PRINT,#1)",
     "(debug,x)", "(py,1)", ";py,1", "(LOGAPPEND,f)"],
)  # fmt: skip
def test_a_comment_that_is_a_command_is_refused(comment: str) -> None:
    expected = [] if comment == "(PROBEOPEN a,)" else ["read.cannot-judge"]

    assert expected == [f.code for f in read(START + "G0 X1 " + comment).findings]


def test_a_comment_that_only_begins_like_a_command_is_none() -> None:
    assert () == read(START + "(log of changes)\n(printed side up)\n(MSG, mind the clamp)").findings


@pytest.mark.parametrize("word", ["X", "Z-", "F", "S", "G3 X1 I", "G81 Z-1 R"])
@pytest.mark.parametrize("number", ["100001", "1000000000000000000", "9" * 60])
def test_a_number_beyond_reason_is_a_finding(word: str, number: str) -> None:
    assert ["read.number-too-large"] == [f.code for f in read(START + word + number).findings]


def test_a_line_number_may_be_large() -> None:
    assert () == read(START + "N123456 G0 X1").findings


def test_a_cycle_of_endless_pecks_is_refused() -> None:
    assert ["read.cycle"] == [f.code for f in read(START + "G83 X1 Z-50 R1 Q0.0001").findings]

"""The Grbl reader does what a Grbl 1.1 controller does, and refuses what it refuses."""

import math

import pytest

from pipeline.verify.readers import grbl
from pipeline.verify.readers.types import Bench, ReadProgram

BENCH = Bench(work_zero_mm=(10.0, 20.0, -60.0), wcs="G54", gauge_mm={1: 30.0, 2: 45.0}, tool=1)
START = "G21 G17 G90 G94 G54\nM3 S8000\nG0 Z5\nG0 X0 Y0\n"


def read(text: str) -> ReadProgram:
    return grbl.read(text, BENCH)


def codes(text: str) -> list[str]:
    return [f.code for f in read(text).findings]


def ends(text: str) -> list[tuple[float, float, float]]:
    return [(m.x_mm, m.y_mm, m.z_mm) for m in read(text).moves]


def test_moves_carry_everything_the_control_holds() -> None:
    move = read(START + "M8\nG1 X1 Y-2.5 Z-.25 F120").moves[-1]

    assert ("line", 1.0, -2.5, -0.25) == (move.kind, move.x_mm, move.y_mm, move.z_mm)
    assert (120.0, "cw", 8000.0, "flood", 1, "G54") == (
        move.feed_mm_min, move.spindle, move.spindle_rpm, move.coolant, move.tool, move.wcs,
    )  # fmt: skip
    assert 6 == move.line


def test_the_nose_is_where_work_zero_and_tool_length_put_it() -> None:
    assert (10.0 + 1.0, 20.0 + 2.0, -60.0 + 3.0 + 30.0) == read(START + "G0 X1 Y2 Z3").moves[-1].nose_mm


def test_the_position_is_not_known_before_it_was_driven_to() -> None:
    first, second = ends("G21 G90 G54 G94 G17\nG0 Z5\nG0 X1 Y1")

    assert (True, True, 5.0) == (math.isnan(first[0]), math.isnan(first[1]), first[2])
    assert (1.0, 1.0, 5.0) == second


def test_machine_coordinates_are_turned_into_the_work_frame() -> None:
    assert (-10.0, -20.0, 60.0 - 30.0) == ends(START + "G53 G0 X0 Y0 Z0")[-1]


def test_incremental_and_inch_words() -> None:
    expected = [(25.4, 0.0, 5.0), (25.4, 50.8, 5.0)]

    assert expected == ends(START + "G91 G20\nG0 X1\nY2")[-2:]


def test_arc_centres_are_offsets_from_the_start() -> None:
    move = read(START + "G1 X10 F100\nG3 X0 Y10 I-10 J0").moves[-1]

    assert ("ccw", 0.0, 0.0) == (move.kind, move.cx_mm, move.cy_mm)


@pytest.mark.parametrize(
    ("word", "radius", "centre"), [("G2", "10", (0, 0)), ("G3", "10", (10, 10)), ("G2", "-10", (10, 10))]
)
def test_arcs_by_radius(word: str, radius: str, centre: tuple[float, float]) -> None:
    move = read(START + f"G1 X0 Y10 F100\n{word} X10 Y0 R{radius}").moves[-1]

    assert pytest.approx(centre, abs=1e-9) == (move.cx_mm, move.cy_mm)


def test_comments_and_spaces_say_nothing() -> None:
    assert [(1.0, 2.0, 5.0)] == ends(START + "g0 (to (the left) x 1 y2 ; G0 X9")[-1:]


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("read.code-unsupported", "M6"),
        ("read.code-unsupported", "G43 H1"),
        ("read.code-unsupported", "G81 X1 Y1 Z-1 R1 F50"),
        ("read.code-unsupported", "G64 P0.01"),
        ("read.code-unsupported", "M7"),
        ("read.word-unknown", "%"),
        ("read.word-unknown", "O100"),
        ("read.word-unknown", "X=1"),
        ("read.word-unknown", "G1 X F100"),
        ("read.modal-group", "G0 G1 X1 F100"),
        ("read.word-repeated", "G0 X1 X2"),
        ("read.words-unused", "G0 X1 R5"),
        ("read.word-unknown", "D4"),
        ("read.words-unused", "G80 X1"),
        ("read.feed-missing", "G1 X1"),
        ("read.negative", "G1 X1 F-100"),
        ("read.cannot-judge", "G93 G1 X1 F100"),
        ("read.cannot-judge", "G28"),
        ("read.cannot-judge", "G38.2 Z-5 F50"),
        ("read.dwell", "G4"),
        ("read.arc", "G2 X10 F100"),
        ("read.arc", "G2 I5 F100"),
        ("read.arc", "G2 X10.2 Y0 I5 F100"),
        ("read.arc", "G2 X10 Y0 R4 F100"),
        ("read.arc", "G2 X0 Y0 R4 F100"),
        ("read.modal-group", "G53 G2 X1 I5 F100"),
        ("read.offset-changed", "G92 X0"),
        ("read.offset-changed", "G10 L20 P1 X0"),
        ("read.offset-changed", "G43.1 Z3"),
        ("read.line-too-long", "G0 X1 (" + "x" * 300 + ")"),
        ("read.line-too-long", "G0 X1." + "0" * 75),
        ("read.character", "G0 X1 (ОЛЕГ)"),
    ],
)
def test_what_the_control_refuses_is_a_finding_with_its_line(code: str, line: str) -> None:
    found = read(START + line).findings

    assert [(code, "line 5")] == [(f.code, f.place) for f in found]


def test_arc_ends_may_be_off_by_the_controls_own_tolerance() -> None:
    assert [] == codes(START + "G2 X10.004 Y0 I5 J0 F100")
    assert ["read.arc"] == codes(START + "G2 X10.012 Y0 I5 J0 F100")


def test_the_end_is_seen_and_nothing_may_follow_it() -> None:
    whole = read(START + "M30\nG0 X5")

    assert (True, ["read.after-end"]) == (whole.ended, [f.code for f in whole.findings])
    assert not read(START).ended


def test_dwells_tools_and_pauses_are_events() -> None:
    events = read(START + "M5\nM0\nT2\nG4 P2.5").events

    assert [("spindle", 0.0), ("pause", 0.0), ("tool-change", 2.0), ("dwell", 2.5)] == [
        (e.what, e.value) for e in events
    ]


def test_another_offset_leads_to_an_unknown_place() -> None:
    assert math.isnan(read(START + "G55\nG0 X1").moves[-1].x_mm)


@pytest.mark.parametrize("comment", ["(A;B)", "(A;)", "(A) (;)", "(;)", "(A;B)(C;D)"])
def test_a_semicolon_inside_a_comment_hides_nothing_after_it(comment: str) -> None:
    assert [("line", -3.0)] == [(m.kind, m.z_mm) for m in read(START + f"{comment} G1 Z-3 F500").moves[2:]]


@pytest.mark.parametrize("line", ["; (A) G1 Z-2.9 F500", "(A G1 Z-2.9 F500", ";A;(B) G1 Z-2.9"])
def test_what_stands_in_a_comment_is_not_run(line: str) -> None:
    whole = read(START + line)

    assert (2, ()) == (len(whole.moves), whole.findings)


@pytest.mark.parametrize(
    "odd", ["\x00", "\x0b", "\x0c", "\x18", "\x1c", "\x7f", "\x85", "\u2028", "\xa0", "!", "?", "~"]
)
@pytest.mark.parametrize("line", ["G0 X1{}G0 X2", "G0 X1 (a{}b)", "; a{}G1 Z-3 F100"])
def test_a_character_the_control_or_an_editor_takes_otherwise_is_refused(odd: str, line: str) -> None:
    assert [("read.character", "line 5")] == [(f.code, f.place) for f in read(START + line.format(odd)).findings]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_the_control_takes_counts_once(end: str) -> None:
    whole = read((START + "G1 X1 F100\n").replace("\n", end))

    assert ([3, 4, 5], ()) == ([m.line for m in whole.moves], whole.findings)


def test_a_long_comment_is_harmless() -> None:
    assert [] == codes(START + "g0 x1 (" + "long " * 40 + ")\nN5 G1 Y2 F100 ; " + "more " * 20)


@pytest.mark.parametrize("word", ["X", "Z-", "F", "S", "G1 Y", "G3 X1 F100 I"])
@pytest.mark.parametrize("number", ["100001", "1000000000000000000", "9" * 60])
def test_a_number_beyond_reason_is_a_finding(word: str, number: str) -> None:
    assert ["read.number-too-large"] == codes(START + word + number)

"""What each control's maker documents as refused is a finding, and what lies just within its limits is not.

Lengths of lines, radii of arcs and full circles by a radius are tried on both sides of every control's limit.
"""

from __future__ import annotations

import math

import pytest

from pipeline.verify.programs import READERS
from pipeline.verify.readers.types import Bench, ReadProgram

BENCH = Bench((0.0, 0.0, -300.0), "G54", {1: 50.0}, tool=1, radius_mm={1: 5.0})
ISO = "G21 G90 G17 G40 G49 G80 G94\nG54\nG53 G0 Z0\nT1 M6\nS3000 M3\nG0 X0 Y0\nG43 H1 Z20\nG1 F100\n"
POINTED = (
    "%\nO1234\nG21\nG90 G94 G17 G49 G40 G80\nG54\nG53 G0 Z0.\nT1 M6\nS3000 M3\nG0 X0. Y0.\nG43 H1 Z20.\nG1 F100.\n"
)
HEADS = {
    "fanuc": POINTED,
    "grbl": "G21 G90 G17 G94\nG54\nG0 Z20\nM3 S3000\nX0 Y0\nG1 F100\n",
    "grblhal": ISO.replace(" G49", "").replace("G43 H1 ", ""),
    "haas": POINTED,
    "heidenhain": (
        "0 BEGIN PGM T MM\n1 CYCL DEF 247 DATUM SETTING ~\n    Q339=+1 ;DATUM NUMBER\n2 L Z+0 R0 FMAX M91\n"
        "3 TOOL CALL 1 Z S3000\n4 M3\n5 L X+0 Y+0 R0 FMAX\n6 L Z+20 R0 FMAX\n7 L F100\n8 CC X+0 Y+0\n"
    ),
    "linuxcnc": ISO,
    "mach3": ISO,
    "sinumerik": "G17 G710 G90 G94 G40\nTRANS\nG54\nG0 SUPA Z0 D0\nT1\nM6\nD1\nS3000 M3\nG0 X0 Y0\nZ20\nG1 F100\n",
}
LINES = {
    "fanuc": 80, "grbl": 79, "grblhal": 256, "haas": 80, "heidenhain": 255, "linuxcnc": 255, "mach3": 120,
    "sinumerik": 512,
}  # fmt: skip
RADII = {  # radius, and how far the end may lie off it (mm)
    "fanuc": [(5, 0.005), (500, 0.005)],
    "grbl": [(2, 0.005), (100, 0.1), (800, 0.5)],
    "grblhal": [(2, 0.005), (100, 0.1), (800, 0.5)],
    "haas": [(5, 0.005), (500, 0.005)],
    "heidenhain": [(5, 0.005), (500, 0.005)],
    "linuxcnc": [(5, 0.0282), (500, 0.5)],
    "mach3": [(2, 0.005), (100, 0.1), (800, 0.5)],
    "sinumerik": [(5, 0.01), (500, 0.5)],
}
CIRCLES = {
    "fanuc": "G2 X10. Y0. R5.", "haas": "G2 X10. Y0. R5.", "sinumerik": "G2 X10 Y0 CR=5",
    "heidenhain": "C X+10 Y+0 DR-",
}  # fmt: skip


def read(dialect: str, *blocks: str) -> ReadProgram:
    """A program of that control: its tool at (0, 0, 20), feed 100, and the blocks."""
    text = HEADS[dialect]
    if dialect == "heidenhain":
        blocks = tuple(f"{k} {b}" for k, b in enumerate((*blocks, "M30", "END PGM T MM"), 9))
        return READERS[dialect][0](text + "\n".join(blocks) + "\n", BENCH, None)
    end = "M30\n%\n" if text.startswith("%") else "M30\n"
    return READERS[dialect][0](text + "\n".join((*blocks, end)), BENCH, None)


def codes(dialect: str, *blocks: str) -> list[str]:
    return [f.code for f in read(dialect, *blocks).findings]


def to(dialect: str, x: float, y: float, code: str, rest: str = "") -> str:
    """A straight or round move to a place, as the dialect spells it."""
    if dialect == "heidenhain":
        return f"{code} X{x:+.4f} Y{y:+.4f}{rest}"
    return f"{code} X{x:.4f} Y{y:.4f}{rest}"


@pytest.mark.parametrize("dialect", READERS)
def test_the_head_itself_is_taken(dialect: str) -> None:
    assert [] == codes(dialect)


@pytest.mark.parametrize("dialect", READERS)
def test_a_line_as_long_as_the_control_takes_and_one_longer(dialect: str) -> None:
    line = {"heidenhain": "L X+5 ;", "sinumerik": "G1 X5 ;"}.get(dialect, "G1 X5. (")
    close = ")" if "(" in line else ""
    most = LINES[dialect] - (len("9 ") if dialect == "heidenhain" else 0)
    if dialect == "grbl":  # counts neither comments nor spaces
        line, close = "G1X5.", ""
    filler = "0" if dialect == "grbl" else "A"
    exact, long = (line + filler * (n - len(line + close)) + close for n in (most, most + 1))

    assert [] == codes(dialect, exact)
    assert ["read.line-too-long"] == codes(dialect, long)


@pytest.mark.parametrize(("dialect", "radius", "off"), [(d, r, off) for d in RADII for r, off in RADII[d]])
def test_an_arc_whose_end_lies_off_its_circle_as_far_as_the_control_takes_and_further(
    dialect: str, radius: float, off: float
) -> None:
    for share, expected in ((0.95, []), (1.05, ["read.arc"])):
        straight = to(dialect, radius, 0, "L" if dialect == "heidenhain" else "G1")
        rest = " DR+" if dialect == "heidenhain" else f" I-{radius:.1f} J0."
        arc = to(dialect, 0, radius + share * off, "C" if dialect == "heidenhain" else "G3", rest)

        assert expected == codes(dialect, straight, arc)


@pytest.mark.parametrize("dialect", READERS)
def test_a_full_circle_by_its_radius_is_refused(dialect: str) -> None:
    straight = to(dialect, 10, 0, "L" if dialect == "heidenhain" else "G1")
    found = codes(dialect, straight, CIRCLES.get(dialect, "G2 X10 Y0 R5"))

    assert len(found) == 1
    assert found[0] in {"read.arc", "read.arc-too-long"}


@pytest.mark.parametrize("dialect", READERS)
def test_a_full_circle_said_in_the_controls_own_way_is_taken(dialect: str) -> None:
    straight = to(dialect, 10, 0, "L" if dialect == "heidenhain" else "G1")
    circle = "CP IPA-360 DR-" if dialect == "heidenhain" else "G2 X10. Y0. I-10. J0."
    moves = read(dialect, straight, circle).moves

    assert [] == codes(dialect, straight, circle)
    assert "cw" == moves[-1].kind
    assert (10.0, 0.0) == (moves[-1].x_mm, moves[-1].y_mm)
    assert 0.0 == pytest.approx(math.hypot(moves[-1].cx_mm, moves[-1].cy_mm), abs=1e-9)


REFUSED: dict[str, tuple[str, ...]] = {
    "grbl": (
        "G81 X1 Y1 Z-1 R1", "G83 X1 Z-5 R1 Q1", "G73 X1 Z-5 R1 Q1", "M6", "G43 H1", "G41 D1 X5", "G64 P0.01", "G95",
        "M7", "G59.1", "G98", "M98 P1", "G50", "G92.2",
    ),
    "grblhal": ("G43 H1", "G41 D1 X5", "G84 X1 Z-5 R1", "G64 P0.01", "G68 R45", "G61.1"),
    "linuxcnc": ("G54.1 P1", "G68 R45", "G5.1 Q1", "M29 S500", "G187 P3", "G51 X2"),
    "mach3": ("G84 X1 Z-5 R1", "G41.1 D0 X5", "G33.1 Z-5 K1", "G5.1 Q1", "M29 S500", "G54.1 P1"),
    "fanuc": ("G41.1 D0 X5.", "G33.1 Z-5. K1.", "G187 P3", "G91.1", "G64 P0.01", "M7", "G90.1"),
    "haas": ("G41.1 D0 X5.", "G33.1 Z-5. K1.", "G5.1 Q1", "M29 S500", "G16", "G91.1", "G92.1"),
    "sinumerik": (
        "G81 X1 Y1 Z-1 R1", "G43 H1", "G28 Z0", "G21", "G49", "G80", "G58 X1", "CYCLE800()", "ROT Z45", "ATRANS X1",
        "MIRROR X0", "SCALE X2", "G1 X=5+1", "R1=5", "GOTOF END", "DIAMON",
    ),
    "heidenhain": (
        "G1 X+5", "L X5", "CYCL DEF 7.0 DATUM SHIFT", "CYCL DEF 8.0 MIRROR IMAGE", "CYCL DEF 10.0 ROTATION",
        "CYCL DEF 11.0 SCALING", "CYCL DEF 19.0 WORKING PLANE", "PLANE RESET STAY", "L X+5 M136", "L X+5 M89",
        "CALL LBL 1", "FN 0: Q1 = +5", "CYCL DEF 206 TAPPING NEW", "RND R5", "CHF 2",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("dialect", "line"), [(d, line) for d in REFUSED for line in REFUSED[d]])
def test_words_of_other_controls_and_what_moves_the_zero_are_refused(dialect: str, line: str) -> None:
    assert [] != codes(dialect, line)


@pytest.mark.parametrize(("dialect", "line"), [
    ("fanuc", "G52 X1. Y0. Z0."), ("fanuc", "G92.1 X0."), ("fanuc", "G92.1"), ("fanuc", "G51.1 X0."), ("fanuc", "G16"),
    ("haas", "G52 X0. Y0. Z1."), ("haas", "G101 X0."), ("haas", "G100"), ("mach3", "G16"), ("mach3", "G52 X0 Y0 Z0"),
    ("linuxcnc", "G92 X0"), ("linuxcnc", "G92.3"), ("grblhal", "G51 X2"), ("grblhal", "G92.1"), ("grbl", "G92.1"),
])  # fmt: skip
def test_what_shifts_or_only_half_ends_a_shift_is_told_as_a_change_of_offset(dialect: str, line: str) -> None:
    assert ["read.offset-changed"] == codes(dialect, line)


@pytest.mark.parametrize("number", ["O0000", "O8000", "O9000", "O9999", "O123", "O12345", "1234"])
def test_numbers_of_programs_fanuc_keeps_for_others_are_refused(number: str) -> None:
    text = HEADS["fanuc"].replace("O1234", number) + "M30\n%\n"

    assert ["read.frame"] == [f.code for f in READERS["fanuc"][0](text, BENCH, None).findings]

"""The Mach3 and grblHAL readers do what those controls do: lengths, wear registers, pecks, and their refusals."""

import math

import pytest

from pipeline.verify.readers import grblhal, mach3
from pipeline.verify.readers.types import Bench, ReadProgram

BENCH = Bench(work_zero_mm=(0.0, 0.0, -200.0), wcs="G54", gauge_mm={1: 50.0, 2: 80.0})
MACH3 = (
    "G21 G90 G17 G40 G49 G80 G94 G91.1\nG50\nG69\nG61\nG54\nG53 G0 Z0\nT1 M6\nS3000 M3\nG0 X0 Y0\nG43 H1 Z20\nF100\n"
)
GRBLHAL = "G21 G90 G17 G40 G80 G94\nG54\nG53 G0 Z0\nT1 M6\nS3000 M3\nG0 X0 Y0\nZ20\nF100\n"


def on_mach3(body: str) -> ReadProgram:
    return mach3.read(MACH3 + body + "\nM30\n", BENCH)


def on_grblhal(body: str) -> ReadProgram:
    return grblhal.read(GRBLHAL + body + "\nM30\n", BENCH)


def test_the_length_comes_from_the_table_on_mach3_and_from_the_setter_on_grblhal() -> None:
    assert [20.0, 20.0] == [p.moves[2].z_mm for p in (on_mach3(""), on_grblhal(""))]
    assert [1, 0] == [p.moves[2].length_offset for p in (on_mach3(""), on_grblhal(""))]
    assert [True, False] == [p.lengths for p in (on_mach3(""), on_grblhal(""))]


def test_wear_registers_of_mach3_lie_above_its_tools() -> None:
    program = on_mach3("G1 Z1\nG41 D101 X5\nY5\nG40 X0")

    assert () == program.findings
    assert ["G41", "G41", "G40"] == [m.compensation for m in program.moves[-3:]]
    assert ["read.compensation"] == [f.code for f in on_mach3("G1 G41 D1 X5").findings]


def test_exact_stop_is_followed_closely_and_constant_velocity_is_not_known() -> None:
    modes = [e.value for e in on_mach3("G64").events if e.what == "path-mode"]

    assert pytest.approx([0.0, math.nan], nan_ok=True) == modes


@pytest.mark.parametrize("line", ["G68 X0 Y0 R45", "G51 X2"])
def test_turned_or_scaled_coordinates_are_refused(line: str) -> None:
    assert ["read.offset-changed"] == [f.code for f in on_mach3(line).findings]


def test_grblhal_feeds_down_again_after_every_peck_and_waits_there() -> None:
    program = on_grblhal("G99 G83 X4 Y5 Z-3 R2 Q3\nG80")
    walk = [(m.kind, m.z_mm) for m in program.moves[5:]]

    assert [("line", -1.0), ("rapid", 2.0), ("line", -3.0), ("rapid", 2.0)] == walk
    assert [0.25, 0.25] == [e.value for e in program.events if e.what == "dwell"]


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("read.code-unsupported", "G43 H1 Z5"),
        ("read.code-unsupported", "G41 D1 X5"),
        ("read.code-unsupported", "G84 X1 Z-1 R1"),
        ("read.code-unsupported", "G64 P0.01"),
        ("read.offset-changed", "G43.1 Z5"),
        ("read.offset-changed", "G92 X0"),
        ("read.cannot-judge", "G28 Z0"),
        ("read.character", "G0 X1 (WHY?)"),
        ("read.word-unknown", "$H"),
        ("read.word-unknown", "%"),
        ("read.arc", "G2 X10.2 I5"),
        ("read.cycle", "G82 X1 Z-1 R1"),
        ("read.line-too-long", "(" + "A" * 260 + ")"),
    ],
)
def test_what_grblhal_refuses_or_nobody_can_judge_is_a_finding(code: str, line: str) -> None:
    assert [code] == [f.code for f in on_grblhal(line).findings]


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("read.code-unsupported", "G84 X1 Z-1 R1"),
        ("read.cannot-judge", "G28 Z0"),
        ("read.cannot-judge", "O100"),
        ("read.word-unknown", "%"),
        ("read.word-unknown", "; a comment"),
        ("read.comment", "(A (B) C)"),
        ("read.number", "T1.5 M6"),
        ("read.tool", "G43 H7 Z5"),
        ("read.arc", "G2 X10.2 I5"),
        ("read.line-too-long", "(" + "A" * 130 + ")"),
    ],
)
def test_what_mach3_refuses_or_nobody_can_judge_is_a_finding(code: str, line: str) -> None:
    assert [code] == [f.code for f in on_mach3(line).findings]

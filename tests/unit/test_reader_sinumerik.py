"""The Sinumerik reader does what that control does: its circles, its cycles, its tool offsets, and its refusals.

The expected paths are worked out by hand from the maker's definitions, several of them from examples in its guides.
"""

import pytest

from pipeline.verify.readers import sinumerik
from pipeline.verify.readers.types import Bench, ReadMove, ReadProgram

BENCH = Bench(work_zero_mm=(-300.0, -200.0, -330.0), wcs="G54", gauge_mm={1: 50.0, 2: 80.0}, radius_mm={1: 5.0, 2: 1.5})
START = "G17 G710 G90 G94 G40\nTRANS\nG54\nG64\nG0 SUPA Z0 D0\nT1\nM6\nD1\nS3000 M3 M9\nG0 X0 Y0\nZ20\nF100\n"
DEEP = "MCALL CYCLE83(20,0,1,-10,,-4,,0,0,0,1,"


def read(text: str) -> ReadProgram:
    return sinumerik.read(text, BENCH)


def moves(text: str) -> tuple[ReadMove, ...]:
    """What follows the start, which makes three moves."""
    found = read(START + text)

    assert () == found.findings

    return found.moves[3:]


def path(text: str) -> list[tuple[str, float, float, float]]:
    return [(m.kind, round(m.x_mm, 6) + 0.0, round(m.y_mm, 6) + 0.0, round(m.z_mm, 6) + 0.0) for m in moves(text)]


def heights(text: str) -> list[tuple[str, float]]:
    return [(kind, z) for kind, _, _, z in path(text)]


def refused(text: str) -> list[str]:
    return [f.code for f in read(START + text).findings]


def test_tool_length_comes_with_d1_and_goes_with_d0() -> None:
    with_length = read("G710 G90 G54\nT1\nM6\nD1\nG0 Z5").moves[-1]
    without = read("G710 G90 G54\nT1\nM6\nD0\nG0 Z5").moves[-1]

    assert (5.0, 1) == (with_length.z_mm, with_length.length_offset)
    assert (5.0 - 50.0, 0) == (without.z_mm, without.length_offset)


def test_supa_is_the_spindle_nose_and_only_without_the_tool_s_length() -> None:
    found = read("G710 G90 G54\nT1\nM6\nD1\nG0 SUPA Z-60 D0\nD1\nG0 SUPA Z-60")

    assert [-60.0] == [m.nose_mm[2] for m in found.moves]
    assert [("read.length-on", "line 7")] == [(f.code, f.place) for f in found.findings]


def test_a_move_after_a_tool_change_without_d_is_refused() -> None:
    assert ["read.tool"] == [f.code for f in read("G710 G90 G54\nT1\nM6\nG0 Z5").findings]


def test_the_guide_s_helix_with_an_absolute_centre() -> None:
    found = moves("G0 X27.5 Y32.99 Z3\nG1 Z-5 F50\nG3 X20 Y5 Z-20 I=AC(20) J=AC(20) TURN=2")[2:]
    whole = 2 * 360 + 210
    start, across = (27.5, 32.99), (12.5, 7.01)

    assert ["ccw"] * 6 == [m.kind for m in found]
    assert [(20.0, 20.0)] * 6 == [(round(m.cx_mm, 9), round(m.cy_mm, 9)) for m in found]
    assert [across, start, across, start, across, (20.0, 5.0)] == [(round(m.x_mm, 9), round(m.y_mm, 9)) for m in found]
    expected = [-5 - 15 * 180 * k / whole for k in (1, 2, 3, 4, 5)] + [-20.0]
    assert pytest.approx(expected, abs=1e-3) == [m.z_mm for m in found]


def test_the_guide_s_helix_of_three_and_a_half_turns() -> None:
    found = moves("G1 X0 Y50 Z50 F300\nG3 X0 Y0 Z33 I0 J-25 TURN=3")[1:]

    assert pytest.approx([50 - 17 * k / 7 for k in range(1, 8)]) == [m.z_mm for m in found]
    assert [(0.0, 25.0)] * 7 == [(m.cx_mm, m.cy_mm) for m in found]


def test_a_full_circle_ends_where_it_starts() -> None:
    assert [("line", 5.0, 0.0, 20.0), ("cw", 5.0, 0.0, 20.0), ("ccw", 5.0, 0.0, 19.0)] == path(
        "G1 X5\nG2 X5 Y0 I-5 J0\nG3 X5 Y0 Z19 I-5 J0"
    )


@pytest.mark.parametrize(
    ("block", "centre"),
    [
        ("G2 X10 Y10 CR=10", (10.0, 0.0)), ("G3 X10 Y10 CR=10", (0.0, 10.0)),
        ("G2 X10 Y10 CR=-10", (0.0, 10.0)), ("G3 X10 Y10 CR=-10", (10.0, 0.0)),
        ("G2 X10 Y10 I10 J0", (10.0, 0.0)), ("G3 X10 Y10 J10", (0.0, 10.0)), ("G2 X20 Y0 I10", (10.0, 0.0)),
    ],
)  # fmt: skip
def test_where_the_centre_of_an_arc_lies(block: str, centre: tuple[float, float]) -> None:
    arc = moves(f"G1 X0\n{block}")[-1]

    assert pytest.approx(centre) == (arc.cx_mm, arc.cy_mm)


def test_the_guide_s_drilling_example() -> None:
    text = "Z110\nX40 Y120\nCYCLE81(110,100,2,35)\nY30\nCYCLE81(110,102,,35)\nX90\nCYCLE81(110,100,2,,65)"
    expected = [("rapid", 102.0), ("line", 35.0), ("rapid", 110.0)]

    assert [*expected, ("rapid", 110.0)] == heights(text)[2:6]
    assert [*expected, ("rapid", 110.0)] == heights(text)[6:10]
    assert [("rapid", 90.0, 30.0, 110.0), ("rapid", 90.0, 30.0, 102.0), ("line", 90.0, 30.0, 35.0)] == path(text)[9:12]


def test_a_modal_cycle_drills_after_every_move_until_mcall() -> None:
    text = "MCALL CYCLE82(20,0,2,-5,,0.5)\nX10 Y0\nX20\nMCALL\nX30"
    hole = ["rapid", "rapid", "line", "rapid"]

    assert [*hole, *hole, "rapid"] == [m.kind for m in moves(text)]
    assert [10.0] * 4 + [20.0] * 4 + [30.0] == [m.x_mm for m in moves(text)]
    assert [0.5, 0.5] == [e.value for e in read(START + text).events if e.what == "dwell"]


def test_deep_drilling_with_full_retracts() -> None:
    assert [
        ("rapid", 20.0), ("rapid", 1.0),
        ("line", -4.0), ("rapid", 1.0), ("rapid", -3.4),
        ("line", -8.0), ("rapid", 1.0), ("rapid", -7.4),
        ("line", -10.0), ("rapid", 20.0),
    ] == heights(f"{DEEP}1,3,,,,0.6)\nX5\nMCALL")  # fmt: skip


def test_the_way_ahead_follows_from_the_depth_when_it_is_not_given() -> None:
    shallow = heights("CYCLE83(20,0,1,-30,,-20,,0,0,0,1,1)")
    deep = heights("CYCLE83(20,0,1,-50,,-30,,0,0,0,1,1)")

    assert ("rapid", -19.4) == shallow[3]
    assert ("rapid", -29.0) == deep[3]


def test_chip_breaking_backs_off_at_feed() -> None:
    expected = [("line", -4.0), ("line", -3.0), ("line", -8.0), ("line", -7.0), ("line", -10.0), ("rapid", 20.0)]

    assert expected == heights(f"{DEEP}0)\nX5\nMCALL")[2:]
    assert [("line", -4.0), ("line", -3.75)] == heights(f"{DEEP}0,3,,0.25)\nX5\nMCALL")[2:4]


def test_rigid_tapping_goes_in_and_out_with_the_spindle() -> None:
    found = moves("MCALL CYCLE84(20,0,3,-8,,0,3,,1.25,,480,480)\nX5\nMCALL\nG1 Z19")
    threads = [(m.kind, m.z_mm, m.spindle, m.spindle_rpm, m.feed_mm_min, m.pitch_mm) for m in found[2:4]]

    assert [("line", -8.0, "cw", 480.0, 600.0, 1.25), ("line", 3.0, "ccw", 480.0, 600.0, 1.25)] == threads
    assert ("cw", 100.0) == (found[-1].spindle, found[-1].feed_mm_min)


def test_reaming_has_feeds_of_its_own() -> None:
    found = moves("CYCLE85(105,102,2,25,,,300,450)")

    assert [("rapid", 104.0, 0.0), ("line", 25.0, 300.0), ("line", 104.0, 450.0), ("rapid", 105.0, 0.0)] == [
        (m.kind, m.z_mm, m.feed_mm_min) for m in found
    ]


def test_inches_scale_lengths_and_with_g700_feeds_too() -> None:
    by_length, by_both = (read(f"{START}{g}\nF10\nG1 X1").moves[-1] for g in ("G70", "G700"))

    assert pytest.approx((25.4, 10.0)) == (by_length.x_mm, by_length.feed_mm_min)
    assert pytest.approx((25.4, 254.0)) == (by_both.x_mm, by_both.feed_mm_min)


def test_offsets_after_the_fourth_have_the_plan_s_names() -> None:
    assert "G59" == read("G506\nG0 SUPA Z0 D0").moves[0].wcs


def test_wear_compensation_needs_the_tool_s_radius_taken_away() -> None:
    good = read(START + "D1 TOFFR=-5\nG1 G41 X10 F100\nG3 X15 Y5 I0 J5\nG1 G40 Y10")

    assert () == good.findings
    assert ["G40", "G41", "G41", "G40"] == [m.compensation for m in good.moves[2:]]
    for offset in ("", "TOFFR=-1.5", "TOFFR=5"):
        assert "read.cannot-judge" in refused(f"D1 {offset}\nG1 G41 X10 F100")


def test_a_dwell_does_not_touch_the_feed() -> None:
    found = read(START + "G4 F2\nG1 X5")

    assert (100.0, [2.0]) == (found.moves[-1].feed_mm_min, [e.value for e in found.events if e.what == "dwell"])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("G1 X5\nG2 X5 Y0 CR=5", "read.arc"), ("G2 X10 Y0 I4.9 J0", "read.arc"), ("G2 X10 Y0", "read.arc"),
        ("G2 X10 Y0 I5 CR=5", "read.arc"), ("G1 X5\nG3 X5 Y0 Z0 I-5 TURN=2", "read.cannot-judge"),
        ("G2 X10 Y0 I5 TURN=1.5", "read.arc"), ("G18\nG2 X10 Y0 I5", "read.cannot-judge"),
        ("G999", "read.code-unsupported"), ("G58 X5", "read.code-unsupported"), ("G28 Z0", "read.code-unsupported"),
        ("G81 X5", "read.code-unsupported"), ("R1=5", "read.word-unknown"), ("X=R1", "read.word-unknown"),
        ("GOTOF END", "read.word-unknown"), ("X5 X6", "read.word-repeated"), ("G0 G1 X5", "read.modal-group"),
        ("X5 Y", "read.word-unknown"), ("/X5", "read.cannot-judge"), ("TRANS X5", "read.offset-changed"),
        ("T9", "read.tool"), ("D2", "read.tool"), ("G93\nG1 X5", "read.cannot-judge"),
        ("F0\nG1 X5", "read.feed-missing"),
        ("S-5", "read.negative"), ("G4 X2", "read.dwell"), ("G4 F2 X2", "read.dwell"),
        ("X200000", "read.number-too-large"),
        ("CYCLE81(20,0,1)", "read.cycle"), ("CYCLE81(20,0,1,-5,5)", "read.cycle"), ("CYCLE81(20,0,1,5)", "read.cycle"),
        ("CYCLE81(0,0,1,-5)", "read.cycle"), ("CYCLE81(20,0,-1,-5)", "read.cycle"),
        ("CYCLE81(20,0,1,-5,,2)", "read.cycle"),
        ("CYCLE86(20,0,1,-5)", "read.code-unsupported"), ("CYCLE81(R1,0,1,-5)", "read.cycle"),
        ("CYCLE83(20,0,1,-5,,-6,,0,0,0,1,1)", "read.cycle"), ("CYCLE83(20,0,1,-5,,,,0,0,0,1,1)", "read.cycle"),
        ("CYCLE83(155,150,1,5,0,100,,20,0,0,1,0)", "read.cycle"),
        ("CYCLE83(20,0,1,-5,,-1,,0.2,0,0,1,1)", "read.cannot-judge"),
        ("CYCLE84(20,0,1,-5,,0,3,5,,,480,480)", "read.cycle"), ("CYCLE84(20,0,1,-5,,0,3,,-1,,480,480)", "read.cycle"),
        ("CYCLE85(20,0,1,-5)", "read.cycle"), ("MCALL CYCLE81(20,0,1,-5)\nM30", "read.cycle-left-on"),
        ("MCALL CYCLE81(20,0,1,-5)\nT2\nM6", "read.cycle-left-on"), ("M30\nX5", "read.after-end"),
        ("N20 X5\nN10 X6", "read.block-number"), ('MSG("x', "read.comment"), ("X5 \u00b5", "read.character"),
        ("TOFFR=-5\nG1 G41 Z5", "read.compensation"), ("TOFFR=-5\nG3 G41 X10 I5", "read.compensation"),
    ],
)  # fmt: skip
def test_what_is_not_known_or_not_allowed_is_refused(text: str, code: str) -> None:
    assert code == refused(text)[0]


def test_a_refusal_names_its_line() -> None:
    assert [f"line {START.count(chr(10)) + 2}"] == [f.place for f in read(START + "X5\nG999\nX6").findings]


def test_a_hostile_state_changes_nothing_after_a_safe_start() -> None:
    text = START + "D1\nG1 X5 Z-1 F100\nG3 X5 Y0 Z-2 I-5 J0\nM30"

    assert read(text).moves[1:] == sinumerik.read(text, BENCH, sinumerik.HOSTILE).moves[1:]


@pytest.mark.parametrize("missing", ["G17", "G710", "G90", "G94", "G40", "TRANS", "G54"])
def test_what_a_safe_start_leaves_out_shows_in_the_hostile_state(missing: str) -> None:
    text = START.replace(missing, "", 1) + "G1 X5 Z-1\nG3 X5 Y0 Z-2 I-5 J0\nM30"
    friendly, hostile = (sinumerik.read(text, BENCH, s).moves for s in (None, sinumerik.HOSTILE))

    assert [repr(m) for m in friendly[-2:]] != [repr(m) for m in hostile[-2:]]

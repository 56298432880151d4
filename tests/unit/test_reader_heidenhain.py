"""The Klartext reader does what a TNC does: its blocks, its arcs about a pole, its cycles, and its refusals.

The expected paths are worked out by hand from the maker's definitions, several of them from examples in its manuals.
"""

from __future__ import annotations

import math

import pytest

from pipeline.verify.readers import heidenhain
from pipeline.verify.readers.types import Bench, ReadMove, ReadProgram

BENCH = Bench(work_zero_mm=(-300.0, -200.0, -330.0), wcs="G54", gauge_mm={1: 50.0, 2: 80.0}, radius_mm={1: 5.0, 2: 1.5})
START = (
    "BEGIN PGM TEST MM", "CYCL DEF 247 DATUM SETTING ~\n    Q339=+1 ;DATUM NUMBER", "CYCL DEF 32.0 TOLERANCE",
    "CYCL DEF 32.1 T0.01", "L Z+0 R0 FMAX M91", "TOOL CALL 1 Z S3000", "M3 M9", "L X+0 Y+0 R0 FMAX", "L Z+20 R0 FMAX",
    "L X+1 F100", "L X+0",
)  # fmt: skip
MADE = 5
Q200 = "Q200=+2", "Q201=-15", "Q206=+250", "Q202=+5", "Q210=+0", "Q203=+20", "Q204=+100", "Q211=+0.1", "Q395=+0"
Q203 = (
    "Q200=+2", "Q201=-20", "Q206=+150", "Q202=+5", "Q210=+0", "Q203=+20", "Q204=+50", "Q212=+0", "Q213=+3", "Q205=+0",
    "Q211=+0.25", "Q208=+500", "Q256=+0.2", "Q395=+0",
)  # fmt: skip
Q205 = (
    "Q200=+2", "Q201=-20", "Q206=+150", "Q202=+15", "Q203=+100", "Q204=+50", "Q212=+0", "Q205=+0", "Q258=+0.5",
    "Q259=+0.5", "Q257=+0", "Q256=+0.2", "Q211=+0.25", "Q379=+0", "Q253=+750", "Q208=+99999", "Q395=+0",
)  # fmt: skip


def cycle(head: str, q: tuple[str, ...], **changed: str) -> str:
    """A cycle's definition over several lines, as the control writes it."""
    given = [f"{p[:4]}={changed.get(p[:4].lower(), p[5:])}" for p in q]
    return f"CYCL DEF {head} ~\n" + " ~\n".join(f"    {p} ;TEXT" for p in given)


def numbered(*blocks: str) -> str:
    return "\n".join(f"{k} {b}" for k, b in enumerate(blocks)) + "\n"


def program(*blocks: str) -> str:
    return numbered(*START, *blocks, "M30", "END PGM TEST MM")


def read(text: str) -> ReadProgram:
    return heidenhain.read(text, BENCH)


def moves(*blocks: str) -> tuple[ReadMove, ...]:
    found = read(program(*blocks))

    assert () == found.findings

    return found.moves[MADE:]


def path(*blocks: str) -> list[tuple[str, float, float, float]]:
    return [(m.kind, round(m.x_mm, 6) + 0.0, round(m.y_mm, 6) + 0.0, round(m.z_mm, 6) + 0.0) for m in moves(*blocks)]


def heights(*blocks: str) -> list[tuple[str, float]]:
    return [(kind, z) for kind, _, _, z in path(*blocks)]


def refused(*blocks: str) -> list[str]:
    return [f.code for f in read(program(*blocks)).findings]


def test_the_manual_s_helix_of_an_m6_thread() -> None:
    found = moves("L X+40 Y+22", "L Z+0", "CC X+40 Y+25", "CP IPA-1800 IZ+5 DR- F50")[2:]

    expected = [("cw", 40.0, 28.0 if k % 2 else 22.0, k / 2) for k in range(1, 11)]
    assert expected == [(m.kind, m.x_mm, m.y_mm, m.z_mm) for m in found]
    assert [(40.0, 25.0, 50.0)] * 10 == [(m.cx_mm, m.cy_mm, m.feed_mm_min) for m in found]


def test_an_angle_of_part_of_a_turn_after_whole_ones() -> None:
    found = path("L X+10 Y+0", "CC X+0 Y+0", "CP IPA+450 IZ-5 DR+")[1:]

    halves = [("ccw", -10.0, 0.0, 18.0), ("ccw", 10.0, 0.0, 16.0)]
    assert [*halves, ("ccw", 0.0, 10.0, 15.0)] == found


@pytest.mark.parametrize(("angle", "way", "end"), [(90, "+", (0, 10)), (-90, "-", (0, -10)), (270, "+", (0, -10))])
def test_where_an_angle_ends(angle: int, way: str, end: tuple[float, float]) -> None:
    arc = moves("L X+10", "CC X+0 Y+0", f"CP IPA{angle:+d} DR{way}")[-1]

    assert pytest.approx((*end, 20.0)) == (arc.x_mm, arc.y_mm, arc.z_mm)


def test_a_pole_holds_until_the_next_and_is_absolute() -> None:
    found = moves("L X+10", "CC X+0 Y+0", "C X+0 Y+10 DR+", "C X-10 Y+0 DR+", "CC X-15 Y+0", "C X-20 Y+0 DR-")

    assert ["ccw", "ccw", "cw"] == [m.kind for m in found[1:]]
    assert [(0.0, 0.0), (0.0, 0.0), (-15.0, 0.0)] == [(m.cx_mm, m.cy_mm) for m in found[1:]]


def test_fmax_holds_for_its_block_only() -> None:
    found = moves("L X+5 FMAX", "L X+6", "L X+7 F250", "L X+8 FMAX", "L X+9")

    assert [("rapid", 0.0), ("line", 100.0), ("line", 250.0), ("rapid", 0.0), ("line", 250.0)] == [
        (m.kind, m.feed_mm_min) for m in found
    ]


def test_m91_is_the_spindle_nose_in_machine_coordinates() -> None:
    move = moves("L Z-60 R0 FMAX M91")[0]

    assert (-60.0, -60.0 + 330.0 - 50.0, True) == (move.nose_mm[2], move.z_mm, move.machine)


def test_a_tool_call_brings_its_length_and_stops_the_spindle() -> None:
    found = moves("L Z+0 R0 FMAX M91", "TOOL CALL 2 Z S500", "L Z+5 R0 FMAX")

    assert (5.0, 2, 2, "off") == (found[-1].z_mm, found[-1].tool, found[-1].length_offset, found[-1].spindle)
    assert 700.0 == moves("TOOL CALL Z S700", "L X+5")[0].spindle_rpm


def test_a_change_of_speed_may_lose_the_radius_taken_away() -> None:
    call = ("TOOL CALL 1 Z S500 DR-5", "L X+0 Y+0 R0 FMAX")

    assert "G41" == moves(*call, "TOOL CALL Z S700 DR-5", "L X+5 RL F100")[-1].compensation
    assert "read.cannot-judge" in refused(*call, "TOOL CALL Z S700", "L X+5 RL F100")


def test_the_manual_s_drilling_in_three_strokes() -> None:
    expected = [
        ("rapid", 20.0), ("rapid", 22.0),
        ("line", 15.0), ("rapid", 22.0), ("rapid", 17.0),
        ("line", 10.0), ("rapid", 22.0), ("rapid", 12.0),
        ("line", 5.0), ("rapid", 120.0),
    ]  # fmt: skip

    assert expected == heights(cycle("200 DRILLING", Q200), "L X+30 Y+20 FMAX M99")
    assert [0.1] == [
        e.value for e in read(program(cycle("200 DRILLING", Q200), "L X+30 FMAX M99")).events if e.what == "dwell"
    ]


def test_a_cycle_drills_only_where_it_is_called() -> None:
    once = cycle("200 DRILLING", Q200, q202="+15")

    assert [30.0] * 4 + [40.0] + [50.0] * 4 == [
        m.x_mm for m in moves(once, "L X+30 FMAX M99", "L X+40 FMAX", "L X+50 FMAX M99")
    ]
    assert ["rapid", "line", "rapid"] == [m.kind for m in moves(once, "CYCL CALL")]


def test_reaming_comes_out_at_its_own_feed() -> None:
    q = ("Q200=+2", "Q201=-15", "Q206=+100", "Q211=+0.5", "Q208=+250", "Q203=+20", "Q204=+100")
    found = moves(cycle("201 REAMING", q), "CYCL CALL")

    assert [("rapid", 22.0, 0), ("line", 5.0, 100), ("line", 22.0, 250), ("rapid", 120.0, 0)] == [
        (m.kind, m.z_mm, m.feed_mm_min) for m in found
    ]
    assert 100 == moves(cycle("201 REAMING", q, q208="+0"), "CYCL CALL")[2].feed_mm_min


def test_universal_drilling_breaks_chips_by_q256() -> None:
    found = heights(cycle("203 UNIVERSAL DRILLING", Q203), "CYCL CALL")

    assert [
        ("rapid", 22.0), ("line", 15.0), ("rapid", 15.2), ("line", 10.0), ("rapid", 10.2), ("line", 5.0),
        ("rapid", 5.2), ("line", 0.0), ("line", 22.0), ("rapid", 70.0),
    ] == found  # fmt: skip


def test_universal_drilling_goes_out_after_q213_breaks() -> None:
    found = heights(cycle("203 UNIVERSAL DRILLING", Q203, q213="+1", q208="+99999"), "CYCL CALL")

    assert [
        ("rapid", 22.0), ("line", 15.0), ("rapid", 15.2), ("line", 10.0), ("rapid", 22.0), ("rapid", 12.0),
        ("line", 5.0), ("rapid", 5.2), ("line", 0.0), ("rapid", 70.0),
    ] == found  # fmt: skip


def test_universal_pecking_comes_back_to_q258_above_the_bottom() -> None:
    assert [
        ("rapid", 102.0), ("line", 85.0), ("rapid", 102.0), ("rapid", 85.5), ("line", 80.0), ("rapid", 150.0),
    ] == heights(cycle("205 UNIVERSAL PECKING", Q205), "CYCL CALL")  # fmt: skip


def test_rigid_tapping_stops_the_spindle_when_it_is_out() -> None:
    q = "Q200=+2", "Q201=-20", "Q239=+1", "Q203=+25", "Q204=+50"
    found = moves(cycle("207 RIGID TAPPING NEW", q), "CYCL CALL", "L X+5")

    assert [("rapid", 27.0), ("line", 5.0), ("line", 27.0), ("rapid", 75.0)] == [(m.kind, m.z_mm) for m in found[:4]]
    assert [("cw", 3000.0, 1.0), ("ccw", 3000.0, 1.0)] == [(m.spindle, m.feed_mm_min, m.pitch_mm) for m in found[1:3]]
    assert "off" == found[4].spindle


def test_wear_compensation_needs_the_tool_s_radius_taken_away() -> None:
    worn = "L X+10 RL F100", "CC X+10 Y+5", "C X+15 Y+5 DR+", "L Y+10 R0"
    found = moves("TOOL CALL 1 Z S3000 DR-5", "M3", *worn)

    assert ["G41", "G41", "G40"] == [m.compensation for m in found]
    assert "read.cannot-judge" == refused(*worn)[0]
    assert "read.cannot-judge" == refused("TOOL CALL 1 Z S3000 DR-1.5", "M3", *worn)[0]


def test_m5_and_m9_work_at_the_end_of_their_block() -> None:
    found = moves("L X+5 M8", "L X+6 M9", "L X+7 M5", "L X+8")

    assert [("cw", "flood"), ("cw", "flood"), ("cw", "off"), ("off", "off")] == [(m.spindle, m.coolant) for m in found]


@pytest.mark.parametrize(
    ("blocks", "code"),
    [
        (("L X10",), "read.sign-missing"), (("L X+10 Y5 FMAX",), "read.sign-missing"),
        ((cycle("200 DRILLING", Q200, q206="250"),), "read.sign-missing"),
        (("CC X+0 Y+0", "L X+10", "C X+10 Y+0 DR+"), "read.arc-too-long"),
        (("L X+10", "CC X+0 Y+0", "C X+9.9619 Y-0.8716 DR+"), "read.arc-too-long"),
        (("L X+10", "CC X+0 Y+0", "C X+0 Y+10"), "read.arc"),
        (("L X+10", "CC X+0 Y+0", "C X+0 Y+10.02 DR+"), "read.arc"),
        (("L X+10", "C X+0 Y+10 DR+"), "read.position-unknown"), (("CC X+5", "L X+1"), "read.arc"),
        (("L X+10", "CC X+0 Y+0", "CP IPA-90 DR+"), "read.arc"),
        (("L X+10", "CC X+0 Y+0", "CP IPA+5401 DR+"), "read.arc"),
        (("L X+10", "CC X+0 Y+0", "CP IPA+90"), "read.arc"), (("L X+10", "CC X+0 Y+0", "CP DR+"), "read.arc"),
        (("L X+10", "CC X+0 Y+0", "C X+0 Y+10 Z-1 DR+"), "read.arc"),
        (("L X+10", "CC X+0 Y+0", "C X+0 Y+10 DR+ FMAX"), "read.arc"), (("CC IX+5 IY+5",), "read.arc"),
        (("L X+5 F100 R0",), "read.word-order"), (("L X+5 X+6",), "read.word-repeated"),
        (("L X+5 Q1",), "read.word-unknown"),
        (("L X+5 M89",), "read.code-unsupported"), (("L X+5 M6",), "read.code-unsupported"),
        (("L X+5 M99",), "read.cycle"), (("CYCL CALL",), "read.cycle"), (("CALL LBL 1",), "read.word-unknown"),
        (("FN 0: Q1 = +5",), "read.word-unknown"), (("LBL 1",), "read.word-unknown"),
        (("TOOL CALL 9 Z S1",), "read.tool"),
        (("TOOL CALL 1 Y S100",), "read.word-unknown"), (("PLANE RESET STAY",), "read.word-unknown"),
        (("CYCL DEF 7.0 DATUM SHIFT",), "read.code-unsupported"), (("CYCL DEF 247 X ~\n    Q339=+1.5",), "read.cycle"),
        ((cycle("200 DRILLING", Q200, q201="+15"),), "read.cycle"), ((cycle("200 DRILLING", Q200[:-1]),), "read.cycle"),
        ((cycle("200 DRILLING", Q200[::-1]),), "read.cycle"), ((cycle("202 BORING", Q200),), "read.code-unsupported"),
        ((cycle("200 DRILLING", Q200, q395="+1"),), "read.cannot-judge"),
        ((cycle("200 DRILLING", Q200, q202="+0"),), "read.cycle"),
        ((cycle("200 DRILLING", Q200, q200="-2"),), "read.cycle"),
        ((cycle("203 UNIVERSAL DRILLING", Q203, q212="+0.2"),), "read.cannot-judge"),
        ((cycle("205 UNIVERSAL PECKING", Q205, q259="+1"),), "read.cannot-judge"),
        (("L X+5 RL F100",), "read.cannot-judge"), (("BLK FORM 0.1 Z X+0 Y+0 Z+0",), "read.word-unknown"),
        (("M30", "L X+5"), "read.after-end"), (("L X+5 \u00b5",), "read.character"), (("L",), "read.no-axis"),
        (("L X+5 ~",), "read.block"),
    ],
)  # fmt: skip
def test_what_is_not_known_or_not_allowed_is_refused(blocks: tuple[str, ...], code: str) -> None:
    assert code == refused(*blocks)[0]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (program("L X+5").replace("12 M30", "M30"), "read.block-number"),
        (program("L X+5").replace("12 M30", "13 M30"), "read.block-number"),
        (program("L X+5").replace("0 BEGIN PGM TEST MM\n", ""), "read.block-number"),
        (program("L X+5").replace("TEST MM", "TEST INCH"), "read.cannot-judge"),
        (program("L X+5").replace("END PGM TEST", "END PGM OTHER"), "read.frame"),
        (program("L X+5").replace("13 END PGM TEST MM\n", ""), "read.frame"),
        (program("L X+5").replace("BEGIN PGM TEST MM", "BEGIN PGM A-NAME-OF-MORE-THAN-24-LETTERS MM"), "read.frame"),
        (program("L X+5") + "14 L X+6\n", "read.after-end"),
        (numbered("BEGIN PGM A MM", "L X+0 F100", "END PGM A MM"), ""),
        (numbered("BEGIN PGM A MM", "L X+0", "END PGM A MM"), "read.feed-missing"),
    ],
)
def test_the_frame_and_the_block_numbers(text: str, code: str) -> None:
    assert code == next((f.code for f in read(text).findings), "")


def test_a_refusal_names_its_line() -> None:
    text = program("L X+5", "L X6")

    assert [f"line {1 + text.splitlines().index('12 L X6')}"] == [f.place for f in read(text).findings]


def test_a_hostile_state_changes_nothing_after_a_safe_start() -> None:
    text = program("L X+10 F100", "CC X+0 Y+0", "C X+0 Y+10 DR+")

    assert read(text).moves[1:] == heidenhain.read(text, BENCH, heidenhain.HOSTILE).moves[1:]


@pytest.mark.parametrize("missing", [START[1], "L X+0 Y+0 R0 FMAX"])
def test_what_a_safe_start_leaves_out_shows_in_the_hostile_state(missing: str) -> None:
    start = [b.replace(" R0", "") for b in START if b != missing]
    text = numbered(*start, "L X+10 F100", "M30", "END PGM TEST MM")
    friendly, hostile = (heidenhain.read(text, BENCH, s) for s in (None, heidenhain.HOSTILE))

    assert repr(friendly.moves) != repr(hostile.moves)


def test_the_last_datum_stays_when_none_is_set() -> None:
    found = read(numbered("BEGIN PGM A MM", *START[4:], "M30", "END PGM A MM"))
    left = heidenhain.read(numbered("BEGIN PGM A MM", *START[4:], "M30", "END PGM A MM"), BENCH, heidenhain.HOSTILE)

    assert ("G54", "G55") == (found.moves[-1].wcs, left.moves[-1].wcs)
    assert not math.isnan(found.moves[-1].x_mm)
    assert math.isnan(left.moves[-1].x_mm)

"""Holes and turns are put together for Sinumerik and Heidenhain without changing a move."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import postprocessors
from model.errors import ConfigError
from model.feature import PlanarFace
from model.plan import CuttingData, Operation, ProcessPlan
from model.region import Region
from model.toolpath import Move, SetupPath, Toolpath, Toolpaths
from pipeline.verify.comments import told as comments
from pipeline.verify.compare import compare
from pipeline.verify.programs import READERS, Judged, bench_of
from postprocessors import milling_klartext, milling_sinumerik
from postprocessors.dialects import number
from postprocessors.groups import Holes, Spiral, grouped
from postprocessors.milling import programs
from tests.every_move import DIALECTS, SAFE_MM, paths_for, plan_for, posted, read_back

BOTH = ("sinumerik", "heidenhain")
DATA = CuttingData(3000, 100, 100, 100, 1, 1, 50, 0.05, 1, 1, 0, "flood", "feed")


def hole(x: float, y: float, **changes: object) -> tuple[Move, ...]:
    drill = Move("drill", x, y, -9, 200, "drill", retract_mm=1)
    return Move("rapid", x, y, SAFE_MM), replace(drill, **changes), Move("rapid", x, y, SAFE_MM)  # type: ignore[arg-type]


def job(*paths: tuple[Move, ...], rpm: float = 3000, **plan: object) -> tuple[Toolpaths, ProcessPlan]:
    runs = tuple(Toolpath(f"o{k}", 1, rpm, "flood", moves) for k, moves in enumerate(paths))
    return Toolpaths((SetupPath(1, runs),)), plan_for(str(plan.pop("dialect", "sinumerik")))


def text(dialect: str, *paths: tuple[Move, ...]) -> str:
    toolpaths, plan = job(*paths, dialect=dialect)
    program = programs(toolpaths, plan).programs[0]
    reader, _ = READERS[dialect]
    read = reader(program.text, bench_of(program, plan.setups[0], plan), None)

    assert () == read.findings
    assert () == compare(toolpaths.setups[0], [Judged(program, plan.setups[0], read, ())]).differences

    return program.text


def test_holes_of_neighbouring_operations_share_one_cycle() -> None:
    holes = hole(0, 0), hole(10, 0), hole(20, 5)
    siemens, klartext = (text(d, *holes) for d in BOTH)

    assert 1 == siemens.count("MCALL CYCLE81(15,1,0,-9)\nG0 X0 Y0\nX10 Y0\nX20 Y5\nMCALL\n")
    assert (1, 3) == (klartext.count("CYCL DEF 200"), klartext.count(" M99\n"))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_operation_is_named_once_before_its_moves(dialect: str) -> None:
    """By its number on the setup sheet, so that the operator finds where to begin again; the reader passes it over."""
    found = posted(dialect)
    told = [[said for _, said in comments(p) if said.startswith("OP ")] for p in found]
    tools = {p.operation_id: p.tool_number for s in paths_for(dialect).setups for p in s.toolpaths}
    said = [
        f"OP {10 * k} {o.strategy.upper()} FACE-1, T{tools[o.id]}, Z0 TO {number(o.bottom_z_mm, 3)}"
        for s in plan_for(dialect).setups
        for k, o in enumerate(s.operations, 1)
    ]

    assert said == [note for notes in told for note in notes]
    assert [] == read_back(dialect, found)


@pytest.mark.parametrize("other", [{"z_mm": -8.0}, {"feed_mm_min": 150.0}, {"retract_mm": 2.0}, {"dwell_s": 0.5}])
def test_holes_that_differ_do_not(other: dict[str, float]) -> None:
    for dialect, word in (("sinumerik", "MCALL CYCLE8"), ("heidenhain", "CYCL DEF 200")):
        assert 2 == text(dialect, hole(0, 0), hole(10, 0, **other)).count(word)


def test_depths_are_told_from_the_material_s_top() -> None:
    toolpaths, plan = job(hole(0, 0))
    operation = Operation("o0", "drill", PlanarFace("f", 0, Region()), 1, DATA, 0.0, -9, SAFE_MM, Region(), Region())
    setup = replace(plan.setups[0], operations=(operation,))
    siemens = programs(toolpaths, replace(plan, setups=(setup,))).programs[0].text
    klartext = programs(toolpaths, replace(plan_for("heidenhain"), setups=(setup,))).programs[0].text

    assert "MCALL CYCLE81(15,0,1,-9)\n" in siemens
    assert all(f"    {q} ;" in klartext for q in ("Q200=+1", "Q201=-9", "Q202=+9", "Q203=+0", "Q204=+15"))


def test_a_hole_reached_from_below_its_mouth_is_approached_from_above() -> None:
    milled = Move("rapid", 0, 0, SAFE_MM), Move("rapid", 0, 0, 0.2), Move("drill", 5, 0, -3, 100, retract_mm=1)

    assert "Z0.2\nZ1\nF100\nMCALL CYCLE81(1,1,0,-3)\nG0 X5 Y0\nMCALL\n" in text_only("sinumerik", milled)
    assert "L Z+1 R0 FMAX\n" in text_only("heidenhain", milled)


def text_only(dialect: str, *paths: tuple[Move, ...]) -> str:
    toolpaths, plan = job(*paths, dialect=dialect)
    return programs(toolpaths, plan).programs[0].text


def turns(*heights: float, to: tuple[float, float] = (5, 0)) -> tuple[Move, ...]:
    down = Move("rapid", 5, 0, SAFE_MM), Move("rapid", 5, 0, 1), Move("line", 5, 0, 0, 100)
    helix = [Move("ccw", 5, 0, z, 300, cx_mm=0, cy_mm=0) for z in heights[:-1]]
    last = Move("ccw", *to, heights[-1], 300, cx_mm=0, cy_mm=0)
    return (*down, *helix, last, Move("rapid", *to, SAFE_MM))


def test_whole_turns_are_one_block_in_klartext_and_one_each_on_a_sinumerik() -> None:
    path = turns(-1, -2, -3)

    assert "CP IPA+1080 IZ-3 DR+ F300\n" in text("heidenhain", path)
    assert "G3 X5 Y0 Z-1 I-5 J0 F300\nX5 Y0 Z-2 I-5 J0\nX5 Y0 Z-3 I-5 J0\n" in text("sinumerik", path)


def test_a_part_of_a_turn_after_whole_ones_at_the_same_pitch() -> None:
    path = turns(-1, -2, -2.25, to=(0, 5))

    assert "CP IPA+810 IZ-2.25 DR+ F300\n" in text("heidenhain", path)
    assert "G3 X0 Y5 Z-2.25 I-5 J0 TURN=2 F300\n" in text("sinumerik", path)


def test_half_turns_are_put_together_too() -> None:
    path = turns(*(-0.25 * k for k in range(1, 9)))
    halves = tuple(replace(m, x_mm=-5.0 if k % 2 else 5.0) if m.kind == "ccw" else m for k, m in enumerate(path))
    siemens, klartext = (text(d, halves) for d in BOTH)

    assert "CP IPA+1440 IZ-2 DR+ F300\n" in klartext
    assert "G3 X-5 Y0 Z-1.75 I-5 J0 TURN=3 F300\nX5 Y0 Z-2 I5 J0\n" in siemens


def test_another_pitch_is_another_block() -> None:
    path = turns(-1, -3, -3.1, to=(0, 5))

    assert 3 == text("heidenhain", path).count("CP IPA")
    assert "TURN" not in text("sinumerik", path)


def test_more_than_fifteen_turns_are_more_than_one_block() -> None:
    klartext = text("heidenhain", turns(*(-0.3 * k for k in range(1, 18))))

    assert "CP IPA+5400 IZ-4.5 DR+ F300\n" in klartext
    assert "CP IPA+720 IZ-0.6 DR+\n" in klartext


def test_arcs_of_more_than_nine_tenths_of_a_turn_go_by_their_angle() -> None:
    down = Move("rapid", 5, 0, SAFE_MM), Move("rapid", 5, 0, 1), Move("line", 5, 0, 0, 100)
    short, long = (
        text("heidenhain", (*down, Move("cw", x, y, 0, 300, cx_mm=0, cy_mm=0), Move("rapid", x, y, SAFE_MM)))
        for x, y in ((0.0, 5.0), (4.5, 2.179449))
    )

    assert "C X+0 Y+5 DR- F300\n" in short
    assert "CP IPA-334.1581 DR- F300\n" in long


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["hole", "turn", "line"]), st.integers(-20, 20), st.integers(-20, 20)), max_size=12
    )
)
def test_grouping_keeps_every_move(kinds: list[tuple[str, int, int]]) -> None:
    moves: list[Move] = [Move("rapid", 5, 0, SAFE_MM)]
    for kind, x, y in kinds:
        if kind == "hole":
            moves += hole(x, y, z_mm=-9 - (x % 2))
        elif kind == "line":
            moves.append(Move("line", x, y, -1, 300))
        else:
            last = moves[-1]
            moves.append(replace(last, kind="cw", z_mm=last.z_mm - 1, cx_mm=last.x_mm + 3, cy_mm=last.y_mm))
    back: list[Move] = []
    for _, m in grouped(moves, None):
        if isinstance(m, Holes):
            for k, (px, py) in enumerate(m.points):
                out = Move("rapid", px, py, m.clear_mm)
                back += [*([out] if k else []), replace(m.like, x_mm=px, y_mm=py), out]
        else:
            back += m.turns if isinstance(m, Spiral) else [m]

    assert moves == back


@pytest.mark.parametrize("dialect", BOTH)
def test_what_the_control_cannot_say_is_refused(dialect: str) -> None:
    toolpaths, plan = job(hole(0, 0), dialect=dialect)
    far = replace(plan, setups=(replace(plan.setups[0], work_offset="G59.3"),))
    dry = Toolpaths((SetupPath(1, (replace(toolpaths.setups[0].toolpaths[0], coolant="mist"),)),))
    for paths, where, code in ((toolpaths, far, "post.no-offset"), (dry, plan, "post.no-coolant")):
        if code == "post.no-coolant" and dialect == "sinumerik":
            continue
        with pytest.raises(ConfigError) as caught:
            programs(paths, where)

        assert code == caught.value.code


def test_the_fifth_offset_has_another_name_on_each_control() -> None:
    for dialect, word in (("sinumerik", "\nG505\n"), ("heidenhain", "Q339=+5 ;")):
        toolpaths, plan = job(hole(0, 0), dialect=dialect)
        fifth = replace(plan, setups=(replace(plan.setups[0], work_offset="G58"),))
        program = programs(toolpaths, fifth).programs[0]
        read = READERS[dialect][0](program.text, bench_of(program, fifth.setups[0], fifth), None)

        assert word in program.text
        assert {"G58"} == {m.wcs for m in read.moves if not m.machine}


@pytest.mark.parametrize(
    ("name", "siemens", "klartext"),
    [
        ("bracket-al6082-s1", "BRACKET_AL6082_S1", "BRACKET-AL6082-S1"),
        ("4711-s2", "LO_4711_S2", "4711-S2"),
        ("o.1-s1", "LO_O_1_S1", "O-1-S1"),
    ],
)
def test_file_names_are_the_control_s(name: str, siemens: str, klartext: str) -> None:
    assert (siemens, klartext) == (milling_sinumerik.file_name(name), milling_klartext.file_name(name))


def test_long_file_names_stay_apart_and_keep_their_setup() -> None:
    names = [f"a-very-long-order-number-{k}-s{s}" for k in range(9) for s in (1, 2)]
    for rule in (milling_sinumerik.file_name, milling_klartext.file_name):
        made = {n: rule(n) for n in names}

        assert len(names) == len(set(made.values()))
        assert all(len(m) <= 24 and m[-2:] == n[-2:].upper() for n, m in made.items())


@pytest.mark.parametrize("dialect", BOTH)
def test_a_table_that_is_not_complete_is_refused(dialect: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from postprocessors import dialects

    table = postprocessors.words(dialect)
    table[table["syntax"]].pop("comment_marks")
    monkeypatch.setattr(dialects, "words", lambda _: table)
    dialects.dialect.cache_clear()
    toolpaths, plan = job(hole(0, 0), dialect=dialect)
    with pytest.raises(ConfigError) as caught:
        programs(toolpaths, plan)
    dialects.dialect.cache_clear()

    assert "post.bad-dialect" == caught.value.code


def test_a_wait_the_cycles_cannot_make_is_written_out() -> None:
    path = hole(0, 0, cycle="peck", peck_mm=4, dwell_s=0.5)

    assert "G4 F0.5" in text_only("sinumerik", path)
    assert "CYCL DEF 9.1 DWELL 0.5" in text_only("heidenhain", path)

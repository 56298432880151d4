"""The proof takes Sinumerik and Klartext programs of a good job, and refuses the faults such programs can have."""

from __future__ import annotations

from dataclasses import replace

import pytest

from model.program import Programs
from pipeline.verify.programs import judged
from pipeline.verify.stage import verify_milling
from postprocessors.milling import programs
from tests.e2e import test_verify_mill_faults as job
from tests.every_move import gated, posted, read_back

design = job.design
BOTH = ("sinumerik", "heidenhain")


def swapped(dialect: str, old: str, new: str, count: int = 1) -> list[str]:
    """What reading back and the gates on the text find in the program of every move with one thing changed."""
    program, other = posted(dialect)
    text = program.text.replace(old, new, count)
    if dialect == "heidenhain":
        text = numbered(text)

    assert text != program.text, f"{old!r} is not in the program"

    bad = replace(program, text=text), other
    return read_back(dialect, bad) or gated(dialect, bad)


def numbered(text: str) -> str:
    """The blocks counted again, as the control's own editor does."""
    lines, count = [], -1
    for line in text.splitlines():
        if line.startswith(" "):
            lines.append(line)
        elif line:
            count += 1
            lines.append(f"{count} {line.lstrip('0123456789').strip()}")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("dialect", BOTH)
def test_a_good_job_passes_every_gate(dialect: str, design: object) -> None:
    plan = replace(job.PLAN, machine=replace(job.MACHINE, dialect=dialect))
    report = verify_milling(design, plan, job.PATHS, programs(job.PATHS, plan))  # type: ignore[arg-type]

    assert [] == [(g.name, g.findings) for g in report.gates if g.verdict == "fail"]
    assert report.passed
    assert 0.001 > report.metrics["deepest_gouge_mm"]


@pytest.mark.parametrize("dialect", BOTH)
def test_straight_cuts_are_those_of_the_linuxcnc_program(dialect: str) -> None:
    plan = replace(job.PLAN, machine=replace(job.MACHINE, dialect=dialect))
    for program, other in zip(programs(job.PATHS, plan).programs, job.programs().programs, strict=True):
        setup = plan.setups[program.setup - 1]
        ours, theirs = judged(program, setup, plan).read, judged(other, setup, job.PLAN).read
        cut, expected = (
            [(round(m.x_mm, 3) + 0.0, round(m.y_mm, 3) + 0.0, round(m.z_mm, 3) + 0.0, m.feed_mm_min, m.tool)
             for m in read.moves if m.kind == "line"]
            for read in (ours, theirs)
        )  # fmt: skip

        assert expected == cut


SINUMERIK: dict[str, tuple[str, str]] = {
    "an arc the wrong way": ("G2 X31.7", "G3 X31.7"),
    "a centre given absolutely": ("I5 J0", "I=AC(5) J=AC(0)"),
    "a centre left out": ("I0 J5.125", "I0"),
    "the shorter arc by CR": ("X35.121 Y16.212 I0 J3", "X35.121 Y16.212 CR=3"),
    "a full circle by CR": ("X31.7 Y15.25 Z-2 I-5 J0", "X31.7 Y15.25 Z-2 CR=5"),
    "a turn too many": ("I5 J0 F600", "I5 J0 TURN=1 F600"),
    "a modal cycle not ended": ("G0 X12.5 Y0\nMCALL\n", "G0 X12.5 Y0\n"),
    "a modal cycle not ended before a tool change": ("X-24.5 Y-27.1\nMCALL", "X-24.5 Y-27.1"),
    "a hole too deep": ("CYCLE82(15,0,1,-2.25", "CYCLE82(15,0,1,-3.25"),
    "a depth above the material": ("1,-2.25,", "1,2.25,"),
    "a reference too low": ("CYCLE82(15,0,1", "CYCLE82(15,-1,1"),
    "a return into the work": ("CYCLE82(15,", "CYCLE82(1,"),
    "steps too deep": (",-3,,0,", ",-5,,0,"),
    "steps that get shorter": (",-3,,0,", ",-3,,0.5,"),
    "chips broken instead of removed": (",1,3,,,,0.6)", ",0,3,,,,0.6)"),
    "no wait at the bottom": ("-2.25,,0.5)", "-2.25)"),
    "a thread of another pitch": ("1.25,,480,480", "1.5,,480,480"),
    "a thread cut too fast": ("1.25,,480,480", "1.25,,960,960"),
    "a left-hand thread": ("1.25,,480,480", "-1.25,,480,480"),
    "a reamer pulled out too fast": ("120,120)", "120,1200)"),
    "no length": ("\nD1\n", "\nD0\n"),
    "no edge chosen": ("\nD1\n", "\n"),
    "the length left off after the change": ("M6\nD1\n", "M6\n"),
    "a retract with the length on": ("G0 SUPA Z0 D0\nM5\n", "G0 SUPA Z0\nM5\n"),
    "a retract in the work offset": ("G0 SUPA Z0 D0\nM5\n", "G0 Z0\nM5\n"),
    "no spindle": ("S3000 M3", "S3000"),
    "the spindle the wrong way": ("S3000 M3", "S3000 M4"),
    "another speed": ("S5500", "S5600"),
    "another offset": ("\nG54\n", "\nG55\n"),
    "no offset": ("\nG54\n", "\nG500\n"),
    "offset not said": ("\nG54\n", "\n"),
    "a shift not cancelled": ("TRANS\n", ""),
    "a shift": ("TRANS\n", "TRANS X0.5\n"),
    "inches": ("G710", "G700"),
    "units not said": (" G710", ""),
    "incremental": (" G90", " G91"),
    "feed by the turn": (" G94", " G95"),
    "plane not said": ("G17 ", ""),
    "compensation not cancelled": (" G40", ""),
    "compensation by the whole radius": ("D1 TOFFR=-5", "D1"),
    "compensation by a wrong radius": ("TOFFR=-5", "TOFFR=-4.9"),
    "compensation on the wrong side": ("G41", "G42"),
    "compensation left on": ("G40 X34", "X34"),
    "no coolant": ("M8\n", ""),
    "corners cut as the control likes": ("G64\n", ""),
    "no end": ("M30\n", ""),
    "another tool": ("N20 T6", "N20 T7"),
    "no change": ("N20 T6\nM6\n", "N20 T6\n"),
    "a stop": ("X21.7 F900", "M0\nX21.7 F900"),
    "a jump": ("X21.7 F900", "GOTOF WEITER\nX21.7 F900"),
    "a mirrored part": ("TRANS\n", "MIRROR X0\n"),
}
KLARTEXT: dict[str, tuple[str, str]] = {
    "an arc the wrong way": ("DR+\n", "DR-\n"),
    "an angle of the other sign": ("IPA-180", "IPA+180"),
    "both of the other sign": ("IPA-180 IZ-0.75 DR-", "IPA+180 IZ-0.75 DR+"),
    "a pole left out": ("21 CC X+21.7 Y+10.125\n", ""),
    "a later pole left out": ("23 CC X+26.7 Y+15.25\n", ""),
    "a pole from the start of the arc": ("CC X+21.7 Y+10.125", "CC X+0 Y+5.125"),
    "a helix to a height": ("IZ-0.75", "Z-0.75"),
    "a full circle by its end": ("CP IPA-360 DR-", "C X+31.7 Y+15.25 DR-"),
    "a turn too many": ("IPA-180", "IPA-540"),
    "a sign left out": ("L X+21.7", "L X21.7"),
    "a depth above the surface": ("Q201=-2.25", "Q201=+2.25"),
    "a hole too deep": ("Q201=-2.25", "Q201=-3.25"),
    "a surface too low": ("Q203=+1 ", "Q203=+0 "),
    "a set-up clearance too small": ("Q204=+14", "Q204=+0"),
    "strokes too deep": ("Q202=+4 ", "Q202=+5 "),
    "strokes that get shorter": ("Q212=+0", "Q212=+0.5"),
    "chips never removed": ("205 UNIVERSAL PECKING", "203 UNIVERSAL PECKING"),
    "breaks too few": ("Q213=+5", "Q213=+1"),
    "a break of nothing": ("Q256=+0.5", "Q256=+0"),
    "a drill pulled out at feed": ("Q208=+99999", "Q208=+500"),
    "a wait left out": ("Q211=+0.5", "Q211=+0"),
    "a thread of another pitch": ("Q239=+1.25", "Q239=+1.5"),
    "a left-hand thread": ("Q239=+1.25", "Q239=-1.25"),
    "a cycle not called": (" M99", ""),
    "a cycle called where nothing is": ("L X-32.5 R0 FMAX", "L X-32.5 R0 FMAX M99"),
    "a rapid made a cut": ("L Z+1 R0 FMAX", "L Z+1 R0"),
    "a cut made a rapid": ("L X+21.7 F900", "L X+21.7 FMAX"),
    "no spindle": ("M3\n", ""),
    "the spindle the wrong way": ("M3\n", "M4\n"),
    "another speed": ("TOOL CALL Z S5500", "TOOL CALL Z S5600"),
    "another datum": ("Q339=+1", "Q339=+2"),
    "a datum not said": ("CYCL DEF 247 DATUM SETTING ~\n    Q339=+1 ;DATUM NUMBER\n", ""),
    "another tool": ("TOOL CALL 6 Z", "TOOL CALL 7 Z"),
    "a tool along Y": ("TOOL CALL 6 Z", "TOOL CALL 6 Y"),
    "no tool call": ("TOOL CALL 6 Z S3000\n", ""),
    "compensation by the whole radius": (" DR-5", ""),
    "compensation by a wrong radius": (" DR-5", " DR-4.9"),
    "compensation on the wrong side": (" RL", " RR"),
    "compensation left on": ("X+34 R0", "X+34"),
    "a retract in the datum": ("Z+0 R0 FMAX M91\n47", "Z+0 R0 FMAX\n47"),
    "no retract": ("46 L Z+0 R0 FMAX M91\n", ""),
    "no coolant": ("16 M8\n", ""),
    "no path tolerance": ("32.1 T0.01", "32.1 T0.5"),
    "inches": ("MM", "INCH"),
    "no end": ("84 M30\n", ""),
    "a name that is another": ("END PGM EVERY", "END PGM OTHER"),
    "a stop": ("19 L Z-0.5 F300", "19 M0\n19 L Z-0.5 F300"),
    "a jump": ("19 L Z-0.5 F300", "19 CALL LBL 3\n19 L Z-0.5 F300"),
    "a shift": ("9 L Z+0", "9 CYCL DEF 7.0 DATUM SHIFT\n9 L Z+0"),
}


@pytest.mark.parametrize("name", SINUMERIK)
def test_a_planted_fault_in_a_sinumerik_program_is_refused(name: str) -> None:
    assert [] != swapped("sinumerik", *SINUMERIK[name])


@pytest.mark.parametrize("name", KLARTEXT)
def test_a_planted_fault_in_a_klartext_program_is_refused(name: str) -> None:
    assert [] != swapped("heidenhain", *KLARTEXT[name])


@pytest.mark.parametrize("fault", ["lost", "twice"])
def test_a_block_lost_or_sent_twice_is_seen_by_its_number(fault: str) -> None:
    program, other = posted("heidenhain")
    lines = program.text.splitlines()
    for k, line in enumerate(lines):
        if not line.startswith(" "):
            text = [*lines[:k], *([] if fault == "lost" else [line, line]), *lines[k + 1 :]]

            assert [] != read_back("heidenhain", (replace(program, text="\n".join(text) + "\n"), other))


def test_counting_blocks_again_changes_nothing() -> None:
    good = posted("heidenhain")

    assert [p.text for p in good] == [numbered(p.text) for p in good]
    assert [] == read_back("heidenhain", good)


def test_a_wrong_centre_is_found_by_the_part_too(design: object) -> None:
    """The same misreading in post and reader would still leave a wrong part: the geometry judges for itself."""
    plan = replace(job.PLAN, machine=replace(job.MACHINE, dialect="heidenhain"))
    first, second = programs(job.PATHS, plan).programs
    text = first.text.replace("CC X+5 Y+2\n", "CC X+6 Y+3\n").replace("C X+5 Y+3 DR+", "C X+5 Y+3 DR-")
    report = verify_milling(design, plan, job.PATHS, Programs((replace(first, text=text), second)))  # type: ignore[arg-type]

    assert not report.passed
    assert {"verify.not-as-planned", "verify.excess"} <= {f.code for f in report.failures}

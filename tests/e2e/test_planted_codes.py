"""Words of a control that nobody meant: each kind planted in a good program is refused, in every dialect."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from model.program import Program
from tests.e2e.test_verify_other_tongues import numbered
from tests.every_move import DIALECTS, gated, posted, read_back

CUT = re.compile(r"^(?:\d+ L )?X\+?21\.7 F900", re.MULTILINE)
"""The cut in which all jobs meet a word of somebody else's before it."""

ISO: dict[str, str] = {
    "another work offset": "G55",
    "an offset of the fourth pair": "G54.1 P3",
    "a tool length nobody measured": "G43 H9",
    "a tool length taken away": "G49",
    "a length that moves the tool up": "G44 H1",
    "a length in the program": "G43.1 Z10.",
    "feed by time": "G93",
    "feed by turn": "G95",
    "cutting speed held": "G96 S100",
    "inches": "G20",
    "increments": "G91",
    "the plane of X and Z": "G18",
    "the plane of Y and Z": "G19",
    "coordinates doubled": "G51 X0. Y0. Z0. P2000",
    "coordinates doubled by axis": "G51 X2. Y2.",
    "coordinates mirrored": "G51.1 X0.",
    "coordinates mirrored, by Haas": "G101 X0",
    "coordinates turned": "G68 X0. Y0. R15.",
    "polar coordinates": "G16",
    "a shift": "G92 X5.",
    "a shift written into the offset": "G10 L2 P1 X5.",
    "a local shift": "G52 X5.",
    "wear on the left": "G41 D1",
    "wear on the right": "G42 D1",
    "a radius somebody else's": "G41 D2 X20.",
    "a subprogram": "M98 P1000",
    "a subprogram many times": "M98 P51000",
    "a macro": "G65 P9010 A1.",
    "a macro for every move": "G66 P9010",
    "a return": "M99",
    "a jump": "GOTO 10",
    "a condition": "IF [#1 EQ 0] GOTO 10",
    "a loop": "WHILE [#1 LT 3] DO1",
    "an O word": "O100 CALL",
    "a parameter": "#100=5.",
    "a formula": "X[10+5]",
    "a line the operator may skip": "/G0 Z20.",
    "a line skipped by number": "/2 G0 Z20.",
    "the way home": "G28",
    "the way home by the tool": "G28 Z0.",
    "the second reference point": "G30 Z0.",
    "a probe": "G31 Z-5. F100",
    "a probe, by Grbl": "G38.2 Z-5 F100",
    "a skipped rest": "G31 X50. F900",
    "a spline": "G5 X30. Y5. I1. J1. P1. Q1.",
    "a stop of arcs by increments": "G90.1",
    "diameters": "G7",
    "the spindle the other way": "M4",
    "the spindle off": "M5",
    "the spindle at ten times": "S60000",
    "the spindle at a tenth": "S600",
    "the program's end": "M2",
    "the program's end and back": "M30",
    "a tool called": "T6 M6",
    "a tool of three digits": "T111 M6",
    "a tool number with a point": "T1.5 M6",
    "feed override": "M49",
    "an axis nobody has": "A90.",
    "a word of no letter": "5.",
    "a word without a number": "X",
    "two points": "X1.2.3",
    "a letter for a number": "XO",
    "two moves in one line": "G0 G1 X5.",
    "an axis twice": "X5. X6.",
    "a cut to nowhere known": "G1 Z-20. F300",
    "a comment not closed": "(see below",
    "a comment in a comment": "(a (b) c)",
    "a bare bracket": ")",
    "the end of the tape": "%",
    "a character from another alphabet": "\u0425 10.",
    "a minus of the typographer": "Z\u22125.",
    "a dwell of an hour": "G4 P3600000",
    "a dwell without time": "G4",
    "a hole many times": "G81 X30. Y5. Z-5. R2. L3 F100",
    "a hole many times, by Fanuc": "G81 X30. Y5. Z-5. R2. K3 F100",
    "no hole": "G81 X30. Y5. Z-5. R2. K0 F100",
    "a hole bored backwards": "G87 X30. Y5. Z-5. R2. Q1. F100",
    "a thread without its spindle": "G33 Z-5. K1.",
    "path mode rough": "G64 P5",
    "a stop at the end of moves forgotten": "G64",
}  # fmt: skip

KLARTEXT: dict[str, str] = {
    "another datum": "CYCL DEF 247 DATUM SETTING ~\n    Q339=+2 ;DATUM NUMBER",
    "a shift": "CYCL DEF 7.0 DATUM SHIFT\nCYCL DEF 7.1 X+5",
    "a shift in the new way": "TRANS DATUM AXIS X+5",
    "a mirror": "CYCL DEF 8.0 MIRROR IMAGE\nCYCL DEF 8.1 X",
    "a turn": "CYCL DEF 10.0 ROTATION\nCYCL DEF 10.1 ROT+15",
    "a scale": "CYCL DEF 11.0 SCALING\nCYCL DEF 11.1 SCL2",
    "a scale by axis": "CYCL DEF 26.0 AXIS-SPEC. SCALING\nCYCL DEF 26.1 X2 CCX+0",
    "a tilted plane": "PLANE SPATIAL SPA+10 SPB+0 SPC+0 STAY",
    "a tolerance of a millimetre": "CYCL DEF 32.0 TOLERANCE\nCYCL DEF 32.1 T1",
    "a length added": "TOOL CALL DL+5",
    "a radius added": "TOOL CALL DR+1",
    "another tool": "TOOL CALL 6 Z S6000",
    "a tool by a name": 'TOOL CALL "MILL_D10" Z S6000',
    "a tool of three digits": "TOOL CALL 111 Z S6000",
    "another speed": "TOOL CALL Z S600 DR-5",
    "another axis of the tool": "TOOL CALL 1 Y S6000",
    "feed by tooth": "L X+21 FZ0.1",
    "feed by turn": "L X+21 FU0.5",
    "feed at ten times": "L X+15 F9000",
    "feed at full speed": "L X+15 FMAX",
    "a deeper cut": "L IZ-5 F300",
    "wear on the right": "L X+15 RR F900",
    "wear on the left": "L X+15 RL F900",
    "a cut in machine places": "L X+15 F900 M91",
    "a hole of the cycle before": "L X+15 F900 M99",
    "a hole at every place": "M89",
    "a free end": "M2",
    "the program's end": "M30",
    "the spindle off": "M5",
    "the spindle the other way": "M4",
    "a subprogram": "CALL LBL 1",
    "a repeat": "CALL LBL 1 REP5",
    "a label": "LBL 1",
    "a program called": "CALL PGM TNC:\\OTHER.H",
    "a parameter": "Q1 = +5",
    "a function": "FN 0: Q1 = +5",
    "a jump": "FN 9: IF +Q1 EQU +0 GOTO LBL 1",
    "a place from a parameter": "L X+Q1",
    "a block the operator may skip": "/ L Z+20 R0 FMAX",
    "a pole and no arc": "LP PR+10 PA+45",
    "a rounding": "RND R2",
    "a chamfer": "CHF 1",
    "a tangent arc": "CT X+30 Y+10",
    "an arc by its radius": "CR X+30 Y+10 R+8 DR+",
    "a probe": "TCH PROBE 0.0 REF. PLANE Q5 X-",
    "another axis": "L A+90",
    "an axis twice": "L X+15 X+16",
    "a letter for a number": "L X+O",
    "two points": "L X+1.2.3",
    "a word nobody knows": "LINE X+15",
    "rough corners": "M90",
    "a dwell of an hour": "CYCL DEF 9.0 DWELL TIME\nCYCL DEF 9.1 DWELL 3600",
    "inches": "BEGIN PGM EVERY-S1 INCH",
    "the end of another": "END PGM OTHER MM",
    "a minus of the typographer": "L Z\u22125",
}
SINUMERIK: dict[str, str] = {
    "another work offset": "G55",
    "no work offset": "G500",
    "no frames for a line": "G53 X21",
    "feed by time": "G93",
    "feed by turn": "G95",
    "cutting speed held": "G96 S100",
    "inches": "G70",
    "inches, feed too": "G700",
    "increments": "G91",
    "an increment": "X=IC(5)",
    "the plane of X and Z": "G18",
    "a shift": "TRANS X5",
    "a shift added": "ATRANS X5",
    "a turn": "ROT RPL=15",
    "a scale": "SCALE X2 Y2",
    "a mirror": "MIRROR X0",
    "a frame": "$P_UIFR[1]=CTRANS(X,5)",
    "a tilted plane": "CYCLE800()",
    "no length": "D0",
    "another edge": "D2",
    "another tool": "T6 M6",
    "a tool of three digits": "T111 M6",
    "a tool by a name": 'T="MILL_D10"',
    "a radius added": "TOFFR=-4",
    "a length added": "TOFFL=5",
    "wear on the left": "G41",
    "wear on the right": "G42 X20",
    "the spindle off": "M5",
    "the spindle the other way": "M4",
    "another speed": "S600",
    "the program's end": "M30",
    "the end of a subprogram": "M17",
    "a return": "RET",
    "a subprogram": "OTHER P3",
    "a program called": 'CALL "OTHER"',
    "a parameter": "R1=5",
    "a place from a parameter": "X=R1",
    "a jump": "GOTOF END",
    "a jump back": "GOTOB N10",
    "a condition": "IF R1==0 GOTOF END",
    "a loop": "FOR R1=0 TO 5",
    "a repeat": "REPEAT N10 N20 P=3",
    "a line the operator may skip": "/G0 Z20",
    "a line skipped by number": "/3 G0 Z20",
    "polar coordinates": "G111 X0 Y0",
    "a polar place": "G1 AP=45 RP=20",
    "an arc by its radius": "G3 X30 Y10 CR=8",
    "an arc by its angle": "G3 X30 Y10 AR=90",
    "an arc through a point": "CIP X30 Y10 I1=25 J1=8",
    "a spline": "BSPLINE",
    "a polynomial": "POLY",
    "a thread": "G33 Z-5 K1",
    "a tap": "G331 Z-5 K1",
    "rough corners": "G642",
    "rounding of a corner": "G1 X25 RND=2",
    "a chamfer": "G1 X25 CHF=1",
    "the way home": "G74 Z1=0",
    "the fixed point": "G75 Z1=0",
    "a probe": "MEAS=1 X30 F100",
    "a hole at every place": "MCALL CYCLE81(15,1,0,-5)",
    "one hole": "CYCLE81(15,1,0,-5)",
    "a row of holes": "HOLES1(0,0,0,10,10,3)",
    "a pocket": "POCKET3(15,0,1,-5,20,20,3,0,0,0,5,0,0,300,100,0,11)",
    "a dwell of an hour": "G4 F3600",
    "another axis": "A90",
    "an axis twice": "X5 X6",
    "a letter for a number": "XO",
    "two points": "X1.2.3",
    "two moves in one line": "G0 G1 X5",
    "a label alone": "END:",
    "a minus of the typographer": "Z\u22125",
    "exact stops": "G60",
}
COMMENT = "a comment"
ISO[COMMENT] = "(BY HAND)"
KLARTEXT[COMMENT] = SINUMERIK[COMMENT] = "; BY HAND"
HARMLESS = {
    "grbl": ("a comment not closed", "a tool length taken away"),
    "grblhal": ("a comment not closed",),
    "sinumerik": ("exact stops",),
}
"""Grbl ends every comment with its line, and has no tool length to take away: its tools are touched off.
Exact stops follow the path more closely than is asked."""


def words(dialect: str) -> dict[str, str]:
    """What is planted in a dialect's programs."""
    return {"heidenhain": KLARTEXT, "sinumerik": SINUMERIK}.get(dialect, ISO)


def planted(dialect: str, line: str) -> tuple[Program, ...]:
    """The good programs with a line before the first one's cut."""
    good = posted(dialect)
    at = CUT.search(good[0].text)
    assert at is not None
    text = good[0].text
    text = f"{text[: at.start()]}{line}\n{text[at.start() :]}"
    return replace(good[0], text=numbered(text) if dialect == "heidenhain" else text), *good[1:]


def seen(dialect: str, programs: tuple[Program, ...]) -> bool:
    return bool(read_back(dialect, programs) or gated(dialect, programs))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_word_nobody_meant_is_refused(dialect: str) -> None:
    passed = [name for name, line in words(dialect).items() if not seen(dialect, planted(dialect, line))]

    assert sorted((COMMENT, *HARMLESS.get(dialect, ()))) == sorted(passed)

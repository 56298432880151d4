"""Reads a program as a Fanuc 0i-M control does (increment IS-B, memory C, M29 tapping).

Sources: Fanuc operator's manuals B-64304 and B-64484 as machinists quote them; where parameters decide, the
stricter meaning is taken: a number without a point counts thousandths (3401#0 = 0), rapids need not be straight
(1401#1 = 0), one M code a line (3404#7 = 0), the reference point is the machine's zero (1240 = 0).
"""

from __future__ import annotations

import re

from pipeline.verify.readers.control import Control, Slack
from pipeline.verify.readers.cycles import Pecks
from pipeline.verify.readers.framed import walk
from pipeline.verify.readers.iso import COMMON, Interpreter, Rules
from pipeline.verify.readers.types import Bench, ReadProgram, Start

NUMBER = re.compile(r"O(?!0000)[0-7][0-9]{3}")  # 8000 to 9999 are kept for the maker and the shop
HOSTILE = Start(
    inch=True, absolute=False, plane="G18", wcs="G55", motion="G3", feed_mm_min=7777.0, feed_mode="G95",
    compensation="G41", length_mm=33.0, length_offset=99, spindle="ccw", rpm=4321.0, coolant="flood", retract="G99",
    turned=True, scaled=True, mirrored=True, polar=True, shifted=True,
)  # fmt: skip
RULES = Rules(
    groups=COMMON
    | dict.fromkeys(("G73", "G81", "G82", "G83", "G84", "G85"), "motion")
    | dict.fromkeys(("G52", "G92", "G92.1"), "once")
    | dict.fromkeys(("G15", "G16"), "polar")
    | dict.fromkeys(("G50", "G51"), "scaling")
    | dict.fromkeys(("G50.1", "G51.1"), "mirror")
    | dict.fromkeys(("G68", "G69"), "turning")
    | dict.fromkeys(("G40", "G41", "G42"), "compensation")
    | dict.fromkeys(("G43", "G49"), "length")
    | {"G5.1": "path", "G97": "spindle-mode", "M29": "rigid"},
    letters="DFHIJKLNPQRSTXYZ",
    slack=Slack(end_mm=0.005, share=0.0, most_mm=0.005, radius_mm=0.0),
    wear=0,
    thousandths="XYZIJKRQP",
    pointed="XYZIJKRQ",
    whole="PDHTSN",
    one_m=True,
    homes=True,
    length_with_z=True,
    rigid="M29",
    pecks=Pecks(clearance_mm=0.5),
    path={"G5.1 Q1": 0.0, "G5.1 Q0": float("nan")},
    straightens={"G15": "polar", "G50": "scaled", "G50.1": "mirrored", "G69": "turned", "G92.1": "shifted"},
    by_axis=("G50.1", "G92.1"),
)


def read(text: str, bench: Bench, start: Start | None = None) -> ReadProgram:
    """Read a whole program from the given modal state (by default the control's own at power-on)."""
    control = Control(bench, start or Start(), touched_off=False)
    walk(text, control, Interpreter(control, RULES), NUMBER)
    return control.result(dog_leg=True, lengths=True, retracts=True, path_modes=True, spindle_waits=True)

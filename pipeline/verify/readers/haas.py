"""Reads a program as a Haas mill's control (NGC) does.

Sources: the Haas mill operator's manual as machinists quote it: a number without a point counts thousandths
(setting 162 off), a whole P counts milliseconds and one with a point seconds, G0 of several axes is a dog-leg,
the two radii of an arc agree within 0.005 mm, G84 starts the spindle itself, a tool change lifts Z home first.
"""

from __future__ import annotations

import re

from pipeline.verify.readers.control import Control, Slack
from pipeline.verify.readers.cycles import Pecks
from pipeline.verify.readers.framed import walk
from pipeline.verify.readers.iso import COMMON, Interpreter, Rules
from pipeline.verify.readers.types import Bench, ReadProgram, Start

NUMBER = re.compile(r"O[0-9]{1,5}")
HOSTILE = Start(
    inch=True, absolute=False, plane="G18", wcs="G55", motion="G3", feed_mm_min=7777.0, feed_mode="G95",
    compensation="G41", length_mm=33.0, length_offset=99, spindle="ccw", rpm=4321.0, coolant="flood", retract="G99",
    turned=True, scaled=True, mirrored=True, shifted=True,
)  # fmt: skip
ROUNDING_MM = {"P1": 0.5, "P2": 0.1, "P3": 0.01}
"""What G187 rough, medium and finish let corners round (belief; setting 85 and E can change it)."""

RULES = Rules(
    groups=COMMON
    | dict.fromkeys(("G73", "G81", "G82", "G83", "G84", "G85"), "motion")
    | dict.fromkeys(("G52", "G92"), "once")
    | dict.fromkeys(("G50", "G51"), "scaling")
    | dict.fromkeys(("G68", "G69"), "turning")
    | dict.fromkeys(("G100", "G101"), "mirror")
    | dict.fromkeys(("G40", "G41", "G42"), "compensation")
    | dict.fromkeys(("G43", "G49"), "length")
    | {"G187": "path", "G97": "spindle-mode"},
    letters="DFHIJKLNPQRSTXYZ",
    slack=Slack(end_mm=0.005, share=0.0, most_mm=0.005, radius_mm=0.0),
    wear=0,
    thousandths="XYZIJKRQPF",
    pointed="XYZIJKRQF",
    whole="DHTSN",
    one_m=True,
    homes=True,
    length_with_z=True,
    pecks=Pecks(clearance_mm=0.5),
    straightens={"G50": "scaled", "G52": "shifted", "G69": "turned", "G100": "mirrored"},
    by_axis=("G52", "G100"),
    path={f"G187 {p}": mm for p, mm in ROUNDING_MM.items()} | {"G187": ROUNDING_MM["P2"]},
)


def read(text: str, bench: Bench, start: Start | None = None) -> ReadProgram:
    """Read a whole program from the given modal state (by default the control's own at power-on)."""
    control = Control(bench, start or Start(), touched_off=False)
    walk(text, control, Interpreter(control, RULES), NUMBER)
    return control.result(dog_leg=True, lengths=True, retracts=True, path_modes=True, spindle_waits=True)

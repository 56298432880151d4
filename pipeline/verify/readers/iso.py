"""Runs the lines of a program as the controls of the LinuxCNC and Fanuc families do, by each control's rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pipeline.verify.readers.control import INCH_MM, NAN, Control, Slack
from pipeline.verify.readers.cycles import CYCLES, PECKS, Cycle, Pecks
from pipeline.verify.readers.types import Turning
from pipeline.verify.readers.words import LineError, bare, broken, sorted_words, split

SHIFTS = (
    "G10", "G16", "G28.1", "G30.1", "G51", "G51.1", "G52", "G68", "G92", "G92.1", "G92.2", "G92.3", "G101", "G43.1",
    "G43.2",
)  # fmt: skip
TURNING: dict[str, Turning] = {"M3": "cw", "M4": "ccw", "M5": "off"}
COOLANT: dict[str, Literal["off", "flood", "mist"]] = {"M7": "mist", "M8": "flood", "M9": "off"}
FORMULAS = "#[=<"

COMMON = {
    **dict.fromkeys(("G0", "G1", "G2", "G3", "G80"), "motion"),
    **dict.fromkeys(("G4", "G53", "G10", "G28", "G30"), "once"),
    **dict.fromkeys(("G17", "G18", "G19"), "plane"),
    **dict.fromkeys(("G90", "G91"), "distance"),
    **dict.fromkeys(("G93", "G94", "G95"), "feed-mode"),
    **dict.fromkeys(("G20", "G21"), "units"),
    **dict.fromkeys(("G54", "G55", "G56", "G57", "G58", "G59"), "offset"),
    **dict.fromkeys(("G98", "G99"), "retract"),
    **dict.fromkeys(("M0", "M1", "M2", "M30"), "stop"),
    "M6": "change",
    **dict.fromkeys(("M3", "M4", "M5"), "spindle"),
    **dict.fromkeys(("M8", "M9"), "coolant"),
}
"""Codes every one of these controls takes, by modal group."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How one control differs from the others.

    ``groups`` names the modal group of every code it knows, ``letters`` its other words. ``slack`` is what its
    arcs are forgiven. ``wear`` is the first register of wear compensation less the tool's number (None: it has
    no compensation by number). ``thousandths`` are words that count in thousandths when they have no point,
    ``pointed`` those that must have one, ``whole`` those that must not. ``one_m``: one M code a line, and none
    with axis words. ``homes``: G28 leads to a known reference point, which a tool change seeks too.
    ``length_with_z``: G43 needs Z in its line. ``own_length``: G43 without H takes the tool's own. ``rigid`` is the
    code that must stand before G84. ``pecks`` is what its drilling cycles do between two pecks. ``path`` gives
    the tolerance (mm) of every way to follow the path it may be told. ``straightens`` tells which bend of the
    coordinates (fields of Start) each code ends; those of ``by_axis`` must name X0 Y0 Z0 with it.
    """

    groups: Mapping[str, str]
    letters: str
    slack: Slack
    wear: int | None = None
    thousandths: str = ""
    pointed: str = ""
    whole: str = ""
    one_m: bool = False
    homes: bool = False
    length_with_z: bool = False
    own_length: bool = False
    rigid: str = ""
    pecks: Pecks = PECKS
    path: Mapping[str, float] = field(default_factory=dict)
    straightens: Mapping[str, str] = field(default_factory=dict)
    by_axis: tuple[str, ...] = ()


class Interpreter:
    """One program's passage through a control: the modal state, the tool chosen, and the running cycle."""

    def __init__(self, control: Control, rules: Rules) -> None:
        self.control = control
        self.rules = rules
        self.cycle = Cycle()
        self.chosen = -1
        self.rigid = False
        self.tapped = False

    def block(self, line: str) -> None:
        """One line without comments and spaces, in the order these controls execute its words.

        Raises:
            LineError: The control refuses the line, or nobody can judge it.
        """
        if line[0] in "O/" or any(c in line for c in FORMULAS):
            what = "subprograms, parameters, formulas and optional lines cannot be judged"
            raise LineError("read.cannot-judge", what, "Write the moves out.")
        codes, values = sorted_words(split(line, self.rules.thousandths), self.rules.groups, self.rules.letters)
        self._form(line, codes, values)
        values.pop("N", None)
        self.control.feed_mode = codes.get("feed-mode", self.control.feed_mode)
        self.control.speeds(codes, values, self.control.scale)
        self._tool(codes, values)
        self._switches(codes, values)
        self._modes(codes, values)
        self._compensation(codes, values)
        self._straighten(codes, values)
        self._refused(codes)
        self._motion(codes, values)
        if values:
            raise LineError("read.words-unused", f"nothing uses the words {' '.join(sorted(values))}")
        self._stop(codes.get("stop", ""))

    def _form(self, line: str, codes: dict[str, str], values: dict[str, float]) -> None:
        """How numbers and M codes must be written."""
        word = bare(line, self.rules.pointed if "path" not in codes else "XYZIJKR")
        if word:
            self.control.refuse("read.point-missing", f"{word} has no decimal point", "Write one: X10. is 10 mm.")
        word = broken(line, self.rules.whole)
        if word:
            raise LineError("read.number", f"{word} must be a whole number")
        switches = [name for group, name in codes.items() if name[0] == "M"]
        if self.rules.one_m and (len(switches) > 1 or (switches and values.keys() & {"X", "Y", "Z"})):
            what = f"{' and '.join(switches)}: one M code a line, and none with a move"
            raise LineError("read.modal-group", what, "Use lines of their own.")

    def _tool(self, codes: dict[str, str], values: dict[str, float]) -> None:
        control = self.control
        if "T" in values:
            self.chosen = control.known_tool("T", values.pop("T"))
        if "change" in codes:
            control.change(self.chosen)
            if self.rules.homes:
                control.nose = (control.nose[0], control.nose[1], control.bench.home_mm[2])

    def _switches(self, codes: dict[str, str], values: dict[str, float]) -> None:
        """Spindle, coolant, dwell, plane and units."""
        control = self.control
        if "spindle" in codes:
            control.turn(TURNING[codes["spindle"]])
        if "coolant" in codes:
            control.coolant = COOLANT[codes["coolant"]]
        if codes.get("once") == "G4":
            if "P" not in values:
                raise LineError("read.dwell", "a dwell without P")
            control.note("dwell", values.pop("P"))
        control.plane = codes.get("plane", control.plane)
        if "units" in codes:
            control.scale = INCH_MM if codes["units"] == "G20" else 1.0
        if self.rigid and codes.get("motion") != "G84":
            self.rigid = False
            raise LineError("read.cycle", f"{self.rules.rigid} is not followed by a tapping cycle")
        if "rigid" in codes:
            self.rigid = True

    def _modes(self, codes: dict[str, str], values: dict[str, float]) -> None:
        """Tool length, work offset, path mode, distances, retracts."""
        control = self.control
        length = codes.get("length", "")
        if length == "G49":
            control.length, control.length_offset = 0.0, 0
        elif length == "G43":
            if "H" not in values and not self.rules.own_length:
                raise LineError("read.tool", "G43 without H takes a length nobody named", "Give H with it.")
            number = control.known_tool("H", values.pop("H", float(control.tool)))
            if self.rules.length_with_z and "Z" not in values:
                raise LineError("read.cannot-judge", "G43 without Z moves on some of these controls", "Give Z with it.")
            control.length, control.length_offset = control.bench.gauge_mm[number], number
        control.wcs = codes.get("offset", control.wcs)
        self._path(codes.get("path", ""), values)
        if "distance" in codes:
            control.absolute = codes["distance"] == "G90"
        control.arc_centres = codes.get("arc-centres", control.arc_centres)
        control.retract = codes.get("retract", control.retract)

    def _path(self, code: str, values: dict[str, float]) -> None:
        """How closely the path is followed: the tolerance (mm), NaN where the control is free to round corners."""
        if not code:
            return
        if code == "G64" and "G64" not in self.rules.path:
            self.control.note("path-mode", values.pop("P", NAN) * self.control.scale)
            values.pop("Q", None)
            return
        key = code
        for letter in "QP":
            if code in {"G5.1", "G187"} and letter in values:
                key += f" {letter}{values.pop(letter) * (1000 if letter in self.rules.thousandths else 1):g}"
        if key not in self.rules.path:
            raise LineError("read.cannot-judge", f"{key} is no way to follow a path that can be judged")
        self.control.note("path-mode", self.rules.path[key])

    def _compensation(self, codes: dict[str, str], values: dict[str, float]) -> None:
        """Wear compensation: its register holds 0, so the tool follows the written path.

        Raises:
            LineError: Another register than the tool's own, or no straight way in or out.
        """
        control = self.control
        code = codes.get("compensation", "")
        if not code:
            return
        straight = codes.get("motion", control.motion) in {"G0", "G1"} and values.keys() & {"X", "Y"}
        if code == "G40":
            if control.worn and not straight:
                raise LineError("read.compensation", "compensation ends on no straight move", "G40 with G0 or G1 X Y.")
            control.compensation, control.worn = "G40", False
            return
        register = values.pop("D", NAN)
        if code.endswith(".1"):
            known = register == 0
        else:
            known = self.rules.wear is not None and register == control.tool + self.rules.wear
        if not known:
            what = f"{code} D{register:g}: only the tool's own wear register can be judged"
            raise LineError("read.compensation", what, "Post the tool's centre.")
        if not straight or control.compensation != "G40":
            raise LineError("read.compensation", "compensation begins on no straight move", "G41 with G1 X Y.")
        control.compensation, control.worn = code.removesuffix(".1"), True

    def _straighten(self, codes: dict[str, str], values: dict[str, float]) -> None:
        """End what still bends the coordinates from before.

        Raises:
            LineError: The axes the code needs are not all named by 0.
        """
        for code in codes.values():
            if code not in self.rules.straightens:
                continue
            if code in self.rules.by_axis and [values.pop(axis, NAN) for axis in "XYZ"] != [0.0, 0.0, 0.0]:
                self.control.note("offset", 0.0)
                raise LineError("read.offset-changed", f"{code} ends a shift only by X0 Y0 Z0")
            self.control.bent.discard(self.rules.straightens[code])

    def _refused(self, codes: dict[str, str]) -> None:
        """What shifts offsets, or leads where the program does not say.

        Raises:
            LineError: The line does one of these.
        """
        control = self.control
        for code in codes.values():
            if code in SHIFTS and code not in self.rules.straightens:
                control.note("offset", 0.0)
                raise LineError("read.offset-changed", f"{code} changes an offset the setup sheet knows nothing of")
        once = codes.get("once", "")
        if once == "G30" or (once == "G28" and not self.rules.homes):
            control.nose = (NAN, NAN, NAN)
            raise LineError("read.cannot-judge", "the move ends at a place stored in the machine", "Use G53 G0 Z...")

    def _motion(self, codes: dict[str, str], values: dict[str, float]) -> None:
        control = self.control
        if codes.get("once") == "G28":
            self._home(values)
            return
        motion = codes.get("motion", control.motion)
        axes = values.keys() & {"X", "Y", "Z"}
        machine = codes.get("once") == "G53"
        if motion not in CYCLES:
            self._leave_cycle()
        if not axes and not (motion in {"G2", "G3"} and "motion" in codes):
            if machine or (motion in CYCLES and "motion" in codes):
                raise LineError("read.no-axis", "G53 or a cycle without an axis word")
            control.motion = motion
            return
        if machine and (motion not in {"G0", "G1"} or not control.absolute):
            raise LineError("read.modal-group", "G53 needs G0 or G1 and absolute distances")
        self._may_move(motion)
        self._go(motion, values, machine=machine)
        control.motion = motion

    def _leave_cycle(self) -> None:
        """Any other motion ends a series of cycles; after rigid tapping the spindle stands."""
        self.cycle = Cycle()
        if self.tapped:
            self.control.spindle = "off"
            self.tapped = False

    def _go(self, motion: str, values: dict[str, float], *, machine: bool) -> None:
        control = self.control
        if motion in {"G0", "G1"}:
            goal = control.machine_target(values) if machine else control.target(values)
            control.go("rapid" if motion == "G0" else "line", goal, machine=machine)
        elif motion in CYCLES:
            self._cycle(motion, values, fresh=control.motion != motion)
        elif motion == "G33.1":
            self._tap_here(values)
        else:
            if values.pop("P", 1.0) != 1.0:
                raise LineError("read.cannot-judge", "an arc of several turns cannot be judged", "One turn a line.")
            control.arc("cw" if motion == "G2" else "ccw", values, self.rules.slack)

    def _home(self, values: dict[str, float]) -> None:
        """G28: by rapid to the point named, then to the reference point, in the axes named."""
        control = self.control
        named = [k for k, letter in enumerate("XYZ") if letter in values]
        if not named:
            raise LineError("read.no-axis", "G28 without an axis word")
        goal = control.target(values)
        if any(abs(goal[k] - control.nose[k]) > 1e-9 for k in named):
            control.go("rapid", goal)
        home = [control.bench.home_mm[k] if k in named else c for k, c in enumerate(control.nose)]
        control.go("rapid", (home[0], home[1], home[2]), machine=True)

    def _cycle(self, motion: str, values: dict[str, float], *, fresh: bool) -> None:
        control = self.control
        if motion == "G84":
            if self.rules.rigid and fresh and not self.rigid:
                what = f"a tap without {self.rules.rigid} needs a floating chuck"
                raise LineError("read.cycle", what, f"Write {self.rules.rigid} S... before it.")
            if self.rules.rigid or control.spindle == "off":
                control.spindle = "cw"
            if control.spindle != "cw" or control.rpm <= 0:
                raise LineError("read.cycle", "a tap without a spindle speed")
            self.tapped = True
        self.rigid = False
        self.cycle.run(control, motion, values, self.rules.pecks, fresh=fresh)

    def _tap_here(self, values: dict[str, float]) -> None:
        """G33.1: down in step with the spindle, which turns back and leads out again."""
        control = self.control
        pitch = values.pop("K", NAN) * control.scale
        start = control.nose
        goal = control.target(values)
        if control.spindle != "cw" or control.rpm <= 0 or not pitch > 0:
            raise LineError("read.cycle", "G33.1 needs K and a turning spindle")
        if goal[:2] != start[:2]:
            raise LineError("read.cannot-judge", "a tap that goes sideways")
        control.led(pitch, goal, "cw")
        control.led(pitch, start, "ccw")
        control.spindle = "cw"

    def _may_move(self, motion: str) -> None:
        """Refuse moves whose meaning hangs on a state that cannot be judged, or that have no feed."""
        control = self.control
        if motion == "G80":
            raise LineError("read.words-unused", "axis words while no motion is chosen")
        if control.compensation != "G40" and not control.worn:
            raise LineError("read.cannot-judge", "moves under cutter radius compensation cannot be judged")
        if control.worn and motion not in {"G0", "G1", "G2", "G3"}:
            raise LineError("read.compensation", "a cycle under cutter compensation", "G40 before it.")
        if motion in {"G2", "G3"} and control.arc_centres != "G91.1":
            raise LineError("read.cannot-judge", "absolute arc centres cannot be judged", "Use G91.1.")
        if motion not in {"G0", "G33.1"} and control.feed_mode != "G94":
            raise LineError("read.cannot-judge", "the feed is not in millimetres a minute", "Use G94.")
        if motion not in {"G0", "G33.1"} and control.feed <= 0:
            raise LineError("read.feed-missing", "the feed is zero")

    def _stop(self, name: str) -> None:
        if name in {"M0", "M1", "M60"}:
            self.control.note("pause", 0.0)
        elif name:
            self.control.note("end", 0.0)
            self.control.ended = True

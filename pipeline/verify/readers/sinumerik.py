"""Reads a program as a Sinumerik 840D control does: its words, its refusals, its drilling cycles.

Source: the maker's programming guides "Fundamentals" and "Cycles". Only what is known here is accepted.
"""

from __future__ import annotations

import math
import re
from typing import Literal

from pipeline.verify.readers import sinumerik_cycles
from pipeline.verify.readers.control import INCH_MM, Control
from pipeline.verify.readers.sinumerik_words import Block, block
from pipeline.verify.readers.types import Bench, Coolant, ReadProgram, Start, Turning
from pipeline.verify.readers.words import LineError, checked

LINE_LIMIT = 512
END_MM, END_SHARE = 0.01, 0.001  # MD 21000 and 21010 as delivered (alarm 14040)
RADIUS_MM = 0.0005
ROUNDED_MM = 0.006  # what rounding may add to an arc's length
MOST_TURNS = 999
HOSTILE = Start(
    inch=True,
    absolute=False,
    plane="G18",
    wcs="G500",
    motion="G3",
    feed_mm_min=7777.0,
    feed_mode="G93",
    compensation="G41",
    length_mm=33.0,
    length_offset=99,
    spindle="ccw",
    rpm=4321.0,
    coolant="flood",
    turned=True,
    scaled=True,
    mirrored=True,
    shifted=True,
)
OFFSETS = {
    "G505": "G58",
    "G506": "G59",
    "G507": "G59.1",
    "G508": "G59.2",
    "G509": "G59.3",
}
"""The control's offsets after its fourth, as plans and setup sheets name them."""

HEADER = re.compile(r"%_N_[A-Z_][A-Z_0-9]*_MPF\s*")
TURNING: dict[str, Turning] = {"M3": "cw", "M4": "ccw", "M5": "off"}
COOLANT: dict[str, Coolant] = {"M7": "mist", "M8": "flood", "M9": "off"}


def read(text: str, bench: Bench, start: Start | None = None) -> ReadProgram:
    """Read a whole program from the given modal state (by default the control's own after a reset)."""
    control = Control(bench, start or Start(), touched_off=False)
    reader = _Reader(control)
    for number, raw in enumerate(text.split("\n"), 1):
        control.line = number
        if len(raw) > LINE_LIMIT:
            control.refuse("read.line-too-long", f"{len(raw)} characters; the control takes {LINE_LIMIT}")
        try:
            if number == 1 and HEADER.fullmatch(checked(raw.removesuffix("\r"))):
                continue
            found = block(raw)
            if found == Block():
                continue
            if control.ended:
                control.refuse("read.after-end", "a block stands after the program's end")
                break
            reader.block(found)
        except LineError as error:
            control.refuse(error.code, error.message, error.hint)
    dog_leg = not reader.straight
    return control.result(dog_leg=dog_leg, lengths=True, path_modes=True, spindle_waits=True, retracts=True)


class _Reader:
    """One program's passage through the control: the modal state, the tool chosen, the modal cycle.

    ``straight``: rapids of several axes are straight from before the first move on (RTLION); else machine data decide.
    """

    def __init__(self, control: Control) -> None:
        self.control = control
        self.feed_scale = control.scale
        self.last_number = -1
        self.chosen = -1
        self.straight = False
        self.edge_known = True
        self.radius_offset = math.nan
        self.modal: sinumerik_cycles.Cycle | None = None

    def block(self, found: Block) -> None:
        """One block: modes, speeds, tool and switches first, then the move, then cycles and stops."""
        codes, values = found.codes, found.values
        if found.number >= 0:
            if found.number <= self.last_number:
                what = f"N{found.number} stands after N{self.last_number}; a block search needs rising numbers"
                raise LineError("read.block-number", what)
            self.last_number = found.number
        if codes.get("once") == "G4":
            self._dwell(found)
            return
        self._modes(codes)
        self.control.speeds(codes, values, self.feed_scale)
        self._tool(codes, values)
        self._switches(codes)
        if codes.get("once") == "TRANS":
            if values or found.absolute:
                what = "TRANS with a shift changes the zero the setup sheet tells of"
                self.control.note("offset", 0.0)
                raise LineError("read.offset-changed", what, "TRANS alone cancels all shifts.")
            self.control.bent.clear()
            return
        self._motion(found)
        left = [*values, *found.absolute]
        if left:
            raise LineError("read.words-unused", f"nothing uses the words {' '.join(sorted(left))}")
        self._cycle(found)
        self._stop(codes.get("stop", ""))

    def _dwell(self, found: Block) -> None:
        """G4 F seconds, alone in its block; the modal feed stays."""
        if set(found.codes) != {"once"} or found.values.keys() != {"F"} or found.absolute or found.cycle:
            raise LineError("read.dwell", "a dwell is G4 F with seconds, alone in its block")
        if found.values["F"] < 0:
            raise LineError("read.negative", "a negative dwell")
        self.control.note("dwell", found.values["F"])

    def _modes(self, codes: dict[str, str]) -> None:
        control = self.control
        if "units" in codes:
            control.scale = INCH_MM if codes["units"] in {"G70", "G700"} else 1.0
            self.feed_scale = INCH_MM if codes["units"] == "G700" else 1.0
        control.plane = codes.get("plane", control.plane)
        if "distance" in codes:
            control.absolute = codes["distance"] == "G90"
        control.feed_mode = codes.get("feed-mode", control.feed_mode)
        wcs = codes.get("offset", control.wcs)
        control.wcs = OFFSETS.get(wcs, wcs)
        if "path" in codes:
            control.note("path-mode", 0.0)
        if "rapids" in codes:
            self.straight = codes["rapids"] == "RTLION" and (self.straight or not control.moves)

    def _tool(self, codes: dict[str, str], values: dict[str, float]) -> None:
        """T chooses, M6 changes, D takes the cutting edge: D1 the tool's own length, D0 none."""
        control = self.control
        if "T" in values:
            self.chosen = control.known_tool("T", values.pop("T"))
        if "change" in codes:
            self._no_modal_cycle("a tool change")
            if control.compensation != "G40" and "compensation" not in codes:
                raise LineError("read.cannot-judge", "a tool change under cutter compensation")
            control.change(self.chosen)
            self.edge_known = False
            self.radius_offset = math.nan
        if "D" in values:
            self._edge(values.pop("D"))
        if "TOFFR" in values:
            self.radius_offset = values.pop("TOFFR") * control.scale

    def _edge(self, edge: float) -> None:
        control = self.control
        if edge not in {0.0, 1.0} or (edge == 1.0 and control.tool not in control.bench.gauge_mm):
            raise LineError("read.tool", f"D{edge:g} of tool {control.tool} is not in the machine's tool list")
        self.edge_known = True
        self.radius_offset = math.nan
        control.length = control.bench.gauge_mm[control.tool] if edge else 0.0
        control.length_offset = control.tool if edge else 0

    def _switches(self, codes: dict[str, str]) -> None:
        if "spindle" in codes:
            self.control.turn(TURNING[codes["spindle"]])
        if "coolant" in codes:
            self.control.coolant = COOLANT[codes["coolant"]]

    def _motion(self, found: Block) -> None:
        control, codes, values = self.control, found.codes, found.values
        motion = codes.get("motion", control.motion)
        control.motion = motion
        axes = values.keys() & {"X", "Y", "Z"}
        turned = values.keys() & {"I", "J", "CR"} or found.absolute
        machine = codes.get("once") in {"SUPA", "G53", "G153"}
        self._compensate(codes.get("compensation", ""), motion, axes)
        if not axes and not turned:
            if machine:
                raise LineError("read.no-axis", f"{codes['once']} without an axis")
            return
        self._may_move(motion, machine=machine)
        if motion in {"G0", "G1"}:
            if machine:
                if "Z" in axes and control.length_offset:
                    what = "a machine position in Z with the tool's length on is the tip's, not the spindle nose's"
                    raise LineError("read.length-on", what, "Add D0.")
                goal = control.machine_target(values)
            else:
                goal = control.target(values)
            control.go("rapid" if motion == "G0" else "line", goal, machine=machine)
        else:
            self._arc("cw" if motion == "G2" else "ccw", found)
        if self.modal is not None:
            sinumerik_cycles.run(self.modal, control, control.scale, self.feed_scale)

    def _compensate(self, name: str, motion: str, axes: set[str]) -> None:
        """G41 and G42 with the tool's radius taken away by TOFFR leave the wear alone, which is zero at first."""
        control = self.control
        if name in {"G41", "G42"}:
            radius = control.bench.radius_mm.get(control.tool, math.nan)
            if not control.length_offset or not abs(radius + self.radius_offset) <= RADIUS_MM:
                what = f"{name} offsets the path by more than the wear"
                raise LineError("read.cannot-judge", what, "Take the tool's radius away with TOFFR after D1.")
            if motion not in {"G0", "G1"} or not axes & {"X", "Y"}:
                raise LineError("read.compensation", f"{name} needs a straight move across in its block (alarm 10753)")
        if name == "G40" and control.compensation != "G40" and axes & {"X", "Y"} and motion not in {"G0", "G1"}:
            raise LineError("read.compensation", "G40 with an arc (alarm 10754)")
        control.compensation = name or control.compensation

    def _may_move(self, motion: str, *, machine: bool) -> None:
        control = self.control
        if not self.edge_known:
            raise LineError("read.tool", "a move after a tool change, before D", "Program D1 after M6.")
        if machine and (motion not in {"G0", "G1"} or not control.absolute):
            raise LineError("read.modal-group", "a machine position needs G0 or G1 and G90")
        if control.compensation != "G40" and math.isnan(self.radius_offset):
            raise LineError("read.cannot-judge", "moves under a cutter compensation of unknown radius")
        if motion != "G0" and control.feed_mode != "G94":
            raise LineError("read.cannot-judge", "the feed is not in millimetres a minute", "Use G94.")
        if motion != "G0" and control.feed <= 0:
            raise LineError("read.feed-missing", "the feed is zero")

    def _arc(self, kind: Literal["cw", "ccw"], found: Block) -> None:
        """A circle or helix from I and J (from the start, or absolute by AC) or CR; TURN adds whole turns before.

        Those are told in halves, as a plan may have them.
        """
        control, values = self.control, found.values
        if control.plane != "G17":
            raise LineError("read.cannot-judge", f"an arc in the plane {control.plane} cannot be judged", "Use G17.")
        begin = control.nose
        goal = control.target(values)
        if math.isnan(sum(goal) + sum(begin)):
            raise LineError("read.position-unknown", "an arc starts or ends where the position is not known")
        turns = values.pop("TURN", 0.0)
        if turns != int(turns) or not 0 <= turns <= MOST_TURNS:
            raise LineError("read.arc", f"TURN={turns:g} is not a number of turns")
        centre = self._centre(kind, found, begin, goal)
        r0, r1 = math.dist(begin[:2], centre), math.dist(goal[:2], centre)
        if abs(r0 - r1) > max(END_MM, END_SHARE * r0) or r0 < 1e-6:
            what = f"the arc starts {r0:.4f} mm and ends {r1:.4f} mm from its centre (alarm 14040)"
            raise LineError("read.arc", what)
        turn = _sweep(kind, begin, goal, centre)
        if turns and turn == math.tau:
            what = "TURN with a full circle may be read as one turn more or less"
            raise LineError("read.cannot-judge", what, "One turn a block.")
        whole = turn + math.tau * turns
        across = 2 * centre[0] - begin[0], 2 * centre[1] - begin[1]
        loose = min(ROUNDED_MM / r0, 0.5)
        halves = math.ceil((whole - loose) / math.pi) - 1 if turns else 0
        for k in range(1, halves + 1):
            x, y = across if k % 2 else begin[:2]
            control.go(kind, (x, y, begin[2] + (goal[2] - begin[2]) * math.pi * k / whole), centre)
        control.go(kind, goal, centre)

    def _centre(
        self, kind: str, found: Block, begin: tuple[float, float, float], goal: tuple[float, float, float]
    ) -> tuple[float, float]:
        control, values = self.control, found.values
        given = [*(values.keys() & {"I", "J"}), *found.absolute]
        if "CR" in values:
            if given:
                raise LineError("read.arc", "the arc has both CR and I or J")
            return _from_radius(kind, begin, goal, values.pop("CR") * control.scale)
        if not given:
            raise LineError("read.arc", "the arc has neither CR nor I or J")
        centre = []
        for axis, letter in enumerate(("I", "J")):
            if letter in found.absolute:
                centre.append(control.offset(axis) + found.absolute.pop(letter) * control.scale)
            else:
                centre.append(begin[axis] + values.pop(letter, 0.0) * control.scale)
        return centre[0], centre[1]

    def _cycle(self, found: Block) -> None:
        control = self.control
        if found.modal and not found.cycle:
            self.modal = None
        elif found.cycle:
            cycle = sinumerik_cycles.called(found.cycle, found.arguments, control.scale)
            if found.modal:
                self.modal = cycle
            elif self.modal is not None:
                raise LineError("read.cycle", "a cycle called while another is modal", "End it with MCALL.")
            else:
                sinumerik_cycles.run(cycle, control, control.scale, self.feed_scale)

    def _stop(self, name: str) -> None:
        if name in {"M0", "M1"}:
            self.control.note("pause", 0.0)
        elif name:
            self.control.note("end", 0.0)
            self.control.ended = True
            self._no_modal_cycle("the program's end")

    def _no_modal_cycle(self, what: str) -> None:
        if self.modal is not None:
            raise LineError("read.cycle-left-on", f"{what} while a modal cycle is on", "End it with MCALL.")


def _sweep(
    kind: str, begin: tuple[float, float, float], goal: tuple[float, float, float], centre: tuple[float, float]
) -> float:
    """How far an arc turns (rad); equal ends make a full turn."""
    first = math.atan2(begin[1] - centre[1], begin[0] - centre[0])
    last = math.atan2(goal[1] - centre[1], goal[0] - centre[0])
    turn = (last - first if kind == "ccw" else first - last) % math.tau
    return math.tau if min(turn, math.tau - turn) < 1e-9 else turn


def _from_radius(
    kind: str, begin: tuple[float, float, float], goal: tuple[float, float, float], radius: float
) -> tuple[float, float]:
    """Centre of the arc of at most half a turn (CR above 0), or of the longer one (below 0)."""
    dx, dy = goal[0] - begin[0], goal[1] - begin[1]
    chord = math.hypot(dx, dy)
    if chord < 1e-6:
        raise LineError("read.arc", "a full circle cannot be given by CR (alarm 14040)", "Give I and J.")
    rise2 = radius * radius - chord * chord / 4
    if rise2 < -abs(radius) * END_MM:
        raise LineError("read.arc", f"the radius {abs(radius):g} mm is too small for a chord of {chord:.4f} mm")
    rise = math.sqrt(max(rise2, 0.0)) * (-1 if (kind == "cw") == (radius > 0) else 1)
    return begin[0] + dx / 2 - dy / chord * rise, begin[1] + dy / 2 + dx / chord * rise

"""Reads a print file's text the way Marlin or Klipper would, trusting nothing that was not said."""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field

from model.finding import Finding

FULL_CIRCLE_STEP_RAD = math.radians(5)
MOST_FINDINGS = 20
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)"
_MOVE = re.compile(rf"G[01](?: [A-Z]{_NUMBER})+")
_PLAIN = re.compile(rf"([A-Z]\d+)((?: [A-Z](?:{_NUMBER})?)*)")
_WORD = re.compile(rf"([A-Z])({_NUMBER})")
_EXTENDED = re.compile(r"([A-Z_]{2,})((?: [A-Z_]+=\S+)*)")
_NAN = math.nan


def _floats() -> array[float]:
    return array("d")


@dataclass(frozen=True, slots=True)
class Moves:
    """One row per straight move. Ends in mm (NaN: not known), ``e`` mm of filament fed, ``f`` mm/min.

    ``nozzle_c`` is what the nozzle has surely reached, ``target_c`` what it was last told;
    ``bed_c`` what the bed has surely reached. ``line`` counts from 1.
    """

    line: array[int] = field(default_factory=lambda: array("l"))
    x: array[float] = field(default_factory=_floats)
    y: array[float] = field(default_factory=_floats)
    z: array[float] = field(default_factory=_floats)
    e: array[float] = field(default_factory=_floats)
    f: array[float] = field(default_factory=_floats)
    nozzle_c: array[float] = field(default_factory=_floats)
    target_c: array[float] = field(default_factory=_floats)
    bed_c: array[float] = field(default_factory=_floats)


@dataclass(frozen=True, slots=True)
class Heat:
    """One heating command: ``what`` is heated to ``c``; ``waits`` until it is there."""

    line: int
    what: str
    c: float
    waits: bool


@dataclass(frozen=True, slots=True)
class PrintText:
    """What a print file says: its moves, its heating, the state it ends in, and what is wrong with it as a text."""

    moves: Moves
    heats: tuple[Heat, ...]
    motors_off: bool
    fan_off: bool
    findings: tuple[Finding, ...]


class _Machine:
    """The printer's memory while it reads: nothing is known before it is said."""

    def __init__(self, arcs: bool) -> None:  # noqa: FBT001 - private
        self.arcs = arcs
        self.moves = Moves()
        self.heats: list[Heat] = []
        self.findings: list[Finding] = []
        self.homed = self.metric = self.absolute = False
        self.relative_e: bool | None = None
        self.x = self.y = self.z = self.f = _NAN
        self.e = 0.0
        self.nozzle = self.target = self.bed = 0.0
        self.motors_off = self.fan_off = False

    def find(self, code: str, line: int, message: str, value: float | str | None = None) -> None:
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(Finding(f"verify.print.{code}", f"Line {line}: {message}", f"line {line}", value))

    def move(self, line: int, words: Mapping[str, float]) -> None:
        """G0, G1: a straight move to the words given."""
        self._ready(line)
        if "F" in words:
            self.f = words["F"]
        fed = 0.0
        if "E" in words:
            fed = words["E"] if self.relative_e else words["E"] - self.e
            self.e = self.e + fed
        self.x, self.y, self.z = words.get("X", self.x), words.get("Y", self.y), words.get("Z", self.z)
        if fed != 0 or not words.keys() <= {"F"}:
            self._put(line, fed)

    def arc(self, line: int, words: Mapping[str, float], turn: int) -> None:
        """G2, G3 with I and J: chords of at most five degrees, the filament shared among them."""
        self._ready(line)
        if not {"I", "J"} & words.keys():
            self.find("arc", line, "an arc without its centre")
            return
        self.f = words.get("F", self.f)
        fed = words.get("E", 0.0) if self.relative_e else words.get("E", self.e) - self.e
        self.e += fed
        cx, cy = self.x + words.get("I", 0.0), self.y + words.get("J", 0.0)
        ex, ey = words.get("X", self.x), words.get("Y", self.y)
        radius, end = math.hypot(self.x - cx, self.y - cy), math.hypot(ex - cx, ey - cy)
        if not abs(radius - end) <= 0.05:
            self.find("arc", line, f"the arc's radius is {radius:.3f} mm at its start and {end:.3f} mm at its end")
            return
        start_rad = math.atan2(self.y - cy, self.x - cx)
        sweep = turn * (math.atan2(ey - cy, ex - cx) - start_rad) % math.tau or math.tau
        steps, z0, z1 = math.ceil(sweep / FULL_CIRCLE_STEP_RAD), self.z, words.get("Z", self.z)
        for k in range(1, steps + 1):
            a = start_rad + turn * sweep * k / steps
            last = k == steps
            self.x = ex if last else cx + radius * math.cos(a)
            self.y = ey if last else cy + radius * math.sin(a)
            self.z = z0 + (z1 - z0) * k / steps
            self._put(line, fed / steps)

    def heat(self, line: int, what: str, c: float, *, waits: bool) -> None:
        """A temperature told, and waited for or not."""
        self.heats.append(Heat(line, what, c, waits))
        if what == "nozzle":
            self.target = c
            self.nozzle = c if waits else min(self.nozzle, c)
        else:
            self.bed = c if waits else min(self.bed, c)

    def plain(self, line: int, command: str, words: Mapping[str, float]) -> None:  # noqa: C901, PLR0912 - one line per command
        """Every command that is a letter and a number."""
        needed = {"M104": "S", "M109": "S", "M140": "S", "M190": "S", "M220": "S", "M221": "S", "G92": "E"}.get(command)
        if needed and needed not in words:
            self.find("word-missing", line, f"{command} without {needed}")
            return
        match command:
            case "G2" | "G3":
                self.arc(line, words, -1 if command == "G2" else 1)
            case "G21":
                self.metric = True
            case "G90":
                self.absolute = True
            case "M82" | "M83":
                self.relative_e = command == "M83"
            case "G28":
                self.homed, self.motors_off = True, False
                self.x = self.y = self.z = _NAN
            case "G92":
                self.e = words["E"]
            case "M104" | "M109":
                self.heat(line, "nozzle", words["S"], waits=command == "M109")
            case "M140" | "M190":
                self.heat(line, "bed", words["S"], waits=command == "M190")
            case "M106":
                self.fan_off = words.get("S", 255.0) == 0
            case "M107":
                self.fan_off = True
            case "M84":
                self.motors_off, self.homed = True, False
            case "M220" | "M221":
                if words["S"] != 100:
                    self.find("factor", line, f"{command} scales the whole print to {words['S']:g} %", words["S"])
            case _:
                self.find("unknown-command", line, f"{command} is allowed, but this reader does not know it", command)

    def extended(self, line: int, command: str, words: Mapping[str, str]) -> None:
        """Klipper's commands with named words."""
        match command:
            case "TURN_OFF_HEATERS":
                self.heat(line, "nozzle", 0.0, waits=False)
                self.heat(line, "bed", 0.0, waits=False)
            case "TEMPERATURE_WAIT":
                self._wait(line, words)
            case _:
                self.find("unknown-command", line, f"{command} is allowed, but this reader does not know it", command)

    def _wait(self, line: int, words: Mapping[str, str]) -> None:
        what = {"heater_bed": "bed", "extruder": "nozzle"}.get(words.get("SENSOR", ""))
        minimum = words.get("MINIMUM", "")
        if what is None or not re.fullmatch(_NUMBER, minimum):
            self.find(
                "word-missing", line, "TEMPERATURE_WAIT needs SENSOR=heater_bed or extruder, and MINIMUM=<number>"
            )
            return
        told = [h.c for h in self.heats if h.what == what][-1:]
        if not told or told[0] < float(minimum):
            self.find(
                "endless-wait", line, f"waits for {minimum} C, but the {what} was told {told[0] if told else 0:g} C"
            )
        elif what == "bed":
            self.bed = float(minimum)
        else:
            self.nozzle = float(minimum)

    def _ready(self, line: int) -> None:
        for known, code, what in (
            (self.metric, "units", "moves before the units are set (G21)"),
            (self.absolute, "modes", "moves before absolute positions are set (G90)"),
            (self.relative_e is not None, "modes", "moves before the filament's mode is set (M82 or M83)"),
            (self.homed, "not-homed", "moves before the axes are homed (G28)"),
        ):
            if not known:
                self.find(code, line, what)

    def _put(self, line: int, fed: float) -> None:
        m = self.moves
        m.line.append(line)
        m.x.append(self.x)
        m.y.append(self.y)
        m.z.append(self.z)
        m.e.append(fed)
        m.f.append(self.f)
        m.nozzle_c.append(self.nozzle)
        m.target_c.append(self.target)
        m.bed_c.append(self.bed)


def read(
    text: str, commands: Mapping[str, str], extended: Mapping[str, tuple[str, ...]], *, arcs: bool, max_chars: int
) -> PrintText:
    """Read a whole print file. ``commands`` and ``extended`` are the dialect's whole language.

    Anything outside it, and every move before homing, units and modes are set, is a finding
    (at most twenty are kept). Comments are ignored: no check may rest on them.
    """
    machine = _Machine(arcs)
    letters = commands.get("G1", "")
    for count, raw in enumerate(text.split("\n"), 1):
        said = raw.partition(";")[0].strip()
        if not said:
            continue
        if len(said) > max_chars or not said.isascii():
            machine.find("line", count, f"not plain ASCII of at most {max_chars} characters: {said[:40]!r}")
            continue
        if _MOVE.fullmatch(said):
            pairs = _WORD.findall(said[3:])
            words = {k: float(v) for k, v in pairs}
            if len(words) == len(pairs) and all(k in letters for k in words) and said[:2] in commands:
                machine.move(count, words)
                continue
        _other(machine, count, said, commands, extended)
    return PrintText(machine.moves, tuple(machine.heats), machine.motors_off, machine.fan_off, tuple(machine.findings))


def _other(
    machine: _Machine, line: int, said: str, commands: Mapping[str, str], extended: Mapping[str, tuple[str, ...]]
) -> None:
    long = _EXTENDED.fullmatch(said)
    if long and long[1] in extended:
        named = dict(w.split("=", 1) for w in long[2].split())
        if unknown := sorted(named.keys() - set(extended[long[1]])):
            machine.find("unknown-word", line, f"{long[1]} does not take {', '.join(unknown)}", unknown[0])
        machine.extended(line, long[1], named)
        return
    short = _PLAIN.fullmatch(said)
    if short is None or short[1] not in commands or (short[1] in ("G2", "G3") and not machine.arcs):
        machine.find("unknown-command", line, f"this printer does not know {said[:40]!r}", said[:40])
        return
    tokens = short[2].split()
    words = {t[0]: float(t[1:]) for t in tokens if len(t) > 1}
    wrong = sorted(t for t in tokens if len(t) == 1 or t[0] not in commands[short[1]])
    if wrong or len(words) != len(tokens):
        machine.find("unknown-word", line, f"{short[1]} does not take {' '.join(wrong) or 'a word twice'}", said[:40])
        return
    machine.plain(line, short[1], words)

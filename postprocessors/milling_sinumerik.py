"""Spells toolpaths for a Sinumerik 840D: its circles, its modal drilling cycles, its tool offsets."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from zlib import crc32

from model.errors import ConfigError
from model.toolpath import Move
from postprocessors.dialects import NOTE_MOST, Dialect, Job, comment, number, own_table, spoken
from postprocessors.groups import Holes, Spiral, grouped, spelled
from postprocessors.motion import centre, divided, expanded, sweep


@dataclass(frozen=True, slots=True)
class Sinumerik:
    """The table ``[sinumerik]``: number formats, names, work offsets by the plan's names, distances of CYCLE83 (mm)."""

    feed_decimals: int
    comment_marks: str
    name_length: int
    offsets: Mapping[str, str]
    chip_break_mm: float
    ahead_mm: float


def file_name(name: str, most: int = 24) -> str:
    """A program's name as the control keeps it: capitals, digits, underscores, two letters first, 24 at most.

    A longer name keeps its end and gets four digits of its own in place of its middle.
    """
    plain = re.sub(r"[^A-Z0-9]+", "_", name.upper()).strip("_")
    if not re.match(r"[A-Z]{2}", plain):
        plain = f"LO_{plain}"
    if len(plain) <= most:
        return plain
    tail = plain[plain.rfind("_S") :] if "_S" in plain[-8:] else ""
    return f"{plain[: most - 5 - len(tail)]}_{crc32(name.encode()) % 10000:04d}{tail}"


def render(job: Job, d: Dialect) -> list[str]:
    """Every line of a program.

    Raises:
        ConfigError: The control has no words for something the toolpaths hold, or its file is wrong.
    """
    own = own_table(d, Sinumerik)
    offset = own.offsets.get(job.setup.work_offset)
    if offset is None:
        msg = f"{job.name}: the control has no offset for {job.setup.work_offset}"
        raise ConfigError("post.no-offset", msg, value=job.setup.work_offset, place=f"{d.name}.toml")
    marks = own.comment_marks
    if offset != job.setup.work_offset:
        zero = f"{comment(job.setup.work_offset, marks)} OF THE SETUP SHEET, {comment(job.setup.zero, marks)}"
    else:
        zero = comment(job.setup.zero, marks)
    base = {"program": job.name, "setup": job.setup.index, "offset": offset, "zero": zero}
    lines = spoken(d.preamble, base, d)
    for k, (run, notes) in enumerate(zip(job.runs, job.notes, strict=True), 1):
        a = job.tool(run)
        tool = {
            "number": a.number, "name": comment(a.tool.name, marks), "block": 10 * k,
            "radius": number(a.tool.diameter_mm / 2, d.decimals),
            "wears": any(m.compensated for p in run for m in p.moves),
        }  # fmt: skip
        lines += spoken(d.tool_start, base | {"tool": tool, "spindle_rpm": number(run[0].spindle_rpm, 0)}, d)
        lines += spelled(run, notes, job.setup, d, _Speller(d, own, run[0].spindle_rpm))
        lines += spoken(d.tool_end, base | {"tool": tool}, d)
    return lines + spoken(d.postamble, base, d)


def _line(*parts: str) -> str:
    return " ".join(p for p in parts if p)


class _Speller:
    """Writes the moves of one tool; only the words that change. After a tool change x, y come first, then z."""

    def __init__(self, d: Dialect, own: Sinumerik, rpm: float) -> None:
        self.d = d
        self.own = own
        self.rpm = rpm
        self.last: dict[str, str] = {}
        self.here: tuple[float, float, float] | None = None

    def speed(self, rpm: float) -> str:
        self.rpm = rpm
        return f"S{number(rpm, 0)}"

    def noted(self, note: str) -> str:
        self.last.pop("G", None)
        self.last.pop("F", None)
        return f"; {comment(note, self.own.comment_marks, NOTE_MOST)}"

    def over(self, first: Move) -> str:
        return _line(self.code("G0"), self.word("X", first.x_mm), self.word("Y", first.y_mm))

    def moves(
        self, moves: Sequence[Move], marks: Sequence[str], tops: Sequence[float], notes: Sequence[str]
    ) -> list[str]:
        lines: list[str] = []
        for places, m in grouped(moves, self.here):
            lines += [self.noted(notes[k]) for k in places if notes[k]]
            if isinstance(m, Holes):
                lines += self.holes(m, tops[places.start])
            elif isinstance(m, Spiral):
                lines += self.spiral(m)
            elif m.kind in ("rapid", "line"):
                lines += self.straight(m, marks[places.start])
            else:
                raise ConfigError("post.position-unknown", "a toolpath begins with an arc", hint="Begin with a rapid.")
        return lines

    def number(self, value: float) -> str:
        return number(value, self.d.decimals)

    def word(self, letter: str, value: float) -> str:
        """A modal word, or nothing where the control remembers it."""
        text = number(value, self.own.feed_decimals) if letter == "F" else self.number(value)
        if self.last.get(letter) == text:
            return ""
        self.last[letter] = text
        return letter + text

    def code(self, word: str) -> str:
        if self.last.get("G") == word:
            return ""
        self.last["G"] = word
        return word

    def straight(self, m: Move, switch: str) -> list[str]:
        ends = [self.word("X", m.x_mm), self.word("Y", m.y_mm), self.word("Z", m.z_mm)]
        lines = []
        if any(ends):
            feed = self.word("F", m.feed_mm_min) if m.kind == "line" else ""
            side = {"on": "G41", "off": "G40"}.get(switch, "")
            lines = [_line(self.code("G0" if m.kind == "rapid" else "G1"), side, *ends, feed)]
        self.here = m.x_mm, m.y_mm, m.z_mm
        return lines + ([f"G4 F{number(m.dwell_s, 3)}"] if m.dwell_s > 0 else [])

    def spiral(self, s: Spiral) -> list[str]:
        """Arcs about one centre: whole turns by TURN before a part of one, else one a block.

        TURN on a circle that ends where it starts could be taken for a turn more or less.
        """
        if s.full_turns == 0 or (s.whole and (len(s.turns) == 1 or s.sweeps_rad[-1] > 0.75 * math.tau)):
            return [line for m in s.turns for line in self.arc(m, "")]
        if s.whole:
            return [*self.spiral(Spiral(s.turns[:-1], s.sweeps_rad[:-1])), *self.arc(s.last, "")]
        return self.arc(s.last, f"TURN={s.full_turns}")

    def arc(self, m: Move, turns: str) -> list[str]:
        assert self.here is not None  # noqa: S101 - grouped() gives arcs only from a known place
        lines = []
        step = 10.0**-self.d.decimals
        for piece in [m] if turns else divided(self.here[:2], self.here[2], m, math.tau):
            start = float(self.last["X"]), float(self.last["Y"])
            end = round(piece.x_mm, self.d.decimals), round(piece.y_mm, self.d.decimals)
            full = self.here[:2] == (piece.x_mm, piece.y_mm)
            if math.dist(start, end) < 2 * step and not full:
                if turns or sweep(self.here[:2], piece) > math.pi:
                    raise _too_small(m, step)
                lines += self.straight(Move("line", *end, piece.z_mm, piece.feed_mm_min), "")
            else:
                i, j = centre(piece, start, end, self.d.decimals)
                self.last["X"], self.last["Y"] = self.number(end[0]), self.number(end[1])
                lines.append(_line(
                    self.code("G3" if m.kind == "ccw" else "G2"), f"X{self.last['X']}", f"Y{self.last['Y']}",
                    self.word("Z", piece.z_mm), f"I{self.number(i)}", f"J{self.number(j)}", turns,
                    self.word("F", piece.feed_mm_min),
                ))  # fmt: skip
            self.here = piece.x_mm, piece.y_mm, piece.z_mm
        return lines

    def holes(self, h: Holes, top: float) -> list[str]:
        """A modal cycle, the places, and its end; what the cycles cannot say is written out."""
        m = h.like
        if m.dwell_s > 0 and m.cycle in ("peck", "chip-break"):
            return [line for x, y in h.points for line in self.written_out(h, x, y)]
        lines = []
        if self.here is not None and self.here[2] < m.retract_mm:
            lines += self.straight(Move("rapid", self.here[0], self.here[1], m.retract_mm), "")
        if m.cycle not in ("tap", "ream"):
            lines.append(self.word("F", m.feed_mm_min))
        lines.append(f"MCALL {self.cycle(h, top)}")
        self.last.pop("G", None)
        for x, y in h.points:
            self.last["X"], self.last["Y"] = self.number(x), self.number(y)
            lines.append(_line(self.code("G0"), f"X{self.last['X']}", f"Y{self.last['Y']}"))
        self.last["Z"] = self.number(h.clear_mm)
        self.last.pop("G", None)
        if m.cycle in ("tap", "ream"):
            self.last.pop("F", None)
        self.here = (*h.points[-1], h.clear_mm)
        return [*lines, "MCALL"]

    def written_out(self, h: Holes, x: float, y: float) -> list[str]:
        lines = []
        first = Move("rapid", x, y, self.here[2] if self.here else h.clear_mm)
        moves = expanded(Move(**{f.name: getattr(h.like, f.name) for f in fields(Move)} | {"x_mm": x, "y_mm": y}))
        for m in [first, *moves, Move("rapid", x, y, h.clear_mm)]:
            lines += self.straight(m, "")
        return lines

    def cycle(self, h: Holes, top: float) -> str:
        """The call with its arguments: RFP is the material's top.

        Steps of deep drilling count from RFP, the planned ones from the retract plane: there it is that plane.
        """
        m, n = h.like, self.number
        steps = m.cycle in ("peck", "chip-break") and 0 < m.peck_mm < m.retract_mm - m.z_mm
        start = round(m.retract_mm, self.d.decimals)
        reference = start if steps or not m.z_mm < top <= start else round(top, self.d.decimals)
        planes = [n(h.clear_mm), n(reference), n(start - reference), n(m.z_mm), ""]
        if steps:
            first, full = n(m.retract_mm - m.peck_mm), m.cycle == "peck"
            back = ["", n(self.own.ahead_mm)] if full else []
            ends = ["1", "3", "", "", *back] if full else ["0", "3", "", n(self.own.chip_break_mm)]
            return f"CYCLE83({','.join([*planes, first, '', '0', '0', '0', '1', *ends])})"
        dwell = number(m.dwell_s, 3)
        if m.cycle == "tap":
            speed = number(self.rpm, 0)
            words = [*planes, dwell, "3", "", n(m.pitch_mm), "", speed, speed]
            return f"CYCLE84({','.join(words)})"
        if m.cycle == "ream":
            feed = number(m.feed_mm_min, self.own.feed_decimals)
            return f"CYCLE85({','.join([*planes, dwell, feed, feed])})"
        if m.dwell_s > 0:
            return f"CYCLE82({','.join([*planes, dwell])})"
        return f"CYCLE81({','.join(planes[:4])})"


def _too_small(m: Move, step: float) -> ConfigError:
    msg = f"the arc to ({m.x_mm:.4f}, {m.y_mm:.4f}) is too small to write"
    return ConfigError("post.arc-too-small", msg, limit=step, hint="Leave it out.")

"""Spells toolpaths as ISO 6983 text (G-code): words from the dialect's file, modal motion from here."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from model.errors import ConfigError
from model.toolpath import Move, Toolpath
from postprocessors.dialects import Dialect, Job, comment, number, own_table, spoken
from postprocessors.motion import centre, compensation, divided, expanded, no_entry, sweep

CODES: Mapping[str, str] = {"drill": "G81", "peck": "G83", "chip-break": "G73", "ream": "G85", "tap": "G84"}
DWELLS = "G82"
SHORT_MM = 0.002
"""An arc shorter than this is written as a line: its sense would hang on the last digit."""


@dataclass(frozen=True, slots=True)
class Iso:
    """What differs between the controls that read ISO text (table ``[iso]`` of their files).

    ``point``: every coordinate, feed and radius has a decimal point. ``feed_decimals`` digits of F.
    ``most_sweep_deg`` the longest arc a line may hold. ``dwell`` how a wait is said, ``dwell_per_s`` its unit.
    ``length`` stands with the first height after a tool change. ``wear`` turns wear compensation on ("": the
    control has none). ``rigid`` stands before a tapped hole, ``tap`` is the code that taps ("": it cannot).
    ``comment_marks`` are the marks a comment may hold beside capitals and digits.
    """

    point: bool
    feed_decimals: int
    most_sweep_deg: float
    dwell: str
    dwell_per_s: int
    length: str
    wear: str
    rigid: str
    tap: str
    comment_marks: str


def render(job: Job, d: Dialect) -> list[str]:
    """Every line of a program.

    Raises:
        ConfigError: The dialect has no words for something the toolpaths hold.
    """
    iso = own_table(d, Iso)
    first = _tool(job, job.runs[0], iso)
    base = {
        "program": comment(job.name, iso.comment_marks), "number": job.number, "setup": job.setup.index,
        "offset": job.setup.work_offset, "zero": comment(job.setup.zero, iso.comment_marks),
        "safe_z": _numeral(job.setup.safe_z_mm, d.decimals, iso),
    }  # fmt: skip
    lines = spoken(d.preamble, base | {"tool": first}, d)
    for run in job.runs:
        tool = _tool(job, run, iso)
        speed = {"spindle_rpm": number(run[0].spindle_rpm, 0)}
        lines += spoken(d.tool_start, base | speed | {"tool": tool}, d)
        lines += _Speller(d, iso, tool).run(run)
        lines += spoken(d.tool_end, base | {"tool": tool}, d)
    return lines + spoken(d.postamble, base, d)


def _tool(job: Job, run: Sequence[Toolpath], iso: Iso) -> dict[str, object]:
    a = job.tool(run)
    return {
        "number": a.number, "name": comment(a.tool.name, iso.comment_marks), "taps": a.tool.kind == "tap",
        "wears": any(m.compensated for p in run for m in p.moves),
    }  # fmt: skip


def _numeral(value: float, decimals: int, iso: Iso) -> str:
    text = number(value, decimals)
    return text + "." if iso.point and "." not in text else text


def _line(*parts: str) -> str:
    return " ".join(p for p in parts if p)


class _Speller:
    """Writes the moves of one tool; only the words that change. After a tool change x, y come first, then z."""

    def __init__(self, d: Dialect, iso: Iso, tool: Mapping[str, object]) -> None:
        self.d = d
        self.iso = iso
        self.tool = tool
        self.last: dict[str, str] = {}
        self.here: tuple[float, float, float] | None = None
        self.length = iso.length
        self.turning = not (tool["taps"] and iso.tap == "G84")  # which starts the spindle itself
        self.rpm = 0.0

    def run(self, run: Sequence[Toolpath]) -> list[str]:
        """All toolpaths of the tool."""
        lines: list[str] = []
        coolant = self._coolant("off")
        self.rpm = run[0].spindle_rpm
        marks = iter(compensation([m for p in run for m in p.moves]))
        for n, path in enumerate(run):
            if path.spindle_rpm != self.rpm:
                self.rpm = path.spindle_rpm
                lines += [f"S{number(self.rpm, 0)}"] if self.turning else []
            for k, m in enumerate(path.moves):
                if n == k == 0:
                    lines.append(_line(self.code("G0"), self.word("X", m.x_mm), self.word("Y", m.y_mm)))
                if k == 0 and self._coolant(path.coolant) != coolant:
                    coolant = self._coolant(path.coolant)
                    lines.append(coolant or "M9")
                lines += self.move(m, next(marks))
        return [line for line in lines if line]

    def _coolant(self, kind: str) -> str:
        if kind not in self.d.coolant:
            msg = f"dialect {self.d.name} has no word for {kind} coolant"
            raise ConfigError("post.no-coolant", msg, place=f"{self.d.name}.toml", value=kind)
        return self.d.coolant[kind]

    def word(self, letter: str, value: float) -> str:
        """A modal word, or nothing where the control remembers it."""
        text = self.feed(value) if letter == "F" else _numeral(value, self.d.decimals, self.iso)
        if self.last.get(letter) == text:
            return ""
        self.last[letter] = text
        return letter + text

    def feed(self, value: float, decimals: int = 0) -> str:
        return _numeral(value, max(decimals, self.iso.feed_decimals), self.iso)

    def code(self, word: str) -> str:
        if self.last.get("G") == word:
            return ""
        self.last["G"] = word
        return word

    def move(self, m: Move, compensation: str) -> list[str]:
        """One move; ``compensation`` is "on" or "off" where it is to be switched with this move."""
        lines = [] if self.turning or m.kind == "rapid" or m.cycle == "tap" else [self._turn()]
        if m.kind == "drill":
            lines += self._hole(m)
        elif m.kind in ("rapid", "line"):
            lines += self._straight(m, compensation)
        else:
            lines += self._arc(m)
        end = m.retract_mm if m.kind == "drill" else m.z_mm
        self.here = (m.x_mm, m.y_mm, end)
        return lines

    def _turn(self) -> str:
        self.turning = True
        return f"S{number(self.rpm, 0)} M3"

    def _straight(self, m: Move, compensation: str) -> list[str]:
        ends = [self.word("X", m.x_mm), self.word("Y", m.y_mm), self.word("Z", m.z_mm)]
        lines = []
        if any(ends):
            switch = ""
            if compensation:
                if not any(ends[:2]):
                    raise no_entry(m)
                if not self.iso.wear:
                    msg = f"dialect {self.d.name} has no cutter compensation"
                    raise ConfigError("post.no-compensation", msg, place=f"{self.d.name}.toml", hint="Post without it.")
                switch = "G40" if compensation == "off" else self._spoken(self.iso.wear)
            if ends[2] and self.length:
                ends[2] = _line(self._spoken(self.length), ends[2])
                self.length = ""
            feed = self.word("F", m.feed_mm_min) if m.kind == "line" else ""
            lines = [_line(switch, self.code("G0" if m.kind == "rapid" else "G1"), *ends, feed)]
        elif compensation:
            raise no_entry(m)
        return lines + ([self._dwell(m.dwell_s)] if m.dwell_s > 0 else [])

    def _spoken(self, template: str) -> str:
        return _line(*spoken([template], {"tool": self.tool, "spindle_rpm": number(self.rpm, 0)}, self.d))

    def _dwell(self, seconds: float) -> str:
        return f"{self.iso.dwell}{number(seconds * self.iso.dwell_per_s, 0 if self.iso.dwell_per_s > 1 else 3)}"

    def _arc(self, m: Move) -> list[str]:
        if self.here is None:
            raise ConfigError("post.position-unknown", "a toolpath begins with an arc", hint="Begin with a rapid.")
        lines = []
        step = 10.0**-self.d.decimals
        for piece in divided(self.here[:2], self.here[2], m, math.radians(self.iso.most_sweep_deg)):
            start = float(self.last["X"]), float(self.last["Y"])
            end = round(piece.x_mm, self.d.decimals), round(piece.y_mm, self.d.decimals)
            full = self.here[:2] == (piece.x_mm, piece.y_mm)
            if math.dist(start, end) < max(2 * step, SHORT_MM) and not full:
                if sweep(self.here[:2], piece) > math.pi:
                    raise ConfigError(
                        "post.arc-too-small", f"the arc to ({m.x_mm:.4f}, {m.y_mm:.4f}) is too small to write",
                        value=math.dist(self.here[:2], (m.cx_mm, m.cy_mm)), limit=step, hint="Leave it out.",
                    )  # fmt: skip
                lines += self._straight(Move("line", *end, piece.z_mm, piece.feed_mm_min), "")
            else:
                lines.append(self._turned(piece, start, end))
            self.here = (piece.x_mm, piece.y_mm, piece.z_mm)
        return lines

    def _turned(self, m: Move, start: tuple[float, float], end: tuple[float, float]) -> str:
        i, j = centre(m, start, end, self.d.decimals)
        self.last["X"], self.last["Y"] = (_numeral(c, self.d.decimals, self.iso) for c in end)
        return _line(
            self.code("G3" if m.kind == "ccw" else "G2"), f"X{self.last['X']}", f"Y{self.last['Y']}",
            self.word("Z", m.z_mm), f"I{_numeral(i, self.d.decimals, self.iso)}",
            f"J{_numeral(j, self.d.decimals, self.iso)}", self.word("F", m.feed_mm_min),
        )  # fmt: skip

    def _hole(self, m: Move) -> list[str]:
        """A hole as a canned cycle, or as the moves a control without it needs."""
        if m.cycle == "tap" and self.iso.tap:
            return self._tapped(m)
        if m.cycle not in self.d.cycles or (m.dwell_s > 0 and m.cycle != "drill"):
            return [line for e in expanded(m) for line in self.move(e, "")]
        words = []
        if m.cycle in ("peck", "chip-break"):
            words = [f"Q{_numeral(m.peck_mm, self.d.decimals, self.iso)}"]
        elif m.dwell_s > 0:
            words = [f"P{number(m.dwell_s * self.iso.dwell_per_s, 0 if self.iso.dwell_per_s > 1 else 3)}"]
        code = DWELLS if m.dwell_s > 0 else CODES[m.cycle]
        return [*self._above(m), self._cycle(m, code, words, self.feed(m.feed_mm_min)), "G80"]

    def _above(self, m: Move) -> list[str]:
        """A tool whose length is not on yet gets it before its first hole."""
        if not self.length:
            return []
        lines = self._straight(Move("rapid", m.x_mm, m.y_mm, m.retract_mm), "")
        self.here = (m.x_mm, m.y_mm, m.retract_mm)
        return lines

    def _cycle(self, m: Move, code: str, words: Iterable[str], feed: str) -> str:
        x, y, z, r = (_numeral(v, self.d.decimals, self.iso) for v in (m.x_mm, m.y_mm, m.z_mm, m.retract_mm))
        self.last |= {"X": x, "Y": y, "Z": r, "F": feed}
        self.last.pop("G", None)
        return _line("G99", code, f"X{x}", f"Y{y}", f"Z{z}", f"R{r}", *words, f"F{feed}")

    def _tapped(self, m: Move) -> list[str]:
        """A thread cut in step with the spindle: the feed follows from the pitch and the speed as written."""
        feed = self.feed(m.pitch_mm * round(self.rpm), 3)
        if self.iso.tap == "G84":
            self.turning = False
            return [*self._above(m), self._spoken(self.iso.rigid), self._cycle(m, "G84", [], feed), "G80"]
        lines = [*self._above(m)]
        lines += self._straight(Move("rapid", m.x_mm, m.y_mm, max(self.here[2], m.retract_mm) if self.here else 0), "")
        lines += self._straight(Move("rapid", m.x_mm, m.y_mm, m.retract_mm), "")
        self.last.pop("G", None)
        z, pitch = _numeral(m.z_mm, self.d.decimals, self.iso), _numeral(m.pitch_mm, self.d.decimals, self.iso)
        return [*lines, f"{self.iso.tap} Z{z} K{pitch}"]

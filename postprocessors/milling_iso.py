"""Spells toolpaths as ISO 6983 text (G-code): words from the dialect's file, modal motion from here."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from model.errors import ConfigError
from model.toolpath import Move, Toolpath
from postprocessors.dialects import NOTE_MOST, Dialect, Job, comment, number, own_table, spoken
from postprocessors.groups import Holes, Spiral, grouped, spelled
from postprocessors.motion import centre, divided, expanded, no_entry, sweep

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
    for run, notes in zip(job.runs, job.notes, strict=True):
        tool = _tool(job, run, iso)
        speed = {"spindle_rpm": number(run[0].spindle_rpm, 0)}
        lines += spoken(d.tool_start, base | speed | {"tool": tool}, d)
        lines += spelled(run, notes, job.setup, d, _Speller(d, iso, tool, run[0].spindle_rpm))
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

    def __init__(self, d: Dialect, iso: Iso, tool: Mapping[str, object], rpm: float) -> None:
        self.d = d
        self.iso = iso
        self.tool = tool
        self.last: dict[str, str] = {}
        self.here: tuple[float, float, float] | None = None
        self.length = iso.length
        self.turning = not (tool["taps"] and iso.tap == "G84")  # which starts the spindle itself
        self.rpm = rpm

    def speed(self, rpm: float) -> str:
        self.rpm = rpm
        return f"S{number(rpm, 0)}" if self.turning else ""

    def noted(self, note: str) -> str:
        self.last.pop("G", None)
        self.last.pop("F", None)
        return f"({comment(note, self.iso.comment_marks, NOTE_MOST)})"

    def over(self, first: Move) -> str:
        return _line(self.code("G0"), self.word("X", first.x_mm), self.word("Y", first.y_mm))

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

    def moves(self, moves: Sequence[Move], marks: Sequence[str], _: Sequence[float], notes: Sequence[str]) -> list[str]:
        lines: list[str] = []
        for places, m in grouped(moves, self.here):
            lines += [self.noted(notes[k]) for k in places if notes[k]]
            if not self.turning and not (m.like.cycle == "tap" if isinstance(m, Holes) else _rapid(m)):
                self.turning = True
                lines.append(f"S{number(self.rpm, 0)} M3")
            if isinstance(m, Holes):
                lines += self._holes(m)
            elif isinstance(m, Spiral):
                lines += [line for turn in m.turns for line in self._arc(turn)]
            elif m.kind in ("rapid", "line"):
                lines += self._straight(m, marks[places.start])
            else:
                raise ConfigError("post.position-unknown", "a toolpath begins with an arc", hint="Begin with a rapid.")
        return lines

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
        self.here = (m.x_mm, m.y_mm, m.z_mm)
        return lines + ([self._dwell(m.dwell_s)] if m.dwell_s > 0 else [])

    def _spoken(self, template: str) -> str:
        return _line(*spoken([template], {"tool": self.tool, "spindle_rpm": number(self.rpm, 0)}, self.d))

    def _dwell(self, seconds: float) -> str:
        return f"{self.iso.dwell}{number(seconds * self.iso.dwell_per_s, 0 if self.iso.dwell_per_s > 1 else 3)}"

    def _arc(self, m: Move) -> list[str]:
        assert self.here is not None  # noqa: S101 - grouped() gives arcs only from a known place
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

    def _holes(self, h: Holes) -> list[str]:
        """Holes as a canned cycle that holds on from place to place, or as the moves a control without it needs."""
        m = h.like
        if m.cycle == "tap" and self.iso.tap:
            return self._tapped(h)
        if m.cycle not in self.d.cycles or (m.dwell_s > 0 and m.cycle != "drill"):
            return [line for x, y in h.points for line in self._written_out(h, replace(m, x_mm=x, y_mm=y))]
        words = []
        if m.cycle in ("peck", "chip-break"):
            words = [f"Q{_numeral(m.peck_mm, self.d.decimals, self.iso)}"]
        elif m.dwell_s > 0:
            words = [f"P{number(m.dwell_s * self.iso.dwell_per_s, 0 if self.iso.dwell_per_s > 1 else 3)}"]
        code = DWELLS if m.dwell_s > 0 else CODES[m.cycle]
        return self._series(h, [], code, words, self.feed(m.feed_mm_min))

    def _written_out(self, h: Holes, m: Move) -> list[str]:
        over = Move("rapid", m.x_mm, m.y_mm, self.here[2] if self.here else h.clear_mm)
        out = Move("rapid", m.x_mm, m.y_mm, h.clear_mm)
        return [line for e in (over, *expanded(m), out) for line in self._straight(e, "")]

    def _series(self, h: Holes, before: Sequence[str], code: str, words: Sequence[str], feed: str) -> list[str]:
        """A cycle, its places, and its end; ``before`` stands right before it.

        G98 lifts to the height the tool came from. Where that is another than planned, the first hole is left by
        G99 and a rapid.
        """
        m, lines = h.like, []
        if self.length:
            lines += self._straight(Move("rapid", *h.points[0], h.clear_mm), "")
        elif self.here is not None and self.here[2] < m.retract_mm:
            lines += self._straight(
                replace(m, kind="rapid", x_mm=self.here[0], y_mm=self.here[1], z_mm=m.retract_mm), ""
            )
        z, r, clear = (_numeral(v, self.d.decimals, self.iso) for v in (m.z_mm, m.retract_mm, h.clear_mm))
        lifts = r != clear and self.last.get("Z") == clear
        now = h.points if lifts or r == clear else h.points[:1]
        places = [
            _line(*(a + _numeral(v, self.d.decimals, self.iso) for a, v in zip("XY", p, strict=True))) for p in now
        ]
        first = _line("G98" if lifts else "G99", code, places[0], f"Z{z}", f"R{r}", *words, f"F{feed}")
        lines += [*before, first, *places[1:], "G80"]
        x, y = places[-1].split()
        self.last |= {"X": x[1:], "Y": y[1:], "Z": clear if lifts else r, "F": feed}
        self.last.pop("G", None)
        self.here = (*now[-1], h.clear_mm if lifts else m.retract_mm)
        lines += self._straight(Move("rapid", *now[-1], h.clear_mm), "")
        if now != h.points:
            lines += self._series(replace(h, points=h.points[1:]), before, code, words, feed)
        return lines

    def _tapped(self, h: Holes) -> list[str]:
        """Threads cut in step with the spindle: the feed follows from the pitch and the speed as written."""
        m = h.like
        if self.iso.tap == "G84":
            self.turning = False
            feed = self.feed(m.pitch_mm * round(self.rpm), 3)
            return self._series(h, [self._spoken(self.iso.rigid)], "G84", [], feed)
        lines = []
        z, pitch = (_numeral(v, self.d.decimals, self.iso) for v in (m.z_mm, m.pitch_mm))
        for x, y in h.points:
            over = Move("rapid", x, y, max(self.here[2] if self.here else h.clear_mm, m.retract_mm))
            lines += self._straight(over, "") + self._straight(Move("rapid", x, y, m.retract_mm), "")
            lines.append(f"{self.iso.tap} Z{z} K{pitch}")
            self.last.pop("G", None)
            lines += self._straight(Move("rapid", x, y, h.clear_mm), "")
        return lines


def _rapid(m: Move | Spiral) -> bool:
    return isinstance(m, Move) and m.kind == "rapid"

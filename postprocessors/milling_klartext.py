"""Spells toolpaths in Heidenhain's Klartext: numbered blocks, poles and polar arcs, cycles called by M99."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from zlib import crc32

from model.errors import ConfigError
from model.toolpath import Move
from postprocessors.dialects import NOTE_MOST, Dialect, Job, comment, number, own_table, spoken
from postprocessors.groups import Holes, Spiral, grouped, spelled
from postprocessors.motion import centre, expanded

LABELS: Mapping[str, str] = {
    "Q200": "SET-UP CLEARANCE", "Q201": "DEPTH", "Q202": "PLUNGING DEPTH", "Q203": "SURFACE COORDINATE",
    "Q204": "2ND SET-UP CLEARANCE", "Q205": "MIN. PLUNGING DEPTH", "Q206": "FEED RATE FOR PLNGNG",
    "Q208": "RETRACTION FEED RATE", "Q210": "DWELL TIME AT TOP", "Q211": "DWELL TIME AT DEPTH", "Q212": "DECREMENT",
    "Q213": "NR OF BREAKS", "Q239": "THREAD PITCH", "Q253": "F PRE-POSITIONING", "Q256": "DIST FOR CHIP BRKNG",
    "Q257": "DEPTH FOR CHIP BRKNG", "Q258": "UPPER ADV STOP DIST", "Q259": "LOWER ADV STOP DIST",
    "Q379": "STARTING POINT", "Q395": "DEPTH REFERENCE",
}  # fmt: skip
FMAX = 99999.0
"""A feed of this in a cycle is the rapid."""


@dataclass(frozen=True, slots=True)
class Klartext:
    """The table ``[klartext]``: number formats, names, rows of the preset table by the plan's names, limits of arcs.

    ``chip_break_mm`` and ``ahead_mm`` are distances of cycles 203 and 205.
    """

    feed_decimals: int
    angle_decimals: int
    comment_marks: str
    name_length: int
    datums: Mapping[str, int]
    chip_break_mm: float
    ahead_mm: float
    most_turn: float
    most_ipa_deg: float


def file_name(name: str, most: int = 24) -> str:
    """A program's name as the control shows it: capitals, digits, hyphens and underscores, 24 at most.

    A longer name keeps its end and gets four digits of its own in place of its middle.
    """
    plain = re.sub(r"[^A-Z0-9_]+", "-", name.upper()).strip("-") or "PGM"
    if len(plain) <= most:
        return plain
    tail = plain[plain.rfind("-S") :] if "-S" in plain[-8:] else ""
    return f"{plain[: most - 5 - len(tail)]}-{crc32(name.encode()) % 10000:04d}{tail}"


def render(job: Job, d: Dialect) -> list[str]:
    """Every line of a program; blocks are numbered from 0, lines that go on a block are set in.

    Raises:
        ConfigError: The control has no words for something the toolpaths hold, or its file is wrong.
    """
    own = own_table(d, Klartext)
    datum = own.datums.get(job.setup.work_offset)
    if datum is None:
        msg = f"{job.name}: the preset table has no row for {job.setup.work_offset}"
        raise ConfigError("post.no-offset", msg, value=job.setup.work_offset, place=f"{d.name}.toml")
    box = job.setup.stock_box
    corners = (box.x0_mm, box.y0_mm, box.z0_mm, box.x1_mm, box.y1_mm, box.z1_mm)
    base = {
        "program": job.name, "setup": job.setup.index, "offset": job.setup.work_offset, "datum": datum,
        "zero": comment(job.setup.zero, own.comment_marks), "blank": [_signed(c, d.decimals) for c in corners],
    }  # fmt: skip
    lines = spoken(d.preamble, base, d)
    for run, notes in zip(job.runs, job.notes, strict=True):
        a = job.tool(run)
        tool = {
            "number": a.number, "name": comment(a.tool.name, own.comment_marks),
            "radius": number(a.tool.diameter_mm / 2, d.decimals),
            "wears": any(m.compensated for p in run for m in p.moves),
        }  # fmt: skip
        lines += spoken(d.tool_start, base | {"tool": tool, "spindle_rpm": number(run[0].spindle_rpm, 0)}, d)
        lines += spelled(run, notes, job.setup, d, _Speller(d, own, f"DR-{tool['radius']}" if tool["wears"] else ""))
        lines += spoken(d.tool_end, base | {"tool": tool}, d)
    lines += spoken(d.postamble, base, d)
    count = -1
    numbered = []
    for line in lines:
        count += not line.startswith(" ")
        numbered.append(line if line.startswith(" ") else f"{count} {line}")
    return numbered


def _signed(value: float, decimals: int) -> str:
    text = number(value, decimals)
    return text if text.startswith("-") else f"+{text}"


def _line(*parts: str) -> str:
    return " ".join(p for p in parts if p)


class _Speller:
    """Writes the moves of one tool; only the words that change. After a tool call x, y come first, then z."""

    def __init__(self, d: Dialect, own: Klartext, taken_away: str) -> None:
        self.d = d
        self.own = own
        self.taken_away = taken_away
        self.last: dict[str, str] = {}
        self.here: tuple[float, float, float] | None = None
        self.turning = True

    def speed(self, rpm: float) -> str:
        """A tool call without a tool; what it does not repeat of the radius would not be sure to hold."""
        return _line("TOOL CALL Z", f"S{number(rpm, 0)}", self.taken_away)

    def noted(self, note: str) -> str:
        """A structure item, which the control also lists by itself."""
        self.last.pop("F", None)
        return f"* - {comment(note, self.own.comment_marks, NOTE_MOST)}"

    def over(self, first: Move) -> str:
        return _line("L", self.word("X", first.x_mm), self.word("Y", first.y_mm), "R0 FMAX")

    def moves(
        self, moves: Sequence[Move], marks: Sequence[str], tops: Sequence[float], notes: Sequence[str]
    ) -> list[str]:
        lines: list[str] = []
        for places, m in grouped(moves, self.here):
            lines += [self.noted(notes[k]) for k in places if notes[k]]
            cuts = not isinstance(m, Move) or m.kind == "line"
            if not self.turning and cuts and not (isinstance(m, Holes) and m.like.cycle == "tap"):
                self.turning = True
                lines.append("M3")
            if isinstance(m, Holes):
                lines += self.holes(m, tops[places.start])
            elif isinstance(m, Spiral):
                lines += self.spiral(m)
            elif m.kind in ("rapid", "line"):
                lines += self.straight(m, marks[places.start])
            else:
                raise ConfigError("post.position-unknown", "a toolpath begins with an arc", hint="Begin with a rapid.")
        return lines

    def signed(self, value: float) -> str:
        return _signed(value, self.d.decimals)

    def word(self, letter: str, value: float) -> str:
        """A modal word, or nothing where the control remembers it."""
        text = number(value, self.own.feed_decimals) if letter == "F" else self.signed(value)
        if self.last.get(letter) == text:
            return ""
        self.last[letter] = text
        return letter + text

    def straight(self, m: Move, switch: str) -> list[str]:
        ends = [self.word("X", m.x_mm), self.word("Y", m.y_mm), self.word("Z", m.z_mm)]
        lines = []
        if any(ends):
            feed = "FMAX" if m.kind == "rapid" else self.word("F", m.feed_mm_min)
            radius = {"on": "RL", "off": "R0"}.get(switch, "R0" if m.kind == "rapid" and not m.compensated else "")
            lines = [_line("L", *ends, radius, feed)]
        self.here = m.x_mm, m.y_mm, m.z_mm
        if m.dwell_s > 0:
            lines += ["CYCL DEF 9.0 DWELL TIME", f"CYCL DEF 9.1 DWELL {number(m.dwell_s, 3)}"]
        return lines

    def spiral(self, s: Spiral) -> list[str]:
        """Arcs about one centre: flat ones as C, long or rising ones by their angle."""
        assert self.here is not None  # noqa: S101 - grouped() gives arcs only from a known place
        m = s.last
        start = float(self.last["X"]), float(self.last["Y"])
        end = round(m.x_mm, self.d.decimals), round(m.y_mm, self.d.decimals)
        z0, z1 = float(self.last["Z"]), float(self.signed(m.z_mm))
        step = 10.0**-self.d.decimals
        if math.dist(start, end) < 2 * step and not s.whole:
            if len(s.turns) > 1 or s.sweep_rad > math.pi:
                msg = f"the arc to ({m.x_mm:.4f}, {m.y_mm:.4f}) is too small to write"
                raise ConfigError("post.arc-too-small", msg, limit=step, hint="Leave it out.")
            return self.straight(replace(m, kind="line"), "")
        i, j = centre(m, start, end, self.d.decimals)
        lines = []
        pole = f"CC X{self.signed(start[0] + i)} Y{self.signed(start[1] + j)}"
        if self.last.get("CC") != pole:
            self.last["CC"] = pole
            lines.append(pole)
        way = "DR+" if m.kind == "ccw" else "DR-"
        if z0 == z1 and s.sweep_rad <= math.tau * self.own.most_turn:
            lines.append(_line("C", f"X{self.signed(end[0])}", f"Y{self.signed(end[1])}", way, self._feed(m)))
        else:
            lines += self.by_angle(s, z1 - z0, way)
        self.last |= {"X": self.signed(end[0]), "Y": self.signed(end[1]), "Z": self.signed(z1)}
        self.here = m.x_mm, m.y_mm, m.z_mm
        return lines

    def by_angle(self, s: Spiral, rise: float, way: str) -> list[str]:
        """CP with as many whole turns a block as it may hold, the heights on the grid."""
        sign = 1 if way == "DR+" else -1
        whole = math.degrees(s.sweep_rad)
        lines, turned, z = [], 0.0, 0.0
        while turned < whole:
            angle = min(whole - turned, self.own.most_ipa_deg)
            turned += angle
            to = round(rise * turned / whole, self.d.decimals)
            up = f"IZ{self.signed(to - z)}" if rise else ""
            polar = _signed(sign * angle, self.own.angle_decimals)
            lines.append(_line("CP", f"IPA{polar}", up, way, self._feed(s.last)))
            z = to
        return lines

    def _feed(self, m: Move) -> str:
        return self.word("F", m.feed_mm_min)

    def holes(self, h: Holes, top: float) -> list[str]:
        """A cycle's definition and a call at each place; what the cycles cannot say is written out."""
        m = h.like
        if m.dwell_s > 0 and m.cycle in ("peck", "chip-break", "tap"):
            moves = [replace(e, x_mm=x, y_mm=y) for x, y in h.points for e in self.written_out(h)]
            return [line for e in moves for line in self.straight(e, "")]
        lines = []
        if self.here is not None and self.here[2] < m.retract_mm:
            lines += self.straight(Move("rapid", self.here[0], self.here[1], m.retract_mm), "")
        title, q = self.cycle(h, top)
        lines.append(f"CYCL DEF {title} ~")
        last = list(q)[-1]
        for name, value in q.items():
            goes_on = "" if name == last else " ~"
            lines.append(f"    {name}={_signed(value, self.d.decimals)} ;{LABELS[name]}{goes_on}")
        for x, y in h.points:
            self.last["X"], self.last["Y"] = self.signed(x), self.signed(y)
            lines.append(f"L X{self.last['X']} Y{self.last['Y']} R0 FMAX M99")
        self.last["Z"] = self.signed(h.clear_mm)
        self.last.pop("F", None)
        self.here = (*h.points[-1], h.clear_mm)
        self.turning = m.cycle != "tap"
        return lines

    def written_out(self, h: Holes) -> list[Move]:
        m = h.like
        over = self.here[2] if self.here else h.clear_mm
        return [Move("rapid", 0, 0, max(over, m.retract_mm)), *expanded(m), Move("rapid", 0, 0, h.clear_mm)]

    def cycle(self, h: Holes, top: float) -> tuple[str, dict[str, float]]:
        """A cycle's number and name, and its parameters: Q203 is the material's top.

        Steps count from Q203, the planned ones from the retract plane: there it is that plane, and Q200 is 0.
        """
        m, own = h.like, self.own
        steps = m.cycle in ("peck", "chip-break") and 0 < m.peck_mm < m.retract_mm - m.z_mm
        start, bottom, clear = (round(v, self.d.decimals) for v in (m.retract_mm, m.z_mm, h.clear_mm))
        surface = start if steps or not bottom < top <= start else round(top, self.d.decimals)
        depth = bottom - surface
        q = {"Q200": start - surface, "Q201": depth}
        feed = round(m.feed_mm_min, own.feed_decimals)
        planes = {"Q203": surface, "Q204": clear - surface}
        if m.cycle == "tap":
            return "207 RIGID TAPPING NEW", {**q, "Q239": m.pitch_mm, **planes}
        if m.cycle == "ream":
            return "201 REAMING", {**q, "Q206": feed, "Q211": m.dwell_s, "Q208": feed, **planes}
        if not steps:
            return "200 DRILLING", {
                **q, "Q206": feed, "Q202": -depth, "Q210": 0, **planes, "Q211": m.dwell_s, "Q395": 0,
            }  # fmt: skip
        peck = round(m.peck_mm, self.d.decimals)
        if m.cycle == "peck":
            return "205 UNIVERSAL PECKING", {
                **q, "Q206": feed, "Q202": peck, **planes, "Q212": 0, "Q205": 0, "Q258": own.ahead_mm,
                "Q259": own.ahead_mm, "Q257": 0, "Q256": 0, "Q211": 0, "Q379": 0, "Q253": feed, "Q208": FMAX,
                "Q395": 0,
            }  # fmt: skip
        return "203 UNIVERSAL DRILLING", {
            **q, "Q206": feed, "Q202": peck, "Q210": 0, **planes, "Q212": 0, "Q213": math.ceil(-depth / peck),
            "Q205": 0, "Q211": 0, "Q208": FMAX, "Q256": own.chip_break_mm, "Q395": 0,
        }  # fmt: skip

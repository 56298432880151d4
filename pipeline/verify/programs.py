"""Reads every program back, once from a friendly control and once from a control left in the worst state."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass

from model.errors import ConfigError
from model.finding import Finding
from model.plan import ProcessPlan, Setup
from model.program import Program
from pipeline.verify.readers import fanuc, grbl, grblhal, haas, heidenhain, linuxcnc, mach3, sinumerik
from pipeline.verify.readers.types import Bench, ReadMove, ReadProgram, Start

Reader = Callable[[str, Bench, Start | None], ReadProgram]
READERS: dict[str, tuple[Reader, Start]] = {
    "fanuc": (fanuc.read, fanuc.HOSTILE),
    "grbl": (grbl.read, grbl.HOSTILE),
    "grblhal": (grblhal.read, grblhal.HOSTILE),
    "haas": (haas.read, haas.HOSTILE),
    "heidenhain": (heidenhain.read, heidenhain.HOSTILE),
    "linuxcnc": (linuxcnc.read, linuxcnc.HOSTILE),
    "mach3": (mach3.read, mach3.HOSTILE),
    "sinumerik": (sinumerik.read, sinumerik.HOSTILE),
}
CHANGED_BEFORE = ("grbl",)
"""Dialects without a tool change: the operator puts the tool in before the program starts."""

STATE_NAMES = {
    "inch": "the units",
    "absolute": "absolute or incremental distances",
    "plane": "the plane of arcs",
    "wcs": "the work offset",
    "motion": "the kind of motion",
    "feed_mm_min": "the feed",
    "feed_mode": "the feed mode",
    "arc_centres": "how arc centres are given",
    "compensation": "the cutter radius compensation",
    "length_mm": "the tool length offset",
    "length_offset": "the number of the tool length offset",
    "spindle": "the spindle",
    "rpm": "the spindle speed",
    "coolant": "the coolant",
    "retract": "how far cycles retract",
    "turned": "the rotation of the coordinates",
    "scaled": "the scaling of the coordinates",
    "mirrored": "the mirroring of the coordinates",
    "polar": "polar coordinates",
    "shifted": "a shift of the coordinates",
}


@dataclass(frozen=True, slots=True)
class Judged:
    """One program as it was read. ``leaks`` tell which state of the control it takes over from its predecessor."""

    program: Program
    setup: Setup
    read: ReadProgram
    leaks: tuple[Finding, ...]

    def place(self, line: int) -> str:
        """Where in which file."""
        return f"{self.program.name} line {line}"


def judged(program: Program, setup: Setup, plan: ProcessPlan) -> Judged:
    """Read one program with the plan's machine, work offset and tools.

    Raises:
        ConfigError: No reader knows the dialect.
    """
    if program.dialect not in READERS:
        raise ConfigError(
            "verify.dialect-unknown",
            f"{program.name} is written for {program.dialect!r}, which no reader reads",
            place=program.name,
            hint=f"Readers there are: {', '.join(sorted(READERS))}.",
        )
    reader, hostile = READERS[program.dialect]
    bench = bench_of(program, setup, plan)
    read = reader(program.text, bench, None)
    return Judged(program, setup, read, tuple(_leaks(reader, program, bench, read, hostile)))


def bench_of(program: Program, setup: Setup, plan: ProcessPlan) -> Bench:
    """What the control knows before this program: where the work zero lies, the tool table, the tool put in by hand."""
    by_hand = program.dialect in CHANGED_BEFORE and program.tool_numbers
    return Bench(
        work_zero_mm=plan.machine.work_zero_mm,
        wcs=setup.work_offset,
        gauge_mm={a.number: a.gauge_length_mm for a in plan.tools},
        radius_mm={a.number: a.tool.diameter_mm / 2 for a in plan.tools},
        tool=program.tool_numbers[0] if by_hand else 0,
    )


def _leaks(reader: Reader, program: Program, bench: Bench, friendly: ReadProgram, hostile: Start) -> list[Finding]:
    """What of the hostile state reaches the moves, one state at a time."""
    line = _first_difference(friendly, reader(program.text, bench, hostile))
    if line is None:
        return []
    found = []
    for field in dataclasses.fields(Start):
        if getattr(hostile, field.name) == field.default:
            continue
        one = Start(**{field.name: getattr(hostile, field.name)})
        where = _first_difference(friendly, reader(program.text, bench, one))
        if where is not None:
            what = STATE_NAMES[field.name]
            found.append((where, f"{what} is not set by the program before it matters"))
    if not found:
        found = [(line, "the result depends on what ran before, in a combination of states")]
    return [
        Finding(
            "verify.state-inherited",
            message,
            place=f"{program.name} line {where}",
            hint="Set it at the start of the program.",
        )
        for where, message in sorted(found)
    ]


def _first_difference(a: ReadProgram, b: ReadProgram) -> int | None:
    """The line where two readings of the same text part, or None."""
    for one, other in zip(a.moves, b.moves, strict=False):
        if one is not other and _essence(one) != _essence(other):
            return one.line
    if len(a.moves) != len(b.moves):
        longer = a.moves if len(a.moves) > len(b.moves) else b.moves
        return longer[min(len(a.moves), len(b.moves))].line
    return None


def _essence(m: ReadMove) -> tuple[object, ...]:
    """What makes a move what it is; speed, feed and offsets count while cutting, unknown positions are alike."""
    x, y, z = (None if math.isnan(c) else c for c in (m.x_mm, m.y_mm, m.z_mm))
    if m.kind == "rapid":
        return m.line, m.kind, x, y, z, m.tool, m.spindle, m.coolant
    return (
        m.line,
        m.kind,
        x,
        y,
        z,
        m.cx_mm,
        m.cy_mm,
        m.tool,
        m.length_offset,
        m.wcs,
        m.compensation,
        m.pitch_mm,
        m.feed_mm_min,
        m.spindle,
        m.spindle_rpm,
        m.coolant,
    )

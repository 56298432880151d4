"""A small job of two setups with every kind of move and cycle: what the posts and readers are tried on."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import postprocessors
import tooling_db
from model.feature import PlanarFace
from model.plan import Box, CuttingData, Fixture, Operation, ProcessPlan, Setup, Stock
from model.program import Program
from model.region import Region
from model.tooling import Assembly, Machine
from model.toolpath import Move, SetupPath, Toolpath, Toolpaths
from pipeline.verify import gates_text
from pipeline.verify.compare import compare
from pipeline.verify.programs import READERS, Judged, bench_of, judged
from postprocessors.milling import programs

SHOP = tooling_db.load()
DIALECTS = tuple(n for n in postprocessors.names() if postprocessors.words(n).get("kind") == "mill")
SAFE_MM = 15.0
OTHER_SAFE_MM = 22.5
TAP_NUMBER = 90

MILLED = (
    Move("rapid", 10, 5, SAFE_MM, intent="approach"),
    Move("rapid", 10, 5, 1, intent="approach"),
    Move("line", 10, 5, -0.5, 300, "plunge"),
    Move("line", 21.7, 5, -0.5, 900),
    Move("ccw", 21.7, 15.25, -0.5, 900, "cut", 21.7, 10.125),
    Move("cw", 31.7, 15.25, -1.25, 600, "ramp", 26.7, 15.25),
    Move("ccw", 31.7, 15.25, -2, 500, "ramp", 26.7, 15.25),
    Move("line", 31.70004, 15.25004, -2, 500),
    Move("cw", 31.70004, 15.25004, -2, 500, "cut", 28.9, 16.5),
    Move("line", 33, 15.3333, -2, 700),
    Move("cw", 35.1213, 16.2121, -2, 700, "cut", 33, 18.3333),
    Move("line", 33, 14, -2, 700),
)
WORN = (
    Move("line", 35.25, 14, -2, 700, "lead-in", compensated=True),
    Move("ccw", 37.75, 16.5, -2, 700, "finish", 35.25, 16.5, compensated=True),
    Move("line", 37.75, 20.1, -2, 700, "finish", compensated=True),
    Move("line", 34, 20.1, -2, 700, "lead-out"),
)
UP = (Move("rapid", 34, 20.1, SAFE_MM, intent="retract"),)
AGAIN = (
    Move("rapid", -10, 5.5, SAFE_MM, intent="approach"),
    Move("rapid", -10, 5.5, 0.8, intent="approach"),
    Move("line", -10, 5.5, -0.7, 250, "plunge"),
    Move("line", -10, -20.25, -0.7, 1000),
    Move("rapid", -10, -20.25, SAFE_MM, intent="retract"),
)
DRILLED = (
    Move("rapid", 12.5, -0.00001, SAFE_MM, intent="approach"),
    Move("drill", 12.5, 0, -9.6, 250, "drill", retract_mm=1, peck_mm=4, cycle="peck"),
    Move("rapid", 12.5, 0, SAFE_MM, intent="retract"),
    Move("rapid", 22.5, 7.75, SAFE_MM, intent="approach"),
    Move("drill", 22.5, 7.75, -2.25, 250, "drill", retract_mm=1, dwell_s=0.5),
    Move("rapid", 22.5, 7.75, SAFE_MM, intent="retract"),
    Move("rapid", -32.5, 7.75, SAFE_MM, intent="approach"),
    Move("drill", -32.5, 7.75, -12.3456, 200, "drill", retract_mm=1, peck_mm=3, cycle="chip-break"),
    Move("rapid", -32.5, 7.75, SAFE_MM, intent="retract"),
    Move("rapid", -32.5, -27.1, SAFE_MM, intent="approach"),
    Move("drill", -32.5, -27.1, -8, 180, "drill", retract_mm=1.5),
    Move("drill", -24.5, -27.1, -11, 120, "drill", retract_mm=1.5, cycle="ream"),
    Move("rapid", -24.5, -27.1, SAFE_MM, intent="retract"),
)
TAPPED = (
    Move("rapid", 12.5, 3, SAFE_MM, intent="approach"),
    Move("drill", 12.5, 3, -8, 600, "drill", retract_mm=3, cycle="tap", pitch_mm=1.25),
    Move("drill", 22.5, -4.4, -8.5, 600, "drill", retract_mm=3, cycle="tap", pitch_mm=1.25),
    Move("rapid", 22.5, -4.4, SAFE_MM, intent="retract"),
)
OTHER_SIDE = (
    Move("rapid", -20, 12.5, OTHER_SAFE_MM, intent="approach"),
    Move("rapid", -20, 12.5, 0.5, intent="approach"),
    Move("line", -20, 12.5, -1.5, 250, "plunge"),
    Move("line", -20, 10, -1.5, 650, "lead-in", compensated=True),
    Move("cw", -22.5, 7.5, -1.5, 650, "finish", -22.5, 10, compensated=True),
    Move("line", -30.25, 7.5, -1.5, 650, "finish", compensated=True),
    Move("line", -30.25, 12.5, -1.5, 650, "lead-out"),
    Move("rapid", -30.25, 12.5, OTHER_SAFE_MM, intent="retract"),
)


def rows() -> tuple[Move, ...]:
    """Rows of like holes: one kind of hole each, drilled from and back to the same height."""
    kinds = (
        Move("drill", 0, -8, -7.5, 210, "drill", retract_mm=1),
        Move("drill", 0, 4.5, -14.2, 190, "drill", retract_mm=1, peck_mm=5, cycle="peck"),
        Move("drill", 0, 16, -9.1, 200, "drill", retract_mm=1, peck_mm=2.5, cycle="chip-break"),
    )
    moves: list[Move] = []
    for hole in kinds:
        for x in (-15.5, 0, 14.75):
            over = Move("rapid", x, hole.y_mm, OTHER_SAFE_MM)
            moves += [over, replace(hole, x_mm=x), over]
    return tuple(moves)


def machine_for(dialect: str) -> Machine:
    """The shop's machine of that dialect, with a tap in it."""
    own = next(m for m in SHOP.machines.values() if m.dialect == dialect)
    drill = next(a for a in own.tools if a.tool.kind == "drill")
    tool = replace(drill.tool, id="tap", name="Tap M8", kind="tap", diameter_mm=8.0, pitch_mm=1.25)
    tap = Assembly(TAP_NUMBER, tool, drill.holder, drill.stick_out_mm + 7, drill.gauge_length_mm + 7)
    return replace(own, tools=(*own.tools, tap))


def plan_for(dialect: str) -> ProcessPlan:
    """A plan of two setups on that machine; its part and stock do not matter."""
    machine = machine_for(dialect)
    box, vise = Box(-50, -50, -20, 50, 50, 0), Fixture("vise", ())
    identity = ((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0))
    setup = Setup(1, "top", identity, "G54", "middle of the blank's top", box, vise, SAFE_MM, ())
    other = replace(setup, index=2, name="bottom", work_offset="G55", safe_z_mm=OTHER_SAFE_MM)
    setups = tuple(
        replace(s, operations=tuple(operation_of(p) for p in path.toolpaths))
        for s, path in zip((setup, other), paths_for(dialect).setups, strict=True)
    )
    material = SHOP.materials["al-6082"]
    return ProcessPlan("every", "part", machine, material, Stock("s", (100, 100, 20), 1, 1), machine.tools, setups, ())


def operation_of(path: Toolpath) -> Operation:
    """The operation a toolpath is made for."""
    cut = CuttingData(path.spindle_rpm, 600, 200, 400, 1, 1, 100, 0.05, 1, 1, 0, path.coolant, "any")
    lowest = min(m.z_mm for m in path.moves)
    return Operation(
        path.operation_id, path.operation_id, PlanarFace("face-1", 0, Region()), path.tool_number, cut, 0, lowest,
        SAFE_MM, Region(), Region(),
    )  # fmt: skip


def paths_for(dialect: str) -> Toolpaths:
    """Toolpaths with everything the dialect can say."""
    tools = machine_for(dialect).tools
    mill = next(a.number for a in tools if a.tool.kind == "end-mill")
    drill = next(a.number for a in tools if a.tool.kind == "drill")
    worn, other = (
        moves if wears(dialect) else tuple(replace(m, compensated=False) for m in moves) for moves in (WORN, OTHER_SIDE)
    )
    wet: Literal["off", "flood"] = "flood" if dialect != "grbl" else "off"
    runs = [
        Toolpath("mill", mill, 6000, wet, (*MILLED, *worn, *UP)),
        Toolpath("again", mill, 5500, wet, AGAIN),
        Toolpath("drill", drill, 3000, "off", DRILLED),
        *([Toolpath("tap", TAP_NUMBER, 480, wet, TAPPED)] if taps(dialect) else []),
    ]
    others = Toolpath("other side", mill, 6000, wet, other), Toolpath("rows", drill, 2900, wet, rows())
    return Toolpaths((SetupPath(1, tuple(runs)), SetupPath(2, others)))


def wears(dialect: str) -> bool:
    """Whether the dialect has wear compensation."""
    return dialect not in ("grbl", "grblhal")


def taps(dialect: str) -> bool:
    """Whether the dialect taps in step with the spindle."""
    return dialect not in ("grbl", "grblhal", "mach3")


def posted(dialect: str) -> tuple[Program, ...]:
    """The programs of the job."""
    return programs(paths_for(dialect), plan_for(dialect)).programs


def read_back(dialect: str, texts: tuple[Program, ...]) -> list[str]:
    """What reading back alone finds: lines nobody reads, and moves that are not the planned ones."""
    plan = plan_for(dialect)
    reader, _ = READERS[dialect]
    setups = {s.index: s for s in plan.setups}
    read = [Judged(p, setups[p.setup], reader(p.text, bench_of(p, setups[p.setup], plan), None), ()) for p in texts]
    found = [f"{f.place}: {f.code} {f.message}" for j in read for f in j.read.findings]
    compared = [compare(path, [j for j in read if j.setup.index == path.setup]) for path in paths_for(dialect).setups]
    return found + [f"{f.place}: {f.message}" for c in compared for f in c.differences]


def gated(dialect: str, texts: tuple[Program, ...]) -> list[str]:
    """What the gates on the text find beside: inherited state, unsafe states, tools, offsets, travel."""
    plan = plan_for(dialect)
    read = [judged(p, next(s for s in plan.setups if s.index == p.setup), plan) for p in texts]
    gates = (
        gates_text.language(read), gates_text.inherited(read), gates_text.offsets(read),
        gates_text.safe_states(read), gates_text.tools(read, plan, paths_for(dialect)),
    )  # fmt: skip
    found = [f"{f.place}: {f.code} {f.message}" for g in gates if g.verdict == "fail" for f in g.findings]
    return found + [f"{j.place(m.line)}: travel" for j in read for m in j.read.moves if beyond(plan, m.nose_mm)]


def beyond(plan: ProcessPlan, nose_mm: tuple[float, float, float]) -> bool:
    """Whether a place lies outside the machine's travel (places not known do not)."""
    return any(c < a.min_mm - 1e-6 or c > a.max_mm + 1e-6 for a, c in zip(plan.machine.axes, nose_mm, strict=True))

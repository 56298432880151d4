"""Gates on the machine: what is there to judge, travel, speeds and feeds."""

from __future__ import annotations

import math

import numpy as np

from geometry.sampling import Surface
from model.finding import Finding, Gate
from model.plan import Box, ProcessPlan
from model.program import Programs
from model.toolpath import Toolpaths
from pipeline.verify.gates import gate
from pipeline.verify.programs import Judged
from pipeline.verify.simulate import Simulation, in_setup
from pipeline.verify.stock import moved_box, square

SAME_MM = 1e-3
INSIDE_MM = 1e-3


def inputs(plan: ProcessPlan, toolpaths: Toolpaths, programs: Programs) -> Gate:
    """Everything the proof needs is there and belongs together."""
    findings = []
    numbers = [a.number for a in plan.tools]
    if len(set(numbers)) != len(numbers):
        findings.append(_missing("two tools of the plan have the same number", "tools"))
    crib = {a.number: a for a in plan.machine.tools}
    findings += [
        _missing("the plan's tool of this number is not the one in the machine's crib", f"T{a.number}")
        for a in plan.tools
        if crib.get(a.number) != a
    ]
    setups = {s.index for s in plan.setups}
    for setup in plan.setups:
        place = f"setup {setup.index}"
        findings += [
            _missing(f"operation {o.id} uses tool {o.tool_number}, which the plan does not have", place)
            for o in setup.operations
            if o.tool_number not in numbers
        ]
        if not any(p.setup == setup.index for p in programs.programs):
            findings.append(_missing("no program", place))
        if not any(p.setup == setup.index and p.toolpaths for p in toolpaths.setups):
            findings.append(_missing("no toolpaths", place))
        if setup.fixture.kind == "vise" and not setup.fixture.obstacles:
            findings.append(_missing("a vise without boxes: its jaws cannot be avoided", place))
        if not square(setup.to_setup):
            what = "only setups from the part's six sides, in quarter turns and not mirrored, can be simulated"
            findings.append(Finding("verify.setup-direction", what, place))
    findings += [
        _missing(f"it is for setup {p.setup}, which the plan does not have", p.name)
        for p in programs.programs
        if p.setup not in setups
    ]
    if {a.name.upper() for a in plan.machine.axes} != {"X", "Y", "Z"}:
        findings.append(_missing("the machine must have the axes X, Y and Z", plan.machine.id))
    if not plan.setups:
        findings.append(_missing("the plan has no setup", "plan"))
    fact = (
        f"{len(plan.setups)} setups, {len(programs.programs)} programs, {len(numbers)} tools, machine {plan.machine.id}"
    )
    return gate("Everything the proof needs is there", findings, fact)


def _missing(what: str, place: str) -> Finding:
    return Finding("verify.input-missing", what, place=place)


def whole(plan: ProcessPlan) -> Gate:
    """The plan leaves out nothing that is over its tolerance: what it says no tool reaches stays within the limits."""
    findings = [
        Finding("verify.partial-plan", f"the plan itself leaves this: {f.message}", f.place, f.value, f.limit, f.hint)
        for f in plan.unreachable
        if f.severity == "refuse"
        or (isinstance(f.value, int | float) and isinstance(f.limit, int | float) and f.value > f.limit)
    ]
    fact = f"{len(plan.unreachable)} places out of reach are named in it"
    return gate("The plan is for the whole part", findings, fact)


def frames(plan: ProcessPlan, surface: Surface) -> Gate:
    """The blank contains the part, and is the same blank in every setup."""
    findings = []
    first = plan.setups[0]
    least = math.inf
    # Setups turn by quarters only: two opposite corners of the part's box stay two opposite corners of it.
    ends = np.array([(c.min(), c.max()) for c in surface.points.T]).T
    for setup in plan.setups:
        box = setup.stock_box
        corners = in_setup(ends, setup)
        low, high = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
        room = min(
            low[0] - box.x0_mm,
            low[1] - box.y0_mm,
            low[2] - box.z0_mm,
            box.x1_mm - high[0],
            box.y1_mm - high[1],
            box.z1_mm - high[2],
        )
        least = min(least, room)
        if room < -INSIDE_MM:
            findings.append(
                Finding(
                    "verify.stock-too-small",
                    "the part stands out of the blank (mm)",
                    f"setup {setup.index}",
                    round(-room, 4),
                    0.0,
                    "Check the setup's frame and the stock's size.",
                )
            )
        off = _apart(moved_box(first.stock_box, first, setup), box)
        if off > SAME_MM:
            what = "the blank is not where turning the first setup's blank would put it (mm)"
            findings.append(Finding("verify.stock-moved", what, f"setup {setup.index}", round(off, 4), SAME_MM))
    sides = sorted(plan.stock.size_mm)
    box = first.stock_box
    cut = sorted((box.x1_mm - box.x0_mm, box.y1_mm - box.y0_mm, box.z1_mm - box.z0_mm))
    off = max(abs(a - b) for a, b in zip(sides, cut, strict=True))
    if off > SAME_MM:
        findings.append(
            Finding("verify.stock-size", "the blank simulated is not the stock ordered (mm)", "stock", round(off, 4))
        )
    fact = f"least allowance around the part {max(least, 0.0):.3f} mm"
    return gate("The blank holds the part, in every setup's frame", findings, fact, value=least, limit=0.0, unit="mm")


def _apart(a: Box, b: Box) -> float:
    return max(
        abs(a.x0_mm - b.x0_mm),
        abs(a.y0_mm - b.y0_mm),
        abs(a.z0_mm - b.z0_mm),
        abs(a.x1_mm - b.x1_mm),
        abs(a.y1_mm - b.y1_mm),
        abs(a.z1_mm - b.z1_mm),
    )


def travel(plan: ProcessPlan, simulation: Simulation) -> Gate:
    """Every move stays within the axes' travel, tool length and work zero counted."""
    axes = {a.name.upper(): a for a in plan.machine.axes}
    findings = []
    least = math.inf
    for run in simulation.runs:
        for judged, path in zip(run.programs, run.paths, strict=True):
            moves = judged.read.moves
            spots = [(m.line, m.nose_mm) for m in moves]
            for g, number in zip(path.geometry.tolist(), path.move.tolist(), strict=True):
                if g[0]:
                    m = moves[number]
                    spots += [(m.line, s) for s in _rim(g, m.nose_mm, (m.x_mm, m.y_mm))]
            for line, spot in spots:
                for name, at in zip("XYZ", spot, strict=True):
                    if math.isnan(at):
                        continue
                    axis = axes[name]
                    room = min(at - axis.min_mm, axis.max_mm - at)
                    least = min(least, room)
                    if room < -SAME_MM:
                        findings.append(
                            Finding(
                                "verify.travel",
                                f"{name} goes past its end (machine mm)",
                                judged.place(line),
                                round(at, 4),
                                axis.min_mm if at < axis.min_mm else axis.max_mm,
                            )
                        )
    fact = f"least reserve {least:.2f} mm with the work zero at {plan.machine.work_zero_mm}"
    return gate("Every move is within the machine's travel", findings, fact, value=least, limit=0.0, unit="mm")


def _rim(
    g: list[float], nose: tuple[float, float, float], end: tuple[float, float]
) -> list[tuple[float, float, float]]:
    """The outermost spots of an arc, in machine coordinates."""
    spots = []
    r = max(g[9], g[10])
    for quarter in range(4):
        angle = quarter * math.pi / 2
        share = ((angle - g[11]) * math.copysign(1.0, g[12])) % math.tau
        if share <= abs(g[12]):
            x, y = g[7] + r * math.cos(angle), g[8] + r * math.sin(angle)
            spots.append((nose[0] + x - end[0], nose[1] + y - end[1], nose[2]))
    return spots


def speeds(plan: ProcessPlan, programs: list[Judged]) -> Gate:
    """Spindle speeds and feeds within what machine, holder and tool allow."""
    machine = plan.machine
    assemblies = {a.number: a for a in plan.tools}
    findings = []
    fastest = slowest = 0.0
    for judged in programs:
        told: set[tuple[str, int, float]] = set()
        for m in judged.read.moves:
            if m.kind == "rapid":
                continue
            fastest = max(fastest, m.spindle_rpm)
            slowest = max(slowest, m.feed_mm_min)
            a = assemblies.get(m.tool)
            top = min(machine.spindle_max_rpm, *((a.tool.max_rpm, a.holder.max_rpm) if a else ()), math.inf)
            for code, what, value, low, high in (
                (
                    "verify.spindle-speed",
                    "spindle speed out of range (rpm)",
                    m.spindle_rpm,
                    machine.spindle_min_rpm,
                    top,
                ),
                ("verify.feed", "feed out of range (mm/min)", m.feed_mm_min, 0.0, machine.max_feed_mm_min),
            ):
                if not low - 1e-6 <= value <= high + 1e-6 and (code, m.tool, value) not in told:
                    told.add((code, m.tool, value))
                    findings.append(Finding(code, what, judged.place(m.line), value, low if value < low else high))
    fact = f"at most {fastest:g} rpm and {slowest:g} mm/min"
    return gate("Speeds and feeds are within machine and tools", findings, fact)

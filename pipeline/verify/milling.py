"""The proof of a milling job: reads the programs back, cuts the blank with them, and holds the result to the part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from geometry.sampling import Surface, sample
from model.design import Design
from model.errors import ConfigError
from model.finding import Finding, Gate, Report
from model.plan import ProcessPlan
from model.program import Programs
from model.toolpath import Toolpaths
from pipeline.verify import gates_cut, gates_machine, gates_power, gates_text
from pipeline.verify.compare import Comparison, compare
from pipeline.verify.gates import gate, not_applicable
from pipeline.verify.leftover import Leftover, leftovers
from pipeline.verify.programs import Judged, judged
from pipeline.verify.simulate import Simulation, simulate
from pipeline.verify.timing import seconds

SPACING_MM = 0.25
AS_PLANNED = "The moves read back are the moves planned, one by one"


def verify_milling(design: Design, plan: ProcessPlan, toolpaths: Toolpaths, programs: Programs) -> Report:
    """Judge the programs of a plan: exactly their bytes, by a reader that shares nothing with who wrote them.

    Returns a report in every case; it passed only when no gate failed.

    Raises:
        ConfigError: No reader knows a program's dialect.
    """
    return _judge(design, plan, toolpaths, programs, "")


def verify_other(
    design: Design, plan: ProcessPlan, toolpaths: Toolpaths, programs: Programs, other_text: str, replaces_name: str
) -> Report:
    """Judge another program text in the place of the program named, against the same part, stock and tools.

    What it does to the material decides; how far it differs from the plan is a note.

    Raises:
        ConfigError: There is no program of that name, or no reader knows its dialect.
    """
    names = [p.name for p in programs.programs]
    if replaces_name not in names:
        raise ConfigError(
            "verify.no-such-program",
            f"there is no program {replaces_name!r}",
            place=replaces_name,
            hint=f"Programs of this order: {', '.join(names)}.",
        )
    swapped = tuple(replace(p, text=other_text) if p.name == replaces_name else p for p in programs.programs)
    return _judge(design, plan, toolpaths, Programs(swapped), replaces_name)


def _judge(design: Design, plan: ProcessPlan, toolpaths: Toolpaths, programs: Programs, other: str) -> Report:
    subject = f"{design.order_id}: {plan.part} on {plan.machine.id}"
    part = next((p for p in design.parts if p.name == plan.part), None)
    there = gates_machine.inputs(plan, toolpaths, programs)
    if part is None:
        missing = Finding("verify.input-missing", f"the design has no part {plan.part!r}", place="design")
        there = gate(there.name, [*there.findings, missing], there.detail)
    if part is None or there.verdict == "fail":
        return Report(subject, (there,))
    setups = {s.index: s for s in plan.setups}
    read = [judged(p, setups[p.setup], plan) for p in programs.programs]
    surface = sample(part.brep, SPACING_MM)
    simulation = simulate(plan, read, surface)
    left = leftovers(plan, surface, simulation)
    same, notes = _as_planned(toolpaths, read, other)
    gates = (
        there,
        gates_machine.frames(plan, surface),
        gates_text.language(read),
        gates_text.inherited(read),
        gates_text.offsets(read),
        gates_text.safe_states(read),
        gates_text.tools(read, plan, toolpaths),
        same,
        gates_cut.rapids(simulation),
        gates_cut.manner(simulation),
        gates_cut.flutes(simulation),
        gates_cut.holders(simulation),
        gates_cut.fixtures(simulation),
        gates_cut.gouge(simulation, surface),
        gates_cut.excess(left),
        gates_cut.volume(simulation, surface),
        gates_cut.loose(simulation),
        gates_machine.travel(plan, simulation),
        gates_machine.speeds(plan, read),
        gates_cut.chips(simulation, plan),
        gates_power.power(simulation, plan),
    )
    return Report(subject, gates, _metrics(plan, surface, simulation, left), (*notes, *left.unreachable, *left.tabs))


def _as_planned(toolpaths: Toolpaths, read: Sequence[Judged], other: str) -> tuple[Gate, tuple[Finding, ...]]:
    """The gate of equality; for another program, a note with the number of differences and the first of them."""
    paths = {p.setup: p for p in toolpaths.setups}
    results: list[Comparison] = [
        compare(path, [j for j in read if j.setup.index == index]) for index, path in sorted(paths.items())
    ]
    differences = [f for r in results for f in r.differences]
    count = sum(r.compared for r in results)
    if not other:
        return gate(AS_PLANNED, differences, f"{count} moves compared"), ()
    because = f"another program is judged in the place of {other}"
    if not differences:
        note = Finding("verify.other-equal", f"{other}: all {count} moves are the planned ones", severity="note")
    else:
        first = differences[0]
        note = Finding(
            "verify.other-differs",
            f"{len(differences)} or more differences from the plan; the first: {first.message}",
            place=first.place,
            value=first.value,
            limit=first.limit,
            severity="note",
        )
    return not_applicable(AS_PLANNED, because), (note,)


def _metrics(plan: ProcessPlan, surface: Surface, simulation: Simulation, left: Leftover) -> dict[str, float]:
    """Plain numbers for certificate and quote; no clock in them."""
    metrics = {
        "deepest_gouge_mm": max(0.0, -float(simulation.distance.min(initial=0.0))),
        "excess_mm": left.excess_mm,
        "grid_mm": simulation.grid_mm,
        "surface_spacing_mm": SPACING_MM,
        "surface_points": float(len(surface.points)),
        "unreachable_places": float(len(left.unreachable)),
        "moves": float(sum(len(j.read.moves) for r in simulation.runs for j in r.programs)),
        "cutting_length_mm": sum(_cutting_length(r.path.geometry, r.path.rapid) for r in simulation.runs),
        "removed_mm3": float(sum(r.met[:, 0].sum() for r in simulation.runs)),
        "remaining_mm3": simulation.stock_mm3,
        "part_mm3": surface.volume_mm3,
    }
    for run in simulation.runs:
        by_hand = not plan.machine.automatic_tool_change
        metrics[f"setup_{run.setup.index}_seconds"] = sum(
            seconds(j.read, p, plan.machine, change_first=by_hand) for j, p in zip(run.programs, run.paths, strict=True)
        )
    return {k: round(v, 6) + 0.0 for k, v in metrics.items()}


def _cutting_length(geometry: np.ndarray, rapid: np.ndarray) -> float:
    g = geometry[rapid == 0]
    flat = np.where(
        g[:, 0] == 1, np.abs(g[:, 12]) * (g[:, 9] + g[:, 10]) / 2, np.hypot(g[:, 4] - g[:, 1], g[:, 5] - g[:, 2])
    )
    return float(np.hypot(flat, g[:, 6] - g[:, 3]).sum())

"""The proof of a milling job: reads the programs back, cuts the blank with them, and holds the result to the part."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from geometry.sampling import CHORD_MM, Surface, sample
from model.design import Design
from model.errors import ConfigError
from model.finding import Finding, Gate, Report
from model.plan import ProcessPlan
from model.program import Programs
from model.toolpath import Toolpaths
from pipeline.verify import gates_clamp, gates_cut, gates_load, gates_machine, gates_power, gates_text, gates_thread
from pipeline.verify.comments import comment_notes
from pipeline.verify.compare import Comparison, compare
from pipeline.verify.deviation import tables
from pipeline.verify.gates import gate, not_applicable
from pipeline.verify.kernels import REMOVED
from pipeline.verify.leftover import Leftover, leftovers
from pipeline.verify.loads import loads, per_operation
from pipeline.verify.path import HELIX_CHORD_MM
from pipeline.verify.programs import Judged, judged
from pipeline.verify.simulate import Run, Simulation, simulate
from pipeline.verify.timing import moving_seconds, seconds

FINEST_MM = 0.1
COARSEST_MM = 0.25
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

    What it does to the material decides; how far it differs from the plan, and from what the released one tells
    the operator, are notes.

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
    report = _judge(design, plan, toolpaths, Programs(swapped), replaces_name)
    before, after = (next(p for p in many if p.name == replaces_name) for many in (programs.programs, swapped))
    return replace(report, notes=(*report.notes, *comment_notes(before, after)))


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
    surface = sample(part.brep, spacing_mm(plan))
    simulation = simulate(plan, read, surface, toolpaths)
    left = leftovers(plan, surface, simulation)
    every = [loads(run, plan) for run in simulation.runs]
    same, notes = _as_planned(toolpaths, read, other)
    gates = (
        there,
        gates_machine.whole(plan),
        gates_machine.frames(plan, surface),
        gates_text.language(read),
        gates_text.inherited(read),
        gates_text.offsets(read),
        gates_text.safe_states(
            as_it_stands(read, simulation), next(a.max_mm for a in plan.machine.axes if a.name == "Z")
        ),
        gates_text.tools(read, plan, toolpaths),
        same,
        gates_cut.rapids(simulation),
        gates_cut.manner(simulation),
        gates_cut.flutes(simulation),
        gates_cut.holders(simulation),
        gates_cut.fixtures(simulation),
        gates_cut.gouge(simulation, surface),
        gates_cut.excess(left),
        gates_cut.made(left, surface),
        gates_thread.threads(simulation),
        gates_cut.volume(simulation, surface),
        gates_cut.loose(simulation),
        gates_clamp.clamping(simulation),
        gates_clamp.crushing(simulation, plan),
        gates_clamp.tilting(simulation, plan, every),
        gates_machine.travel(plan, simulation),
        gates_machine.speeds(plan, read),
        gates_load.chips(simulation, plan, every),
        gates_load.engagement(simulation, plan, every),
        gates_load.bending(simulation, plan, every),
        gates_power.power(simulation, plan, every),
    )
    told = (*notes, *gates_load.thin_chips(simulation, plan, every), *left.unreachable, *left.tabs)
    operations = per_operation(simulation, plan, every)
    metrics = _metrics(plan, surface, simulation, left, operations)
    return Report(subject, gates, metrics, told, tables(surface, simulation, left, operations))


def spacing_mm(plan: ProcessPlan) -> float:
    """How far apart the part's surface is looked at: 0.25 mm, closer for cutters so thin that a dent could hide.

    A cutter of radius R leaves a dent 0.01 mm deep (the gouge's limit) that is sqrt(8 R 0.01) wide.
    """
    thinnest = min(a.tool.diameter_mm / 2 for a in plan.tools)
    return max(FINEST_MM, min(COARSEST_MM, math.sqrt(8 * thinnest * gates_cut.GOUGE_MM)))


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


def as_it_stands(read: Sequence[Judged], simulation: Simulation) -> list[Judged]:
    """The programs, each with the blank as high as it stands when its setup begins: earlier setups cut it lower."""
    tops = {run.setup.index: run.top_mm for run in simulation.runs}
    found = []
    for j in read:
        box = replace(j.setup.stock_box, z1_mm=min(j.setup.stock_box.z1_mm, tops[j.setup.index]))
        found.append(replace(j, setup=replace(j.setup, stock_box=box)))
    return found


def _metrics(
    plan: ProcessPlan,
    surface: Surface,
    simulation: Simulation,
    left: Leftover,
    operations: Mapping[str, Mapping[str, float]],
) -> dict[str, float]:
    """Plain numbers for certificate and quote; no clock in them."""
    thinnest = min(a.tool.diameter_mm / 2 for a in plan.tools)
    cut = sum(o["cut_length_mm"] for o in operations.values())
    air = sum(o["cut_length_mm"] * o["air_share"] for o in operations.values())
    metrics = {
        "deepest_gouge_mm": max(0.0, -float((simulation.distance + surface.deeper_mm).min(initial=0.0))),
        "excess_mm": left.excess_mm,
        "grid_mm": simulation.grid_mm,
        "surface_spacing_mm": surface.spacing_mm,
        "surface_points": float(len(surface.points)),
        # What the simulation itself may miss: a dent between two points, a chord, a stock cell cut from a side.
        "error_dent_mm": surface.spacing_mm**2 / (8 * thinnest),
        "error_chord_mm": HELIX_CHORD_MM / 2,
        "error_triangles_mm": CHORD_MM,
        "error_stock_mm": max((r.slack_mm for r in simulation.runs), default=0.0) or simulation.grid_mm / 2,
        "unreachable_places": float(len(left.unreachable)),
        "moves": float(sum(len(j.read.moves) for r in simulation.runs for j in r.programs)),
        "cutting_length_mm": sum(_cutting_length(r.path.geometry, r.path.rapid) for r in simulation.runs),
        "removed_mm3": float(sum(r.met[:, REMOVED].sum() for r in simulation.runs)),
        "remaining_mm3": simulation.stock_mm3,
        "part_mm3": surface.volume_mm3,
        "air_share": air / cut if cut > 0 else 0.0,
    }
    for what in ("max_engagement_deg", "max_force_n", "max_bending_mm", "max_power_kw"):
        metrics[what] = max((o.get(what, 0.0) for o in operations.values()), default=0.0)
    for run in simulation.runs:
        by_hand = not plan.machine.automatic_tool_change
        metrics[f"setup_{run.setup.index}_seconds"] = sum(
            seconds(j.read, p, plan.machine, change_first=by_hand) for j, p in zip(run.programs, run.paths, strict=True)
        )
        metrics |= _times(run, plan)
    return {k: round(v, 6) + 0.0 for k, v in metrics.items()}


def _times(run: Run, plan: ProcessPlan) -> dict[str, float]:
    """How long every operation of a setup moves, by its number on the setup sheet."""
    found = {f"setup_{run.setup.index}_operation_{10 * n}_s": 0.0 for n in range(1, len(run.setup.operations) + 1)}
    of = {(int(p), int(m)): int(o) for p, m, o in zip(run.owner, run.path.move, run.operation, strict=True)}
    for k, (j, path) in enumerate(zip(run.programs, run.paths, strict=True)):
        for move, took in zip(path.move.tolist(), moving_seconds(j.read, path, plan.machine).tolist(), strict=True):
            operation = of.get((k, move), -1)
            if operation >= 0:
                found[f"setup_{run.setup.index}_operation_{10 * (operation + 1)}_s"] += took
    return found


def _cutting_length(geometry: np.ndarray, rapid: np.ndarray) -> float:
    g = geometry[rapid == 0]
    flat = np.where(
        g[:, 0] == 1, np.abs(g[:, 12]) * (g[:, 9] + g[:, 10]) / 2, np.hypot(g[:, 4] - g[:, 1], g[:, 5] - g[:, 2])
    )
    return float(np.hypot(flat, g[:, 6] - g[:, 3]).sum())

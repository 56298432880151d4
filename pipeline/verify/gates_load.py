"""Gates on what a cut asks of its tool: chip, engagement, plunging feed, bending."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from model.finding import Finding, Gate
from model.plan import Operation, ProcessPlan
from pipeline.verify.gates import gate, not_applicable
from pipeline.verify.kernels import ANGLE, CENTRE, DEPTH, REMOVED
from pipeline.verify.loads import RASTER_DEG, Loads
from pipeline.verify.simulate import Run, Simulation

CHIP_FACTOR = 1.5
REAMED = 2.5
"""A reamer feeds two to three times as far a turn as a drill of its size (Machinery's Handbook)."""
MOST_THINNED = 4.0
OVER_DEG = 10.0
TOUCH_MM = 0.02
PLUNGE = 0.364  # tan 20 degrees
PLUNGE_SHARE = 0.5
THIN_SHARE = 0.3
BENDING_MM = 0.2
BENDING_OVER_D = 0.05
"""A mill bent by a twentieth of its diameter is about to break (belief); planners stay far below."""


def chips(simulation: Simulation, plan: ProcessPlan, every: Sequence[Loads]) -> Gate:
    """The thickest chip of every cut stays near the material's range, chip thinning counted in.

    A tool whose middle goes down into material takes half as much a tooth.
    """
    worst = 0.0
    findings = []
    for run, load in zip(simulation.runs, every, strict=True):
        milled = (run.path.rapid == 0) & (simulation.tools[run.path.tool, 10] > 0) & (run.path.geometry[:, 0] == 1)
        for k in np.flatnonzero(load.cutting | milled).tolist():
            assembly = plan.tools[int(run.path.tool[k])]
            tool = assembly.tool
            if tool.kind == "tap":
                continue
            axial = tool.kind in {"drill", "spot-drill", "reamer"}
            if axial:
                most = plan.material.drill_fn_over_d * (REAMED if tool.kind == "reamer" else 1.0)
                per, limit = load.fz[k] * max(tool.flutes, 1), CHIP_FACTOR * most * tool.diameter_mm
            else:
                limit = CHIP_FACTOR * plan.material.fz_over_d[2] * tool.diameter_mm
                per = (
                    load.chip[k]
                    if _grazes(run, load, simulation.grid_mm, k)
                    else max(load.chip[k], load.fz[k] / MOST_THINNED)
                )
                fall = _fall(run, k)
                if fall > PLUNGE and run.met[k, CENTRE] > TOUCH_MM:
                    per = load.fz[k] * math.sin(math.atan(fall)) / PLUNGE_SHARE
            worst = max(worst, float(per / limit))
            if per > limit * (1 + 1e-9):
                what = f"T{assembly.number} takes too much a {'turn' if axial else 'tooth'} (mm)"
                findings.append(Finding("verify.chip-load", what, run.place(k), round(float(per), 4), round(limit, 4)))
    findings.sort(key=lambda f: -float(f.value or 0.0))
    fact = f"at most {100 * worst:.0f} % of {CHIP_FACTOR:g} times the top of {plan.material.name}'s range"
    return gate(
        "Chips are no thicker than tool and material bear", findings, fact, value=worst, limit=1.0, unit="of the limit"
    )


def _grazes(run: Run, load: Loads, grid_mm: float, k: int) -> bool:
    """Whether a row takes no more than the stock's own error: half a cell along its way, or two cells in all."""
    area = run.met[k, REMOVED] / max(run.met[k, DEPTH], 1e-9)
    return bool(run.met[k, ANGLE] <= RASTER_DEG and area <= max(0.5 * grid_mm * load.length[k], 2.0 * grid_mm**2))


def _fall(run: Run, k: int) -> float:
    g = run.path.geometry[k]
    flat = abs(g[12]) * g[9] if g[0] == 1 else math.hypot(g[4] - g[1], g[5] - g[2])
    return float((g[3] - g[6]) / max(flat, 1e-9))


def planned_deg(operation: Operation, diameter_mm: float) -> float:
    """The engagement an operation is planned for: acos(1 - ae / R)."""
    share = min(max(1.0 - 2.0 * operation.cutting.ae_mm / diameter_mm, -1.0), 1.0)
    return math.degrees(math.acos(share))


def engagement(simulation: Simulation, plan: ProcessPlan, every: Sequence[Loads]) -> Gate:
    """Where constant engagement is promised, no cut takes more than ten degrees above it, but for slower ones.

    A cut fed so slowly that it removes no more a minute than one at the limit may take more. Ways down into the
    material (helix, ramp) are no such cuts. A stock cell's width is forgiven on top.
    """
    name = "Constant engagement is kept"
    diameters = {a.number: a.tool.diameter_mm for a in plan.tools}
    findings: list[Finding] = []
    worst = -math.inf
    count = 0
    for run, load in zip(simulation.runs, every, strict=True):
        for number, operation in enumerate(run.setup.operations):
            if operation.strategy != "adaptive" or operation.cutting.ae_mm <= 0:
                continue
            count += 1
            radius = diameters[operation.tool_number] / 2
            planned = planned_deg(operation, 2 * radius)
            raster = math.degrees(simulation.grid_mm / (radius * max(math.sin(math.radians(planned)), 0.3)))
            limit = planned + OVER_DEG + raster
            level = (run.operation == number) & (run.path.rapid == 0)
            level &= run.path.geometry[:, 6] >= run.path.geometry[:, 3] - 1e-9
            taken = (1 - np.cos(np.radians(run.met[:, ANGLE]))) * load.fz
            most = (1 - math.cos(math.radians(limit))) * operation.cutting.fz_mm
            level &= (run.met[:, ANGLE] <= limit) | (taken > most)
            angle = np.where(level, run.met[:, ANGLE], 0.0)
            worst = max(worst, float(angle.max(initial=0.0)) - planned)
            findings += [
                Finding(
                    "verify.engagement",
                    f"{operation.id} engages more than planned ({planned:.0f} degrees)",
                    run.place(k),
                    round(float(angle[k]), 1),
                    round(limit, 1),
                    "Take a smaller width of cut there, or a lower feed.",
                )
                for k in np.flatnonzero(angle > limit).tolist()
            ]
    if not count:
        return not_applicable(name, "no operation promises it")
    findings.sort(key=lambda f: -float(f.value or 0.0))
    fact = f"at most {worst:.1f} degrees above the plan in {count} operations"
    return gate(name, findings, fact, value=worst, limit=OVER_DEG, unit="degrees")


def bending(simulation: Simulation, plan: ProcessPlan, every: Sequence[Loads]) -> Gate:
    """No mill bends at its tip by more than 0.2 mm or 5 % of its diameter under the forces simulated."""
    worst, most = 0.0, 0.0
    findings = []
    for run, load in zip(simulation.runs, every, strict=True):
        limits = np.array([min(BENDING_MM, BENDING_OVER_D * a.tool.diameter_mm) for a in plan.tools])[run.path.tool]
        share = load.bending / np.maximum(limits, 1e-9)
        worst, most = max(worst, float(share.max(initial=0.0))), max(most, float(load.bending.max(initial=0.0)))
        findings += [
            Finding(
                "verify.bending",
                f"T{plan.tools[int(run.path.tool[k])].number} bends too far under {load.force[k]:.0f} N (mm)",
                run.place(k),
                round(float(load.bending[k]), 4),
                round(float(limits[k]), 4),
                "Let it stick out less, or cut less deep or wide.",
            )
            for k in np.flatnonzero(share > 1.0).tolist()
        ]
    findings.sort(key=lambda f: -float(f.value or 0.0))
    fact = f"at most {most:.4f} mm at a tip"
    return gate("Tools bear the force of every cut", findings, fact, value=worst, limit=1.0, unit="of the limit")


def thin_chips(simulation: Simulation, plan: ProcessPlan, every: Sequence[Loads]) -> list[Finding]:
    """Notes on operations whose feed is so low that the edge rubs more than it cuts over most of the way."""
    notes = []
    tools = {a.number: a.tool for a in plan.tools}
    for run, load in zip(simulation.runs, every, strict=True):
        for number, operation in enumerate(run.setup.operations):
            tool = tools[operation.tool_number]
            least = THIN_SHARE * plan.material.fz_over_d[0] * tool.diameter_mm
            mine = (run.operation == number) & load.cutting & (run.met[:, ANGLE] > 0)
            if tool.kind != "end-mill" or not mine.any():
                continue
            rubbing = load.length[mine & (load.chip < least)].sum() / load.length[mine].sum()
            if rubbing > 0.5:
                thinnest = float(np.median(load.chip[mine]))
                what = f"{operation.id}: chips of {thinnest:.4f} mm are so thin that the edge may rub"
                place = f"setup {run.setup.index}"
                notes.append(
                    Finding("verify.thin-chip", what, place, round(thinnest, 4), round(least, 4), severity="note")
                )
    return notes

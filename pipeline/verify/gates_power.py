"""The gate on what a cut asks of the spindle: the material really removed a second against the power there is."""

from __future__ import annotations

import numpy as np

from model.finding import Finding, Gate
from model.plan import ProcessPlan
from pipeline.verify.gates import gate
from pipeline.verify.kernels import REMOVED
from pipeline.verify.simulate import Run, Simulation

WINDOW_MM = 2.0
OVERLOAD = 1.5
THINNEST_MM = 0.001
SAME_MM = 1e-6


def power(simulation: Simulation, plan: ProcessPlan) -> Gate:
    """No stretch of cutting asks for more than a spindle gives at its speed, short overload counted in.

    Power (kW) is the volume the simulation saw removed a second times kc = kc1.1 * h**-mc, with h the feed a
    tooth (Kienzle; Victor). It is the mean over the last 2 mm of path, or the whole move when that is longer.
    """
    worst = 0.0
    findings = []
    for run in simulation.runs:
        kilowatts, given = _loads(run, plan)
        limit = OVERLOAD * given
        share = np.divide(kilowatts, limit, out=np.where(kilowatts > 0, np.inf, 0.0), where=limit > 0)
        worst = max(worst, float(share.max(initial=0.0)))
        findings += [
            Finding(
                "verify.power",
                f"T{plan.tools[int(run.path.tool[k])].number} asks more of the spindle than it gives (kW)",
                run.place(k),
                round(float(kilowatts[k]), 3),
                round(float(limit[k]), 3),
                "Cut less deep, less wide or slower.",
            )
            for k in np.flatnonzero(share > 1.0).tolist()
        ]
    findings.sort(key=lambda f: -float(f.value or 0.0))
    fact = f"at most {100 * worst:.0f} % of {OVERLOAD:g} times the spindle's power, over {WINDOW_MM:g} mm of path"
    return gate("The spindle's power bears every cut", findings, fact, value=worst, limit=1.0, unit="of the limit")


def _loads(run: Run, plan: ProcessPlan) -> tuple[np.ndarray, np.ndarray]:
    """Power asked for over the stretch that ends with each move, and power there is at its speed (kW)."""
    g = run.path.geometry
    flat = np.where(
        g[:, 0] == 1, np.abs(g[:, 12]) * (g[:, 9] + g[:, 10]) / 2, np.hypot(g[:, 4] - g[:, 1], g[:, 5] - g[:, 2])
    )
    lengths = np.hypot(flat, g[:, 6] - g[:, 3]).tolist()
    curve = [(0.0, 0.0), *plan.machine.power_curve]
    asked, given = np.zeros(len(lengths)), np.zeros(len(lengths))
    joules, seconds = np.zeros(len(lengths)), np.zeros(len(lengths))
    first = 0  # of the unbroken run of cutting moves with this tool
    for k, length in enumerate(lengths):
        judged = run.programs[int(run.owner[k])]
        move = judged.read.moves[int(run.path.move[k])]
        if run.path.rapid[k] or move.feed_mm_min <= 0 or move.spindle_rpm <= 0:
            first = k + 1
            continue
        if k > first and (
            run.path.tool[k] != run.path.tool[k - 1] or np.abs(g[k, 1:4] - g[k - 1, 4:7]).max() > SAME_MM
        ):
            first = k
        tool = plan.tools[int(run.path.tool[k])].tool
        chip_mm = max(move.feed_mm_min / move.spindle_rpm / max(tool.flutes, 1), THINNEST_MM)
        kc_n_mm2 = plan.material.kc11_n_mm2 * chip_mm**-plan.material.mc
        joules[k] = run.met[k, REMOVED] * kc_n_mm2 / 1000.0
        seconds[k] = length / move.feed_mm_min * 60.0
        given[k] = np.interp(move.spindle_rpm, [n for n, _ in curve], [p for _, p in curve])
        start, stretch = k, length
        while start > first and stretch < WINDOW_MM:
            start -= 1
            stretch += lengths[start]
        least = WINDOW_MM / move.feed_mm_min * 60.0 if stretch < WINDOW_MM else 0.0
        asked[k] = joules[start : k + 1].sum() / max(seconds[start : k + 1].sum(), least, 1e-9) / 1000.0
    return asked, given

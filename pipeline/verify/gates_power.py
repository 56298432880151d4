"""The gate on what a cut asks of the spindle: the material really removed a second against the power there is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model.finding import Finding, Gate
from model.plan import ProcessPlan
from pipeline.verify.gates import gate
from pipeline.verify.loads import WINDOW_MM, Loads
from pipeline.verify.simulate import Simulation

OVERLOAD = 1.5


def power(simulation: Simulation, plan: ProcessPlan, every: Sequence[Loads]) -> Gate:
    """No stretch of cutting asks for more than a spindle gives at its speed, short overload counted in.

    Power (kW) is the volume the simulation saw removed a second times kc = kc1.1 * h**-mc, with h the feed a
    tooth (Kienzle; Victor). It is the mean over the last 2 mm of path, or the whole move when that is longer.
    """
    worst = 0.0
    findings = []
    for run, load in zip(simulation.runs, every, strict=True):
        limit = OVERLOAD * load.given
        share = np.divide(load.power, limit, out=np.where(load.power > 0, np.inf, 0.0), where=limit > 0)
        worst = max(worst, float(share.max(initial=0.0)))
        findings += [
            Finding(
                "verify.power",
                f"T{plan.tools[int(run.path.tool[k])].number} asks more of the spindle than it gives (kW)",
                run.place(k),
                round(float(load.power[k]), 3),
                round(float(limit[k]), 3),
                "Cut less deep, less wide or slower.",
            )
            for k in np.flatnonzero(share > 1.0).tolist()
        ]
    findings.sort(key=lambda f: -float(f.value or 0.0))
    fact = f"at most {100 * worst:.0f} % of {OVERLOAD:g} times the spindle's power, over {WINDOW_MM:g} mm of path"
    return gate("The spindle's power bears every cut", findings, fact, value=worst, limit=1.0, unit="of the limit")

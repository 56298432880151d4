"""The gates on clamping: the vise's jaws close on material that is there, and that bears them to the end."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from model.finding import Finding, Gate
from model.plan import ProcessPlan
from pipeline.verify.gates import gate, not_applicable
from pipeline.verify.kernels import DEPTH
from pipeline.verify.loads import Loads
from pipeline.verify.simulate import Run, Simulation

NAME = "Jaws hold on material that is there"
CRUSHING = "The work bears the jaws"
TILTING = "No cut tilts the work out of the jaws"
TILT_SAFETY = 1.5
FRICTION = 0.15
"""Steel jaws on metal, dry to oily: the low end."""
EDGE_MM = 1.0
"""So narrow a grip may be all bevel and burr: friction is not counted on there."""
AXIAL = frozenset({"drill", "spot-drill", "reamer", "tap"})
BORNE_SHARE = 0.5
"""Jaws may press the material that reaches from one to the other with this share of what makes it give."""

LEAST_SHARE = 0.25
LEAST_MM2 = 100.0
INSIDE_SHARE = 0.05


def clamping(simulation: Simulation) -> Gate:
    """Each jaw touches a quarter of the blank's face it covers, or 100 mm2, as earlier setups left it."""
    vises = [r for r in simulation.runs if r.setup.fixture.kind == "vise"]
    if not vises:
        return not_applicable(NAME, "nothing is held in a vise")
    findings = [f for run in vises for f in _of(run)]
    least = min((g.contact_mm2 for r in vises for g in r.grips), default=0.0)
    fact = f"least contact {least:.0f} mm2 over {len(vises)} clampings"
    return gate(NAME, findings, fact, value=least, limit=LEAST_MM2, unit="mm2")


def _of(run: Run) -> list[Finding]:
    place = f"setup {run.setup.index}"
    findings = []
    if len(run.grips) < 2:
        what = f"{len(run.grips)} of two jaws stand beside the blank"
        findings.append(Finding("verify.no-jaw", what, place, float(len(run.grips)), 2.0))
    for name, grip in zip(("front", "back"), run.grips, strict=False):
        wanted = min(LEAST_SHARE * grip.overlap_mm2, LEAST_MM2)
        if grip.contact_mm2 < wanted or grip.overlap_mm2 <= 0:
            findings.append(
                Finding(
                    "verify.clamping",
                    f"the {name} jaw touches too little of the work as it stands then (mm2)",
                    place,
                    round(grip.contact_mm2, 1),
                    round(wanted, 1),
                    "Clamp where material is still, or already, there.",
                )
            )
        if grip.inside_mm2 > INSIDE_SHARE * grip.overlap_mm2:
            findings.append(
                Finding(
                    "verify.jaw-in-work",
                    f"the {name} jaw stands inside the work (mm2)",
                    place,
                    round(grip.inside_mm2, 1),
                    round(INSIDE_SHARE * grip.overlap_mm2, 1),
                    "The vise cannot close so far.",
                )
            )
    return findings


def tilting(simulation: Simulation, plan: ProcessPlan, every: Sequence[Loads]) -> Gate:
    """No cut tilts the work out of the jaws, with 1.5 to spare.

    Against tipping over a jaw the clamping force can move half the grip up or down, and friction on both jaws pulls
    with the width between them. Along the jaws the work would lift off what it stands on over one end: friction on
    both jaws pulls with half the diagonal of where they touch. The weaker way counts. The lever is from the middle of
    the grip to the middle of the cut; drills and the like press the work down.
    """
    pairs = zip(simulation.runs, every, strict=True)
    vises = [(r, load) for r, load in pairs if _force(r) > 0 and len(r.grips) > 1]
    if not vises:
        return not_applicable(TILTING, "nothing is held in a vise whose force is known")
    axial = np.array([a.tool.kind in AXIAL for a in plan.tools])
    findings, worst = [], 0.0
    for run, load in vises:
        top = min(g.jaw.z1_mm for g in run.grips)
        low = max(run.foot_mm, *(g.jaw.z0_mm for g in run.grips))  # the blank's box may reach below the work
        high = top - max(run.setup.stock_box.z0_mm, *(g.jaw.z0_mm for g in run.grips))
        whole = min(min(g.contact_mm2 / max(g.overlap_mm2, 1e-9), 1.0) for g in run.grips)
        across = run.grips[1].jaw.y0_mm - run.grips[0].jaw.y1_mm
        along = min(g.contact_mm2 for g in run.grips) / max(top - low, 1e-9)
        shift = whole * high / 2
        turning = FRICTION * math.hypot(along, top - low)
        arm = min(shift + FRICTION * across, turning) if top - low > EDGE_MM else shift
        holds = _force(run) * arm
        tip = np.minimum(run.path.geometry[:, 3], run.path.geometry[:, 6])
        lever = np.maximum(tip + run.met[:, DEPTH] / 2 - (top + low) / 2, 0.0)
        moment = TILT_SAFETY * np.where(axial[run.path.tool], 0.0, load.force * lever)
        if not len(moment):
            continue  # a program without a move; other gates say so
        k = int(np.argmax(moment))
        worst = max(worst, float(moment[k]) / max(holds, 1e-9))
        if moment[k] > holds:
            findings.append(
                Finding(
                    "verify.tilting",
                    f"a cut of {load.force[k]:.0f} N {lever[k]:.0f} mm over the grip's middle tilts the work (Nm)",
                    run.place(k),
                    round(float(moment[k]) / 1000, 2),
                    round(holds / 1000, 2),
                    "Grip more of its height, or cut less at once.",
                )
            )
    return gate(TILTING, findings, f"{len(vises)} clampings", value=worst, limit=1.0, unit="of what the jaws hold")


def _force(run: Run) -> float:
    """How hard the vise is closed (N); 0 where nothing is in a vise, or its force is not known."""
    fixture = run.setup.fixture
    known = fixture.clamp_force_n or (fixture.vise.clamp_force_n if fixture.vise else 0.0)
    return known if fixture.kind == "vise" else 0.0


def crushing(simulation: Simulation, plan: ProcessPlan) -> Gate:
    """When a setup ends, the work bears the vise's force with twice the strength, pressed and bent.

    Pressed is what reaches unbroken from jaw to jaw, by the clamping force over that area; thin walls and fins that
    have nothing behind them bear nothing. Bent are walls at a jaw over a gap behind them: a frame's rails.
    """
    vises = [r for r in simulation.runs if r.setup.fixture.kind == "vise" and len(r.grips) > 1]
    proof = plan.material.proof_n_mm2
    if not vises or proof <= 0:
        return not_applicable(CRUSHING, "nothing is held in a vise" if not vises else "the material has no strength")
    limit = BORNE_SHARE * proof
    worst = 0.0
    findings = []
    for run in vises:
        force, through = _force(run), run.squeeze.through_mm2
        for stress, what in (
            (force / max(through, 1e-9), f"on {through:.0f} mm2 from jaw to jaw would crush or bow the work (N/mm2)"),
            (force * run.squeeze.bent_mm2, "would bend a wall at the jaws over the gap behind it (N/mm2)"),
        ):
            worst = max(worst, stress)
            if stress > limit:
                said, place = f"{force:.0f} N {what}", f"setup {run.setup.index}"
                hint = "Clamp elsewhere, or less hard."
                findings.append(Finding("verify.crushed", said, place, round(stress, 1), round(limit, 1), hint))
    fact = f"at most {worst:.1f} N/mm2 of the {proof:g} at which {plan.material.name} gives"
    return gate(CRUSHING, findings, fact, value=worst, limit=limit, unit="N/mm2")

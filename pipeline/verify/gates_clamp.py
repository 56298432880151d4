"""The gates on clamping: the vise's jaws close on material that is there, and that bears them to the end."""

from __future__ import annotations

from model.finding import Finding, Gate
from model.plan import ProcessPlan
from pipeline.verify.gates import gate, not_applicable
from pipeline.verify.simulate import Run, Simulation

NAME = "Jaws hold on material that is there"
CRUSHING = "The work bears the jaws"
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


def crushing(simulation: Simulation, plan: ProcessPlan) -> Gate:
    """What reaches unbroken from jaw to jaw when a setup ends bears the vise's force with twice the strength.

    The pressure is the clamping force over that material's area across the jaws; thin walls and fins that have
    nothing behind them bear nothing.
    """
    vises = [r for r in simulation.runs if r.setup.fixture.kind == "vise" and len(r.grips) > 1]
    proof = plan.material.proof_n_mm2
    if not vises or proof <= 0:
        return not_applicable(CRUSHING, "nothing is held in a vise" if not vises else "the material has no strength")
    limit = BORNE_SHARE * proof
    worst = 0.0
    findings = []
    for run in vises:
        fixture = run.setup.fixture
        force = fixture.clamp_force_n or (fixture.vise.clamp_force_n if fixture.vise else 0.0)
        pressure = force / max(run.squeezed_mm2, 1e-9)
        worst = max(worst, pressure)
        if pressure > limit:
            what = f"{force:.0f} N on {run.squeezed_mm2:.0f} mm2 from jaw to jaw would crush or bow the work (N/mm2)"
            place = f"setup {run.setup.index}"
            hint = "Clamp elsewhere, or less hard."
            findings.append(Finding("verify.crushed", what, place, round(pressure, 1), round(limit, 1), hint))
    fact = f"at most {worst:.1f} N/mm2 of the {proof:g} at which {plan.material.name} gives"
    return gate(CRUSHING, findings, fact, value=worst, limit=limit, unit="N/mm2")

"""The gate on clamping: the vise's jaws close on material that is there when the setup begins."""

from __future__ import annotations

from model.finding import Finding, Gate
from pipeline.verify.gates import gate, not_applicable
from pipeline.verify.simulate import Run, Simulation

NAME = "Jaws hold on material that is there"
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

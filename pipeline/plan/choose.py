"""Tries the part on every machine, cheapest first, and keeps the first plan that works."""

from __future__ import annotations

from model.design import Design
from model.errors import CapabilityError
from model.finding import Finding
from model.plan import ProcessPlan
from model.tooling import Machine, ShopData
from pipeline.plan import sheet, vise
from pipeline.plan.sides import Views
from pipeline.plan.workpiece import workpiece

UNSUITED = ("plan.too-thin", "plan.too-thick", "plan.no-fixture")
"""Reasons that only say the machine is of the wrong kind; another machine's reason tells the customer more."""


def choose(design: Design, shop: ShopData) -> ProcessPlan:
    """See :func:`pipeline.plan.stage.plan`."""
    part = workpiece(design, shop)
    views = Views(part)
    lost: list[Finding] = []
    told: Finding | None = None
    for machine in sorted(shop.machines.values(), key=lambda m: (m.rate_eur_h, m.id)):
        try:
            found = _on(views, machine, shop)
        except CapabilityError as error:
            own = [
                Finding(f.code, f"{machine.name}: {f.message}", f.place, f.value, f.limit, f.hint, "note")
                for f in (error.findings or (_as_finding(error),))
            ]
            lost += own
            told = own[0] if own[0].code not in UNSUITED else told
            continue
        chosen = Finding(
            "plan.machine", f"{machine.name}: the cheapest machine that can make it ({machine.rate_eur_h:g} EUR/h)",
            place=machine.id, severity="note",
        )  # fmt: skip
        return _with(found, (chosen, *lost))
    if not lost:
        msg = "the shop has no machine that cuts"
        raise CapabilityError("plan.no-machine", msg, hint="Add a machine to the tooling database.")
    first = told or lost[-1]
    raise CapabilityError(
        first.code, f"no machine of this shop can make {part.name}: {first.message}", place=first.place,
        value=first.value, limit=first.limit, hint=first.hint, findings=tuple(lost),
    )  # fmt: skip


def _on(views: Views, machine: Machine, shop: ShopData) -> ProcessPlan:
    if machine.vise is not None and "vise" in machine.fixtures:
        return vise.plan_in_vise(views, machine, shop)
    if {"tape", "tabs"} & set(machine.fixtures):
        return sheet.plan_on_sheet(views, machine, shop)
    msg = f"{machine.id} has no way to hold work that this planner knows (vise, tape, tabs)"
    raise CapabilityError("plan.no-fixture", msg, place=machine.id)


def _as_finding(error: CapabilityError) -> Finding:
    return Finding(error.code, error.message, error.place, error.value, error.limit, error.hint)


def _with(plan: ProcessPlan, decisions: tuple[Finding, ...]) -> ProcessPlan:
    from dataclasses import replace

    return replace(plan, decisions=(*decisions, *plan.decisions))

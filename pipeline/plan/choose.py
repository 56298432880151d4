"""Tries the part on every machine, cheapest first, and keeps the first plan that works."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from model.design import Design
from model.errors import CapabilityError
from model.finding import Finding
from model.plan import ProcessPlan
from model.tooling import Machine, ShopData
from pipeline.plan import sheet, vise
from pipeline.plan.sides import Views, matrix_of
from pipeline.plan.turning import turnable
from pipeline.plan.walls import refuse_thin
from pipeline.plan.workpiece import workpiece

UNSUITED = ("plan.too-thin", "plan.too-thick", "plan.no-fixture")
"""Reasons that only say the machine is of the wrong kind; another machine's reason tells the customer more."""
UNSEEN = ("id", "name", "dialect", "rate_eur_h", "source", "confidence")
"""What of a machine planning does not look at."""


def choose(design: Design, shop: ShopData) -> ProcessPlan:
    """See :func:`pipeline.plan.stage.plan`."""
    part = workpiece(design, shop)
    views = Views(part)
    refuse_thin(views.recognised(matrix_of("+Z")).levels, views.faces, part.material)
    refused: list[tuple[Machine, tuple[Finding, ...]]] = []
    for machine in sorted(shop.machines.values(), key=lambda m: (m.rate_eur_h, m.id)):
        like = next(((m, told) for m, told in refused if _work_alike(m, machine)), None)
        if like is not None:
            refused.append((machine, _of_other(*like, machine)))
            continue
        try:
            found = _on(views, machine, shop)
        except CapabilityError as error:
            refused.append((machine, error.told()))
            continue
        chosen = Finding(
            "plan.machine", f"{machine.name}: the cheapest machine that can make it ({machine.rate_eur_h:g} EUR/h)",
            place=machine.id, severity="note",
        )  # fmt: skip
        return replace(found, decisions=(chosen, *_told_once(refused), *found.decisions))
    if not refused:
        msg = "the shop has no machine that cuts"
        raise CapabilityError("plan.no-machine", msg, hint="Add a machine to the tooling database.")
    refused.sort(key=lambda told: (told[1][0].code in UNSUITED, -len(told[0].tools)))  # the fullest crib tells most
    first, *others = _told_once(refused)
    first = replace(first, message=f"no machine of this shop can make {part.name}: {first.message}")
    raise CapabilityError.told_by((first, *others, *turnable(views.faces, shop)))


def _work_alike(one: Machine, other: Machine) -> bool:
    """True for machines that differ only in what no plan looks at: what cannot be made on one cannot on the other."""
    unseen = {name: getattr(one, name) for name in UNSEEN}
    return one == replace(other, **unseen)


def _of_other(machine: Machine, findings: tuple[Finding, ...], other: Machine) -> tuple[Finding, ...]:
    """What was said of one machine, said of another that works alike."""

    def renamed(text: str) -> str:
        return text.replace(machine.name, other.name).replace(machine.id, other.id)

    return tuple(replace(f, message=renamed(f.message), place=renamed(f.place), hint=renamed(f.hint)) for f in findings)


def _told_once(refused: Sequence[tuple[Machine, tuple[Finding, ...]]]) -> list[Finding]:
    """What the machines say, each thing once with all that say it."""
    ids: dict[Finding, list[str]] = {}
    for machine, findings in refused:
        for f in findings:
            message, hint = (
                text.replace(f"{machine.id}'s crib", "the crib").replace(machine.id, "this machine")
                for text in (f.message, f.hint)
            )
            said = ids.setdefault(replace(f, message=message, hint=hint, severity="note"), [])
            said += [] if machine.id in said else [machine.id]
    every = f"all {len(refused)} machines"
    return [
        replace(f, message=f"{f.message} ({every if len(own) == len(refused) > 1 else ', '.join(own)})")
        for f, own in ids.items()
    ]


def _on(views: Views, machine: Machine, shop: ShopData) -> ProcessPlan:
    if machine.vise is not None and "vise" in machine.fixtures:
        return vise.plan_in_vise(views, machine, shop)
    if {*shop.tapes, *shop.tabs} & set(machine.fixtures):
        return sheet.plan_on_sheet(views, machine, shop)
    msg = f"{machine.id} has no way to hold work that this planner knows (vise, tape, tabs)"
    raise CapabilityError("plan.no-fixture", msg, place=machine.id)

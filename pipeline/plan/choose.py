"""Plans the part on every machine that may make it at least cost, and keeps the cheapest plan."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from model.design import Design
from model.errors import CapabilityError
from model.finding import Finding
from model.plan import ProcessPlan
from model.tooling import Machine, ShopData, Workshop
from pipeline.plan import sheet, vise
from pipeline.plan.costs import cost_of, least, outdoes
from pipeline.plan.sides import Views, matrix_of
from pipeline.plan.turning import other_processes, turnable
from pipeline.plan.walls import refuse_thin
from pipeline.plan.workpiece import Workpiece, workpiece

UNSUITED = ("plan.too-thin", "plan.too-thick", "plan.no-fixture")
"""Reasons that only say the machine is of the wrong kind; another machine's reason tells the customer more."""
UNSEEN = ("id", "name", "dialect", "rate_eur_h", "source", "confidence")
"""What of a machine planning does not look at."""


def choose(design: Design, shop: ShopData) -> ProcessPlan:
    """See :func:`pipeline.plan.stage.plan`."""
    part = workpiece(design, shop)
    views = Views(part)
    refuse_thin(views.recognised(matrix_of("+Z")).levels, views.faces, part.material, part.zero_mm)
    sides = vise.fewest_sides(views)
    refused: list[tuple[Machine, tuple[Finding, ...]]] = []
    made: list[tuple[float, ProcessPlan, Finding]] = []
    spared: list[Finding] = []
    for machine, home in _in_turn(part, shop, sides):
        reason = _dearer(part, machine, home, sides, made, left_over=bool(shop.offcuts))
        if reason is not None:
            spared.append(reason)
            continue
        like = next(((m, told) for m, told in refused if _work_alike(m, machine)), None)
        if like is not None:
            refused.append((machine, _of_other(*like, machine)))
            continue
        try:
            found = _on(views, machine, _with_offcuts_of(shop, home))
        except CapabilityError as error:
            refused.append((machine, error.told()))
            continue
        made.append(_priced(found, machine, home, part.quantity))
    if made:
        made.sort(key=lambda one: one[0])
        first, *others = made
        told = [replace(f, code="plan.machine-dearer") for _, _, f in others]
        beside = (*told, *spared, *_told_once(refused), *other_processes(part, views.faces, shop))
        return replace(first[1], decisions=(first[2], *beside, *first[1].decisions))
    if not refused:
        msg = "the shop has no machine that cuts"
        raise CapabilityError("plan.no-machine", msg, hint="Add a machine to the tooling database.")
    refused.sort(key=_vague)
    first_told, *rest = _told_once(refused)
    first_told = replace(first_told, message=f"no machine of this shop can make {part.name}: {first_told.message}")
    raise CapabilityError.told_by((first_told, *rest, *turnable(part, views.faces, shop)))


def _vague(told: tuple[Machine, tuple[Finding, ...]]) -> tuple[bool, bool, int]:
    """How little a reason says: of the part's shape more than of its size, of the fullest crib most."""
    machine, (first, *_) = told
    return first.code in UNSUITED, first.code in vise.TOO_LARGE, -len(machine.tools)


def _work_alike(one: Machine, other: Machine) -> bool:
    """True for machines that differ only in what no plan looks at: what cannot be made on one cannot on the other."""
    unseen = {name: getattr(one, name) for name in UNSEEN}
    return one == replace(other, **unseen)


def _of_other(machine: Machine, findings: tuple[Finding, ...], other: Machine) -> tuple[Finding, ...]:
    """What was said of one machine, said of another that works alike."""

    def renamed(text: str) -> str:
        return text.replace(machine.name, other.name).replace(machine.id, other.id)

    return tuple(replace(f, message=renamed(f.message), place=renamed(f.place), hint=renamed(f.hint)) for f in findings)


def _in_turn(part: Workpiece, shop: ShopData, sides: int) -> list[tuple[Machine, Workshop | None]]:
    """The machines with their workshops: what may cost least first, what no workshop prices last."""

    def key(one: tuple[Machine, Workshop | None]) -> tuple[bool, float, str]:
        machine, home = one
        return (
            home is None,
            machine.rate_eur_h if home is None else least(part, machine, home, sides, left_over=bool(shop.offcuts)),
            machine.id,
        )

    return sorted(((m, shop.workshop_of(m.id)) for m in shop.machines.values()), key=key)


def _dearer(
    part: Workpiece,
    machine: Machine,
    home: Workshop | None,
    sides: int,
    made: Sequence[tuple[float, ProcessPlan, Finding]],
    *,
    left_over: bool,
) -> Finding | None:
    """Why a machine need not be planned: it cannot be cheaper than what is planned already; None: it must be."""
    if not made:
        return None
    best = min(eur for eur, _, _ in made)
    if home is None:
        why, floor = "no workshop owns it, so nothing on it has a price", None
    else:
        floor = round(least(part, machine, home, sides, left_over=left_over), 2)
        better = next(
            (p.machine for _, p, _ in made if p.machine.id in home.machines and outdoes(p.machine, machine)), None
        )
        if floor >= best:
            why = f"at least {floor:.2f} EUR for people, blank and clampings, before it cuts"
        elif better is not None:
            why = f"{better.name} does all it can, nothing slower, and its hour costs no more"
        else:
            return None
    return Finding(
        "plan.machine-dearer", f"{machine.name}: {why}", place=machine.id, value=floor, limit=best, severity="note"
    )


def _priced(
    found: ProcessPlan, machine: Machine, home: Workshop | None, pieces: int
) -> tuple[float, ProcessPlan, Finding]:
    """A plan with what it costs, and the sentence that says so; without a workshop by its hours alone."""
    if home is None:
        message = (
            f"{machine.name}: no workshop owns it; of such machines the first that can, at {machine.rate_eur_h:g} EUR/h"
        )
        return math.inf, found, Finding("plan.machine", message, place=machine.id, severity="note")
    cost = cost_of(found, home, pieces)
    message = (
        f"{machine.name}: {cost.eur:.2f} EUR to make, with about {cost.run_min:.0f} min of its running a piece, "
        f"{cost.clampings} clampings and {cost.tools} tools"
    )
    eur = round(cost.eur, 2)
    return eur, found, Finding("plan.machine", message, place=machine.id, value=eur, severity="note")


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


def _with_offcuts_of(shop: ShopData, home: Workshop | None) -> ShopData:
    """The shop with the offcuts that lie where the machine stands."""
    near = {k: v for k, v in shop.offcuts.items() if home is not None and v.workshop == home.id}
    return replace(shop, offcuts=near)


def _on(views: Views, machine: Machine, shop: ShopData) -> ProcessPlan:
    if machine.vise is not None and "vise" in machine.fixtures:
        return vise.plan_in_vise(views, machine, shop)
    if {*shop.tapes, *shop.tabs} & set(machine.fixtures):
        return sheet.plan_on_sheet(views, machine, shop)
    msg = f"{machine.id} has no way to hold work that this planner knows (vise, tape, tabs)"
    raise CapabilityError("plan.no-fixture", msg, place=machine.id)

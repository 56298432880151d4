"""What of the shop an order asks for: one of several materials, a machine, the process the material is worked by."""

from __future__ import annotations

import re
from dataclasses import replace

from model.errors import CapabilityError, OrderError
from model.order import Order
from model.tooling import ShopData
from pipeline.engine.outcome import besides

MOST_MATERIALS = 4
"""So many materials may be left open: each is planned, proved and priced."""
_OR = re.compile(r"\s*[,;/]\s*|\s+(?:or|или)\s+", re.IGNORECASE)


def materials_of(order: Order, shop: ShopData) -> tuple[str, ...]:
    """The materials an order leaves open, as it names them: "POM or PETG"; one, or the wishes' ("") mostly.

    Raises:
        OrderError: ``order.too-many-materials``.
    """
    several = tuple(dict.fromkeys(one for one in _OR.split(order.material) if one))
    if len(several) < 2:
        return several or ("",)
    if order.material.lower() in {n.lower() for m in shop.materials.values() for n in (m.id, m.name, *m.aliases)}:
        return (order.material,)
    if len(several) > MOST_MATERIALS:
        raise OrderError(
            "order.too-many-materials", f"{len(several)} materials are left open: {', '.join(several)}",
            place="material", value=len(several), limit=MOST_MATERIALS, hint="Name those that matter most.",
        )  # fmt: skip
    return several


def of_workshop(shop: ShopData, workshop: str) -> ShopData:
    """The shop with the machines and printers of one of its workshops."""
    home = shop.workshops[workshop]
    return replace(
        shop,
        machines={k: v for k, v in shop.machines.items() if k in home.machines},
        printers={k: v for k, v in shop.printers.items() if k in home.printers},
    )


def others(shop: ShopData, workshop: str, process: str) -> list[str]:
    """The workshops beside one that work by a process."""
    homes = [h for h in shop.workshops.values() if h.id != workshop]
    return [h.id for h in homes if (h.machines if process == "cut" else h.printers)]


def only(shop: ShopData, machine: str) -> ShopData:
    """The shop with one machine or printer of all; the whole shop when none is named.

    Raises:
        OrderError: ``order.unknown-machine``.
        CapabilityError: ``plan.not-programmed``: it is a lathe.
    """
    if not machine:
        return shop
    if machine in shop.machines or machine in shop.printers:
        machines = {k: v for k, v in shop.machines.items() if k == machine}
        return replace(shop, machines=machines, printers={k: v for k, v in shop.printers.items() if k == machine})
    if machine in shop.lathes:
        message = f"{machine} is a lathe, and turning is not programmed"
        raise CapabilityError("plan.not-programmed", message, place="machine", hint=besides(machine, shop))
    raise OrderError(
        "order.unknown-machine",
        f"The shop has no machine {machine!r}",
        place="machine",
        value=machine,
        limit=", ".join(sorted((*shop.machines, *shop.printers))),
        hint="Choose one of `lotone machines`, or leave it out: the cheapest that can is taken.",
    )


def process_for(material_id: str, shop: ShopData) -> str:
    """The process a material is made by: "cut" or "print".

    Raises:
        CapabilityError: The shop does not keep the material.
    """
    if material_id not in shop.materials:
        raise CapabilityError(
            "line.material-unknown",
            f"The shop keeps no material {material_id!r}",
            place="material",
            value=material_id,
            limit=", ".join(sorted(shop.materials)),
            hint="Choose one of `lotone materials`, or add a row to the tooling database.",
        )
    return shop.materials[material_id].process


def check_machine(machine: str, process: str, material_id: str, shop: ShopData) -> None:
    """Refuse a named machine that does not work the way the material is worked.

    Raises:
        OrderError: ``order.machine-process``.
    """
    fit = shop.machines if process == "cut" else shop.printers
    if machine and machine not in fit:
        raise OrderError(
            "order.machine-process",
            f"{material_id} is {'cut' if process == 'cut' else 'printed'}, which {machine} does not do",
            place="machine",
            value=machine,
            limit=", ".join(sorted(fit)),
            hint="Name another machine or another material.",
        )

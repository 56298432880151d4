"""The stage from design to process plan: machine, blank, clampings, operations, tools, speeds, people's work."""

from __future__ import annotations

from dataclasses import replace

from model.design import Design
from model.floor import Leftovers
from model.plan import ProcessPlan
from model.tooling import ShopData

NOTHING = Leftovers()


def plan(design: Design, shop: ShopData, left: Leftovers = NOTHING) -> ProcessPlan:
    """Plan one milled part on the machine of the shop that makes it at least cost, from an offcut where one fits.

    Raises:
        CapabilityError: No machine, stock, tool or clamping fits; every machine's reason is listed.
    """
    from pipeline.plan.choose import choose

    return choose(design, replace(shop, offcuts={one.id: one for one in left.offcuts}))

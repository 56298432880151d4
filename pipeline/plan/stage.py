"""The stage from design to process plan: machine, blank, clampings, operations, tools, speeds, people's work."""

from __future__ import annotations

from model.design import Design
from model.plan import ProcessPlan
from model.tooling import ShopData


def plan(design: Design, shop: ShopData) -> ProcessPlan:
    """Plan one milled part on the machine of the shop that makes it at least cost.

    Raises:
        CapabilityError: No machine, stock, tool or clamping fits; every machine's reason is listed.
    """
    from pipeline.plan.choose import choose

    return choose(design, shop)

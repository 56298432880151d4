"""The line a group of orders travels: sliced, proved and priced as one plate, with papers for each order."""

from __future__ import annotations

from dataclasses import replace

from model.design import Design
from model.files import Exports, Papers
from model.finding import Report
from model.floor import Experience
from model.group import Group, Shares
from model.order import Brief
from model.program import PrintFiles
from model.tooling import ShopData
from pipeline.engine.asked import only
from pipeline.engine.stage import Run
from pipeline.line import SLICE, VERIFY_PRINT, Step, declared

PROCESS = "plate"
PLATE = (
    Step("understand", (Group,), Brief, "pipeline.group.merge:understand"),
    Step("design", (Group,), Design, "pipeline.group.merge:design"),
    Step("export", (Group,), Exports, "pipeline.group.merge:export"),
    replace(SLICE, takes=(Group, Design, Exports, ShopData), where="pipeline.printing.stage:print_group"),
    VERIFY_PRINT,
    Step("quote", (Group, Report, ShopData, Experience), Shares, "pipeline.quote.stage:quote_group"),
    Step(
        "papers",
        (Group, Brief, Design, PrintFiles, Report, ShopData, Shares),
        Papers,
        "pipeline.release.together:papers_group",
    ),
)
"""A plate of several orders: the stages of a print, on all their parts at once."""


def travel_together(group: Group, shop: ShopData, run: Run) -> str:
    """Run a group's stages; returns the process."""
    run.give(group)
    run.give(replace(only(shop, group.printer_id), experience=Experience(), offcuts={}))
    run.give(shop.experience)
    stages = declared(PLATE)
    for number, one in enumerate(stages):
        run.run(one, number / len(stages))
    return PROCESS

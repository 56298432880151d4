"""How far the quoted cycle times are from a Grbl controller run tick by tick."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(HOUSE))
JOBS = (("nameplate-brass", "router-grbl"), ("nameplate-brass", "router-grblhal"), ("bracket-al6082", "mill-linuxcnc"))
"""The bracket is too thick for the routers: its program is run by a Grbl with the mill's axes."""


def main() -> None:
    """Plan sample orders, read their programs back, and time each by both."""
    import tooling_db
    from bench.grbl_clock import BUFFER
    from bench.grbl_clock import seconds as ticked
    from pipeline.design.stage import design
    from pipeline.intake.read import read_order_file
    from pipeline.plan.stage import plan
    from pipeline.toolpaths.stage import post, toolpaths
    from pipeline.understand.stage import understand
    from pipeline.verify.path import path_of
    from pipeline.verify.programs import judged
    from pipeline.verify.timing import seconds

    numbers = []
    for order, machine in JOBS:
        shop = tooling_db.load()
        shop = replace(shop, machines={machine: shop.machines[machine]})
        brief = understand(read_order_file(HOUSE / "samples" / "orders" / f"{order}.yaml"), shop)
        made = design(brief, shop)
        planned = plan(made, shop)
        dialect = planned.machine.dialect if planned.machine.dialect in BUFFER else "grbl"
        clock = replace(planned.machine, dialect=dialect, tool_change_s=0.0)
        worst = 0.0
        for program in post(toolpaths(planned, made), planned).programs:
            setup = next(s for s in planned.setups if s.index == program.setup)
            read = judged(program, setup, planned).read
            path = path_of(read.moves, {a.number: k for k, a in enumerate(planned.tools)})
            told = seconds(read, path, clock, change_first=False)
            worst = max(worst, abs(told / ticked(read, clock, BUFFER[dialect]) - 1))
        name = f"{order} on {machine}: cycle time off a {dialect} run tick by tick"
        numbers.append({"name": name, "value": worst, "unit": "share", "target": "<= 0.03"})
    print(json.dumps(numbers))


if __name__ == "__main__":
    main()

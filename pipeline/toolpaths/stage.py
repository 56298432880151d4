"""The stages from plan to machine text: toolpaths by their strategies, programs in the machine's dialect."""

from __future__ import annotations

from model.design import Design
from model.plan import ProcessPlan
from model.program import Programs
from model.toolpath import Toolpaths


def toolpaths(plan: ProcessPlan, design: Design) -> Toolpaths:
    """Ask each operation's strategy for its moves.

    Raises:
        CapabilityError: A strategy cannot cut its feature with the tool planned.
    """
    from pipeline.toolpaths.build import build

    return build(plan, design)


def post(toolpaths: Toolpaths, plan: ProcessPlan) -> Programs:
    """Spell each setup's program in its machine's dialect.

    Raises:
        ConfigError: The dialect's file is wrong.
    """
    from postprocessors.milling import programs

    return programs(toolpaths, plan)

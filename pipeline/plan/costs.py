"""What a plan costs to make, at the rates of the workshop whose machine makes it; and what any plan costs at least."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from model.plan import ProcessPlan
from model.tooling import Machine, Workshop
from pipeline.plan.formulas import interpolated
from pipeline.plan.minutes import seconds
from pipeline.plan.workpiece import Workpiece

SAME_KW = 1e-9


@dataclass(frozen=True, slots=True)
class Cost:
    """What all pieces of an order cost to make (EUR), and what of a machine and its people that takes.

    It holds what the quote prices but the edges broken by hand, wear and the business's own: these hardly tell one
    machine from another.
    """

    eur: float
    run_min: float
    clampings: int
    tools: int


def eur_h(machine: Machine, home: Workshop) -> float:
    """What an hour of a machine's run costs: its rate, the worker beside it, its current."""
    return machine.rate_eur_h + home.attended * home.labour_eur_h + home.power_kw * home.energy_eur_kwh


def cost_of(plan: ProcessPlan, home: Workshop, pieces: int) -> Cost:
    """Reckon a plan: its operations' minutes with every change of tools, its clampings, tools, blanks and checks."""
    machine = plan.machine
    tools = {a.number: a for a in machine.tools}
    run_s = sum(seconds(machine, tools[o.tool_number], o) for s in plan.setups for o in s.operations)
    changes = sum(len(list(groupby(o.tool_number for o in s.operations))) for s in plan.setups)
    run_min = (run_s + changes * machine.tool_change_s) / 60
    blank = 0.0 if plan.stock.left_over else plan.stock.mass_kg * plan.material.price_eur_kg
    eur = (
        _people(home, len(plan.setups), len(plan.tools), pieces)
        + pieces * (blank + run_min / 60 * eur_h(machine, home))
    )  # fmt: skip
    return Cost(round(eur, 4), round(run_min, 3), len(plan.setups), len(plan.tools))


def least(part: Workpiece, machine: Machine, home: Workshop, sides: int, *, left_over: bool = False) -> float:
    """What no plan on a machine costs less than (EUR): a blank as large as the part, the fewest clampings, one tool.

    ``sides`` is from how many sides at least a block is cut to the part; a sheet is clamped once. A blank that may be
    ``left_over`` may cost nothing.
    """
    x, y, z = part.size
    blank = 0.0 if left_over else x * y * z * part.material.density_g_cm3 / 1e6 * part.material.price_eur_kg
    run = machine.tool_change_s / 3600 * eur_h(machine, home)
    clampings = sides if machine.vise is not None and "vise" in machine.fixtures else 1
    return _people(home, clampings, 1, part.quantity) + part.quantity * (blank + run)


def _people(home: Workshop, clampings: int, tools: int, pieces: int) -> float:
    """People's time, but what they spend beside the machine as it runs (EUR)."""
    minutes = (
        clampings * home.setup_min + tools * home.tool_min + (pieces - 1) * clampings * home.reload_min
        + pieces * home.saw_min + home.check_min + home.pack_min
    )  # fmt: skip
    return minutes / 60 * home.labour_eur_h


def outdoes(one: Machine, other: Machine) -> bool:
    """True when another machine makes nothing quicker that the one can make, and its hour costs no less.

    How slowly a spindle can turn is left out: it makes nothing quicker.
    """
    bends = [rpm for rpm, _ in (*one.power_curve, *other.power_curve) if rpm >= one.spindle_min_rpm]
    return (
        one.rate_eur_h <= other.rate_eur_h
        and one.tool_change_s <= other.tool_change_s
        and one.automatic_tool_change >= other.automatic_tool_change
        and set(one.fixtures) >= set(other.fixtures)
        and set(one.coolant) >= set(other.coolant)
        and one.rigid_tapping >= other.rigid_tapping
        and one.vise == other.vise
        and one.max_feed_mm_min >= other.max_feed_mm_min
        and one.spindle_max_rpm >= other.spindle_max_rpm
        and all(
            a.max_mm - a.min_mm >= b.max_mm - b.min_mm
            and a.rapid_mm_min >= b.rapid_mm_min
            and a.acceleration_mm_s2 >= b.acceleration_mm_s2
            for a, b in zip(one.axes, other.axes, strict=True)
        )
        and {(a.tool, a.holder, a.stick_out_mm) for a in one.tools}
        >= {(a.tool, a.holder, a.stick_out_mm) for a in other.tools}
        and all(interpolated(one.power_curve, r) >= interpolated(other.power_curve, r) - SAME_KW for r in bends)
    )

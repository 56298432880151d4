"""The route of an order through the shop: its operations in order, each with its standard minutes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from model.action import Action
from model.plan import Setup
from pipeline.release.actions import by_hand, clamping, printing, sawing
from pipeline.release.clampings import tools_of
from pipeline.release.jobs import CutJob, PrintJob

Kind = Literal["saw", "mill", "bench", "print", "take", "inspect", "pack"]


@dataclass(frozen=True, slots=True)
class Step:
    """One operation of the route; minutes are None where nobody has set them.

    ``setting_min`` is spent once, ``each_min`` ``times`` over, ``again_min`` for each time but the first (the work
    clamped anew). ``by_machine`` says that ``each_min`` is a machine's, not a person's.
    """

    place: int
    kind: Kind
    actions: tuple[Action, ...]
    setting_min: float | None = None
    each_min: float | None = None
    times: int = 1
    again_min: float = 0.0
    by_machine: bool = False
    setup: Setup | None = None

    @property
    def all_min(self) -> float | None:
        """Minutes of all pieces together; None where one of them is not known."""
        if self.each_min is None:
            return None
        return (self.setting_min or 0.0) + self.times * self.each_min + (self.times - 1) * self.again_min


def cut_route(job: CutJob, language: str) -> tuple[Step, ...]:
    """Saw, one operation a clamping, bench, inspection, packing."""
    home, pieces = job.home, job.design.quantity
    steps: list[Step] = [Step(1, "saw", sawing(job, language), None, home.saw_min if home else None, pieces)]
    for setup in job.plan.setups:
        seconds = job.seconds(setup)
        steps.append(
            Step(
                len(steps) + 1, "mill", clamping(job, setup, language), _setting(job, setup),
                None if seconds is None else seconds / 60, pieces, home.reload_min if home else 0.0, by_machine=True,
                setup=setup,
            )
        )  # fmt: skip
    bench = by_hand(job, language, edge_minutes(job))
    if bench:
        steps.append(Step(len(steps) + 1, "bench", bench, None, edge_minutes(job), pieces))
    return (*steps, *_closing(job, len(steps)))


def print_route(job: PrintJob, language: str) -> tuple[Step, ...]:
    """Print on the cheapest printer, take off, inspection, packing."""
    home, actions = job.home, printing(job, job.cheapest, language)
    seconds = job.seconds(job.cheapest)
    taking = tuple(a for a in actions if a.kind in ("take", "finish"))
    steps = (
        Step(
            1, "print", tuple(a for a in actions if a not in taking), home.setup_min if home else None,
            None if seconds is None else seconds / 60, by_machine=True,
        ),
        Step(2, "take", taking, None, home.plate_min if home else None),
    )  # fmt: skip
    return (*steps, *_closing(job, len(steps)))


def edge_minutes(job: CutJob) -> float | None:
    """Minutes of breaking one piece's edges by hand; None where the machine breaks them."""
    return None if job.home is None or job.edges_m is None else job.edges_m * job.home.deburr_min_m


def _setting(job: CutJob, setup: Setup) -> float | None:
    """One clamping with its zero, and the tools that no setup before has loaded."""
    if job.home is None:
        return None
    before = {n for s in job.plan.setups[: job.plan.setups.index(setup)] for n in tools_of(s)}
    return job.home.setup_min + job.home.tool_min * len(set(tools_of(setup)) - before)


def _closing(job: CutJob | PrintJob, last: int) -> tuple[Step, ...]:
    """The first piece inspected, the order packed."""
    home = job.home
    return (
        Step(last + 1, "inspect", (), None, home.check_min if home else None),
        Step(last + 2, "pack", (), None, home.pack_min if home else None),
    )

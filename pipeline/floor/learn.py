"""Learns how real minutes relate to planned ones, and how sure that is: Bayes' rule, seeded with the shop's own spread.

The logarithm of real over planned is normal with unknown mean and variance; their prior is normal-inverse-gamma and
stays of that form (A. Gelman et al., Bayesian Data Analysis, 3rd ed., 3.3). The prior weighs one run, says planned is
real, and its spread of the next run is the workshop's own.
"""

from __future__ import annotations

from math import exp, log, sqrt
from typing import TYPE_CHECKING

from model.errors import OrderError
from model.floor import Learned, Observation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from model.tooling import Workshop

BOUNDS = (0.5, 2.0)
"""A plan is never scaled beyond these, whatever the floor reports: then the plan's own numbers are wrong."""

BELIEVED = (0.2, 5.0)
"""Real over planned minutes of a single run; beyond, a unit or a digit is wrong, or something happened."""

PRIOR_RUNS = 1.0
PRIOR_SHAPE = 2.0


def checked(one: Observation) -> Observation:
    """Let an observation through that can be one.

    Raises:
        OrderError: ``feedback.minutes``: not above zero, or so far off the plan that it is no typical run.
    """
    place = f"setup {one.setup}, {one.what}"
    if not one.actual_min > 0 or one.actual_min == float("inf"):
        message = f"{place}: {one.actual_min:g} minutes cannot be"
        raise OrderError(
            "feedback.minutes", message, place=place, value=one.actual_min, limit="> 0", hint="Say the minutes."
        )
    ratio = one.actual_min / one.planned_min
    low, high = BELIEVED
    if one.typical and not low <= ratio <= high:
        raise OrderError(
            "feedback.minutes",
            f"{place}: {one.actual_min:g} min against {one.planned_min:.1f} min planned",
            place=place,
            value=round(ratio, 3),
            limit=f"{low:g} to {high:g} times the plan",
            hint="Check unit and digits; if something happened, say --incident: it is kept and teaches nothing.",
        )
    return one


def learned(observations: Iterable[Observation], workshops: Mapping[str, Workshop]) -> tuple[Learned, ...]:
    """What all typical observations teach, one entry for each workshop, machine, material and kind of minutes."""
    groups: dict[tuple[str, str, str, str], list[Observation]] = {}
    for one in observations:
        if one.typical and one.workshop in workshops:
            groups.setdefault((one.workshop, one.machine, one.material, one.what), []).append(one)
    return tuple(_learned(group, workshops[key[0]].spread) for key, group in sorted(groups.items()))


def _learned(group: list[Observation], seed_spread: float) -> Learned:
    logs = sorted(log(one.actual_min / one.planned_min) for one in group)  # sorted: the sum is the same in any order
    count = len(logs)
    mean = sum(logs) / count
    runs = PRIOR_RUNS + count
    centre = count * mean / runs
    shape = PRIOR_SHAPE + count / 2
    scatter = sum((x - mean) ** 2 for x in logs) / 2 + PRIOR_RUNS * count * mean**2 / (2 * runs)
    rate = prior_rate(seed_spread) + scatter
    of_mean, of_next = (sqrt(rate / shape * k) for k in (1 / runs, 1 + 1 / runs))
    half = _student(2 * shape, 0.95) * of_mean
    low, high = BOUNDS
    first = group[0]
    return Learned(
        workshop=first.workshop,
        machine=first.machine,
        material=first.material,
        what=first.what,
        runs=count,
        factor=round(min(high, max(low, exp(centre))), 6),
        low=round(exp(centre - half), 6),
        high=round(exp(centre + half), 6),
        spread=round(exp(_student(2 * shape, 0.9) * of_next), 6),
        seed_factor=1.0,
        seed_spread=seed_spread,
    )


def prior_rate(seed_spread: float) -> float:
    """The prior's rate at which the next run, with nothing observed, has this P90 over P50."""
    scale = log(seed_spread) / _student(2 * PRIOR_SHAPE, 0.9)
    return scale**2 * PRIOR_SHAPE / (1 + 1 / PRIOR_RUNS)


def _student(freedom: float, share: float) -> float:
    """A quantile of Student's t."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, share))

"""When an order can be there: the phases' hours with their spread, added as what they are, not as worst cases."""

from __future__ import annotations

from datetime import datetime, timedelta
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from model.quote import LeadTime, Rush
from pipeline.quote.words import say

if TYPE_CHECKING:
    from model.floor import Learned
    from model.order import Brief
    from model.plan import ProcessPlan
    from model.tooling import Workshop

Times = np.ndarray[tuple[int], np.dtype[np.float64]]

GRID = 256
QUEUE = "queue"
BY_HAND = 1.3
"""P90 over P50 of work done by hand, at least (belief)."""

Z90 = NormalDist().inv_cdf(0.9)
NORMAL: Times = np.array([NormalDist().inv_cdf((k + 0.5) / GRID) for k in range(GRID)])
"""The middles of `GRID` equally likely parts of the standard normal."""


def milled(
    home: Workshop, plan: ProcessPlan, minutes: float, pieces: int, brief: Brief,
    seen: tuple[Learned | None, Learned | None],
) -> LeadTime:  # fmt: skip
    """Queue, saw and set-up, run, finishing and checking, parcel of a milled order."""
    clampings = len(plan.setups)
    setting = home.saw_min * pieces + home.setup_min * clampings + home.tool_min * len(plan.tools)
    running = minutes * pieces + home.reload_min * clampings * (pieces - 1)
    after = (home.check_min + home.pack_min) / 60
    return promise(home, setting / 60, running / 60, after, brief, seen)


def printed(home: Workshop, hours: float, brief: Brief, seen: Learned | None) -> LeadTime:
    """Queue, set-up, print, taking off and packing, parcel of a printed order."""
    after = (home.plate_min + home.check_min + home.pack_min) / 60
    return promise(home, home.setup_min / 60, hours, after, brief, (None, seen))


def promise(
    home: Workshop, setting_h: float, running_h: float, after_h: float, brief: Brief,
    seen: tuple[Learned | None, Learned | None] = (None, None),
) -> LeadTime:  # fmt: skip
    """The phases and their sum: every phase is lognormal with its P50 and P90, and independent of the others."""
    phases = (
        (QUEUE, *home.queue_h),
        ("setting up", *_taught(setting_h, max(home.spread, BY_HAND), seen[0])),
        ("making", *_taught(running_h, home.spread, seen[1])),
        ("finishing and checking", after_h, after_h * max(home.spread, BY_HAND)),
        ("parcel", *home.shipping_h),
    )
    total = np.zeros(GRID)
    for _, low, high in phases:
        total = added(total, lognormal(low, high))
    without = (say(brief.language, "weekends"),)
    told = tuple((name, round(low, 3), round(high, 3)) for name, low, high in phases)
    p50, p90 = (round(float(np.quantile(total, share)), 3) for share in (0.5, 0.9))
    return LeadTime(p50, p90, told, without)


def begin_by(due: str, p90_h: float) -> str:
    """When an order must be begun that nine times of ten is to be there when due; a date alone means its end."""
    if not due:
        return ""
    at = datetime.fromisoformat(due) + timedelta(days=1 if len(due) == len("2026-12-20") else 0)
    return (at - timedelta(minutes=round(p90_h * 60))).isoformat(timespec="minutes")


def rushed(home: Workshop, usual: LeadTime, total_cents: int, due: str) -> Rush:
    """The same phases without the queue, at the workshop's share of the price more."""
    total = np.zeros(GRID)
    for name, low, high in usual.phases:
        total = total if name == QUEUE else added(total, lognormal(low, high))
    p50, p90 = (round(float(np.quantile(total, share)), 3) for share in (0.5, 0.9))
    return Rush(round(total_cents * home.rush), p50, p90, begin_by(due, p90))


def _taught(hours: float, spread: float, seen: Learned | None) -> tuple[float, float]:
    """P50 and P90 of a phase: planned with the shop's spread, or as the floor taught."""
    if seen is None:
        return hours, hours * spread
    return hours * seen.factor, hours * seen.factor * seen.spread


def lognormal(p50: float, p90: float) -> Times:
    """`GRID` equally likely values of a lognormal time with this median and ninth decile; all 0 for no time."""
    if p50 <= 0:
        return np.zeros(GRID)
    values: Times = p50 * np.exp(np.log(p90 / p50) / Z90 * NORMAL)
    return values


def added(one: Times, other: Times) -> Times:
    """Equally likely values of the sum of two independent times: every pair, sorted, in `GRID` equal groups."""
    pairs = np.sort((one[:, None] + other[None, :]).ravel())
    return pairs.reshape(GRID, -1).mean(axis=1)

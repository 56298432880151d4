"""A thousand workshops and a hundred thousand orders a day through the hub's own routing, event by event."""

from __future__ import annotations

import heapq
import json
import sys
import time
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path

import numpy as np

HOUSE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(HOUSE))

from bench.network_fleet import BEGIN, SHOPS, Asked, fleet, orders  # noqa: E402 - the house is on the path now
from pipeline.network.route import KM_H, USUAL, Directory, Ranked, Weights, ranked, route  # noqa: E402

SEED = 20260105
DAYS, WARM_DAYS = 1.25, 0.75
TENTH, LONG_DAYS, LONG_WARM_DAYS = 100, 10.0, 6.0
"""A tenth of the network, long enough for its queues to have filled."""
LOADS = (0.5, 0.7, 0.8, 0.9, 0.95)
USUAL_LOAD = 0.8
KM_EUR = (0.0, 0.2)
FAILURES = (0.0, 0.02, 0.1)
"""Share of the time a shop is down, on average for :data:`DOWN_H` hours at a time."""
DOWN_H = 6.0
BEAT_H = 30 / 3600
LEASE_H = 120 / 3600
PICTURE = HOUSE / "docs" / "pictures" / "network.png"


@dataclass(slots=True)
class Job:
    """An order in a shop: from when to when a machine has it."""

    number: int
    start_h: float
    end_h: float


@dataclass(frozen=True, slots=True)
class Told:
    """What one run came to, over the orders after the warm-up."""

    p50_h: float
    p90_h: float
    wait50_h: float
    wait90_h: float
    kept: float
    km: float
    eur: float
    busy: float
    moved: int
    unplaced: int
    route_us: float


def simulated(
    load: float, weights: Weights = USUAL, failing: float = 0.0, days: tuple[float, float] = (WARM_DAYS, DAYS),
    size: int = SHOPS,
) -> Told:  # fmt: skip
    """Run a network at one load up to the last of the days; orders of before the first are not counted."""
    rng = np.random.default_rng(SEED)
    shops = fleet(rng, size)
    asked = orders(rng, shops, days[1] * 24, load)
    run = Run(Directory(shops), asked, weights, (days[0] * 24, days[1] * 24))
    run.fail(rng, failing)
    run.go()
    return run.told()


class Run:
    """One run: arrivals, heartbeats, failures, repairs and leases that end, in the order of their times."""

    def __init__(
        self, directory: Directory, asked: list[Asked], weights: Weights, window: tuple[float, float]
    ) -> None:  # fmt: skip
        self.directory, self.asked, self.weights, self.window = directory, asked, weights, window
        shops = directory.shops
        owned = {p: [(n, m.id) for n, s in enumerate(shops) for m in s.description.makers if m.process == p]
                 for p in ("cut", "print")}  # fmt: skip
        self.number = {p: {one: k for k, one in enumerate(ones)} for p, ones in owned.items()}
        self.owner = {p: np.array([n for n, _ in ones]) for p, ones in owned.items()}
        self.free = {p: np.zeros(len(ones)) for p, ones in owned.items()}
        self.jobs: list[dict[int, Job]] = [{} for _ in shops]
        self.down = np.zeros(len(shops), dtype=bool)
        self.lead = np.full(len(asked), np.nan)
        self.wait = np.full(len(asked), np.nan)
        self.km = np.zeros(len(asked))
        self.eur = np.zeros(len(asked))
        self.moved = 0
        self.spent_s = 0.0
        self.routed = 0
        self.busy_h = 0.0
        self.tick = count()
        self.events: list[tuple[float, int, str, int]] = []

    def fail(self, rng: np.random.Generator, share: float) -> None:
        """Draw when shops go down and come back, so that each is down for a share of the time."""
        if not share:
            return
        between = DOWN_H * (1 - share) / share
        for shop in range(len(self.jobs)):
            at = float(rng.exponential(between))
            while at < self.window[1]:
                lasts = float(rng.exponential(DOWN_H))
                self.push(at, "fails", shop)
                self.push(at + lasts, "is back", shop)
                at += lasts + float(rng.exponential(between))

    def push(self, at: float, what: str, which: int) -> None:
        """Something will happen."""
        heapq.heappush(self.events, (at, next(self.tick), what, which))

    def go(self) -> None:
        """Let it all happen."""
        beat = 0.0
        for number, one in enumerate(self.asked):
            while self.events and self.events[0][0] <= one.at_h:
                at, _, what, which = heapq.heappop(self.events)
                self.happen(at, what, which)
            if one.at_h >= beat:
                self.beat(one.at_h)
                beat = one.at_h + BEAT_H
            self.place(number, one.at_h)
        while self.events:
            at, _, what, which = heapq.heappop(self.events)
            self.happen(at, what, which)

    def happen(self, at: float, what: str, which: int) -> None:
        """A shop fails or is back; a lease it let run out gives its orders to others."""
        if what == "fails":
            self.down[which] = True
            for job in [j for j in self.jobs[which].values() if j.end_h > at]:
                del self.jobs[which][job.number]
                self.lead[job.number] = np.nan
                self.busy_h -= self.counted(max(at, job.start_h), job.end_h)
                self.push(at + LEASE_H, "is taken from it", job.number)
            for process, owner in self.owner.items():
                self.free[process][owner == which] = at
        elif what == "is back":
            self.down[which] = False
            for process, owner in self.owner.items():
                self.free[process][owner == which] = np.maximum(self.free[process][owner == which], at)
        else:
            self.moved += 1
            self.place(which, at)

    def beat(self, now: float) -> None:
        """Every shop that lives tells its load."""
        for process, free in self.free.items():
            waits = np.maximum(free - now, 0.0)
            self.directory.load_h[process][:] = np.bincount(self.owner[process], waits, len(self.down))
        self.directory.silent[:] = self.down

    def place(self, number: int, now: float) -> None:
        """The best shop of the hub's ranking that answers takes the order, on its first free machine that can."""
        one = self.asked[number]
        begun = time.process_time()
        found = ranked(one.needs, self.directory, BEGIN + timedelta(hours=now), self.weights)
        self.spent_s += time.process_time() - begun
        self.routed += 1
        group = self.directory.group(one.needs.process, one.needs.material)
        for row in found.rows:
            if not self.down[group.shop[row]]:  # one that is down does not pull, known to be silent or not
                self.give(number, now, int(row), found)
                return

    def give(self, number: int, now: float, row: int, found: Ranked) -> None:
        """Put an order behind the others of a shop, on the machine of it that can and is free first."""
        one = self.asked[number]
        group = self.directory.group(one.needs.process, one.needs.material)
        shop = int(group.shop[row])
        told, free = self.directory.shops[shop].description, self.free[one.needs.process]
        number_of = self.number[one.needs.process]
        rows = range(*np.searchsorted(group.shop, [shop, shop + 1]))
        able = [(number_of[shop, group.makers[r].id], group.makers[r]) for r in rows if found.able[r]]
        where, maker = min(able, key=lambda k: (free[k[0]], k[0]))
        start = max(float(free[where]), now)
        hours = float(found.hours[row]) * one.luck
        free[where] = start + hours
        self.jobs[shop][number] = Job(number, start, start + hours)
        self.busy_h += self.counted(start, start + hours)
        self.directory.load_h[one.needs.process][shop] += hours  # the hub counts what it gave, between two heartbeats
        beside = told.wait_h[0] * one.luck + maker.people_h + told.parcel_h[0] * one.luck + float(found.km[row]) / KM_H
        self.wait[number] = start - one.at_h
        self.lead[number] = start + hours + beside - one.at_h
        self.km[number], self.eur[number] = found.km[row], found.price_eur[row]

    def counted(self, start: float, end: float) -> float:
        """The hours of a job after the warm-up and before the end."""
        return max(0.0, min(end, self.window[1]) - max(start, self.window[0]))

    def told(self) -> Told:
        """The numbers of the orders that came after the warm-up."""
        counted = np.array([a.at_h >= self.window[0] for a in self.asked])
        placed = counted & ~np.isnan(self.lead)
        due = np.array([a.due_h - a.at_h if a.due_h else np.inf for a in self.asked])
        dated = placed & np.isfinite(due)
        p50, p90 = np.quantile(self.lead[placed], (0.5, 0.9))
        wait50, wait90 = np.quantile(self.wait[placed], (0.5, 0.9))
        machines = sum(len(free) for free in self.free.values())
        return Told(
            float(p50), float(p90), float(wait50), float(wait90),
            float(np.mean(self.lead[dated] <= due[dated])), float(self.km[placed].mean()),
            float(self.eur[placed].mean()), self.busy_h / (machines * (self.window[1] - self.window[0])), self.moved,
            int((counted & np.isnan(self.lead)).sum()), self.spent_s / self.routed * 1e6,
        )  # fmt: skip


def main() -> None:
    """Run every scenario; the numbers to stdout, a table to stderr, and the picture where `--picture` stands."""
    scenarios = {
        **{f"load {share:.0%}": (share, USUAL, 0.0) for share in LOADS},
        **{f"a kilometre worth {km_eur:g} EUR": (USUAL_LOAD, Weights(km_eur=km_eur), 0.0) for km_eur in KM_EUR},
        **{f"shops down {share:.0%} of the time": (USUAL_LOAD, USUAL, share) for share in FAILURES if share},
    }  # fmt: skip
    rows = {}
    for share in LOADS:
        rows[long_run(share)] = simulated(share, days=(LONG_WARM_DAYS, LONG_DAYS), size=TENTH)
        sys.stderr.write(line(long_run(share), rows[long_run(share)]) + "\n")
    for name, (load, weights, failing) in scenarios.items():
        rows[name] = simulated(load, weights, failing)
        sys.stderr.write(line(name, rows[name]) + "\n")
    if "--picture" in sys.argv:
        draw(rows)
    print(json.dumps(numbers(rows, worded_us())))


def numbers(rows: dict[str, Told], worded: float) -> list[dict[str, object]]:
    """What the bench keeps of the runs."""
    usual = rows[f"load {USUAL_LOAD:.0%}"]
    kept: list[dict[str, object]] = [
        {"name": f"routing one order among {SHOPS} shops", "value": round(usual.route_us / 1000, 3), "unit": "ms CPU",
         "target": "<= 1"},
        {"name": "the same with every shop's reason in words", "value": round(worded / 1000, 2), "unit": "ms CPU",
         "target": "<= 20"},
    ]  # fmt: skip
    for name, one in rows.items():
        kept += [
            {"name": f"{name}: lead time P50", "value": round(one.p50_h, 1), "unit": "h", "target": ""},
            {"name": f"{name}: lead time P90", "value": round(one.p90_h, 1), "unit": "h", "target": ""},
        ]
    return kept


def long_run(share: float) -> str:
    """The name of a long run's row."""
    return f"a tenth, ten days, load {share:.0%}"


def line(name: str, told: Told) -> str:
    """One row of the reference's table."""
    return (
        f"| {name} | {told.busy:.0%} | {told.wait50_h:.1f} / {told.wait90_h:.1f} | {told.p50_h:.1f} / {told.p90_h:.1f} "
        f"| {told.kept:.1%} | {told.km:.0f} | {told.eur:.2f} | {told.moved} | {told.unplaced} | {told.route_us:.0f} |"
    )


def worded_us() -> float:
    """The whole of :func:`route`, with its reasons, an order."""
    rng = np.random.default_rng(SEED)
    shops = fleet(rng)
    directory, asked = Directory(shops), orders(rng, shops, 0.05, USUAL_LOAD)[:200]
    begun = time.process_time()
    for one in asked:
        route(one.needs, directory, BEGIN)
    return (time.process_time() - begun) / len(asked) * 1e6


def draw(rows: dict[str, Told]) -> None:
    """Lead and wait against load, way and price against the worth of a kilometre."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), dpi=110)
    loads = [rows[long_run(share)] for share in LOADS]
    at = [100 * share for share in LOADS]
    for name, values, style in (
        ("lead time P90", [o.p90_h for o in loads], "o-"), ("lead time P50", [o.p50_h for o in loads], "s-"),
        ("wait for a machine P90", [o.wait90_h for o in loads], "^--"),
    ):  # fmt: skip
        left.plot(at, values, style, label=name)
    left.set(
        xlabel="load of the machines, %", ylabel="hours", ylim=(0, None), title=f"Lead time against load, {TENTH} shops"
    )
    left.legend()
    named = {km_eur: rows[f"a kilometre worth {km_eur:g} EUR"] for km_eur in KM_EUR}
    named[USUAL.km_eur] = rows[f"load {USUAL_LOAD:.0%}"]
    far = [one for _, one in sorted(named.items())]
    right.plot([o.km for o in far], [o.eur for o in far], "o-")
    for km_eur, one in named.items():
        right.annotate(f"{km_eur:g} EUR/km", (one.km, one.eur), xytext=(5, 5), textcoords="offset points")
    right.set(xlabel="mean way, km", ylabel="mean price, EUR", title=f"What nearness costs, at {USUAL_LOAD:.0%} load")
    right.margins(x=0.3, y=0.15)
    for one in (left, right):
        one.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(PICTURE, metadata={"Software": None})


if __name__ == "__main__":
    main()

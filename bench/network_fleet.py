"""A made-up fleet of workshops and its customers' orders: what the network's simulation assumes, by seed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from pipeline.network.route import Shop
from pipeline.network.words import Description, Maker, Needs, Pace, Process

if TYPE_CHECKING:
    from collections.abc import Sequence

BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
SHOPS = 1000
ORDERS_A_DAY = 100
"""For each shop: a hundred thousand for a thousand."""
CUT_MATERIALS = {"al-6082": (0.95, 0.5), "brass": (0.6, 0.15), "steel-s355": (0.35, 0.2), "plywood": (0.5, 0.15)}
PRINT_MATERIALS = {"pla": (0.95, 0.5), "petg": (0.8, 0.35), "asa": (0.4, 0.15)}
"""Share of machines that work a material, share of the orders that ask for it."""
ROOMS = {"cut": ((350, 250, 220), (500, 400, 330), (1300, 900, 150)), "print": ((250, 220, 220), (350, 350, 400))}
ROOM_SHARES = {"cut": (0.4, 0.45, 0.15), "print": (0.8, 0.2)}
TOOLS = ("M6", "engraving")
"""Each on 0.7 of the milling machines; each asked for by 0.2 of the milled orders."""
CITIES = 60
LAT, LON = (40.0, 58.0), (-5.0, 25.0)
NEAR_DEG = 0.5
DUE_SHARE, DUE_DAYS = 0.3, (3.0, 10.0)
BEGIN_H = 0.2
CUT_SHARE = 0.4
"""Of the orders, the milled ones."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One order: when it comes and is due (0: any time), in hours; what it needs; a factor on the hours reckoned."""

    at_h: float
    due_h: float
    needs: Needs
    luck: float


def fleet(rng: np.random.Generator, size: int = SHOPS) -> list[Shop]:
    """Shops round sixty cities: two of five only print, two of five only mill, the others do both."""
    cities = np.column_stack((rng.uniform(*LAT, CITIES), rng.uniform(*LON, CITIES)))
    weights = rng.pareto(1.2, CITIES) + 1
    home = rng.choice(CITIES, size, p=weights / weights.sum())
    shops = []
    for n in range(size):
        kind = rng.choice(3, p=(0.4, 0.4, 0.2))
        processes: tuple[Process, ...] = (("print",), ("cut",), ("cut", "print"))[kind]
        level = float(rng.lognormal(0.0, 0.1))
        makers = [
            _maker(rng, process, k, level)
            for process in processes
            for k in range(1 + int(rng.geometric(0.6)))
        ]  # fmt: skip
        lat, lon = np.clip(cities[home[n]] + rng.normal(0, NEAR_DEG, 2), (-90, -180), (90, 180))
        shops.append(
            Shop(f"shop-{n:04}", Description(
                f"Shop {n}", "", (float(lat), float(lon)), tuple(makers), (1.0, 4.0), (24.0, 48.0),
                round(7.0 * level, 2), 1.3,
            ))
        )  # fmt: skip
    return shops


def _maker(rng: np.random.Generator, process: Process, number: int, level: float) -> Maker:
    """A machine; all of one process are as quick as one another, so that load is what it is said to be."""
    table = CUT_MATERIALS if process == "cut" else PRINT_MATERIALS
    held = [m for m, (share, _) in table.items() if rng.random() < share] or [next(iter(table))]
    room = ROOMS[process][rng.choice(len(ROOMS[process]), p=ROOM_SHARES[process])]
    tools = tuple(t for t in TOOLS if rng.random() < 0.7) if process == "cut" else ()
    eur_h = (60.0 if process == "cut" else 2.5) * level * float(rng.lognormal(0.0, 0.1))
    people = (1.0, 50.0 * level) if process == "cut" else (0.65, 33.0 * level)
    return Maker(
        f"{process}-{number}", process, room, {m: Pace(1.0, 0.02) for m in held}, tools, round(eur_h, 2), BEGIN_H,
        people[0], round(people[1], 2),
    )  # fmt: skip


def orders(rng: np.random.Generator, shops: Sequence[Shop], hours: float, load: float) -> list[Asked]:
    """Orders come at random at their rate; their mean hours make the machines of each process as busy as told."""
    rate = ORDERS_A_DAY * len(shops) / 24
    count = int(rng.poisson(rate * hours))
    at = np.sort(rng.uniform(0, hours, count))
    machines = {p: sum(m.process == p for s in shops for m in s.description.makers) for p in ("cut", "print")}
    shares = {"cut": CUT_SHARE, "print": 1 - CUT_SHARE}
    mean_h = {p: load * machines[p] / (rate * share) for p, share in shares.items()}
    cut = rng.random(count) < CUT_SHARE
    work = rng.lognormal(-0.5, 1.0, count)  # of mean 1
    luck = rng.lognormal(0.0, np.log(1.3) / 1.2816, count)
    size = rng.lognormal(np.log(90), 0.5, count)
    near = rng.integers(len(shops), size=count)
    places = np.array([shops[n].description.at_deg for n in near]) + rng.normal(0, NEAR_DEG, (count, 2))
    due = np.where(rng.random(count) < DUE_SHARE, rng.uniform(*DUE_DAYS, count), 0)
    kinds = {p: (list(t), np.array([s for _, s in t.values()])) for p, t in
             (("cut", CUT_MATERIALS), ("print", PRINT_MATERIALS))}  # fmt: skip
    picks = {p: rng.choice(len(names), count, p=wanted / wanted.sum()) for p, (names, wanted) in kinds.items()}
    asks = rng.random((count, 2)) < 0.2
    told = []
    for n in range(count):
        process: Process = "cut" if cut[n] else "print"
        # The longest room of the fleet's largest machines is what anybody may ask.
        long = float(min(size[n], 340.0 if process == "print" or asks[n].any() else 900.0))
        hours_n = max(0.0, mean_h[process] - BEGIN_H) * float(work[n])
        tools = tuple(t for t, wanted in zip(TOOLS, asks[n], strict=True) if wanted) if cut[n] else ()
        needs = Needs(
            process, kinds[process][0][picks[process][n]], (long, long * 0.6, min(long * 0.25, 140.0)), hours_n,
            50.0, 1, tools, "", "", (round(float(places[n, 0]), 1), round(float(places[n, 1]), 1)),
        )  # fmt: skip
        due_h = float(at[n] + 24 * due[n]) if due[n] else 0.0
        when = (BEGIN + timedelta(hours=due_h)).isoformat(timespec="minutes") if due_h else ""
        told.append(Asked(float(at[n]), due_h, replace(needs, due=when), float(luck[n])))
    return told

"""Chooses the shop for an order: who can make it, who is in time, who is cheap and near, and why the others lost."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.network.words import Description, Load, Maker, Needs

if TYPE_CHECKING:
    from numpy.typing import NDArray

EARTH_KM = 6371.0
KM_H = 30.0
"""A parcel's speed beyond the shop's own neighbourhood, with its nights in depots (belief)."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What distance and time are worth beside the price: EUR a kilometre, EUR an hour."""

    km_eur: float = 0.02
    hour_eur: float = 0.5


USUAL = Weights()
IDLE = Load()


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop as the hub knows it. One that is silent is asked only when no other can."""

    id: str
    description: Description
    load: Load = IDLE
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Bid:
    """What making an order in one shop comes to; ``why`` it stands where it stands, in words."""

    shop: str
    maker: str
    hours: float
    price_eur: float
    km: float
    p50_h: float
    p90_h: float
    in_time: bool
    silent: bool
    score_eur: float
    why: str


@dataclass(frozen=True, slots=True)
class Routing:
    """Who can make an order, best first, and why each of the others cannot."""

    ranked: tuple[Bid, ...]
    cannot: Mapping[str, str]


class Directory:
    """The shops, sorted by process and material, ready to be asked about many orders.

    Loads and silence are the shops' own at the time; :meth:`tell` renews them without sorting anew.
    """

    def __init__(self, shops: Iterable[Shop]) -> None:
        self.shops = tuple(sorted(shops, key=lambda s: s.id))
        self.number = {shop.id: n for n, shop in enumerate(self.shops)}
        self.silent = np.array([s.silent for s in self.shops], dtype=bool)
        count = {p: [sum(m.process == p for m in s.description.makers) for s in self.shops] for p in ("cut", "print")}
        self.machines = {p: np.maximum(1, np.array(n)) for p, n in count.items()}
        self.load_h = {
            "cut": np.array([s.load.cut_h for s in self.shops]), "print": np.array([s.load.print_h for s in self.shops])
        }  # fmt: skip
        self._groups: dict[tuple[str, str], _Group] = {}

    def tell(self, shop: str, load: Load, *, silent: bool) -> None:
        """Renew what changes of a shop."""
        n = self.number[shop]
        self.load_h["cut"][n], self.load_h["print"][n], self.silent[n] = load.cut_h, load.print_h, silent

    def group(self, process: str, material: str) -> _Group:
        """The machines that work a material so, and why the other shops do not."""
        found = self._groups.get((process, material))
        if found is None:
            found = self._groups[process, material] = _Group(self.shops, process, material)
        return found


class _Group:
    """The machines of all shops for one process and one material, as columns."""

    def __init__(self, shops: tuple[Shop, ...], process: str, material: str) -> None:
        rows = [
            (n, m) for n, s in enumerate(shops) for m in s.description.makers
            if m.process == process and material in m.materials
        ]  # fmt: skip
        told = [shops[n].description for n, _ in rows]

        def column(values: Iterable[Any]) -> NDArray[np.float64]:
            return np.array(list(values), dtype=np.float64)

        self.makers = [m for _, m in rows]
        self.shop = column(n for n, _ in rows).astype(np.int64)
        self.room = np.array([sorted(m.room_mm, reverse=True) for m in self.makers]).reshape(-1, 3)
        self.tools = [frozenset(m.tools) for m in self.makers]
        self.cm3_h = column(m.materials[material].cm3_h for m in self.makers)
        self.eur_cm3 = column(m.materials[material].eur_cm3 for m in self.makers)
        self.eur_h = column(m.eur_h for m in self.makers)
        self.begin_h = column(m.begin_h for m in self.makers)
        self.people_h = column(m.people_h for m in self.makers)
        self.fixed_eur = column(m.people_eur + d.parcel_eur for m, d in zip(self.makers, told, strict=True))
        self.homes, self.home = np.unique(self.shop, return_inverse=True)
        homes = [shops[n].description for n in self.homes]
        self.at = _on_sphere(np.array([d.at_deg for d in homes]).reshape(-1, 2))
        self.away_h = column(d.wait_h[0] + d.parcel_h[0] for d in homes)
        self.away_over = column((d.wait_h[1] - d.wait_h[0]) ** 2 + (d.parcel_h[1] - d.parcel_h[0]) ** 2 for d in homes)
        self.over = column(d.spread - 1 for d in homes)
        here = {n for n, _ in rows}
        self.cannot = {s.id: _missing(s, process, material) for n, s in enumerate(shops) if n not in here}
        self._equipped: dict[tuple[str, ...], NDArray[np.bool_]] = {}

    def equipped(self, tools: tuple[str, ...]) -> NDArray[np.bool_]:
        """The machines that hold every tool."""
        found = self._equipped.get(tools)
        if found is None:
            wanted = frozenset(tools)
            found = self._equipped[tools] = np.array([wanted <= held for held in self.tools], dtype=bool)
        return found


def route(
    needs: Needs, shops: Directory, now: datetime, weights: Weights = USUAL, refused: Collection[str] = ()
) -> Routing:
    """Rank every shop that can make an order, and tell why each of the others cannot.

    First those in time for the due date (nine of ten such orders), then the least sum of price, distance and
    time; shops that are silent come last; ties go by id. A shop stands with its best machine. ``refused`` are shops
    that had it and gave it back. Nothing here is chance: same input, same answer.
    """
    found = ranked(needs, shops, now, weights, refused)
    group, rows = shops.group(needs.process, needs.material), found.rows
    bids = tuple(_bid(shops.shops[group.shop[r]].id, group.makers[r], found, r) for r in rows)
    first = bids[0] if bids else None
    told = tuple(_with_reason(b, first) for b in bids)
    able = {b.shop for b in bids}
    rest = {s for s in (shops.shops[n].id for n in set(group.shop.tolist())) if s not in able}
    cannot = {shop: _unfit(shop, needs, shops, refused) for shop in rest}
    return Routing(told, dict(sorted((group.cannot | cannot).items())))


@dataclass(frozen=True, slots=True)
class Ranked:
    """The rows of a group in their order, one a shop, and every row's numbers: what :func:`route` words."""

    rows: NDArray[np.int64]
    able: NDArray[np.bool_]
    hours: NDArray[np.float64]
    price_eur: NDArray[np.float64]
    km: NDArray[np.float64]
    p50_h: NDArray[np.float64]
    p90_h: NDArray[np.float64]
    late: NDArray[np.bool_]
    silent: NDArray[np.bool_]
    score_eur: NDArray[np.float64]


def ranked(
    needs: Needs, shops: Directory, now: datetime, weights: Weights = USUAL, refused: Collection[str] = ()
) -> Ranked:
    """The numbers behind :func:`route`, without its words."""
    g = shops.group(needs.process, needs.material)
    hours = g.begin_h + needs.work_cm3 / g.cm3_h
    price = g.fixed_eur + hours * g.eur_h + needs.stock_cm3 * g.eur_cm3
    way = _km(g.at, needs.to_deg) if needs.to_deg is not None else np.zeros(len(g.homes))
    queue = (shops.load_h[needs.process] / shops.machines[needs.process])[g.homes]
    busy = queue[g.home] + g.people_h + hours
    km = way[g.home]
    p50 = busy + (g.away_h + way / KM_H)[g.home]
    # Independent phases: what P90 adds to P50 adds up in squares.
    p90 = p50 + np.sqrt(g.away_over[g.home] + (busy * g.over[g.home]) ** 2)
    late = p90 > _hours_until(needs.due, now)
    score = price + km * weights.km_eur + p50 * weights.hour_eur
    silent = shops.silent[g.shop]
    fits = (g.room >= np.array(sorted(needs.size_mm, reverse=True)) - 1e-9).all(axis=1) & g.equipped(needs.tools)
    if needs.machine:
        fits &= np.array([m.id == needs.machine for m in g.makers], dtype=bool)
    if refused:
        fits &= ~np.isin(g.shop, [shops.number[s] for s in refused if s in shops.number])
    able = np.flatnonzero(fits)
    # The rows stand by shop and machine, and the sorts are stable: ties go by id.
    order = able[np.argsort(score[able], kind="stable")]
    behind = (2 * silent + late)[order].astype(np.int8)
    order = order[np.argsort(behind, kind="stable")] if behind.any() else order
    first = np.empty(len(shops.shops), dtype=np.int64)
    places = np.arange(len(order))
    first[g.shop[order][::-1]] = places[::-1]  # of a shop's rows the best is written last
    return Ranked(order[first[g.shop[order]] == places], fits, hours, price, km, p50, p90, late, silent, score)


def _bid(shop: str, maker: Maker, found: Ranked, row: int) -> Bid:
    numbers = (found.hours, found.price_eur, found.km, found.p50_h, found.p90_h)
    hours, price, km, p50, p90 = (round(float(column[row]), 3) for column in numbers)
    in_time, silent = not found.late[row], bool(found.silent[row])
    return Bid(shop, maker.id, hours, price, km, p50, p90, in_time, silent, round(float(found.score_eur[row]), 3), "")


def _with_reason(bid: Bid, first: Bid | None) -> Bid:
    if first is None or bid is first:
        return replace(bid, why="first")
    if bid.silent and not first.silent:
        why = "silent"
    elif not bid.in_time and first.in_time:
        why = f"too late: P90 {bid.p90_h:.0f} h"
    else:
        more = bid.score_eur - first.score_eur
        parts = (("price", bid.price_eur - first.price_eur, "EUR"), ("way", bid.km - first.km, "km"),
                 ("time", bid.p50_h - first.p50_h, "h"))  # fmt: skip
        told = ", ".join(f"{name} {value:+.1f} {unit}" for name, value, unit in parts if abs(value) >= 0.05)
        why = f"{more:.2f} EUR behind ({told})" if told else "as good; by id"
    return replace(bid, why=why)


def _missing(shop: Shop, process: str, material: str) -> str:
    if not any(m.process == process for m in shop.description.makers):
        return f"process: {process} is not done"
    return f"material: no machine works {material}"


def _unfit(shop: str, needs: Needs, shops: Directory, refused: Collection[str]) -> str:
    """Why a shop that does the process with the material still cannot make it."""
    if shop in refused:
        return "gave it back"
    makers = [
        m for m in shops.shops[shops.number[shop]].description.makers
        if m.process == needs.process and needs.material in m.materials
    ]  # fmt: skip
    if needs.machine and not any(m.id == needs.machine for m in makers):
        return f"machine: no {needs.machine}"
    size = sorted(needs.size_mm, reverse=True)
    roomy = [
        m for m in makers if all(s <= r + 1e-9 for s, r in zip(size, sorted(m.room_mm, reverse=True), strict=True))
    ]
    if not roomy:
        return "room: at most " + " x ".join(f"{side:g}" for side in max(m.room_mm for m in makers)) + " mm"
    lacking = min((sorted(set(needs.tools) - set(m.tools)) for m in roomy), key=len)
    return f"tools: no {', '.join(lacking)}" if lacking else f"machine: {needs.machine} lacks room or tools"


def _hours_until(due: str, now: datetime) -> float:
    """Hours until an order is due; a date alone means its end, a time without a zone is UTC."""
    if not due:
        return float("inf")
    at = datetime.fromisoformat(due)
    at = (at if at.tzinfo else at.replace(tzinfo=UTC)) + timedelta(days=len(due) == len("2026-12-20"))
    return (at - now).total_seconds() / 3600


def _on_sphere(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    """Latitudes and longitudes as points of the unit sphere."""
    lat, lon = np.radians(degrees[..., 0]), np.radians(degrees[..., 1])
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=-1)


def _km(at: NDArray[np.float64], to_deg: tuple[float, float]) -> NDArray[np.float64]:
    """Great-circle distances, by the chords."""
    way = at - _on_sphere(np.array(to_deg))
    half = np.sqrt(np.minimum(np.einsum("ij,ij->i", way, way) / 4, 1.0))
    km: NDArray[np.float64] = 2 * EARTH_KM * np.arcsin(half)
    return km

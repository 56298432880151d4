"""Plans a block in a vise: two opposite sides take the blank off all round, further sides what is left."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby, islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.errors import CapabilityError
from model.finding import Finding
from model.plan import Matrix, ProcessPlan, Skin, Stock
from model.tooling import Machine, ShopData, Vise
from pipeline.plan import clamping
from pipeline.plan.corners import refuse_sharp
from pipeline.plan.coverage import Flags
from pipeline.plan.framed import in_frame
from pipeline.plan.job import Job
from pipeline.plan.picking import better_tools
from pipeline.plan.placing import laid
from pipeline.plan.setups import PAIR, blank_setup, firmest, first_frame, held, held_setup, turned_size
from pipeline.plan.sides import MISSING_SHARE, Views, Way, from_side, orders, turned, ways
from pipeline.plan.stock import raw_blocks, told
from pipeline.plan.workpiece import check_travel, spot, within_travel

LEAST_HEIGHT_MM = 3.0
SLENDER = 8.0
"""Work higher than so many times its thinner side is not cut standing (belief: beyond it walls chatter)."""
TOO_LARGE = (
    "plan.no-stock", "plan.vise-opening", "plan.travel", "plan.too-thin", "plan.too-slender", "plan.too-tall",
    "plan.no-clamp-faces",
)  # fmt: skip
"""Reasons against one set of sides; another's reason tells the customer more."""
UNHELD = ("plan.no-clamp-faces", "plan.vise-force", "plan.vise-tilt")
"""Reasons for which the part is tried in a frame of its blank."""
SETS, TRIES = 6, 2
"""So many sets of sides are tried before the part is given up, each in so many orders that can be held."""


def fewest_sides(views: Views) -> int:
    """From how many sides a block is cut to the part at least; two when no sides make it."""
    found = PAIR + 4
    try:
        for way in ways(views):
            found = min(found, len(way.sides))
            if found == PAIR:  # the others would only be looked at for nothing
                break
    except CapabilityError:
        return PAIR
    return found


class Blank(NamedTuple):
    """The blank, whether it lies turned a quarter, and why others were not taken."""

    stock: Stock
    quarter: bool
    others: tuple[Finding, ...]


def plan_in_vise(views: Views, machine: Machine, shop: ShopData) -> ProcessPlan:
    """Plan with the cheapest set of sides that works.

    Raises:
        CapabilityError: Too thin, too large, no parallel sides, an undercut, no tool: the reason of the
            cheapest set of sides, and all reasons among its findings.
    """
    vise = clamping.vise_of(machine)
    refused: list[CapabilityError] = []
    lost: list[Finding] = []
    for way in islice(ways(views), SETS):
        tried = 0
        for order in _firmest_first(views, machine, vise, way, refused):
            try:
                blank = _blank(views, machine, vise, shop, order[0])
                tried += 1
                return _beside(_planned(views, machine, vise, order, blank), lost)
            except CapabilityError as error:
                refused.append(error)
                lost.append(_lost(order, error))
            if tried == TRIES:
                break
    if any(e.code in UNHELD for e in refused):
        for order in _framed_orders(views):
            try:
                return _beside(_in_frame(views, machine, vise, shop, order), lost)
            except CapabilityError as error:
                refused.append(error)
                lost.append(_lost(order, error))
    first = next((e for e in refused if e.code not in TOO_LARGE), refused[0])
    raise CapabilityError.told_by(tuple(dict.fromkeys(f for e in (first, *refused) for f in e.told())))


def _lost(order: tuple[str, ...], error: CapabilityError) -> Finding:
    """Why sides were not taken that were tried before the others."""
    message = f"{', '.join(order)}: {error.message}"
    return Finding("plan.sides-lost", message, error.place, error.value, error.limit, severity="note")


def _beside(found: ProcessPlan, lost: list[Finding]) -> ProcessPlan:
    """A plan with the sides that were tried in vain among its decisions."""
    return replace(found, decisions=(*found.decisions, *lost))


def _framed_orders(views: Views) -> list[tuple[str, ...]]:
    """Two opposite sides that make everything, either first; where more are needed, those two and then the others."""
    found = list(islice(ways(views), SETS))
    pair = next((way for way in found if len(way.sides) == 2), None)
    if pair is not None:
        return orders(views, pair)
    return [(*two, *way.sides[2:]) for way in found for two in (way.sides[:2], way.sides[1::-1])]


def _in_frame(views: Views, machine: Machine, vise: Vise, shop: ShopData, order: tuple[str, ...]) -> ProcessPlan:
    """The part made in a frame of its blank, cut round from the second side down to a skin.

    For further sides it is broken out and held by itself.

    Raises:
        CapabilityError: The reason.
    """
    _check_holds(views, machine, vise, order, 2)
    framed, skin = in_frame(views, machine, vise, order[1])
    blank = _blank(framed, machine, vise, shop, order[0])
    _check_holds(framed, machine, vise, order[:2])
    return _planned(framed, machine, vise, order, blank, (skin, views))


def _firmest_first(
    views: Views, machine: Machine, vise: Vise, way: Way, refused: list[CapabilityError]
) -> Iterator[tuple[str, ...]]:
    """The orders of a way's sides that can be held, before any tool is looked for; why others cannot is ``refused``.

    Of those that break as few holes, first come those whose every clamping bears all the vise's force, then those
    whose weakest bears most.
    """
    for _, alike in groupby(orders(views, way), key=views.holes_broken):
        weak: list[tuple[float, tuple[str, ...]]] = []
        for order in alike:
            try:
                bears = min(firmest(views, machine, vise, order[: k + 1], math.inf)[3] for k in range(1, len(order)))
            except CapabilityError as error:
                refused.append(error)
                continue
            if bears >= vise.clamp_force_n:
                yield order
            else:
                weak.append((bears, order))
        yield from (order for _, order in sorted(weak, key=lambda one: -one[0]))


def _check_holds(views: Views, machine: Machine, vise: Vise, order: tuple[str, ...], first: int = 1) -> None:
    """Refuse an order in which some side from the ``first`` on cannot be held, before any tool is looked for."""
    for k in range(first, len(order)):
        next(held(views, machine, vise, order[: k + 1], math.inf))


def _blank(views: Views, machine: Machine, vise: Vise, shop: ShopData, side: str) -> Blank:
    """The cheapest blank to begin with a side that vise and machine take.

    Raises:
        CapabilityError: Too thin, too slender, no stock, too large for the vise or the machine.
    """
    part = views.part
    size = turned_size(part, turned(side, 0))
    if size[2] < LEAST_HEIGHT_MM:
        msg = f"{size[2]:g} mm is too thin for the vise; {LEAST_HEIGHT_MM:g} mm is the least"
        raise CapabilityError("plan.too-thin", msg, place=part.name, value=size[2], limit=LEAST_HEIGHT_MM)
    if size[2] > SLENDER * min(size[:2]):
        msg = f"{size[2]:g} mm high on {min(size[:2]):g} mm would bend and ring under the cutter"
        raise CapabilityError("plan.too-slender", msg, place=part.name, value=size[2], limit=SLENDER * min(size[:2]))
    stocks = raw_blocks(shop, part.material, size)
    refused: list[CapabilityError] = []
    for k, stock in enumerate(stocks):
        try:
            quarter = _lies_turned(stock, machine, vise)
        except CapabilityError as error:
            refused.append(error)
            continue
        lost = [_other(one, error.message) for one, error in zip(stocks, refused, strict=False)]
        return Blank(stock, quarter, (*lost, *(_other(one, "dearer") for one in stocks[k + 1 :])))
    raise refused[0]


def _lies_turned(stock: Stock, machine: Machine, vise: Vise) -> bool:
    """Whether a blank is turned a quarter to fit the jaws.

    Raises:
        CapabilityError: It is too large for the vise or the machine.
    """
    quarter = stock.size_mm[1] > vise.opening_mm >= stock.size_mm[0]
    clamping.opens(vise, stock.size_mm[0] if quarter else stock.size_mm[1], "the blank")
    check_travel(machine, stock.size_mm[1::-1] if quarter else stock.size_mm[:2], "the blank")
    return quarter


def _other(stock: Stock, why: str) -> Finding:
    size = " x ".join(f"{side:g}" for side in stock.size_mm)
    message = f"{stock.row_id} sawn to {size} mm, {stock.price_eur:.2f} EUR: {why}"
    return Finding("plan.stock-lost", message, stock.row_id, stock.price_eur, severity="note")


def _planned(
    views: Views,
    machine: Machine,
    vise: Vise,
    order: tuple[str, ...],
    blank: Blank,
    frame: tuple[Skin, Views] | None = None,
) -> ProcessPlan:
    """The plan for an order of sides; ``views`` are of the part in a ``frame``: its skin, and the part broken out."""
    stock, quarter, _ = blank
    part = views.part
    first, low, high = first_frame(part, stock, order[0], quarter=quarter)

    def begun(*, plain: bool) -> Job:
        none = np.zeros(len(views.spots.points), dtype=np.bool_)
        later = _made_later(views, frame[1], order[2:]) if frame else none
        sides = order[:2] if frame else order
        return Job(part, machine, vise, views, sides, stock, low, high, none, later, frame is not None, plain)

    job = begun(plain=False)
    try:
        _cut_all(job, first)
        if better_tools(job):
            _cut_all(job, first)
    except CapabilityError:
        if not any(any(numbers) for numbers in job.chosen.values()):
            raise
        job = begun(plain=True)  # the usual tools may be held where those that cost less are not
        _cut_all(job, first)
    if frame:
        last = job.setups[-1]
        here = laid(frame[0], from_side(order[1], last.to_setup))
        job.setups[-1] = replace(last, fixture=replace(last.fixture, skin=here))
    if frame and len(order) > 2:
        job = _broken_out(job, frame[1], order)
        for k in range(2, len(order)):
            held_setup(job, k)
    _refuse_unmade(job)
    refuse_sharp(job.unreachable)
    numbers = {o.tool_number for s in job.setups for o in s.operations}
    return ProcessPlan(
        part.order_id, part.name, within_travel(machine, [s.stock_box for s in job.setups]), part.material, stock,
        tuple(a for a in machine.tools if a.number in numbers), tuple(job.setups),
        _decisions(job, blank, framed=frame is not None), tuple(dict.fromkeys(job.unreachable)),
    )  # fmt: skip


def _made_later(framed: Views, alone: Views, sides: tuple[str, ...]) -> Flags:
    """The framed part's spots that sides make which are cut when it is broken out."""
    made = [alone.view(side).made(free=True, blank=False) for side in sides]
    none = np.zeros(len(alone.spots.points), dtype=np.bool_)
    found: Flags = np.logical_or.reduce([none, *made])[_nearest(alone, framed)]
    return found


def _nearest(there: Views, here: Views) -> NDArray[np.int64]:
    """For each spot here the number of the nearest there."""
    from scipy.spatial import KDTree

    _, near = KDTree(there.spots.points).query(here.spots.points)
    return np.asarray(near, dtype=np.int64)


def _broken_out(job: Job, views: Views, order: tuple[str, ...]) -> Job:
    """The rest of a plan, for the part alone: what is made, and what failed, as the nearest spots in the frame tell."""
    near = _nearest(job.views, views)
    failed = [(error, own[near]) for error, own in job.failed]
    return Job(
        views.part, job.machine, job.vise, views, order, job.stock, job.low, job.high, job.made[near],
        np.zeros(len(near), dtype=np.bool_),
        setups=job.setups, holes=job.holes, unreachable=job.unreachable, failed=failed, told=job.told,
    )  # fmt: skip


def _cut_all(job: Job, first: Matrix) -> None:
    blank_setup(job, first)
    for k in range(1, len(job.order)):
        held_setup(job, k)


def _refuse_unmade(job: Job) -> None:
    """Refuse when a face is left that no planned cut makes.

    Raises:
        CapabilityError: The reasons of the features that failed, or the faces themselves.
    """
    left = job.views.unmade(job.made)
    if not left:
        return
    wanted = np.isin(job.views.spots.face, left) & ~job.made
    findings = list(dict.fromkeys(f for e, own in job.failed if (own & wanted).any() for f in e.told()))
    raise CapabilityError.told_by(findings or [_not_made(job, k) for k in left])


def _not_made(job: Job, face: int) -> Finding:
    spots = job.views.spots
    own = spots.face == face
    left = own & ~job.made
    share = 100 * float(left.sum()) / float(own.sum())
    at = spot(spots.points[left][0], job.part.zero_mm)
    return Finding(
        "plan.face-not-made", f"{share:.0f} % of face {face + 1}, as at {at}, is made by no cut of this plan",
        place=f"face {face + 1} at {at}", value=round(share, 1), limit=100 * MISSING_SHARE,
        hint="No mill that is long enough comes there: widen the gap, round the inner corner (an eighth of its depth "
        "or more), or make it shallower.",
    )  # fmt: skip


def _decisions(job: Job, blank: Blank, *, framed: bool) -> tuple[Finding, ...]:
    turn = ", turned a quarter to fit the vise" if blank.quarter else ""
    fewest = fewest_sides(job.views)
    known = "the fewest sides that make every face" if fewest == len(job.order) else f"{fewest} sides could not be held"
    hardest = max(job.setups, key=lambda s: s.fixture.needed_force_n).fixture
    frame = Finding(
        "plan.frame", "no jaws hold it once it is cut out: it stays in a frame of its blank and is broken out by hand, "
        "through a thin skin round the foot of its outline", place=job.part.name, severity="note",
    )  # fmt: skip
    return (
        *((frame,) if framed else ()),
        Finding(
            "plan.sides", f"{', '.join(job.order)}: {known}", place=job.part.name, value=len(job.order), limit=fewest,
            severity="note",
        ),
        Finding(
            "plan.stock", told(job.stock, f"the cheapest plate with room to face and grip{turn}"),
            value=job.stock.price_eur, severity="note",
        ),
        *blank.others,
        Finding(
            "plan.fixture", f"vise: holds {hardest.force_n:.0f} N, cutting asks for {hardest.needed_force_n:.0f} N",
            value=round(hardest.needed_force_n, 1), limit=round(hardest.force_n, 1), severity="note",
        ),
        *job.told,
    )  # fmt: skip

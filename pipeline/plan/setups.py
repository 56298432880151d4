"""One clamping after the other: how the work stands, where its zero lies, how the jaws hold it, and what is cut."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from geometry.tessellate import Floats, moved
from model.errors import CapabilityError
from model.feature import FreeSurface, Hole, Outline, Pocket
from model.plan import Box, Matrix, Setup, Stock
from model.tooling import Machine, Vise
from pipeline.plan import clamping
from pipeline.plan.coverage import Flags
from pipeline.plan.job import Corner, Job
from pipeline.plan.limits import Hold
from pipeline.plan.picking import cut
from pipeline.plan.placing import Placed
from pipeline.plan.sequence import ordered
from pipeline.plan.sides import Held, Views, turned
from pipeline.plan.stock import BELOW_MM, GRIP_MM, THROUGH_MM, TOP_MM, taller_grip
from pipeline.plan.tools import Bench
from pipeline.plan.turned import turned_by
from pipeline.plan.workpiece import CLEARANCE_MM, Workpiece, check_travel, inverse, rect, run_over, turned_box

THROUGH_TIP_MM = 0.3
MOST_GRIP_MM = 12.0
TALL_SHARE, JAW_SHARE = 0.25, 0.75
"""Work that stands tall is gripped by such a share of its height, as far as so much of the jaws' own height."""
LEAST_GRIP_MM = 3.0
UNDER_MM = 0.6
FLUSH_MM = 1e-3
LOWER = 0.6
"""Where the work cannot be gripped so high, the jaws are tried so much lower, and again."""
PAIR = 2
"""A block is cut from two opposite sides at least."""
HALF = 0.5
"""What is narrow at its foot, as a hub that lies on its round, is gripped as far up as its middle."""
FREE_MM = 5.0
LEAST_FREE_MM = 1.5
"""The work stands at least the first far out of the jaws; thin plates, mostly faced there, the second."""


def turned_size(part: Workpiece, rows: tuple[tuple[int, ...], ...]) -> Corner:
    """The part's length, width and height in a turned frame."""
    x, y, z = (sum(abs(r) * s for r, s in zip(row, part.size, strict=True)) for row in rows)
    return (x, y, z)


def first_frame(part: Workpiece, stock: Stock, side: str, *, quarter: bool) -> tuple[Matrix, Corner, Corner]:
    """Zero at the blank's front left corner, on its top; also the blank's corners in the part's frame."""
    flat = _shifted(turned(side, 0), (0.0, 0.0, 0.0))
    box = turned_box(flat, part.low, part.high)
    mx = (stock.size_mm[0] - (box.x1_mm - box.x0_mm)) / 2
    my = (stock.size_mm[1] - (box.y1_mm - box.y0_mm)) / 2
    top = box.z1_mm + TOP_MM
    raw = Box(box.x0_mm - mx, box.y0_mm - my, top - stock.size_mm[2], box.x1_mm + mx, box.y1_mm + my, top)
    here = turned_box(inverse(flat), (raw.x0_mm, raw.y0_mm, raw.z0_mm), (raw.x1_mm, raw.y1_mm, raw.z1_mm))
    low, high = (here.x0_mm, here.y0_mm, here.z0_mm), (here.x1_mm, here.y1_mm, here.z1_mm)
    rows = turned(side, 1 if quarter else 0)
    lies = turned_box(_shifted(rows, (0.0, 0.0, 0.0)), low, high)
    return _shifted(rows, (-lies.x0_mm, -lies.y0_mm, -lies.z1_mm)), low, high


def _shifted(rows: tuple[tuple[int, ...], ...], shift: Corner) -> Matrix:
    x, y, z = ((float(r[0]), float(r[1]), float(r[2]), t + 0.0) for r, t in zip(rows, shift, strict=True))
    return (x, y, z)


def blank_setup(job: Job, m: Matrix) -> None:
    """The raw blank by its lowest few millimetres: all that shows from this side, and the outline."""
    box, here = turned_box(m, job.low, job.high), turned_box(m, job.part.low, job.part.high)
    wanted = GRIP_MM + taller_grip(here.z1_mm - here.z0_mm)
    spare = (box.z1_mm - box.z0_mm) - (here.z1_mm - here.z0_mm) - BELOW_MM + GRIP_MM - wanted
    grip = min(MOST_GRIP_MM, wanted + max(spare, 0.0))  # thicker plates are held by more
    bears = clamping.blank_bears(box, grip, job.vise, job.part.material)
    hold = clamping.hold(job.vise, box, grip, bears)
    bench = _bench(job, job.views.recognised(m), 0.0, box, CLEARANCE_MM, hold)
    ops, holes = cut(job, bench, m, 0)
    setup = Setup(
        1, f"Blank in the vise, {job.order[0]} side up", m, "G54", "left end, fixed jaw and top of the raw blank", box,
        clamping.fixture(job.vise, box, grip, ops, bears), clamping.safe_height(job.machine, ops, 0.0),
        ordered(ops, outline_last=False),
    )  # fmt: skip
    _keep(job, setup, holes)


def held_setup(job: Job, k: int) -> None:
    """The work held by finished sides, the side of this number up.

    The second side also takes the rest of the blank off its top, further sides only what is theirs.
    """
    side = job.order[k]
    walls = _outlined(job) - 1.0 if k == 1 else math.inf
    m, grip, between, bears = firmest(job.views, job.machine, job.vise, job.order[: k + 1], walls)
    blank, here = (turned_box(m, *ends) for ends in ((job.low, job.high), (job.part.low, job.part.high)))
    stands = _stands(job.views, m, job.order[: k + 1])
    touched = clamping.touched(stands, between, grip, job.vise.jaw_width_mm)
    hold = clamping.hold(job.vise, between, grip, bears, touched)
    bench = _bench(job, job.views.recognised(m), *((blank.z1_mm, blank) if k == 1 else (here.z1_mm, here)),
                   blank.z1_mm + CLEARANCE_MM, hold)  # fmt: skip
    before = job.made.copy()
    ops, holes = cut(job, bench, m, k, grip)
    if not ops:
        return
    pin = turned_by(job, before, m, here, between, grip, stands) if k > 1 else None
    held_by = "its finished frame" if job.framed else "the finished outline"
    name = f"Turned over, {side} side up, gripped by {held_by}"
    setup = Setup(
        len(job.setups) + 1, name if k == 1 else f"{side} side up, gripped by finished sides", m, "G54",
        f"left side of the {'frame' if job.framed else 'part'}, fixed jaw, top of the parallels", blank,
        replace(clamping.fixture(job.vise, between, grip, ops, bears), pin=pin),
        clamping.safe_height(job.machine, ops, blank.z1_mm), ordered(ops, outline_last=False),
    )  # fmt: skip
    _keep(job, setup, holes)


def _bench(job: Job, seen: Placed, top_mm: float, stock: Box, clearance_mm: float, hold: Hold) -> Bench:
    return Bench(
        job.machine, job.part.material, seen.levels, top_mm, rect(stock), clearance_mm, THROUGH_MM, THROUGH_TIP_MM,
        job.unreachable, hold=hold, zero_mm=job.part.zero_mm,
    )  # fmt: skip


def _outlined(job: Job) -> float:
    """The height of the outline that the first setup finished."""
    deepest = max((o.bottom_z_mm for o in job.setups[0].operations if isinstance(o.feature, Outline)), default=0.0)
    first = turned_box(job.setups[0].to_setup, job.part.low, job.part.high)
    return first.z1_mm - max(deepest, first.z0_mm)


def _keep(job: Job, setup: Setup, holes: list[Hole]) -> None:
    job.setups.append(setup)
    job.holes += [(setup, h) for h in holes]


def firmest(views: Views, machine: Machine, vise: Vise, order: Sequence[str], walls_mm: float) -> Held:
    """The first way to hold the work that bears all the vise's force, else the one that bears most; with what it bears.

    Remembered: it hangs on the sides cut before, in any order, the vise and the machine's room.

    Raises:
        CapabilityError: There is none.
    """
    key = (order[-1], frozenset(order[:-1]), walls_mm, vise, machine.axes, run_over(machine))
    if key not in views.holds:
        found: list[Held] = []
        ways: set[tuple[float, ...]] = set()
        for m, grip, between in held(views, machine, vise, order, walls_mm):
            across = tuple(map(abs, m[1][:3]))
            if across in ways:
                continue  # the other way round it bears as much
            ways.add(across)
            bears = clamping.borne(_stands(views, m, order), between, grip, vise.jaw_width_mm, views.part.material)
            found.append((m, grip, between, bears))
            if bears >= vise.clamp_force_n:
                break
        views.holds[key] = max(found, key=lambda way: way[3])
    return views.holds[key]


def held(
    views: Views, machine: Machine, vise: Vise, order: Sequence[str], walls_mm: float
) -> Iterator[tuple[Matrix, float, Box]]:
    """Ways the work is held for the last of some sides, the others being cut: its frame, the height gripped, the box.

    ``walls_mm`` is the height of finished walls at its foot. The box is what is between the jaws; work that overhangs
    the moving jaw stays above it.

    Raises:
        CapabilityError: No two flat sides face each other far enough, or the vise is too small for them.
    """
    refused: list[CapabilityError] = []
    for quarter in range(4):
        rows = turned(order[-1], quarter)
        lies = turned_box(_shifted(rows, (0.0, 0.0, 0.0)), views.part.low, views.part.high)
        m = _shifted(rows, (-lies.x0_mm, -lies.y0_mm, -lies.z0_mm))
        try:
            grip, between = _gripped(views, machine, vise, order, m, walls_mm)
        except CapabilityError as error:
            refused.append(error)
        else:
            yield m, grip, between
    if len(refused) == 4:
        raise refused[0]


def _stands(views: Views, m: Matrix, order: Sequence[str]) -> Callable[[Floats], Flags]:
    """Tells of points in a frame whether work is there when these sides have been cut."""
    back = np.array(inverse(m))
    return lambda points: views.standing(moved(points, back), order)


def _gripped(
    views: Views, machine: Machine, vise: Vise, order: Sequence[str], m: Matrix, walls_mm: float
) -> tuple[float, Box]:
    """The height gripped in a frame, and the box between the jaws.

    Raises:
        CapabilityError: The vise or the machine is too small, or the jaws find too little to hold.
    """
    here = turned_box(m, views.part.low, views.part.high)
    check_travel(machine, (here.x1_mm, here.y1_mm), "the part")
    stands = _stands(views, m, order)
    free = max(here.z1_mm - FREE_MM, min(here.z1_mm - LEAST_FREE_MM, LEAST_GRIP_MM))
    grip = min(MOST_GRIP_MM, free, walls_mm)
    tall = min(max(MOST_GRIP_MM, min(TALL_SHARE * here.z1_mm, JAW_SHARE * vise.jaw_height_mm)), free, walls_mm)
    need, most = clamping.needed_length(here), 0.0
    seen = views.recognised(m)
    narrowest = math.inf
    half = min(HALF * here.z1_mm, JAW_SHARE * vise.jaw_height_mm, free, walls_mm)
    heights = [_below_floors(seen, tall), tall, _below_floors(seen, grip), grip, LOWER * grip, LOWER**2 * grip]
    if len(order) > PAIR and half <= min(_open_floors(seen), default=half) + UNDER_MM:
        heights.append(half)  # what two opposite sides make all round is cut beside the jaws no more
    for height in dict.fromkeys(heights):
        between = clamping.between(seen.levels, stands, here, height)
        wide = between.y1_mm - between.y0_mm
        narrowest = min(narrowest, wide)
        flush = between.y0_mm <= here.y0_mm + FLUSH_MM  # the fixed jaw is the setup's zero along y
        length = clamping.held_length(stands, between, height, vise.jaw_width_mm)
        if height > 1.0 and length >= need and flush and wide <= vise.opening_mm:
            return height, between
        most = max(most, length)
    clamping.opens(vise, narrowest, "the part")
    msg = f"{order[-1]} up: the jaws need flat sides facing each other over {need:.1f} mm, there are {most:.1f} mm"
    raise CapabilityError(
        "plan.no-clamp-faces", msg, place=f"{order[-1]} side up", value=round(most, 3), limit=round(need, 3),
        hint="Soft jaws are not planned here; give the part two parallel sides.",
    )  # fmt: skip


def _below_floors(seen: Placed, grip_mm: float) -> float:
    """A grip that leaves the jaws below every floor and slope open to the side, where that still holds the work."""
    low = min((z - UNDER_MM for z in _open_floors(seen)), default=grip_mm)
    return min(grip_mm, low) if low >= LEAST_GRIP_MM else grip_mm


def _open_floors(seen: Placed) -> list[float]:
    """The heights of every floor and slope's foot open to the side."""
    floors = [f.floor_z_mm for f in seen.features if isinstance(f, Pocket) and f.open]
    return floors + [f.bottom_z_mm for f in seen.features if isinstance(f, FreeSurface)]

"""Plans a block in a vise: two opposite sides take the blank off all round, further sides what is left."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from model.errors import CapabilityError
from model.feature import Cutout, Feature, FreeSurface, Hole, Outline, PlanarFace, Pocket
from model.finding import Finding
from model.plan import Box, Matrix, Operation, ProcessPlan, Setup, Stock
from model.tooling import Machine, ShopData, Vise
from pipeline.plan import clamping
from pipeline.plan.actions import in_vise
from pipeline.plan.corners import refuse_sharp, rounded_radius
from pipeline.plan.coverage import Flags, Sight, around_part, made_by
from pipeline.plan.depth import halves
from pipeline.plan.features import OVER, Recognition, moved_point
from pipeline.plan.operations import operations
from pipeline.plan.sequence import ordered
from pipeline.plan.sides import Views, Way, turned, ways
from pipeline.plan.stock import GRIP_MM, THROUGH_MM, TOP_MM, raw_block
from pipeline.plan.tools import Bench
from pipeline.plan.workpiece import CLEARANCE_MM, Workpiece, check_travel, rect, turned_box

THROUGH_TIP_MM = 0.3
MOST_GRIP_MM = 12.0
LEAST_GRIP_MM = 3.0
UNDER_MM = 0.6
FREE_MM = 5.0
"""The work stands at least this far out of the jaws."""
LEAST_HEIGHT_MM = 8.0
SLENDER = 8.0
"""Work higher than so many times its thinner side is not cut standing (belief: beyond it walls chatter)."""
OVERLAP_MM = 0.5
"""A wall cut half from each side is cut this much deeper from the second."""
SAME = 1e-6
TOO_LARGE = ("plan.no-stock", "plan.vise-opening", "plan.travel", "plan.too-thin", "plan.no-clamp-faces")
"""Reasons against one set of sides; another's reason tells the customer more."""
TRIES = 8
"""So many sets of sides are tried before the part is given up."""


@dataclass
class _Job:
    """A plan in the making: what is cut so far, and what could not be."""

    part: Workpiece
    machine: Machine
    vise: Vise
    views: Views
    stock: Stock
    low: tuple[float, float, float]
    high: tuple[float, float, float]
    made: Flags
    setups: list[Setup] = field(default_factory=list)
    holes: list[tuple[Setup, Hole]] = field(default_factory=list)
    unreachable: list[Finding] = field(default_factory=list)
    failed: list[tuple[CapabilityError, Flags]] = field(default_factory=list)


def plan_in_vise(views: Views, machine: Machine, shop: ShopData) -> ProcessPlan:
    """Plan with the cheapest set of sides that works.

    Raises:
        CapabilityError: Too thin, too large, no parallel sides, an undercut, no tool: the reason of the
            cheapest set of sides, and all reasons among its findings.
    """
    vise = clamping.vise_of(machine)
    refused: list[CapabilityError] = []
    for way in itertools.islice(ways(views), TRIES):
        try:
            return _planned(views, machine, vise, shop, way)
        except CapabilityError as error:
            refused.append(error)
    first = next((e for e in refused if e.code not in TOO_LARGE), refused[0])
    findings = tuple(dict.fromkeys(f for e in refused for f in (e.findings or (_finding(e),))))
    raise CapabilityError(
        first.code, first.message, place=first.place, value=first.value, limit=first.limit, hint=first.hint,
        findings=findings,
    )  # fmt: skip


def _finding(error: CapabilityError) -> Finding:
    return Finding(error.code, error.message, error.place, error.value, error.limit, error.hint)


def _planned(views: Views, machine: Machine, vise: Vise, shop: ShopData, way: Way) -> ProcessPlan:
    part = views.part
    rows = turned(way.sides[0], 0)
    size = _turned_size(part, rows)
    if size[2] < LEAST_HEIGHT_MM:
        msg = f"{size[2]:g} mm is too thin for the vise; {LEAST_HEIGHT_MM:g} mm is the least"
        raise CapabilityError("plan.too-thin", msg, place=part.name, value=size[2], limit=LEAST_HEIGHT_MM)
    if size[2] > SLENDER * min(size[:2]):
        msg = f"{size[2]:g} mm high on {min(size[:2]):g} mm would bend and ring under the cutter"
        raise CapabilityError("plan.too-slender", msg, place=part.name, value=size[2], limit=SLENDER * min(size[:2]))
    stock = raw_block(shop, part.material, size)
    quarter = stock.size_mm[1] > vise.opening_mm >= stock.size_mm[0]
    clamping.opens(vise, stock.size_mm[0] if quarter else stock.size_mm[1], "the blank")
    check_travel(machine, stock.size_mm[1::-1] if quarter else stock.size_mm[:2], "the blank")
    first, low, high = _first_frame(part, stock, way.sides[0], quarter=quarter)
    made = np.zeros(len(views.spots.points), dtype=np.bool_)
    job = _Job(part, machine, vise, views, stock, low, high, made)
    later = [views.view(s).made(free=False, outline=k == 1) for k, s in enumerate(way.sides) if k]
    _blank_setup(job, way.sides[0], first, later)
    _turned_setup(job, way.sides[1], later[1:])
    for k, side in enumerate(way.sides[2:], 2):
        _side_setup(job, side, later[k:])
    _refuse_unmade(job)
    refuse_sharp(job.unreachable)
    numbers = {o.tool_number for s in job.setups for o in s.operations}
    return ProcessPlan(
        part.order_id, part.name, machine, part.material, stock,
        tuple(a for a in machine.tools if a.number in numbers), tuple(job.setups),
        in_vise(stock, tuple(job.setups), size[2]), _decisions(job, way, quarter=quarter), tuple(job.unreachable),
    )  # fmt: skip


def _turned_size(part: Workpiece, rows: tuple[tuple[int, ...], ...]) -> tuple[float, float, float]:
    x, y, z = (sum(abs(r) * s for r, s in zip(row, part.size, strict=True)) for row in rows)
    return (x, y, z)


def _first_frame(
    part: Workpiece, stock: Stock, side: str, *, quarter: bool
) -> tuple[Matrix, tuple[float, float, float], tuple[float, float, float]]:
    """Zero at the blank's front left corner, on its top; also the blank's corners in the part's frame."""
    flat = _shifted(turned(side, 0), (0.0, 0.0, 0.0))
    box = turned_box(flat, part.low, part.high)
    mx = (stock.size_mm[0] - (box.x1_mm - box.x0_mm)) / 2
    my = (stock.size_mm[1] - (box.y1_mm - box.y0_mm)) / 2
    top = box.z1_mm + TOP_MM
    raw = Box(box.x0_mm - mx, box.y0_mm - my, top - stock.size_mm[2], box.x1_mm + mx, box.y1_mm + my, top)
    back = _inverse(flat)
    here = turned_box(back, (raw.x0_mm, raw.y0_mm, raw.z0_mm), (raw.x1_mm, raw.y1_mm, raw.z1_mm))
    low, high = (here.x0_mm, here.y0_mm, here.z0_mm), (here.x1_mm, here.y1_mm, here.z1_mm)
    rows = turned(side, 1 if quarter else 0)
    lies = turned_box(_shifted(rows, (0.0, 0.0, 0.0)), low, high)
    return _shifted(rows, (-lies.x0_mm, -lies.y0_mm, -lies.z1_mm)), low, high


def _shifted(rows: tuple[tuple[int, ...], ...], shift: tuple[float, float, float]) -> Matrix:
    x, y, z = ((float(r[0]), float(r[1]), float(r[2]), t + 0.0) for r, t in zip(rows, shift, strict=True))
    return (x, y, z)


def _inverse(m: Matrix) -> Matrix:
    """A rigid motion undone."""
    columns = list(zip(*(row[:3] for row in m), strict=True))
    shift = [-sum(c * row[3] for c, row in zip(column, m, strict=True)) for column in columns]
    x, y, z = ((c[0], c[1], c[2], t + 0.0) for c, t in zip(columns, shift, strict=True))
    return (x, y, z)


def _blank_setup(job: _Job, side: str, m: Matrix, later: list[Flags]) -> None:
    """The raw blank by its lowest few millimetres: all that shows from this side, and the outline."""
    box = turned_box(m, job.low, job.high)
    seen = job.views.recognised(m)
    bench = Bench(
        job.machine, job.part.material, seen.levels, 0.0, rect(box), CLEARANCE_MM, THROUGH_MM, THROUGH_TIP_MM,
        job.unreachable,
    )  # fmt: skip
    ops, holes = _cut(job, bench, seen, m, job.views.sight(side, m), later, every=True)
    setup = Setup(
        1, f"Blank in the vise, {side} side up", m, "G54", "left end, fixed jaw and top of the raw blank", box,
        clamping.fixture(job.vise, box, GRIP_MM, ops),
        clamping.safe_height(job.machine, ops, 0.0), ordered(ops, outline_last=False),
    )  # fmt: skip
    _keep(job, setup, holes)


def _turned_setup(job: _Job, side: str, later: list[Flags]) -> None:
    """Turned over, held by the finished outline: the rest of the blank off the top, and what shows from here."""
    deepest = max((o.bottom_z_mm for o in job.setups[0].operations if isinstance(o.feature, Outline)), default=0.0)
    first = turned_box(job.setups[0].to_setup, job.part.low, job.part.high)
    walls = first.z1_mm - max(deepest, first.z0_mm)  # height of finished outline
    m, seen, grip = _held(job, side, walls - 1.0)
    blank = turned_box(m, job.low, job.high)
    bench = Bench(
        job.machine, job.part.material, seen.levels, blank.z1_mm, rect(blank), blank.z1_mm + CLEARANCE_MM,
        THROUGH_MM, THROUGH_TIP_MM, job.unreachable,
    )  # fmt: skip
    ops, holes = _cut(job, bench, seen, m, job.views.sight(side, m), later, every=False)
    here = turned_box(m, job.part.low, job.part.high)
    setup = Setup(
        2, f"Turned over, {side} side up, gripped by the finished outline", m, "G54",
        "left side of the part, fixed jaw, top of the parallels", blank,
        clamping.fixture(job.vise, here, grip, ops),
        clamping.safe_height(job.machine, ops, blank.z1_mm), ordered(ops, outline_last=False),
    )  # fmt: skip
    _keep(job, setup, holes)


def _side_setup(job: _Job, side: str, later: list[Flags]) -> None:
    """The part, finished but for this side's features, stands on the opposite side."""
    m, seen, grip = _held(job, side, np.inf)
    blank = turned_box(m, job.low, job.high)
    here = turned_box(m, job.part.low, job.part.high)
    bench = Bench(
        job.machine, job.part.material, seen.levels, here.z1_mm, rect(here), blank.z1_mm + CLEARANCE_MM, THROUGH_MM,
        THROUGH_TIP_MM, job.unreachable,
    )  # fmt: skip
    ops, holes = _cut(job, bench, seen, m, job.views.sight(side, m), later, every=False)
    if not ops:
        return
    number = len(job.setups) + 1
    setup = Setup(
        number, f"{side} side up, gripped by finished sides", m, "G54",
        "left side of the part, fixed jaw, top of the parallels", blank,
        clamping.fixture(job.vise, here, grip, ops),
        clamping.safe_height(job.machine, ops, blank.z1_mm), ordered(ops, outline_last=False),
    )  # fmt: skip
    _keep(job, setup, holes)


def _keep(job: _Job, setup: Setup, holes: list[Hole]) -> None:
    job.setups.append(setup)
    job.holes += [(setup, h) for h in holes]


def _held(job: _Job, side: str, walls_mm: float) -> tuple[Matrix, Recognition, float]:
    """How the finished part is held with a side up: its frame, its features there, and the height gripped.

    Raises:
        CapabilityError: No two flat sides face each other far enough, or the vise is too small for them.
    """
    refused: list[CapabilityError] = []
    for quarter in (0, 1):
        rows = turned(side, quarter)
        lies = turned_box(_shifted(rows, (0.0, 0.0, 0.0)), job.part.low, job.part.high)
        m = _shifted(rows, (-lies.x0_mm, -lies.y0_mm, -lies.z0_mm))
        here = turned_box(m, job.part.low, job.part.high)
        grip = min(MOST_GRIP_MM, here.z1_mm - FREE_MM, walls_mm)
        try:
            clamping.opens(job.vise, here.y1_mm, "the part")
            check_travel(job.machine, (here.x1_mm, here.y1_mm), "the part")
        except CapabilityError as error:
            refused.append(error)
            continue
        seen = job.views.recognised(m)
        need, held = clamping.needed_length(here), 0.0
        for height in (_below_floors(seen, grip), grip):
            held = clamping.held_length(seen.levels, here, height, job.vise.jaw_width_mm)
            if height > 1.0 and held >= need:
                return m, seen, height
        msg = f"{side} up: the jaws need flat sides facing each other over {need:.1f} mm, there are {held:.1f} mm"
        hint = "Soft jaws are not planned here; give the part two parallel sides."
        refused.append(
            CapabilityError(
                "plan.no-clamp-faces", msg, place=f"{side} side up", value=round(held, 3), limit=round(need, 3),
                hint=hint,
            )
        )  # fmt: skip
    raise refused[0]


def _below_floors(seen: Recognition, grip_mm: float) -> float:
    """A grip that leaves the jaws below every floor and slope open to the side, where that still holds the work."""
    floors = [f.floor_z_mm for f in seen.features if isinstance(f, Pocket) and f.open]
    floors += [f.bottom_z_mm for f in seen.features if isinstance(f, FreeSurface)]
    low = min((z - UNDER_MM for z in floors), default=grip_mm)
    return min(grip_mm, low) if low >= LEAST_GRIP_MM else grip_mm


def _cut(
    job: _Job, bench: Bench, seen: Recognition, m: Matrix, view: Sight, later: list[Flags], *, every: bool
) -> tuple[list[Operation], list[Hole]]:
    """Operations for the features here that make something new; what no tool can is kept for the end.

    ``every`` also cuts the outline. Free surfaces that a later side makes as upright walls are left to it.
    """
    made: list[Operation] = []
    holes: list[Hole] = []
    drilled = _drilled(job, m)
    after = np.logical_or.reduce([np.zeros_like(job.made), *later])
    around = around_part(seen.features)
    sloped = any(
        isinstance(f, FreeSurface) and (made_by(f, view, around) & ~job.made & ~after).any() for f in seen.features
    )
    for f in sorted(seen.features, key=lambda f: not isinstance(f, Hole)):  # holes first: pockets run into them
        whole = made_by(f, view, around, 0.0)
        own = made_by(f, view, around)
        new = (own | (whole & ~after)) & ~job.made
        always = isinstance(f, PlanarFace) or (every and isinstance(f, Outline))
        if not always and not new.any():
            continue
        left_to_others = isinstance(f, FreeSurface) or (isinstance(f, Outline) and not every)
        if f.id.startswith(OVER) and not sloped:
            continue
        if (left_to_others and not (new & ~after).any()) or (isinstance(f, Outline) and len(job.setups) > 1):
            continue
        wanted = _trimmed(f, view, new, every=every)
        if isinstance(wanted, Pocket | Outline | Cutout) and not (new & ~own).any():
            # its sharp corners are made from another side
            wanted = replace(wanted, corner_radius_mm=rounded_radius(wanted))
        try:
            cut, ops = _operations(job, bench, wanted, whole, drilled)
        except CapabilityError as error:
            job.failed.append((error, whole))
            continue
        made += ops
        job.made |= made_by(cut, view, around, _radius(bench, ops))
        holes += [cut] if isinstance(cut, Hole) else []
    return made, holes


def _operations(
    job: _Job, bench: Bench, f: Feature, own: Flags, drilled: frozenset[tuple[float, float]]
) -> tuple[Feature, list[Operation]]:
    """A feature's operations; what goes through and is too deep for every tool is cut as deep as one reaches.

    Raises:
        CapabilityError: No tool can.
    """
    try:
        return f, operations(bench, [f], drilled=drilled)
    except CapabilityError as error:
        for half in halves(bench, f):
            try:
                ops = operations(bench, [half], drilled=drilled)
            except CapabilityError:
                continue
            job.failed.append((error, own))  # told only when the other side does not do the rest
            return half, ops
        raise


def _radius(bench: Bench, ops: Sequence[Operation]) -> float:
    """The radius of the finest mill among operations (mm)."""
    tools = {a.number: a.tool for a in bench.machine.tools}
    mills = [tools[o.tool_number] for o in ops]
    return min((t.diameter_mm / 2 for t in mills if t.kind == "end-mill"), default=0.0)


def _trimmed(f: Feature, view: Sight, new: Flags, *, every: bool) -> Feature:
    """A through-wall that was begun from the other side is cut down to where that ended."""
    if every or not isinstance(f, Outline | Cutout) or not new.any():
        return f
    low = float(view.spots.points[new, 2].min())
    return replace(f, bottom_z_mm=max(f.bottom_z_mm, low - OVERLAP_MM))


def _drilled(job: _Job, m: Matrix) -> frozenset[tuple[float, float]]:
    """Where through-holes that earlier setups made stand upright in a setup's frame."""
    found = set()
    for setup, hole in job.holes:
        if (
            hole.through
            and abs(abs(sum(a * b for a, b in zip(m[2][:3], setup.to_setup[2][:3], strict=True))) - 1) < SAME
        ):
            x, y, _ = moved_point(m, moved_point(_inverse(setup.to_setup), (hole.x_mm, hole.y_mm, 0.0)))
            found.add((round(x, 3) + 0.0, round(y, 3) + 0.0))
    return frozenset(found)


def _refuse_unmade(job: _Job) -> None:
    """Refuse when a face is left that no planned cut makes.

    Raises:
        CapabilityError: The reasons of the features that failed, or the faces themselves.
    """
    left = job.views.unmade(job.made)
    if not left:
        return
    wanted = np.isin(job.views.spots.face, left) & ~job.made
    findings = list(dict.fromkeys(_finding(e) for e, own in job.failed if (own & wanted).any()))
    if not findings:
        findings = [
            Finding("plan.face-not-made", f"face {k + 1} is made by no cut of this plan", place=f"face {k + 1}")
            for k in left
        ]
    first = findings[0]
    raise CapabilityError(
        first.code, first.message, place=first.place, value=first.value, limit=first.limit, hint=first.hint,
        findings=tuple(findings),
    )  # fmt: skip


def _decisions(job: _Job, way: Way, *, quarter: bool) -> tuple[Finding, ...]:
    turn = ", turned a quarter to fit the vise" if quarter else ""
    hardest = max(job.setups, key=lambda s: s.fixture.needed_force_n).fixture
    return (
        Finding(
            "plan.sides", f"{', '.join(way.sides)}: the fewest sides that make every face", place=job.part.name,
            value=len(job.setups), severity="note",
        ),
        Finding(
            "plan.stock", f"{job.stock.row_id}: the thinnest plate with room to face and grip{turn}", severity="note"
        ),
        Finding(
            "plan.fixture", f"vise: holds {hardest.force_n:.0f} N, cutting asks for {hardest.needed_force_n:.0f} N",
            value=round(hardest.needed_force_n, 1), limit=round(hardest.force_n, 1), severity="note",
        ),
    )  # fmt: skip

"""Tells what was left on the part: on purpose under tabs, out of reach of every tool, or by mistake."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from geometry.compiled import compiled
from geometry.regions import flatten, offset, within
from geometry.sampling import Surface
from model.finding import Finding
from model.plan import ProcessPlan, Setup, Skin
from pipeline.verify.contact import nearest_contact
from pipeline.verify.path import BODY_STEP_MM, body_table, tool_table
from pipeline.verify.shapes import FAR, Floats, Ints
from pipeline.verify.simulate import Simulation, in_setup, turned
from pipeline.verify.surface import EXCESS_CAP_MM, approach, into_cells

EXCESS_MM = 0.05
ON_BLANK_MM = 0.005
FACING = 0.999
GROUP_MM = 1.0
TAB_MARGIN_MM = 0.5
MOST_SKIN_MM = 0.5
MOST_PLACES = 120
MOST_LISTED = 1500
FAR_MM = 50.0
COARSE_MM = 10.0
STEP_MM = 0.1
UPRIGHT = 0.3
LEVEL = 0.95
UNMADE_MM = 0.5
ENOUGH = 5
SIDE = 0.02
ROUND = 0.3
MOSTLY = 0.4
# From how much on (mm; on upright, sloped, level faces) an unused tool should have been taken: mills always, points
# and drills not for the rest in a corner too sharp for every mill.
WANTED_MM = {"end-mill": (0.0, 0.0, 0.0), "ball-mill": (0.0, 0.0, 0.0),
             "engraver": (2.0, 0.0, 0.25), "chamfer-mill": (2.0, 0.0, 0.25),
             "drill": (2.0, 2.0, 2.0), "spot-drill": (2.0, 2.0, 2.0), "reamer": (2.0, 2.0, 2.0)}  # fmt: skip
THREADING = frozenset({"tap", "thread-mill"})


@dataclass(frozen=True, slots=True)
class Leftover:
    """What the tools left, worst first. ``excess_mm`` is the most that was reachable and not on purpose.

    ``reachable`` are mistakes, ``unmade`` whole faces no setup sees and places where more than 0.5 mm stays out of
    every tool's reach: both refuse. ``unreachable`` (less than that) and ``tabs`` are told to the reader. ``judged``
    marks the surface points looked at; those on the blank's own faces and under tabs are not.
    """

    excess_mm: float
    reachable: tuple[Finding, ...]
    unmade: tuple[Finding, ...]
    unreachable: tuple[Finding, ...]
    tabs: tuple[Finding, ...]
    judged: NDArray[np.bool_]


def leftovers(plan: ProcessPlan, surface: Surface, simulation: Simulation) -> Leftover:
    """Judge every surface point the tools came no nearer to than the limit."""
    on_blank = _on_blank(plan, surface)
    under_tab = _under_tabs(plan, surface.points)
    stays = simulation.distance - surface.left_mm
    high = (stays > EXCESS_MM) & ~on_blank
    judged = ~on_blank & ~under_tab
    hidden = _hidden(plan, surface, judged & (simulation.distance >= EXCESS_CAP_MM))
    unmade = [_not_made(plan, surface, simulation, face) for face in hidden]
    high &= ~np.isin(surface.face, hidden)
    excess = max(0.0, float(stays[judged & ~high].max(initial=0.0)))
    places = _worst_of_each_place(surface.points, simulation.distance, np.flatnonzero(high & ~under_tab))
    spots = places[:MOST_LISTED]
    normals: list[Floats] = []
    if len(spots):
        pairs = zip(plan.setups, simulation.runs, strict=True)
        normals = [_normals(surface, setup, run.cells.order) for setup, run in pairs]
    crib = _crib(plan)
    left = _true_distance(plan, surface.points[spots], simulation)
    worst_first = np.lexsort((spots, -left))
    spots, left = spots[worst_first], left[worst_first]
    reachable: list[tuple[float, int]] = []
    beyond: list[tuple[float, int]] = []
    inside = _true_distance(plan, surface.points[spots] + STEP_MM * surface.inward[spots], simulation)
    known: list[tuple[float, int]] = []
    tested = 0
    for spot, distance, beside in zip(spots.tolist(), left.tolist(), inside.tolist(), strict=True):
        if _settled_by(surface.points, known, spot, distance):
            beyond.append((distance, spot))
            continue
        if tested >= MOST_PLACES:
            break
        tested += 1
        least = _least(surface, simulation, crib, normals, spot, distance)
        # Where a tool comes near, the rim itself counts; in a corner no tool fills, the step into the face does.
        avoidable = (distance if least <= EXCESS_MM else min(distance, beside)) - least
        if avoidable > EXCESS_MM:
            reachable.append((distance, spot))
        else:
            beyond.append((distance, spot))
            known.append((least, spot))
        excess = max(excess, avoidable)
        if len(reachable) >= ENOUGH:
            break
    if len(reachable) + len(beyond) < len(places) and not reachable:
        rest = int(places[min(len(reachable) + len(beyond), len(places) - 1)])
        excess = max(excess, float(simulation.distance[rest]))
        what = f"material left at {len(places)} places, too many to try every tool at"
        unmade.append(_finding("verify.excess-many", what, surface, float(simulation.distance[rest]), rest))
    findings = [_finding("verify.excess", "material left where a tool reaches", surface, d, k) for d, k in reachable]
    hint = _help(plan)
    groups = _grouped("verify.unreachable", "no tool of the machine reaches this place", surface, beyond, hint)
    large = [replace(f, severity="refuse") for f in groups if float(f.value or 0.0) > UNMADE_MM]
    return Leftover(
        excess,
        tuple(findings),
        (*unmade, *large),
        tuple(f for f in groups if float(f.value or 0.0) <= UNMADE_MM),
        tuple(_tab_notes(plan, surface, simulation, np.flatnonzero(high & under_tab))),
        judged,
    )


def _hidden(plan: ProcessPlan, surface: Surface, far: NDArray[np.bool_]) -> Ints:
    """Faces nearly half of whose points no tool came near and look away from the spindle in every setup."""
    sees = np.zeros(len(surface.points), dtype=bool)
    for setup in plan.setups:
        x, y, z = setup.to_setup[2][:3]
        sees |= x * surface.normals[:, 0] + y * surface.normals[:, 1] + z * surface.normals[:, 2] > -SIDE
    count = np.bincount(surface.face, minlength=len(surface.kinds))
    blind = np.bincount(surface.face, weights=far & ~sees, minlength=len(surface.kinds))
    return np.flatnonzero((count > 0) & (blind > MOSTLY * count))


def _not_made(plan: ProcessPlan, surface: Surface, simulation: Simulation, face: int) -> Finding:
    mine = np.flatnonzero(surface.face == face)
    out = surface.normals[mine].mean(axis=0)
    axis = int(np.argmax(np.abs(out)))
    side = ("-" if out[axis] < 0 else "+") + "XYZ"[axis]
    middle = surface.points[mine].mean(axis=0)
    into = float(np.linalg.norm(out)) < ROUND  # a hole's wall looks every way
    return Finding(
        "verify.face-not-made",
        f"face {face + 1} ({surface.kinds[face]}) was never cut: none of the {len(plan.setups)} setups sees it",
        _place(middle),
        round(float(simulation.distance[mine].max()), 4),
        EXCESS_MM,
        "Add a setup that looks into it." if into else f"Add a setup that sees the part from {side}.",
    )


def _settled_by(points: Floats, known: list[tuple[float, int]], spot: int, distance: float) -> bool:
    """True when a place near by, found out of reach, proves that no tool leaves much less here.

    What the best of tools leaves changes from place to place by no more than the way between them.
    """
    if not known:
        return False
    least, places = np.array([least for least, _ in known]), np.array([k for _, k in known])
    way = np.linalg.norm(points[places] - points[spot], axis=1)
    return bool((distance - least + way <= EXCESS_MM).any())


def _help(plan: ProcessPlan) -> str:
    finest = min(
        (a.tool.diameter_mm / 2 for a in plan.machine.tools if a.tool.kind in {"end-mill", "ball-mill"}), default=0.0
    )
    if finest <= 0:
        return "The machine has no mill: add one."
    return (
        f"Round inner corners by more than {finest:g} mm (the machine's finest mill), make the place less deep, "
        "or add a thinner or longer mill."
    )


def _on_blank(plan: ProcessPlan, surface: Surface) -> NDArray[np.bool_]:
    """Points of faces that already lie on the blank's own faces."""
    setup = plan.setups[0]
    box = setup.stock_box
    limits = np.array(((box.x0_mm, box.x1_mm), (box.y0_mm, box.y1_mm), (box.z0_mm, box.z1_mm)))
    return _flush(in_setup(surface.points, setup), turned(surface.normals, setup), limits)


@compiled
def _flush(points: Floats, normals: Floats, limits: Floats) -> NDArray[np.bool_]:
    """The points on the faces of a box that look out of it there; ``limits`` are low and high along every axis."""
    found = np.zeros(len(points), dtype=np.bool_)
    for k in range(len(points)):
        for axis in range(3):
            for end in range(2):
                out = normals[k, axis] * (2.0 * end - 1.0)
                if out > FACING and abs(points[k, axis] - limits[axis, end]) <= ON_BLANK_MM:
                    found[k] = True
    return found


def _under_tabs(plan: ProcessPlan, points: Floats) -> NDArray[np.bool_]:
    """Points at a tab the plan leaves standing: as far along the wall as the tab and the tool's own width."""
    found = np.zeros(len(points), dtype=bool)
    for setup in plan.setups:
        if setup.fixture.skin is not None:
            found |= _at_skin(in_setup(points, setup), setup.fixture.skin)
    diameters = {a.number: a.tool.diameter_mm for a in plan.tools}
    for setup in plan.setups:
        if not any(o.tabs for o in setup.operations):
            continue
        here = in_setup(points, setup)
        for operation in setup.operations:
            for tab in operation.tabs:
                reach = tab.width_mm / 2 + diameters.get(operation.tool_number, 0.0) / 2 + TAB_MARGIN_MM
                near = np.hypot(here[:, 0] - tab.x_mm, here[:, 1] - tab.y_mm) <= reach
                found |= near & (here[:, 2] <= tab.top_z_mm + EXCESS_MM)
    return found


def _at_skin(points: Floats, skin: Skin) -> NDArray[np.bool_]:
    """Points of the outline where a skin joins it; one too thick to be broken out by hand excuses nothing."""
    if skin.top_z_mm - skin.bottom_z_mm > MOST_SKIN_MM:
        return np.zeros(len(points), dtype=bool)
    z = points[:, 2]
    found: NDArray[np.bool_] = (z > skin.bottom_z_mm - EXCESS_MM) & (z < skin.top_z_mm + EXCESS_MM)
    area = flatten(skin.outline)
    found[found] = within(offset(area, EXCESS_MM) - offset(area, -EXCESS_MM), points[found, :2])
    return found


def _worst_of_each_place(points: Floats, distance: Floats, spots: Ints) -> Ints:
    """One spot for every millimetre of space, the worst of it; worst places first."""
    order = spots[np.lexsort((spots, -distance[spots]))]
    keys = np.floor(points[order] / GROUP_MM).astype(np.int64)
    _, first = np.unique(keys, axis=0, return_index=True)
    return order[np.sort(first)]


def _true_distance(plan: ProcessPlan, points: Floats, simulation: Simulation) -> Floats:
    """How far the tools stayed from a few points, however far that is."""
    best = np.full(len(points), FAR_MM)
    if not len(points):
        return best
    by = np.full(len(points), -1, dtype=np.int64)
    for setup, run in zip(plan.setups, simulation.runs, strict=True):
        approach(into_cells(in_setup(points, setup), COARSE_MM), run.path, simulation.tools, best, by)
    return best


def _normals(surface: Surface, setup: Setup, order: Ints) -> Floats:
    return turned(surface.normals, setup)[order]


@dataclass(frozen=True, slots=True)
class _Crib:
    """Cutters and shanks of every tool there is, and from how much on each counts on the three kinds of faces."""

    tools: Floats
    bodies: Floats
    wanted: Floats


def _crib(plan: ProcessPlan) -> _Crib:
    """The plan's tools first, then all others of the machine: leaving a tool out of a plan excuses nothing."""
    used = {a.number for a in plan.tools}
    every = (*plan.tools, *(a for a in plan.machine.tools if a.number not in used))
    tools = tuple(a for a in every if a.tool.kind not in THREADING)
    # Whether a holder would fit is the planner's care: what a cutter and its shank reach counts as reachable.
    shanks = np.array([math.ceil(a.tool.shank_diameter_mm / 2 / BODY_STEP_MM) for a in tools])
    bodies = body_table(tools)[:, : int(shanks.max())]
    wanted = np.array([(0.0, 0.0, 0.0) if a.number in used else WANTED_MM[a.tool.kind] for a in tools])
    return _Crib(tool_table(tools), np.where(np.arange(bodies.shape[1]) < shanks[:, None], bodies, FAR), wanted)


def _least(
    surface: Surface, simulation: Simulation, crib: _Crib, normals: list[Floats], spot: int, enough: float
) -> float:
    """The least any tool of the machine would have to leave at a spot, in any of the clampings.

    A tool standing on top of a wall touches the wall's rim, and yet has not cut the wall. So on rims the question
    is asked a step into the face, and to cut an upright face the tip must be below the spot.
    """
    point = surface.points[spot] + STEP_MM * surface.inward[spot]
    least = enough
    for run, out in zip(simulation.runs, normals, strict=True):
        rise = float(turned(surface.normals[spot][None, :], run.setup)[0, 2])
        if rise < -UPRIGHT:
            continue  # it looks away from the spindle: straight tools never touch it there
        upright = rise < UPRIGHT
        wanted = crib.wanted[:, 0 if upright else 2 if rise > LEVEL else 1] <= enough
        here = in_setup(point[None, :], run.setup)[0]
        ceiling = float(here[2]) - STEP_MM / 2 if upright else FAR
        for row, body in zip(crib.tools[wanted], crib.bodies[wanted], strict=True):
            if least < enough - EXCESS_MM:
                return least
            least = min(least, max(float(nearest_contact(run.cells.cloud, out, here, ceiling, row, body)), 0.0))
    return least


def _finding(code: str, what: str, surface: Surface, distance: float, spot: int) -> Finding:
    return Finding(
        code,
        what,
        place=_place(surface.points[spot]),
        value=round(distance, 4),
        limit=EXCESS_MM,
        hint="Cut closer, or use a tool that reaches.",
        severity="refuse" if code.startswith("verify.excess") else "note",
    )


def _place(point: Floats) -> str:
    return "part " + ", ".join(f"{axis} {value:.2f}" for axis, value in zip("xyz", point.tolist(), strict=True))


def _grouped(code: str, what: str, surface: Surface, spots: list[tuple[float, int]], hint: str) -> list[Finding]:
    """One note for every group of neighbouring spots, with its worst value and its size."""
    members: dict[tuple[int, ...], list[tuple[float, int]]] = {}
    for item in spots:
        cell = np.floor(surface.points[item[1]] / GROUP_MM).astype(int).tolist()
        members.setdefault(tuple(cell), []).append(item)
    groups: list[list[tuple[float, int]]] = []
    waiting = dict.fromkeys(members)
    while waiting:
        chain = [waiting.popitem()[0]]
        group: list[tuple[float, int]] = []
        while chain:
            here = chain.pop()
            group += members[here]
            for step in itertools.product((-1, 0, 1), repeat=3):
                beside = tuple(a + b for a, b in zip(here, step, strict=True))
                if beside in waiting:
                    del waiting[beside]
                    chain.append(beside)
        groups.append(group)
    notes = []
    for group in groups:
        worst, spot = max(group)
        box = surface.points[[k for _, k in group]]
        size = " x ".join(f"{s:.1f}" for s in (box.max(axis=0) - box.min(axis=0)).tolist())
        note = _finding(code, f"{what}: {worst:.3f} mm stay over {size} mm", surface, worst, spot)
        notes.append(replace(note, hint=hint))
    return sorted(notes, key=lambda f: (-float(f.value or 0.0), f.place))


def _tab_notes(plan: ProcessPlan, surface: Surface, simulation: Simulation, spots: Ints) -> list[Finding]:
    if not len(spots):
        return []
    worst = int(spots[np.argmax(simulation.distance[spots])])
    count = sum(len(o.tabs) for s in plan.setups for o in s.operations)
    skins = [s.fixture.skin.top_z_mm - s.fixture.skin.bottom_z_mm for s in plan.setups if s.fixture.skin is not None]
    what = f"by a skin {max(skins):.2f} mm thick all round its outline" if skins else f"under {count} tabs"
    note = f"left on purpose {what}, to be filed off by hand"
    return [_finding("verify.tabs", note, surface, float(simulation.distance[worst]), worst)]

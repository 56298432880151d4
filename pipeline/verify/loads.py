"""What every cut does to its tool by the material the simulation saw: chip, engagement, force, bending, power."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from geometry.compiled import compiled
from model.plan import ProcessPlan
from model.tooling import Assembly
from pipeline.verify.kernels import ANGLE, BULK, BUSY, DEPTH, MEAN, OVER, REMOVED
from pipeline.verify.path import body_sections
from pipeline.verify.shapes import Floats, Ints
from pipeline.verify.simulate import Run, Simulation

CUTS_MM3 = 0.001
THINNEST_MM = 0.001
RASTER_DEG = 5.0
WINDOW_MM = 2.0
SAME_MM = 1e-6
LEAST_HELIX_DEG = 0.01
MOMENTS = 24
MODULUS_N_MM2 = {"carbide": 580_000.0, "hss": 205_000.0, "hss-co": 205_000.0}
CORE = 0.8
"""A fluted part bends like a bar of this share of its diameter (belief; the planner's own number is its own)."""


@dataclass(frozen=True, slots=True)
class Loads:
    """One number a row of a run; 0 where nothing is cut.

    ``length`` of the way and ``fz`` the feed a tooth (of drills and reamers a lip) in mm; ``chip`` the thickest
    chip, thinner than ``fz`` below half engagement; ``width`` the mean width of cut (mm); ``force`` on the teeth (N)
    and the ``bending`` it gives the tool's tip (mm); ``power`` asked for over the last 2 mm and ``given`` (kW).
    """

    cutting: np.ndarray
    length: Floats
    fz: Floats
    chip: Floats
    width: Floats
    force: Floats
    bending: Floats
    power: Floats
    given: Floats


def loads(run: Run, plan: ProcessPlan) -> Loads:
    """Work out every row of a run.

    Thickest chip fz sin(angle) below 90 degrees; tangential force kc1.1 h^-mc b h (Kienzle) on the edges b in the cut
    at once, at the worst moment of a turn; tip bending of a stepped cantilever F / 3E sum((b^3 - a^3) / I).
    """
    n = len(run.path)
    g, met = run.path.geometry, run.met
    flat = np.where(
        g[:, 0] == 1, np.abs(g[:, 12]) * (g[:, 9] + g[:, 10]) / 2, np.hypot(g[:, 4] - g[:, 1], g[:, 5] - g[:, 2])
    )
    length = np.hypot(flat, g[:, 6] - g[:, 3])
    feed, rpm = np.zeros(n), np.zeros(n)
    for k in range(n):
        move = run.programs[int(run.owner[k])].read.moves[int(run.path.move[k])]
        feed[k], rpm[k] = move.feed_mm_min, move.spindle_rpm
    turns = (run.path.rapid == 0) & (feed > 0) & (rpm > 0)
    tools = [a.tool for a in plan.tools]
    axial = np.array([t.kind in {"drill", "spot-drill", "reamer", "tap"} for t in tools])[run.path.tool]
    round_tip = np.array([t.kind == "ball-mill" for t in tools])[run.path.tool]
    teeth = np.array([max(t.flutes, 1) for t in tools])[run.path.tool]
    fz = np.where(turns, feed / np.maximum(rpm, 1e-9) / teeth, 0.0)
    cutting = turns & (met[:, REMOVED] > CUTS_MM3)
    # A column more or less at the rim is a few degrees; drills and balls have no rim to speak of.
    angle = np.where(axial | round_tip | (flat < SAME_MM), 90.0, np.minimum(met[:, ANGLE] + RASTER_DEG, 180.0))
    chip = np.where(cutting, fz * np.where(angle < 90.0, np.sin(np.radians(angle)), 1.0), 0.0)
    depth = np.where(cutting, met[:, DEPTH], 0.0)
    width = np.divide(met[:, REMOVED], flat * depth, out=np.zeros(n), where=(flat > SAME_MM) & (depth > SAME_MM))
    lag = np.array([2.0 * math.tan(math.radians(max(t.helix_deg, LEAST_HELIX_DEG))) / t.diameter_mm for t in tools])
    milling = cutting & ~axial & (flat > SAME_MM)
    force = np.zeros(n)
    bulk = np.where(round_tip, depth, np.minimum(met[:, BULK], depth))
    force[milling] = plan.material.kc11_n_mm2 * _torn(
        fz[milling], angle[milling], depth[milling], bulk[milling], met[milling, OVER], teeth[milling],
        lag[run.path.tool][milling], plan.material.mc,
    )  # fmt: skip
    soft = np.array([_softness(a) for a in plan.tools])[run.path.tool]
    power, given = _power(run, plan, length, fz, turns)
    return Loads(cutting, length, fz, chip, width, force, force * soft, power, given)


def _torn(
    fz: Floats, angle: Floats, depth: Floats, bulk: Floats, over: Floats, teeth: Ints, lag: Floats, mc: float
) -> Floats:
    """The peak of a row's whole height, as the sum of two: up to ``bulk`` and from there on (angles in degrees).

    A skim as high as a wall beside a wide bite as low as a step: each height with the engagement it has.
    """
    side = np.minimum(over + RASTER_DEG, angle)
    below = _peaks(fz, np.radians(angle), bulk, teeth, lag, mc)
    return np.asarray(below + _peaks(fz, np.radians(side), depth - bulk, teeth, lag, mc))


@compiled
def _peaks(fz: Floats, angle: Floats, depth: Floats, teeth: Ints, lag: Floats, mc: float) -> Floats:
    """Sum of h^(1 - mc) b (mm) over all edges in the cut at the worst moment of a turn, for each row.

    A tooth at the angle ``a`` from where the chip is nothing cuts h = fz sin a. A helix spreads each edge over
    ``lag`` (rad a mm of depth): what of it lies between 0 and the row's ``angle`` cuts, with the mean h there.
    """
    found = np.zeros(len(fz))
    for k in range(len(fz)):
        spread, pitch = lag[k] * depth[k], math.tau / teeth[k]
        for n in range(MOMENTS):
            total = 0.0
            # The first moment has an edge's foremost point where the chip is thickest.
            lead = (min(angle[k], 0.5 * math.pi) + n * pitch / MOMENTS) % pitch
            while lead < angle[k] + spread:
                a, b = max(lead - spread, 0.0), min(lead, angle[k])
                if b > a:
                    mean = fz[k] * (math.cos(a) - math.cos(b)) / (b - a)
                    total += max(mean, THINNEST_MM) ** (1.0 - mc) * (b - a) / lag[k]
                lead += pitch
            found[k] = max(found[k], total)
    return found


def _softness(assembly: Assembly) -> float:
    """Bending of the tip a newton (mm/N): flutes, neck and shank held at the holder's nose."""
    total = start = 0.0
    fluted = min(assembly.tool.flute_length_mm, assembly.stick_out_mm)
    stretches = [(fluted, CORE * assembly.tool.diameter_mm)]
    stretches += [
        (z1, 2 * min(r0, assembly.tool.shank_diameter_mm / 2)) for _, z1, r0, _ in body_sections(assembly)[:2]
    ]
    for end, diameter in stretches:
        if end > start and diameter > 0:
            total += (end**3 - start**3) / (math.pi * diameter**4 / 64)
            start = end
    return total / (3 * MODULUS_N_MM2[assembly.tool.substrate])


def _power(run: Run, plan: ProcessPlan, length: Floats, fz: Floats, turns: np.ndarray) -> tuple[Floats, Floats]:
    """Power asked for over the stretch that ends with each row, and power there is at its speed (kW).

    The volume removed times kc of the feed a tooth, over the last 2 mm of unbroken cutting with one tool, or over
    the whole row when that is longer.
    """
    g, tool = run.path.geometry, run.path.tool
    n = len(run.path)
    if not n:
        return np.empty(0), np.empty(0)
    feed, rpm = np.zeros(n), np.zeros(n)
    for k in np.flatnonzero(turns).tolist():
        move = run.programs[int(run.owner[k])].read.moves[int(run.path.move[k])]
        feed[k], rpm[k] = move.feed_mm_min, move.spindle_rpm
    kc = plan.material.kc11_n_mm2 * np.maximum(fz, THINNEST_MM) ** -plan.material.mc
    joules = np.where(turns, run.met[:, REMOVED] * kc / 1000.0, 0.0)
    seconds = np.where(turns, length / np.maximum(feed, 1e-9) * 60.0, 0.0)
    curve = [(0.0, 0.0), *plan.machine.power_curve]
    given = np.where(turns, np.interp(rpm, [r for r, _ in curve], [p for _, p in curve]), 0.0)
    apart = np.concatenate([[True], (tool[1:] != tool[:-1]) | (np.abs(g[1:, 1:4] - g[:-1, 4:7]).max(axis=1) > SAME_MM)])
    breaks = apart | ~turns | np.concatenate([[True], ~turns[:-1]])
    first = np.maximum.accumulate(np.where(breaks, np.arange(n), 0))
    ways = np.concatenate([[0.0], np.cumsum(length)])
    # The last row at whose start the stretch is long enough, but none before the unbroken run.
    start = np.maximum(np.searchsorted(ways, ways[1:] - WINDOW_MM, side="right") - 1, first)
    start = np.minimum(start, np.arange(n))
    stretch = ways[1:] - ways[start]
    sums = [np.concatenate([[0.0], np.cumsum(v)]) for v in (joules, seconds)]
    work, time = (s[1:] - s[start] for s in sums)
    least = np.where(stretch < WINDOW_MM, WINDOW_MM / np.maximum(feed, 1e-9) * 60.0, 0.0)
    asked = np.where(turns, work / np.maximum(np.maximum(time, least), 1e-9) / 1000.0, 0.0)
    return asked, given


def per_operation(simulation: Simulation, plan: ProcessPlan, every: list[Loads]) -> dict[str, dict[str, float]]:
    """What each operation asked of its tool, by the operation's id: engagement, depth, width, loads, air share."""
    found: dict[str, dict[str, float]] = {}
    for run, load in zip(simulation.runs, every, strict=True):
        for number, operation in enumerate(run.setup.operations):
            mine = (run.operation == number) & (run.path.rapid == 0)
            if not mine.any():
                continue
            met, length = run.met[mine], load.length[mine]
            # A ball's or a drill's rim says nothing; there a row cuts or does not.
            kind = next(a.tool.kind for a in plan.tools if a.number == operation.tool_number)
            milling = kind in {"end-mill", "chamfer-mill", "engraver"}
            busy = length * (met[:, BUSY] if milling else load.cutting[mine])
            whole, engaged = float(length.sum()), float(busy.sum())
            told = {
                "cut_length_mm": whole,
                "air_share": 1.0 - engaged / whole if whole > 0 else 0.0,
                "max_depth_mm": float(met[:, DEPTH].max()),
                "removed_mm3": float(met[:, REMOVED].sum()),
                "max_width_mm": float(load.width[mine].max()),
                "max_chip_mm": float(load.chip[mine].max()),
                "max_force_n": float(load.force[mine].max()),
                "max_bending_mm": float(load.bending[mine].max()),
                "max_power_kw": float(load.power[mine].max()),
            }
            if milling:
                told["max_engagement_deg"] = float(met[:, ANGLE].max())
                told["mean_engagement_deg"] = float((busy * met[:, MEAN]).sum() / engaged) if engaged > 0 else 0.0
            found[run.setup.names()[number]] = {k: round(v, 4) + 0.0 for k, v in told.items()}
    return found

"""Moves and tools as plain number tables, ready for the compiled loops."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.tooling import Assembly, Tool
from pipeline.verify.readers.types import ReadMove

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
FULL_TURN_RAD = 5e-7
BODY_STEP_MM = 0.1
CLEAR_MM = 0.5
"""What a holder keeps from the stock, and a whole tool from jaws and clamps: nobody sets up more exactly."""
THREAD_DEPTH = 0.55
HELIX_CHORD_MM = 0.001
NOTHING = 1e9


@dataclass(frozen=True, slots=True)
class Path:
    """A run of moves of the tool tip in the setup's frame.

    ``geometry`` rows: arc (0 or 1), start x y z, end x y z, centre x y, start radius, end radius, start angle,
    sweep (rad, counter-clockwise positive). ``tool`` is a row of the tool table, ``rapid`` 1 for rapids,
    ``move`` the number of the move in its program.
    """

    geometry: Floats
    tool: Ints
    rapid: Ints
    move: Ints

    def __len__(self) -> int:
        """How many moves."""
        return len(self.tool)


def path_of(moves: Sequence[ReadMove], rows: dict[int, int]) -> Path:
    """The moves with both ends known, as tables; ``rows`` gives each tool number its row."""
    ends = np.array([(m.x_mm, m.y_mm, m.z_mm) for m in moves]).reshape(-1, 3)
    nose = np.array([m.nose_mm for m in moves]).reshape(-1, 3)
    before = np.concatenate([np.full((1, 3), np.nan), nose])[:-1]
    # Level moves must be level to the last bit, whatever the sums of offsets left behind.
    starts, ends = np.round(before - (nose - ends), 9), np.round(ends, 9)
    tool = np.array([rows.get(m.tool, -1) for m in moves], dtype=np.int64)
    known = np.flatnonzero(~np.isnan(starts.sum(axis=1) + ends.sum(axis=1)) & (tool >= 0))
    table = np.zeros((len(moves), 13))
    table[:, 1:4], table[:, 4:7] = starts, ends
    for k in known.tolist():
        if moves[k].kind in {"cw", "ccw"}:
            table[k, 0] = 1.0
            table[k, 7:] = _turn(moves[k], starts[k, 0], starts[k, 1])
    rapid = np.array([m.kind == "rapid" for m in moves], dtype=np.int64)
    return Path(table[known], tool[known], rapid[known], known)


def _turn(m: ReadMove, x0: float, y0: float) -> tuple[float, float, float, float, float, float]:
    """Centre, both radii, start angle and sweep of an arc; equal ends make a full turn."""
    first = math.atan2(y0 - m.cy_mm, x0 - m.cx_mm)
    sweep = math.atan2(m.y_mm - m.cy_mm, m.x_mm - m.cx_mm) - first
    if m.kind == "ccw":
        sweep += 0.0 if sweep > FULL_TURN_RAD else math.tau
        sweep += 0.0 if sweep > FULL_TURN_RAD else math.tau
    else:
        sweep -= 0.0 if sweep < -FULL_TURN_RAD else math.tau
        sweep -= 0.0 if sweep < -FULL_TURN_RAD else math.tau
    r0 = math.hypot(x0 - m.cx_mm, y0 - m.cy_mm)
    return m.cx_mm, m.cy_mm, r0, math.hypot(m.x_mm - m.cx_mm, m.y_mm - m.cy_mm), first, sweep


def tool_table(tools: Sequence[Assembly]) -> Floats:
    """One row a tool (mm).

    Radius, radius of the tip's flat, radius less the corner's, height of the tip's cone, corner radius, flute
    length, reach (up to where something wider or rubbing follows the flutes); then 1 or 0: cuts at its centre,
    works along its axis only, rubs above its reach; last how deep it may cut threads into a wall (0: no thread
    tool), 0.55 of the pitch (an internal thread is 0.5413 P deep, ISO 68-1), and 1 or 0: may break sharp edges.
    """
    rows = []
    for assembly in tools:
        t = assembly.tool
        radius = t.diameter_mm / 2
        corner = radius if t.kind == "ball-mill" else t.corner_radius_mm
        flat, cone = _point(t)
        if cone == 0.0:
            flat = radius - corner
        relieved = t.shoulder_length_mm > t.flute_length_mm or t.shank_diameter_mm < t.diameter_mm
        reach = max(t.shoulder_length_mm, t.flute_length_mm) if relieved else t.flute_length_mm
        threads = t.kind in {"tap", "thread-mill"}
        rows.append(
            (
                radius,
                flat,
                radius - corner,
                cone,
                corner,
                t.flute_length_mm,
                reach,
                float(t.centre_cutting),
                float(t.kind in {"drill", "spot-drill", "reamer", "tap"}),
                float(not relieved and not threads),
                THREAD_DEPTH * t.pitch_mm if threads else 0.0,
                float(t.kind in {"chamfer-mill", "engraver"}),
            )
        )
    return np.array(rows, dtype=np.float64)


def _point(t: Tool) -> tuple[float, float]:
    """Radius of the flat at the tip, and the height of the cone from there to the full radius (0: no cone)."""
    radius = t.diameter_mm / 2
    if t.kind in {"end-mill", "ball-mill", "thread-mill"}:
        return radius, 0.0
    if t.kind in {"tap", "reamer"}:
        # The tapered start: of a tap by the thread's depth (0.6134 P, ISO 68-1), of a reamer at 45 degrees.
        run = t.chamfer_length_mm
        narrow = 0.6134 * t.pitch_mm if t.kind == "tap" else run
        return max(radius - narrow, 0.0), run if narrow > 0.0 else 0.0
    flat = 0.0 if t.kind in {"drill", "spot-drill"} else t.tip_diameter_mm / 2
    if t.point_angle_deg >= 180 or flat >= radius:
        return flat, 0.0
    return flat, (radius - flat) / math.tan(math.radians(t.point_angle_deg) / 2)


def expanded(path: Path, tools: Floats, rapid_mm_min: tuple[float, float, float] | None) -> Path:
    """The same moves, each as all the rows it takes to measure it exactly.

    A helix of a cutter that is not flat becomes chords, their ends as far outside the helix as their middles are
    inside (0.0005 mm). With ``rapid_mm_min`` (x, y, z) rapids may also go by the dog-leg: every axis at its own full
    speed until it arrives; the dog-leg's pieces follow the straight rapid.
    """
    g = path.geometry
    round_tip = (tools[path.tool, 3] > 0) | (tools[path.tool, 4] > 0)
    helix = (g[:, 0] == 1) & (g[:, 3] != g[:, 6]) & round_tip
    bent = np.zeros(len(path), dtype=bool)
    if rapid_mm_min is not None:
        bent = (path.rapid == 1) & ((np.abs(g[:, 4:7] - g[:, 1:4]) > 1e-6).sum(axis=1) > 1)
    if not helix.any() and not bent.any():
        return path
    rows: list[Floats] = []
    counts = np.ones(len(path), dtype=np.int64)
    at = 0
    for k in np.flatnonzero(helix | bent).tolist():
        more = _chords(g[k]) if helix[k] else np.concatenate([g[k : k + 1], _dog_leg(g[k], rapid_mm_min)])
        rows += [g[at:k], more]
        counts[k] = len(more)
        at = k + 1
    geometry = np.concatenate([*rows, g[at:]])
    return Path(geometry, np.repeat(path.tool, counts), np.repeat(path.rapid, counts), np.repeat(path.move, counts))


def _chords(g: Floats) -> Floats:
    step = 2.0 * math.acos(max(1.0 - HELIX_CHORD_MM / max(float(g[9]), float(g[10]), HELIX_CHORD_MM), 0.0))
    share = np.linspace(0.0, 1.0, int(abs(g[12]) / step) + 2)
    r = g[9] + (g[10] - g[9]) * share + 0.5 * HELIX_CHORD_MM
    a = g[11] + g[12] * share
    spots = np.stack([g[7] + r * np.cos(a), g[8] + r * np.sin(a), g[3] + (g[6] - g[3]) * share], axis=1)
    return _straight(spots)


def _dog_leg(g: Floats, rapid_mm_min: tuple[float, float, float] | None) -> Floats:
    speeds = np.array(rapid_mm_min)
    way = g[4:7] - g[1:4]
    arrive = np.abs(way) / speeds
    times = np.concatenate([[0.0], np.unique(arrive[arrive > 0])])
    share = np.minimum(times[:, None] / np.maximum(arrive, 1e-12), 1.0)
    return _straight(g[1:4] + np.where(arrive > 0, share, 1.0) * way)


def _straight(spots: Floats) -> Floats:
    rows = np.zeros((len(spots) - 1, 13))
    rows[:, 1:4], rows[:, 4:7] = spots[:-1], spots[1:]
    return rows


def body_table(tools: Sequence[Assembly]) -> Floats:
    """Height above the tip (mm) where shank or holder is first as wide as each radius, on steps of 0.1 mm.

    The holder is 0.5 mm larger all round than it is. One row a tool; within the cutter's own radius, and beyond the
    holder, there is nothing (1e9).
    """
    sections = [_cleared(body_sections(a)) for a in tools]
    widest = max(r for rows in sections for _, _, _, r in rows)
    table = np.full((len(tools), math.ceil(widest / BODY_STEP_MM) + 2), NOTHING)
    near = np.arange(table.shape[1]) * BODY_STEP_MM
    for row, (assembly, rows) in enumerate(zip(tools, sections, strict=True)):
        radius = assembly.tool.diameter_mm / 2
        inner = np.maximum(near, radius + 1e-6)
        for z0, z1, r0, r1 in rows[1:]:
            rising = z0 + (z1 - z0) * (inner - r0) / (r1 - r0) if r1 != r0 else NOTHING
            height = np.where(r0 >= inner, z0, np.where(r1 >= inner, rising, NOTHING))
            table[row] = np.minimum(table[row], height)
        table[row, near + BODY_STEP_MM <= radius] = NOTHING
    return table


def _cleared(rows: list[tuple[float, float, float, float]]) -> list[tuple[float, float, float, float]]:
    """Sections with the holder's, behind cutter and shank, grown by what it keeps from the stock."""
    return [*rows[:2], *((z0 - CLEAR_MM, z1, r0 + CLEAR_MM, r1 + CLEAR_MM) for z0, z1, r0, r1 in rows[2:])]


def body_sections(assembly: Assembly) -> list[tuple[float, float, float, float]]:
    """The whole assembly as cones (from height, to height, lower radius, upper radius): cutter, shank, holder."""
    t = assembly.tool
    shoulder = min(max(t.shoulder_length_mm, t.flute_length_mm), assembly.stick_out_mm)
    rows = [(0.0, shoulder, t.diameter_mm / 2, t.diameter_mm / 2)]
    rows.append((shoulder, assembly.stick_out_mm, t.shank_diameter_mm / 2, t.shank_diameter_mm / 2))
    height = assembly.stick_out_mm
    for s in assembly.holder.segments:
        rows.append((height, height + s.height_mm, s.lower_diameter_mm / 2, s.upper_diameter_mm / 2))
        height += s.height_mm
    return rows

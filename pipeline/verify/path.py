"""Moves and tools as plain number tables, ready for the compiled loops."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.tooling import Assembly
from pipeline.verify.readers.types import ReadMove

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
FULL_TURN_RAD = 5e-7
BODY_STEP_MM = 0.1
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
    is a drill, rubs above its reach.
    """
    rows = []
    for assembly in tools:
        t = assembly.tool
        radius = t.diameter_mm / 2
        corner = radius if t.kind == "ball-mill" else t.corner_radius_mm
        flat = 0.0 if t.kind in {"drill", "spot-drill"} else t.tip_diameter_mm / 2
        cone = 0.0
        if t.point_angle_deg < 180 and t.kind not in {"end-mill", "ball-mill"} and flat < radius:
            cone = (radius - flat) / math.tan(math.radians(t.point_angle_deg) / 2)
        if cone == 0.0:
            flat = radius - corner
        relieved = t.shoulder_length_mm > t.flute_length_mm or t.shank_diameter_mm < t.diameter_mm
        reach = max(t.shoulder_length_mm, t.flute_length_mm) if relieved else t.flute_length_mm
        drill = t.kind in {"drill", "spot-drill"}
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
                float(drill),
                float(not relieved),
            )
        )
    return np.array(rows, dtype=np.float64)


def body_table(tools: Sequence[Assembly]) -> Floats:
    """Height above the tip (mm) where shank or holder is first as wide as each radius, on steps of 0.1 mm.

    One row a tool; within the cutter's own radius, and beyond the holder, there is nothing (1e9).
    """
    sections = [body_sections(a) for a in tools]
    widest = max(r for rows in sections for _, _, _, r in rows)
    table = np.full((len(tools), math.ceil(widest / BODY_STEP_MM) + 2), NOTHING)
    for row, (assembly, rows) in enumerate(zip(tools, sections, strict=True)):
        radius = assembly.tool.diameter_mm / 2
        for cell in range(table.shape[1]):
            near = cell * BODY_STEP_MM
            if near + BODY_STEP_MM <= radius:
                continue
            for z0, z1, r0, r1 in rows[1:]:
                inner = max(near, radius + 1e-6)
                if r0 >= inner:
                    height = z0
                elif r1 >= inner:
                    height = z0 + (z1 - z0) * (inner - r0) / (r1 - r0)
                else:
                    continue
                table[row, cell] = min(table[row, cell], height)
    return table


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

"""What every milling syntax does alike with moves: cycles written out, arcs divided, centres rounded."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from model.errors import ConfigError
from model.toolpath import Move

Point = tuple[float, float]

RELIEF_MM = 0.25
"""After a retract the drill goes back by rapid to this far above where it was (as LinuxCNC does)."""

RADII_MM = 0.0015
"""Controllers compare an arc's two radii (Grbl, Haas: 0.005 mm); ours agree at least this well after rounding."""

NEARLY_FULL_RAD = math.radians(350)
"""Arcs of more than this that are no full circle are written in two: rounding must not turn them into nothing."""


def expanded(m: Move) -> list[Move]:
    """A drill move as single moves; a ``line`` with ``dwell_s`` waits at its end.

    Raises:
        ConfigError: A tap cannot be led by single moves: its feed must follow the spindle.
    """
    if m.cycle == "tap":
        msg = f"the thread at ({m.x_mm:g}, {m.y_mm:g}) needs a control that taps in step with the spindle"
        raise ConfigError("post.no-tapping", msg, value=m.pitch_mm, hint="Mill the thread, or use another machine.")
    feed = replace(m, kind="line", cycle="drill", retract_mm=0.0, peck_mm=0.0, dwell_s=0.0, pitch_mm=0.0)
    rapid = Move("rapid", m.x_mm, m.y_mm, m.retract_mm, intent="retract")
    moves = [replace(rapid, intent="approach")]
    depth = m.retract_mm
    while m.cycle in ("peck", "chip-break") and m.peck_mm > 0 and depth - m.peck_mm > m.z_mm + 1e-9:
        depth -= m.peck_mm
        moves.append(replace(feed, z_mm=depth))
        if m.cycle == "peck":
            moves.append(rapid)
        moves.append(replace(rapid, z_mm=depth + RELIEF_MM, intent="approach"))
    moves.append(replace(feed, dwell_s=m.dwell_s))
    return [*moves, replace(feed, z_mm=m.retract_mm) if m.cycle == "ream" else rapid]


def sweep(start: Point, m: Move) -> float:
    """How far an arc turns (rad, above 0, at most a full turn); equal ends make a full turn."""
    if start == (m.x_mm, m.y_mm):
        return math.tau
    first = math.atan2(start[1] - m.cy_mm, start[0] - m.cx_mm)
    last = math.atan2(m.y_mm - m.cy_mm, m.x_mm - m.cx_mm)
    return (last - first if m.kind == "ccw" else first - last) % math.tau or math.tau


def divided(start: Point, z_mm: float, m: Move, most_rad: float) -> list[Move]:
    """An arc (or helix) as equal arcs of at most ``most_rad`` each; ``start`` and ``z_mm`` are where it begins."""
    turn = sweep(start, m)
    full = start == (m.x_mm, m.y_mm)
    count = math.ceil(turn / most_rad - 1e-9)
    if turn > NEARLY_FULL_RAD and not full:
        count = max(count, 2)
    first = math.atan2(start[1] - m.cy_mm, start[0] - m.cx_mm)
    radius = math.dist(start, (m.cx_mm, m.cy_mm))
    way = 1 if m.kind == "ccw" else -1
    pieces = []
    for k in range(1, count):
        angle = first + way * turn * k / count
        x, y = m.cx_mm + radius * math.cos(angle), m.cy_mm + radius * math.sin(angle)
        pieces.append(replace(m, x_mm=x, y_mm=y, z_mm=z_mm + (m.z_mm - z_mm) * k / count))
    return [*pieces, m]


def centre(m: Move, start: Point, end: Point, decimals: int) -> Point:
    """The arc's centre from its start, on the control's grid, so that both radii agree after rounding.

    ``start`` and ``end`` are rounded already. Of the grid points near the planned centre the nearest whose radii
    agree within RADII_MM is taken.

    Raises:
        ConfigError: No grid point near the centre makes them agree.
    """
    step = 10.0**-decimals
    i0, j0 = round((m.cx_mm - start[0]) / step), round((m.cy_mm - start[1]) / step)
    best = None
    for di in (0, -1, 1):
        for dj in (0, -1, 1):
            i, j = (i0 + di) * step, (j0 + dj) * step
            off = abs(math.hypot(i, j) - math.dist((start[0] + i, start[1] + j), end))
            far = math.dist((start[0] + i, start[1] + j), (m.cx_mm, m.cy_mm))
            rank = (off > RADII_MM, far if off <= RADII_MM else off, di, dj)
            if best is None or rank < best[0]:
                best = (rank, (i, j))
    assert best is not None  # noqa: S101 - nine candidates
    if best[0][0]:
        msg = f"the arc to ({m.x_mm:.4f}, {m.y_mm:.4f}) has two radii, however it is rounded"
        raise ConfigError("post.arc-radii", msg, value=best[0][1], limit=RADII_MM, hint="Correct the toolpath.")
    return best[1]


def compensation(moves: Sequence[Move]) -> list[str]:
    """Where wear compensation is switched: "on" with the first compensated move, "off" with the way out.

    Raises:
        ConfigError: The way in or out is no straight line across.
    """
    marks = [""] * len(moves)
    before = [False, *(m.compensated for m in moves)]
    for k, (was, now) in enumerate(pairwise(before)):
        if now and not was:
            if moves[k].kind != "line" or k == 0:
                raise no_entry(moves[k])
            marks[k] = "on"
        if was and not now:
            out = k if _across(moves, k) else k - 1
            if not _across(moves, out) or marks[out]:
                raise no_entry(moves[out])
            marks[out] = "off"
    if before[-1]:
        if not _across(moves, len(moves) - 1) or marks[-1]:
            raise no_entry(moves[-1])
        marks[-1] = "off"
    return marks


def _across(moves: Sequence[Move], k: int) -> bool:
    a, b = moves[k - 1], moves[k]
    return b.kind in ("rapid", "line") and (a.x_mm, a.y_mm) != (b.x_mm, b.y_mm)


def no_entry(m: Move) -> ConfigError:
    """The refusal of wear compensation that has no straight move to begin or end on."""
    return ConfigError(
        "post.compensation", f"wear compensation at ({m.x_mm:.3f}, {m.y_mm:.3f}) has no straight way in and out",
        hint="Lead in and out on straight lines.",
    )  # fmt: skip

"""Estimates how long a setup takes, with the axes' acceleration and the corners' slowing counted."""

from __future__ import annotations

import math

import numpy as np

from geometry.compiled import compiled
from model.tooling import Machine
from pipeline.verify.path import Path
from pipeline.verify.readers.types import ReadProgram
from pipeline.verify.shapes import FAR, Floats, Ints

JUNCTION_MM = 0.01


@compiled
def travel_seconds(
    starts: Floats, ends: Floats, lengths: Floats, speeds: Floats, limits: Floats, tolerances: Floats, stops: Ints
) -> float:
    """Seconds for a chain of moves, speeds joined at corners and ramped evenly (look-ahead over the whole chain).

    ``starts`` and ``ends`` are each move's unit directions at its ends, ``lengths`` mm, ``speeds`` mm/s, ``limits``
    its acceleration (mm/s2), ``tolerances`` how far the control may cut the corner before it (mm); ``stops`` is 1
    where a move starts from rest. A corner's speed is that of the arc which stays within the tolerance (junction
    deviation, Grbl 1.1; LinuxCNC's G64 P blends alike): v2 = a d sin(t/2) / (1 - sin(t/2)).
    """
    n = len(lengths)
    entry = np.zeros(n + 1)
    for k in range(1, n):
        if stops[k] == 0:
            cosine = -(ends[k - 1, 0] * starts[k, 0] + ends[k - 1, 1] * starts[k, 1] + ends[k - 1, 2] * starts[k, 2])
            half = math.sqrt(max(0.5 * (1.0 - cosine), 0.0))
            corner = FAR
            if half < 0.999999:
                corner = math.sqrt(min(limits[k - 1], limits[k]) * tolerances[k] * half / (1.0 - half))
            entry[k] = min(corner, speeds[k - 1], speeds[k])
    for k in range(n - 1, -1, -1):
        entry[k] = min(entry[k], math.sqrt(entry[k + 1] ** 2 + 2.0 * limits[k] * lengths[k]))
    total = 0.0
    for k in range(n):
        v0 = entry[k]
        v1 = min(entry[k + 1], math.sqrt(v0 * v0 + 2.0 * limits[k] * lengths[k]))
        entry[k + 1] = v1
        top = min(speeds[k], math.sqrt(limits[k] * lengths[k] + 0.5 * (v0 * v0 + v1 * v1)))
        ramps = (2.0 * top * top - v0 * v0 - v1 * v1) / (2.0 * limits[k])
        total += (2.0 * top - v0 - v1) / limits[k] + max(lengths[k] - ramps, 0.0) / top
    return total


def seconds(program: ReadProgram, path: Path, machine: Machine, *, change_first: bool) -> float:
    """Machine time of one program: moves, dwells and tool changes (``change_first``: one by hand before it).

    Arcs are run as arcs: no faster than their centripetal acceleration allows (v2 = a r).
    """
    axes = {a.name.upper(): a for a in machine.axes}
    ordered = [axes[n] for n in "XYZ"]
    dwell = sum(e.value for e in program.events if e.what == "dwell")
    changes = sum(1 for e in program.events if e.what == "tool-change") + change_first
    total = dwell + changes * machine.tool_change_s
    if not len(path):
        return total
    starts, ends, lengths, radius = _ways(path.geometry)
    sound = np.flatnonzero(lengths > 1e-9)
    if not len(sound):
        return total
    still = {e.at_move for e in program.events if e.what in {"dwell", "tool-change", "pause"}}
    rests = np.searchsorted(path.move[sound], sorted(still))
    stops = np.zeros(len(sound), dtype=np.int64)
    stops[rests[rests < len(sound)]] = 1
    feeds = np.array([0.0 if m.kind == "rapid" else m.feed_mm_min for m in program.moves])[path.move[sound]]
    rapids = np.array([a.rapid_mm_min / 60 for a in ordered])
    accelerations = np.array([a.acceleration_mm_s2 for a in ordered])
    starts, ends, lengths, radius = starts[sound], ends[sound], lengths[sound], radius[sound]
    arc = np.isfinite(radius)
    # On its way round an arc points both axes' ways: its share of each is the whole of what is level.
    level = np.hypot(starts[:, 0], starts[:, 1])
    share = np.abs(np.where(arc[:, None], np.stack([level, level, starts[:, 2]], axis=1), starts))
    with np.errstate(divide="ignore"):
        fastest = np.min(np.where(share > 1e-9, rapids / share, np.inf), axis=1)
        limits = np.min(np.where(share > 1e-9, accelerations / share, np.inf), axis=1)
    bend = np.sqrt(min(accelerations[:2]) * np.where(arc, radius, 1.0)) / np.maximum(level, 1e-9)
    fastest = np.where(arc, np.minimum(fastest, bend), fastest)
    speeds = np.where(feeds > 0, np.minimum(feeds / 60, fastest), fastest)
    return total + float(
        travel_seconds(starts, ends, lengths, speeds, limits, _tolerances(program, path, sound), stops)
    )


def _ways(g: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Directions at each move's start and end, its length and its radius (inf: straight)."""
    arc = g[:, 0] == 1
    steps = g[:, 4:7] - g[:, 1:4]
    mean = 0.5 * (g[:, 9] + g[:, 10])
    flat = np.where(arc, np.abs(g[:, 12]) * mean, np.hypot(steps[:, 0], steps[:, 1]))
    lengths = np.hypot(flat, steps[:, 2])
    directions = []
    for angle in (g[:, 11], g[:, 11] + g[:, 12]):
        way = np.sign(g[:, 12]) * flat
        x = np.where(arc, -np.sin(angle) * way, steps[:, 0])
        y = np.where(arc, np.cos(angle) * way, steps[:, 1])
        directions.append(np.stack([x, y, steps[:, 2]], axis=1) / np.maximum(lengths, 1e-12)[:, None])
    return directions[0], directions[1], lengths, np.where(arc, np.maximum(mean, 1e-6), np.inf)


def _tolerances(program: ReadProgram, path: Path, sound: Ints) -> Floats:
    """How far the control may leave each corner: what the program's path mode says, else the usual 0.01 mm."""
    told = np.full(len(program.moves) + 1, JUNCTION_MM)
    for event in program.events:
        if event.what == "path-mode":
            told[event.at_move :] = JUNCTION_MM if math.isnan(event.value) else event.value
    picked: Floats = told[path.move[sound]]
    return picked

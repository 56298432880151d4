"""Estimates how long a setup takes, with the axes' acceleration and the corners' slowing counted."""

from __future__ import annotations

import math

import numpy as np

from model.tooling import Machine
from pipeline.verify.path import Path
from pipeline.verify.readers.types import ReadProgram
from pipeline.verify.shapes import FAR, Floats, Ints, compiled

JUNCTION_MM = 0.01
CHORD_RAD = 0.2


@compiled
def travel_seconds(vectors: Floats, lengths: Floats, speeds: Floats, stops: Ints, acceleration: Floats) -> float:
    """Seconds for a chain of pieces, speeds joined at corners and ramped evenly.

    ``vectors`` are unit directions, ``lengths`` mm, ``speeds`` mm/s; ``stops`` is 1 where the piece starts from
    rest. A corner's speed follows the junction deviation rule (Grbl 1.1): v2 = a d sin(t/2) / (1 - sin(t/2)).
    """
    n = len(lengths)
    limit = np.empty(n)
    entry = np.zeros(n + 1)
    for k in range(n):
        limit[k] = FAR
        for axis in range(3):
            share = abs(vectors[k, axis])
            if share > 1e-9:
                limit[k] = min(limit[k], acceleration[axis] / share)
        if k > 0 and stops[k] == 0:
            cosine = -(
                vectors[k - 1, 0] * vectors[k, 0]
                + vectors[k - 1, 1] * vectors[k, 1]
                + vectors[k - 1, 2] * vectors[k, 2]
            )
            half = math.sqrt(max(0.5 * (1.0 - cosine), 0.0))
            corner = FAR
            if half < 0.999999:
                corner = math.sqrt(min(limit[k - 1], limit[k]) * JUNCTION_MM * half / (1.0 - half))
            entry[k] = min(corner, speeds[k - 1], speeds[k])
    for k in range(n - 1, -1, -1):
        entry[k] = min(entry[k], math.sqrt(entry[k + 1] ** 2 + 2.0 * limit[k] * lengths[k]))
    total = 0.0
    for k in range(n):
        v0 = entry[k]
        v1 = min(entry[k + 1], math.sqrt(v0 * v0 + 2.0 * limit[k] * lengths[k]))
        entry[k + 1] = v1
        top = min(speeds[k], math.sqrt(limit[k] * lengths[k] + 0.5 * (v0 * v0 + v1 * v1)))
        ramps = (2.0 * top * top - v0 * v0 - v1 * v1) / (2.0 * limit[k])
        total += (2.0 * top - v0 - v1) / limit[k] + max(lengths[k] - ramps, 0.0) / top
    return total


def seconds(program: ReadProgram, path: Path, machine: Machine, *, change_first: bool) -> float:
    """Machine time of one program: moves, dwells and tool changes (``change_first``: one by hand before it)."""
    axes = {a.name.upper(): a for a in machine.axes}
    ordered = [axes[n] for n in "XYZ"]
    dwell = sum(e.value for e in program.events if e.what == "dwell")
    changes = sum(1 for e in program.events if e.what == "tool-change") + change_first
    still = {e.at_move for e in program.events if e.what in {"dwell", "tool-change", "pause"}}
    steps, feeds, stops = _pieces(program, path, still)
    lengths = np.linalg.norm(steps, axis=1)
    sound = np.flatnonzero(lengths > 1e-9)
    rests = np.searchsorted(sound, np.flatnonzero(stops))
    steps, lengths, feeds = steps[sound], lengths[sound], feeds[sound]
    stops = np.zeros(len(sound), dtype=np.int64)
    stops[rests[rests < len(sound)]] = 1
    total = dwell + changes * machine.tool_change_s
    if not len(lengths):
        return total
    vectors = steps / lengths[:, None]
    rapids = np.array([a.rapid_mm_min / 60 for a in ordered])
    with np.errstate(divide="ignore"):
        fastest = np.min(np.where(np.abs(vectors) > 1e-9, rapids / np.abs(vectors), np.inf), axis=1)
    speeds = np.where(feeds > 0, np.minimum(feeds / 60, fastest), fastest)
    acceleration = np.array([a.acceleration_mm_s2 for a in ordered])
    return total + float(travel_seconds(vectors, lengths, speeds, stops, acceleration))


def _pieces(program: ReadProgram, path: Path, still: set[int]) -> tuple[Floats, Floats, Ints]:
    """Straight pieces of all moves: steps (mm), feeds (mm/min, 0 for rapids), and where the machine stood still."""
    steps, feeds, stops = [], [], []
    for g, number in zip(path.geometry.tolist(), path.move.tolist(), strict=True):
        move = program.moves[number]
        count = max(1, math.ceil(abs(g[12]) / CHORD_RAD)) if g[0] else 1
        feed = 0.0 if move.kind == "rapid" else move.feed_mm_min
        for k in range(count):
            steps.append(_step(g, k / count, (k + 1) / count))
            feeds.append(feed)
            stops.append(int(k == 0 and number in still))
    return np.array(steps).reshape(-1, 3), np.array(feeds), np.array(stops, dtype=np.int64)


def _step(g: list[float], s0: float, s1: float) -> tuple[float, float, float]:
    dz = (g[6] - g[3]) * (s1 - s0)
    if not g[0]:
        return (g[4] - g[1]) * (s1 - s0), (g[5] - g[2]) * (s1 - s0), dz
    a0, a1 = g[11] + g[12] * s0, g[11] + g[12] * s1
    r0, r1 = g[9] + (g[10] - g[9]) * s0, g[9] + (g[10] - g[9]) * s1
    return r1 * math.cos(a1) - r0 * math.cos(a0), r1 * math.sin(a1) - r0 * math.sin(a0), dz

"""A Grbl 1.1 controller run tick by tick: an oracle for cycle times, told from its documentation alone.

Arcs become chords, blocks wait in a buffer of fixed length, the planner looks back from its last block (which ends at
rest), and the machine is moved one millisecond at a time. Nothing here knows of trapezoids or shares code with the
estimate it is held against.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

JUNCTION_MM, CHORD_MM, TICK_S = 0.01, 0.002, 0.001
BUFFER = {"grbl": 15, "grblhal": 99}
"""Blocks planned ahead: one place of the ring stays empty (Grbl 1.1: 16; grblHAL: 100)."""

Vector = tuple[float, float, float]


@dataclass(slots=True)
class Block:
    """One straight piece: its direction, what is left of it (mm), its speed (mm/s), acceleration, entry speed."""

    way: Vector
    left: float
    speed: float
    acceleration: float
    most: float = 0.0
    entry: float = 0.0
    line: int = 0


def seconds(read: Any, machine: Any, buffer: int) -> float:
    """Seconds the machine moves and dwells for one program as read; tool changes cost nothing."""
    axes = {a.name.upper(): a for a in machine.axes}
    rapid = tuple(axes[n].rapid_mm_min / 60 for n in "XYZ")
    push = tuple(axes[n].acceleration_mm_s2 for n in "XYZ")
    stops = {e.at_move for e in read.events if e.what in {"dwell", "tool-change", "pause", "spindle", "coolant"}}
    total: float = sum(e.value for e in read.events if e.what == "dwell")
    chain: list[Block] = []
    for k, spots, feed, line in pieces(read.moves):
        if k in stops:
            total += run(chain, buffer)
            chain = []
        for a, b in pairwise(spots):
            length = math.dist(a, b)
            if length < 1e-9:
                continue
            way = ((b[0] - a[0]) / length, (b[1] - a[1]) / length, (b[2] - a[2]) / length)
            fastest = limited(rapid, way)
            block = Block(way, length, min(feed, fastest), limited(push, way), line=line)
            if chain:
                block.most = min(junction(chain[-1], block, push), chain[-1].speed, block.speed)
            chain.append(block)
    return total + run(chain, buffer)


def pieces(moves: Sequence[Any]) -> Iterator[tuple[int, list[Vector], float, int]]:
    """Each move with both ends known as a chain of spots, with its number, its feed (mm/s) and its line."""
    at: Vector = (math.nan, math.nan, math.nan)
    for k, m in enumerate(moves):
        nose: Vector = m.nose_mm
        if not math.isnan(sum(at) + sum(nose)):
            feed = math.inf if m.kind == "rapid" else m.feed_mm_min / 60
            centre = (m.cx_mm + nose[0] - m.x_mm, m.cy_mm + nose[1] - m.y_mm)
            arc = m.kind in {"cw", "ccw"}
            yield k, chords(at, nose, centre, clockwise=m.kind == "cw") if arc else [at, nose], feed, m.line
        at = nose


def chords(a: Vector, b: Vector, centre: tuple[float, float], *, clockwise: bool) -> list[Vector]:
    """An arc or helix as Grbl cuts it up: each chord at most 0.002 mm inside."""
    r = math.dist(a[:2], centre)
    first = math.atan2(a[1] - centre[1], a[0] - centre[0])
    sweep = math.atan2(b[1] - centre[1], b[0] - centre[0]) - first
    if clockwise and sweep >= -5e-7:
        sweep -= math.tau
    if not clockwise and sweep <= 5e-7:
        sweep += math.tau
    count = max(1, math.floor(abs(0.5 * sweep * r) / math.sqrt(CHORD_MM * (2 * r - CHORD_MM)))) if r > CHORD_MM else 1
    spots = [a]
    for k in range(1, count):
        angle = first + sweep * k / count
        z = a[2] + (b[2] - a[2]) * k / count
        spots.append((centre[0] + r * math.cos(angle), centre[1] + r * math.sin(angle), z))
    return [*spots, b]


def limited(most: Sequence[float], way: Vector) -> float:
    """The most along a direction when each axis may have no more than its own."""
    return min(m / abs(w) for m, w in zip(most, way, strict=True) if abs(w) > 1e-12)


def junction(before: Block, after: Block, push: Sequence[float]) -> float:
    """The speed at which a corner is passed (junction deviation)."""
    cosine = -sum(a * b for a, b in zip(before.way, after.way, strict=True))
    if cosine > 0.999999:
        return 0.0
    if cosine < -0.999999:
        return math.inf
    across = tuple(b - a for a, b in zip(before.way, after.way, strict=True))
    size = math.hypot(*across)
    push_there = limited(push, (across[0] / size, across[1] / size, across[2] / size))
    half = math.sqrt(0.5 * (1 - cosine))
    return math.sqrt(push_there * JUNCTION_MM * half / (1 - half))


def run(chain: list[Block], buffer: int) -> float:
    """Seconds from rest to rest over a chain of blocks."""
    ticks, spent, v = 0, 0.0, 0.0
    for k, block in enumerate(chain):
        planned = chain[k : k + buffer]
        end = 0.0
        for ahead in reversed(planned[1:]):
            ahead.entry = min(ahead.most, math.sqrt(end * end + 2 * ahead.acceleration * ahead.left))
            end = ahead.entry
        goal, a = end, block.acceleration
        while True:
            dt = TICK_S - spent
            to = min(block.speed, v + a * dt, math.sqrt(goal * goal + 2 * a * block.left))
            to = max(to, v - a * dt, 1e-3)
            way = 0.5 * (v + to) * dt
            if way >= block.left:
                # The block ends within this tick; the next one takes over its rest.
                spent += block.left / max(0.5 * (v + to), 1e-9)
                v = min(to, max(goal, 1e-3)) if k + 1 < len(chain) else 0.0
                break
            block.left -= way
            v, spent, ticks = to, 0.0, ticks + 1
    return ticks * TICK_S + spent

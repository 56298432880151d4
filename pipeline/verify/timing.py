"""Estimates how long a setup takes, with the axes' acceleration and the corners' slowing counted."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from geometry.compiled import compiled
from model.tooling import Machine
from pipeline.verify.path import Path
from pipeline.verify.readers.types import ReadProgram
from pipeline.verify.shapes import FAR, Floats, Ints

JUNCTION_MM = 0.01


@dataclass(frozen=True, slots=True)
class Control:
    """How a control's planner goes round bends; shares are of the axes' acceleration.

    ``bend`` may be taken across an arc, ``along`` is left for speeding up on it, ``last`` for a move that ends at
    rest. ``rounds``: corners are rounded by an arc within the tolerance, not passed in an instant.
    """

    bend: float = 1.0
    along: float = 1.0
    last: float = 1.0
    rounds: bool = False


CONTROLS = {
    # Measured on LinuxCNC 2.9 itself with simulated axes, in programs of a few moves each.
    "linuxcnc": Control(bend=0.866, along=0.5, last=0.5, rounds=True),
    # Arcs are chords 0.002 mm deep whose corners may be left by 0.01 mm ($12 and $11): v2 = 5 a r.
    "grbl": Control(bend=5.0),
    "grblhal": Control(bend=5.0),
}


@compiled
def travel_seconds(lengths: Floats, speeds: Floats, limits: Floats, corners: Floats) -> Floats:
    """Seconds for each of a chain of moves from rest to rest, ramped evenly, with look-ahead over the whole chain.

    ``lengths`` mm, ``speeds`` mm/s, ``limits`` each move's acceleration (mm/s2), ``corners`` the most speed at each
    move's start (0: it starts from rest).
    """
    n = len(lengths)
    entry = np.zeros(n + 1)
    for k in range(n - 1, 0, -1):
        entry[k] = min(
            corners[k], speeds[k - 1], speeds[k], math.sqrt(entry[k + 1] ** 2 + 2.0 * limits[k] * lengths[k])
        )
    took = np.zeros(n)
    for k in range(n):
        v0 = entry[k]
        v1 = min(entry[k + 1], math.sqrt(v0 * v0 + 2.0 * limits[k] * lengths[k]))
        entry[k + 1] = v1
        top = min(speeds[k], math.sqrt(limits[k] * lengths[k] + 0.5 * (v0 * v0 + v1 * v1)))
        ramps = (2.0 * top * top - v0 * v0 - v1 * v1) / (2.0 * limits[k])
        if top > 0.0:
            took[k] = (2.0 * top - v0 - v1) / limits[k] + max(lengths[k] - ramps, 0.0) / top
    return took


def seconds(program: ReadProgram, path: Path, machine: Machine, *, change_first: bool) -> float:
    """Machine time of one program: moves, dwells and tool changes (``change_first``: one by hand before it)."""
    dwell = sum(e.value for e in program.events if e.what == "dwell")
    changes = sum(1 for e in program.events if e.what == "tool-change") + change_first
    return dwell + changes * machine.tool_change_s + float(moving_seconds(program, path, machine).sum())


def moving_seconds(program: ReadProgram, path: Path, machine: Machine) -> Floats:
    """Seconds each move of a program takes; dwells and tool changes are not counted."""
    starts, ends, lengths, curves = _ways(path.geometry)
    sound = np.flatnonzero(lengths > 1e-9)
    if not len(sound):
        return np.zeros(len(path))
    axes = {a.name.upper(): a for a in machine.axes}
    ordered = [axes[n] for n in "XYZ"]
    still = {e.at_move for e in program.events if e.what in {"dwell", "tool-change", "pause"}} | _switched(program)
    rests = np.searchsorted(path.move[sound], sorted(still))
    stops = np.zeros(len(sound), dtype=np.bool_)
    stops[rests[rests < len(sound)]] = True
    stops[0] = True
    feeds = np.array([0.0 if m.kind == "rapid" else m.feed_mm_min for m in program.moves])[path.move[sound]]
    starts, ends, lengths, curves = starts[sound], ends[sound], lengths[sound], curves[sound]
    control = CONTROLS.get(machine.dialect, Control())
    rapids = np.array([a.rapid_mm_min / 60 for a in ordered])
    accelerations = np.array([a.acceleration_mm_s2 for a in ordered])
    arc = curves != 0.0
    # On its way round an arc points both axes' ways: its share of each is the whole of what is level.
    level = np.hypot(starts[:, 0], starts[:, 1])
    share = np.abs(np.where(arc[:, None], np.stack([level, level, starts[:, 2]], axis=1), starts))
    with np.errstate(divide="ignore"):
        fastest = np.min(np.where(share > 1e-9, rapids / share, np.inf), axis=1)
        limits = np.min(np.where(share > 1e-9, accelerations / share, np.inf), axis=1)
        # Centripetal: v2 = a r.
        across = control.bend * min(accelerations[:2])
        bend = np.sqrt(across / np.abs(curves)) / np.maximum(level, 1e-9)
    fastest = np.where(arc, np.minimum(fastest, bend), fastest)
    speeds = np.where(feeds > 0, np.minimum(feeds / 60, fastest), fastest)
    slack = _tolerances(program, path, sound)
    limits = limits * np.where(arc, control.along, 1.0) * np.where(np.append(stops[1:], True), control.last, 1.0)
    corners, rounds, cut = _corners(control, starts, ends, lengths, limits, slack)
    corners[stops], rounds[stops], cut[stops] = 0.0, 0.0, 0.0
    lengths = lengths - cut - np.append(cut[1:], 0.0)
    # The arcs that round corners are moves of their own, each before the move it leads into.
    at = np.flatnonzero(rounds > 0.0)
    more = np.minimum(limits[at - 1], limits[at]) * control.along
    lengths, speeds = np.insert(lengths, at, rounds[at]), np.insert(speeds, at, corners[at])
    limits, corners = np.insert(limits, at, more), np.insert(corners, at, corners[at])
    owners = np.insert(sound, at, sound[at])
    return np.bincount(owners, travel_seconds(lengths, speeds, limits, corners), len(path))


def _corners(
    control: Control, starts: Floats, ends: Floats, lengths: Floats, limits: Floats, slack: Floats
) -> tuple[Floats, Floats, Floats]:
    """The most speed at each move's start, the length of the arc that rounds the corner, and what it cuts off (mm).

    The arc that stays within the tolerance d of a corner of half angle h has R = d sin h / (1 - sin h); its speed is
    v2 = a R (junction deviation of Grbl 1.1; LinuxCNC's G64 P). It touches both ways R / tan h from the corner.
    """
    n = len(lengths)
    corners, rounds, cut = np.full(n, FAR), np.zeros(n), np.zeros(n)
    turn = (ends[:-1] * starts[1:]).sum(axis=1)
    half = np.sqrt(np.clip(0.5 * (1.0 + turn), 0.0, 1.0))
    sharp = half < 0.999999
    sine = half[sharp]
    radius = slack[1:][sharp] * sine / (1.0 - sine)
    most = np.minimum(limits[:-1], limits[1:])[sharp]
    if control.rounds:
        off = radius * np.sqrt(1.0 - sine * sine) / np.maximum(sine, 1e-9)
        room = 0.5 * np.minimum(lengths[:-1], lengths[1:])[sharp]
        fit = np.minimum(1.0, room / np.maximum(off, 1e-12))
        radius, off = radius * fit, off * fit
        cut[1:][sharp] = off
        rounds[1:][sharp] = radius * 2.0 * np.arccos(np.clip(sine, 0.0, 1.0))
        most = most * control.bend
    corners[1:][sharp] = np.sqrt(most * radius)
    return corners, rounds, cut


def _ways(g: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Directions at each move's start and end, its length, and its curvature to the left (1/mm; 0: straight)."""
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
    curves = np.where(arc, np.sign(g[:, 12]) / np.maximum(mean, 1e-6), 0.0)
    return directions[0], directions[1], lengths, curves


def _switched(program: ReadProgram) -> set[int]:
    """Moves before which spindle or coolant is switched: the control waits for that at rest."""
    states = [(m.spindle, m.spindle_rpm, m.coolant, m.pitch_mm > 0) for m in program.moves]
    return {k for k in range(1, len(states)) if states[k] != states[k - 1]}


def _tolerances(program: ReadProgram, path: Path, sound: Ints) -> Floats:
    """How far the control may leave each corner: what the program's path mode says, else the usual 0.01 mm."""
    told = np.full(len(program.moves) + 1, JUNCTION_MM)
    for event in program.events:
        if event.what == "path-mode":
            told[event.at_move :] = JUNCTION_MM if math.isnan(event.value) else event.value
    picked: Floats = told[path.move[sound]]
    return picked

"""Judges a clearing program by its own arithmetic: a fine raster is cut move by move and the cutter's rim is asked."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.uint8]

STEP_MM = 0.1
RIM = 720
CHORD_MM = 0.002


@dataclass(frozen=True)
class Step:
    """A short straight piece of the posted path: its end, its feed (mm/s, 0 for rapids) and the move it is of."""

    x: float
    y: float
    z: float
    speed: float
    move: int


def steps(moves: list[tuple[str, float, float, float, float, float, float]], chord: float) -> list[Step]:
    """Chords of all moves (kind, x, y, z, cx, cy, feed mm/min), within ``chord`` mm of the arcs."""
    out: list[Step] = []
    for k, (kind, x, y, z, cx, cy, feed) in enumerate(moves):
        if not out or kind in ("rapid", "line"):
            out.append(Step(x, y, z, 0.0 if kind == "rapid" else feed / 60, k))
            continue
        a = out[-1]
        r = math.hypot(a.x - cx, a.y - cy)
        sign = 1 if kind == "ccw" else -1
        a0 = math.atan2(a.y - cy, a.x - cx)
        turn = (math.atan2(y - cy, x - cx) - a0) * sign % math.tau
        turn = turn if turn > 1e-6 else math.tau
        count = max(1, math.ceil(turn / (2 * math.acos(max(0.0, 1 - chord / max(r, chord))))))
        for i in range(1, count + 1):
            b = a0 + sign * turn * i / count
            end = (x, y) if i == count else (cx + r * math.cos(b), cy + r * math.sin(b))
            out.append(Step(*end, a.z + (z - a.z) * i / count, feed / 60, k))
    return out


@njit(cache=True)
def _stamp(stock: Mask, part: Mask, x0: float, y0: float, h: float, r: float, x: float, y: float) -> int:
    """Cut a disc; returns how many cells of the part it touched."""
    hit = 0
    j0, j1 = math.ceil((y - r - y0) / h), math.floor((y + r - y0) / h)
    for j in range(max(0, j0), min(stock.shape[0] - 1, j1) + 1):
        w = math.sqrt(max(r * r - (y0 + j * h - y) ** 2, 0.0))
        for i in range(max(0, math.ceil((x - w - x0) / h)), min(stock.shape[1] - 1, math.floor((x + w - x0) / h)) + 1):
            stock[j, i] = 0
            hit += part[j, i]
    return hit


@njit(cache=True)
def drive(stock: Mask, part: Mask, x0: float, y0: float, h: float, r: float, path: Floats, out: Floats) -> int:
    """Follow samples; ``out`` gets the angle (rad) of the front rim in stock.

    Samples are x, y, heading, in the level 0 or 1, and how far inside the rim stock is looked for.
    """
    gouged = 0
    for k in range(len(path)):
        x, y, heading = path[k, 0], path[k, 1], path[k, 2]
        met = 0
        near = r - path[k, 4]
        if path[k, 3] > 0.0:
            for m in range(RIM + 1):
                a = heading - 0.5 * math.pi + math.pi * m / RIM
                i, j = round((x + near * math.cos(a) - x0) / h), round((y + near * math.sin(a) - y0) / h)
                if 0 <= i < stock.shape[1] and 0 <= j < stock.shape[0] and stock[j, i] > 0:
                    met += 1
            gouged += _stamp(stock, part, x0, y0, h, r, x, y)
        out[k] = math.pi * met / RIM
    return gouged


def samples(path: list[Step], floor: float, step: float = STEP_MM) -> tuple[Floats, NDArray[np.int64]]:
    """Every ``step`` mm of the path: x, y, heading, whether on the floor, 0, length; and the move of each."""
    rows, owner = [], []
    for a, b in pairwise(path):
        size = math.hypot(b.x - a.x, b.y - a.y)
        on = 1.0 if min(a.z, b.z) < floor + 1e-3 and b.speed > 0 and abs(a.z - b.z) < 1e-6 else 0.0
        heading = math.atan2(b.y - a.y, b.x - a.x)
        count = max(1, math.ceil(size / step))
        for k in range(1, count + 1):
            x, y = a.x + (b.x - a.x) * k / count, a.y + (b.y - a.y) * k / count
            rows.append((x, y, heading, on, 0.0, size / count))
            owner.append(b.move)
    return np.array(rows), np.array(owner)


def seconds(path: list[Step], rapid: float, accel: float, junction: float = 0.02) -> float:
    """Machine time: even acceleration on every piece, corners at the speed of the junction deviation rule."""
    pieces = []
    for a, b in pairwise(path):
        v = np.array([b.x - a.x, b.y - a.y, b.z - a.z])
        size = float(np.linalg.norm(v))
        if size > 1e-9:
            pieces.append((v / size, size, b.speed or rapid))
    if math.isinf(accel):
        return sum(size / speed for _, size, speed in pieces)
    vectors = np.array([p[0] for p in pieces])
    sizes, speeds = np.array([p[1] for p in pieces]), np.array([p[2] for p in pieces])
    cosine = -(vectors[:-1] * vectors[1:]).sum(axis=1)
    half = np.sqrt(np.clip(0.5 * (1 - cosine), 0, 1))
    corner = np.where(half > 0.999999, np.inf, np.sqrt(accel * junction * half / np.maximum(1 - half, 1e-12)))
    entry = np.concatenate([[0.0], np.minimum(corner, np.minimum(speeds[:-1], speeds[1:])), [0.0]])
    for k in range(len(sizes) - 1, -1, -1):
        entry[k] = min(entry[k], math.sqrt(entry[k + 1] ** 2 + 2 * accel * sizes[k]))
    total = 0.0
    for k in range(len(sizes)):
        v0 = entry[k]
        v1 = entry[k + 1] = min(entry[k + 1], math.sqrt(v0 * v0 + 2 * accel * sizes[k]))
        top = min(speeds[k], math.sqrt(accel * sizes[k] + 0.5 * (v0 * v0 + v1 * v1)))
        ramp = (2 * top * top - v0 * v0 - v1 * v1) / (2 * accel)
        total += (2 * top - v0 - v1) / accel + max(sizes[k] - ramp, 0.0) / top
    return total

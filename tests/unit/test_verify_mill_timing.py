"""The quoted time is what a controller takes: held against one simulated in small steps along the way."""

import math
import random
from dataclasses import replace

import numpy as np
import pytest

from model.tooling import Axis, Machine
from pipeline.verify.path import path_of
from pipeline.verify.readers.types import ReadEvent, ReadMove, ReadProgram
from pipeline.verify.timing import seconds

AXES = (Axis("X", -500, 500, 8000, 500), Axis("Y", -500, 500, 8000, 400), Axis("Z", -300, 0, 5000, 250))
MACHINE = Machine("m", "m", "mill", "linuxcnc", AXES, 100, 24000, ((24000, 1),), 5000, 5,
                  automatic_tool_change=True, coolant=(), tools=(), fixtures=(), vise=None,
                  work_zero_mm=(0, 0, 0), rate_eur_h=1, source="test")  # fmt: skip
STEP_MM = 0.02


def move(kind: str, x: float, y: float, z: float, feed: float = 0.0, cx: float = 0.0, cy: float = 0.0) -> ReadMove:
    return ReadMove(1, kind, x, y, z, cx, cy, feed, "cw", 1000, "off", 1, 1, "G54", (x, y, z))  # type: ignore[arg-type]


def program(moves: list[ReadMove], tolerance: float = 0.01, dwells: tuple[tuple[int, float], ...] = ()) -> ReadProgram:
    events = [ReadEvent(1, "path-mode", tolerance, 0, 0.0), *(ReadEvent(1, "dwell", s, k, 0.0) for k, s in dwells)]
    return ReadProgram(tuple(moves), tuple(events), (), ended=True, absolute_at_end=True)


def stepped(moves: list[ReadMove], tolerance: float, stops: set[int]) -> float:
    """A controller in steps of 0.02 mm: the fastest speed at every step that the limits before and after allow.

    Written without the trapezoid: it knows no ramps, only how much a step may change the square of the speed.
    A corner is rounded by the circle that stays within the tolerance; on it the acceleration is centripetal.
    """
    spots, speeds, rests = [np.array([moves[0].x_mm, moves[0].y_mm, moves[0].z_mm])], [0.0], {0}
    radii = [math.inf]
    for k, m in enumerate(moves[1:], start=1):
        a, b = spots[-1], np.array([m.x_mm, m.y_mm, m.z_mm])
        if k in stops:
            rests.add(len(spots) - 1)
        if m.kind in {"cw", "ccw"}:
            r = math.dist(a[:2], (m.cx_mm, m.cy_mm))
            first = math.atan2(a[1] - m.cy_mm, a[0] - m.cx_mm)
            sweep = (math.atan2(b[1] - m.cy_mm, b[0] - m.cx_mm) - first) % math.tau
            sweep = sweep if 1e-6 < sweep < math.tau - 1e-6 else math.tau
            sweep = sweep if m.kind == "ccw" or sweep == math.tau else sweep - math.tau
            n = max(2, math.ceil(abs(sweep) * r / STEP_MM))
            share = np.linspace(0, 1, n + 1)[1:]
            angle = first + sweep * share
            way = np.stack([m.cx_mm + r * np.cos(angle), m.cy_mm + r * np.sin(angle), a[2] + (b[2] - a[2]) * share], 1)
        else:
            r = math.inf
            n = max(2, math.ceil(float(np.linalg.norm(b - a)) / STEP_MM))
            way = a + (b - a) * np.linspace(0, 1, n + 1)[1:, None]
        spots += list(way)
        speeds += [math.inf if m.kind == "rapid" else m.feed_mm_min / 60] * n
        radii += [r] * n
    line = np.array(spots)
    steps = np.diff(line, axis=0)
    lengths = np.linalg.norm(steps, axis=1)
    ways = steps / lengths[:, None]
    share = np.maximum(np.abs(ways), 1e-12)
    limit = np.min(np.array([500.0, 400.0, 250.0]) / share, axis=1)
    top = np.minimum(np.array(speeds[1:]), np.min(np.array([8000, 8000, 5000]) / 60 / share, axis=1))
    round_ = np.isfinite(radii[1:])
    top = np.where(round_, np.minimum(top, np.sqrt(400.0 * np.where(round_, radii[1:], 1.0))), top)
    limit = np.where(round_, np.minimum(limit, 400.0), limit)
    most = np.full(len(line), 1e9)
    most[1:-1] = np.minimum(top[1:], top[:-1])
    for k in range(1, len(line) - 1):
        turn = math.acos(max(-1.0, min(1.0, float(ways[k - 1] @ ways[k]))))
        if turn > 0.02 and not (round_[k - 1] and round_[k]):
            # The circle touching both ways whose middle is the tolerance from the corner: R (1 / cos(t/2) - 1) = d.
            radius = tolerance / (1.0 / math.cos(min(turn, 3.14159) / 2) - 1.0)
            most[k] = min(most[k], math.sqrt(min(limit[k - 1], limit[k]) * radius))
    for k in {*rests, len(line) - 1}:
        most[k] = 0.0
    square = most**2
    for k in range(len(line) - 2, -1, -1):
        square[k] = min(square[k], square[k + 1] + 2 * limit[k] * lengths[k])
    for k in range(1, len(line)):
        square[k] = min(square[k], square[k - 1] + 2 * limit[k - 1] * lengths[k - 1])
    v = np.sqrt(square)
    return float((2 * lengths / (v[1:] + v[:-1])).sum())


def pocket() -> list[ReadMove]:
    """Down a helix and round a rounded rectangle, out and over."""
    moves = [move("rapid", 0, 0, 20), move("rapid", 2, 0, 20), move("rapid", 2, 0, 1), move("line", 2, 0, 0, 300)]
    moves += [move("ccw", 2, 0, -z, 600, 0, 0) for z in (1, 2, 3)]
    for r in (5.0, 10.0, 15.0, 20.0):
        moves += [move("line", r, 0, -3, 1500), move("line", r, r - 3, -3, 1500)]
        moves += [move("ccw", r - 3, r, -3, 1500, r - 3, r - 3), move("line", -r + 3, r, -3, 1500)]
        moves += [move("ccw", -r, r - 3, -3, 1500, -r + 3, r - 3), move("line", -r, -r, -3, 1500)]
        moves += [move("line", r, -r, -3, 1500), move("line", r, 0, -3, 1500)]
    return [*moves, move("rapid", 20, 0, 20), move("rapid", 100, 80, 20)]


def wander(seed: int, step: float, feed: float) -> list[ReadMove]:
    """A way of short straight moves that bends at chance, as a surface's finishing does."""
    rng = random.Random(seed)
    x = y = z = heading = 0.0
    moves = [move("rapid", 0, 0, 0)]
    for _ in range(400):
        heading += rng.choice([0.0, 0.02, -0.05, 0.3, -0.4, 1.6])
        x, y, z = x + step * math.cos(heading), y + step * math.sin(heading), z + rng.uniform(-0.1, 0.1) * step
        moves.append(move("line", x, y, z, feed))
    return moves


@pytest.mark.parametrize(
    ("moves", "tolerance"),
    [(pocket(), 0.01), (pocket(), 0.05), *((wander(k, s, f), 0.01) for k, s, f in ((1, 0.5, 1000.0), (2, 2.0, 3000.0),
                                                                                (3, 0.2, 600.0), (4, 10.0, 5000.0)))],
)  # fmt: skip
def test_the_estimate_is_within_three_percent_of_a_controller_in_small_steps(
    moves: list[ReadMove], tolerance: float
) -> None:
    found = seconds(program(moves, tolerance), path_of(moves, {1: 0}), MACHINE, change_first=False)

    assert pytest.approx(stepped(moves, tolerance, set()), rel=0.03) == found


def test_a_dwell_stops_the_machine_and_takes_its_time() -> None:
    moves = [move("rapid", 0, 0, 0), move("line", 50, 0, 0, 3000), move("line", 100, 0, 0, 3000)]
    there = path_of(moves, {1: 0})
    through = seconds(program(moves), there, MACHINE, change_first=False)
    stopped = seconds(program(moves, dwells=((2, 2.0),)), there, MACHINE, change_first=False)

    assert pytest.approx(stepped(moves, 0.01, set()), rel=0.01) == through
    assert pytest.approx(2.0 + stepped(moves, 0.01, {2}), rel=0.01) == stopped


def test_an_exact_stop_at_every_corner_takes_longer_than_blending() -> None:
    moves = pocket()
    times = [seconds(program(moves, p), path_of(moves, {1: 0}), MACHINE, change_first=False) for p in (0.0, 0.01, 0.05)]

    assert sorted(times, reverse=True) == times
    assert len(set(times)) == 3


def test_a_slow_machine_takes_longer_but_never_less_than_the_feed_asks() -> None:
    moves = pocket()
    lazy = replace(MACHINE, axes=tuple(replace(a, acceleration_mm_s2=50) for a in AXES))
    there = path_of(moves, {1: 0})
    least = sum(math.dist(p[1:4], p[4:7]) for p in there.geometry[there.rapid == 0]) / 5000 * 60

    assert seconds(program(moves), there, lazy, change_first=False) > 1.3 * seconds(
        program(moves), there, MACHINE, change_first=False
    )
    assert seconds(program(moves), there, MACHINE, change_first=True) - MACHINE.tool_change_s > least

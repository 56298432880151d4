"""The quoted time is what a controller takes.

Held against one simulated in small steps along the way, a Grbl run tick by tick, and times LinuxCNC itself took.
"""

import math
import random
from dataclasses import replace

import numpy as np
import pytest

from bench.grbl_clock import BUFFER
from bench.grbl_clock import seconds as ticked
from model.tooling import Axis, Machine
from pipeline.verify.path import path_of
from pipeline.verify.readers import linuxcnc
from pipeline.verify.readers.types import Bench, ReadEvent, ReadMove, ReadProgram
from pipeline.verify.timing import seconds

AXES = (Axis("X", -500, 500, 8000, 500), Axis("Y", -500, 500, 8000, 400), Axis("Z", -300, 0, 5000, 250))
MACHINE = Machine("m", "m", "mill", "fanuc", AXES, 100, 24000, ((24000, 1),), 5000, 5,
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


@pytest.mark.parametrize("dialect", sorted(BUFFER))
@pytest.mark.parametrize(
    "moves", [pocket(), wander(1, 0.5, 1000.0), wander(2, 2.0, 3000.0), wander(3, 0.2, 600.0), wander(4, 10.0, 5000.0)]
)
def test_the_estimate_is_within_three_percent_of_grbl_run_tick_by_tick(moves: list[ReadMove], dialect: str) -> None:
    machine = replace(MACHINE, dialect=dialect)
    read = replace(program(moves), events=(ReadEvent(1, "dwell", 1.0, 2, 0.0),))
    found = seconds(read, path_of(moves, {1: 0}), machine, change_first=False)

    assert pytest.approx(ticked(read, machine, BUFFER[dialect]), rel=0.03) == found


BENCH = tuple(Axis(n, -500, 500, v, a) for n, v, a in (("X", 6000, 500), ("Y", 6000, 500), ("Z", 4000, 400)))
HEAD = "G21 G90 G17 G94 G64 P0.003\nG54\nT1 M6\nG43 H1\nM3 S1000\nG0 Z0\nG0 X0 Y0\n"
"""The head of what LinuxCNC ran; it stood at zero already, so only what follows took time."""


def zigzag(degrees: float) -> str:
    x = y = heading = 0.0
    lines = ["F4000"]
    for k in range(20):
        x, y = x + 10 * math.cos(heading), y + 10 * math.sin(heading)
        heading += math.radians(degrees) * (1 if k % 2 == 0 else -1)
        lines.append(f"G1 X{x:.5f} Y{y:.5f}")
    return "\n".join([*lines, "G0 X0 Y0", ""])


def bow(step: float) -> str:
    turns = [k * step / 20 for k in range(200)]
    ways = [f"G1 X{20 * math.sin(a):.5f} Y{20 - 20 * math.cos(a):.5f}" for a in turns]
    return "\n".join(["F3000", *ways, "G0 X0 Y0", ""])


LINUXCNC = {
    # Seconds from rest to rest that LinuxCNC 2.9.0 took with simulated axes and a servo period of 1 ms.
    "circle of 2 mm": ("G3 X0 Y0 I2 J0 F4000\n", 0.662),
    "circle of 40 mm": ("G3 X0 Y0 I40 J0 F4000\n", 4.303),
    "ten circles": ("G3 X0 Y0 I2 J0 F4000\n" * 10, 4.447),
    "helix": ("".join(f"G3 X0 Y0 Z-{k} I2 J0 F1000\n" for k in range(1, 11)) + "G0 Z0\n", 8.066),
    "waves": ("F2000\n" + "".join(f"G2 X{8 * k + 4} Y0 I2 J0\nG3 X{8 * k + 8} Y0 I2 J0\n" for k in range(10)), 4.447),
    "ovals": ("G1 X10 F3000\nG3 X10 Y6 I0 J3\nG1 X0\nG3 X0 Y0 I0 J-3\n" * 10, 9.577),
    "squares": ("G1 X20 F3000\nG1 Y20\nG1 X0\nG1 Y0\n" * 10, 20.064),
    "squares, wider corners": ("G64 P0.05\n" + "G1 X20 F3000\nG1 Y20\nG1 X0\nG1 Y0\n" * 10, 19.875),
    "squares, exact stops": ("G61\n" + "G1 X20 F3000\nG1 Y20\nG1 X0\nG1 Y0\n" * 10, 20.439),
    "back and forth": ("G1 X20 F3000\nG1 X0\n" * 10, 10.081),
    "changing feeds": ("".join(f"G1 X{5 * k} F{3000 if k % 2 else 2000}\n" for k in range(1, 21)), 2.722),
    "rapids": ("G0 X100\nG0 Y100\nG0 X0\nG0 Y0\n", 4.995),
    "pecks": ("".join(f"G0 X{10 * k} Y0\nG0 Z-2\nG1 Z-5 F300\nG0 Z2\n" for k in range(20)) + "G0 Z0\nG0 X0\n", 29.276),
    **{f"zigzag {a}": (zigzag(a), t) for a, t in ((5, 6.095), (20, 7.416), (60, 7.313), (90, 7.051), (150, 6.415))},
    "bow of 0.2 mm": (bow(0.2), 1.618),
    "bow of 1 mm": (bow(1.0), 4.854),
}  # fmt: skip


@pytest.mark.parametrize("name", LINUXCNC)
def test_the_estimate_is_within_three_percent_of_what_linuxcnc_took(name: str) -> None:
    text, took = LINUXCNC[name]
    read = linuxcnc.read(HEAD + text + "M30\n", Bench((0, 0, 0), "G54", {1: 0.0}, radius_mm={1: 1.0}), None)
    machine = replace(MACHINE, dialect="linuxcnc", axes=BENCH)
    found = seconds(read, path_of(read.moves, {1: 0}), machine, change_first=False) - machine.tool_change_s

    assert pytest.approx(took, rel=0.03) == found

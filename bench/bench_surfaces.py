"""Surface milling: drop cutter and waterlines beside OpenCAMLib, passes over a free-form block and what they leave."""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

HOUSE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(HOUSE))

if TYPE_CHECKING:
    from geometry.scene import Scene
    from model.plan import Operation
    from model.tooling import Assembly
    from model.toolpath import Move

Floats = NDArray[np.float64]
REPEATS = 3
PEERS = {"ball 6": 1338, "ball 3": 2466, "flat 6": 1435, "bull 6 r1": 760, "cone 6": 1490}
"""OpenCAMLib 2023.1.11, points a CPU second on such a mesh, one thread."""

LEVELS_MM = [10.0 + 0.5 * k for k in range(31)]
SPOTS, EVERY_MM = 20_000, 0.02
ALLOWED_MM = 0.03
"""What finishing may leave on the surface: the cusp, and what keeps the path's lines off the part."""


def cpu_s(work: Callable[[], object]) -> float:
    """The middle of a few runs after one that compiles."""
    work()
    times = []
    for _ in range(REPEATS):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return sorted(times)[REPEATS // 2]


def main() -> None:
    """Drop cutters on 48 thousand triangles, then plan three kinds of passes over them."""
    import strategies
    from bench.surface_part import block
    from geometry.cutter import cone, mill
    from geometry.dropcutter import cells, rest
    from geometry.heightfield import HeightField
    from geometry.regions import rectangle
    from geometry.scene import Scene
    from model.feature import FreeSurface
    from model.plan import CuttingData, Operation
    from model.tooling import Assembly, Holder, Tool

    triangles = block()
    mesh = cells(triangles)
    line = np.linspace(-39, 39, 200)
    xy = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)
    cutters = {"ball 6": mill(6, 3), "ball 3": mill(3, 1.5), "flat 6": mill(6), "bull 6 r1": mill(6, 1)}
    numbers: list[dict[str, object]] = []
    for name, cutter in {**cutters, "cone 6": cone(6, 0, 60)}.items():
        speed = len(xy) / cpu_s(lambda c=cutter: rest(mesh, c, xy))  # type: ignore[misc]
        target = f">= 80000; OpenCAMLib {PEERS[name]}"
        numbers.append({"name": f"drop cutter: {name}", "value": round(speed), "unit": "points/s", "target": target})
    tool = Tool(
        "bm-6", "ball", "ball-mill", 6, 6, 180, 20, 24, 75, 6, 2, centre_cutting=True, substrate="carbide",
        max_rpm=30000, price_eur=1, source="bench", corner_radius_mm=3,
    )  # fmt: skip
    assembly = Assembly(1, tool, Holder("none", "none", (), 10, 20000), 30, 60)
    cut = CuttingData(10000, 1500, 400, 800, 0.1, 0.4, 100, 0.02, 100, 50, 0.01, "off", "bench")
    whole = rectangle(-40, -40, 40, 40)
    surface = FreeSurface("surface-1", (0,), 30.0, 0.0, whole, 5.0)
    scene = Scene(lambda: triangles, lambda: HeightField(np.empty((0, 0)), 0.0, 0.0, 1.0), 0.002)
    numbers.append(
        waterlines(Operation("op", "waterline", surface, 1, cut, 30.0, 0.0, 35.0, whole, whole), assembly, scene)
    )
    spots = touched()
    for name in ("parallel", "steep_shallow", "scallop"):
        one = Operation("op", name, surface, 1, cut, 30.0, 0.0, 35.0, whole, whole)
        made = strategies.get(name)(one, assembly, scene)
        ends = np.array([(m.x_mm, m.y_mm, m.z_mm) for m in made])
        length = float(np.linalg.norm(np.diff(ends, axis=0), axis=1).sum())
        seconds = cpu_s(lambda n=name, o=one: strategies.get(n)(o, assembly, scene))  # type: ignore[misc]
        left = gaps_mm(spots, chords(made), tool.corner_radius_mm)
        for what, value, unit, target in (
            ("", round(seconds, 2), "s CPU", "<= 3" + ("; Kiri:Moto 29.6" if name == "parallel" else "")),
            (", moves", round(100 * len(made) / length, 1), "per 100 mm", "<= 40; FreeCAD 180"),
            (", length", round(length / 1000, 2), "m", "none"),
            (", left, p99", round(float(np.quantile(left, 0.99)), 4), "mm", f"<= {ALLOWED_MM}"),
            (", left, most", round(float(left.max()), 4), "mm", f"<= {1.3 * ALLOWED_MM:.4g}"),
            (", left, least", round(float(left.min()), 4), "mm", ">= 0; Kiri:Moto -0.032"),
        ):
            told = f"t3, ball 6, 0.4 mm: {name}{what}"
            numbers.append({"name": told, "value": value, "unit": unit, "target": target})
    sys.stdout.write(json.dumps(numbers))


def waterlines(one: Operation, assembly: Assembly, scene: Scene) -> dict[str, object]:
    """CPU seconds a level: a whole lap every half millimetre, the grid included."""
    from strategies._ground import ground
    from strategies.waterline import contours, fine_nodes

    def laps() -> int:
        g = ground(one, assembly, scene)
        rows = fine_nodes(g)
        family = contours(g, rows, np.isfinite(rows[:, :, 2]))
        found = [way.close(0, len(way.places) - 1) for level in LEVELS_MM for way in family(level)]
        return sum(len(rows) for rows in found)

    told = "a level: OpenCAMLib 18.95 (0.5/0.01), 7.6 (0.4/0.05), 2.6 (plain); a prototype 0.13"
    value = round(cpu_s(laps) / len(LEVELS_MM), 4)
    return {"name": f"t3, ball 6: waterline, {len(LEVELS_MM)} levels", "value": value, "unit": "s CPU", "target": told}


def touched() -> Floats:
    """Places (n, 3) on the block's top, a ball's radius inside its rim."""
    from bench.surface_part import SIDE_MM, height_mm

    half = SIDE_MM / 2 - 4
    xy = np.random.default_rng(1).uniform(-half, half, (SPOTS, 2))
    return np.column_stack([xy, height_mm(xy[:, 0], xy[:, 1])])


def chords(moves: Sequence[Move]) -> Floats:
    """Tips (n, 3) along all moves that feed, no further apart than ``EVERY_MM``."""
    from geometry.arcs import sweep
    from model.region import Segment

    found = []
    at = moves[0]
    for m in moves[1:]:
        a, b = np.array([at.x_mm, at.y_mm, at.z_mm]), np.array([m.x_mm, m.y_mm, m.z_mm])
        if m.kind in ("cw", "ccw"):
            centre = np.array([m.cx_mm, m.cy_mm])
            turn = sweep((at.x_mm, at.y_mm), Segment(m.x_mm, m.y_mm, 1 if m.kind == "ccw" else -1, m.cx_mm, m.cy_mm))
            r = float(np.hypot(*(a[:2] - centre)))
            share = np.linspace(0, 1, max(2, math.ceil(abs(turn) * r / EVERY_MM) + 1))
            angle = math.atan2(*(a[:2] - centre)[::-1]) + turn * share
            found.append(np.column_stack([centre + r * np.stack([np.cos(angle), np.sin(angle)], 1), a[2] + share * 0]))
        elif m.kind == "line":
            share = np.linspace(0, 1, max(2, math.ceil(float(np.linalg.norm(b - a)) / EVERY_MM) + 1))
            found.append(a + share[:, None] * (b - a))
        at = m
    return np.concatenate(found)


def gaps_mm(spots: Floats, tips: Floats, radius_mm: float) -> Floats:
    """How far the ball stays from each spot at the nearest (negative: it cuts into the part); by a search tree."""
    from scipy.spatial import cKDTree

    near = cKDTree(tips + np.array([0.0, 0.0, radius_mm])).query(spots)[0]
    found: Floats = near - radius_mm
    return found


if __name__ == "__main__":
    main()

"""Surface milling: the drop cutter's speed and a finished free-form block, beside OpenCAMLib and Kiri:Moto."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

HOUSE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(HOUSE))

REPEATS = 3
PEERS = {"ball 6": 1338, "ball 3": 2466, "flat 6": 1435, "bull 6 r1": 760, "cone 6": 1490}
"""OpenCAMLib 2023.1.11, points a CPU second on such a mesh, one thread."""


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
        target = f"OpenCAMLib {PEERS[name]}" + ("; >= 80000" if name == "ball 6" else "")
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
    peers = {"parallel": "<= 3; Kiri:Moto 29.6", "steep_shallow": "none", "scallop": "none"}
    for name, target in peers.items():
        one = Operation("op", name, surface, 1, cut, 30.0, 0.0, 35.0, whole, whole)
        made = strategies.get(name)(one, assembly, scene)
        ends = np.array([(m.x_mm, m.y_mm, m.z_mm) for m in made])
        length = float(np.linalg.norm(np.diff(ends, axis=0), axis=1).sum())
        seconds = cpu_s(lambda n=name, o=one: strategies.get(n)(o, assembly, scene))  # type: ignore[misc]
        what = f"free-form block, ball 6, 0.4 mm: {name}"
        numbers.append({"name": what, "value": round(seconds, 3), "unit": "s CPU", "target": target})
        density = round(100 * len(made) / length, 1)
        numbers.append({"name": f"{what}, moves", "value": density, "unit": "per 100 mm", "target": "FreeCAD 180"})
    sys.stdout.write(json.dumps(numbers))


if __name__ == "__main__":
    main()

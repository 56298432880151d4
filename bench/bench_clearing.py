"""Constant-engagement clearing of part t2, judged on the posted and re-read moves, beside the peers' figures."""

from __future__ import annotations

import json
import math
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

HOUSE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(HOUSE))

DIAMETER_MM, DEPTH_MM, FEED, LINK, HELIX, RAPID = 10.0, 15.0, 2400.0, 5000.0, 800.0, 10000.0
SHARES = (0.1, 0.2, 0.4)
ACCELERATIONS = (math.inf, 5000.0, 1000.0, 250.0)
FREECAD_S = {0.1: (293, 310, 369, 527), 0.2: (173.5, 181, 210, 291), 0.4: (115, 119, 132, 174)}
"""Cycle times of FreeCAD 0.20.2's adaptive on the same part, feeds and planner."""

FREECAD_MAX_DEG = {0.2: 71.8, 0.4: 97.0}
PITCH_MM = 0.05
EFFICIENCY = {math.inf: 0.65, 1000.0: 0.55, 250.0: 0.40}
CLEARANCE_MM = 3.0
Moves = list[tuple[str, float, float, float, float, float, float]]


def main() -> None:
    """Plan, post, read back, judge."""
    from bench.clearing_judge import CHORD_MM, drive, samples, seconds, steps
    from bench.parts import t2_pocket
    from geometry.regions import fit, flatten, offset, rectangle
    from model.feature import Pocket

    opening = t2_pocket()
    plate = flatten(rectangle(-60, -45, 60, 45))
    feature = Pocket("pocket-1", 0.0, -DEPTH_MM, fit(opening), 8.0)
    keep = fit(plate - opening)
    numbers: list[dict[str, object]] = []
    for share in SHARES:
        told = f"t2 at {share:.0%}"
        ae = share * DIAMETER_MM
        theta = math.acos(1 - 2 * share)
        rough, finish, cpu, moves_made = programmed(feature, keep, ae)
        path = steps(rough, CHORD_MM)
        rows, owner = samples(path, -DEPTH_MM)
        x0, y0, shape, stock, part = raster(opening)
        angle = np.zeros(len(rows))
        feeds = np.array([m[6] for m in rough])[owner]
        down = next(k for k, m in enumerate(rough) if m[6] == FEED)
        gouged = drive(stock, part, x0, y0, PITCH_MM, DIAMETER_MM / 2, rows[:, :5], angle)
        cut = (owner >= down) & (rows[:, 3] > 0) & (feeds == FEED)
        link = (owner >= down) & (feeds == LINK) & (np.array([m[3] for m in rough])[owner] < -DEPTH_MM + 1)
        lengths = rows[:, 5]
        by_rough = gouged
        lap = steps(finish, CHORD_MM)
        lap_rows, _ = samples(lap, -DEPTH_MM)
        gouged += drive(stock, part, x0, y0, PITCH_MM, DIAMETER_MM / 2, lap_rows[:, :5], np.zeros(len(lap_rows)))
        reached = offset(offset(opening, -DIAMETER_MM / 2), DIAMETER_MM / 2 - 0.6 * PITCH_MM)
        rest = int((stock & mask(reached, x0, y0, shape)).sum())
        degrees = np.degrees(angle[cut])
        aim = math.degrees(theta)
        band = (angle[cut] >= 0.5 * theta) & (angle[cut] <= 1.1 * theta)
        hops = (
            sum(1 for a, b in zip(rough[down:], rough[down + 1 :], strict=False) if a[0] != "rapid" and b[0] == "rapid")
            - 1
        )
        eased = (owner >= down) & (rows[:, 3] > 0) & (feeds < FEED)
        total = float(lengths[cut | link | eased].sum())
        area = opening.area()
        ideal = area / (ae * FEED / 60)
        numbers += [
            number(f"{told}: engagement p99.9 / target", float(np.percentile(degrees, 99.9)) / aim, "", "<= 1.05"),
            number(f"{told}: engagement max / target", float(degrees.max()) / aim, "",
                   f"<= 1.10 (FreeCAD {FREECAD_MAX_DEG[share] / aim:.2f})" if share in FREECAD_MAX_DEG else "<= 1.10"),
            number(f"{told}: cut length within 0.5-1.1 of target", float(lengths[cut][band].sum() / lengths[cut].sum()),
                   "",
                   ">= 0.95 (FreeCAD 0.917)" if share == 0.2 else ">= 0.90" if share == 0.4 else "none"),
            number(f"{told}: mean width of cut", area / float(lengths[cut].sum()), "mm", "none"),
            number(f"{told}: reachable cells left after the lap", rest, "cells", "0"),
            number(f"{told}: cells of the part cut by the clearing", by_rough, "cells", "0"),
            number(f"{told}: cells of the part cut deeper than 0.002 mm", gouged, "cells", "0"),
            number(f"{told}: cut length", float(lengths[cut].sum()), "mm", "none"),
            number(f"{told}: links of tool-down length", float(lengths[link].sum()) / total, "", "<= 0.15"),
            number(f"{told}: retracts per 1000 mm2", hops / (area / 1000), "", "<= 1"),
            number(f"{told}: moves per 100 mm", 100 * moves_made / total, "", "<= 40 (FreeCAD 180)"),
            number(f"{told}: planning, kernels warm", cpu, "s CPU", "<= 2" if share == 0.2 else "none"),
        ]  # fmt: skip
        whole = [*path, *lap]
        for accel, theirs in zip(ACCELERATIONS, FREECAD_S[share], strict=True):
            t = seconds(whole, RAPID / 60, accel)
            goal = f">= {ideal / theirs:.3f} (FreeCAD)"
            if share == 0.2 and accel in EFFICIENCY:
                goal = f">= {EFFICIENCY[accel]} (FreeCAD {ideal / theirs:.3f})"
            numbers.append(number(f"{told}: removal efficiency at {accel:g} mm/s2", ideal / t, "", goal))
    sys.stdout.write(json.dumps(numbers))


def number(name: str, value: float, unit: str, target: str) -> dict[str, object]:
    """One line of the results."""
    return {"name": name, "value": round(value, 6), "unit": unit, "target": target}


def raster(opening: Any) -> tuple[float, float, tuple[int, int], Any, Any]:
    """The plate as cells of 0.05 mm: stock everywhere, part outside the pocket by more than half a cell."""
    from geometry.regions import flatten, offset, rectangle

    x0, y0, shape = -60.0, -45.0, (1801, 2401)
    part = mask(flatten(rectangle(-61, -46, 61, 46)) - offset(opening, 0.002), x0, y0, shape)
    return x0, y0, shape, np.ones(shape, dtype=np.uint8), part


def mask(area: Any, x0: float, y0: float, shape: tuple[int, int], pitch: float = PITCH_MM) -> Any:
    """Cells whose centres lie in an area, by shapely (the planner has its own way)."""
    import shapely
    from shapely.geometry import Polygon

    whole = Polygon()
    for loop in area.to_polygons():
        whole = whole.symmetric_difference(Polygon(np.asarray(loop)))
    shapely.prepare(whole)
    out = np.zeros(shape, dtype=np.uint8)
    xs = x0 + pitch * np.arange(shape[1])
    for j in range(shape[0]):
        out[j] = shapely.contains_xy(whole, xs, np.full(shape[1], y0 + pitch * j))
    return out


def programmed(feature: Any, keep: Any, ae: float) -> tuple[Moves, Moves, float, int]:
    """Rough and finish as posted for LinuxCNC and read back; CPU of planning the rough cut; its moves."""
    import strategies
    import tooling_db
    from geometry.heightfield import HeightField
    from geometry.regions import rectangle
    from geometry.scene import Scene
    from model.plan import Box, CuttingData, Fixture, Operation, ProcessPlan, Setup, Stock
    from model.toolpath import SetupPath, Toolpath, Toolpaths
    from pipeline.verify.programs import judged
    from postprocessors.milling import programs
    from strategies.adaptive import legs

    shop = tooling_db.load()
    machine = shop.machines["mill-linuxcnc"]
    tool = next(a for a in machine.tools if a.tool.id == "em-10")
    cut = CuttingData(
        8000, FEED, FEED, HELIX, DEPTH_MM, ae, 250, 0.1, 0, 0, 0, "off", "bench", link_mm_min=LINK, both_ways=True
    )
    scene = Scene(lambda: np.empty((0, 3, 3)), lambda: HeightField(np.empty((0, 0)), 0, 0, 1), 0.0)
    op = Operation("pocket-1-clear", "adaptive", feature, tool.number, cut, 0.0, -DEPTH_MM, CLEARANCE_MM, keep,
                   rectangle(-60, -45, 60, 45), 0.2)  # fmt: skip
    lap = replace(op, id="pocket-1-wall", strategy="wall", allowance_mm=0.0)
    strategies.get("adaptive")(op, tool, scene)  # kernels are warm
    legs.cache_clear()
    start = time.process_time()
    rough = strategies.get("adaptive")(op, tool, scene)
    cpu = time.process_time() - start
    box = Box(-60, -45, -25, 60, 45, 0)
    setup = Setup(1, "top", ((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0)), "G54", "middle", box,
                  Fixture("vise", ()), 20.0, (op, lap))  # fmt: skip
    plan = ProcessPlan("t2", "t2", machine, shop.materials["al-6082"], Stock("none", (120, 90, 25), 0, 0), (tool,),
                       (setup,), ())  # fmt: skip
    read: list[Moves] = []
    for o, moves in ((op, rough), (lap, strategies.get("wall")(lap, tool, scene))):
        paths = Toolpaths((SetupPath(1, (Toolpath(o.id, tool.number, cut.spindle_rpm, "off", moves),)),))
        back = judged(programs(paths, plan).programs[0], setup, plan).read.moves
        read.append([
            (m.kind, m.x_mm, m.y_mm, m.z_mm, m.cx_mm, m.cy_mm, 0.0 if m.kind == "rapid" else m.feed_mm_min)
            for m in back if not (m.machine or math.isnan(m.x_mm) or math.isnan(m.z_mm))
        ])  # fmt: skip
    return read[0], read[1], cpu, len(rough)


if __name__ == "__main__":
    main()

"""How many of 300 random pockets are cleared: islands, notches, open sides, several mills; judged by another raster."""

from __future__ import annotations

import json
import math
import random
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

HOUSE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(HOUSE))
POCKETS = 300
FEED, LINK, ALLOWANCE, TOP, CLEAR = 1500.0, 4000.0, 0.2, 0.0, 3.0
MILLS = (2.0, 3.0, 4.0, 6.0, 8.0, 10.0, 12.0, 16.0)
SHARES = (0.1, 0.15, 0.2, 0.25)
OVER = 1.1
"""Full-feed cuts may engage so much more than the angle planned, and the raster's own noise on top."""
NOISE_RAD = math.radians(3.0)
EASED = 1.35
"""Slower cuts may remove so much more than the planned cut a minute (the raster's noise)."""
GRAZE = 0.02
"""Links may brush stock thinner than this share of the radius."""
EATEN_MM = 0.03
"""So much of the wall allowance may go to refitted arcs."""
SPOT_MM = 0.1
"""Faults shorter in all than two teeth's feed are the raster's."""
LEFT_MM = 0.08
"""Stock this thin after the lap counts as left."""


def main() -> None:
    """Clear and judge every pocket; what fails is told by seed and reason on stderr."""
    first, last = (int(a) for a in sys.argv[1:3]) if len(sys.argv) > 2 else (0, POCKETS)
    verdicts = []
    for seed in range(first, last):
        verdicts.append(verdict(seed))
        if verdicts[-1]:
            print(f"pocket {seed}: {verdicts[-1]}", file=sys.stderr, flush=True)
    reasons = Counter(said.split(":")[0] for said in verdicts if said)
    share = 1 - sum(reasons.values()) / len(verdicts)
    numbers: list[dict[str, object]] = [
        {"name": "random pockets cleared without a fault", "value": share, "unit": "share", "target": ">= 0.98"}
    ]
    numbers += [
        {"name": f"random pockets not cleared: {code}", "value": count, "unit": "pockets", "target": "named"}
        for code, count in sorted(reasons.items())
    ]
    print(json.dumps(numbers))


def pocket(dice: random.Random, d: float) -> tuple[Any, Any, Any]:
    """Opening, part and blank seen from above, for a mill of ``d`` mm."""
    from geometry.regions import circle, flatten, offset, rectangle

    wide, deep = (round(dice.uniform(1.6, 9) * d, 2) for _ in range(2))
    opening = flatten(rectangle(0, 0, wide, deep))
    for _ in range(dice.choice((0, 0, 1, 2))):  # notches and arms
        a, b = (dice.uniform(1.1, 3.5) * d for _ in range(2))
        x, y = dice.choice(((0.0, dice.uniform(0, deep)), (wide, dice.uniform(0, deep)), (dice.uniform(0, wide), 0.0)))
        box = flatten(rectangle(x - a, y - b / 2, x + a, y + b / 2))
        opening = opening + box if dice.random() < 0.6 else opening - box
    corner = dice.uniform(0.5, 0.9) * d
    opening = offset(offset(opening, -corner), corner)
    for _ in range(dice.choice((0, 1, 1, 2, 3))):
        x, y, r = dice.uniform(0, wide), dice.uniform(0, deep), dice.uniform(0.2, 1.5) * d
        opening -= flatten(circle(x, y, r) if dice.random() < 0.6 else rectangle(x - r, y - r / 2, x + r, y + r / 2))
    least = 0.55 * d + ALLOWANCE  # half as wide as planners ask
    opening = offset(offset(opening, -least), least)
    x0, y0, x1, y1 = opening.bounds() if not opening.is_empty() else (0, 0, 1, 1)
    blank = flatten(rectangle(x0 - d, y0 - d, x1 + d, y1 + d))
    keep = blank - opening
    if dice.random() < 0.4:  # one or two sides open
        for side in dice.sample((0, 1, 2, 3), dice.choice((1, 1, 2))):
            by = dice.uniform(-0.5, 0.2) * d
            far = 9 * d
            sides = ((x1 + by, y0 - far, x1 + far, y1 + far), (x0 - far, y0 - far, x0 - by, y1 + far),
                     (x0 - far, y1 + by, x1 + far, y1 + far), (x0 - far, y0 - far, x1 + far, y0 - by))  # fmt: skip
            cut = flatten(rectangle(*sides[side]))
            keep -= cut
            if dice.random() < 0.7:
                blank -= cut
    return opening, keep, blank


def verdict(seed: int) -> str:
    """Nothing when the pocket is cleared as it should be; else what is wrong."""
    import strategies
    from geometry.heightfield import HeightField
    from geometry.regions import fit, offset
    from geometry.scene import Scene
    from model.errors import CapabilityError
    from model.feature import Pocket
    from model.plan import CuttingData, Operation
    from model.tooling import Assembly, Holder, Tool

    dice = random.Random(seed)  # noqa: S311 - repeatable dice
    d, share = dice.choice(MILLS), dice.choice(SHARES)
    opening, keep, blank = pocket(dice, d)
    if opening.is_empty():
        return ""
    depth = dice.uniform(0.5, 1.5) * d
    cut = CuttingData(10000, FEED, 400, 600, depth / dice.choice((1, 1, 2, 3)), share * d, 100, 0.05, 100, 50, 0.01,
                      "off", "bench", 0.0, 2 * FEED, LINK, dice.random() < 0.5)  # fmt: skip
    tool = Tool("mill", "mill", "end-mill", d, d, 180.0, 3 * d, 3 * d, 60, d, 3, centre_cutting=True,
                substrate="carbide", max_rpm=30000, price_eur=10, source="bench")  # fmt: skip
    mill = Assembly(1, tool, Holder("er16", "ER16", (), 10, 20000), 40, 80)
    scene = Scene(lambda: np.empty((0, 3, 3)), lambda: HeightField(np.empty((0, 0)), 0.0, 0.0, 1.0), 0.0)
    feature = Pocket("pocket-1", TOP, -depth, fit(opening), 0.6 * d)
    op = Operation("op", dice.choice(("adaptive", "slot")), feature, 1, cut, TOP, -depth, CLEAR, fit(keep), fit(blank),
                   ALLOWANCE)  # fmt: skip
    try:
        moves = strategies.get(op.strategy)(op, mill, scene)
    except CapabilityError as error:
        return f"{error.code}: {op.strategy} {error}"
    except Exception as error:  # noqa: BLE001 - a crash is told like any other failure
        return f"crash: {op.strategy} {type(error).__name__} {error}"
    reached = offset(offset(opening, d / 2) - offset(keep, d / 2 + ALLOWANCE + 0.03), d / 2 - 0.06) ^ opening ^ blank
    lap = strategies.get("wall")(replace(op, allowance_mm=0.0), mill, scene)
    return judged(moves, lap, offset(keep, ALLOWANCE - EATEN_MM), blank, reached, d, math.acos(1 - 2 * share), -depth)


def judged(moves: Any, lap: Any, shunned: Any, blank: Any, reached: Any, d: float, aim: float, floor: float) -> str:
    """What a fine raster, cut move by move, has against the moves."""
    from bench.bench_clearing import mask
    from bench.clearing_judge import drive, samples, steps
    from geometry.regions import offset

    h = max(d / 160, 0.02)
    x0, y0, x1, y1 = offset(blank + reached, 1.2 * d).bounds()
    shape = (math.ceil((y1 - y0) / h), math.ceil((x1 - x0) / h))
    kinds = told(moves)
    rows, owner = samples(steps(kinds, 0.0005), floor, d / 60) if kinds else (np.zeros((0, 6)), np.zeros(0, dtype=int))
    stock, part = mask(blank, x0, y0, shape, h), mask(shunned, x0, y0, shape, h)
    angle = np.zeros(len(rows))
    feeds = np.array([k[6] for k in kinds])[owner] if kinds else np.zeros(0)
    intents = np.array([m.intent for m in moves])[owner] if kinds else np.zeros(0, dtype=str)
    rows[intents == "link", 4] = GRAZE * d / 2
    eaten = drive(stock, part, x0, y0, h, d / 2, np.ascontiguousarray(rows[:, :5]), angle)
    on = rows[:, 3] > 0
    full = on & (intents == "cut") & (feeds >= 0.99 * FEED)
    eased = on & (intents == "cut") & (feeds < 0.99 * FEED)
    said = []
    if eaten:
        said.append(f"allowance: {eaten * h * h:.3f} mm2 eaten")
    over = full & (angle > OVER * aim + NOISE_RAD)
    if float(rows[over, 5].sum()) > SPOT_MM:
        k = np.flatnonzero(full)[int(np.argmax(angle[full]))]
        said.append(f"engagement: {angle[k] / aim:.2f} at X{rows[k, 0]:.2f} Y{rows[k, 1]:.2f}")
    thick = np.sin(np.minimum(aim, np.pi / 2)) / np.maximum(np.sin(np.minimum(angle, np.pi / 2)), 1e-6)
    hasty = feeds > FEED * np.maximum(1.0, thick * 1.35) + 1
    fast = full & hasty & (angle > 0.3)
    if float(rows[fast, 5].sum()) > SPOT_MM:
        k = np.flatnonzero(fast)[int(np.argmax((feeds / thick)[fast]))]
        said.append(f"chip: F{feeds[k]:.0f} at {math.degrees(angle[k]):.0f} deg, X{rows[k, 0]:.2f} Y{rows[k, 1]:.2f}")
    removal = (1 - np.cos(angle)) * feeds / ((1 - math.cos(aim)) * FEED)
    if float(rows[eased & (removal > EASED), 5].sum()) > SPOT_MM:
        k = np.flatnonzero(eased)[int(np.argmax(removal[eased]))]
        said.append(f"eased: removal {removal[k]:.2f} at X{rows[k, 0]:.2f} Y{rows[k, 1]:.2f}")
    links = on & (intents == "link") & hasty & (angle > 0.1)
    if float(rows[links, 5].sum()) > SPOT_MM:
        k = np.flatnonzero(links)[int(np.argmax(angle[links]))]
        said.append(f"link: F{feeds[k]:.0f} at {math.degrees(angle[k]):.0f} deg, X{rows[k, 0]:.2f} Y{rows[k, 1]:.2f}")
    lap_rows, _ = samples(steps(told(lap), 0.0005), floor, d / 60)
    drive(stock, part, x0, y0, h, d / 2, np.ascontiguousarray(lap_rows[:, :5]), np.zeros(len(lap_rows)))
    left = (stock & mask(reached, x0, y0, shape, h)).astype(bool)
    core = left.copy()
    for axis in (0, 1):
        for by in range(1, math.ceil(LEFT_MM / 2 / h) + 1):
            core &= np.roll(left, by, axis) & np.roll(left, -by, axis)
    if core.any():
        j, i = np.argwhere(core)[0]
        said.append(f"left: {left.sum() * h * h:.3f} mm2 at X{x0 + i * h:.2f} Y{y0 + j * h:.2f}")
    slow = float(rows[eased, 5].sum() / max(rows[full | eased, 5].sum(), 1e-9))
    if slow > 0.5:
        said.append(f"slow: {slow:.2f} of the cut length is eased")
    return "; ".join(said)


def told(moves: Any) -> list[tuple[str, float, float, float, float, float, float]]:
    """Moves as the judge takes them."""
    return [
        (m.kind, m.x_mm, m.y_mm, m.z_mm, m.cx_mm, m.cy_mm, 0.0 if m.kind == "rapid" else m.feed_mm_min) for m in moves
    ]


if __name__ == "__main__":
    main()

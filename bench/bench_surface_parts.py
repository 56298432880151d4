"""Whole parts with surfaces, from the solid to the passed proof: seconds, moves and the verdict of each."""

from __future__ import annotations

import json
import math
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

HOUSE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(HOUSE))


def main() -> None:
    """Plan, cut, post and prove every solid in aluminium on the LinuxCNC mill; the first one twice, to compile."""
    import tooling_db
    from bench.surface_solids import SOLIDS
    from geometry.solids import dump
    from model.design import Design, Expected, Part
    from pipeline.plan.stage import plan
    from pipeline.toolpaths.stage import post, toolpaths
    from pipeline.verify.stage import verify_milling

    shop = tooling_db.load()
    numbers: list[dict[str, object]] = []
    for name in [next(iter(SOLIDS)), *SOLIDS]:
        solid: Any = SOLIDS[name]().val()
        solid = solid if solid.ShapeType() == "Solid" else solid.Solids()[0]
        made = Part("part", dump(solid), Expected((1, 1, 1), (0, 1), 0))
        design = Design(name, "hand", name, "al-6082", "", 1, (made,))
        start = time.process_time()
        chosen = plan(design, shop)
        paths = toolpaths(chosen, design)
        planned = time.process_time()
        report = verify_milling(design, chosen, paths, post(paths, chosen))
        proved = time.process_time()
        moves, length = 0, 0.0
        for path in (p for s in paths.setups for p in s.toolpaths if p.operation_id.startswith("surface")):
            ends = [(m.x_mm, m.y_mm, m.z_mm) for m in path.moves]
            moves += len(ends)
            length += sum(math.dist(a, b) for a, b in pairwise(ends))
        numbers = [n for n in numbers if not str(n["name"]).startswith(f"{name}: ")]
        numbers += [
            {
                "name": f"{name}: plan and toolpaths",
                "value": round(planned - start, 1),
                "unit": "s CPU",
                "target": "15",
            },
            {"name": f"{name}: proof", "value": round(proved - planned, 1), "unit": "s CPU", "target": "15"},
            {"name": f"{name}: moves", "value": round(100 * moves / length, 1), "unit": "per 100 mm", "target": "40"},
            {"name": f"{name}: passed", "value": int(report.passed), "unit": "", "target": "1"},
        ]
    sys.stdout.write(json.dumps(numbers))


if __name__ == "__main__":
    main()

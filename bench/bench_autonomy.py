"""How many of 200 random prismatic parts are planned, programmed and proved with no human choice."""

from __future__ import annotations

import json
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

HOUSE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(HOUSE))
PARTS = 200
AT_ONCE = 2
PARTS_A_WORKER = 20


def main() -> None:
    """Send every part down the line in worker processes; each is told on stderr as it ends, by seed and reason."""
    first, last = (int(a) for a in sys.argv[1:3]) if len(sys.argv) > 2 else (0, PARTS)
    pool = ProcessPoolExecutor(AT_ONCE, get_context("spawn"), max_tasks_per_child=PARTS_A_WORKER)
    with pool:
        verdicts = []
        for seed, said in zip(range(first, last), pool.map(verdict, range(first, last)), strict=True):
            verdicts.append(said)
            print(f"{len(verdicts)} of {last - first}: part {seed} {said or 'certified'}", file=sys.stderr, flush=True)
    reasons = Counter(said.split(":")[0] for said in verdicts if said)
    share = 1 - sum(reasons.values()) / len(verdicts)
    numbers: list[dict[str, object]] = [
        {"name": "random parts certified without a choice", "value": share, "unit": "share", "target": ">= 0.95"},
    ]
    numbers += [
        {"name": f"random parts not made: {code}", "value": count, "unit": "parts", "target": "named"}
        for code, count in sorted(reasons.items())
    ]
    print(json.dumps(numbers))


def verdict(seed: int) -> str:
    """Nothing when the part is certified; else the refusal's code or the failed gate, and what it says."""
    import tooling_db
    from bench.random_parts import random_part
    from geometry.solids import dump
    from model.design import Design, Expected, Part
    from model.errors import LotOneError
    from pipeline.plan.stage import plan
    from pipeline.toolpaths.stage import post, toolpaths
    from pipeline.verify.stage import verify_milling

    solid: Any = random_part(seed).solid.val()
    solid = solid if solid.ShapeType() == "Solid" else solid.Solids()[0]
    part = Part("part", dump(solid), Expected((1, 1, 1), (0, 1), 0))
    design = Design(f"random-{seed}", "hand", "Random", "al-6082", "", 1, (part,))
    try:
        made = plan(design, tooling_db.load())
        paths = toolpaths(made, design)
        report = verify_milling(design, made, paths, post(paths, made))
    except LotOneError as error:
        return f"{error.code}: {error.message}"
    failed = [g for g in report.gates if g.verdict == "fail"]
    return f"gate {failed[0].name}: {failed[0].findings[0].message} {failed[0].findings[0].place}" if failed else ""


if __name__ == "__main__":
    main()

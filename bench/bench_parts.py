"""The published parts t1 to t5 rebuilt: their volumes, t1's whole job from plan to proof, and why t5 is not milled."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

HOUSE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(HOUSE))
REPEATS = 3
VOLUME_MM3 = 0.5
"""Volumes of splines are summed; so much they may differ."""


def main() -> None:
    """Measure every part; drive t1 down the line warm; ask for t5 in the milling shop."""
    import tooling_db
    from bench.parts import PARTS, VOLUMES_MM3
    from model.errors import CapabilityError
    from pipeline.plan.methods.common import why_not
    from pipeline.plan.stage import plan
    from pipeline.toolpaths.stage import post, toolpaths
    from pipeline.verify.stage import verify_milling
    from strategies.adaptive import legs

    shop = tooling_db.load()
    solids: dict[str, Any] = {name: build().val() for name, build in PARTS.items()}
    numbers: list[dict[str, object]] = []
    for name, solid in solids.items():
        volume = solid.Volume()
        if abs(volume - VOLUMES_MM3[name]) > VOLUME_MM3:
            msg = f"{name} has {volume:.2f} mm3, not {VOLUMES_MM3[name]}"
            raise SystemExit(msg)
        told = f"{VOLUMES_MM3[name]} published"
        numbers.append({"name": f"{name}: volume", "value": round(volume, 2), "unit": "mm3", "target": told})
    bracket = design("t1", solids["t1"])
    planned, whole, passed = [], [], False
    for _ in range(REPEATS + 1):  # the first one compiles; none may remember what another was told
        legs.cache_clear()
        why_not.cache_clear()
        start = time.process_time()
        made = plan(bracket, shop)
        paths = toolpaths(made, bracket)
        planned.append(time.process_time() - start)
        passed = verify_milling(bracket, made, paths, post(paths, made)).passed
        whole.append(time.process_time() - start)
    for what, seconds, target in (
        ("plan and toolpaths, warm", planned, "FreeCAD 0.31"),
        ("plan to proof, warm", whole, "<= 1.0"),
    ):
        middle = sorted(seconds[1:])[REPEATS // 2]
        numbers.append({"name": f"t1: {what}", "value": round(middle, 2), "unit": "s CPU", "target": target})
    numbers.append({"name": "t1: passed", "value": int(passed), "unit": "", "target": "1"})
    try:
        plan(design("t5", solids["t5"]), shop)
        refused = ""
    except CapabilityError as error:
        refused = error.code
        sys.stderr.write(f"t5: {error.message}\n")
    name = f"t5: refused, the shop has no lathe ({refused})"
    numbers.append({"name": name, "value": int(bool(refused)), "unit": "", "target": "1"})
    sys.stdout.write(json.dumps(numbers))


def design(name: str, solid: Any) -> Any:
    """One such part in aluminium."""
    from geometry.solids import dump
    from model.design import Design, Expected, Part

    solid = solid if solid.ShapeType() == "Solid" else solid.Solids()[0]
    part = Part("part", dump(solid), Expected((1, 1, 1), (0, 1), 0))
    return Design(name, "hand", name, "al-6082", "", 1, (part,))


if __name__ == "__main__":
    main()

"""Runs the bench_*.py beside it, keeps the numbers in results.json and holds each against its target."""

from __future__ import annotations

import json
import operator
import os
import platform
import re
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results.json"
SHOPS = "bench_scheduling.py"
LONG = ("bench_autonomy.py", SHOPS)
"""Run only when asked for: `make bench-autonomy`, `make bench INSTANCES=FOLDER`."""
HOLDS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


def main() -> None:
    """Run the scripts named, or all but the long ones; each prints a list of {name, value, unit, target}.

    A folder among the arguments holds published job shops, which are solved as well.
    """
    folders = [one for one in sys.argv[1:] if not one.endswith(".py")]
    named = [one for one in sys.argv[1:] if one.endswith(".py")]
    scripts = [one for one in named if one != SHOPS]
    if not named:
        scripts = sorted(p.name for p in HERE.glob("bench_*.py") if p.name not in LONG)
    scripts += [SHOPS] if folders else []
    kept = json.loads(RESULTS.read_text(encoding="utf-8"))["numbers"] if RESULTS.exists() else []
    numbers = [one for one in kept if one.get("script") not in scripts and (HERE / str(one.get("script"))).is_file()]
    for script in scripts:
        started = time.monotonic()
        given = folders[:1] if script == SHOPS else []
        done = subprocess.run(
            [sys.executable, str(HERE / script), *given], cwd=HERE.parent, stdout=subprocess.PIPE, check=True
        )
        print(f"bench: {script} took {time.monotonic() - started:.0f} s", file=sys.stderr)
        numbers += [{"script": script, **one} for one in json.loads(done.stdout)]
    numbers.sort(key=lambda one: str(one["script"]))
    told = {"python": platform.python_version(), "cores": os.cpu_count(), "numbers": numbers}
    RESULTS.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    verdicts = [verdict(one["value"], one["target"]) for one in numbers]
    for one, said in zip(numbers, verdicts, strict=True):
        print(f"{one['name']:<60} {one['value']:>12.6g} {one['unit']:<10} {said:<4} (target {one['target']})")
    print(f"{verdicts.count('met')} targets met, {verdicts.count('MISS')} missed")


def verdict(value: float, target: str) -> str:
    """Tell "met" or "MISS" by the bound in a target (`<= 3; Kiri:Moto 29.6`) or a number alone; else ""."""
    bound = re.search(r"([<>]=?) *(-?[\d.]+)", target)
    if bound is None:
        return "" if not re.fullmatch(r"-?[\d.]+", target) else "met" if value == float(target) else "MISS"
    return "met" if HOLDS[bound[1]](value, float(bound[2])) else "MISS"


if __name__ == "__main__":
    main()

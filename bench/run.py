"""Runs the bench_*.py beside it and keeps the numbers in results.json."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results.json"
LONG = ("bench_autonomy.py",)
"""Run only when asked for: `make bench-autonomy`."""


def main() -> None:
    """Run the scripts named, or all but the long ones; each prints a list of {name, value, unit, target}."""
    scripts = sys.argv[1:] or sorted(p.name for p in HERE.glob("bench_*.py") if p.name not in LONG)
    kept = json.loads(RESULTS.read_text(encoding="utf-8"))["numbers"] if RESULTS.exists() else []
    numbers = [one for one in kept if one.get("script") not in scripts and (HERE / str(one.get("script"))).is_file()]
    for script in scripts:
        print(f"bench: {script}", file=sys.stderr)
        done = subprocess.run([sys.executable, str(HERE / script)], cwd=HERE.parent, stdout=subprocess.PIPE, check=True)
        numbers += [{"script": script, **one} for one in json.loads(done.stdout)]
    numbers.sort(key=lambda one: str(one["script"]))
    told = {"python": platform.python_version(), "cores": os.cpu_count(), "numbers": numbers}
    RESULTS.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    for one in numbers:
        print(f"{one['name']:<60} {one['value']:>12.6g} {one['unit']:<10} (target {one['target']})")


if __name__ == "__main__":
    main()

"""Runs every bench_*.py beside it and writes the numbers to results.json."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> None:
    """Measure everything; each script prints a list of {name, value, unit, target}."""
    numbers = []
    for script in sorted(HERE.glob("bench_*.py")):
        print(f"bench: {script.name}", file=sys.stderr)
        done = subprocess.run([sys.executable, str(script)], cwd=HERE.parent, stdout=subprocess.PIPE, check=True)
        numbers += json.loads(done.stdout)
    told = {"python": platform.python_version(), "cores": os.cpu_count(), "numbers": numbers}
    (HERE / "results.json").write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    for one in numbers:
        print(f"{one['name']:<60} {one['value']:>12.6g} {one['unit']:<10} (target {one['target']})")


if __name__ == "__main__":
    main()

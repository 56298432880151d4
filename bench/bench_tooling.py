"""How long the tooling database takes to load: from its files, and as kept after the first time."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from statistics import median

HOUSE = Path(__file__).resolve().parents[1]
RUNS = 7

PROGRAM = """
import sys, time
from pathlib import Path
import model.tooling, pipeline.cli.options as options
from pipeline.engine.store import Store
start = time.process_time()
options.kept_shop(None, Store(Path(sys.argv[1])))
print((time.process_time() - start) * 1000)
"""
"""A process of its own each time, with the words and the command line imported as every verb has them."""


def main() -> None:
    """Load into an empty store once, then from it."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="lotone-") as folder:
        cold, *warm = (_milliseconds(folder) for _ in range(RUNS + 1))
    print(json.dumps([
        {"name": "tooling database: CPU to read, check and keep it", "value": cold, "unit": "ms", "target": "-"},
        {"name": "tooling database: CPU to load it warm", "value": median(warm), "unit": "ms", "target": "<= 50"},
    ]))  # fmt: skip


def _milliseconds(folder: str) -> float:
    done = subprocess.run([sys.executable, "-c", PROGRAM, folder], cwd=HOUSE, stdout=subprocess.PIPE, check=True)
    return float(done.stdout)


if __name__ == "__main__":
    main()

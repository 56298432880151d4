"""The demonstration: makes the three sample orders and says where their files are."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

SAMPLES = Path(__file__).resolve().parent / "orders"
OUT = Path("out")
NO_ENGINE = "printing.no-slicing-engine"


def main() -> int:
    """Run ``lotone make`` on the samples; without a slicing engine the two cut orders are enough."""
    orders = sorted(SAMPLES.glob("*.yaml"))
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "lotone", "make", *map(str, orders), "--out", str(OUT)], check=False
    )
    findings = [OUT / one.stem / "findings.json" for one in orders]
    codes = {json.loads(file.read_text())["code"] for file in findings if file.is_file()}
    return 0 if codes == {NO_ENGINE} else done.returncode


if __name__ == "__main__":
    sys.exit(main())

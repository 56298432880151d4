"""The demonstration: makes the three sample orders and says where their files are."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

SAMPLES = Path(__file__).resolve().parent / "orders"
NO_ENGINE = "printing.no-slicing-engine"


def main() -> int:
    """Run ``lotone make`` on the samples; without a slicing engine the two cut orders are enough."""
    orders = sorted(str(p) for p in SAMPLES.glob("*.yaml"))
    command = [sys.executable, "-m", "lotone", "make", *orders, "--out", "out", "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)  # noqa: S603 - our own program
    if not done.stdout:
        return done.returncode
    told = json.loads(done.stdout)
    say("")
    for order in told["orders"]:
        if order["verdict"] != "released":
            continue
        say(f"{order['order_id']}: certified, {len(order['release'])} files")
        for name in order["release"]:
            say(f"  {order['folder']}/{name}")
    rest = [o for o in told["orders"] if o["verdict"] != "released"]
    if rest and all(o["problem"]["code"] == NO_ENGINE for o in rest):
        say("")
        for order in rest:
            say(f"{order['order_id']}: no slicing engine here; its checked solids are in {order['folder']}/stages")
            say(f"  {order['problem']['hint']}")
        return 0
    return done.returncode


def say(line: str) -> None:
    """Print a line."""
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())

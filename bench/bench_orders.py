"""The sample orders: CPU from order to certificate with an empty store and warm kernels, and what was proved."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[1]
ORDERS = HOUSE / "samples" / "orders"
MILLED = ("nameplate-brass", "bracket-al6082")
REPEATS = 5


def cpu_s(words: list[str], cwd: Path) -> float:
    """User and system seconds of one command and everything it started."""
    child = subprocess.Popen(
        [sys.executable, "-m", "lotone", *words],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(HOUSE)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        msg = f"lotone {' '.join(words)} ended with {child.returncode}"
        raise SystemExit(msg)
    return usage.ru_utime + usage.ru_stime


def number(name: str, value: float, unit: str, target: str) -> dict[str, object]:
    """One line of the results."""
    return {"name": name, "value": round(value, 6), "unit": unit, "target": target}


def main() -> None:
    """Measure help, cold and cached orders, and read the certificates."""
    with tempfile.TemporaryDirectory(prefix="lotone-bench-") as folder:
        where = Path(folder)
        numbers = [number("lotone --help", min(cpu_s(["--help"], where) for _ in range(REPEATS)), "s CPU", "< 0.4")]
        names = [p.stem for p in sorted(ORDERS.glob("*.yaml"))]
        cpu_s(["make", str(ORDERS / "nameplate-brass.yaml"), "--out", "w", "--cache", "w"], where)  # kernels are warm
        for name in names:
            words = ["make", str(ORDERS / f"{name}.yaml"), "--out", "out", "--cache", "cache"]
            cold = cpu_s(words, where)
            cached = min(cpu_s(words, where) for _ in range(REPEATS))
            target = "< 10" if name in MILLED else "none"
            numbers.append(number(f"{name}: order to certificate, empty store", cold, "s CPU", target))
            numbers.append(number(f"{name}: fully cached", cached, "s CPU", "< 0.5"))
        for name in MILLED:
            told = json.loads((where / "out" / name / "release" / "certificate.json").read_bytes())["metrics"]
            numbers.append(number(f"{name}: deepest gouge", told["deepest_gouge_mm"], "mm", "< 0.01"))
            numbers.append(number(f"{name}: excess left", told["excess_mm"], "mm", "< 0.05"))
            numbers.append(number(f"{name}: grid", told["grid_mm"], "mm", "<= 0.1"))
    sys.stdout.write(json.dumps(numbers))


if __name__ == "__main__":
    main()

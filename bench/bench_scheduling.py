"""Published job shops solved by the planner's solver: flexible machines (Brandimarte), alternative plans (Kim)."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(HOUSE))
EFFORT = 10.0
"""Deterministic seconds of the solver for each instance, unless told."""
BRANDIMARTE = (40, 26, 204, 60, 172, 57, 139, 523, 307, 193, 609, 508, 390, 694, 333)
"""Best makespans known of mk01 to mk15; all but mk10 (at least 189) and mk13 (at least 382) are proved."""
KIM = (
    427, 343, 344, 306, 318, 427, 372, 343, 427, 427, 344, 318, 427, 372, 427, 427, 348, 318, 427, 372, 427, 427, 374,
    440,
)  # fmt: skip
"""Makespans of problem01 to problem24 by CP-SAT in 45 s on two cores; some are proved to be less by now."""


def _told(best: int | None) -> str:
    return f"{best} known" if best else "none known here"


def main() -> None:
    """Solve every instance under a folder: `bench_scheduling.py FOLDER [EFFORT]`."""
    from bench.job_shop import flexible, least_makespan, planned

    folder = Path(sys.argv[1])
    effort = float(sys.argv[2]) if len(sys.argv) > 2 else EFFORT
    known = {f"mk{k + 1:02}": best for k, best in enumerate(BRANDIMARTE)}
    known |= {f"problem{k + 1:02}": best for k, best in enumerate(KIM)}
    numbers: list[dict[str, object]] = []
    over: dict[str, list[float]] = {}
    for path in sorted(p for p in folder.rglob("*") if p.suffix in (".txt", ".fjs", ".ipps")):
        text = path.read_text(encoding="utf-8")
        shop = planned(text) if path.suffix == ".ipps" else flexible(text)
        start = time.process_time()
        found = least_makespan(shop, effort)
        cpu = time.process_time() - start
        best = known.get(path.stem)
        if found is None:
            name = f"{path.stem}: no schedule in {cpu:.1f} s CPU"
            numbers.append({"name": name, "value": 0, "unit": "", "target": _told(best)})
            continue
        gap = 100 * (1 - found.bound / found.cost)
        if best:
            over.setdefault(path.suffix, []).append(found.cost / best - 1)
        name = f"{path.stem}: makespan (gap {gap:.1f} %, {cpu:.1f} s CPU)"
        numbers.append({"name": name, "value": found.cost, "unit": "", "target": _told(best)})
        sys.stderr.write(f"{name} {found.cost}, {_told(best)}\n")
    for suffix, shares in over.items():
        what = "Kim" if suffix == ".ipps" else "Brandimarte"
        name = f"{what}: makespan over the best known, mean of {len(shares)}"
        numbers.append({"name": name, "value": round(sum(shares) / len(shares), 4), "unit": "share", "target": "0"})
    sys.stdout.write(json.dumps(numbers))


if __name__ == "__main__":
    main()

"""The simulation's speed: the bracket's blank faced by a program of 60,000 short moves."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(HOUSE))

ROWS, STEPS = 120, 500
HEAD = "G21 G90 G17 G40 G49 G80 G94 G91.1\nG64 P0.003\nG54\nM5 M9\nG53 G0 Z0\nT1 M6\nG43 H1\nS9540 M3\nG4 P2\n"


def raster() -> str:
    """Face the blank in rows of 0.2 mm steps, 0.8 mm deep."""
    lines = [HEAD + "G0 X5 Y0\nZ3\nG1 Z-0.8 F400\nF2000"]
    for row in range(ROWS):
        y = 0.7 * row
        across = range(STEPS) if row % 2 == 0 else range(STEPS - 1, -1, -1)
        lines += [f"X{5 + 0.2 * i:.4f} Y{y:.4f}" for i in across]
    return "\n".join([*lines, "G0 Z3", "M5 M9", "G53 G0 Z0", "M30", ""])


def main() -> None:
    """Plan the bracket, put the raster in its first setup, and time reading and simulating it."""
    import tooling_db
    from geometry.sampling import sample
    from pipeline.design.stage import design
    from pipeline.intake.read import read_order_file
    from pipeline.plan.stage import plan
    from pipeline.toolpaths.stage import post, toolpaths
    from pipeline.understand.stage import understand
    from pipeline.verify.milling import verify_milling
    from pipeline.verify.programs import judged
    from pipeline.verify.simulate import simulate

    shop = tooling_db.load()
    brief = understand(read_order_file(HOUSE / "samples" / "orders" / "bracket-al6082.yaml"), shop)
    made = design(brief, shop)
    planned = plan(made, shop)
    paths = toolpaths(planned, made)
    posted = post(paths, planned)
    programs = posted.programs
    first = planned.setups[0]
    program = replace(programs[0], text=raster(), tool_numbers=(1,))
    surface = sample(made.parts[0].brep, 0.25)
    simulate(planned, [judged(p, planned.setups[p.setup - 1], planned) for p in programs], surface)  # kernels are warm

    start = time.perf_counter()
    read = judged(program, first, planned)
    reading = time.perf_counter() - start
    alone = replace(planned, setups=(first,))
    start = time.perf_counter()
    ran = simulate(alone, [read], surface)
    seconds = time.perf_counter() - start
    moves = len(ran.runs[0].met)
    verify_milling(made, planned, paths, posted)
    start = time.process_time()
    verify_milling(made, planned, paths, posted)
    proof = time.process_time() - start
    numbers = [
        {"name": "simulation: moves", "value": moves, "unit": "moves", "target": ">= 50000"},
        {"name": "simulation: speed", "value": round(moves / seconds), "unit": "moves/s", "target": ">= 50000"},
        {"name": "simulation: proof of the bracket, warm", "value": round(proof, 3), "unit": "CPU s", "target": "<= 1"},
        {"name": "simulation: reading the text", "value": round(reading, 3), "unit": "s", "target": "none"},
    ]
    sys.stdout.write(json.dumps(numbers))


if __name__ == "__main__":
    main()

"""Programs for Sinumerik and Heidenhain with rows of holes and spirals, byte for byte (``GOLDEN=write`` rewrites)."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from model.feature import PlanarFace
from model.plan import CuttingData, Operation
from model.region import Region
from model.toolpath import Move, SetupPath, Toolpath, Toolpaths
from postprocessors.milling import programs
from tests.every_move import DRILLED, MILLED, SAFE_MM, TAP_NUMBER, TAPPED, UP, WORN, machine_for, plan_for

FILES = Path(__file__).parent / "files"
DATA = CuttingData(3000, 100, 100, 100, 1, 1, 50, 0.05, 1, 1, 0, "flood", "feed")
BORED = (
    Move("rapid", 5, 0, SAFE_MM),
    Move("rapid", 5, 0, 1),
    Move("line", 5, 0, 0, 100, "plunge"),
    *(Move("ccw", 5, 0, -0.5 * k, 400, "ramp", cx_mm=0, cy_mm=0) for k in range(1, 17)),
    Move("ccw", 0, 5, -8.125, 400, "ramp", cx_mm=0, cy_mm=0),
    Move("ccw", 0, 5, -8.125, 400, "finish", cx_mm=0, cy_mm=0),
    Move("cw", 1.545085, 4.755283, -8.125, 600, "cut", cx_mm=0, cy_mm=0),
    Move("rapid", 1.545085, 4.755283, SAFE_MM, intent="retract"),
)


def row(y: float, **changes: object) -> list[tuple[Move, ...]]:
    drill = Move("drill", 0, y, -9.5, 220, "drill", retract_mm=1)
    return [
        (
            Move("rapid", x, y, SAFE_MM),
            replace(drill, x_mm=x, **changes),  # type: ignore[arg-type]
            Move("rapid", x, y, SAFE_MM),
        )
        for x in (-30, -10, 10, 30)
    ]


@pytest.mark.parametrize("dialect", ["sinumerik", "heidenhain"])
def test_a_whole_program_is_as_reviewed(dialect: str) -> None:
    tools = machine_for(dialect).tools
    mill = next(a.number for a in tools if a.tool.kind == "end-mill")
    drill = next(a.number for a in tools if a.tool.kind == "drill")
    holes = [
        *row(20),
        *row(-20, z_mm=-16.25, cycle="peck", peck_mm=4),
        *row(0, z_mm=-12, cycle="chip-break", peck_mm=3),
    ]
    paths = (
        Toolpath("mill", mill, 6000, "flood", (*MILLED, *WORN, *UP)),
        Toolpath("bore", mill, 5500, "flood", BORED),
        *(Toolpath(f"hole-{k}", drill, 3000, "flood", moves) for k, moves in enumerate(holes)),
        Toolpath("others", drill, 2800, "off", DRILLED),
        Toolpath("thread", TAP_NUMBER, 480, "flood", TAPPED),
    )
    plan = plan_for(dialect)
    face = PlanarFace("f", 0, Region())
    operations = tuple(
        Operation(p.operation_id, "any", face, p.tool_number, DATA, 0, -9, SAFE_MM, Region(), Region()) for p in paths
    )
    plan = replace(plan, setups=(replace(plan.setups[0], operations=operations),))
    program = programs(Toolpaths((SetupPath(1, paths),)), plan).programs[0]
    golden = FILES / f"grouped-{dialect}.{program.name.rsplit('.', 1)[1]}"
    if os.environ.get("GOLDEN") == "write":
        golden.write_text(program.text, "utf-8")

    assert golden.read_text("utf-8") == program.text

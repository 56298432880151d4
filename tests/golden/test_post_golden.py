"""The posts' text, byte for byte; ``GOLDEN=write`` rewrites the files and the diff is the review."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import cadquery as cq
import pytest

import tooling_db
from geometry.solids import dump
from model.design import Design, Expected, Part
from model.errors import ConfigError
from model.plan import ProcessPlan
from model.program import Programs
from model.toolpath import Move, SetupPath, Toolpath, Toolpaths
from pipeline.plan.stage import plan
from postprocessors.dialects import dialect, number
from postprocessors.milling import programs
from tests.every_move import DIALECTS, posted

FILES = Path(__file__).parent / "files"
SHOP = tooling_db.load()
MOVES = (
    Move("rapid", 10, 5, 3, intent="approach"),
    Move("line", 10, 5, -0.5, 300, "plunge"),
    Move("line", 20, 5, -0.5, 900),
    Move("ccw", 20, 15, -0.5, 900, "cut", 20, 10),
    Move("cw", 30, 15, -1.25, 600, "ramp", 25, 15),
    Move("line", 30, 15, -1.25, 600),
    Move("line", 30.00004, 15.00004, -1.25, 600),
    Move("rapid", 30, 15, 3, intent="retract"),
)
DRILLED = (
    Move("rapid", 12.5, -0.00001, 3, intent="approach"),
    Move("drill", 12.5, 0, -9, 250, "drill", retract_mm=1, peck_mm=4, cycle="peck"),
    Move("rapid", 12.5, 0, 3, intent="retract"),
    Move("rapid", 22.5, 0, 3, intent="approach"),
    Move("drill", 22.5, 0, -2, 250, "drill", retract_mm=1),
    Move("rapid", 22.5, 0, 3, intent="retract"),
)


def spelled(machine_id: str) -> Programs:
    solid: Any = (
        cq.Workplane().box(80, 60, 3 if machine_id == "router-grbl" else 15, centered=(True, True, False)).val()
    )
    material = "brass-cuzn39pb3" if machine_id == "router-grbl" else "al-6082"
    part = Part("part", dump(solid), Expected((1, 1, 1), (0, 1), 0))
    whole = plan(Design("golden", "hand", "Hand-made", material, "", 1, (part,)), SHOP)
    assert whole.machine.id == machine_id
    one: ProcessPlan = replace(whole, setups=whole.setups[:1], tools=whole.machine.tools)
    mill = next(a.number for a in one.tools if a.tool.kind == "end-mill")
    drill = next(a.number for a in one.tools if a.tool.kind == "drill")
    wet: Literal["off", "mist"] = "mist" if "mist" in one.machine.coolant else "off"
    paths = (
        Toolpath("mill", mill, 9000, wet, MOVES),
        Toolpath("again", mill, 8000, wet, MOVES[:3]),
        Toolpath("drill", drill, 3000, "off", DRILLED),
    )
    return programs(Toolpaths((SetupPath(1, paths),)), one)


@pytest.mark.parametrize("machine_id", ["router-grbl", "mill-linuxcnc"])
def test_program_text_is_as_reviewed(machine_id: str) -> None:
    for k, program in enumerate(spelled(machine_id).programs, 1):
        golden = FILES / f"{machine_id}-{k}.{program.name.rsplit('.', 1)[1]}"
        if os.environ.get("GOLDEN") == "write":
            golden.parent.mkdir(exist_ok=True)
            golden.write_text(program.text, "utf-8")

        assert golden.read_text("utf-8") == program.text


@pytest.mark.parametrize("dialect_name", DIALECTS)
def test_every_kind_of_move_is_spelled_as_reviewed(dialect_name: str) -> None:
    for k, program in enumerate(posted(dialect_name), 1):
        golden = FILES / f"every-move-{dialect_name}-{k}.{program.name.rsplit('.', 1)[1]}"
        if os.environ.get("GOLDEN") == "write":
            golden.write_text(program.text, "utf-8")

        assert golden.read_text("utf-8") == program.text


@pytest.mark.parametrize("dialect_name", DIALECTS)
def test_every_line_fits_the_controller_and_is_plain_ascii(dialect_name: str) -> None:
    lines = [line for p in posted(dialect_name) for line in p.text.splitlines()]

    assert max(map(len, lines)) <= dialect(dialect_name).max_line
    assert all(line.isascii() for line in lines)


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [(-0.00001, 3, "0"), (1e-7, 4, "0"), (12.5, 3, "12.5"), (100.0, 0, "100"), (1e6, 3, "1000000"), (-0.5, 1, "-0.5")],
)
def test_numbers_have_no_exponent_no_minus_zero_no_tail(value: float, decimals: int, text: str) -> None:
    assert text == number(value, decimals)


def test_a_printers_dialect_is_no_milling_dialect() -> None:
    with pytest.raises(ConfigError) as caught:
        dialect("marlin")

    assert "post.bad-dialect" == caught.value.code

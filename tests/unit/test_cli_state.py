"""``lotone state``: a shift's comings and goings through the command line, and what it refuses by name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from model.errors import OrderError
from model.floor import ToolLife
from pipeline.cli.app import app
from pipeline.cli.feedback import which

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def floor(tmp_path: Path) -> str:
    return str(tmp_path / "state.db")


def state(floor: str, *words: str) -> str:
    """What a call prints that must succeed."""
    done = CliRunner().invoke(app, ["state", *words, "--state", floor])
    assert (0, None) == (done.exit_code, done.exception), done.output
    return done.stdout


def test_a_shift_is_counted_and_shown(floor: str) -> None:
    state(floor, "receive", "plywood-sheet-12", "4", "-w", "bench")
    state(floor, "take", "plywood-sheet-12", "1", "-w", "bench")
    state(floor, "offcut", "plywood", "300x180x12", "-w", "bench")
    state(floor, "offcut", "mdf", "90X60x6", "-w", "bench")
    state(floor, "use-offcut", "1", "o-7")
    state(floor, "tool", "bench-em-3-b", "broken", "--note", "fell")
    told = json.loads(state(floor, "--json"))["workshops"]
    tools = {one["instance"]: one for one in told["bench"]["tools"]}

    assert {"plywood-sheet-12": 3} == told["bench"]["stock"]
    assert [(2, "mdf", [90, 60, 6])] == [(o["number"], o["material"], o["size_mm"]) for o in told["bench"]["offcuts"]]
    assert ["broken", "available"] == [tools[f"bench-em-3-{x}"]["state"] for x in "ba"]
    assert ({}, []) == (told["works"]["stock"], told["works"]["offcuts"])
    assert "3 x plywood-sheet-12" in state(floor, "-w", "bench")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["take", "plywood-sheet-12", "1", "-w", "bench"], "state.too-few"),
        (["receive", "plywood-sheet-12", "0", "-w", "bench"], "state.pieces"),
        (["receive", "plywood-sheet-12", "1"], "state.unknown"),
        (["receive", "plywood-12", "1", "-w", "bench"], "state.unknown"),
        (["receive", "plywood-sheet-12", "1", "-w", "shed"], "state.unknown"),
        (["offcut", "ply", "1x1x1", "-w", "bench"], "state.unknown"),
        (["offcut", "plywood", "300x180", "-w", "bench"], "state.size"),
        (["offcut", "plywood", "300x180xnan", "-w", "bench"], "state.size"),
        (["offcut", "plywood", "0x180x12", "-w", "bench"], "state.size"),
        (["use-offcut", "7", "o-1"], "state.no-offcut"),
        (["tool", "em-3", "worn"], "state.unknown"),
    ],
)
def test_what_cannot_be_is_refused_with_what_there_is(floor: str, words: list[str], code: str) -> None:
    done = CliRunner().invoke(app, ["state", *words, "--state", floor])

    assert code == getattr(done.exception, "code", None), done.output
    assert getattr(done.exception, "hint", "")
    assert "x " not in state(floor).replace("mm", "")


def life(name: str, left: float = 30.0) -> ToolLife:
    return ToolLife(name, "em-3", "bench", "available", 60.0 - left, 60.0)


@pytest.mark.parametrize(
    ("own", "named", "instance"),
    [
        ([], "", ""),
        ([life("a")], "", "a"),
        ([life("a"), life("b", 0.0)], "", "a"),
        ([life("a"), life("b")], "b", "b"),
        ([life("a", 0.0)], "", "a"),
    ],
    ids=["not counted", "one", "one not worn", "named", "one that is worn"],
)
def test_reported_minutes_go_to_the_tool_that_worked_them(own: list[ToolLife], named: str, instance: str) -> None:
    assert {"tool": "em-3", "minutes": 9.0, "instance": instance} == which(own, "em-3", 9.0, named)


@pytest.mark.parametrize(
    ("own", "named"),
    [([life("a"), life("b")], ""), ([life("a", 0.0), life("b", 0.0)], ""), ([life("a")], "c"), ([], "c")],
)
def test_minutes_nobody_can_place_are_refused(own: list[ToolLife], named: str) -> None:
    with pytest.raises(OrderError) as caught:
        which(own, "em-3", 9.0, named)

    assert "feedback.which-tool" == caught.value.code

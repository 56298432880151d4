"""The lists in the line are what the stages say of themselves."""

from __future__ import annotations

from typing import get_type_hints

import pytest

from pipeline.line import PROCESSES, Step, declared, function_at

STEPS = sorted({s for steps in PROCESSES.values() for s in steps}, key=lambda s: s.where)


@pytest.mark.parametrize("step", STEPS, ids=lambda s: s.where)
def test_a_step_declares_what_its_function_takes_and_gives(step: Step) -> None:
    hints = get_type_hints(function_at(step.where))

    assert step.gives is hints.pop("return")
    assert set(step.takes) == set(hints.values())


@pytest.mark.parametrize("process", sorted(PROCESSES))
def test_every_step_finds_what_it_takes(process: str) -> None:
    stages = declared(PROCESSES[process])

    assert [s.name for s in PROCESSES[process]] == [s.name for s in stages]
    assert "papers" == stages[-1].name
    assert ["verify", "quote"] == [s.name for s in stages[-3:-1]]

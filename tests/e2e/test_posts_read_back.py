"""Every dialect's programs, with every kind of move in them, are read back as the moves planned, from any state."""

from __future__ import annotations

import pytest

from model.errors import ConfigError
from model.toolpath import SetupPath, Toolpath, Toolpaths
from postprocessors.milling import programs
from tests.every_move import DIALECTS, TAPPED, WORN, gated, paths_for, plan_for, posted, read_back, taps, wears


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_move_is_read_back_as_planned(dialect: str) -> None:
    assert [] == read_back(dialect, posted(dialect))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_good_program_passes_the_gates_on_its_text_from_a_hostile_state_too(dialect: str) -> None:
    assert [] == gated(dialect, posted(dialect))


@pytest.mark.parametrize("dialect", [d for d in DIALECTS if not wears(d)])
def test_wear_compensation_is_refused_where_the_control_has_none(dialect: str) -> None:
    mill = paths_for(dialect).setups[0].toolpaths[0]
    paths = Toolpaths((SetupPath(1, (Toolpath("w", mill.tool_number, 6000, "off", (*mill.moves[:3], *WORN)),)),))

    with pytest.raises(ConfigError) as caught:
        programs(paths, plan_for(dialect))

    assert "post.no-compensation" == caught.value.code


@pytest.mark.parametrize("dialect", [d for d in DIALECTS if not taps(d)])
def test_tapping_is_refused_where_the_control_cannot(dialect: str) -> None:
    mill = paths_for(dialect).setups[0].toolpaths[0]

    with pytest.raises(ConfigError) as caught:
        programs(Toolpaths((SetupPath(1, (Toolpath("t", mill.tool_number, 480, "off", TAPPED),)),)), plan_for(dialect))

    assert "post.no-tapping" == caught.value.code

"""The table of a sheet's steps: every action with its place, tool, target, check, hazard and minutes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from model.action import Action
from pipeline.release.papers.paper import Cell, Column, Rows, table


def steps(actions: Iterable[Action], w: Mapping[str, str]) -> Rows:
    """One row an action, numbered from 1, with a box to tick."""
    columns = [
        Column("№", 0.75), Column(w["do-what"], 3.6), Column(w["with"], 1.6), Column(w["target"], 1.4),
        Column(w["right-when"], 1.9), Column(w["if-not"], 1.8), Column(w["hazard"], 1.6),
        Column(w["standard-min"], 0.55, right=True),
    ]  # fmt: skip
    rows = [
        [
            f"☐ {k}", _sentence(a), a.tool, a.target, a.right, a.otherwise, a.hazard,
            minutes(a.minutes),
        ]
        for k, a in enumerate(actions, 1)
    ]  # fmt: skip
    return table(columns, rows, w["steps"], w["marks"])


def _sentence(a: Action) -> str:
    return f"{a.verb} {a.object}" + (f", {a.place}" if a.place else "")


def minutes(value: float | None) -> str:
    """Standard minutes as every paper spells them: to a tenth; nothing where nobody has set any."""
    return "" if value is None else f"{value:.1f}"


def signature(w: Mapping[str, str]) -> Rows:
    """Who did it, and when."""
    return Rows(((Cell("", 2.0), Cell("", 1.0, label=w["signature"])),), tall=True)

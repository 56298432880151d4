"""What a check found, and the report the findings make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found: where, how much, against which limit, and what to do.

    ``severity`` "refuse" stops the order; "note" travels with it to the reader.
    """

    code: str
    message: str
    place: str = ""
    value: float | str | None = None
    limit: float | str | None = None
    hint: str = ""
    severity: Literal["refuse", "note"] = "refuse"


@dataclass(frozen=True, slots=True)
class Gate:
    """One question of the proof and its answer; never skipped silently.

    ``detail`` gives the measured fact, or for "not-applicable" the reason. ``value`` and
    ``limit`` are in ``unit``.
    """

    name: str
    verdict: Literal["pass", "fail", "not-applicable"]
    detail: str
    value: float | None = None
    limit: float | None = None
    unit: str = ""
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """What was measured, row by row, as the reader sees it: units stand in the columns' names."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Report:
    """All gates of one proof. ``metrics`` are plain numbers with the unit in the name; ``tables`` tell more."""

    subject: str
    gates: tuple[Gate, ...]
    metrics: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[Finding, ...] = ()
    tables: tuple[Table, ...] = ()

    @property
    def passed(self) -> bool:
        """True when at least one gate was judged and none failed."""
        return any(g.verdict == "pass" for g in self.gates) and all(g.verdict != "fail" for g in self.gates)

    @property
    def failures(self) -> tuple[Finding, ...]:
        """Every finding of every failed gate."""
        return tuple(f for g in self.gates if g.verdict == "fail" for f in g.findings)

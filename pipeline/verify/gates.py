"""How a gate is written down: pass, fail, or not applicable because; never silent."""

from __future__ import annotations

from collections.abc import Sequence

from model.finding import Finding, Gate

MOST_FINDINGS = 20


def gate(
    name: str,
    findings: Sequence[Finding],
    fact: str,
    *,
    value: float | None = None,
    limit: float | None = None,
    unit: str = "",
) -> Gate:
    """A gate that fails when there are findings; ``fact`` is what was measured or looked at."""
    if not findings:
        return Gate(name, "pass", fact, _rounded(value), limit, unit)
    count = len(findings)
    detail = f"{count} finding{'s' if count > 1 else ''}; {fact}"
    return Gate(name, "fail", detail, _rounded(value), limit, unit, tuple(findings[:MOST_FINDINGS]))


def not_applicable(name: str, because: str) -> Gate:
    """A gate that has nothing to judge here, with the reason."""
    return Gate(name, "not-applicable", f"not applicable because {because}")


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), 6) + 0.0

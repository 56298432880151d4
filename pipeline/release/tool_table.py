"""The tool table a LinuxCNC machine loads with the programs: pocket, length and diameter of every tool used."""

from __future__ import annotations

from model.plan import ProcessPlan


def tool_table(plan: ProcessPlan) -> str:
    """One line a tool, ``T1 P1 Z<gauge length> D<diameter> ;name`` in mm, by rising T number.

    The lengths are the nominal gauge lengths the programs were proved with; the operator replaces them by measured
    ones.
    """
    used = {o.tool_number for s in plan.setups for o in s.operations}
    lines = [
        f"T{a.number} P{a.number} Z{a.gauge_length_mm:+.3f} D{a.tool.diameter_mm:+.3f} ;{_plain(a.tool.name)}"
        for a in sorted(plan.tools, key=lambda a: a.number)
        if a.number in used
    ]
    return "\n".join(lines) + "\n"


def _plain(name: str) -> str:
    """A comment a controller can read: ASCII only, one line."""
    return " ".join(name.replace("Ø", "D").encode("ascii", "replace").decode().split())

"""What is doubtful in a library, told with the row it stands in: nothing is corrected behind the reader's back."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from math import pi
from typing import TYPE_CHECKING

from model.finding import Finding
from tooling_db.libraries.numbers import M_PER_FOOT
from tooling_db.plausible import CARBIDE_M_MIN, DRILL_M_MIN, HSS_M_MIN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from model.library import LibraryTool, Preset, ToolLibrary

STALE = 0.01
"""Shops' presets agree with v_c = pi D n and f_z = v_f / (n z) to a percent; more means the tool was edited later."""

TAP_M_MIN: Mapping[str, tuple[float, float]] = {
    "P": (3, 30), "M": (2, 15), "K": (4, 30), "N": (5, 60), "S": (1, 8), "H": (1, 6), "O": (5, 40), "W": (5, 60),
}  # fmt: skip
"""Surface speeds of taps by ISO 513 group: medians of shops are 20 in aluminium, 12 in steel, 6 in stainless."""

FASTEST_HSS_M_MIN = 400.0
DRILLING = ("drill", "spot-drill", "reamer")
PART_NUMBER = re.compile(r"\d.*-.*\d|\d{4,}")


def tamed(library: ToolLibrary) -> ToolLibrary:
    """The library with a note for everything doubtful in it; blanks around names are the one thing taken away."""
    tools = tuple(_trimmed(tool) for tool in library.tools)
    notes = [note for before, tool in zip(library.tools, tools, strict=True) for note in _entry(before, tool)]
    numbers = Counter(tool.number for tool in tools if tool.number > 0)
    notes += [
        _note("library.duplicate-number", tool.place, f"T{tool.number} stands on {numbers[tool.number]} tools",
              tool.number, "Give every tool of one machine its own number.")
        for tool in tools if numbers[tool.number] > 1
    ]  # fmt: skip
    return replace(library, tools=tools, notes=(*library.notes, *notes))


def _note(
    code: str, place: str, what: str, value: float | str | None, hint: str, limit: float | str | None = None
) -> Finding:
    return Finding(code, f"{place}: {what}", place, value, limit, hint, severity="note")


def _trimmed(tool: LibraryTool) -> LibraryTool:
    name, maker, code = (" ".join(words.split()) for words in (tool.name, tool.maker, tool.order_code))
    return replace(tool, name=name, maker=maker, order_code=code)


def _entry(before: LibraryTool, tool: LibraryTool) -> list[Finding]:
    notes = []
    if before.name != tool.name or before.maker != tool.maker:
        notes.append(
            _note("library.blanks", tool.place, "blanks around its name or maker were taken away", before.maker, "")
        )
    if not tool.name:
        notes.append(
            _note("library.no-name", tool.place, "it has no description", None, "Name it before people look for it.")
        )
    if tool.maker and PART_NUMBER.search(tool.maker):
        hint = "Put the order code where it belongs."
        notes.append(
            _note(
                "library.maker-is-code",
                tool.place,
                f"its maker looks like an order code: {tool.maker}",
                tool.maker,
                hint,
            )
        )
    if tool.kind.startswith("other:"):
        word = tool.kind.removeprefix("other:")
        notes.append(
            _note("library.no-kind", tool.place, f"the house plans with no {word!r}; it is kept as it is", word, "")
        )
    elif not tool.substrate:
        hint = "Say carbide, hss or hss-co; speeds follow from it."
        notes.append(_note("library.no-substrate", tool.place, "what it is made of is not said", None, hint))
    notes += _ladder(tool) + _expressions(tool)
    for preset in tool.presets:
        notes += _preset(tool, preset)
    return notes


def _ladder(tool: LibraryTool) -> list[Finding]:
    shape = tool.geometry
    rungs = [
        ("flute length", shape.flute_length_mm), ("shoulder length", shape.shoulder_length_mm),
        ("stick-out", shape.stick_out_mm), ("overall length", shape.overall_length_mm),
    ]  # fmt: skip
    known = [(name, value) for name, value in rungs if value is not None]
    notes = []
    for (low, short), (high, long) in pairwise(known):
        if short > long * (1 + 1e-9):
            what = f"its {low} {short:.4g} mm is longer than its {high} {long:.4g} mm"
            notes.append(_note("library.geometry", tool.place, what, short, "Measure the tool.", long))
    if shape.diameter_mm is not None and shape.diameter_mm <= 0:
        notes.append(_note("library.geometry", tool.place, "its diameter is 0", 0.0, "Measure the tool.", "> 0"))
    return notes


def _expressions(tool: LibraryTool) -> list[Finding]:
    """Fusion re-evaluates an entry's expressions: a diameter edited beside one is silently set back."""
    found = re.search(r'"tool_diameter":\s*"\s*([\d.]+)\s*(mm|in)?\s*"', tool.original)
    if not found or tool.geometry.diameter_mm is None:
        return []
    factor = 25.4 if found[2] == "in" or (not found[2] and tool.unit == "inch") else 1.0
    said = float(found[1]) * factor
    if abs(said - tool.geometry.diameter_mm) <= STALE * said:
        return []
    what = f"its diameter is {tool.geometry.diameter_mm:.4g} mm, its expression says {said:.4g} mm"
    hint = "Fusion sets it back to the expression: change that too."
    return [_note("library.expression", tool.place, what, tool.geometry.diameter_mm, hint, said)]


def _preset(tool: LibraryTool, preset: Preset) -> list[Finding]:
    where = f'{tool.place}, preset "{preset.name}"'
    across, flutes = tool.geometry.diameter_mm, tool.geometry.flutes
    notes = []
    if preset.n_rpm and preset.vc_m_min and across:
        true = pi * across * preset.n_rpm / 1000
        if abs(true - preset.vc_m_min) > STALE * true:
            what = f"{preset.vc_m_min:.4g} m/min is stated, {preset.n_rpm:.5g} rpm gives {true:.4g} m/min"
            notes.append(
                _note(
                    "library.stale-preset",
                    where,
                    what,
                    preset.vc_m_min,
                    "The speed in rpm is taken as the true one.",
                    true,
                )
            )
    if preset.n_rpm and preset.vf_mm_min and preset.fz_mm and flutes:
        true = preset.vf_mm_min / (preset.n_rpm * flutes)
        if abs(true - preset.fz_mm) > STALE * true:
            what = f"{preset.fz_mm:.4g} mm a tooth is stated, the feed gives {true:.4g} mm"
            notes.append(
                _note("library.stale-preset", where, what, preset.fz_mm, "The feed is taken as the true one.", true)
            )
    return notes + _speed(tool, preset, where)


def _speed(tool: LibraryTool, preset: Preset, where: str) -> list[Finding]:
    """A speed that cannot be true, and whether feet read as metres would explain it."""
    across = tool.geometry.diameter_mm
    speed = pi * across * preset.n_rpm / 1000 if preset.n_rpm and across else preset.vc_m_min
    stated = preset.vc_m_min or speed
    if not speed or not stated:
        return []
    if not preset.material:
        hint = "Put the material into the preset's name or its material field."
        return [_note("library.no-material", where, "which material it is for is not said", preset.name, hint)]
    low, high = _window(tool, preset.material)
    fastest = max(speed, stated)
    if tool.substrate.startswith("hss") and tool.kind != "tap" and fastest > FASTEST_HSS_M_MIN:
        what = f"{fastest:.4g} m/min with high speed steel: the tool is surely carbide"
        hint = "Correct what it is made of."
        return [_note("library.substrate", where, what, fastest, hint, FASTEST_HSS_M_MIN)]
    if low <= speed and fastest <= high * 1.001:
        return []
    feet = fastest * M_PER_FOOT
    if fastest > high and low <= feet <= high:
        what = f"{fastest:.4g} m/min is too fast for group {preset.material}; read as ft/min it is {feet:.3g} m/min"
        hint = "Check whether feet a minute were entered as metres."
        return [_note("library.speed-unit", where, what, fastest, hint, high)]
    what = f"{fastest:.4g} m/min is outside {low:g} to {high:g} m/min of group {preset.material}"
    return [_note("library.speed", where, what, fastest, "Check it before use.", f"{low:g} to {high:g} m/min")]


def _window(tool: LibraryTool, group: str) -> tuple[float, float]:
    if tool.kind == "tap":
        return TAP_M_MIN[group]
    if tool.kind in DRILLING and tool.substrate != "carbide":
        return DRILL_M_MIN[group]
    return HSS_M_MIN[group] if tool.substrate.startswith("hss") else CARBIDE_M_MIN[group]

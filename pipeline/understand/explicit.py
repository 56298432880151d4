"""Reads the parameters an order gives outright: numbers pass, text with units becomes millimetres."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from model.errors import OrderError
from model.finding import Finding
from model.units import BASE_UNITS, parse_dimension
from pipeline.understand.slots import Slot, dimension_of


def explicit(given: Mapping[str, Any], slots: Sequence[Slot]) -> tuple[dict[str, Any], list[Finding]]:
    """Every parameter that could be read, in the family's units, and a finding for every one that could not.

    Codes: ``order.unknown-parameter`` with the nearest name, ``order.wrong-type`` for true or false in place of
    a number, and the ``units.*`` codes.
    """
    known = [s.name for s in slots]
    values: dict[str, Any] = {}
    findings: list[Finding] = []
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1, 0.5)
            hint = f"Did you mean {near[0]}?" if near else f"It has: {', '.join(known)}."
            message = f"{name} is not a parameter of this family"
            findings.append(Finding("order.unknown-parameter", message, name, name, ", ".join(known), hint))
            continue
        values[name] = _read(name, name, given[name], findings)
    broken = {f.place.partition(".")[0] for f in findings}
    return {n: v for n, v in values.items() if n not in broken}, findings


def _read(place: str, name: str, value: Any, findings: list[Finding]) -> Any:
    """One value; lists and named values inside it are read by the same rule."""
    if isinstance(value, Mapping):
        return {k: _read(f"{place}.{k}", k, v, findings) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_read(f"{place}.{i}", name, v, findings) for i, v in enumerate(value)]
    dimension = dimension_of(name)
    if dimension is None:
        return value
    if isinstance(value, bool):
        message = f"{place} must be a number, not {str(value).lower()}"
        hint = f"Give it in {BASE_UNITS[dimension]}."
        findings.append(Finding("order.wrong-type", message, place, str(value).lower(), "a number", hint))
    if not isinstance(value, str):
        return value
    try:
        return float(parse_dimension(value, dimension))
    except OrderError as error:
        findings.append(Finding(error.code, f"{place}: {error.message}", place, value, error.limit, error.hint))
        return value

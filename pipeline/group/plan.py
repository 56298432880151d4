"""The plan of the groups as a file: which orders share a plate and where their pieces lie, to read and to change."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model.errors import OrderError
from model.group import Spot

SCHEMA = "lotone.groups/1"
HEAD = """\
# Orders made together. Change what you like, then: lotone group make THIS-FILE
# A piece lies where its x_mm, y_mm put its front left corner, from the bed's; turn_deg is 0, 90, 180 or 270.
# To make an order alone, remove all its pieces. The lines after # are told, not read.
"""


@dataclass(frozen=True, slots=True)
class Source:
    """An order of the plan: its file and the digest of what stood in it; why it is made alone, if it is."""

    order_id: str
    file: str
    sha256: str
    alone: str = ""


@dataclass(frozen=True, slots=True)
class Plate:
    """One plate: what prints it, the pieces on it, and what it saves in a sentence."""

    id: str
    printer_id: str
    filament_id: str
    quality_id: str
    spots: tuple[Spot, ...]
    saves: str = ""

    @property
    def orders(self) -> tuple[str, ...]:
        """The orders on it, by name."""
        return tuple(sorted({s.order_id for s in self.spots}))


@dataclass(frozen=True, slots=True)
class Plan:
    """Every order that was looked at, and the plates some of them share."""

    sources: tuple[Source, ...]
    plates: tuple[Plate, ...]


def written(plan: Plan) -> str:
    """The plan as TOML."""
    out = [HEAD, f"schema = {_text(SCHEMA)}"]
    for one in plan.sources:
        why = [f"# made alone: {' '.join(one.alone.split())}"] if one.alone else []
        out += ["", *why, "[[order]]", f"id = {_text(one.order_id)}", f"file = {_text(one.file)}",
                f"sha256 = {_text(one.sha256)}"]  # fmt: skip
    for plate in plan.plates:
        out += ["", f"# {plate.saves}", "[[plate]]"]
        rows = {"id": plate.id, "printer": plate.printer_id, "filament": plate.filament_id, "quality": plate.quality_id}
        out += [f"{key} = {_text(value)}" for key, value in rows.items()]
        out += ["piece = ["]
        out += [
            f"  {{ order = {_text(s.order_id)}, part = {_text(s.part)}, copy = {s.copy}, "
            f"x_mm = {s.x_mm:.2f}, y_mm = {s.y_mm:.2f}, turn_deg = {s.turn_deg:g} }},"
            for s in plate.spots
        ]
        out += ["]"]
    return "\n".join(out) + "\n"


def read(path: Path) -> Plan:
    """Read a plan as it stands in its file now.

    Raises:
        OrderError: ``group.bad-plan``: it is no such file, or something in it is missing or of the wrong kind.
    """
    place = ""
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        _need_schema(told)
        sources, plates = [], []
        for k, row in enumerate(told.get("order", []), 1):
            place = f"order {k}"
            sources.append(Source(*_known(row, {"id": str, "file": str, "sha256": str})))
        for k, row in enumerate(told.get("plate", []), 1):
            place = f"plate {k}"
            kinds = {"id": str, "printer": str, "filament": str, "quality": str, "piece": list}
            *rows, pieces = _known(row, kinds)
            spots = []
            for n, piece in enumerate(pieces, 1):
                place = f"plate {k}, piece {n}"
                spots.append(Spot(*_known(piece, PIECE)))
            plates.append(Plate(rows[0], rows[1], rows[2], rows[3], tuple(spots)))
    except (OSError, ValueError) as error:
        raise OrderError(
            "group.bad-plan",
            f"{path.name}, {place or 'the whole'}: {error}",
            place=place or str(path),
            hint="Mend it there, or write the plan anew with `lotone group plan`.",
        ) from error
    return Plan(tuple(sources), tuple(plates))


def _need_schema(told: Mapping[str, Any]) -> None:
    if told.get("schema") != SCHEMA:
        message = f"schema is {told.get('schema')!r}, not {SCHEMA!r}"
        raise ValueError(message)


PIECE: Mapping[str, Any] = {
    "order": str, "part": str, "copy": int, "x_mm": (int, float), "y_mm": (int, float), "turn_deg": (int, float),
}  # fmt: skip


def _known(row: Any, kinds: Mapping[str, Any]) -> list[Any]:
    """A table's values in the order of its keys.

    Raises:
        ValueError: A key is missing, unknown, or its value of another kind.
    """
    message = ""
    if not isinstance(row, dict):
        message = "it is no table"
    elif other := sorted(row.keys() - kinds.keys()):
        message = f"{other[0]} is nothing a plan has"
    elif missing := [key for key in kinds if key not in row]:
        message = f"{missing[0]} is missing"
    elif wrong := [k for k in kinds if not isinstance(row[k], kinds[k]) or isinstance(row[k], bool)]:
        message = f"{wrong[0]} = {row[wrong[0]]!r} is of the wrong kind"
    if message:
        raise ValueError(message)
    return [float(row[k]) if kind == (int, float) else row[k] for k, kind in kinds.items()]


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)

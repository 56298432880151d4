"""Turns a library's entries into rows of the shop's tooling database, and says of each that cannot be one, why."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast, get_args

from model.finding import Finding
from model.tooling import Tool, ToolKind
from tooling_db import cutters
from tooling_db.rows import Place

if TYPE_CHECKING:
    from collections.abc import Mapping

    from model.library import LibraryTool, ToolLibrary

Substrate = Literal["carbide", "hss", "hss-co"]

KINDS = get_args(ToolKind)
STARTS = {"tap": "tap_start_pitches", "reamer": "reamer_start_diameters"}
PLUNGING = ("drill", "spot-drill", "reamer", "tap", "chamfer-mill", "engraver")
ASSUMABLE = (
    "price_eur", "max_rpm", "substrate", "centre_cutting", "helix_deg", "tap_start_pitches", "reamer_start_diameters",
)  # fmt: skip
"""What a shop may say for a whole library where the entries say nothing; the last two are the tapered start of taps in
pitches (2 to 3 for form C of DIN 2197) and of reamers in diameters, which no library carries."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Tools ready for the database, in library order, and why the others are not."""

    tools: tuple[Tool, ...]
    left_out: tuple[Finding, ...]


def rows(library: ToolLibrary, assumed: Mapping[str, str | float | bool]) -> Rows:
    """Give the entries as tools; what an entry lacks is taken from ``assumed`` and said in the row's source.

    Args:
        library: As read.
        assumed: Values of `ASSUMABLE` fields for entries that give none.
    """
    made: list[Tool] = []
    left: list[Finding] = []
    ids: set[str] = set()
    for tool in library.tools:
        missing = _missing(tool, assumed)
        if missing:
            left.append(missing)
            continue
        row = _row(tool, assumed, library.name, ids)
        wrong = cutters.tool(row, Place(tool.place, f"tool {row.id}"))
        if wrong:
            left += wrong
            continue
        ids.add(row.id)
        made.append(row)
    return Rows(tuple(made), tuple(left))


def _missing(tool: LibraryTool, assumed: Mapping[str, object]) -> Finding | None:
    shape = tool.geometry
    if tool.kind not in KINDS:
        word = tool.kind.removeprefix("other:")
        message = f"{tool.place}: the planner has no use for a {word!r}"
        return Finding("library.no-kind", message, tool.place, word, ", ".join(KINDS), "It stays in the kept original.")
    if not tool.right_hand:
        message = f"{tool.place}: it cuts left-handed, and every program turns the spindle clockwise"
        return Finding("library.left-hand", message, tool.place, hint="It stays in the kept original.")
    needed = {
        "diameter": shape.diameter_mm, "flute length": shape.flute_length_mm, "overall length": shape.overall_length_mm,
        "shank diameter": shape.shank_diameter_mm, "number of flutes": shape.flutes,
        "pitch": shape.pitch_mm if tool.kind in cutters.THREADING else 1.0,
        "point angle": shape.point_angle_deg if tool.kind not in cutters.STRAIGHT else 180.0,
    }  # fmt: skip
    lost = [name for name, value in needed.items() if not value]
    if lost:
        message = f"{tool.place}: its {', '.join(lost)} is not said"
        return Finding("library.incomplete", message, tool.place, ", ".join(lost), hint="Complete it in the library.")
    said = {"price_eur": tool.price_eur, "max_rpm": tool.max_rpm, "substrate": tool.substrate or None}
    said |= {STARTS[tool.kind]: None} if tool.kind in STARTS else {}
    unknown = [name for name, value in said.items() if value is None and name not in assumed]
    if unknown:
        message = f"{tool.place}: its {', '.join(unknown)} is not said, and none is assumed"
        hint = " ".join(f"--assume {name}=..." for name in unknown)
        return Finding("library.incomplete", message, tool.place, ", ".join(unknown), hint=f"Say it for all: {hint}")
    return None


def _row(tool: LibraryTool, assumed: Mapping[str, str | float | bool], library: str, ids: set[str]) -> Tool:
    shape = tool.geometry
    flat = tool.kind in cutters.STRAIGHT
    across, flutes = shape.diameter_mm or 0.0, shape.flute_length_mm or 0.0
    told = {
        "price_eur": tool.price_eur, "max_rpm": tool.max_rpm, "substrate": tool.substrate or None,
        "helix_deg": shape.helix_deg, "centre_cutting": True if tool.kind in PLUNGING else tool.centre_cutting,
    }  # fmt: skip
    known = {field: assumed.get(field) if value is None else value for field, value in told.items()}
    own = [field for field, value in told.items() if value is None and field in assumed]
    own += [STARTS[tool.kind]] if tool.kind in STARTS else []
    start = cast("float", assumed[STARTS[tool.kind]]) if tool.kind in STARTS else 0.0
    source = f"library {library}, {tool.place.split(': ', 1)[-1]}"
    source += f"; assumed by the shop: {', '.join(own)}" if own else ""
    source += "; centre cutting unknown, taken as not" if known["centre_cutting"] is None else ""
    return Tool(
        id=_id(tool, ids),
        name=tool.name or f"{tool.kind.replace('-', ' ')} {across:.4g} mm",
        kind=cast("ToolKind", tool.kind),
        diameter_mm=_mm(across),
        tip_diameter_mm=_mm(across if flat or tool.kind == "drill" else shape.tip_diameter_mm),
        point_angle_deg=180.0 if flat else float(shape.point_angle_deg or 0.0),
        flute_length_mm=_mm(flutes),
        shoulder_length_mm=_mm(max(shape.shoulder_length_mm or flutes, flutes)),
        overall_length_mm=_mm(shape.overall_length_mm),
        shank_diameter_mm=_mm(shape.shank_diameter_mm),
        flutes=shape.flutes or 0,
        centre_cutting=bool(known["centre_cutting"]),
        substrate=cast("Substrate", known["substrate"]),
        max_rpm=cast("float", known["max_rpm"]),
        price_eur=cast("float", known["price_eur"]),
        source=source,
        corner_radius_mm=_mm(across) / 2 if tool.kind == "ball-mill" else _mm(shape.corner_radius_mm),
        helix_deg=cast("float", known["helix_deg"] or 0.0),
        pitch_mm=_mm(shape.pitch_mm) if tool.kind in cutters.THREADING else 0.0,
        chamfer_length_mm=_mm(start * ((shape.pitch_mm or 0.0) if tool.kind == "tap" else across)),
    )


def _mm(value: float | None) -> float:
    """A length without the noise of the last bits; 0 for none."""
    return round(value or 0.0, 6)


def _id(tool: LibraryTool, ids: set[str]) -> str:
    words = f"{tool.kind} {tool.geometry.diameter_mm:.4g} {tool.order_code or tool.name}".lower()
    stem = re.sub(r"[^a-z0-9.]+", "-", words).strip("-.")[:60]
    if stem not in ids:
        return stem
    return next(f"{stem}-{i}" for i in range(2, len(ids) + 3) if f"{stem}-{i}" not in ids)


def toml(tools: tuple[Tool, ...], library: str) -> str:
    """The rows as a data file of the tooling database."""
    blocks = [f"# Tools of the library {library}, imported; the library itself lies beside them as it came.\n"]
    for tool in tools:
        lines = [
            f"{field} = {json.dumps(getattr(tool, field), ensure_ascii=False)}" for field in Tool.__dataclass_fields__
        ]
        blocks.append("[[tool]]\n" + "\n".join(lines) + "\n")
    return "\n".join(blocks)

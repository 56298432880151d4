"""Tables: CSV of our own columns, and DIN 4000 tables (CSV or XML) with the codes of the class they name."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from model.errors import ConfigError
from model.library import LibraryGeometry, LibraryTool, LibraryUnit, ToolLibrary
from tooling_db.libraries import numbers, words
from tooling_db.libraries.hsm import parsed

if TYPE_CHECKING:
    from collections.abc import Mapping

LENGTHS = (
    "diameter", "tip_diameter", "flute_length", "shoulder_length", "stick_out", "overall_length", "shank_diameter",
    "corner_radius", "pitch",
)  # fmt: skip
COLUMNS = (
    "number", "kind", "name", "unit", *LENGTHS, "point_angle_deg", "helix_deg", "flutes", "substrate",
    "centre_cutting", "max_rpm", "price_eur", "maker", "order_code",
)  # fmt: skip

DIN_CLASSES: Mapping[str, str] = {"DIN4000-82": "end-mill"}
"""The kind a DIN 4000 class declares; the codes of the other classes are not published and stay in the original."""
DIN = {
    "diameter_mm": "A1",
    "flute_length_mm": "B2",
    "overall_length_mm": "B5",
    "shank_diameter_mm": "C3",
    "corner_radius_mm": "G1",
}
DIN_FLUTES, DIN_MAKER, DIN_CODE, DIN_NAME = "F21", "J3", "J22", "J23"


def read(data: bytes, name: str) -> ToolLibrary:
    """Read a CSV table, ours or DIN 4000's; comma, semicolon or tab between the values.

    Raises:
        ConfigError: ``library.not-readable`` for a table without known columns.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    first = text.splitlines()[0] if text.strip() else ""
    between = max(";\t,", key=first.count)
    try:
        rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=between, strict=True))
    except csv.Error as error:
        raise _unreadable(name, str(error)) from error
    columns = {column.strip() for column in (rows[0] if rows else {}) if column}
    if "NSM" in columns:
        return ToolLibrary(
            name, "din4000", tuple(_din(_clean(row), f"{name}: row {i + 2}") for i, row in enumerate(rows))
        )
    if not {"kind", "diameter"} <= columns:
        raise _unreadable(name, f"it has the columns {', '.join(sorted(columns)) or 'none'}")
    tools = tuple(_tool(_clean(row), f"{name}: row {i + 2}") for i, row in enumerate(rows))
    return ToolLibrary(name, "csv", tools)


def read_din_xml(data: bytes, name: str) -> ToolLibrary:
    """Read DIN 4000 data as XML: properties with a code and a value, whatever the elements around them are called.

    Raises:
        ConfigError: ``library.not-readable``.
    """
    tools = []
    root = parsed(data, name)
    for i, one in enumerate([root] if root.tag == "Tool" else [e for e in root.iter() if e.tag == "Tool"] or [root]):
        row: dict[str, str] = {}
        for property_ in one.iter("Property-Data"):
            said = {child.tag: (child.text or "").strip() for child in property_}
            row[said.get("PropertyName", "")] = said.get("Value", "")
        for main in one.iter("Main-Data"):
            row |= {child.tag: (child.text or "").strip() for child in main}
        if "NSM" in row or "A1" in row:
            tools.append(_din(row, f"{name}: tool {i + 1}"))
    if not tools:
        raise _unreadable(name, "no property with a code and a value stands in it")
    return ToolLibrary(name, "din4000", tuple(tools))


def _unreadable(name: str, why: str) -> ConfigError:
    hint = f"The first line names the columns, at least kind and diameter: {','.join(COLUMNS)}"
    return ConfigError("library.not-readable", f"{name} is no table of tools: {why}", place=name, hint=hint)


def _clean(row: Mapping[str | None, str | list[str] | None]) -> dict[str, str]:
    return {key.strip(): value.strip() if isinstance(value, str) else "" for key, value in row.items() if key}


def _tool(row: Mapping[str, str], where: str) -> LibraryTool:
    unit: LibraryUnit = "inch" if row.get("unit", "").lower().startswith("in") else "mm"
    lengths = {f"{field}_mm": numbers.length(row.get(field), unit) for field in LENGTHS}
    number = numbers.whole(row.get("number")) or 0
    said = row.get("kind", "").lower()
    cutting = row.get("centre_cutting", "").lower()
    return LibraryTool(
        place=f"{where} (T{number}{', ' + row['name'] if row.get('name') else ''})",
        kind=said if said in words.KINDS.values() else words.kind(said.removeprefix("other:")),
        name=row.get("name", ""),
        unit=unit,
        geometry=LibraryGeometry(
            **lengths,
            point_angle_deg=numbers.plain(row.get("point_angle_deg")),
            helix_deg=numbers.plain(row.get("helix_deg")),
            flutes=numbers.whole(row.get("flutes")),
        ),
        original=_line([row.get(column, "") for column in COLUMNS]),
        number=number,
        maker=row.get("maker", ""),
        order_code=row.get("order_code", ""),
        substrate=words.substrate(row.get("substrate", "")),
        centre_cutting=None if not cutting else cutting in ("yes", "true", "1"),
        max_rpm=numbers.plain(row.get("max_rpm")),
        price_eur=numbers.plain(row.get("price_eur")),
    )


def _din(row: Mapping[str, str], where: str) -> LibraryTool:
    """One tool by the codes of its class; a decimal comma is read, lists with commas are left alone."""
    class_ = row.get("NSM", "").replace(" ", "").upper()
    lengths = {field: numbers.plain(row.get(code)) for field, code in DIN.items()} if class_ in DIN_CLASSES else {}
    kind = DIN_CLASSES.get(class_, f"other:{class_ or 'unnamed'}")
    corner, across = lengths.get("corner_radius_mm"), lengths.get("diameter_mm")
    if kind == "end-mill" and corner and across and abs(2 * corner - across) < 0.01 * across:
        kind = "ball-mill"
    name = row.get(DIN_NAME, "")
    return LibraryTool(
        place=f"{where}{f' ({name})' if name else ''}",
        kind=kind,
        name=name,
        unit="mm",
        geometry=LibraryGeometry(**lengths, flutes=numbers.whole(row.get(DIN_FLUTES)) if lengths else None),
        original=_line(list(row), list(row.values())),
        maker=row.get(DIN_MAKER, ""),
        order_code=row.get(DIN_CODE, ""),
        extras=dict(row),
    )


def _line(*rows: list[str]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def write(library: ToolLibrary) -> bytes:
    """Write our own table: every column, lengths in the entry's unit."""
    rows = [list(COLUMNS)]
    for tool in library.tools:
        size = numbers.scale(tool.unit)
        shape = tool.geometry
        lengths = [_told(getattr(shape, f"{field}_mm"), size) for field in LENGTHS]
        cutting = "" if tool.centre_cutting is None else ("yes" if tool.centre_cutting else "no")
        rows.append([
            str(tool.number), tool.kind, tool.name, tool.unit, *lengths, _told(shape.point_angle_deg),
            _told(shape.helix_deg), _told(shape.flutes), tool.substrate, cutting, _told(tool.max_rpm),
            _told(tool.price_eur), tool.maker, tool.order_code,
        ])  # fmt: skip
    return _line(*rows).encode()


def write_din(library: ToolLibrary) -> bytes:
    """Write a DIN 4000-82 table of the end mills and ball mills; other classes' codes are not published.

    Raises:
        ConfigError: ``library.no-din-class`` names the first tool that has none.
    """
    rows = []
    columns = ["NSM", *DIN.values(), DIN_FLUTES, DIN_MAKER, DIN_CODE, DIN_NAME]
    if library.format == "din4000":
        columns = list(dict.fromkeys(key for tool in library.tools for key in tool.extras))
        return _line(columns, *([tool.extras.get(key, "") for key in columns] for tool in library.tools)).encode()
    for tool in library.tools:
        if tool.kind not in ("end-mill", "ball-mill"):
            hint = "Write another format, or only the end mills."
            message = f"{tool.place}: the DIN 4000 codes of a {tool.kind.removeprefix('other:')} are not published"
            raise ConfigError(
                "library.no-din-class", message, place=tool.place, value=tool.kind, limit="DIN4000-82", hint=hint
            )
        shape = tool.geometry
        values = [_told(getattr(shape, field)) for field in DIN]
        rows.append(["DIN4000-82", *values, _told(shape.flutes), tool.maker, tool.order_code, tool.name])
    return _line(columns, *rows).encode()


def _told(value: float | None, size: float = 1.0) -> str:
    return "" if value is None else f"{numbers.told(value / size):.12g}"

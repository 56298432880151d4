"""Tool libraries of other programs: read with every doubt named, written back whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from model.errors import ConfigError
from model.library import LibraryGeometry, LibraryHolder, LibraryTool, ToolLibrary
from tooling_db import cutters
from tooling_db.libraries import freecad, fusion, hsm, linuxcnc, p21, tables
from tooling_db.libraries.tame import tamed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from model.tooling import Assembly, Tool

FORMATS: Mapping[str, tuple[str, Callable[[ToolLibrary], bytes]]] = {
    "fusion-json": (".json", lambda library: fusion.write(library, zipped=False)),
    "fusion-tools": (".tools", lambda library: fusion.write(library, zipped=True)),
    "hsmlib": (".hsmlib", hsm.write),
    "freecad": (".zip", freecad.write),
    "linuxcnc": (".tbl", linuxcnc.write),
    "p21": (".p21", p21.write),
    "gtc": (".zip", p21.write_package),
    "din4000": (".csv", tables.write_din),
    "csv": (".csv", tables.write),
}
"""Each format with its file ending and its writer."""

ENDINGS: Mapping[str, str] = {
    ".json": "fusion-json", ".tools": "fusion-tools", ".hsmlib": "hsmlib", ".tbl": "linuxcnc", ".p21": "p21",
    ".csv": "csv",
}  # fmt: skip
"""The format a file ending means; a zip may be FreeCAD's or GTC's and has to be named."""

MOST_BYTES = 200_000_000


def read(data: bytes, file_name: str) -> ToolLibrary:
    """Read a library of any format, by its ending and content, with a note for everything doubtful in it.

    Raises:
        ConfigError: ``library.unknown-format``, ``library.too-large``, ``library.not-readable``.
    """
    ending = "." + file_name.rsplit(".", 1)[-1].lower() if "." in file_name else ""
    if len(data) > MOST_BYTES:
        message = f"{file_name} is {len(data) // 1_000_000} MB long"
        raise ConfigError(
            "library.too-large", message, place=file_name, value=len(data), limit=MOST_BYTES, hint="Split it."
        )
    if not data.strip():
        raise ConfigError("library.not-readable", f"{file_name} is empty", place=file_name, hint="Export it again.")
    return tamed(_reader(data, ending, file_name)(data, file_name))


def _reader(data: bytes, ending: str, file_name: str) -> Callable[[bytes, str], ToolLibrary]:
    by_ending: Mapping[str, Callable[[bytes, str], ToolLibrary]] = {
        ".json": fusion.read, ".tools": fusion.read, ".hsmlib": hsm.read, ".fctb": freecad.read, ".fctl": freecad.read,
        ".tbl": linuxcnc.read, ".p21": p21.read, ".csv": tables.read, ".xml": tables.read_din_xml,
    }  # fmt: skip
    if ending == ".zip":
        return freecad.read if b".fctb" in data else p21.read
    if ending not in by_ending:
        known = ", ".join([*by_ending, ".zip"])
        hint = f"Known endings: {known}."
        message = f"{file_name}: no library has the ending {ending or 'none'!r}"
        raise ConfigError("library.unknown-format", message, place=file_name, value=ending, limit=known, hint=hint)
    return by_ending[ending]


def write(library: ToolLibrary, format_: str) -> bytes:
    """Write a library; in its own format the entries come back as they were.

    Raises:
        ConfigError: ``library.unknown-format``, or what the format cannot hold.
    """
    if format_ not in FORMATS:
        known = ", ".join(FORMATS)
        message = f"there is no library format {format_!r}"
        raise ConfigError("library.unknown-format", message, value=format_, limit=known, hint=f"One of {known}.")
    return FORMATS[format_][1](library)


def of_crib(assemblies: tuple[Assembly, ...], name: str) -> ToolLibrary:
    """A machine's own tools as a library, in mm."""
    return ToolLibrary(name, "house", tuple(_held(one) for one in assemblies))


def _held(one: Assembly) -> LibraryTool:
    tool = one.tool
    return LibraryTool(
        place=f"T{one.number} {tool.id}",
        kind=tool.kind,
        name=tool.name,
        unit="mm",
        geometry=shape(tool, one.stick_out_mm),
        original="",
        number=one.number,
        order_code=tool.id,
        substrate=tool.substrate,
        centre_cutting=tool.centre_cutting,
        max_rpm=tool.max_rpm,
        price_eur=tool.price_eur,
        holder=LibraryHolder(one.holder.name, one.holder.segments, one.gauge_length_mm - one.stick_out_mm),
    )


def shape(tool: Tool, stick_out_mm: float | None = None) -> LibraryGeometry:
    """A row's geometry in a library's terms."""
    pointed = tool.kind not in cutters.STRAIGHT
    return LibraryGeometry(
        diameter_mm=tool.diameter_mm,
        tip_diameter_mm=tool.tip_diameter_mm if tool.kind in cutters.CONES else None,
        point_angle_deg=tool.point_angle_deg if pointed else None,
        flute_length_mm=tool.flute_length_mm,
        shoulder_length_mm=tool.shoulder_length_mm,
        stick_out_mm=stick_out_mm,
        overall_length_mm=tool.overall_length_mm,
        shank_diameter_mm=tool.shank_diameter_mm,
        flutes=tool.flutes,
        helix_deg=tool.helix_deg,
        corner_radius_mm=tool.diameter_mm / 2 if tool.kind == "ball-mill" else tool.corner_radius_mm or None,
        pitch_mm=tool.pitch_mm or None,
    )

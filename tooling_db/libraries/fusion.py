"""Fusion 360 tool libraries: ``.json``, and ``.tools`` (a zip with one ``tools.json``).

Facts, measured on nine public libraries with 534 tools: lengths, feeds and speeds are in the entry's own unit (surface
speed in ft/min on inch tools, in m/min on metric ones); a holder has a unit of its own; the shape of a chamfer mill has
TA as the angle from its axis, that of a drill SIG as the full angle.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from model.errors import ConfigError
from model.finding import Finding
from model.library import LibraryGeometry, LibraryHolder, LibraryTool, LibraryUnit, Preset, ToolLibrary
from model.tooling import Segment3
from tooling_db.cutters import CONES
from tooling_db.libraries import numbers, words
from tooling_db.libraries.archive import member, packed

VERSION = 36
LENGTHS = {
    "diameter_mm": "DC", "tip_diameter_mm": "tip-diameter", "flute_length_mm": "LCF",
    "shoulder_length_mm": "shoulder-length", "stick_out_mm": "LB", "overall_length_mm": "OAL",
    "shank_diameter_mm": "SFDM", "corner_radius_mm": "RE", "pitch_mm": "TP",
}  # fmt: skip
SPEEDS = {"vf_mm_min": "v_f", "plunge_mm_min": "v_f_plunge", "fz_mm": "f_z", "fn_mm": "f_n"}


def read(data: bytes, name: str) -> ToolLibrary:
    """Read a library.

    Raises:
        ConfigError: ``library.not-readable`` when the file is no Fusion library.
    """
    packing = "tools" if data[:2] == b"PK" else "json"
    text = member(data, "tools.json", name) if packing == "tools" else data
    try:
        whole = json.loads(text.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise _unreadable(name, str(error)) from error
    entries = whole.get("data") if isinstance(whole, dict) else None
    if not isinstance(entries, list):
        raise _unreadable(name, 'it has no list "data"')
    frame = {key: json.dumps(value) for key, value in whole.items() if key != "data"}
    tools = tuple(_tool(entry, f"{name}: entry {i + 1}") for i, entry in enumerate(entries) if isinstance(entry, dict))
    if len(tools) != len(entries):
        raise _unreadable(name, "an entry of its list is no table")
    return ToolLibrary(name, f"fusion-{packing}", tools, frame=frame, notes=_version(whole.get("version"), name))


def _version(version: object, name: str) -> tuple[Finding, ...]:
    """A note on a version that is newer than the one known here, or on none."""
    if isinstance(version, int) and version <= VERSION:
        return ()
    said = f"it is of version {version}, newer than {VERSION}" if isinstance(version, int) else "it says no version"
    message = f"{name}: {said}; what is new in it is kept, and not read"
    hint = "Compare a few tools with what Fusion shows of them."
    value = version if isinstance(version, int) else str(version)
    return (Finding("library.other-version", message, name, value, VERSION, hint, severity="note"),)


def _unreadable(name: str, why: str) -> ConfigError:
    hint = "Export the library from Fusion again (Tool Library > Export)."
    return ConfigError("library.not-readable", f"{name} is no Fusion library: {why}", place=name, hint=hint)


def _tool(entry: Mapping[str, Any], where: str) -> LibraryTool:
    unit: LibraryUnit = "inch" if str(entry.get("unit", "")).lower().startswith("inch") else "mm"
    shape = _table(entry.get("geometry"))
    post = _table(entry.get("post-process"))
    said = _text(entry.get("description"))
    number = numbers.whole(post.get("number")) or 0
    house = words.kind(_text(entry.get("type")))
    holder = _table(entry.get("holder"))
    return LibraryTool(
        place=f"{where} (T{number}{', ' + said if said else ''})",
        kind=house,
        name=said,
        unit=unit,
        geometry=_geometry(shape, unit, house),
        original=json.dumps(entry, ensure_ascii=False),
        number=number,
        maker=_text(entry.get("vendor")),
        order_code=_text(entry.get("product-id")),
        substrate=words.substrate(_text(entry.get("BMC"))),
        right_hand=_text(entry.get("type")) != "tap left hand" and shape.get("HAND") is not False,
        holder=_holder(holder) if holder else None,
        presets=tuple(_preset(one, unit) for one in _list(_table(entry.get("start-values")).get("presets"))),
    )


def _geometry(shape: Mapping[str, Any], unit: LibraryUnit, kind: str) -> LibraryGeometry:
    lengths = {field: numbers.length(shape.get(code), unit) for field, code in LENGTHS.items()}
    half = numbers.plain(shape.get("TA"))
    angle = 2 * half if kind in CONES and half is not None else numbers.plain(shape.get("SIG"))
    helix = numbers.plain(shape.get("FHA"))
    return LibraryGeometry(
        **lengths, point_angle_deg=angle or None, flutes=numbers.whole(shape.get("NOF")), helix_deg=helix
    )


def _preset(one: Mapping[str, Any], unit: LibraryUnit) -> Preset:
    name = _text(one.get("name"))
    material = _table(one.get("material"))
    said = f"{_text(material.get('query'))} {_text(material.get('category'))}".replace("all", "").strip()
    speed = numbers.plain(one.get("v_c"))
    per_m = numbers.M_PER_FOOT if unit == "inch" else 1.0
    lengths = {field: numbers.length(one.get(code), unit) for field, code in SPEEDS.items()}
    return Preset(
        name=name,
        material=words.material(said) or words.material(name),
        operation=words.operation(name),
        n_rpm=numbers.plain(one.get("n")),
        vc_m_min=None if speed is None else speed * per_m,
        ap_mm=numbers.length(one.get("stepdown"), unit) if one.get("use-stepdown") else None,
        ae_mm=numbers.length(one.get("stepover"), unit) if one.get("use-stepover") else None,
        coolant=_text(one.get("tool-coolant")),
        **lengths,
    )


def _holder(table: Mapping[str, Any]) -> LibraryHolder:
    unit: LibraryUnit = "inch" if str(table.get("unit", "")).lower().startswith("inch") else "mm"
    cones = []
    for one in _list(table.get("segments")):
        height, low, high = (numbers.length(one.get(k), unit) for k in ("height", "lower-diameter", "upper-diameter"))
        if height is not None and low is not None and high is not None:
            cones.append(Segment3(height, low, high))
    gauge = numbers.length(table.get("gaugeLength"), unit)
    return LibraryHolder(_text(table.get("description")), tuple(cones), gauge)


def _text(raw: object) -> str:
    return raw if isinstance(raw, str) else ""


def _table(raw: object) -> Mapping[str, Any]:
    return raw if isinstance(raw, dict) else {}


def _list(raw: object) -> list[Mapping[str, Any]]:
    return [one for one in raw if isinstance(one, dict)] if isinstance(raw, list) else []


def write(library: ToolLibrary, *, zipped: bool) -> bytes:
    """Write a library; entries that came from Fusion are given back as they were."""
    native = library.format.startswith("fusion-")
    entries = [json.loads(tool.original) if native else _entry(tool) for tool in library.tools]
    frame = {key: json.loads(value) for key, value in library.frame.items()} if native else {"version": VERSION}
    data = (json.dumps({"data": entries, **frame}, ensure_ascii=False, indent=4) + "\n").encode()
    return packed({"tools.json": data}) if zipped else data


def _entry(tool: LibraryTool) -> dict[str, Any]:
    """An entry Fusion takes: what it insists on (CSP, HAND, SFDM, a preset) is there or said to be unknown."""
    size = numbers.scale(tool.unit)
    shape: dict[str, Any] = {"CSP": False, "HAND": tool.right_hand}
    for field, code in LENGTHS.items():
        value = getattr(tool.geometry, field)
        if value is not None:
            shape[code] = numbers.told(value / size)
    angle = tool.geometry.point_angle_deg
    if angle is not None:
        shape |= {"TA": numbers.told(angle / 2)} if tool.kind in CONES else {"SIG": numbers.told(angle)}
    if tool.geometry.flutes is not None:
        shape["NOF"] = tool.geometry.flutes
    if tool.geometry.helix_deg is not None:
        shape["FHA"] = numbers.told(tool.geometry.helix_deg)
    long_unit = "inches" if tool.unit == "inch" else "millimeters"
    kind = words.word(tool.kind, tool.geometry.corner_radius_mm)
    if tool.kind == "engraver":  # Fusion has no such type
        kind = "flat end mill" if angle == 180 else "chamfer mill"
    entry: dict[str, Any] = {
        "BMC": {"hss-co": "hss"}.get(tool.substrate, tool.substrate) or "unspecified",
        "GRADE": "generic",
        "description": tool.name,
        "geometry": shape,
        "post-process": {
            "break-control": False, "comment": "", "diameter-offset": tool.number, "length-offset": tool.number,
            "live": True, "manual-tool-change": False, "number": tool.number, "turret": 0,
        },
        "product-id": tool.order_code,
        "start-values": {"presets": [_start(one, tool.unit) for one in tool.presets]},
        "type": "tap left hand" if tool.kind == "tap" and not tool.right_hand else kind,
        "unit": long_unit,
        "vendor": tool.maker,
    }  # fmt: skip
    if tool.holder is not None:
        entry["holder"] = _holder_entry(tool.holder, size, long_unit)
    return entry


def _holder_entry(holder: LibraryHolder, size: float, long_unit: str) -> dict[str, Any]:
    cones = [
        {
            "height": numbers.told(s.height_mm / size),
            "lower-diameter": numbers.told(s.lower_diameter_mm / size),
            "upper-diameter": numbers.told(s.upper_diameter_mm / size),
        }
        for s in holder.segments
    ]
    gauge = sum(s.height_mm for s in holder.segments) if holder.gauge_length_mm is None else holder.gauge_length_mm
    return {
        "description": holder.name, "gaugeLength": numbers.told(gauge / size), "segments": cones, "type": "holder",
        "unit": long_unit,
    }  # fmt: skip


def _start(one: Preset, unit: LibraryUnit) -> dict[str, Any]:
    size = numbers.scale(unit)
    preset: dict[str, Any] = {"name": one.name, "material": {"category": "all", "query": ""}}
    if one.n_rpm is not None:
        preset["n"] = numbers.told(one.n_rpm)
    if one.vc_m_min is not None:
        preset["v_c"] = numbers.told(one.vc_m_min / (numbers.M_PER_FOOT if unit == "inch" else 1.0))
    for field, code in SPEEDS.items():
        value = getattr(one, field)
        if value is not None:
            preset[code] = numbers.told(value / size)
    for field, code in (("ap_mm", "stepdown"), ("ae_mm", "stepover")):
        value = getattr(one, field)
        preset[f"use-{code}"] = value is not None
        if value is not None:
            preset[code] = numbers.told(value / size)
    if one.coolant:
        preset["tool-coolant"] = one.coolant
    return preset

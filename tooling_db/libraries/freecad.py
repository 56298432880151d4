"""FreeCAD's tool bits (``.fctb``) and libraries (``.fctl``, in a zip with the bits they name)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from model.errors import ConfigError
from model.library import LibraryGeometry, LibraryTool, ToolLibrary
from tooling_db.libraries import numbers, words
from tooling_db.libraries.archive import members, packed

SHAPES: Mapping[str, str] = {
    "endmill": "end-mill", "bullnose": "end-mill", "torus": "end-mill", "ballend": "ball-mill", "drill": "drill",
    "spotdrill": "spot-drill", "reamer": "reamer", "tap": "tap", "thread-mill": "thread-mill",
    "threadmill": "thread-mill", "chamfer": "chamfer-mill", "vbit": "engraver", "v-bit": "engraver",
}  # fmt: skip
NAMES: Mapping[str, str] = {
    "end-mill": "endmill", "ball-mill": "ballend", "drill": "drill", "spot-drill": "drill", "reamer": "reamer",
    "tap": "tap", "thread-mill": "thread-mill", "chamfer-mill": "chamfer", "engraver": "v-bit",
}  # fmt: skip
PARAMETERS = {
    "diameter_mm": "Diameter", "flute_length_mm": "CuttingEdgeHeight", "shoulder_length_mm": "NeckLength",
    "overall_length_mm": "Length", "shank_diameter_mm": "ShankDiameter", "corner_radius_mm": "FlatRadius",
    "tip_diameter_mm": "TipDiameter", "pitch_mm": "Pitch", "point_angle_deg": "CuttingEdgeAngle",
}  # fmt: skip
OTHER = {"point_angle_deg": ("TipAngle",), "corner_radius_mm": ("TorusRadius", "CornerRadius")}


def read(data: bytes, name: str) -> ToolLibrary:
    """Read one bit, or a zip of a library with its bits; a library file alone only names files and is refused.

    Raises:
        ConfigError: ``library.not-readable``.
    """
    if data[:2] != b"PK":
        whole = _json(data, name)
        if "tools" in whole:
            hint = "Zip the .fctl file together with its .fctb files."
            message = f"{name} names {len(whole['tools'])} tool bits but holds none of them"
            raise ConfigError("library.not-readable", message, place=name, hint=hint)
        return ToolLibrary(name, "fctb", (_tool(whole, name, 0),))
    files = members(data, name)
    bits = {path.rsplit("/", 1)[-1]: content for path, content in files.items() if path.endswith(".fctb")}
    lists = [content for path, content in sorted(files.items()) if path.endswith(".fctl")]
    tools = []
    listed = _json(lists[0], name).get("tools") if lists else [{"nr": 0, "path": path} for path in sorted(bits)]
    for i, one in enumerate(listed if isinstance(listed, list) else []):
        file = str(one.get("path", "")).replace("\\", "/").rsplit("/", 1)[-1] if isinstance(one, dict) else ""
        if file not in bits:
            message = f"{name}: entry {i + 1} names {file!r}, which is not in the zip"
            raise ConfigError(
                "library.not-readable", message, place=name, value=file, hint="Put the file into the zip."
            )
        tools.append(_tool(_json(bits[file], file), f"{name}: {file}", numbers.whole(one.get("nr")) or 0))
    label = str(_json(lists[0], name).get("label", name)) if lists else name
    return ToolLibrary(label, "freecad", tuple(tools))


def _json(data: bytes, name: str) -> dict[str, Any]:
    try:
        whole = json.loads(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise _unreadable(name, str(error)) from error
    if not isinstance(whole, dict):
        raise _unreadable(name, "it is no table")
    return whole


def _unreadable(name: str, why: str) -> ConfigError:
    hint = "Give a .fctb file, or a zip of a .fctl file and its bits."
    return ConfigError("library.not-readable", f"{name} is no FreeCAD tool: {why}", place=name, hint=hint)


def _tool(bit: Mapping[str, Any], where: str, number: int) -> LibraryTool:
    said = bit.get("parameter")
    given: Mapping[str, Any] = said if isinstance(said, dict) else {}
    shape = re.sub(r"\.fcstd$", "", str(bit.get("shape", "")).replace("\\", "/").rsplit("/", 1)[-1].lower())
    kind = SHAPES.get(shape, f"other:{shape or 'unnamed'}")
    found = {field: _amount(given, (key, *OTHER.get(field, ()))) for field, key in PARAMETERS.items()}
    name = str(bit.get("name", ""))
    return LibraryTool(
        place=f"{where}{f' ({name})' if name else ''}",
        kind=kind,
        name=name,
        unit="inch" if any(re.search(r'\bin\b|"', str(value)) for value in given.values()) else "mm",
        geometry=LibraryGeometry(**found, flutes=numbers.whole(numbers.amount(given.get("Flutes")))),
        original=json.dumps(bit, ensure_ascii=False),
        number=number,
        substrate=words.substrate(str(given.get("Material", ""))),
    )


def _amount(given: Mapping[str, Any], keys: tuple[str, ...]) -> float | None:
    return next((value for key in keys if (value := numbers.amount(given.get(key))) is not None), None)


def write(library: ToolLibrary) -> bytes:
    """Write a zip of the library file and its bits; bits that came from FreeCAD are given back as they were."""
    native = library.format in ("freecad", "fctb")
    files: dict[str, bytes] = {}
    listed = []
    for i, tool in enumerate(library.tools):
        bit = json.loads(tool.original) if native else _bit(tool)
        stem = re.sub(r"[^A-Za-z0-9.-]+", "_", tool.name).strip("_") or "tool"
        path = f"{i + 1:03d}_{stem}.fctb"
        files[f"Bit/{path}"] = (json.dumps(bit, ensure_ascii=False, indent=2) + "\n").encode()
        listed.append({"nr": tool.number, "path": path})
    index = {"label": library.name, "tools": listed, "version": 1}
    return packed({f"Library/{_stem(library.name)}.fctl": (json.dumps(index, indent=2) + "\n").encode(), **files})


def _stem(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9.-]+", "_", name.rsplit(".", 1)[0]).strip("_") or "library"


def _bit(tool: LibraryTool) -> dict[str, Any]:
    given: dict[str, str] = {}
    for field, key in PARAMETERS.items():
        value = getattr(tool.geometry, field)
        if value is None or (field == "corner_radius_mm" and not value):
            continue
        if field == "point_angle_deg":
            given["TipAngle" if tool.kind in ("drill", "spot-drill") else key] = f"{numbers.told(value)!r} °"
        else:
            given[key] = f"{numbers.told(value)!r} mm"
    if tool.geometry.flutes is not None:
        given["Flutes"] = str(tool.geometry.flutes)
    if tool.substrate:
        given["Material"] = "Carbide" if tool.substrate == "carbide" else "HSS"
    shape = "bullnose" if tool.kind == "end-mill" and tool.geometry.corner_radius_mm else NAMES.get(tool.kind)
    shape = shape or tool.kind.removeprefix("other:").replace(" ", "-")
    return {"version": 2, "name": tool.name, "shape": f"{shape}.fcstd", "parameter": given, "attribute": {}}

"""ISO 13399 tools: ``.p21`` files (STEP Part 21) and GTC packages, a zip of them with an assortment list.

The makers' generators write the readable mnemonic of ISO 13399 into every value,
``NUMERICAL_VALUE('DC',$,#119,'6.35')``, so the priced dictionary behind the standard's codes is not needed; every
value not understood stays in the original.
"""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

from model.errors import ConfigError
from model.library import LibraryGeometry, LibraryTool, LibraryUnit, ToolLibrary
from tooling_db.libraries import numbers, words
from tooling_db.libraries.archive import members, packed
from tooling_db.libraries.hsm import parsed

ENTITY = re.compile(r"#(\d+)\s*=\s*([A-Z0-9_]+)\s*\(((?:[^';]|'(?:[^']|'')*')*)\)\s*;")
VALUE = re.compile(r"'((?:[^']|'')*)'|(#\d+)|([^,()\s]+)")
LENGTHS: dict[str, tuple[str, ...]] = {
    "diameter_mm": ("DC", "DCX"), "tip_diameter_mm": ("PTD", "DCIN"), "flute_length_mm": ("LCF", "APMX"),
    "shoulder_length_mm": ("LU", "LH"), "overall_length_mm": ("OAL",), "shank_diameter_mm": ("DCONMS", "DCON", "DMM"),
    "corner_radius_mm": ("RE",), "pitch_mm": ("TP",), "stick_out_mm": ("LPR",),
}  # fmt: skip
CLASSES = (
    ("MILB", "ball-mill"),
    ("MIL", "end-mill"),
    ("DRL", "drill"),
    ("REA", "reamer"),
    ("TAP", "tap"),
    ("THM", "thread-mill"),
)
"""How the class ids of GTC's generic hierarchy begin."""
CALLED = (
    (r"ball", "ball-mill"), (r"thread ?mill", "thread-mill"), (r"chamfer|countersink", "chamfer-mill"),
    (r"spot|nc[- ]?drill", "spot-drill"), (r"end ?mill|shoulder mill|slot ?drill|fräser", "end-mill"),
    (r"drill|bohrer", "drill"), (r"reamer", "reamer"), (r"\btap\b", "tap"),
)  # fmt: skip


def read(data: bytes, name: str) -> ToolLibrary:
    """Read one tool, or a package of them.

    Raises:
        ConfigError: ``library.not-readable`` when no tool is in it.
    """
    if data[:2] != b"PK":
        return ToolLibrary(name, "p21", (_tool(data, name, ""),))
    files = members(data, name)
    classes: dict[str, str] = {}
    for path, content in files.items():
        if path.lower().endswith("package_assortment.xml"):
            classes |= _classes(parsed(content, path))
    tools = tuple(
        _tool(content, f"{name}: {path.rsplit('/', 1)[-1]}", classes.get(path.rsplit("/", 1)[-1].lower(), ""))
        for path, content in sorted(files.items())
        if path.lower().endswith(".p21")
    )
    if not tools:
        raise _unreadable(name, "it holds no .p21 file")
    return ToolLibrary(name, "gtc", tools)


def _classes(root: ET.Element) -> dict[str, str]:
    found = {}
    for item in root.iter():
        said = {child.tag.rsplit("}", 1)[-1]: (child.text or "").strip() for child in item}
        file = said.get("p21_file_name") or said.get("p21_file_url", "")
        if file:
            found[file.replace("\\", "/").rsplit("/", 1)[-1].lower()] = said.get("gtc_generic_class_id", "")
    return found


def _unreadable(name: str, why: str) -> ConfigError:
    hint = "Give the .p21 file of one tool, or the whole GTC package from the maker."
    return ConfigError("library.not-readable", f"{name} is no ISO 13399 tool: {why}", place=name, hint=hint)


Entities = dict[str, tuple[str, list[str]]]


def _tool(data: bytes, where: str, gtc_class: str) -> LibraryTool:
    text = data.decode("utf-8-sig", errors="replace")
    entities: Entities = {f"#{one[1]}": (one[2], _arguments(one[3])) for one in ENTITY.finditer(text)}
    item = next((said for kind, said in entities.values() if kind == "ITEM"), None)
    values = {said[0]: said for kind, said in entities.values() if kind.endswith("_VALUE") and len(said) > 1}
    if item is None or not values:
        raise _unreadable(where, "no ITEM with values stands in it")
    name, told = _spoken(entities, item[0]), _spoken(entities, item[2] if len(item) > 2 else "")
    name = name or told
    unit = _unit(entities, values.get("DC", []))
    lengths = {field: _length(values, keys, unit) for field, keys in LENGTHS.items()}
    angle, helix = (numbers.plain(values[key][-1]) if key in values else None for key in ("SIG", "FHA"))
    edges = next((numbers.whole(values[key][-1]) for key in ("ZEFF", "NOF") if key in values), None)
    ccc = values.get("CCC", [""])[-1].strip().lower()
    maker = next((said for kind, said in entities.values() if kind == "ORGANIZATION"), [])
    return LibraryTool(
        place=f"{where}{f' ({name})' if name else ''}",
        kind=_kind(gtc_class, f"{told} {name}", lengths.get("corner_radius_mm"), lengths.get("diameter_mm")),
        name=name,
        unit=unit,
        geometry=LibraryGeometry(**lengths, point_angle_deg=angle, helix_deg=helix, flutes=edges),
        original=text,
        maker=next((word for word in reversed(maker[:3]) if word not in ("", "$")), ""),
        order_code=item[1] if len(item) > 1 and item[1] != "$" else "",
        substrate=words.substrate(values.get("BMC", [""])[-1]),
        centre_cutting={"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}.get(ccc),
        max_rpm=numbers.plain(values["RPMX"][-1]) if "RPMX" in values else None,
        extras={key: said[-1] for key, said in values.items()} | ({"class": gtc_class} if gtc_class else {}),
    )


def _arguments(text: str) -> list[str]:
    return [one[1].replace("''", "'") if one[1] is not None else one[0] for one in VALUE.finditer(text)]


def _spoken(entities: Entities, reference: str) -> str:
    """The text behind a reference, through strings with a language."""
    for _ in range(4):
        kind, said = entities.get(reference, ("", []))
        if kind == "STRING_WITH_LANGUAGE" and said:
            return said[0]
        reference = next((word for word in reversed(said) if word.startswith("#")), "")
    return ""


def _unit(entities: Entities, dc: list[str]) -> LibraryUnit:
    """The unit the diameter refers to; millimetres unless its text says inch."""
    for word in dc:
        if word.startswith("#") and "inch" in " ".join(entities.get(word, ("", []))[1]).lower():
            return "inch"
    return "mm"


def _length(values: dict[str, list[str]], keys: tuple[str, ...], unit: LibraryUnit) -> float | None:
    return next(
        (found for key in keys if key in values and (found := numbers.length(values[key][-1], unit)) is not None), None
    )


def _kind(gtc_class: str, told: str, corner: float | None, across: float | None) -> str:
    """What the class says, else the name; a corner radius of half the diameter makes an end mill a ball mill."""
    house = next((kind for start, kind in CLASSES if gtc_class.upper().startswith(start)), "")
    house = house or next((kind for pattern, kind in CALLED if re.search(pattern, told.lower())), "")
    if house == "end-mill" and corner and across and abs(2 * corner - across) < 0.01 * across:
        return "ball-mill"
    return house or f"other:{gtc_class or 'unnamed'}"


def write_package(library: ToolLibrary) -> bytes:
    """Write a GTC package: the assortment list and one ``.p21`` a tool."""
    root = ET.Element("package_assortment")
    files: dict[str, bytes] = {}
    for i, tool in enumerate(library.tools):
        path = f"tool_{i + 1:04d}.p21"
        item = ET.SubElement(root, "item")
        said = {
            "product_id": tool.order_code or str(i + 1),
            "gtc_generic_class_id": next((start for start, kind in CLASSES if kind == tool.kind), ""),
            "p21_file_name": path,
            "unit_system": "inch" if tool.unit == "inch" else "metric",
        }
        for key, value in said.items():
            ET.SubElement(item, key).text = value
        files[f"product_data_files/{path}"] = write(replace(library, tools=(tool,)))
    ET.indent(root)
    listed = b'<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="utf-8") + b"\n"
    return packed({"package_assortment.xml": listed, **files})


def write(library: ToolLibrary) -> bytes:
    """Write the ``.p21`` of a library's one tool; a tool that came from such a file is given back as it was.

    Raises:
        ConfigError: ``library.one-tool`` when there are several (a package holds them).
    """
    if len(library.tools) != 1:
        raise ConfigError(
            "library.one-tool", f"a .p21 file holds one tool, {library.name} has {len(library.tools)}",
            place=library.name, value=len(library.tools), limit=1, hint="Write a GTC package (.zip).",
        )  # fmt: skip
    tool = library.tools[0]
    if library.format in ("p21", "gtc"):
        return tool.original.encode()
    size = numbers.scale(tool.unit)
    given: dict[str, str] = {}
    for field, keys in LENGTHS.items():
        value = getattr(tool.geometry, field)
        if value is not None:
            given[keys[0]] = repr(numbers.told(value / size))
    angles = (("SIG", tool.geometry.point_angle_deg), ("FHA", tool.geometry.helix_deg))
    given |= {key: repr(numbers.told(value)) for key, value in angles if value is not None}
    if tool.geometry.flutes is not None:
        given["ZEFF"] = str(tool.geometry.flutes)
    if tool.max_rpm is not None:
        given["RPMX"] = repr(tool.max_rpm)
    cutting = {None: "", True: "yes", False: "no"}[tool.centre_cutting]
    said = {key: value for key, value in (("BMC", tool.substrate), ("CCC", cutting)) if value}
    lines = [
        "#1=LANGUAGE('eng',$);",
        f"#2=STRING_WITH_LANGUAGE({_quoted(tool.name)},#1);",
        "#3=MULTI_LANGUAGE_STRING((),#2);",
        f"#4=ITEM(#3,{_quoted(tool.order_code)},#8);",
        f"#5=ORGANIZATION($,{_quoted(tool.maker)},{_quoted(tool.maker)},'company',$,$);",
        f"#7=STRING_WITH_LANGUAGE({_quoted(tool.kind.replace('-', ' '))},#1);",
        "#8=MULTI_LANGUAGE_STRING((),#7);",
        f"#6=UNIT('{'inch' if tool.unit == 'inch' else 'millimetre'}');",
    ]
    lines += [f"#{10 + i}=NUMERICAL_VALUE('{key}',$,#6,'{value}');" for i, (key, value) in enumerate(given.items())]
    lines += [f"#{40 + i}=STRING_VALUE('{key}',$,{_quoted(value)});" for i, (key, value) in enumerate(said.items())]
    head = "ISO-10303-21;\nHEADER;\nFILE_DESCRIPTION((''),'2;1');\nFILE_NAME('','',(''),(''),'','','');\n"
    head += "FILE_SCHEMA(('CUTTING_TOOL_SCHEMA_ARM'));\nENDSEC;\nDATA;\n"
    body = "\n".join(lines)
    return f"{head}{body}\nENDSEC;\nEND-ISO-10303-21;\n".encode()


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"

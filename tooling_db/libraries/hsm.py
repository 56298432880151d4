"""HSMWorks and Inventor CAM tool libraries (``.hsmlib``): XML, usually in UTF-16, units told tool by tool.

There is no published specification; the reading here is what the numbers of public libraries bear out:
``taper-angle`` is the full angle of a drill's point but the half angle of a chamfer mill; ``body-length`` is the
stick-out; the sections of a holder are a profile walked from the tip, a section of length 0 being a step; the T number
is that of ``<nc>``.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from model.errors import ConfigError
from model.library import LibraryGeometry, LibraryHolder, LibraryTool, LibraryUnit, Preset, ToolLibrary
from model.tooling import Segment3
from tooling_db.cutters import CONES
from tooling_db.libraries import numbers, words

if TYPE_CHECKING:
    from collections.abc import Mapping

SPACE = "http://www.hsmworks.com/xml/2004/cnc/tool-library"
DOCTYPE = re.compile(r"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
LENGTHS = {
    "diameter_mm": "diameter", "tip_diameter_mm": "tip-diameter", "flute_length_mm": "flute-length",
    "shoulder_length_mm": "shoulder-length", "stick_out_mm": "body-length", "overall_length_mm": "overall-length",
    "shank_diameter_mm": "shaft-diameter", "corner_radius_mm": "corner-radius", "pitch_mm": "thread-pitch",
}  # fmt: skip
POINTS = ("drill", "spot-drill")


def read(data: bytes, name: str) -> ToolLibrary:
    """Read a library.

    Raises:
        ConfigError: ``library.not-readable`` when the file is no such XML.
    """
    root = parsed(data, name)
    if root.tag.rsplit("}", 1)[-1] not in ("tool-library", "tool-table"):
        raise _unreadable(name, f"its root is <{root.tag.rsplit('}', 1)[-1]}>, not <tool-library>")
    entries = [one for one in root if one.tag.rsplit("}", 1)[-1] == "tool"]
    tools = tuple(_tool(one, f"{name}: tool {i + 1}") for i, one in enumerate(entries))
    return ToolLibrary(name, "hsmlib", tools, frame=dict(root.attrib))


def parsed(data: bytes, name: str) -> ET.Element:
    """The root of an XML file in any encoding; files that declare entities are refused unread.

    Raises:
        ConfigError: ``library.not-readable``.
    """
    utf16 = data[:2] in (b"\xff\xfe", b"\xfe\xff") or data[1:2] == b"\0"
    try:
        text = data.decode("utf-16" if data[:2] != b"<\0" else "utf-16-le") if utf16 else data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unreadable(name, str(error)) from error
    if DOCTYPE.search(text):
        raise _unreadable(name, "it declares a document type, which no tool library does")
    try:
        return ET.fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text))  # noqa: S314 - entities are refused above
    except ET.ParseError as error:
        raise _unreadable(name, str(error)) from error


def _unreadable(name: str, why: str) -> ConfigError:
    hint = "Export the library again from the program it comes from."
    return ConfigError("library.not-readable", f"{name} is no HSMWorks library: {why}", place=name, hint=hint)


def _child(one: ET.Element, tag: str) -> ET.Element | None:
    return next((c for c in one if c.tag.rsplit("}", 1)[-1] == tag), None)


def _attributes(one: ET.Element, tag: str) -> Mapping[str, str]:
    found = _child(one, tag)
    return {} if found is None else found.attrib


def _said(one: ET.Element, tag: str) -> str:
    found = _child(one, tag)
    return "" if found is None else (found.text or "").strip()


def _tool(one: ET.Element, where: str) -> LibraryTool:
    unit: LibraryUnit = "inch" if one.get("unit", "").lower().startswith("inch") else "mm"
    kind = words.kind(one.get("type", ""))
    body = _attributes(one, "body")
    number = numbers.whole(_attributes(one, "nc").get("number")) or 0
    said = _said(one, "description")
    presets = _child(one, "presets")
    return LibraryTool(
        place=f"{where} (T{number}{', ' + said if said else ''})",
        kind=kind,
        name=said,
        unit=unit,
        geometry=_geometry(body, unit, kind),
        original=ET.tostring(one, encoding="unicode"),
        number=number,
        maker=_said(one, "manufacturer"),
        order_code=_said(one, "product-id"),
        substrate=words.substrate(_attributes(one, "material").get("name", "")),
        right_hand=one.get("type") != "tap left hand",
        holder=_holder(_child(one, "holder"), unit),
        presets=_motion(_attributes(one, "motion"), unit)
        + tuple(
            _preset(p, unit, number_of=body.get("number-of-flutes")) for p in (presets if presets is not None else ())
        ),
    )


def _geometry(body: Mapping[str, str], unit: LibraryUnit, kind: str) -> LibraryGeometry:
    lengths = {field: numbers.length(body.get(code), unit) for field, code in LENGTHS.items()}
    angle = numbers.plain(body.get("taper-angle"))
    if kind in CONES and angle is not None:
        angle *= 2
    elif kind not in POINTS:
        angle = None
    return LibraryGeometry(
        **lengths,
        point_angle_deg=angle or None,
        flutes=numbers.whole(body.get("number-of-flutes")),
        helix_deg=numbers.plain(body.get("helix-angle")),
    )


def _motion(motion: Mapping[str, str], unit: LibraryUnit) -> tuple[Preset, ...]:
    """The one set of speeds older libraries keep at the tool itself."""
    speed = numbers.plain(motion.get("spindle-rpm"))
    if speed is None:
        return ()
    feed, plunge = (numbers.length(motion.get(k), unit) for k in ("cutting-feedrate", "plunge-feedrate"))
    return (Preset("motion", n_rpm=speed, vf_mm_min=feed, plunge_mm_min=plunge),)


def _preset(one: ET.Element, unit: LibraryUnit, number_of: str | None) -> Preset:
    said = {p.get("key", ""): p.get("value", "") for p in one if p.tag.rsplit("}", 1)[-1] == "parameter"}
    name = one.get("name", "")
    speed, feed = numbers.plain(said.get("tool_spindleSpeed")), numbers.length(said.get("tool_feedCutting"), unit)
    flutes = numbers.whole(number_of)
    return Preset(
        name=name,
        material=words.material(name),
        operation=words.operation(name),
        n_rpm=speed,
        fz_mm=feed / (speed * flutes) if feed is not None and speed and flutes else None,
        vf_mm_min=feed,
        plunge_mm_min=numbers.length(said.get("tool_feedPlunge"), unit),
        coolant=said.get("tool_coolant", ""),
    )


def _holder(one: ET.Element | None, unit: LibraryUnit) -> LibraryHolder | None:
    """The profile of ``<section diameter length>`` as cones; a section of length 0 steps to its diameter."""
    if one is None:
        return None
    own: LibraryUnit = ("inch" if one.get("unit", "").startswith("inch") else "mm") if one.get("unit") else unit
    ring: list[tuple[float, float]] = []
    for section in one:
        across, along = (numbers.length(section.get(key), own) for key in ("diameter", "length"))
        if section.tag.rsplit("}", 1)[-1] == "section" and across is not None and along is not None:
            ring.append((across, along))
    if not ring:
        return None
    cones = tuple(Segment3(along, before, across) for (before, _), (across, along) in pairwise(ring) if along > 0)
    first = ring[0]
    if first[1] > 0:
        cones = (Segment3(first[1], first[0], first[0]), *cones)
    return LibraryHolder(one.get("description", ""), cones, numbers.length(one.get("gauge-length"), own))


def write(library: ToolLibrary) -> bytes:
    """Write a library in UTF-16; entries that came from such a file are given back as they were."""
    ET.register_namespace("", SPACE)
    native = library.format == "hsmlib"
    root = ET.Element(f"{{{SPACE}}}tool-library", dict(library.frame) if native else {"version": "14"})
    for tool in library.tools:
        root.append(ET.fromstring(tool.original) if native else _entry(tool))  # noqa: S314 - our own text
    ET.indent(root, space="  ")
    head = '<?xml version="1.0" encoding="UTF-16" standalone="no"?>\n'
    return (head + ET.tostring(root, encoding="unicode") + "\n").encode("utf-16")


def _entry(tool: LibraryTool) -> ET.Element:
    size = numbers.scale(tool.unit)
    unit = "inches" if tool.unit == "inch" else "millimeters"
    kind = words.word(tool.kind, tool.geometry.corner_radius_mm)
    if tool.kind == "tap" and not tool.right_hand:
        kind = "tap left hand"
    one = ET.Element(f"{{{SPACE}}}tool", {"type": kind, "unit": unit, "version": "1.5"})

    def add(tag: str, text: str = "", **attributes: str) -> ET.Element:
        made = ET.SubElement(one, f"{{{SPACE}}}{tag}", {k.replace("_", "-"): v for k, v in attributes.items()})
        made.text = text or None
        return made

    add("description", tool.name)
    add("manufacturer", tool.maker)
    add("product-id", tool.order_code)
    number = str(tool.number)
    add("nc", number=number, diameter_offset=number, length_offset=number)
    add("material", name=tool.substrate or "unspecified")
    body = add("body")
    for field, code in LENGTHS.items():
        value = getattr(tool.geometry, field)
        if value is not None:
            body.set(code, repr(numbers.told(value / size)))
    if tool.geometry.flutes is not None:
        body.set("number-of-flutes", str(tool.geometry.flutes))
    if tool.geometry.helix_deg is not None:
        body.set("helix-angle", repr(tool.geometry.helix_deg))
    angle = tool.geometry.point_angle_deg
    if angle is not None and tool.kind in (*CONES, *POINTS):
        body.set("taper-angle", repr(numbers.told(angle / 2 if tool.kind in CONES else angle)))
    if tool.holder is not None:
        _profile(add("holder", description=tool.holder.name, unit=unit), tool.holder, size)
    presets = add("presets")
    for preset in tool.presets:
        _parameters(ET.SubElement(presets, f"{{{SPACE}}}preset", {"name": preset.name}), preset, size)
    return one


def _profile(one: ET.Element, holder: LibraryHolder, size: float) -> None:
    across = None
    for cone in holder.segments:
        if cone.lower_diameter_mm != across:
            _section(one, cone.lower_diameter_mm / size, 0.0)
        _section(one, cone.upper_diameter_mm / size, cone.height_mm / size)
        across = cone.upper_diameter_mm


def _section(one: ET.Element, across: float, along: float) -> None:
    said = {"diameter": repr(numbers.told(across)), "length": repr(numbers.told(along))}
    ET.SubElement(one, f"{{{SPACE}}}section", said)


def _parameters(one: ET.Element, preset: Preset, size: float) -> None:
    given = {
        "tool_spindleSpeed": preset.n_rpm,
        "tool_feedCutting": None if preset.vf_mm_min is None else preset.vf_mm_min / size,
        "tool_feedPlunge": None if preset.plunge_mm_min is None else preset.plunge_mm_min / size,
    }
    for key, value in given.items():
        if value is not None:
            ET.SubElement(one, f"{{{SPACE}}}parameter", {"key": key, "value": repr(numbers.told(value))})
    if preset.coolant:
        ET.SubElement(one, f"{{{SPACE}}}parameter", {"key": "tool_coolant", "value": preset.coolant})

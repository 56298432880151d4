"""Tool libraries of other programs: every format is read, doubts are named with their row, nothing is lost."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import fields
from math import pi
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tooling_db
from model.errors import ConfigError
from model.library import LibraryGeometry, LibraryTool, Preset, ToolLibrary
from tooling_db.libraries import FORMATS, of_crib, read, write
from tooling_db.libraries.rows import rows, toml

TAP_M_MIN = (("Aluminum", 75.0, "N"), ("Steel", 40.0, "P"), ("Stainless", 20.0, "M"), ("Titanium", 10.0, "S"))


def fusion_tool(**changes: Any) -> dict[str, Any]:
    speed = 300_000 / (pi * 6)
    tool = {
        "BMC": "carbide",
        "GRADE": "generic",
        "description": "6 mm three flutes",
        "geometry": {
            "CSP": False, "DC": 6, "HAND": True, "LB": 22, "LCF": 13, "NOF": 3, "OAL": 57, "SFDM": 6,
            "shoulder-length": 18,
        },
        "guid": "made-up",
        "post-process": {"number": 7, "diameter-offset": 7, "length-offset": 7},
        "start-values": {
            "presets": [
                {
                    "name": "Aluminum rough", "material": {"category": "all", "query": ""}, "n": speed, "v_c": 300,
                    "v_f": speed * 3 * 0.036, "f_z": 0.036, "use-stepdown": True, "stepdown": 6, "unread": {"a": [1]},
                }
            ]
        },
        "type": "flat end mill",
        "unit": "millimeters",
        "vendor": "Nobody",
        "colour nobody reads": 3,
    }  # fmt: skip
    return {**tool, **changes}


def fusion(*tools: dict[str, Any]) -> bytes:
    return json.dumps({"data": list(tools), "version": 36}).encode()


def codes(library: ToolLibrary) -> set[str]:
    return {note.code for note in library.notes}


def test_a_fusion_tool_is_read_with_its_presets() -> None:
    library = read(fusion(fusion_tool()), "shop.json")

    (tool,) = library.tools
    assert ("end-mill", 7, "carbide", "mm") == (tool.kind, tool.number, tool.substrate, tool.unit)
    assert (6, 13, 18, 22, 57, 6, 3) == (
        tool.geometry.diameter_mm, tool.geometry.flute_length_mm, tool.geometry.shoulder_length_mm,
        tool.geometry.stick_out_mm, tool.geometry.overall_length_mm, tool.geometry.shank_diameter_mm,
        tool.geometry.flutes,
    )  # fmt: skip
    (preset,) = tool.presets
    assert ("N", "rough", 300, 6, None) == (
        preset.material, preset.operation, preset.vc_m_min, preset.ap_mm, preset.ae_mm,
    )  # fmt: skip
    assert () == library.notes


def test_inches_and_feet_become_metric_and_a_holder_keeps_its_own_unit() -> None:
    inch = fusion_tool(unit="inches", holder={
        "description": "ER", "unit": "millimeters", "gaugeLength": 70,
        "segments": [{"height": 70, "lower-diameter": 28, "upper-diameter": 34}],
    })  # fmt: skip
    inch["geometry"] = {**inch["geometry"], "DC": 0.25}
    inch["start-values"] = {"presets": [{"name": "steel", "n": 1000 * 12 / (pi * 0.25) / 10, "v_c": 100}]}
    (tool,) = read(fusion(inch), "shop.json").tools

    assert 6.35 == tool.geometry.diameter_mm
    assert 30.48 == pytest.approx(tool.presets[0].vc_m_min)
    assert tool.holder is not None
    assert 28 == tool.holder.segments[0].lower_diameter_mm


@pytest.mark.parametrize(("name", "speed", "group"), TAP_M_MIN)
def test_feet_a_minute_on_a_metric_tap_are_named(name: str, speed: float, group: str) -> None:
    tap = fusion_tool(type="tap right hand", BMC="hss", unit="millimeters")
    tap["geometry"] = {"DC": 6, "TP": 1, "LCF": 20, "OAL": 60, "SFDM": 4.5, "NOF": 3, "shoulder-length": 20}
    tap["start-values"] = {"presets": [{"name": name, "v_c": speed, "n": speed * 1000 / (pi * 6)}]}
    wrong = read(fusion(tap), "shop.json")
    tap["start-values"]["presets"][0] |= {"v_c": speed * 0.3048, "n": speed * 304.8 / (pi * 6)}
    right = read(fusion(tap), "shop.json")

    assert (group, "library.speed-unit") == (wrong.tools[0].presets[0].material, wrong.notes[0].code)
    assert "T7" in wrong.notes[0].message
    assert () == right.notes


def test_every_kind_of_dirt_is_named_with_its_row() -> None:
    stale = fusion_tool()
    stale["geometry"] = {**stale["geometry"], "DC": 8}
    longer = fusion_tool(description="")
    longer["geometry"] = {**longer["geometry"], "LCF": 30}
    blanks = fusion_tool(vendor="IMCO M525-0500-1250-SQ  ", BMC="unspecified")
    fast = fusion_tool(BMC="hss")
    fast["start-values"]["presets"][0] |= {"n": 50000, "v_c": 50000 * pi * 6 / 1000, "f_z": 0.01, "v_f": 1500}
    silent = fusion_tool(type="lollipop mill")
    silent["start-values"]["presets"][0]["name"] = "Default Preset"
    edited = fusion_tool(expressions={"tool_diameter": "8 mm"})
    library = read(fusion(stale, longer, blanks, fast, silent, edited), "shop.json")

    assert {
        "library.stale-preset", "library.geometry", "library.no-name", "library.maker-is-code", "library.blanks",
        "library.no-substrate", "library.substrate", "library.no-kind", "library.no-material", "library.expression",
        "library.duplicate-number",
    } <= codes(library)  # fmt: skip
    assert all(note.place.startswith("shop.json: entry ") and note.severity == "note" for note in library.notes)


def test_what_came_from_a_format_goes_back_into_it_whole() -> None:
    tools = [fusion_tool(), fusion_tool(type="waterjet", unit="inches", geometry={"CW": 0.03})]
    library = read(fusion(*tools), "shop.json")

    again = json.loads(write(library, "fusion-json"))
    assert {"data": tools, "version": 36} == again
    packed = write(library, "fusion-tools")
    with zipfile.ZipFile(io.BytesIO(packed)) as zipped:
        assert again == json.loads(zipped.read("tools.json"))
    assert library.tools[0].geometry == read(packed, "shop.tools").tools[0].geometry


HSM = """<?xml version="1.0" encoding="UTF-16" standalone="no"?>
<tool-library xmlns="http://www.hsmworks.com/xml/2004/cnc/tool-library" guid="{0}" version="14">
 <tool guid="{1}" type="chamfer mill" unit="millimeters" version="1.5" id="1"><description>quarter chamfer</description>
  <nc number="4" diameter-offset="4"/><material name="carbide"/>
  <body diameter="6.35" tip-diameter="0" taper-angle="45" flute-length="3.175" shoulder-length="26" body-length="30"
   overall-length="60" shaft-diameter="6.35" number-of-flutes="4"/>
  <holder description="TTS"><section diameter="25.2" length="0"/><section diameter="33.88" length="1.5"/>
   <section diameter="33.88" length="16.3"/><section diameter="24.7" length="0"/>
   <section diameter="24.7" length="5"/></holder>
  <motion spindle-rpm="7500" cutting-feedrate="1800"/></tool>
 <tool type="drill" unit="inches"><description>no 7</description><nc number="5"/><material name="hss"/>
  <body diameter="0.201" taper-angle="118" flute-length="2" shoulder-length="2" body-length="2.5" overall-length="3.5"
   shaft-diameter="0.201" number-of-flutes="2"/>
  <presets><preset id="a" name="Aluminium"><parameter key="tool_spindleSpeed" value="3000"/>
   <parameter key="tool_feedCutting" value="12"/></preset></presets></tool>
</tool-library>"""


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8"])
def test_hsmworks_reads_angles_by_kind_and_holders_as_a_profile(encoding: str) -> None:
    library = read(HSM.encode(encoding), "old.hsmlib")

    mill, drill = library.tools
    assert (4, "chamfer-mill", 90, 30) == (
        mill.number, mill.kind, mill.geometry.point_angle_deg, mill.geometry.stick_out_mm,
    )  # fmt: skip
    assert mill.holder is not None
    assert [(1.5, 25.2, 33.88), (16.3, 33.88, 33.88), (5, 24.7, 24.7)] == [
        (s.height_mm, s.lower_diameter_mm, s.upper_diameter_mm) for s in mill.holder.segments
    ]
    assert (118, "N") == (drill.geometry.point_angle_deg, drill.presets[0].material)
    assert 304.8 == pytest.approx(drill.presets[0].vf_mm_min)
    again = read(write(library, "hsmlib"), "again.hsmlib")
    assert [t.geometry for t in library.tools] == [t.geometry for t in again.tools]
    assert [t.holder for t in library.tools] == [t.holder for t in again.tools]


P21 = """ISO-10303-21;
HEADER;
ENDSEC;
DATA;
#1=STRING_WITH_LANGUAGE('END MILL 1/4, it''s sharp; really',#9);
#2=MULTI_LANGUAGE_STRING((),#1);
#3=ITEM(#2,'4711',#2);
#4=ORGANIZATION($,'NB','Nobody','company',$,$);
#119=UNIT('millimetre');
#120=UNIT('inch');
#20=NUMERICAL_VALUE('DC',$,#119,'6.35');
#21=NUMERICAL_VALUE('APMX', $, #119, '19.05');
#22=NUMERICAL_VALUE('OAL',$,#119,'63.5');
#23=NUMERICAL_VALUE('DCONMS',$,#119,'6.35');
#24=NUMERICAL_VALUE('ZEFF',$,$,'4');
#25=NUMERICAL_VALUE('FHA',$,$,'36');
#26=NUMERICAL_VALUE('RPMX',$,$,'24000');
#27=STRING_VALUE('CCC',$,'yes');
#28=STRING_VALUE('BMC',$,'HW');
#29=STRING_VALUE('ODD',$,'kept');
ENDSEC;
END-ISO-10303-21;
"""


def test_iso_13399_is_read_from_its_mnemonics_alone_and_in_a_package() -> None:
    (tool,) = read(P21.encode(), "mill.p21").tools
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as zipped:
        zipped.writestr("mill.p21", P21)
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as zipped:
        zipped.writestr("Documents/Brands/TU/mill.p21.zip", inner.getvalue())
        zipped.writestr("product_pictures/mill.png", b"not read")
    (packed,) = read(package.getvalue(), "maker.zip").tools

    assert ("END MILL 1/4, it's sharp; really", "Nobody", "4711", "end-mill", "carbide", True, 24000) == (
        tool.name, tool.maker, tool.order_code, tool.kind, tool.substrate, tool.centre_cutting, tool.max_rpm,
    )  # fmt: skip
    assert (6.35, 19.05, 63.5, 4, 36) == (
        tool.geometry.diameter_mm, tool.geometry.flute_length_mm, tool.geometry.overall_length_mm,
        tool.geometry.flutes, tool.geometry.helix_deg,
    )  # fmt: skip
    assert ("kept", P21) == (tool.extras["ODD"], tool.original)
    assert tool.geometry == packed.geometry
    assert P21.encode() == write(read(P21.encode(), "mill.p21"), "p21")


def test_freecad_bits_are_read_with_their_units() -> None:
    bit = {
        "version": 2, "name": "1/8 inch", "shape": "D:\\tools\\Shape\\endmill.fcstd", "attribute": {"own": 1},
        "parameter": {"CuttingEdgeHeight": "30.0000 mm", "Diameter": "1/8 in", "Length": "50 mm", "Flutes": "2",
                      "ShankDiameter": '0.125"', "Material": "Carbide"},
    }  # fmt: skip
    alone = read(json.dumps(bit).encode(), "one.fctb")
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as zipped:
        zipped.writestr("Library/all.fctl", json.dumps({"label": "all", "tools": [{"nr": 9, "path": "one.fctb"}]}))
        zipped.writestr("Bit/one.fctb", json.dumps(bit))
    whole = read(package.getvalue(), "all.zip")

    assert (3.175, 3.175, 30, 2) == (
        alone.tools[0].geometry.diameter_mm, alone.tools[0].geometry.shank_diameter_mm,
        alone.tools[0].geometry.flute_length_mm, alone.tools[0].geometry.flutes,
    )  # fmt: skip
    assert (9, alone.tools[0].geometry) == (whole.tools[0].number, whole.tools[0].geometry)
    again = write(whole, "freecad")
    with zipfile.ZipFile(io.BytesIO(again)) as zipped:
        assert bit == json.loads(zipped.read("Bit/001_1_8_inch.fctb"))


def test_linuxcnc_tables_keep_every_line() -> None:
    table = "T1 P1 Z+55.2 D6.000 ;end mill\n;loose words\nT2 P2 X1 Z30 D0.4 I10 J-20 Q2\n"
    library = read(table.encode(), "tool.tbl")

    assert [(1, 6.0), (2, 0.4)] == [(t.number, t.geometry.diameter_mm) for t in library.tools]
    assert {"P": "2", "X": "1", "Z": "30", "I": "10", "J": "-20", "Q": "2"} == library.tools[1].extras
    assert table.replace(";loose words\n", "") == write(library, "linuxcnc").decode()


def test_din_4000_is_read_by_its_class_with_either_decimal_sign() -> None:
    point = "NSM;A1;B2;B5;C3;F21;J3;J8;J22;J23\nDIN4000-82;1.588;3.2;38.1;3.175;4;KH;a,b;X1;ENDMILL\n"
    comma = point.replace("1.588", "1,588").replace("38.1", "38,1").replace("3.175", "3,175").replace("3.2", "3,2")
    xml = (
        "<Tool-Data><Tool><Main-Data><NSM>DIN4000-82</NSM></Main-Data>"
        "<Property-Data><PropertyName>A1</PropertyName><Value>1,588</Value></Property-Data></Tool></Tool-Data>"
    )
    first, second = (read(text.encode(), "din.csv").tools[0] for text in (point, comma))

    assert ("end-mill", "ENDMILL", "a,b", 1.588) == (
        first.kind, first.name, first.extras["J8"], first.geometry.diameter_mm,
    )  # fmt: skip
    assert first.geometry == second.geometry
    assert 1.588 == read(xml.encode(), "din.xml").tools[0].geometry.diameter_mm


BAD = {
    "empty.json": b"  ", "list.json": b"[1]", "cut.json": b'{"data": [{"type": ', "entry.json": b'{"data": [3]}',
    "bad.tools": b"PK\x03\x04cut", "other.tools": b"", "bad.hsmlib": "<tools/>".encode("utf-16"),
    "bomb.hsmlib": b'<!DOCTYPE a [<!ENTITY b "c">]><tool-library/>', "geometry.p21": b"ISO-10303-21;\nDATA;\n#1=A();",
    "bad.tbl": b"T1 P1 Dsix\n", "twice.tbl": b"T1 T2 D6\n", "alone.fctl": b'{"tools": [{"nr": 1, "path": "a"}]}',
    "columns.csv": b"a,b\n1,2\n", "what.dwg": b"AC1027", "noending": b"T1", "empty.zip": b"PK\x05\x06" + b"\0" * 18,
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_bad_library_is_a_clear_error(name: str) -> None:
    with pytest.raises(ConfigError) as told:
        read(BAD[name], name)

    assert told.value.code.startswith("library.")
    assert name in told.value.message
    assert told.value.hint


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    data=st.binary(max_size=400),
    ending=st.sampled_from(["json", "tools", "hsmlib", "fctb", "tbl", "p21", "csv", "xml", "zip"]),
)
def test_no_bytes_crash_the_readers(data: bytes, ending: str) -> None:
    try:
        library = read(data, f"any.{ending}")
    except ConfigError:
        return
    assert f"any.{ending}" == library.name


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_no_rubbish_in_a_fusion_field_crashes_it_or_is_lost(data: st.DataObject) -> None:
    tool = fusion_tool()
    table = data.draw(
        st.sampled_from([tool, tool["geometry"], tool["start-values"], tool["start-values"]["presets"][0]])
    )
    table[data.draw(st.sampled_from(sorted(table)))] = data.draw(JSON)
    text = json.dumps({"data": [tool], "version": 1})
    library = read(text.encode(), "shop.json")

    assert text == json.dumps(json.loads(write(library, "fusion-json")))
    rows(library, {"price_eur": 10.0, "max_rpm": 20000.0, "substrate": "carbide"})


LENGTH = st.floats(0.1, 200).map(lambda value: round(value, 4))


@st.composite
def entries(draw: st.DrawFn) -> LibraryTool:
    kind = draw(
        st.sampled_from(
            ["end-mill", "ball-mill", "drill", "spot-drill", "reamer", "tap", "thread-mill", "chamfer-mill"]
        )
    )
    across = draw(LENGTH)
    corner = {"end-mill": draw(st.sampled_from([None, round(across / 5, 5)])), "ball-mill": across / 2}.get(kind)
    return LibraryTool(
        place="made", kind=kind, name=draw(st.text("abc xyz", min_size=1, max_size=8)).strip() or "a",
        unit=draw(st.sampled_from(["mm", "inch"])), original="",
        geometry=LibraryGeometry(
            diameter_mm=across, flute_length_mm=draw(LENGTH), shoulder_length_mm=draw(LENGTH),
            overall_length_mm=draw(LENGTH), shank_diameter_mm=draw(LENGTH), flutes=draw(st.integers(1, 12)),
            tip_diameter_mm=draw(LENGTH) if kind == "chamfer-mill" else None, corner_radius_mm=corner,
            point_angle_deg=draw(st.integers(20, 170)) if kind in ("drill", "spot-drill", "chamfer-mill") else None,
            pitch_mm=draw(LENGTH) if kind in ("tap", "thread-mill") else None,
        ),
        number=draw(st.integers(1, 999)), substrate=draw(st.sampled_from(["carbide", "hss"])),
        presets=(Preset("Steel rough", "P", "rough", n_rpm=3000.0, vc_m_min=3 * pi * across, vf_mm_min=500.0),),
    )  # fmt: skip


HOLDS: dict[str, set[str]] = {
    "linuxcnc": {"diameter_mm"},
    "din4000": {
        "diameter_mm",
        "flute_length_mm",
        "overall_length_mm",
        "shank_diameter_mm",
        "corner_radius_mm",
        "flutes",
    },
}


@pytest.mark.parametrize("format_", FORMATS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tool=entries())
def test_geometry_survives_the_way_through_every_format(format_: str, tool: LibraryTool) -> None:
    if format_ == "din4000" and tool.kind not in ("end-mill", "ball-mill"):
        return
    data = write(ToolLibrary("made", "house", (tool,)), format_)
    (again,) = read(data, f"made{FORMATS[format_][0]}").tools

    kept = HOLDS.get(format_, {field.name for field in fields(LibraryGeometry)})
    before, after = ({name: getattr(one.geometry, name) or 0.0 for name in kept} for one in (tool, again))
    assert before == pytest.approx(after, rel=1e-9)
    if format_ not in ("linuxcnc", "freecad"):
        assert tool.kind == again.kind
    assert write(read(data, f"made{FORMATS[format_][0]}"), format_) == write(
        read(data, f"made{FORMATS[format_][0]}"), format_
    )


@pytest.mark.parametrize("format_", sorted(set(FORMATS) - {"p21", "din4000"}))
def test_a_machine_s_own_tools_can_be_written_and_read_again(format_: str) -> None:
    crib = tooling_db.load().machines["mill-linuxcnc"].tools
    again = read(write(of_crib(crib, "mill"), format_), f"mill{FORMATS[format_][0]}")

    assert [one.number for one in crib] == [tool.number for tool in again.tools] or format_ == "gtc"
    assert sorted(one.tool.diameter_mm for one in crib) == pytest.approx(
        sorted(t.geometry.diameter_mm or 0 for t in again.tools)
    )
    assert "library.geometry" not in codes(again)


def test_rows_are_made_only_of_what_is_known_or_said() -> None:
    library = read(fusion(fusion_tool(), fusion_tool(type="probe"), fusion_tool(type="tap left hand")), "shop.json")
    bare = rows(library, {})
    said = rows(library, {"price_eur": 12.5, "max_rpm": 30000.0})

    assert ((), ["library.incomplete", "library.no-kind", "library.left-hand"]) == (
        bare.tools, [one.code for one in bare.left_out],
    )  # fmt: skip
    assert "price_eur, max_rpm" in bare.left_out[0].message
    (tool,) = said.tools
    assert (12.5, 30000.0, False) == (tool.price_eur, tool.max_rpm, tool.centre_cutting)
    assert "assumed by the shop: price_eur, max_rpm; centre cutting unknown" in tool.source


def test_rows_written_to_a_folder_load_as_they_were(tmp_path: Any) -> None:
    library = read(fusion(*(fusion_tool(description=f"mill {i}") for i in range(3))), "shop.json")
    made = rows(library, {"price_eur": 10.0, "max_rpm": 20000.0})
    (tmp_path / "shop.toml").write_text(toml(made.tools, "shop.json"))

    assert made.tools == tuple(tooling_db.load(tmp_path).tools.values())


@pytest.mark.parametrize("format_", ["fusion-json", "hsmlib", "csv"])
def test_a_crib_that_went_out_and_came_back_is_the_same_crib(format_: str) -> None:
    crib = [one.tool for one in tooling_db.load().machines["mill-linuxcnc"].tools]
    library = read(
        write(of_crib(tooling_db.load().machines["mill-linuxcnc"].tools, "mill"), format_), f"mill{FORMATS[format_][0]}"
    )
    told = {
        "price_eur": 1.0,
        "max_rpm": 15000.0,
        "centre_cutting": True,
        "tap_start_pitches": 2.0,
        "reamer_start_diameters": 0.2,
    }
    back = rows(library, told)
    shape = ("diameter_mm", "tip_diameter_mm", "flute_length_mm", "shoulder_length_mm", "overall_length_mm",
             "shank_diameter_mm", "flutes", "point_angle_deg", "corner_radius_mm", "pitch_mm", "helix_deg")  # fmt: skip

    assert () == back.left_out
    assert [[getattr(tool, name) for name in shape] for tool in crib] == [
        pytest.approx([getattr(tool, name) for name in shape]) for tool in back.tools
    ]


@pytest.mark.parametrize(("version", "told"), [(36, []), (1, []), (37, [37]), ("2.0", ["2.0"]), (None, ["None"])])
def test_a_library_of_another_version_is_read_with_a_note(version: object, told: list[object]) -> None:
    shape = {"DC": 6, "LCF": 13, "OAL": 57, "SFDM": 6, "NOF": 3, "LB": 20, "shoulder-length": 15}
    tool = {"type": "flat end mill", "unit": "millimeters", "description": "x", "guid": "a", "geometry": shape}
    data = json.dumps({"data": [tool], "version": version}).encode()
    library = read(data, "lib.json")

    assert 1 == len(library.tools)
    assert told == [n.value for n in library.notes if n.code == "library.other-version"]
    assert json.loads(data) == json.loads(write(library, "fusion-json"))

"""The customer's files hold the accepted solid, in the unit each format asks for, the same bytes every time."""

from __future__ import annotations

import io
import json
import os
import struct
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
import trimesh
from PIL import Image

import tooling_db
from geometry.solids import load
from geometry.step import step
from model.design import Cosmetic, Design, Engraving, Relief, Thread
from model.errors import OrderError
from model.order import Brief
from pipeline.design import stage
from pipeline.engine.codec import decode, encode

SHOP = tooling_db.load()

BRIEFS = {
    "nameplate": ({"text": "ОЛЕГ\nWorkshop 7"}, "brass-cuzn39pb3"),
    "bracket": ({}, "al-6082"),
    "enclosure": ({"label": "LAB-03"}, "petg"),
}


def brief(family: str, **more: Any) -> Brief:
    parameters, material = BRIEFS[family]
    made = Brief("T-7", family, parameters, (), material, "matt", "ISO 2768-m", 1)
    return replace(made, **more)


@cache
def designed(family: str) -> Design:
    return stage.design(brief(family), SHOP)


@cache
def files(family: str) -> dict[str, bytes]:
    return {f.name: f.data for f in stage.export(designed(family)).files}


def test_a_design_survives_storage() -> None:
    one = designed("nameplate")

    assert one == decode(Design, encode(one))


def test_annotations_say_what_the_solid_cannot() -> None:
    kinds = {f: {type(a) for p in designed(f).parts for a in p.annotations} for f in BRIEFS}

    assert {
        "nameplate": {Engraving, Cosmetic},
        "bracket": {Thread, Cosmetic},
        "enclosure": {Relief, Cosmetic},
    } == kinds


def test_facts_are_measured() -> None:
    facts = designed("bracket").facts

    assert (100.0, 80.0, 20.0) == (facts["length_mm"], facts["width_mm"], facts["height_mm"])
    assert facts["mass_g"] == pytest.approx(129.840 * 2.7, rel=0.01)


def test_every_part_and_the_whole_order_have_their_files() -> None:
    assert [
        "T-7.3mf", "base.glb", "base.step", "base.stl", "lid.glb", "lid.step", "lid.stl", "picture.png",
    ] == sorted(files("enclosure"))  # fmt: skip


@pytest.mark.parametrize("family", BRIEFS)
def test_files_come_out_the_same_again(family: str) -> None:
    again = {f.name: f.data for f in stage.export(designed(family)).files}

    assert again == files(family)


def test_step_holds_the_solid_in_millimetres(tmp_path: Any) -> None:
    import cadquery as cq

    path = tmp_path / "bracket.step"
    path.write_bytes(files("bracket")["bracket.step"])
    again: Any = cq.importers.importStep(str(path)).val()

    assert again.Volume() == pytest.approx(designed("bracket").facts["volume_mm3"], rel=1e-6)
    assert b"1970-01-01" in files("bracket")["bracket.step"]
    assert b"PRODUCT('bracket','bracket'" in files("bracket")["bracket.step"]


def test_step_bytes_do_not_count_how_often_they_were_written() -> None:
    shape = load(designed("bracket").parts[0].brep)

    assert step(shape, "bracket") == step(shape, "bracket")


def test_glb_is_in_metres_y_up() -> None:
    scene: Any = trimesh.load(io.BytesIO(files("bracket")["bracket.glb"]), file_type="glb")

    assert [0.1, 0.02, 0.08] == pytest.approx(list(scene.extents), abs=1e-6)


def test_glb_tells_its_material() -> None:
    data = files("nameplate")["nameplate.glb"]
    (length,) = struct.unpack_from("<I", data, 12)
    head = json.loads(data[20 : 20 + length])

    assert 1.0 == head["materials"][0]["pbrMetallicRoughness"]["metallicFactor"]


def test_3mf_holds_the_order_its_unit_and_its_parts() -> None:
    import lib3mf

    model = lib3mf.get_wrapper().CreateModel()
    reader = model.QueryReader("3mf")
    reader.SetStrictModeActive(True)
    reader.ReadFromBuffer(files("enclosure")["T-7.3mf"])
    objects = model.GetMeshObjects()
    names = []
    while objects.MoveNext():
        item = objects.GetCurrentMeshObject()
        names.append((item.GetName(), item.IsManifoldAndOriented()))
    facts = model.GetMetaDataGroup()
    told = {facts.GetMetaData(k).GetName(): facts.GetMetaData(k).GetValue() for k in range(facts.GetMetaDataCount())}

    assert [] == [reader.GetWarning(k) for k in range(reader.GetWarningCount())]
    assert lib3mf.ModelUnit.MilliMeter == model.GetUnit()
    assert [("base", True), ("lid", True)] == names
    assert "T-7" == told["OrderId"]


@pytest.mark.parametrize("family", BRIEFS)
def test_the_picture_shows_something(family: str) -> None:
    picture = Image.open(io.BytesIO(files(family)["picture.png"])).convert("RGB")
    colours = picture.getcolors(1 << 24) or []

    assert (1200, 800) == picture.size
    assert len(colours) > 50


def test_without_gl_a_line_drawing_takes_the_pictures_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("__EGL_VENDOR_LIBRARY_DIRS", os.devnull)
    made = stage.export(designed("bracket"))
    picture = next(f for f in made.files if f.role == "picture")

    assert (stage.DRAWN,) == made.notes
    assert (1200, 800) == Image.open(io.BytesIO(picture.data)).size


def test_a_material_the_family_is_not_made_of_is_refused() -> None:
    with pytest.raises(OrderError) as caught:
        stage.design(brief("bracket", material_id="pla"), SHOP)

    assert ("design.material", "pla") == (caught.value.code, caught.value.value)


def test_a_broken_limit_is_refused_with_the_measured_number() -> None:
    with pytest.raises(OrderError) as caught:
        stage.design(brief("bracket", constraints=("mass <= 200 g",)), SHOP)

    assert "constraint.broken" == caught.value.code
    assert 350 < float(caught.value.value or 0) < 352


def test_parameters_out_of_range_are_all_named() -> None:
    with pytest.raises(OrderError) as caught:
        stage.design(brief("nameplate", parameters={"length_mm": 9000.0, "thickness_mm": "2", "colour": "red"}), SHOP)

    assert ["length_mm", "thickness_mm", "colour"] == [f.place for f in caught.value.findings]

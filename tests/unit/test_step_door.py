"""A customer's STEP file: what is one sound solid is read to the micrometre, everything else is named and refused."""

from __future__ import annotations

import io
import re
from typing import Any

import cadquery as cq
import pytest

from geometry.solids import load
from geometry.step import step
from geometry.stepin import Found, answer, read_solid
from geometry.steptext import LARGEST_BYTES, MOST_FACES, glance, plain_name
from model.errors import OrderError


def plate() -> cq.Workplane:
    """40 x 30 x 10 with a through hole of 8 and a blind one, 4.875 deep."""
    block = cq.Workplane().box(40, 30, 10, centered=(True, True, False))
    return (
        block.faces(">Z").workplane().hole(8).faces(">Z").workplane().pushPoints([(12, 8)]).circle(3).cutBlind(-4.875)
    )


def one(work: cq.Workplane) -> Any:
    return cq.Workplane.findSolid(work)


def written(shape: Any, unit: str = "MM") -> bytes:
    from OCP.Interface import Interface_Static
    from OCP.STEPControl import STEPControl_StepModelType, STEPControl_Writer

    writer = STEPControl_Writer()
    Interface_Static.SetCVal_s("write.step.unit", unit)
    writer.Transfer(shape.wrapped, STEPControl_StepModelType.STEPControl_AsIs)
    Interface_Static.SetCVal_s("write.step.unit", "MM")
    stream = io.BytesIO()
    writer.WriteStream(stream)
    return stream.getvalue()


def solid_of(faces: list[Any]) -> Any:
    """Faces put into one shell and called a solid, sound or not."""
    from OCP.BRep import BRep_Builder
    from OCP.TopoDS import TopoDS_Shell, TopoDS_Solid

    build, shell, solid = BRep_Builder(), TopoDS_Shell(), TopoDS_Solid()
    build.MakeShell(shell)
    for face in faces:
        build.Add(shell, face.wrapped)
    build.MakeSolid(solid)
    build.Add(solid, shell)
    return cq.Shape.cast(solid)


PLATE = step(one(plate()), "plate")


def refusal(data: bytes, number: int = 0) -> OrderError:
    with pytest.raises(OrderError) as refused:
        read_solid(data, number)
    assert refused.value.hint
    return refused.value


def test_a_good_file_is_read_with_its_size_volume_and_holes() -> None:
    found = read_solid(PLATE)

    assert (40.0, 30.0, 10.0) == found.size_mm
    assert pytest.approx(one(plate()).Volume(), abs=1e-6) == found.volume_mm3
    assert (-20.0, -15.0, 0.0) == found.low_mm
    assert (1, 9, "millimetre", ()) == (found.genus, found.faces, found.unit, found.notes)
    assert found == read_solid(PLATE)


def test_the_stored_solid_stands_at_the_origin() -> None:
    box = load(read_solid(PLATE).brep).BoundingBox(1e-6)

    assert pytest.approx((0, 0, 0), abs=1e-5) == (box.xmin, box.ymin, box.zmin)


@pytest.mark.parametrize(("unit", "name"), [("INCH", "inch"), ("M", "metre"), ("CM", "centimetre")])
def test_the_files_own_unit_is_honoured(unit: str, name: str) -> None:
    part = one(cq.Workplane().box(101.6, 50.8, 12.7))
    found = read_solid(written(part, unit))

    assert (101.6, 50.8, 12.7) == found.size_mm
    assert pytest.approx(101.6 * 50.8 * 12.7, rel=1e-9) == found.volume_mm3
    assert name == found.unit


def test_inches_read_as_millimetres_would_be_another_part() -> None:
    """The same numbers under another unit: only the unit makes them four inches."""
    inches = written(one(cq.Workplane().box(4, 2, 0.5)))
    as_inch = inches.replace(b"SI_UNIT(.MILLI.,.METRE.)", b"SI_UNIT(.CENTI.,.METRE.)")

    assert (4.0, 2.0, 0.5) == read_solid(inches).size_mm
    assert (40.0, 20.0, 5.0) == read_solid(as_inch).size_mm


@pytest.mark.parametrize(
    ("data", "code", "word"),
    [
        (b"", "step.empty", "empty"),
        (b" \r\n\0", "step.empty", "nothing"),
        (b"hello", "step.not-step", "some other text"),
        (b"PK\x03\x04" + b"\0" * 60, "step.not-step", "zip"),
        (b"\x1f\x8b\x08" + b"\0" * 60, "step.not-step", "gzip"),
        (b"solid part\nfacet normal 0 0 1", "step.not-step", "STL"),
        (b"\0" * 80 + (1).to_bytes(4, "little") + b"\1" * 50, "step.not-step", "binary STL"),
        (b"  0\nSECTION\n  2\nHEADER", "step.not-step", "DXF"),
        (b" " * 72 + b"S      1\n1H,,1H;", "step.not-step", "IGES"),
        (PLATE[:9000], "step.truncated", "9000"),
        (PLATE.replace(b"AUTOMOTIVE_DESIGN", b"IFC4"), "step.schema", "IFC4"),
        (PLATE.replace(b"GLOBAL_UNIT_ASSIGNED_CONTEXT", b"GLOBAL_UNIT_FORGOTTEN_CONTEX"), "step.no-unit", "unit"),
        (PLATE.replace(b"ADVANCED_FACE('", b"ADVANCED_FACF('", 1), "step.damaged", "ClosedShell"),
        (re.sub(rb"#30 = [^;]*;", b"", PLATE), "step.damaged", "#"),
        (PLATE.replace(b"DATA;\n", b"DATA;\n#1=DIRECTION('',(1.,0.,0.));\n"), "step.damaged", "#1 is told twice"),
        (PLATE.replace(b"DATA;\n", b"DATA;\n#99999 = ((;\n"), "step.damaged", "syntax"),
    ],
)
def test_what_is_no_whole_step_file_is_refused(data: bytes, code: str, word: str) -> None:
    error = refusal(data)

    assert code == error.code
    assert word in error.message


def test_every_schema_of_mechanical_parts_is_accepted() -> None:
    for name in (b"CONFIG_CONTROL_DESIGN", b"AP203_CONFIGURATION_CONTROLLED_3D_DESIGN", b"AUTOMOTIVE_DESIGN_CC2",
                 b"AP242_MANAGED_MODEL_BASED_3D_ENGINEERING_MIM_LF { 1 0 10303 442 1 1 4 }"):  # fmt: skip
        data = re.sub(rb"FILE_SCHEMA\(\('[^']*'", b"FILE_SCHEMA(('" + name + b"'", PLATE)

        assert name.decode().partition(" ")[0] == glance(data).schema


def test_faces_and_bytes_beyond_the_limit_are_refused_before_the_kernel_sees_them() -> None:
    faces = PLATE.replace(b"ENDSEC;\nEND-ISO", b"#900000=ADVANCED_FACE();\n" * (MOST_FACES + 1) + b"ENDSEC;\nEND-ISO")

    assert ("step.too-large", MOST_FACES) == (refusal(faces).code, refusal(faces).limit)
    assert ("step.too-large", LARGEST_BYTES) == ((huge := refusal(b"I" * (LARGEST_BYTES + 1))).code, huge.limit)


def two() -> bytes:
    small = one(cq.Workplane().box(5, 5, 5))
    return written(cq.Compound.makeCompound([one(plate()), small.translate(cq.Vector(100, 0, 0))]))


def test_several_solids_are_listed_and_one_may_be_chosen() -> None:
    error = refusal(two())
    chosen = read_solid(two(), 2)

    assert "step.several-solids" == error.code
    assert "1: 40.00 x 30.00 x 10.00 mm" in error.message
    assert "2: 5.00 x 5.00 x 5.00 mm" in error.message
    assert ((5.0, 5.0, 5.0), (97.5, -2.5, -2.5)) == (chosen.size_mm, chosen.low_mm)
    assert "solid 2 of 2" in chosen.notes[0]
    assert ("step.several-solids", 3) == ((none := refusal(two(), 3)).code, none.value)


def test_an_assembly_is_told_from_a_single_placed_part(tmp_path: Any) -> None:
    pair, single = cq.Assembly(), cq.Assembly()
    pair.add(one(plate()), name="a").add(one(plate()), name="b", loc=cq.Location(cq.Vector(80, 0, 0)))
    single.add(one(plate()), name="a", loc=cq.Location(cq.Vector(80, 0, 0)))
    for name, assembly in (("pair", pair), ("single", single)):
        assembly.export(str(tmp_path / f"{name}.step"))
    error, found = refusal((tmp_path / "pair.step").read_bytes()), read_solid((tmp_path / "single.step").read_bytes())

    assert ("step.several-solids", True) == (error.code, "assembly of 2 instances" in error.message)
    assert ((60.0, -15.0, 0.0), True) == (found.low_mm, "assembly of one part" in found.notes[0])


def test_surfaces_are_no_solid() -> None:
    faces = one(plate()).Faces()
    opened, single = refusal(written(cq.Shell.makeShell(faces[:4]))), refusal(written(faces[0]))
    closed = refusal(written(one(plate()).Shells()[0]))

    assert {"step.no-solid"} == {e.code for e in (opened, closed, single)}
    assert "1 shells (1 of them open)" in opened.message
    assert "1 shells (0 of them open)" in closed.message


def test_surfaces_beside_the_solid_need_a_word() -> None:
    data = written(cq.Compound.makeCompound([one(plate()), cq.Face.makePlane(10, 10, cq.Vector(0, 0, 50))]))

    assert "step.loose-surfaces" == refusal(data).code
    assert "1 loose surfaces" in " ".join(read_solid(data, 1).notes)


def test_curves_beside_the_solid_are_left_out_and_told() -> None:
    line = cq.Edge.makeLine(cq.Vector(0, 0, 50), cq.Vector(9, 0, 60))

    assert "1 curves" in " ".join(read_solid(written(cq.Compound.makeCompound([one(plate()), line]))).notes)


def crossing() -> Any:
    a, b = (one(cq.Workplane().box(20, 20, 20).translate(p)) for p in ((0, 0, 0), (10, 5, 3)))
    return solid_of(a.Faces() + b.Faces())


def bow_tie() -> Any:
    corners = [cq.Vector(x, y, 0) for x, y in ((0, 0), (20, 20), (20, 0), (0, 20))]
    return cq.Solid.extrudeLinear(cq.Wire.makePolygon(corners, close=True), [], cq.Vector(0, 0, 10))


@pytest.mark.parametrize(
    ("code", "data"),
    [
        ("step.self-intersecting", PLATE.replace(b"5.125", b"-3.5")),
        ("step.gaps", PLATE.replace(b"'',(-20.,-15.,0.)", b"'',(-20.05,-15.,0.)", 1)),
        ("step.no-thickness", written(one(cq.Workplane().box(30, 30, 0.001)))),
        ("step.invalid", written(crossing())),
        ("step.invalid", written(bow_tie())),
        ("step.cavity", written(one(cq.Workplane().box(30, 30, 30).cut(cq.Workplane().sphere(8))))),
        ("step.no-solid", written(solid_of(one(plate()).Faces()[:5]))),
    ],
)  # fmt: skip
def test_what_bounds_no_body_is_refused(code: str, data: bytes) -> None:
    assert PLATE != data
    assert code == refusal(data).code


def test_a_deeper_pocket_is_no_self_intersection() -> None:
    """The same change of the same number, only within the body."""
    deeper = read_solid(PLATE.replace(b"5.125", b"2.125"))

    assert pytest.approx(read_solid(PLATE).volume_mm3 - 27 * 3.14159265, abs=1e-3) == deeper.volume_mm3


def test_a_solid_inside_out_is_turned() -> None:
    from OCP.BRep import BRep_Builder
    from OCP.TopoDS import TopoDS_Solid

    from geometry.soundness import sound

    notes: list[str] = []
    solid, build = TopoDS_Solid(), BRep_Builder()
    build.MakeSolid(solid)
    build.Add(solid, one(plate()).Shells()[0].wrapped.Reversed())
    measured = sound(cq.Solid(solid), notes)[1]

    assert pytest.approx(one(plate()).Volume()) == measured[2]
    assert ["the solid was inside out in the file and was turned right"] == notes


@pytest.mark.parametrize(
    ("work", "genus", "volume"),
    [
        (cq.Workplane(cq.Solid.makeTorus(20, 5)), 1, 9869.604),
        (cq.Workplane().sphere(10), 0, 4188.790),
        (cq.Workplane(cq.Solid.makeCone(10, 0, 20)), 0, 2094.395),
        (cq.Workplane().box(40, 30, 10).edges().fillet(2), 0, 11736.024),
        (cq.Workplane().box(40, 30, 10).translate((1e5, 2e5, -3e5)), 0, 12000.0),
    ],
)
def test_curved_and_far_away_solids_are_sound(work: cq.Workplane, genus: int, volume: float) -> None:
    found = read_solid(written(one(work)))

    assert pytest.approx(volume, abs=0.01) == found.volume_mm3
    assert genus == found.genus


def test_the_answer_of_the_program_is_a_line_and_the_solid() -> None:
    head, _, body = answer(PLATE, 0).partition(b"\n")

    assert head.startswith(b'{"found": ')
    assert read_solid(PLATE).brep == body
    assert answer(b"", 0).startswith(b'{"refused": {"code": "step.empty"')
    assert isinstance(read_solid(PLATE), Found)


@pytest.mark.parametrize(
    ("stem", "name"),
    [
        ("flange v2 (final)", "flange-v2-final"),
        ("Фланец №5", "part-5"),
        ("деталь", "part"),
        ("a" * 60, "a" * 40),
        ("-x-", "x"),
    ],
)
def test_names_of_files_become_plain(stem: str, name: str) -> None:
    assert name == plain_name(stem)

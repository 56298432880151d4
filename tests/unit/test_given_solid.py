"""A customer's solid as a design: read apart from us, asked about where the unit may be wrong, its holes held to it."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from typing import Any

import cadquery as cq
import pytest

import tooling_db
from generators.kit.family import checked
from generators.kit.given import GivenSolid, given
from geometry.bores import bores
from geometry.solids import load
from geometry.step import step
from geometry.stepin import Found, read_solid
from model.design import Fit, Thread
from model.errors import OrderError, QuestionError
from model.order import Attachment, Brief, Order, Wish
from model.thread import COARSE_MM, ThreadSize, thread_named
from pipeline.design import given as room
from pipeline.design.holes import round_holes, tap_drill_mm
from pipeline.engine.asked import only
from pipeline.engine.store import sha256
from pipeline.understand.stage import understand

SHOP = tooling_db.load()


def plate() -> cq.Workplane:
    """60 x 40 x 12 below z = 12: M6 drilled through, M5 blind 9 deep, 8 for a pin, a hole along x, a slot."""
    work = cq.Workplane().box(60, 40, 12, centered=(True, True, False))
    for x, y, diameter, depth in ((-20, 10, 5.0, 12), (-20, -10, 4.2, 9), (20, 10, 8.0, 12)):
        work = work.cut(cq.Workplane().cylinder(depth, diameter / 2).translate((x, y, 12 - depth / 2)))
    work = work.cut(cq.Workplane("YZ").cylinder(15, 2.5).translate((22.5, -10, 6)))
    return work.cut(cq.Workplane().slot2D(12, 6).extrude(12).translate((0, -14, 0)))


DATA = step(cq.Workplane.findSolid(plate()), "plate")
SOLID = Attachment("plate.step", "step", "plate.step", "", sha256(DATA), DATA)


def order(**more: Any) -> Order:
    return replace(
        Order(id="o-1", family="", material="al-6082", attachments=(SOLID,), consent={"produce": True}), **more
    )


def brief(**more: Any) -> Brief:
    return understand(order(**more), SHOP)


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read in this process: the tests of what follows need no process of its own."""

    def read(attachment: Attachment, number: int) -> Found:
        return read_solid(attachment.content, number)

    monkeypatch.setattr(room, "read_apart", read)


def test_the_order_is_understood_without_a_family() -> None:
    told = brief(finish="matt", quantity=3)

    assert ("step", "al-6082", 3) == (told.family, told.material_id, told.quantity)
    assert replace(SOLID, content=b"") == told.attachment
    assert ("explicit", "attachments: plate.step") == (told.readings[0].source, told.readings[0].words)
    assert ("tolerance class: ISO 2768-m, because the order does not say",) == told.notes


def test_no_material_is_asked_never_taken() -> None:
    with pytest.raises(QuestionError) as asked:
        brief(material="")

    assert ["material"] == [q.about for q in asked.value.questions]
    assert set(SHOP.materials) == set(asked.value.questions[0].options)


def test_the_material_may_be_told_in_a_wish() -> None:
    told = brief(material="", wishes=(Wish("из латуни, матовая, 2 штуки"),))

    assert ("brass-cuzn39pb3", "matt", 2) == (told.material_id, told.finish, told.quantity)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"family": "bracket"}, "understand.family-and-solid"),
        ({"attachments": (SOLID, replace(SOLID, id="b"))}, "understand.several-solids"),
        ({"family": "step", "attachments": ()}, "understand.no-solid"),
        ({"parameters": {"length_mm": 5}}, "order.unknown-parameter"),
        ({"parameters": {"solid": 0}}, "order.out-of-range"),
        ({"parameters": {"threads": [{"at_mm": [0, 0], "direction": [0, 0, -1]}]}}, "understand.several-problems"),
        ({"material": "unobtainium"}, "understand.unknown-material"),
    ],
)
def test_what_does_not_go_together_is_refused(more: dict[str, Any], code: str) -> None:
    with pytest.raises(OrderError) as refused:
        brief(**more)

    assert code == refused.value.code


def test_files_nothing_is_made_from_are_told() -> None:
    told = brief(attachments=(SOLID, Attachment("logo", "svg", "logo.svg")))

    assert "attachment logo.svg: nothing was made from it" in told.notes


@pytest.mark.usefixtures("here")
def test_a_solid_becomes_a_design_with_measured_facts() -> None:
    made = room.design_given(brief(), SOLID, SHOP)

    assert ("step", "plate", "al-6082") == (made.family, made.title, made.material_id)
    assert (60.0, 40.0, 12.0) == (made.facts["length_mm"], made.facts["width_mm"], made.facts["height_mm"])
    assert pytest.approx(cq.Workplane.findSolid(plate()).Volume(), abs=1e-3) == made.facts["volume_mm3"]
    assert pytest.approx(made.facts["volume_mm3"] * 2.7e-3, rel=0.01) == made.facts["mass_g"]
    assert made.parts[0].expected.size_mm == (60.0, 40.0, 12.0)
    assert "the file is in millimetre; the part is 60.00 x 40.00 x 12.00 mm" in made.notes[0]
    assert made == room.design_given(brief(), SOLID, SHOP)


@pytest.mark.usefixtures("here")
def test_limits_are_held_against_the_solid() -> None:
    with pytest.raises(OrderError) as refused:
        room.design_given(brief(constraints=("height <= 10 mm",)), SOLID, SHOP)

    assert ("constraint.broken", 12.0) == (refused.value.code, refused.value.value)


def test_another_content_than_the_order_came_with_is_refused() -> None:
    with pytest.raises(OrderError) as refused:
        room.design_given(brief(), replace(SOLID, content=DATA + b"\n"), SHOP)

    assert "step.changed" == refused.value.code


@pytest.mark.usefixtures("here")
def test_a_told_size_is_compared() -> None:
    assert room.design_given(brief(parameters={"size_mm": [60, 40, "1.2 cm"]}), SOLID, SHOP)
    with pytest.raises(OrderError) as refused:
        room.design_given(brief(parameters={"size_mm": [60, 40, 12.7]}), SOLID, SHOP)

    assert "design.size-differs" == refused.value.code


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(("size", "other"), [((4, 2, 0.5), "101.60 x 50.80 x 12.70"), ((2540, 508, 25.4), "100.00")])
def test_an_unusual_size_is_asked_and_made_when_told(size: tuple[float, float, float], other: str) -> None:
    data = step(cq.Workplane.findSolid(cq.Workplane().box(*size)), "x")
    solid = replace(SOLID, content=data, sha256=sha256(data))
    with pytest.raises(QuestionError) as asked:
        room.design_given(brief(attachments=(solid,)), solid, SHOP)
    told = brief(attachments=(solid,), parameters={"size_mm": list(size)})

    assert ("design.size", "size_mm") == (asked.value.code, asked.value.questions[0].about)
    assert other in asked.value.message
    part = room.design_given(told, solid, SHOP).parts[0]

    assert (size, read_solid(solid.content).low_mm) == (part.expected.size_mm, part.zero_mm)


def hole(x: float, y: float, z: float = 12.0, way: tuple[int, int, int] = (0, 0, -1), **more: Any) -> dict[str, Any]:
    return {"at_mm": [x, y, z], "direction": list(way), **more}


def told(**parameters: Any) -> tuple[tuple[Thread | Fit, ...], list[str]]:
    found = read_solid(DATA)
    said = checked(given(("al-6082",)), parameters)
    assert isinstance(said, GivenSolid)
    made, findings = round_holes(said, load(found.brep), found.low_mm)
    return made, [f.code for f in findings]


def test_threads_and_fits_become_annotations_in_the_parts_frame() -> None:
    made, findings = told(
        threads=[hole(-20, 10, name="M6", depth_mm=12), hole(-20, -10, name="M5", depth_mm=9),
                 hole(30, -10, 6, (-2, 0, 0), name="M6", depth_mm=15)],
        fits=[hole(20, 10, name="H7")],
    )  # fmt: skip

    assert [] == findings
    assert (
        Thread("M6", (10.0, 30.0, 12.0), (0.0, 0.0, -1.0), 12),
        Thread("M5", (10.0, 10.0, 12.0), (0.0, 0.0, -1.0), 9),
        Thread("M6", (60.0, 10.0, 6.0), (-1.0, 0.0, 0.0), 15),
        Fit("H7", (50.0, 30.0, 12.0), (0.0, 0.0, -1.0)),
    ) == made


@pytest.mark.parametrize(
    ("one", "code"),
    [
        (hole(0, 10, name="M6", depth_mm=5), "design.no-hole"),
        (hole(-20, 10.1, name="M6", depth_mm=5), "design.no-hole"),
        (hole(-20, 10, way=(0, 1, 0), name="M6", depth_mm=5), "design.no-hole"),
        (hole(-20, 10, way=(0, 0, 0), name="M6", depth_mm=5), "design.no-direction"),
        (hole(-20, 10, name="M5", depth_mm=5), "design.not-a-tap-drill"),
        (hole(-20, 10, name="M8", depth_mm=5), "design.not-a-tap-drill"),
        (hole(-20, 10, name="G1/4", depth_mm=5), "design.unknown-thread"),
        (hole(-20, -10, name="M5", depth_mm=9.5), "design.too-deep"),
        (hole(-20, 10, way=(0, 0, 1), name="M6", depth_mm=5), "design.too-deep"),
        (hole(3, -14, name="M6", depth_mm=5), "design.no-hole"),
    ],
)
def test_a_thread_that_is_not_there_is_named(one: dict[str, Any], code: str) -> None:
    assert ((), [code]) == told(threads=[one])


@pytest.mark.parametrize(
    ("threads", "fits", "codes"),
    [
        ([hole(-20, 10, name="M6", depth_mm=12)], [hole(-20, 10, name="H7")], ["design.contradiction"]),
        ([], [hole(20, 10, name="H7"), hole(20, 10, 6, name="H8")], ["design.contradiction"]),
        ([], [hole(20, 10, name="H7"), hole(20, 10, name="H7")], []),
        ([], [hole(20, 10, name="H7"), hole(-20, 10, name="H8")], []),
    ],
    ids=["thread and fit", "two fits", "said twice", "two holes"],
)
def test_what_is_asked_of_one_hole_may_not_contradict_itself(
    threads: list[dict[str, Any]], fits: list[dict[str, Any]], codes: list[str]
) -> None:
    assert codes == told(threads=threads, fits=fits)[1]


def test_a_slots_round_end_is_no_hole_and_halves_of_a_cylinder_are_one() -> None:
    found = bores(cq.Workplane.findSolid(plate()))

    assert [4.2, 5.0, 5.0, 8.0] == sorted(round(b.diameter_mm, 6) for b in found)
    halves = cq.Workplane().box(20, 20, 10).cut(cq.Workplane().cylinder(10, 3))
    split = halves.intersect(cq.Workplane().box(20, 10, 10).translate((0, 5, 0))).union(
        halves.intersect(cq.Workplane().box(20, 10, 10).translate((0, -5, 0))), clean=False
    )

    assert [6.0] == [round(b.diameter_mm, 6) for b in bores(cq.Workplane.findSolid(split))]


def test_the_bottom_of_the_tap_drill_window_is_the_profiles_minor_diameter() -> None:
    """ISO 965-1, minor diameters of class 6H as tables print them."""
    table = {6.0: (4.917, 5.153), 8.0: (6.647, 6.912), 10.0: (8.376, 8.676), 5.0: (4.134, 4.334), 3.0: (2.459, 2.599)}
    for major, (least, most) in table.items():
        low, high = tap_drill_mm(ThreadSize(major, COARSE_MM[major]))

        assert pytest.approx(least, abs=0.012) == low
        assert pytest.approx(most, abs=0.02) == high


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [("1/4-20", 0.196, 0.207), ("#10-24", 0.145, 0.156), ("#10-32", 0.156, 0.164), ("5/16-18", 0.252, 0.265),
     ("3/8-16", 0.307, 0.321), ("1/2-13", 0.417, 0.434), ("1/4-28", 0.211, 0.220), ("#6-32", 0.104, 0.114)],
)  # fmt: skip
def test_an_inch_thread_s_minor_diameters_are_those_of_the_table(name: str, least: float, most: float) -> None:
    """ASME B1.1, class 2B, in inches as printed."""
    thread = thread_named(name)
    assert thread is not None
    low, high = (round(side / 25.4, 3) for side in thread.minor_mm)

    assert pytest.approx(low, abs=0.0011) == least
    assert pytest.approx(high, abs=0.0011) == most


def test_a_file_is_read_in_a_process_of_its_own() -> None:
    assert read_solid(DATA) == room.read_apart(SOLID, 0)


def test_a_refusal_crosses_the_process_with_the_files_name() -> None:
    data = DATA.replace(b"ADVANCED_FACE('", b"ADVANCED_FACF('", 1)
    with pytest.raises(OrderError) as refused:
        room.read_apart(replace(SOLID, content=data), 0)

    assert ("step.damaged", True) == (refused.value.code, refused.value.place.startswith("plate.step: #"))


@pytest.mark.parametrize("limit", [{"wall_s": 0.05}, {"cpu_s": 1}])
def test_time_is_limited(limit: dict[str, Any]) -> None:
    with pytest.raises(OrderError) as refused:
        room.read_apart(SOLID, 0, **limit)

    assert "step.too-slow" == refused.value.code


@pytest.mark.parametrize(
    ("status", "code", "word"),
    [(-11, "step.crashed", "SIGSEGV"), (-6, "step.crashed", "SIGABRT"), (1, "step.crashed", "exit code 1"),
     (12, "step.too-much-memory", "GB"), (-9, "step.too-much-memory", "GB"), (-24, "step.too-slow", "240 s")],
)  # fmt: skip
def test_a_dead_process_is_the_files_refusal(
    monkeypatch: pytest.MonkeyPatch, status: int, code: str, word: str
) -> None:
    done = subprocess.CompletedProcess([], status, b"", b"")
    monkeypatch.setattr("pipeline.design.given.subprocess.run", lambda *_, **__: done)
    with pytest.raises(OrderError) as refused:
        room.read_apart(SOLID, 0)

    assert (code, True, "plate.step") == (refused.value.code, word in refused.value.message, refused.value.place)


def test_memory_is_limited() -> None:
    with pytest.raises(OrderError) as refused:
        room.read_apart(SOLID, 0, memory=1)

    assert refused.value.code in ("step.too-much-memory", "step.crashed")


def test_one_machine_of_the_shop() -> None:
    narrow = only(SHOP, "router-grbl")

    assert (["router-grbl"], {}) == (list(narrow.machines), narrow.printers)
    assert SHOP == only(SHOP, "")
    assert ["printer-marlin"] == list(only(SHOP, "printer-marlin").printers)
    with pytest.raises(OrderError) as refused:
        only(SHOP, "lathe")

    assert "order.unknown-machine" == refused.value.code
    assert "mill-linuxcnc" in str(refused.value.limit)
